"""Scenarios of a likelihood turned into numbers: no short cut of least squares, and what its covariance depends on."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parity.diagnose.fitter import Fitter
from parity.diagnose.observed import Observed, Target
from parity.diagnose.scenario import LevelAgain, RowAgain, Scenario, WithoutLevel
from parity.study.header import Header
from parity.study.spec import Spec, Vcov
from parity.study.study import Study

#: Ones among twelve where d is 0, and among twelve where it is 1.
NONE, ONES = 3, 8


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    d = np.repeat([0, 1], 12)
    y = np.concatenate([np.arange(12) < NONE, np.arange(12) < ONES]).astype(float)
    frame = pd.DataFrame({"y": y, "d": d, "unit": np.arange(24) % 6, "year": np.arange(24) // 6})
    header = Header(title="t", unit="unit", time="year", made=True)
    return Fitter(Study(folder=Path("by-hand"), header=header, derive={}, index={}, specs=(), published=()), frame)


def scenario(model: str = "logit", profile: str = "ml", **more) -> Scenario:
    return Scenario(Spec(id="s", **({"formula": "y ~ d", "model": model, "vcov": "iid", "convention": profile} | more)))


def ols(**more) -> Scenario:
    return Scenario(Spec(id="s", **({"formula": "y ~ d", "vcov": "iid", "convention": "regress"} | more)))


def odds(ones: int, of: int = 12) -> float:
    return math.log(ones / (of - ones))


def test_a_logit_of_one_dummy_is_in_the_table_of_counts(fitter):
    """b is the difference of log odds, and its variance the sum of the inverse counts."""
    numbers = fitter.numbers(scenario())
    assert numbers.coef.tolist() == pytest.approx([odds(3), odds(8) - odds(3)], rel=1e-9)
    assert numbers.se[0] == pytest.approx(math.sqrt(1 / 3 + 1 / 9)) and numbers.df_t == math.inf
    assert numbers.se[1] == pytest.approx(math.sqrt(1 / 3 + 1 / 9 + 1 / 8 + 1 / 4))
    scaled = fitter.numbers(scenario(profile="feglm"))
    assert scaled.se[1] == pytest.approx(math.sqrt((1 / 3 + 1 / 9 + 1 / 8 + 1 / 4) * 23 / 22))


@pytest.mark.parametrize(
    ("edit", "zero", "one"),
    [
        (WithoutLevel("year", 0, False), (0, 6), (8, 12)), (WithoutLevel("year", 2, False), (3, 12), (2, 6)),
        (RowAgain(0), (4, 13), (8, 12)), (LevelAgain("year", 3), (3, 12), (10, 18)),
    ],
)  # fmt: skip
def test_other_rows_are_estimated_anew(fitter, edit, zero, one):
    changed = scenario().edited(edit)
    assert fitter.nobs_at_sight(changed) is None and fitter.nobs_at_sight(ols().edited(edit)) == zero[1] + one[1]
    assert fitter._without_refit(changed) is None and fitter._without_refit(ols().edited(edit)) is not None
    core = fitter.core(changed)
    if zero[0]:
        assert core.nobs == zero[1] + one[1]
        assert core.coef.tolist() == pytest.approx([odds(*zero), odds(*one) - odds(*zero)], rel=1e-8)


def test_which_row_twice_is_not_asked_of_a_likelihood(fitter):
    numbers = fitter.numbers(ols().edited(RowAgain(0)))
    targets = [Target("coef", t, float(b), 1e-9, 1.0) for t, b in zip(numbers.terms, numbers.coef, strict=True)]
    shown = Observed((*targets, Target("nobs", "", 25.0, 0.0, 25.0)), complete=False)
    assert 0 in fitter.rows_twice(ols(), shown) and fitter.rows_twice(scenario(), shown) == frozenset()


def test_information_is_another_covariance_and_a_factor_is_not(fitter):
    probit = scenario("probit")
    expected = probit.with_convention(information="expected")
    assert fitter._parts_key(probit) != fitter._parts_key(expected) and probit.rows_key != expected.rows_key
    early = scenario().with_convention(newton="ltolerance")
    assert early.rows_key != scenario().rows_key
    robust, plain = scenario(vcov="HC1"), scenario(vcov="HC0")
    assert fitter._parts_key(robust) == fitter._parts_key(plain) != fitter._parts_key(scenario())
    factor = robust.with_convention(robust="n/(n-k)")
    assert fitter._parts_key(factor) == fitter._parts_key(robust) and factor.rows_key is robust.rows_key
    # of least squares neither setting moves anything
    assert ols().with_convention(information="expected").rows_key == ols().rows_key
    assert fitter._parts_key(ols()) == fitter._parts_key(ols().with_convention(information="expected"))


def test_a_saturated_probit_has_one_information(fitter):
    """Where the fit meets every group's share, second derivatives are what is expected of them."""
    probit = scenario("probit")
    both = [fitter.numbers(s).se for s in (probit, probit.with_convention(information="expected"))]
    assert both[0] == pytest.approx(both[1], rel=1e-8)


def test_robust_covariances_of_a_logit_by_hand(fitter):
    """Scores of a group are y - p, so that its variance is p (1 - p) / n again; by N/(N - 1) as Stata has it."""
    se = fitter.numbers(scenario(vcov="HC1")).se
    assert se[1] == pytest.approx(math.sqrt((1 / 3 + 1 / 9 + 1 / 8 + 1 / 4) * 24 / 23))
    clustered = fitter.numbers(scenario(vcov=Vcov(kind="CR1", cluster=("year",))))
    # of d = 0: years 0 and 1 have 3 and 0 ones of six, scores 3 - 1.5 and 0 - 1.5; of d = 1: 6 and 2, +-2
    variance = 2 * (1.5 / (12 * 0.25 * 0.75)) ** 2 + 2 * (2 / (12 * (2 / 3) * (1 / 3))) ** 2
    assert clustered.se[1] == pytest.approx(math.sqrt(variance * 4 / 3))
