"""A regression whose errors are an ARMA process, by the joint density of all its rows: an oracle without a filter.

The covariance of the rows stands as it is, of autocovariances that solve Brockwell and Davis (1991), Time Series: Theory and
Methods, equation 3.3.8; L D L' of it has each row's density given the earlier ones. Parameters: [TS] arima.
"""

from __future__ import annotations

import itertools

import numpy as np

from parity.sample.design import Design
from parity.study.spec import Spec

#: A complex step, whose square is below rounding.
STEP = 1e-40


def autocovariances(ar: np.ndarray, ma: np.ndarray, many: int) -> np.ndarray:
    """(m, many) of m ARMA processes, (m, p) and (m, q), with innovations of variance one, at distances from nought."""
    last = max(ar.shape[1], ma.shape[1])
    ones, none = np.ones((len(ar), 1)), np.zeros((len(ar), last))
    phi, theta = np.hstack([ones, -ar, none])[:, : last + 1], np.hstack([ones, ma, none])[:, : last + 1]
    psi = np.zeros_like(phi)
    left, right = np.zeros((len(ar), last + 1, last + 1), dtype=phi.dtype), np.zeros_like(phi)
    for k in range(last + 1):
        psi[:, k] = theta[:, k] - (phi[:, 1 : k + 1] * psi[:, :k][:, ::-1]).sum(axis=1)
    for k, i in itertools.product(range(last + 1), repeat=2):
        left[:, k, abs(k - i)] += phi[:, i]
        right[:, k] += theta[:, i] * psi[:, i - k] if i >= k else 0.0
    out = np.zeros((len(ar), max(many, last + 1)), dtype=phi.dtype)
    out[:, : last + 1] = np.linalg.solve(left, right[:, :, None])[:, :, 0]
    for k in range(last + 1, many):
        out[:, k] = -(phi[:, 1:] * out[:, k - last : k][:, ::-1]).sum(axis=1)
    return out[:, :many]


def rows(x: np.ndarray, y: np.ndarray, at: np.ndarray, ar: int, points: np.ndarray) -> np.ndarray:
    """(m, n) log density of each row given the earlier ones, at m points; at: (n,) their periods, rising."""
    k = x.shape[1]
    gamma = autocovariances(points[:, k : k + ar], points[:, k + ar : -1], int(at[-1] - at[0]) + 1)
    left = gamma[:, np.abs(at[:, None] - at[None, :])] * points[:, -1, None, None] ** 2
    e, variance = y - points[:, :k] @ x.T, np.zeros((len(points), len(y)), dtype=points.dtype)
    for i in range(len(y)):  # a row and column out at a time: L D L'
        variance[:, i] = left[:, i, i]
        share = left[:, i + 1 :, i] / variance[:, i, None]
        left[:, i + 1 :, i + 1 :] -= share[:, :, None] * left[:, None, i, i + 1 :]
        e[:, i + 1 :] -= share * e[:, i, None]
    return -(np.log(2 * np.pi * variance) + e * e / variance) / 2


def dense_series(spec: Spec, design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients (k,), scores (n, k) of the design's rows, and the inverse (k, k) of the information asked for."""
    ar, ma = spec.arma
    order = np.argsort(design.time)
    x = np.hstack([np.ones((design.nobs, int(design.intercept))), design.x])[order]
    half = np.linalg.inv(np.linalg.qr(x / np.linalg.norm(x, axis=0))[1] / np.sqrt(len(x)) * np.linalg.norm(x, axis=0))
    unit = design.y.std()
    x, y, at = x @ half, design.y[order] / unit, design.time[order]
    k = x.shape[1]

    def density(point: np.ndarray) -> float:
        poles = [np.roots(np.r_[1.0, own]) for own in (-point[k : k + ar], point[k + ar : -1])]
        if point[-1] <= 0 or any((np.abs(p) >= 1).any() for p in poles):
            return -np.inf
        return float(rows(x, y, at, ar, point[None]).sum())

    def scores(point: np.ndarray) -> np.ndarray:
        return (rows(x, y, at, ar, point + 1j * STEP * np.eye(len(point))).imag / STEP).T

    def curvature(point: np.ndarray, h: float = 2e-4) -> np.ndarray:
        def slope(e: np.ndarray) -> np.ndarray:
            return scores(point + h * e).sum(axis=0) - scores(point - h * e).sum(axis=0)

        columns = [(8 * slope(e) - slope(2 * e)) / (12 * h) for e in np.eye(len(point))]
        return -(np.array(columns) + np.array(columns).T) / 2

    def climbed(point: np.ndarray, most: float, steps: int, newton: bool) -> np.ndarray:
        for _ in range(steps):
            slopes = scores(point)
            curved = curvature(point) if newton else slopes.T @ slopes
            step = np.linalg.lstsq(curved, slopes.sum(axis=0), rcond=1e-12)[0]  # a root of both sides cancels
            now = density(point)
            while not newton and not density(point + step) >= now and np.max(np.abs(step)) > most:
                step /= 2
            point = point + step
            if np.max(np.abs(step)) < most:
                break
        return point

    b = np.linalg.lstsq(x, y, rcond=None)[0]
    rough = [(-0.5, 0.0, 0.5) if i == 0 else (0.0,) for many in (ar, ma) for i in range(many)]
    starts = [np.r_[b, own, np.std(y - x @ b)] for own in itertools.product(*rough)]
    uphill = [climbed(start, 1e-2, 30, newton=False) for start in starts]
    near = climbed(max(uphill, key=density), 1e-4, 100, newton=False)
    point = climbed(near, 1e-12, 20, newton=True)
    slopes = scores(point)
    seen = slopes.T @ slopes if spec.convention.information == "outer" else curvature(point)
    back = unit * np.eye(len(point))
    back[:k, :k] = unit * half
    back[k:-1] /= unit
    own = np.linalg.solve(back.T, slopes.T).T[np.argsort(order)]
    return back @ point, own, back @ np.linalg.inv(seen) @ back.T
