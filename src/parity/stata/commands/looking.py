"""What shows the data at hand: list, describe, codebook, distinct, unab; labmask and separate, which rearrange it. [D]"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.formats import macro_text, shown
from parity.stata.groups import ranked
from parity.stata.mishaps import NotRun
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


#: Display formats of dates and times, the old `%d` among them.
_DATES = re.compile(r"%-?[td]")


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
    """`list [varlist] [if] [in] [, nolabel]`: the rows as they stand, values as displayed, and as they are where they are
    shown as plain numbers."""
    data, used = session.there, session.used(given)
    names = session.names(given.about) if given.about else tuple(data.columns)
    rows = np.flatnonzero(used)
    kept = rows[:MOST_LISTED]
    bare = given.has("nolabel", least=3)
    cells = [displayed(data, name, kept, labels=not bare) for name in names]
    plain = [
        n for n in names if not data[n].text and (bare or not data.labels_of(n)) and not _DATES.match(format_of(data[n]))
    ]
    session.show(
        "list", variables=names, numbers=(kept + 1).tolist(), rows=[list(row) for row in zip(*cells, strict=True)],
        all=len(rows), tied=data.tied, by=session.only is not None, values={n: data[n].values[kept] for n in plain},
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
        session.r = Results()  # r-class, with results of `problems` alone
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


@command("distinct", "unique", changes_data=False)
def distinct(session: Session, given: Command) -> None:
    """`distinct x y`: r(N), r(ndistinct) of the last one; `unique x y`: r(N), r(unique) of their combinations."""
    data, used = session.there, session.used(given)
    names = session.names(given.about) if given.about else tuple(data.columns)
    missing = given.name == "unique" or given.has("missing", least=1)
    groups = [names] if given.name == "unique" or given.has("joint", least=1) else [(n,) for n in names]
    for group in groups:
        rows = used.copy()
        for name in group:
            column = data[name]
            rows &= True if missing else (column.values != "") if column.text else ~np.isnan(column.values)
        ranks = np.column_stack([ranked(data[name])[rows] for name in group])
        n, found = float(rows.sum()), float(len(np.unique(ranks, axis=0)))
        session.r = Results(numbers={"N": n, "unique" if given.name == "unique" else "ndistinct": found})
        session.show("distinct", variable=" ".join(group), N=n, distinct=found)


@command("unab", changes_data=False)
def unab(session: Session, given: Command) -> None:
    """`unab macro : varlist`: names in full into a local. [P] unab"""
    name, _, listed = given.about.partition(":")
    found = session.names(listed)
    least, most = given.option("min"), given.option("max")
    if least and least.value and len(found) < float(least.value):
        raise DataProblem("too few variables specified", 102)
    if most and most.value and len(found) > float(most.value):
        raise DataProblem("too many variables specified", 103)
    session.macros.locals[name.strip()] = " ".join(found)


@command("labmask", "separate")
def remade(session: Session, given: Command) -> None:
    """`separate x, by(g) [generate(stub)]`: x of each group of its own; `labmask x, values(y)`: y as labels of x."""
    data = session.there
    if given.name == "labmask":
        option = given.option("values", least=3)
        if option is None or not option.value:
            raise DataProblem("option values() required", 198)
        name, other = session.name(given.about), session.name(option.value)
        held = data.labels_of(other)
        pairs = zip(data[name].numbers.tolist(), data[other].values.tolist(), strict=True)
        labels = {v: t if isinstance(t, str) else held.get(t, macro_text(t)) for v, t in pairs if v == v}
        column = replace(data[name], value_label=name)
        session.data = replace(data, value_labels={**data.value_labels, name: labels}).with_columns({name: column})
        return
    name, by, used = session.name(given.about), given.option("by"), session.used(given)
    if by is None or not by.value:
        raise DataProblem("option by() required", 198)
    stub = (option.value or name) if (option := given.option("generate", least=1)) else name
    group = by.value.strip()
    if group not in data.columns:
        raise NotRun(f"separate, by({group}) of an expression is not known here")
    column, rank = data[name], ranked(data[group])
    lost = (data[group].values == "") if data[group].text else np.isnan(data[group].values)
    new = {}
    for i, level in enumerate(np.unique(rank[used & ~lost]), 1):
        inside = used & (rank == level)
        value = data[group].values[inside][0]
        suffix = str(i) if isinstance(value, str) else macro_text(value)
        check_new(session, f"{stub}{suffix}")
        new[f"{stub}{suffix}"] = Column(np.where(inside, column.numbers, np.nan), column.kind, column.format,
                                        label=f"{name}, {group} == {value if isinstance(value, str) else suffix}",
                                        doubts=column.doubts | data[group].doubts)  # fmt: skip
    session.set_columns(new)


@command("numlabel")
def numlabel(session: Session, given: Command) -> None:
    """`numlabel [labels], add|remove`: `1. low` in place of `low`, and back. [D] numlabel"""
    if given.has("add") == given.has("remove"):
        raise DataProblem("either add or remove is required", 198)
    data = session.there
    for name in given.about.split() or tuple(data.value_labels):
        if name not in data.value_labels:
            raise DataProblem(f"value label {name} not found", 111)
        held = data.value_labels[name]
        if given.has("add"):
            made = {v: f"{macro_text(v)}. {text}" for v, text in held.items()}
        else:
            made = {v: text.removeprefix(f"{macro_text(v)}. ") for v, text in held.items()}
        data = replace(data, value_labels={**data.value_labels, name: made})
    session.data = data
