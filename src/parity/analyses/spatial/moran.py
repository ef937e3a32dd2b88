"""Moran's I by period, global and local, with z and p on both sides of the normal.

Source: Cliff and Ord (1981), 2.3 to 2.5, for the global I; Anselin (1995), Geographical Analysis 27(2), equations 12 to 16,
for I_i = z_i (W z)_i/m2 and its total moments; Sokal, Oden and Thomson (1998), appendix, for those conditional on z_i. m2 is
the mean of squares over N.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from parity.analyses.spatial.sample import Sample
from parity.base.tolerance import COLLINEAR

Numbers = dict[str, dict[str, float]]


def moran(s: Sample) -> Numbers:
    """moran, moran z, moran p by period; local, local z, local p by UNIT:PERIOD.

    Periods in which all units are alike have none, units without neighbours, or fewer than four units, no z.
    """
    out: Numbers = {q: {} for q in ("moran", "moran z", "moran p", "local", "local z", "local p")}
    for period, values in zip(s.periods, s.z.reshape(len(s.periods), -1), strict=True):
        if values.min() == values.max():
            continue
        z = values - values.mean()
        n, squares = len(z), float(z @ z)
        total = float(s.w.sum())
        i = n / total * float(z @ s.w @ z) / squares
        out["moran"][period] = i
        kurtosis = n * float(np.sum(z**4)) / squares**2
        variance = _variance(s.w, kurtosis, s.settings.moran) if n > 3 else 0.0
        if variance > COLLINEAR / n**2:
            out["moran z"][period] = (i + 1.0 / (n - 1)) / np.sqrt(variance)
        own = n * z * (s.w @ z) / squares
        mean, spread = _local(s, z, kurtosis)
        for unit, at, about, wide in zip(s.units, own, mean, spread, strict=True):
            out["local"][f"{unit}:{period}"] = float(at)
            if wide > 0.0:
                out["local z"][f"{unit}:{period}"] = float((at - about) / np.sqrt(wide))
    for name in ("moran", "local"):
        out[f"{name} p"] = {t: float(2.0 * ndtr(-abs(z))) for t, z in out[f"{name} z"].items()}
    return {q: v for q, v in out.items() if v}


def _variance(w: np.ndarray, kurtosis: float, under: str) -> float:
    n, s0 = float(len(w)), float(w.sum())
    s1 = float(np.sum(w * w) + np.sum(w * w.T))
    s2 = float(np.sum((w.sum(axis=1) + w.sum(axis=0)) ** 2))
    square = 1.0 / (n - 1.0) ** 2
    if under == "normality":
        return (n**2 * s1 - n * s2 + 3.0 * s0**2) / (s0**2 * (n**2 - 1.0)) - square
    first = n * ((n**2 - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2.0 * n * s2 + 6.0 * s0**2)
    return (first - second) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s0**2) - square


def _local(s: Sample, z: np.ndarray, kurtosis: float) -> tuple[np.ndarray, np.ndarray]:
    """(N,) means and variances; none where rounding alone is left of a variance."""
    n = len(z)
    sums, squares = s.w.sum(axis=1), np.sum(s.w**2, axis=1)
    if n < 4:
        return np.zeros(n), np.zeros(n)
    if s.settings.local == "total":
        mean = -sums / (n - 1)
        cross = (sums**2 - squares) * (2.0 * kurtosis - n) / ((n - 1) * (n - 2))
        spread = squares * (n - kurtosis) / (n - 1) + cross - sums**2 / (n - 1) ** 2
        return mean, np.where(spread > COLLINEAR * squares, spread, 0.0)
    m2 = float(z @ z) / n
    mean = -(z**2) * sums / ((n - 1) * m2)
    uneven, others = squares - sums**2 / (n - 1), m2 - z**2 / (n - 1)
    spread = (z / m2) ** 2 * n / (n - 2) * uneven * others
    there = (uneven > COLLINEAR * squares) & (others > COLLINEAR * m2) & (z**2 > COLLINEAR**2 * m2)
    return mean, np.where(there, spread, 0.0)
