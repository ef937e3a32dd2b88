"""Least squares of columns that are never in memory together: passes over chunks of rows, added up in the chunks' order.

Up to two fixed effects are absorbed. Sums of all columns by their levels are kept; in a balanced panel the effects are means
of levels, and otherwise the smaller effect solves (D_t - N' D_u^-1 N) g = S_t - N' D_u^-1 S_u by conjugate gradients (N the
table of counts, D its margins, S the sums), a product with it being two passes. Whether what is left sums to zero in every
level is checked either way. The chunks' triangles of a QR are stacked and reduced (Demmel et al. 2012, SIAM J. Sci. Comput.
34), so no condition number is squared, and `parity.algebra.moments.solve` goes on from the triangle as from any other.

A pass is a function of one chunk and of some values. The caller runs it on every chunk, wherever, and gives back the answers
in the order of the chunks: that order alone decides the rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.algebra.absorb import sums
from parity.algebra.moments import Products, Solution, solve

#: What is left of a column sums to zero in every level if its projection is below this share of the column.
SETTLED = 1e-11
#: Share of a column that rounding leaves of one that is constant.
ROUNDING = 1e-14
#: Conjugate gradients stop at this share of the right side, and are given up after so many steps.
RESIDUAL, STEPS = 1e-14, 500
#: A table by levels is dense if its codes lie closer than this times the rows.
CLOSE = 4


class Unsettled(ValueError):
    """The effects could not be absorbed: conjugate gradients did not come near enough."""


@dataclass(frozen=True)
class Rows:
    """A chunk of n rows.

    columns   (n, p); where there are effects, less a constant that is the same in all chunks
    effects   (n,) codes of none, one or two effects, that with more levels first
    clusters  subset of the cluster variables -> (n,) codes
    """

    columns: np.ndarray
    effects: tuple[np.ndarray, ...]
    clusters: Mapping[tuple[str, ...], np.ndarray]


@dataclass(frozen=True)
class ByLevel:
    """Values of the levels that a chunk has: levels (l,), values (l, m)."""

    levels: np.ndarray
    values: np.ndarray


#: pass(function, *values): its answer for every chunk, in their order.
Pass = Callable[..., Iterable[Any]]


def by_level(code: np.ndarray, columns: np.ndarray) -> ByLevel:
    """Sums by code of (n, m) columns."""
    levels, inverse = _levels(code)
    return ByLevel(levels, np.ascontiguousarray(sums(np.asfortranarray(columns), inverse, len(levels))))


def _levels(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not len(code):
        return code, code
    low = int(code.min())
    if int(code.max()) - low >= CLOSE * len(code):
        return np.unique(code, return_inverse=True)
    present = np.bincount(code - low) > 0
    return np.flatnonzero(present) + low, (np.cumsum(present) - 1)[code - low]


def least_of(code: np.ndarray, values: np.ndarray) -> ByLevel:
    """The least value by code, and the largest."""
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1)) if len(code) else order
    held = values[order]
    both = [np.minimum.reduceat(held, starts), np.maximum.reduceat(held, starts)] if len(code) else [held, held]
    return ByLevel(code[order][starts], np.column_stack(both))


def _added(parts: Iterable[ByLevel], levels: int, width: int) -> np.ndarray:
    """(levels, width) the sum over chunks."""
    whole = np.zeros((levels, width))
    for part in parts:
        whole[part.levels] += part.values
    return whole


# ---------------------------------------------------------------- passes


def _sums(rows: Rows) -> tuple[int, np.ndarray, list[ByLevel]]:
    """Rows, squares (2, p) of columns, sums of columns and of ones by each effect's levels."""
    ones = np.column_stack([rows.columns, np.ones(len(rows.columns))])
    size = np.einsum("ij,ij->j", rows.columns, rows.columns)
    return len(rows.columns), np.array([size, rows.columns.sum(axis=0)]), [by_level(code, ones) for code in rows.effects]


def _by_main(rows: Rows, g: np.ndarray) -> ByLevel:
    """N g: sums by the larger effect of the smaller's values."""
    return by_level(rows.effects[0], g[rows.effects[1]])


def _by_other(rows: Rows, h: np.ndarray) -> ByLevel:
    return by_level(rows.effects[1], h[rows.effects[0]])


def _net(rows: Rows, fitted: Sequence[np.ndarray]) -> np.ndarray:
    left = np.array(rows.columns, order="F")
    for code, values in zip(rows.effects, fitted, strict=True):
        left -= values[code]
    return left


