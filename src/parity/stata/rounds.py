"""How far loops inside each other have come, and whether they end in the time of a run: a simulation of days never does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program
from parity.stata.results import Results
from parity.stata.source import Statement
from parity.stata.steering import TooMuch

if TYPE_CHECKING:
    from parity.stata.findings import Finding
    from parity.stata.session import Session

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
