"""Facts against brute force: levels, nesting, components, ranks, singletons, collinearity."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.algebra.absorb import by_least_squares
from parity.algebra.collinear import absorbed, independent, partialled
from parity.conventions import facts as f
from parity.sample.build import singletons_dropped


def several(least: int, most: int):
    return st.integers(1, 14).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=n, max_size=n).map(np.array), min_size=least, max_size=most)
    )


def dummies(effects) -> np.ndarray:
    return np.hstack([(e[:, None] == np.unique(e)).astype(float) for e in effects])


def union_find(left, right) -> int:
    parent: dict = {}

    def root(a):
        while parent.setdefault(a, a) != a:
            a = parent[a]
        return a

    for a, b in zip(left, right, strict=True):
        parent[root(("l", int(a)))] = root(("r", int(b)))
    return len({root(a) for a in list(parent)})


@settings(max_examples=150, deadline=None)
@given(several(2, 2))
def test_components_as_union_find_counts_them(effects):
    assert f.connected_components(*effects) == union_find(*effects)


@settings(max_examples=150, deadline=None)
@given(several(1, 4))
def test_absorbed_rank_is_the_rank_of_the_dummies(effects):
    names = [f"e{i}" for i in range(len(effects))]
    counted = f.count(
        dict(zip(names, effects, strict=True)),
        {},
        nobs=len(effects[0]),
        nobs_weighted=len(effects[0]),
        n_slopes=0,
        intercept=False,
    )
    assert counted.absorbed_rank == np.linalg.matrix_rank(dummies(effects))
    assert [a.levels for a in counted.absorbed] == [len(set(e.tolist())) for e in effects]


def test_absorbed_rank_of_a_long_chain_and_of_weighty_levels():
    n = 400
    chain = [np.repeat(np.arange(n), 2)[1:-1], np.repeat(np.arange(n - 1), 2), np.zeros(2 * n - 2, dtype=int)]
    components = {(0, 1): 1, (0, 2): 1, (1, 2): 1}
    assert f.absorbed_rank(chain, components) == n + n - 1 + 1 - 2
    heavy = [np.r_[np.zeros(20_000, int), 1, 2], np.r_[np.zeros(20_000, int), 1, 1], np.r_[np.zeros(20_001, int), 1]]
    pairs = {(i, j): f.connected_components(heavy[i], heavy[j]) for i, j in itertools.combinations(range(3), 2)}
    assert f.absorbed_rank(heavy, pairs) == np.linalg.matrix_rank(dummies(heavy))


def test_above_the_limit_three_effects_use_the_pairwise_bound(monkeypatch):
    rng = np.random.default_rng(3)
    effects = [rng.integers(0, 9, 60) for _ in range(3)]
    pairs = {(i, j): f.connected_components(effects[i], effects[j]) for i, j in itertools.combinations(range(3), 2)}
    exact = f.absorbed_rank(effects, pairs)
    monkeypatch.setattr(f, "EXACT_RANK_COLUMNS", 5)
    assert exact <= f.absorbed_rank(effects, pairs) == 27 - 1 - 1


@settings(max_examples=150, deadline=None)
@given(several(2, 2))
def test_nesting(effects):
    inner, outer = effects
    brute = all(len(set(outer[inner == level].tolist())) == 1 for level in np.unique(inner))
    assert f.is_nested(inner, outer) == brute


@settings(max_examples=100, deadline=None)
@given(several(1, 3))
def test_combine_and_clusters_of_every_subset(columns):
    names = tuple("abc"[: len(columns)])
    clusters = dict(zip(names, columns, strict=True))
    counted = f.count({}, clusters, nobs=len(columns[0]), nobs_weighted=1, n_slopes=1, intercept=True)
    assert set(counted.clusters) == set(f.subsets(names))
    for subset, n in counted.clusters.items():
        assert n == len(set(zip(*(clusters[c].tolist() for c in subset), strict=True)))
    assert counted.min_clusters == min(len(set(c.tolist())) for c in columns)


@settings(max_examples=150, deadline=None)
@given(several(1, 3), st.data())
def test_singletons_are_dropped_until_none_is_left(effects, data):
    n = len(effects[0])
    weights = data.draw(
        st.none() | st.lists(st.integers(1, 2), min_size=n, max_size=n).map(lambda w: np.array(w, dtype=float))
    )
    kept = set(range(n))
    while True:
        lone = {
            i for i in kept for e in effects if sum(1 if weights is None else weights[j] for j in kept if e[j] == e[i]) == 1
        }  # fmt: skip
        if not lone:
            break
        kept -= lone
    named = {str(i): e for i, e in enumerate(effects)}
    assert set(np.flatnonzero(singletons_dropped(named, weights)).tolist()) == kept


def test_a_chain_of_singletons_unravels():
    left, right = np.repeat(np.arange(6), 2)[1:], np.repeat(np.arange(6), 2)[:-1]
    assert singletons_dropped({"a": left, "b": right}).sum() == 0


# ---------------------------------------------------------------- collinear columns


def independent_columns(columns, effects, intercept, weights):
    return independent(*partialled(columns, effects, intercept, weights))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 14), st.integers(1, 6), st.booleans(), st.integers(0, 2), st.booleans())
def test_independent_columns_raise_the_rank(seed, n, k, intercept, n_effects, weighted):
    rng = np.random.default_rng(seed)
    columns = rng.integers(-2, 3, (n, k)).astype(float)
    effects = [rng.integers(0, 3, n) for _ in range(n_effects)]
    weights = rng.integers(1, 4, n).astype(float) if weighted else None
    root = np.sqrt(weights)[:, None] if weighted else 1.0
    before = dummies(effects) if effects else np.ones((n, 1)) if intercept else np.empty((n, 0))
    mask = independent_columns(columns, effects, intercept, weights)
    design = before
    for j in range(k):
        rank = np.linalg.matrix_rank(design * root) if design.shape[1] else 0
        design = np.column_stack([design, columns[:, j]])
        assert mask[j] == (np.linalg.matrix_rank(design * root) > rank), (j, columns, effects)


def test_scale_does_not_decide_collinearity():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, 3))
    tiny, huge = x * [1e-12, 1, 1e12], np.column_stack([x, x[:, 0] * 3e8])
    assert independent_columns(tiny, [], True, None).all()
    assert independent_columns(huge, [], True, None).tolist() == [True, True, True, False]
    twin = np.column_stack([x[:, 0], x[:, 0] + 1e-4 * x[:, 1]])
    assert independent_columns(twin, [], True, None).all()


def test_columns_absorbed_by_badly_connected_effects_are_seen():
    n = 300  # a chain: the worst graph for an iterative projection
    left, right = np.repeat(np.arange(n), 2)[1:-1], np.repeat(np.arange(n - 1), 2)
    rng = np.random.default_rng(7)
    both = rng.normal(size=n)[left] + rng.normal(size=n - 1)[right]
    mask = independent_columns(both[:, None], [left, right], False, None)
    assert not mask[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_both_ways_to_absorb_project_on_the_dummies(seed):
    rng = np.random.default_rng(seed)
    effects = [rng.integers(0, 4, 20), rng.integers(0, 3, 20)]
    w, x = rng.uniform(0.5, 2, 20), rng.normal(size=(20, 2))
    root = np.sqrt(w)[:, None]
    d = dummies(effects) * root
    expected = x * root - d @ np.linalg.lstsq(d, x * root, rcond=None)[0]
    np.testing.assert_allclose(by_least_squares(x, effects, w), expected, atol=1e-10)
    np.testing.assert_allclose(absorbed(x, effects, w), expected, atol=1e-13)


@pytest.mark.parametrize("n", [1, 2])
def test_more_columns_than_rows(n):
    assert independent_columns(np.eye(5)[:n], [], False, None).sum() == n


def test_codes_far_apart_are_sorted_and_not_tabulated():
    """A table of all codes would take a terabyte."""
    far = np.array([10**12, 0, 10**12, 7])
    assert f.n_levels(far) == 3 and sorted(f.sizes(far).tolist()) == [1, 1, 2]
    assert f.compact(far).tolist() == [2, 0, 2, 1]
    assert f.combine([far, np.array([0, 0, 1, 0])]).tolist() == [2, 0, 3, 1]


def test_a_code_that_no_row_has_is_no_level():
    holes = np.array([4, 4, 0, 2])
    assert f.sizes(holes).tolist() == [1, 1, 2] and f.n_levels(holes) == 3 and f.compact(holes).tolist() == [2, 2, 0, 1]
    below = np.array([-1, 5, -1])
    assert f.compact(below).tolist() == [0, 1, 0] and f.n_levels(below) == 2 and f.sizes(below).tolist() == [2, 1]


def test_codes_may_be_unsigned_and_there_may_be_none():
    unsigned = np.array([3, 3, 5], dtype=np.uint64)
    assert f.n_levels(unsigned) == 2 and f.sizes(unsigned).tolist() == [2, 1] and f.compact(unsigned).tolist() == [0, 0, 1]
    none = np.array([], dtype=np.int64)
    assert f.is_nested(none, none) and f.n_levels(none) == 0 and f.absorbed_rank([none] * 3, {}) == 0


def test_two_effects_are_counted_by_their_components_and_three_lose_the_most_of_any_pair(monkeypatch):
    def refused(effects):
        raise AssertionError("the rank of two effects is exact without a matrix")

    monkeypatch.setattr(f, "_dummy_rank", refused)
    a, b, c = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 3]), np.array([0, 0, 0, 1, 1, 1])
    pairs = {(0, 1): 2, (0, 2): 1, (1, 2): 1}
    for (i, j), parts in pairs.items():
        assert f.connected_components((a, b, c)[i], (a, b, c)[j]) == parts
    assert f.absorbed_rank([a, b], {(0, 1): 2}) == 3 + 4 - 2
    monkeypatch.setattr(f, "EXACT_RANK_COLUMNS", 1)
    assert f.absorbed_rank([c, a, b], {(0, 1): 1, (0, 2): 1, (1, 2): 2}) == 2 + 3 + 4 - 1 - 2


def test_a_level_with_one_row_is_told():
    for codes, lone in (([0, 0, 1], True), ([0, 0, 1, 1], False), ([0, 1, 2], True)):
        e = np.array(codes)
        counted = f.count({"e": e}, {}, nobs=len(e), nobs_weighted=len(e), n_slopes=1, intercept=False)
        assert counted.lone is lone and counted.rank == 1 + len(set(codes))


def test_of_what_nothing_is_said_nothing_is_counted():
    counted = f.count({}, {}, nobs=5, nobs_weighted=5, n_slopes=2, intercept=True)
    assert (counted.periods, counted.n_missing, counted.n_zero_weight, counted.n_singletons) == (0, 0, 0, 0)
    assert counted.n_separated == 0
    bare = f.Facts(nobs=5, nobs_weighted=5, n_slopes=2, intercept=True, clusters={})
    assert (bare.periods, bare.n_missing, bare.n_zero_weight, bare.n_singletons, bare.absorbed_rank) == (0, 0, 0, 0, 0)
    assert bare.rank == 2 and bare.balanced and not bare.lone


def test_three_effects_of_three_thousand_levels_have_an_exact_rank(monkeypatch):
    """One level more, and reghdfe's bound stands in; the rank itself would take a matrix of that size."""
    monkeypatch.setattr(f, "_dummy_rank", lambda effects: -1)
    one = np.zeros(2998, dtype=int)
    pairs = {(0, 1): 1, (0, 2): 1, (1, 2): 1}
    assert f.absorbed_rank([np.arange(2998), one, one], pairs) == -1
    more = np.zeros(2999, dtype=int)
    assert f.absorbed_rank([np.arange(2999), more, more], pairs) == 3001 - 1 - 1


