"""Derived columns made otherwise: one by one, all of a kind at once, and only those that a spec rests on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.data.derive.study_columns import add_columns
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue import transformation as t
from parity.diagnose.catalogue.derived import CUTS
from parity.diagnose.catalogue.remade import MadeAnew
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.derived import Lag, Lead, Standardise, Trim, Winsorise
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.index import Index
from parity.study.spec import Spec
from parity.study.study import Study

DERIVE = {
    "w1": Winsorise(winsorise="x"), "w2": Winsorise(winsorise="c"),
    "w3": Winsorise(winsorise="c", cuts=(5, 95), by=("year",)),
    "t1": Trim(trim="x", percentiles="type7"), "z": Standardise(standardise="x"), "z0": Standardise(standardise="c", ddof=0),
    "before": Lag(lag="x", periods=2), "after": Lead(lead="c"), "twice": parse_expression("2 * w1"),
}  # fmt: skip
INDEX = {"score": {"indicators": [{"column": "x", "direction": "+"}, {"column": "c", "direction": "-"}]}}


def made(index=None, **header) -> Fitter:
    i = np.arange(48)
    frame = pd.DataFrame({"unit": i // 8, "year": 2001.0 + i % 8, "y": np.sin(i), "x": 1.0 + (7 * i) % 48, "c": 60.0 - i,
                          "few": i % 3, "w": i - 9.5, "none": 1.0 * (i % 24)})  # fmt: skip
    named = Header(**{"title": "t", "unit": "unit", "time": "year", "made": True} | header)
    index = {name: Index.model_validate(text) for name, text in (index or {}).items()}
    study = Study(folder=Path("by-hand"), header=named, derive=DERIVE, index=index, specs=(), published=())
    return Fitter(study, add_columns(study, frame).frame)


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return made()


def base(formula: str, **more) -> Scenario:
    return Scenario(Spec(id="s", **({"formula": formula, "vcov": "HC1", "convention": "lm"} | more)))


def offered(fitter: Fitter, id: str, formula: str, **more) -> list[tuple]:
    """Parameters of each variant, and the lines that are others."""
    return [
        (*(v for _, v in s.parameters), {e.name: e.line for e in s.scenario.edits if isinstance(e, MadeAnew)})
        for s in BY_ID[id].steps(base(formula, **more), fitter)
    ]


# ---------------------------------------------------------------- cuts


def test_other_cuts_of_each_and_of_all_that_have_the_same():
    fitter = made()
    assert CUTS == ((1, 99), (5, 95), (0.5, 99.5), (10, 90), (2.5, 97.5), (2, 98))
    one = offered(fitter, "other-cuts", "y ~ w1")
    assert [f[:3] for f in one] == [
        ("w1", f"{a:g} and {b:g}", "1 and 99") for a, b in CUTS[1:]
    ] and one[0][3] == {"w1": Winsorise(winsorise="x", cuts=(5, 95))}  # fmt: skip
    both = offered(fitter, "other-cuts", "y ~ w1 + t1")
    assert [f[0] for f in both] == ["t1"] * 5 + ["w1"] * 5 + ["t1`, `w1"] * 5
    assert set(both[-1][3]) == {"t1", "w1"} and both[-1][3]["t1"].cuts == (2, 98) == both[-1][3]["w1"].cuts
    assert [f[0] for f in offered(fitter, "other-cuts", "y ~ w1 + w3")] == ["w1"] * 5 + ["w3"] * 5  # of other cuts
    assert offered(fitter, "other-cuts", "y ~ z + x") == [] and len(offered(fitter, "other-cuts", "y ~ twice")) == 5


def test_the_other_rule_of_percentiles(fitter):
    assert offered(fitter, "other-percentile-rule", "y ~ w1 + t1 + z") == [
        ("t1", "Stata's (type 2)", 2, {"t1": Trim(trim="x", percentiles="stata")}),
        ("w1", "type 7", 7, {"w1": Winsorise(winsorise="x", percentiles="type7")}),
    ]


def test_trimmed_for_winsorised_each_and_all(fitter):
    w1, w3 = Trim(trim="x"), Trim(trim="c", cuts=(5, 95), by=("year",))
    assert offered(fitter, "trimmed-for-winsorised", "y ~ w1 + t1") == [("w1", {"w1": w1})]
    assert offered(fitter, "trimmed-for-winsorised", "y ~ w3 + w1") == [
        ("w1", {"w1": w1}), ("w3", {"w3": w3}), ("w1`, `w3", {"w1": w1, "w3": w3}),
    ]  # fmt: skip
    assert offered(fitter, "winsorised-for-trimmed", "y ~ t1 + w1") == [
        ("t1", {"t1": Winsorise(winsorise="x", percentiles="type7")})
    ]


def test_cuts_left_out_of_each_and_of_all(fitter):
    found = offered(fitter, "cuts-left-out", "y ~ t1 + w2")
    assert [f[:2] for f in found] == [("t1", "x"), ("w2", "c"), ("t1`, `w2", "x`, `c")]
    assert [{n: str(line) for n, line in f[2].items()} for f in found] == [{"t1": "x"}, {"w2": "c"}, {"t1": "x", "w2": "c"}]


def test_within_groups_and_over_all_rows(fitter):
    found = offered(fitter, "made-within-groups", "y ~ z + w3")
    assert found == [
        ("z", "year", {"z": Standardise(standardise="x", by=("year",))}),
        ("z", "unit", {"z": Standardise(standardise="x", by=("unit",))}),
    ]
    assert [f[:2] for f in offered(fitter, "made-within-groups", "y ~ w1")] == [("w1", "year"), ("w1", "unit")]
    assert offered(fitter, "groups-of-a-transformation-ignored", "y ~ z + w3") == [
        ("w3", "year", {"w3": Winsorise(winsorise="c", cuts=(5, 95))})
    ]


def test_the_other_standard_deviation(fitter):
    assert offered(fitter, "standardised-with-other-ddof", "y ~ z + z0") == [
        ("z", 0, {"z": Standardise(standardise="x", ddof=0)}), ("z0", 1, {"z0": Standardise(standardise="c", ddof=1)}),
    ]  # fmt: skip


# ---------------------------------------------------------------- shifts


def test_shifts_left_out_and_turned_round(fitter):
    found = offered(fitter, "derived-lag-left-out", "y ~ before + after")
    assert [(f[0], f[1], str(f[2][f[0]])) for f in found] == [("after", "c", "c"), ("before", "x", "x")]
    assert offered(fitter, "shift-reversed", "y ~ before + after") == [
        ("after", {"after": Lag(lag="c")}), ("before", {"before": Lead(lead="x", periods=2)}),
    ]  # fmt: skip
    steps = list(BY_ID["shift-reversed"].steps(base("y ~ l(x, 1) + f(c, 2) + d(w, 1)"), fitter))
    assert [str(s.scenario.spec.formula) for s in steps] == [
        "y ~ f(x, 1) + f(c, 2) + d(w, 1)", "y ~ l(x, 1) + l(c, 2) + d(w, 1)",
    ]  # fmt: skip
    assert not list(BY_ID["shift-reversed"].steps(base("y ~ l(x, 1) + f(x, 1)"), fitter))  # either would stand twice


# ---------------------------------------------------------------- what is left out before anything is made


@pytest.mark.parametrize(("which", "n"), [("unit", 6), ("period", 8)])
def test_units_and_periods_left_out_before(fitter, which, n):
    id = f"{which}-missing-before-derived"
    for formula in ("y ~ w1", "y ~ t1", "y ~ z", "y ~ twice"):
        assert len(offered(fitter, id, formula)) == n, formula
    for formula in ("y ~ before", "y ~ x"):  # of no other unit's rows
        assert offered(fitter, id, formula) == []
    with_index = made(INDEX)
    (first, *_) = BY_ID[id].steps(base("y ~ score"), with_index)
    (edit,) = first.scenario.edits
    assert edit.names == {"score"} and edit.wanted == {"y", "score"} and edit.value in (0, 2001)
    assert not list(BY_ID[id].steps(first.scenario, with_index))
    assert first.parameters[0][1] == ("unit 0" if which == "unit" else "year 2001")


def test_an_index_made_otherwise_is_of_the_spec():
    fitter = made(INDEX)
    found = list(BY_ID["index-made-otherwise"].steps(base("y ~ score"), fitter))
    assert len(found) > 30 and {dict(s.parameters)["index"] for s in found} == {"score"}
    assert all(s.scenario.edits[-1].index and s.scenario.edits[-1].name == "score" for s in found)
    assert not list(BY_ID["index-made-otherwise"].steps(base("y ~ x"), fitter))
    bases = [s.scenario.edits[-1].line.base for s in found if s.scenario.edits[-1].line.base is not None]
    assert bases and set(bases) == {2001.0}  # the first year of the data


# ---------------------------------------------------------------- transformations of columns


def test_logs_are_added_where_values_are_positive_and_stand_alone(fitter):
    def named(formula: str) -> list[str]:
        return [f[0] for f in offered(fitter, "log-added", formula)]

    assert named("y ~ x + c + w + none + few") == ["x", "c"]  # not of negative ones, zeros, or few values
    assert named("y ~ log(x) + c") == ["c"] and named("y ~ l(c, 1) + x") == ["x"]


def test_columns_of_the_panel_are_no_magnitudes(fitter):
    assert t._continuous(base("y ~ x + year + few + unit"), fitter) == ("y", "x")
    assert t._used(base("y ~ x + log(c) + x")) == ("y", "x", "c")


def test_tails_of_all_of_the_outcome_with_one_and_of_each(fitter, monkeypatch):
    found = [f[0] for f in offered(fitter, "winsorised", "y ~ x + c")]
    assert [found.count(n) for n in ("y, x, c", "y, x", "y, c", "y", "x", "c")] == [10, 10, 10, 4, 4, 4] and len(found) == 42
    two = [f[0] for f in offered(fitter, "winsorised", "y ~ x")]
    assert [two.count(n) for n in ("y, x", "y", "x")] == [10, 4, 4] and len(two) == 18
    monkeypatch.setattr("parity.diagnose.catalogue.common.TOO_LARGE", 47)
    large = [f[0] for f in offered(fitter, "trimmed", "y ~ x + c")]
    assert [large.count(n) for n in ("y, x, c", "y, x", "y")] == [10, 0, 4]
    rules = [f[2] for f in offered(fitter, "winsorised", "y ~ x")]
    assert rules[:2] == ["Stata's percentiles", "type 7 percentiles"]
    assert [f[1] for f in offered(fitter, "winsorised", "y ~ few")] == ["1 and 99"] * 2 + ["5 and 95"] * 2


def test_which_columns_may_be_floats():
    assert t._some_of(("a", "b")) == [("a", "b"), ("a",), ("b",)]
    four, five = t._some_of(tuple("abcd")), t._some_of(tuple("abcde"))
    assert len(four) == 15 and four[0] == tuple("abcd") and four[-1] == ("d",)
    assert five == [tuple("abcde"), tuple("bcde"), *((c,) for c in "abcde")]
    frame = pd.DataFrame({"v": [0.1, 1 / 3], "w": [0.1, 0.1]})
    stored = t.SinglePrecision(("v",)).frame(frame, None)
    assert stored["v"].tolist() == [float(np.float32(0.1)), float(np.float32(1 / 3))] and stored["w"].tolist() == [0.1, 0.1]


def test_what_a_formula_computes_is_kept_as_a_float_as_a_whole(fitter):
    last = list(BY_ID["single-precision-data"].steps(base("y ~ log(l(x, 1)) + exp(c)"), fitter))[-1]
    assert dict(last.parameters)["columns"] == "log(l(x, 1)), exp(c)"
    assert [e.name for e in last.scenario.edits] == ["log(l(x, 1)) as float", "exp(c) as float"]
    plain = list(BY_ID["single-precision-data"].steps(base("y ~ x"), fitter))
    assert [dict(s.parameters)["columns"] for s in plain] == ["y, x", "y", "x"]


def test_units_and_their_inverses(fitter):
    found = [f[:2] for f in offered(fitter, "units", "y ~ x")]
    factors = ["100", "1000", "10000", "1e+06", "1e+08", "0.01", "0.001", "0.0001", "1e-06", "1e-08"]
    assert found == [("x", f) for f in factors]
    assert [f[:2] for f in offered(fitter, "outcome-units", "y ~ x")] == [("y", f) for f in factors]
    steps = list(BY_ID["units"].steps(base("y ~ x"), fitter))
    numbers = [fitter.numbers(s.scenario).coef[1] for s in (steps[0], steps[5])]
    plain = fitter.numbers(base("y ~ x")).coef
    assert numbers == pytest.approx([plain[1] / 100, plain[1] * 100])  # x in hundreds has a hundredth of the slope
    outcome = fitter.numbers(next(iter(BY_ID["outcome-units"].steps(base("y ~ x"), fitter))).scenario)
    assert outcome.coef == pytest.approx(100 * plain)
