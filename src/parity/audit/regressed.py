"""Shares of R2 where specifications are missing: the axes' dummies regressed on, in every order or in orders drawn.

The share of an axis is what its dummies add to R2, averaged over all orders in which the axes may enter (Lindeman, Merenda
and Gold 1980, p. 119; Grömping 2007, The American Statistician 61): the Shapley value of R2. Interactions of two axes are
what their cells add to R2 beyond the dummies of all axes.

Only tables of counts and sums over the specifications are formed, so their number costs time but no memory.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.absorb import REDUNDANT

#: Up to this many axes every order is counted, by their subsets.
MOST_AXES = 12
#: Multiplications that counting all subsets may take (some ten seconds); beyond it orders are drawn.
MOST_WORK = 2e10
#: Interactions are looked for among this many axes with the largest shares, in tables of at most so many cells.
AXES_OF_PAIRS, MOST_CELLS = 6, 400
#: A combination of cells of which the axes' dummies leave less than this share is theirs: they leave 1e-13, and one that
#: isn't theirs at least one over the number of specifications.
REDUNDANT_CELL = 1e-9


@dataclass(frozen=True)
class Regressed:
    """(d,) of each axis, as in `parity.audit.decomposition.Share`; pairs: (j, k) -> share."""

    shapley: np.ndarray
    error: np.ndarray
    main: np.ndarray
    total: np.ndarray
    pairs: dict[tuple[int, int], float]
    explained: float
    permutations: int


def shares(
    choices: np.ndarray, sizes: Sequence[int], values: np.ndarray, *, seed: int = 1, permutations: int = 1_000
) -> Regressed:
    """choices (S, d), values (S,) that vary. Exact up to `MOST_AXES` axes, else over `permutations` orders drawn."""
    d, choices = len(sizes), np.asfortranarray(choices)  # an axis at a time is read
    counts, sums = _tables(choices, sizes, values - values.mean())
    gram, blocks = _correlations(counts, sums, sizes, values.std())
    main = np.array([_taken(gram, b)[0] for b in blocks])
    whole = _explained(gram, blocks)
    total = np.array([whole - _explained(gram, blocks[:j] + blocks[j + 1 :]) for j in range(d)])
    if d <= MOST_AXES and 2.0**d * len(gram) ** 2 * max(sizes, default=1) <= MOST_WORK:
        shapley, error, drawn = _all_orders(gram, blocks), np.zeros(d), 0
    else:
        shapley, error, drawn = _drawn_orders(gram, blocks, permutations, np.random.default_rng(seed))
    pairs = _pairs(choices, sizes, values, counts, sums, np.argsort(-shapley)[:AXES_OF_PAIRS])
    return Regressed(shapley, error, main, np.maximum(total, 0.0), pairs, whole, drawn)


def _starts(sizes: Sequence[int]) -> np.ndarray:
    """(d + 1,): where the dummies of each axis begin among all."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)


