"""The convention of a scenario at work: factor of each part and degrees of freedom, and the few rules that differ from any
setting of `Convention` (they exist in one package or in its defects only, so no spec can ask for them)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from parity.conventions.facts import Facts
from parity.conventions.formulas import count_k, df_t, f_scale, factor
from parity.conventions.profiles import CLUSTERED, UNSCALED
from parity.diagnose.scenario import Scenario

#: `FLAG` and the name of an effect: it carries the flag "nested" of another one.
FLAG = "nested flag on "
#: Kinds whose name says that they have no factor, and the kind whose factor some packages give them all the same.
LEVERAGE = {"HC2": "HC1", "HC3": "HC1", "HC4": "HC1", "CR2": "CR1", "CR3": "CR1"}

Rules = tuple[dict[tuple[str, ...], float], float]


def rules(scenario: Scenario, facts: Facts) -> Rules:
    """Factor of each part, and df of t. Raises `Refused` where the command behind the convention would refuse."""
    spec, vcov = scenario.spec, scenario.spec.vcov
    subsets = tuple(facts.clusters) if vcov.kind in CLUSTERED else ((),)
    if scenario.raw:
        return {s: 1.0 for s in subsets}, math.inf
    facts = counted(scenario, facts)
    factors = {s: factor(facts, spec.convention, vcov.kind, vcov.cluster, s, spec.iv) for s in subsets}
    df = df_t(facts, spec.convention, vcov.kind, vcov.cluster, iv=spec.iv, random=spec.model == "random_effects")
    if "divides-by-n-minus-1" in scenario.scaling and vcov.kind == "iid":
        factors = {s: facts.nobs_weighted / (facts.nobs_weighted - 1) for s in subsets}
    if "leverage-factor" in scenario.scaling and vcov.kind in LEVERAGE:
        kind = LEVERAGE[vcov.kind]
        factors = {s: factor(facts, spec.convention, kind, vcov.cluster, s, spec.iv) for s in subsets}
    if "jackknife-factor" in scenario.scaling and vcov.kind == "CR3":
        factors = {s: f * (g - 1) / g for s, f in factors.items() for g in (facts.clusters[s],)}
    if "iid-counts-no-effects" in scenario.scaling and vcov.kind == "iid":
        factors = {s: facts.nobs_weighted / (facts.nobs_weighted - facts.n_slopes) for s in subsets}
    if "cluster-factor-for-all" in scenario.scaling and vcov.kind not in (*CLUSTERED, *UNSCALED):
        factors = {s: f * facts.nobs_weighted / (facts.nobs_weighted - 1) for s, f in factors.items()}
    return factors, df


def of_f(scenario: Scenario, facts: Facts) -> float:
    """F in print over that of the covariance."""
    spec = scenario.spec
    if scenario.raw:
        return 1.0
    return f_scale(counted(scenario, facts), spec.convention, spec.vcov.kind, spec.vcov.cluster, spec.iv)


def has_own_df(scenario: Scenario, df: float) -> bool:
    """Whether each coefficient's t has degrees of freedom of its own: by the convention, or by a rule beside it."""
    return math.isnan(df) or "satterthwaite" in scenario.scaling


def with_one_df(scenario: Scenario) -> Scenario:
    """The same with G - 1 degrees of freedom for all coefficients, where each has its own."""
    if scenario.spec.own_df:
        return scenario.with_convention(t_cluster="groups")
    return replace(scenario, scaling=tuple(s for s in scenario.scaling if s != "satterthwaite"))


def counted(scenario: Scenario, facts: Facts) -> Facts:
    """The facts as this scenario counts them: a constant beside the fixed effects, effects taken for nested that are not."""
    if not scenario.scaling:
        return facts
    flagged = {rule.removeprefix(FLAG) for rule in scenario.scaling if rule.startswith(FLAG)}
    absorbed = (replace(a, nested_in=scenario.spec.vcov.cluster) if a.name in flagged else a for a in facts.absorbed)
    if "redundant-counted" in scenario.scaling:
        facts = replace(facts, n_slopes=facts.n_slopes + _redundant(scenario, facts))
    constants = int("constant-counted" in scenario.scaling)
    return replace(facts, absorbed=tuple(absorbed), n_slopes=facts.n_slopes + constants)


def _redundant(scenario: Scenario, facts: Facts) -> int:
    """By how many K grows where every level counts, and one for an effect that is nested in the clusters."""
    kind, cluster = scenario.spec.vcov.kind, scenario.spec.vcov.cluster
    used = cluster if kind in CLUSTERED else ()
    own = facts.n_slopes + sum(1 if set(a.nested_in) & set(used) else a.levels for a in facts.absorbed)
    return own - count_k(facts, scenario.spec.convention, kind, used)


def repairs(scenario: Scenario) -> bool:
    """Whether the convention sets negative eigenvalues of these clusters to zero."""
    spec = scenario.spec
    return not scenario.raw and not scenario.marginal and len(spec.vcov.cluster) > 1 and spec.convention.psd == "repaired"


def repaired(vcov: np.ndarray) -> np.ndarray:
    """Negative eigenvalues raised to almost zero (Cameron, Gelbach and Miller 2011, section 2.3; fixest's `vcov_fix`)."""
    values, vectors = np.linalg.eigh(vcov)
    return (vectors * np.maximum(values, 1e-16)) @ vectors.T
