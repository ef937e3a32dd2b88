"""Likelihoods of two equations and of series: an endogenous column taken as given, and which information of a series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity.diagnose.catalogue.common import convention
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.models import JOINT, SERIES

_ARIMA = "Stata [TS] arima, option vce(); R, stats, arima(): solve(hessian)"


def _series(scenario: Scenario) -> bool:
    return scenario.spec.model in SERIES and scenario.spec.vcov.kind == "iid"


def _exogenous(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """The outcome's equation alone."""
    f = scenario.spec.formula
    if scenario.spec.model in JOINT and not scenario.raw:
        plain = replace(f, exog=(*f.exog, *f.endog), endog=(), instruments=())
        yield Step(cause, scenario.with_spec(model="probit", formula=plain), (("column", str(f.endog[0])),))


CAUSES = (
    Cause(
        "outer-information", "covariance", "covariance", "information",
        "Its covariance is the inverse of the sum of products of the rows' scores, where that of the second derivatives was "
        "declared.",
        "sum s_t s_t' for minus the second derivatives", _ARIMA, {"Stata": "arima, the default, vce(opg)"},
        convention("outer", "information", when=_series), avoids={"Stata": "arima, vce(oim)"},
    ),
    Cause(
        "second-derivatives-for-scores", "covariance", "covariance", "information",
        "Its covariance is the inverse of minus the second derivatives, where that of products of scores was declared.",
        "minus the second derivatives for sum s_t s_t'", _ARIMA,
        {"Stata": "arima, vce(oim)", "R": "arima()", "statsmodels": 'SARIMAX.fit(cov_type="oim")'},
        convention("observed", "information", when=_series),
    ),
    Cause(
        "endogenous-column-as-given", "model", "design", "likelihood",
        "It takes the column `{column}` as given: a probit of the outcome without a first stage.",
        "pnorm(x'b + d c) for the joint density of outcome and d", "Stata [R] ivprobit, Methods and formulas",
        {"Stata": "probit", "glm": 'family = binomial("probit")'}, _exogenous,
    ),
)  # fmt: skip
