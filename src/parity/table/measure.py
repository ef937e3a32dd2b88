"""How wide a grid is on a page, before any program sets it: in half ems, of which a Chinese character has two."""

from __future__ import annotations

from wcwidth import wcswidth, wrap

from parity.table.grid import Cell, Grid

#: A heading over one column longer than this is broken into lines; a label may take so much before it is.
WIDEST_HEADING, WIDEST_LABEL = 14, 36
#: Marks with which no Chinese line begins.
_NEVER_FIRST = tuple("）】》」”，。；：、？！%")


def broken(text: str, width: int) -> list[str]:
    """Lines of at most so many half ems, where there is a place to break: before a Chinese bracket, if that is enough."""
    before, bracket, inside = text.partition("（")
    parts = [before, bracket + inside]
    if wide(text) > width and before and bracket and max(map(wide, parts)) <= width:
        return parts
    lines = wrap(text, width, break_on_hyphens=False) or [""]
    for i in range(1, len(lines)):
        while lines[i][:1] in _NEVER_FIRST and len(lines[i - 1]) > 1:
            lines[i - 1], lines[i] = lines[i - 1][:-1], lines[i - 1][-1] + lines[i]
    return lines


def heading(cell: Cell) -> list[str]:
    return broken(cell.text, WIDEST_HEADING * max(cell.span, 1))


def widths(grid: Grid) -> tuple[int, list[int]]:
    """Of the labels and of each column. A cell over several columns widens them alike."""
    label = max((wide(line) for row in (*grid.heads, *grid.body) for line in broken(row.label, WIDEST_LABEL)), default=0)
    columns = [0] * grid.width
    cells = [(i, c, heading(c)) for row in grid.heads for i, c in enumerate(row.cells)]
    # stars are raised and small
    cells += [(i, c, [c.text + c.stars, c.below]) for row in grid.body for i, c in enumerate(row.cells)]
    for i, cell, lines in cells:
        if cell.span == 1:
            columns[i] = max(columns[i], *map(wide, lines))
    for i, cell, lines in cells:
        if cell.span > 1:
            lack = max(map(wide, lines)) - sum(columns[i : i + cell.span])
            for j in range(i, i + cell.span):
                columns[j] += max(0, -(-lack // cell.span))
    return label, columns


def wide(text: str) -> int:
    return max(wcswidth(text), 0)
