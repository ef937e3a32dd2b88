"""xi: indicators as columns, the way of old: `xi i.region*x`, `xi: regress y i.region`. [R] xi."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.groups import ranked
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem

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
    for i, level in enumerate(levels):
        if omit and i == 0:
            continue
        found[_named(prefix, name[:9], said[i])] = (said[i], np.where(lost, np.nan, rank == level))
    return found


def _set(session: Session, columns: dict[str, tuple[str, np.ndarray]]) -> list[str]:
    return _kept(session, {n: v for n, (_, v) in columns.items()})


def _kept(session: Session, columns: dict[str, np.ndarray]) -> list[str]:
    whole = {n: Column(v, "byte" if bool(np.all((v == np.trunc(v)) | np.isnan(v))) and np.nanmax(np.abs(v), initial=0) < 100
                       else "float") for n, v in columns.items()}  # fmt: skip
    session.set_columns(whole)
    return list(columns)
