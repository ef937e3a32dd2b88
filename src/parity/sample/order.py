"""The one order of a sample's rows: by what they hold, never by where they stood in the file.

A sum taken in another order differs in its last bits, and an engine that squares a condition number makes more of them.
So the same sample must reach every engine as the same arrays, however its file was sorted and its units were named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from parity.conventions.facts import compact

if TYPE_CHECKING:
    from parity.sample.design import Design


def ordered(design: Design) -> Design:
    """The design with its rows by unit, time and values, units in the order of their own values; codes from 0."""
    columns = [design.y, *design.x.T, *design.endog.T, *design.z.T]
    columns += [c for c in (design.weights, design.offset, design.time) if c is not None]
    columns += [] if design.located is None else [*design.located.at.T]
    order = None
    if design.unit is not None and design.time is not None:
        order = _by_period(columns, design.unit, design.time)
    return recoded(design.take(_by_rank(columns, design) if order is None else order))


def _by_rank(columns: Sequence[np.ndarray], design: Design) -> np.ndarray:
    """(n,) the order of any rows: all are ranked."""
    order, steps = _sorted(columns)
    if not steps.all():
        codes = [*design.effects.values(), *design.clusters.values()]
        codes += [design.unit] if design.unit is not None else []
        order = np.argsort(_refined(_ranked(order, steps), codes), kind="stable")
    if design.unit is None:
        return order
    unit = from_zero(design.unit[order])
    return order[np.lexsort((unit,) if design.time is None else (design.time[order], unit))]


#: A unit's place and a period together are looked up in a table of so many places a row; beyond, they are sorted.
PLACES = 8


def _by_period(columns: Sequence[np.ndarray], unit: np.ndarray, time: np.ndarray) -> np.ndarray | None:
    """(n,) the order where a unit has one row a period: only each unit's first row by value is ranked, among the units'.

    None where a unit has two rows of one period, or two units' first rows are alike.
    """
    unit = compact(unit)
    first = _first_rows(columns, unit)
    among, steps = _sorted([column[first] for column in columns])
    if not steps.all():
        return None
    place = np.empty(len(first), dtype=np.int64)
    place[among] = np.arange(len(first))
    period = time - time.min(initial=0)
    span = int(period.max(initial=0)) + 1
    key = place[unit] * span + period
    if len(first) * span <= PLACES * len(key):
        row = np.full(len(first) * span, -1)
        row[key] = np.arange(len(key))
        order = row[row >= 0]
        return order if len(order) == len(key) else None
    order = np.argsort(key)
    return order if np.all(np.diff(key[order]) > 0) else None


def _first_rows(columns: Sequence[np.ndarray], unit: np.ndarray) -> np.ndarray:
    """(units,) of each unit the first row by the columns, the first one leading; one of them where several are alike."""
    units, at = int(unit.max(initial=-1)) + 1, np.arange(len(unit))
    for column in columns:
        own, values = unit[at], column[at]
        least = np.full(units, np.inf)
        np.minimum.at(least, own, values)
        at = at[values == least[own]]
        if len(at) == units:
            break
    first = np.empty(units, dtype=np.int64)
    first[unit[at]] = at
    return first


def recoded(design: Design) -> Design:
    """Codes from 0 without holes, in order of first appearance."""
    known: dict[int, np.ndarray] = {}  # an effect is often the unit, or a cluster

    def fresh(code: np.ndarray) -> np.ndarray:
        if id(code) not in known:
            known[id(code)] = from_zero(code)
        return known[id(code)]

    return replace(
        design,
        effects={k: fresh(v) for k, v in design.effects.items()},
        clusters={k: fresh(v) for k, v in design.clusters.items()},
        unit=None if design.unit is None else fresh(design.unit),
    )


def from_zero(code: np.ndarray) -> np.ndarray:
    """(n,) codes from 0 without holes, in order of first appearance."""
    code = compact(code)
    first = np.empty(int(code.max(initial=-1)) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]  # of a repeated index the last one written stays
    fresh = np.empty(len(first), dtype=np.int64)
    fresh[np.argsort(first)] = np.arange(len(first))
    return fresh[code]


def _sorted(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the order of the rows by the columns, the first one leading, and which differ from the row before; equal rows
    stand as they stood. Columns behind those that tell all rows apart aren't read."""
    order = np.argsort(columns[0])  # where no two are alike, any way of sorting gives the one order
    steps = _steps(columns[:1], order)
    for leading in sorted({min(2, len(columns)), len(columns)}):
        if not steps.all():
            order = np.lexsort(tuple(columns[:leading])[::-1])
            steps = _steps(columns[:leading], order)
    return order, steps


def _steps(columns: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    """(n,) which rows differ from the one before; the first does."""
    steps = np.zeros(len(order), dtype=bool)
    steps[:1] = True
    for column in columns:
        in_order = column[order]
        steps[1:] |= in_order[1:] != in_order[:-1]
    return steps


def _ranked(order: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """(n,) dense rank of rows in this order, that differ from the row before at these steps."""
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.cumsum(steps) - 1
    return rank


def _ranks(columns: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) dense rank of the rows by the columns, the first one leading; equal rows have equal ranks."""
    return _ranked(*_sorted(columns))


def _refined(rank: np.ndarray, codes: Sequence[np.ndarray]) -> np.ndarray:
    """Ties broken by the groups the rows are in: a group is known by the ranks it holds, not by its name.

    Repeated until it tells no more rows apart (colour refinement, as graph isomorphism tests do). Rows tied after that
    are alike in everything, and so are the arrays in either order.
    """
    distinct = int(rank.max(initial=-1)) + 1
    while distinct < len(rank):
        rank = _ranks([rank, *(_signature(rank, code) for code in codes)])
        now = int(rank.max()) + 1
        if now == distinct:
            break
        distinct = now
    return rank


def _signature(rank: np.ndarray, code: np.ndarray) -> np.ndarray:
    """(n,) a number of each row's group that depends on the ranks in it alone: their sum after scrambling their bits."""
    levels, inverse = np.unique(code, return_inverse=True)
    sums = np.zeros(len(levels), dtype=np.uint64)
    np.add.at(sums, inverse, _scrambled(rank))
    return sums[inverse]


def _scrambled(rank: np.ndarray) -> np.ndarray:
    """splitmix64 (Steele, Lea and Flood 2014): equal sums of two groups' values are then no accident."""
    z = (rank.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
