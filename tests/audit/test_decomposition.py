"""Which choice moves a number most, against definitions followed to the letter."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from made_outcomes import made, product
from parity.audit.decomposition import decomposition, energies
from parity.audit.outcomes import Outcomes
from parity.results.audit import Moved


def shapley(d: int, value) -> np.ndarray:
    """Shapley's formula over all coalitions of a function of frozensets."""
    out = np.zeros(d)
    for j in range(d):
        rest = [i for i in range(d) if i != j]
        for size in range(d):
            weight = math.factorial(size) * math.factorial(d - size - 1) / math.factorial(d)
            for u in itertools.combinations(rest, size):
                out[j] += weight * (value(frozenset((*u, j))) - value(frozenset(u)))
    return out


def explained_by(outcomes: Outcomes, values: np.ndarray):
    """Of a set of axes, the variance of the mean given their options (Sobol's closed index), as a share."""

    def value(axes: frozenset[int]) -> float:
        if not axes:
            return 0.0
        cells = {}
        for row, v in zip(outcomes.choices[:, sorted(axes)], values, strict=True):
            cells.setdefault(tuple(row), []).append(v)
        means = np.concatenate([np.full(len(vs), np.mean(vs)) for vs in cells.values()])
        return float(np.var(means) / np.var(values))

    return value


def r2_of(outcomes: Outcomes, values: np.ndarray):
    """Of a set of axes, R2 of the least-squares fit on their dummies."""

    def value(axes: frozenset[int]) -> float:
        x = [np.ones(len(values))]
        for j in axes:
            x += [(outcomes.choices[:, j] == o).astype(float) for o in range(len(outcomes.axes[j].options))]
        x = np.array(x).T
        resid = values - x @ np.linalg.lstsq(x, values, rcond=None)[0]
        return 1 - float(resid @ resid) / float(np.sum((values - values.mean()) ** 2))

    return value


def column(found: Moved, name: str) -> np.ndarray:
    """In the order of the axes."""
    return np.array([getattr(s, name) for s in sorted(found.shares, key=lambda s: int(s.axis[1:]))])


@pytest.mark.parametrize("sizes", [(2, 2, 2, 2), (3, 2, 4), (5, 3), (2, 1, 3, 2), (7,)])
@pytest.mark.parametrize("what", ["coef", "se", "p"])
def test_a_product_is_shared_as_the_definition_says(sizes, what):
    rng = np.random.default_rng(len(sizes))
    n = int(np.prod(sizes))
    outcomes = made(sizes, lambda c: rng.normal(size=n), se=rng.random(n) + 1, p=rng.random(n))
    values, d = outcomes.values(what), len(sizes)
    value = explained_by(outcomes, values)
    found = decomposition(outcomes, what)
    everything = frozenset(range(d))
    assert found.method == "product" and found.variance == pytest.approx(np.var(values), rel=1e-12)
    assert column(found, "shapley") == pytest.approx(shapley(d, value), abs=1e-12)
    assert column(found, "main") == pytest.approx([value(frozenset((j,))) for j in range(d)], abs=1e-12)
    assert column(found, "total") == pytest.approx([1 - value(everything - {j}) for j in range(d)], abs=1e-12)
    assert sum(s.shapley for s in found.shares) == pytest.approx(1)
    for pair in found.interactions:
        j, k = (int(a[1:]) for a in pair.axes)
        both = value(frozenset((j, k))) - value(frozenset((j,))) - value(frozenset((k,)))
        assert pair.share == pytest.approx(both, abs=1e-12)
    assert len(found.interactions) == d * (d - 1) // 2


def test_the_energy_of_a_subset_is_that_of_its_own_contrasts():
    """y = 3 + 2 a + 5 a b on signs: the constant, a and the pair, each N times the squared coefficient."""
    a, b = (product((2, 2, 2))[:, j] * 2.0 - 1 for j in (0, 1))
    energy = energies(3 + 2 * a + 5 * a * b, (2, 2, 2))
    expected = np.zeros((2, 2, 2))
    expected[0, 0, 0], expected[1, 0, 0], expected[1, 1, 0] = 8 * 9, 8 * 4, 8 * 25
    assert energy == pytest.approx(expected, abs=1e-12)


def test_a_planted_choice_comes_first_with_its_interaction():
    rng = np.random.default_rng(3)
    found = decomposition(
        made((2,) * 10, lambda c: 4 * c[:, 3] + 2.0 * c[:, 3] * c[:, 7] + 0.1 * rng.normal(size=len(c)))
    )  # fmt: skip
    assert [s.axis for s in found.shares[:2]] == ["a3", "a7"]
    assert set(found.interactions[0].axes) == {"a3", "a7"}
    assert found.shares[0].means == pytest.approx((0, 5), abs=0.02)


def test_digits_survive_a_mean_far_from_zero():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=64)
    near, far = (decomposition(made((2,) * 6, lambda c, s=s: s + noise)) for s in (0.0, 1e6))
    assert column(far, "shapley") == pytest.approx(column(near, "shapley"), abs=1e-8)


def test_rounding_is_no_variance():
    rng = np.random.default_rng(5)
    for keep in (None, np.arange(1, 64)):
        found = decomposition(made((2,) * 6, lambda c: 0.3 + 1e-16 * rng.integers(-1, 2, len(c)), keep))
        assert found.variance == 0 and found.explained == 0 and not any(s.shapley for s in found.shares)


