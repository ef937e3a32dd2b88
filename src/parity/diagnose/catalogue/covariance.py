"""Covariance: another kind of estimator than the declared one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from parity.conventions.kinds import LEVERAGE, ROW_LEVERAGE
from parity.diagnose.catalogue.common import convention, on_large_data, scaling_rule
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.spec import Vcov

_HC = "MacKinnon and White (1985); Long and Ervin (2000)"
_CR = "Bell and McCaffrey (2002); Pustejovsky and Tipton (2018)"
#: Longest lag that is tried; bandwidth rules of thumb give far less.
MOST_LAGS = 12


def _kind(kind: str, *, instead_of: tuple[str, ...] = ()) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        now = scenario.spec.vcov
        if now.kind == kind or (instead_of and now.kind not in instead_of):
            return
        if kind in ("CR0", "CR1", "CR2", "CR3"):
            if not now.cluster or (len(now.cluster) > 1 and kind in ("CR2", "CR3")):
                return
            yield Step(cause, scenario.with_spec(vcov=Vcov(kind=kind, cluster=now.cluster)))
        else:
            yield Step(cause, scenario.with_spec(vcov=Vcov(kind=kind)))

    return variants


def _lost_dummy(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """CR2 of the same clusters beside dummies that are redundant twice or more."""
    spec = scenario.spec
    if len(spec.formula.effects) < 2 or scenario.edits or spec.model != "ols":
        return
    lost = fitter.lost_dummies(scenario)
    if not lost:
        return
    frame, names = fitter.frame(scenario), [e.columns for e in spec.formula.effects]

    def said(levels: list[tuple[int, int]]) -> str:
        return " and ".join(", ".join(f"{c} {frame[c].iloc[row]}" for c in names[effect]) for effect, row in levels)

    other = scenario.with_spec(vcov=Vcov(kind="CR2", cluster=spec.vcov.cluster))
    for n, one in enumerate(lost, 1):
        yield Step(cause, replace(other, lost_dummy=n), (("redundant", said(one.redundant)), ("lost", said(one.lost))))


def _kernel(kind: str) -> Callable:
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        now, core = scenario.spec.vcov, fitter.core(scenario)
        if fitter.study.header.time is None or core is None:
            return
        for lags in range(min(MOST_LAGS, core.facts.periods - 1) + 1):
            if (now.kind, now.lags) != (kind, lags):
                yield Step(cause, scenario.with_spec(vcov=Vcov(kind=kind, lags=lags)), (("lags", lags),))

    return variants


def _cause(id: str, sentence: str, formula: str, source: str, how: dict[str, str], variants: Callable, **more) -> Cause:
    return Cause(id, "covariance", "covariance", "vcov", sentence, formula, source, how, variants, **more)


def _weighted_leverage(scenario: Scenario) -> bool:
    return bool(scenario.spec.weights and scenario.spec.weights.analytic) and scenario.spec.vcov.kind in ROW_LEVERAGE


def _leverage(id: str, value: str, sentence: str, formula: str, source: str, how: dict[str, str], **more) -> Cause:
    set_to = convention(value, "leverage_weights", when=_weighted_leverage)

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        for step in set_to(cause, scenario, fitter):
            yield replace(step, parameters=(("weights", scenario.spec.weights.column),))

    return Cause(id, "covariance", "covariance", "leverage", sentence, formula, source, how, variants, **more)


def _gaps(value: str) -> Callable:
    return convention(value, "kernel_gaps", when=lambda w: w.spec.vcov.kind == "NW" and bool(w.spec.vcov.lags))


def _kraay_gaps(value: str) -> Callable:
    return convention(value, "kraay_gaps", when=lambda w: w.spec.vcov.kind == "DK" and bool(w.spec.vcov.lags))


CAUSES = (
    _cause(
        "iid-for-cluster", "The standard errors are the homoskedastic ones; {vcov_before} was declared.",
        "SSR/(N - K) (X'X)^-1", "Moulton (1990)", {"fixest": 'vcov = "iid"', "Stata": "no vce()"},
        _kind("iid", instead_of=("CR0", "CR1", "CR2", "CR3")),
        avoids={"fixest": "cluster = ~...", "Stata": "vce(cluster ...)"},
    ),
    _cause(
        "robust-for-cluster", "The standard errors are robust (HC1) but not clustered; {vcov_before} was declared.",
        "sum of e_i^2 x_i x_i' over rows, not over clusters", "Bertrand, Duflo and Mullainathan (2004)",
        {"fixest": 'vcov = "hetero"', "Stata": "regress or areg, vce(robust)"}, _kind("HC1", instead_of=("CR0", "CR1",
         "CR2", "CR3")),
        avoids={"fixest": "cluster = ~...", "Stata": "vce(cluster ...)"},
    ),
    _cause(
        "iid-for-robust", "The standard errors are the homoskedastic ones; {vcov_before} was declared.",
        "SSR/(N - K) (X'X)^-1", "White (1980)", {"fixest": 'vcov = "iid"', "Stata": "no vce()"},
        _kind("iid", instead_of=("HC0", "HC1", *ROW_LEVERAGE, "DK", "NW")),
        avoids={"fixest": 'vcov = "hetero"', "Stata": "vce(robust)"},
    ),
    _cause(
        "robust-for-iid", "The standard errors are robust (HC1); homoskedastic ones were declared.",
        "sum of e_i^2 x_i x_i' in the middle", "White (1980)", {"fixest": 'vcov = "hetero"', "Stata": "vce(robust)"},
        _kind("HC1", instead_of=("iid", "DK", "NW")),
        avoids={"fixest": 'vcov = "iid"', "Stata": "no vce()"},
    ),
    _cause(
        "hc1-for-other-robust", "The robust standard errors are HC1, scaled by N/(N - K).", "{N}/({N} - {K})", _HC,
        {"sandwich": 'vcovHC(type = "HC1")', "Stata": "vce(robust)", "statsmodels": 'cov_type="HC1"'},
        _kind("HC1", instead_of=("HC0", *ROW_LEVERAGE)),
    ),
    _cause(
        "hc0-for-hc1", "The robust standard errors are HC0: no small-sample factor.", "1 instead of {N}/({N} - {K})", _HC,
        {"sandwich": 'vcovHC(type = "HC0")', "statsmodels": 'cov_type="HC0"', "linearmodels": "fit(debiased=False)"},
        _kind("HC0"),
        avoids={"sandwich": 'vcovHC(type = "HC1")', "statsmodels": 'cov_type="HC1"', "linearmodels": "fit(debiased=True)"},
    ),
    _cause(
        "hc2", "The robust standard errors are HC2: squared residuals over 1 - h, h the leverage.", "e_i^2/(1 - h_i)", _HC,
        {"sandwich": 'vcovHC(type = "HC2")', "Stata": "vce(hc2)", "estimatr": 'se_type = "HC2", its default'},
        _kind("HC2"),
        avoids={"sandwich": 'vcovHC(type = "HC1")', "Stata": "vce(robust)", "estimatr": 'se_type = "HC1"'},
    ),
    _cause(
        "hc3", "The robust standard errors are HC3: squared residuals over (1 - h)^2, h the leverage.", "e_i^2/(1 - h_i)^2",
        _HC,
        {"sandwich": 'vcovHC(type = "HC3"), its default', "Stata": "vce(hc3)"}, _kind("HC3"),
        avoids={"sandwich": 'vcovHC(type = "HC1")', "Stata": "vce(robust)"},
    ),
    _cause(
        "hc4", "The robust standard errors are HC4: squared residuals over (1 - h)^min(4, h/mean h), h the leverage.",
        "e_i^2/(1 - h_i)^min(4, h_i/mean h)", "Cribari-Neto (2004)",
        {"sandwich": 'vcovHC(type = "HC4")', "plm": 'vcovHC(type = "HC4")'}, _kind("HC4"),
        avoids={"sandwich": 'vcovHC(type = "HC1")', "plm": 'vcovHC(type = "HC1")'},
    ),
    _leverage(
        "leverage-without-weights", "out",
        "Its leverage leaves the weight out: the weights `{weights}` are normalised to mean one, and h is without w.",
        "h_i = x_i'(X'WX)^-1 x_i instead of w_i x_i'(X'WX)^-1 x_i",
        "Stata [R] regress postestimation, predict, hat; estimatr, tests/testthat/stata-ests.txt, HC2w and HC3w",
        {"Stata": "regress [aweight = {weights}], vce(hc2) or vce(hc3)"},
        avoids={"sandwich": "vcovHC of a weighted lm", "estimatr": 'se_type = "HC2" with weights ='},
    ),
    _leverage(
        "leverage-without-raw-weights", "raw",
        "Its leverage leaves the weight out, and the weights `{weights}` are not normalised: it depends on their unit.",
        "h_i = x_i'(X'WX)^-1 x_i instead of w_i x_i'(X'WX)^-1 x_i",
        "fixest 0.14.2, R/methods.R, hatvalues.fixest: model.matrix without weights beside the weighted (X'WX)^-1",
        {"fixest": 'feols(..., weights = ~{weights}, vcov = "HC2") without fixed effects'},
        avoids={"sandwich": "vcovHC of a weighted lm", "estimatr": 'se_type = "HC2" with weights ='},
    ),
    _leverage(
        "leverage-with-weights", "in",
        "Its leverage has the weight in it, as the diagonal of the weighted projection has.",
        "h_i = w_i x_i'(X'WX)^-1 x_i instead of x_i'(X'WX)^-1 x_i",
        "sandwich 3.1, vcovHC; estimatr 1.0.6; statsmodels 0.15, RegressionResults.HC2_se",
        {"sandwich": "vcovHC of a weighted lm", "estimatr": 'se_type = "HC2" with weights =',
         "statsmodels": 'WLS, cov_type="HC2"'},
        avoids={"Stata": "regress [aweight = {weights}], vce(hc2) or vce(hc3)"},
    ),
    _cause(
        "cr0", "The clustered covariance has no small-sample factor (CR0).", "1; variance ratio {ratio}", _CR,
        {"clubSandwich": 'vcovCR(type = "CR0")', "estimatr": 'se_type = "CR0"', "plm": 'vcovHC(type = "HC0")'},
        _kind("CR0"),
        avoids={"clubSandwich": 'vcovCR(type = "CR1S")', "estimatr": 'se_type = "stata"', "plm": 'vcovHC(type = "sss")',
                "Stata": "vce(cluster ...)"},
    ),
    _cause(
        "cr1", "The clustered covariance has a small-sample factor (CR1).", "{G}/({G} - 1) ({N} - 1)/({N} - {K})", _CR,
        {"clubSandwich": 'vcovCR(type = "CR1S")', "estimatr": 'se_type = "stata"', "Stata": "vce(cluster ...)"},
         _kind("CR1"),
        avoids={"clubSandwich": 'vcovCR(type = "CR0")', "estimatr": 'se_type = "CR0"'},
    ),
    _cause(
        "cr2", "The clustered covariance is CR2, the bias-reduced one with the clusters' leverage.",
        "(I - H_gg)^(-1/2) e_g per cluster", _CR,
        {"clubSandwich": 'vcovCR(type = "CR2")', "estimatr": 'se_type = "CR2", its default'},
        _kind("CR2"), costly=on_large_data,
        avoids={"clubSandwich": 'vcovCR(type = "CR1S")', "estimatr": 'se_type = "stata"', "Stata": "vce(cluster ...)"},
    ),
    _cause(
        "cr3", "The clustered covariance is CR3, the jackknife over clusters.", "(I - H_gg)^-1 e_g per cluster", _CR,
        {"clubSandwich": 'vcovCR(type = "CR3")', "summclust": "the cluster jackknife"}, _kind("CR3"), costly=on_large_data,
        avoids={"clubSandwich": 'vcovCR(type = "CR1S")', "Stata": "vce(cluster ...)"},
    ),
    _cause(
        "leverage-loses-a-dummy",
        "It is CR2, but its leverage lacks the dummy of {lost}: those of {redundant} are redundant, and are taken out by "
        "their places from before the first of them went.",
        "H = U (X'X)^-1 U': X without the dummies of {redundant}, U without that of {lost}",
        "estimatr 1.0.4 to 1.0.6, src/lm_robust_helper.cpp, getMeatXtX(), with two or more redundant dummies",
        {"estimatr": 'se_type = "CR2" with fixed_effects = of several columns'},
        _lost_dummy, costly=on_large_data, unstable=True,
        avoids={"estimatr": 'y ~ x + factor(f1) + factor(f2) instead of fixed_effects =; se_type = "stata" needs no '
                            'leverage'},
    ),
    _cause(
        "driscoll-kraay", "The covariance is Driscoll and Kraay's with {lags} lags.",
        "Bartlett weights 1 - l/({lags} + 1), l up to {lags}",
        "Driscoll and Kraay (1998); fixest floor(T^(1/4)) lags, linearmodels floor(4(T/100)^(2/9))",
        {"fixest": "vcov_DK(lag = ...)", "Stata": "xtscc, lag(...)", "linearmodels": 'cov_type="kernel", bandwidth=...'},
        _kernel("DK"), parametrised=True,
    ),
    _cause(
        "newey-west", "The covariance is Newey and West's with {lags} lags.",
        "Bartlett weights 1 - l/({lags} + 1), l up to {lags}",
        "Newey and West (1987); sandwich NeweyWest prewhitens and chooses its lags by itself",
        {"fixest": "vcov_NW(lag = ...)", "Stata": "newey, lag(...)", "sandwich": "NeweyWest(lag = ..., prewhite = FALSE)"},
        _kernel("NW"), parametrised=True,
    ),
    Cause(
        "newey-west-gaps-closed", "covariance", "design", "kernel-time",
        "Its lags count the periods of the sample in their order, so a period that no unit has is no gap.",
        "l periods of the sample instead of l units of time",
        "fixest 0.14, R/VCOV.R, vcov_NW: the time variable is taken as ranks",
        {"fixest": "vcov_NW(unit, time)"}, _gaps("closed"), keeps_coefficients=True,
    ),
    Cause(
        "newey-west-by-rows", "covariance", "design", "kernel-time",
        "Its lags count the rows of each unit, however much time lies between them.",
        "l rows instead of l units of time",
        "statsmodels 0.15, cov_type hac-panel",
        {"statsmodels": 'cov_type="hac-panel"'}, _gaps("rows"), keeps_coefficients=True,
    ),
    Cause(
        "newey-west-gaps-kept", "covariance", "design", "kernel-time",
        "Its lags count units of time: over a period that no unit has there is no pair.",
        "l units of time instead of l periods or rows", "Newey and West (1987); Stata, newey.ado 1.6.0",
        {}, _gaps("kept"), keeps_coefficients=True,
    ),
    Cause(
        "driscoll-kraay-gaps-kept", "covariance", "covariance", "kraay-time",
        "Its lags count units of time: over a period that no row has there is no pair.",
        "l units of time instead of l periods of the sample",
        "ivreg2 4.1, m_omega(): pairs of t and t - l that both have rows; xtscc refuses such gaps",
        {"Stata": "ivreg2, dkraay()"}, _kraay_gaps("kept"),
    ),
    Cause(
        "driscoll-kraay-gaps-closed", "covariance", "covariance", "kraay-time",
        "Its lags count the periods of the sample in their order, so a period that no row has is no gap.",
        "l periods of the sample instead of l units of time",
        "fixest 0.14, R/VCOV.R; reghdfe 6.13; linearmodels 7; plm 2.6, vcovSCC",
        {"fixest": "vcov_DK(lag = ...)", "Stata": "reghdfe, vce(dkraay ...)", "plm": "vcovSCC(maxlag = ...)"},
        _kraay_gaps("closed"),
    ),
    Cause(
        "leverage-kind-with-factor", "covariance", "convention", "leverage-factor",
        "It gives {vcov}, whose leverage is the correction, the small-sample factor on top.",
        "factor {factor} instead of 1", "pyfixest 0.60, feols_.py: ssc() multiplies HC2, HC3 and CRV3 too",
        {"pyfixest": 'vcov="HC2", "HC3" or CRV3, with the default ssc()'},
        scaling_rule("leverage-factor", lambda w: w.spec.vcov.kind in LEVERAGE),
        avoids={"pyfixest": "ssc(k_adj=False, G_adj=False)"},
    ),
    Cause(
        "jackknife-factor", "covariance", "convention", "leverage-factor",
        "It multiplies CR3 by (G - 1)/G, as the jackknife does.",
        "({G} - 1)/{G}", "statsmodels 0.15, cov_type cluster-crv3; MacKinnon, Nielsen and Webb (2023), eq. 17",
        {"statsmodels": 'cov_type="cluster-crv3"'},
        scaling_rule("jackknife-factor", lambda w: w.spec.vcov.kind == "CR3"),
        avoids={"statsmodels": "multiply by G/(G - 1)"},
    ),
)  # fmt: skip
