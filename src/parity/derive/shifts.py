"""Lags on the time scale."""

from __future__ import annotations

import numpy as np

from parity.derive.problem import DeriveProblem


def shifted(x: np.ndarray, unit: np.ndarray, time: np.ndarray, periods: int) -> np.ndarray:
    """The value of the same unit `periods` earlier (later if negative); missing where that period isn't there.

    Raises `DeriveProblem` where periods aren't whole numbers or stand twice.
    """
    if np.any(time % 1 != 0) or np.any(np.isnan(time)):
        raise DeriveProblem("the time column must hold whole numbers for lags, leads, differences and growth")
    keys = list(zip(unit.tolist(), time.tolist(), strict=True))
    if len(set(keys)) < len(keys):
        raise DeriveProblem("lags need one row per unit and time")
    at = dict(zip(keys, x.tolist(), strict=True))
    return np.array([at.get((u, t - periods), np.nan) for u, t in keys])
