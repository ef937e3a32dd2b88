"""Which slips of its digits turn a coefficient into the observed one, without trying each of them.

A number known to its last printed digit is reached by a slip only where the two texts differ in one digit, or in two
neighbours that are swapped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parity.diagnose.catalogue.edits import Slip, is_slip
from parity.diagnose.numbers import Numbers, PrintEdit
from parity.diagnose.observed import Observed, Target

#: Kind, position and digit of a slip.
Which = tuple[str, int, str]


class Slips:
    """The slips of coefficients' digits among S edits. target: (S,) place of the observed number each moves, else -1."""

    def __init__(self, edits: Sequence[PrintEdit], observed: Observed):
        self.target = np.full(len(edits), -1)
        self._places: dict[int, dict[Which, list[int]]] = {}
        self._targets = observed.targets
        known = {(t.term, t.decimals): place for place, t in enumerate(observed.targets) if _known_to_the_last_digit(t)}
        for i, slip in enumerate(edits):
            if isinstance(slip, Slip) and slip.quantity == "coef" and slip.kind != "point":
                place = known.get((slip.term, slip.decimals), -1)
                self._places.setdefault(place, {}).setdefault((slip.kind, slip.position, slip.digit), []).append(i)
                self.target[i] = place
        self._places.pop(-1, None)

    def fit(self, numbers: Numbers) -> np.ndarray:
        """(S,) False for those after which the coefficient is not the observed one."""
        out = self.target < 0
        for place, slips in self._places.items():
            target = self._targets[place]
            if target.term in numbers.terms:
                value = float(numbers.coef[numbers.terms.index(target.term)])
                for which in slips_between(value, target.value, target.decimals or 0):
                    out[slips.get(which, [])] = True
        return out


def _known_to_the_last_digit(target: Target) -> bool:
    """Whether it is a printed coefficient, off by no more than rounding at its last decimal."""
    return target.quantity == "coef" and target.decimals is not None and target.allowed < 0.75 * 10.0**-target.decimals


def slips_between(value: float, shown: float, decimals: int) -> list[Which]:
    """All slips of digits after which a value printed with so many decimals reads as another one."""
    if not math.isfinite(value) or (shown and math.copysign(1.0, value) != math.copysign(1.0, shown)):
        return []
    right = f"{abs(value):.{decimals}f}"
    if not is_slip(float(right), abs(shown)):
        return []
    digits = right.replace(".", "")
    read = f"{abs(shown):.{decimals}f}".replace(".", "").zfill(len(digits))
    at = [i for i, (a, b) in enumerate(zip(digits, read, strict=False)) if a != b]
    if len(read) > len(digits) or not 1 <= len(at) <= 2:
        return []
    first, last = at[0], at[-1]
    if first == last:
        return [("digit", first, read[first])]
    swapped = last == first + 1 and digits[first] == read[last] and digits[last] == read[first]
    return [("swap", first, "")] if swapped else []
