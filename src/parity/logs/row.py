"""A row of a grid: its label, and what stands in its cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.logs.exhibit import NotUnderstood, Place
from parity.logs.grid_cells import Content, contents
from parity.logs.sheet import Item, Sheet, is_note
from parity.printed.table import kind_of_row

_NOTE = re.compile(r"(?:notes?|sources?|sig\w*\.? codes?|signif\w*)\s*[.:]*", re.IGNORECASE)
#: In brackets or with decimals: below a row, a number that can't be read and no head.
NO_HEAD = re.compile(r"[-+]?[(\[{|]|[-+]?\d*\.\d")
#: Digits with a sign between them that no number has: `0'570***`.
_PARTED = re.compile(r"[-+]?[(\[]?[-+]?\d{1,4}[^\w\s/:–-]{1,2}\d+[)\]]?\**")


@dataclass(frozen=True)
class Line:
    """A row of the grid. label: of its first column(s); cells: what stands in the others"""

    label: str
    cells: tuple[Content, ...]
    place: Place
    spans: int = 1

    @property
    def numbers(self) -> bool:
        return any(c.tokens for c in self.cells)

    @property
    def words(self) -> bool:
        return any(c.text and not c.tokens and not c.stars for c in self.cells)

    @property
    def bracketed(self) -> bool:
        return self.numbers and all(t.bracket or c.kind for c in self.cells for t in c.tokens)

    @property
    def alone(self) -> bool:
        """Only one text, whether of its label or of a cell over all columns."""
        return sum(bool(c.text) for c in self.cells) + bool(self.label) == 1

    @property
    def note(self) -> bool:
        """Whether it is part of the notes: a lone text that reads so, or `Note:` with words beside it."""
        if self.numbers:
            return False
        return bool(_NOTE.fullmatch(self.label)) or (self.alone and is_note(self.text))

    @property
    def text(self) -> str:
        return " ".join(filter(None, (self.label, *(c.text for c in self.cells))))


def line_of(row: Sequence[Item | None], labels: int, comma: bool, place: Place) -> Line:
    head = [item for item in row[:labels] if item is not None and item.text]
    cells = contents(row[labels:], comma)
    at = next((item.place for item in row if item is not None and item.text), place)
    spans = max((item.span for item in row if item is not None and item.text), default=1)
    label = " ".join(contents([item], comma)[0].text for item in head)
    return Line(label, cells, at, spans)


def unread_heads(head: Sequence[Line]) -> list[NotUnderstood]:
    """What stands above the first row that can be read, beside a name or in brackets, and is meant as a number."""
    return [
        NotUnderstood(c.text, f"row `{line.label}`: is no number", c.place or line.place, True)
        for line in head for c in line.cells
        if not c.tokens and (line.label or c.text[:1] in ("(", "[")) and _PARTED.fullmatch(c.text)
    ]  # fmt: skip


def label_columns(sheet: Sheet, comma: bool) -> int:
    """How many columns at the left hold names: the first, and others behind it that hold words and no numbers."""
    width = sheet.width
    if width < 3:
        return min(1, width)
    columns = [
        [row[j] for row in sheet.rows if row[j] is not None and row[j].text and row[j].span == 1] for j in range(width)
    ]
    numeric = [sum(bool(c.tokens) for c in contents(column, comma)) for column in columns]
    labels = 1
    while labels < width - 1 and len(columns[labels]) >= 2 and not numeric[labels] and any(numeric[labels + 1 :]):
        beside = sum(
            row[labels] is not None
            and bool(row[labels].text)
            and any(item is not None and item.text for item in row[:labels])
            for row in sheet.rows
        )
        own = any(columns[:labels])  # else they hold a title over the whole table
        if own and beside * 2 < len(columns[labels]) and not any(kind_of_row(item.text) for item in columns[labels] if item):
            break
        labels += 1
    return labels
