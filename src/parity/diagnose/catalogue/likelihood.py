"""Likelihood: which base outcome, which information, which factor, where the steps ended, and what is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from parity.algebra.likelihood import MOST_INDEX
from parity.conventions.profiles import PROFILES
from parity.diagnose.catalogue import edits
from parity.diagnose.catalogue.common import Variants, convention
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.marginal import Marginal
from parity.diagnose.scenario import Scenario
from parity.study.formula import Call
from parity.study.models import CENSORED, JOINT, OF_ONE_INDEX, OF_TWO_INFORMATIONS

_ML = "Stata [R] logit, probit, poisson, mlogit, ologit, oprobit; [P] _robust"
_FIXEST = "fixest 0.14.2, R/VCOV.R; pyfixest 0.60, estimation/models/feglm_.py"
_GLM = "R, glm.fit, summary.glm; sandwich 3.1, bread.glm"


def _likelihood(scenario: Scenario) -> bool:
    return scenario.spec.likelihood


def _of(*kinds: str) -> Callable[[Scenario], bool]:
    return lambda scenario: scenario.spec.likelihood and scenario.spec.vcov.kind in kinds


def _two_informations(scenario: Scenario) -> bool:
    return scenario.spec.model in OF_TWO_INFORMATIONS


def _information(id: str, value: str, sentence: str, formula: str, source: str, how: dict[str, str]) -> Cause:
    return Cause(
        id, "covariance", "covariance", "information", sentence, formula, source, how,
        convention(value, "information", when=_two_informations),
    )  # fmt: skip


def _factor(
    id: str, setting: str, value: str, sentence: str, formula: str, source: str, how: dict[str, str],
    when: Callable[[Scenario], bool],
) -> Cause:  # fmt: skip
    variants: Variants = convention(value, setting, when=when)
    return Cause(id, "counting", "convention", setting, sentence, formula, source, how, variants)


def _stopped(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    formula = scenario.spec.formula
    if (
        _likelihood(scenario)
        and scenario.spec.model not in (*CENSORED, *JOINT)
        and formula.intercept
        and not formula.effects
    ):
        yield from convention("ltolerance", "newton")(cause, scenario, fitter)


def _instead(of: dict[str, str]) -> Variants:
    """of: model -> the other one."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if scenario.spec.model in of and not scenario.raw:
            yield Step(cause, scenario.with_spec(model=of[scenario.spec.model]))

    return variants


