"""Weighed: how many worlds of one size a search has held against the observed numbers, those it never computed included.

A design whose coefficients are off is dropped before its covariances, conventions and printing are tried; each of these
would have been one more chance to fit. So every design counts as many worlds as the richest one of its cost had.
"""

from __future__ import annotations

from collections import Counter


class Weighed:
    """Counts designs by their cost in causes, and the most worlds that one of them had: `plain`, and all, `slips` included.

    A slip of a single number is the last resort, so a cause that is none has only plain worlds for rivals.
    """

    def __init__(self) -> None:
        self._designs: Counter[int] = Counter()
        self._most: Counter[tuple[int, bool]] = Counter()
        self._cost, self._own = 0, Counter[bool]()

    def design(self, cost: int) -> None:
        """One more design is tried."""
        self._designs[cost] += 1
        self._cost, self._own = cost, Counter[bool]()

    def untried(self, cost: int, designs: int) -> None:
        """So many more could have been, but others were likelier."""
        self._designs[cost] += designs

    def leaves(self, plain: int, slips: int = 0) -> None:
        """More worlds of the design that is being tried."""
        for with_slips, more in ((False, plain), (True, plain + slips)):
            self._own[with_slips] += more
            place = (self._cost, with_slips)
            self._most[place] = max(self._most[place], self._own[with_slips])

    def worlds(self, slips: bool) -> int:
        return sum(designs * max(self._most[cost, slips], 1) for cost, designs in self._designs.items())
