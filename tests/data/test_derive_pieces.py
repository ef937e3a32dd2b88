"""Closeness, scores and rows of an index, and columns that don't vary, by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from parity.data.derive.compute import _split, _standardised
from parity.data.derive.index import Rows, index_rows, index_scores
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.topsis import closeness
from parity.data.evaluate import Panel
from parity.study.derived import MedianSplit
from parity.study.index import IndexSettings


def test_closeness_to_the_best_and_the_worst_value():
    """Columns 1, 3, 2 and 2, 6, 4: the ideal row is (3, 6), the worst (1, 2); the middle one is half way in both."""
    z = np.array([[1.0, 2.0], [3.0, 6.0], [2.0, 4.0]])
    for on in ("values", "distances"):
        assert closeness(z, np.array([0.25, 0.75]), on).tolist() == pytest.approx([0.0, 1.0, 0.5])
    corner = np.array([[1.0, 6.0], [3.0, 2.0]])
    # values: distances .25 * 2 and .75 * 4; weights on squared distances: sqrt(.25) * 2 and sqrt(.75) * 4
    a, b = 0.25 * 2, 0.75 * 4
    assert closeness(corner, np.array([0.25, 0.75]), "values").tolist() == pytest.approx([b / (a + b), a / (a + b)])
    a, b = math.sqrt(0.25) * 2, math.sqrt(0.75) * 4
    assert closeness(corner, np.array([0.25, 0.75]), "distances").tolist() == pytest.approx([b / (a + b), a / (a + b)])
    assert closeness(np.ones((3, 2)), np.array([0.5, 0.5]), "values").tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(DeriveProblem, match="not negative"):
        closeness(z, np.array([1.5, -0.5]), "values")


UP = ({"column": "a", "direction": "+"}, {"column": "b", "direction": "+"})


def rows(n: int) -> Rows:
    return Rows(np.arange(n), np.zeros(n), tuple(f"row {i}" for i in range(n)))


def test_what_lies_above_zero_is_not_moved():
    """As they stand -1, 0, 1 and 5, 7, 6: the first is moved up by one, the second by nothing."""
    form = IndexSettings(indicators=UP, method="equal", scaling="none", negatives="shift")
    data = {"a": np.array([-1.0, 0.0, 1.0]), "b": np.array([5.0, 7.0, 6.0])}
    made = index_scores(form, data, rows(3))
    assert made.scores.tolist() == [2.5, 4.0, 4.0] and "moved up by their minimum: a" in made.notes
    floored = form.model_copy(update={"scaled_floor": 0.5, "shift": 0.25})
    assert index_scores(floored, data, rows(3)).scores.tolist() == [(0.75 + 5.25) / 2, (1.25 + 7.25) / 2, (2.25 + 6.25) / 2]


def test_an_index_reads_the_numbers_of_its_time_column():
    """Years by their own value, which base years are named by, also where values are interpolated between them; dates as
    periods."""
    years = pd.DataFrame({"u": ["a", "a", "b"], "t": [2010, 2012, 2014]})
    panel = Panel("u", "t")
    plain, gaps = IndexSettings(indicators=UP), IndexSettings(indicators=UP, missing="interpolate")
    for forms in ([plain], [gaps], [plain, gaps], []):
        found = index_rows(years, panel, forms)
        assert found.time.tolist() == [2010.0, 2012.0, 2014.0] and found.unit.tolist() == [0, 0, 1]
        assert found.names == ("a, 2010", "a, 2012", "b, 2014")
    holed = index_rows(years.assign(t=[2010, None, 2014]), panel, [plain])
    assert math.isnan(holed.time[1])
    dates = years.assign(t=pd.to_datetime(["2010-01-01", "2010-01-02", "2010-01-04"]))
    found = index_rows(dates, panel, [plain])
    assert np.diff(found.time).tolist() == [1.0, 2.0]
    ordered = index_rows(years.assign(t=["low", "high", "low"]), Panel("u", "t", order=("low", "high")), [plain])
    assert np.diff(ordered.time).tolist() == [1.0, -1.0]
    assert index_rows(years, Panel("u"), [plain]).time.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("value", [0.1, 0.2, 0.7, 1.0])
@pytest.mark.parametrize("n", [1, 2, 3, 6, 12])
def test_a_column_that_does_not_vary_has_no_standard_score(value, n):
    """Three times .1 over three is not .1 in a double."""
    assert (
        np.isnan(_standardised(np.array([value] * n), 1)).all() and np.isnan(_standardised(np.array([value] * n), 0)).all()
    )


def test_standard_scores():
    found = _standardised(np.array([1.0, math.nan, 3.0]), 1)
    assert found[[0, 2]].tolist() == pytest.approx([-math.sqrt(0.5), math.sqrt(0.5)]) and math.isnan(found[1])
    assert _standardised(np.array([1.0, 3.0]), 0).tolist() == [-1.0, 1.0]
    assert np.isnan(_standardised(np.array([1.0, math.nan]), 1)).all()


def test_units_are_split_at_the_median_of_their_means():
    """Means 1, 2, 6: the middle one is at the median. By rows the median of 0, 2, 2, 2, 6, 6 is 2."""
    x, unit = np.array([0.0, 2.0, 2.0, 2.0, 6.0, 6.0]), np.array([0, 0, 1, 1, 2, 2])
    for ties, middle in (("low", 0.0), ("high", 1.0)):
        by_unit = MedianSplit(median_split="x", at="units", ties=ties)
        assert _split(x, by_unit, unit).tolist() == [0.0, 0.0, middle, middle, 1.0, 1.0]
        by_row = MedianSplit(median_split="x", at="rows", ties=ties)
        assert _split(x, by_row, unit).tolist() == [0.0, middle, middle, middle, 1.0, 1.0]
    missing = np.where(unit == 1, math.nan, x)
    found = _split(missing, MedianSplit(median_split="x", at="units", ties="low"), unit)
    assert found[[0, 1, 4, 5]].tolist() == [0.0, 0.0, 1.0, 1.0] and np.isnan(found[2:4]).all()
    assert np.isnan(_split(np.full(6, math.nan), MedianSplit(median_split="x", ties="low"), unit)).all()


def test_a_column_that_varies_over_all_years_and_not_within_one_is_said():
    """Scaled over all rows, weighed by year: in 2015 every unit has the same b."""
    keys = Rows(np.array([0, 0, 1, 1, 2, 2]), np.tile([2015.0, 2016.0], 3), tuple("abcdef"))
    data = {"a": np.array([1.0, 5, 2, 9, 4, 7]), "b": np.array([3.0, 2, 3, 8, 3, 5])}
    form = IndexSettings(indicators=UP, over="pooled", weigh_over="year")
    made = index_scores(form, data, keys)
    assert made.notes == ("`b` is constant: weight 0",) and made.weights["2015"]["b"] == 0.0 < made.weights["2016"]["b"]
    yearly = index_scores(form.model_copy(update={"over": "year", "weigh_over": None}), data, keys)
    assert yearly.notes == ("`b` is constant in 2015: weight 0",)


def test_closeness_of_some_rows_is_to_the_ideal_of_all():
    """Of one column 0 to 4, a row of 1 is a quarter of the way; among itself alone it would be nowhere."""
    from parity.data.derive.aggregate import _close

    form, every = IndexSettings(indicators=UP, method="equal"), np.array([[0.0], [1.0], [4.0]])
    assert _close(every[1:2], every, np.array([1.0]), form) == pytest.approx([0.25])
    assert _close(every, every, np.array([1.0]), form) == pytest.approx([0.0, 0.25, 1.0])
