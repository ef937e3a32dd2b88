"""Indices and lines of `[derive]` made again: which change, which rest on them, and which nobody reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.base.errors import InputError
from parity.data.derive.changes import CUTS, MOST_ADDED, Beside, directed, of_other_indicators, of_other_rows, tails_cut
from parity.data.derive.study_columns import add_columns
from parity.data.evaluate import evaluate
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue import remade as r
from parity.diagnose.catalogue.derived import MadeAnew
from parity.diagnose.catalogue.indices import IndicatorsCut
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.derived import Lag, Lead, Standardise, Winsorise
from parity.study.formula import Column
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.index import Index, Indicator
from parity.study.spec import Spec
from parity.study.study import Study

UP, DOWN = [{"column": "a", "direction": "+"}, {"column": "b", "direction": "-"}], [{"column": "c", "direction": "+"}]
INDEX = {
    "score": {"indicators": UP, "method": "equal", "variants": {"old": {"scaling": "ratio"}, "new": {"range": [1, 2]}}},
    "alone": {"indicators": DOWN, "method": "equal"},
    "given": {"indicators": UP, "method": "given", "weights": {"a": 0.25, "b": 0.75}},
    "of_made": {"indicators": [{"column": "twice", "direction": "+"}], "method": "equal"},
}  # fmt: skip
DERIVE = {
    "twice": parse_expression("2 * a"), "four": parse_expression("2 * twice"), "of_score": parse_expression("10 * score"),
    "other": parse_expression("c + 1"), "before": Lag(lag="a"), "after": Lead(lead="twice"),
    "cut": Winsorise(winsorise="c", cuts=(10, 90)), "z": Standardise(standardise="b"),
}  # fmt: skip
ROWS = 24


def data() -> pd.DataFrame:
    i = np.arange(ROWS)
    return pd.DataFrame({
        "unit": i // 4, "year": 2001 + i % 4, "y": np.sin(i), "a": 1.0 + i, "b": 1.0 + (7.0 * i) % 25, "c": 50.0 - i,
        "few": i % 3, "spare": (11.0 * i) % 29, "pop": 1.0 + i % 12,
    })  # fmt: skip


def made(derive=DERIVE, index=INDEX, **header) -> Fitter:
    index = {name: Index.model_validate(text) for name, text in index.items()}
    named = Header(**{"title": "t", "unit": "unit", "time": "year", "made": True} | header)
    study = Study(folder=Path("by-hand"), header=named, derive=derive, index=index, specs=(), published=())
    return Fitter(study, add_columns(study, data()).frame)


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return made()


def base(formula: str, **more) -> Scenario:
    return Scenario(Spec(id="s", **({"formula": formula, "vcov": "HC1", "convention": "lm"} | more)))


def steps(fitter: Fitter, id: str, formula: str, **more) -> list:
    return list(BY_ID[id].steps(base(formula, **more), fitter))


def offered(fitter: Fitter, id: str, formula: str, **more) -> list[tuple]:
    return [tuple(v for _, v in s.parameters) for s in steps(fitter, id, formula, **more)]


# ---------------------------------------------------------------- what a spec rests on


def test_what_a_spec_reads_and_rests_on(fitter):
    more = {"where": "four > 0", "vcov": {"cluster": ["unit"]}, "weights": {"analytic": "pop"}}
    scenario = base("y ~ of_score + few", **more)
    assert r.read_by(scenario) == {"y", "of_score", "few", "four", "unit", "pop"}
    assert r.made_of(scenario, fitter) == ("four", "of_score", "score", "twice")
    assert r.data_behind(scenario, fitter) == ("y", "a", "b", "few")  # a filter and weights are no regressors
    assert r.read_by(base("y ~ a")) == {"y", "a"} and r.made_of(base("y ~ a"), fitter) == ()
    assert [n for n, _ in r.lines_of(base("y ~ before + after + cut"), fitter, Lag, Winsorise)] == ["before", "cut"]


def test_what_rests_on_a_column_is_made_again_and_what_nobody_reads_is_gone(fitter):
    frame = fitter.original.assign(a=fitter.original["a"] + 100)
    now = r.remade(frame, fitter.study, frozenset({"y", "four"}), raw=("a",))
    assert (now["twice"] == 2 * now["a"]).all() and (now["four"] == 4 * now["a"]).all() and now["a"].min() == 101
    assert {"other", "cut", "z", "alone"} <= set(now.columns)  # they do not rest on it
    assert not {"before", "after", "score", "score.old", "of_score", "given", "of_made"} & set(now.columns)
    assert now["other"].equals(fitter.original["other"])


def test_a_line_in_place_of_the_studys(fitter):
    line = {("derive", "twice"): parse_expression("3 * a")}
    now = r.remade(fitter.original, fitter.study, frozenset({"four", "of_made"}), lines=line)
    assert (now["twice"] == 3 * now["a"]).all() and (now["four"] == 6 * now["a"]).all()
    assert now["of_made"].max() == pytest.approx(1.0) and "after" not in now.columns and "of_score" in now.columns
    alone = r.remade(fitter.original, fitter.study, frozenset({"y"}), lines=line)
    assert (alone["twice"] == 3 * alone["a"]).all() and not {"four", "of_made"} & set(alone.columns)


OTHER = Index.model_validate({"indicators": DOWN, "method": "equal"})


@pytest.mark.parametrize(
    "edit",
    [MadeAnew("twice", "t", parse_expression("3 * a"), frozenset({"four"})), r.ZerosAs("few", 0.5, frozenset({"y"})),
     MadeAnew("score", "t", OTHER, frozenset({"of_score"}), index=True),
     r.Over("a", "pop", 2.0, frozenset({"four", "given"}))],
    ids=["line", "zeros", "index", "divisor"],
)  # fmt: skip
def test_what_is_evaluated_of_columns_that_an_edit_leaves_is_kept(fitter, edit):
    """Columns of the declared data stand in for those of edited ones, but for those that are others or gone."""
    now, changed = edit.frame(fitter.original, fitter.study), edit.changed(fitter.study)
    others = {c for c in fitter.original if c not in now or not now[c].equals(fitter.original[c])}
    assert others <= changed and not {"y", "b", "other", "z"} & changed
    _, memo = fitter._frames.of(base("y ~ a"))
    keys = [("numeric", c, Column(c)) for c in fitter.original]
    memo |= {key: evaluate(key[2], fitter.original, fitter.panel) for key in keys}
    frame, left = fitter._frames.of(base("y ~ a").edited(edit))
    there = {key[1] for key in keys if key in left}
    assert "y" in there and not there & changed
    for key in left:
        np.testing.assert_array_equal(left[key], evaluate(key[2], frame, fitter.panel), err_msg=key[1])


def test_of_an_index_only_the_variants_that_are_read_are_made(fitter):
    form = fitter.study.index["score"]
    assert list(r._only_read("score", form, None).variants) == ["old", "new"]
    assert list(r._only_read("score", form, frozenset({"score", "score.new", "old"})).variants) == ["new"]
    other = form.model_copy(update={"indicators": form.indicators[:1]})
    now = MadeAnew("score", "t", other, frozenset({"score"}), index=True).frame(fitter.original, fitter.study)
    assert np.allclose(now["score"], (now["a"] - 1) / 23) and not {"score.old", "score.new"} & set(now.columns)


def test_rows_that_are_gone_have_no_say(fitter):
    gone = r.MadeWithout("unit", 0, frozenset({"alone"}), frozenset({"alone", "before"}))
    now = gone.frame(fitter.original, fitter.study)
    assert len(now) == 20 and list(now.index) == list(range(20)) and set(now["unit"]) == {1, 2, 3, 4, 5}
    assert now["alone"].max() == pytest.approx(1.0) and now["alone"].min() == pytest.approx(0.0)
    assert {"before"} == {c for c in now.columns if c in DERIVE} and "score" not in now.columns
    every = r.MadeWithout("year", 2001, frozenset({"alone"})).frame(fitter.original, fitter.study)
    assert len(every) == 18 and {"twice", "four", "other", "cut", "z"} <= set(every.columns)


def test_filtered_before_what_is_made_or_only_before_its_lags(fitter):
    where = parse_expression("year > 2001")
    first = r.FilteredFirst(where, frozenset({"alone"}), frozenset({"alone", "before", "cut"}), shifts=False)
    now = first.frame(fitter.original, fitter.study)
    assert len(now) == 18 and now["alone"].max() == pytest.approx(1.0) and now["before"].isna().sum() == 6
    lags = r.FilteredFirst(where, frozenset(), frozenset({"alone", "before", "cut"}), shifts=True)
    now = lags.frame(fitter.original, fitter.study)
    kept = fitter.original[fitter.original["year"] > 2001].reset_index(drop=True)
    assert now["before"].isna().sum() == 6 and now["alone"].equals(kept["alone"]) and now["cut"].equals(kept["cut"])
    assert list(now.index) == list(range(18))
    none = made({"cut": DERIVE["cut"]}, {})
    left = r.FilteredFirst(where, frozenset(), frozenset({"cut"}), shifts=True).frame(none.original, none.study)
    assert left["cut"].equals(none.original[none.original["year"] > 2001].reset_index(drop=True)["cut"])


def test_what_cannot_be_made_is_a_problem_of_its_column(fitter):
    twice = pd.concat([fitter.original, fitter.original.iloc[:1]], ignore_index=True)
    with pytest.raises(InputError, match="before"):
        r.remade(twice, fitter.study, frozenset({"before"}), raw=("a",))
    with pytest.raises(InputError, match="before"):
        r._of_rows(twice, np.ones(len(twice), dtype=bool), fitter.study, frozenset(), frozenset({"before"}))


# ---------------------------------------------------------------- indices of other indicators


def index_lines(fitter: Fitter, id: str, formula: str) -> list[list[str]]:
    return [[i.column + i.direction for i in s.scenario.edits[-1].line.indicators] for s in steps(fitter, id, formula)]


def test_each_indicator_in_the_other_direction(fitter):
    assert offered(fitter, "indicator-reversed", "y ~ score + alone") == [("alone", "c"), ("score", "a"), ("score", "b")]
    assert index_lines(fitter, "indicator-reversed", "y ~ score + alone") == [["c-"], ["a-", "b-"], ["a+", "b+"]]
    (a, _) = steps(fitter, "indicator-reversed", "y ~ of_score")
    edit = a.scenario.edits[-1]
    assert edit.index and edit.wanted == {"y", "of_score"}
    assert [[i.direction for i in v.indicators] for v in edit.line.variants.values()] == [["-", "-"]] * 2
    given = steps(fitter, "indicator-reversed", "y ~ given")  # other weights are not needed
    assert [s.scenario.edits[-1].line.weights for s in given] == [{"a": 0.25, "b": 0.75}] * 2
    assert offered(fitter, "indicator-reversed", "y ~ twice") == []


def test_an_index_without_an_indicator(fitter):
    assert offered(fitter, "indicator-left-out", "y ~ score") == [("score", "a"), ("score", "b")]
    assert index_lines(fitter, "indicator-left-out", "y ~ score") == [["b-"], ["a+"]]
    assert offered(fitter, "indicator-left-out", "y ~ alone + given") == []  # nothing is left, or weights are given


def test_the_outcome_as_an_indicator(fitter):
    found = offered(fitter, "outcome-in-index", "y ~ alone")
    assert found == [("alone", "y", "more is better"), ("alone", "y", "less is better")]
    assert index_lines(fitter, "outcome-in-index", "y ~ alone") == [["c+", "y+"], ["c+", "y-"]]
    behind = offered(fitter, "outcome-in-index", "of_score ~ alone")  # what it rests on, and not the index in it
    assert [f[1:] for f in behind[::2]] == [(c, "more is better") for c in ("a", "b", "of_score")]
    assert {f[0] for f in offered(fitter, "outcome-in-index", "of_score ~ alone + score")} == {"alone"}
    assert offered(fitter, "outcome-in-index", "few ~ alone") == []  # of few values
    assert offered(fitter, "outcome-in-index", "y ~ given") == []
    assert offered(fitter, "outcome-in-index", "c ~ alone") == []  # it has it already


def test_one_more_column_of_the_data(fitter):
    found = offered(fitter, "indicator-added", "y ~ alone")
    assert [f[1:] for f in found[::2]] == [(c, "more is better") for c in ("a", "b", "spare", "pop")]
    assert [f[2] for f in found[1::2]] == ["less is better"] * 4
    own = offered(fitter, "indicator-added", "of_score ~ few")  # the outcome's own index may have it
    assert [f[:2] for f in own[::2]] == [("score", c) for c in ("y", "c", "spare", "pop")]
    assert offered(fitter, "indicator-added", "y ~ given") == []


def test_an_added_indicator_stands_in_the_first_dimension():
    two = [{"column": "a", "direction": "+", "dimension": "first"}, {"column": "b", "direction": "+", "dimension": "second"}]
    fitter = made({}, {"score": {"indicators": two, "method": "equal"}})
    for s in (*steps(fitter, "indicator-added", "y ~ score"), *steps(fitter, "outcome-in-index", "y ~ score")):
        assert s.scenario.edits[-1].line.indicators[-1].dimension == "first"


@dataclass(frozen=True)
class Emptied:
    """One value of a column is missing, and nothing rests on it yet."""

    column: str

    def frame(self, frame, study):
        return frame.assign(**{self.column: frame[self.column].where(frame.index != 3)})


def test_after_an_edit_that_an_index_can_t_be_made_of_there_is_no_estimate_and_no_error(fitter):
    cut, spec = IndicatorsCut("score", (10, 90), "type7", frozenset({"score"})), base("y ~ score")
    assert fitter.design(spec.edited(cut)) is not None and fitter.design(spec.edited(Emptied("a"))) is not None
    assert fitter.design(spec.edited(Emptied("a")).edited(cut)) is None


def test_all_indicators_winsorised_and_nothing_else(fitter):
    found = offered(fitter, "indicators-winsorised", "y ~ score")
    cuts = ("1 and 99", "5 and 95", "2.5 and 97.5", "0.5 and 99.5", "10 and 90")
    assert found == [("score", c, rule) for c in cuts for rule in ("Stata's (type 2)", "type 7")]
    wanted = frozenset({"score", "score.new", "of_score"})
    now = IndicatorsCut("score", (10, 90), "type7", wanted).frame(fitter.original, fitter.study)
    # type 7: the tenth percentile of 1..24 is at 1 + .1 * 23 = 3.3, the ninetieth at 21.7
    a = (np.clip(now["a"], 3.3, 21.7) - 3.3) / 18.4
    b = np.sort(fitter.original["b"])
    low, high = np.interp(2.3, range(24), b), np.interp(20.7, range(24), b)
    expected = (a + (high - np.clip(now["b"], low, high)) / (high - low)) / 2
    assert np.allclose(now["score"], expected) and np.allclose(now["of_score"], 10 * expected)
    assert np.allclose(now["score.new"], 1 + expected)
    assert now["score.old"].equals(fitter.original["score.old"])  # that nobody reads
    assert now["a"].equals(fitter.original["a"]) and now["twice"].equals(fitter.original["twice"])


# ---------------------------------------------------------------- filters first


def test_what_a_filter_may_come_before(fitter):
    some = "year > 2001 and few < 2"
    parts = [("((year) > (2001)) and ((few) < (2))",), ("(year) > (2001)",), ("(few) < (2)",)]
    for formula in ("y ~ score", "y ~ cut", "y ~ z"):
        assert offered(fitter, "filtered-before-derived", formula, where=some) == parts
    for formula in ("y ~ twice", "y ~ before", "y ~ a"):  # of each row alone, or of its unit
        assert offered(fitter, "filtered-before-derived", formula, where=some) == []
    assert offered(fitter, "filtered-before-derived", "y ~ score") == []
    first = steps(fitter, "filtered-before-derived", "y ~ score", where=some)
    assert [str(s.scenario.spec.where) for s in first] == ["None", "(few) < (2)", "(year) > (2001)"]
    (edit,) = first[0].scenario.edits
    assert edit.names == {"score"} and not edit.shifts
    assert not list(BY_ID["filtered-before-derived"].steps(first[1].scenario, fitter))


def test_lags_of_the_rows_that_are_kept(fitter):
    found = offered(fitter, "lag-after-filter", "y ~ before", where="year > 2001")
    assert found == [("(year) > (2001)",)] * 2  # by time, then by rows
    assert offered(fitter, "lag-after-filter", "y ~ l(a, 1)", where="year > 2001") == found
    assert offered(fitter, "lag-after-filter", "y ~ after", where="year > 2001") == found
    assert offered(fitter, "lag-after-filter", "y ~ cut", where="year > 2001") == []
    by_time, by_rows = steps(fitter, "lag-after-filter", "y ~ before", where="year > 2001")
    assert by_time.scenario.edits[0].shifts and len(by_time.scenario.edits) == 1 and len(by_rows.scenario.edits) == 2
    assert not list(BY_ID["lag-after-filter"].steps(by_time.scenario, fitter)) and by_rows.scenario.edits[1].within_units


def test_indices_of_large_data_are_left_out(fitter, monkeypatch):
    cause = BY_ID["indicator-reversed"]
    assert not cause.costly(base("y ~ score"), fitter)
    monkeypatch.setattr("parity.diagnose.catalogue.common.TOO_LARGE", ROWS - 1)
    assert cause.costly(base("y ~ score"), fitter) and not cause.costly(base("y ~ a"), made(index={}, derive={}))


# ---------------------------------------------------------------- an index by itself, without a spec


def form(**more):
    return Index.model_validate({"indicators": UP, "method": "equal"} | more).forms()[""]


COLUMNS = {"a": np.arange(1.0, 25), "b": np.arange(24.0, 0, -1)}


def test_changes_of_an_index_without_a_setting():
    beside = Beside(columns={"a": COLUMNS["a"], "c": np.ones(24), "d": np.zeros(24)})
    found = [(v.id, v.text, [i.column + i.direction for i in f.indicators], sorted(other))
             for (v,), f, other in of_other_indicators(form(), COLUMNS, beside)]  # fmt: skip
    assert found[:2] == [
        ("reversed a", "`a` in the other direction", ["a-", "b-"], []),
        ("reversed b", "`b` in the other direction", ["a+", "b+"], []),
    ]  # fmt: skip
    assert [f[0] for f in found[2:12]] == [f"cut {c} {rule}" for c in CUTS for rule in ("stata", "type7")]
    assert found[2][1] == "the indicators winsorised at 1 and 99 per cent by Stata's percentiles first"
    assert found[3][1].count("type 7") == 1 and found[2][3] == ["a", "b"]
    assert found[12:14] == [
        ("without a", "the indicator `a` left out", ["b-"], []), ("without b", "the indicator `b` left out", ["a+"], []),
    ]  # fmt: skip
    assert found[14:] == [
        (f"with {c} {d}", f"`{c}` as one more indicator ({s})", ["a+", "b-", c + d], [c])
        for c in "cd" for d, s in (("+", "more is better"), ("-", "less is better"))
    ]  # fmt: skip


def test_the_percentiles_are_cut_where_they_say():
    assert CUTS == ((1, 99), (5, 95), (2.5, 97.5), (0.5, 99.5), (10, 90))
    found = {v.id: other for (v,), _, other in of_other_indicators(form(), COLUMNS, Beside())}
    assert (found["cut (10.0, 90.0) type7"]["a"].min(), found["cut (10.0, 90.0) type7"]["a"].max()) == pytest.approx(
        (3.3, 21.7)
    )
    assert (found["cut (10.0, 90.0) stata"]["a"].min(), found["cut (10.0, 90.0) stata"]["a"].max()) == (3.0, 22.0)
    assert np.isnan(tails_cut({"x": np.array([np.nan, *range(20)])}, (10, 90), "type7")["x"]).sum() == 1


def test_given_weights_and_a_single_indicator_leave_less():
    given = form(method="given", weights={"a": 0.5, "b": 0.5})
    ids = [v.id for (v,), *_ in of_other_indicators(given, COLUMNS, Beside(columns={"c": np.ones(24)}))]
    assert len(ids) == 12 and not any(i.startswith(("with", "without")) for i in ids)
    one = [v.id for (v,), *_ in of_other_indicators(form(indicators=UP[:1]), COLUMNS, Beside())]
    assert not any(i.startswith("without") for i in one)


def test_so_many_columns_are_added_and_in_the_first_dimension():
    many = Beside(columns={f"c{i}": np.ones(24) for i in range(70)})
    ids = [v.id for (v,), *_ in of_other_indicators(form(), COLUMNS, many) if v.id.startswith("with c")]
    assert len(ids) == 2 * MOST_ADDED == 120 and ids[-1] == "with c59 -"
    two = form(indicators=[u | {"dimension": d} for u, d in zip(UP, ("first", "second"), strict=True)])
    added = [
        f.indicators[-1].dimension for (v,), f, _ in of_other_indicators(two, COLUMNS, many) if v.id.startswith("with c")
    ]
    assert set(added) == {"first"}


def test_units_periods_and_filters_left_out_before_it_is_made():
    beside = Beside(units=("p", "p", "q"), times=("1", "2", "1"), filters={"x > 1": np.array([True, False, True])})
    found = [(v.id, v.text, keep.tolist(), other) for (v,), _, other, keep in of_other_rows(form(), beside)]
    assert found == [
        ("without p", "p left out before it is made", [False, False, True], {}),
        ("without q", "q left out before it is made", [True, True, False], {}),
        ("without 1", "1 left out before it is made", [False, True, False], {}),
        ("without 2", "2 left out before it is made", [True, False, True], {}),
        ("filtered x > 1", "the rows that `x > 1` leaves out left out before it is made", [True, False, True], {}),
    ]  # fmt: skip
    assert list(of_other_rows(form(), Beside())) == []


def test_one_indicator_is_turned_and_the_others_stay():
    both = (Indicator(column="a", direction="+"), Indicator(column="b", direction="-"))
    assert [i.direction for i in directed(both, "b")] == ["+", "+"] and [i.direction for i in directed(both, "a")] == [
        "-",
        "-",
    ]
