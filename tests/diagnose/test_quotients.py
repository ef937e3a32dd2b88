"""Logs, zeros and divisors: which columns are taken otherwise, in the formula, in lines of `[derive]`, at once and alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.data.derive.study_columns import add_columns
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue import quotients as q
from parity.diagnose.catalogue.remade import MadeAnew, Over, ZerosAs
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.derived import Log, Log1p, PerHead, Standardise
from parity.study.formula import Column
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

DERIVE = {
    "ln_n": parse_expression("log(n)"), "ln_n1": parse_expression("log1p(n)"), "one_n": parse_expression("log(1 + n)"),
    "n_one": parse_expression("log(n + 1)"), "of_n": Log(log="n"), "of_n1": Log1p(log1p="n"),
    "head": PerHead(per_head="x", population="pop"), "head2": PerHead(per_head="w", population="pop"),
    "by_hand": parse_expression("x / pop"), "real": parse_expression("x / cpi * 100"),
    "real2": parse_expression("100 * w"), "real3": parse_expression("log(x * 100 / cpi)"),
    "real4": parse_expression("log(x / (cpi / 100))"), "real5": parse_expression("log(x / cpi)"),
    "thousand": parse_expression("x / (pop * 1000)"), "z": Standardise(standardise="x"),
}  # fmt: skip
#: n is zero in one row, cpi about 100, price (a deflator) about 1, w sometimes negative.
ROWS = 24


def data() -> pd.DataFrame:
    rng, i = np.random.default_rng(5), np.arange(ROWS)
    return pd.DataFrame({
        "unit": i // 4, "year": 2001 + i % 4, "y": rng.normal(size=ROWS), "x": 1.0 + i, "w": i - 5.5, "n": i * 1.0,
        "pop": 50.0 + i, "cpi": 100.0 + i % 12, "deflator": 1.0 + i / 100, "grade": i % 3 + 1,
    })  # fmt: skip


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return made(DERIVE)


def made(derive: dict, frame: pd.DataFrame | None = None, **header) -> Fitter:
    header = Header(**{"title": "t", "unit": "unit", "time": "year", "made": True} | header)
    study = Study(folder=Path("by-hand"), header=header, derive=derive, index={}, specs=(), published=())
    return Fitter(study, add_columns(study, data() if frame is None else frame).frame)


def told(fitter: Fitter, id: str, formula: str, **more) -> list[tuple]:
    """Of each variant its parameters, the right-hand side where it changed, and the lines made anew as they are written."""
    base = Scenario(Spec(id="s", formula=formula, vcov="HC1", convention="lm", **more))
    out = []
    for step in BY_ID[id].steps(base, fitter):
        now = str(step.scenario.spec.formula)
        lines = {e.name: str(e.line) for e in step.scenario.edits if isinstance(e, MadeAnew)}
        out.append(
            (*(v for _, v in step.parameters), *([now] if now != str(base.spec.formula) else []), *([lines] * bool(lines)))
        )
    return out


# ---------------------------------------------------------------- logs


def test_the_log_of_the_value_for_that_of_one_plus_it(fitter):
    assert told(fitter, "log-of-value", "y ~ log1p(x) + w") == [("log1p(x)", "y ~ log(x) + w")]
    assert told(fitter, "log-of-value", "y ~ log(2 + x) + log(w + 1)") == [
        ("log((2) + (x)), log((w) + (1))", "y ~ log(x) + log(w)"),
        ("log((2) + (x))", "y ~ log(x) + log((w) + (1))"), ("log((w) + (1))", "y ~ log((2) + (x)) + log(w)"),
    ]  # fmt: skip
    assert told(fitter, "log-of-value", "y ~ log(x) + ln_n + of_n") == []
    assert told(fitter, "log-of-value", "y ~ log(x - 1)") == []


def test_logs_of_derived_lines_at_once_and_alone(fitter):
    assert told(fitter, "log-of-value", "y ~ one_n") == [("one_n", {"one_n": "log(n)"})]
    both = {"of_n1": "log(n)", "n_one": "log(n)"}
    assert told(fitter, "log-of-value", "y ~ of_n1 + n_one") == [
        ("n_one, of_n1", both), ("n_one", {"n_one": "log(n)"}), ("of_n1", {"of_n1": "log(n)"}),
    ]  # fmt: skip


def test_a_log_of_a_line_becomes_another_or_none():
    of = q._log_of
    assert str(of(Log(log="n"), "log", "log1p")) == "log1p(n)" and str(of(Log(log="n"), "log", "")) == "n"
    assert of(Log(log="n"), "log1p", "log") is None and of(Log1p(log1p="n"), "log", "") is None
    assert of(Standardise(standardise="n"), "log", "") is None
    assert str(of(parse_expression("1 + log(n)"), "log", "")) == "(1) + (n)"
    assert of(parse_expression("log1p(n)"), "log", "") is None and of(parse_expression("exp(n)"), "log", "") is None


# ---------------------------------------------------------------- zeros


def test_zeros_are_missing_or_small_where_a_column_has_them(fitter):
    assert told(fitter, "zeros-as-missing", "y ~ n + x") == [("n",)]
    assert told(fitter, "zeros-as-missing", "y ~ x + w") == []  # w is negative too, x is never zero
    small = ["0.01", "0.001", "0.0001", "0.1", "1"]
    assert told(fitter, "zeros-as-small", "y ~ n") == []  # no log is taken
    assert told(fitter, "zeros-as-small", "y ~ log1p(n)") == [("n", s, "y ~ log(n)") for s in small]
    assert told(fitter, "zeros-as-small", "y ~ log(n)") == [("n", s) for s in small]


@pytest.mark.parametrize(
    ("line", "anew"),
    [("ln_n", {}), ("of_n", {}), ("ln_n1", {"ln_n1": "log(n)"}), ("of_n1", {"of_n1": "log(n)"}),
     ("one_n", {"one_n": "log(n)"})],
)  # fmt: skip
def test_a_plain_log_is_taken_once_zeros_are_small(fitter, line, anew):
    found = told(fitter, "zeros-as-small", f"y ~ {line}")
    assert [f[:2] for f in found] == [("n", s) for s in ("0.01", "0.001", "0.0001", "0.1", "1")]
    assert all(f[2:] == ((anew,) if anew else ()) for f in found)


def test_a_log_of_another_column_is_left_alone(fitter):
    assert {f[-1] for f in told(fitter, "zeros-as-small", "y ~ log1p(n) + log1p(x)")} == {"y ~ log(n) + log1p(x)"}
    assert told(fitter, "zeros-as-small", "y ~ n + log1p(x)") == []


def test_only_zeros_change(fitter):
    frame = data()
    frame.loc[3, "n"] = np.nan
    study = made({}, data()).study
    found = ZerosAs("n", 0.01, frozenset({"n"})).frame(frame, study)["n"]
    assert found[:3].tolist() == [0.01, 1.0, 2.0] and np.isnan(found[3]) and found[4:].tolist() == frame["n"][4:].tolist()
    over = Over("x", "cpi", 100.0, frozenset({"x"})).frame(frame, study)["x"]
    assert over[1] == pytest.approx(2.0 / 101 * 100)


# ---------------------------------------------------------------- divisors


def test_what_something_is_divided_by_and_where(fitter):
    def of(formula: str) -> dict:
        return q._divisors(Scenario(Spec(id="s", formula=formula, vcov="HC1", convention="lm")), fitter)

    assert of("y ~ x") == {} and of("y ~ real2") == {}
    assert of("y ~ head + head2") == {"pop": ["head", "head2"]}
    assert of("y ~ by_hand + real + real3 + real4") == {"pop": ["by_hand"], "cpi": ["real", "real3", "real4"]}
    assert of("y ~ exp(x / pop) + thousand") == {"pop": ["", "thousand"]}
    assert of("y ~ exp(x / pop) + log(w / pop)") == {"pop": [""]}


def test_the_divisor_left_out_of_all_and_of_each(fitter):
    assert told(fitter, "divisor-left-out", "y ~ head") == [("head", "pop", {"head": "x"})]
    assert told(fitter, "divisor-left-out", "y ~ head + by_hand") == [
        ("by_hand, head", "pop", {"by_hand": "x", "head": "x"}), ("by_hand", "pop", {"by_hand": "x"}),
        ("head", "pop", {"head": "x"}),
    ]  # fmt: skip
    assert told(fitter, "divisor-left-out", "y ~ exp(w / pop) + x") == [
        ("the formula", "pop", "y ~ exp(w) + x")]  # fmt: skip
    assert told(fitter, "divisor-left-out", "y ~ thousand") == [("thousand", "pop", {"thousand": "x"})]
    assert told(fitter, "divisor-left-out", "y ~ real") == []
    for percent in ("w / pop * 100", "w * 100 / pop"):  # the 100 goes with a price index alone
        assert told(fitter, "divisor-left-out", f"y ~ exp({percent})") == [("the formula", "pop", "y ~ exp((w) * (100))")]


@pytest.mark.parametrize(
    ("line", "without", "but_for_100"),
    [("real", "x", "(x) * (100)"), ("real3", "log(x)", "log((x) * (100))"), ("real4", "log(x)", "log(x)"),
     ("real5", "log(x)", "log(x)")],
)  # fmt: skip
def test_current_prices_are_without_the_index_and_its_100(fitter, line, without, but_for_100):
    found = told(fitter, "current-prices", f"y ~ {line}")
    assert found == [(line, "cpi", {line: without}), (line, "cpi", {line: but_for_100})]
    assert told(fitter, "current-prices", "y ~ head") == []


def test_names_of_price_indices():
    known = (
        "cpi",
        "CPI",
        "cpi_2010",
        "gdp_deflator",
        "ppi",
        "x_rpi",
        "price",
        "PriceIndex",
        "居民消费价格指数",
        "平减指数",
        "物价",
    )
    assert all(q._PRICES.search(n) for n in known)
    assert not any(q._PRICES.search(n) for n in ("pop", "recpient", "ppis", "rural", "cpi2"))


def test_constant_prices_are_over_an_index_that_the_study_has_not_used(fitter):
    assert told(fitter, "constant-prices", "y ~ x + grade") == [
        ("y", "cpi"), ("x", "cpi"), ("y", "deflator"), ("x", "deflator")]  # fmt: skip
    assert [f[1] for f in told(fitter, "constant-prices", "y ~ cpi")] == ["deflator"] * 2
    assert told(fitter, "constant-prices", "y ~ year + unit", where="x > 2")[0] == ("y", "cpi")
    base = Scenario(Spec(id="s", formula="y ~ x", vcov="HC1", convention="lm"))
    scales = {e.divisor: e.scale for s in BY_ID["constant-prices"].steps(base, fitter) for e in s.scenario.edits}
    assert scales == {"cpi": 100.0, "deflator": 1.0}


# ---------------------------------------------------------------- another year's divisor


def test_the_divisor_of_the_year_before_or_of_one_year_for_all(fitter):
    shown = ["the year before", "2001", "2002", "2003", "2004"]
    assert told(fitter, "divisor-of-another-year", "y ~ exp(x / pop)") == [
        ("the formula", "pop", s, f"y ~ exp((x) / (`pop of {s}`))") for s in shown]  # fmt: skip
    found = told(fitter, "divisor-of-another-year", "y ~ by_hand + head")
    assert [f[:3] for f in found[:3]] == [(w, "pop", "the year before") for w in ("by_hand, head", "by_hand", "head")]
    assert len(found) == 15 and found[3][2] == "2001"
    assert found[0][3]["by_hand"] == "(x) / (`pop of the year before`)"
    assert "population='pop of the year before'" in found[0][3]["head"].replace('"', "'")
    many = told(fitter, "divisor-of-another-year", "y ~ thousand + real4")
    assert many[5][3] == {"thousand": "(x) / ((`pop of the year before`) * (1000))"}
    assert many[0][3] == {"real4": "log((x) / ((`cpi of the year before`) / (100)))"}


def test_without_a_panel_there_is_no_other_year():
    for missing in ("unit", "time"):
        fitter = made({}, **{missing: None})
        assert told(fitter, "divisor-of-another-year", "y ~ exp(x / pop)") == []


def test_so_many_base_years(fitter):
    i = np.arange(40)
    frame = pd.DataFrame({"unit": i // 20, "year": 1990 + i % 20, "y": i * 1.0, "x": i + 1.0, "pop": i + 2.0})
    found = told(made({}, frame), "divisor-of-another-year", "y ~ exp(x / pop)")
    assert [f[2] for f in found] == ["the year before", *map(str, range(1990, 2005))]


def test_values_of_another_year_are_the_units_own():
    frame = pd.DataFrame({"unit": [1, 1, 1, 2, 2], "year": [2001, 2002, 2004, 2001, 2002], "v": [1.0, 2.0, 3.0, 4.0, 5.0]})
    study = made({}).study
    before = q.OfAnotherYear("b", "v", None).frame(frame, study)["b"].tolist()
    assert before[1] == 1.0 and before[4] == 4.0 and all(np.isnan(before[i]) for i in (0, 2, 3))
    base = q.OfAnotherYear("b", "v", 2002.0).frame(frame, study)["b"].tolist()
    assert base == [2.0, 2.0, 2.0, 5.0, 5.0]
    last = q.OfAnotherYear("b", "v", 2004.0).frame(frame, study)["b"].tolist()
    assert last[:3] == [3.0] * 3 and np.isnan(last[3:]).all()


def test_a_column_divided_by_two_is_no_divisor_column():
    assert q._divisor(parse_expression("x / 2")) == () and q._divisor(parse_expression("x * pop")) == ()
    assert q._divisor(parse_expression("x / (pop * 2)")) == ("pop",) and q._divisor(parse_expression("x / (pop / 2)")) == (
        "pop",
    )
    assert q._divisor(parse_expression("x / (2 * pop)")) == () and q._divisor(parse_expression("x / (pop + 2)")) == ()
    assert q._divisor(Column("pop")) == ()


def test_a_line_has_a_log_of_its_own_column_alone():
    def no_node(node) -> bool:
        return False

    assert q._has_log(Log(log="n"), no_node, "n") and q._has_log(Log1p(log1p="n"), no_node, "n")
    assert not q._has_log(Log(log="x"), no_node, "n") and not q._has_log(Standardise(standardise="n"), no_node, "n")
    assert q._has_log(parse_expression("2 * log(n)"), lambda node: node == parse_expression("log(n)"), "n")
