"""Numbers that are written otherwise than those beside them: `0` or `1` among decimals, `0.3%` among numbers without a sign.

A whole number of one digit stands for all between half above and half below it: `0` for 0.487 would be right by its own
digits. Where every other number of its kind has decimals it was printed with as many, zeros cut off as a spreadsheet does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from parity.compare.printed import PrintedNumber
from parity.logs.exhibit import Cell
from parity.package.printed import Column, Printed

#: How many others must show with how many decimals a table prints.
FEWEST = 2


def written_alike(exhibit: Printed) -> Printed:
    """A table of estimates, each number as those beside it say that it is meant."""
    if exhibit.kind != "estimates":
        return exhibit
    cells = [c for column in exhibit.columns for c in _numbers(column)]
    least = {kind: _decimals([c for c in cells if _kind(c) == kind]) for kind in {_kind(c) for c in cells}}
    if least.get("coef") == 0:  # the only one, or whole numbers all
        least["coef"] = _decimals(cells)
    return replace(exhibit, columns=tuple(_meant(column, least) for column in exhibit.columns))


def _numbers(column: Column) -> list[Cell]:
    return [c for row in column.rows for c in row.cells if c.number is not None]


def _meant(column: Column, least: Mapping[str, int]) -> Column:
    bare = {_kind(c) for c in _numbers(column) if "%" not in c.text}

    def meant(cell: Cell) -> Cell:
        n, kind = cell.number, _kind(cell)
        if n is None:
            return cell
        if "%" in cell.text and kind in bare:
            return replace(cell, number=PrintedNumber(n.text, n.value / 100, n.half_unit / 100))
        if _one_digit(cell) and least[kind]:
            return replace(cell, number=PrintedNumber(n.text, n.value, 0.5 * 10.0 ** -least[kind]))
        return cell

    return replace(column, rows=tuple(replace(row, cells=tuple(map(meant, row.cells))) for row in column.rows))


def _kind(cell: Cell) -> str:
    return cell.bracket or cell.kind


def _one_digit(cell: Cell) -> bool:
    return cell.number is not None and cell.number.half_unit == 0.5 and abs(cell.number.value) < 10


def _decimals(cells: Sequence[Cell]) -> int:
    """The fewest decimals of all that are no whole number of one digit; 0 where too few are left to tell."""
    others = list(_others(cells))
    return min(others) if len(others) >= FEWEST else 0


def _others(cells: Sequence[Cell]) -> Iterator[int]:
    for cell in cells:
        if cell.number is not None and not _one_digit(cell):
            yield cell.number.decimals if cell.number.half_unit < 0.5 else 0
