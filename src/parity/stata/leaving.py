"""What a program leaves: return(), which becomes r() at its end alone, and nothing of its temporary columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from parity.stata.macros import Macros
from parity.stata.results import Results
from parity.stata_language.dataset import Dataset


class Session(Protocol):
    """Of a session what programs leave things in."""

    data: Dataset | None
    active: Results
    r: Results
    e: Results
    s: Results
    returning: list[Results | None]
    settings: dict[str, str]
    macros: Macros


#: A name that tempvar or marksample gave.
_TEMPORARY = re.compile(r"__\d{6,}+")


def target(session: Session, command: str) -> Results:
    """What `return`, `ereturn` and `sreturn` write to. [P] return"""
    if command != "return":
        return session.e if command == "ereturn" else session.s
    if not session.returning:
        return session.r
    return session.returning[-1] or Results()


#: `return hidden scalar x`, `return historical(11) local y`: left out of `return list`, and read as any other.
_UNLISTED = re.compile(r"^(?:hidden|historical)\b\s*+(?:\(\s*+\d++\s*+\)\s*+)?")


def shown(about: str) -> str:
    """What `return` leaves, without where it is listed. [P] return"""
    return _UNLISTED.sub("", about.lstrip(), count=1)


def forget(session: Session, command: str, about: str) -> None:
    """What could not be written: whoever reads it is lost; all of it where it isn't known which that is."""
    held, words = target(session, command), re.findall(r"\w++", shown(about))
    if words[:1] not in ([verb] for verb in ("scalar", "sca", "local", "loc", "matrix", "post")):
        held.texts["parity_unknown"] = f"{command} {' '.join(words[:1])}"
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
