"""tabulate: counts of one variable or of two, shares, Pearson's test, indicators, and matrices of them. [R] tabulate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.output import distinct, moments, values_of, weights_of
from parity.stata.formats import macro_text
from parity.stata.groups import ranked
from parity.stata.results import Matrix, Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset


@command("tabulate", "tab1", "tab2", changes_data=True)
def tabulate(session: Session, given: Command) -> None:
    """One way or two: counts; `generate(stub)` makes indicators in the order of the values. [R] tabulate."""
    names = session.names(given.about)
    if given.name == "tab1" or len(names) == 1:
        for name in names:
            _one_way(session, given, name)
        return
    if len(names) > 2 and given.name == "tabulate":
        raise DataProblem("too many variables specified", 103)
    _two_way(session, given, *names[:2])


def _as_shown(data: Dataset, name: str, value: float | str) -> str:
    """A level as the head of a table has it: its label, else itself."""
    return str(data.labels_of(name).get(value, value if isinstance(value, str) else macro_text(value)))


def _one_way(session: Session, given: Command, name: str) -> None:
    data, weights = session.there, weights_of(session, given)
    column = data[name]
    rows, values = values_of(column, session.used(given), given.has("missing", least=1))
    rank = ranked(column)
    levels, at = np.unique(rank[rows], return_inverse=True)
    counts = np.bincount(at, None if weights is None else weights[rows], minlength=len(levels))
    session.r = Results(numbers={"N": float(counts.sum()), "r": float(len(levels))})
    labels = [str(data.labels_of(name).get(value, "")) for value in values.tolist()]
    told = {"headed": [(name, column.label)]}
    session.show("tabulate", variable=name, told=told, values=values.tolist(), counts=counts.tolist(), labels=labels)
    _matrices(session, given, counts[:, None], rows, (name,))
    option = given.option("generate", least=1)
    if option and option.value:
        labels = data.labels_of(name)
        new = {}
        for i, value in enumerate(values.tolist(), 1):
            indicator = np.where(rows, (rank == levels[i - 1]).astype(float), np.nan)
            said = labels.get(value, value if isinstance(value, str) else macro_text(value))
            new[f"{option.value}{i}"] = Column(indicator, "byte", label=f"{name}=={said}")
        session.set_columns(new)
    if option := given.option("summarize", least=2):
        by = session.there[session.name(option.value or "")]
        for i, value in enumerate(values.tolist()):
            inside = rows & (rank == levels[i]) & ~np.isnan(by.numbers)
            session.show("tabulate_summarize", variable=name, value=value, **moments(by.numbers[inside]))


def _two_way(session: Session, given: Command, row: str, column: str) -> None:
    data, weights, missing = session.there, weights_of(session, given), given.has("missing", least=1)
    first, _ = values_of(data[row], session.used(given), missing)
    second, _ = values_of(data[column], session.used(given), missing)
    rows = first & second
    a, i = np.unique(ranked(data[row])[rows], return_inverse=True)
    b, j = np.unique(ranked(data[column])[rows], return_inverse=True)
    counts = np.zeros((len(a), len(b)))
    np.add.at(counts, (i, j), 1.0 if weights is None else weights[rows])
    session.r = Results(numbers={"N": float(counts.sum()), "r": float(len(a)), "c": float(len(b))})
    if given.has("chi2", least=2) and counts.sum():
        expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / counts.sum()
        chi2 = float(np.sum((counts - expected) ** 2 / expected))
        from scipy import special

        df = (len(a) - 1) * (len(b) - 1)
        session.r.numbers |= {"chi2": chi2, "p": float(special.chdtrc(df, chi2)) if df else float("nan")}
    if given.has("exact", least=1) and counts.shape == (2, 2) and not (counts % 1).any():
        from scipy import stats

        session.r.numbers["p_exact"] = float(stats.fisher_exact(counts).pvalue)
    if others := [o for o in _OTHER_TESTS if given.has(o) and (o != "exact" or "p_exact" not in session.r.numbers)]:
        session.r.texts["parity_unknown"] = f"tabulate, {others[0]}"
    _matrices(session, given, counts, rows, (row, column))
    tests = {k: session.r.numbers[k] for k in ("chi2", "p") if k in session.r.numbers}
    levels = [_as_shown(data, column, value) for value in distinct(data[column], rows)]
    shares = [name for name in ("row", "column", "cell") if given.has(name, least=2)]
    values = distinct(data[row], rows).tolist()
    session.show(
        "tabulate2", variables=(row, column), counts=counts.tolist(), levels=levels, shares=shares, values=values,
        told={"headed": [(name, data[name].label) for name in (row, column)], "shares": shares},
        labels=[str(data.labels_of(row).get(value, "")) for value in values], **tests, df=(len(a) - 1) * (len(b) - 1),
    )  # fmt: skip


#: Tests of tabulate whose results aren't computed here; exact is, of two by two.
_OTHER_TESTS = ("exact", "lrchi2", "gamma", "taub", "v", "all")


def _matrices(session: Session, given: Command, counts: np.ndarray, rows: np.ndarray, names: Sequence[str]) -> None:
    """`matcell(A)`, `matrow(B)`, `matcol(C)`: the counts, and the values that they are of, as matrices."""
    along = [tuple(f"{letter}{i + 1}" for i in range(n)) for letter, n in zip("rc", counts.shape, strict=True)]
    if (option := given.option("matcell")) and option.value:
        session.matrices[option.value.strip()] = Matrix(counts.astype(float), along[0], along[1])
    for name, variable in zip(("matrow", "matcol"), names, strict=False):
        if (option := given.option(name)) and option.value:
            column = session.there[variable]
            if column.text:
                raise DataProblem(f"{name}() may not be used with string variables", 109)
            _, first = np.unique(ranked(column)[rows], return_index=True)
            held = column.values[rows][first]
            matrix = (
                Matrix(held[:, None], along[0], ("c1",)) if name == "matrow" else Matrix(held[None, :], ("r1",), along[1])
            )
            session.matrices[option.value.strip()] = matrix
