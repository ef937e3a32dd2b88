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
    columns += [c for c in (design.weights, design.time) if c is not None]
    codes = [*design.effects.values(), *design.clusters.values()]
    codes += [design.unit] if design.unit is not None else []
    rank = _refined(_ranks(columns), codes)
    order = np.argsort(rank, kind="stable")
    if design.unit is not None:
        unit = np.empty(len(order), dtype=np.int64)
        unit[order] = from_zero(design.unit[order])
        order = np.lexsort((rank, unit) if design.time is None else (rank, design.time, unit))
    return recoded(design.take(order))


def recoded(design: Design) -> Design:
    """Codes from 0 without holes, in order of first appearance."""
    return replace(
        design,
        effects={k: from_zero(v) for k, v in design.effects.items()},
        clusters={k: from_zero(v) for k, v in design.clusters.items()},
        unit=None if design.unit is None else from_zero(design.unit),
    )


def from_zero(code: np.ndarray) -> np.ndarray:
    """(n,) codes from 0 without holes, in order of first appearance."""
    code = compact(code)
    first = np.empty(int(code.max(initial=-1)) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]  # of a repeated index the last one written stays
    fresh = np.empty(len(first), dtype=np.int64)
    fresh[np.argsort(first)] = np.arange(len(first))
    return fresh[code]


def _ranks(columns: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) dense rank of the rows by the columns, the first one leading; equal rows have equal ranks."""
    order = np.argsort(columns[0], kind="stable")
    if len(order) > 1 and not np.all(np.diff(columns[0][order]) > 0):
        order = np.lexsort(tuple(columns)[::-1])
    steps = np.zeros(len(order), dtype=np.int64)
    for column in columns:
        steps[1:] |= column[order][1:] != column[order][:-1]
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.cumsum(steps)
    return rank


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
