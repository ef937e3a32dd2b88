"""Pairs of changes of the design. Each costs a fit, so those come first whose coefficients will be near the observed ones.

Two changes at once move a coefficient by about the sum of what each moves it by, or by the product of the two ratios
where one of them only rescales a column. That is no proof, so it decides the order only; where the rows or the terms of
two changes can't come to the observed ones, the pair is left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.diagnose.bench import Bench
from parity.diagnose.cause import Step
from parity.diagnose.combinations import Path
from parity.diagnose.observed import Observed
from parity.diagnose.world import World

#: Pairs that are tried: at most so many, and while rows times fits stay below WORK; a second or two.
MOST, WORK = 500, 1.5e6
_LEVEL = re.compile(r"::[^:]*")


@dataclass(frozen=True)
class _Glances:
    """What worlds show of sample and model at a glance, one a row: N, terms as a number, and (S, m) the coefficients of
    the observed terms. NaN where a world has none."""

    nobs: np.ndarray
    terms: np.ndarray
    coef: np.ndarray


def _glances(worlds: Sequence[World], observed: Observed, bench: Bench) -> _Glances:
    known: dict[frozenset[str], int] = {_kinds(observed.terms): 0}
    nobs, terms, coef = [], [], []
    for world in worlds:
        core, names = bench.core(world), dict(world.renames)
        of = {} if core is None else {names.get(t, t): b for t, b in zip(core.terms, core.coef, strict=True)}
        nobs.append(np.nan if core is None else core.nobs)
        terms.append(known.setdefault(_kinds(of), len(known)))
        coef.append([of.get(t, np.nan) for t in observed.terms])
    return _Glances(np.array(nobs), np.array(terms), np.array(coef, dtype=float).reshape(len(worlds), len(observed.terms)))


def _kinds(terms: Iterable[str]) -> frozenset[str]:
    """Terms, the dummies of one factor as one: which levels there are depends on the sample."""
    return frozenset(_LEVEL.sub("::", term) for term in terms)


def pairs(
    base: World, singles: Sequence[Path], observed: Observed, bench: Bench, untried: Callable[[int, int], None]
) -> Iterator[Path]:
    """Two steps of different causes, the likeliest first; two free parameters only against a whole estimate.

    untried: told the cost of a pair in causes, and how many pairs are left out for being less likely
    """
    most = int(min(MOST, WORK / max(len(bench.original), 1)))
    own = _positions(singles)
    followers: dict[tuple, _Followers] = {}
    likeliest = _likeliest(base, singles, observed, bench)
    untried(2, max(len(likeliest) - most, 0))
    for i, j in likeliest[:most]:
        first, step = singles[i], singles[j].steps[0]
        if (i, step.cause.id) not in followers:
            followers[i, step.cause.id] = _Followers(list(step.cause.steps(first.world, bench)))
        follower = followers[i, step.cause.id].like(step, own[j])
        if follower is not None:
            yield first.then(follower)


def _likeliest(base: World, singles: Sequence[Path], observed: Observed, bench: Bench) -> np.ndarray:
    """(p, 2) pairs of singles that may be combined, those whose coefficients will be nearest first."""
    seen = _glances([base, *(p.world for p in singles)], observed, bench)
    causes = [p.steps[0].cause for p in singles]
    slots = {slot: i for i, slot in enumerate(dict.fromkeys(c.slot for c in causes))}
    slot, free = np.array([slots[c.slot] for c in causes], dtype=int), np.array([c.parametrised for c in causes], dtype=bool)
    single = np.array([p.cost == 1 for p in singles], dtype=bool)
    numbers = {t.term: t.value for t in observed.targets if t.quantity == "coef"}
    wanted = np.array([numbers[t] for t in observed.terms])
    first, second, distance = [], [], []
    for i in np.flatnonzero(single):
        later = np.arange(i + 1, len(singles))
        may = single[later] & (slot[later] != slot[i]) & (observed.complete | ~(free[later] & free[i]))
        if observed.nobs is not None:
            may &= _adds_up(seen.nobs, i + 1, later + 1, observed.nobs)
        if observed.complete:
            may &= _adds_up(seen.terms.astype(float), i + 1, later + 1, 0.0)
        later = later[may]
        first.append(np.full(len(later), i))
        second.append(later)
        distance.append(_distance(seen.coef[0], seen.coef[i + 1], seen.coef[later + 1], wanted))
    if not first:
        return np.empty((0, 2), dtype=int)
    order = np.argsort(np.concatenate(distance), kind="stable")
    return np.column_stack([np.concatenate(first), np.concatenate(second)])[order]


def _adds_up(of: np.ndarray, i: int, later: np.ndarray, wanted: float) -> np.ndarray:
    """Whether N, or the terms, may come to the observed ones: where one step alone moves them, it must move them there.

    of: the declared world's first; NaN where nobody knows
    """
    a, b, start = of[i], of[later], of[0]
    alone = np.where(b == start, a, np.where(a == start, b, wanted))
    return (alone == wanted) | np.isnan(a) | np.isnan(b) | np.isnan(start)


def _distance(start: np.ndarray, a: np.ndarray, b: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How far the coefficients of pairs will be from the observed ones, a share of their size; 0.5 where nobody can tell.

    start, a, wanted: (m,) of the declared world, of one change, and observed; b: (p, m) of the other change
    """
    scale = np.abs(wanted) + np.finfo(float).tiny
    with np.errstate(divide="ignore", invalid="ignore"):
        guesses = (a + b - start, a * b / start)
        away = [np.minimum(np.abs(guess - wanted) / scale, 1.0) for guess in guesses]
    known = [~np.isnan(d) for d in away]
    means = [
        np.where(k.any(axis=1), np.where(k, d, 0.0).sum(axis=1) / np.maximum(k.sum(axis=1), 1), 0.5)
        for d, k in zip(away, known, strict=True)
    ]
    return np.minimum(*means)


@dataclass(frozen=True)
class _Followers:
    """A cause's steps after another one."""

    steps: list[Step]

    def like(self, step: Step, position: int) -> Step | None:
        """The same one; or that in the same place, where the first step changed what its parameters are called."""
        same = next((s for s in self.steps if s.parameters == step.parameters), None)
        if same is not None or step.cause.parametrised:
            return same
        return self.steps[position] if position < len(self.steps) else None


def _positions(singles: Sequence[Path]) -> list[int]:
    """Of each single step, its place among those of its cause."""
    seen: Counter[str] = Counter()
    out = []
    for path in singles:
        out.append(seen[path.steps[0].cause.id])
        seen[path.steps[0].cause.id] += 1
    return out
