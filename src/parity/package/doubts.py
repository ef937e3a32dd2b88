"""Whether numbers that came out right answer a doubt about the data: then one that didn't differs, and isn't excused.

A command that isn't known, or that failed, leaves the data in doubt. Data that aren't an author's give none of an author's
numbers; where nearly all are there to their last digit, the data are right, and what is off beside them is off by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parity.base.tolerance import DOUBT_BY_CHANCE, DOUBT_DIGITS, DOUBT_NUMBERS, DOUBT_SHARE
from parity.package.fit import Fit, left_out
from parity.package.printed import Row
from parity.package.verdict import Judged, share


def answered(cells: Sequence[Judged]) -> bool:
    """Of numbers that hang together: those of one estimate, or of one row of a window."""
    telling = sum(c.verdict == "reproduced" and _telling(c) for c in cells)
    return telling >= DOUBT_NUMBERS and share(cells) > DOUBT_SHARE


def by_chance(cells: Sequence[Judged]) -> bool:
    """Whether so few of them are reproduced that data in doubt aren't the ones: those few say nothing."""
    return share(cells) < DOUBT_BY_CHANCE


def of_strangers(cells: Sequence[Judged], found: Fit, rows: Sequence[Row]) -> list[Judged]:
    """A column that a map puts beside an estimate most of whose terms its rows don't name: a `0` that both have, or another
    number of few digits, is there by chance. Where one of many digits is the estimate's, the rows are its own."""
    e = found.estimate
    named = {i for i, term in enumerate(found.terms) if term}
    strange = [
        i for i in range(len(rows)) if i not in named and any(c.number for c in rows[i].cells) and not left_out(rows[i], e)
    ]
    if len(strange) <= len(named) or any(c.verdict == "reproduced" and c.row in named and _telling(c) for c in cells):
        return list(cells)
    labels = ", ".join(f"`{rows[i].label}`" for i in strange[:3])
    why = f"the map's `{e.command[:60]}` has few of this column's rows as terms, and not {labels}: a like number is chance"
    return [
        replace(c, verdict="not verified", estimated=None, reason=why)
        if c.verdict == "reproduced" and c.row is not None
        else c
        for c in cells
    ]


def _telling(cell: Judged) -> bool:
    """Whether a number is printed to so many digits that other data would hardly give it."""
    number = cell.cell.number
    return number is not None and abs(number.value) >= 10 ** (DOUBT_DIGITS - 1) * 2 * number.half_unit
