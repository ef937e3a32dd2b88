"""Sentences: a step of the search in words, with this spec's numbers in them."""

from __future__ import annotations

import math
from typing import Any

from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused, count_k
from parity.conventions.profiles import CLUSTERED
from parity.diagnose.cause import Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scaling import counted, has_own_df
from parity.diagnose.scenario import Scenario


class _Gaps(dict):
    """Names a template may use that this scenario has no value for."""

    def __missing__(self, key: str) -> str:
        return "none"


def filled(template: str, step: Step, before: Scenario, fitter: Fitter) -> str:
    """A cause's template with the numbers of the scenarios before and after it."""
    values = _Gaps(_values(step.scenario, fitter))
    values.update({f"{k}_before": v for k, v in _values(before, fitter).items()})
    values["ratio"] = _ratio(step.scenario, before, fitter)
    values.update({name: _shown(value) for name, value in step.parameters})
    if "{given_stars}" in template:
        values["given_stars"] = _stars(before, fitter, str(dict(step.parameters)["term"]))
    return template.format_map(values)


def _stars(scenario: Scenario, fitter: Fitter, term: str) -> str:
    """How many stars the scenario gives a term."""
    numbers = fitter.numbers(scenario)
    return "none" if numbers is None or term not in numbers.terms else f"{numbers.stars[numbers.terms.index(term)]:g}"


def _values(scenario: Scenario, fitter: Fitter) -> dict[str, str]:
    core, rules, vcov = fitter.core(scenario), fitter.rules(scenario), scenario.spec.vcov
    out = {"vcov": str(vcov)}
    if core is None:
        return out
    facts = core.facts
    clusters = {s: g for s, g in facts.clusters.items()}
    out |= {
        "N": _shown(facts.nobs_weighted), "K": _k(scenario, facts), "slopes": str(facts.n_slopes), "T": str(facts.periods),
        "effects": _joined(f"{a.levels} of {a.name}" for a in facts.absorbed),
        "nested": _joined(a.name for a in facts.absorbed if set(a.nested_in) & set(vcov.cluster)),
        "all_groups": _joined(f"{g} of {' x '.join(s)}" for s, g in clusters.items()),
        "singletons": str(facts.n_singletons),
    }  # fmt: skip
    if clusters:
        out["G"] = str(facts.min_clusters)
    if rules is not None:
        factors, df = rules
        own = has_own_df(scenario, df)
        out["df"] = "each coefficient's own" if own else "infinite (normal)" if math.isinf(df) else _shown(df)
        out["factor"] = _shown(next(iter(factors.values())))
    return out


def _k(scenario: Scenario, facts: Facts) -> str:
    kind = scenario.spec.vcov.kind
    try:
        k = count_k(
            counted(scenario, facts), scenario.spec.convention, kind, scenario.spec.vcov.cluster if kind in CLUSTERED else ()
        )
    except Refused:
        return "none"
    return str(k)


def _ratio(after: Scenario, before: Scenario, fitter: Fitter) -> str:
    """Ratio of the variances of two scenarios, where it is one number."""
    a, b = fitter.rules(after), fitter.rules(before)
    if a is None or b is None or set(a[0]) != set(b[0]):
        return "varies"
    ratios = {round(a[0][s] / b[0][s], 13) for s in a[0]}
    return _shown(ratios.pop()) if len(ratios) == 1 else "varies by component"


def _joined(names: Any) -> str:
    return " and ".join(names) or "none"


def _shown(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
