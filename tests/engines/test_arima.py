"""ARMA errors: what Stata's manual prints of wpi1.dta, the joint density of all rows, R's half, and what is refused.

The series and Stata 12's numbers ([TS] arima, example 1, and its other vce()) are in statsmodels' suite,
tsa/statespace/tests/results/results_sarimax.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import linalg, stats
from statsmodels.tsa.statespace.tests.results.results_sarimax import wpi1_ar3, wpi1_data, wpi1_stationary

from conftest import FIXTURES
from parity.algebra.arma import derivatives, maximise
from parity.algebra.likelihood import NoMaximum
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.engines import engine
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
YEARS = np.arange(1960, 1960 + len(wpi1_data))
#: The rows of a file in any order.
WPI = pd.DataFrame({"wpi": wpi1_data, "t": YEARS, "z": np.sin(YEARS), "half": YEARS % 2}).sample(frac=1, random_state=3)
#: Stata ends its steps where the log likelihood moves by less than 1e-7 of itself.
STOPS = 4e-4


def built(unit=None, frame=WPI, **keys):
    made = Spec(id="s", **{"formula": "d(wpi, 1) ~ 1", "model": "arima", "arma": [1, 1], **keys})
    header = Header(title="t", made=True, time="t", unit=unit)
    study = Study(folder=FIXTURES, header=header, derive={}, index={}, specs=(made,), published=())
    return made, build_design(study, made, frame)


def harmonised(engine_id=None, **keys):
    spec, design = built(**keys)
    found = estimate(spec, design) if engine_id is None else engine(engine_id).estimate(spec, design)
    return harmonise(found, design.facts, spec).quantities


@pytest.mark.parametrize(
    ("keys", "of"),
    [
        ({"convention": {"profile": "ml", "information": "outer"}}, "opg"),
        ({}, "oim"),
        ({"vcov": "HC1"}, "robust"),
    ],
)
def test_stata_s_numbers(keys, of):
    """Each kind of standard error to what Stata's last step leaves: a robust one has the factor N/(N - 1), 0.4 %."""
    found, recorded = harmonised(**keys), wpi1_stationary
    for name, b in (("ar", "ARMA:ar1"), ("ma", "ARMA:ma1")):
        assert found["coef", b].value == pytest.approx(
            recorded[f"params_{name}"][0], abs=STOPS * recorded[f"se_{name}_oim"][0]
        )
        assert found["se", b].value == pytest.approx(recorded[f"se_{name}_{of}"][0], rel=STOPS)
    assert found["coef", "(Intercept)"].value == pytest.approx(recorded["params_mean"][0], rel=STOPS)
    assert found["coef", "/sigma"].value ** 2 == pytest.approx(recorded["params_variance"][0], rel=STOPS)
    assert found["ll", ""].value == pytest.approx(recorded["loglike"], abs=5e-6)
    if of == "opg":
        assert found["chi2", ""].value == pytest.approx(310.64, rel=STOPS)  # Wald's of the window


def test_three_lags_and_no_constant():
    found = harmonised(formula="d(wpi, 1) ~ 0 + z", arma=[3, 0], where="t >= 1960")
    alone = maximise(np.empty((len(YEARS) - 1, 0)), np.diff(np.array(wpi1_data)), YEARS[1:], 3, 0)
    assert alone.b[:3] == pytest.approx(wpi1_ar3["params_ar"], abs=1e-4)
    assert alone.ll == pytest.approx(wpi1_ar3["loglike"], abs=5e-6)
    assert found["ll", ""].value > alone.ll


