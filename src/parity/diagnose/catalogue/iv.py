"""IV: large or small samples, and shortcuts in the second stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.collinear import absorbed
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.sample.design import Design

if TYPE_CHECKING:
    import pandas as pd


def _size(small: bool, iv: bool):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        now = scenario.spec.convention
        is_small = now.small and (now.iv_small or not scenario.spec.iv)
        if not scenario.raw and scenario.spec.iv == iv and is_small != small:
            yield Step(cause, scenario.with_convention(small=small, iv_small=small))

    return variants


def _ols(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    if scenario.spec.iv:
        yield Step(cause, scenario.with_spec(formula=replace(f, exog=(*f.exog, *f.endog), endog=(), instruments=())))


def _instrument_left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    f = scenario.spec.formula
    if len(f.instruments) > len(f.endog):
        for item in f.instruments:
            rest = tuple(z for z in f.instruments if z != item)
            yield Step(cause, scenario.with_spec(formula=replace(f, instruments=rest)), (("instrument", str(item)),))


@dataclass(frozen=True)
class FittedForEndogenous:
    """The endogenous columns replaced by their first-stage fit, as regressors: a second stage run by hand."""

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        root = np.ones(design.nobs) if design.weights is None else np.sqrt(design.weights)
        constant = [np.ones((design.nobs, 1))] if design.intercept else []
        effects = list(design.effects.values())
        z = np.hstack([*constant, design.x, design.z])
        y = design.endog
        if effects:
            z_in, y_in = absorbed(z, effects, design.weights), absorbed(y, effects, design.weights)
        else:
            z_in, y_in = z * root[:, None], y * root[:, None]
        b = np.linalg.lstsq(z_in, y_in, rcond=None)[0]
        empty = np.empty((design.nobs, 0))
        # with fixed effects the fit is up to a combination of them, which the second stage absorbs
        return replace(
            design, x=np.hstack([design.x, z @ b]), x_names=(*design.x_names, *design.endog_names),
            endog=empty, endog_names=(), z=empty, z_names=(),
        )  # fmt: skip


def _by_hand(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.iv:
        yield Step(cause, scenario.edited(FittedForEndogenous()))


CAUSES = (
    Cause(
        "large-sample-iv", "iv", "convention", "small",
        "Its IV inference is for large samples: no small-sample factor, and the normal distribution.",
        "factor 1 instead of {factor_before}; df of t infinite",
        "Stata [R] ivregress without small; ivreg2; linearmodels IV2SLS",
        {"Stata": "ivregress or ivreg2 without small", "linearmodels": "IV2SLS.fit(debiased=False), its default"},
         _size(False, iv=True),
        avoids={"Stata": "ivregress or ivreg2 ..., small", "linearmodels": "IV2SLS.fit(debiased=True)"},
    ),
    Cause(
        "small-sample-iv", "iv", "convention", "small",
        "Its IV inference has the small-sample factor and t.",
        "factor {factor} instead of 1", "Stata [R] ivregress, option small; fixest; R's ivreg",
        {"Stata": "ivregress or ivreg2 ..., small", "linearmodels": "IV2SLS.fit(debiased=True)"}, _size(True, iv=True),
        avoids={"Stata": "ivregress or ivreg2 without small",
                "linearmodels": "IV2SLS.fit(debiased=False), its default"},
    ),
    Cause(
        "large-sample", "iv", "convention", "small",
        "Its inference is for large samples: no small-sample factor, and the normal distribution.",
        "factor 1 instead of {factor_before}; df of t infinite", "Stata gmm and sem; linearmodels debiased=False",
        {"linearmodels": "fit(debiased=False)"}, _size(False, iv=False),
        avoids={"linearmodels": "fit(debiased=True)"},
    ),
    Cause(
        "small-sample", "iv", "convention", "small",
        "Its inference has the small-sample factor and t.",
        "factor {factor} instead of 1", "Stata regress", {"linearmodels": "fit(debiased=True)", "Stata": "regress"},
        _size(True, iv=False),
        avoids={"linearmodels": "fit(debiased=False)"},
    ),
    Cause(
        "ols-for-iv", "iv", "design", "iv",
        "It is OLS: the endogenous regressors stand as they are, without instruments.",
        "X instead of its projection on Z", "Angrist and Pischke (2009), chapter 4",
        {"fixest": "y ~ x + endog | fe", "Stata": "regress y x endog"}, _ols,
        avoids={"fixest": "y ~ x | fe | endog ~ z", "Stata": "ivregress 2sls y x (endog = z)"},
    ),
    Cause(
        "instrument-left-out", "iv", "design", "instruments",
        "The instrument `{instrument}` is left out.", "one instrument less", "the formula", {}, _instrument_left_out,
    ),
    Cause(
        "second-stage-by-hand", "iv", "design", "iv",
        "The second stage was run by hand on first-stage fits: its residuals and standard errors are not 2SLS's.",
        "e = y - X^ b instead of y - X b", "Angrist and Pischke (2009), section 4.6.1; Wooldridge (2010), section 5.1",
        {"Stata": "regress endog x z, predict fit, regress y x fit"}, _by_hand, keeps_coefficients=True,
        avoids={"Stata": "ivregress 2sls", "fixest": "y ~ x | fe | endog ~ z"},
    ),
)  # fmt: skip
