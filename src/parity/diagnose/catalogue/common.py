"""Short spellings that the catalogue's files share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from parity.diagnose.cause import Cause, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario

#: Beyond this many rows a decomposition per cluster may take minutes.
TOO_LARGE = 20_000

Variants = Callable[[Cause, Scenario, Fitter], Iterable[Step]]


def convention(value: Any, *settings: str, when: Callable[[Scenario], bool] = lambda scenario: True) -> Variants:
    """The scenario with these settings of its convention changed to a value; none where they have it already."""

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if scenario.raw or not when(scenario):
            return
        current = scenario.spec.convention
        if any(getattr(current, s) != value for s in settings):
            yield Step(cause, scenario.with_convention(**dict.fromkeys(settings, value)))

    return variants


def scaling_rule(name: str, when: Callable[[Scenario], bool]) -> Variants:
    """The scenario under one of the rules of `parity.diagnose.scaling`."""
    from dataclasses import replace

    def variants(cause: Cause, scenario: Scenario, fitter: Fitter) -> Iterable[Step]:
        if not scenario.raw and name not in scenario.scaling and when(scenario):
            yield Step(cause, replace(scenario, scaling=(*scenario.scaling, name)))

    return variants


def clustered(scenario: Scenario) -> bool:
    """Whether the covariance has the small-sample factor of clusters: CR1, or one of leverage that was given it on top."""
    kind = scenario.spec.vcov.kind
    return kind == "CR1" or (kind in ("CR2", "CR3") and "leverage-factor" in scenario.scaling)


def on_large_data(scenario: Scenario, fitter: Fitter) -> bool:
    return len(fitter.original) > TOO_LARGE
