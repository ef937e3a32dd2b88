"""`statsby exp_list, by(varlist): command`: results of a command once a group, as data. [D] statsby."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from parity.stata.groups import order, runs_of
from parity.stata.mishaps import NotRun
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.expression import unquoted
from parity.stata_language.reading import estimation
from parity.stata_language.values import stored

#: Options that change no number.
_SHOWN = ("nodots", "dots", "noisily", "trace", "nolegend", "verbose", "title", "noheader")
_EXPRESSION = re.compile(r"(?:(\w+)\s*=\s*)?(\((?:[^()]|\([^()]*\))*\)|[^\s=()\[\]]+(?:\([^()]*\)|\[[^\[\]]*\])?)")


def statsby(session: Session, given: Command, run: Callable[[Command], None]) -> None:
    """Runs the command behind the prefix on the rows of each group. A group on which it fails has missing results.

    Raises `DataProblem`; `NotRun` for options that aren't read here and for results that aren't known.
    """
    prefix = given.prefix("statsby")
    assert prefix is not None
    command = replace(given, prefixes=tuple(p for p in given.prefixes if p is not prefix))
    options = {o.name: o.value or "" for o in prefix.options if o.name not in _SHOWN}
    if unread := set(options) - {"by", "clear", "saving", "double"}:
        raise NotRun(f"statsby's option {min(unread)} is not known here")
    if "clear" not in options and "saving" not in options:
        raise DataProblem("no; data in memory would be lost: option clear or saving() is required", 4)
    whole = session.there
    listed, comma, more = options.get("by", "").partition(",")
    names = session.names(listed) if listed.strip() else ()
    results, keys = [], []
    try:
        for first, rows in _groups(whole, names, missing=comma and "missing" in more):
            session.data = whole.taken(rows)
            results.append(_of_group(session, prefix.text, command, run))
            keys.append(first)
    except Lost:
        raise NotRun(f"statsby of `{command.typed}`, whose results aren't known here") from None
    finally:
        session.data = whole
    made = _data(session, whole, names, keys, results, command, "double" if "double" in options else "float")
    if "saving" in options:
        file = unquoted(options["saving"].partition(",")[0].strip())
        path = session.files.written(file, ".dta")
        path.touch()
        session.saved[str(path)] = replace(made, path=file)
    if "clear" in options:
        session.data = made


def _groups(data: Dataset, names: tuple[str, ...], *, missing: bool):
    """(first row, rows) of each group in the order of its values; those of a missing value where they are asked for."""
    if not names:
        yield 0, np.ones(data.rows, dtype=bool)
        return
    positions, _ = order(data, names)
    held = data.taken(positions, ordered=False)
    number = runs_of([held[n] for n in names], held.rows).number
    for group in range(int(number[-1]) + 1 if len(number) else 0):
        rows = np.zeros(data.rows, dtype=bool)
        rows[positions[number == group]] = True
        first = int(positions[np.flatnonzero(number == group)[0]])
        lost = any(data[n].values[first] == "" if data[n].text else np.isnan(data[n].values[first]) for n in names)
        if missing or not lost:
            yield first, rows


def _of_group(session: Session, listed: str, command: Command, run: Callable[[Command], None]) -> dict[str, float]:
    try:
        run(command)
    except NotRun:
        raise
    except DataProblem:
        return {}
    found: dict[str, float] = {}
    if not listed.strip():
        if estimation(command.name):
            return _coefficients(session, "_b")
        if "parity_unknown" in session.r.texts:
            raise Lost
        return dict(session.r.numbers)
    unnamed = 0
    for name, text in _EXPRESSION.findall(listed):
        if text in ("_b", "_se") and not name:
            found |= _coefficients(session, text)
            continue
        if not name:
            unnamed += 1
        try:
            value = session.value(text)
        except NotRun:
            raise
        except DataProblem:
            value = np.nan
        if isinstance(value, str):
            raise NotRun(f"statsby of the text {text} is not known here")
        found[name or f"_stat_{unnamed}"] = value
    return found


def _coefficients(session: Session, kind: str) -> dict[str, float]:
    e = session.e
    if "b" not in e.matrices or (kind == "_se" and "V" not in e.matrices):
        raise Lost
    b = e.matrices["b"]
    values = b.values[0] if kind == "_b" else np.sqrt(np.diag(e.matrices["V"].values))
    called = [f"{kind}_{name.lstrip('_')}" for name in b.columns]
    if bad := next((n for n in called if not n.isidentifier()), ""):
        raise NotRun(f"statsby's name for the coefficient {bad[len(kind) + 1 :]} is not known here")
    return dict(zip(called, values.tolist(), strict=True))


def _data(session: Session, whole: Dataset, names: tuple[str, ...], keys: list[int], results: list[Mapping[str, float]],
          command: Command, kind: str) -> Dataset:  # fmt: skip
    """A row a group: its values of `by()`, and the results."""
    called = dict.fromkeys(name for one in results for name in one)
    if not called:
        raise DataProblem("the command fails in every group", 2000)
    words = set(re.findall(r"\w+", command.text))
    doubts = whole.doubts.union(*(c.doubts for n, c in whole.columns.items() if n in words))
    columns = {n: whole[n].taken(np.array(keys, dtype=np.int64)) for n in names}
    for name in called:
        values = np.array([one.get(name, np.nan) for one in results], dtype=float)
        columns[name] = Column(stored(values, kind), kind, doubts=doubts)
    return Dataset(columns, len(results), whole.value_labels, names, doubts=whole.doubts)
