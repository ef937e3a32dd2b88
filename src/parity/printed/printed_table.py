"""A printed table as a value: terms, columns, the numbers of each cell, and every number that stands in none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from parity.printed.cells import Number

#: Why numbers stand in no row of a term: the row is about the whole column, or nobody could read it.
STATISTIC = "not compared"
UNKNOWN = "not understood"


@dataclass(frozen=True)
class Row:
    """A term as the table calls it, and its numbers in every column."""

    label: str
    cells: tuple[tuple[Number, ...], ...]


@dataclass(frozen=True)
class Leftover:
    """What was seen and not read as numbers of a term.

    label: of its row; cells: texts in every column; line: its number, 0 where lines don't count; reason: why it is unread
    """

    label: str
    cells: tuple[tuple[str, ...], ...]
    why: str = STATISTIC
    line: int = 0
    reason: str = ""

    def count(self, column: int) -> int:
        """How many numbers it has there."""
        texts = self.cells[column]
        return len(texts) if self.why == STATISTIC else _numbers(texts)

    def words(self, column: int) -> str:
        """`R-sq 0.912`, or ``line 14: `x | .08A9 ...` (`.08A9` is no number)``."""
        numbers = " ".join(self.cells[column])
        if self.why == STATISTIC:
            return f"{self.label} {numbers}".strip()
        where = f"line {self.line}: " if self.line else f"row `{self.label}`: " if self.label else ""
        return f"{where}`{' '.join(numbers.split())}`{f' ({self.reason})' if self.reason else ''}"


def _numbers(texts: Iterable[str]) -> int:
    return sum(any(c.isdigit() for c in word) for text in texts for word in text.split())


@dataclass(frozen=True)
class PrintedTable:
    """columns     headings, "(1)" and the like, joined where a column has several
    rows        terms in the order of the table
    nobs        number of observations of each column as text, "" where it has none
    announced   bracket -> what the table says stands in it: "se", "t" or "p"
    stars       cuts of p that the table announces, from one star up; None if it announces none
    leftovers   every other number: of statistics such as R2, and what was not understood
    f           F that all slopes are zero, of each column that says so, with its number of slopes: ("28.12", 2)
    notes       of each column, label -> why the row has no number: "omitted", "base"
    cut         of each column, the line behind which its end is missing; 0 where it is whole
    outside     numbers of lines with digits that are no part of the table
    printed_by  the software whose output it is, where its form tells: "stata"
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    nobs: tuple[str, ...]
    announced: dict[str, str] = field(default_factory=dict)
    stars: tuple[float, ...] | None = None
    leftovers: tuple[Leftover, ...] = ()
    f: tuple[tuple[str, int] | None, ...] = ()
    notes: tuple[dict[str, str], ...] = ()
    cut: tuple[int, ...] = ()
    outside: tuple[int, ...] = ()
    printed_by: str = ""

    @property
    def statistics(self) -> tuple[str, ...]:
        """Labels of rows about the whole column, such as R2."""
        return tuple(dict.fromkeys(left.label for left in self.leftovers if left.why == STATISTIC and left.label))

    def numbers(self, column: int) -> int:
        """How many numbers stand in a column, read or not."""
        of_rows = sum(len(row.cells[column]) for row in self.rows)
        left = sum(left.count(column) for left in self.leftovers)
        return of_rows + left + bool(self.nobs[column]) + bool(self.f and self.f[column])
