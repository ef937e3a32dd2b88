"""Ranks, orders and joins of large data take short ways: they give what Python's own sorting and loops give."""

from __future__ import annotations

import numpy as np
import pytest

from parity.stata.commands.combine import _joined, _pairs, keys_of
from parity.stata.commands.egen import RowsOf
from parity.stata.commands.segments import IN_ANY_ORDER
from parity.stata.groups import order, ranked, whole
from parity.stata_language.command import read
from parity.stata_language.dataset import Column, Dataset
from parity.stata_language.values import codes, missing


def small(rng, n):
    return rng.integers(-3, 4, n).astype(float)


def far(rng, n):
    return rng.choice([-1e15, -2.0, 7.0, 1e9, 2.0**53], n)


def fractions(rng, n):
    return np.round(rng.normal(size=n), 1)


def wide(rng, n):
    return rng.integers(0, 3 * n, n).astype(float)


def lossy(draw):
    def call(rng, n):
        values = draw(rng, n)
        values[rng.uniform(size=n) < 0.3] = missing(0)
        values[rng.uniform(size=n) < 0.2] = missing(26)
        values[rng.uniform(size=n) < 0.2] = missing(3)
        return values

    return call


def none(rng, n):
    return np.array([missing(int(c)) for c in rng.integers(0, 27, n)])


def texts(rng, n):
    return rng.choice(np.array(["", "a", "B", "ä", "aa", "企"], dtype=object), n)


KINDS = [small, far, fractions, wide, lossy(small), lossy(far), lossy(fractions), none, texts]


def column(draw, rng, n):
    values = draw(rng, n)
    return Column(values, "str3" if values.dtype == object else "double")


def place(value):
    """By what Stata sorts: numbers, then `.`, `.a` ... `.z`; texts by their bytes."""
    if isinstance(value, str):
        return value.encode()
    return (1, int(codes(np.array([value]))[0])) if np.isnan(value) else (0, value)


@pytest.mark.parametrize("draw", KINDS)
def test_ranks_are_those_of_sorted_values(draw):
    values = column(draw, np.random.default_rng(1), 200)
    places = [place(v) for v in values.values]
    rank = {p: i for i, p in enumerate(sorted(set(places)))}
    assert ranked(values).tolist() == [rank[p] for p in places]


@pytest.mark.parametrize("n", [1, 7, 300, 70_000])
@pytest.mark.parametrize(
    "draws", [(small,), (lossy(small), texts), (fractions, small), (wide, wide), (far, lossy(fractions), none)]
)
def test_rows_are_ordered_as_sorted_orders_them(draws, n):
    rng = np.random.default_rng(n)
    data = Dataset({f"x{i}": column(draw, rng, n) for i, draw in enumerate(draws)}, n)
    descending = [bool(i % 2) for i in range(len(draws))]
    for down in ([], descending):
        ranks = [ranked(c) * (-1 if down and d else 1) for c, d in zip(data.columns.values(), descending, strict=True)]
        keys = list(zip(*[r.tolist() for r in ranks], strict=True))
        positions, tied = order(data, tuple(data.columns), down)
        assert positions.tolist() == sorted(range(n), key=keys.__getitem__)
        assert tied == (len(set(keys)) < n)


def joined_by_hand(master, using, keys):
    """Rows of both as dictionaries, paired one by one."""
    rows, met = [], set()
    b = [tuple(place(using[k].values[j]) for k in keys) for j in range(using.rows)]
    for i in range(master.rows):
        key = tuple(place(master[k].values[i]) for k in keys)
        partners = [j for j in range(using.rows) if b[j] == key]
        met |= set(partners)
        rows += [(i, j) for j in partners] or [(i, None)]
    return rows + [(None, j) for j in range(using.rows) if j not in met]


def same(a, b):
    return a == b if isinstance(a, str) else a == b or (np.isnan(a) and np.isnan(b) and place(a) == place(b))


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (40, 15), (15, 60)])
@pytest.mark.parametrize("draws", [(small,), (lossy(small), texts), (fractions, lossy(far))])
def test_joined_rows_are_those_paired_one_by_one(draws, n, m):
    rng = np.random.default_rng(n + m)
    keys = tuple(f"k{i}" for i in range(len(draws)))
    master = Dataset(
        {k: column(d, rng, n) for k, d in zip(keys, draws, strict=True)}
        | {"both": column(lossy(small), rng, n), "t": column(texts, rng, n)},
        n,
    )
    using = Dataset(
        {k: column(d, rng, m) for k, d in zip(keys, draws, strict=True)}
        | {"both": column(small, rng, m), "w": column(texts, rng, m), "v": column(none, rng, m)},
        m,
    )
    data, unread = (_joined(master, using, keys, *_pairs(*keys_of(master, using, keys), "1:m")) for _ in range(2))
    wanted = joined_by_hand(master, using, keys)
    assert data.rows == len(wanted)
    for name in data.columns:
        for at, (i, j) in enumerate(wanted):
            if i is not None and name in master.columns:
                expected = master[name].values[i]
            elif j is not None and name in using.columns:
                expected = using[name].values[j]
            else:
                expected = "" if data[name].text else np.nan
            assert same(data[name].values[at], expected), (name, at)
    chosen = rng.permutation(data.rows)[: data.rows // 2]
    for name, taken in unread.taken(chosen, ordered=False).columns.items():
        assert all(same(a, b) for a, b in zip(taken.values, data[name].values[chosen], strict=True)), name


def test_rows_taken_of_gaps_stay_gaps():
    """A column taken twice before anybody reads it keeps its missing rows."""
    from parity.stata_language.dataset import Rows

    source = Column(np.array([10.0, 20.0]), "double")
    once = source.picked(Rows(np.array([1, -1, 0]), gaps=True), {})
    twice = Dataset({"x": once}, 3).taken(np.array([1, 2, 0]))
    np.testing.assert_array_equal(twice["x"].values, [np.nan, 10.0, 20.0])
    empty = Column(np.zeros(0), "double").picked(Rows(np.array([-1]), gaps=True), {})
    assert np.isnan(empty.values).all()


@pytest.mark.parametrize("function", sorted(IN_ANY_ORDER))
def test_sums_of_scattered_rows_are_those_of_sorted_ones(function):
    """To the last bit: a group's values are added in the order of its rows either way."""
    rng = np.random.default_rng(5)
    n = 500
    data = Dataset({"g": column(lossy(small), rng, n), "h": column(texts, rng, n)}, n)
    values, used = rng.normal(size=n), rng.uniform(size=n) < 0.8
    values[rng.uniform(size=n) < 0.2] = np.nan
    given = read("egen y = mean(x)")
    scattered = RowsOf(data, ("g", "h"), whole(n)).apply(values, used, function, given)
    positions, _ = order(data, ("g", "h"))
    ordered = RowsOf(data.taken(positions), ("g", "h"), whole(n))
    out = np.empty(n)
    out[positions] = RowsOf(ordered.data, None, ordered.groups).apply(values[positions], used[positions], function, given)
    np.testing.assert_array_equal(scattered, out)
