"""Scenarios made by hand: a fitter whose numbers are known on paper, and causes that move them by known factors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

from parity.conventions.facts import Facts
from parity.diagnose.cause import Cause, Step
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.observed import Observed, Target
from parity.diagnose.scenario import Scenario
from parity.study.spec import Spec

TERMS = ("(Intercept)", "a", "b")
COEF, SE, N = np.array([1.0, 2.0, -4.0]), np.array([0.1, 0.2, 0.4]), 100.0
SPEC = Spec(id="s", formula="y ~ a + b", vcov="HC1", convention="regress")
DECLARED = Scenario(SPEC)
#: What a kind of covariance multiplies the variances of HC1 by.
KINDS = {"HC1": 1.0, "HC2": 1.3, "HC3": 1.7}


@dataclass(frozen=True)
class Move:
    """An edit of the sample: coefficients times `by`, N plus `rows`, standard errors times `se`; sight: N is plain."""

    by: tuple[float, float, float] = (1.0, 1.0, 1.0)
    rows: int = 0
    sight: bool = False
    fits: bool = True
    se: float = 1.0


class Toy:
    """Numbers by hand: a scenario's moves multiply coefficients, its rules `x1.21` the variances."""

    def __init__(self, rows: int = 100):
        self.original, self.looked_at = range(rows), []
        self.study = SimpleNamespace(specs=(), header=SimpleNamespace(unit=None, time=None))

    def core(self, scenario: Scenario):
        self.looked_at.append(scenario.edits)
        if not all(m.fits for m in scenario.edits):
            return None
        coef = COEF * np.prod([(1.0, 1.0, 1.0), *(m.by for m in scenario.edits)], axis=0)
        nobs = N + sum(m.rows for m in scenario.edits)
        facts = Facts(
            nobs=int(nobs), nobs_weighted=nobs, n_slopes=3, intercept=True, absorbed=(), components={}, absorbed_rank=0,
            clusters={}, n_missing=3, periods=7,
        )  # fmt: skip
        return SimpleNamespace(terms=TERMS, coef=coef, nobs=nobs, facts=facts)

    def facts(self, scenario: Scenario):
        core = self.core(scenario)
        return None if core is None else core.facts

    def parts(self, scenario: Scenario):
        moved = math.prod(m.se**2 for m in scenario.edits)
        return {(): np.diag(SE**2) * KINDS[scenario.spec.vcov.kind] * moved}

    def rules(self, scenario: Scenario):
        if "refused" in scenario.scaling:
            return None
        factors = [float(rule[1:]) for rule in scenario.scaling if rule.startswith("x")]
        return {(): math.prod(factors)}, math.inf if "normal" in scenario.scaling else 10.0

    def unprinted(self, scenario: Scenario):
        core, parts, rules = self.core(scenario), self.parts(scenario), self.rules(scenario)
        if core is None or rules is None or set(rules[0]) != set(parts):
            return None
        vcov = sum((-1 if len(s) == 2 else 1) * rules[0][s] * matrix for s, matrix in parts.items())
        return Numbers(TERMS, core.coef, vcov, rules[1], core.nobs, cuts=scenario.stars)

    def numbers(self, scenario: Scenario):
        numbers = self.unprinted(scenario)
        return None if numbers is None else printed(numbers, scenario.prints)

    def nobs_at_sight(self, scenario: Scenario):
        return N + sum(m.rows for m in scenario.edits) if any(m.sight for m in scenario.edits) else None

    def at_hand(self, scenario: Scenario) -> bool:
        return not scenario.edits and scenario.spec.vcov.kind == "HC1"

    def same_rows(self, a: Scenario, b: Scenario) -> bool:
        return True

    def rows_twice(self, scenario: Scenario, observed: Observed) -> frozenset[int]:
        return frozenset()


def cause(id: str, layer: str, slot: str, *after, **more) -> Cause:
    """A cause with a step for each of `after`: a scenario to a scenario."""

    def variants(cause: Cause, scenario: Scenario, fitter) -> Iterable[Step]:
        for number, changed in enumerate(after):
            yield Step(cause, changed(scenario), (("variant", number),))

    return Cause(id, "sample" if layer == "design" else "counting", layer, slot, f"{id}.", "", "here", {}, variants, **more)


def factor(id: str, *by: float, slot: str = "", **more) -> Cause:
    return cause(id, "convention", slot or id, *(
        (lambda s, b=b: replace(s, scaling=(*s.scaling, f"x{b}"))) for b in by), **more)  # fmt: skip


def moves(id: str, *each: Move, slot: str = "", **more) -> Cause:
    return cause(id, "design", slot or id, *((lambda s, m=m: s.edited(m)) for m in each), **more)


def kind(id: str, name: str) -> Cause:
    def changed(s: Scenario) -> Scenario:
        return s.with_spec(vcov=s.spec.vcov.model_copy(update={"kind": name}))

    return cause(id, "covariance", "vcov", changed)


def page(relative: float = 1e-9, nobs: float = N, **columns) -> Observed:
    """What is observed: coefficients and standard errors of a and b, N; `se=(.22, .4)` for others than the declared."""
    shown = {"coef": COEF[1:], "se": SE[1:]} | columns
    targets = [
        Target(quantity, term, float(value), relative * abs(float(value)), abs(float(value)))
        for quantity, values in shown.items()
        for term, value in zip("ab", values, strict=True)
        if value is not None
    ]
    return Observed((*targets, Target("nobs", "", nobs, 0.0, nobs)), complete=False)
