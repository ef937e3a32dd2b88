"""Estimates under many weights of the clusters at once: bootstrap draws, a jackknife, groups of units.

A draw's cross-products are the weighted sum of the clusters' own (`parity.moments`). They are eliminated column by
column, all draws side by side: first the nuisance, then the regressors in a stated order. One elimination gives the
regression of every later column on every leading set of regressors, so the equations of a mediation cost one pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from parity.moments import Products, coordinates, orthonormal

#: The basis has length one over the whole sample; a pivot below this share of the draw's largest is zero but for rounding.
NULL = 1e-11
#: A pivot below this share leaves fewer than nine digits of a coefficient; above VANISHED it is still no rounding error, and
#: the draw is worth refitting from its rows.
THIN, VANISHED = 1e-7, 1e-14
#: Numbers eliminated at once: what fits into a core's cache.
AT_ONCE = 400_000


def weights_of(draws: np.ndarray, clusters: int) -> np.ndarray:
    """(B, G) how often each cluster stands in each draw, from (B, .) positions of the clusters drawn, from 0."""
    weights = np.zeros((len(draws), clusters))
    rows = np.repeat(np.arange(len(draws)), draws.shape[1])
    np.add.at(weights, (rows, draws.ravel()), 1.0)
    return weights


def thin(least: np.ndarray) -> np.ndarray:
    """Positions of draws in which a regressor hardly varies: too little for nine digits, and not nothing."""
    return np.flatnonzero((least < THIN) & (least > VANISHED))


def left_out(clusters: int) -> np.ndarray:
    """(G, G) weights of the jackknife: all clusters but one."""
    return 1.0 - np.eye(clusters)


def replicate(
    of: Products, weights: np.ndarray, order: Sequence[str], targets: Sequence[str], leads: Sequence[int],
    least: np.ndarray | None = None,
) -> list[np.ndarray]:  # fmt: skip
    """Coefficients of regressions of every target on the first `lead` columns of `order`, for each of `leads`.

    weights  (B, G)
    order    regressors, in the order in which they enter; a target may stand among the later ones
    least    (B,) is filled with the smallest pivot of a regressor, as a share of the draw's largest: see `thin`
    Returns (B, lead, targets) for each lead; NaN in a draw in which a regressor is determined by the nuisance or by
    those before it. Raises `Undetermined` where that is so in the whole sample.
    """
    r, columns = of.nuisance, tuple(dict.fromkeys((*order, *targets)))
    free, size = coordinates(of, columns)
    k = len(order)
    q, inverse = orthonormal(free[:, :k], free[:, :k], size[:k], columns[:k])
    rest, scale = _scaled(free[:, k:])
    # coordinates: nuisance, orthonormal regressors, then targets that are no regressors
    way = np.zeros((r + len(free), r + len(columns)))
    way[:r, :r] = np.eye(r)
    way[r:, r:] = np.hstack([q, rest])
    gram = way.T @ of.gram @ way
    triangle = q.T @ free[:, :k]  # regressors in coordinates of q
    at = [columns.index(t) for t in targets]
    out = [np.empty((len(weights), lead, len(targets))) for lead in leads]
    for rows, pivots, a in _eliminated(gram, weights, r, r + k):
        ok = np.logical_and.accumulate(pivots > NULL, axis=0)
        if least is not None:
            least[rows] = pivots.min(axis=0, initial=1.0)
        for lead, into in zip(leads, out, strict=True):
            beta = _back(a[r : r + lead, r:], lead)  # (lead, columns - lead, b): later coordinates on the leading ones
            solved = np.empty((lead, len(at), beta.shape[2]))
            for j, position in enumerate(at):
                if position < k:
                    inner = triangle[:lead, position, None] + np.einsum(
                        "i,sib->sb", triangle[lead:k, position], beta[:, : k - lead]
                    )
                else:
                    inner = beta[:, position - lead] * scale[position - k]
                solved[:, j] = inverse[:lead, :lead] @ inner
            into[rows] = np.where(ok[lead - 1], solved, np.nan).transpose(2, 0, 1)
    return out


def _scaled(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of length one, and their lengths."""
    length = np.linalg.norm(columns, axis=0)
    length = np.where(length > 0, length, 1.0)
    return columns / length, length


def _eliminated(
    gram: np.ndarray, weights: np.ndarray, nuisance: int, pivots: int
) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Slices of draws, pivots after the nuisance as shares of the largest, and cross-products (m, m, b) after elimination.

    Cross-products are positive semidefinite, so no pivoting is needed: where a pivot is zero its whole row is, and the
    column takes no part.
    """
    groups, m, _ = gram.shape
    flat = np.ascontiguousarray(gram.reshape(groups, m * m).T)
    step = max(AT_ONCE // (m * m), 1)
    for start in range(0, len(weights), step):
        rows = slice(start, start + step)
        a = (flat @ weights[rows].T).reshape(m, m, -1)
        largest = np.einsum("iib->ib", a).max(axis=0)
        null = NULL * largest
        for j in range(pivots):
            pivot = a[j, j]
            dead = pivot <= null
            if j < nuisance and dead.any():
                a[j][:, dead] = 0.0
            share = a[j, j + 1 :] / np.where(dead, np.inf if j < nuisance else 1.0, pivot)
            a[j + 1 :, j + 1 :] -= a[j, j + 1 :, None] * share[None]
            if j >= nuisance:
                a[j, j + 1 :] = share
        after = np.arange(nuisance, pivots)
        yield rows, a[after, after] / np.where(largest > 0, largest, 1.0), a


def _back(upper: np.ndarray, lead: int) -> np.ndarray:
    """Solve unit upper-triangular systems: (lead, columns, b) rows -> (lead, columns - lead, b) coefficients."""
    beta = upper[:, lead:].copy()
    for i in range(lead - 2, -1, -1):
        beta[i] -= np.einsum("jb,jcb->cb", upper[i, i + 1 : lead], beta[i + 1 :])
    return beta
