"""What shows the data at hand and changes nothing: list, describe, codebook. [D]"""

from __future__ import annotations

import math
import re

import numpy as np

from parity.stata.commands import command
from parity.stata.formats import shown
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset

#: Rows of `list` whose values are kept: more are counted alone.
MOST_LISTED = 10_000
#: Bytes of a value by storage type; texts take their length, long texts 8.
BYTES = {"byte": 1, "int": 2, "long": 4, "float": 4, "double": 8, "strL": 8}
#: How a column without a format of its own is displayed.
FORMATS = {"byte": "%8.0g", "int": "%8.0g", "long": "%12.0g", "float": "%9.0g", "double": "%10.0g"}


def format_of(column: Column) -> str:
    """A column's display format, or that which its storage type is given."""
    if column.format:
        return column.format
    if not column.text:
        return FORMATS[column.kind]
    return "%9s" if column.kind == "strL" else f"%{max(int(column.kind[3:]), 9)}s"


def width_of(column: Column) -> int:
    """Bytes of one value."""
    return BYTES.get(column.kind) or int(column.kind[3:])


def displayed(data: Dataset, name: str, rows: np.ndarray, *, labels: bool = True) -> list[str]:
    """A column's values in these rows as `list` shows them: by value label, else under the display format."""
    column, held = data[name], data.labels_of(name) if labels else {}
    form = format_of(column)
    if column.text:
        return [str(v) for v in column.values[rows]]
    return [held.get(v) or shown(v, form) for v in column.values[rows].tolist()]


@command("list", "flist", by_groups=True, changes_data=False)
def list_(session: Session, given: Command) -> None:
    """`list [varlist] [if] [in] [, nolabel]`: the rows as they stand, values as displayed."""
    data, used = session.there, session.used(given)
    names = session.names(given.about) if given.about else tuple(data.columns)
    rows = np.flatnonzero(used)
    kept = rows[:MOST_LISTED]
    cells = [displayed(data, name, kept, labels=not given.has("nolabel", least=3)) for name in names]
    session.show(
        "list", variables=names, numbers=(kept + 1).tolist(), rows=[list(row) for row in zip(*cells, strict=True)],
        all=len(rows), tied=data.tied,
    )  # fmt: skip


@command("describe", changes_data=False)
def describe(session: Session, given: Command) -> None:
    """`describe [varlist] [using file] [, simple varlist]`: r(N), r(k), r(width), with `varlist` r(varlist), r(sortlist)."""
    if given.using:
        from parity.stata.commands.files import loaded, path_of

        data = loaded(session, path_of(given.using))
        names = tuple(data.columns)
    else:
        data = session.there
        names = session.names(given.about) if given.about else tuple(data.columns)
    numbers = {
        "N": float(data.rows), "k": float(len(data.columns)), "width": float(sum(map(width_of, data.columns.values()))),
        "changed": 0.0,
    }  # fmt: skip
    texts = (
        {"varlist": " ".join(data.columns), "sortlist": " ".join(data.sorted_by)} if given.has("varlist", least=4) else {}
    )
    session.r = Results(numbers=numbers, texts=texts)
    columns = {
        n: (data[n].kind, format_of(data[n]), data[n].value_label, data[n].label)
        for n in names
    }  # fmt: skip
    session.show("describe", N=data.rows, k=len(data.columns), columns=columns, sorted=data.sorted_by)


@command("codebook", changes_data=False)
def codebook(session: Session, given: Command) -> None:
    """`codebook [varlist]`: type, distinct and missing values, range. r() of the last variable is none of its results."""
    data, used = session.there, session.used(given)
    for name in session.names(given.about) if given.about else tuple(data.columns):
        column = data[name]
        values = column.values[used]
        lost = (values == "") if column.text else np.isnan(values)
        there = values[~lost]
        found = {"unique": len(np.unique(there)), "missing": int(lost.sum()), "N": len(values)}
        if not column.text and len(there):
            found |= {"min": float(there.min()), "max": float(there.max())}
        session.show("codebook", variable=name, storage=column.kind, **found)


@command("lookfor", changes_data=False)
def lookfor(session: Session, given: Command) -> None:
    """`lookfor word ...`: r(varlist), the variables with one of the words in their name or label, whatever its capitals."""
    words = [w.strip('"').lower() for w in re.findall(r'"[^"]*"|\S+', given.about)]
    if not words:
        raise DataProblem("lookfor needs what to look for", 198)
    found = [n for n, c in session.there.columns.items() if any(w in n.lower() or w in c.label.lower() for w in words)]
    session.r = Results(texts={"varlist": " ".join(found)})


@command("inspect", changes_data=False)
def inspect(session: Session, given: Command) -> None:
    """`inspect [varlist]`: how many are negative, zero, positive, whole, missing; r() of the last variable. [D] inspect."""
    data, used = session.there, session.used(given)
    for name in session.names(given.about) if given.about else tuple(n for n, c in data.columns.items() if not c.text):
        values = data[name].numbers[used]
        there = values[~np.isnan(values)]
        whole = there == np.trunc(there)
        numbers = {
            "N": len(there), "N_neg": int((there < 0).sum()), "N_0": int((there == 0).sum()),
            "N_pos": int((there > 0).sum()), "N_negint": int((whole & (there < 0)).sum()),
            "N_posint": int((whole & (there > 0)).sum()), "N_unique": len(np.unique(there)), "N_undoc": 0,
        }  # fmt: skip
        numbers["N_unique"] = numbers["N_unique"] if numbers["N_unique"] <= 99 else math.nan
        session.r = Results(numbers={k: float(v) for k, v in numbers.items()})
        session.show("inspect", variable=name, missing=len(values) - len(there), **numbers)
