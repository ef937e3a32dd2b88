"""`asdoc COMMAND, options`: the command is run, and what it shows goes into a Word file as well.

Source: help asdoc (SSC): the file is `Myfile.doc` unless `save()` names one, `replace` begins it anew, and `nest` puts
regressions beside each other as columns of one table.
"""

from __future__ import annotations

from dataclasses import replace

from parity.stata.commands import HARMLESS, command, known
from parity.stata.commands.stored import active_fit
from parity.stata.results import Printed
from parity.stata.session import Called, Session
from parity.stata_language.command import Command, Option, read

FILE = "Myfile.doc"
#: Options of asdoc; the others, `level()` among them, are the command's.
OWN = frozenset({
    "save", "replace", "append", "nest", "title", "fs", "fhc", "fhr", "font", "dec", "tdec", "cnames", "rnames", "rep",
    "add",
    "setstars", "nocons", "stat", "hide", "label", "tzok", "row", "accum", "text", "reset", "abb", "btr", "keep", "drop",
    "notes", "note", "landscape", "nodi", "nometa", "wide",
})  # fmt: skip


@command("asdoc", changes_data=False)
def asdoc(session: Session, given: Command) -> None:
    """Raises what the command raises; one that only shows something is left out."""
    mine = [o for o in given.options if o.name in OWN]
    theirs = [o for o in given.options if o.name not in OWN]
    head = _head(given.text).partition("asdoc")[2].strip()  # behind prefixes, `quietly asdoc sum`
    if not head:
        return
    inner = read(head + (", " + " ".join(map(_spelled, theirs)) if theirs else ""))
    handler = known(inner.name)
    if handler is None or inner.name in HARMLESS:
        return
    before, shown = (len(session.fits), len(session.tables)), len(session.shown)
    handler.run(session, inner)
    target = next((o.value for o in mine if o.name == "save" and o.value), FILE)
    added = [] if any(o.name == "replace" for o in mine) else [Option("append", None)]
    options = (*(o for o in given.options if o.name != "append"), *added)
    if len(session.tables) > before[1]:  # esttab, which asdoc gives its own file
        session.tables[-1] = _in(session.tables[-1], target, options)
    elif len(session.fits) > before[0]:
        name = "asdoc nest" if any(o.name == "nest" for o in mine) else "asdoc"
        columns = (("", active_fit(session), session.active),)
        here = session.files.here.as_posix()
        called = Called(name, session.file, session.line, given.text, columns, options, target.strip('"'), here)
        session.tables.append(called)
    elif rows := {str(s.values["variable"]): _moments(s) for s in session.shown[shown:] if s.kind == "summarize"}:
        labels = {n: c.label for n, c in session.there.columns.items() if n in rows and c.label}
        session.show("written", target=target.strip('"'), rows=rows, labels=labels)


def _moments(said: Printed) -> dict[str, float]:
    """By the headings that asdoc gives them."""
    heads = {"obs": "N", "mean": "mean", "stddev": "sd", "min": "min", "max": "max"}
    return {head: said.numbers[name] for head, name in heads.items() if name in said.numbers}


def _in(called: Called, target: str, options: tuple[Option, ...]) -> Called:
    return replace(called, options=options, using=target.strip('"'))


def _head(text: str) -> str:
    """Up to the comma that begins the options."""
    depth, quoted = 0, False
    for i, char in enumerate(text):
        quoted ^= char == '"'
        depth += (char in "([") - (char in ")]")
        if char == "," and not depth and not quoted:
            return text[:i]
    return text


def _spelled(option: Option) -> str:
    return option.name if option.value is None else f"{option.name}({option.value})"
