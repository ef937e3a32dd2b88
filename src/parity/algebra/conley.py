"""Conley's covariance: products of the scores of rows that are near each other, weighted by how near.

  V = sum over rows i, j of w_ij s_i s_j',  s_i = (X'X)^-1 x_i e_i

w_ij is a kernel of the distance of two places (Conley 1999, Journal of Econometrics 92; his x_ols.ado of 1999), the same
for i, j as for j, i. Of a panel it may be of rows of one period alone, and beside them products of a unit's own scores
up to some lags apart, whatever their places (Hsiang 2010, PNAS 107; ols_spatial_HAC.ado of 2018).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from parity.algebra.absorb import sums

#: Kilometres: of a degree of latitude in flat distances, and the radius of the sphere.
DEGREE, RADIUS = 111.0, 6371.0
#: Two places as far apart as the cutoff are within it, whatever the last bits of their distance say.
ROUNDED = 1 + 1e-12
#: Pairs weighed at once.
BLOCK = 1024


def conley(
    scores: np.ndarray,
    at: np.ndarray,
    cutoff: np.ndarray,
    distance: str,
    kernel: str,
    *,
    unit: np.ndarray | None = None,
    time: np.ndarray | None = None,
    lags: int | None = None,
) -> np.ndarray:
    """(k, k) without small-sample factor, exactly symmetric.

    scores: (n, k) pull times residual. at: (n, c) coordinates, for kilometres latitude, longitude in degrees. cutoff: (c,).
    distance, kernel: values of the settings conley_distance and conley_kernel.
    lags: None for pairs of all rows; else of one period, and of a unit's periods up to so many apart, Bartlett weights.
    """
    if lags is None:
        return near(scores, at, cutoff, distance, kernel)
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    order = np.argsort(time, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(time[order])) + 1):
        meat += near(scores[rows], at[rows], cutoff, distance, kernel)
    return meat if not lags or unit is None else meat + _serial(scores, unit, time, lags)


def near(scores: np.ndarray, at: np.ndarray, cutoff: np.ndarray, distance: str, kernel: str) -> np.ndarray:
    """(k, k) over pairs of all rows. Those of one place are summed first; places are sorted by the first coordinate, and
    blocks of them held against blocks that begin within reach: never an n x n matrix, and fewer pairs than all."""
    at, code = np.unique(at, axis=0, return_inverse=True)
    scores = sums(scores, code.ravel(), len(at))
    first, reach = at[:, 0], _reach(cutoff, distance)
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    for start in range(0, len(at), BLOCK):
        rows = slice(start, start + BLOCK)
        end = int(np.searchsorted(first, first[rows][-1] + reach, side="right"))
        for later in range(start, end, BLOCK):
            columns = slice(later, min(later + BLOCK, end))
            cross = scores[rows].T @ (weights(at[rows], at[columns], cutoff, distance, kernel) @ scores[columns])
            meat += cross if later == start else cross + cross.T  # the first is the rows themselves
    return (meat + meat.T) / 2


def _reach(cutoff: np.ndarray, distance: str) -> float:
    """How far apart in the first coordinate two rows can be and still have a weight."""
    if distance == "axes":
        return float(cutoff[0]) * ROUNDED
    degree = np.pi / 180 * RADIUS if distance == "haversine" else DEGREE
    return float(cutoff[0]) / degree * ROUNDED**2


def weights(a: np.ndarray, b: np.ndarray, cutoff: np.ndarray, distance: str, kernel: str) -> np.ndarray:
    """(n, m) weights of places a (n, c) and b (m, c)."""
    if distance == "axes":
        product = np.ones((len(a), len(b)))
        for j, within in enumerate(cutoff):
            product *= _kernel(np.abs(a[:, j, None] - b[None, :, j]), within, kernel)
        return product
    return sum(_kernel(d, cutoff[0], kernel) * share for d, share in kilometres(a, b, distance))


def _kernel(distance: np.ndarray, cutoff: float, kernel: str) -> np.ndarray:
    return np.maximum(1 - distance / cutoff, 0.0) if kernel == "bartlett" else (distance <= cutoff * ROUNDED).astype(float)


def kilometres(a: np.ndarray, b: np.ndarray, distance: str) -> Iterator[tuple[np.ndarray, float]]:
    """(n, m) distances, each with its share in the weight; a, b: latitude and longitude in degrees."""
    north = a[:, 0, None] - b[None, :, 0]
    east = np.abs(a[:, 1, None] - b[None, :, 1])
    if distance == "haversine":
        cosines = np.cos(np.radians(a[:, 0, None])) * np.cos(np.radians(b[None, :, 0]))
        half = np.sin(np.radians(north) / 2) ** 2 + cosines * np.sin(np.radians(east) / 2) ** 2
        yield 2 * RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0))), 1.0
    elif distance == "mean_latitude":
        east = np.minimum(east, 360 - east)  # across the date line
        mean = (a[:, 0, None] + b[None, :, 0]) / 2
        yield DEGREE * np.hypot(north, np.cos(np.radians(mean)) * east), 1.0
    else:
        for latitude in (a[:, 0, None], b[None, :, 0]):
            yield DEGREE * np.hypot(north, np.cos(np.radians(latitude)) * east), 0.5


def _serial(scores: np.ndarray, unit: np.ndarray, time: np.ndarray, lags: int) -> np.ndarray:
    """(k, k) over pairs of one unit's rows 1 to `lags` periods apart, weights 1 - l/(lags + 1)."""
    span = int(time.max()) - int(time.min()) + lags + 1  # so wide that no lag reaches into another unit
    key, code = np.unique(unit.astype(np.int64) * span + (time - time.min()), return_inverse=True)
    summed = sums(scores, code, len(key))
    meat = np.zeros((scores.shape[1], scores.shape[1]))
    for lag in range(1, min(lags, span) + 1):
        early = np.searchsorted(key, key - lag)
        late = np.flatnonzero(key[early] == key - lag)
        cross = summed[late].T @ summed[early[late]]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    return meat
