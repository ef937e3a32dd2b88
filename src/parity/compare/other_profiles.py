"""The same estimates under every convention profile: what a reader sees who switches the convention in a report.

The sample and the coefficients stay as they are. A profile that would choose another sample (singletons) or other
variance components (random effects on an unbalanced panel) takes an estimate of its own, and is named as such.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from parity.compare.harmonise import Harmonised, combined
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused, count_k, df_t, factor
from parity.conventions.profiles import ROW_LEVERAGE, Convention, family_of
from parity.results.estimate import Estimate
from parity.results.spec_page import Outcome
from parity.study.spec import Spec

Rules = tuple[int, dict[tuple[str, ...], float], float]


def outcomes(
    spec: Spec, facts: Facts, terms: Sequence[str], answers: Sequence[tuple[Estimate, Harmonised]]
) -> tuple[tuple[Outcome, ...], dict[str, str], dict[str, str]]:
    """The declared convention first, then every profile that gives other numbers; profiles that refuse, and profiles that
    take another fit, with the reason.

    terms: the order of each engine's standard errors. Profiles with the same factors and degrees of freedom share one
    outcome.
    """
    try:
        declared = _rules(spec, facts, spec.convention)
    except Refused:
        return (), {}, {}
    groups: dict[tuple, tuple[Convention, Rules, list[str]]] = {_key(declared): (spec.convention, declared, [])}
    refused: dict[str, str] = {}
    refit: dict[str, str] = {}
    for name, profile in family_of(spec.convention.profile).items():
        other = _other_fit(spec, facts, profile)
        if other:
            refit[name] = other
            continue
        of_the_fit = {"singletons", "swamy_arora", "leverage_weights", "kernel_gaps", "kraay_gaps", "conley_distance"}
        of_the_fit |= {"conley_kernel"}
        here = profile.model_copy(update=spec.convention.model_dump(include=of_the_fit))
        if spec.vcov.kind == "NW" and profile.kernel_gaps == "refused" and facts.uneven:
            refused[name] = facts.uneven
            continue
        try:
            rules = _rules(spec, facts, here)
        except Refused as refusal:
            refused[name] = str(refusal)
            continue
        if all(map(math.isfinite, rules[1].values())):
            groups.setdefault(_key(rules), (here, rules, []))[2].append(name)
    found = []
    for i, (convention, (k, factors, df), names) in enumerate(groups.values()):
        se = {}
        for estimate, side in answers:
            values = _declared_se(estimate, side) if i == 0 else _se(estimate, facts, spec, convention, declared[1], factors)
            if values is not None:
                by_term = dict(zip(estimate.terms, values, strict=True))
                se[estimate.engine] = tuple(by_term.get(term) for term in terms)
        found.append(Outcome(
            profiles=tuple(names), declared=i == 0, k=k, factors={"^".join(s): f for s, f in factors.items()}, df=df,
            own_df=dict(facts.own_df) if math.isnan(df) else {}, se=se,
        ))  # fmt: skip
    return tuple(found), refused, refit


def _other_fit(spec: Spec, facts: Facts, profile: Convention) -> str:
    """What the profile does before any formula of a covariance, where it moves the estimate itself; else empty."""
    if spec.model == "probit" and profile.information != spec.convention.information:
        return f"have the {profile.information} information"
    if spec.model == "random_effects":
        same = facts.balanced or profile.swamy_arora == spec.convention.swamy_arora
        return "" if same else "have other variance components on an unbalanced panel"
    weighted = bool(spec.weights and spec.weights.analytic) and spec.vcov.kind in ROW_LEVERAGE
    if weighted and profile.leverage_weights != spec.convention.leverage_weights:
        return "leave the weights out of the leverage" if profile.leverage_weights == "out" else "have them in the leverage"
    if profile.singletons == spec.convention.singletons or not (facts.lone or facts.n_singletons):
        return ""
    return "drop singletons" if profile.singletons == "drop" else "keep singletons"


def _rules(spec: Spec, facts: Facts, convention: Convention) -> Rules:
    """K, the factor of each part, and the degrees of freedom. Raises `Refused`."""
    kind, cluster = spec.vcov.kind, spec.vcov.cluster
    parts = list(facts.clusters) if cluster else [()]
    factors = {s: factor(facts, convention, kind, cluster, s, spec.iv) for s in parts}
    df = df_t(facts, convention, kind, cluster, iv=spec.iv, random=spec.model == "random_effects")
    return count_k(facts, convention, kind, cluster), factors, df


def _key(rules: Rules) -> tuple:
    _, factors, df = rules
    return (tuple(factors.values()), df)


def _declared_se(estimate: Estimate, side: Harmonised) -> tuple[float | None, ...]:
    return tuple(_finite(side.quantities["se", term].value) for term in estimate.terms)


def _se(
    estimate: Estimate, facts: Facts, spec: Spec, convention: Convention,
    declared: Mapping[tuple[str, ...], float], factors: Mapping[tuple[str, ...], float],
) -> tuple[float | None, ...] | None:  # fmt: skip
    """Standard errors of one engine under another convention; None where that takes a refit.

    An engine that applied the declared convention itself gives one finished matrix: it can be rescaled where all
    components are rescaled alike.
    """
    if estimate.basis == "uncorrected":
        variances = np.diag(combined(estimate, facts, spec.model_copy(update={"convention": convention})))
    else:
        ratios = {factors[s] / declared[s] for s in factors}
        if max(ratios) != min(ratios):
            return None
        variances = np.diag(np.array(estimate.parts[0].matrix, dtype=float)) * ratios.pop()
    return tuple(_finite(math.sqrt(v)) if v >= 0 else None for v in map(float, variances))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
