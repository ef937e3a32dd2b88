"""Pairs of changes of the design. Each costs a fit, so those whose rows or terms can't add up are left out first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parity.diagnose.bench import Bench
from parity.diagnose.layers import Path
from parity.diagnose.observed import Observed
from parity.diagnose.world import World

#: Pairs are tried while rows times fits stay below this: some seconds.
WORK = 1.5e6


@dataclass(frozen=True)
class _Shape:
    """What a world shows of its sample at a glance."""

    nobs: float
    terms: frozenset[str]


def _shape(world: World, bench: Bench) -> _Shape | None:
    core, names = bench.core(world), dict(world.renames)
    return None if core is None else _Shape(core.facts.nobs_weighted, frozenset(names.get(t, t) for t in core.terms))


def pairs(base: World, singles: Sequence[Path], observed: Observed, bench: Bench) -> Iterator[Path]:
    """Two steps of different causes, one of them at least without a free parameter."""
    start = _shape(base, bench)
    shapes = [_shape(p.world, bench) for p in singles]
    wanted = {t.quantity: t.value for t in observed.targets if t.quantity == "nobs"}.get("nobs")
    terms = frozenset(observed.terms) if observed.complete else None
    left = WORK / max(len(bench.original), 1)
    for i, first in enumerate(singles):
        if first.cost > 1:
            continue
        partners = set()
        for j in range(i + 1, len(singles)):
            a, b = first.steps[0], singles[j].steps[0]
            if singles[j].cost > 1 or a.cause.slot == b.cause.slot or (a.cause.parametrised and b.cause.parametrised):
                continue
            if _adds_up(start, shapes[i], shapes[j], wanted, terms):
                partners.add((b.cause, b.parameters))
        for cause in dict.fromkeys(c for c, _ in sorted(partners, key=lambda p: p[0].id)):
            for step in cause.steps(first.world, bench):
                if (cause, step.parameters) in partners and left > 0:
                    left -= 1
                    yield first.then(step)


def _adds_up(
    start: _Shape | None, a: _Shape | None, b: _Shape | None, nobs: float | None, terms: frozenset[str] | None
) -> bool:
    """Whether rows and terms may come to the observed ones: where one step alone moves them, it must move them there."""
    if start is None or a is None or b is None:
        return True
    moved = [s.nobs for s in (a, b) if s.nobs != start.nobs]
    if nobs is not None and len(moved) < 2 and (moved or [start.nobs])[0] != nobs:
        return False
    renamed = [s.terms for s in (a, b) if s.terms != start.terms]
    return terms is None or len(renamed) == 2 or (renamed or [start.terms])[0] == terms
