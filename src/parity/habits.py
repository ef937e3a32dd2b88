"""What people write from habit in Stata, in a do-file or in Word, and how it is written here: an error they can act on."""

from __future__ import annotations

import re

_COMMANDS = "reg|regress|areg|xtreg|reghdfe|ivregress|ivreg2|ivreghdfe"
_ABSORB = "fixed effects stand after a bar: `y ~ x | firm + year`"
_CLUSTER = 'clusters are a setting of their own: vcov = { cluster = "firm" }'

#: pattern in the whole formula -> how it is written here; the first that matches is told
_FORMULA = (
    (r",\s*(?:a|ab|absorb)\s*\(", _ABSORB),
    (r",\s*(?:vce|cl|cluster)\s*\(", _CLUSTER),
    (r",\s*(?:r|robust)\s*$", 'robust errors are a setting of their own: vcov = "HC1"'),
    (r",\s*fe\b", _ABSORB),
    (rf"^\s*(?:{_COMMANDS})\s", "a formula has a tilde and no command: `y ~ x | firm + year`"),
    (r"\b[LF]\(\d+/\d+\)\.", "one term per lag: `l(x, 1) + l(x, 2)`"),
    (r"##", "both and their product: `a*b`; the product alone: `a:b`"),
    (r"\bc\.\w", "a number is written as its name alone: `x`, not `c.x`"),
    (r"\|[^|]*\w#\w", "fixed effects are combined by ^: `| firm^year`"),
    (r"#", "a product is written with a colon: `a:b`, of groups `i(a):i(b)`; combined fixed effects: `| a^b`"),
    (r"\|[^|~]*\b\w+\s+\w+\s*(?:\||$)", "fixed effects are joined by +: `| firm + year`"),
    (r"\(\s*\w+\s*=", "instruments stand in the last part: `y ~ x | firm | endogenous ~ instrument`"),
    (r"^[^~]*$", "the outcome stands before a tilde: `y ~ x1 + x2`"),
)  # fmt: skip

#: names of Stata's operators before a column -> how they are written here
_OPERATORS = {"L": "l({}, {})", "F": "f({}, {})", "D": "d({}, {})", "i": "i({})", "c": "{}"}

#: pattern in the line that is no TOML -> how it is written there
_TOML = (
    (r"[“”„‘’]", "quotes are straight: \"...\""),
    (r"^\s*\[{1,2}[^\]]*$", "the bracket is not closed: [spec.main]"),
    (r"^\s*\[{1,2}[^\]\"]*[^\x00-\x7f][^\]\"]*\]", "a name with letters beyond ASCII stands in quotes: [spec.\"{name}\"]"),
    (r"^\s*\[{1,2}[^\]\"]*\w\s+\w", "a name with blanks stands in quotes: [spec.\"{name}\"]"),
    (r"^[^=\"]*[^\x00-\x7f][^=\"]*=", "a key with letters beyond ASCII stands in quotes: \"{key}\" = ..."),
    (r"=\s*\"[^\"]*\\", "a backslash is doubled, or the text stands in '...'; in paths write /"),
    (r"=\s*(?:True|False|TRUE|FALSE|T|F|yes|no)\b", "true and false are written in small letters"),
    (r"^\s*[\w-]+\s*=\s*[^\s\"'\[{\d+-]", "text stands in quotes: {key} = \"...\""),
    (r"^\s*(?:\*|//)", "a comment begins with #"),
    (rf"^\s*(?:{_COMMANDS}|xtset|tsset|use|gen|generate|import)\s", 
     "no Stata commands here: a spec is [spec.main] with formula = \"y ~ x | firm\""),
    (r"^\s*\w+\s*:", "a key and its value are joined by =, not by a colon"),
)  # fmt: skip


def in_toml(text: str, problem: str) -> str:
    """The hint for a file that is no TOML, from the line that the problem names."""
    at = re.search(r"at line (\d+)", problem)
    lines = text.splitlines()
    line = lines[min(int(at[1]), len(lines)) - 1] if at and lines else ""
    name = re.search(r"\[+\s*(?:\w+\.)?([^\]]*)", line)
    words = {"name": name[1].strip() if name else "", "key": line.split("=")[0].strip()}
    return next((hint.format(**words) for pattern, hint in _TOML if re.search(pattern, line)), "")