def _tables(choices: np.ndarray, sizes: Sequence[int], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cross-products of the dummies of all options, and with the values, which sum to zero."""
    starts = _starts(sizes)
    counts, sums = np.zeros((starts[-1], starts[-1])), np.zeros(starts[-1])
    for j, size in enumerate(sizes):
        code = choices[:, j].astype(np.intp)
        rows = slice(starts[j], starts[j + 1])
        sums[rows] = np.bincount(code, weights=values, minlength=size)
        for k in range(j, len(sizes)):
            columns = slice(starts[k], starts[k + 1])
            cells = np.bincount(code * sizes[k] + choices[:, k], minlength=size * sizes[k])
            counts[rows, columns] = cells.reshape(size, sizes[k])
            counts[columns, rows] = counts[rows, columns].T
    return counts, sums


def _correlations(
    counts: np.ndarray, sums: np.ndarray, sizes: Sequence[int], spread: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Of the dummies, the first option of an axis and those that never vary left out, and of the values (the last row).

    With it, the places of each axis' dummies.
    """
    starts = _starts(sizes)
    n = counts[: sizes[0], : sizes[0]].sum()
    share = np.diag(counts) / n
    covariance = counts / n - np.outer(share, share)
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    use = np.setdiff1d(np.flatnonzero((share > 0) & (share < 1)), starts[:-1])
    out = np.ones((len(use) + 1, len(use) + 1))
    out[:-1, :-1] = covariance[np.ix_(use, use)] / np.outer(scale[use], scale[use])
    out[-1, :-1] = out[:-1, -1] = sums[use] / (n * spread * scale[use])
    return out, [np.flatnonzero((use >= a) & (use < b)) for a, b in itertools.pairwise(starts)]


def _taken(gram: np.ndarray, block: np.ndarray) -> tuple[float, np.ndarray]:
    """What a block of columns explains of the last, and the matrix with it swept out of all others."""
    if not len(block):
        return 0.0, gram
    if len(block) == 1:  # of two options, as most are
        row, length = gram[block[0]], gram[block[0], block[0]]
        if length <= REDUNDANT:
            return 0.0, gram
        return float(row[-1] ** 2 / length), gram - np.outer(row / length, row)
    values, vectors = np.linalg.eigh(gram[np.ix_(block, block)])
    kept = values > REDUNDANT
    root = vectors[:, kept] / np.sqrt(values[kept])
    along = root.T @ gram[block]
    return float(along[:, -1] @ along[:, -1]), gram - along.T @ along


def _explained(gram: np.ndarray, blocks: Sequence[np.ndarray]) -> float:
    return _taken(gram, np.concatenate([np.empty(0, int), *blocks]))[0]


def _all_orders(gram: np.ndarray, blocks: list[np.ndarray]) -> np.ndarray:
    """R2 of every subset of axes, each from a smaller one; then the average over orders."""
    d = len(blocks)
    r2 = np.zeros(2**d)

    def walk(first: int, subset: int, left: np.ndarray, so_far: float) -> None:
        r2[subset] = so_far
        for j in range(first, d):
            more, rest = _taken(left, blocks[j])
            walk(j + 1, subset | 1 << j, rest, so_far + more)

    walk(0, 0, gram, 0.0)
    subsets = np.arange(2**d)
    size = sum((subsets >> j) & 1 for j in range(d)) if d else np.zeros(1, int)
    weight = np.array([math.factorial(s) * math.factorial(d - s - 1) / math.factorial(d) for s in range(d)])
    out = np.empty(d)
    for j in range(d):
        without = subsets[(subsets >> j) & 1 == 0]
        out[j] = np.sum(weight[size[without]] * (r2[without | 1 << j] - r2[without]))
    return out


def _drawn_orders(
    gram: np.ndarray, blocks: list[np.ndarray], permutations: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean over orders drawn, each with its reverse (as antithetic), its standard error, and how many orders."""
    pairs = max(2, (permutations + 1) // 2)
    added = np.empty((pairs, len(blocks)))
    for i in range(pairs):
        order = rng.permutation(len(blocks))
        added[i] = (_in_order(gram, blocks, order) + _in_order(gram, blocks, order[::-1])) / 2
    return added.mean(0), added.std(0, ddof=1) / np.sqrt(pairs), 2 * pairs


def _in_order(gram: np.ndarray, blocks: list[np.ndarray], order: np.ndarray) -> np.ndarray:
    out, left = np.empty(len(blocks)), gram
    for j in order:
        out[j], left = _taken(left, blocks[j])
    return out


def _pairs(
    choices: np.ndarray, sizes: Sequence[int], values: np.ndarray, counts: np.ndarray, sums: np.ndarray, among: np.ndarray
) -> dict[tuple[int, int], float]:
    """What the cells of two axes add to R2 of all dummies: r'P (P'MP)^+ P'r, P the cells' dummies, r the residuals of the
    regression on all dummies, which M takes out."""
    starts = _starts(sizes)
    inverse = np.linalg.pinv(counts, rcond=REDUNDANT, hermitian=True)
    fitted = inverse @ sums
    resid = values - values.mean()
    whole = float(resid @ resid)
    for j in range(len(sizes)):
        resid = resid - fitted[starts[j] + choices[:, j]]
    out = {}
    for j, k in itertools.combinations(sorted(int(a) for a in among), 2):
        m = sizes[j] * sizes[k]
        if sizes[j] < 2 or sizes[k] < 2 or m > MOST_CELLS:
            continue
        cell = choices[:, j].astype(np.intp) * sizes[k] + choices[:, k]
        tables = [
            np.bincount(cell * size + choices[:, i], minlength=m * size).reshape(m, size) for i, size in enumerate(sizes)
        ]
        beside, count = np.hstack(tables).astype(float), np.bincount(cell, minlength=m)
        root = 1 / np.sqrt(np.maximum(count, 1.0))
        free = (np.diag(count) - beside @ inverse @ beside.T) * np.outer(root, root)
        lengths, vectors = np.linalg.eigh(free)
        kept = lengths > REDUNDANT_CELL
        along = vectors[:, kept].T @ (root * np.bincount(cell, weights=resid, minlength=m))
        out[j, k] = float(np.sum(along**2 / lengths[kept])) / whole
    return out