def test_facts_of_a_panel_by_hand():
    """Firms 0, 0, 1, 1, 2 in years 0, 1, 0, 1, 2 and regions 0, 0, 1, 1, 1: firm 2 and its year stand apart."""
    firm, year, region = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 2]), np.array([0, 0, 1, 1, 1])
    counted = f.count({"firm": firm, "year": year}, {"region": region, "firm": firm}, nobs=5, nobs_weighted=7.5, n_slopes=2,
                      intercept=False, periods=3, dropped=("z",), n_missing=1, n_zero_weight=2, n_singletons=4,
                      unit=firm)  # fmt: skip
    assert counted.absorbed == (f.Absorbed("firm", 3, ("region", "firm")), f.Absorbed("year", 3, ()))
    assert counted.components == {(0, 1): 2} and counted.absorbed_rank == 3 + 3 - 2 and counted.rank == 6
    assert counted.clusters == {("region",): 2, ("firm",): 3, ("region", "firm"): 3} and counted.min_clusters == 2
    assert (counted.nobs, counted.nobs_weighted, counted.n_slopes, counted.intercept) == (5, 7.5, 2, False)
    assert (counted.periods, counted.dropped) == (3, ("z",))
    assert (counted.n_missing, counted.n_zero_weight, counted.n_singletons) == (1, 2, 4)
    assert counted.lone and not counted.balanced and counted.own_df == {} and counted.no_own_df == ""
    even = f.count({}, {}, nobs=4, nobs_weighted=4, n_slopes=2, intercept=True, unit=firm[:4])
    assert even.balanced and not even.lone and even.absorbed_rank == 0 and even.clusters == {}


def test_a_long_chain_beside_a_weighty_level_has_its_rank():
    """Columns are scaled to length one: else 20,000 rows of one level would drown the chain's least singular value."""
    n, heavy = 400, 20_000
    chain = [np.repeat(np.arange(n), 2)[1:-1], np.repeat(np.arange(n - 1), 2), np.zeros(2 * n - 2, dtype=int)]
    both = [np.r_[c, np.full(heavy, c.max() + 1)] for c in chain]
    distinct = np.unique(np.column_stack(both), axis=0)  # how often a row stands moves no rank
    assert f._dummy_rank(both) == np.linalg.matrix_rank(dummies(list(distinct.T)))
