"""Which columns of a design are determined by the fixed effects, the intercept or earlier columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.algebra.absorb import absorber
from parity.algebra.orthonormal import MUCH, apart
from parity.base.tolerance import COLLINEAR


def partialled(
    columns: np.ndarray, effects: Sequence[np.ndarray], intercept: bool, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Columns (n, k) times root weights, less the fixed effects or the intercept; and their norms before that.

    effects: code vectors (n,).
    """
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
    """Mask of columns that earlier ones don't determine, relative to `norms`."""
    return Independence(columns, norms).of(range(columns.shape[1]))


class Independence:
    """Columns (n, k) of which one can ask, again and again, which are determined by those before them.

    norms: (k,) what is left of a column is held against these
    """

    def __init__(self, columns: np.ndarray, norms: np.ndarray):
        self.columns, self.norms = columns, norms
        self._products = columns.T @ columns

    def of(self, at: Sequence[int]) -> np.ndarray:
        """Mask of the columns at these places, which those before them there don't determine."""
        at = np.array(at, dtype=int)
        first = self._plain(at)
        mask = np.ones(len(at), dtype=bool)
        if first < len(at):
            mask[first:] = self._one_by_one(at[:first], at[first:])
        return mask

    def _plain(self, at: np.ndarray) -> int:
        """How many columns from the first are plainly independent. Each further one can only bring them nearer."""
        low = np.sqrt(np.diag(self._products)[at]) <= MUCH * self.norms[at]
        least, most = 0, int(np.argmax(low)) if low.any() else len(at)
        while least < most:
            middle = most if least == 0 else (least + most + 1) // 2
            if apart(self._products[np.ix_(at[:middle], at[:middle])]):
                least = middle
            else:
                most = middle - 1
        return least

    def _one_by_one(self, plain: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """The mask of the rest, after columns that are plainly independent: Gram-Schmidt, twice for accuracy."""
        n = len(self.columns)
        left = np.linalg.norm(self.columns[:, rest], axis=0)
        candidates = (left > COLLINEAR * self.norms[rest]) & (self.norms[rest] > 0)
        v = self.columns[:, rest[candidates]] / left[candidates]
        lengths = np.sqrt(np.diag(self._products)[plain])
        before = self.columns[:, plain] / lengths
        inverse = np.linalg.inv(self._products[np.ix_(plain, plain)] / np.outer(lengths, lengths))
        for _ in range(2):
            v = v - before @ (inverse @ (before.T @ v))
        mask = candidates.copy()
        mask[candidates] = _gram_schmidt(v, n - len(plain))
        return mask


def _gram_schmidt(columns: np.ndarray, most: int) -> np.ndarray:
    """Mask of columns, at most so many, that earlier ones don't determine; they had length one at first."""
    n, k = columns.shape
    basis, rank = np.empty((n, min(most, k)), order="F"), 0
    mask = np.zeros(k, dtype=bool)
    for j, v in enumerate(columns.T):
        if rank == most:
            break
        for _ in range(2):
            v = v - basis[:, :rank] @ (basis[:, :rank].T @ v)
        length = np.linalg.norm(v)
        if length > COLLINEAR:
            basis[:, rank] = v / length
            mask[j], rank = True, rank + 1
    return mask
