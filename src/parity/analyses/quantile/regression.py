"""One quantile regression: min over b of the sum of w rho(y - x b), rho(e) = e (q - 1[e < 0]), as a linear program.

Source: Koenker and Bassett (1978), Econometrica 46(1). Its dual has n bounded variables and k equations:
max y'a, X'a = (1 - q) X'w, 0 <= a <= w; rows with 0 < a < w have no residual, and where they are k, they are the solution,
computed from them alone, and the only one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from parity.base.errors import Unestimable

#: The solver's own tolerance: what is within it of a bound may lie on the bound.
BOUND = 1e-7
#: A solution moves along an edge of the optimal set by more than the solver's tolerance, or it is one point.
MOVES = 1e-5


@dataclass(frozen=True)
class Vertex:
    """b (k,); residuals (n,), exactly zero on the rows that the solution goes through; dual (n,), as shares of the weights.

    only: whether k rows determine it, so that no other solution is as good
    """

    b: np.ndarray
    residuals: np.ndarray
    dual: np.ndarray
    only: bool


def quantile_regression(x: np.ndarray, y: np.ndarray, q: float, w: np.ndarray | None = None) -> Vertex:
    """x (n, k), of full rank; w (n,) positive, default one. Raises `Unestimable` where the program isn't solved."""
    weights = np.ones(len(y)) if w is None else w
    size, height = np.abs(x).max(axis=0), np.abs(y).max() or 1.0
    z, v = x / size, y / height
    bounds = np.column_stack([np.zeros(len(y)), weights])
    solved = linprog(-v, A_eq=z.T, b_eq=(1.0 - q) * (z.T @ weights), bounds=bounds, method="highs-ds")
    if solved.status != 0:
        raise Unestimable(f"the linear program at {q:g} has no solution: {solved.message}")
    dual = np.asarray(solved.x) / weights
    inside = np.flatnonzero((dual > BOUND) & (dual < 1.0 - BOUND))
    k = x.shape[1]
    only = len(inside) == k and np.linalg.matrix_rank(z[inside]) == k
    zero = inside
    if not only:
        residuals = v + z @ np.asarray(solved.eqlin.marginals)  # the program's prices are the coefficients, signs turned
        zero = np.flatnonzero(np.abs(residuals) <= BOUND)
    if np.linalg.matrix_rank(z[zero]) < k:
        raise Unestimable(f"the linear program at {q:g} ends at no corner")
    b = np.linalg.lstsq(z[zero], v[zero], rcond=None)[0]
    e = v - z @ b
    e[zero] = 0.0
    return Vertex(b * height / size, e * height, dual, bool(only))


def spans(x: np.ndarray, y: np.ndarray, of: Vertex) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest value of every coefficient, (k,) each, among all solutions that are as good: those whose residuals
    have the signs that the dual allows."""
    size, height = np.abs(x).max(axis=0), np.abs(y).max() or 1.0
    z, v = x / size, y / height
    up, down = of.dual >= 1.0 - BOUND, of.dual <= BOUND
    on = ~(up | down)
    sides = {"A_ub": np.vstack([z[up], -z[down]]), "b_ub": np.concatenate([v[up], -v[down]])}
    low, high = np.empty(x.shape[1]), np.empty(x.shape[1])
    for j in range(x.shape[1]):
        for sign, ends in ((1.0, low), (-1.0, high)):
            c = np.zeros(x.shape[1])
            c[j] = sign
            found = linprog(c, **sides, A_eq=z[on] if on.any() else None, b_eq=v[on] if on.any() else None,
                            bounds=(None, None), method="highs")  # fmt: skip
            ends[j] = found.x[j] if found.status == 0 else (np.nan if found.status == 4 else -sign * np.inf)
    return low * height / size, high * height / size


def moving(x: np.ndarray, y: np.ndarray, of: Vertex) -> list[tuple[int, float, float]]:
    """Coefficients that other solutions, as good, have at another value: which, and between what."""
    if of.only:
        return []
    low, high = spans(x, y, of)
    unit = (np.abs(y).max() or 1.0) / np.abs(x).max(axis=0)
    return [(j, float(low[j]), float(high[j])) for j in range(len(low)) if not high[j] - low[j] <= MOVES * unit[j]]
