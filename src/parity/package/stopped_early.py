"""Numbers of a likelihood that are of a point just before its maximum: where Stata's steps end by default, [R] Maximize.

Where the steps began isn't known, so they can't be taken anew. What can be known: each row's numbers follow from its own
coefficient and standard error as printed, and both lie nearer to the maximum than Stata's rule asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from parity.base.tolerance import EXACT, STOPPED_BEFORE, STOPPED_BEFORE_SECANT, STOPPED_TEST
from parity.package.degrees import of_the_model
from parity.package.estimates import Estimated, constant
from parity.package.verdict import Cause, Judged
from parity.stata_language.vce import LIKELIHOODS, SERIES

#: Fewer numbers that are off may be typed wrong one by one.
LEAST = 3
CAUSE = Cause(
    "newton-stops-early",
    "Its steps ended just before the maximum, where the log likelihood had moved by less than 1e-7 of itself; standard "
    "errors are those of that point.",
)
_FIRST = ("coef", "dy/dx", "Margin")
#: Commands whose steps end so -> how far before the maximum in standard errors.
ENDING = {**dict.fromkeys(LIKELIHOODS, STOPPED_BEFORE), **dict.fromkeys(SERIES, STOPPED_BEFORE_SECANT)}


#: From, to, and what the maximum gives.
_Number = tuple[float, float, float]


def stopped_early(cells: Sequence[Judged], ratios: bool = False, room: float = STOPPED_BEFORE) -> list[Judged]:
    """Cells of a window of a likelihood; those that differ are explained in rows that hold together, where these are
    several numbers. ratios: whether coefficients are exp(b); room: in standard errors"""
    rows: dict[int, dict[str, _Number]] = {}
    for c in cells:
        if c.row is not None and c.estimated is not None and c.cell.number is not None:
            printed, half = c.cell.number.value, c.cell.number.rounding
            name = "coef" if c.quantity in _FIRST else c.quantity
            rows.setdefault(c.row, {})[name] = (printed - half, printed + half, c.estimated)
    near = {place for place, row in rows.items() if _follows(_of_logs(row) if ratios else row, room)}
    off = [c for c in cells if c.verdict == "differs" and c.distance > 0 and c.row in near]
    if len(off) < LEAST:
        return list(cells)
    return [
        replace(c, distance=0.0).explained(CAUSE) if c.verdict == "differs" and c.distance > 0 and c.row in near else c
        for c in cells
    ]


def of_its_test(cells: Sequence[Judged], e: Estimated) -> list[Judged]:
    """Wald's chi-squared of a window whose rows are explained so: that of the printed coefficients and errors, with the
    maximum's correlations."""
    at = next((i for i, c in enumerate(cells) if c.row is None and c.quantity == "chi2" and c.verdict == "differs"), None)
    if at is None or e.ratios or not any(c.verdict == "explained" and CAUSE in c.causes for c in cells):
        return list(cells)
    cell, found = cells[at], e.source.estimated
    tested = [i for i, name in enumerate(found.names) if not constant(name)]
    printed = {(c.term, c.quantity): c.cell.number.value for c in cells if c.row is not None and c.cell.number is not None}
    if any((found.names[i], kind) not in printed for i in tested for kind in ("coef", "se")):
        return list(cells)
    b, se = (np.array([printed[found.names[i], kind] for i in tested]) for kind in ("coef", "se"))
    v, own = found.V[np.ix_(tested, tested)], np.sqrt(np.diag(found.V)[tested])
    top = float(found.b[tested] @ np.linalg.solve(v, found.b[tested]))
    there = float(b @ np.linalg.solve(v * np.outer(se / own, se / own), b))
    assert cell.estimated is not None and cell.cell.number is not None
    off = abs(there - cell.cell.number.value) - cell.cell.number.rounding
    if abs(top - cell.estimated) > EXACT * abs(top) or off > STOPPED_TEST * abs(there - top):
        return list(cells)
    explained = of_the_model(replace(cell, distance=0.0).explained(CAUSE), e)
    return [explained if i == at else c for i, c in enumerate(cells)]


def _of_logs(row: dict[str, _Number]) -> dict[str, _Number]:
    """The row of the coefficient whose exponential is printed; nothing where a number has no logarithm."""
    b, se = row.get("coef"), row.get("se")
    ends = {name: row[name] for name in ("coef", "ci_low", "ci_high") if name in row}
    if b is None or se is None or min(min(n) for n in ends.values()) <= 0:
        return {}
    logs = {name: (math.log(n[0]), math.log(n[1]), math.log(n[2])) for name, n in ends.items()}
    return {**row, **logs, "se": (se[0] / b[1], se[1] / b[0], se[2] / b[2])}


def _follows(row: dict[str, _Number], share: float) -> bool:
    """Whether a row's coefficient and standard error are near the maximum's, and its other numbers are what they give."""
    b, se = row.get("coef"), row.get("se")
    if b is None or se is None or not se[2]:
        return False
    room = share * abs(se[2])
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
