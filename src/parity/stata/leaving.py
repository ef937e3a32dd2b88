"""What a program leaves: return(), which becomes r() at its end alone, and nothing of its temporary columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parity.stata.results import Results

if TYPE_CHECKING:
    from parity.stata.session import Session

#: A name that tempvar or marksample gave.
_TEMPORARY = re.compile(r"__\d{6,}+")


def target(session: Session, command: str) -> Results:
    """What `return`, `ereturn` and `sreturn` write to. [P] return"""
    if command != "return":
        return session.e if command == "ereturn" else session.s
    if not session.returning:
        return session.r
    return session.returning[-1] or Results()


def forget(session: Session, command: str, about: str) -> None:
    """What could not be written: whoever reads it is lost."""
    held, words = target(session, command), re.findall(r"\w++", about)
    for name in words[1:2]:
        held.numbers.pop(name, None)
        held.texts.pop(name, None)
        held.matrices.pop(name, None)
        held.drawn |= {name}
    if command == "ereturn" and words[:1] == ["post"]:
        session.active = Results(texts={"parity_unknown": "ereturn post"})


def temporary(session: Session) -> str:
    """A name that no other column, scalar or matrix has, nor had. [P] macro, tempvar"""
    session.settings["temporaries"] = str(int(session.settings.get("temporaries", "0")) + 1)
    return f"__{int(session.settings['temporaries']):06}"


@contextmanager
def leaving(session: Session, rclass: bool) -> Iterator[None]:
    """While a program runs, whose locals stand already: what it returned is r() at its end, its temporary columns go."""
    returned, scope = (Results() if rclass else None), session.macros.locals
    columns = set(session.data.columns) if session.data is not None else set()
    session.returning.append(returned)
    try:
        yield
    finally:
        session.returning.pop()
        if returned is not None:
            session.r = returned
        made = set(scope.values()) - columns
        gone = [n for n in session.data.columns if n in made and _TEMPORARY.fullmatch(n)] if session.data is not None else []
        if session.data is not None and gone:
            session.data = session.data.without(gone)
