"""What people write from habit in Stata, and how it is written here: the last line of an error they can act on."""

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
