"""Blocks behind prefixes: `quietly {`, `capture noisily {`, `frame x {`, `quietly if x {`; another head runs nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from parity.stata.blocks import Block, Branch, Node
from parity.stata.ending import done, forgotten
from parity.stata.macros import MacroError, Unknown
from parity.stata.mishaps import said
from parity.stata.rounds import statements_in
from parity.stata.session import Lost, Session
from parity.stata.source import Statement
from parity.stata.steering import Caught
from parity.stata_language.dataset import DataProblem
from parity.stata_language.names import canonical

#: Prefixes that a block may have, whatever else stands in its head.
_PLAIN = frozenset({"capture", "quietly", "noisily", "nobreak", "break"})


class Runner(Protocol):
    """What runs statements. catching: an error in them is caught"""

    session: Session
    catching: bool

    def run(self, nodes: Sequence[Node]) -> None: ...

    def branch(self, node: Branch) -> None: ...


def block(runner: Runner, node: Block) -> None:
    """Its statements under its prefixes; the first error in `capture {` ends it."""
    session = runner.session
    try:
        prefixes, rest = _head(node.head.text, session)
    except (Lost, Unknown):
        _refused(runner, node, "its head can't be known")
        return
    except (MacroError, DataProblem) as error:
        _refused(runner, node, said(error))
        return
    quiet, catching = session.quiet, runner.catching
    if "noisily" in prefixes:
        session.quiet = 0
    elif {"quietly", "capture"} & set(prefixes):
        session.quiet += 1
    runner.catching = catching or "capture" in prefixes
    try:
        if "capture" in prefixes:
            session.rc = 0
        _inner(runner, node, rest, lambda: runner.run(node.body))
    except Caught:
        if catching:
            raise
    finally:
        session.quiet, runner.catching = quiet, catching


def _inner(runner: Runner, node: Block, rest: str, run: Callable[[], None]) -> None:
    head = node.head
    word, _, about = rest.partition(" ")
    if not rest or canonical(word) == "version":
        run()
    elif word == "if":
        inner = Statement(rest, head.line, head.last_line)
        runner.branch(Branch(((inner, about.strip(), node.body),)))
    elif word == "frame":
        _in_frame(runner, node, about, run)
    else:
        _refused(runner, node, f"`{rest[:40]} {{` opens a block that is not known here")


def _in_frame(runner: Runner, node: Block, name: str, run: Callable[[], None]) -> None:
    from parity.stata.commands.frames import inside

    session = runner.session
    session.line = node.head.line
    try:
        with inside(session, session.macros.expand(name).strip()):
            run()
    except (Lost, Unknown):
        _refused(runner, node, "its frame can't be known")
    except (DataProblem, MacroError) as error:
        _refused(runner, node, said(error))


def _refused(runner: Runner, node: Block, why: str) -> None:
    """None of it is run: what it would set isn't known, nor what it would do to the data."""
    session = runner.session
    session.line = node.head.line
    for statement in statements_in(node.body):
        forgotten(session, statement.text)
    session.doubt_data(session.note("unknown-block", f"{why}: none of it is run", taints=True))
    done(session, node.head, node.head.text.partition(" ")[0], "finding")


def _head(text: str, session: Session) -> tuple[list[str], str]:
    """Plain prefixes, and what stands behind them; one that a macro holds is read as well."""
    found: list[str] = []
    while True:
        if re.match(r"\s*+[`$]", text):
            text = session.macros.expand(text)
            session.macros.undefined.clear()  # an option of a program that wasn't given
        match = re.match(r"\s*+([A-Za-z]++)\s*+(?::\s*+)?", text)
        if match is None or (name := canonical(match[1])) not in _PLAIN:
            return found, text.strip()
        found.append(name)
        text = text[match.end() :]
