"""Which columns of a design are determined by the fixed effects, the intercept or earlier columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.absorb import absorber
from parity.tolerance import COLLINEAR


def independent_columns(
    columns: np.ndarray, effects: Sequence[np.ndarray], intercept: bool, weights: np.ndarray | None
) -> np.ndarray:
    """Mask (k,) of the columns of (n, k) that are not determined by what stands before them.

    effects: code vectors (n,) that are absorbed first; intercept: whether a constant is taken out first.
    """
    return independent(*partialled(columns, effects, intercept, weights))


def partialled(
    columns: np.ndarray, effects: Sequence[np.ndarray], intercept: bool, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Columns times root weights, less the fixed effects or the intercept; and their norms before that."""
    root = np.ones(len(columns)) if weights is None else np.sqrt(weights)
    weighted = columns * root[:, None]
    norms = np.linalg.norm(weighted, axis=0)
    if effects:
        return absorbed(columns, effects, weights), norms
    if intercept:
        one = root / np.linalg.norm(root)
        weighted = weighted - np.outer(one, one @ weighted)
    return weighted, norms


def absorbed(columns: np.ndarray, effects: Sequence[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    """Columns (n, k) times root weights, less their projection on the fixed effects.

    Columns are brought near one by powers of two first, so that no square over- or underflows, and back.
    """
    largest = np.abs(columns).max(axis=0, initial=0.0)
    power = np.ldexp(1.0, -np.frexp(np.where(largest > 0, largest, 1.0))[1])
    left = absorber(effects, weights).residual(columns * power) / power
    return left if weights is None else left * np.sqrt(weights)[:, None]


def independent(columns: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Mask of columns that earlier ones don't determine: Gram-Schmidt, twice for accuracy, relative to `norms`."""
    n, k = columns.shape
    basis, rank = np.empty((n, min(n, k)), order="F"), 0
    mask = np.zeros(k, dtype=bool)
    for j in range(k):
        left = np.linalg.norm(columns[:, j])
        if rank == n or norms[j] == 0 or left <= COLLINEAR * norms[j]:
            continue
        v = columns[:, j] / left
        for _ in range(2):
            v = v - basis[:, :rank] @ (basis[:, :rank].T @ v)
        if np.linalg.norm(v) > COLLINEAR:
            basis[:, rank] = v / np.linalg.norm(v)
            mask[j], rank = True, rank + 1
    return mask
