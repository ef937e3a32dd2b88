"""Numbers that a title or a note types and nothing verifies: `The mean of the outcome is 3.21`, `25 villages`.

Levels of significance, references to columns and tables, years, counts that the columns have, and integers below ten are
left alone. What remains is no verdict: it is said, so that nobody takes it for verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.package.document import NotVerified
from parity.package.fit import Fit
from parity.package.matched import Matched
from parity.package.printed import Printed

NUMBER = re.compile(r"(?<![A-Za-z0-9_.,])(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d++(?:\.\d++)?|\.\d++)(?![A-Za-z0-9_])")
#: A line whose round numbers are levels of stars or intervals.
_LEVELS = re.compile(r"[<≤*†]|\\le\b|level|significan|confiden|percentile|显著", re.IGNORECASE)
_LEVEL = re.compile(r"0?\.(?:1|10|05|01|001|100|050|010)|1|5|10|90|95|99|99\.9|0\.1")
_REFERENCE = re.compile(
    r"\b(?:columns?|cols?|models?|tables?|panels?|figures?|fig|equations?|eqs?|sections?|specifications?|rows?|appendix|stata|"
    r"version|chapter|page|pp?|vol|no)\.? ?[(\[]?[A-Z]?\d[\d.]*+[)\]]?"
    r"(?: ?(?:,|and|to|through|or|&|-|–)+ ?[(\[]?\d[\d.]*+[)\]]?)*",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"[(\[]\d{1,2}[)\]]")
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?:[-–/]\d\d)?(?![\d.,]\d)")
#: Integers below it are lags, digits of a code, kinds of things.
_LEAST = 10


def numbers_of_notes(have: Matched) -> Iterator[NotVerified]:
    """A line an exhibit, for tables of estimates of which some column is known."""
    for beside in have.exhibits:
        exhibit = beside.printed
        fits = [m.fit for m in beside.matches or () if m.fit is not None]
        left = list(dict.fromkeys(_left(exhibit, fits))) if fits and exhibit.origin == "table" else []
        if left:
            said = f"{', '.join(left[:8])}{', ...' * (len(left) > 8)}"
            reason = "numbers typed in its title and notes are not verified"
            yield NotVerified(file=exhibit.file, line=exhibit.line, reason=reason, text=said)


def _left(exhibit: Printed, fits: Sequence[Fit]) -> Iterator[str]:
    counts = {
        round(n) for f in fits for name in ("nobs", "clusters", "groups") for n in [f.estimate.number(name)] if n is not None
    }
    for text in (exhibit.title, *exhibit.notes.lines):
        levels = _LEVELS.search(text) is not None
        for pattern in (_REFERENCE, _COLUMN, _YEAR):
            text = pattern.sub(" ", text)
        for found in NUMBER.finditer(text):
            shown = found[0]
            value = float(shown.replace(",", ""))
            whole = value == round(value) and "." not in shown
            if (whole and (value < _LEAST or value in counts)) or (levels and _LEVEL.fullmatch(shown)):
                continue
            yield shown
