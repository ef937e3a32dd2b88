"""What a statement makes inherits the doubts of all that it read: columns and draws, r(), e(), scalars, matrices, macros.

`Session.read` gathers them while a statement runs. What decides which rows are used (conditions, weights, groups) counts
like any value: a mean over rows that nobody knows is not known either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from parity.stata.consequences import CONSEQUENCES
from parity.stata.mishaps import NotRun
from parity.stata.session import ESTIMATING, Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem, Dataset

#: Options whose variables decide what belongs together.
GROUPING = ("by", "over", "i", "j")
#: Commands whose varlist decides which rows there are.
KEYED = frozenset({"merge", "joinby", "contract", "duplicates", "expand", "fillin", "stack"})
#: Commands that make numbers of the variables that they name.
OF_COLUMNS = frozenset({"mkmat", "putmata", "svmat"})
#: Commands that set scalars or matrices.
OF_NUMBERS = frozenset({"scalar", "matrix", "mkmat", "tabulate", "tab1", "tab2", "tabstat"})

_WORD = re.compile(r"[^\W\d]\w*")


@contextmanager
def reading(session: Session) -> Iterator[None]:
    """One statement: what it reads is its own, but for what the call that it stands in has read."""
    outer = session.read
    session.read = set(outer)
    session.macros.gathered.clear()
    try:
        yield
    finally:
        session.read = outer


def decided(session: Session, condition: str) -> float | str:
    """The value that `if` or `while` hangs on; where it is in doubt, so is all that follows. Raises as `Session.value`."""
    with reading(session):
        text = session.macros.expand(condition)
        held = session.value(text)
        read = session.read | session.macros.taken() | _of_names(session, text)
    if session.data is not None and read - session.data.doubts:
        why = f"`if {condition[:60]}` hangs on what can't be known ({_first(read)}): it may go the other way"
        session.doubt_data(session.note("unknown-branch", why, taints=True))
    return held


def _first(read: Iterable[str]) -> str:
    """What a doubt comes from: of several the first that is no branch, which hangs on another itself."""
    return min(read, key=lambda doubt: (doubt.startswith("unknown-branch"), doubt))[:100]


@contextmanager
def inherited(session: Session, command: Command) -> Iterator[None]:
    """Runs a command, and hands what it read to all that it set.

    Raises `Lost` for a failure that hangs on what is in doubt.
    """
    before = _Before(session, command)
    session.baseline = session.data
    _, _, right = command.text.partition("=")
    setting = right and (command.name in ("scalar", "matrix") or command.assigned is not None)
    text = right if setting else command.text  # not of the one that is set anew
    session.read |= session.macros.taken() | _of_names(session, text) | _of_groups(session, command)
    try:
        yield
    except DataProblem as error:
        if error.code in CONSEQUENCES and not isinstance(error, NotRun) and _in_doubt(session, command):
            raise Lost from None
        raise
    before.hand_on(session, command)


def _in_doubt(session: Session, command: Command) -> bool:
    return session.data is not None and bool(session.read | _of_columns(session.data, command.text))


class _Before:
    """What stood before a command, so that what it set can be told."""

    def __init__(self, session: Session, command: Command) -> None:
        self.data, self.returned, self.active = session.data, session.returned, session.active
        self.held = {**session.scalars, **session.matrices} if command.name in OF_NUMBERS else {}
        self.done = len(session.done)

    def hand_on(self, session: Session, command: Command) -> None:
        direct = len(session.done) == self.done  # else statements inside have done so, each with what it read
        looked = set(session.read)
        if self.data is not None:
            looked |= _of_columns(self.data, command.text) | self.data.doubts
        if session.returned is not self.returned and direct:
            session.returned.doubts |= frozenset(looked)
        if session.active is not self.active and command.name not in ESTIMATING:
            session.active.doubts |= frozenset(session.read)
        self._named(session, command, looked, direct)
        if session.read and session.data is not None and session.data is not session.baseline:
            session.data = _doubted(session.data, session.baseline, frozenset(session.read))

    def _named(self, session: Session, command: Command, looked: set[str], direct: bool) -> None:
        """Scalars, matrices and macros."""
        of_columns = command.name in OF_COLUMNS or session.returned is not self.returned
        now = {**session.scalars, **session.matrices} if command.name in OF_NUMBERS else {}
        for name, value in now.items():
            if self.held.get(name) is not value:
                read = frozenset(looked if of_columns else session.read)
                session.doubtful[name] = read if direct else read | session.doubtful.get(name, frozenset())
        macros = session.macros
        if command.name in ("local", "global") and (word := re.match(r"(?:\+\+|--)?\s*+(\w++)", command.about)):
            prefix = "$" if command.name == "global" else ""
            macros.inherit(prefix + word.group(1), session.read)
        for option in command.options:
            if option.name == "local" and option.value:
                macros.inherit(option.value.strip(), looked)


def _doubted(data: Dataset, before: Dataset | None, doubts: frozenset[str]) -> Dataset:
    """The columns that are new or set anew, or, where the rows are others, all of them."""
    if before is None or data.rows != before.rows:
        for doubt in doubts:
            data = data.doubted(doubt)
        return data
    changed = {n: c for n, c in data.columns.items() if before.columns.get(n) is not c and not doubts <= c.doubts}
    return data.doubted_columns(changed, doubts) if changed else data


def _of_columns(data: Dataset, text: str) -> set[str]:
    """Doubts of the columns that a text names."""
    found: set[str] = set()
    for word in set(_WORD.findall(text)):
        if (column := data.columns.get(word)) is not None:
            found |= column.doubts
    return found


def _of_names(session: Session, text: str) -> set[str]:
    """Doubts of the scalars and matrices that a text names; a variable goes before a scalar of its name."""
    if not any(session.doubtful.values()):
        return set()
    held = {**session.scalars, **session.matrices}
    variables = session.data.columns if session.data is not None else {}
    words = (word for word in set(_WORD.findall(text)) if word in held and word not in variables)
    return set().union(*(session.doubtful.get(word, ()) for word in words))


def _of_groups(session: Session, command: Command) -> set[str]:
    """Doubts of the variables that make groups, or rows."""
    if session.data is None:
        return set()
    texts = [prefix.text for prefix in command.prefixes if prefix.name in ("by", "bysort")]
    texts += [option.value or "" for option in command.options if option.name in GROUPING]
    texts += [command.about] if command.name in KEYED else []
    return set().union(*(_of_columns(session.data, text) for text in texts))
