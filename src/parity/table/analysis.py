"""The numbers of an analysis as a grid: a row for each period, or whatever they are of, and a column a quantity."""

from __future__ import annotations

from parity.analyses.registry import analyses
from parity.base.errors import InputError, suggest
from parity.study.table import TableSettings
from parity.table.grid import EMPTY, Cell, Grid, Row
from parity.table.notes import MARK, kept, made, said
from parity.table.numbers import decimals, probability, whole
from parity.table.verified import Verified


def analysis_grid(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Without numbers where it was not verified. Raises `InputError` where it has no such quantity, or no such row."""
    standing = verified.analysis(table.analysis)
    found = {} if standing.trouble else verified.numbers(table.analysis)
    labels = columns_of_kind(table.analysis.split(".")[0])
    there = list(dict.fromkeys(quantity for quantity, _ in found))
    columns = list(table.quantities) or [q for q in labels if q in there]
    terms = list(dict.fromkeys(term for quantity, term in found if quantity in columns))
    if found:
        for key, named, known in (("quantities", columns, there), ("rows", table.rows, terms)):
            wrong = next((n for n in named if n not in known), None)
            if wrong is not None:
                where = f"table.{name}.{key}"
                raise InputError.at(str(verified.study.file), where, f"it has no `{wrong}`{suggest(wrong, known)}")

    def cell(quantity: str, term: str) -> Cell:
        value = found.get((quantity, term))
        if value is None:
            return EMPTY
        if quantity == "nobs":
            return Cell(whole(value))
        return Cell(
            (probability if quantity.startswith("p") and quantity[1:2] in ("", " ") else decimals)(value, table.digits)
        )

    body = [Row(_called(table, term), tuple(cell(q, term) for q in columns)) for term in table.rows or terms]
    heads = Row("", tuple(Cell(table.label(q, labels.get(q))) for q in columns or ("",)))
    notes = said(table)
    notes.append(f"{MARK} {standing.trouble.rstrip('.')}." if standing.trouble else table.says("note.both"))
    notes += [] if standing.trouble else [r.note for r in verified.of(table.analysis) if r.note]
    title = f"{table.title or name}{MARK if standing.trouble else ''}"
    return Grid(name, title, (heads,), tuple(body), kept([*notes, *made(table, verified)]), not standing.trouble)


def _called(table: TableSettings, term: str) -> str:
    """What a row is called; the spatial lag of a column by what the column is."""
    lag, _, column = term.partition(" ")
    of_column = lag == "W" and column in table.labels and term not in table.labels
    return f"W {table.label(column, column)}" if of_column else table.label(term, term)


def columns_of_kind(kind: str) -> dict[str, str]:
    """Quantity -> head of its column, of the analyses of a kind."""
    return next((dict(one.columns) for one in analyses().values() if kind in one.kinds), {})
