"""Indices as a grid: dimension, indicator, unit and direction of each of their indicators, its entropy and its weight."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from parity.base.errors import InputError
from parity.study.index import IndexSettings, Indicator
from parity.study.table import TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row, spread
from parity.table.noted import noted
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
    """Of all its indicators, or those that `rows` names; without numbers where an index was not verified.

    Several indices stand under one another, each named in the first column. Raises `InputError` where one of them has
    weights of several years.
    """
    grids = [_of_one(name, table, index, verified) for index in table.index]
    return grids[0] if len(grids) == 1 else _together(name, table, grids, verified)


def _together(name: str, table: TableSettings, grids: Sequence[Grid], verified: Verified) -> Grid:
    for index, grid in zip(table.index, grids, strict=True):
        if len(grid.heads) > 1:
            message = f"`{index}` has weights of several years, which need a table of their own"
            raise InputError.at(str(verified.study.file), f"table.{name}.index", message)
    columns = [[cell.text for cell in grid.heads[-1].cells] for grid in grids]
    known = [text for key in LABELS if (text := table.label(key, LABELS[key])) in {c for of in columns for c in of}]
    dimensions = any(grid.heads[-1].label for grid in grids)
    body = []
    for index, grid, of in zip(table.index, grids, columns, strict=True):
        for i, row in enumerate(grid.body):
            cells = dict(zip(of, row.cells, strict=True))
            own = [Cell(row.label)] if dimensions else []
            label = table.label(index) if not i else ""
            body.append(Row(label, (*own, *(cells.get(c, EMPTY) for c in known)), rule=bool(body) and (not i or row.rule)))
    head = [Cell(table.label("dimension", LABELS["dimension"]))] if dimensions else []
    heads = Row(table.label("index", "Index"), (*head, *map(Cell, known)))
    marked = next((grid.title for grid in grids if not grid.verified), grids[0].title)
    return Grid(name, marked, (heads,), tuple(body), _notes_together(table, grids), all(g.verified for g in grids))


def _of_one(name: str, table: TableSettings, index: str, verified: Verified) -> Grid:
    form, units = _form(index, verified)
    standing = verified.analysis(f"index.{index}")
    found = {} if standing.trouble else verified.numbers(f"index.{index}")
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
                _notes(index, form, standing, table, verified), not standing.trouble)  # fmt: skip


def _notes_together(table: TableSettings, grids: Sequence[Grid]) -> tuple[str, ...]:
    """Those that all have, once; each other one behind the name of its index."""
    notes: dict[str, None] = {}
    for index, grid in zip(table.index, grids, strict=True):
        for note in grid.notes:
            shared = all(note in other.notes for other in grids)
            colon = "：" if table.language == "zh" else ": "
            notes[note if shared else f"{table.label(index)}{colon}{note}"] = None
    return tuple(notes)


def _form(index: str, verified: Verified) -> tuple[IndexSettings, Mapping[str, str]]:
    """The form of the index, and what its indicators are measured in."""
    indices = verified.study.index
    name = index if index in indices else max((n for n in indices if index.startswith(f"{n}.")), key=len)
    variant = index.removeprefix(name).removeprefix(".")
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


def _notes(index: str, form: IndexSettings, standing: Standing, table: TableSettings, verified: Verified) -> tuple[str, ...]:
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
        notes += _filled(index, table, verified)
        notes.append(table.says("note.both"))
    return kept([*notes, *made(table, verified)])


def _filled(index: str, table: TableSettings, verified: Verified) -> list[str]:
    """What the index does about missing values, of the records' notes."""
    pieces = {
        p for r in verified.of(f"index.{index}") for p in r.note.split("; ") if re.match(r"\d[\d,]* (missing|rows) ", p)
    }
    stop = "。" if table.language == "zh" else "."
    return [f"{noted(piece, table.language, table.label)}{stop}" for piece in sorted(pieces)]