def in_formula(text: str) -> str:
    """The hint for a formula that can't be read; empty if it looks like no habit of Stata's."""
    return next((hint for pattern, hint in _FORMULA if re.search(pattern, text)), "")


def in_column(name: str, known: list[str], *, effect: bool = False) -> str:
    """The hint for an unknown column such as `L2.capital` or `i.year`, where the rest of the name is a column."""
    if effect and (found := re.fullmatch(r"i\.(.+)", name)) and found[1] in known:
        return f"after the bar every column is a group: write `{found[1]}`"
    base = re.fullmatch(r"ib(\d+)\.(.+)", name)
    if base and base[2] in known:
        return f"write `i({base[2]}, ref = {base[1]})`"
    found = re.fullmatch(r"([A-Za-z])(\d*)\.(.+)", name)
    if not found or found[3] not in known:
        return ""
    operator = found[1].upper() if found[1].upper() in "LFD" else found[1]
    return f"write `{_OPERATORS[operator].format(found[3], found[2] or 1)}`" if operator in _OPERATORS else ""


#: functions of other programs -> how they are written here
_FUNCTIONS = {
    "ln": "`log(x)`", "lag": "`l(x, 1)`", "L": "`l(x, 1)`", "lead": "`f(x, 1)`", "F": "`f(x, 1)`", "diff": "`d(x, 1)`",
    "D": "`d(x, 1)`", "missing": "`is_missing(x)`", "mi": "`is_missing(x)`", "inrange": "`x >= a and x <= b`",
    "inlist": "`x in [a, b]`", "factor": "`i(x)`", "C": "`i(x)`", "I": "the operation alone, or a line of [derive]",
    "winsor2": '{ winsorise = "x", cuts = [1, 99] } under [derive]', "scale": '{ standardise = "x" } under [derive]',
}  # fmt: skip

#: keys that a file may have from habit -> where that stands here
_KEYS = {
    "if": "`where`", "in": "`where`", "absorb": "the formula, after a bar: `y ~ x | firm + year`",
    "fe": "the formula, after a bar: `y ~ x | firm`", "vce": '`vcov`: "HC1", or { cluster = ["firm"] }',
    "cluster": 'vcov = { cluster = ["firm"] }', "robust": 'vcov = "HC1"',
    "xtset": '`unit` and `time`: unit = "firm", time = "year"',
    "tsset": '`unit` and `time`: unit = "firm", time = "year"', "panel": "`unit`", "id": "`unit`", "use": "`data`",
    "command": '`formula` and `convention`: "y ~ x | firm", "reghdfe"', "stata": "`formula` and `convention`",
    "instruments": "the last part of the formula: `y ~ w | firm | x ~ z`",
    "iv": "the last part of the formula: `y ~ w | firm | x ~ z`",
}  # fmt: skip


def in_function(name: str) -> str:
    """How another program's function is written here; empty if it is none that is known."""
    return f"write {_FUNCTIONS[name]}" if name in _FUNCTIONS else ""


def in_key(name: str) -> str:
    """Where that stands which another program calls so; empty if it is nothing that is known."""
    return f"here it is {_KEYS[name]}" if name in _KEYS else ""


def in_vcov(text: str) -> str:
    """How a covariance is written; empty if the text says none of Stata's."""
    inner = re.sub(r"^vce\((.*)\)$", r"\1", text.strip().lower())
    if clusters := re.match(r"(?:cluster|cl)\b[\s(]*([\w\s]*)", inner):
        names = clusters[1].split() or ["firm"]
        return "write { cluster = [" + ", ".join(f'"{name}"' for name in names) + "] }"
    if inner in ("robust", "r", "hetero", "white"):
        return 'write "HC1"'
    if inner in ("unadjusted", "ols", "conventional", "classical", "nonrobust", "standard"):
        return 'write "iid"'
    return "write { newey_west = LAGS }" if inner.startswith(("newey", "hac")) else ""
