"""How far loops inside each other have come, and whether they end in the time that a run has left.

A simulation of days never does. One of hundreds of regressions might, or nearly: it gets at most half of what is left, so
that what stands behind it is run, however many such loops a do-file has.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program
from parity.stata.ending import forgotten
from parity.stata.results import Results
from parity.stata.source import Statement
from parity.stata.steering import TooMuch

if TYPE_CHECKING:
    from parity.stata.findings import Finding
    from parity.stata.session import Session

#: Shares of the time left when a loop began: after the first its end is foretold, and it may be foretold to take
#: `MOST_FORETOLD` times that time, as the first rounds may take longer than the others; from the second on the fewer times
#: the longer it has run, and from the third on `MOST_SETTLED` times.
LOOK_AFTER, SHOWN, SETTLED = 1 / 60, 1 / 4, 1 / 2
MOST_FORETOLD, MOST_SETTLED = 4.0, 1.25


class Hopeless(TooMuch):
    """The outermost loop would not end in time."""


@dataclass
class Rounds:
    """Rounds done and to do of each loop that is being run, the outermost first: infinitely many of a `while`.

    left: seconds that the run had left when the outermost began
    """

    held: list[list[float]] = field(default_factory=list)
    began: float = 0.0
    left: float = 0.0

    def enter(self, of: float, left: float) -> None:
        if not self.held:
            self.began, self.left = time.monotonic(), max(left, 0.0)
        self.held.append([-1, of])

    def leave(self) -> None:
        self.held.pop()

    def next(self) -> None:
        """One round more. Raises `Hopeless` where all would take more seconds than the run has left."""
        self.held[-1][0] += 1
        spent = time.monotonic() - self.began  # the clock by which the run ends
        if spent < LOOK_AFTER * self.left:
            return
        had = f"{self.left:.0f} were left of the run, and what stands behind it is run, too"
        share = 0.0
        for done, of in reversed(self.held):
            share = (done + share) / of
        if not share and any(math.isinf(of) for _, of in self.held):  # nothing foretells the end of a `while`
            if spent > SETTLED * self.left:
                raise Hopeless(f"the loop was given up after {spent:.0f} seconds: {had}")
            return
        if share * most(spent, self.left) * self.left < spent:
            whole = f"{spent / share:.0f}" if share else f"far more than {spent:.0f}"
            raise Hopeless(f"the loop would take {whole} seconds; it was given up after {spent:.0f}: {had}")


def most(spent: float, left: float) -> float:
    """How many times the time that was left a loop may still be foretold to take. left: above zero"""
    way = (spent / left - SHOWN) / (SETTLED - SHOWN)
    return MOST_FORETOLD + (MOST_SETTLED - MOST_FORETOLD) * min(max(way, 0.0), 1.0)


@dataclass(frozen=True)
class Before:
    """What a session held when its outermost loop began: programs and do-files that the loop runs may set it, too."""

    scalars: dict
    matrices: dict
    stored: dict
    saved: dict
    globals: dict
    results: tuple

    @classmethod
    def of(cls, session: Session) -> Before:
        held = (session.scalars, session.matrices, session.stored, session.saved, session.macros.globals)
        return cls(*map(dict, held), results=(session.r, session.active))

    def forgotten(self, session: Session, finding: Finding) -> None:
        """What the loop changed before it was given up isn't known; files that it saved are in doubt."""
        for old, now in ((self.scalars, session.scalars), (self.matrices, session.matrices)):
            for name in _changed(old, now):
                del now[name]
                session.unknown.add(name)
        for name in _changed(self.globals, session.macros.globals):
            del session.macros.globals[name]
            session.macros.lost.add(f"${name}")
        for name in _changed(self.stored, session.stored):
            del session.stored[name]
        for path in _changed(self.saved, session.saved):
            data = session.saved[path]
            session.saved[path] = replace(data, doubts=data.doubts | {finding.doubt})
        if session.r is not self.results[0]:
            session.r = Results(texts={"parity_unknown": "loop"})
        if session.active is not self.results[1]:
            session.active = Results(texts={"parity_unknown": "loop"})


def given_up(session: Session, loop: Loop, error: Hopeless, before: Before) -> None:
    """A loop that would not end in time: what it sets isn't known, and what doesn't hang on it is run."""
    session.line = loop.head.line
    finding = session.note("too-much", f"`{loop.head.text[:60]}`: {error}", taints=True)
    for statement in statements_in(loop.body):
        forgotten(session, statement.text)
    before.forgotten(session, finding)
    session.doubt_data(finding)


def _changed(old: dict, now: dict) -> list[str]:
    return [name for name, value in now.items() if name not in old or old[name] is not value]


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
