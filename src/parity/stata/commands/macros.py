"""Macros, scalars, and statements that steer a run. [P]"""

from __future__ import annotations

import re

import numpy as np

from parity.stata.commands import command
from parity.stata.extended import extended
from parity.stata.leaving import shown, target, temporary
from parity.stata.mishaps import NotRun
from parity.stata.session import Session
from parity.stata_language.command import Command, outside
from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.expression import unquoted


@command("local", changes_data=False)
def local(session: Session, given: Command) -> None:
    """`local x text`, `local x = exp`, `local x : function`, `local ++x`."""
    _assign(session, given.about, session.macros.locals)


@command("global", changes_data=False)
def global_(session: Session, given: Command) -> None:
    _assign(session, given.about, session.macros.globals)


def _assign(session: Session, about: str, held: dict[str, str]) -> None:
    if step := re.fullmatch(r"(\+\+|--)\s*(\w+)", about.strip()):
        value = float(held.get(step.group(2)) or 0) + (1 if step.group(1) == "++" else -1)
        held[step.group(2)] = f"{value:g}"
        return
    match = re.match(r"(\w+)\s*(.*)\Z", about, re.DOTALL)
    if match is None:
        raise DataProblem(f"`{about[:40]}` names no macro", 198)
    name, rest = match.groups()
    session.macros.lost.discard(f"${name}" if held is session.macros.globals else name)
    if rest.startswith("="):
        held[name] = session.text_of(rest[1:])
    elif rest.startswith(":"):
        held[name] = extended(session, rest[1:].strip())
    else:
        held[name] = unquoted(rest.strip())
        if not held[name]:
            held[name] = ""
    key = f"${name}" if held is session.macros.globals else name
    typed = by_hand(session, name)
    session.macros.typed.pop(key, None)
    if typed:
        session.macros.typed[key] = held[name]


#: A macro by its bare name; what stands beside the digits of a number: functions, quotes, exponents.
_REFERENCE = re.compile(r"`(\w++)'|\$(\w++)|\$\{(\w++)\}")
_BESIDE = re.compile(r",\s*+replace\b.*|[`'\"]|\bc\(pi\)|\b_pi\b|\b[A-Za-z]\w*+\((?!\))|(?<=\d)[eE](?=[-+\d])", re.DOTALL)


def by_hand(session: Session, name: str) -> bool:
    """Whether the statement at hand gives what it calls so as digits: by no result and no variable, nor a macro but of
    such."""
    statement = session.interpreter.typed if session.interpreter is not None else ""
    found = re.search(rf"\b{re.escape(name)}\b\)?+(?:\s*+=|\s)([^:]*+)", statement)
    if found is None:
        return False
    text = _REFERENCE.sub(lambda m: _digits(session, m), found[1])
    text = _ELEMENT.sub(lambda m: "0" if session.macros.typed.get(f"matrix {m[1]}") else m[0], text)
    value = _BESIDE.sub("", _WORD.sub(lambda m: _scalar(session, m[0]), text))
    return re.search(r"\d", value) is not None and re.search(r"[^\W\d]|\$", value) is None


#: An element of a matrix, `M[1, 1]`.
_ELEMENT = re.compile(r"(?<![\w.])([A-Za-z_]\w*+)\[[\d\s,]++\]")


def _digits(session: Session, reference: re.Match[str]) -> str:
    """Of a macro that the do-file gives as a number; another as no number."""
    macros, name = session.macros, reference[1] or reference[2] or reference[3]
    key, now = (name, macros.locals.get(name)) if reference[1] else (f"${name}", macros.globals.get(name))
    return now if now is not None and macros.typed.get(key) == now else "_"


#: What may be a scalar: no function's name, and nothing of a result.
_WORD = re.compile(r"(?<![\w.(\[])[A-Za-z]\w*+(?![\w(\[])")


def _scalar(session: Session, name: str) -> str:
    """Of a scalar that the do-file gives as a number, where no variable is called so; another word as it is."""
    value = session.macros.typed.get(f"scalar {name}")
    known = value is not None and value == f"{session.scalars.get(name)!r}"
    return "0" if known and (session.data is None or name not in session.data.columns) else name


