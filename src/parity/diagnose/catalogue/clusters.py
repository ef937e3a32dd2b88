"""Clusters: what G stands for, and which column the clusters are."""

from __future__ import annotations

from collections.abc import Iterable

from parity.diagnose.catalogue.common import clustered, convention, scaling_rule
from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.spec import Vcov

#: Columns offered as another cluster variable: those the study speaks of, then data columns with few values.
MOST_COLUMNS = 12


def _cluster_columns(scenario: Scenario, fitter: Fitter) -> tuple[str, ...]:
    """Columns that might be the cluster variable: panel, fixed effects, clusters of other specs, then groups in the data."""
    spec, study = scenario.spec, fitter.study
    named = [study.header.unit, study.header.time, *(c for e in spec.formula.effects for c in e.columns)]
    named += [c for other in study.specs for c in other.vcov.cluster]
    frame = fitter.original
    for name in frame.columns:
        values = frame[name]
        if name not in named and 2 <= values.nunique() <= len(frame) // 4 and values.dtype.kind not in "f":
            named.append(name)
    return tuple(dict.fromkeys(n for n in named if n))[:MOST_COLUMNS]


def _other_variable(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    vcov = scenario.spec.vcov
    if len(vcov.cluster) != 1:
        return
    for name in _cluster_columns(scenario, fitter):
        if name not in vcov.cluster:
            other = scenario.with_spec(vcov=vcov.model_copy(update={"cluster": (name,)}))
            yield Step(cause, other, (("clusters", name), ("instead", vcov.cluster[0])))


def _one_way(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    vcov = scenario.spec.vcov
    if len(vcov.cluster) > 1:
        for name in vcov.cluster:
            yield Step(cause, scenario.with_spec(vcov=vcov.model_copy(update={"cluster": (name,)})), (("clusters", name),))


def _two_way(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    vcov = scenario.spec.vcov
    if len(vcov.cluster) == 1 and vcov.kind in ("CR0", "CR1"):
        for name in _cluster_columns(scenario, fitter):
            if name not in vcov.cluster:
                both = vcov.model_copy(update={"cluster": (*vcov.cluster, name)})
                yield Step(cause, scenario.with_spec(vcov=both), (("clusters", f"{vcov.cluster[0]} and {name}"),))


def _for_robust(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
    if scenario.spec.vcov.kind in ("iid", "HC0", "HC1"):
        for name in _cluster_columns(scenario, fitter):
            yield Step(cause, scenario.with_spec(vcov=Vcov(kind="CR1", cluster=(name,))), (("clusters", name),))


def _groups(id: str, value: str, sentence: str, formula: str, source: str, how: dict[str, str], **more) -> Cause:
    return Cause(
        id, "clusters", "convention", "cluster_groups", sentence, formula + "; variance ratio {ratio}", source, how,
        convention(value, "cluster_groups", when=clustered), **more,
    )  # fmt: skip


def _several(scenario: Scenario) -> bool:
    return len(scenario.spec.vcov.cluster) > 1


CAUSES = (
    _groups(
        "no-cluster-factor", "none", "It leaves out the factor G/(G - 1) of the clusters.",
        "1 instead of {G}/({G} - 1)", "linearmodels group_debias=False; fixest help(ssc), G.adj = FALSE",
        {"fixest": "ssc(G.adj = FALSE)", "pyfixest": "ssc(G_adj=False)", "linearmodels": "fit(group_debias=False)"},
        avoids={"fixest": "ssc(G.adj = TRUE)", "pyfixest": "ssc(G_adj=True)", "linearmodels": "fit(group_debias=True)"},
    ),
    _groups(
        "per-component-clusters", "each",
        "Each component of the multiway covariance has its own G/(G - 1).",
        "G/(G - 1) with {all_groups}", "Cameron, Gelbach and Miller (2011), section 2.2; sandwich vcovCL multi0 = FALSE",
        {"fixest": 'ssc(G.df = "conventional")', "pyfixest": 'ssc(G_df="conventional")',
         "lfe": 'cmethod = "cgm", the default'},
    ),
    _groups(
        "smallest-cluster-factor", "min",
        "The clustered covariance has one factor G/(G - 1), that of the cluster variable with fewest clusters.",
        "{G}/({G} - 1) for all components", "fixest help(ssc), G.df = \"min\"; reghdfe 6.12",
        {"fixest": 'ssc(G.df = "min"), the default', "lfe": 'cmethod = "reghdfe"'},
    ),
    Cause(
        "psd-repair", "clusters", "convention", "psd",
        "It repairs a multiway covariance that has a negative eigenvalue.",
        "negative eigenvalues set to zero", "Cameron, Gelbach and Miller (2011), section 2.3; fixest's vcov_fix",
        {},
        scaling_rule("psd", _several),
        avoids={"fixest": "vcov(..., vcov_fix = FALSE)", "lfe": "felm(psdef = FALSE)"},
    ),
    Cause(
        "psd-repair-standardised", "clusters", "convention", "psd",
        "It repairs a multiway covariance that has a negative eigenvalue, on columns over their standard deviations.",
        "negative eigenvalues set to zero, each column over its standard deviation",
        "Cameron, Gelbach and Miller (2011), section 2.3; reghdfe 6.12, reghdfe_fix_psd",
        {"Stata": "reghdfe, vce(cluster a b)"}, convention("repaired", "psd", when=_several),
    ),
    Cause(
        "psd-not-repaired", "clusters", "convention", "psd",
        "It keeps a negative eigenvalue of a multiway covariance.",
        "the sum of the parts as it is", "Cameron, Gelbach and Miller (2011), section 2.3; pyfixest 0.60",
        {"pyfixest": "always", "fixest": "vcov(..., vcov_fix = FALSE)", "lfe": "felm(psdef = FALSE)"},
        convention("kept", "psd", when=_several), avoids={"fixest": "vcov_fix = TRUE, the default"},
    ),
    Cause(
        "cluster-other-variable", "clusters", "covariance", "vcov",
        "The clusters are `{clusters}`, not `{instead}`.",
        "G = {G} instead of {G_before}", "Abadie, Athey, Imbens and Wooldridge (2023): the level is a choice of design",
        {"fixest": "cluster = ~{clusters}", "Stata": "vce(cluster {clusters})"}, _other_variable,
        avoids={"fixest": "cluster = ~{instead}", "Stata": "vce(cluster {instead})"},
    ),
    Cause(
        "one-way-for-two-way", "clusters", "covariance", "vcov",
        "It clusters by `{clusters}` alone.",
        "G = {G} instead of {all_groups_before}", "Cameron, Gelbach and Miller (2011)",
        {"fixest": "cluster = ~{clusters}", "Stata": "vce(cluster {clusters})"}, _one_way,
        avoids={"fixest": "cluster = ~a + b", "Stata": "reghdfe ..., vce(cluster a b)"},
    ),
    Cause(
        "two-way-for-one-way", "clusters", "covariance", "vcov",
        "It clusters by {clusters}, both.",
        "{all_groups}", "Cameron, Gelbach and Miller (2011)",
        {"fixest": "cluster = ~a + b", "Stata": "reghdfe ..., vce(cluster a b)"}, _two_way,
        avoids={"fixest": "cluster = ~a", "Stata": "vce(cluster a)"},
    ),
    Cause(
        "cluster-for-robust", "clusters", "covariance", "vcov",
        "It clusters by `{clusters}`, where {vcov_before} was declared.",
        "G = {G}", "Stata [XT] xtreg: vce(robust) is vce(cluster panelvar)",
        {"Stata": "xtreg, vce(robust), or vce(cluster {clusters})", "fixest": "cluster = ~{clusters}"}, _for_robust,
        avoids={"Stata": "regress or areg, vce(robust)", "fixest": 'vcov = "hetero"'},
    ),
)  # fmt: skip
