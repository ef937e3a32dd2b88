"""Exact Gaussian log likelihood of a regression with ARMA errors, by the Kalman filter, and its maximum.

Definitions: [TS] arima, Methods and formulas; Hamilton (1994), chapter 13; Harvey (1989), section 3.3 for the state.
Derivatives of a row's density are complex steps (Squire and Trapp 1998), exact to rounding; second ones differences of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parity.algebra.categorical import Maximum, orthogonal, root_of
from parity.algebra.likelihood import MOST_HALVINGS, MOST_STEPS, NoMaximum
from parity.base.tolerance import DIFFERENCE, LIKELIHOOD_STEP

Array = NDArray[np.float64]
NONE = "the likelihood of this ARMA process has no maximum where it is stationary and invertible: ask for fewer terms"
#: A complex step, whose square is below rounding.
STEP = 1e-100
#: Places of a difference of the sixth order, in steps, and their weights (Fornberg 1988, table 1).
SHIFTS = {-3: -1 / 60, -2: 9 / 60, -1: -45 / 60, 1: 45 / 60, 2: -9 / 60, 3: 1 / 60}


def maximise(x: Array, y: Array, time: NDArray[np.int64], ar: int, ma: int, information: str = "observed") -> Maximum:
    """x: (n, k) with the constant; time: (n,) periods, each once, in any order; those between that no row has are missing.

    Parameters: of x, `ar` and `ma` coefficients, and the standard deviation of the innovations. information: "observed", or
    "outer", the sum of products of the rows' scores. Raises `NoMaximum`.
    """
    order = np.argsort(time)
    back = np.argsort(order)
    x, y, at = x[order], y[order], (time[order] - time.min()).astype(np.int64)
    basis, half = orthogonal(x) if x.shape[1] else (x, np.empty((0, 0)))
    first = basis.T @ y / len(y)
    rest = y - basis @ first
    size = math.sqrt(float(rest @ rest) / len(y))
    if not size > np.finfo(float).eps * float(np.max(np.abs(y))):
        raise NoMaximum(NONE)
    found = _newton(basis, rest / size, at, ar, ma)
    point, ll, scores, observed = found
    k, p = x.shape[1], len(point)
    move = np.eye(p)
    move[:k, :k] = size * half
    move[-1, -1] = size
    seen = observed if information == "observed" else scores.T @ scores
    b = np.r_[half @ (first + size * point[:k]), point[k:-1], size * point[-1]]
    try:
        root = root_of(seen)
    except NoMaximum:
        raise NoMaximum(NONE) from None
    scaled = np.linalg.solve(move.T, scores.T).T[back]
    return Maximum(b, ll - len(y) * math.log(size), scaled, move @ root)


def _newton(x: Array, y: Array, at: NDArray[np.int64], ar: int, ma: int) -> tuple[Array, float, Array, Array]:
    """Point, log likelihood, scores (n, p) and information (p, p) at the best of the maxima that steps lead to."""
    found = []
    for start in _starts(x, y, at, ar, ma):
        try:
            found.append(_climb(x, y, at, ar, ma, start))
        except NoMaximum:
            continue
    if not found:
        raise NoMaximum(NONE)
    return max(found, key=lambda one: one[1])


def _climb(x: Array, y: Array, at: NDArray[np.int64], ar: int, ma: int, point: Array) -> tuple[Array, float, Array, Array]:
    k = x.shape[1]

    def density(b: Array) -> float:
        if b[-1] <= 0 or max(_largest(b[k : k + ar]), _largest(-b[k + ar : -1])) >= 1:
            return -math.inf
        return float(np.sum(_rows(x, y, at, ar, b[None, :])[0].real))

    total = density(point)
    if not math.isfinite(total):
        raise NoMaximum(NONE)
    for _ in range(MOST_STEPS):
        scores, observed = derivatives(x, y, at, ar, point)
        slope = scores.sum(axis=0)
        try:
            root = root_of(observed)
        except NoMaximum:  # away from the maximum: uphill by products of scores
            root = root_of(scores.T @ scores)
        step = root @ (root.T @ slope)
        moved = 1.0
        for _ in range(MOST_HALVINGS):
            now = density(point + moved * step)
            if now >= total - abs(total) * LIKELIHOOD_STEP:
                break
            moved /= 2
        else:
            raise NoMaximum(NONE)
        point, total = point + moved * step, now
        if moved == 1.0 and np.max(np.abs(step)) < LIKELIHOOD_STEP * max(1.0, float(np.max(np.abs(point)))):
            scores, observed = derivatives(x, y, at, ar, point)
            root_of(observed)
            return point, total, scores, observed
    raise NoMaximum(NONE)


def derivatives(x: Array, y: Array, at: NDArray[np.int64], ar: int, point: Array) -> tuple[Array, Array]:
    """Scores (n, p) of the rows, and minus the second derivatives (p, p) of their sum: differences of the sixth order."""
    p, k = len(point), x.shape[1]
    # the derivatives grow with powers of the distance from a unit root, at which they have no end
    wide = DIFFERENCE * min(1.0, 1 - max(_largest(point[k : k + ar]), _largest(-point[k + ar : -1])))
    steps = np.array([(s, i) for i in range(p) for s in SHIFTS])
    points = np.vstack([point, point + wide * steps[:, :1] * np.eye(p)[steps[:, 1]]])
    complex_points = (points[:, None, :] + 1j * STEP * np.eye(p)).reshape(-1, p)
    by_row = _rows(x, y, at, ar, complex_points).imag.reshape(len(points), p, -1) / STEP
    sums = by_row[1:].sum(axis=2).reshape(p, len(SHIFTS), p)
    second = np.einsum("s,psq->pq", list(SHIFTS.values()), sums) / wide
    return by_row[0].T, -(second + second.T) / 2


def _rows(x: Array, y: Array, at: NDArray[np.int64], ar: int, points: NDArray) -> NDArray:
    """(m, n) log densities of the rows, each given those before it, at m points (m, p); none where a state overflows."""
    with np.errstate(all="ignore"):
        return _filtered(x, y, at, ar, points)


def _filtered(x: Array, y: Array, at: NDArray[np.int64], ar: int, points: NDArray) -> NDArray:
    m, (n, k) = len(points), x.shape
    phi, theta, sigma = points[:, k : k + ar], points[:, k + ar : -1], points[:, -1]
    r = max(ar, theta.shape[1] + 1)
    t = np.zeros((m, r, r), dtype=points.dtype)
    t[:, :ar, 0] = phi
    t[:, np.arange(r - 1), np.arange(1, r)] = 1.0
    shock = np.zeros((m, r), dtype=points.dtype)
    shock[:, 0], shock[:, 1 : 1 + theta.shape[1]] = 1.0, theta
    q = shock[:, :, None] * shock[:, None, :]
    kron = (t[:, :, None, :, None] * t[:, None, :, None, :]).reshape(m, r * r, r * r)
    v = np.linalg.solve(np.eye(r * r) - kron, q.reshape(m, r * r, 1)).reshape(m, r, r)
    errors = y - points[:, :k] @ x.T
    a = np.zeros((m, r), dtype=points.dtype)
    out = np.empty((m, n), dtype=points.dtype)
    wide, period = t.transpose(0, 2, 1), 0
    for i, now in enumerate(at):
        while period < now:  # predicted, not observed
            a, v = (t @ a[:, :, None])[:, :, 0], t @ v @ wide + q
            period += 1
        f, e = v[:, 0, 0], errors[:, i] - a[:, 0]
        out[:, i] = -(np.log(2 * np.pi * f) + e * e / (f * sigma * sigma)) / 2 - np.log(sigma)
        gain = v[:, :, 0] / f[:, None]
        a = a + gain * e[:, None]
        v = v - gain[:, :, None] * v[:, :1, :]
    return out


def _largest(coefficients: Array) -> float:
    """The largest inverse root of a process with these weights of its own past, which dies out where it is below one."""
    if not len(coefficients):
        return 0.0
    companion = np.eye(len(coefficients), k=-1)
    companion[0] = coefficients
    return float(np.max(np.abs(np.linalg.eigvals(companion))))


def _starts(x: Array, y: Array, at: NDArray[np.int64], ar: int, ma: int) -> list[Array]:
    """None of either, and by Hannan and Rissanen (1982): lags of the series and of residuals of a long autoregression."""
    k, n = x.shape[1], len(y)
    plain = np.r_[np.zeros(k + ar + ma), math.sqrt(float(y @ y) / n)]
    long = min(max(2 * (ar + ma), 4), max(n // 4, 1))

    def lags(series: Array, many: int) -> Array:
        out = np.full((int(at[-1]) + 1, many), np.nan)
        whole = np.full(int(at[-1]) + 1, np.nan)
        whole[at] = series
        for j in range(many):
            out[j + 1 :, j] = whole[: len(whole) - j - 1]
        return out[at]

    def residual(columns: Array) -> tuple[Array, Array]:
        kept = ~np.isnan(columns).any(axis=1)
        if kept.sum() <= columns.shape[1] + 1:
            return np.zeros(columns.shape[1]), y
        b = np.linalg.lstsq(columns[kept], y[kept], rcond=None)[0]
        return b, np.where(kept, y - np.nan_to_num(columns) @ b, np.nan)

    if ar + ma == 0:
        return [plain]
    shocks = residual(lags(y, long))[1] if ma else y
    b, rest = residual(np.hstack([lags(y, ar), lags(shocks, ma)]))
    size = math.sqrt(float(np.nanmean(rest**2))) or plain[-1]
    rough = np.r_[np.zeros(k), b, size]
    for block in (slice(k, k + ar), slice(k + ar, k + ar + ma)):
        sign = 1.0 if block.start == k else -1.0
        while _largest(sign * rough[block]) >= 1:
            rough[block] *= 0.8
    return [rough, plain]
