"""egen's functions over groups, all groups at once: sums by code, runs of sorted values. [D] egen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, text_kind


@dataclass(frozen=True)
class Segments:
    """values: of the rows in use, group by group, missing ones too; code: (n,) the group of each, from 0, rising but for
    functions `IN_ANY_ORDER`; a group may be empty."""

    values: NDArray[np.float64]
    code: NDArray[np.int64]

    @cached_property
    def n(self) -> int:
        """Groups."""
        return int(self.code.max()) + 1

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.values)

    @cached_property
    def x(self) -> NDArray[np.float64]:
        return self.values[self.present]

    @cached_property
    def of(self) -> NDArray[np.int64]:
        """The group of each value of x."""
        return self.code[self.present]

    @cached_property
    def count(self) -> NDArray[np.float64]:
        return np.bincount(self.of, minlength=self.n).astype(float)

    def sum(self, values: NDArray | None = None) -> NDArray[np.float64]:
        return np.bincount(self.of, self.x if values is None else values, minlength=self.n)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """With a second pass for what rounding left of the first."""
        with np.errstate(all="ignore"):
            first = self.sum() / self.count
            return first + self.sum(self.x - first[self.of]) / self.count

    @cached_property
    def deviation(self) -> NDArray[np.float64]:
        return self.x - self.mean[self.of]

    @cached_property
    def variance(self) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return np.where(self.count > 1, self.sum(self.deviation**2) / (self.count - 1), np.nan)

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """x sorted within its group."""
        return self.x[np.lexsort((self.x, self.of))]

    @cached_property
    def start(self) -> NDArray[np.int64]:
        """Where each group begins among x."""
        return np.cumsum(self.count).astype(np.int64) - self.count.astype(np.int64)

    def reduced(self, function: np.ufunc) -> NDArray[np.float64]:
        out = np.full(self.n, np.nan)
        some = self.count > 0
        if some.any():
            out[some] = function.reduceat(self.x, self.start[some])
        return out

    def at(self, place: NDArray[np.int64]) -> NDArray[np.float64]:
        """The ordered value at a place of each group; NaN where a group is empty."""
        if not len(self.x):
            return np.full(self.n, np.nan)
        inside = np.clip(place, 0, np.maximum(self.count - 1, 0).astype(np.int64))
        found = self.ordered[np.minimum(self.start + inside, len(self.x) - 1)]
        return np.where(self.count > 0, found, np.nan)

    def percentile(self, p: float) -> NDArray[np.float64]:
        """The mean of two neighbours where the rank is whole, as summarize has it."""
        rank = self.count * p / 100
        whole = np.floor(rank)
        low = np.where(rank == whole, whole - 1, whole).astype(np.int64)
        high = np.where(rank == whole, whole, whole).astype(np.int64)
        return (self.at(low) + self.at(high)) / 2

    def spread(self, by_group: NDArray) -> NDArray[np.float64]:
        """A number a group -> one a row."""
        return np.asarray(by_group, dtype=float)[self.code]

    def placed(self, by_value: NDArray) -> NDArray[np.float64]:
        """A number for each of x -> one a row, missing where the value is."""
        out = np.full(len(self.values), np.nan)
        out[self.present] = by_value
        return out


def _median(s: Segments) -> NDArray:
    return s.percentile(50)


def _pctile(s: Segments, given: Command) -> NDArray:
    option = given.option("p")
    return s.spread(s.percentile(float(option.value) if option and option.value else 50.0))


def _total(s: Segments, given: Command) -> NDArray:
    found = s.sum()
    return s.spread(np.where(s.count > 0, found, np.nan) if given.has("missing") else found)


def _std(s: Segments, given: Command) -> NDArray:
    options = given.option("mean"), given.option("std", "sd")
    mean, sd = (float(o.value) if o and o.value else default for o, default in zip(options, (0.0, 1.0), strict=True))
    with np.errstate(all="ignore"):
        return s.placed(mean + sd * s.deviation / np.sqrt(s.variance)[s.of])


def _rank(s: Segments, given: Command) -> NDArray:
    """Ties averaged; `field` from the largest, `track` from the smallest with ties alike, `unique` by present order."""
    x = -s.x if given.has("field") else s.x
    position = np.lexsort((np.arange(len(x)), x, s.of))
    placed, group = x[position], s.of[position]
    new = np.r_[True, (placed[1:] != placed[:-1]) | (group[1:] != group[:-1])]
    first = np.flatnonzero(new)
    size = np.diff(np.append(first, len(x)))
    lowest = np.repeat(first, size) - s.start[group] + 1.0
    if given.has("unique"):
        ranks = np.arange(len(x)) - s.start[group] + 1.0
    else:
        ranks = lowest if given.has("field", "track") else lowest + (np.repeat(size, size) - 1) / 2
    out = np.empty(len(x))
    out[position] = ranks
    return s.placed(out)


def _runs(s: Segments) -> tuple[NDArray, NDArray, NDArray]:
    """Distinct values of each group: the group, the value, how many."""
    order = np.lexsort((s.x, s.of))
    x, group = s.x[order], s.of[order]
    new = np.flatnonzero(np.r_[True, (x[1:] != x[:-1]) | (group[1:] != group[:-1])]) if len(x) else np.zeros(0, dtype=int)
    return group[new], x[new], np.diff(np.append(new, len(x)))


def _mode(s: Segments, given: Command) -> NDArray:
    """The most frequent value; of several the smallest or largest where asked for, else none."""
    group, value, times = _runs(s)
    most = np.zeros(s.n)
    np.maximum.at(most, group, times)
    best = times == most[group]
    low, high = np.full(s.n, np.inf), np.full(s.n, -np.inf)
    np.minimum.at(low, group[best], value[best])
    np.maximum.at(high, group[best], value[best])
    found = low if given.has("minmode") else high if given.has("maxmode") else np.where(low == high, low, np.nan)
    return s.spread(np.where(s.count > 0, found, np.nan))


def _moment(p: int) -> Callable[[Segments], NDArray]:
    def call(s: Segments) -> NDArray:
        with np.errstate(all="ignore"):
            second = s.sum(s.deviation**2) / s.count
            return np.where(second > 0, s.sum(s.deviation**p) / s.count / second ** (p / 2), np.nan)

    return call


def _around_median(s: Segments) -> NDArray:
    away = Segments(s.placed(np.abs(s.x - _median(s)[s.of])), s.code)
    return _median(away)


def _share(s: Segments, given: Command) -> NDArray:
    with np.errstate(all="ignore"):
        return s.placed((1 if given.has("prop") else 100) * s.x / s.sum()[s.of])


def _ends(last: bool) -> Callable[[Segments], NDArray]:
    def call(s: Segments) -> NDArray:
        out = np.full(s.n, np.nan)
        some = s.count > 0
        place = s.start + (s.count.astype(np.int64) - 1) * last
        out[some] = s.x[place[some]]
        return out

    return call


def _each(function: Callable[[Segments], NDArray]) -> Callable[[Segments, Command], NDArray]:
    return lambda s, given: s.spread(function(s))


def _mean(values: NDArray, s: Segments) -> NDArray:
    with np.errstate(all="ignore"):
        return s.sum(values) / s.count


def _semean(s: Segments) -> NDArray:
    with np.errstate(all="ignore"):
        return np.sqrt(s.variance / s.count)


#: function(rows in use, command) -> a number a row
OVER_GROUPS: dict[str, Callable[[Segments, Command], NDArray]] = {
    "mean": _each(lambda s: s.mean), "max": _each(lambda s: s.reduced(np.maximum)),
    "min": _each(lambda s: s.reduced(np.minimum)), "sd": _each(lambda s: np.sqrt(s.variance)),
    "total": _total, "sum": _total, "count": _each(lambda s: s.count), "median": _each(_median), "pctile": _pctile,
    "iqr": _each(lambda s: s.percentile(75) - s.percentile(25)), "mode": _mode, "std": _std, "rank": _rank, "pc": _share,
    "mad": _each(_around_median), "mdev": _each(lambda s: _mean(np.abs(s.deviation), s)), "skew": _each(_moment(3)),
    "kurt": _each(_moment(4)), "prod": _each(lambda s: s.reduced(np.multiply)),
    "nvals": _each(lambda s: np.where(s.count > 0, np.bincount(_runs(s)[0], minlength=s.n), np.nan)),
    "semean": _each(_semean), "first": _each(_ends(False)), "last": _each(_ends(True)), "firstnm": _each(_ends(False)),
    "lastnm": _each(_ends(True)), "var": _each(lambda s: s.variance),
}  # fmt: skip


#: Sums alone: the rows of a group may stand apart, and give the same to the last bit in the order of rows.
IN_ANY_ORDER = frozenset({"mean", "sd", "total", "sum", "count", "std", "pc", "mdev", "skew", "kurt", "semean", "var"})

#: Functions that take texts: those that count them, and those that give one of them.
_OF_TEXTS = ("count", "nvals"), ("mode", "first", "last", "firstnm", "lastnm")


def coded(values: np.ndarray, function: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Numbers as they are, texts by their rank, with the texts where one of them is the result. "" is missing.

    Raises `DataProblem` for a function of numbers alone."""
    if values.dtype != object:
        return np.asarray(values, dtype=float), None
    if function not in (*_OF_TEXTS[0], *_OF_TEXTS[1]):
        raise DataProblem("type mismatch", 109)
    distinct = np.array(sorted(set(values.tolist()) - {""}, key=lambda t: t.encode()), dtype=object)
    rank = {text: float(i) for i, text in enumerate(distinct.tolist())}
    ranks = np.array([rank.get(text, np.nan) for text in values.tolist()])
    return ranks, distinct if function in _OF_TEXTS[1] else None


def texts_of(ranks: np.ndarray, texts: np.ndarray) -> Column:
    found = np.array(["" if np.isnan(r) else texts[int(r)] for r in ranks.tolist()], dtype=object)
    return Column(found, text_kind(found))
