"""Numbers of an index on two sides: which scale each is judged on, and what only one side has."""

from __future__ import annotations

import numpy as np
import pytest

from parity.analyses.index.numbers import (
    _cancelled,
    _first,
    _largest,
    by_name,
    compare_numbers,
    index_numbers,
    weights_of,
)
from parity.base.tolerance import INDEX
from parity.data.derive.index import IndexScores, Rows

nan = np.nan
ROWS = ("r1", "r2", "r3")
WEIGHT = {"a": np.array([0.25]), "b": np.array([0.75])}


def sides(quantity: str, ours, theirs, term: str = "", **more) -> str:
    one = {quantity: {term: np.array(ours, dtype=float)}} | more
    other = {quantity: {term: np.array(theirs, dtype=float)}} | more
    return compare_numbers(one, other, ROWS).verdict


SCORES = [10.0, 20.0, 40.0]


@pytest.mark.parametrize(
    ("quantity", "ours", "size"),
    [
        ("score", SCORES, 40.0), ("column", SCORES, 40.0),  # of a row's numbers the largest of all, however small
        ("score", [0.001, 0.002, -0.004], 0.004),
        ("weight", [0.25], 1.0), ("entropy", [0.5], 1.0), ("between", [4.0], 4.0),  # others on one at least
    ],
)  # fmt: skip
def test_a_number_is_judged_on_the_largest_of_its_kind(quantity, ours, size):
    for share, verdict in ((0.9, "agree"), (1.1, "disagree")):
        for sign in (1, -1):
            moved = [ours[0] + sign * share * INDEX * size, *ours[1:]]
            assert sides(quantity, ours, moved) == verdict, (share, sign)


def test_the_larger_side_is_the_scale():
    """Of 1 and 3: the third of INDEX that they may be apart is of the larger."""
    far = 1 + 2.0 * INDEX
    assert sides("score", [1.0, 1.0], [far, 1.0]) == "disagree"
    assert sides("score", [1.0, 3.0], [far, 3.0]) == "agree"


def test_a_dimension_is_a_part_of_the_score():
    """Parts of opposite sign cancel, so that they are judged on the score where that is larger."""
    moved = [0.1 + 5 * INDEX]
    assert sides("dimension", [0.1], moved, "p") == "disagree"
    assert sides("dimension", [0.1], moved, "p", score={"": np.array([10.0])}) == "agree"
    assert sides("dimension", [10.0], [10.0 + 5 * INDEX], "p", score={"": np.array([0.1])}) == "agree"


