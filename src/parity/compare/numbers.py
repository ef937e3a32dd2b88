"""Align two answers by name, judge every quantity on its own scale, and give a verdict. Knows no engine by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from parity.base import tolerance
from parity.base.quantities import share_of
from parity.compare.agree import hold
from parity.compare.harmonise import Harmonised, Key, Quantity
from parity.results.record import Comparison, Difference, Uncompared

#: Quantity -> relative difference of it that rounding leaves on these columns, see `parity.compare.floor`.
Share = Callable[[str], float]


def no_floor(quantity: str) -> float:
    return 0.0


def compare(reference: Harmonised, candidate: Harmonised, floor: Share = no_floor) -> Comparison:
    """Compare everything: what only one side has is a difference, statistics only where both have them."""
    ours, theirs = reference.quantities, candidate.quantities
    shared = [key for key in ours if key in theirs]
    allowed = tolerance.allowed(reference.accuracy, candidate.accuracy)
    differences = [
        *_missing(reference.required - set(theirs), ours, on_reference=True),
        *_missing(candidate.required - set(ours), theirs, on_reference=False),
    ]
    checked, least = len(differences), tolerance.MOST_DIGITS if not differences else 0.0
    for key in shared:
        checked += 1
        shown, difference = _hold(key, ours[key], theirs[key], max(allowed, floor(key[0])))
        least = min(least, shown)
        differences += [difference] if difference else []
    terms = sum(1 for quantity, _ in shared if quantity == "coef")
    return Comparison(checked=checked if terms else 0, digits=least if checked else 0.0, differences=tuple(differences))


@dataclass(frozen=True)
class Beside:
    """What a candidate reports and the reference doesn't: compared with another engine, or with nothing."""

    checked: int = 0
    digits: float = tolerance.MOST_DIGITS
    differences: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()

    def added_to(self, result: Comparison) -> Comparison:
        if not self.checked:
            return result
        return Comparison(
            checked=result.checked + self.checked,
            digits=min(result.digits, self.digits),
            differences=(*result.differences, *self.differences),
        )


def compare_beside(
    reference: Harmonised, candidates: Sequence[Harmonised], floor: Callable[[str, str], Share] = lambda one, other: no_floor
) -> dict[str, Beside]:
    """Engine of each candidate -> what it reports beside the reference.

    floor: of two engines, by their ids.
    A quantity that the reference lacks is held against the first candidate that reports it, in the order given. One that
    a single engine reports is compared with nothing; of the reference it is named to every candidate.
    """
    sides = (reference, *candidates)
    required = frozenset().union(*(side.required for side in sides))  # one side only: a difference already
    keys = [key for key in dict.fromkeys(key for side in sides for key in side.quantities) if key not in required]
    first = {key: next(side for side in sides if key in side.quantities) for key in keys}
    alone = {key for key in keys if sum(key in side.quantities for side in sides) == 1}
    return {side.engine: _beside(side, reference, first, alone, floor) for side in candidates}


def _beside(
    side: Harmonised, reference: Harmonised, first: Mapping[Key, Harmonised], alone: set[Key],
    floor: Callable[[str, str], Share],
) -> Beside:  # fmt: skip
    checked, least, differences = 0, tolerance.MOST_DIGITS, []
    for key, other in first.items():
        if other in (side, reference) or key not in side.quantities:
            continue
        ours, theirs = other.quantities[key], side.quantities[key]
        share = max(tolerance.allowed(other.accuracy, side.accuracy), floor(other.engine, side.engine)(key[0]))
        shown, difference = _hold(key, ours, theirs, share)
        checked, least = checked + 1, min(least, shown)
        differences += [difference.model_copy(update={"against": other.engine})] if difference else []
    lone = [Uncompared(quantity=q, term=t, engine=first[q, t].engine) for q, t in first
            if (q, t) in alone and first[q, t] in (side, reference)]  # fmt: skip
    return Beside(checked, least, tuple(differences), tuple(lone))


def _missing(keys: frozenset[Key] | set[Key], side: Mapping[Key, Quantity], *, on_reference: bool) -> list[Difference]:
    return [
        Difference(
            quantity=quantity,
            term=term,
            reference=side[quantity, term].value if on_reference else None,
            candidate=None if on_reference else side[quantity, term].value,
            digits=0.0,
            allowed=0.0,
        )
        for quantity, term in sorted(keys)
    ]


def _hold(key: Key, a: Quantity, b: Quantity, allowed: float) -> tuple[float, Difference | None]:
    """Digits that two numbers share, and how they differ. Infinities share none, but for df of the normal."""
    limit = share_of(*key, allowed) * min(a.scale, b.scale)
    held = hold(a.value, b.value, limit, max(a.scale, b.scale), infinite=a.exact)
    if held.agree:
        return held.digits, None
    return held.digits, Difference(
        quantity=key[0], term=key[1], reference=a.value, candidate=b.value, digits=held.digits, allowed=limit
    )  # fmt: skip
