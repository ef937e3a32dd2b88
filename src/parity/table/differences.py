"""Rows below a table's columns: the difference of two groups, and how surely it isn't zero by each method."""

from __future__ import annotations

from collections.abc import Sequence

from parity.study import Spec
from parity.table.grid import EMPTY, Cell, Row, spread
from parity.table.numbers import decimals, probability, stars
from parity.table.settings import Between, TableSettings
from parity.table.verified import Verified

#: Row -> the number it shows. Those of p carry stars.
ROWS = {
    "difference": ("Difference of groups", "difference"),
    "interaction_p": ("p, interaction", "p interaction"),
    "suest_p": ("p, SUEST", "p suest"),
    "permutation_p": ("p, Fisher permutation", "p permutation"),
}


def difference_rows(table: TableSettings, specs: Sequence[Spec], verified: Verified) -> list[Row]:
    """One row a method that any of the differences uses; each cell under both of its columns."""
    if not table.differences:
        return []
    rows = [
        Row(table.label(key, label), _cells(quantity, table, specs, verified)) for key, (label, quantity) in ROWS.items()
    ]
    shown = [row for row in rows if not row.empty]
    return [Row(row.label, row.cells, rule=i == 0) for i, row in enumerate(shown)]


def _cells(quantity: str, table: TableSettings, specs: Sequence[Spec], verified: Verified) -> tuple[Cell, ...]:
    start = {between.columns[0]: between for between in table.differences}
    covered = {between.columns[1] for between in table.differences}
    cells: list[Cell] = []
    for spec in specs:
        if spec.id in start:
            shown = _shown(quantity, start[spec.id], table, verified)
            cells += [Cell(shown.text, shown.stars, span=2), *spread([("", 2)])[1:]]
        elif spec.id not in covered:
            cells.append(EMPTY)
    return tuple(cells)


def _shown(quantity: str, between: Between, table: TableSettings, verified: Verified) -> Cell:
    value = verified.numbers(f"difference.{between.difference}").get((quantity, ""))
    if quantity == "difference":
        return Cell(decimals(value, table.digits))
    return Cell(probability(value, table.digits), stars(value, table.stars))
