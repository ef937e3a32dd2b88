"""Loops: heads are read once, rounds are counted and given up where they don't end, `capture` before one catches errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from parity.stata.blocks import Loop, Node, captures
from parity.stata.consequences import follows
from parity.stata.ending import done, problem, undefined
from parity.stata.inheritance import decided, reading
from parity.stata.macros import MacroError, Unknown
from parity.stata.mishaps import said
from parity.stata.nearing import Distances, distances
from parity.stata.rounds import Before, Hopeless, Rounds, check_end, given_up
from parity.stata.session import Lost, Session
from parity.stata.steering import Break, Caught, Next, repeated
from parity.stata_language.command import SyntaxProblem
from parity.stata_language.dataset import DataProblem


class Runner(Protocol):
    """What runs statements. seconds, started: of the whole run; executed: statements so far; catching: errors are caught"""

    session: Session
    rounds: Rounds
    seconds: float
    started: float
    executed: int
    catching: bool

    def run(self, nodes: Sequence[Node]) -> None: ...

    def restored(self, kept: int) -> None: ...


def loop(runner: Runner, node: Loop) -> None:
    """`foreach`, `forvalues`, `while`: its rounds, or why there are none."""
    session = runner.session
    session.line = node.head.line
    try:
        if node.kind == "while":
            done(session, node.head, node.kind, "run")
            _caught(runner, node, lambda: _rounds(runner, node, 0, lambda: _while(runner, node)))
            return
        with reading(session):
            head = session.macros.expand(node.head.text)
            undefined(session)
            done(session, node.head, node.kind, "run")
            name, values = repeated(session, head)
    except (Lost, Unknown):
        session.macros.undefined.clear()
        done(session, node.head, node.kind, "lost")
        return
    except (DataProblem, MacroError, SyntaxProblem) as error:
        if follows(error, session.data, session.done):
            done(session, node.head, node.kind, "lost")
            return
        problem(session, node.head, node.head.text, "syntax", said(error))
        return
    if values:
        _caught(runner, node, lambda: _rounds(runner, node, len(values), lambda: _each(runner, node, name, values)))
    session.macros.locals.pop(name, None)


def _caught(runner: Runner, node: Loop, rounds: Callable[[], None]) -> None:
    """Rounds of a loop, which an error inside ends where it stands behind `capture`."""
    catching, captured = runner.catching, captures(node.head.text)
    if captured:
        runner.session.rc = 0
    runner.catching = catching or captured
    try:
        rounds()
    except Caught:
        if catching or not captured:
            raise
    finally:
        runner.catching = catching


def _each(runner: Runner, node: Loop, name: str, values: Sequence[str]) -> None:
    for value in values:
        runner.session.macros.locals[name] = value
        if not _round(runner, node):
            return


def _round(runner: Runner, node: Loop) -> bool:
    """Its body once; whether another may follow."""
    runner.rounds.next(runner.executed)
    try:
        runner.run(node.body)
    except Next:
        pass
    except Break:
        return False
    return True


def _rounds(runner: Runner, node: Loop, of: int, run: Callable[[], None]) -> None:
    """A loop of so many rounds, 0 of a `while`, given up where it doesn't end in the time that is left."""
    kept = len(runner.session.preserved)
    before = None if runner.rounds.held else Before.of(runner.session)
    runner.rounds.enter(of, runner.seconds - (time.thread_time() - runner.started), runner.executed)
    try:
        run()
    except Hopeless as error:
        if before is None:
            raise
        runner.restored(kept)
        given_up(runner.session, node, error, before)
    finally:
        runner.rounds.leave()


def _while(runner: Runner, node: Loop) -> None:
    check_end(condition := node.head.text.partition("while")[2], node.body)
    while True:
        held = decided(runner.session, condition)
        if isinstance(held, str) or held == 0:
            return
        runner.rounds.look(lambda: _distances(runner, condition))
        if not _round(runner, node):
            return


def _distances(runner: Runner, condition: str) -> Distances:
    with reading(runner.session):
        try:
            return distances(runner.session, runner.session.macros.expand(condition))
        except (DataProblem, MacroError, Lost, Unknown):
            return ()
