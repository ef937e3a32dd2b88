"""Percentiles by name of the rule."""

from __future__ import annotations

import numpy as np

#: Hyndman and Fan (1996): type 2 is Stata's `_pctile`, type 7 the default of R and numpy.
RULES = {"stata": "averaged_inverted_cdf", "type7": "linear"}


def percentile(x: np.ndarray, at: float, rule: str) -> float:
    """x: without missing values, at least one. at: 0 to 100."""
    return float(np.quantile(x, at / 100, method=RULES[rule]))


def pulled_in(x: np.ndarray, cuts: tuple[float, float], rule: str, trim: bool) -> np.ndarray:
    """Values beyond the percentiles of the known ones: the percentile, or missing."""
    known = x[~np.isnan(x)]
    if not len(known):
        return x.copy()
    low, high = (percentile(known, c, rule) for c in cuts)
    if trim:
        return np.where((x < low) | (x > high), np.nan, x)
    return np.clip(x, low, high)


def above_median(x: np.ndarray, centre: float, ties: str) -> np.ndarray:
    """1 above, 0 below, ties as said; missing stays missing."""
    at = {"low": 0.0, "high": 1.0, "missing": np.nan}[ties]
    out = np.where(x > centre, 1.0, np.where(x < centre, 0.0, at))
    return np.where(np.isnan(x), np.nan, out)
