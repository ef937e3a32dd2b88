"""Which filters are left out, which of their values is not met, which cities are; lags as shifts of rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue import sample as s
from parity.diagnose.data_columns import shown
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import RowAgain, Scenario
from parity.study.derived import Change, Lag, Lead
from parity.study.grammar import parse_expression
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

CITIES = ("北京市", "天津", "河北", "上海市", "江苏")


def fitter(names=CITIES, derive=None, **header) -> Fitter:
    i = np.arange(4 * len(names))
    frame = pd.DataFrame({"unit": np.array(names)[i // 4], "year": 2001 + i % 4, "y": np.sin(i), "x": np.cos(i) + i % 3})
    named = Header(**{"title": "t", "unit": "unit", "time": "year", "made": True} | header)
    made = derive or {}
    return Fitter(Study(folder=Path("by-hand"), header=named, derive=made, index={}, specs=(), published=()),
                  frame.assign(**{n: 1.0 * i for n in made}))  # fmt: skip


def base(where: str | None = None, formula: str = "y ~ x") -> Scenario:
    return Scenario(Spec(id="s", formula=formula, vcov="HC1", convention="lm", where=where))


def offered(id: str, where: str | None = None, of: Fitter | None = None, **more) -> list[tuple]:
    """Parameters, and the filter that is left."""
    steps = BY_ID[id].steps(base(where, **more), of or fitter())
    return [(*(v for _, v in p.parameters), str(p.scenario.spec.where)) for p in steps]


# ---------------------------------------------------------------- filters and their parts


def test_a_filter_and_each_part_of_it():
    a, b, c = "(x) > (0)", "(year) > (2001)", "(y) < (1)"
    assert s.parts_of(None) == []
    assert [(str(p), r) for p, r in s.parts_of(parse_expression("x > 0"))] == [(a, None)]
    either = parse_expression("x > 0 or y < 1")
    assert s.parts_of(either) == [(either, None)]
    two = s.parts_of(parse_expression("x > 0 and year > 2001"))
    assert [(str(p), str(r)) for p, r in two][1:] == [(a, b), (b, a)] and two[0][1] is None
    three = [(str(p), str(r)) for p, r in s.parts_of(parse_expression("x > 0 and year > 2001 and y < 1"))]
    assert three[0][1] == "None" and (c, f"({a}) and ({b})") in three


def test_a_filter_is_ignored_as_a_whole_or_in_part():
    found = offered("filter-ignored", "x > 0 and year > 2001")
    assert [f[1] for f in found] == ["None", "(year) > (2001)", "(x) > (0)"] and offered("filter-ignored") == []


@pytest.mark.parametrize("negated", ["", "not "])
def test_each_value_that_a_filter_names_is_met_by_it_or_not(negated):
    found = offered("filter-misses-a-value", f"unit {negated}in ['河北', '江苏']")
    whole = f"(unit) {negated}in ['河北', '江苏']".replace("'", '"')
    assert [f[1] for f in found] == ["河北", "江苏"] and found[0][0].replace("'", '"') == whole
    assert ["江苏" in f[2] and "河北" not in f[2] for f in found] == [True, False]
    assert all((" not in " in f[2]) is bool(negated) for f in found)


def test_so_many_values_are_tried_and_no_single_one():
    def of(n: int) -> str:
        return f"year in [{', '.join(str(2000 + i) for i in range(n))}]"

    assert [len(offered("filter-misses-a-value", of(n))) for n in (1, 2, 11, 12, 13)] == [0, 2, 11, 12, 0]
    assert offered("filter-misses-a-value", "year > 2001") == [] and offered("filter-misses-a-value") == []
    part = offered("filter-misses-a-value", "x > 0 and year in [2001, 2002]")
    assert [f[1:] for f in part] == [
        ("2001", "((x) > (0)) and ((year) in [2002])"), ("2002", "((x) > (0)) and ((year) in [2001])"),
    ]  # fmt: skip


def test_municipalities_by_whatever_name():
    (found,) = offered("municipalities-left-out")
    assert found[0] == "上海市, 北京市, 天津" and " not in " in found[1]
    (some,) = offered("municipalities-left-out", "x > 0")
    assert some[1].startswith("((x) > (0)) and (") and s.MUNICIPALITIES == ("北京", "天津", "上海", "重庆")
    assert offered("municipalities-left-out", of=fitter(("北京", "河北", "江苏"))) == []  # one is no group of them
    assert len(offered("municipalities-left-out", of=fitter(("北京", "重庆", "江苏")))) == 1
    assert offered("municipalities-left-out", of=fitter(unit=None)) == []
    numbers = fitter((1, 2, 3))
    assert offered("municipalities-left-out", of=numbers) == []


# ---------------------------------------------------------------- rows


def test_which_periods_a_balanced_panel_has():
    """Not every unit has every period, and some unit has."""
    full, some = fitter(), fitter()
    assert not list(BY_ID["balanced-panel-only"].steps(base(), full))
    holed = Fitter(some.study, some.original.drop(index=[3]))
    assert len(list(BY_ID["balanced-panel-only"].steps(base(), holed))) == 1
    none = Fitter(some.study, some.original.drop(index=[0, 5, 10, 15, 16]))
    assert not list(BY_ID["balanced-panel-only"].steps(base(), none))
    for missing in ("unit", "time"):
        assert not list(BY_ID["balanced-panel-only"].steps(base(), fitter(**{missing: None})))


def test_rows_of_large_samples_are_not_tried_one_by_one(monkeypatch):
    one = fitter()
    monkeypatch.setattr(s, "MOST_AGAIN", 20)
    steps = list(BY_ID["row-twice"].steps(base(), one))
    assert len(steps) == 20 and dict(steps[4].parameters)["row"] == "row 5 of the data (unit 天津, year 2001)"
    assert not list(BY_ID["row-twice"].steps(base().edited(RowAgain(0)), one))
    monkeypatch.setattr(s, "MOST_AGAIN", 19)
    assert not list(BY_ID["row-twice"].steps(base(), one))


SHIFTS = {"before": Lag(lag="x", periods=2), "after": Lead(lead="x", periods=3), "change": Change(difference="x")}


def test_lags_of_the_formula_and_of_derived_columns_as_shifts_of_rows():
    one = fitter(derive=SHIFTS)
    ((changed, said),) = s.by_rows(base(formula="y ~ l(x, 1) + f(x, 2) + before + after + change"), one, True)
    assert said == "l(x, 1), f(x, 2), before, after, change"
    shifts = {e.name: (str(e.inner), e.periods, e.difference) for e in changed.edits}
    assert shifts == {
        "l(x, 1) by rows": ("x", 1, False), "f(x, 2) by rows": ("x", -2, False), "before": ("x", 2, False),
        "after": ("x", -3, False), "change": ("x", 1, True),
    }  # fmt: skip
    ((derived, said),) = s.by_rows(base(formula="y ~ before"), one, False)
    assert said == "before" and derived.spec == base(formula="y ~ before").spec and not derived.edits[0].within_units
    assert list(s.by_rows(base(), one, True)) == [] and list(s.by_rows(base(formula="y ~ x + l(x, 1)"), one, True))


def test_shifts_of_rows_need_a_time_and_over_units_units():
    lagged = base(formula="y ~ l(x, 1)")
    assert list(s.by_rows(lagged, fitter(time=None), True)) == [] == list(s.by_rows(lagged, fitter(time=None), False))
    assert (
        list(s.by_rows(lagged, fitter(unit=None), False)) == []
        and len(list(s.by_rows(lagged, fitter(unit=None), True))) == 1
    )


def test_a_period_is_named_as_it_is_written():
    assert shown(2001.0) == "2001" and shown(2001.5) == "2001.5" and shown("a") == "a" and shown(7) == "7"
    found = offered("period-missing", of=fitter())
    assert [f[0] for f in found] == [f"year {y}" for y in range(2001, 2005)]
    dummies = offered("period-missing", of=fitter(), formula="y ~ x + i(year)")  # which would lose a column
    assert dummies[0][1] == "(year) not in [2001.0]" and found[0][1] == "None"
    random = replace(base(), spec=base().spec.model_copy(update={"model": "random_effects"}))
    (first, *_) = BY_ID["unit-missing"].steps(random, fitter())
    assert str(first.scenario.spec.where) == "(unit) not in ['上海市']" and not first.scenario.edits