def _triangle(rows: Rows, fitted: Sequence[np.ndarray]) -> tuple[np.ndarray, list[ByLevel]]:
    """The triangle of the columns net of the effects, and what they sum to in each level."""
    left = _net(rows, fitted)
    return np.linalg.qr(left, mode="r"), [by_level(code, left) for code in rows.effects]


def _scores(rows: Rows, fitted: Sequence[np.ndarray], pull: np.ndarray, resid: np.ndarray) -> dict[tuple[str, ...], Any]:
    """Sums of scores by cluster, or (no cluster) their cross-products. pull (p, s), resid (p,): of the columns."""
    left = _net(rows, fitted)
    scores = (left @ pull) * (left @ resid)[:, None]
    return {s: by_level(code, scores) for s, code in rows.clusters.items()} or {(): scores.T @ scores}


def _least(rows: Rows, which: int, values: np.ndarray) -> ByLevel:
    """By one effect's levels the least of the other's values."""
    return least_of(rows.effects[which], values[rows.effects[1 - which]])


def _nested(rows: Rows, which: int, subset: tuple[str, ...]) -> ByLevel:
    """By an effect's levels the least and the largest cluster."""
    return least_of(rows.effects[which], rows.clusters[subset])


# ---------------------------------------------------------------- what comes of them


@dataclass(frozen=True)
class Absorbed:
    """nobs; counts: (L,) rows of each effect's levels; fitted: (L, p) of each effect, their sum is the projection.

    size     (p,) norms before; about: (p,) sums of squares about the mean
    exact    whether the effects are means of levels; steps: of conjugate gradients
    triangle (p, p) of the columns net of the effects
    """

    nobs: int
    counts: tuple[np.ndarray, ...]
    fitted: tuple[np.ndarray, ...]
    size: np.ndarray
    about: np.ndarray
    exact: bool
    steps: int
    triangle: np.ndarray


def absorbed(over: Pass, levels: Sequence[int], width: int, shift: np.ndarray) -> Absorbed:
    """levels: how many each effect has; width: columns; shift: (p,) what was taken off all rows' columns.

    Raises `Unsettled`.
    """
    nobs, squares, by_effect = 0, np.zeros((2, width)), [np.zeros((count, width + 1)) for count in levels]
    for n, more, parts in over(_sums):
        nobs, squares = nobs + n, squares + more
        for whole, part in zip(by_effect, parts, strict=True):
            whole[part.levels] += part.values
    counts = tuple(whole[:, -1] for whole in by_effect)
    totals = [whole[:, :-1] for whole in by_effect]
    about = squares[0] - squares[1] ** 2 / max(nobs, 1)
    size = np.sqrt(np.maximum(squares[0] + 2 * shift * squares[1] + nobs * shift**2, 0.0))
    fitted, steps = _means(totals, counts, nobs), 0
    triangle, left = _reduced(over, fitted, counts, width)
    exact = _settled(left, counts, about, size)
    if not exact:
        fitted, steps = _by_gradients(over, totals, counts)
        triangle, left = _reduced(over, fitted, counts, width)
        if not _settled(left, counts, about, size):
            raise Unsettled("the fixed effects could not be absorbed: conjugate gradients did not settle")
    return Absorbed(nobs, counts, fitted, size, about, exact, steps, triangle)


def _means(totals: Sequence[np.ndarray], counts: Sequence[np.ndarray], nobs: int) -> tuple[np.ndarray, ...]:
    """Of each effect's levels; of the second less the mean of all."""
    means = [total / np.maximum(count, 1.0)[:, None] for total, count in zip(totals, counts, strict=True)]
    return tuple(mean - (totals[0].sum(axis=0) / nobs if i else 0.0) for i, mean in enumerate(means))


def _reduced(over: Pass, fitted: Sequence[np.ndarray], counts: Sequence[np.ndarray], width: int):
    """The triangle of all rows, and sums of what is left by each effect's levels."""
    triangle, left = np.zeros((0, width)), [np.zeros((len(count), width)) for count in counts]
    for part, parts in over(_triangle, fitted):
        triangle = np.linalg.qr(np.vstack([triangle, part]), mode="r")
        for whole, more in zip(left, parts, strict=True):
            whole[more.levels] += more.values
    return triangle, left


