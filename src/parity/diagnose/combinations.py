"""Combinations of causes, one layer after the other: design, covariance, convention, printing.

Each function yields paths: a scenario and the steps that lead to it, with their cost in causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from parity.conventions.profiles import Convention, family_of
from parity.diagnose.cause import Cause, Layer, Step
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.models import OF_MOMENTS


@dataclass(frozen=True)
class Path:
    """A scenario, how it was reached, and what that costs. A whole profile is one cause, however many settings it moves."""

    scenario: Scenario
    steps: tuple[Step, ...] = ()
    cost: int = 0
    profile: str = ""

    def then(self, step: Step) -> Path:
        return Path(step.scenario, (*self.steps, step), self.cost + step.cause.cost, self.profile)

    @property
    def parametrised(self) -> bool:
        return any(step.cause.parametrised for step in self.steps)


Effect = Callable[[Scenario], object]


def paths(causes: Sequence[Cause], start: Path, fitter: Fitter, most: int, effect: Effect | None = None) -> Iterator[Path]:
    """All combinations of up to `most` causes after `start`, the empty one first, no slot twice.

    effect: what a step must change to count; a step that changes nothing on this data is no cause of anything.
    """
    yield start
    if most <= 0:
        return
    before = effect(start.scenario) if effect else None
    taken = {s.cause.slot for s in start.steps}
    for i, cause in enumerate(causes):
        if cause.slot in taken or cause.cost > most:
            continue
        for step in cause.steps(start.scenario, fitter):
            if effect is None or effect(step.scenario) != before:
                yield from paths(causes[i + 1 :], start.then(step), fitter, most - cause.cost, effect)


def singles(causes: Sequence[Cause], start: Path, fitter: Fitter, most: int) -> Iterator[Path]:
    """Each step of each cause after `start`, where it costs no more than `most`."""
    for cause in causes:
        if cause.cost <= most:
            yield from (start.then(step) for step in cause.steps(start.scenario, fitter))


def of_layer(causes: Iterable[Cause], layer: Layer) -> tuple[Cause, ...]:
    """Causes of one layer, those first that decide what the others can do: a factor where there was none shows how it
    counts, a large sample hides it."""
    return tuple(sorted((c for c in causes if c.layer == layer), key=lambda c: _FIRST.get(c.slot, len(_FIRST))))


_FIRST = {slot: i for i, slot in enumerate(("leverage-factor", "small"))}


def refitted(causes: Sequence[Cause], start: Path, fitter: Fitter) -> list[Path]:
    """Kinds of covariance that are another fit: GMM weights moments by it, and clusters with missing values cost rows."""
    return [p for p in paths(causes, start, fitter, 1) if p.steps and not fitter.same_rows(p.scenario, start.scenario)]


def beside(kinds: Iterable[Path], causes: Sequence[Cause], fitter: Fitter, most: int) -> Iterator[Path]:
    """Each change of the design after each kind of covariance: what the kind makes of the estimate hides the change, of a
    control or a row no less than of a weight."""
    for kind in kinds:
        if kind.scenario.spec.model in OF_MOMENTS:
            yield from singles(causes, kind, fitter, most - kind.cost)


# ---------------------------------------------------------------- whole profiles


def profiles(causes: Sequence[Cause], start: Path, fitter: Fitter, effect: Effect) -> Iterator[Path]:
    """What a package or command does by default: all settings of another profile at once, named one by one.

    Only settings that move a number on this data count. Where the catalogue has no cause for one of them, the
    profile is not offered: it could not be explained.
    """
    if start.scenario.raw:
        return
    moves: dict[tuple[int, ...], _Moves] = {}  # most profiles begin with the same steps
    for name, profile in family_of(start.scenario.spec.convention.profile).items():
        path = _toward(profile, causes, start, fitter, effect, moves)
        if path is not None and len(path.steps) > len(start.steps) + 1:
            yield Path(path.scenario, path.steps, start.cost + 1, name)


def _toward(
    profile: Convention, causes: Sequence[Cause], start: Path, fitter: Fitter, effect: Effect,
    moves: dict[tuple[int, ...], _Moves],
) -> Path | None:  # fmt: skip
    """Steps that give the start's scenario the rules of a profile, as few as suffice."""
    singletons = start.scenario.spec.convention.singletons
    target = start.scenario.with_spec(convention=profile.model_copy(update={"singletons": singletons}))
    goal = effect(target)
    path = start
    if goal is None:
        return None
    for _ in range(6):
        now = effect(path.scenario)
        if now == goal:
            return path
        after = tuple(map(id, path.steps[len(start.steps) :]))  # steps that are kept in `moves`
        if after not in moves:
            moves[after] = _Moves(_moves(causes, path, fitter, effect, now))
        step = _closer(target, goal, moves[after], effect)
        if step is None:
            return None
        path = path.then(step)
    return None


def _closer(target: Scenario, goal: object, moves: Iterable[tuple[Step, dict[str, Any]]], effect: Effect) -> Step | None:
    """A step whose settings are the profile's, or do what the profile's do on this data."""
    wanted = vars(target.spec.convention)
    for step, moved in moves:
        if all(wanted[k] == v for k, v in moved.items()) or effect(target.with_convention(**moved)) == goal:
            return step
    return None


def _moves(
    causes: Sequence[Cause], path: Path, fitter: Fitter, effect: Effect, now: object
) -> Iterator[tuple[Step, dict[str, Any]]]:  # fmt: skip
    """Steps that change settings of the convention, and nothing that no convention knows, and that move a number; and the
    settings that they change."""
    taken, before = {s.cause.slot for s in path.steps}, vars(path.scenario.spec.convention)
    for cause in causes:
        if cause.slot in taken or cause.slot in _NO_SETTING:
            continue
        for step in cause.steps(path.scenario, fitter):
            moved = {k: v for k, v in vars(step.scenario.spec.convention).items() if v != before[k]}
            if moved and step.scenario.scaling == path.scenario.scaling and effect(step.scenario) != now:
                yield step, moved


class _Moves:
    """What an iterator gives, kept for whoever asks next; no further than any has asked."""

    def __init__(self, source: Iterator[tuple[Step, dict[str, Any]]]):
        self._found: list[tuple[Step, dict[str, Any]]] = []
        self._source = source

    def __iter__(self) -> Iterator[tuple[Step, dict[str, Any]]]:
        at = 0
        while True:
            if at == len(self._found):
                following = next(self._source, None)
                if following is None:
                    return
                self._found.append(following)
            yield self._found[at]
            at += 1


#: Slots whose causes are no setting of a convention.
_NO_SETTING = ("constant", "psd", "vcov", "leverage-factor")
