"""Which slips of its digits turn a coefficient into the observed one, without trying each of them.

A number known to its last printed digit is reached by a slip only where the two texts differ in one digit, or in two
neighbours that are swapped. One with more digits than arithmetic gives, only where the distance is that of a slip.
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
        known = {(t.term, t.decimals): place for place, t in enumerate(observed.targets) if _is_printed(t)}
        for i, slip in enumerate(edits):
            if isinstance(slip, Slip) and slip.quantity == "coef" and slip.kind != "point":
                place = known.get((slip.term, slip.decimals), -1)
                self._places.setdefault(place, {}).setdefault((slip.kind, slip.position, slip.digit), []).append(i)
                self.target[i] = place
        self._places.pop(-1, None)
        self._far = {place: _Distances(edits, slips, self._targets[place]) for place, slips in self._places.items()}

    def fit(self, numbers: Numbers) -> np.ndarray:
        """(S,) False for those after which the coefficient is not the observed one."""
        out = self.target < 0
        for place, slips in self._places.items():
            target = self._targets[place]
            if target.term in numbers.terms:
                value = float(numbers.coef[numbers.terms.index(target.term)])
                if _known_to_the_last_digit(target):
                    for which in slips_between(value, target.value, target.decimals or 0):
                        out[slips.get(which, [])] = True
                else:
                    out[self._far[place].fit(value)] = True
        return out


class _Distances:
    """Slips of one number of which more digits are shown than arithmetic gives, so that its text tells nothing."""

    def __init__(self, edits: Sequence[PrintEdit], slips: dict[Which, list[int]], target: Target):
        self.target = target
        self.which = np.array([i for places in slips.values() for i in places], dtype=int)
        self.slips = [slip for slip in (edits[i] for i in self.which) if isinstance(slip, Slip)]
        self.position = np.array([slip.position for slip in self.slips], dtype=float)
        self.swap = np.array([slip.kind == "swap" for slip in self.slips], dtype=bool)

    def fit(self, value: float) -> np.ndarray:
        """Edits after which this value is the observed one. A digit that is another moves it by one to nine units of its
        place, two that are swapped by nine times one to nine units of the place of the second.
        """
        shown, allowed = self.target.value, self.target.allowed
        if not math.isfinite(value):
            return self.which[:0]
        right = f"{abs(value):.{self.target.decimals}f}"
        before = len(right.partition(".")[0])
        unit = np.where(self.swap, 9.0, 1.0) * 10.0 ** (before - 1 - self.position - self.swap)
        gap = abs(abs(shown) - float(right))
        times = np.clip(np.round(gap / unit), 1, 9)
        near = np.flatnonzero(np.abs(gap - times * unit) <= 1.01 * allowed + 1e-12 * abs(shown))
        return self.which[[i for i in near if abs(self.slips[i].slipped(value) - shown) <= allowed]]


def _is_printed(target: Target) -> bool:
    return target.quantity == "coef" and target.decimals is not None


def _known_to_the_last_digit(target: Target) -> bool:
    """Whether it is a printed coefficient, off by no more than rounding at its last decimal."""
    return _is_printed(target) and target.allowed < 0.75 * 10.0**-target.decimals


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