def _settled(left: Sequence[np.ndarray], counts: Sequence[np.ndarray], about: np.ndarray, size: np.ndarray) -> bool:
    """Whether projecting what is left on each effect would take nothing more but rounding."""
    most = SETTLED**2 * about + (ROUNDING * size) ** 2
    return all(
        np.all(np.einsum("lp,lp,l->p", total, total, 1 / np.maximum(count, 1.0)) <= most)
        for total, count in zip(left, counts, strict=True)
    )


def _by_gradients(over: Pass, totals: Sequence[np.ndarray], counts: Sequence[np.ndarray]) -> tuple[tuple, int]:
    """Conjugate gradients for all columns at once, scaled by the smaller effect's counts."""
    many, few = (np.maximum(count, 1.0)[:, None] for count in counts)
    width = totals[0].shape[1]

    def times(g: np.ndarray) -> np.ndarray:
        h = _added(over(_by_main, g), len(many), width) / many
        return few * g - _added(over(_by_other, h), len(few), width)

    right = totals[1] - _added(over(_by_other, totals[0] / many), len(few), width)
    g, r = np.zeros_like(right), right.copy()
    d = z = r / few
    rz = np.einsum("lp,lp->p", r, z)
    enough, steps = RESIDUAL**2 * rz, 0
    while np.any(rz > enough) and steps < STEPS:
        ad = times(d)
        curve = np.einsum("lp,lp->p", d, ad)
        a = np.where(curve > 0, rz / np.where(curve > 0, curve, 1.0), 0.0)
        g, r = g + a * d, r - a * ad
        z = r / few
        before, rz = rz, np.einsum("lp,lp->p", r, z)
        d = z + np.where(before > 0, rz / np.where(before > 0, before, 1.0), 0.0) * d
        steps += 1
    h = (totals[0] - _added(over(_by_main, g), len(many), width)) / many
    return (h, g), steps


def components(over: Pass, counts: Sequence[np.ndarray]) -> int:
    """Of the graph of two effects whose edges are the rows: a level takes the least name that it meets, until none moves."""
    main, other = (len(count) for count in counts)
    if np.all(counts[0] == other) and np.all(counts[1] == main):
        return 1  # every level of the one meets every level of the other
    names = np.arange(other)
    while True:
        of_main = _taken(over(_least, 0, names), main, other)
        new = np.minimum(names, _taken(over(_least, 1, of_main), other, other))
        if np.array_equal(new, names):
            return len(np.unique(names))
        names = new


def _taken(parts: Iterable[ByLevel], levels: int, none: int) -> np.ndarray:
    least = np.full(levels, none)
    for part in parts:
        np.minimum.at(least, part.levels, part.values[:, 0])
    return least


def nested(over: Pass, which: int, levels: int, subset: tuple[str, ...]) -> bool:
    """Whether every level of an effect lies in one cluster."""
    low, high = np.full(levels, np.iinfo(np.int64).max), np.full(levels, -1)
    for part in over(_nested, which, subset):
        low[part.levels] = np.minimum(low[part.levels], part.values[:, 0])
        high[part.levels] = np.maximum(high[part.levels], part.values[:, 1])
    return bool(np.all((low == high) | (high < 0)))


def solved(of: Absorbed, names: Sequence[str], outcome: str, exog: Sequence[str], endog=(), z=()) -> Solution:
    """Least squares, or two-stage. names: of the columns. Raises `parity.algebra.moments.Undetermined`."""
    return solve(Products(tuple(names), np.empty((0, 0, 0)), of.triangle, of.size, 0), outcome, exog, endog, z)


def sandwiches(
    over: Pass, of: Absorbed, fit: Solution, clusters: Mapping[tuple[str, ...], int]
) -> dict[tuple[str, ...], np.ndarray]:
    """(s, s) by subset of the cluster variables, of which `clusters` says how many there are; without any by row."""
    back = np.linalg.lstsq(of.triangle, np.column_stack([fit.pull, fit.resid]), rcond=None)[0]
    pull, resid = np.array(back[:, :-1]), np.array(back[:, -1])  # laid out as on a worker, whose sums round alike
    k = fit.pull.shape[1]
    found = {s: np.zeros((count, k)) for s, count in clusters.items()} or {(): np.zeros((k, k))}
    for part in over(_scores, of.fitted, pull, resid):
        for subset, value in part.items():
            if subset:
                found[subset][value.levels] += value.values
            else:
                found[subset] += value
    return {subset: value.T @ value if subset else value for subset, value in found.items()}