@pytest.mark.parametrize(("ar", "ma"), [(1, 1), (2, 0), (0, 2)])
def test_the_likelihood_is_the_joint_density(ar, ma):
    """Of all rows at once, with the autocovariances of the infinite moving average; periods are missing in between."""
    rng = np.random.default_rng(5)
    time = np.sort(rng.choice(60, 50, replace=False))
    x, y = np.column_stack([np.ones(50), rng.normal(size=50)]), rng.normal(size=60)[time]
    point = np.r_[0.3, -0.2, [0.5, -0.3][:ar], [0.4, 0.2][:ma], 1.2]
    weights = np.zeros(400)
    past = np.r_[1.0, point[2 + ar : -1], np.zeros(400)]
    for j in range(400):
        weights[j] = past[j] + sum(point[2 + i] * weights[j - 1 - i] for i in range(ar) if j > i)

    def joint(b: np.ndarray) -> float:
        covariance = linalg.toeplitz([weights[: 400 - k] @ weights[k:] for k in range(60)]) * b[-1] ** 2
        return stats.multivariate_normal(x @ b[:2], covariance[np.ix_(time, time)]).logpdf(y)

    scores, observed = derivatives(x, y, time - time[0], ar, point)
    steps = [i for i in range(len(point)) if not 2 <= i < 2 + ar + ma]  # the weights above are those of one process
    for i in steps:
        h = 1e-5 * np.eye(len(point))[i]
        assert scores.sum(axis=0)[i] == pytest.approx((joint(point + h) - joint(point - h)) / 2e-5, abs=1e-6)
        curve = (joint(point + 50 * h) - 2 * joint(point) + joint(point - 50 * h)) / (50 * 1e-5) ** 2
        assert observed[i, i] == pytest.approx(-curve, rel=1e-4)


def test_second_derivatives_without_a_process_are_those_of_normal_errors():
    """2 N / sigma^2 for sigma, and nothing beside it."""
    found = maximise(np.ones((124, 1)), np.sin(YEARS), YEARS, 0, 0)
    inverse = found.half @ found.half.T
    exact = np.diag([found.b[1] ** 2 / 124, found.b[1] ** 2 / 248])
    np.testing.assert_allclose(inverse, exact, rtol=1e-8, atol=1e-8 * exact[0, 0])


@needs_r
@pytest.mark.parametrize(
    "keys",
    [
        {"convention": {"profile": "ml", "information": "outer"}},
        {"formula": "d(wpi, 1) ~ z", "arma": [2, 1], "vcov": "HC1", "where": "t != 1990 and t != 1991"},
        {"formula": "d(wpi, 1) ~ 0 + z", "arma": [0, 2], "vcov": "HC0"},
        {"formula": "z ~ wpi", "arma": [0, 0]},
    ],
)
def test_r_agrees(keys):
    here, there = harmonised(**keys), harmonised("r-stata", **keys)
    assert set(here) == set(there)
    for key, q in here.items():
        assert there[key].value == pytest.approx(q.value, rel=1e-8, abs=1e-8 * q.scale), key


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"arma": None}, r"needs the terms of its process"),
        ({"arma": [1, 99]}, "from 0 to 12"),
        ({"formula": "wpi ~ 1 | half"}, "neither fixed effects nor weights"),
        ({"vcov": {"cluster": ["half"]}}, "takes vcov"),
        ({"convention": "glm"}, '"observed" or "outer"'),
        ({"model": "ols", "convention": "regress"}, "arma belongs to"),
        (
            {"model": "logit", "arma": None, "convention": {"profile": "ml", "information": "outer"}},
            "is for model",
        ),
    ],
)
def test_what_is_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        built(**keys)


def test_rows_of_several_series_are_refused():
    with pytest.raises(Unestimable, match="several of `half`"):
        built(unit="half", formula="wpi ~ 1")
    assert built(unit="half", where="half == 1", formula="z ~ 1", arma=[0, 0])[1].nobs == 62
    with pytest.raises(Unestimable, match=r"same period|no certain order|twice"):
        built(frame=pd.concat([WPI, WPI.head(1)]), formula="wpi ~ 1")


def test_a_series_without_variation_has_no_maximum():
    with pytest.raises(NoMaximum, match="no maximum"):
        maximise(np.ones((20, 1)), np.full(20, 3.0), np.arange(20), 1, 0)
