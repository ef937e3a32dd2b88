"""xi: indicators as columns, the way of old: `xi i.region*x`, `xi: regress y i.region`. [R] xi."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.groups import ranked
from parity.stata.mishaps import NotRun
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem
from parity.stata_language.expression import unquoted

_TERM = re.compile(r"\bi\.(\w+)(?:\s*([*|])\s*(i\.)?(\w+))?")


@command("xi")
def xi(session: Session, given: Command) -> None:
    """`xi i.a i.a*i.b i.a*x i.a|x [, prefix(_I) noomit]`: makes the columns."""
    option = given.option("prefix", least=1)
    expanded(session, given.about, option.value if option and option.value else "_I", omit=not given.has("noomit"))


def with_columns(session: Session, given: Command) -> Command:
    """A command behind `xi:` with its terms as the columns that they made."""
    prefix = given.prefix("xi")
    assert prefix is not None
    named = next((o.value for o in prefix.options if o.name.startswith("p") and o.value), "_I")
    omit = not any(o.name == "noomit" for o in prefix.options)
    about = expanded(session, given.about, named, omit=omit)
    options = tuple(replace(o, value=expanded(session, o.value, named, omit=omit)) if o.value and "i." in o.value else o
                    for o in given.options if o.name != "noomit")  # fmt: skip
    return replace(given, about=about, options=options)


def expanded(session: Session, text: str, prefix: str, *, omit: bool) -> str:
    """Text with `i.x` and its products replaced by names of columns, which are made. Raises `DataProblem`."""

    def made(match: re.Match) -> str:
        first, sign, factor, second = match.groups()
        a = _indicators(session, session.name(first), prefix, omit)
        if not sign:
            return " ".join(_set(session, a))
        name = session.name(second)
        if factor:
            b = _indicators(session, name, prefix, omit)
            products = {
                _named(prefix, f"{session.name(first)[:3]}X{name[:3]}", f"{i}_{j}"): x * y
                for (i, x) in a.values() for (j, y) in b.values()
            }  # fmt: skip
            return " ".join([*_set(session, a), *_set(session, b), *_kept(session, products)])
        values = session.there[name].values
        products = {_named(prefix, f"{session.name(first)[:3]}X{name[:5]}", i): x * values for i, x in a.values()}
        main = _set(session, a) if sign == "*" else []
        return " ".join([*main, name, *_kept(session, products)])

    return _TERM.sub(made, text)


def _named(prefix: str, stem: str, level: str) -> str:
    return f"{prefix}{stem}_{level}"


def _indicators(session: Session, name: str, prefix: str, omit: bool) -> dict[str, tuple[str, np.ndarray]]:
    """Column -> (level as its name has it, values); numbers by value, texts and others numbered from 1."""
    column = session.there[name]
    rank = ranked(column)
    lost = (column.values == "") if column.text else np.isnan(column.values)
    levels, first = np.unique(rank[~lost], return_index=True)
    if len(levels) > 2000:
        raise DataProblem(f"too many values of {name}", 134)
    values = column.values[~lost][first]
    whole = not column.text and bool(np.all(values == np.trunc(values)) and np.all(values >= 0))
    said = [f"{v:g}" if whole else str(i) for i, v in enumerate(values.tolist(), 1)]
    found = {}
    out = _omitted(session, name, values.tolist())
    for i, level in enumerate(levels):
        if omit and i == out:
            continue
        found[_named(prefix, name[:9], said[i])] = (said[i], np.where(lost, np.nan, rank == level))
    return found


_CHARACTERISTIC = re.compile(r"(?:define\s+)?(\w+)\s*\[\s*(\w+)\s*\]\s*(.*)\Z", re.DOTALL)


@command("char")
def char(session: Session, given: Command) -> None:
    """`char x[omit] 3`: the level that xi leaves out; `char _dta[source] "text"`; no text takes it away. [P] char"""
    match = _CHARACTERISTIC.match(given.about.strip())
    if match is None:
        return  # char list, char rename
    owner = match[1] if match[1] == "_dta" else session.name(match[1])
    held = {k: v for k, v in session.there.characteristics.items() if k != f"{owner}[{match[2]}]"}
    text = unquoted(match[3].strip())
    session.data = replace(session.there, characteristics=held | ({f"{owner}[{match[2]}]": text} if text else {}))


@command("fvset")
def fvset(session: Session, given: Command) -> None:
    """`fvset base 3 x z`, `fvset clear x`: the base of `i.x` in the estimations that follow. [R] fvset"""
    verb, _, rest = given.about.strip().partition(" ")
    base, listed = ("", rest) if verb == "clear" else tuple(rest.strip().partition(" ")[::2])
    if verb not in ("base", "clear"):
        raise NotRun(f"fvset {verb} is not known here")
    if not re.fullmatch(r"\d+|first|last|freq\w*|default|", base):
        raise NotRun(f"fvset base {base} is not known here")
    held = dict(session.there.characteristics)
    for name in session.names(listed):
        held.pop(f"{name}[fvbase]", None)
        if base not in ("", "default"):
            held[f"{name}[fvbase]"] = base if base.isdigit() else f"({base[:5]})".replace("freque", "freq")
    session.data = replace(session.there, characteristics=held)


def with_bases(session: Session, given: Command) -> Command:
    """An estimation with `i.x` as `ib3.x` where fvset has given x a base."""
    held = session.there.characteristics
    if not any(key.endswith("[fvbase]") for key in held):
        return given

    def based(match: re.Match) -> str:
        name = match[1]
        base = held.get(f"{name}[fvbase]", "")
        return f"ib{base}.{name}" if base else match[0]

    def text(typed: str) -> str:
        return re.sub(r"\bi\.(\w+)", based, typed)

    options = tuple(replace(o, value=text(o.value)) if o.value and o.name != "absorb" else o for o in given.options)
    return replace(given, about=text(given.about), options=options)


def _omitted(session: Session, name: str, levels: list) -> int:
    """Place of the level that is left out: the first, or what the characteristic `omit` says, `prevalent` included."""
    wanted = session.there.characteristics.get(f"{name}[omit]", "")
    if not wanted:
        return 0
    if wanted.startswith("prev"):
        held = session.there[name].values
        return max(range(len(levels)), key=lambda i: int(np.count_nonzero(held == levels[i])))
    said = levels if session.there[name].text else [f"{v:g}" for v in levels]
    if wanted not in said:
        raise DataProblem(f"{name}[omit] is {wanted}, which {name} never is", 198)
    return said.index(wanted)


def _set(session: Session, columns: dict[str, tuple[str, np.ndarray]]) -> list[str]:
    return _kept(session, {n: v for n, (_, v) in columns.items()})


def _kept(session: Session, columns: dict[str, np.ndarray]) -> list[str]:
    whole = {n: Column(v, "byte" if bool(np.all((v == np.trunc(v)) | np.isnan(v))) and np.nanmax(np.abs(v), initial=0) < 100
                       else "float") for n, v in columns.items()}  # fmt: skip
    session.set_columns(whole)
    return list(columns)
