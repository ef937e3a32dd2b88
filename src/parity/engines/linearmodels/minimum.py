"""The minimum of IVGMMCUE's objective, to where rounding ends: its own minimiser ends where slopes by differences do.

A method for scipy.optimize.minimize: Newton's steps on central differences of the fourth order, in units in which the
objective, a sum of squares near its minimum, rises by one (Gill, Murray and Wright 1981, Practical Optimization, 4.6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from parity.base.tolerance import OBJECTIVE_STEP

#: Steps at most; three or four reach the rounding of the objective.
MOST_STEPS = 30


def to_rounding(fun: Callable[..., float], x0: Any, args: tuple = (), **_: Any) -> Any:
    """What BFGS leaves, taken on until a slope is no smaller than the one before; BFGS's own where that is no minimum."""
    from scipy.optimize import OptimizeResult, minimize

    rough = minimize(fun, x0, args=args)

    def of(x: np.ndarray) -> float:
        return fun(x, *args)

    try:
        units = _units(of, rough.x)
    except np.linalg.LinAlgError:
        return rough
    x, before = rough.x, np.inf
    for _step in range(MOST_STEPS):
        slope = np.array([_slope(of, x, unit) for unit in units.T])
        size = float(np.max(np.abs(slope)))
        if not size < before:
            break
        x, before = x - units @ slope / 2, size
    return OptimizeResult(x=x, fun=of(x), nit=rough.nit, success=True)


def _units(of: Callable[[np.ndarray], float], x: np.ndarray) -> np.ndarray:
    """(k, k) L with H = 2 (L L')^-1: along a column the objective rises by the square.

    Raises `LinAlgError` where it has no minimum nearby.
    """
    wide = OBJECTIVE_STEP * np.maximum(np.abs(x), OBJECTIVE_STEP**2)
    here = of(x)
    for _ in range(2):  # the first guess of a unit is of the coefficient's own size
        moves = np.diag(wide)
        rises = np.array([of(x + m) - 2 * here + of(x - m) for m in moves])
        if not np.all(rises > 0):
            raise np.linalg.LinAlgError("the objective falls")
        wide = wide * np.sqrt(2 * OBJECTIVE_STEP / rises)
    moves = np.diag(wide)
    curved = [[of(x + a + b) - of(x + a - b) - of(x - a + b) + of(x - a - b) for b in moves] for a in moves]
    hessian = np.array(curved) / 4 / np.outer(wide, wide)
    return np.linalg.cholesky(np.linalg.inv((hessian + hessian.T) / 4))


def _slope(of: Callable[[np.ndarray], float], x: np.ndarray, unit: np.ndarray) -> float:
    one, two = OBJECTIVE_STEP * unit, 2 * OBJECTIVE_STEP * unit
    return (8 * (of(x + one) - of(x - one)) - (of(x + two) - of(x - two))) / (12 * OBJECTIVE_STEP)
