"""How each statement ends: as run, as a finding, or as lost because its data or macros are; nothing is ever silent."""

from __future__ import annotations

import re

from parity.stata.commands import HARMLESS, known
from parity.stata.consequences import loads, replaces_data, touches_data
from parity.stata.results import Done, Results
from parity.stata.session import Session
from parity.stata.source import Statement
from parity.stata_language.command import Command, SyntaxProblem, read

#: Commands that write a data file.
WRITES = ("save", "saveold", "export", "copy", "outsheet")


def _names(text: str) -> list[str]:
    """Names of files that a command may have written, as typed and with the ending of data."""
    names = [re.split(r"[/\\]", word.strip('"'))[-1] for word in re.findall(r'"[^"]*"|[^\s,"]+', text)[1:]]
    return [full for name in names if name for full in (name, f"{name}.dta")]


def done(session: Session, statement: Statement, name: str, status: str, text: str = "") -> None:
    if status != "run" and name in WRITES:
        session.files.unmade.update(name.lower() for name in _names(text or statement.text))
    session.done.append(Done(session.file, statement.line, name, (text or statement.text)[:4_000], status))


def problem(session: Session, statement: Statement, text: str, kind: str, said: str, command: Command | None = None) -> None:
    """A finding; what it may have changed is in doubt from here."""
    session.line = statement.line
    if kind == "syntax" and (session.read or session.macros.gathered):  # its macros hold what nobody knows
        lost(session, statement, text)
        return
    if command is not None and session.data is not None and loads(command):
        session.data = None
        session.note(kind, said, taints=True, command=text[:200])
        done(session, statement, command.name, "lost", text)
        return
    if command is not None and kind == "unknown-command":  # whatever it is, it may have set them
        session.r = Results(texts={"parity_unknown": command.name})
        session.active = Results(texts={"parity_unknown": command.name})
    taints = kind != "never-run" and (command is None or command.name not in HARMLESS)
    finding = session.note(kind, said, taints=taints, command=text[:200])
    if taints and command is not None and touches_data(command):
        session.doubt_data(finding)
    # a file that isn't in the package is said, and is no command that failed
    status = "lost" if kind == "file-absent" else "finding"
    done(session, statement, command.name if command else "", status, text)


def fault(session: Session, statement: Statement, text: str, error: Exception, command: Command | None = None) -> None:
    """One of ours, whatever it is: it must not pass as if the statement had run."""
    said = f"it failed here: {type(error).__name__}: {error}"[:200]
    problem(session, statement, text, "failed-here", said, command)


def lost(session: Session, statement: Statement, text: str) -> None:
    """A statement whose macros could not be known: what it would set isn't either."""
    session.macros.undefined.clear()
    command = forgotten(session, text)
    if replaces_data(command):
        session.data = None
    if (handler := known(command.name)) is not None and handler.changes_data and session.data is not None:
        session.data = session.data.doubted(f"unknown-macro ({session.file}:{statement.line})")
    done(session, statement, command.name, "lost", text)


def forgotten(session: Session, text: str) -> Command:
    """The command of a statement that is not run, its macros as their names: what it would set isn't known."""
    try:
        command = read(re.sub(r"[`'$]", "", text))
    except SyntaxProblem:
        command = Command("", "")
    session.forget(command)
    return command


def undefined(session: Session) -> None:
    for text in session.macros.absent():
        session.note("undefined-macro", text)
