"""How far loops inside each other have come, and whether they end in the time that a run has left.

A simulation of days never does. One of hundreds of regressions might, or nearly: it gets at most half of what is left, so
that what stands behind it is run, however many such loops a do-file has. A `while` is foretold by how much nearer its
condition has come to its end, and is given up after seconds where it comes no nearer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from parity.stata.blocks import Block, Branch, Foreign, Loop, Node, Program
from parity.stata.ending import forgotten
from parity.stata.nearing import PATIENCE, SHARE, Distances, Nearing
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
class Going:
    """A loop that is being run: rounds done and to do, of a `while` how near its end is; when it began, and after how many
    statements of the run; look: statements of its own after which it is next foretold how many it will run."""

    of: int
    nearing: Nearing | None
    began: float
    executed: int
    done: int = -1
    look: int = FIRST_LOOK

    def share(self, inner: float) -> float:
        """How much of it is done; inner: of the round at hand."""
        return (self.done + inner) / self.of if self.nearing is None else self.nearing.share()


@dataclass
class Rounds:
    """The loops that are being run, the outermost first.

    left: seconds of the processor that the run had left when the outermost began; patience: those that a `while` may come
    no nearer to its end
    """

    held: list[Going] = field(default_factory=list)
    left: float = 0.0
    patience: float = PATIENCE

    def enter(self, of: int, left: float, executed: int = 0) -> None:
        """of: rounds; 0 of a `while`"""
        if not self.held:
            self.left = max(left, 0.0)
        nearing = None if of else Nearing(min(self.patience, SHOWN * self.left))
        self.held.append(Going(of, nearing, time.thread_time(), executed))

    def leave(self) -> None:
        self.held.pop()

    def look(self, distances: Callable[[], Distances]) -> None:
        """At the head of a `while`: how far it is from its end."""
        if (nearing := self.held[-1].nearing) is not None:
            nearing.look(distances)

    def next(self, executed: int = 0) -> None:
        """One round more. Raises `Hopeless` where all would take more seconds than the run has left, or more statements than
        a run may have, or where a `while` comes no nearer to its end."""
        self.held[-1].done += 1
        now, shares, share = time.thread_time(), [], 0.0  # the clock by which the run ends
        for going in reversed(self.held):
            share = going.share(share)
            shares.append(share)
        for i, (going, share) in enumerate(zip(self.held, reversed(shares), strict=True)):
            if i == 0 or self._unforetold(i):
                known = share > 0 or all(each.nearing is None for each in self.held[i:])
                self._check(going, share, now - going.began, executed - going.executed, known=known)

    def _unforetold(self, i: int) -> bool:
        """Whether a loop stands in a `while` directly, of which nothing may be known before a round of it is done."""
        return self.held[i].nearing is not None or self.held[i - 1].nearing is not None

    def _check(self, going: Going, share: float, spent: float, done: int, *, known: bool) -> None:
        """known: whether its share says anything; a `while` in its first round doesn't."""
        if going.nearing is not None and going.nearing.stuck:
            self.patience /= 2
            raise Hopeless(
                "it was given up after seconds in which it came no nearer to its end, and what stands behind it is run; "
                f"where it is only slow, `--seconds N` gives it N/{1 / SHARE:.0f} of these, and a condition that "
                "counts as well, such as `& `i' < 1000`, shows how far it is"
            )
        if done >= going.look:
            going.look = 2 * done
            if 0 < share * MOST_FORETOLD * MOST_STATEMENTS < done:
                raise Hopeless(f"the loop would run {done / share:,.0f} statements, and a run may have "
                               f"{MOST_STATEMENTS:,}; what stands behind it is run")  # fmt: skip
        if spent < LOOK_AFTER * self.left:
            return
        had = "it was given up after a part of these, and what stands behind it is run, too"  # the same words each time
        if (going.nearing is not None or not known) and spent > SETTLED * self.left:
            raise Hopeless(f"the loop took half of the seconds of the processor that the run had left: {had}")
        if known and share * most(spent, self.left) * self.left < spent:
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
