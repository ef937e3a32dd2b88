"""What people write from habit in Stata, in a do-file or in Word, and how it is written here: an error they can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.conventions.settings import SETTINGS, spelled_elsewhere
from parity.study.pasted import in_pasted, is_command
from parity.study.wide import TYPED, in_wide

_COMMANDS = "reg|regress|areg|xtreg|reghdfe|ivregress|ivreg2|ivreghdfe"
_ABSORB = "fixed effects stand after a bar: `y ~ x | firm + year`"
_OUTCOMES = "several outcomes are written `c(y1, y2) ~ x`"
_CLUSTER = 'clusters are a setting of their own: vcov = { cluster = "firm" }'

#: pattern in the whole formula -> how it is written here; the first that matches is told
_FORMULA = (
    (r",\s*(?:a|ab|absorb)\s*\(", _ABSORB),
    (r"(?:,|^)\s*(?:vce|cl|cluster)\s*\(", _CLUSTER),
    (r"^\s*(?:a|ab|absorb)\s*\(", _ABSORB),
    (r",\s*(?:r|robust)\s*$", 'robust errors are a setting of their own: vcov = "HC1"'),
    (r",\s*fe\b", _ABSORB),
    (r"\b[LF]\(\d+/\d+\)\.", "one term per lag: `l(x, 1) + l(x, 2)`"),
    (r"\bi\.(\w+)#c\.(\w+)", r"a slope for each level: `i(\1, \2)`"),
    (r"\b(\w+)\[_n\s*-\s*(\d+)\]", r"the value before in time: `l(\1, \2)`"),
    (r"\b(\w+)\[_n\s*\+\s*(\d+)\]", r"the value after in time: `f(\1, \2)`"),
    (r"##", "both and their product: `a*b`; the product alone: `a:b`"),
    (r"\bc\.\w", "a number is written as its name alone: `x`, not `c.x`"),
    (r"\|[^|]*\w#\w", "fixed effects are combined by ^: `| firm^year`"),
    (r"#", "a product is written with a colon: `a:b`, of groups `i(a):i(b)`; combined fixed effects: `| a^b`"),
    (r"\|[^|~]*\b\w+\s+\w+\s*(?:\||$)", "fixed effects are joined by +: `| firm + year`"),
    (r"(?:^|[\s~+])\(\s*[^=(),]+(?:\([^()]*\)[^=(),]*)?=(?!=)",
     "instruments stand in the last part: `y ~ x | firm | endogenous ~ instrument`"),
    (r"^[^~]*\w\s*(?:,|\s)\s*[\w.]+\s*~|^\s*[\[(][^~]*,[^~]*~|^[^~]*\|[^~]*~", _OUTCOMES),
    (r"[~+\s\[]\[\s*[\w\s+]+~", "instruments stand in the last part: `y ~ x | 0 | endogenous ~ instrument`"),
    (r"\|\s*\(", "without parentheses, and 0 where there are no fixed effects: `y ~ x | 0 | endogenous ~ instrument`"),
    (r"\w\[{1,2}\w+\]", "slopes by group are columns of their own: `i(group, x)`"),
    (r"\[\s*[afp]w", "weights are a setting of their own: weights = { analytic = \"w\" }"),
    (r"\sif\s", "a sample is a setting of its own: where = \"year > 2000\""),
    (r"[$`]\{?\w+[}']?", "a macro is not expanded here: write the columns themselves, joined by +"),
    (r"//", "a formula is one line without comments; in study.toml a comment begins with #"),
    (r"\d,\d", "a number is written with a point: 0.5"),
    (r"^[^~]*$", "the outcome stands before a tilde: `y ~ x1 + x2`"),
    (r"~\s*\.\s*$", "every regressor is written: `y ~ x1 + x2`"),
    (r"~[^|]*\w-[^\W\d]", "every regressor is written, joined by +: `y ~ x1 + x2 + x3`"),
    (r"~[^|]*\(", "arithmetic stands in I(): `I(x^2)`, `I(a / b)`"),
    (r"~[^|]*[\w)`]\s+[\w`]", "regressors are joined by +: `y ~ x1 + x2`"),
)  # fmt: skip

#: pattern in a whole condition or derived column -> how it is written here
_CONDITION = (
    (r"^\s*if\s+(.+)", r"leave out `if`: `\1`"),
    (r"^\s*(?:gen|generate|egen|replace)\s", "leave out the command: under [derive] a line is name = \"expression\""),
    (r"(\w+)\s*(?:==|>=)\s*\.(?![\w.])", r"missing is asked for by name: `is_missing(\1)`"),
    (r"(\w+)\s*(?:!=|~=|<)\s*\.(?![\w.])", r"missing is asked for by name: `not is_missing(\1)`"),
    (r"\b(\w+)\[_n\s*-\s*(\d+)\]", r"the value before in time: `l(\1, \2)`"),
    (r"\b(\w+)\[_n\s*\+\s*(\d+)\]", r"the value after in time: `f(\1, \2)`"),
    (r"^\s*(?:keep|drop)\s+(?:if\b)?", "leave out the command: `where` holds the rows that are kept"),
    (r"(?<![\w'\"])(\d+)([年月日季号岁万亿元])", r"write `\1`, or '\1\2' in quotes where the column holds such text"),
    (r"(\d),(\d{3})(?!\d)", r"thousands are written without a comma: \1\2"),
    (r"(\d),(\d+)", r"a number is written with a point: \1.\2"),
    (r"(\w+)\s+(?:%in%\s*c\(|in\s+)\s*(\d+):(\d+)", r"a range is two comparisons: `\1 >= \2 and \1 <= \3`"),
    (r"%in%\s*c\(", "a set of values: `x in [1, 2]`"),
    (r"=!", "unequal is written !="),
)  # fmt: skip

#: names of Stata's operators before a column -> how they are written here
_OPERATORS = {"L": "l({}, {})", "F": "f({}, {})", "D": "d({}, {})", "i": "i({})", "c": "{}"}

#: Characters of a line that are looked at for a habit of another language.
_LOOKED_AT = 300

#: pattern in the line that is no TOML -> how it is written there
_TOML = (
    (r"[“”„‘’]", "quotes are straight: \"...\""),
    (r"^\s*\[{1,2}[^\]]*$", "the bracket is not closed: [spec.main]"),
    (r"^\s*\[{1,2}[^\]\"]*[^\x00-\x7f][^\]\"]*\]", "a name with letters beyond ASCII stands in quotes: [spec.\"{name}\"]"),
    (r"^\s*\[{1,2}[^\]\"]*\w\s+\w", "a name with blanks stands in quotes: [spec.\"{name}\"]"),
    (r"^[^=\"]*[^\x00-\x7f][^=\"]*=", "a key with letters beyond ASCII stands in quotes: \"{key}\" = ..."),
    (r"=\s*\"[^\"]+\"\s*([^\W\d]\w*)", "a text inside a text stands in single quotes: \"state == '\\1'\""),
    (r"=\s*\"[^\"]*\\", "a backslash is doubled, or the text stands in '...'; in paths write /"),
    (r"[\[,={]\s*[-+]?(\.\d+)", r"a number has a digit before its point: 0\1"),
    (r"\ba(?:w|weights?)\s*=\s*([^\W\d]\w*)", "weights stand so: weights = {{ analytic = \"\\1\" }}"),
    (r"\bf(?:w|weights?)\s*=\s*([^\W\d]\w*)", "weights stand so: weights = {{ frequency = \"\\1\" }}"),
    (r"\{[^\"]*=\s*(?!true\b|false\b)([^\W\d]\w*)", "a text stands in quotes within {{ }} too: \"\\1\""),
    (r"=\s*(?:True|False|TRUE|FALSE|T|F|yes|no)\b", "true and false are written in small letters"),
    (r"^\s*[\w-]+\s*=\s*[^\s\"'\[{\d+-]", "text stands in quotes: {key} = \"...\""),
    (r"^\s*(?:\*|//)", "a comment begins with #"),
    (rf"^\s*(?:{_COMMANDS}|xtset|tsset|use|gen|generate|import)\s", 
     "no Stata commands here: a spec is [spec.main] with formula = \"y ~ x | firm\""),
    (r"^\s*(?:vce|cl|cluster)\s*\(\s*(?:cl\w*\s+)?([^\W\d]\w*)", "clusters stand so: vcov = {{ cluster = [\"\\1\"] }}"),
    (r"^\s*(?:a|ab|absorb)\s*\(", "fixed effects stand in the formula, after a bar: formula = \"y ~ x | firm + year\""),
    (r"^\s*(?:[\w.]+\s*<-|library\s*\(|\w+\s*\()",
     "no R or Python here: a spec is [spec.main] with formula = \"y ~ x | firm\""),
    (r"[＝“”‘’，：【】［］]", "quotes, commas and signs are those of ASCII: = , \" [ ]"),
    (r"^\s*\w+\s*:", "a key and its value are joined by =, not by a colon"),
)  # fmt: skip


def in_toml(text: str, problem: str) -> str:
    """The hint for a file that is no TOML, from the line that the problem names."""
    at = re.search(r"at line (\d+)", problem)
    lines = text.splitlines()
    line = lines[min(int(at[1]), len(lines)) - 1][:_LOOKED_AT] if at and lines else ""
    if problem.startswith("Cannot declare") and "twice" in problem:
        return f"{line.strip()} is there already: give one of them another name, or put their keys together"
    if problem.startswith("Cannot overwrite a value"):
        return f"`{line.split('=')[0].strip()}` is there already in this table: write it once"
    name = re.search(r"\[+\s*(?:\w+\.)?([^\]]*)", line)
    words = {"name": name[1].strip() if name else "", "key": line.split("=")[0].strip()}
    return next((found.expand(hint).format(**words) for pattern, hint in _TOML if (found := re.search(pattern, line))), "")


def in_formula(text: str) -> str:
    """The hint for a formula that can't be read; empty if it looks like no habit of Stata's."""
    return in_pasted(text) or in_wide(text) or _first(_FORMULA, text)


def in_condition(text: str) -> str:
    """The hint for a condition or a derived column that can't be read; empty if it looks like no habit of Stata's."""
    return in_wide(text) or _first(_CONDITION, text)


#: A hint is looked for in so many characters: some patterns take time that grows with the square of a text.
_MOST = 500


def _first(patterns: Sequence[tuple[str, str]], text: str) -> str:
    """The hint of the first pattern that is found, with what its groups matched."""
    text = text[:_MOST]
    return next((found.expand(hint) for pattern, hint in patterns if (found := re.search(pattern, text))), "")


def in_column(name: str, known: list[str], *, effect: bool = False) -> str:
    """The hint for an unknown column such as `L2.capital` or `i.year`, where the rest of the name is a column."""
    if name in ("_n", "_N"):
        return "rows have no number here; the value before in time is `l(x, 1)`"
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


def in_effects(name: str, unit: str | None, time: str | None) -> str:
    """The hint for linearmodels' `EntityEffects` and the like, with the study's own columns; empty for other names."""
    column = {"EntityEffects": unit or "firm", "FixedEffects": unit or "firm", "TimeEffects": time or "year"}.get(name)
    if name == "OtherEffects":
        return "fixed effects stand after a bar, by the names of their columns: `| industry`"
    return f"fixed effects stand after a bar: `| {column}`" if column else ""


#: what other programs call the constant, without case
_CONSTANTS = ("_cons", "cons", "const", "constant", "intercept", "_intercept")


def is_constant(name: str) -> bool:
    """Whether some program calls its constant so."""
    return name.strip("()").lower() in _CONSTANTS


def in_term(name: str, terms: Sequence[str], *, absorbs: bool = False) -> str:
    """What a term is called here that Stata's window calls `_cons`, `L.value` or `1985.year`; empty if nothing is known.

    terms: of the estimate. absorbs: whether it has fixed effects.
    """
    if is_constant(name):
        if "(Intercept)" in terms:
            return "write `(Intercept)`"
        absorbed = "a spec with fixed effects has no intercept; Stata's _cons is the mean of the effects"
        return absorbed if absorbs else "this spec has no intercept"
    group = re.fullmatch(r"i\(([^,]+)(?:,.*)?\)|i[bn]?\d*\.(.+)", name)
    if group and (levels := [t for t in terms if t.startswith(f"{(group[1] or group[2]).strip()}::")]):
        return f"each of its levels is a term of its own, such as `{levels[0]}`"
    here = ":".join(_term_factor(part) for part in name.split("#"))
    if power := re.fullmatch(r"(?:I\()?([^()^]+)\^([2-9])\)?", name.replace(" ", "")):
        here = ":".join([power[1]] * int(power[2]))
    if here != name and here in terms:
        return f"write `{here}`"
    level = re.fullmatch(r"\d+b?n?\.([^#]+)", name)
    if level and any(t.startswith(f"{level[1]}::") for t in terms):
        return f"`{here}` is the level that is left out, or no level of the sample"
    return ""


def _term_factor(name: str) -> str:
    """`L2.x`, `1985.year`, `c.x` as terms are named here; anything else as it is."""
    if level := re.fullmatch(r"(\d+)b?n?\.(.+)", name):
        return f"{level[2]}::{level[1]}"
    operator = re.fullmatch(r"([LFDlfd])(\d*)\.(.+)", name)
    if operator and not (operator[1] in "Dd" and operator[2] not in ("", "1")):  # D2.x is a difference of differences
        return f"{operator[1].lower()}({operator[3]}, {operator[2] or 1})"
    return name.removeprefix("c.")


#: functions of other programs -> how they are written here
_FUNCTIONS = {
    "ln": "`log(x)`", "lag": "`l(x, 1)`", "L": "`l(x, 1)`", "lead": "`f(x, 1)`", "F": "`f(x, 1)`", "diff": "`d(x, 1)`",
    "D": "`d(x, 1)`", "missing": "`is_missing(x)`", "mi": "`is_missing(x)`", "inrange": "`x >= a and x <= b`",
    "inlist": "`x in [a, b]`", "factor": "`i(x)`", "C": "`i(x)`",
    "cond": "`(x > 0) * a + (not x > 0) * b`, which is a where x > 0, else b",
    **dict.fromkeys(("c", "cbind"), "several outcomes as `c(y1, y2) ~ x`, in a formula of study.toml"),
    **dict.fromkeys(("cluster", "cl", "vce"), 'clusters as a setting of their own: vcov = { cluster = ["firm"] }'),
    **dict.fromkeys(("absorb", "fe"), "fixed effects after a bar: `y ~ x | firm + year`"),
    **dict.fromkeys(
        ("sw", "sw0", "csw", "csw0", "mvsw"), "it as a term of its own, `y ~ x + csw0(a, b)`, in a formula of study.toml"
    ),
    "offset": 'offset = "log(pop)" as a key of the spec', "exposure": 'exposure = "pop" as a key of the spec',
    "stepwise": "`y ~ x + csw0(a, b)`, in a formula of study.toml",
    **dict.fromkeys(("ns", "bs"), "powers in their place, poly(x, 3, raw = TRUE), or columns of their own under [derive]"),
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

#: the same of keys that mean so only below one table -> key -> where that stands here
_KEYS_BELOW = {
    "published": {
        **dict.fromkeys(("se", "std_err", "standard_error", "stderr"), '`parentheses`: parentheses = "(0.048)"'),
        "t": '`parentheses` with kind = "t"', "p": "not read; give `parentheses` or `variance`",
        **dict.fromkeys(("coef", "coefficient", "b", "beta"), '`estimate`: estimate = "0.358***"'),
        **dict.fromkeys(("variable", "var"), "`term`"), "table": "`source`",
        **dict.fromkeys(("n", "N", "nobs", "obs"), '`statistic`: statistic = { nobs = "200" }'),
    },
    "spec": dict.fromkeys(("by", "bysort", "fsplit", "subsample"), 'split = { by = "region", values = ["east", "west"] }'),
    "weights": {
        "aw": "`aweight`, or `analytic`", "fw": "`fweight`, or `frequency`",
        "pw": "`pweight`: analytic weights with a robust or clustered vcov",
        **dict.fromkeys(("iweight", "iw"), "not read; there are `analytic` and `frequency` weights"),
    },
}  # fmt: skip


def in_function(name: str) -> str:
    """How another program's function is written here; empty if it is none that is known."""
    return f"write {_FUNCTIONS[name]}" if name in _FUNCTIONS else ""


