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
    (r"##", "both and their product: `a*b`; the product alone: `a:b`"),
    (r"\bc\.\w", "a number is written as its name alone: `x`, not `c.x`"),
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


def in_column(name: str, known: list[str]) -> str:
    """The hint for an unknown column such as `L2.capital` or `i.year`, where the rest of the name is a column."""
    found = re.fullmatch(r"([A-Za-z])(\d*)\.(.+)", name)
    if not found or found[3] not in known:
        return ""
    operator = found[1].upper() if found[1].upper() in "LFD" else found[1]
    return f"write `{_OPERATORS[operator].format(found[3], found[2] or 1)}`" if operator in _OPERATORS else ""
