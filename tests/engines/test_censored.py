"""Tobit: the maximum and its covariances against R's survreg, least squares, a mirror; what is refused."""

from __future__ import annotations

import math
import subprocess

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from conftest import FIXTURES
from dense_models import dense_model
from parity.algebra.censored import maximise, null
from parity.algebra.likelihood import NoMaximum
from parity.base.errors import Unestimable
from parity.compare.harmonise import combined, harmonise
from parity.engines import engine
from parity.engines.own.fit import estimate
from parity.r.session import missing_r
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
MROZ = pd.read_csv(FIXTURES / "mroz" / "data.csv")


def built(**spec):
    made = Spec(id="s", **{"formula": "hours ~ educ + exper + age + kidslt6", "model": "tobit", **spec})
    study = Study(folder=FIXTURES, header=Header(title="t", made=True), derive={}, index={}, specs=(made,), published=())
    return made, build_design(study, made, MROZ)


SPECS = (
    {"lower": 0, "upper": 2000, "vcov": "HC0"},
    {"lower": 0, "vcov": {"cluster": ["age"]}},
    {"upper": 1500, "lower": "min", "weights": {"frequency": "city"}},
    {"upper": "max", "where": "inlf == 1", "weights": {"pweight": "huseduc"}, "vcov": "HC1"},
)


@pytest.mark.parametrize("keys", SPECS)
def test_coefficients_and_covariances_are_the_dense_ones(keys):
    spec, design = built(**keys)
    found = estimate(spec, design)
    b, parts = dense_model(spec, design)
    assert found.terms == ("(Intercept)", "educ", "exper", "age", "kidslt6", "/sigma")
    assert found.coef == pytest.approx(b, rel=1e-9)
    for part in found.parts:
        assert np.array(part.matrix) == pytest.approx(parts[part.cluster], rel=1e-6)


@needs_r
@pytest.mark.parametrize("keys", SPECS)
def test_r_agrees(keys):
    spec, design = built(**keys)
    here, there = (
        harmonise(e, design.facts, spec) for e in (estimate(spec, design), engine("r-stata").estimate(spec, design))
    )
    assert set(here.quantities) == set(there.quantities)
    for key, q in here.quantities.items():
        assert there.quantities[key].value == pytest.approx(q.value, rel=1e-8), key


