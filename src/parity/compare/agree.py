"""Whether two numbers agree: the one place that says so, for estimates, draws, printed numbers, indices, runs and columns.

How far apart they may be comes from `parity.base.tolerance` and the scale of what they are (`parity.base.quantities`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from parity.base.tolerance import EXACT, MOST_DIGITS
from parity.results.record import Comparison, Difference

#: quantity -> term -> number, as both languages find them.
Numbers = Mapping[str, Mapping[str, float | None]]


class Held(NamedTuple):
    """Two numbers held against each other: whether they agree, digits that they share, how far apart they may be."""

    agree: bool
    digits: float
    allowed: float


def digits(difference: float, scale: float) -> float:
    """Digits of agreement: -log10 of the relative difference, between 0 and `MOST_DIGITS`."""
    if difference == 0:
        return MOST_DIGITS
    if not math.isfinite(difference) or not scale > 0:
        return 0.0
    return min(max(-math.log10(difference / scale), 0.0), MOST_DIGITS)


def hold(
    a: float | None, b: float | None, allowed: float, scale: float, *, infinite: bool = True, rounding: float = 0.0
) -> Held:
    """Whether a and b are no farther apart than allowed. None: there is none, which agrees with none alone. NaN agrees with
    nothing, and nothing agrees where what is allowed is not finite.

    scale     on which digits are counted
    infinite  whether equal infinities agree: degrees of freedom of the normal do, estimates don't
    rounding  what the digits of a hide, for the digits shared
    """
    if a is None or b is None:
        return Held(a is b, MOST_DIGITS if a is b else 0.0, allowed)
    if a == b and (infinite or math.isfinite(a)):
        return Held(infinite or math.isfinite(allowed), MOST_DIGITS, allowed)
    apart = abs(a - b)
    shared = digits(max(apart - rounding, 0.0), scale if math.isfinite(scale) else math.nan)
    return Held(math.isfinite(allowed) and apart <= allowed, shared, allowed)


def alike(a: np.ndarray, b: np.ndarray, allowed: np.ndarray | float) -> np.ndarray:
    """The same of arrays, number by number. NaN agrees with nothing."""
    with np.errstate(invalid="ignore"):
        return (a == b) | (np.abs(a - b) <= allowed)


def known(value: float | None) -> float | None:
    """None for NaN too, where it stands for no number."""
    return None if value is None or math.isnan(value) else value


def by_term(
    reference: Numbers, found: Numbers, size: Callable[[str, str, float | None], float],
    share: Callable[[str], float] = lambda quantity: EXACT,
) -> Comparison:  # fmt: skip
    """Every number of two sides by quantity and term; what only one side has is a difference.

    size: of a quantity, a term and our number, the scale of its digits; share: of a quantity, how much of that is allowed
    """
    rows = []
    for quantity in dict.fromkeys([*found, *reference]):
        ours, theirs = found.get(quantity, {}), reference.get(quantity, {})
        for term in dict.fromkeys([*ours, *theirs]):
            a, b = known(theirs.get(term)), known(ours.get(term))
            scale = size(quantity, term, b)
            rows.append((quantity, term, a, b, hold(a, b, share(quantity) * scale, scale, infinite=False)))
    return comparison(rows)


def comparison(held: Iterable[tuple[str, str, float | None, float | None, Held]]) -> Comparison:
    """Of (quantity, term, reference, candidate, held) each: how many, the least digits, and those that differ."""
    rows = list(held)
    differences = tuple(
        Difference(quantity=quantity, term=term, reference=a, candidate=b, digits=h.digits, allowed=h.allowed)
        for quantity, term, a, b, h in rows if not h.agree
    )  # fmt: skip
    return Comparison(
        checked=len(rows), digits=min((r[4].digits for r in rows), default=MOST_DIGITS), differences=differences
    )
