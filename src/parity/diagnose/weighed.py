"""Weighed: how many worlds of one size a search has held against the observed numbers, those it never computed included.

A design whose coefficients are off is dropped before its covariances, conventions and printing are tried; each of these
would have been one more chance to fit. So every design counts as many worlds as the richest one of its cost had.
"""

from __future__ import annotations

from collections import Counter


class Weighed:
    """Counts designs by their cost in causes, and the most worlds that one of them had."""

    def __init__(self) -> None:
        self._designs: Counter[int] = Counter()
        self._most: Counter[int] = Counter()
        self._cost = self._own = 0

    def design(self, cost: int) -> None:
        """One more design is tried."""
        self._designs[cost] += 1
        self._cost, self._own = cost, 0

    def untried(self, cost: int, designs: int) -> None:
        """So many more could have been, but others were likelier."""
        self._designs[cost] += designs

    def leaf(self) -> None:
        """One more world of the design that is being tried."""
        self.leaves(1)

    def leaves(self, worlds: int) -> None:
        self._own += worlds
        self._most[self._cost] = max(self._most[self._cost], self._own)

    @property
    def worlds(self) -> int:
        return sum(designs * max(self._most[cost], 1) for cost, designs in self._designs.items())
