"""Closeness to the ideal row."""

from __future__ import annotations

import numpy as np

from parity.data.derive.problem import DeriveProblem


def closeness(z: np.ndarray, w: np.ndarray, on: str) -> np.ndarray:
    """C = D- / (D+ + D-), D the distances to the best and the worst value of each column (Hwang and Yoon 1981).

    z: (rows, columns), more being better; w: weights. on = "values": distances between w z; "distances": the weights
    multiply the squared distances of z. Rows all alike are at 0/0 and get 0.
    Raises `DeriveProblem` for a negative weight, which a distance has no meaning for.
    """
    if (w < 0).any():
        raise DeriveProblem("TOPSIS needs weights that are not negative")
    v, weight = (z * w, 1.0) if on == "values" else (z, w)
    best = np.sqrt((weight * (v - v.max(axis=0)) ** 2).sum(axis=1))
    worst = np.sqrt((weight * (v - v.min(axis=0)) ** 2).sum(axis=1))
    both = best + worst
    return np.divide(worst, both, out=np.zeros_like(both), where=both > 0)
