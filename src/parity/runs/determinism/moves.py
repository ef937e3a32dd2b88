"""Answers of one engine to one question under many settings -> what moved, by how much, and its values. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parity.base import tolerance
from parity.compare.agree import digits, hold, known
from parity.compare.harmonise import Harmonised, Key, as_it_stands, harmonise
from parity.compare.numbers import Share, no_floor
from parity.conventions.facts import Facts
from parity.results.estimate import Estimate
from parity.results.record import Move, Seen
from parity.study.spec import Spec


@dataclass(frozen=True)
class Compared:
    """How many quantities were held against each other, the least digits any of them keeps, and which moved.

    allowed: relative spread that is rounding.
    """

    checked: int
    digits: float
    moves: tuple[Move, ...]
    allowed: float


def sides(
    answers: Mapping[str, Estimate], facts: Facts, spec: Spec, shipped: bool, spread: Mapping[str, float]
) -> dict[str, Harmonised]:
    """Setting -> every quantity of its answer. Raises `Unusable` or `Refused` as harmonising does."""
    return {n: as_it_stands(a, facts) if shipped else harmonise(a, facts, spec, spread) for n, a in answers.items()}


def compare_settings(held: Mapping[str, Harmonised], floor: Share = no_floor) -> Compared:
    """Every quantity under every setting; one that some setting lacks has moved.

    floor: relative difference that rounding leaves on these columns, by quantity (`parity.compare.floor`).
    """
    base = tolerance.moved(next(iter(held.values())).accuracy)
    keys = dict.fromkeys(key for side in held.values() for key in side.quantities)
    moves, least = [], tolerance.MOST_DIGITS
    for key in keys:
        scale, exact = _scale(key, list(held.values()))
        seen = {name: side.quantities[key].value if key in side.quantities else math.nan for name, side in held.items()}
        spread = _spread(list(seen.values()))
        least = min(least, digits(spread, scale))
        allowed = max(base, floor(key[0]))
        groups = _groups(seen, 0.0 if exact else allowed * scale)
        if len(groups) > 1:
            values = tuple(Seen(value=value, settings=tuple(names)) for value, names in groups)
            moves.append(Move(quantity=key[0], term=key[1], values=values, relative=spread / scale))
    return Compared(len(keys), least, tuple(moves), base)


def distinct(moves: Sequence[Move]) -> tuple[str, ...]:
    """One setting for each different answer, in the order of the settings."""
    places: dict[str, list[int]] = {}
    for move in moves:
        for i, seen in enumerate(move.values):
            for name in seen.settings:
                places.setdefault(name, []).append(i)
    first: dict[tuple[int, ...], str] = {}
    for name, place in places.items():
        first.setdefault(tuple(place), name)
    return tuple(first.values())


def _scale(key: Key, held: Sequence[Harmonised]) -> tuple[float, bool]:
    quantities = [side.quantities[key] for side in held if key in side.quantities]
    scale = max((q.scale for q in quantities if math.isfinite(q.scale)), default=1.0)
    return scale or 1.0, all(q.exact for q in quantities)


def _groups(seen: Mapping[str, float], allowed: float) -> list[tuple[float, list[str]]]:
    """Values that are the same to what rounding allows, in the order of the settings, with the settings of each."""
    groups: list[tuple[float, list[str]]] = []
    for name, value in seen.items():
        for held, names in groups:
            if hold(known(held), known(value), allowed, 1.0).agree:
                names.append(name)
                break
        else:
            groups.append((value, [name]))
    return groups


def _spread(values: Sequence[float]) -> float:
    """Largest less smallest; infinite where one is no number and another is, or an infinity is among several."""
    if all(v == values[0] for v in values) or all(math.isnan(v) for v in values):
        return 0.0
    return max(values) - min(values) if all(math.isfinite(v) for v in values) else math.inf
