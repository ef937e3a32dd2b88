"""Which columns of a design are determined by the fixed effects, the intercept or earlier columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
        return within(columns, effects, weights), norms
    if intercept:
        one = root / np.linalg.norm(root)
        weighted = weighted - np.outer(one, one @ weighted)
    return weighted, norms


def within(columns: np.ndarray, effects: Sequence[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    """Columns (n, k) less their projection on the fixed effects, by sparse least squares; used to find absorbed columns."""
    from scipy.sparse import csr_array, hstack
    from scipy.sparse.linalg import lsmr

    n = len(columns)
    root = np.ones(n) if weights is None else np.sqrt(weights)
    dummies = hstack(
        [csr_array((root, (np.arange(n), code)), shape=(n, int(code.max()) + 1)) for code in effects], format="csr"
    )  # fmt: skip
    out = np.empty_like(columns)
    for j, column in enumerate((columns * root[:, None]).T):
        size = np.linalg.norm(column)
        unit = column / size if size else column
        out[:, j] = (unit - dummies @ lsmr(dummies, unit, atol=1e-13, btol=1e-13, maxiter=20_000)[0]) * size
    return out


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
