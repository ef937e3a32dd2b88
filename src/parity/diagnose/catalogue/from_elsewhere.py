"""Edits that put the numbers of another row, or of another column, where a term's own belong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from parity.diagnose.catalogue.edits import ROW, Edit, concerns
from parity.diagnose.numbers import Numbers


@dataclass(frozen=True)
class RowOf(Edit):
    """The row of one term shows the numbers of another."""

    moves_estimate: ClassVar[bool] = False
    term: str
    other: str
    quantities: tuple[str, ...] = ROW

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in self.quantities and term == self.term

    def numbers(self, numbers: Numbers) -> Numbers:
        if self.term not in numbers.terms or self.other not in numbers.terms:
            return numbers
        i, j = numbers.terms.index(self.term), numbers.terms.index(self.other)

        def column(quantity: str):
            def copied(before: Numbers) -> np.ndarray:
                values = getattr(before, quantity).copy()
                values[i] = values[j]
                return values

            return copied

        return numbers.showing(**{q: column(q) for q in self.quantities})


@dataclass(frozen=True)
class RowsSwapped(Edit):
    """Two rows of the table under each other's names, covariances included."""

    moves_estimate: ClassVar[bool] = True
    term: str
    other: str

    def touches(self, quantity: str, term: str) -> bool:
        return concerns(self.term, term) or concerns(self.other, term)

    def numbers(self, numbers: Numbers) -> Numbers:
        names = {self.term: self.other, self.other: self.term}
        return replace(numbers, terms=tuple(names.get(t, t) for t in numbers.terms))


@dataclass(frozen=True)
class FromColumn(Edit):
    """Numbers of one term, or of the whole table, are those of another column: (quantity, term, value) each."""

    moves_estimate: ClassVar[bool] = False
    values: tuple[tuple[str, str, float], ...]

    def touches(self, quantity: str, term: str) -> bool:
        return any((quantity, term) == (q, t) for q, t, _ in self.values)

    def numbers(self, numbers: Numbers) -> Numbers:
        columns: dict[str, np.ndarray] = {}
        for quantity, term, value in self.values:
            if quantity == "f":
                columns[quantity] = np.asarray(value)
            elif term in numbers.terms:
                column = columns.setdefault(quantity, getattr(numbers, quantity).copy())
                column[numbers.terms.index(term)] = value
        return numbers.showing(**columns)
