"""A program's arguments, and the rows that they mark: args, tokenize, gettoken, syntax, marksample, markout. [P]"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.leaving import temporary
from parity.stata.lists import split_words
from parity.stata.session import Session
from parity.stata_language.command import Command, read
from parity.stata_language.dataset import Column
from parity.stata_language.expression import unquoted


@command("args", changes_data=False)
def args(session: Session, given: Command) -> None:
    """The words given to a program under names."""
    for i, name in enumerate(given.about.split(), 1):
        session.macros.locals[name] = session.macros.locals.get(str(i), "")


@command("tokenize", changes_data=False)
def tokenize(session: Session, given: Command) -> None:
    """Words of a text as `1', `2' ...; parse() gives other separators, which are words of their own."""
    text, _, options = given.about.partition(", ")
    parse = re.search(r'p(?:arse)?\(\s*"([^"]*)"\s*\)', options)
    inner = unquoted(text.strip())
    words = [w for w in re.split(f"([{re.escape(parse.group(1))}])", inner) if w.strip()] if parse else split_words(inner)
    for name in [n for n in session.macros.locals if n.isdigit()]:
        del session.macros.locals[name]
    session.macros.locals.update({str(i): w for i, w in enumerate(words, 1)})


@command("gettoken", changes_data=False)
def gettoken(session: Session, given: Command) -> None:
    """`gettoken first rest : name`: the first word apart from the others."""
    names, _, source = given.about.partition(":")
    source = source.partition(",")[0].strip()
    held = session.macros.locals
    match = re.match(r'\s*("[^"]*"|\S+)(.*)\Z', held.get(source, ""), re.DOTALL)
    first, rest = (unquoted(match.group(1)), match.group(2)) if match else ("", "")
    for name, value in zip(names.split(), (first, rest), strict=False):
        held[name] = value


def _declared(options: str) -> Iterator[re.Match[str]]:
    """`NAME(string)` and `NAME` of a syntax's options. Behind the last bracket that closes none is looked for."""
    end = options.rfind(")") + 1
    yield from re.finditer(r"\b([A-Z]*)([a-z_]\w*|\b)(?:\(([^)]*)\))?", options[:end])
    yield from re.finditer(r"\b([A-Z]*)([a-z_]\w*|\b)(?:(?!)())?", options[end:])


@command("syntax", changes_data=False)
def syntax(session: Session, given: Command) -> None:
    """A program's `syntax varlist [if] [in] [, options]`: locals for each of its parts."""
    held = session.macros.locals
    typed = read(f"program_ {held.get('0', '')}")
    about, _, options = given.about.partition(",")
    held["varlist"] = " ".join(session.names(typed.about)) if "varlist" in about and typed.about else typed.about
    if "anything" in about:
        held["anything"] = typed.about
    for word, value in (("if", typed.condition), ("in", typed.rows), ("using", typed.using)):
        held[word] = _with_word(word, value, about) if value else ""
    sign = "" if "weight/" in about else "= "
    held["weight"], held["exp"] = (typed.weight.kind, f"{sign}{typed.weight.expression}") if typed.weight else ("", "")
    for match in _declared(options.replace("[", " ").replace("]", " ")):
        capitals, small, value = match.groups()
        name = f"{capitals}{small}".lower()
        if not name or name == "*":
            continue
        option = typed.option(name, least=max(len(capitals), 1))
        if value is None:
            held[name] = name if option else ""
        else:
            default = re.search(r"(?:real|integer|int)\s+([-\d.]+)", value)
            held[name] = unquoted(option.value or "") if option else (default.group(1) if default else "")


def _with_word(word: str, value: str, declared: str) -> str:
    """`using "a.dta"`; of `using/` the name alone, of `if/` and `in/` what stands behind the word. [P] syntax"""
    if not re.search(rf"\b{word}/", declared):
        return f"{word} {value}"
    return unquoted(value) if word == "using" else value


@command("marksample", "mark", changes_data=True)
def marksample(session: Session, given: Command) -> None:
    """`marksample touse`: 1 where the program's if and in hold and no variable of its varlist is missing."""
    held = session.macros.locals
    name = given.about.split()[0]
    if given.name == "mark":  # a variable of that name, by the command's own if, in and weights
        used = session.used(given)
        if given.weight is not None and not given.has("zeroweight"):
            used &= session.numbers(given.weight.expression) > 0
        session.set_columns({name: Column(used.astype(float), "byte")})
        return
    condition, rows = held.get("if", "").removeprefix("if "), held.get("in", "").removeprefix("in ")
    used = session.used(Command("", "", condition=condition or None, rows=rows or None))
    if (weight := held.get("exp", "").lstrip("= ")) and held.get("weight") and not given.has("zeroweight"):
        used &= session.numbers(weight) > 0
    if not given.has("novarlist"):
        for variable in held.get("varlist", "").split():
            column = session.there.columns.get(variable)
            if column is not None:
                used &= _marked(column, given)
    held[name] = temporary(session)
    session.set_columns({held[name]: Column(used.astype(float), "byte")})


def _marked(column: Column, given: Command) -> np.ndarray:
    """Rows with a value; none at all of a text unless `strok` allows texts. [P] mark, rules 5 and 6"""
    if column.text:
        return column.values != "" if given.has("strok") else np.zeros(len(column.values), dtype=bool)
    return ~np.isnan(column.values)


@command("markout")
def markout(session: Session, given: Command) -> None:
    """`markout touse x z`: zero where one of them is missing. [P] mark"""
    data = session.there
    name, *others = session.names(re.sub(r"\b[LFDS]\d*\.", "", given.about))
    missing = np.zeros(data.rows, dtype=bool)
    for other in others:
        column = data[other]
        missing |= ~_marked(column, given)
    session.set_columns({name: replace(data[name], values=np.where(missing, 0.0, data[name].values))})
