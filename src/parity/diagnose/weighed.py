"""Weighed: how many scenarios of one size a search has held against the observed numbers, those it never computed included.

A design whose coefficients are off is dropped before its covariances, conventions and printing are tried; each of these
would have been one more chance to fit. So every design counts as many scenarios as the richest one of its cost had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Weighed:
    """Counts designs by their cost in causes and by whether they are near enough to hit (`chance.may_hit`), and the most
    scenarios that one of them had: `plain`, and all, `slips` included.

    A slip of a single number is the last resort, so a cause that is none has only plain scenarios for rivals.
    """

    def __init__(self) -> None:
        self._designs: Counter[tuple[int, bool]] = Counter()
        self._most: Counter[tuple[int, bool, bool]] = Counter()
        self._place, self._own = (0, True), Counter[bool]()

    def design(self, cost: int, near: bool) -> None:
        """One more design is tried."""
        self._place, self._own = (cost, near), Counter[bool]()
        self._designs[self._place] += 1

    def untried(self, cost: int, near: int, far: int) -> None:
        """So many more could have been, but others were likelier."""
        self._designs[cost, True] += near
        self._designs[cost, False] += far

    def leaves(self, plain: int, slips: int = 0) -> None:
        """More scenarios of the design that is being tried."""
        for with_slips, more in ((False, plain), (True, plain + slips)):
            self._own[with_slips] += more
            place = (*self._place, with_slips)
            self._most[place] = max(self._most[place], self._own[with_slips])

    def scenarios(self, slips: bool) -> int:
        """All that were weighed."""
        most = {(cost, near): max(self._most[cost, n, slips] for n in (True, False)) for cost, near in self._designs}
        return sum(designs * max(most[place], 1) for place, designs in self._designs.items())

    def rivals(self, slips: bool, near: bool) -> int:
        """Those that may hit, of designs that are near, or that are not and what edits of their numbers bring near."""
        return self._sum({place: self._most[*place, slips] for place in self._designs if place[1] is near})

    def _sum(self, most: Mapping[tuple[int, bool], int]) -> int:
        return sum(self._designs[place] * max(scenarios, place[1]) for place, scenarios in most.items())
