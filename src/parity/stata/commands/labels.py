"""Labels, formats and types: label, format, clonevar, recast. [D] label, format, clonevar, recast"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import DataProblem
from parity.stata_language.expression import unquoted
from parity.stata_language.values import missing, stored
from parity.stata_language.varlist import words


@command("label")
def label(session: Session, given: Command) -> None:
    """`label variable|define|values|data|drop|copy`; others only print."""
    verb, _, rest = given.about.strip().partition(" ")
    rest, data = rest.strip(), session.there
    if verb.startswith("var"):
        name, _, text = rest.partition(" ")
        name = session.name(name)
        session.set_columns({name: replace(data[name], label=unquoted(text.strip()))})
    elif verb.startswith("de"):
        _define(session, rest, given)
    elif verb.startswith("val"):
        *names, last = words(rest)
        found = session.names(" ".join(names)) if names else session.names(last)
        attached = "" if last == "." or not names else last
        session.set_columns({n: replace(data[n], value_label=attached) for n in found})
    elif verb.startswith("da"):
        session.data = replace(data, label=unquoted(rest))
    elif verb == "drop":
        gone = set(data.value_labels) if rest == "_all" else set(rest.split())
        session.data = replace(data, value_labels={n: p for n, p in data.value_labels.items() if n not in gone})
    elif verb == "copy":
        a, b = rest.split()[:2]
        session.data = replace(data, value_labels={**data.value_labels, b: data.value_labels.get(a, {})})


def _define(session: Session, text: str, given: Command) -> None:
    name, _, rest = text.partition(" ")
    pairs = {}
    end = rest.rfind("\"'") + 2 if "\"'" in rest else 0  # no compound quote is closed behind it, and none looked for
    found = re.findall(r'(?<![\d.])(-?[\d.]++|\.[a-z])\s+(`"(?:[^"\']|"(?!\')|\')*+"\'|"[^"]*"|[^\s"]+)', rest[:end])
    found += re.findall(r'(?<![\d.])(-?[\d.]++|\.[a-z])\s+("[^"]*"|[^\s"]+)', rest[end:])
    for number, said in found:
        pairs[missing(ord(number[1]) - 96) if re.fullmatch(r"\.[a-z]", number) else float(number)] = unquoted(said)
    held = session.there.value_labels
    old = held.get(name, {})
    if given.has("add") and not given.has("modify") and (twice := sorted(set(pairs) & set(old))):
        raise DataProblem(f"invalid attempt to modify label {name}: {twice[0]:g} has one", 180)
    if old and not (given.has("add") or given.has("modify") or given.has("replace")):
        raise DataProblem(f"label {name} already defined", 110)
    kept = old if given.has("add") or given.has("modify") else {}
    said = {value: text for value, text in {**kept, **pairs}.items() if text}  # "" takes a label away
    session.data = replace(session.there, value_labels={**held, name: said})


@command("format")
def format_(session: Session, given: Command) -> None:
    """`format varlist %fmt`, `format %fmt varlist`: how values are displayed, and decoded where text is asked for."""
    words = given.about.split()
    forms = [w for w in words if w.startswith("%")]
    names = session.names(" ".join(w for w in words if not w.startswith("%"))) if words else ()
    if len(forms) == 1:
        session.set_columns({n: replace(session.there[n], format=forms[0]) for n in names})


@command("clonevar")
def clonevar(session: Session, given: Command) -> None:
    new, _, old = given.about.partition("=")
    check_new(session, new.strip())
    column = session.there[session.name(old.strip())]
    used = session.used(given)
    values = np.where(used, column.values, "" if column.text else np.nan)
    session.set_columns({new.strip(): replace(column, values=values)})


@command("recast")
def recast(session: Session, given: Command) -> None:
    kind, _, rest = given.about.partition(" ")
    new = {}
    for name in session.names(rest):
        column = session.there[name]
        if not column.text and not kind.startswith("str"):
            values = stored(column.values, kind)
            if np.array_equal(values, column.values, equal_nan=True) or given.has("force"):
                new[name] = replace(column, values=values, kind=kind)
    session.set_columns(new)