def in_key(name: str, parent: str = "") -> str:
    """Where that stands which another program calls so; empty if it is nothing that is known. parent: the key above."""
    if name in _KEYS_BELOW.get(parent, {}):
        return f"here it is {_KEYS_BELOW[parent][name]}"
    if parent == "spec" and name in SETTINGS:
        return f'it is a setting of a convention: convention = {{ profile = "reghdfe", {name} = ... }}'
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
    if inner.startswith(("conley", "vcov_conley", "spatial", "acreg", "x_ols")):
        return 'write { conley = CUTOFF, coordinates = ["lat", "lon"] }'
    return "write { newey_west = LAGS }" if inner.startswith(("newey", "hac")) else ""


def in_convention(name: str) -> str:
    """What a command of Stata that is no convention here is answered with; empty if it is no command that is known."""
    if not is_command(name):
        return ""
    return f"`{name}` is a Stata command of its own, and parity has no convention by that name yet"


#: Three digits behind a comma, where it may stand between thousands.
_THOUSANDS = re.compile(r"[1-9]\d{0,2},\d{3}(?!\d)")


def in_setting(name: str, value: object) -> str:
    """What another program's option, `K.fixef` or `dfadj`, is called in a convention here; empty where none has it."""
    while isinstance(value, dict) and len(value) == 1:  # K.fixef = "none" is a table in TOML
        name, value = f"{name}.{next(iter(value))}", next(iter(value.values()))
    found = spelled_elsewhere(name, value)
    said = ", ".join(f"{program}'s `{typed}` is {setting}" for program, typed, setting in found[:3])
    return f": {said}" if said else ""


