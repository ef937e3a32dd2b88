"""Log likelihood of a normal outcome that is censored below, above or at both ends, and its maximum (tobit).

Definitions: [R] tobit, Methods and formulas; Greene (2018), section 19.3. Steps are by b/sigma and 1/sigma, in which the log
likelihood is concave (Olsen 1978); at the maximum, where its slope is nought, second derivatives go over to b and sigma by
the Jacobian alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parity.algebra.categorical import At, Maximum, newton, orthogonal, root_of
from parity.algebra.likelihood import NoMaximum

Array = NDArray[np.float64]
NONE = (
    "the likelihood of the censored regression has no maximum: a regressor marks censored rows alone, or the others leave "
    "no residual"
)


def maximise(x: Array, y: Array, lower: float, upper: float, weights: Array | None = None) -> Maximum:
    """Over the coefficients of x (n, k), which holds the constant, and sigma, behind them. lower, upper: outcomes at or
    beyond are censored; infinite where there is no such limit. The information is the observed one. Raises `NoMaximum`.
    """
    w = np.ones(len(y)) if weights is None else weights
    side = (y >= upper).astype(int) - (y <= lower)
    if np.all(side):
        raise NoMaximum(NONE)
    basis, back = orthogonal(x)
    held = np.clip(y, lower, upper)
    first = basis.T @ held / len(y)  # the columns' squares have mean one
    rest = held - basis @ first
    size = math.sqrt(float(w @ rest**2 / w.sum()))
    if not size > np.finfo(float).eps * float(np.max(np.abs(held))):
        raise NoMaximum(NONE)
    try:
        at, point = newton(lambda p: _at(basis, rest / size, side, p, w), np.r_[np.zeros(x.shape[1]), 1.0], w, None)
        half = root_of(at.information)
    except NoMaximum:
        raise NoMaximum(NONE) from None
    a, t = point[:-1], point[-1]
    sigma = size / t
    b = back @ (first + sigma * a)
    jacobian = np.zeros((len(point), len(point)))
    jacobian[:-1, :-1], jacobian[:-1, -1], jacobian[-1, -1] = sigma * back, -sigma / t * (back @ a), -sigma / t
    logs = float(w[side == 0].sum()) * math.log(size)  # of densities of the outcome in its own unit
    return Maximum(np.r_[b, sigma], float(w @ at.ll) - logs, np.linalg.solve(jacobian.T, at.scores.T).T, jacobian @ half)


def null(y: Array, lower: float, upper: float, weights: Array | None = None) -> float:
    """The log likelihood of the constant and sigma alone. Raises `NoMaximum`."""
    return maximise(np.ones((len(y), 1)), y, lower, upper, weights).ll


def expected(statistic: str, index: Array, sigma: float, low: float, high: float) -> Array:
    """Of a normal outcome about the index (n,): "pr", its probability between low and high; "e", its mean given that it is
    there; "ystar", the mean of it held to them. [R] tobit postestimation, Methods and formulas. Limits may be infinite."""
    from scipy import special

    def density(z: Array) -> Array:
        return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    a, b = (low - index) / sigma, (high - index) / sigma
    inside = np.where(a > 0, special.ndtr(-a) - special.ndtr(-b), special.ndtr(b) - special.ndtr(a))
    if statistic == "pr":
        return inside
    with np.errstate(all="ignore"):  # missing where nothing lies between
        within = index - sigma * (density(b) - density(a)) / inside
    if statistic == "e":
        return np.where(np.isfinite(within), within, np.nan)
    held = index * inside - sigma * (density(b) - density(a))
    held = held + (low * special.ndtr(a) if math.isfinite(low) else 0.0)
    return held + (high * special.ndtr(-b) if math.isfinite(high) else 0.0)


def _at(x: Array, held: Array, side: NDArray[np.int64], point: Array, w: Array) -> At | None:
    """side: -1 censored below, 1 above, 0 neither. point: coefficients over sigma, then one over sigma."""
    from scipy import special

    if point[-1] <= 0:
        return None
    e = point[-1] * held - x @ point[:-1]
    moved = np.column_stack([-x, held])  # how each parameter moves e
    tail = -side * e  # the probability of a censored row is Phi of it
    ll = np.where(side == 0, math.log(point[-1]) - (e * e + math.log(2 * math.pi)) / 2, special.log_ndtr(tail))
    ratio = math.sqrt(2 / math.pi) / special.erfcx(-tail / math.sqrt(2))  # phi/Phi
    slope = np.where(side == 0, -e, -side * ratio)
    bend = np.where(side == 0, 1.0, ratio * (ratio + tail))
    scores = slope[:, None] * moved
    scores[:, -1] += (side == 0) / point[-1]
    information = moved.T @ (moved * (w * bend)[:, None])
    information[-1, -1] += float(w[side == 0].sum()) / point[-1] ** 2
    return At(ll, scores, information)
