"""Counting: what N and K stand for in the small-sample factor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from parity.diagnose.catalogue.common import clustered, convention, scaling_rule
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scaling import FLAG
from parity.diagnose.scenario import Scenario

_SSC = "fixest 0.14, help(ssc), argument K.fixef; reghdfe 6.12, reghdfe.mata, estimate_dof"


def _count(id: str, value: str, sentence: str, source: str, how: dict[str, str], **more) -> Cause:
    return Cause(
        id, "counting", "convention", "count_fixef", sentence,
        "K = {K} instead of {K_before}; variance ratio {ratio}", source, how,
        convention(value, "count_fixef", when=clustered), **more,
    )  # fmt: skip


def _least_squares(scenario: Scenario) -> bool:
    return not scenario.spec.likelihood


def _sole_effect(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """Of several effects it counts all, which is `counts-nested-effects` and no rule of its own."""
    if len(scenario.spec.formula.effects) == 1:
        yield from convention("linearmodels", "count_fixef", when=clustered)(cause, scenario, fitter)


def _redundant(id: str, value: str, sentence: str, source: str, how: dict[str, str], **more) -> Cause:
    return Cause(
        id, "counting", "convention", "redundant", sentence,
        "K = {K} instead of {K_before}; variance ratio {ratio}", source, how, convention(value, "redundant"), **more,
    )  # fmt: skip


def _flag_elsewhere(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """The flag of a cluster variable that is itself a fixed effect, on an effect that isn't nested in any.

    Where flags decide, effects that carry one are left out of K, whatever was declared.
    """
    core = fitter.core(scenario)
    if scenario.raw or not clustered(scenario) or core is None:
        return
    scenario = scenario.with_convention(count_fixef="nonnested")
    cluster = set(scenario.spec.vcov.cluster)
    named = [a.name for a in core.facts.absorbed if a.name in cluster]
    free = [a.name for a in core.facts.absorbed if not set(a.nested_in) & cluster]
    for effect in free if named else ():
        flagged = replace(scenario, scaling=(*scenario.scaling, FLAG + effect))
        yield Step(cause, flagged, (("owner", named[0]), ("effect", effect)))


def _constant(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    """One more in K; beside two effects that is also what their redundant level comes to."""
    effects = len(scenario.spec.formula.effects)
    what = "the constant beside the fixed effects"
    what += ", or the redundant level of the second effect" if effects == 2 else ""
    for step in scaling_rule("constant-counted", lambda w: bool(effects))(cause, scenario, fitter):
        yield replace(step, parameters=(("what", what),))


CAUSES = (
    _count(
        "counts-nested-effects", "full",
        "It counts every fixed effect in K, {effects}, although {nested} lies within the clusters.",
        "Stata [R] areg, Methods and formulas; sandwich vcovCL HC1; " + _SSC,
        {"fixest": 'ssc(K.fixef = "full")', "Stata": "areg, or regress with dummies", "pyfixest": 'ssc(k_fixef="full")',
         "linearmodels": "PanelOLS.fit(auto_df=False, count_effects=True)"},
        avoids={"Stata": "reghdfe, or xtreg, fe", "fixest": 'ssc(K.fixef = "nonnested")',
                "pyfixest": 'ssc(k_fixef="nonnested")'},
    ),
    _count(
        "leaves-nested-effects-out", "nonnested",
        "It leaves fixed effects that lie within the clusters ({nested}) out of K.",
        _SSC + "; Cameron and Miller (2015), section III.B",
        {"fixest": 'ssc(K.fixef = "nonnested")', "Stata": "reghdfe or xtreg, fe", "pyfixest": 'ssc(k_fixef="nonnested")'},
        avoids={"Stata": "areg, or regress with dummies", "fixest": 'ssc(K.fixef = "full")',
                "pyfixest": 'ssc(k_fixef="full")'},
    ),
    _count(
        "counts-no-effects", "none",
        "It counts no fixed effect at all: K is the number of slopes.",
        "plm 2.6, vcovHC type sss; clubSandwich CR1; fixest help(ssc), K.fixef = \"none\"",
        {"fixest": 'ssc(K.fixef = "none")', "pyfixest": 'ssc(k_fixef="none")', "plm": 'vcovHC(type = "sss")',
         "clubSandwich": 'vcovCR(type = "CR1")'},
    ),
    _count(
        "drops-all-effects-when-nested", "lfe",
        "Because one fixed effect lies within the clusters ({nested}), it drops all of them from K, {effects}.",
        "lfe 3.1, R/felm.R: dof is replaced by N - K - 1 + totvar when any factor is nested",
        {"lfe": "felm's default", "fixest": "K.fixef = \"none\" with one more coefficient has the same K"},
    ),
    Cause(
        "uncounts-a-sole-nested-effect", "counting", "convention", "count_fixef",
        "It leaves a fixed effect out of K, constant included, only where it is the only one and lies within the clusters.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "linearmodels 7, panel/model.py, PanelOLS._determine_df_adjustment (auto_df)",
        {"linearmodels": "PanelOLS.fit(auto_df=True), its default"},
        _sole_effect,
        avoids={"linearmodels": "PanelOLS.fit(auto_df=False), with count_effects=True or False"},
    ),
    _count(
        "further-effects-are-dummies", "panel",
        "Only the panel variable is left out of K; further fixed effects count as dummies.",
        "Stata [XT] xtreg, fe: Methods and formulas; option dfadj",
        {"Stata": "xtreg y x i.year, fe vce(cluster id)"},
    ),
    Cause(
        "nested-flag-on-wrong-effect", "counting", "convention", "count_fixef",
        "The flag that says `{owner}` lies within the clusters stands on `{effect}` as well, and `{effect}`, which doesn't, "
        "is left out of K too.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "pyfixest 0.50 to 0.60.0, estimation/formula/utils.py: the effects pass through a set of strings, so their levels "
        "stand in the order of PYTHONHASHSEED and their names in the order of the formula; estimation/models/feols_.py "
        "then flags by name one effect and counts the levels of another",
        {},
        _flag_elsewhere, unstable=True,
        avoids={"pyfixest": "write blanks around the +, `| a + b`: the names then match nothing and nesting is "
                            "found from the data; no fixed PYTHONHASHSEED is a remedy, it may freeze the wrong value"},
    ),
    Cause(
        "robust-counts-no-effects", "counting", "convention", "count_robust",
        "Its robust covariance counts only the slopes in K, not the fixed effects.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "plm 2.6, vcovHC type HC1; ivreg2 with partialled-out effects",
        {"plm": 'vcovHC(type = "HC1")', "fixest": 'ssc(K.fixef = "none")'},
        convention("none", "count_robust"),
    ),
    Cause(
        "robust-counts-effects", "counting", "convention", "count_robust",
        "Its robust covariance counts the fixed effects in K.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "fixest help(ssc): outside cluster covariances nonnested means full",
        {"fixest": "the default", "Stata": "areg or reghdfe, vce(robust)"},
        convention("full", "count_robust"),
    ),
    _redundant(
        "redundant-levels-one-each", "levels",
        "Of several fixed effects it takes one redundant coefficient each, without looking at their connected components.",
        "fixest help(ssc), K.exact = FALSE",
        {"fixest": "ssc(K.exact = FALSE), its default"},
        avoids={"fixest": "ssc(K.exact = TRUE)"},
    ),
    _redundant(
        "redundant-exact-rank", "exact",
        "It takes the exact rank of all fixed effects together.",
        "fixest help(ssc), K.exact = TRUE; dummies in lm or regress",
        {"fixest": "ssc(K.exact = TRUE)", "Stata": "areg with dummies", "lfe": "felm(exactDOF = TRUE)"},
    ),
    _redundant(
        "redundant-pairwise", "pairwise",
        "It counts redundant levels by the connected components of pairs of fixed effects.",
        "reghdfe 6.12, dofadjustments(pairwise); Correia (2016)",
        {"Stata": "reghdfe, dofadjustments(pairwise)"},
    ),
    _redundant(
        "redundant-first-pair", "first_pair",
        "It counts connected components of the first two fixed effects only, and one level for each further one.",
        "lfe 3.1, R/felm.R; reghdfe dofadjustments(firstpair)",
        {"lfe": "felm(exactDOF = FALSE), its default", "Stata": "reghdfe, dofadjustments(firstpair)"},
    ),
    Cause(
        "constant-counted", "counting", "convention", "constant",
        "It counts one more coefficient in K: {what}.",
        "K + 1; variance ratio {ratio}",
        "linearmodels 7, panel/model.py: a constant column in X adds one to k; FixedEffectModels.jl 1.11, fit.jl: "
        "dof_fes is the sum of all levels",
        {"linearmodels": "a constant column in exog", "FixedEffectModels.jl": "reg with two fe()"},
        _constant,
        avoids={"linearmodels": "leave the constant column out of exog"},
    ),
    Cause(
        "redundant-levels-counted", "counting", "convention", "constant",
        "It counts all levels of every fixed effect, those included that the others make redundant; one for an effect "
        "within the clusters.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "FixedEffectModels.jl 1.11, fit.jl: dof_fes is the sum of all levels, and one for an effect nested in a cluster",
        {"FixedEffectModels.jl": "reg with three or more fe()"},
        scaling_rule("redundant-counted", lambda w: len(w.spec.formula.effects) > 2),
    ),
    Cause(
        "constant-not-counted", "counting", "convention", "constant",
        "Beside effects that lie within the clusters ({nested}) and others that don't, it leaves the constant out of K.",
        "K = {K} instead of {K_before}; variance ratio {ratio}",
        "ivreghdfe 1.1: df_a as in reghdfe, but no further 1 when an effect is nested in a cluster variable",
        {"Stata": "ivreghdfe"},
        convention("at_least_one", "constant", when=lambda w: clustered(w) and len(w.spec.formula.effects) > 1),
        avoids={"Stata": "reghdfe"},
    ),
    Cause(
        "iid-without-degrees-of-freedom", "counting", "convention", "iid",
        "It divides the sum of squared residuals by N, not by N - K.",
        "SSR/{N} instead of SSR/({N} - {K}); variance ratio {ratio}",
        "linearmodels debiased=False; maximum likelihood",
        {"linearmodels": "fit(debiased=False)", "Stata": "ivregress without small"},
        convention("none", "iid", when=_least_squares),
        avoids={"linearmodels": "fit(debiased=True)", "Stata": "ivregress ..., small"},
    ),
    Cause(
        "iid-with-degrees-of-freedom", "counting", "convention", "iid",
        "It divides the sum of squared residuals by N - K.",
        "SSR/({N} - {K}) instead of SSR/{N}; variance ratio {ratio}",
        "every textbook: Greene (2018), section 4.3.5",
        {"linearmodels": "fit(debiased=True)", "Stata": "regress, or ivregress ..., small"},
        convention("n/(n-k)", "iid", when=_least_squares),
        avoids={"linearmodels": "fit(debiased=False)", "Stata": "ivregress without small"},
    ),
    Cause(
        "iid-counts-no-effects", "counting", "convention", "iid",
        "Its homoskedastic covariance counts only the slopes in K, not the fixed effects.",
        "SSR/({N} - {slopes}) instead of SSR/({N} - {K}); variance ratio {ratio}",
        "fixest help(ssc), K.fixef = \"none\"; ivreg2 with partialled-out effects; regress on demeaned columns",
        {"fixest": 'ssc(K.fixef = "none")', "Stata": "regress on demeaned columns"},
        scaling_rule("iid-counts-no-effects", lambda w: w.spec.vcov.kind == "iid" and bool(w.spec.formula.effects)),
        avoids={"fixest": 'ssc(K.fixef = "full")', "Stata": "xtreg, fe or areg"},
    ),
    Cause(
        "divides-by-n-minus-1", "counting", "convention", "iid",
        "It divides the sum of squared residuals by N - 1.",
        "SSR/({N} - 1) instead of SSR/({N} - {K}); variance ratio {ratio}",
        "fixest 0.14, R/VCOV.R: ssc(K.adj = FALSE) under iid",
        {"fixest": "ssc(K.adj = FALSE)"},
        scaling_rule("divides-by-n-minus-1", lambda w: w.spec.vcov.kind == "iid" and _least_squares(w)),
        avoids={"fixest": "ssc(K.adj = TRUE)"},
    ),
    Cause(
        "n-over-n-minus-k", "counting", "convention", "cluster_scale",
        "It scales the clustered covariance by N/(N - K), not by (N - 1)/(N - K).",
        "{N}/({N} - {K}) instead of ({N} - 1)/({N} - {K}); variance ratio {ratio}",
        "linearmodels 7, panel/covariance.py, ClusteredCovariance",
        {"linearmodels": "the default; no option changes it"},
        convention("n/(n-k)", "cluster_scale", when=clustered),
    ),
    Cause(
        "n-minus-1-over-n-minus-k", "counting", "convention", "cluster_scale",
        "It scales the clustered covariance by (N - 1)/(N - K).",
        "({N} - 1)/({N} - {K}); variance ratio {ratio}",
        "Stata [U] 20.22; " + _SSC,
        {"fixest": "ssc(K.adj = TRUE), the default", "Stata": "the default"},
        convention("(n-1)/(n-k)", "cluster_scale", when=clustered),
    ),
    Cause(
        "no-size-factor", "counting", "convention", "cluster_scale",
        "It applies no (N - 1)/(N - K) to the clustered covariance.",
        "1 instead of ({N} - 1)/({N} - {K}); variance ratio {ratio}",
        "fixest help(ssc), K.adj = FALSE; sandwich vcovCL HC0 with cadjust",
        {"fixest": "ssc(K.adj = FALSE)", "pyfixest": "ssc(k_adj=False)", "sandwich": 'vcovCL(type = "HC0")'},
        convention("none", "cluster_scale", when=clustered),
        avoids={"fixest": "ssc(K.adj = TRUE)", "pyfixest": "ssc(k_adj=True)"},
    ),
    Cause(
        "kernel-factor-n-over-n-minus-k", "counting", "convention", "kernel",
        "It scales the kernel covariance by N/(N - K).",
        "{N}/({N} - {K}); variance ratio {ratio}",
        "Stata [TS] newey; linearmodels panel/covariance.py",
        {"Stata": "newey, the default"},
        convention("n/(n-k)", "kernel"),
    ),
    Cause(
        "kernel-factor-periods", "counting", "convention", "kernel",
        "It scales the kernel covariance by T/(T - 1) (N - 1)/(N - K).",
        "{T}/({T} - 1) ({N} - 1)/({N} - {K}); variance ratio {ratio}",
        "fixest 0.14, R/VCOV.R, vcov_DK and vcov_NW",
        {"fixest": "the default"},
        convention("t/(t-1)*(n-1)/(n-k)", "kernel"),
        avoids={"fixest": "ssc(G.adj = FALSE) drops T/(T - 1)"},
    ),
    Cause(
        "kernel-factor-none", "counting", "convention", "kernel",
        "It scales the kernel covariance by nothing.",
        "1; variance ratio {ratio}",
        "plm vcovSCC and sandwich vcovHAC without adjust",
        {"plm": 'vcovSCC(type = "HC0"), the default'},
        convention("none", "kernel"),
    ),
)  # fmt: skip
