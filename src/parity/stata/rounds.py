"""How far loops inside each other have come, and whether they end in the time of a run: a simulation of days never does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program
from parity.stata.source import Statement
from parity.stata.steering import TooMuch

#: Share of a run's time after which a loop's end is foretold, and how many times that time it may be foretold to take:
#: the first rounds may take longer than the others.
LOOK_AFTER, MOST_FORETOLD = 1 / 60, 4.0


class Hopeless(TooMuch):
    """The outermost loop would not end in time."""


@dataclass
class Rounds:
    """Rounds done and to do of each loop that is being run, the outermost first."""

    held: list[list[int]] = field(default_factory=list)
    began: float = 0.0

    def enter(self, of: int) -> None:
        if not self.held:
            self.began = time.process_time()
        self.held.append([-1, of])

    def leave(self) -> None:
        self.held.pop()

    @property
    def inside(self) -> bool:
        """Whether the loop is inside another."""
        return len(self.held) > 1

    def next(self, seconds: float) -> None:
        """One round more. Raises `Hopeless` where all would take far more than these seconds of the processor."""
        self.held[-1][0] += 1
        spent = time.process_time() - self.began
        if spent < LOOK_AFTER * seconds:
            return
        share = 0.0
        for done, of in reversed(self.held):
            share = (done + share) / of
        if share * MOST_FORETOLD * seconds < spent:
            whole = f"{spent / share:.0f}" if share else f"far more than {spent:.0f}"
            raise Hopeless(f"the loop would take {whole} seconds; it was given up after {spent:.0f}")


def statements_in(nodes: tuple[Node, ...]) -> Iterator[Statement]:
    """Every statement of a body, those of its loops and branches included."""
    for node in nodes:
        match node:
            case Statement():
                yield node
            case Loop() | Block():
                yield from statements_in(node.body)
            case Branch():
                for _, _, body in node.arms:
                    yield from statements_in(body)
            case Program() | Foreign():
                pass
