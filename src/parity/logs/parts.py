"""Where the body of a table begins, and where another table begins below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from parity.logs.labels import is_panel, row_statistic
from parity.logs.row import Line
from parity.logs.sheet import is_note
from parity.printed.table import kind_of_row

#: What stands in a row of a variable that is left out.
_LEFT_OUT = ("-", "–", "—", ".", "(omitted)", "omitted")
TITLE = re.compile(r"(?:(?:online )?(?:appendix )?table|tableau|tabla|表)\b.*", re.IGNORECASE)


#: Statistics below which no bracket stands.
_BARE = ("nobs", "r2", "r2_a", "r2_within", "r2_pseudo", "ll", "aic", "bic", "rmse", "clusters")


def headings(lines: Sequence[Line]) -> frozenset[int]:
    """Positions of the rows that number columns. Above the body any count; within it one that counts up from (1), or goes on
    from or repeats the one before it, or stands below a lone text, and below no row whose standard errors it may be."""
    start = body_start(lines)
    found: set[int] = set()
    before: tuple[int, ...] = ()
    for i, line in enumerate(lines):
        numbers = _column_numbers(line)
        if not numbers:
            continue
        if start is None or i < start or (_goes_on(numbers, before, lines[i - 1]) and not _belongs(lines, i)):
            found.add(i)
            before = numbers
    return frozenset(found)


def _column_numbers(line: Line) -> tuple[int, ...]:
    """`(1) (2) (3)` and nothing else but a word at the left, () for any other row."""
    found = [t for c in line.cells for t in c.tokens]
    values = [t.text for t in found]
    if not values or line.words or any("." in v or "*" in v or "-" in v for v in values):
        return ()
    numbers = tuple(int(v) for v in values if v.isdecimal())
    if len(numbers) != len(values) or any(b - a not in (0, 1) for a, b in pairwise(numbers)):
        return ()
    bracketed = all(t.bracket for t in found)
    named = bool(row_statistic(line.label)[1] or kind_of_row(line.label))
    if (bracketed and numbers[-1] > 0 and numbers[0] < 100 and not named) or (numbers[0] == 1 and not line.label):
        return numbers
    return ()


def _goes_on(numbers: Sequence[int], before: Sequence[int], above: Line) -> bool:
    return numbers[0] == 1 or (bool(before) and numbers[0] in (before[0], before[-1] + 1)) or above.alone


def _belongs(lines: Sequence[Line], at: int) -> bool:
    """Whether a row without a name stands where standard errors of the row above it do, or p or an interval below those."""
    if lines[at].label or _titled(lines[at + 1 : at + 2]):
        return False
    above = lines[at - 1]
    if above.numbers and not above.label and _brackets(above) and _brackets(above) != _brackets(lines[at]):
        above = lines[at - 2]
        if not _brackets(lines[at]):
            return False
    left_out = any(c.text in _LEFT_OUT for c in above.cells)
    return bool(above.label) and (above.numbers or left_out) and row_statistic(above.label)[0] not in _BARE


def _titled(below: Sequence[Line]) -> bool:
    """Whether words without a name follow, the titles of numbered columns."""
    return any(
        line.words and not line.label and not line.numbers and line.spans == 1 and not is_note(line.text) for line in below
    )


def _brackets(line: Line) -> set[str]:
    return {t.bracket for c in line.cells for t in c.tokens if t.bracket}


#: At the left of outreg2's names of columns, which are numbers where outcomes are.
_OUTREG2_HEADS = "VARIABLES"


def body_start(lines: Sequence[Line]) -> int | None:
    """The first row with a name and a number that is no bracket and no number of a column."""
    for i, line in enumerate(lines):
        words = [c.text for c in line.cells if c.text]
        if line.label and words and all(word in _LEFT_OUT for word in words):
            return i
        if not line.label or not line.numbers or line.bracketed or line.label == _OUTREG2_HEADS:
            continue
        if _column_numbers(line) or _is_years(line, lines[i + 1 :]):
            continue
        return i
    return next((i for i, line in enumerate(lines) if line.label and line.bracketed and not _column_numbers(line)), None)


def _is_years(line: Line, below: Sequence[Line]) -> bool:
    """`Year | 2004 | 2008`: names of columns that are years."""
    values = [t.text for c in line.cells for t in c.tokens]
    years = bool(values) and all(re.fullmatch(r"(?:19|20)\d\d", v) for v in values)
    return (
        years
        and any(t.text.count(".") for row in below[:2] for c in row.cells for t in c.tokens)
        and not row_statistic(line.label)[0]
    )


def _headed_anew(lines: Sequence[Line], starts: Sequence[int], body: int) -> Iterator[int]:
    """Where columns get other heads below the observations of those above: other models, down to their own observations."""
    counts = [i for i, line in enumerate(lines) if line.numbers and row_statistic(line.label)[0] == "nobs"]
    for i, line in enumerate(lines):
        if i <= body or line.label or line.numbers or len({c.text for c in line.cells if c.text}) < 2 or is_note(line.text):
            continue
        top = i
        while (
            top > 0
            and not lines[top - 1].numbers
            and not lines[top - 1].note
            and not (lines[top - 1].label and lines[top - 1].words)
        ):
            top -= 1
        since = max((s for s in starts if s <= top), default=0)
        until = min((s for s in starts if s > i), default=len(lines))
        if any(since < c < top for c in counts) and any(i < c < until for c in counts):
            yield top


def parts(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Tables below each other: one begins where columns are numbered again below notes or a title; not at a new panel."""
    starts = [0]
    start = body_start(lines)
    seen = start if start is not None else len(lines)
    for i in sorted(at for at in headings(lines) if at > seen):
        top = i
        while top > seen + 1 and not lines[top - 1].numbers and lines[top - 1].alone and not is_note(lines[top - 1].text):
            top -= 1
        between = lines[top:i]
        noted = any(is_note(line.text) and line.alone for line in lines[max(seen, starts[-1]) : i])
        titled = any(TITLE.match(line.text) for line in between)
        if (noted or titled or not between) and not any(is_panel(line.text) for line in between) and top > starts[-1]:
            starts.append(top)
    starts = sorted({*starts, *_headed_anew(lines, starts, seen)})
    for a, b in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield list(lines[a:b])
