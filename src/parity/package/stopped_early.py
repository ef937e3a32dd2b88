"""Numbers of a likelihood that are of a point just before its maximum: where Stata's steps end by default, [R] Maximize.

Where the steps began isn't known, so they can't be taken anew. What can be known: each row's numbers follow from its own
coefficient and standard error as printed, and both lie nearer to the maximum than Stata's rule asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scipy import special

from parity.base.tolerance import STOPPED_BEFORE
from parity.package.verdict import Cause, Judged

#: Fewer numbers that are off may be typed wrong one by one.
LEAST = 3
CAUSE = Cause(
    "newton-stops-early",
    "Its steps ended just before the maximum, where the log likelihood had moved by less than 1e-7 of itself; standard "
    "errors are those of that point.",
)
_FIRST = ("coef", "dy/dx", "Margin")


def stopped_early(cells: Sequence[Judged]) -> list[Judged]:
    """Cells of a window of a likelihood; those that differ are explained in rows that hold together, where these are
    several numbers."""
    rows: dict[int, dict[str, Judged]] = {}
    for c in cells:
        if c.row is not None and c.estimated is not None and c.cell.number is not None:
            rows.setdefault(c.row, {})["coef" if c.quantity in _FIRST else c.quantity] = c
    near = {place for place, row in rows.items() if _follows(row)}
    off = [c for c in cells if c.verdict == "differs" and c.distance > 0 and c.row in near]
    if len(off) < LEAST:
        return list(cells)
    return [
        replace(c, distance=0.0).explained(CAUSE) if c.verdict == "differs" and c.distance > 0 and c.row in near else c
        for c in cells
    ]


def _follows(row: dict[str, Judged]) -> bool:
    """Whether a row's coefficient and standard error are near the maximum's, and its other numbers are what they give."""
    b, se = row.get("coef"), row.get("se")
    if b is None or se is None or not se.estimated:
        return False
    room = STOPPED_BEFORE * abs(se.estimated)
    if b.distance > room or se.distance > room:
        return False
    return all(_meet(_range(row[name]), made) for name, made in _made(row, b, se))


def _range(cell: Judged) -> tuple[float, float]:
    number = cell.cell.number
    assert number is not None
    return number.value - number.rounding, number.value + number.rounding


def _made(row: dict[str, Judged], b: Judged, se: Judged) -> Iterator[tuple[str, tuple[float, float]]]:
    """What numbers follow from all that the printed coefficient and standard error may stand for."""
    assert b.estimated is not None and se.estimated is not None
    (low, high), (least, most) = _range(b), _range(se)
    for name in ("ci_low", "ci_high"):
        if name in row:
            reach = (row[name].estimated - b.estimated) / se.estimated
            yield name, (low + min(reach * least, reach * most), high + max(reach * least, reach * most))
    if "t" in row and least > 0:
        t = [value / scale for value in (low, high) for scale in (least, most)]
        yield "t", (min(t), max(t))
        if "p" in row:
            nearest = 0.0 if min(t) < 0 < max(t) else min(map(abs, t))
            yield "p", (2 * special.ndtr(-max(map(abs, t))), 2 * special.ndtr(-nearest))


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
