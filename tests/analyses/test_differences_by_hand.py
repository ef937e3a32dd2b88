"""The difference of a slope between two groups, on eight rows: by SUEST, by interaction and by permutation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from parity.analyses.replicates.draws import Draws
from parity.analyses.resampling.difference import find_difference
from parity.analyses.resampling.sample import Rows
from parity.study.analyses.resampling import DifferenceSettings

#: x is 0, 0, 1, 1 in either group. Slopes are 5 and 1; residuals -1, 1, -1, 1 and none.
X = np.array([0.0, 0, 1, 1, 0, 0, 1, 1])
Y = np.array([0.0, 2, 5, 7, 0, 0, 1, 1])
FIRST = np.arange(8) < 4


def rows(code=None, y=Y, **settings) -> Rows:
    code = np.arange(8) if code is None else np.array(code)
    return Rows(
        name="one", settings=DifferenceSettings(**{"spec": "s", "group": "g"} | settings), columns={"x": X}, y=y, effects={},
        cluster="u", code=code, labels=tuple(map(str, range(code.max() + 1))), first=FIRST,
        names=tuple(f"row {i}" for i in range(8)),
    )  # fmt: skip


def test_suest_adds_what_clusters_say_of_either_slope():
    """A row says (x - 1/2) e of its slope: a half, up or down, in the first group; eight clusters have 8/7."""
    found = find_difference(rows(method="suest"), None)
    assert (found["first"], found["second"], found["difference"]) == pytest.approx((5.0, 1.0, 4.0))
    assert (found["nobs first"], found["nobs second"]) == (4.0, 4.0)
    assert found["se suest"] == pytest.approx(math.sqrt(8 / 7 * 1.0))
    assert found["z suest"] == pytest.approx(4 / math.sqrt(8 / 7))
    assert found["p suest"] == pytest.approx(2 * stats.norm.sf(4 / math.sqrt(8 / 7)))
    assert not any("interaction" in name or "permutation" in name for name in found) and "replicate" not in found


def test_clusters_that_both_groups_share_cancel():
    """With the same residuals in both, pairs of rows of one cluster say nothing of the difference."""
    shared = np.concatenate([Y[:4], Y[:4] - np.array([0, 0, 1, 1])])
    assert find_difference(rows([0, 1, 2, 3, 0, 1, 2, 3], y=shared, method="suest"), None)["se suest"] == pytest.approx(0.0)
    two = find_difference(rows([0, 0, 1, 1, 2, 2, 3, 3], method="suest"), None)["se suest"]
    assert two == pytest.approx(0.0, abs=1e-12)  # a half up and a half down in every cluster
    crossed = find_difference(rows([0, 1, 1, 0, 2, 3, 3, 2], method="suest"), None)["se suest"]
    assert crossed == pytest.approx(math.sqrt(4 / 3 * 2.0))  # sums one and minus one, of four clusters


def test_the_interaction_has_the_factor_of_clusters():
    """Eight clusters, four coefficients: G/(G - 1) (N - 1)/(N - K), and t of G - 1."""
    found = find_difference(rows(method="interaction", interact="all"), None)
    se = math.sqrt(8 / 7 * 7 / 4 * 1.0)
    assert found["difference interaction"] == pytest.approx(4.0) and found["se interaction"] == pytest.approx(se)
    assert found["t interaction"] == pytest.approx(4 / se)
    assert "se suest" not in found


def test_permuted_groups_are_split_anew():
    """The groups as they are, the other way round, and 0, 1, 4, 5 with 2, 3, 6, 7, in which x does not vary."""
    given = rows(method="permutation", permute="rows", draws=10)
    draws = np.array([[0, 1, 2, 3], [4, 5, 6, 7], [0, 4, 2, 6]])
    found = find_difference(given, Draws("groups", given.labels, draws, 1))
    # of 0, 4, 2, 6: (5 + 1)/2 - 0 and (7 + 1)/2 - (2 + 0)/2
    assert found["replicate"] == pytest.approx([4.0, -4.0, 3.0 - 3.0])
    assert (found["p one permutation"], found["p permutation"]) == pytest.approx((1 / 3, 2 / 3))


def test_a_draw_in_which_the_regressor_hardly_varies_is_fitted_from_its_rows():
    """Cross-products of x = 1 + 1e-5 u hold six digits of its variance; the rows hold them all."""
    rng = np.random.default_rng(3)
    code = np.repeat(np.arange(6), 10)
    x = np.where(code < 3, 1 + 1e-5 * rng.normal(size=60), rng.normal(size=60))
    y = 2 * x + rng.normal(size=60) * np.where(code < 3, 1e-5, 1.0)
    given = replace(rows(code, method="permutation", draws=20), columns={"x": x}, y=y, first=code < 3,
                    names=tuple(map(str, range(60))))  # fmt: skip
    draws = np.array([[0, 1, 2], [3, 4, 5], [0, 1, 3], [1, 2, 5]])

    def slope(of: np.ndarray) -> float:
        return float(np.polyfit(x[of] - x[of].mean(), y[of] - y[of].mean(), 1)[0])

    by_hand = [slope(of) - slope(~of) for of in (np.isin(code, each) for each in draws)]
    found = find_difference(given, Draws("groups", given.labels, draws, 1))
    assert found["replicate"] == pytest.approx(by_hand, rel=1e-9)
