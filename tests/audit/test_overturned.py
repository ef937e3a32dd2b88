"""The fewest choices that overturn a claim, against a search over all sets of changes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from made_outcomes import made
from parity.audit.overturned import MOST_LISTED, changes, distances, overturned


def by_search(outcomes, fails) -> tuple[int | None, set[tuple[int, ...]]]:
    """Changes of 0, 1, 2 ... axes in turn, until one of the specifications so reached is in `fails`."""
    place = {tuple(int(v) for v in row): i for i, row in enumerate(outcomes.choices)}
    base = [a.base for a in outcomes.axes]
    for k in range(len(base) + 1):
        hits = set()
        for where in itertools.combinations(range(len(base)), k):
            others = [[o for o in range(len(outcomes.axes[j].options)) if o != base[j]] for j in where]
            for options in itertools.product(*others):
                spec = list(base)
                for j, o in zip(where, options, strict=True):
                    spec[j] = o
                i = place.get(tuple(spec))
                if i is not None and np.isfinite(outcomes.coef[i]) and fails[i]:
                    hits.add(tuple(spec))
        if hits:
            return k, hits
    return None, set()


@pytest.mark.parametrize("seed", range(12))
def test_random_audits(seed):
    rng = np.random.default_rng(seed)
    sizes = tuple(int(n) for n in rng.integers(2, 4, size=5))
    whole = int(np.prod(sizes))
    keep = np.flatnonzero((rng.random(whole) < 0.8) | (np.arange(whole) == 0))
    n = len(keep)
    coef = rng.normal(1.5, 1, n)
    coef[0] = 1.0
    coef[1:][rng.random(n - 1) < 0.1] = np.nan
    p = rng.random(n) ** 2
    outcomes = made(sizes, lambda c: coef, keep, p=p)
    found = {f.claim: f for f in overturned(outcomes, most=10_000)}
    star = "ends" if p[0] < 0.05 else "creates"
    assert set(found) == {"sign", star}
    for claim, fails in (("sign", coef <= 0), (star, (p >= 0.05) == (p[0] < 0.05))):
        fewest, hits = by_search(outcomes, fails)
        assert found[claim].fewest == fewest and found[claim].count == len(hits)
        assert {tuple(int(v) for v in outcomes.choices[s.spec]) for s in found[claim].sets} == hits
        assert found[claim].total == int((fails & np.isfinite(coef)).sum())
        assert sum(d.specs for d in found[claim].distances) == int(np.isfinite(coef).sum())


def test_changes_are_named_and_the_clearest_comes_first():
    outcomes = made((2, 2, 2), lambda c: np.array([1, 2, 3, -1, 2, -5, 3, -9.0]))
    sign = overturned(outcomes)[0]
    assert (sign.fewest, sign.count, sign.total) == (2, 2, 3)
    assert [(c.axis, c.before, c.after) for c in sign.sets[0].changes] == [("a0", "o0", "o1"), ("a2", "o0", "o1")]
    assert sign.sets[0].coef == -5.0
    assert changes(outcomes, 0) == ()


def test_a_claim_that_nothing_overturns():
    found = overturned(made((2, 2), lambda c: np.ones(len(c)), p=0.001), levels=(0.01, 0.0001))
    assert [(f.claim, f.fewest, f.count, f.total) for f in found] == [
        ("sign", None, 0, 0), ("ends", None, 0, 0), ("creates", None, 0, 0),
    ]  # fmt: skip


def test_p_at_the_level_is_not_below_it():
    found = overturned(made((2,), lambda c: np.ones(2), p=[0.04, 0.05]))
    assert (found[1].claim, found[1].fewest) == ("ends", 1)


def test_without_the_audited_specification_there_is_no_distance_to_it():
    assert overturned(made((2, 2), lambda c: np.ones(len(c)), np.array([1, 2, 3]))) == ()
    assert overturned(made((2,), lambda c: np.array([np.nan, 1.0]))) == ()


def test_a_list_is_cut_and_says_how_many_there_are():
    sign = overturned(made((60,), lambda c: np.where(c[:, 0] == 0, 1.0, -1.0)))[0]
    assert len(sign.sets) == MOST_LISTED and sign.count == 59


def test_distances_of_many_axes():
    outcomes = made((2,) * 8, lambda c: np.ones(len(c)))
    assert np.array_equal(distances(outcomes), (outcomes.choices != 0).sum(1))
