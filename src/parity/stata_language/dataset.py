"""A data set as Stata holds it: columns with storage types and labels, an order, a panel; what can't be trusted in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from parity.base.errors import suggest
from parity.stata_language.values import Doubles, Texts

Doubts = frozenset[str]
NO_DOUBTS: Doubts = frozenset()


class DataProblem(Exception):
    """What Stata would answer with an error; `code` is its return code."""

    def __init__(self, message: str, code: int = 198):
        super().__init__(message)
        self.code = code


class NotFound(DataProblem):
    """A variable that isn't there; known: those that are."""

    def __init__(self, name: str, known: Iterable[str]):
        super().__init__(f"variable {name} not found", 111)
        self.name, self.known = name, tuple(known)

    @property
    def remedy(self) -> str:
        """What may have been meant, as a half-sentence; empty where nothing is near."""
        return misplaced(self.name) or suggest(self.name, self.known)


class Unstored(DataProblem):
    """An estimation result that isn't stored."""

    def __init__(self, name: str):
        super().__init__(f"estimation result {name} not found", 111)
        self.name = name


def misplaced(word: str) -> str:
    """What a word that stands among variables and can't be one seems to be, as a half-sentence: an option, a weight."""
    option, bracket, _ = word.partition("(")
    if bracket and option.isidentifier():
        return f": a comma is missing before the options, which `{option}()` seems to be one of"
    if word.startswith("["):
        return ": weights are [aweight = w], [fweight = w] or [pweight = w]"
    return ""


class UnknownFunction(DataProblem):
    """A function that isn't known here: Stata may have it, so nobody is said to have made a mistake."""


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
        return self.picked(Rows(rows), {})

    def picked(self, rows: Rows, composed: dict[int, Rows]) -> Column:
        """The same, when they are first read: most columns are sorted many times before anybody looks at them.

        composed: rows that were taken before -> those with these behind them, shared by the columns of a data set
        """
        source: Column = self
        if isinstance(self, _Picked) and "values" not in self.__dict__:
            source, before = self.__dict__["_source"], self.__dict__["_rows"]
            rows = composed.setdefault(id(before), Rows(rows.array, before, rows, gaps=before.gaps or rows.gaps))
        return _picked(source, rows)


class Rows:
    """Positions or a mask, perhaps behind others that are put together when they are first needed.

    gaps: whether positions of -1 may be among them, where no row is and the value is missing
    """

    def __init__(self, array: NDArray, before: Rows | None = None, behind: Rows | None = None, *, gaps: bool = False):
        self._array, self._before, self._behind, self.gaps = array, before, behind, gaps

    @property
    def array(self) -> NDArray:
        if self._before is not None and self._behind is not None:
            first = self._before.array
            first = np.flatnonzero(first) if first.dtype == bool else first
            self._array, self._before, self._behind = _at(first, self._behind, -1), None, None
        return self._array


def _at(values: NDArray, rows: Rows, absent: object) -> NDArray:
    """values at these rows, and `absent` where there is none."""
    if not rows.gaps:
        return values[rows.array]
    if not len(values):
        return np.full(len(rows.array), absent, dtype=values.dtype)
    found = values[rows.array]
    found[rows.array < 0] = absent
    return found


class _Picked(Column):
    """A column whose values are taken from another's when they are first read."""

    def __getattr__(self, name: str) -> NDArray:
        held = self.__dict__
        if name != "values" or "_source" not in held:
            raise AttributeError(name)
        values = _at(held["_source"].values, held["_rows"], "" if held["_source"].text else np.nan)
        held["values"] = values
        del held["_source"], held["_rows"]
        return values

    def __reduce__(self):
        return Column, (self.values, self.kind, self.format, self.label, self.value_label, self.doubts)


def _picked(source: Column, rows: Rows) -> Column:
    made = object.__new__(_Picked)
    made.__dict__.update(
        kind=source.kind, format=source.format, label=source.label, value_label=source.value_label, doubts=source.doubts,
        _source=source, _rows=rows,
    )  # fmt: skip
    return made


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
    stand in an order that Stata draws anew. doubts: of the rows themselves, whatever the column. characteristics: by
    `x[omit]`, of the data by `_dta[name]`. places: where each row stood at estimations, see `parity.stata.sample_now`.
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
    places: Mapping[int, NDArray[np.int64]] = field(default_factory=dict, compare=False, repr=False)

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise NotFound(name, self.columns) from None

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
        picked, composed = Rows(rows), {}
        columns = {name: column.picked(picked, composed) for name, column in self.columns.items()}
        n = int(np.count_nonzero(rows)) if rows.dtype == bool else len(rows)
        return replace(
            self, columns=columns, rows=n, sorted_by=self.sorted_by if ordered else (), tied=self.tied and ordered,
            places={token: at[picked.array] for token, at in self.places.items() if len(at) == self.rows},
        )  # fmt: skip

    def renamed(self, new: Mapping[str, str]) -> Dataset:
        def name(old: str) -> str:
            return new.get(old, old)

        columns = {name(n): c for n, c in self.columns.items()}
        if len(columns) != len(self.columns):
            raise DataProblem("two variables would have one name", 110)
        panel = replace(self.panel, unit=name(self.panel.unit), time=name(self.panel.time))
        said = {f"{name(k.partition('[')[0])}[{k.partition('[')[2]}": text for k, text in self.characteristics.items()}
        sorted_by = tuple(map(name, self.sorted_by))
        return replace(self, columns=columns, sorted_by=sorted_by, panel=panel, characteristics=said)

    def labels_of(self, name: str) -> Mapping[float, str]:
        """The value labels of a variable; empty where it has none."""
        return self.value_labels.get(self[name].value_label, {})

    def doubted(self, doubt: str) -> Dataset:
        """With a doubt about its rows."""
        return replace(self, doubts=self.doubts | {doubt})

    def doubted_columns(self, changed: Mapping[str, Column], doubts: Doubts) -> Dataset:
        """With doubts about these of its columns."""
        made = {name: replace(column, doubts=column.doubts | doubts) for name, column in changed.items()}
        return replace(self, columns={**self.columns, **made})


def text_kind(values: Texts) -> str:
    """The shortest str type that holds these texts, counted in bytes."""
    longest = max((len(v.encode()) for v in values), default=1)
    return f"str{max(longest, 1)}" if longest <= 2045 else "strL"
