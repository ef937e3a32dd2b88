"""A table of a sample as a grid: its columns described, correlated, or with their variance inflation factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity.analyses.summary.statistics import OF_COLUMNS, WITH
from parity.study.formula import Dummies, Interaction
from parity.study.spec import Spec
from parity.study.table import TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row
from parity.table.notes import MARK, kept, made, said, starred, trouble
from parity.table.numbers import decimals, stars, whole
from parity.table.verified import Verified

#: Heads of the columns, by the key under which `labels` may rename them.
LABELS = {"nobs": "N", "mean": "Mean", "sd": "SD", "min": "Min", "median": "Median", "max": "Max", "vif": "VIF",
          "inverse_vif": "1/VIF", "mean_vif": "Mean VIF"}  # fmt: skip


def summary_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Of the spec's outcome and regressors, or those that `rows` names; empty where it was not verified."""
    standing = verified.analysis(f"summary.{table.sample}")
    found = verified.numbers(f"summary.{table.sample}")
    there = [term for quantity, term in found if quantity == "nobs"]
    columns = [c for c in table.rows if c in there] if table.rows else there
    make = {"descriptive": _described, "correlations": _correlated, "vif": _inflated}[table.kind]
    heads, body = make(table, columns, found)
    mark = MARK if standing.trouble else ""
    title = f"{table.title or name}{mark}"
    notes = [*said(table), *(starred(table) if table.kind == "correlations" else [])]
    if standing.trouble:
        notes.append(trouble(table, standing))
    else:
        notes.append(table.says("note.sample", _called(table, verified)))
        if left := _determined(verified.study.spec(table.sample), table, there):
            notes.append(table.says("note.lost", ("、" if table.language == "zh" else ", ").join(map(table.label, left))))
    notes += made(table, verified)
    return Grid(name, title, (Row("", tuple(map(Cell, heads))),), tuple(body), kept(notes), not standing.trouble)


def _called(table: TableSettings, verified: Verified) -> str:
    """The spec of the sample: as labelled, by its title, or by its id."""
    title = table.label(verified.study.spec(table.sample).title)
    return table.labels.get(table.sample) or title or f"`{table.sample}`"


def _determined(spec: Spec, table: TableSettings, there: Sequence[str]) -> list[str]:
    """Columns that the spec names, or the table's `rows`, and its sample has not: what the estimate leaves out."""
    items = (*spec.formula.exog, *spec.formula.endog)
    named = [str(item) for item in items if not isinstance(item, Dummies | Interaction)]
    return [name for name in named if name not in there and (not table.rows or name in table.rows)]


_Made = tuple[list[str], list[Row]]


def _described(table: TableSettings, columns: list[str], found: Mapping) -> _Made:
    def cell(quantity: str, column: str) -> Cell:
        value = found.get((quantity, column))
        return Cell(whole(value) if quantity == "nobs" else decimals(value, table.digits))

    rows = [Row(table.label(c), tuple(cell(q, c) for q in OF_COLUMNS)) for c in columns]
    return [table.label(q, LABELS[q]) for q in OF_COLUMNS], rows


def _correlated(table: TableSettings, columns: list[str], found: Mapping) -> _Made:
    """The lower triangle, stars by p."""

    def cell(i: int, j: int) -> Cell:
        if i == j:
            return Cell("1")
        if j > i:
            return EMPTY
        pair = next((p for p in (WITH.join((columns[j], columns[i])), WITH.join((columns[i], columns[j])))
                     if ("correlation", p) in found), "")  # fmt: skip
        p = found.get(("correlation p", pair))
        return Cell(decimals(found.get(("correlation", pair)), table.digits), stars(p, table.stars))

    numbers = [f"({i})" for i in range(1, len(columns) + 1)]
    rows = [
        Row(f"({i + 1}) {table.label(c)}", tuple(cell(i, j) for j in range(len(columns)))) for i, c in enumerate(columns)
    ]
    return numbers, rows


def _inflated(table: TableSettings, columns: list[str], found: Mapping) -> _Made:
    """As Stata's `estat vif`: the largest first, the mean at the foot."""
    known = {c: found["vif", c] for c in columns if ("vif", c) in found}
    shown = list(known) if table.rows else sorted(known, key=known.__getitem__, reverse=True)
    rows = [
        Row(table.label(c), (Cell(decimals(known[c], table.digits)), Cell(decimals(1 / known[c], table.digits))))
        for c in shown
    ]
    if known:
        mean = sum(known.values()) / len(known)
        label = table.label("mean_vif", LABELS["mean_vif"])
        rows.append(Row(label, (Cell(decimals(mean, table.digits)), EMPTY), rule=True))
    return [table.label("vif", LABELS["vif"]), table.label("inverse_vif", LABELS["inverse_vif"])], rows
