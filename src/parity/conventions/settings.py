"""Settings of a convention, each declared once: its meaning, its values, what to type for each in other programs.

A setting is a field of `Convention`; what it has by profile is in `parity.conventions.profiles`, on which covariances it
bears in `parity.conventions.kinds`, what it does in `parity.conventions.formulas`. docs/settings.md is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import StrictBool

from parity.base.values import Value

#: Programs whose spellings of settings are declared.
PROGRAMS = ("fixest", "plm", "lfe", "clubSandwich", "Stata")


@dataclass(frozen=True)
class Setting:
    """meaning: one sentence; values: what a value does, and program -> what to type for it.

    hashed: whether it always is part of a spec's hash, or only where it isn't its default, or not what its profile has.
    One that comes after answers were frozen is of the last kind, lest they all turn stale.
    """

    meaning: str
    values: Mapping[str, tuple[str, Mapping[str, str]]]
    hashed: Literal["always", "default", "profile"] = "profile"


def _does(says: str, **typed: str) -> tuple[str, dict[str, str]]:
    return says, typed


_SSC = "ssc(K.fixef = "


# fmt: off
class Convention(Value):
    """A set of choices that move a standard error without moving the estimate.

    N rows, K coefficients, G clusters, T periods.
    """

    profile: str
    count_fixef: Annotated[Literal["full", "nonnested", "none", "lfe", "linearmodels", "panel"], Setting(
        "Fixed effects in K of a clustered covariance.", {
        "full": _does("all of them", fixest=f'{_SSC}"full")', Stata="areg; regress with i.; xtreg, fe dfadj",
                      clubSandwich='vcovCR(type = "CR1S") of lm with dummies'),
        "nonnested": _does("those not nested in a cluster variable", fixest=f'{_SSC}"nonnested")', Stata="reghdfe"),
        "none": _does("none", fixest=f'{_SSC}"none")', plm='vcovHC(type = "sss")'),
        "lfe": _does("none once any is nested, else all", lfe="felm, the default"),
        "linearmodels": _does("all unless the only one is nested in every cluster variable"),
        "panel": _does("all but the panel variable", Stata="xtreg, fe vce(cluster)"),
    }, hashed="always")] = "full"
    count_robust: Annotated[Literal["full", "none"], Setting(
        "Fixed effects in K of HC1, Driscoll-Kraay, Newey-West and Conley.", {
        "full": _does("all of them", fixest="the default", Stata="areg or reghdfe, vce(robust)",
                      lfe="summary(robust = TRUE)"),
        "none": _does("none", fixest=f'{_SSC}"none")', plm='vcovHC(method = "white1", type = "HC1")',
                      Stata="ivreg2, partial() nopartialsmall"),
    }, hashed="always")] = "full"
    redundant: Annotated[Literal["levels", "exact", "pairwise", "first_pair"], Setting(
        "Coefficients lost among several fixed effects.", {
        "levels": _does("one for each effect after the first", fixest="ssc(K.exact = FALSE), the default"),
        "exact": _does("the exact rank of all dummies", fixest="ssc(K.exact = TRUE)", Stata="areg or regress with i.",
                       lfe="felm(exactDOF = TRUE)"),
        "pairwise": _does("the most connected components with an earlier effect", Stata="reghdfe, the default"),
        "first_pair": _does("components of the first two, one for each further effect", lfe="felm, the default",
                            Stata="reghdfe, dofadjustments(firstpair)"),
    }, hashed="always")] = "exact"
    iid: Annotated[Literal["n/(n-k)", "none", "(n-1)/(n-k)", "n/(n-a)"], Setting(
        "Factor of the homoskedastic variance SSR/N, or of a likelihood's inverse information.", {
        "n/(n-k)": _does("N/(N - K)", fixest="the default", Stata="regress", plm="vcov()", lfe="the default"),
        "none": _does("none", Stata="ivregress without small; logit, probit, poisson"),
        "(n-1)/(n-k)": _does("(N - 1)/(N - K)", fixest="feglm, fepois"),
        "n/(n-a)": _does("N/(N - A), A absorbed effects", Stata="xtivreg2, fe without small"),
    }, hashed="always")] = "n/(n-k)"
    robust: Annotated[Literal["n/(n-k)", "none", "n/(n-1)", "n/(n-a)"], Setting(
        "Factor of HC1.", {
        "n/(n-k)": _does("N/(N - K)", fixest='vcov = "hetero"', Stata="vce(robust)", plm='vcovHC(type = "HC1")'),
        "none": _does("none: HC0", fixest="ssc(K.adj = FALSE)", Stata="ivregress, vce(robust) without small",
                      plm='vcovHC(type = "HC0"), the default'),
        "n/(n-1)": _does("N/(N - 1)", Stata="logit, probit or poisson, vce(robust)"),
        "n/(n-a)": _does("N/(N - A), A absorbed effects", Stata="xtivreg2, fe robust without small"),
    }, hashed="always")] = "n/(n-k)"
    kernel: Annotated[Literal["t/(t-1)*(n-1)/(n-k)", "n/(n-k)", "none"], Setting(
        "Factor of Driscoll-Kraay and Newey-West.", {
        "t/(t-1)*(n-1)/(n-k)": _does("T/(T - 1) (N - 1)/(N - K)", fixest="the default", Stata="reghdfe, vce(dkraay)"),
        "n/(n-k)": _does("N/(N - K)", Stata="newey"),
        "none": _does("none", plm='vcovSCC(type = "HC0"), the default', Stata="ivreg2, dkraay() without small"),
    }, hashed="always")] = "n/(n-k)"
    cluster_scale: Annotated[Literal["(n-1)/(n-k)", "n/(n-k)", "none"], Setting(
        "Factor of the clustered variance beside G/(G - 1).", {
        "(n-1)/(n-k)": _does("(N - 1)/(N - K)", fixest="ssc(K.adj = TRUE), the default", Stata="vce(cluster)",
                             plm='vcovHC(type = "sss")', clubSandwich='"CR1S"', lfe="the default"),
        "n/(n-k)": _does("N/(N - K)"),
        "none": _does("none", fixest="ssc(K.adj = FALSE)", plm='vcovHC(type = "HC0"), the default',
                      clubSandwich='"CR0", "CR1"'),
    }, hashed="always")] = "(n-1)/(n-k)"
    cluster_groups: Annotated[Literal["min", "each", "none"], Setting(
        "G/(G - 1) of the clustered variance.", {
        "min": _does("of the cluster variable with fewest, on the sum", fixest='ssc(G.df = "min"), the default',
                     Stata="reghdfe", lfe='cmethod = "reghdfe"'),
        "each": _does("of each component its own", fixest='ssc(G.df = "conventional")',
                      clubSandwich='"CR1", "CR1S" (one variable)', lfe="the default"),
        "none": _does("none", fixest="ssc(G.adj = FALSE)", plm='vcovHC(type = "HC0")', clubSandwich='"CR0"'),
    }, hashed="always")] = "min"
    t_iid: Annotated[Literal["resid", "normal", "slopes"], Setting(
        "Distribution of t, homoskedastic.", {
        "resid": _does("N - K degrees of freedom", fixest="the default", Stata="regress", lfe="the default"),
        "normal": _does("normal", Stata="ivregress without small"),
        "slopes": _does("N less the slopes, the constant uncounted", Stata="tobit"),
    }, hashed="always")] = "resid"
    t_robust: Annotated[Literal["resid", "normal", "slopes"], Setting(
        "Distribution of t, robust or Conley's.", {
        "resid": _does("N - K degrees of freedom", fixest="the default", Stata="regress, vce(robust)", lfe="the default"),
        "normal": _does("normal", Stata="ivregress, vce(robust) without small"),
        "slopes": _does("N less the slopes, the constant uncounted", Stata="tobit, vce(robust)"),
    }, hashed="always")] = "resid"
    t_cluster: Annotated[Literal["groups", "resid", "min", "lfe", "normal", "slopes", "satterthwaite"], Setting(
        "Distribution of t, clustered.", {
        "groups": _does("G - 1 degrees of freedom", fixest='ssc(t.df = "min"), the default',
                        Stata="regress, areg, xtreg, ivreghdfe", clubSandwich='coef_test(test = "naive-t")'),
        "resid": _does("N - K", fixest='ssc(t.df = "conventional")', plm="summary(vcov = vcovHC)"),
        "min": _does("the smaller of G - 1 and N - K", Stata="reghdfe", lfe='cmethod = "reghdfe"'),
        "lfe": _does("the smaller of both where an effect is nested, else N - K", lfe="the default"),
        "normal": _does("normal", Stata="ivregress without small", clubSandwich='coef_test(test = "z")'),
        "slopes": _does("N less the slopes, the constant uncounted", Stata="tobit, vce(cluster)"),
        "satterthwaite": _does("Satterthwaite's degrees of freedom, of each coefficient its own (one cluster variable)",
                               clubSandwich='coef_test(test = "Satterthwaite"), the default',
                               Stata="regress, vce(hc2 clusters, dfadjust)"),
    }, hashed="always")] = "groups"
    t_kernel: Annotated[Literal["periods", "resid", "min", "normal"], Setting(
        "Distribution of t, Driscoll-Kraay and Newey-West.", {
        "periods": _does("T - 1 degrees of freedom", fixest="the default", Stata="xtscc"),
        "resid": _does("N - K", Stata="newey", plm="summary(vcov = vcovSCC)"),
        "min": _does("the smaller of T - 1 and N - K", Stata="reghdfe, vce(dkraay)"),
        "normal": _does("normal", Stata="ivreg2 without small"),
    }, hashed="always")] = "resid"
    t_random: Annotated[Literal["normal", "resid"], Setting(
        "Distribution of t of random effects.", {
        "normal": _does("normal", Stata="xtreg, re", plm="summary() of a random model"),
        "resid": _does("N - K degrees of freedom"),
    }, hashed="always")] = "normal"
    swamy_arora: Annotated[Literal["harmonic", "exact"], Setting(
        "Variance components of random effects on unbalanced panels.", {
        "harmonic": _does("the between regression with the harmonic mean of the periods", Stata="xtreg, re"),
        "exact": _does("Baltagi and Chang's quadratic forms", Stata="xtreg, re sa", plm='random.method = "swar"'),
    }, hashed="always")] = "harmonic"
    information: Annotated[Literal["observed", "expected", "outer"], Setting(
        "Information matrix of a likelihood, whose inverse is its covariance and the bread of its sandwiches.", {
        "observed": _does("minus the second derivatives", Stata="logit, probit, poisson: vce(oim), the default"),
        "expected": _does("their expectation, Fisher's; another number for probit only", fixest="feglm, always",
                          Stata="glm, vce(eim)"),
        "outer": _does("the sum of products of the rows' scores; of series only", Stata="arima: vce(opg), the default"),
    }, hashed="default")] = "observed"
    newton: Annotated[Literal["maximum", "ltolerance"], Setting(
        "Where Newton's steps of a likelihood without absorbed effects end.", {
        "maximum": _does("where no digit moves any more"),
        "ltolerance": _does("from the constant alone, at the first point where the log likelihood moved by less than "
                            "1e-7 of itself, or each coefficient by less than 1e-6, and a step would gain less than 1e-5",
                            Stata="logit, probit, poisson: ltolerance(1e-7), tolerance(1e-6), nrtolerance(1e-5)"),
    }, hashed="default")] = "maximum"
    base_outcome: Annotated[Literal["frequent", "first", "last"], Setting(
        "Outcome of a multinomial logit that the others are held against, where none is named.", {
        "frequent": _does("the one of most observations, of several the smallest", Stata="mlogit, the default"),
        "first": _does("the smallest (R's nnet::multinom, statsmodels' MNLogit)"),
        "last": _does("the largest"),
    }, hashed="profile")] = "frequent"
    between_weights: Annotated[Literal["units", "rows"], Setting(
        "Weights of the means of units in the between estimator.", {
        "units": _does("every unit alike", Stata="xtreg, be", plm='model = "between"'),
        "rows": _does("as many as it has rows", Stata="xtreg, be wls"),
    }, hashed="default")] = "units"
    centred: Annotated[Literal["no", "yes"], Setting(
        "Moments of a GMM in its weight matrix: about zero, or about their mean.", {
        "no": _does("z e", Stata="ivregress gmm, the default"),
        "yes": _does("z e less its mean, which isn't zero where instruments are more than regressors",
                     Stata="ivregress gmm, center; ivreg2, center"),
    }, hashed="default")] = "no"
    gmm_covariance: Annotated[Literal["sandwich", "efficient"], Setting(
        "Covariance of a GMM.", {
        "sandwich": _does("of the moments at the estimate, about the weight matrix", Stata="ivregress gmm"),
        "efficient": _does("(X'Z W Z'X)^-1 with the weight matrix as it is", Stata="ivreg2, gmm2s or cue"),
    }, hashed="profile")] = "sandwich"
    small: Annotated[StrictBool, Setting(
        "Small-sample inference for every model.", {
        "True": _does("factors and t as the other settings say", fixest="the default", Stata="regress; ivregress, small"),
        "False": _does("factor 1 and the normal", Stata="ivregress or ivreg2 without small"),
    }, hashed="always")] = True
    iv_small: Annotated[StrictBool, Setting(
        "The same for models with instruments.", {
        "True": _does("as the other settings say", fixest="the default", Stata="ivregress, small; ivreghdfe"),
        "False": _does("factor 1 and the normal", Stata="ivregress or ivreg2 without small"),
    }, hashed="always")] = True
    singletons: Annotated[Literal["keep", "drop"], Setting(
        "Rows alone in a level of a fixed effect.", {
        "keep": _does("stay", fixest='fixef.rm = "none"', Stata="reghdfe, keepsingletons; areg; xtreg", plm="always",
                      lfe="always"),
        "drop": _does("leave, until none is left", fixest='fixef.rm = "singletons"', Stata="reghdfe, the default"),
    }, hashed="always")] = "keep"
    leverage_weights: Annotated[Literal["in", "out", "raw"], Setting(
        "Leverage of HC2, HC3 and HC4 under analytic weights.", {
        "in": _does("w_i x_i'(X'WX)^-1 x_i", fixest="with fixed effects", clubSandwich="vcovCR of a weighted lm"),
        "out": _does("without w_i, weights of mean one", Stata="regress [aweight = w], vce(hc2)"),
        "raw": _does("without w_i, weights as they stand", fixest="without fixed effects"),
    }, hashed="default")] = "in"
    constant: Annotated[Literal["one", "at_least_one", "extra"], Setting(
        "The constant of a model with fixed effects in K.", {
        "one": _does("counted beside nested effects", fixest="always", Stata="reghdfe", lfe="always"),
        "at_least_one": _does("only where the other effects count nothing", Stata="ivreghdfe"),
        "extra": _does("one coefficient more than the effects hold"),
    }, hashed="default")] = "one"
    kernel_gaps: Annotated[Literal["kept", "closed", "rows", "refused"], Setting(
        "Newey-West's lags over periods that no row has.", {
        "kept": _does("count units of time", Stata="newey, force"),
        "closed": _does("count periods of the sample", fixest="vcov_NW, always"),
        "rows": _does("count each unit's rows"),
        "refused": _does("are refused, as are several units: there is no number", Stata="newey"),
    }, hashed="profile")] = "kept"
    kraay_gaps: Annotated[Literal["closed", "kept"], Setting(
        "Driscoll-Kraay's lags over periods that no row has.", {
        "closed": _does("count periods of the sample", fixest="vcov_DK, always", plm="vcovSCC, always",
                        Stata="reghdfe, vce(dkraay)"),
        "kept": _does("count units of time", Stata="ivreg2, dkraay() (xtscc refuses such gaps)"),
    }, hashed="profile")] = "closed"
    conley_distance: Annotated[Literal["axes", "haversine", "mean_latitude", "own_latitude"], Setting(
        "Distance of two places under Conley's covariance.", {
        "axes": _does("each coordinate by itself against its own cutoff, the kernel's weights multiplied", Stata="x_ols"),
        "haversine": _does("kilometres on a sphere of radius 6371"),
        "mean_latitude": _does("111 km a degree, longitudes by the cosine of the mean latitude",
                               fixest='conley(distance = "triangular"), the default'),
        "own_latitude": _does("111 km a degree, longitudes by the cosine of either latitude, the mean of both weights",
                              Stata="ols_spatial_HAC, acreg"),
    }, hashed="profile")] = "axes"
    conley_kernel: Annotated[Literal["bartlett", "uniform"], Setting(
        "Weights of Conley's covariance up to the cutoff.", {
        "bartlett": _does("1 - distance/cutoff", Stata="x_ols; ols_spatial_HAC, bartlett"),
        "uniform": _does("1, the cutoff itself among them", fixest="conley(), always", Stata="ols_spatial_HAC; acreg"),
    }, hashed="profile")] = "bartlett"
    conley_factor: Annotated[Literal["none", "(n-1)/(n-k)", "n/(n-k)"], Setting(
        "Factor of Conley's covariance.", {
        "none": _does("none", fixest="ssc(K.adj = FALSE)", Stata="x_ols; ols_spatial_HAC; acreg"),
        "(n-1)/(n-k)": _does("(N - 1)/(N - K)", fixest="the default"),
        "n/(n-k)": _does("N/(N - K)"),
    }, hashed="profile")] = "none"
    psd: Annotated[Literal["kept", "repaired"], Setting(
        "Negative eigenvalues of a covariance by several cluster variables.", {
        "kept": _does("stay, and a negative variance has no standard error"),
        "repaired": _does("are set to zero, on columns over their standard deviations", Stata="reghdfe"),
    }, hashed="profile")] = "kept"
# fmt: on


SETTINGS: dict[str, Setting] = {
    name: said for name, field in Convention.model_fields.items() for said in field.metadata if isinstance(said, Setting)
}  # fmt: skip


def spelled_elsewhere(option: str, value: object) -> list[tuple[str, str, str]]:
    """Program, what is typed there, and the setting that is it here, of an option's name; those of its value first.

    Names are those of any release: fixest's `K.fixef` was `fixef.K`, and is `k_fixef` in Python.
    """
    parts = option.casefold().replace("_", ".").split(".")
    names = {".".join(parts), ".".join(reversed(parts))}
    shown = f'"{value}"' if isinstance(value, str) else str(value).upper()
    found = [
        (program, typed, f"{setting} = {v.lower() if v in ('True', 'False') else chr(34) + v + chr(34)}")
        for setting, said in SETTINGS.items()
        for v, (_, by_program) in said.values.items()
        for program, typed in by_program.items()
        if names & set(re.findall(r"[\w.]+", typed.casefold()))
    ]
    of_value = [one for one in found if shown.casefold() in one[1].casefold()]
    return of_value or found


#: Settings that R's engines (`r_scripts/engines`) and exported scripts (`parity.export`) have of their own. Under any other
#: that isn't at its default, no package's own number in R is taken for the declared one, and a spec has no script.
KNOWN_OUTSIDE = frozenset({
    "count_fixef", "count_robust", "redundant", "iid", "robust", "kernel", "cluster_scale", "cluster_groups", "t_iid",
    "t_robust", "t_cluster", "t_kernel", "t_random", "swamy_arora", "information", "newton", "small", "iv_small",
    "base_outcome", "singletons", "leverage_weights", "constant", "kernel_gaps", "kraay_gaps", "between_weights", "centred",
    "gmm_covariance", "conley_distance", "conley_kernel", "conley_factor", "psd",
})  # fmt: skip


def unknown_outside(convention: Convention) -> tuple[str, ...]:
    """The settings of a convention that only `parity.conventions.formulas` knows."""
    default = {name: Convention.model_fields[name].default for name in SETTINGS.keys() - KNOWN_OUTSIDE}
    return tuple(sorted(name for name, value in default.items() if getattr(convention, name) != value))
