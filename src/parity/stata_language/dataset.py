"""A data set as Stata holds it: columns with storage types and labels, an order, a panel; what can't be trusted in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.values import Doubles, Texts

Doubts = frozenset[str]
NO_DOUBTS: Doubts = frozenset()


class DataProblem(Exception):
    """What Stata would answer with an error; `code` is its return code."""

    def __init__(self, message: str, code: int = 198):
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Column:
    """One variable. values: doubles, already rounded to `kind`, or texts; never changed in place.

    kind: byte, int, long, float, double, str1 ... str2045, strL. doubts: findings that make its values uncertain.
    """

    values: Doubles | Texts
    kind: str
    format: str = ""
    label: str = ""
    value_label: str = ""
    doubts: Doubts = NO_DOUBTS

    @property
    def text(self) -> bool:
        return self.kind.startswith("str")

    @property
    def numbers(self) -> Doubles:
        """Its values where they must be numbers. Raises `DataProblem` 109."""
        if self.text:
            raise DataProblem("type mismatch", 109)
        return self.values  # type: ignore[return-value]

    def taken(self, rows: NDArray) -> Column:
        """Its values at positions or under a mask."""
        return replace(self, values=self.values[rows])


@dataclass(frozen=True)
class Panel:
    """`xtset unit time`: unit "" for a single series; delta is the distance of neighbouring periods."""

    unit: str = ""
    time: str = ""
    delta: float = 1.0


@dataclass(frozen=True)
class Dataset:
    """Columns in their order, all of `rows` values.

    value_labels: name -> {number: text}. sorted_by: columns the rows are ordered by; tied: rows alike in all of them
    stand in an order that Stata draws anew. doubts: of the rows themselves, whatever the column.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    rows: int = 0
    value_labels: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    sorted_by: tuple[str, ...] = ()
    tied: bool = False
    panel: Panel = Panel()
    label: str = ""
    path: str = ""
    doubts: Doubts = NO_DOUBTS
    characteristics: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise DataProblem(f"variable {name} not found", 111) from None

    def with_columns(self, new: Mapping[str, Column]) -> Dataset:
        """Columns set anew in their places, or added behind; what was sorted by a changed one is sorted no more."""
        kept = self.sorted_by
        for i, name in enumerate(kept):
            if name in new and not np.array_equal(self.columns[name].values, new[name].values):
                kept = kept[:i]
                break
        rows = len(next(iter(new.values())).values) if new and not self.columns else self.rows
        return replace(self, columns={**self.columns, **new}, rows=rows, sorted_by=kept)

    def without(self, names: Iterable[str]) -> Dataset:
        gone = set(names)
        kept = tuple(self.sorted_by)
        for i, name in enumerate(kept):
            if name in gone:
                kept = kept[:i]
                break
        panel = self.panel if not gone & {self.panel.unit, self.panel.time} else Panel()
        return replace(self, columns={n: c for n, c in self.columns.items() if n not in gone}, sorted_by=kept, panel=panel)

    def taken(self, rows: NDArray, *, ordered: bool = True) -> Dataset:
        """The rows at these positions, or under a mask. ordered: they keep their order."""
        columns = {name: column.taken(rows) for name, column in self.columns.items()}
        n = int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)
        return replace(
            self, columns=columns, rows=n, sorted_by=self.sorted_by if ordered else (), tied=self.tied and ordered
        )

    def renamed(self, new: Mapping[str, str]) -> Dataset:
        def name(old: str) -> str:
            return new.get(old, old)

        columns = {name(n): c for n, c in self.columns.items()}
        if len(columns) != len(self.columns):
            raise DataProblem("two variables would have one name", 110)
        panel = replace(self.panel, unit=name(self.panel.unit), time=name(self.panel.time))
        return replace(self, columns=columns, sorted_by=tuple(map(name, self.sorted_by)), panel=panel)

    def labels_of(self, name: str) -> Mapping[float, str]:
        """The value labels of a variable; empty where it has none."""
        return self.value_labels.get(self[name].value_label, {})

    def doubted(self, doubt: str) -> Dataset:
        """With a doubt about its rows."""
        return replace(self, doubts=self.doubts | {doubt})


def text_kind(values: Texts) -> str:
    """The shortest str type that holds these texts, counted in bytes."""
    longest = max((len(v.encode()) for v in values), default=1)
    return f"str{max(longest, 1)}" if longest <= 2045 else "strL"
