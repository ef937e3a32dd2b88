"""An index as a grid: dimension, indicator, unit and direction of each of its indicators, its entropy and its weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parity.study.index import IndexSettings, Indicator
from parity.study.table import TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row, spread
from parity.table.notes import MARK, kept, made, said, trouble
from parity.table.numbers import decimals
from parity.table.verified import Standing, Verified

#: Heads of the columns, by the key under which `labels` may rename them.
LABELS = {"dimension": "Dimension", "indicator": "Indicator", "unit": "Unit", "direction": "Direction",
          "entropy": "Entropy", "weight": "Weight", "loading": "Coefficient", "positive": "Positive",
          "negative": "Negative"}  # fmt: skip
#: Method -> how the note calls it, as a label.
METHODS = {"entropy": "entropy", "pca": "principal components", "critic": "CRITIC", "cv": "coefficient of variation",
           "equal": "equal weights", "given": "given weights"}  # fmt: skip


def index_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Of all its indicators, or those that `rows` names; without numbers where the index was not verified."""
    form, units = _form(table, verified)
    standing = verified.analysis(f"index.{table.index}")
    found = {} if standing.trouble else verified.numbers(f"index.{table.index}")
    indicators = [i for i in form.indicators if not table.rows or i.column in table.rows]
    labels = _labels(found, form)
    shown = [q for q in ("entropy", "weight") if any(quantity == q for quantity, _ in found)] or ["weight"]
    with_unit = any(units.get(i.column) for i in indicators)
    body = []
    for i, indicator in enumerate(indicators):
        first = indicator.dimension is not None and (not i or indicators[i - 1].dimension != indicator.dimension)
        cells = [*_words(indicator, units, with_unit, table), *_numbers(indicator, labels, shown, found, table)]
        head = table.label(indicator.dimension or "") if first else ""
        body.append(Row(head, tuple(cells), rule=first and i > 0))
    mark = MARK if standing.trouble else ""
    heads = _heads(form, labels, shown, with_unit, table)
    return Grid(name, f"{table.title or name}{mark}", heads, tuple(body),
                _notes(form, standing, table, verified), not standing.trouble)  # fmt: skip


def _form(table: TableSettings, verified: Verified) -> tuple[IndexSettings, Mapping[str, str]]:
    """The form of the index, and what its indicators are measured in."""
    indices = verified.study.index
    name = table.index if table.index in indices else max((n for n in indices if table.index.startswith(f"{n}.")), key=len)
    variant = table.index.removeprefix(name).removeprefix(".")
    form = indices[name].variants[variant] if variant else indices[name]
    return form, {i.column: i.unit for i in (*indices[name].indicators, *form.indicators) if i.unit}


def _labels(found: Mapping[tuple[str, str], float], form: IndexSettings) -> list[str]:
    """Of the rows that fix weights: "" where all do together, else each year."""
    column = form.indicators[0].column
    of = [term for quantity, term in found if quantity == "weight"]
    return [""] if column in of or not of else [t.removeprefix(f"{column}:") for t in of if t.startswith(f"{column}:")]


def _heads(
    form: IndexSettings, labels: Sequence[str], shown: Sequence[str], with_unit: bool, table: TableSettings
) -> tuple[Row, ...]:
    words = ["indicator", *(["unit"] if with_unit else []), "direction"]
    loading = form.method == "pca" and form.pca_form == "scores"
    named = ["loading" if q == "weight" and loading else q for q in shown]
    last = Row(table.label("dimension", LABELS["dimension"]) if form.dimensions else "",
               tuple(Cell(table.label(k, LABELS[k])) for k in (*words, *(named * len(labels)))))  # fmt: skip
    if len(labels) == 1:
        return (last,)
    return (Row("", spread([*(("", 1) for _ in words), *((label, len(shown)) for label in labels)])), last)


def _words(indicator: Indicator, units: Mapping[str, str], with_unit: bool, table: TableSettings) -> list[Cell]:
    way = "positive" if indicator.direction == "+" else "negative"
    unit = [Cell(table.label(units.get(indicator.column, "")))] if with_unit else []
    return [Cell(table.label(indicator.column)), *unit, Cell(table.label(way, LABELS[way]))]


def _numbers(
    indicator: Indicator, labels: Sequence[str], shown: Sequence[str], found: Mapping[tuple[str, str], float],
    table: TableSettings,
) -> list[Cell]:  # fmt: skip
    terms = [f"{indicator.column}:{label}" if label else indicator.column for label in labels]
    values = [found.get((q, term)) for term in terms for q in shown]
    return [EMPTY if value is None else Cell(decimals(value, table.digits)) for value in values]


def _notes(form: IndexSettings, standing: Standing, table: TableSettings, verified: Verified) -> tuple[str, ...]:
    method = table.label(f"method.{form.method}", METHODS[form.method])
    notes = said(table)
    if standing.trouble:
        notes.append(trouble(table, standing))
    else:
        over = form.weigh_over or form.over
        key = {"year": "note.index by year", "base": "note.index base"}.get(over, "note.index")
        notes.append(table.says(key, method, f"{form.base:g}" if form.base is not None else ""))
        if form.levels == "two":
            notes.append(table.says("note.index levels"))
        notes.append(table.says("note.both"))
    return kept([*notes, *made(table, verified)])
