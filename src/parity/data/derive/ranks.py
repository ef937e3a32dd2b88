"""Ranks that don't hang on the last bit."""

from __future__ import annotations

import numpy as np


def ranks(scores: np.ndarray, time: np.ndarray, tie: float) -> np.ndarray:
    """Within each period 1 for the largest. Scores that follow within `tie` times the largest score of all share the
    better rank; NaN has none. scores, time: (rows,)."""
    out = np.full(len(scores), np.nan)
    if np.isnan(scores).all():
        return out
    near = tie * np.nanmax(np.abs(scores))
    for period in np.unique(time):
        rows = [i for i in np.flatnonzero(time == period) if not np.isnan(scores[i])]
        rows.sort(key=lambda i: -scores[i])
        for place, i in enumerate(rows):
            tied = place and scores[rows[place - 1]] - scores[i] <= near
            out[i] = out[rows[place - 1]] if tied else place + 1
    return out
