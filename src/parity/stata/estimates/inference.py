"""t, p and confidence intervals of coefficients, as Stata prints them, and tests of several at once: t with df degrees of
freedom, or the normal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def tail(t: float, df: float) -> float:
    """Two-sided p of t, or of z where df is infinite."""
    from parity.conventions.formulas import p_value

    return p_value(t, df) if not math.isnan(t) else math.nan


def critical(df: float, level: float = 95.0) -> float:
    """The quantile that a two-sided interval reaches to."""
    from scipy import special

    share = 0.5 + level / 200
    if math.isnan(df) or df <= 0:
        return math.nan
    return float(special.ndtri(share) if math.isinf(df) else special.stdtrit(df, share))


def row(b: float, se: float, df: float, level: float = 95.0) -> tuple[float, float, float, float]:
    """t, p and both ends of the interval."""
    t = b / se if se > 0 else math.nan
    half = critical(df, level) * se
    return t, tail(t, df), b - half, b + half


def coefficients(names: Sequence[str], b: np.ndarray, v: np.ndarray, df: float, level: float = 95.0) -> list[tuple]:
    """(name, b, se, t, p, low, high) of each."""
    out = []
    for i, name in enumerate(names):
        variance = float(v[i, i])
        se = math.sqrt(variance) if variance > 0 else math.nan
        out.append((name, float(b[i]), se, *row(float(b[i]), se, df, level)))
    return out


def wald(b: NDArray[np.float64], v: NDArray[np.float64], df: float = math.inf) -> tuple[float, int]:
    """b'V^-1 b and the rank of V, which is fewer than b where restrictions depend on each other."""
    if not len(b):
        return math.nan, 0
    scale = np.sqrt(np.abs(np.diag(v)))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(v / np.outer(scale, scale))
    kept = values > 1e-12 * max(values.max(initial=0), 1e-300)
    turned = (vectors.T @ (b / scale))[kept]
    return float(np.sum(turned**2 / values[kept])), int(kept.sum())
