"""The coupling degree C, the index T and the coupling coordination degree D = sqrt(C T) of n systems with scores U_i.

Sources: C = n (prod U)^(1/n) / sum U, Liao (1999), Tropical Geography 19(2), 171-177, in the form whose range is [0, 1]; the
revised form, Wang, Kong, Ren et al. (2021), Journal of Natural Resources 36(3), 793-810, equation 8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parity.base.errors import Unestimable


def coordination(u: np.ndarray, weights: Sequence[float], form: str) -> dict[str, np.ndarray]:
    """coupling C, index T and degree D, each (rows,). u: (rows, n) scores; C and D are NaN where all scores are zero.

    Raises `Unestimable` for scores below zero or above one: their product, or 1 - |U_i - U_j|, has no meaning.
    """
    if u.min() < 0 or u.max() > 1:
        bound = f"{u.min():.6g}" if u.min() < 0 else f"{u.max():.6g}"
        raise Unestimable(f"scores lie between 0 and 1, but one is {bound}: rescale them, or multiply by 1/100")
    index = u @ np.array(weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        coupling = _revised(u) if form == "revised" else _geometric(u) / (1 if form == "geometric" else u.shape[1])
    return {"coupling": coupling, "index": index, "degree": np.sqrt(coupling * index)}


def _geometric(u: np.ndarray) -> np.ndarray:
    """Geometric over arithmetic mean."""
    n = u.shape[1]
    return np.prod(u, axis=1) ** (1.0 / n) / (u.sum(axis=1) / n)


def _revised(u: np.ndarray) -> np.ndarray:
    n = u.shape[1]
    apart = sum(np.abs(u[:, i] - u[:, j]) for i in range(n) for j in range(i)) / math.comb(n, 2)
    # the largest stands in the product with ratio one
    ratio = np.prod(u / u.max(axis=1, keepdims=True), axis=1) ** (1.0 / (n - 1))
    return np.sqrt((1.0 - apart) * ratio)
