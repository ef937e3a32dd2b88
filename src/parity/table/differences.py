"""Rows below a table's columns: the difference of two groups, and how surely it isn't zero by each method."""

from __future__ import annotations

from collections.abc import Sequence

from parity.study import Spec
from parity.table.grid import COVERED, EMPTY, Cell, Row
from parity.table.numbers import decimals, probability, stars
from parity.table.settings import Between, TableSettings
from parity.table.verified import Verified

#: Row -> its label, the number it shows, and of which permutation it is, if of any. Those of p carry stars.
ROWS = {
    "difference": ("Difference of groups", "difference", None),
    "interaction_p": ("p, interaction", "p interaction", None),
    "suest_p": ("p, SUEST", "p suest", None),
    "permutation_p": ("p, permutation of units", "p permutation", "units"),
    "permutation_rows_p": ("p, permutation of rows", "p permutation", "rows"),
}


def difference_rows(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[Row]:
    """One row a method that any of the differences uses; each cell under both of its columns."""
    rows = [Row(table.label(key, ROWS[key][0]), _cells(key, table, specs, verified)) for key in ROWS]
    shown = [row for row in rows if not row.empty]
    return [Row(row.label, row.cells, rule=i == 0) for i, row in enumerate(shown)]


def _cells(key: str, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> tuple[Cell, ...]:
    below: dict[str, list[Between]] = {}
    for between in table.differences:
        below.setdefault(between.columns[0], []).append(between)
    cells: list[Cell] = []
    for spec in specs:
        if spec.id in below:
            shown = next((c for b in below[spec.id] if (c := _shown(key, b, table, verified)).text), EMPTY)
            cells += [Cell(shown.text, shown.stars, span=2), COVERED]
        elif not any(spec.id in between.columns for between in table.differences):
            cells.append(EMPTY)
    return tuple(cells)


def _shown(key: str, between: Between, table: TableSettings, verified: Verified) -> Cell:
    _, quantity, permuted = ROWS[key]
    if permuted not in (None, verified.study.difference[between.difference].permute):
        return EMPTY
    value = verified.numbers(f"difference.{between.difference}").get((quantity, ""))
    if key == "difference":
        return Cell(decimals(value, table.digits))
    return Cell(probability(value, table.digits), stars(value, table.stars))
