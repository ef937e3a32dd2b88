"""What each setting of a convention means, and what to type for each of its values in other programs: one declared table.

`docs/build_settings.py` makes docs/settings.md of it; a test holds it to the fields and values of `Convention`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from parity.conventions.profiles import PROFILES, Convention


@dataclass(frozen=True)
class SettingWords:
    """meaning: one sentence; values: what a value does, and program -> what to type for it."""

    meaning: str
    values: Mapping[str, tuple[str, Mapping[str, str]]]


def _yes(says: str, **typed: str) -> tuple[str, dict[str, str]]:
    return says, typed


_SSC = "ssc(K.fixef = "
SETTINGS: dict[str, SettingWords] = {
    "count_fixef": SettingWords("Fixed effects in K of a clustered covariance.", {
        "full": _yes("all of them", fixest=f'{_SSC}"full")', Stata="areg; regress with i.; xtreg, fe dfadj",
                     clubSandwich='vcovCR(type = "CR1S") of lm with dummies'),
        "nonnested": _yes("those not nested in a cluster variable", fixest=f'{_SSC}"nonnested")', Stata="reghdfe"),
        "none": _yes("none", fixest=f'{_SSC}"none")', plm='vcovHC(type = "sss")'),
        "lfe": _yes("none once any is nested, else all", lfe="felm, the default"),
        "linearmodels": _yes("all unless the only one is nested in every cluster variable"),
        "panel": _yes("all but the panel variable", Stata="xtreg, fe vce(cluster)"),
    }),
    "count_robust": SettingWords("Fixed effects in K of HC1, Driscoll-Kraay and Newey-West.", {
        "full": _yes("all of them", fixest="the default", Stata="areg or reghdfe, vce(robust)",
                     lfe="summary(robust = TRUE)"),
        "none": _yes("none", fixest=f'{_SSC}"none")', plm='vcovHC(method = "white1", type = "HC1")',
                     Stata="ivreg2, partial() nopartialsmall"),
    }),
    "redundant": SettingWords("Coefficients lost among several fixed effects.", {
        "levels": _yes("one for each effect after the first", fixest="ssc(K.exact = FALSE), the default"),
        "exact": _yes("the exact rank of all dummies", fixest="ssc(K.exact = TRUE)", Stata="areg or regress with i.",
                      lfe="felm(exactDOF = TRUE)"),
        "pairwise": _yes("the most connected components with an earlier effect", Stata="reghdfe, the default"),
        "first_pair": _yes("components of the first two, one for each further effect", lfe="felm, the default",
                           Stata="reghdfe, dofadjustments(firstpair)"),
    }),
    "iid": SettingWords("Factor of the homoskedastic variance SSR/N.", {
        "n/(n-k)": _yes("N/(N - K)", fixest="the default", Stata="regress", plm="vcov()", lfe="the default"),
        "none": _yes("none", Stata="ivregress without small"),
    }),
    "robust": SettingWords("Factor of HC1.", {
        "n/(n-k)": _yes("N/(N - K)", fixest='vcov = "hetero"', Stata="vce(robust)", plm='vcovHC(type = "HC1")'),
        "none": _yes("none: HC0", fixest="ssc(K.adj = FALSE)", Stata="ivregress, vce(robust) without small",
                     plm='vcovHC(type = "HC0"), the default'),
    }),
    "kernel": SettingWords("Factor of Driscoll-Kraay and Newey-West.", {
        "t/(t-1)*(n-1)/(n-k)": _yes("T/(T - 1) (N - 1)/(N - K)", fixest="the default", Stata="reghdfe, vce(dkraay)"),
        "n/(n-k)": _yes("N/(N - K)", Stata="newey"),
        "none": _yes("none", plm='vcovSCC(type = "HC0"), the default', Stata="ivreg2, dkraay() without small"),
    }),
    "cluster_scale": SettingWords("Factor of the clustered variance beside G/(G - 1).", {
        "(n-1)/(n-k)": _yes("(N - 1)/(N - K)", fixest="ssc(K.adj = TRUE), the default", Stata="vce(cluster)",
                            plm='vcovHC(type = "sss")', clubSandwich='"CR1S"', lfe="the default"),
        "n/(n-k)": _yes("N/(N - K)"),
        "none": _yes("none", fixest="ssc(K.adj = FALSE)", plm='vcovHC(type = "HC0"), the default',
                     clubSandwich='"CR0", "CR1"'),
    }),
    "cluster_groups": SettingWords("G/(G - 1) of the clustered variance.", {
        "min": _yes("of the cluster variable with fewest, on the sum", fixest='ssc(G.df = "min"), the default',
                    Stata="reghdfe", lfe='cmethod = "reghdfe"'),
        "each": _yes("of each component its own", fixest='ssc(G.df = "conventional")',
                     clubSandwich='"CR1", "CR1S" (one variable)', lfe="the default"),
        "none": _yes("none", fixest="ssc(G.adj = FALSE)", plm='vcovHC(type = "HC0")', clubSandwich='"CR0"'),
    }),
    "t_iid": SettingWords("Distribution of t, homoskedastic.", {
        "resid": _yes("N - K degrees of freedom", fixest="the default", Stata="regress", lfe="the default"),
        "normal": _yes("normal", Stata="ivregress without small"),
    }),
    "t_robust": SettingWords("Distribution of t, robust.", {
        "resid": _yes("N - K degrees of freedom", fixest="the default", Stata="regress, vce(robust)", lfe="the default"),
        "normal": _yes("normal", Stata="ivregress, vce(robust) without small"),
    }),
    "t_cluster": SettingWords("Distribution of t, clustered.", {
        "groups": _yes("G - 1 degrees of freedom", fixest='ssc(t.df = "min"), the default',
                       Stata="regress, areg, xtreg, ivreghdfe", clubSandwich='coef_test(test = "naive-t")'),
        "resid": _yes("N - K", fixest='ssc(t.df = "conventional")', plm="summary(vcov = vcovHC)"),
        "min": _yes("the smaller of G - 1 and N - K", Stata="reghdfe", lfe='cmethod = "reghdfe"'),
        "lfe": _yes("the smaller of both where an effect is nested, else N - K", lfe="the default"),
        "normal": _yes("normal", Stata="ivregress without small", clubSandwich='coef_test(test = "z")'),
        "satterthwaite": _yes("Satterthwaite's degrees of freedom, of each coefficient its own (one cluster variable)",
                              clubSandwich='coef_test(test = "Satterthwaite"), the default',
                              Stata="regress, vce(hc2 clusters, dfadjust)"),
    }),
    "t_kernel": SettingWords("Distribution of t, Driscoll-Kraay and Newey-West.", {
        "periods": _yes("T - 1 degrees of freedom", fixest="the default", Stata="xtscc"),
        "resid": _yes("N - K", Stata="newey", plm="summary(vcov = vcovSCC)"),
        "min": _yes("the smaller of T - 1 and N - K", Stata="reghdfe, vce(dkraay)"),
        "normal": _yes("normal", Stata="ivreg2 without small"),
    }),
    "t_random": SettingWords("Distribution of t of random effects.", {
        "normal": _yes("normal", Stata="xtreg, re", plm="summary() of a random model"),
        "resid": _yes("N - K degrees of freedom"),
    }),
    "swamy_arora": SettingWords("Variance components of random effects on unbalanced panels.", {
        "harmonic": _yes("the between regression with the harmonic mean of the periods", Stata="xtreg, re"),
        "exact": _yes("Baltagi and Chang's quadratic forms", Stata="xtreg, re sa", plm='random.method = "swar"'),
    }),
    "small": SettingWords("Small-sample inference for every model.", {
        "True": _yes("factors and t as the other settings say", fixest="the default", Stata="regress; ivregress, small"),
        "False": _yes("factor 1 and the normal", Stata="ivregress or ivreg2 without small"),
    }),
    "iv_small": SettingWords("The same for models with instruments.", {
        "True": _yes("as the other settings say", fixest="the default", Stata="ivregress, small; ivreghdfe"),
        "False": _yes("factor 1 and the normal", Stata="ivregress or ivreg2 without small"),
    }),
    "singletons": SettingWords("Rows alone in a level of a fixed effect.", {
        "keep": _yes("stay", fixest='fixef.rm = "none"', Stata="reghdfe, keepsingletons; areg; xtreg", plm="always",
                     lfe="always"),
        "drop": _yes("leave, until none is left", fixest='fixef.rm = "singletons"', Stata="reghdfe, the default"),
    }),
    "leverage_weights": SettingWords("Leverage of HC2, HC3 and HC4 under analytic weights.", {
        "in": _yes("w_i x_i'(X'WX)^-1 x_i", fixest="with fixed effects", clubSandwich="vcovCR of a weighted lm"),
        "out": _yes("without w_i, weights of mean one", Stata="regress [aweight = w], vce(hc2)"),
        "raw": _yes("without w_i, weights as they stand", fixest="without fixed effects"),
    }),
    "constant": SettingWords("The constant of a model with fixed effects in K.", {
        "one": _yes("counted beside nested effects", fixest="always", Stata="reghdfe", lfe="always"),
        "at_least_one": _yes("only where the other effects count nothing", Stata="ivreghdfe"),
        "extra": _yes("one coefficient more than the effects hold"),
    }),
    "kernel_gaps": SettingWords("Newey-West's lags over periods that no row has.", {
        "kept": _yes("count units of time", Stata="newey, on a panel without gaps"),
        "closed": _yes("count periods of the sample", fixest="vcov_NW, always"),
        "rows": _yes("count each unit's rows", Stata="newey, force"),
    }),
    "kraay_gaps": SettingWords("Driscoll-Kraay's lags over periods that no row has.", {
        "closed": _yes("count periods of the sample", fixest="vcov_DK, always", plm="vcovSCC, always",
                       Stata="reghdfe, vce(dkraay)"),
        "kept": _yes("count units of time", Stata="ivreg2, dkraay() (xtscc refuses such gaps)"),
    }),
}  # fmt: skip

PROGRAMS = ("fixest", "plm", "lfe", "clubSandwich", "Stata")


def values_of(setting: str) -> tuple[str, ...]:
    """The values that a convention takes for a setting, as text."""
    field = Convention.model_fields[setting]
    return tuple(map(str, get_args(field.annotation))) if get_args(field.annotation) else ("True", "False")


def profiles_with(setting: str, value: str) -> list[str]:
    return [name for name, profile in PROFILES.items() if str(getattr(profile, setting)) == value]
