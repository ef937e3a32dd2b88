"""Lines of `[derive]` and indices in their order: what rests on what, and keys of rows that are read once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.base.errors import InputError
from parity.data.derive import study_columns as made_of
from parity.data.derive.index import Rows
from parity.data.derive.interpolation import interpolated
from parity.data.derive.study_columns import MadeColumns, add_columns, behind, needs, order, row_names
from parity.data.evaluate import Panel
from parity.diagnose.questions.index import beside
from parity.study.derived import Lag, Standardise, Winsorise
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.study import Study

nan = np.nan
UP = [{"column": "a", "direction": "+"}, {"column": "b", "direction": "-"}]
INDEX = {
    "score": {"indicators": UP, "method": "equal",
              "variants": {"other": {"indicators": [{"column": "twice", "direction": "+"}]}}},
    "upon": {"indicators": [{"column": "score", "direction": "+"}], "method": "equal"},
}  # fmt: skip
DERIVE = {
    "four": parse_expression("2 * twice"), "twice": parse_expression("2 * a"),
    "within": Standardise(standardise="b", by=("unit",)), "cut": Winsorise(winsorise="upon", by=("year", "unit")),
}  # fmt: skip


def study(derive=DERIVE, index=INDEX, specs: tuple = (), **header) -> Study:
    named = Header(**{"title": "t", "unit": "unit", "time": "year", "made": True} | header)
    index = {name: Index.model_validate(text) for name, text in index.items()}
    return Study(folder=Path("by-hand"), header=named, derive=derive, index=index, specs=specs, published=())


def data(n: int = 12) -> pd.DataFrame:
    i = np.arange(n)
    return pd.DataFrame({"unit": i // 4, "year": 2001 + i % 4, "a": 1.0 + i, "b": 20.0 - i, "c": i % 3})


def test_what_a_column_rests_on():
    one = study()
    assert behind(one, ["a"]) == {"a"} and behind(one, []) == frozenset()
    assert behind(one, ["four"]) == {"four", "twice", "a"} and behind(one, ["within"]) == {"within", "b", "unit"}
    assert behind(one, ["score"]) == {"score", "a", "b"}
    assert behind(one, ["score.other"]) == {"score.other", "twice", "a"}  # a variant's own indicators
    assert behind(one, ["cut"]) == {"cut", "upon", "score", "a", "b", "year", "unit"}
    assert behind(one, ["four", "c"]) == {"four", "twice", "a", "c"}
    dimensions = study({}, {"s": {"indicators": [UP[0] | {"dimension": "p"}, UP[1] | {"dimension": "q"}]}})
    assert behind(dimensions, ["s.p"]) == {"s.p", "a", "b"}


def test_each_line_stands_where_it_finds_its_columns():
    one, columns = study(), ["unit", "year", "a", "b"]
    assert order(one, columns) == [
        ("derive", "twice"), ("derive", "within"), ("index", "score"), ("index", "upon"), ("derive", "four"),
        ("derive", "cut"),
    ]  # fmt: skip
    assert order(one, ["a"]) == [("derive", "twice"), ("derive", "four")]
    assert needs(one, "derive", "cut") == ("upon", "year", "unit") and needs(one, "index", "score") == ("a", "b", "twice")


def test_all_are_made():
    frame = add_columns(study(), data()).frame
    assert (frame["four"] == 4 * frame["a"]).all() and list(frame.columns[:5]) == ["unit", "year", "a", "b", "c"]
    assert {"score", "score.other", "upon", "cut", "within"} <= set(frame.columns)
    assert frame["score"].tolist() == pytest.approx(np.arange(12) / 11) and list(frame.index) == list(range(12))
    assert set(add_columns(study(), data()).indices) == {("score", ""), ("score", "other"), ("upon", "")}


def test_rows_are_told_apart_once_with_their_periods_and_once_without(monkeypatch):
    asked = []

    def rows_of(frame, panel, *, timed):
        asked.append(timed)
        return Rows(np.zeros(len(frame)), np.zeros(len(frame)), ())

    monkeypatch.setattr("parity.data.derive.index.rows_of", rows_of)
    made = MadeColumns(data())
    first = made.rows_of(Panel("unit", "year"), timed=True)
    assert made.rows_of(Panel("unit", "year"), timed=True) is first and asked == [True]
    made.rows_of(Panel("unit", "year"), timed=False)
    assert asked == [True, False]


def test_a_line_at_fault_is_named():
    twice = pd.concat([data(), data().iloc[:1]], ignore_index=True)
    with pytest.raises(InputError, match=r"derive\.before"):
        add_columns(study({"before": Lag(lag="a")}, {}), twice)
    with pytest.raises(InputError, match=r"index\.score"):
        add_columns(study({}, {"score": {"indicators": UP}}), data().assign(a=["x"] * 12))
    other = {"score": {"indicators": UP, "method": "equal", "variants": {"v": {"scaling": "ratio"}}}}
    with pytest.raises(InputError, match=r"index\.score\.variants\.v"):
        add_columns(study({}, other), data().assign(a=-1.0 - np.arange(12)))


def test_names_of_rows():
    assert row_names(study(), data(2)) == {"0:2001": 0, "0:2002": 1}
    assert row_names(study({}, {}, unit=None), data(2)) == {"2001": 0, "2002": 1}
    assert row_names(study({}, {}, unit=None, time=None), data(2)) == {"1": 0, "2": 1}
    assert row_names(study({}, {}), data(2).assign(year=[2001.0, 2001.5])) == {"0:2001": 0, "0:2001.5": 1}


def test_only_units_with_gaps_are_looked_at():
    """Values of the others stay as they are, one by one."""
    x = np.array([1.0, nan, 3.0, 5.0, 7.0, nan, 2.0, nan])
    unit, time = np.array([0, 0, 0, 1, 1, 2, 2, 2]), np.array([1.0, 2, 4, 1, 2, 1, 2, 3])
    assert interpolated(x, unit, time, "missing").tolist()[:5] == [1.0, pytest.approx(5 / 3), 3.0, 5.0, 7.0]
    assert interpolated(x, unit, time, "nearest").tolist()[5:] == [2.0, 2.0, 2.0]
    assert x[1] != x[1]  # the column given is not changed


# ---------------------------------------------------------------- what lies beside an index


def spec(id: str, where: str | None) -> Spec:
    return Spec(id=id, formula="a ~ b", vcov="HC1", convention="lm", where=where)


def test_what_somebody_else_may_have_made_an_index_of():
    specs = (spec("p", "year > 2002"), spec("q", "a > 5"), spec("r", "year > 2002"), spec("s", None))
    one = study({"twice": DERIVE["twice"]}, INDEX, specs)
    frame = add_columns(one, data().assign(few=1.0, text="x")).frame
    found = beside(one, frame)
    assert list(found.columns) == ["a", "b"]  # what is made, keys, text and columns of few values are none
    assert found.columns["a"].tolist() == frame["a"].tolist()
    assert {name: keep.tolist() for name, keep in found.filters.items()} == {
        "(year) > (2002)": (frame["year"] > 2002).tolist(), "(a) > (5)": (frame["a"] > 5).tolist(),
    }  # fmt: skip
    assert found.units == tuple("000011112222") and found.times[:5] == ("2001", "2002", "2003", "2004", "2001")
    alone = beside(study({}, {}, (), unit=None, time=None), data())
    assert alone.units == () == alone.times and alone.filters == {}


def test_years_that_are_stored_as_floats_have_the_names_of_years():
    assert beside(study({}, {}), data().assign(year=2001.0 + np.arange(12) % 4)).times[:2] == ("2001", "2002")


def test_a_filter_that_cannot_be_read_is_none_of_them():
    specs = (spec("p", "unit == 'north'"), spec("q", "a > 5"))
    assert list(beside(study({}, {}, specs), data()).filters)[-1] == "(a) > (5)"


def test_rows_by_place():
    rows = Rows(np.array([0, 1, 2]), np.array([5.0, 6.0, 7.0]), ("a", "b", "c")).take(np.array([2, 0]))
    assert (rows.unit.tolist(), rows.time.tolist(), rows.names) == ([2, 0], [7.0, 5.0], ("c", "a"))
    assert made_of.reads(DERIVE["within"]) == ("b", "unit") and made_of.reads(DERIVE["four"]) == ("twice",)
