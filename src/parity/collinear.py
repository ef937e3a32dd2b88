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
    root = np.ones(len(columns)) if weights is None else np.sqrt(weights)
    weighted = columns * root[:, None]
    norms = np.linalg.norm(weighted, axis=0)
    if effects:
        residual = within(columns, effects, weights)
    else:
        residual = weighted
        if intercept:
            one = root / np.linalg.norm(root)
            residual = residual - np.outer(one, one @ residual)
    return _independent(residual, norms)


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


def _independent(columns: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Mask of columns that earlier ones don't determine: Gram-Schmidt, twice for accuracy, relative to `norms`."""
    basis: list[np.ndarray] = []
    mask = np.zeros(columns.shape[1], dtype=bool)
    for j in range(columns.shape[1]):
        size = norms[j]
        if size == 0 or np.linalg.norm(columns[:, j]) <= COLLINEAR * size:
            continue
        v = columns[:, j] / np.linalg.norm(columns[:, j])
        for _ in range(2):
            for b in basis:
                v = v - b * (b @ v)
        if np.linalg.norm(v) > COLLINEAR:
            basis.append(v / np.linalg.norm(v))
            mask[j] = True
    return mask
