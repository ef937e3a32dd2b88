"""Batches of subsets against least squares of each by itself, and sandwiches against their definition."""

import tracemalloc
from itertools import combinations

import numpy as np
import pytest

from parity.algebra import subsets
from parity.algebra.subsets import Coordinates, Meat, Solved, Solver

N, P, G = 90, 5, 12


@pytest.fixture(params=["exogenous", "instrumented"])
def problem(request):
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(N, P)) * 10.0 ** np.arange(P), rng.normal(size=(N, 2))
    d = x[:, 0] + z @ [1.0, -0.5] + rng.normal(size=N)
    y = 0.3 * d + x @ np.full(P, 0.1) + rng.normal(size=N)
    tools = z if request.param == "instrumented" else np.empty((N, 0))
    q, r = np.linalg.qr(np.column_stack([x, tools, d, y]))
    size = np.linalg.norm
    at = Coordinates(r[:, -1], r[:, -2], r[:, :P].T, r[:, P:-2].T, (size(y), size(d), size(x, axis=0), size(tools, axis=0)))
    return x, tools, d, y, q, at


def solve(at, sets) -> Solved:
    """Solutions of sets given by the numbers of their columns, in that order."""
    inside = np.zeros((len(sets), len(at.others)), dtype=bool)
    for row, which in zip(inside, sets, strict=True):
        row[list(which)] = True
    parts = list(Solver(at).of(inside))
    order = np.argsort(np.concatenate([which for which, _ in parts]))
    names = ("coef", "pull", "resid", "clear")
    return Solved(*(np.concatenate([getattr(s, n) for _, s in parts], axis=-1)[..., order] for n in names))


def by_hand(x, tools, d, y, which):
    columns = np.column_stack([d, x[:, which]])
    first = np.column_stack([tools, x[:, which]]) if tools.shape[1] else columns
    fitted = first @ np.linalg.lstsq(first, columns, rcond=None)[0]
    b = np.linalg.lstsq(fitted, y, rcond=None)[0]
    return b[0], np.linalg.pinv(fitted)[0], y - columns @ b


@pytest.mark.parametrize("k", range(P + 1))
def test_coefficients_and_sandwiches_of_every_subset(problem, k):
    x, tools, d, y, q, at = problem
    sets = [list(c) for c in combinations(range(P), k)]
    solved = solve(at, sets)
    assert solved.clear.all()
    code = np.arange(N) % G
    counts = 1.0 + np.arange(N) % 3
    z = Meat.products(solved.pull, solved.resid)
    clustered, robust = Meat(q, code).variances(z), Meat(q, None, counts).variances(z)
    for i, which in enumerate(sets):
        coef, pull, resid = by_hand(x, tools, d, y, which)
        scores = pull * resid
        assert solved.coef[i] == pytest.approx(coef, rel=1e-9)
        assert clustered[i] == pytest.approx(np.square(np.bincount(code, scores)).sum(), rel=1e-8)
        assert robust[i] == pytest.approx((scores**2 / counts).sum(), rel=1e-8)


def test_sets_in_any_order_of_any_size_a_few_at_a_time(problem, monkeypatch):
    """Batches of three: what subsets share is found anew in each, and none is mistaken for another."""
    x, tools, d, y, _, at = problem
    every = [list(c) for k in range(P + 1) for c in combinations(range(P), k)]
    sets = [every[i] for i in np.random.default_rng(6).permutation(len(every))[:20]]
    monkeypatch.setattr(subsets, "BATCH", 3)
    solved = solve(at, [*sets, sets[0]])
    assert solved.coef[-1] == pytest.approx(solved.coef[0], rel=1e-14)
    assert solved.coef[:-1] == pytest.approx([by_hand(x, tools, d, y, which)[0] for which in sets], rel=1e-9)


def test_a_column_like_another_makes_only_the_sets_with_both_unclear(problem):
    """Whichever of them comes first, and where the one is all others together."""
    *_, at = problem
    for like in (at.others[0] + 1e-5 * at.others[1] / 10, at.others[0] + at.others[2] / 100):
        others = np.vstack([at.others, like * 7])
        sizes = (*at.sizes[:2], np.append(at.sizes[2], np.linalg.norm(like * 7)), at.sizes[3])
        found = solve(Coordinates(at.outcome, at.column, others, at.tools, sizes), [[0, 2, P], [0, 1], [1, P]])
        assert found.clear.tolist() == [False, True, True]


def test_many_clusters_and_few_are_one_number(problem):
    *_, q, at = problem
    solved = solve(at, [[0, 1]])
    z = Meat.products(solved.pull, solved.resid)
    single = Meat(q, np.arange(N)).variances(z)
    assert single == pytest.approx(Meat(q).variances(z), rel=1e-12)


def test_clusters_of_uneven_sizes_in_any_order_by_the_definition(problem, monkeypatch):
    """More of them than their form is wide, so that it is kept, a block of it at a time."""
    x, tools, d, y, q, at = problem
    code = np.random.default_rng(4).permutation(np.minimum(np.arange(N), 59))  # 59 rows alone, 31 in one cluster
    monkeypatch.setattr(subsets, "STEP", 8)
    assert len(set(code)) > q.shape[1] * (q.shape[1] + 1) / 2 > 8
    solved = solve(at, [[0, 1], [2, 4]])
    found = Meat(q, code).variances(Meat.products(solved.pull, solved.resid))
    for i, which in enumerate(([0, 1], [2, 4])):
        _, pull, resid = by_hand(x, tools, d, y, which)
        assert found[i] == pytest.approx(np.square(np.bincount(code, pull * resid)).sum(), rel=1e-8)


def test_a_cluster_of_many_rows_takes_no_more_than_they_do():
    basis = np.random.default_rng(5).normal(size=(20_000, 20))
    code = np.arange(len(basis)) % 2
    tracemalloc.start()
    Meat(basis, code)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * basis.nbytes


def test_what_is_near_collinear_is_not_clear(problem):
    _x, _tools, _d, _y, _, at = problem
    close = at.others.copy()
    close[1] = close[0] * (1 + 1e-9)
    found = solve(Coordinates(at.outcome, at.column, close, at.tools, at.sizes), [[0, 1], [0, 2]])
    assert found.clear.tolist() == [False, True]
    gone = Coordinates(at.outcome, at.column, at.others, at.tools, (at.sizes[0], 1e9 * at.sizes[1], *at.sizes[2:]))
    assert not solve(gone, [[0], [2]]).clear.any()
