"""Moran's I by period, global and local, with z and p on both sides of the normal.

Source: Cliff and Ord (1981), 2.3 to 2.5, for the global I; Anselin (1995), Geographical Analysis 27(2), equations 12 to 16,
for I_i = z_i (W z)_i/m2 and its total moments; Sokal, Oden and Thomson (1998), appendix, for those conditional on z_i. m2 is
the mean of squares over N.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from parity.analyses.spatial.sample import Sample
from parity.base.tolerance import COLLINEAR

Numbers = dict[str, dict[str, float]]


def moran(s: Sample) -> Numbers:
    """moran, moran z, moran p by period; local, local z, local p by UNIT:PERIOD.

    Periods in which all units are alike have none, units without neighbours, or fewer than four units, no z.
    """
    values = s.z.reshape(len(s.periods), -1)
    uneven = values.min(axis=1) < values.max(axis=1)
    values = values[uneven]
    periods = [period for period, there in zip(s.periods, uneven, strict=True) if there]
    z = values - values.mean(axis=1, keepdims=True)
    n, squares, lagged = z.shape[1], (z * z).sum(axis=1), z @ s.w.T
    i = n / s.w.sum() * (z * lagged).sum(axis=1) / squares
    kurtosis = n * (z**4).sum(axis=1) / squares**2
    variance = _variance(s.w, kurtosis, s.settings.moran) if n > 3 else np.zeros(len(z))
    mean, spread = _local(s, z, kurtosis) if n > 3 else (np.zeros_like(z), np.zeros_like(z))
    own = n * z * lagged / squares[:, None]
    terms = [f"{unit}:{period}" for period in periods for unit in s.units]
    out = _with_z("moran", periods, i, -1.0 / (n - 1.0), variance, COLLINEAR / n**2)
    out |= _with_z("local", terms, own.ravel(), mean.ravel(), spread.ravel(), 0.0)
    return {q: v for q, v in out.items() if v}


def _with_z(
    name: str, terms: Sequence[str], i: np.ndarray, mean: np.ndarray | float, variance: np.ndarray, least: float
) -> Numbers:
    """I, its z and p; of a variance that isn't above the least, neither."""
    there = variance > least
    z = (i - mean)[there] / np.sqrt(variance[there])
    named = [term for term, known in zip(terms, there.tolist(), strict=True) if known]
    return {
        name: dict(zip(terms, i.tolist(), strict=True)),
        f"{name} z": dict(zip(named, z.tolist(), strict=True)),
        f"{name} p": dict(zip(named, (2.0 * ndtr(-np.abs(z))).tolist(), strict=True)),
    }


def _variance(w: np.ndarray, kurtosis: np.ndarray, under: str) -> np.ndarray:
    """Of each period."""
    n, s0 = float(len(w)), float(w.sum())
    s1 = float((w * (w + w.T)).sum())
    s2 = float(np.sum((w.sum(axis=1) + w.sum(axis=0)) ** 2))
    square = 1.0 / (n - 1.0) ** 2
    if under == "normality":
        return np.full(len(kurtosis), (n**2 * s1 - n * s2 + 3.0 * s0**2) / (s0**2 * (n**2 - 1.0)) - square)
    first = n * ((n**2 - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2.0 * n * s2 + 6.0 * s0**2)
    return (first - second) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s0**2) - square


def _local(s: Sample, z: np.ndarray, kurtosis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, N) means and variances, of deviations z; nought where rounding alone is left of a variance."""
    n = z.shape[1]
    sums, squares = s.w.sum(axis=1), np.sum(s.w**2, axis=1)
    if s.settings.local == "total":
        kurtosis = kurtosis[:, None]
        mean = np.broadcast_to(-sums / (n - 1), z.shape)
        cross = (sums**2 - squares) * (2.0 * kurtosis - n) / ((n - 1) * (n - 2))
        spread = squares * (n - kurtosis) / (n - 1) + cross - sums**2 / (n - 1) ** 2
        return mean, np.where(spread > COLLINEAR * squares, spread, 0.0)
    m2 = (z * z).mean(axis=1, keepdims=True)
    mean = -(z**2) * sums / ((n - 1) * m2)
    uneven, others = squares - sums**2 / (n - 1), m2 - z**2 / (n - 1)
    spread = (z / m2) ** 2 * n / (n - 2) * uneven * others
    there = (uneven > COLLINEAR * squares) & (others > COLLINEAR * m2) & (z**2 > COLLINEAR**2 * m2)
    return mean, np.where(there, spread, 0.0)
