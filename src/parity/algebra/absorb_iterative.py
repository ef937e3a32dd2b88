"""Fixed effects absorbed by sparse least squares, with too many levels for the closed form of `parity.algebra.absorb`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def within(columns: np.ndarray, effects: Sequence[np.ndarray], weights: np.ndarray | None) -> np.ndarray:
    """Columns (n, k) times root weights, less their projection on the fixed effects' dummies (LSMR, to 1e-13)."""
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
