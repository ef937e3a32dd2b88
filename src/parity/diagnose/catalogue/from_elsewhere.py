"""Edits that put the numbers of another row, or of another column, where a term's own belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from parity.diagnose.catalogue.edits import ROW, Edit, concerns
from parity.diagnose.numbers import Numbers


def _places(terms: tuple[str, ...], of: Mapping[str, str]) -> np.ndarray:
    """(k,) the place of each term, or of that whose numbers it has; a name that isn't there leaves a term its own."""
    return np.array([terms.index(of[t]) if of.get(t) in terms else i for i, t in enumerate(terms)], dtype=int)


@dataclass(frozen=True)
class RowOf(Edit):
    """The row of one term shows the numbers of another."""

    moves_estimate: ClassVar[bool] = False
    term: str
    other: str
    quantities: tuple[str, ...] = ROW

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in self.quantities and term == self.term

    def from_elsewhere(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        both = "coef" in self.quantities and {self.term, self.other} <= set(terms)
        return _places(terms, {self.term: self.other} if both else {}), np.full(len(terms), np.nan)

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

    def from_elsewhere(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        return _places(terms, self._names), np.full(len(terms), np.nan)

    @property
    def _names(self) -> Mapping[str, str]:
        return {self.term: self.other, self.other: self.term}

    def numbers(self, numbers: Numbers) -> Numbers:
        return replace(numbers, terms=tuple(self._names.get(t, t) for t in numbers.terms))


@dataclass(frozen=True)
class FromColumn(Edit):
    """Numbers of one term, or of the whole table, are those of another column: (quantity, term, value) each."""

    moves_estimate: ClassVar[bool] = False
    values: tuple[tuple[str, str, float], ...]

    def touches(self, quantity: str, term: str) -> bool:
        return any((quantity, term) == (q, t) for q, t, _ in self.values)

    def from_elsewhere(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        coefficients = {term: value for quantity, term, value in self.values if quantity == "coef"}
        return np.arange(len(terms)), np.array([coefficients.get(t, np.nan) for t in terms], dtype=float)

    def numbers(self, numbers: Numbers) -> Numbers:
        columns: dict[str, np.ndarray] = {}
        for quantity, term, value in self.values:
            if quantity == "f":
                columns[quantity] = np.asarray(value)
            elif term in numbers.terms:
                column = columns.setdefault(quantity, getattr(numbers, quantity).copy())
                column[numbers.terms.index(term)] = value
        return numbers.showing(**columns)
