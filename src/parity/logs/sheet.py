"""A table as a grid of texts with their places: what every format is brought to before anything is understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from parity.logs.exhibit import Place

#: A table of more cells is data, not a table.
MOST_CELLS = 200_000
MOST_COLUMNS = 500


class TooLarge(ValueError):
    """More cells than a table has, or markup nested deeper than a table is."""


@dataclass(frozen=True)
class Item:
    """A cell of the grid: its text with markup taken off, and how many columns it covers."""

    text: str
    place: Place
    span: int = 1


@dataclass(frozen=True)
class Sheet:
    """rows: all of one width; a cell stands in the first of the columns it covers, None in the others and where nothing is.

    above, below  lines of text before and behind it, with their places; title: of a caption, "" if none
    writer        the program that made it, where the file says
    refused       why it wasn't read, "" if it was
    """

    rows: tuple[tuple[Item | None, ...], ...]
    format: str
    place: Place
    title: str = ""
    above: tuple[Item, ...] = ()
    below: tuple[Item, ...] = ()
    writer: str = ""
    refused: str = ""

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0


@dataclass
class Grid:
    """Rows while they are read. An item that spans columns leaves the next ones empty."""

    rows: list[list[Item | None]] = field(default_factory=list)
    cells: int = 0

    def add(self, items: Iterable[Item | None]) -> None:
        row: list[Item | None] = []
        for item in items:
            row.append(item)
            span = min(item.span, 200) if item is not None else 1
            row += [None] * (span - 1)
        self.cells += len(row)
        if self.cells > MOST_CELLS:
            raise TooLarge(f"more than {MOST_CELLS:,} cells: this is data, not a table")
        self.rows.append(row)

    def done(self) -> tuple[tuple[Item | None, ...], ...]:
        """Rows of one width, without blank columns at the left and at the right."""
        width = max(map(len, self.rows), default=0)
        if width > MOST_COLUMNS:
            raise TooLarge(f"{width:,} columns: this is data, not a table")
        full = [row + [None] * (width - len(row)) for row in self.rows]
        used = [j for j in range(width) if any(row[j] is not None and row[j].text for row in full)]
        if not used:
            return ()
        return tuple(tuple(row[used[0] : used[-1] + 1]) for row in full)


_NOTE = re.compile(
    r"parenthes|\bbrackets|p ?[<=] ?0?\.|\*\*|^notes?\b|significan|standard errors?|注[:：]|括号", re.IGNORECASE
)


def is_note(text: str) -> bool:
    """Whether a paragraph reads like the note of a table."""
    return bool(_NOTE.search(text))


def around(flow: Sequence[Item | Sheet]) -> Iterator[Sheet]:
    """Tables of a document with the paragraphs around them: of those between two tables, the ones that read like notes are
    of the first, the others stand above the second; the last before a table is its title."""
    tables = [i for i, part in enumerate(flow) if isinstance(part, Sheet)]
    for k, i in enumerate(tables):
        sheet = flow[i]
        assert isinstance(sheet, Sheet)
        before = flow[tables[k - 1] + 1 if k else 0 : i]
        behind = flow[i + 1 : tables[k + 1] if k + 1 < len(tables) else len(flow)]
        last = k + 1 == len(tables)
        above = tuple(item for item in before if isinstance(item, Item) and (k == 0 or not is_note(item.text)))
        below = tuple(item for item in behind if isinstance(item, Item) and (last or is_note(item.text)))
        yield replace(sheet, title=sheet.title or (above[-1].text if above else ""), above=above[-4:], below=below[:12])
