"""Indices in two steps, within dimensions and then between them, by numbers on paper."""

from __future__ import annotations

import numpy as np
import pytest

from parity.data.derive.index import Rows, index_scores
from parity.study.index import IndexSettings

#: Min-max: a 0, .5, 1; b 1, 0, .5; c 0, 0, 1. Dimensions p of a and b, q of c.
A, B, C = np.array([0.0, 1, 2]), np.array([4.0, 0, 2]), np.array([1.0, 1, 3])
OF = tuple({"column": n, "direction": "+", "dimension": d} for n, d in (("a", "p"), ("b", "p"), ("c", "q")))
ROWS = Rows(np.arange(3), np.zeros(3), ("1", "2", "3"))


def made(c: np.ndarray = C, **more):
    form = IndexSettings(**{"indicators": OF, "levels": "two", "method": "equal"} | more)
    return index_scores(form, {"a": A, "b": B, "c": c}, ROWS)


GIVEN = {"method": "given", "weights": {"a": 0.2, "b": 0.4, "c": 0.4}}


@pytest.mark.parametrize(
    ("between", "weights", "outer"),
    [("same", {"a": 0.2, "b": 0.4, "c": 0.4}, {"p": 0.6, "q": 0.4}),
     ("equal", {"a": 1 / 6, "b": 1 / 3, "c": 0.5}, {"p": 0.5, "q": 0.5})],
)  # fmt: skip
def test_given_weights_say_what_dimensions_weigh_or_are_parted_within_them(between, weights, outer):
    found = made(**GIVEN, between=between)
    assert found.weights[""] == pytest.approx(weights) and found.between[""] == pytest.approx(outer)
    z = {"a": [0, 0.5, 1], "b": [1, 0, 0.5], "c": [0, 0, 1]}
    assert found.scores.tolist() == pytest.approx([sum(weights[n] * z[n][i] for n in "abc") for i in range(3)])
    assert found.dimensions["p"].tolist() == pytest.approx([2 / 3, 1 / 6, 2 / 3])
    assert found.dimensions["q"].tolist() == [0, 0, 1]


@pytest.mark.parametrize("between", ["same", "equal"])
def test_equal_weights_are_equal_at_both_levels(between):
    found = made(between=between)
    assert found.weights[""] == {"a": 0.25, "b": 0.25, "c": 0.5} and found.between[""] == {"p": 0.5, "q": 0.5}
    assert found.scores.tolist() == [0.25, 0.125, 0.875]


def test_a_dimension_that_does_not_vary_has_no_weight():
    for more in ({}, GIVEN, GIVEN | {"between": "equal"}, {"method": "entropy"}, {"method": "cv"}):
        found = made(c=np.full(3, 7.0), **more)
        assert found.weights[""]["c"] == 0.0 and sum(found.weights[""].values()) == pytest.approx(1.0)
        assert "no indicator of dimension `q` varies: weight 0" in found.notes and found.dimensions["q"].tolist() == [
            0,
            0,
            0,
        ]
        assert found.between[""] == pytest.approx({"p": 1.0, "q": 0.0})
    assert made(c=np.full(3, 7.0), method="entropy").entropies[""]["c"] == 1.0
    assert made(c=np.full(3, 7.0), method="cv").entropies == {}


def entropy(*columns) -> np.ndarray:
    """1 less the entropy of each column's shares over log n, as shares of one."""
    z = np.column_stack(columns).astype(float)
    p = z / z.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = -np.nansum(np.where(p > 0, p * np.log(p), 0.0), axis=0) / np.log(len(z))
    return (1 - e) / (1 - e).sum()


def test_entropy_weighs_within_and_then_what_came_of_it():
    """Dimensions' scores are stretched to [0, 1] again before they are weighed; equal ones aren't weighed at all."""
    z = np.column_stack([[0, 0.5, 1], [1, 0, 0.5]])
    inner = entropy(*z.T)
    p, q = z @ inner, np.array([0.0, 0, 1])
    outer = entropy((p - p.min()) / (p.max() - p.min()), q)
    found = made(method="entropy")
    assert found.between[""] == pytest.approx({"p": outer[0], "q": outer[1]}) and found.scores == pytest.approx(
        outer[0] * p + outer[1] * q
    )
    assert found.weights[""] == pytest.approx({"a": inner[0] * outer[0], "b": inner[1] * outer[0], "c": outer[1]})
    alike = made(method="entropy", between="equal")
    assert alike.between[""] == {"p": 0.5, "q": 0.5} and alike.scores == pytest.approx((p + q) / 2)


def test_closeness_within_and_between():
    """Of q alone closeness is its own share; of p the distances to the best and the worst of a and b, half each."""
    found = made(aggregate="topsis")
    v = np.column_stack([[0, 0.5, 1], [1, 0, 0.5]]) / 2
    best, worst = (np.sqrt(((v - end) ** 2).sum(axis=1)) for end in (v.max(axis=0), v.min(axis=0)))
    p, q = worst / (best + worst), np.array([0.0, 0, 1])
    assert found.dimensions["p"] == pytest.approx(p) and found.dimensions["q"] == pytest.approx(q)
    w = np.column_stack([p, q]) / 2
    best, worst = (np.sqrt(((w - end) ** 2).sum(axis=1)) for end in (w.max(axis=0), w.min(axis=0)))
    assert found.scores == pytest.approx(worst / (best + worst))


def test_scores_in_other_units():
    plain, hundred = made(**GIVEN), made(**GIVEN, times=100.0)
    assert hundred.scores == pytest.approx(100 * plain.scores) and hundred.weights == plain.weights
    assert hundred.dimensions["p"] == pytest.approx(100 * plain.dimensions["p"])


def test_at_one_level_dimensions_are_parts_of_the_whole():
    found = made(levels="one", **GIVEN)
    assert found.scores.tolist() == pytest.approx([0.4, 0.1, 0.8]) and found.between == {}
    assert found.dimensions["p"].tolist() == pytest.approx([0.4, 0.1, 0.4])
    assert found.dimensions["q"].tolist() == pytest.approx([0.0, 0.0, 0.4])


def test_scores_of_dimensions_are_taken_from_their_least_to_their_largest():
    from parity.data.derive.aggregate import Level, _rescaled

    scores = np.array([[1.0, 2.0], [3.0, 2.0], [2.0, 2.0]])
    found = _rescaled(Level(applied=scores, fixed=scores, raw=scores, unit=np.arange(3), time=np.zeros(3)))
    assert found.fixed.tolist() == [[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]] and found.applied is scores
