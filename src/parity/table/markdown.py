"""A grid as a Markdown table; what stands in parentheses is in the same cell, on a line of its own."""

from __future__ import annotations

from parity.report.markdown import escape
from parity.table.grid import Cell, Grid, Row, at_most, blocks

MOST_COLUMNS = 8


def to_markdown(grids: list[Grid]) -> str:
    return "\n\n".join(_table(grid) for grid in grids) + "\n"


def _table(grid: Grid) -> str:
    parts = [f"**{escape(grid.title)}**"]
    parts += ["\n".join(_lines(piece)) for piece in blocks(grid, at_most(MOST_COLUMNS))]
    return "\n\n".join([*parts, "  \n".join(f"<sub>{escape(note)}</sub>" for note in grid.notes)])


def _lines(grid: Grid) -> list[str]:
    *upper, numbers = grid.heads
    head = _line(numbers, numbers.cells)
    # Markdown has one row of headings: the numbers; what stands above them comes first in the body, in bold
    above = [_line(row, row.cells, bold=True) for row in upper]
    return [head, "|:--|" + ":-:|" * grid.width, *above, *(_line(row, row.cells) for row in grid.body)]


def _line(row: Row, cells: tuple[Cell, ...], bold: bool = False) -> str:
    texts = [_cell(c) for c in cells]
    if bold:
        texts = [f"**{t}**" if t else "" for t in texts]
    return f"| {' | '.join([escape(row.label), *texts])} |"


def _cell(cell: Cell) -> str:
    text = escape(cell.text) + escape(cell.stars)
    return f"{text}<br>{escape(cell.below)}" if cell.below else text
