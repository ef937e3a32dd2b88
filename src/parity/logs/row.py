"""A row of a grid: its label, and what stands in its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parity.logs.exhibit import Place
from parity.logs.grid_cells import Content
from parity.logs.sheet import is_note

_NOTE = re.compile(r"(?:notes?|sources?|sig\w*\.? codes?|signif\w*)\s*[.:]*", re.IGNORECASE)


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
