"""How far loops inside each other have come, and whether they end in the time that a run has left.

A simulation of days never does. One of hundreds of regressions might, or nearly: it gets at most half of what is left, so
that what stands behind it is run, however many such loops a do-file has.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program
from parity.stata.ending import forgotten
from parity.stata.results import Results
from parity.stata.source import Statement
from parity.stata.steering import MOST_STATEMENTS, TooMuch

if TYPE_CHECKING:
    from parity.stata.findings import Finding
    from parity.stata.session import Session

#: Shares of the time left when a loop began: after the first its end is foretold, and it may be foretold to take
#: `MOST_FORETOLD` times that time, as the first rounds may take longer than the others; from the second on the fewer times
#: the longer it has run, and from the third on `MOST_SETTLED` times.
LOOK_AFTER, SHOWN, SETTLED = 1 / 60, 1 / 4, 1 / 2
MOST_FORETOLD, MOST_SETTLED = 4.0, 1.25
#: Statements of a loop after which it is first foretold how many it will run.
FIRST_LOOK = 2_000
#: What may leave a loop, and statements whose command nobody knows before it is run.
_LEAVING = re.compile(r"\b(?:cont|conti|contin|continu|continue|e|ex|exi|exit|err|erro|error|assert|confirm)\b"
                      r"|^\s*+(?:(?:cap|capt|capture|qui|quietly|noi|noisily)\b\s*+:?+\s*+)*+[`$]")  # fmt: skip


class Hopeless(TooMuch):
    """The outermost loop would not end in time."""


@dataclass
class Rounds:
    """Rounds done and to do of each loop that is being run, the outermost first: infinitely many of a `while`.

    left, executed: seconds of the processor that the run had left, and statements that it had run, when the outermost began
    look: statements of the loop after which it is next foretold how many it will run
    """

    held: list[list[float]] = field(default_factory=list)
    began: float = 0.0
    left: float = 0.0
    executed: int = 0
    look: int = FIRST_LOOK

    def enter(self, of: float, left: float, executed: int = 0) -> None:
        if not self.held:
            self.began, self.left = time.thread_time(), max(left, 0.0)
            self.executed, self.look = executed, FIRST_LOOK
        self.held.append([-1, of])

    def leave(self) -> None:
        self.held.pop()

    def share(self) -> float:
        """Of the outermost loop, how much is done; 0 inside a `while`."""
        share = 0.0
        for done, of in reversed(self.held):
            share = (done + share) / of
        return share

    def next(self, executed: int = 0) -> None:
        """One round more. Raises `Hopeless` where all would take more seconds than the run has left, or more statements than
        a run may have."""
        self.held[-1][0] += 1
        done = executed - self.executed
        if done >= self.look:
            self.look = 2 * done
            if 0 < self.share() * MOST_FORETOLD * MOST_STATEMENTS < done:
                raise Hopeless(f"the loop would run {done / self.share():,.0f} statements, and a run may have "
                               f"{MOST_STATEMENTS:,}; what stands behind it is run")  # fmt: skip
        spent = time.thread_time() - self.began  # the clock by which the run ends
        if spent < LOOK_AFTER * self.left:
            return
        had = "it was given up after a part of these, and what stands behind it is run, too"  # the same words each time
        share = self.share()
        if not share and any(math.isinf(of) for _, of in self.held):  # nothing foretells the end of a `while`
            if spent > SETTLED * self.left:
                raise Hopeless(f"the loop took half of the seconds of the processor that the run had left: {had}")
            return
        if share * most(spent, self.left) * self.left < spent:
            raise Hopeless(f"the loop would take more than the seconds of the processor that the run had left: {had}")


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


def check_end(condition: str, body: tuple[Node, ...]) -> None:
    """Raises `Hopeless` for a `while` whose condition is a number, and that nothing in it leaves."""
    number = re.fullmatch(r"[\s(]*+(\d++)[\s)]*+", condition)
    if number and int(number[1]) and not any(_LEAVING.search(each.text) for each in statements_in(body)):
        raise Hopeless("nothing ends it: none of it is run, and what stands behind it is")


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
