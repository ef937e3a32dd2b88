"""Files line by line, and results posted row by row: file open, write, read; postfile, post, postclose. [P] file, postfile

What is written goes to the scratch folder, whatever its path; what is read lies in the package's folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.files import path_of
from parity.stata.files import decoded
from parity.stata.formats import shown
from parity.stata.opening import opened
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command, outside, read
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import stored

#: Characters that a do-file may write into one file.
MOST_WRITTEN = 50_000_000


@dataclass
class Handle:
    """An open file. lines: those to read, of which `at` are; written: what was written so far, kept until it is closed."""

    path: Path
    writing: bool
    lines: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    size: int = 0
    at: int = 0


@dataclass
class Posted:
    """Rows on their way into a data set. columns: name -> storage type; doubts: of what was posted"""

    target: str
    columns: dict[str, str]
    rows: list[list[float | str]] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)


@command("file", changes_data=False)
def file(session: Session, given: Command) -> None:
    """`file open h using path, read|write [append]`, `file write h ...`, `file read h macro`, `file close h`."""
    verb, _, rest = given.about.strip().partition(" ")
    if verb == "open":
        _open(session, rest)
    elif verb == "close":
        names = list(session.handles) if rest.strip() == "_all" else [rest.strip()]
        for name in names:
            _closed(session, name)
    elif verb == "write":
        name, _, what = rest.strip().partition(" ")
        held = _handle(session, name, writing=True)
        held.written.append(written_text(session, what))
        held.size += len(held.written[-1])
        if held.size > MOST_WRITTEN:
            raise DataProblem("more is written than is kept here", 198)
    elif verb == "read":
        name, _, macro = rest.strip().partition(" ")
        held = _handle(session, name, writing=False)
        ended = held.at >= len(held.lines)
        session.macros.locals[macro.strip()] = "" if ended else held.lines[held.at]
        held.at += 1
        session.r = Results(numbers={"eof": float(ended)}, texts={"status": "eof" if ended else "unix"})
    elif verb == "seek":
        name, _, place = rest.strip().partition(" ")
        held, place = _handle(session, name, writing=False), place.strip()
        if place not in ("0", "tof", "eof"):
            raise DataProblem(f"file seek to {place or 'nowhere'} is not known here: 0, tof or eof are", 198)
        held.at = len(held.lines) if place == "eof" else 0
    elif verb not in ("query", "set"):
        raise DataProblem(f"file {verb} is not known here", 198)


def _open(session: Session, text: str) -> None:
    name, _, rest = text.strip().partition(" ")  # `in` and `using` are names of handles, too
    asked = read(f"use {rest}")
    if name in session.handles:
        raise DataProblem(f"file handle {name} already exists", 110)
    typed, writing = path_of(asked.using or ""), asked.has("write", least=1)
    if asked.has("binary", least=1):
        raise DataProblem("file open, binary is not known here", 198)
    if not writing:
        session.handles[name] = Handle(path := opened(session, typed), False, decoded(path.read_bytes()).splitlines())
        return
    before = []
    if asked.has("append"):
        from parity.stata.files import Absent

        try:
            before = [decoded(session.files.existing(typed).read_bytes())]
        except Absent:
            before = []
    session.handles[name] = Handle(session.files.written(typed), True, written=before)


def _handle(session: Session, name: str, *, writing: bool) -> Handle:
    held = session.handles.get(name)
    if held is None:
        raise DataProblem(f"file handle {name} not found", 111)
    if held.writing != writing:
        raise DataProblem(f"file {name} is open for {'writing' if held.writing else 'reading'} alone", 119)
    return held


def _closed(session: Session, name: str) -> None:
    held = session.handles.pop(name, None)
    if held is None:
        raise DataProblem(f"file handle {name} not found", 111)
    if held.writing:
        held.path.write_text("".join(held.written), encoding="utf-8")


_PIECE = re.compile(
    r"""(?P<text>`"(?:[^"']|"(?!')|')*"'|"[^"]*")|(?P<form>%\S+)|_(?P<sign>n|new|newline|tab|s|skip|col|column|char|page)"""
    r"""(?:\((?P<number>[^()]*)\))?(?!\w)""",
    re.DOTALL,
)
_SIGNS = {"n": "\n", "new": "\n", "newline": "\n", "tab": "\t", "s": " ", "skip": " ", "page": "\f"}


def written_text(session: Session, text: str) -> str:
    """What `file write` writes: quoted texts, expressions in parentheses under the format before them, _n, _tab."""
    out, form, i = "", "", 0
    while i < len(text):
        if text[i].isspace():
            i += 1
            continue
        if match := _PIECE.match(text, i):
            i = match.end()
            if match["text"]:
                out += unquoted(match["text"])
            elif match["form"]:
                form = match["form"]
            elif match["sign"] in ("col", "column"):
                out += " " * max(int(session.value(match["number"] or "1")) - 1 - len(out.rpartition("\n")[2]), 0)
            elif match["sign"] == "char":
                out += chr(int(session.value(match["number"] or "32")))
            else:
                out += _SIGNS[match["sign"]] * int(session.value(match["number"] or "1"))
            continue
        if text[i] == "(":
            end = _closing(text, i)
            value = session.value(text[i + 1 : end])
            out += value if isinstance(value, str) else shown(value, form or "%10.0g")
            form, i = "", end + 1
            continue
        raise DataProblem(f"file write: `{text[i : i + 20]}` is neither text, expression nor directive", 198)
    return out


def _closing(text: str, start: int) -> int:
    depth = 0
    inside = set(outside(text[start:], brackets=False))
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0 and (text[i] == ")" or i - start in inside):
            return i
    raise DataProblem("a parenthesis is never closed", 198)


# ---------------------------------------------------------------- post


@command("postfile", changes_data=False)
def postfile(session: Session, given: Command) -> None:
    """`postfile name [type] var ... using file [, replace double]`."""
    name, *words = given.about.split()
    kind, columns = "double" if given.has("double") else "float", {}
    held = kind
    for word in words:
        if re.fullmatch(r"byte|int|long|float|double|str\d+|strL", word):
            held = word
        else:
            columns[word], held = held, held
    if not columns or not given.using:
        raise DataProblem("postfile needs variables and `using` a file", 198)
    session.posting[name] = Posted(path_of(given.using), columns)


@command("post", changes_data=False)
def post(session: Session, given: Command) -> None:
    """`post name (exp) (exp) ...`: a row."""
    name, _, rest = given.text.partition(given.typed)[2].strip().partition(" ")
    held = session.posting.get(name)
    if held is None:
        raise DataProblem(f"post {name} not found", 111)
    row, i = [], 0
    while i < len(rest):
        if rest[i] != "(":
            i += 1
            continue
        end = _closing(rest, i)
        row.append(session.value(rest[i + 1 : end]))
        i = end + 1
    if len(row) != len(held.columns):
        raise DataProblem("the number of expressions is not that of the variables", 198)
    held.rows.append(row)
    held.doubts |= session.read


@command("postclose", changes_data=False)
def postclose(session: Session, given: Command) -> None:
    """The rows become the data set that `postfile` named."""
    held = session.posting.pop(given.about.strip(), None)
    if held is None:
        raise DataProblem(f"post {given.about.strip()} not found", 111)
    columns = {}
    doubts = (session.data.doubts if session.data is not None else frozenset()) | held.doubts
    for j, (name, kind) in enumerate(held.columns.items()):
        values = [row[j] for row in held.rows]
        if kind.startswith("str"):
            texts = np.array([str(v) for v in values], dtype=object)
            columns[name] = Column(texts, kind if kind != "strL" else text_kind(texts), doubts=doubts)
        else:
            if any(isinstance(v, str) for v in values):
                raise DataProblem("type mismatch", 109)
            columns[name] = Column(stored(np.array(values, dtype=float), kind), kind, doubts=doubts)
    data = Dataset(columns, len(held.rows), doubts=frozenset(d for d in held.doubts if d.startswith("lost-rows")))
    if held.target in session.files.temporary:
        session.saved[held.target] = data
        return
    path = session.files.written(held.target, ".dta")
    path.touch()
    session.saved[str(path)] = data
