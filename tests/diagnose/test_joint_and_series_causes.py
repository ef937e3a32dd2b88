"""Causes of series and of IV probit by statsmodels' numbers: products of complex-step scores of SARIMAX, and Probit."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.engines.own.fit import estimate
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec

SERIES = {"formula": "inv ~ value", "model": "arima", "arma": [1, 0], "where": "firm == 1"}
OUTER = {"convention": {"profile": "ml", "information": "outer"}}


def prints(study: str, columns: list[str], keys: dict, id: str) -> dict[tuple[str, str], float]:
    """Coefficients and standard errors of a spec under one cause."""
    found = load_study(FIXTURES / study).model_copy(update={"specs": ()})
    fitter = Fitter(found, load_frame(found)[columns])
    (step,) = BY_ID[id].steps(Scenario(Spec(id="s", **keys)), fitter)
    numbers = fitter.numbers(step.scenario)
    assert numbers is not None
    pairs = zip(numbers.terms, numbers.coef, np.sqrt(np.diag(numbers.vcov)), strict=True)
    return {(name, t): float(v) for t, *values in pairs for name, v in zip(("coef", "se"), values, strict=True)}


@pytest.mark.parametrize(("declared", "id"), [({}, "outer-information"), (OUTER, "second-derivatives-for-scores")])
def test_which_information_of_a_series(declared, id):
    study = load_study(FIXTURES / "grunfeld")
    frame = load_frame(study)
    spec = Spec(id="s", **SERIES)
    b, k, phi, sigma = estimate(spec, build_design(study, spec, frame)).coef
    used = frame[frame["firm"] == 1].sort_values("year")
    model = sm.tsa.SARIMAX(used["inv"].to_numpy(), exog=sm.add_constant(used[["value"]].to_numpy()), order=(1, 0, 0))
    at = np.array([b, k, phi, sigma**2])

    def rows(point: np.ndarray) -> np.ndarray:
        return model.score_obs(point, approx_complex_step=True)

    if id == "outer-information":
        seen = rows(at).T @ rows(at)
    else:
        steps = 1e-6 * np.diag(np.maximum(np.abs(at), 0.01))
        seen = -np.array([(rows(at + e) - rows(at - e)).sum(axis=0) / (2 * e.sum()) for e in steps])
    se = np.sqrt(np.diag(np.linalg.inv((seen + seen.T) / 2)))
    found = prints("grunfeld", ["firm", "year", "inv", "value"], SERIES | declared, id)
    assert [found["se", t] for t in ("(Intercept)", "value", "ARMA:ar1")] == pytest.approx(se[:3], rel=1e-6)


def test_an_endogenous_column_taken_as_given():
    frame = load_frame(load_study(FIXTURES / "mroz"))
    x = sm.add_constant(frame[["educ", "age", "nwifeinc"]].to_numpy(dtype=float))
    fit = sm.Probit(frame["inlf"].to_numpy(dtype=float), x).fit(disp=0, tol=1e-12)
    keys = {"formula": "inlf ~ educ + age | 0 | nwifeinc ~ huseduc", "model": "ivprobit"}
    found = prints("mroz", ["inlf", "educ", "age", "nwifeinc", "huseduc"], keys, "endogenous-column-as-given")
    terms = ("(Intercept)", "educ", "age", "nwifeinc")
    assert [found["coef", t] for t in terms] == pytest.approx(fit.params, rel=1e-8)
    assert [found["se", t] for t in terms] == pytest.approx(fit.bse, rel=1e-8)
