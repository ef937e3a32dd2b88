"""Numbers of an analysis that two languages made, held against each other by name: single ones, and lists draw by draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from parity.base import tolerance
from parity.compare.agree import hold, known
from parity.results.record import Comparison, Difference


def compare_numbers(
    reference: Mapping[str, Mapping[str, Any]], candidate: Mapping[str, Mapping[str, Any]], scale: Mapping[str, float]
) -> Comparison:
    """quantity -> term -> number or list. What one side lacks is a difference; a draw undetermined on both sides is none.

    scale: term -> a standard error, on which its numbers are judged where it is larger than they are.
    Of a list the draw farthest off is shown, one that only one side has before all others, the first of equals.
    """
    checked, least, differences = 0, tolerance.MOST_DIGITS, []
    for quantity in dict.fromkeys((*reference, *candidate)):
        there, here = reference.get(quantity, {}), candidate.get(quantity, {})
        for term in dict.fromkeys((*there, *here)):
            pairs = _pairs(there.get(term), here.get(term))
            checked += len(pairs)
            worst: Difference | None = None
            farthest = -1.0
            for label, a, b in pairs:
                spread = scale.get(term, 0.0)
                size = max(abs(b) if b is not None else 0.0, 0.0 if math.isnan(spread) else spread)
                held = hold(a, b, tolerance.EXACT * size, size)
                least = min(least, held.digits)
                off = _off(a, b, size)
                if not held.agree and off > farthest:
                    farthest = off
                    worst = Difference(quantity=quantity, term=f"{term}{label}", reference=a, candidate=b,
                                       digits=held.digits, allowed=held.allowed)  # fmt: skip
            differences += [worst] if worst else []
    return Comparison(checked=checked, digits=least, differences=tuple(differences))


def _pairs(a: Any, b: Any) -> list[tuple[str, float | None, float | None]]:
    if not isinstance(a, list) and not isinstance(b, list):
        return [("", known(a), known(b))]
    a, b = a or [], b or []
    longest = max(len(a), len(b))
    return [
        (f", draw {i + 1}", known(a[i]) if i < len(a) else None, known(b[i]) if i < len(b) else None) for i in range(longest)
    ]


def _off(a: float | None, b: float | None, size: float) -> float:
    """How far apart, on their scale: digits end at zero and couldn't tell a draw that is off by half from one off by all."""
    if a is None or b is None:
        return math.inf
    return abs(a - b) / size if size > 0 and math.isfinite(a - b) else math.inf
