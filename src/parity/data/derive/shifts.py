"""Lags on the time scale."""

from __future__ import annotations

import numpy as np

from parity.data.derive.problem import DeriveProblem


def shifted(x: np.ndarray, unit: np.ndarray, time: np.ndarray, periods: int) -> np.ndarray:
    """The value of the same unit `periods` earlier (later if negative); missing where that period isn't there.

    time: periods as whole numbers (`parity.data.periods`). Raises `DeriveProblem` where one is missing or stands twice.
    """
    if np.isnan(time).any():
        raise DeriveProblem("the time column has missing values, which no lag, lead, difference or growth can be at")
    keys = list(zip(unit.tolist(), time.tolist(), strict=True))
    if len(set(keys)) < len(keys):
        raise DeriveProblem("lags need one row per unit and time")
    at = dict(zip(keys, x.tolist(), strict=True))
    return np.array([at.get((u, t - periods), np.nan) for u, t in keys])
