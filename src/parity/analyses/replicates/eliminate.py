"""Cross-products of many samples side by side, and their elimination: one regression in thousands of draws at once.

Of a symmetric matrix the upper triangle is kept, row after row, and the draws stand innermost. Cross-products are
positive semidefinite, so no pivoting is needed: where a pivot is zero its whole row is, and the column takes no part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

#: The basis has length one over the whole sample; a pivot below this share of the draw's largest is zero but for rounding.
NULL = 1e-11
#: Clusters are even where their nuisance differs by no more than this share of it: rounding, and nothing else.
EVEN = 1e-13
#: Numbers eliminated at once: what fits into a core's cache.
AT_ONCE = 100_000


@dataclass(frozen=True)
class Crossed:
    """Cross-products of G clusters: r columns of nuisance, then c others. The nuisance is orthonormal over all clusters.

    flat   (q, G) upper triangles; where clusters are even without the nuisance's own
    even   every cluster has the same cross-products of the nuisance, which are 1/G of the identity: periods in a balanced
           panel, an intercept among clusters of one size. In a draw of W clusters they are W/G of it: nothing to solve
    """

    flat: np.ndarray
    nuisance: int
    others: int
    even: bool

    @property
    def clusters(self) -> int:
        return self.flat.shape[1]


def crossed(gram: np.ndarray, nuisance: int) -> Crossed:
    """gram: (G, m, m), the first `nuisance` columns orthonormal over all clusters and orthogonal to the rest."""
    groups, m, _ = gram.shape
    r, c = nuisance, m - nuisance
    even = r > 0 and bool((np.abs(gram[:, :r, :r] - np.eye(r) / groups) <= EVEN / groups).all())
    rows, columns = np.triu_indices(m)
    if even:
        kept = columns >= r
        rows, columns = rows[kept], columns[kept]
    return Crossed(np.ascontiguousarray(gram[:, rows, columns].T), r, c, even)


def nets(of: Crossed, weights: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Draws in slices, with their cross-products net of the nuisance (c (c + 1) / 2, b), and the largest before (b,).

    weights: (B, G) how often each cluster stands in each draw.
    """
    for rows in slices(of, len(weights)):
        some = weights[rows].T
        summed = of.flat @ some
        yield rows, *(_even(of, summed, some.sum(axis=0)) if of.even else _uneven(of, summed))


def nets_of_halves(of: Crossed, masks: np.ndarray) -> Iterator[tuple[slice, tuple[np.ndarray, np.ndarray], np.ndarray]]:
    """As `nets`, of the clusters within each mask and of all others, side by side: (., 2b) with the former first.

    masks: (B, G) of 0 and 1. The others are the whole less those within, so they cost no sum.
    """
    whole = of.flat.sum(axis=1)[:, None]
    for rows in slices(of, len(masks)):
        some = masks[rows].T
        inside = of.flat @ some
        both = np.concatenate([inside, whole - inside], axis=1)
        if of.even:
            size = some.sum(axis=0)
            yield rows, *_even(of, both, np.concatenate([size, of.clusters - size]))
        else:
            yield rows, *_uneven(of, both)


def slices(of: Crossed, draws: int) -> Iterator[slice]:
    step = max(AT_ONCE // len(of.flat), 1)
    return (slice(start, start + step) for start in range(0, draws, step))


def _even(of: Crossed, summed: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r, c, start = of.nuisance, of.others, 0
    # row j of the triangle holds the nuisance's column j with all others, then come the others' own rows
    beside, net = summed[: r * c].reshape(r, c, -1), summed[r * c :]
    share = size / of.clusters
    largest = np.maximum(net[_diagonal(c)].max(axis=0), share)
    scaled = beside / np.where(size > 0, share, 1.0)
    for i in range(c):
        row = net[start : start + c - i]
        row -= np.einsum("rb,rcb->cb", scaled[:, i], beside[:, i:])
        start += c - i
    return net, largest


def _uneven(of: Crossed, summed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r, m = of.nuisance, of.nuisance + of.others
    largest = summed[_diagonal(m)].max(axis=0)
    rows, null = triangle(summed, m), NULL * largest
    for j in range(r):
        pivot = rows[j][0]
        dead = pivot <= null
        if dead.any():
            rows[j][:, dead] = 0.0
            pivot = np.where(dead, 1.0, pivot)
        _take_out(rows, j, rows[j][1:] / pivot)
    return summed[len(summed) - of.others * (of.others + 1) // 2 :], largest


def eliminate(net: np.ndarray, others: int, pivots: int, largest: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Take the first `pivots` of c columns out of those after them, in place.

    Returns the triangle's rows, those of the pivots over their first element, and (pivots, b) pivots as shares of the
    largest.
    """
    rows, null = triangle(net, others), NULL * largest
    found = np.empty((pivots, net.shape[1]))
    for j in range(pivots):
        pivot = rows[j][0]
        found[j] = pivot
        share = rows[j][1:] / np.where(pivot <= null, 1.0, pivot)
        _take_out(rows, j, share)
        rows[j][1:] = share
    return rows, found / np.where(largest > 0, largest, 1.0)


def triangle(packed: np.ndarray, m: int) -> list[np.ndarray]:
    """Row i of each upper triangle: views (m - i, b)."""
    ends = np.cumsum(np.arange(m, 0, -1))
    return [packed[end - (m - i) : end] for i, end in enumerate(ends.tolist())]


def _take_out(rows: list[np.ndarray], j: int, share: np.ndarray) -> None:
    own = rows[j][1:]
    for i in range(len(own)):
        rows[j + 1 + i] -= own[i] * share[i:]


def _diagonal(m: int) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(np.arange(m, 1, -1))])
