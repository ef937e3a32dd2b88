"""Groups of rows: codes of a set of columns, and where groups begin in data that are sorted by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.values import Doubles, codes


@dataclass(frozen=True)
class Groups:
    """Rows in runs: `start` and `size` of each row's group, both per row; rows counted from 0."""

    start: NDArray[np.int64]
    size: NDArray[np.int64]

    @property
    def position(self) -> NDArray[np.int64]:
        """Of each row in its group, from 0."""
        return np.arange(len(self.start)) - self.start

    @property
    def number(self) -> NDArray[np.int64]:
        """Of each row's group, from 0."""
        return np.cumsum(self.position == 0) - 1


def whole(rows: int) -> Groups:
    """All rows as one group."""
    return Groups(np.zeros(rows, dtype=np.int64), np.full(rows, rows, dtype=np.int64))


def runs(data: Dataset, names: Sequence[str]) -> Groups:
    """Groups of `by names:`. Raises `DataProblem` where the data are not sorted by them."""
    if not names:
        return whole(data.rows)
    if data.sorted_by[: len(names)] != tuple(names):
        raise DataProblem("not sorted", 5)
    return runs_of([data[name] for name in names], data.rows)


def runs_of(columns: Sequence[Column], rows: int) -> Groups:
    """Runs of equal neighbours."""
    if rows == 0:
        return whole(0)
    new = np.zeros(rows, dtype=bool)
    new[0] = True
    for column in columns:
        values = column.values
        if column.text:
            new[1:] |= values[1:] != values[:-1]
        else:
            both = np.isnan(values[1:]) & np.isnan(values[:-1])
            differ = (values[1:] != values[:-1]) & ~both
            if both.any():
                letters = codes(np.ascontiguousarray(values))
                differ |= both & (letters[1:] != letters[:-1])
            new[1:] |= differ
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, rows))
    return Groups(np.repeat(starts, sizes), np.repeat(sizes, sizes))


def ranked(column: Column) -> NDArray[np.int64]:
    """Each row's rank among the distinct values, from 0; missing values last, `.` before `.a`; texts by their bytes."""
    import pandas as pd  # half of the time of a start, and needed where there are groups alone

    if column.text:
        found, distinct = pd.factorize(column.values)
        order = sorted(range(len(distinct)), key=lambda i: distinct[i].encode())
        rank = np.empty(len(distinct), dtype=np.int64)
        rank[order] = np.arange(len(distinct))
        return rank[found] if len(found) else found
    values = np.ascontiguousarray(column.values)
    whole_numbers = _counted(values)
    if whole_numbers is not None:
        return _dense(whole_numbers)
    found, distinct = pd.factorize(values)
    order = np.argsort(distinct)
    rank = np.empty(len(distinct) + 1, dtype=np.int64)
    rank[order] = np.arange(len(distinct))
    found = rank[found] if len(found) else found  # -1, the last of rank, where missing
    lost = np.isnan(values)
    if not lost.any():
        return found
    letters = codes(values)
    return np.where(lost, len(distinct) + np.searchsorted(np.unique(letters[lost]), letters), found)


#: Whole numbers are ranked by a table of their span where it is at most so many times as long as the rows, and so much.
TABLE, SHORT = 4, 1_000


def _counted(values: Doubles) -> NDArray[np.int64] | None:
    """Each row's distance from the least number, missing values behind the largest in their order; None for fractions and
    numbers far from each other. values: contiguous"""
    if not len(values):
        return None
    least, most = np.fmin.reduce(values), np.fmax.reduce(values)
    if not (abs(least) < 2**52 and abs(most) < 2**52 and most - least <= TABLE * len(values) + SHORT):
        return None
    with np.errstate(invalid="ignore"):
        found = values.astype(np.int64)
    same = found == values
    if not same.all():
        lost = np.isnan(values)
        if not np.all(same | lost):
            return None
        found = np.where(lost, int(most) + 1 + codes(values), found)
    found -= int(least)
    return found


def _dense(found: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ranks of small numbers from 0."""
    there = np.zeros(int(found.max()) + 1, dtype=bool)
    there[found] = True
    return found if there.all() else (np.cumsum(there) - 1)[found]


def _key(column: Column) -> NDArray[np.int64]:
    """Whole numbers in the order of a column's values, alike where they are; not dense."""
    found = None if column.text else _counted(np.ascontiguousarray(column.values))
    return ranked(column) if found is None else found


def joint(ranks: Sequence[NDArray[np.int64]], rows: int) -> NDArray[np.int64]:
    """One code a row from those of several columns, from 0 and dense, equal where all are; in no order but of one column."""
    import pandas as pd

    total = np.zeros(rows, dtype=np.int64)
    for i, rank in enumerate(ranks):
        total = rank if i == 0 else pd.factorize(total * (int(rank.max(initial=0)) + 1) + rank)[0]
    return total


def _one_key(keys: list[NDArray[np.int64]]) -> NDArray[np.int64] | None:
    """Keys as one, from 0, in the order of the first, then the second ...; None where they don't fit into 62 bits."""
    whole_key, span = keys[0] - int(keys[0].min()), int(np.ptp(keys[0])) + 1
    for key in keys[1:]:
        size = int(np.ptp(key)) + 1
        if span * size > 2**62:
            return None
        whole_key, span = whole_key * size + (key - int(key.min())), span * size
    return whole_key


#: Runs of rising numbers that are merged faster than digits are counted.
FEW_RUNS = 16


def _stable(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions that sort whole numbers from 0, ties in their order: by counting 16 bits at once where 32 hold them."""
    falls = np.count_nonzero(key[1:] < key[:-1])
    if not falls:
        return np.arange(len(key))
    most = int(key.max())
    if falls < FEW_RUNS or most >= 2**32:
        return np.argsort(key, kind="stable")
    positions = np.argsort(key.astype(np.uint16), kind="stable")  # a radix sort, of its lower 16 bits
    if most < 2**16:
        return positions
    return positions[np.argsort((key >> 16).astype(np.uint16)[positions], kind="stable")]


def order(data: Dataset, names: Sequence[str], descending: Sequence[bool] = ()) -> tuple[NDArray[np.int64], bool]:
    """Positions that sort the rows by these columns, ties in their present order; and whether there are ties."""
    if not names or data.rows == 0:
        return np.arange(data.rows), data.rows > 1
    keys = []
    for i, name in enumerate(names):
        key = _key(data[name])
        keys.append(-key if descending and descending[i] else key)
    one = _one_key(keys)
    positions = np.lexsort(keys[::-1]) if one is None else _stable(one)
    tied = np.ones(max(data.rows - 1, 0), dtype=bool)
    for key in keys if one is None else [one]:
        placed = key[positions]
        tied &= placed[1:] == placed[:-1]
    return positions, bool(tied.any())
