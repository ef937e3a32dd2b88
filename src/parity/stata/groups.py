"""Groups of rows: codes of a set of columns, and where groups begin in data that are sorted by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.values import codes


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
    lost = np.isnan(values)
    if not lost.any():
        found, distinct = pd.factorize(values)
        order = np.argsort(distinct)
        rank = np.empty(len(distinct), dtype=np.int64)
        rank[order] = np.arange(len(distinct))
        return rank[found] if len(found) else found
    distinct = np.unique(values[~lost])
    found = np.searchsorted(distinct, np.where(lost, 0.0, values))
    letters = codes(values)
    held = np.unique(letters[lost])
    return np.where(lost, len(distinct) + np.searchsorted(held, letters), found)


def _sorting(keys: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Positions that sort by the first key, then the second ..., ties in their order: one key where they fit into one."""
    joint, span = keys[0], 1
    low = int(joint.min())
    joint = joint - low
    span = int(joint.max()) + 1
    for key in keys[1:]:
        low = int(key.min())
        size = int(key.max()) - low + 1
        if span * size > 2**62:
            return np.lexsort(keys[::-1])
        joint, span = joint * size + (key - low), span * size
    if not len(joint) or np.all(joint[1:] >= joint[:-1]):
        return np.arange(len(joint))
    return np.argsort(joint, kind="stable")


def order(data: Dataset, names: Sequence[str], descending: Sequence[bool] = ()) -> tuple[NDArray[np.int64], bool]:
    """Positions that sort the rows by these columns, ties in their present order; and whether there are ties."""
    if not names or data.rows == 0:
        return np.arange(data.rows), data.rows > 1
    keys = []
    for i, name in enumerate(names):
        rank = ranked(data[name])
        keys.append(-rank if descending and descending[i] else rank)
    positions = _sorting(keys)
    tied = np.ones(max(data.rows - 1, 0), dtype=bool)
    for key in keys:
        placed = key[positions]
        tied &= placed[1:] == placed[:-1]
    return positions, bool(tied.any())
