"""A grid as text for a terminal of 80 columns; wide tables are cut between columns."""

from __future__ import annotations

from parity.report.text import WIDTH, printable, wrapped
from parity.table.grid import Cell, Grid, Row, blocks
from parity.table.measure import broken, wide

#: Blanks between columns; the narrow gap where a piece fits only so.
GAP, NARROW = 2, 1
#: A heading longer than this is broken into lines; so is a label.
WIDEST_HEADING, WIDEST_LABEL = 16, 28


def to_text(grids: list[Grid]) -> str:
    return printable("\n\n".join(_table(grid) for grid in grids)) + "\n"


def _table(grid: Grid) -> str:
    pieces = blocks(grid, lambda piece: _width(piece, NARROW) <= WIDTH)
    shown = [_lines(piece) for piece in pieces]
    title = wrapped(grid.title)
    return "\n".join(
        [title, "", *"\n\n".join("\n".join(lines) for lines in shown).split("\n"), "", *map(wrapped, grid.notes)]
    )


def _width(grid: Grid, gap: int) -> int:
    label, columns = _widths(grid, gap)
    return label + sum(columns) + gap * len(columns)


def _widths(grid: Grid, gap: int) -> tuple[int, list[int]]:
    labels = [wide(line) for row in (*grid.heads, *grid.body) for line in broken(row.label, WIDEST_LABEL)]
    pad = _star_room(grid)
    columns = [0] * grid.width
    for row, room in [*((r, None) for r in grid.heads), *((r, pad) for r in grid.body)]:
        for i, cell in enumerate(row.cells):
            if cell.span == 1:
                columns[i] = max(columns[i], *(map(wide, _head(cell) if room is None else _cell(cell, room[i]))))
    for row in (*grid.heads, *grid.body):  # a cell over several columns widens the last of them
        for i, cell in enumerate(row.cells):
            if cell.span > 1:
                needed = max(map(wide, _head(cell, 16 * cell.span) if row in grid.heads else _cell(cell, 0)))
                there = sum(columns[i : i + cell.span]) + gap * (cell.span - 1)
                columns[i + cell.span - 1] += max(needed - there, 0)
    return max(labels, default=0), columns


def _star_room(grid: Grid) -> list[int]:
    """By column, how many stars stand right of its numbers at most: all numbers end before them."""
    return [max((len(row.cells[i].stars) for row in grid.body), default=0) for i in range(grid.width)]


def _lines(grid: Grid) -> list[str]:
    gap = GAP if _width(grid, GAP) <= WIDTH else NARROW
    label, columns = _widths(grid, gap)
    room = _star_room(grid)
    line = "-" * (label + sum(columns) + gap * len(columns))
    out = [line]
    for row in grid.heads:
        out += _row(row.label, row, label, columns, gap, [_head(c, 16 * max(c.span, 1)) for c in row.cells], centred=True)
        if any(c.span > 1 and c.text for c in row.cells):
            out.append(_under(row, label, columns, gap))
    out.append(line)
    for row in grid.body:
        if row.rule:
            out.append("")
        out += _row(row.label, row, label, columns, gap, [_cell(c, room[i]) for i, c in enumerate(row.cells)])
    return [*(text.rstrip() for text in out), line]


def _row(
    name: str, row: Row, label: int, columns: list[int], gap: int, texts: list[list[str]], centred: bool = False
) -> list[str]:
    names = broken(name, WIDEST_LABEL)
    height = max(len(names), *(len(t) for t in texts))
    out = []
    for at in range(height):
        text = _left(names[at] if at < len(names) else "", label)
        for i, cell in enumerate(row.cells):
            if cell.span == 0:
                continue
            width = sum(columns[i : i + cell.span]) + gap * (cell.span - 1)
            piece = texts[i][at] if at < len(texts[i]) else ""
            middle = centred or cell.span > 1
            text += " " * gap + (_centre(piece, width) if middle else " " * (width - wide(piece)) + piece)
        out.append(text)
    return out


def _under(row: Row, label: int, columns: list[int], gap: int) -> str:
    text = " " * label
    for i, cell in enumerate(row.cells):
        if cell.span:
            width = sum(columns[i : i + cell.span]) + gap * (cell.span - 1)
            text += " " * gap + ("-" if cell.span > 1 and cell.text else " ") * width
    return text


def _head(cell: Cell, width: int = WIDEST_HEADING) -> list[str]:
    return broken(cell.text, width)


def _cell(cell: Cell, room: int) -> list[str]:
    """Lines of a cell, padded at the right so that numbers end in one place; a bracket takes the first star's room."""
    lines = [cell.text + cell.stars.ljust(room)]
    return lines + ([cell.below + " " * max(room - 1, 0)] if cell.below else [])


def _left(text: str, width: int) -> str:
    return text + " " * (width - wide(text))


def _centre(text: str, width: int) -> str:
    free = width - wide(text)
    return " " * (free // 2) + text + " " * (free - free // 2)
