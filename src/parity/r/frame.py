"""Values that cross the border between Python and R: typed columns, frames of them, and what a request is made of.

A `Column` is one R vector; its kind says which, so that an empty string and a missing one, or NaN and NA, stay apart.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["double", "integer", "text", "factor", "logical", "date"]

NA_INTEGER = -(2**31)  # R's NA of integers, factor codes and logicals
NA_DOUBLE_BITS = 0x7FF00000000007A2  # a NaN whose lower word is 1954
_LARGEST = 2**53
_EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Column:
    """One R vector.

    kind     values (shape (n,), or (rows, columns) for a matrix)
    double   float64; NA is a NaN with R's mark, NaN is any other
    integer  int32; NA is `NA_INTEGER`
    logical  int32 of 0, 1, NA
    factor   int32 codes from 1 into `levels`, or NA; `ordered` as in R
    date     float64 days since 1970-01-01
    text     object array of str, None where NA

    names: the vector's names, if it has any. Two columns are equal if they agree bit by bit.
    """

    kind: Kind
    values: np.ndarray
    levels: tuple[str, ...] = ()
    names: tuple[str, ...] | None = None
    ordered: bool = False

    @classmethod
    def double(cls, values: Iterable[float | None] | np.ndarray, names: Sequence[str] | None = None) -> Column:
        """Doubles; None becomes NA. A two-dimensional array becomes a matrix."""
        if not isinstance(values, np.ndarray):
            given = list(values)
            array = np.array([np.nan if v is None else v for v in given], dtype=np.float64)
            array.view(np.uint64)[[v is None for v in given]] = NA_DOUBLE_BITS
            values = array
        return cls("double", np.asarray(values, dtype=np.float64), names=_names(names))

    @classmethod
    def integer(cls, values: Iterable[int | None], names: Sequence[str] | None = None) -> Column:
        """Integers; None becomes NA. Raises `ValueError` beyond R's 32 bits (send doubles instead)."""
        wide = np.array([NA_INTEGER if v is None else v for v in values], dtype=np.int64)
        if wide.size and (wide.max() > -NA_INTEGER - 1 or wide.min() < NA_INTEGER):
            raise ValueError("an integer is beyond R's 32 bits")
        return cls("integer", wide.astype(np.int32), names=_names(names))

    @classmethod
    def whole(cls, values: np.ndarray) -> Column:
        """Whole numbers without NA: integers where R's 32 bits hold them, else doubles. Raises beyond 2^53."""
        array = np.asarray(values)
        low, high = (int(array.min()), int(array.max())) if array.size else (0, 0)
        if low > NA_INTEGER and high < -NA_INTEGER:
            return cls("integer", array.astype(np.int32))
        if max(-low, high) > _LARGEST:
            raise ValueError(f"a whole number beyond 2^53 ({max(-low, high)}) has no exact double")
        return cls("double", array.astype(np.float64))

    @classmethod
    def text(cls, values: Iterable[str | None], names: Sequence[str] | None = None) -> Column:
        """Text; None becomes NA, which is not the empty string."""
        given = list(values)
        array = np.empty(len(given), dtype=object)
        array[:] = given
        return cls("text", array, names=_names(names))

    @classmethod
    def logical(cls, values: Iterable[bool | None]) -> Column:
        """Truth values; None becomes NA."""
        return cls("logical", np.array([NA_INTEGER if v is None else int(v) for v in values], dtype=np.int32))

    @classmethod
    def factor(cls, values: Iterable[str | None], levels: Sequence[str], ordered: bool = False) -> Column:
        """A factor; levels keep their order, used or not. Raises `KeyError` for a value that is no level."""
        position = {level: i + 1 for i, level in enumerate(levels)}
        codes = [NA_INTEGER if v is None else position[v] for v in values]
        return cls("factor", np.array(codes, dtype=np.int32), tuple(levels), ordered=ordered)

    @classmethod
    def date(cls, values: Iterable[datetime.date | None]) -> Column:
        """Calendar dates; None becomes NA."""
        return cls("date", cls.double([None if v is None else float((v - _EPOCH).days) for v in values]).values)

    def __len__(self) -> int:
        return self.values.size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Column):
            return NotImplemented
        same = (self.kind, self.levels, self.names, self.ordered, self.values.shape) == (
            other.kind, other.levels, other.names, other.ordered, other.values.shape,
        )  # fmt: skip
        if self.kind == "text":
            return same and self.values.tolist() == other.values.tolist()
        return same and self.values.tobytes() == other.values.tobytes()

    __hash__ = None  # type: ignore[assignment]

    def is_na(self) -> np.ndarray:
        """Mask of R's NA; a plain NaN is not one of them."""
        if self.kind == "text":
            return np.array([v is None for v in self.values.flat], dtype=bool).reshape(self.values.shape)
        if self.kind in ("double", "date"):
            return np.isnan(self.values) & (self.values.view(np.uint64) & 0xFFFFFFFF == NA_DOUBLE_BITS & 0xFFFFFFFF)
        return self.values == NA_INTEGER

    def to_list(self) -> list[Any]:
        """Python values in R's order (columns of a matrix one after the other), None where NA."""
        read = {
            "integer": int, "double": float, "text": str, "logical": bool,
            "factor": lambda code: self.levels[code - 1],
            "date": lambda day: _EPOCH + datetime.timedelta(days=int(np.floor(day))),
        }[self.kind]  # fmt: skip
        pairs = zip(self.values.ravel("F"), self.is_na().ravel("F"), strict=True)
        return [None if na else read(value) for value, na in pairs]

    def one(self) -> Any:
        """The only value (None where NA). Raises `ValueError` if there isn't exactly one."""
        if len(self) != 1:
            raise ValueError(f"expected one value, R sent {len(self)}")
        return self.to_list()[0]


@dataclass(frozen=True)
class Frame:
    """A data frame: columns of equal length under their names. Raises `ValueError` where lengths differ."""

    columns: Mapping[str, Column]

    def __post_init__(self) -> None:
        lengths = {len(c) for c in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {', '.join(map(str, sorted(lengths)))}")

    @property
    def nrow(self) -> int:
        return len(next(iter(self.columns.values()))) if self.columns else 0


#: NULL, a vector of one, a vector, a data frame, an unnamed list, a named list.
RequestValue = None | bool | int | float | str | Column | Frame | Sequence["RequestValue"] | Mapping[str, "RequestValue"]


def _names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
