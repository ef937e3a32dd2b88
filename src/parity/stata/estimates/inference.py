"""t, p and confidence intervals of coefficients, as Stata prints them: t with df degrees of freedom, or the normal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


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