def in_printed(text: str) -> str:
    """What to type for a printed number with commas, a percent sign or the characters of a Chinese keyboard."""
    plain = "".join(chr(ord(c) - ord("０") + ord("0")) if "０" <= c <= "９" else TYPED.get(c, c) for c in text)
    if "," in plain and any(c.isdigit() for c in plain):
        thousands, point = plain.replace(",", ""), plain.replace(",", ".")
        if plain.count(",") > 1 or "." in plain:
            return f'thousands are written without commas: "{thousands}"'
        or_thousands = f', or "{thousands}" if the comma stands between thousands' if _THOUSANDS.search(plain) else ""
        return f'decimals are written with a point: "{point}"{or_thousands}'
    if "%" in plain:
        return "type it without the percent sign, in the units of the estimate"
    return f'type it as "{plain}"' if plain != text else ""


def in_text(value: str) -> str:
    """What the text of a cell is, where it is a number as another program writes it; empty if it is a word."""
    bare = value.strip()
    if re.fullmatch(r"[-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare) and bare.count(",") + bare.count(".") > 1:
        return "a number with commas between its thousands; save the data without them"
    if re.fullmatch(r"[-+−]?\d{1,3},\d{3}", bare):
        return "a number with a comma, before thousands or before decimals; save the data as 1234 or 1.234"
    if re.fullmatch(r"[-+−]?(?:\d{1,3}(?:[. ]\d{3})+|\d*),\d+", bare):
        return "a number with a decimal comma; save the data with decimal points"
    if re.fullmatch(r"[-+−]?\d+(?:\.\d+)?\s*[%％]", bare):
        return "a number with a percent sign; save the data without it"
    if found := re.fullmatch(r"(\d{4})\s*年(?:度)?", bare):
        return f"a year with a word; save it as {found[1]}"
    if re.fullmatch(r"[-+−]?\d++(?:,\d{3})*+(?:\.\d+)?\s*[^\W\d]+", bare):
        return "a number with its unit; save the data with the number alone"
    if re.fullmatch(r"[(（]\d+(?:\.\d+)?[)）]", bare):
        return "a number in parentheses, as accounts write negative ones; save it with a minus"
    return ""
