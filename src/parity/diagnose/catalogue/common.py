"""Short spellings that the catalogue's files share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from parity.diagnose.bench import Bench
from parity.diagnose.cause import Cause, Step
from parity.diagnose.world import World

#: Beyond this many rows a decomposition per cluster may take minutes.
TOO_LARGE = 20_000

Variants = Callable[[Cause, World, Bench], Iterable[Step]]


def convention(value: Any, *settings: str, when: Callable[[World], bool] = lambda world: True) -> Variants:
    """The world with these settings of its convention changed to a value; none where they have it already."""

    def variants(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
        if world.raw or not when(world):
            return
        current = world.spec.convention
        if any(getattr(current, s) != value for s in settings):
            yield Step(cause, world.with_convention(**dict.fromkeys(settings, value)))

    return variants


def scaling_rule(name: str, when: Callable[[World], bool]) -> Variants:
    """The world under one of the rules of `parity.diagnose.scaling`."""
    from dataclasses import replace

    def variants(cause: Cause, world: World, bench: Bench) -> Iterable[Step]:
        if not world.raw and name not in world.scaling and when(world):
            yield Step(cause, replace(world, scaling=(*world.scaling, name)))

    return variants


def clustered(world: World) -> bool:
    """Whether the covariance has the small-sample factor of clusters: CR1, or one of leverage that was given it on top."""
    kind = world.spec.vcov.kind
    return kind == "CR1" or (kind in ("CR2", "CR3") and "leverage-factor" in world.scaling)


def on_large_data(world: World, bench: Bench) -> bool:
    return len(bench.original) > TOO_LARGE
