"""Stata's percentiles: the mean of two neighbours where the rank is whole (Hyndman and Fan's type 2). [D] pctile."""

from __future__ import annotations

import numpy as np


def percentile(x: np.ndarray, p: float, weights: np.ndarray | None = None) -> float:
    """The p-th percentile (0 to 100) of values without missing ones; weights need not sum to anything."""
    if not len(x):
        return float("nan")
    order = np.argsort(x, kind="stable")
    x = x[order]
    if weights is None:
        rank = len(x) * p / 100
        below = int(np.floor(rank + 1e-9 * max(rank, 1)))
        if abs(rank - below) < 1e-9 * max(rank, 1):
            return float((x[max(below - 1, 0)] + x[min(below, len(x) - 1)]) / 2)
        return float(x[below])
    total = np.cumsum(weights[order])
    wanted = total[-1] * p / 100
    at = int(np.searchsorted(total, wanted * (1 - 1e-12), side="left"))
    at = min(at, len(x) - 1)
    if abs(total[at] - wanted) <= 1e-12 * total[-1] and at + 1 < len(x):
        return float((x[at] + x[at + 1]) / 2)
    return float(x[at])


def cuts(x: np.ndarray, n: int, weights: np.ndarray | None = None) -> np.ndarray:
    """The n - 1 quantiles that cut the values into n groups."""
    return np.array([percentile(x, 100 * i / n, weights) for i in range(1, n)])


def alternative(x: np.ndarray, p: float) -> float:
    """pctile, altdef: interpolated at (n + 1)p/100 (type 6)."""
    if not len(x):
        return float("nan")
    x = np.sort(x)
    rank = (len(x) + 1) * p / 100
    below = int(np.floor(rank))
    if below < 1:
        return float(x[0])
    return float(x[-1]) if below >= len(x) else float(x[below - 1] + (rank - below) * (x[below] - x[below - 1]))
