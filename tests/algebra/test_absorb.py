"""Absorption against explicit dummies, against exact arithmetic, and on effects that are hard to separate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from parity.algebra.absorb import TooLarge, absorber, norms, sums
from parity.conventions.facts import absorbed_rank, connected_components


def projection(effects, weights) -> np.ndarray:
    """(n, n) projection on all dummies times root weights."""
    root = np.ones(len(effects[0])) if weights is None else np.sqrt(weights)
    dummies = np.hstack([np.eye(int(e.max()) + 1)[e] for e in effects]) * root[:, None]
    u, s, _ = np.linalg.svd(dummies / np.where(dummies.any(0), np.linalg.norm(dummies, axis=0), 1), full_matrices=False)
    u = u[:, s > 1e-8]
    return u @ u.T


def made(seed: int):
    """Codes of one to three effects, some in several components, and weights for every other seed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 200))
    effects = [rng.integers(0, int(rng.integers(1, 40)), n) for _ in range(1 + seed % 3)]
    if seed % 5 == 0 and len(effects) > 1:
        effects[1] = effects[1] * 2 + effects[0] % 2
    return effects, rng.uniform(0.01, 10, n) if seed % 2 else None, rng.normal(size=(n, 3)) + 100


def rank(effects) -> int:
    codes = [np.unique(e, return_inverse=True)[1] for e in effects]
    pairs = {(i, j): connected_components(codes[i], codes[j]) for j in range(len(codes)) for i in range(j)}
    return absorbed_rank(codes, pairs)


@pytest.mark.parametrize("seed", range(60))
def test_residual_rank_leverage_and_basis(seed):
    effects, weights, columns = made(seed)
    given = absorber(effects, weights)
    hat = projection(effects, weights)
    root = np.ones((len(columns), 1)) if weights is None else np.sqrt(weights)[:, None]
    want = root * columns - hat @ (root * columns)
    assert root * given.residual(columns) == pytest.approx(want, abs=1e-11)  # of numbers about 100
    assert given.rank == rank(effects)
    assert given.leverage() == pytest.approx(np.diag(hat), abs=1e-11)
    rows = np.random.default_rng(seed).permutation(len(columns))[:7]
    assert given.basis(rows) @ given.basis(rows).T == pytest.approx(hat[np.ix_(rows, rows)], abs=1e-11)


def test_the_table_of_levels_may_be_sparse(monkeypatch):
    for seed in (1, 2, 4, 5, 8):
        effects, weights, columns = made(seed)
        dense = absorber(effects, weights)
        monkeypatch.setattr("parity.algebra.absorb.DENSE_CELLS", 0)
        sparse = absorber(effects, weights)
        monkeypatch.undo()
        assert sparse.residual(columns) == pytest.approx(dense.residual(columns), abs=1e-12)
        assert sparse.leverage() == pytest.approx(dense.leverage(), abs=1e-12)


def test_a_redundant_dummy_is_found_among_many_levels(monkeypatch):
    """A fifth is no double: 300,000 of them, added one after the other, are off by more than a redundant dummy may leave."""
    monkeypatch.setattr("parity.algebra.absorb.DENSE_CELLS", 0)
    units, periods = 300_000, 5
    both = [np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)]
    assert absorber(both, None).rank == units + periods - 1


def test_codes_with_holes():
    effects, weights, columns = made(5)
    holes = [e * 1_000_003 for e in effects]
    assert np.array_equal(absorber(holes, weights).residual(columns), absorber(effects, weights).residual(columns))
    few = [e * 2 + 1 for e in effects]
    assert absorber(few, weights).residual(columns) == pytest.approx(absorber(effects, weights).residual(columns), abs=1e-12)
    assert absorber(few, weights).rank == absorber(effects, weights).rank


def test_the_columns_given_are_left_alone():
    effects, weights, columns = made(5)
    before = columns.copy()
    absorber(effects, weights).residual(columns)
    assert np.array_equal(columns, before)


# ---------------------------------------------------------------- accuracy


