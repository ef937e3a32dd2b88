"""An `if` of Stata keeps the same rows as parity's `where`, and as the R and Python that it is translated into."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.data.evaluate import Panel, condition
from parity.stata.evaluate import Context, kept
from parity.stata_language.conditions import where
from parity.stata_language.dataset import Column, Dataset
from parity.stata_language.expression import parse
from parity.study.command import spec_of
from parity.study.grammar import parse_expression
from parity.translate.names import py_condition

HELD = (-1.0, 0.0, 2.0, 5.0, np.nan)
#: Every pair of values of two numbers, beside a text that may be empty.
GRID = pd.DataFrame([(x, y, s) for x in HELD for y in HELD for s in ("甲", "b", "")], columns=["x", "y", "s"])
ATOMS = (
    "x > 2", "x >= 2", "x < 2", "x <= 2", "x == 2", "x != 2", "2 < x", "x", "x > y", "x >= y", "x < y", "x <= y", "x == y",
    "x != y", "x/y > 1", "x*2 >= y", "x - y", "-x < y", "sqrt(x) > 1", "log(x) != 0", "x == .", "x != .", "x < .", "x >= .",
    "missing(x)", "mi(x, y)", "inlist(x, 2, 5)", "inrange(x, 0, 2)", "inrange(x, ., 2)", 's == "甲"', 's != "甲"', 's == ""',
    's != ""', 'inlist(s, "甲", "")', 'inlist(s, "b")', "abs(x) >= abs(y)",
)  # fmt: skip
CONDITIONS = (
    *ATOMS, *(f"!({a})" for a in ATOMS), *(f"!({a} & {b})" for a, b in zip(ATOMS, ATOMS[7:], strict=False)),
    *(f"({a} | !({b})) & y < 5" for a, b in zip(ATOMS, ATOMS[11:], strict=False)), "x > 1 | y > 1 & s != \"b\"",
    "!(x > 1 | !(y > 1 & x))",
)  # fmt: skip


def stata(text: str) -> np.ndarray:
    numbers = {n: Column(GRID[n].to_numpy(float), "double") for n in "xy"}
    data = Dataset({**numbers, "s": Column(GRID["s"].to_numpy(object), "str3")}, len(GRID))
    return kept(parse(text), Context(data, lambda name: name))


@pytest.mark.parametrize("text", CONDITIONS)
def test_the_same_rows(text):
    frame = GRID.assign(s=GRID["s"].replace("", None))
    expected = stata(text)
    np.testing.assert_array_equal(condition(parse_expression(where(parse(text))), frame, Panel()), expected)
    if "/" not in text:  # pandas has infinities where Stata has missing values
        with np.errstate(all="ignore"):
            mask = eval(py_condition(parse(text), frozenset()), {"d": frame, "np": np})
        if "log" not in text:
            np.testing.assert_array_equal(np.asarray(mask, dtype=bool), expected)


@pytest.mark.parametrize("text", CONDITIONS)
def test_what_the_model_needs_is_not_asked_for_again(text):
    """Rows that lack a number of the model go anyway: of the others the same ones stay."""
    if "s " in text:
        return
    there = GRID[["x", "y"]].notna().all(axis=1).to_numpy()
    said = where(parse(text), frozenset({"x", "y"}))
    found = condition(parse_expression(said), GRID.assign(s=GRID["s"].replace("", None)), Panel())
    np.testing.assert_array_equal(found[there], stata(text)[there])


def test_a_lag_in_the_model_does_not_need_the_number_itself():
    assert spec_of("regress y L.x if x > 5", "id", "t")["where"] == "(x > 5 or is_missing(x))"
    assert spec_of("regress y x if x > 5", "id", "t")["where"] == "x > 5"
