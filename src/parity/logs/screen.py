"""Tables that esttab and its kin show in a log: columns of blanks between rules, read as exported tables are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.logs.aligned import TextLine, sheet_of
from parity.logs.body import exhibits
from parity.logs.exhibit import Exhibit
from parity.logs.loose import STORED
from parity.printed.lines import Line

_RULE = re.compile(r"\s*[-=]{16,}\s*")
#: Most lines of a head, and of the statistics below the third rule.
_HEAD, _FOOT, _MOST = 6, 30, 600


def screen_table(lines: Sequence[Line], at: int, stop: int, file: str) -> tuple[tuple[Exhibit, ...], int] | None:
    """The table whose first rule stands at `at`, and the position behind its notes; None where none does."""
    if not _RULE.fullmatch(lines[at].text):
        return None
    second = _next_rule(lines, at + 1, min(stop, at + 2 + _HEAD))
    if second is None or second == at + 1 or any("|" in line.text for line in lines[at:second]):
        return None
    if any(STORED.fullmatch(line.text.strip()) for line in lines[second + 1 : second + 3]):
        return None  # `describe`
    third = _next_rule(lines, second + 1, min(stop, second + _MOST))
    if third is None or any("|" in line.text for line in lines[second:third]):
        return None
    fourth = _next_rule(lines, third + 1, min(stop, third + 1 + _FOOT))
    blank = fourth is not None and any(not line.text.strip() for line in lines[third + 1 : fourth])
    last = fourth if fourth is not None and not blank and fourth > third + 1 else third
    end = last + 1
    while end < stop and lines[end].text.strip() and not _RULE.fullmatch(lines[end].text):
        end += 1
    block = [TextLine(line.number, line.text) for line in lines[at:end]]
    sheet = sheet_of(block, file)
    if sheet is None:
        return None
    made = tuple(exhibits(sheet, file))
    return (made, end) if made and any(exhibit.rows for exhibit in made) else None


def _next_rule(lines: Sequence[Line], at: int, stop: int) -> int | None:
    return next((i for i in range(at, stop) if _RULE.fullmatch(lines[i].text)), None)
