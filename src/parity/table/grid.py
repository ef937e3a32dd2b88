"""A table as a frozen value that every renderer reads: headings, rows of cells, notes; and how it is cut to a width."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from parity.study.words_of_tables import Language


@dataclass(frozen=True)
class Cell:
    """text above below; stars belong to the text. span: how many columns it covers, itself included."""

    text: str = ""
    stars: str = ""
    below: str = ""
    span: int = 1


EMPTY = Cell()
#: Stands where a cell to the left reaches.
COVERED = Cell(span=0)


@dataclass(frozen=True)
class Row:
    """A label and one cell a column. rule: a line is drawn above it."""

    label: str
    cells: tuple[Cell, ...]
    rule: bool = False

    @property
    def empty(self) -> bool:
        return all(not (c.text or c.below) for c in self.cells)


@dataclass(frozen=True)
class Grid:
    """heads: rows of headings, the last of which numbers the columns. verified: whether no column carries a mark.
    language: of its words, and so of the page that a format puts it on."""

    name: str
    title: str
    heads: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: tuple[str, ...]
    verified: bool = True
    language: Language = "en"

    @property
    def width(self) -> int:
        return len(self.heads[-1].cells)

    @property
    def continued(self) -> str:
        """The title over a piece that isn't the first."""
        return f"{self.title}（续）" if self.language == "zh" else f"{self.title} (continued)"


def spread(texts: list[tuple[str, int]]) -> tuple[Cell, ...]:
    """(text, span) side by side -> cells, covered ones filled in."""
    cells: list[Cell] = []
    for text, span in texts:
        cells += [Cell(text, span=span), *(COVERED,) * (span - 1)]
    return tuple(cells)


def cut(grid: Grid, start: int, stop: int) -> Grid:
    """Some neighbouring columns; cells that reach over an end are shortened, rows that are empty there left out."""
    heads = tuple(replace(row, cells=_cut(row.cells, start, stop)) for row in grid.heads)
    body = [replace(row, cells=_cut(row.cells, start, stop)) for row in grid.body]
    kept, rule = [], False
    for row in body:
        rule = rule or row.rule
        if not row.empty:
            kept.append(replace(row, rule=rule))
            rule = False
    return replace(grid, heads=heads, body=tuple(kept))


def _cut(cells: tuple[Cell, ...], start: int, stop: int) -> tuple[Cell, ...]:
    out = list(cells[start:stop])
    if out and out[0].span == 0:
        at = max(i for i in range(start) if cells[i].span)
        out[0] = replace(cells[at], span=cells[at].span - (start - at))
    return tuple(replace(c, span=min(c.span, len(out) - i)) for i, c in enumerate(out))


def blocks(grid: Grid, fits: Callable[[Grid], bool]) -> list[Grid]:
    """The grid in pieces that fit, as few and then as alike as can be, cut between groups of columns where that is
    possible. A single column is never cut."""
    pieces = _blocks(grid, fits)
    for most in range(-(-grid.width // len(pieces)), grid.width):
        alike = _blocks(grid, lambda piece, most=most: piece.width <= most and fits(piece))
        if len(alike) == len(pieces):
            return alike
    return pieces


def _blocks(grid: Grid, fits: Callable[[Grid], bool]) -> list[Grid]:
    out, start = [], 0
    while start < grid.width:
        stop = next((s for s in range(grid.width, start + 1, -1) if fits(cut(grid, start, s))), start + 1)
        whole = [s for s in range(stop, start, -1) if s == grid.width or all(r.cells[s].span for r in _spanned(grid))]
        stop = whole[0] if whole else stop
        out.append(cut(grid, start, stop))
        start = stop
    return out


def _spanned(grid: Grid) -> list[Row]:
    """Rows with cells over several columns, but not over all of them."""
    return [row for row in (*grid.heads, *grid.body) if any(1 < c.span < grid.width for c in row.cells)]


def at_most(columns: int) -> Callable[[Grid], bool]:
    return lambda grid: grid.width <= columns
