"""Columns of matrices as variables, and variables as columns: svmat, mkmat. [P] matrix mkmat."""

from __future__ import annotations

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new, typed
from parity.stata.commands.rows import lengthened
from parity.stata.results import Matrix
from parity.stata.session import Lost, Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.values import stored


@command("svmat")
def svmat(session: Session, given: Command) -> None:
    """`svmat [type] A [, names(col|stub*|matcol)]`: columns of a matrix as variables, rows made where they lack."""
    kind, name = typed(given.about)
    try:
        held = session.matrix("", name.strip())
    except Lost:  # nobody knows what they would be called
        session.data = (session.data or Dataset()).doubted(f"unknown-columns ({session.file}:{session.line})")
        raise
    if held is None:
        raise DataProblem(f"matrix {name.strip()} not found", 111)
    option = given.option("names", least=1)
    wanted = option.value if option and option.value else f"{name.strip()}*"
    n = len(held.columns)
    if wanted == "col":
        names = [c.rpartition(":")[2] for c in held.columns]
    elif wanted == "eqcol":
        names = [c.replace(":", "") for c in held.columns]
    elif wanted == "matcol":
        names = [f"{name.strip()}{c}" for c in held.columns]
    else:
        names = [f"{wanted.rstrip('*')}{i}" for i in range(1, n + 1)]
    data = session.data if session.data is not None else Dataset()
    rows = held.values.shape[0]
    session.data = lengthened(data, rows) if data.rows < rows else data
    for i, new in enumerate(names):
        check_new(session, new)
        values = np.full(session.there.rows, np.nan)
        values[:rows] = held.values[:, i]
        session.set_columns({new: Column(stored(values, kind or "float"), kind or "float")})


@command("mkmat")
def mkmat(session: Session, given: Command) -> None:
    """`mkmat x y [if] [in] [, matrix(A) nomissing rownames(s)]`: a matrix of them, else a vector each by its name."""
    names = session.names(given.about)
    data, rows = session.there, session.used(given)
    if text := next((n for n in names if data[n].text), ""):
        raise DataProblem(f"{text}: string variable not allowed", 109)
    values = np.column_stack([data[n].numbers[rows] for n in names])
    called = [f"r{i + 1}" for i in range(len(values))]
    if (option := given.option("rownames")) and option.value:
        called = [v if isinstance(v, str) else f"{v:g}" for v in data[session.name(option.value)].values[rows].tolist()]
    if given.has("nomissing"):
        there = ~np.isnan(values).any(axis=1)
        values, called = values[there], [name for name, t in zip(called, there.tolist(), strict=True) if t]
    option = given.option("matrix")
    if option and option.value:
        session.matrices[option.value.strip()] = Matrix(values, tuple(called), names)
        return
    for i, name in enumerate(names):
        session.matrices[name] = Matrix(values[:, i : i + 1], tuple(called), (name,))