@command("scalar", changes_data=False)
def scalar(session: Session, given: Command) -> None:
    """`scalar [define] x = exp`, `scalar drop x`, `scalar list`."""
    about = re.sub(r"^(define|def|de)\s+", "", given.about.strip())
    if re.match(r"(list|dir|l)\b", about) or not about:
        return
    if match := re.match(r"drop\s+(.*)", about):
        for name in match.group(1).split():
            session.scalars.pop(name, None)
        return
    name, sign, text = about.partition("=")
    if not sign:
        raise DataProblem(f"`scalar {about[:40]}`: `=` is missing", 198)
    value = session.value(text)
    session.unknown.discard(name.strip())
    session.scalars[name.strip()] = value
    session.macros.typed.pop(f"scalar {name.strip()}", None)
    if by_hand(session, name.strip()):
        session.macros.typed[f"scalar {name.strip()}"] = f"{value!r}"


@command("tempvar", "tempname", changes_data=False)
def tempvar(session: Session, given: Command) -> None:
    for name in given.about.split():
        session.macros.locals[name] = temporary(session)


@command("tempfile", changes_data=False)
def tempfile(session: Session, given: Command) -> None:
    for name in given.about.split():
        session.macros.locals[name] = session.files.temp(name)


@command("macro", changes_data=False)
def macro(session: Session, given: Command) -> None:
    """`macro drop x* _all`: globals that are no more; `macro shift [n]`: `2' becomes `1' ...; others print. [P] macro"""
    verb, *names = given.about.split() or [""]
    if verb in ("shift", "shif", "sh"):
        session.macros.shift(int(names[0]) if names and names[0].isdigit() else 1)
    if verb not in ("drop", "dro"):
        return
    held = session.macros.globals
    for name in names:
        pattern = ".*" if name == "_all" else re.escape(name.strip('"')).replace(r"\*", ".*").replace(r"\?", ".")
        for known in [k for k in held if re.fullmatch(pattern, k)]:
            del held[known]


@command("return", "ereturn", "sreturn", changes_data=False)
def return_(session: Session, given: Command) -> None:
    """`return scalar x = exp`, `return local x text`: what a program leaves behind."""
    verb, _, rest = shown(given.about).partition(" ")
    kept = target(session, given.name)
    if verb in ("scalar", "sca"):
        name, _, text = rest.partition("=")
        value = session.value(text)
        (kept.texts if isinstance(value, str) else kept.numbers)[name.strip()] = value  # type: ignore[index]
    elif verb in ("local", "loc"):
        name, _, text = rest.partition(" ")
        kept.texts[name] = session.text_of(text[1:]) if text.startswith("=") else unquoted(text.strip())
    elif verb == "matrix":
        name, _, text = rest.partition("=")
        held = session.matrix("", text.strip())
        if held is None:
            raise DataProblem(f"matrix {text.strip()} not found", 111)
        kept.matrices[name.strip()] = held
    elif verb == "add" and given.name == "return":
        kept.numbers = session.r.numbers | kept.numbers
        kept.texts = session.r.texts | kept.texts
        kept.matrices = session.r.matrices | kept.matrices
        kept.drawn |= session.r.drawn
    elif verb == "clear":
        for own in (kept.numbers, kept.texts, kept.matrices):
            own.clear()
    elif verb not in ("list", "display"):
        raise NotRun(f"`{given.name} {verb}` is not known here")


@command("exit", changes_data=False)
def exit_(session: Session, given: Command) -> None:
    from parity.stata.steering import Stop

    raise Stop


@command("continue", changes_data=False)
def continue_(session: Session, given: Command) -> None:
    from parity.stata.steering import Break, Next

    raise Break if "break" in given.text else Next


def _before_options(text: str) -> str:
    """An expression without the options behind it, whose comma stands in no parentheses."""
    return text[: next((i for i in outside(text) if text[i] == ","), len(text))]


