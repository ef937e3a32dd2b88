"""Where the body of a table begins, and where another table begins below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from parity.logs.labels import is_panel, row_statistic
from parity.logs.row import Line
from parity.logs.sheet import is_note

#: What stands in a row of a variable that is left out.
_LEFT_OUT = ("-", "–", "—", ".", "(omitted)", "omitted")
TITLE = re.compile(r"(?:(?:online )?(?:appendix )?table|tableau|tabla|表)\b.*", re.IGNORECASE)


def is_heads(line: Line) -> bool:
    """Numbers of columns, `(1) (2) (3)`, and nothing else but a word at the left."""
    found = [t for c in line.cells for t in c.tokens]
    values = [t.text for t in found]
    if not values or line.words or any("." in v or "*" in v or "-" in v for v in values):
        return False
    numbers = [int(v) for v in values if v.isdecimal()]
    if len(numbers) != len(values) or any(b - a not in (0, 1) for a, b in pairwise(numbers)):
        return False
    bracketed = all(t.bracket for t in found)
    return (bracketed and numbers[0] < 100 and not row_statistic(line.label)[1]) or (numbers[0] == 1 and not line.label)


def body_start(lines: Sequence[Line]) -> int | None:
    """The first row with a name and a number that is no bracket and no number of a column."""
    for i, line in enumerate(lines):
        words = [c.text for c in line.cells if c.text]
        if line.label and words and all(word in _LEFT_OUT for word in words):
            return i
        if not line.label or not line.numbers or line.bracketed or is_heads(line) or _is_years(line, lines[i + 1 :]):
            continue
        return i
    return next((i for i, line in enumerate(lines) if line.label and line.bracketed and not is_heads(line)), None)


def _is_years(line: Line, below: Sequence[Line]) -> bool:
    """`Year | 2004 | 2008`: names of columns that are years."""
    values = [t.text for c in line.cells for t in c.tokens]
    years = bool(values) and all(re.fullmatch(r"(?:19|20)\d\d", v) for v in values)
    return (
        years
        and any(t.text.count(".") for row in below[:2] for c in row.cells for t in c.tokens)
        and not row_statistic(line.label)[0]
    )


def parts(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Tables below each other: one begins where columns are numbered again below notes or a title; not at a new panel."""
    starts = [0]
    start = body_start(lines)
    seen = start if start is not None else len(lines)
    for i in range(seen + 1, len(lines)):
        if not is_heads(lines[i]):
            continue
        top = i
        while top > seen + 1 and not lines[top - 1].numbers and lines[top - 1].alone and not is_note(lines[top - 1].text):
            top -= 1
        between = lines[top:i]
        noted = any(is_note(line.text) and line.alone for line in lines[max(seen, starts[-1]) : i])
        titled = any(TITLE.match(line.text) for line in between)
        if (noted or titled or not between) and not any(is_panel(line.text) for line in between) and top > starts[-1]:
            starts.append(top)
    for a, b in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield list(lines[a:b])