def exactly(columns: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Residuals of two-way demeaning in rational arithmetic, rounded once at the end."""
    width = int(left.max()) + int(right.max()) + 1  # the second effect without its first level
    rows = [{int(a): 1, **({int(left.max()) + int(b): 1} if b else {})} for a, b in zip(left, right, strict=True)]
    m = [[Fraction(0)] * (width + columns.shape[1]) for _ in range(width)]
    for row, values in zip(rows, columns, strict=True):
        for i in row:
            for j in row:
                m[i][j] += 1
            for c, value in enumerate(values):
                m[i][width + c] += Fraction(float(value))
    for i in range(width):
        pivot = m[i][i]
        m[i] = [v / pivot for v in m[i]]
        for k in range(width):
            if k != i and m[k][i]:
                m[k] = [a - m[k][i] * b for a, b in zip(m[k], m[i], strict=True)]
    fitted = [[sum(m[i][width + c] for i in row) for c in range(columns.shape[1])] for row in rows]
    return np.array(
        [[float(Fraction(float(v)) - f) for v, f in zip(r, g, strict=True)] for r, g in zip(columns, fitted, strict=True)]
    )


@pytest.mark.parametrize("share", [1.0, 1e-4, 1e-8])
def test_what_is_nearly_absorbed_keeps_its_digits(share):
    """A column of which the effects leave only a small share: no error beyond the rounding of its own elements."""
    rng = np.random.default_rng(4)
    left, right = rng.integers(0, 6, 30), rng.integers(0, 4, 30)
    column = rng.normal(size=6)[left] + rng.normal(size=4)[right] + share * rng.normal(size=30)
    want = exactly(column[:, None], left, right)
    got = absorber([left, right], None).residual(column[:, None])
    assert np.abs(got - want).max() < np.finfo(float).eps * np.abs(column).max()


def test_a_long_chain_of_levels():
    """Workers who each link two neighbouring firms: effects of which iterative absorbers need 100,000 sweeps."""
    links = 300
    worker = np.repeat(np.arange(links), 2)
    firm = worker + np.tile([0, 1], links)
    column = np.random.default_rng(0).normal(size=(2 * links, 2))
    column[0] += 5
    more = np.r_[worker, worker[::7]], np.r_[firm, firm[::7]]
    column = np.vstack([column, np.random.default_rng(1).normal(size=(len(worker[::7]), 2))])
    given = absorber(more, None)
    left = given.residual(column)
    hat = projection(more, None)
    assert given.rank == rank(more)
    assert left == pytest.approx(column - hat @ column, abs=1e-11)
    for code in more:
        assert np.abs(sums(left, code, int(code.max()) + 1)).max() < 1e-13


def test_weights_of_very_different_size():
    effects, _, columns = made(8)
    weights = 10.0 ** np.random.default_rng(0).uniform(-5, 5, len(columns))
    given = absorber(effects, weights)
    left = given.residual(columns)
    for code in effects:
        gone = sums(left * weights[:, None], code, int(code.max()) + 1)
        size = sums(np.abs(columns) * weights[:, None], code, int(code.max()) + 1)
        assert np.abs(gone / np.where(size > 0, size, 1)).max() < 1e-12
    assert given.rank == rank(effects)


def test_beyond_the_limit_absorption_is_iterative(monkeypatch):
    effects, weights, columns = made(5)
    want = absorber(effects, weights).residual(columns)
    monkeypatch.setattr("parity.algebra.absorb.DENSE_LEVELS", 2)
    given = absorber(effects, weights)
    assert not given.exact and given.residual(columns) == pytest.approx(want, abs=1e-8)
    for ask in (lambda: given.rank, given.leverage, given.basis):
        with pytest.raises(TooLarge, match="levels beside the largest"):
            ask()


def test_norms():
    columns = np.random.default_rng(0).normal(size=(50, 3))
    assert norms(columns) == pytest.approx(np.linalg.norm(columns, axis=0), rel=1e-15)