@needs_r
def test_two_limits_are_survreg_s():
    """Its parameter is log sigma; sandwich has its scores."""
    code = f"""
    suppressPackageStartupMessages(library(survival))
    d <- read.csv("{FIXTURES / "mroz" / "data.csv"}")
    low <- ifelse(d$hours <= 0, NA, pmin(d$hours, 2000)); high <- ifelse(d$hours >= 2000, NA, pmax(d$hours, 0))
    f <- survreg(Surv(low, high, type = "interval2") ~ educ + exper + age + kidslt6, d, dist = "gaussian",
                 control = survreg.control(rel.tolerance = 1e-14, maxiter = 100))
    cat(sprintf("%.15g", c(coef(f), f$scale, sqrt(diag(vcov(f))), f$loglik)))
    """
    done = subprocess.run(["Rscript", "--vanilla", "-e", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = np.array(done.stdout.split(), dtype=float)
    spec, design = built(lower=0, upper=2000)
    own = estimate(spec, design)
    se = np.sqrt(np.diag(combined(own, design.facts, spec)))
    assert own.coef == pytest.approx(found[:6], rel=1e-9)
    assert se == pytest.approx(np.r_[found[6:11], found[11] * found[5]], rel=1e-7)
    assert [own.stats["ll_0"], own.stats["ll"]] == pytest.approx(found[12:], rel=1e-11)


def test_without_a_censored_row_it_is_least_squares():
    x = np.column_stack([np.ones(len(MROZ)), MROZ[["educ", "age"]]])
    y = MROZ["hours"].to_numpy(float)
    b, (ssr,), *_ = np.linalg.lstsq(x, y, rcond=None)
    found = maximise(x, y, -1.0, math.inf)
    sigma = math.sqrt(ssr / len(y))
    assert found.b == pytest.approx(np.r_[b, sigma], rel=1e-10)
    v = found.half @ found.half.T
    assert v[:3, :3] == pytest.approx(sigma**2 * np.linalg.inv(x.T @ x), rel=1e-8)
    assert v[3, 3] == pytest.approx(sigma**2 / (2 * len(y)), rel=1e-8)
    assert null(y, -1.0, math.inf) == pytest.approx(-len(y) / 2 * (math.log(2 * math.pi * y.var()) + 1), rel=1e-12)


def test_a_mirror_changes_signs_alone():
    x = np.column_stack([np.ones(len(MROZ)), MROZ[["educ", "age"]]])
    y = MROZ["hours"].to_numpy(float)
    one, other = maximise(x, y, 0.0, 3000.0), maximise(x, -y, -3000.0, 0.0)
    assert one.b == pytest.approx(np.r_[-other.b[:3], other.b[3]], rel=1e-10)
    assert one.ll == pytest.approx(other.ll, rel=1e-13)


def test_the_scores_are_slopes_of_the_log_likelihood():
    """At the maximum their sum is nought, and so it is for each parameter."""
    design = built(lower=0, upper=3000)[1]
    x = np.column_stack([np.ones(design.nobs), design.x])
    found = maximise(x, design.y, 0.0, 3000.0)
    size = np.abs(found.scores).sum(axis=0)
    assert np.all(np.abs(found.scores.sum(axis=0)) < 1e-10 * size)


@pytest.mark.parametrize(("keys", "said"), [
    ({}, "needs the limit"), ({"lower": 3.0, "upper": 3.0}, "not below"),
    ({"model": "probit", "lower": 0}, "belongs to model"),
    ({"lower": 0, "formula": "hours ~ educ | age"}, "no absorbed effects"),
    ({"lower": 0, "formula": "hours ~ 0 + educ"}, "constant"),
    ({"lower": 0, "convention": "glm"}, "observed information"), ({"lower": 0, "convention": "regress"}, "is not for model"),
    ({"lower": "least"}, "min"), ({"lower": math.nan}, "nan is no limit"), ({"upper": math.inf}, "inf is no limit"),
])  # fmt: skip
def test_what_is_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        built(**keys)


@pytest.mark.parametrize(("keys", "said"), [
    ({"lower": "min", "upper": -1}, "the lower limit of the outcome, 0, is not below the upper, -1"),
    ({"lower": 5000, "upper": "max"}, "5000, is not below the upper, 4950"),
    ({"lower": "min", "upper": "max", "where": "inlf == 0"}, "0, is not below the upper, 0"),
])  # fmt: skip
def test_limits_that_the_sample_turns_round(keys, said):
    """A row at or beyond both would be censored at neither, and estimated."""
    with pytest.raises(Unestimable, match=said):
        built(**keys)


def test_a_mark_of_censored_rows_has_no_maximum_on_any_data():
    """Where steps end by rounding alone depends on the data, and on the machine."""
    rng = np.random.default_rng(5)
    for _ in range(100):
        n = rng.integers(6, 60)
        marked = np.arange(n) < rng.integers(1, n // 3)
        y = np.where(marked, 0.0, np.abs(rng.normal(size=n).round(int(rng.integers(0, 4)))))
        x = np.column_stack([np.ones(n), marked, rng.normal(size=n)])[:, : rng.integers(2, 4)]
        with pytest.raises(NoMaximum):
            maximise(x, y, 0.0, math.inf)


def test_without_a_maximum():
    x, y = np.column_stack([np.ones(6), [1, 0, 0, 0, 0, 1]]), np.array([0.0, 1, 2, 3, 5, 0])
    for data in (y, np.zeros(6), x[:, 1] + 1):  # a mark of censored rows, all censored, no residual
        with pytest.raises(NoMaximum, match="no maximum"):
            maximise(x, data, 0.0, math.inf)
    with pytest.raises(Unestimable, match="no maximum"):  # none of whom has worked
        built(lower=0, formula="hours ~ educ + kidslt6", where="inlf == 0 or kidslt6 == 0")
