"""Log likelihood of a binary outcome together with its endogenous regressor, jointly normal, and its maximum (IV probit).

Definitions: [R] ivprobit, Methods and formulas; Wooldridge (2010), section 15.7.2. With v = d - X p and s its deviation, the
index given the regressors is (W b + rho v/s) / sqrt(1 - rho^2). Steps are by its coefficients on W and v/s, and by p/s and
1/s, in which each part is a probit or a normal density (Olsen 1978); at the maximum, where the slope is nought, second
derivatives go over to b, p, atanh(rho) and log(s) by the Jacobian alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from parity.algebra import likelihood
from parity.algebra.categorical import At, Maximum, newton, orthogonal, root_of
from parity.algebra.likelihood import NoMaximum

Array = NDArray[np.float64]
NONE = (
    "the likelihood of the probit and its first stage has no maximum: the regressors predict the outcome perfectly, or the "
    "instruments the endogenous column"
)


def maximise(x: Array, d: Array, z: Array, y: Array, weights: Array | None = None) -> Maximum:
    """x: (n, k) exogenous regressors, the constant among them; d: (n,) endogenous; z: (n, m) instruments; y: 0 or 1.

    Parameters: of x and d, of x and z in the first stage, atanh of the correlation, log of the deviation of the first
    stage's errors. The information is the observed one. Raises `NoMaximum`.
    """
    w = np.ones(len(y)) if weights is None else weights
    inner, back = orthogonal(np.column_stack([x, d]))
    first, back_first = orthogonal(np.column_stack([x, z]))
    c = np.linalg.solve(first.T @ (first * w[:, None]), first.T @ (w * d))
    rest = d - first @ c
    size = math.sqrt(float(w @ rest**2 / w.sum()))
    if not size > np.finfo(float).eps * float(np.max(np.abs(d))):
        raise NoMaximum(NONE)
    e, k, q = rest / size, inner.shape[1], first.shape[1]
    try:
        start = likelihood.maximise(np.column_stack([inner, e]), y, "probit", w).b
        at, point = newton(lambda p: _at(inner, first, e, y, p, w), np.r_[start, np.zeros(q), 1.0], w, None)
        half = root_of(_at(inner, first, e, y, point, w, bent=True).information)
    except NoMaximum:
        raise NoMaximum(NONE) from None
    a, mu, g, r = point[:k], point[k], point[k + 1 : -1], point[-1]
    sigma, shrunk = size / r, math.hypot(1.0, mu)
    b, p = back @ a / shrunk, back_first @ (c + sigma * g)
    jacobian = np.zeros((len(point), len(point)))
    jacobian[:k, :k], jacobian[:k, k] = back / shrunk, -b * mu / shrunk**2
    jacobian[k:-2, k + 1 : -1], jacobian[k:-2, -1] = sigma * back_first, -sigma / r * (back_first @ g)
    jacobian[-2, k], jacobian[-1, -1] = 1 / shrunk, -1 / r
    ll = float(w @ at.ll) - float(w.sum()) * math.log(size)  # of densities of the column in its own unit
    return Maximum(
        np.r_[b, p, math.asinh(mu), math.log(sigma)], ll, np.linalg.solve(jacobian.T, at.scores.T).T, jacobian @ half
    )


def _at(inner: Array, first: Array, e: Array, y: Array, point: Array, w: Array, *, bent: bool = False) -> At | None:
    """point: coefficients of the index on inner and on the error u = r e - first g; then g and r, one over the deviation.

    The information is minus the second derivatives; where these are not positive definite, away from the maximum, it is
    without the curvature of the index (unless bent), which always leads upwards.
    """
    k = inner.shape[1]
    a, mu, g, r = point[:k], point[k], point[k + 1 : -1], point[-1]
    if r <= 0:
        return None
    u = r * e - first @ g
    found = likelihood.probit(y)(inner @ a + mu * u)
    moved = np.column_stack([np.zeros((len(y), k + 1)), -first, e])  # how each parameter moves u
    index = np.column_stack([inner, u, np.zeros((len(y), first.shape[1] + 1))]) + mu * moved
    scores = found.slope[:, None] * index - u[:, None] * moved
    scores[:, -1] += 1 / r
    information = index.T @ (index * (w * found.observed)[:, None]) + moved.T @ (moved * w[:, None])
    information[-1, -1] += float(w.sum()) / r**2
    curved = (w * found.slope) @ moved
    exact = information.copy()
    exact[k] -= curved
    exact[:, k] -= curved
    ll = found.ll + math.log(r) - (u * u + math.log(2 * math.pi)) / 2
    return At(ll, scores, exact if bent or _definite(exact) else information)


def _definite(matrix: Array) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True
