"""egen over groups, all groups at once, against a loop over the groups that says what each function is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from parity.stata.commands.segments import OVER_GROUPS, Segments
from parity.stata.percentiles import percentile
from parity.stata_language.command import read
from parity.stata_language.dataset import Column, Dataset


def spread(value):
    return lambda x: np.full(len(x), value(x[~np.isnan(x)]))


def several(value, least=1):
    return spread(lambda x: value(x) if len(x) >= least else np.nan)


def placed(value):
    def call(x):
        out = np.full(len(x), np.nan)
        there = ~np.isnan(x)
        out[there] = value(x[there])
        return out

    return call


def mode(x):
    values, counts = np.unique(x, return_counts=True)
    best = values[counts == counts.max()]
    return best[0] if len(best) == 1 else np.nan


BY_HAND = {
    "mean": several(np.mean), "max": several(np.max), "min": several(np.min), "sd": several(lambda x: x.std(ddof=1), 2),
    "var": several(lambda x: x.var(ddof=1), 2), "total": spread(np.sum), "sum": spread(np.sum), "count": spread(len),
    "median": several(lambda x: percentile(x, 50)), "pctile": several(lambda x: percentile(x, 50)),
    "iqr": several(lambda x: percentile(x, 75) - percentile(x, 25)), "mode": several(mode),
    "std": placed(lambda x: (x - x.mean()) / x.std(ddof=1) if len(x) > 1 else np.full(len(x), np.nan)),
    "rank": placed(stats.rankdata), "pc": placed(lambda x: 100 * x / x.sum()),
    "mad": several(lambda x: percentile(np.abs(x - percentile(x, 50)), 50)),
    "mdev": several(lambda x: np.mean(np.abs(x - x.mean()))),
    "skew": several(lambda x: stats.skew(x) if x.std() else np.nan),
    "kurt": several(lambda x: stats.kurtosis(x, fisher=False) if x.std() else np.nan), "prod": several(np.prod),
    "nvals": several(lambda x: len(np.unique(x))), "semean": several(lambda x: x.std(ddof=1) / np.sqrt(len(x)), 2),
    "first": several(lambda x: x[0]), "firstnm": several(lambda x: x[0]), "last": several(lambda x: x[-1]),
    "lastnm": several(lambda x: x[-1]),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", OVER_GROUPS)
def test_all_groups_at_once(name, seed):
    rng = np.random.default_rng(seed)
    code = np.sort(rng.integers(0, 30, 300))
    code = np.unique(code, return_inverse=True)[1]
    x = np.round(rng.normal(size=300) * 3) + 0.5
    x[rng.uniform(size=300) < 0.2] = np.nan
    x[code == 3] = np.nan  # a group without a value
    got = OVER_GROUPS[name](Segments(x, code), read("egen"))
    wanted = np.concatenate([BY_HAND[name](x[code == g]) for g in range(code[-1] + 1)])
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("option", "method"), [("field", "min"), ("track", "min"), ("unique", "ordinal")])
def test_ranks_of_other_kinds(option, method):
    x = np.array([3.0, 1, 3, np.nan, 2, 5, 5, 1])
    code = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    got = OVER_GROUPS["rank"](Segments(x, code), read(f"egen, {option}"))
    wanted = np.full(8, np.nan)
    for g in (0, 1):
        rows = np.flatnonzero((code == g) & ~np.isnan(x))
        wanted[rows] = stats.rankdata(-x[rows] if option == "field" else x[rows], method)
    np.testing.assert_array_equal(got, wanted)


def test_columns_taken_many_times_are_those_of_one_taking():
    """Sorting puts a column off until it is read: in whatever order that happens, the values are the same."""
    rng = np.random.default_rng(0)
    values = {n: rng.normal(size=50) for n in "abc"}
    data = Dataset({n: Column(v, "double") for n, v in values.items()}, 50)
    index = np.arange(50)
    for i in range(12):
        rows = rng.permutation(len(index)) if i % 3 else rng.uniform(size=len(index)) < 0.9
        data = data.taken(rows, ordered=False)
        index = index[rows]
        if i % 4 == 1:
            np.testing.assert_array_equal(data["a"].values, values["a"][index])
        data = data.with_columns({f"n{i}": Column(index.astype(float), "double")})
    assert data.rows == len(index)
    for name in "abc":
        np.testing.assert_array_equal(data[name].values, values[name][index])
    np.testing.assert_array_equal(data["n11"].values, index)
    assert sorted(data["n2"].values.tolist()) != [] and len(data["n2"].values) == len(index)
