"""Estimates under many weights of the clusters at once: bootstrap draws, a jackknife, groups of units.

A draw's cross-products are the weighted sum of the clusters' own (`parity.algebra.moments`). They are eliminated column by
column, all draws side by side (`parity.analyses.replicates.eliminate`): first the nuisance, then the regressors in a stated
order. One elimination gives the regression of every later column on every leading set of regressors, so the equations of a
mediation cost one pass.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parity.algebra.moments import Products, coordinates, orthonormal
from parity.analyses.replicates.eliminate import NULL, Crossed, crossed, eliminate, nets, nets_of_halves

#: A pivot below this share leaves fewer than nine digits of a coefficient; above VANISHED it is still no rounding error, and
#: the draw is worth refitting from its rows.
THIN, VANISHED = 1e-7, 1e-14


def weights_of(draws: np.ndarray, clusters: int) -> np.ndarray:
    """(B, G) how often each cluster stands in each draw, from (B, .) positions of the clusters drawn, from 0."""
    place = draws + clusters * np.arange(len(draws))[:, None]
    return np.bincount(place.ravel(), minlength=len(draws) * clusters).reshape(-1, clusters).astype(float)


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
    columns = tuple(dict.fromkeys((*order, *targets)))
    k, at = len(order), [columns.index(t) for t in targets]
    between, triangle, inverse, scale = _oriented(of, columns, k)
    out = [np.empty((len(weights), lead, len(targets))) for lead in leads]
    for rows, net, largest in nets(between, weights):
        upper, pivots = eliminate(net, len(columns), k, largest)
        ok = np.logical_and.accumulate(pivots > NULL, axis=0)
        if least is not None:
            least[rows] = pivots.min(axis=0, initial=1.0)
        for lead, into in zip(leads, out, strict=True):
            beta = back_substituted(upper, lead)  # (lead, columns - lead, b): later coordinates on the leading ones
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


def halves(
    of: Products, masks: np.ndarray, outcome: str, regressors: Sequence[str], term: str
) -> tuple[np.ndarray, np.ndarray]:
    """The coefficient of `term` among the clusters within each mask (B, G), and among all others: (2, B) both.

    Its second value is the smallest pivot of a regressor, as in `replicate`. NaN where a coefficient is undetermined.
    Raises `Undetermined` where it is in the whole sample.
    """
    order = [*(name for name in regressors if name != term), term]
    k = len(order)
    between, _, inverse, scale = _oriented(of, (*order, outcome), k)
    out, least = np.empty((2, len(masks))), np.empty((2, len(masks)))
    for rows, net, largest in nets_of_halves(between, masks):
        upper, pivots = eliminate(net, k + 1, k, largest)
        smallest = pivots.min(axis=0)
        b = upper[-2][1] * (inverse[-1, -1] * scale[0])
        out[:, rows] = np.where(smallest > NULL, b, np.nan).reshape(2, -1)
        least[:, rows] = smallest.reshape(2, -1)
    return out, least


def _oriented(of: Products, columns: tuple[str, ...], k: int) -> tuple[Crossed, np.ndarray, np.ndarray, np.ndarray]:
    """Cross-products in coordinates of the nuisance, k orthonormal regressors, then targets that are no regressors.

    Returns them, the regressors in these coordinates, the way back to coefficients of the regressors, and lengths of the
    targets.
    """
    r = of.nuisance
    free, size = coordinates(of, columns)
    q, inverse = orthonormal(free[:, :k], free[:, :k], size[:k], columns[:k])
    rest, scale = _scaled(free[:, k:])
    way = np.zeros((r + len(free), r + len(columns)))
    way[:r, :r] = np.eye(r)
    way[r:, r:] = np.hstack([q, rest])
    return crossed(way.T @ of.gram @ way, r), q.T @ free[:, :k], inverse, scale


def _scaled(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of length one, and their lengths."""
    length = np.linalg.norm(columns, axis=0)
    length = np.where(length > 0, length, 1.0)
    return columns / length, length


def back_substituted(upper: list[np.ndarray], lead: int) -> np.ndarray:
    """Solve unit upper-triangular systems: rows of the triangles -> (lead, columns - lead, b) coefficients."""
    beta = np.array([upper[i][lead - i :] for i in range(lead)])
    for i in range(lead - 2, -1, -1):
        beta[i] -= np.einsum("jb,jcb->cb", upper[i][1 : lead - i], beta[i + 1 :])
    return beta
