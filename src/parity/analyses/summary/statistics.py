"""N, mean, sd, minimum, median, maximum, correlations and variance inflation factors of the columns of a sample."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from parity.base.tolerance import FLAT, SINGULAR

#: Statistics of one column, in the order of a table.
OF_COLUMNS = ("nobs", "mean", "sd", "min", "median", "max")
#: Stands between the names of a pair.
WITH = " with "


@dataclass(frozen=True)
class Summary:
    """columns     statistic of `OF_COLUMNS` -> column -> number; the sd divides by N - 1, the median is the middle or the
                mean of the two
    correlations   (column, column) -> Pearson's r; not a number where one of them is constant
    p           the same -> two-sided p of t = r sqrt((N - 2)/(1 - r^2)) with N - 2 degrees of freedom
    vif         regressor -> 1/(1 - R^2) of it on the other regressors and a constant; infinite where they determine it
    """

    columns: Mapping[str, Mapping[str, float]]
    correlations: Mapping[tuple[str, str], float]
    p: Mapping[tuple[str, str], float]
    vif: Mapping[str, float]


def summarise(columns: Mapping[str, np.ndarray], regressors: Sequence[str]) -> Summary:
    """columns: name -> (n,) values without gaps, n at least 3. regressors: those that have a variance inflation factor."""
    centred = {name: _centred(v) for name, v in columns.items()}
    names, n = list(columns), len(next(iter(columns.values())))
    pairs = [(a, b) for i, b in enumerate(names) for a in names[:i]]
    r = {(a, b): _correlation(centred[a], centred[b]) for a, b in pairs}
    return Summary(
        columns={q: {name: _STATISTICS[q](v) for name, v in columns.items()} for q in OF_COLUMNS},
        correlations=r, p={pair: _p(value, n) for pair, value in r.items()},
        vif={name: _inflation(name, [centred[x] for x in regressors if x != name], centred) for name in regressors},
    )  # fmt: skip


def _mean(v: np.ndarray) -> float:
    return math.fsum(v) / len(v)


def _sd(v: np.ndarray) -> float:
    return math.sqrt(math.fsum((v - _mean(v)) ** 2) / (len(v) - 1))


_STATISTICS = {
    "nobs": lambda v: float(len(v)), "mean": _mean, "sd": _sd, "min": lambda v: float(v.min()),
    "median": lambda v: float(np.median(v)), "max": lambda v: float(v.max()),
}  # fmt: skip


def _centred(v: np.ndarray) -> np.ndarray:
    """Less the mean, of length one; all zero where nothing varies beyond rounding."""
    out = v - _mean(v)
    size = math.sqrt(math.fsum(out**2))
    return out / size if size > FLAT * max(1.0, float(np.abs(v).max())) else np.zeros(len(v))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    if not (a.any() and b.any()):
        return math.nan
    return max(-1.0, min(1.0, math.fsum(a * b)))


def _p(r: float, n: int) -> float:
    from scipy import stats

    if math.isnan(r) or n < 3:
        return math.nan
    if abs(r) == 1:
        return 0.0
    return float(2 * stats.t.sf(abs(r) * math.sqrt((n - 2) / ((1 - r) * (1 + r))), n - 2))


def _inflation(name: str, others: list[np.ndarray], centred: Mapping[str, np.ndarray]) -> float:
    """Of columns of length one what is left of one of them is 1 - R^2."""
    own = centred[name]
    if not own.any():
        return math.nan
    varying = [v for v in others if v.any()]
    if not varying:
        return 1.0
    q, _ = np.linalg.qr(np.column_stack(varying))
    rest = own - q @ (q.T @ own)
    rest = rest - q @ (q.T @ rest)
    left = math.fsum(rest**2)
    return 1 / left if left > SINGULAR else math.inf