def test_a_million_specifications_take_no_more_than_their_product_of_contrasts():
    """20 axes: against the two that were planted, whose shares are known in closed form."""
    codes = np.arange(2**20)
    a, b = (codes >> 19) & 1, (codes >> 1) & 1
    energy = energies(1.0 * a + 3.0 * (a * b), (2,) * 20)
    index = np.zeros(20, dtype=int)
    index[[0, 18]] = 1
    # a b on signs: 1/4 (1 + A + B + AB)
    assert energy[tuple(index)] == pytest.approx(2**20 * (3 / 4) ** 2)
    index[18] = 0
    assert energy[tuple(index)] == pytest.approx(2**20 * (1 / 2 + 3 / 4) ** 2)


# ---------------------------------------------------------------- missing specifications


def incomplete(seed: int, sizes=(2, 3, 2, 2, 3)) -> Outcomes:
    rng = np.random.default_rng(seed)
    n = int(np.prod(sizes))
    keep = np.flatnonzero(rng.random(n) < 0.7)
    coef = product(sizes)[keep] @ rng.normal(size=len(sizes)) + rng.normal(size=len(keep))
    coef[::9] = np.nan
    return made(sizes, lambda c: coef, keep)


@pytest.mark.parametrize("seed", range(4))
def test_with_specifications_missing_r2_is_shared_as_the_definition_says(seed):
    outcomes = incomplete(seed)
    good, d = outcomes.estimable, 5
    values = outcomes.coef[good]
    complete = replace(
        outcomes, choices=outcomes.choices[good], coef=values,
        **{name: getattr(outcomes, name)[good] for name in ("se", "p", "df", "nobs")},
    )  # fmt: skip
    value = r2_of(complete, values)
    everything = frozenset(range(d))
    found = decomposition(outcomes)
    assert (found.method, found.specs, found.permutations) == ("regression", int(good.sum()), 0)
    assert column(found, "shapley") == pytest.approx(shapley(d, value), abs=1e-10)
    assert column(found, "main") == pytest.approx([value(frozenset((j,))) for j in range(d)], abs=1e-10)
    assert column(found, "total") == pytest.approx(
        [value(everything) - value(everything - {j}) for j in range(d)], abs=1e-10
    )
    assert found.explained == pytest.approx(value(everything), abs=1e-10)
    assert found.explained < 1


def test_interactions_are_what_the_cells_add_to_r2():
    outcomes = incomplete(7)
    good = outcomes.estimable
    values, choices = outcomes.coef[good], outcomes.choices[good]
    x = np.hstack([(choices[:, [j]] == np.arange(n)).astype(float) for j, n in enumerate((2, 3, 2, 2, 3))])

    def r2(m):
        resid = values - m @ np.linalg.lstsq(m, values, rcond=None)[0]
        return 1 - resid @ resid / np.sum((values - values.mean()) ** 2)

    found = decomposition(outcomes).interactions
    assert len(found) == 10
    for pair in found:
        j, k = (int(a[1:]) for a in pair.axes)
        cells = (choices[:, [j]] * 3 + choices[:, [k]] == np.arange(9)).astype(float)
        assert pair.share == pytest.approx(r2(np.hstack([x, cells])) - r2(x), abs=1e-10)


def test_axes_that_always_go_together_share_what_they_do():
    """Only (0, 0, .) and (1, 1, .) are there: neither moves anything by itself that the other doesn't."""
    keep = np.array([0, 1, 6, 7])
    found = decomposition(made((2, 2, 2), lambda c: 2.0 * c[:, 0] + c[:, 2], keep))
    assert column(found, "shapley") == pytest.approx([0.4, 0.4, 0.2])
    assert column(found, "total") == pytest.approx([0, 0, 0.2], abs=1e-12)


def test_more_axes_than_orders_can_be_counted_are_drawn_with_their_error():
    rng = np.random.default_rng(8)
    keep = np.sort(rng.choice(2**14, size=3_000, replace=False))
    weights = np.linspace(0, 1, 14)
    outcomes = made((2,) * 14, lambda c: c @ weights + (c[:, 13] * c[:, 12]), keep)
    found = decomposition(outcomes, permutations=100, seed=5)
    assert found.permutations == 100 and all(s.error > 0 for s in found.shares)
    assert sum(s.shapley for s in found.shares) == pytest.approx(found.explained)
    assert decomposition(outcomes, permutations=100, seed=5) == found
    other = decomposition(outcomes, permutations=1_000, seed=6)
    z = (column(found, "shapley") - column(other, "shapley")) / np.hypot(column(found, "error"), column(other, "error"))
    assert np.abs(z).max() < 4.5
    assert [s.axis for s in found.shares[:2]] == ["a13", "a12"]


def test_the_product_and_the_regression_agree_where_there_are_no_interactions():
    """Of an additive number, a whole product in another order is shared by regression as by contrasts."""
    weights = np.array([1.0, 2.0, 3.0, 0.0])
    whole = decomposition(made((2, 3, 2, 2), lambda c: c @ weights))
    shuffled = decomposition(made((2, 3, 2, 2), lambda c: c @ weights, np.random.default_rng(1).permutation(24)))
    assert (whole.method, shuffled.method) == ("product", "regression")
    assert column(shuffled, "shapley") == pytest.approx(column(whole, "shapley"), abs=1e-12)
