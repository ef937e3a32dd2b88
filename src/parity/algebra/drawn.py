"""The audited coefficient in samples of whole clusters drawn with replacement, for every specification at once.

Of a cluster its cross-products are kept (`parity.algebra.moments`), so a drawn sample is a weighted sum of small matrices:
effects that cross clusters and controls that are never left out are taken out of it once, and every subset of the others
is solved in batches. Each copy of a drawn cluster is a cluster of its own, and has its own level of an effect that is nested
in the clusters.

Under the null of no effect in any specification (Simonsohn, Simmons and Nelson 2020), a specification's outcome is less its
own estimate times the column: what a drawn sample then estimates is its coefficient less the estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra import moments
from parity.algebra.subsets import Meat

#: Specifications solved at once.
BATCH = 1024
#: Directions of the nuisance that a drawn sample holds less than this share of are not in it.
HELD = 1e-10


@dataclass(frozen=True)
class Clusters:
    """Cross-products of a sample by cluster, and the coordinates of what is asked.

    grams    (G, m, m); the first `skip` dimensions are nuisance: effects kept as columns, and fixed controls
    outcome, column   (m - skip,); others, tools: (., m - skip) a row a column
    """

    grams: np.ndarray
    skip: int
    outcome: np.ndarray
    column: np.ndarray
    others: np.ndarray
    tools: np.ndarray


@dataclass(frozen=True)
class Drawn:
    """Of one drawn sample, a specification an entry: coefficient, clustered variance without factor, and that of iid errors
    times N."""

    coef: np.ndarray
    clustered: np.ndarray
    iid: np.ndarray


def clusters_of(
    sample: moments.Sample, code: np.ndarray, fixed: int, column: str, others: Sequence[str], tools: Sequence[str],
    count: int | None = None,
) -> Clusters:  # fmt: skip
    """count: of the clusters, where the last ones have no row here. sample: its names start with `fixed` controls that are
    never left out, and end with the outcome.

    Raises `moments.TooMany`.
    """
    skip = sample.nuisance + fixed
    place = {name: i for i, name in enumerate(sample.names)}

    def at(names: Sequence[str]) -> np.ndarray:
        return np.ascontiguousarray(sample.triangle[skip:, [place[n] for n in names]].T)

    grams = moments.products(sample, code).gram
    if count is not None and count > len(grams):
        grams = np.concatenate([grams, np.zeros((count - len(grams), *grams.shape[1:]))])
    return Clusters(grams, skip, at(sample.names[-1:])[0], at([column])[0], at(others), at(tools))


def in_sample(of: Clusters, weights: np.ndarray, subsets: Sequence[np.ndarray]) -> Drawn:
    """Every subset in the sample in which cluster g stands weights[g] times.

    subsets: (b, k) numbers of the others, a group for each k; the entries of the answer are in their order.
    """
    used = weights > 0
    grams, times = of.grams[used], weights[used].astype(float)
    whole = np.tensordot(times, grams, axes=1)
    s = of.skip
    out = _nuisance(whole[:s, :s], whole[:s, s:])
    net = whole[s:, s:] - whole[s:, :s] @ out
    of_cluster = _net(grams, out, s)
    i, j = np.triu_indices(net.shape[0])
    rows = of_cluster[:, i, j] * np.where(i == j, 0.5, 1.0) * np.sqrt(times)[:, None]
    found = [
        _solved(of, net, rows, which[start : start + BATCH]) for which in subsets for start in range(0, len(which), BATCH)
    ]
    return Drawn(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _nuisance(inside: np.ndarray, across: np.ndarray) -> np.ndarray:
    """(s, m): coefficients of the other dimensions on the nuisance; a level that no drawn cluster has takes none."""
    if not len(inside):
        return across
    values, vectors = np.linalg.eigh(inside)
    kept = values > HELD
    return vectors[:, kept] @ ((vectors[:, kept].T @ across) / values[kept, None])


def _net(grams: np.ndarray, out: np.ndarray, s: int) -> np.ndarray:
    """(G, m', m'): cross-products of a cluster net of the nuisance."""
    if not s:
        return grams
    cross = np.matmul(grams[:, s:, :s], out)
    return grams[:, s:, s:] - cross - cross.transpose(0, 2, 1) + np.matmul(out.T, np.matmul(grams[:, :s, :s], out))


def _solved(of: Clusters, net: np.ndarray, rows: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients, clustered variances, iid ones, of a batch (b, k)."""
    controls = of.others[which]  # (b, k, m)
    column = np.broadcast_to(of.column, (len(which), 1, len(of.column)))
    x = np.concatenate([column, controls], axis=1)
    fitted = x
    if len(of.tools):
        w = np.concatenate([np.broadcast_to(of.tools, (len(which), *of.tools.shape)), controls], axis=1)
        first = np.linalg.solve(
            np.matmul(np.matmul(w, net), w.transpose(0, 2, 1)), np.matmul(w, net @ of.column)[:, :, None]
        )
        fitted = np.concatenate([np.matmul(first.transpose(0, 2, 1), w), controls], axis=1)
    inverse = np.linalg.inv(np.matmul(np.matmul(fitted, net), fitted.transpose(0, 2, 1)))
    b = np.matmul(inverse, np.matmul(fitted, net @ of.outcome)[:, :, None])
    pull = np.matmul(inverse[:, :1], fitted)[:, 0].T
    resid = (of.outcome - np.matmul(b.transpose(0, 2, 1), x)[:, 0]).T
    scores = rows @ Meat.products(np.ascontiguousarray(pull), np.ascontiguousarray(resid))
    squares = np.einsum("mb,mb->b", net @ resid, resid)
    return b[:, 0, 0], np.einsum("gb,gb->b", scores, scores), inverse[:, 0, 0] * squares


def draws(clusters: int, count: int, seed: int) -> Iterator[np.ndarray]:
    """(G,) how often each cluster is drawn, draw by draw."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        yield np.bincount(random.integers(clusters, size=clusters), minlength=clusters)
