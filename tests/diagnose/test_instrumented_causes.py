"""Causes of LIML, GMM and the between estimator, by numbers that linearmodels prints, or least squares of means."""

from __future__ import annotations

import numpy as np
import pytest
from linearmodels import IV2SLS, IVGMM, IVLIML
from linearmodels.panel import BetweenOLS

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.fitter import Fitter
from parity.study.load import load_study
from parity.study.spec import Spec

#: Columns of the studies that are kept: each that isn't in a formula could be added to it.
MROZ = ["inlf", "lwage", "exper", "expersq", "educ", "motheduc", "fatheduc", "huseduc", "age", "kidslt6", "city"]
WAGE_PANEL = ["nr", "year", "lwage", "educ", "union", "married", "hours"]
FORMULA = "lwage ~ exper + expersq | 0 | educ ~ motheduc + fatheduc + huseduc"


@pytest.fixture(scope="module")
def mroz():
    study = load_study(FIXTURES / "mroz").model_copy(update={"specs": ()})
    frame = load_frame(study)[MROZ].iloc[::2].reset_index(drop=True)  # each row is a cause or two
    used = frame[frame["inlf"] == 1].assign(one=1.0)
    z = used[["motheduc", "fatheduc", "huseduc"]].astype(float)
    return (
        Fitter(study, frame),
        frame,
        (used["lwage"], used[["one", "exper", "expersq"]].astype(float), used[["educ"]].astype(float), z),
    )


def named(fitter: Fitter, spec: dict, targets: list[tuple[str, str, float]], most: int = 1) -> set[tuple[str, ...]]:
    asked = Spec(id="declared", **spec)
    shown = [TargetNumber(quantity, term, f"{value:.9g}") for quantity, term, value in targets]
    return {s.ids for s in explain_targets(fitter.study, asked, fitter.original, shown, fitter=fitter, most=most).causes}


GMM = {"model": "gmm", "vcov": "HC1"}
CASES = {
    "liml": ({}, lambda c, by: IVLIML(*c).fit(cov_type="unadjusted")),
    "2sls": ({"model": "liml"}, lambda c, by: IV2SLS(*c).fit(cov_type="unadjusted")),
    "fuller-1": ({"model": "liml"}, lambda c, by: IVLIML(*c, fuller=1).fit(cov_type="unadjusted")),
    "gmm-two-steps": ({"vcov": "HC1"}, lambda c, by: IVGMM(*c).fit(cov_type="robust")),
    "moments-weighted-iid": (GMM, lambda c, by: IVGMM(*c, weight_type="unadjusted").fit(cov_type="robust")),
    "moments-weighted-robust": (
        GMM | {"moments": {"weight": "iid"}}, lambda c, by: IVGMM(*c, weight_type="robust").fit(cov_type="robust"),
    ),
    "moments-weighted-by-cluster": (
        {"model": "gmm", "vcov": {"cluster": ["age"]}, "moments": {"weight": "robust"}},
        lambda c, by: IVGMM(*c, weight_type="clustered", clusters=by).fit(cov_type="clustered", clusters=by),
    ),
    "gmm-one-step": (GMM, lambda c, by: IVGMM(*c).fit(iter_limit=1, cov_type="robust")),
    "gmm-iterated": (GMM, lambda c, by: IVGMM(*c).fit(iter_limit=1000, tol=1e-24, cov_type="robust")),
    "moments-centred": (GMM, lambda c, by: IVGMM(*c, center=True).fit(cov_type="robust")),
    "moments-about-zero": (
        GMM | {"convention": {"profile": "ivregress", "centred": "yes"}}, lambda c, by: IVGMM(*c).fit(cov_type="robust"),
    ),
    "gmm-sandwich": (GMM | {"convention": "ivreg2"}, lambda c, by: IVGMM(*c).fit(cov_type="robust")),
}  # fmt: skip


@pytest.mark.parametrize("id", CASES)
def test_a_cause_is_named_of_linearmodels_numbers(id, mroz):
    fitter, frame, columns = mroz
    spec, fitted = CASES[id]
    fit = fitted(columns, frame["age"][columns[0].index].to_numpy())
    targets = [("coef", "educ", fit.params["educ"]), ("se", "educ", fit.std_errors["educ"])]
    given = {"formula": FORMULA, "where": "inlf == 1", "convention": "ivregress"} | spec
    assert (id,) in named(fitter, given, targets)


def test_the_weights_own_covariance_is_named(mroz):
    """(X'Z S^-1 Z'X)^-1 by hand, S of the residuals of 2SLS."""
    fitter, _, (y, x, d, z) = mroz
    regressors, instruments = np.hstack([x, d]), np.hstack([x, z])
    first = np.linalg.lstsq(instruments @ np.linalg.lstsq(instruments, regressors, rcond=None)[0], y.to_numpy(), rcond=None)[
        0
    ]
    moments = instruments * (y.to_numpy() - regressors @ first)[:, None]
    across = instruments.T @ regressors
    v = np.linalg.inv(across.T @ np.linalg.inv(moments.T @ moments) @ across)
    spec = {"formula": FORMULA, "where": "inlf == 1", "convention": "ivregress", **GMM}
    assert ("gmm-covariance-of-the-weight",) in named(fitter, spec, [("se", "educ", float(np.sqrt(v[3, 3])))])


def test_a_change_of_the_design_is_named_behind_a_covariance_that_is_another_fit(mroz):
    """Homoskedastic errors weight the moments, so that every coefficient moves with the covariance; expersq is left out."""
    fitter, _, (y, x, d, z) = mroz
    fit = IVGMM(y, x[["one", "exper"]], d, z, weight_type="unadjusted").fit(cov_type="unadjusted")
    targets = [(q, t, of[t]) for t in ("educ", "exper") for q, of in (("coef", fit.params), ("se", fit.std_errors))]
    spec = {"formula": FORMULA, "where": "inlf == 1", "convention": "ivregress", **GMM}
    assert ("iid-for-robust", "control-left-out") in named(fitter, spec, targets, most=2)


@pytest.fixture(scope="module")
def wage_panel():
    study = load_study(FIXTURES / "wage_panel").model_copy(update={"specs": ()})
    frame = load_frame(study)[WAGE_PANEL]
    return Fitter(study, frame[frame["nr"] < 3500].reset_index(drop=True))


@pytest.mark.parametrize("by_rows", [True, False])
def test_how_means_of_units_are_weighted(wage_panel, by_rows):
    frame = wage_panel.original
    some = frame[(frame["year"] > 1982) | (frame["nr"] < 2000)]
    panel = some.set_index(["nr", "year"]).assign(one=1.0)
    fit = BetweenOLS(panel["lwage"], panel[["one", "educ", "union"]].astype(float)).fit(reweight=by_rows)
    spec = {
        "formula": "lwage ~ educ + union", "model": "between", "where": "year > 1982 or nr < 2000",
        "convention": {"profile": "xtreg", "between_weights": "units" if by_rows else "rows"},
    }  # fmt: skip
    targets = [("coef", "educ", fit.params["educ"]), ("se", "educ", fit.std_errors["educ"])]
    assert ("between-by-rows" if by_rows else "between-alike",) in named(wage_panel, spec, targets)