def test_ranks_are_right_or_wrong():
    assert sides("rank", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == "agree"
    assert sides("rank", [1.0, 2.0, 3.0], [1.0, 3.0, 2.0]) == "disagree"
    assert sides("rank", [1.0, nan], [1.0, nan]) == "agree" and sides("rank", [1.0, nan], [1.0, 2.0]) == "disagree"


def test_what_only_one_side_has_is_a_difference():
    one, other = {"weight": WEIGHT}, {"weight": {"a": WEIGHT["a"]}}
    for left, right in ((one, other), (other, one), (one, {}), ({}, one)):
        assert compare_numbers(left, right, ROWS).verdict == "disagree"
    assert sides("score", [1.0, 2.0], [1.0]) == "disagree" and sides("score", [1.0, nan], [1.0, 2.0]) == "disagree"
    (lost,) = compare_numbers(other, {}, ROWS).differences
    assert (lost.quantity, lost.term, lost.reference, lost.candidate) == ("weight", "a", 0.25, None)
    assert compare_numbers({}, {}, ROWS).digits == 0.0


def test_a_row_is_named_and_a_weight_is_not():
    found = compare_numbers({"score": {"": np.array([1.0, 2.0])}}, {"score": {"": np.array([1.0, 3.0])}}, ROWS)
    assert [d.term for d in found.differences] == ["r2"]
    found = compare_numbers({"dimension": {"p": np.array([1.0, 2.0])}}, {"dimension": {"p": np.array([9.0, 2.0])}}, ROWS)
    assert [d.term for d in found.differences] == ["p r1"]
    found = compare_numbers({"weight": {"a": np.array([0.1])}}, {"weight": {"a": np.array([0.2])}}, ROWS)
    assert [d.term for d in found.differences] == ["a"] and found.checked == 1


def test_zeros_agree_with_zeros_alone():
    assert sides("score", [0.0, 0.0], [0.0, 0.0]) == "agree" and sides("score", [0.0, 0.0], [0.0, 1e-300]) != "agree"
    assert sides("score", [np.inf, 1.0], [np.inf, 1.0]) == "disagree"


# ---------------------------------------------------------------- weights that cancel


def test_negative_weights_magnify_rounding():
    """Weights 3 and -2 sum to one and are five in absolute terms; of two years the worse one counts."""
    assert _cancelled({"weight": {"a": np.array([3.0]), "b": np.array([-2.0])}}) == 5.0
    assert _cancelled({"weight": {"a": np.array([3.0, 1.5]), "b": np.array([-2.0, -0.5])}}) == 5.0
    assert _cancelled({"weight": {"a": np.array([1.5, 3.0]), "b": np.array([-0.25, -2.0]),
                                  "c": np.array([-0.25, 0.0])}}) == 5.0  # fmt: skip
    assert _cancelled({"weight": {"a": np.array([2.0]), "b": np.array([-0.5]), "c": np.array([-0.5])}}) == 3.0
    assert _cancelled({"weight": WEIGHT}) == 1.0 == _cancelled({}) == _cancelled({"weight": {}})
    assert _cancelled({"weight": {"a": np.array([nan]), "b": np.array([-2.0])}}) == 5.0


@pytest.mark.parametrize(
    ("quantity", "grows"), [("score", True), ("dimension", True), ("between", True), ("entropy", False)]
)
def test_what_is_made_with_such_weights_is_judged_by_them(quantity, grows):
    weights = {"weight": {"a": np.array([3.0]), "b": np.array([-2.0])}}
    for factor, verdict in ((4.9, "agree"), (5.1, "disagree")):
        found = sides(quantity, [1.0], [1.0 + factor * INDEX], **weights)
        assert found == (verdict if grows else "disagree")


# ---------------------------------------------------------------- numbers of what was made

MADE = IndexScores(
    np.array([0.5, 0.25, nan]), {"p": np.array([0.1, 0.2, nan])},
    {"2012": {"a": 0.3, "b": 0.7}, "2011": {"a": 0.25, "b": 0.75}}, {"": {"a": 0.9}}, {},
)  # fmt: skip


def test_numbers_of_an_index():
    rows = Rows(np.array([0, 1, 2]), np.zeros(3), ROWS)
    found = index_numbers(MADE, rows)
    assert found["score"][""].tolist()[:2] == [0.5, 0.25] and found["rank"][""].tolist()[:2] == [1.0, 2.0]
    assert {n: v.tolist() for n, v in found["weight"].items()} == {"a": [0.25, 0.3], "b": [0.75, 0.7]}  # years in order
    assert found["entropy"]["a"].tolist() == [0.9] and found["between"] == {} == by_name({})
    assert found["dimension"]["p"][1] == 0.2


def test_weights_have_their_year_where_each_has_its_own():
    found = weights_of(MADE)
    assert found["weight"] == {"a:2012": 0.3, "b:2012": 0.7, "a:2011": 0.25, "b:2011": 0.75}
    assert found["entropy"] == {"a": 0.9} and found["between"] == {}


def test_the_largest_and_the_first():
    assert _largest(np.array([-3.0, 2.0, nan])) == 3.0 and _largest(np.array([nan])) == 0.0
    assert _first(None) is None and _first(np.array([4.0, 5.0])) == 4.0 and np.isnan(_first(np.array([])))
