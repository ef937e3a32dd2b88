"""Distribution: where p-values and intervals come from; standard errors don't move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity.conventions.kinds import BY_NAME as KINDS
from parity.diagnose.catalogue.common import on_large_data
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario


def _setting(scenario: Scenario) -> str:
    """Which rule of the convention is at work, the choice between t and normal of random effects apart."""
    return KINDS[scenario.spec.vcov.kind].t


def _rule(value: str, *settings: str):
    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        setting = _setting(scenario)
        if not scenario.raw and (not settings or setting in settings):
            # declared large-sample inference has no t to begin with, so this is a t on an uncorrected covariance
            changes = {setting: value}
            if scenario.spec.model == "random_effects":  # first whether there is a t at all, then which
                changes = {"t_random": "normal"} if value == "normal" else {"t_random": "resid", setting: value}
            yield Step(cause, scenario.with_convention(**changes))

    return variants


def _cause(id: str, value: str, sentence: str, source: str, how: dict[str, str], *settings: str, **more) -> Cause:
    return Cause(
        id, "distribution", "convention", "distribution", sentence, "df of t {df} instead of {df_before}", source, how,
        _rule(value, *settings), **more,
    )  # fmt: skip


def _many_decompositions(scenario: Scenario, fitter: Fitter) -> bool:
    return on_large_data(scenario, fitter) and fitter.own_df_is_costly(scenario)


def _satterthwaite(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    vcov = scenario.spec.vcov
    if len(vcov.cluster) == 1 and not (scenario.raw or scenario.spec.own_df or "satterthwaite" in scenario.scaling):
        if _many_decompositions(scenario, fitter):  # other clusters than the declared ones
            return
        yield Step(cause, replace(scenario, scaling=(*scenario.scaling, "satterthwaite")))


CAUSES = (
    _cause(
        "normal-distribution", "normal", "p and intervals come from the normal distribution.",
        "statsmodels 0.15, RegressionResults.use_t; large-sample inference",
        {"statsmodels": "fit(use_t=False)", "linearmodels": "fit(debiased=False)"},
        avoids={"statsmodels": "fit(use_t=True)", "linearmodels": "fit(debiased=True)"},
    ),
    _cause(
        "residual-degrees-of-freedom", "resid", "p and intervals come from t with N - K degrees of freedom.",
        "lmtest coeftest; plm summary; linearmodels PanelOLS",
        {"fixest": 'ssc(t.df = "conventional")', "R": "coeftest, the default"},
        avoids={"fixest": 'ssc(t.df = "min")', "R": "coeftest(df = G - 1)"},
    ),
    _cause(
        "cluster-degrees-of-freedom", "groups", "p and intervals come from t with G - 1 degrees of freedom.",
        "Stata [U] 20.22; fixest help(ssc), t.df = \"min\"",
        {"fixest": 'ssc(t.df = "min"), the default', "R": "coeftest(df = G - 1)"}, "t_cluster",
    ),
    _cause(
        "smaller-degrees-of-freedom", "min", "p and intervals come from t with the smaller of G - 1 and N - K.",
        "reghdfe 6.12, reghdfe.mata", {"Stata": "reghdfe, the default"}, "t_cluster",
    ),
    _cause(
        "nested-decides-degrees-of-freedom", "lfe",
        "p and intervals come from t with G - 1 if a fixed effect is nested in the clusters, else N - K.",
        "lfe 3.1, R/felm.R", {"lfe": "felm's default"}, "t_cluster",
        avoids={"lfe": 'cmethod = "reghdfe" takes the smaller always'},
    ),
    _cause(
        "period-degrees-of-freedom", "periods", "p and intervals come from t with T - 1 degrees of freedom.",
        "fixest 0.14, R/VCOV.R, vcov_DK", {"fixest": "vcov_DK, the default"}, "t_kernel",
        avoids={"fixest": 'ssc(t.df = "conventional") has N - K'},
    ),
    Cause(
        "satterthwaite-degrees-of-freedom", "distribution", "convention", "distribution",
        "p and intervals come from t with Satterthwaite's degrees of freedom, of each coefficient its own.",
        "(tr P)^2 / tr(P P) instead of {df_before}",
        "Bell and McCaffrey (2002); Pustejovsky and Tipton (2018); clubSandwich coef_test, estimatr with CR2",
        {"clubSandwich": 'coef_test(test = "Satterthwaite")', "estimatr": 'se_type = "CR2"'},
        _satterthwaite, costly=_many_decompositions,
        avoids={"clubSandwich": 'coef_test(test = "naive-tp") has G - 1', "estimatr": 'se_type = "stata" has G - 1',
                "R": "coeftest(fit, vcovCR(...)) has N - K"},
    ),
)  # fmt: skip
