"""What steers a run: its limits, the ways a loop or a do-file ends early, and what a loop runs through. [P]"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping

import numpy as np

from parity.stata.bounds import Memory
from parity.stata.formats import macro_text
from parity.stata.lists import split_words
from parity.stata.session import Lost, Session
from parity.stata_language.command import SyntaxProblem
from parity.stata_language.varlist import numbers

#: Statements that one run may execute: a loop of loops must end.
MOST_STATEMENTS = 2_000_000
#: Seconds that one do-file may take.
MOST_SECONDS = 3_600.0
#: Programs and do-files inside each other.
MOST_DEPTH = 64


class Stop(Exception):
    """`exit`: the do-file ends here, as its author meant."""


class Next(Exception):
    """`continue`."""


class Caught(Exception):
    """An error inside `capture {`: the block ends."""


class Break(Exception):
    """`continue, break`."""


class TooMuch(Exception):
    """Beyond what a run may do; the message says of what. said: it stands among the findings already."""

    said = False


def check_spent(executed: int, started: float, seconds: float, memory: Memory) -> None:
    """Raises `TooMuch` for a run that took all its statements, seconds (of the processor) or memory."""
    if executed > MOST_STATEMENTS:
        raise TooMuch(f"more than {MOST_STATEMENTS:,} statements")
    if time.thread_time() - started > seconds:
        raise TooMuch(f"it takes more than {seconds:g} seconds of the processor")
    if memory.full():
        raise TooMuch("it takes more than half of the memory of this machine")


def repeated(session: Session, head: str) -> tuple[str, list[str]]:
    """The loop's macro, which inherits the doubts of its list, and what it runs through. [P] foreach, forvalues."""
    name, values = _repeated(session, head)
    session.macros.inherit(name, session.read | session.macros.taken())
    return name, values


def _repeated(session: Session, head: str) -> tuple[str, list[str]]:
    words = head.split(None, 2)
    kind = next(i for i, w in enumerate(words) if w.startswith(("foreach", "forv")))
    words = head.split(None, kind + 2)[kind:]
    if words[0].startswith("forv"):
        name, _, span = head.split(None, kind + 1)[-1].partition("=")
        return name.strip(), [_number(v) for v in _span(session, span)]
    name, rest = words[1], words[2] if len(words) > 2 else ""
    word, _, listed = rest.partition(" ")
    if word == "in":
        return name, split_words(listed)
    if word != "of":
        raise SyntaxProblem(f"`{head[:50]}`: `in` or `of` is missing")
    kind_of, _, listed = listed.strip().partition(" ")
    readers: dict[str, Callable[[], list[str]]] = {
        "varlist": lambda: list(session.names(listed)), "newlist": lambda: list(session.names(listed, new=True)),
        "numlist": lambda: [_number(v) for v in numbers(listed)],
        "local": lambda: _held(session, session.macros.locals, listed.strip(), listed.strip()),
        "global": lambda: _held(session, session.macros.globals, listed.strip(), f"${listed.strip()}"),
    }  # fmt: skip
    full = next((k for k in readers if len(kind_of) >= 3 and k.startswith(kind_of)), None)
    if full is None:
        raise SyntaxProblem(f"`of {kind_of}` is no list that foreach knows")
    return name, readers[full]()


def _held(session: Session, macros: Mapping[str, str], name: str, known_as: str) -> list[str]:
    """The words of a macro. Raises `Lost` where what sets it could not be run."""
    if name not in macros and known_as in session.macros.lost:
        raise Lost
    session.macros.gathered |= session.macros.doubts.get(known_as, frozenset())
    return split_words(session.macros.expand(macros.get(name, "")))


def _span(session: Session, text: str) -> list[float]:
    """`1/10`, `1(2)9`, `5 4:1`, ends may be expressions."""
    text = text.strip()
    if match := re.fullmatch(r"(.[^(]*+)\((.[^)]*+)\)(.+)", text):
        first, step, last = (session.value(p.strip()) for p in match.groups())
    elif "/" in text:
        first, _, last = text.partition("/")
        first, step, last = session.value(first), 1.0, session.value(last)
    else:
        return numbers(text)
    if any(isinstance(v, str) or np.isnan(v) for v in (first, step, last)) or step == 0:
        raise SyntaxProblem(f"`{text}` is no range")
    n = int((last - first) / step + 1e-9)
    if n >= MOST_STATEMENTS:
        raise TooMuch(f"a loop of {n + 1:,} rounds")
    return [first + i * step for i in range(n + 1)] if (last - first) * step >= 0 else []


def _number(value: float) -> str:
    return macro_text(value)
