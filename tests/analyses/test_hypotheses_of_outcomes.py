"""[test.NAME] of models of several outcomes: against the same test in a do-file, the definition, and R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conftest import FIXTURES
from parity.analyses.hypotheses.analysis import ANALYSIS
from parity.analyses.hypotheses.found import answer
from parity.analyses.run import records_of
from parity.compare.harmonise import combined
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.stata.do import run_do
from parity.study.load import parse_study

needs_r = pytest.mark.skipif(bool(missing_r()), reason="R is not there")
FOLDER = FIXTURES / "anes96"
TEXT = """
[study]
title = "Several outcomes"
[spec.m]
formula = "PID ~ age + educ + income"
model = "mlogit"
base = 0
vcov = "HC1"
[spec.o]
formula = "PID ~ age + educ"
model = "ologit"
[test.across]
spec = "m"
test = ["`1:age` = `2:age`", "`3:educ`"]
[test.difference]
spec = "m"
lincom = "`1:age` - `6:age`"
[test.cut]
spec = "o"
nlcom = "`/cut1` / age"
[test.unknown]
spec = "o"
test = "`9:age`"
"""


@pytest.fixture(scope="module")
def study():
    return parse_study(TEXT, FOLDER / "study.toml")


@pytest.fixture(scope="module")
def parts(study):
    return {name.split(".", 1)[1]: part for name, part in ANALYSIS.parts(study)}


def test_they_are_those_of_a_do_file(parts):
    code = "import delimited data.csv, case(preserve) clear\nmlogit PID age educ income, base(0) r\n" \
           "test ([1]age = [2]age) ([3]educ = 0)\nlincom [1]age - [6]age\n"  # fmt: skip
    across, difference = (p.numbers for p in run_do(code, FOLDER).printed)
    found = answer(parts["across"]).numbers
    assert found["chi2"][""] == pytest.approx(across["chi2"], rel=1e-10) and found["df"][""] == across["df"] == 2
    (se,) = answer(parts["difference"]).numbers["se"].values()
    assert se == pytest.approx(difference["se"], rel=1e-10)


def test_a_cut_over_a_slope_by_hand(parts):
    side = parts["cut"].side
    fitted = estimate(side.spec, side.design)
    b, v = dict(zip(fitted.terms, fitted.coef, strict=True)), combined(fitted, side.design.facts, side.spec)
    gradient = np.zeros(len(b))
    gradient[list(b).index("/cut1")], gradient[list(b).index("age")] = 1 / b["age"], -b["/cut1"] / b["age"] ** 2
    (se,) = answer(parts["cut"]).numbers["se"].values()
    assert se == pytest.approx(math.sqrt(gradient @ v @ gradient), rel=1e-10)


@needs_r
def test_r_agrees_and_a_term_that_is_none_is_said(study):
    records = {r.spec: r for r in records_of(ANALYSIS, study, "live")}
    assert all(records[f"test.{n}"].verdict == "agree" for n in ("across", "difference", "cut"))
    assert all(records[f"test.{n}"].digits > 9 for n in ("across", "difference", "cut"))
    assert "no coefficient `9:age`" in records["test.unknown"].note