@command("assert", changes_data=False)
def assert_(session: Session, given: Command) -> None:
    """Raises `DataProblem` 9 where a row contradicts, but for `rc0`. [D] assert"""
    before = _before_options(given.about)
    text = re.split(r"(?<!\s)\s++if\s+", before, maxsplit=1)
    used = session.used(Command("", "", condition=text[1] if len(text) > 1 else None))
    held = session.values(text[0]) if session.there.rows else np.array([session.value(text[0])])
    wrong = int(np.count_nonzero(used & (np.asarray(held) == 0))) if session.there.rows else int(held[0] == 0)
    if wrong and "rc0" in given.about[len(before) :].replace(",", " ").split():
        session.say(f"{wrong} contradictions; assertion is false")
    elif wrong:
        raise DataProblem(f"{wrong} contradictions of `{text[0].strip()[:60]}`", 9)


@command("confirm", changes_data=False)
def confirm(session: Session, given: Command) -> None:
    """`confirm variable x`, `confirm new variable x`, `confirm file x`, `confirm number x`."""
    words = given.about.split()
    if not words:
        return
    kind, rest = words[0], words[1:]
    if kind == "new" and rest:
        if any(n in session.there.columns for n in rest[1:]):
            raise DataProblem(f"variable {rest[1]} already defined", 110)
    elif kind == "file":
        session.files.existing(" ".join(rest), ".dta")
    elif kind == "number" or kind == "integer":
        if not re.fullmatch(r"-?[\d.]+(e-?\d+)?", " ".join(rest)):
            raise DataProblem(f"`{' '.join(rest)}` found where number expected", 7)
    else:
        names = rest if kind.startswith("var") or kind in ("numeric", "string", "str", "str#") else words
        names = [n for n in names if not n.startswith("var")]
        for name in names:
            column = session.there[name] if given.has("exact") else session.there[session.resolver.one(name)]
            if (kind == "numeric" and column.text) or (kind == "string" and not column.text):
                raise DataProblem(f"{name} is of another type", 7)


@command("set")
def set_(session: Session, given: Command) -> None:
    """`set obs n`, `set seed n`, `set varabbrev off`, `set type double`; others change nothing here."""
    from parity.stata.commands.rows import lengthened, whole_rows

    word, _, rest = given.about.partition(" ")
    value = rest.partition(",")[0].strip()
    if word == "obs":
        data = session.data if session.data is not None else Dataset()
        n = whole_rows(session, value)
        session.data = lengthened(data, n) if n >= data.rows else data
    elif word in ("varabbrev", "type", "seed"):
        session.settings[word] = value


@command("version", changes_data=False)
def version(session: Session, given: Command) -> None:
    session.settings["version"] = given.about.strip()


@command("preserve", changes_data=False)
def preserve(session: Session, given: Command) -> None:
    session.preserved.append(session.data)


@command("restore")
def restore(session: Session, given: Command) -> None:
    """`restore [, preserve not]`."""
    if not session.preserved:
        raise DataProblem("nothing to restore", 622)
    held = session.preserved[-1]
    if given.has("not"):
        session.preserved.pop()
        return
    session.data = held
    if not given.has("preserve"):
        session.preserved.pop()


@command("program", "error", "else", changes_data=False)
def ignored(session: Session, given: Command) -> None:
    """`program drop` and the like change nothing that is read here; `error n` raises it."""
    if given.name == "error":
        raise DataProblem(f"error {given.about}", int(given.about) if given.about.isdigit() else 198)


@command("matrix", changes_data=False)
def matrix(session: Session, given: Command) -> None:
    """`matrix A = e(b)`, `matrix A = (1,2\\3,4)`, `matrix colnames A = ...`, `matrix list`."""
    from parity.stata.matrices import assign

    assign(session, given.about)
    if named := re.match(r"(?:inp\w*+\s++)?+([A-Za-z_]\w*+)\s*+=", given.about):
        session.macros.typed.pop(f"matrix {named[1]}", None)
        if by_hand(session, named[1]):
            session.macros.typed[f"matrix {named[1]}"] = "typed"
