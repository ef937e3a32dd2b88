"""Linear interpolation within units over time."""

from __future__ import annotations

import numpy as np


def interpolated(x: np.ndarray, unit: np.ndarray, time: np.ndarray, edges: str) -> np.ndarray:
    """Missing values on the line between the unit's nearest known ones, in units of time, not of rows.

    x: float64 (n,), NaN where missing. unit: integer codes. time: numbers.
    edges: outside the known values `missing` (Stata's ipolate), `nearest`, or `extrapolate` (ipolate, epolate: the
    line through the two nearest known ones; one known value alone extrapolates to nothing).
    """
    out = x.copy()
    for code in np.unique(unit[np.isnan(x)]):
        rows = np.flatnonzero(unit == code)
        known = rows[~np.isnan(x[rows])]
        gaps = rows[np.isnan(x[rows])]
        if not len(known) or not len(gaps):
            continue
        known = known[np.argsort(time[known], kind="stable")]
        t, y = time[known], x[known]
        inner = (time[gaps] >= t[0]) & (time[gaps] <= t[-1])
        out[gaps[inner]] = np.interp(time[gaps[inner]], t, y)
        outer = gaps[~inner]
        if edges == "nearest":
            out[outer] = np.where(time[outer] < t[0], y[0], y[-1])
        elif edges == "extrapolate" and len(t) > 1:
            head = y[0] + (time[outer] - t[0]) * (y[1] - y[0]) / (t[1] - t[0])
            tail = y[-1] + (time[outer] - t[-1]) * (y[-1] - y[-2]) / (t[-1] - t[-2])
            out[outer] = np.where(time[outer] < t[0], head, tail)
    return out
