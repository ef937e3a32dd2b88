"""`Prob > F` below an F, `Prob > chi2` below a chi-squared: a p that is said to be of another distribution than its test."""

from __future__ import annotations

import re
from collections.abc import Iterator

from parity.package.notes import Note
from parity.package.printed import Printed

_TAIL = re.compile(r"Prob ?>=? ?(?P<of>F|chi2|chibar2)", re.IGNORECASE)
_TEST = re.compile(r"(?:.*\b)?(?P<of>F|chi2|chibar2)\( *\d[\d, ]*\)", re.IGNORECASE)


def of_tails(exhibit: Printed) -> Iterator[Note]:
    """Of windows of logs: each tail beside the test before it."""
    if exhibit.origin != "log":
        return
    for column in exhibit.columns:
        test = ""
        for s in column.statistics:
            shown = s.printed or s.label
            if found := _TEST.fullmatch(shown):
                test = found["of"]
            elif (found := _TAIL.fullmatch(shown)) and test:
                if found["of"].lower() != test.lower():
                    said = f"the window says `{shown}` of a test that it calls {test}"
                    yield Note("note-window", s.cell.place.line, said)
                test = ""
