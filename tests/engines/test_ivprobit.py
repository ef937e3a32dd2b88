"""IV probit: the maximum and its covariances against dense algebra, R, and two steps where these are the maximum."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from conftest import FIXTURES
from dense_models import dense_model
from parity.algebra import likelihood
from parity.algebra.joint_probit import maximise
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
MROZ = pd.read_csv(FIXTURES / "mroz" / "data.csv")
OVER = "inlf ~ exper + kidslt6 | 0 | educ ~ motheduc + fatheduc"
JUST = "inlf ~ educ + age | 0 | nwifeinc ~ huseduc"


def built(formula=OVER, **keys):
    made = Spec(id="s", formula=formula, model="ivprobit", **keys)
    study = Study(folder=FIXTURES, header=Header(title="t", made=True), derive={}, index={}, specs=(made,), published=())
    return made, build_design(study, made, MROZ)


SPECS = (
    {"vcov": {"cluster": ["age"]}},
    {"formula": JUST, "weights": {"frequency": "educ"}, "vcov": "HC0"},
    {"weights": {"pweight": "huseduc"}, "vcov": "HC1", "where": "age < 50"},
)


@pytest.mark.parametrize("keys", SPECS)
def test_coefficients_and_covariances_are_the_dense_ones(keys):
    spec, design = built(**keys)
    found = estimate(spec, design)
    b, parts = dense_model(spec, design)
    assert found.terms == design.terms and found.terms[-2:] == ("/athrho", "/lnsigma")
    assert found.coef == pytest.approx(b, rel=1e-9)
    for part in found.parts:
        scale = np.sqrt(np.outer(np.diag(parts[part.cluster]), np.diag(parts[part.cluster])))
        assert np.array(part.matrix) / scale == pytest.approx(parts[part.cluster] / scale, abs=1e-6)


@needs_r
@pytest.mark.parametrize("keys", (*SPECS, {"formula": JUST, "vcov": "iid"}))
def test_r_agrees(keys):
    spec, design = built(**keys)
    here, there = (
        harmonise(e, design.facts, spec) for e in (estimate(spec, design), engine("r-stata").estimate(spec, design))
    )
    assert set(here.quantities) == set(there.quantities)
    for key, q in here.quantities.items():
        assert there.quantities[key].value == pytest.approx(q.value, rel=1e-9, abs=1e-9 * q.scale), key


def test_with_one_instrument_the_maximum_is_that_of_two_steps():
    """The index given d is linear in x, d and z whatever the parameters, so the likelihood falls into a probit on all of
    them and a regression: rho / sqrt(1 - rho^2) is what the probit has for the residual, times its deviation."""
    spec, design = built(JUST)
    found = dict(zip(design.terms, estimate(spec, design).coef, strict=True))
    x = np.column_stack([np.ones(design.nobs), design.x])
    first, d = np.column_stack([x, design.z]), design.endog[:, 0]
    p = np.linalg.lstsq(first, d, rcond=None)[0]
    v = d - first @ p
    sigma = math.sqrt(v @ v / len(v))
    second = likelihood.maximise(np.column_stack([x, d, v]), design.y, "probit")
    t = second.b[-1] * sigma
    assert found["/athrho"] == pytest.approx(math.asinh(t), rel=1e-9)
    assert found["/lnsigma"] == pytest.approx(math.log(sigma), rel=1e-9)
    assert found["nwifeinc"] == pytest.approx(second.b[-2] / math.hypot(1, t), rel=1e-9)
    assert found["nwifeinc:huseduc"] == pytest.approx(p[-1], rel=1e-9)


def test_an_exogenous_column_has_no_correlation():
    """Of drawn data: the Wald statistic of exogeneity is that of /athrho, and chi2 that of the outcome's slopes."""
    spec, design = built()
    found = harmonise(estimate(spec, design), design.facts, spec).quantities
    z = found["t", "/athrho"].value
    assert found["chi2_exog", ""].value == pytest.approx(z * z, rel=1e-12)
    terms = ("exper", "kidslt6", "educ")
    b = np.array([found["coef", t].value for t in terms])
    v = np.array([[found["vcov", " x ".join(sorted((a, c)))].value for c in terms] for a in terms])
    assert found["chi2", ""].value == pytest.approx(b @ np.linalg.solve(v, b), rel=1e-9)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"formula": "inlf ~ educ"}, "needs instruments"),
        ({"formula": "inlf ~ age | 0 | educ + exper ~ motheduc + fatheduc"}, "takes one endogenous column"),
        ({"formula": "inlf ~ exper | age | educ ~ motheduc"}, "takes no absorbed effects"),
        ({"formula": "inlf ~ 0 + exper | 0 | educ ~ motheduc"}, "has a constant here"),
        ({"convention": "glm"}, "observed information"),
        ({"diagnostics": True}, "has a likelihood"),
    ],
)
def test_what_is_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        Spec(**{"id": "s", "formula": OVER, "model": "ivprobit", **keys})


def test_an_outcome_that_is_predicted_perfectly_has_no_maximum():
    x, z = np.ones((40, 1)), np.linspace(-1, 1, 40)[:, None]
    d = z[:, 0] + np.tile([0.1, -0.1], 20)
    with pytest.raises(NoMaximum, match="no maximum"):
        maximise(x, d, z, (d > 0).astype(float))
    with pytest.raises(Unestimable, match="is 0 or 1"):
        built("hours ~ exper | 0 | educ ~ motheduc")
