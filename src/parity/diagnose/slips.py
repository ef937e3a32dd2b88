"""Which slips of its digits turn a coefficient into the observed one, without trying each of them.

A number known to its last printed digit is reached by a slip only where the two texts differ in one digit, or in two
neighbours that are swapped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from parity.diagnose.catalogue.edits import Slip
from parity.diagnose.numbers import Numbers
from parity.diagnose.observed import Observed, Target
from parity.diagnose.world import PrintEdit

#: Kind, position and digit of a slip.
Which = tuple[str, int, str]


class Slips:
    """The slips of coefficients' digits among S edits. target: (S,) place of the observed number each moves, else -1."""

    def __init__(self, edits: Sequence[PrintEdit], observed: Observed):
        self.target = np.full(len(edits), -1)
        self._places: list[tuple[Target, dict[Which, list[int]]]] = []
        for place, target in enumerate(observed.targets):
            places: dict[Which, list[int]] = {}
            for i, slip in enumerate(edits):
                if isinstance(slip, Slip) and _is_of(slip, target):
                    places.setdefault((slip.kind, slip.position, slip.digit), []).append(i)
                    self.target[i] = place
            self._places.append((target, places))

    def fit(self, numbers: Numbers) -> np.ndarray:
        """(S,) False for those after which the coefficient is not the observed one."""
        out = self.target < 0
        for target, places in self._places:
            if places and target.term in numbers.terms:
                value = float(numbers.coef[numbers.terms.index(target.term)])
                for which in slips_between(value, target.value, target.decimals or 0):
                    out[places.get(which, [])] = True
        return out


def _is_of(slip: Slip, target: Target) -> bool:
    """Whether this slip of digits is of this number, which is known to its last printed digit."""
    if slip.kind == "point" or target.quantity != "coef" or target.decimals is None:
        return False
    same = (slip.quantity, slip.term, slip.decimals) == (target.quantity, target.term, target.decimals)
    return same and target.allowed < 0.75 * 10.0**-target.decimals


def slips_between(value: float, shown: float, decimals: int) -> list[Which]:
    """All slips of digits after which a value printed with so many decimals reads as another one."""
    if not math.isfinite(value) or (shown and math.copysign(1.0, value) != math.copysign(1.0, shown)):
        return []
    digits = f"{abs(value):.{decimals}f}".replace(".", "")
    read = f"{abs(shown):.{decimals}f}".replace(".", "").zfill(len(digits))
    at = [i for i, (a, b) in enumerate(zip(digits, read, strict=False)) if a != b]
    if len(read) > len(digits) or not 1 <= len(at) <= 2:
        return []
    first, last = at[0], at[-1]
    if first == last:
        return [("digit", first, read[first])]
    swapped = last == first + 1 and digits[first] == read[last] and digits[last] == read[first]
    return [("swap", first, "")] if swapped else []
