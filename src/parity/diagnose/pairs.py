"""Pairs of changes of the design. Each costs a fit, so those come first whose coefficients will be near the observed ones.

Two changes at once move a coefficient by about the sum of what each moves it by, or by the product of the two ratios
where one of them only rescales a column. That is no proof, so it decides the order only; where the rows or the terms of
two changes can't come to the observed ones, the pair is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.diagnose.bench import Bench
from parity.diagnose.cause import Step
from parity.diagnose.layers import Path
from parity.diagnose.observed import Observed
from parity.diagnose.world import World

#: Pairs that are tried: at most so many, and while rows times fits stay below WORK; a second or two.
MOST, WORK = 400, 1.5e6


@dataclass(frozen=True)
class _Glance:
    """What a world shows of its sample and model at a glance; coef: (m,) of the observed terms, NaN where it has none."""

    nobs: float
    terms: frozenset[str]
    coef: np.ndarray


def _glance(world: World, observed: Observed, bench: Bench) -> _Glance | None:
    core, names = bench.core(world), dict(world.renames)
    if core is None:
        return None
    coef = {names.get(t, t): b for t, b in zip(core.terms, core.coef, strict=True)}
    return _Glance(core.facts.nobs_weighted, frozenset(coef), np.array([coef.get(t, np.nan) for t in observed.terms]))


def pairs(base: World, singles: Sequence[Path], observed: Observed, bench: Bench) -> Iterator[Path]:
    """Two steps of different causes, one of them at least without a free parameter; the likeliest first."""
    start = _glance(base, observed, bench)
    glances = [_glance(p.world, observed, bench) for p in singles]
    numbers = {t.term: t.value for t in observed.targets if t.quantity == "coef"}
    wanted = np.array([numbers[t] for t in observed.terms])
    found = []
    for i, first in enumerate(singles):
        for j in range(i + 1, len(singles)):
            if _may_combine(first, singles[j]) and _adds_up(start, glances[i], glances[j], observed):
                found.append((_distance(start, glances[i], glances[j], wanted), i, j))
    followers: dict[tuple, dict[tuple, Step]] = {}
    for _, i, j in sorted(found)[: int(min(MOST, WORK / max(len(bench.original), 1)))]:
        first, step = singles[i], singles[j].steps[0]
        if (i, step.cause.id) not in followers:
            followers[i, step.cause.id] = {s.parameters: s for s in step.cause.steps(first.world, bench)}
        follower = followers[i, step.cause.id].get(step.parameters)
        if follower is not None:
            yield first.then(follower)


def _may_combine(first: Path, second: Path) -> bool:
    a, b = first.steps[0].cause, second.steps[0].cause
    return first.cost == second.cost == 1 and a.slot != b.slot and not (a.parametrised and b.parametrised)


def _adds_up(start: _Glance | None, a: _Glance | None, b: _Glance | None, observed: Observed) -> bool:
    """Whether rows and terms may come to the observed ones: where one step alone moves them, it must move them there."""
    if start is None or a is None or b is None:
        return True
    nobs = observed.nobs
    moved = [s.nobs for s in (a, b) if s.nobs != start.nobs]
    if nobs is not None and len(moved) < 2 and (moved or [start.nobs])[0] != nobs:
        return False
    renamed = [s.terms for s in (a, b) if s.terms != start.terms]
    return not observed.complete or len(renamed) == 2 or (renamed or [start.terms])[0] == frozenset(observed.terms)


def _distance(start: _Glance | None, a: _Glance | None, b: _Glance | None, wanted: np.ndarray) -> float:
    """How far the pair's coefficients will be from the observed ones, a share of their size; 0.5 where nobody can tell."""
    if start is None or a is None or b is None:
        return 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        by_sum = a.coef + b.coef - start.coef
        by_product = a.coef * b.coef / start.coef
    scale = np.abs(wanted) + np.finfo(float).tiny
    away = [np.minimum(np.abs(guess - wanted) / scale, 1.0) for guess in (by_sum, by_product)]
    return min((float(np.nanmean(d)) for d in away if not np.isnan(d).all()), default=0.5)
