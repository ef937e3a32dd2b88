"""Cross-products decide as Gram-Schmidt and Householder's reflections do, and where they know too little these are asked."""

from __future__ import annotations

import numpy as np
import pytest

from parity.algebra.collinear import Independence, independent
from parity.algebra.orthonormal import MUCH, apart, orthonormal
from parity.base.tolerance import COLLINEAR


def columns(nearness: float, n: int = 400, k: int = 8) -> np.ndarray:
    """Columns of which the last is the sum of two others but for a share of its norm."""
    x = np.random.default_rng(3).standard_normal((n, k))
    x[:, -1] = x[:, 1] - x[:, 2] + nearness * x[:, -1]
    return x


@pytest.mark.parametrize("nearness", [1.0, 1e-2, 1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("scales", [1.0, np.logspace(-9, 9, 8)])
def test_orthonormal_columns_span_the_given_ones(nearness, scales):
    x = columns(nearness) * scales
    q, r = orthonormal(np.asfortranarray(x))
    np.testing.assert_allclose(q.T @ q, np.eye(8), atol=4e-15)
    np.testing.assert_allclose(q @ r, x, rtol=0, atol=1e-14 * np.linalg.norm(x, axis=0).max())
    assert np.abs(np.tril(r, -1)).max() == 0


def test_both_ways_are_taken():
    assert apart(columns(1e-2).T @ columns(1e-2)) and not apart(columns(1e-6).T @ columns(1e-6))
    assert not apart(np.full((2, 2), np.inf)) and not apart(np.zeros((1, 1))) and apart(np.empty((0, 0)))


def by_gram_schmidt(x: np.ndarray, norms: np.ndarray) -> list[bool]:
    basis, mask = [], []
    for column, norm in zip(x.T, norms, strict=True):
        left = np.linalg.norm(column)
        mask.append(bool(left > COLLINEAR * norm))
        v = column / (left or 1.0)
        for q in basis + basis:
            v = v - q * (q @ v)
        mask[-1] &= bool(np.linalg.norm(v) > COLLINEAR) and len(basis) < len(x)
        if mask[-1]:
            basis.append(v / np.linalg.norm(v))
    return mask


@pytest.mark.parametrize("seed", range(60))
def test_what_is_determined_is_what_gram_schmidt_finds(seed):
    rng = np.random.default_rng(seed)
    n, k = int(rng.choice([5, 60])), 9
    x = rng.standard_normal((n, k)) * 10.0 ** rng.integers(-6, 7, k)
    for _ in range(int(rng.integers(0, 4))):
        to, a, b = rng.choice(k, 3, replace=False)
        near = rng.choice([0.0, 1e-12, 3e-5, 1e-3])  # a nearer one would be told from its sum by rounding alone
        x[:, to] = x[:, a] / np.linalg.norm(x[:, a]) + near * x[:, b] / np.linalg.norm(x[:, b])
    norms = np.linalg.norm(x, axis=0) * 10.0 ** rng.choice([0, 3, 8, 12], k)
    assert independent(x, norms).tolist() == by_gram_schmidt(x, norms)
    at = rng.permutation(k)[:6]
    assert Independence(x, norms).of(at).tolist() == by_gram_schmidt(x[:, at], norms[at])


def test_what_leaves_much_or_nothing_is_told_apart():
    assert independent(columns(10 * MUCH), np.ones(8)).all()
    assert independent(columns(1e-12), np.ones(8)).tolist() == [True] * 7 + [False]
