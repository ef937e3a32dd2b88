"""Where made columns begin to differ: the last value that a scaling takes, ties, gaps and equal eigenvalues, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parity.data.derive.aggregate import _given, _vary
from parity.data.derive.components import _check, _signs, composite
from parity.data.derive.index import Rows, index_scores
from parity.data.derive.interpolation import interpolated
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.ranks import ranks
from parity.data.derive.scaling import scaled
from parity.data.derive.weighting import from_entropies
from parity.study.index import IndexSettings

UP = ({"column": "a", "direction": "+"}, {"column": "b", "direction": "+"})


def array(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)


def rows(n: int) -> Rows:
    return Rows(np.arange(n), np.zeros(n), tuple(f"row {i}" for i in range(n)))


def ratio(x: np.ndarray, down: bool, base: np.ndarray) -> list[float]:
    return scaled(x, down, base, "ratio", (0.0, 1.0), 0).tolist()


def test_ratios_take_a_zero_upwards_and_none_downwards():
    """x over the largest, or the least over x: of the rows that fix the scale and of those that it is applied to."""
    assert ratio(array(0, 2, 3), False, array(0, 2)) == [0.0, 1.0, 1.5]
    assert ratio(array(1, 2, 4), True, array(1, 2)) == [1.0, 0.5, 0.25]
    for x, down, base in (
        ((1, 2), False, (-1, 2)),
        ((1, 2), True, (0, 2)),
        ((0, 1, 2), True, (1, 2)),
        ((-1, 5), True, (1, 2)),
    ):
        with pytest.raises(DeriveProblem, match="ratio"):
            ratio(array(*x), down, array(*base))


def test_a_column_told_by_another_adds_no_component():
    """Of a column, its double and one beside, two directions hold all: the third eigenvalue is zero."""
    a, b = array(1, 2, 3, 4, 6), array(2, 1, 4, 3, 3)
    found = composite(np.column_stack([a, 2 * a, b]), IndexSettings(indicators=UP, method="pca", pca_keep="all"))
    assert found.kept == 2 and found.eigenvalues[2] == 0.0 and found.eigenvalues[:2].sum() == pytest.approx(3.0)


def test_components_with_one_eigenvalue_are_not_determined():
    with pytest.raises(DeriveProblem, match="eigenvalues 2 and 3 are equal"):
        _check(array(4, 1, 1), 2)
    _check(array(4, 1, 1), 1)
    _check(array(4, 2, 1), 3)


def test_signs_go_by_the_sum_and_by_the_largest_where_that_is_zero():
    vectors = np.column_stack([array(-0.8, 0.6), array(-(0.5**0.5), 0.5**0.5)])
    assert _signs(vectors, "sum").tolist() == [-1.0, -1.0]  # the second sums to zero: its first loading decides
    assert _signs(vectors, "largest").tolist() == [-1.0, -1.0] and _signs(-vectors, "first").tolist() == [1.0, 1.0]


def test_sums_that_differ_by_rounding_do_not_vary():
    """On their own size: half of 1e-12 of a million is rounding, and the same of one is not."""
    million = array(1e6, 1e6 + 0.5e-6)
    assert _vary(np.column_stack([million, array(1, 1 + 0.5e-6), array(-1e6, -1e6 - 0.5e-6)])) == [1]


def test_weights_that_are_given_are_scaled_and_that_is_said_of_one_level_alone():
    for weights, levels, said in (({"a": 1.0, "b": 3.0}, "one", True), ({"a": 0.25, "b": 0.75}, "one", False),
                                  ({"a": 1.0, "b": 3.0}, "two", False)):  # fmt: skip
        form = IndexSettings(indicators=UP).model_copy(update={"weights": weights, "levels": levels})
        notes: list[str] = []
        assert _given(form, ["a", "b"], notes).tolist() == [0.25, 0.75]
        assert notes == (["given weights sum to 4 and are scaled to sum 1"] if said else [])


def test_ends_are_the_nearest_value_or_the_line_of_the_two_nearest():
    x, unit = array(np.nan, 2, np.nan, 6, 9, np.nan), np.zeros(6, dtype=int)
    time = array(1, 2, 3, 4, 5, 7)
    assert interpolated(x, unit, time, "nearest").tolist() == [2, 2, 4, 6, 9, 9]
    assert interpolated(x, unit, time, "extrapolate").tolist() == [0, 2, 4, 6, 9, 15]


def test_equal_scores_share_a_place_and_the_next_has_its_own():
    found = ranks(array(3, 5, 5, 1, np.nan, 5), np.zeros(6), tie=1e-12)
    assert found[:4].tolist() == [4, 1, 1, 5] and found[5] == 1 and np.isnan(found[4])


def test_dispersions_as_large_as_the_least_are_weights():
    assert from_entropies(array(0.75, 0.75), 0.5).tolist() == [0.5, 0.5]
    with pytest.raises(DeriveProblem, match="sum to zero"):
        from_entropies(array(0.75, 0.8), 0.5)


def test_an_infinite_or_missing_value_is_named_by_its_indicator():
    form = IndexSettings(indicators=UP)
    with pytest.raises(DeriveProblem, match="`b` holds an infinite value"):
        index_scores(form, {"a": array(1, 2, 3), "b": array(np.inf, 1, 2)}, rows(3))
    gaps = IndexSettings(indicators=UP, missing="interpolate")
    with pytest.raises(DeriveProblem, match="2 values stay missing after interpolation, first `b` in row 1"):
        index_scores(gaps, {"a": array(1, 2, 3), "b": array(4, np.nan, np.nan)}, rows(3))


def test_nothing_is_moved_up_where_nothing_lies_below_zero():
    form = IndexSettings(indicators=UP, method="equal", negatives="shift")
    made = index_scores(form, {"a": array(1, 2, 3), "b": array(3, 1, 2)}, rows(3))
    assert made.scores.tolist() == [0.5, 0.25, 0.75] and not [n for n in made.notes if "moved up" in n]


def test_equal_scores_share_a_rank_also_where_nothing_is_near():
    scores, one = np.array([3.0, 5.0, 3.0, 1.0]), np.zeros(4)
    assert ranks(scores, one, 0.0).tolist() == [2.0, 1.0, 2.0, 4.0]
    assert ranks(np.zeros(3), np.zeros(3), 1e-9).tolist() == [1.0, 1.0, 1.0]
