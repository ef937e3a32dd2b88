"""Columns without a command that can't be left at that: numbers that no command gives, though all that could have been run.

*Not verified* is no verdict on a number where its data are absent, its estimator isn't known, or several commands give all
of its column. It is one where the nearest commands give most of a column and none gives the rest: whichever was meant, a
number is wrong. And it is one where every statement ran on its data and nothing gives the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from parity.base.tolerance import COLUMN_LIKELY, COLUMN_TELLING, RIGHT_NUMBERS
from parity.package.document import ExhibitOf, FindingOf
from parity.package.estimates import Estimated
from parity.package.fit import holds, significant
from parity.package.mapping import Match
from parity.package.matched import Matched
from parity.package.printed import Column, Printed

#: Findings of such columns: both end a run red.
NEARLY, BY_NONE = "no-command-gives-all", "no-command-gives-it"


def unsettled(have: Matched, exhibits: list[ExhibitOf], foreign: bool) -> Iterator[FindingOf]:
    """foreign: whether code of another language lies beside the do-files, which may have made what they don't give."""
    whole = _whole(have) and not foreign
    for beside, exhibit in zip(have.exhibits, exhibits, strict=True):
        if beside.printed.origin != "table" or not beside.matches:
            continue
        alone = []
        too_many = _more_than_asked(beside.printed, beside.matches)
        for column, match in zip(beside.printed.columns, beside.matches, strict=True):
            if match.fit is not None or not (too_many or _counts(column)):
                continue
            nearest = _nearest(match, have)
            if nearest is not None:
                e, share = nearest
                said = f"column {column.number}: no command gives all of its numbers; {e.place} is nearest, with {share:.0%}"
                yield FindingOf(id=NEARLY, file=exhibit.file, line=exhibit.line, text=f"{said} of them")
            elif not match.candidates and not _printed(column, have):
                alone.append(column.number)
        if alone and whole:
            every = len(alone) == len(beside.printed.columns)
            which = "it" if every else f"column {', '.join(map(str, alone))}"
            said = f"every statement of the do-files ran on its data, and no command gives {which}"
            yield FindingOf(id=BY_NONE, file=exhibit.file, line=exhibit.line, text=said)


def _more_than_asked(exhibit: Printed, matches: Sequence[Match]) -> bool:
    """Whether a table has all columns that its call puts there, and others besides: somebody added them by hand."""
    shown = {m.fit.estimate.index for m in matches if m.fit is not None}
    panels = {c.panel for c in exhibit.columns}
    return bool(exhibit.places) and set(exhibit.places) == shown and len(matches) > len(exhibit.places) and len(panels) == 1


def _counts(column: Column) -> bool:
    """Whether it has coefficients with digits enough that a command of the package would be known by them."""
    cells = [c for row in column.rows for c in row.cells if c.number is not None]
    pairs = sum(c.kind == "coef" for c in cells)
    digits = sum(significant(c) for c in cells)
    return bool(pairs) and len(cells) > pairs and len(cells) >= RIGHT_NUMBERS and digits >= COLUMN_TELLING


def _printed(column: Column, have: Matched) -> bool:
    """Whether commands that print values, lincom, margins, nlcom, summarize, give every row of two numbers and more."""
    values = [tuple(_numbers(p.values)) for p in have.done.printed] if have.done is not None else []
    held = [[c for c in row.cells if c.number is not None] for row in column.rows]
    return all(any(all(any(holds(c, v) for v in of) for c in cells) for of in values) for cells in held if len(cells) > 1)


def _numbers(held: object) -> Iterator[float]:
    if isinstance(held, int | float):
        yield float(held)
    for each in held.values() if isinstance(held, Mapping) else held if isinstance(held, list | tuple) else ():
        yield from _numbers(each)


def _nearest(match: Match, have: Matched) -> tuple[Estimated, float] | None:
    """The command that gives most of a column and not all, where no other that isn't known here may be the one."""
    if not match.candidates:
        return None
    (best, share), near = match.candidates[0], [e for e, _ in match.candidates]
    if share < COLUMN_LIKELY or share >= 1.0 or any(e.doubts or e.drawn for e in near):
        return None
    alike = [e for e in have.estimates if not e.known or e.drawn]
    return None if any(e.outcome == best.outcome for e in alike) else (best, share)


def _whole(have: Matched) -> bool:
    """Whether every statement of the do-files ran, on data that are known, and each estimation has its estimate."""
    done = have.done
    if done is None or have.alone or not have.estimates:
        return False
    lost = done.counts["lost"] or any(f.taints for f in done.findings)
    return not lost and all(e.known and not e.drawn and not e.doubts for e in have.estimates)