def _least_squares(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Under the conventions of the commands that such a column would be of."""
    if _likelihood(scenario) and scenario.spec.model != "mlogit" and not scenario.raw and not scenario.marginal:
        for profile in ("reghdfe", "areg", "fixest") if scenario.spec.formula.effects else ("regress",):
            linear = scenario.with_spec(model="ols", convention=PROFILES[profile])
            yield Step(cause, linear, (("outcome", str(scenario.spec.formula.outcome)), ("as", profile)))


_AT = {"rows": "averaged over the rows", "means": "at the means of the regressors"}
_OF_TWO = {"derivative": "derivatives", "difference": "differences of the response at 1 and at 0"}


def _marginal(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Differences only where a column of 0 and 1 makes them another number."""
    if scenario.spec.model not in OF_ONE_INDEX or scenario.marginal or scenario.spec.formula.effects or scenario.spec.offset:
        return
    design = fitter.design(scenario)
    two = design is not None and bool(np.any(np.all((design.x == 0) | (design.x == 1), axis=0)))
    for at, where in _AT.items():
        for indicators, what in _OF_TWO.items():
            if indicators == "derivative" or two:
                words = f"{where}, those of columns of 0 and 1 {what}" if two else where
                yield Step(cause, replace(scenario, marginal=Marginal(at, indicators)), (("which", words),))


def _offset_left_out(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if (offset := scenario.spec.offset) is not None and not scenario.raw:
        yield Step(cause, scenario.with_spec(offset=None), (("offset", str(offset)),))


def _not_logged(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Where an index of that size has a likelihood at all."""
    match scenario.spec.offset:
        case Call("log", (exposure,)) if not scenario.raw and (design := fitter.design(scenario)) is not None:
            if design.offset is not None and float(np.max(design.offset)) < math.log(MOST_INDEX / 2):
                yield Step(cause, scenario.with_spec(offset=exposure), (("exposure", str(exposure)),))


def _other_base(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Its terms are those of other equations: what a table has of ours it has of theirs, too, under another name."""
    design = fitter.design(scenario) if scenario.spec.model == "mlogit" and not scenario.raw else None
    for j, outcome in enumerate(design.outcomes if design is not None else ()):
        if design is not None and j != design.base:
            words = (("base", f"{outcome:.15g}"), ("declared", f"{design.outcomes[design.base]:.15g}"))
            yield Step(cause, scenario.with_spec(base=outcome), words)


#: Model -> what exp(b) is.
_RATIOS = {
    "logit": "odds ratios",
    "ologit": "odds ratios",
    "poisson": "incidence-rate ratios",
    "mlogit": "relative-risk ratios",
}


def _exponentiated(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if (what := _RATIOS.get(scenario.spec.model)) is not None:
        for se, words in ((True, "and their standard errors by the delta method"), (False, "beside standard errors of b")):
            step = scenario.printed(edits.Exponentiated(se))
            yield Step(cause, step, (("what", what), ("errors", words)))


CAUSES = (
    _information(
        "expected-information", "expected",
        "Its covariance is the inverse of the expected information, where the observed one was declared.",
        "sum phi^2/(Phi (1 - Phi)) x x' for minus the second derivatives", f"{_GLM}; {_FIXEST}",
        {"glm": 'vcov(glm(family = binomial("probit")))', "fixest": "feglm", "pyfixest": "feglm",
         "statsmodels": "GLM", "Stata": "glm, vce(eim)"},
    ),
    _information(
        "observed-information", "observed",
        "Its covariance is the inverse of the observed information, where the expected one was declared.",
        "minus the second derivatives for sum phi^2/(Phi (1 - Phi)) x x'", _ML,
        {"Stata": "probit", "statsmodels": "Probit"},
    ),
    _factor(
        "likelihood-iid-n-minus-k", "iid", "(n-1)/(n-k)",
        "It scales the inverse information by (N - 1)/(N - K), a factor of least squares.",
        "({N} - 1)/({N} - {K}); variance ratio {ratio}", _FIXEST, {"fixest": "feglm, fepois: ssc(K.adj = TRUE), the default",
         "pyfixest": "feglm, fepois: the default"}, _of("iid"),
    ),
    _factor(
        "likelihood-iid-without-factor", "iid", "none",
        "Its covariance is the inverse information itself, without the factor (N - 1)/(N - K).",
        "1; variance ratio {ratio}", _ML, {"Stata": "logit, probit, poisson", "glm": "vcov(fit)",
         "statsmodels": "the default"},
        _of("iid"),
    ),
    _factor(
        "likelihood-robust-n-minus-1", "robust", "n/(n-1)", "Its robust covariance is scaled by N/(N - 1).",
        "{N}/({N} - 1); variance ratio {ratio}", _ML, {"Stata": "vce(robust)"}, _of("HC1"),
    ),
    _factor(
        "likelihood-robust-n-minus-k", "robust", "n/(n-k)",
        "Its robust covariance is scaled by N/(N - K), as that of least squares.",
        "{N}/({N} - {K}); variance ratio {ratio}", _FIXEST, {"fixest": 'vcov = "hetero"', "pyfixest": 'vcov="hetero"'},
        _of("HC1"),
    ),
    Cause(
        "newton-stops-early", "arithmetic", "design", "newton",
        "Its steps ended just before the maximum, where the log likelihood had moved by less than 1e-7 of itself; standard "
        "errors are those of that point.",
        "|ll - ll_before| <= 1e-7 (1 + |ll_before|) and g'V g <= 1e-5",
        "Stata [R] Maximize: ltolerance, tolerance, nrtolerance",
        {"Stata": "logit, probit, poisson, the default"}, _stopped,
        avoids={"Stata": "ltolerance(0) tolerance(0) nrtolerance(1e-12)"},
    ),
    Cause(
        "other-base-outcome", "model", "design", "base",
        "Its outcomes are held against outcome {base}, where {declared} was declared.",
        "b_j - b_{base} for b_j - b_{declared}",
        "Stata [R] mlogit: the most frequent outcome, or baseoutcome(); nnet's multinom, statsmodels' MNLogit: the first",
        {"Stata": "mlogit, baseoutcome({base})", "R": "nnet::multinom after relevel()"}, _other_base,
    ),
    Cause(
        "offset-left-out", "model", "design", "offset", "The offset `{offset}` is left out.", "x'b for x'b + {offset}",
        "Stata [R] poisson, options exposure() and offset(); R, glm, argument offset",
        {"Stata": "poisson without exposure() or offset()", "glm": "no offset =", "fepois": "no offset ="}, _offset_left_out,
        avoids={"Stata": "poisson, exposure()", "glm": "offset = {offset}"},
    ),
    Cause(
        "exposure-not-logged", "model", "design", "offset",
        "The exposure `{exposure}` enters as it is, where its logarithm was declared.",
        "x'b + {exposure} for x'b + log({exposure})", "Stata [R] poisson, options exposure() and offset()",
        {"Stata": "poisson, offset({exposure})", "glm": "offset = {exposure}"}, _not_logged,
        avoids={"Stata": "poisson, exposure({exposure})", "glm": "offset = log({exposure})"},
    ),
    Cause(
        "probit-for-logit", "model", "design", "likelihood", "It is a probit.", "Phi(x'b) for 1/(1 + exp(-x'b))",
        "the table", {"Stata": "probit", "glm": 'binomial("probit")'}, _instead({"logit": "probit", "ologit": "oprobit"}),
        avoids={"Stata": "logit", "glm": "binomial"},
    ),
    Cause(
        "logit-for-probit", "model", "design", "likelihood", "It is a logit.", "1/(1 + exp(-x'b)) for Phi(x'b)",
        "the table", {"Stata": "logit", "glm": "binomial"}, _instead({"probit": "logit", "oprobit": "ologit"}),
        avoids={"Stata": "probit", "glm": 'binomial("probit")'},
    ),
    Cause(
        "least-squares-for-likelihood", "model", "design", "likelihood",
        "It is least squares: a linear model of `{outcome}`, with the covariance of {as}.", "(X'X)^-1 X'y", "the table",
        {"Stata": "regress, areg or reghdfe", "R": "lm, feols"}, _least_squares,
        avoids={"Stata": "logit, probit or poisson", "R": "glm, feglm"},
    ),
    Cause(
        "marginal-effects-for-coefficients", "printing", "design", "marginal",
        "It prints marginal effects, {which}, and their standard errors by the delta method, not coefficients.",
        "mean F'(x'b) b; J V J'",
        "Stata [R] margins, Methods and formulas; Greene (2018), section 17.3",
        {"Stata": "margins, dydx(*); mfx; dprobit", "R": "mfx, margins, marginaleffects",
         "statsmodels": "get_margeff()"},
        _marginal, avoids={"Stata": "logit, probit or poisson", "R": "summary(glm)"},
    ),
    Cause(
        "coefficients-exponentiated", "printing", "printing", "exponentiated",
        "It prints {what}, exp(b), {errors}.", "exp(b); se exp(b) se(b)",
        "Stata [R] logistic, Methods and formulas; [R] poisson, option irr; [R] mlogit, option rrr",
        {"Stata": "logit, or; logistic; poisson, irr; mlogit, rrr"}, _exponentiated,
        avoids={"Stata": "logit, poisson or mlogit without or, irr, rrr"},
    ),
)  # fmt: skip
