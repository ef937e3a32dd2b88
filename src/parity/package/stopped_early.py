"""Numbers of a likelihood that are of a point just before its maximum: where Stata's steps end by default, [R] Maximize.

Where the steps began isn't known, so they can't be taken anew. What can be known: each row's numbers follow from its own
coefficient and standard error as printed, and both lie nearer to the maximum than Stata's rule asks for.
"""

from __future__ import annotations

import math
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


#: From, to, and what the maximum gives.
_Number = tuple[float, float, float]


def stopped_early(cells: Sequence[Judged], ratios: bool = False) -> list[Judged]:
    """Cells of a window of a likelihood; those that differ are explained in rows that hold together, where these are
    several numbers. ratios: whether coefficients are exp(b)"""
    rows: dict[int, dict[str, _Number]] = {}
    for c in cells:
        if c.row is not None and c.estimated is not None and c.cell.number is not None:
            printed, room = c.cell.number.value, c.cell.number.rounding
            name = "coef" if c.quantity in _FIRST else c.quantity
            rows.setdefault(c.row, {})[name] = (printed - room, printed + room, c.estimated)
    near = {place for place, row in rows.items() if _follows(_of_logs(row) if ratios else row)}
    off = [c for c in cells if c.verdict == "differs" and c.distance > 0 and c.row in near]
    if len(off) < LEAST:
        return list(cells)
    return [
        replace(c, distance=0.0).explained(CAUSE) if c.verdict == "differs" and c.distance > 0 and c.row in near else c
        for c in cells
    ]


def _of_logs(row: dict[str, _Number]) -> dict[str, _Number]:
    """The row of the coefficient whose exponential is printed; nothing where a number has no logarithm."""
    b, se = row.get("coef"), row.get("se")
    ends = {name: row[name] for name in ("coef", "ci_low", "ci_high") if name in row}
    if b is None or se is None or min(min(n) for n in ends.values()) <= 0:
        return {}
    logs = {name: (math.log(n[0]), math.log(n[1]), math.log(n[2])) for name, n in ends.items()}
    return {**row, **logs, "se": (se[0] / b[1], se[1] / b[0], se[2] / b[2])}


def _follows(row: dict[str, _Number]) -> bool:
    """Whether a row's coefficient and standard error are near the maximum's, and its other numbers are what they give."""
    b, se = row.get("coef"), row.get("se")
    if b is None or se is None or not se[2]:
        return False
    room = STOPPED_BEFORE * abs(se[2])
    if any(n[2] < n[0] - room or n[2] > n[1] + room for n in (b, se)):
        return False
    return all(row[name][0] <= most and least <= row[name][1] for name, (least, most) in _made(row, b, se))


def _made(row: dict[str, _Number], b: _Number, se: _Number) -> Iterator[tuple[str, tuple[float, float]]]:
    """What numbers follow from all that the printed coefficient and standard error may stand for."""
    for name in ("ci_low", "ci_high"):
        if name in row:
            reach = (row[name][2] - b[2]) / se[2]
            yield name, (b[0] + min(reach * se[0], reach * se[1]), b[1] + max(reach * se[0], reach * se[1]))
    if "t" in row and se[0] > 0:
        t = [value / scale for value in b[:2] for scale in se[:2]]
        yield "t", (min(t), max(t))
        if "p" in row:
            nearest = 0.0 if min(t) < 0 < max(t) else min(map(abs, t))
            yield "p", (2 * special.ndtr(-max(map(abs, t))), 2 * special.ndtr(-nearest))
