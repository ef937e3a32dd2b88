"""Columns that jive and xtivreg, re make before their two-stage least squares. [XT] xtivreg; jive.ado 1.0.2."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from parity.stata_language.request import Declined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

#: Stands before the name of a quasi-demeaned column.
GLS = "GLS of "
#: A row's leverage this near to one leaves nothing of it to be predicted by the others.
_FREE = 1e-10


def jackknifed(
    endogenous: Mapping[str, Doubles], others: Sequence[Doubles], z: Sequence[Doubles], rows: NDArray[np.bool_]
) -> dict[str, Doubles]:
    """(x_i'g - h_i y_i)/(1 - h_i): predictions of each endogenous column by rows but i. others: exogenous regressors."""
    first = _span(np.column_stack([np.ones(rows.sum()), *(c[rows] for c in (*others, *z))]))
    leverage = np.einsum("ij,ij->i", first, first)
    if np.any(1 - leverage < _FREE):
        raise Declined("a row that the first stage fits whatever its value has no prediction by the others")
    found = {}
    for name, values in endogenous.items():
        y = values[rows]
        found[f"jackknife of {name}"] = made = np.full(len(rows), np.nan)
        made[rows] = (first @ (first.T @ y) - leverage * y) / (1 - leverage)
    return found


def _span(x: Doubles) -> Doubles:
    """Orthonormal columns of what x spans."""
    u, values, _ = np.linalg.svd(x / np.maximum(np.linalg.norm(x, axis=0), 1e-300), full_matrices=False)
    return u[:, values > 1e-10 * max(values.max(initial=0), 1e-300)]


def components(
    y: Doubles, x: Sequence[Doubles], endogenous: Sequence[Doubles], z: Sequence[Doubles], unit: Doubles,
    rows: NDArray[np.bool_],
) -> tuple[float, float, float]:  # fmt: skip
    """s_e2, s_u2 and theta, what share of a unit's mean is taken off, of a panel whose units have equally many rows.

    s_e2 is of two-stage least squares within units, N - n - K degrees of freedom, and T s_u2 + s_e2 of that between units
    times T, n - K: Swamy and Arora's; theta = 1 - sqrt(s_e2/(T s_u2 + s_e2)). Raises `Declined`.
    """
    code = np.unique(unit[rows], return_inverse=True)[1]
    counts = np.bincount(code)
    if len(set(counts.tolist())) > 1:
        raise Declined("xtivreg, re of units with unequally many rows has components of variance that no engine here has")
    n, periods = len(counts), int(counts[0])
    every = np.column_stack([c[rows] for c in (y, *endogenous, *x, *z)])
    means = np.column_stack([np.bincount(code, c) for c in every.T]) / periods
    within = every - means[code]
    k, among = len(endogenous), len(x)

    def residuals(of: Doubles, constant: Doubles) -> tuple[float, int]:
        exogenous = np.column_stack([of[:, 1 + k : 1 + k + among], constant])
        first = _span(np.column_stack([exogenous, of[:, 1 + k + among :]]))
        right = np.column_stack([of[:, 1 : 1 + k], exogenous])
        projected = first @ (first.T @ right)
        b, _, rank, _ = np.linalg.lstsq(projected, of[:, 0], rcond=1e-10)
        e = of[:, 0] - right @ b
        return float(e @ e), int(rank)

    # columns in one scale, lest rank hang on units of measurement
    size = np.maximum(np.abs(every).max(axis=0), 1e-300)
    scaled = size[0] ** 2
    within = np.where(np.abs(within).max(axis=0) < _FREE * size, 0.0, within)
    ssr, rank = residuals(within / size, np.empty((len(within), 0)))
    between, rank_b = residuals(means / size, np.ones((n, 1)))
    if len(y[rows]) - n - rank <= 0 or n - rank_b <= 0:
        raise Declined("too few units or periods for the components of variance")
    e2, s1 = scaled * ssr / (len(y[rows]) - n - rank), scaled * periods * between / (n - rank_b)
    return e2, max(s1 - e2, 0.0) / periods, 1 - math.sqrt(e2 / max(s1, e2))


def less_means(held: Mapping[str, Doubles], unit: Doubles, rows: NDArray[np.bool_], theta: float) -> dict[str, Doubles]:
    """(x - theta mean)/(1 - theta), so that a constant stays one, under a name of its own; NaN where a row isn't used."""
    code = np.unique(unit[rows], return_inverse=True)[1]
    found = {}
    for name, values in held.items():
        found[GLS + name] = made = np.full(len(rows), np.nan)
        of = values[rows]
        made[rows] = (of - theta * (np.bincount(code, of) / np.bincount(code))[code]) / (1 - theta)
    return found


def fit_of(y: Doubles, fitted: Doubles, unit: Doubles) -> dict[str, float]:
    """e(): squared correlations within units, between them and overall, and how many rows units have. [XT] xtivreg"""
    code = np.unique(unit, return_inverse=True)[1]
    counts = np.bincount(code)
    means = [np.bincount(code, c) / counts for c in (y, fitted)]
    pairs = {
        "r2_w": (y - means[0][code], fitted - means[1][code]), "r2_b": (means[0], means[1]), "r2_o": (y, fitted),
    }  # fmt: skip
    out = {"N_g": float(len(counts)), "g_min": float(counts.min()), "g_max": float(counts.max()),
           "g_avg": float(counts.mean())}  # fmt: skip
    return out | {name: float(np.corrcoef(a, b)[0, 1] ** 2) for name, (a, b) in pairs.items() if np.ptp(b) > 0 < np.ptp(a)}
