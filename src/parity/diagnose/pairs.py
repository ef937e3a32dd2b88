"""Pairs of changes of the design. Each costs a fit, so those come first whose coefficients will be near the observed ones.

Two changes at once move a coefficient by about the sum of what each moves it by, or by the product of the two ratios
where one of them only rescales a column. That is no proof, so it decides the order only; where the rows or the terms of
two changes can't come to the observed ones, the pair is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from parity.diagnose.cause import Cause, Step
from parity.diagnose.combinations import Path
from parity.diagnose.fitter import Fitter
from parity.diagnose.observed import Observed
from parity.diagnose.scenario import Scenario
from parity.study.models import OF_DYNAMIC

#: Pairs that are tried: at most so many, and while rows times fits stay below WORK; a few seconds.
MOST, WORK = 3_000, 9e6
#: A model that is solved in steps, or with a column an instrument and period, costs at least as many fits by least squares:
#: of 1,000 rows, 10 ms and more beside 1.5.
DEARER = 5
#: Steps that a cause has only after another one: so many are tried.
MOST_NEW = 12
#: Guesses that are off by more than this share are no chance to hit coefficients within a tenth of the observed ones, or
#: coefficients that the declared scenario has right.
NEAR, NEAR_IF_RIGHT = 0.5, 0.1
_LEVEL = re.compile(r"::[^:]*")


@dataclass(frozen=True)
class _Glances:
    """What scenarios show of sample and model at a glance, one a row: N, terms as a number, and (S, m) the coefficients of
    the observed terms. NaN where a scenario has none, and for terms where it absorbs others: another model may show them."""

    nobs: np.ndarray
    terms: np.ndarray
    coef: np.ndarray


def _glances(scenarios: Sequence[Scenario], observed: Observed, fitter: Fitter) -> _Glances:
    known: dict[frozenset[str], int] = {_kinds(observed.terms): 0}
    nobs, terms, coef = [], [], []
    for scenario in scenarios:
        core, names = fitter.core(scenario), dict(scenario.renames)
        of = {} if core is None else {names.get(t, t): b for t, b in zip(core.terms, core.coef, strict=True)}
        nobs.append(np.nan if core is None else core.nobs)
        absorbs = scenario.spec.formula.effects == scenarios[0].spec.formula.effects
        terms.append(known.setdefault(_kinds(of), len(known)) if core is not None and absorbs else np.nan)
        coef.append([of.get(t, np.nan) for t in observed.terms])
    return _Glances(
        np.array(nobs), np.array(terms), np.array(coef, dtype=float).reshape(len(scenarios), len(observed.terms))
    )


def _kinds(terms: Iterable[str]) -> frozenset[str]:
    """Terms, the dummies of one factor as one: which levels there are depends on the sample."""
    return frozenset(_LEVEL.sub("::", term) for term in terms)


def pairs(
    base: Scenario, singles: Sequence[Path], causes: Sequence[Cause], observed: Observed, fitter: Fitter,
    untried: Callable[[int, int, int], None], *, free: bool,
) -> Iterator[Path]:  # fmt: skip
    """Two steps of different causes, the likeliest first.

    causes: of the singles, and those that the declared scenario knows no step of
    free: whether both may have a free parameter: the numbers are so many that no combination fits them by chance
    untried: told the cost of a pair in causes, and how many pairs are left out for being less likely: of those that may
    come near the observed coefficients, and of the others
    """
    most = int(min(MOST, WORK / max(len(fitter.original), 1)) / (1 if base.spec.additive else DEARER))
    kinds = _Kinds(singles)
    yield from _only_after(singles, causes, fitter)
    likeliest, near = _likeliest(base, singles, observed, fitter, free=free)
    left_out = near[most:]
    untried(2, int(left_out.sum()), int((~left_out).sum()))
    followers: dict[tuple, _Followers] = {}
    for i, j in likeliest[:most]:
        first, step = singles[i], singles[j].steps[0]
        place = (i, step.cause.id)
        if place not in followers:
            followers[place] = _Followers(list(step.cause.steps(first.scenario, fitter)), kinds.of[step.cause.id])
            yield from (first.then(new) for new in followers[place].new[:MOST_NEW])
        follower = followers[place].like(step, kinds.place[j])
        if follower is not None:
            yield first.then(follower)


def _only_after(singles: Sequence[Path], causes: Sequence[Cause], fitter: Fitter) -> Iterator[Path]:
    """Steps that there are only after another model: a rule for variance components after random effects."""
    known = {p.steps[0].cause.id for p in singles}
    later = [c for c in causes if c.id not in known and not c.many and c.cost == 1]
    for path in singles:
        if path.cost == 1 and not path.parametrised:
            for cause in later:
                if cause.slot != path.steps[0].cause.slot:
                    yield from map(path.then, islice(cause.steps(path.scenario, fitter), MOST_NEW))


def with_a_row_twice(
    singles: Sequence[Path], causes: Sequence[Cause], observed: Observed, fitter: Fitter,
    untried: Callable[[int, int, int], None], *, told: bool,
) -> Iterator[Path]:  # fmt: skip
    """One change of the design and one row of the new sample twice, where all observed coefficients come out.

    Which row is told by a formula for all rows at once, so each change costs a fit; causes: those with a variant a row
    told: whether the numbers are so many that no row beside a change fits them by chance
    untried: told how many rows beside changes were held against the numbers so, and did not fit
    """
    if observed.nobs is None or not told:
        return
    rows = len(fitter.original)
    fits, held = int(min(MOST, WORK / max(rows, 1))), 0
    for path in singles:
        core = fitter.core(path.scenario) if path.cost == 1 else None
        names = dict(path.scenario.renames)
        terms = {names.get(t, t) for t in core.terms} if core is not None else set()
        shown = terms == set(observed.terms) if observed.complete else terms >= set(observed.terms)
        if core is None or core.nobs >= observed.nobs or not shown:
            continue
        if (fits := fits - 1) < 0:
            break
        held += rows
        places = fitter.rows_twice(path.scenario, observed)
        for cause in causes if len(places) else ():
            if cause.slot != path.steps[0].cause.slot:
                yield from (path.then(s) for s in cause.steps(path.scenario, fitter) if s.scenario.edits[-1].place in places)
    if not observed.complete:
        untried(2, 0, held)


def _likeliest(
    base: Scenario, singles: Sequence[Path], observed: Observed, fitter: Fitter, *, free: bool
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """(p, 2) pairs of singles that may be combined, those whose coefficients will be nearest first; and (p,) which of them
    may come near."""
    seen = _glances([base, *(p.scenario for p in singles)], observed, fitter)
    causes = [p.steps[0].cause for p in singles]
    slots = {slot: i for i, slot in enumerate(dict.fromkeys(c.slot for c in causes))}
    slot = np.array([slots[c.slot] for c in causes], dtype=int)
    open_ = np.array([c.parametrised for c in causes], dtype=bool)
    single = np.array([p.cost == 1 for p in singles], dtype=bool)
    loose = {t.term: t.allowed for t in observed.targets if t.quantity == "coef"}
    numbers = {t.term: t.value for t in observed.targets if t.quantity == "coef"}
    wanted = np.array([numbers[t] for t in observed.terms])
    right = np.abs(seen.coef[0] - wanted) <= [loose[t] for t in observed.terms]
    allowed = np.where(right, NEAR_IF_RIGHT, NEAR)
    first, second, distance, near = [], [], [], []
    for i in np.flatnonzero(single):
        later = np.arange(i + 1, len(singles))
        may = single[later] & (slot[later] != slot[i]) & (free | ~(open_[later] & open_[i]))
        if observed.nobs is not None:
            may &= _adds_up(seen.nobs, i + 1, later + 1, observed.nobs)
        if observed.complete:
            may &= _adds_up(seen.terms, i + 1, later + 1, 0.0)
        later = later[may]
        first.append(np.full(len(later), i))
        second.append(later)
        means, worst = _distance(seen.coef[0], seen.coef[i + 1], seen.coef[later + 1], wanted, allowed)
        distance.append(means)
        near.append(worst <= 1)
    if not first:
        return np.empty((0, 2), dtype=int), np.empty(0, dtype=bool)
    found = np.column_stack([np.concatenate(first), np.concatenate(second)])
    settings = np.array([_of_settings(base, p.scenario) for p in singles], dtype=bool)
    order = np.lexsort((np.concatenate(distance), ~settings[found].all(axis=1)))
    return found[order], np.concatenate(near)[order]


def _of_settings(base: Scenario, scenario: Scenario) -> bool:
    """Whether it changes how a model in steps is estimated, no row and no column: these are few, move coefficients far, and
    two of them by no sum, so that pairs of them come before all others."""
    spec, now = base.spec, scenario.spec
    same = (now.formula.outcome, now.formula.exog, now.where) == (spec.formula.outcome, spec.formula.exog, spec.where)
    return same and now.model in OF_DYNAMIC and scenario.edits == base.edits


def _adds_up(of: np.ndarray, i: int, later: np.ndarray, wanted: float) -> np.ndarray:
    """Whether N, or the terms, may come to the observed ones: where one step alone moves them, it must move them there.

    of: the declared scenario's first; NaN where nobody knows
    """
    a, b, start = of[i], of[later], of[0]
    alone = np.where(b == start, a, np.where(a == start, b, wanted))
    return (alone == wanted) | np.isnan(a) | np.isnan(b) | np.isnan(start)


def _distance(
    start: np.ndarray, a: np.ndarray, b: np.ndarray, wanted: np.ndarray, allowed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """How far the coefficients of pairs will be from the observed ones, a share of their size: on average, 0.5 where nobody
    can tell, and the farthest as a share of what is `allowed`, 0 where nobody can.

    start, a, wanted: (m,) of the declared scenario, of one change, and observed; b: (p, m) of the other change
    """
    scale = np.abs(wanted) + np.finfo(float).tiny
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        guesses = (a + b - start, a * b / start)
        away = [np.minimum(np.abs(guess - wanted) / scale, 1.0) for guess in guesses]
    known = [~np.isnan(d) for d in away]
    means = [
        np.where(k.any(axis=1), np.where(k, d, 0.0).sum(axis=1) / np.maximum(k.sum(axis=1), 1), 0.5)
        for d, k in zip(away, known, strict=True)
    ]
    worst = [np.where(k, d / allowed, 0.0).max(axis=1, initial=0.0) for d, k in zip(away, known, strict=True)]
    return np.minimum(*means), np.minimum(*worst)


@dataclass(frozen=True)
class _Followers:
    """A cause's steps after another one, and how it named its steps before it."""

    steps: list[Step]
    before: list[tuple]

    def like(self, step: Step, place: int) -> Step | None:
        """The same one; or that in the same place, where the first step changed what its parameters are called."""
        same = next((s for s in self.steps if s.parameters == step.parameters), None)
        if same is not None or step.cause.parametrised or self.new:
            return same
        return self.steps[place] if place < len(self.steps) else None

    @property
    def new(self) -> list[Step]:
        """Those that there are only after the other: of a column that it brought."""
        if len(self.steps) <= len(self.before):
            return []
        return [s for s in self.steps if s.parameters not in self.before]


class _Kinds:
    """of: by cause, the parameters of its single steps; place: of each single step, its place among those."""

    def __init__(self, singles: Sequence[Path]):
        self.of: dict[str, list[tuple]] = {}
        self.place: list[int] = []
        for path in singles:
            own = self.of.setdefault(path.steps[0].cause.id, [])
            self.place.append(len(own))
            own.append(path.steps[0].parameters)
