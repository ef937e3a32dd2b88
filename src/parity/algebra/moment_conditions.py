"""Instrumental variables beyond 2SLS: k-class estimators, GMM in steps, and GMM whose weight moves with its coefficients.

All take columns times root weights, n rows: y (n,), x exogenous and d endogenous regressors, z excluded instruments.
Instruments enter through an orthonormal basis of [x, z], which changes no estimate: moments are Q'e, and the weight
matrix of 2SLS is the identity.

Sources: Anderson and Rubin (1949); Fuller (1977); Hansen (1982); Hansen, Heaton and Yaron (1996); [R] ivregress, Methods
and formulas; Baum, Schaffer and Stillman (2007), Stata Journal 7(4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from parity.algebra.orthonormal import orthonormal
from parity.base.tolerance import MOMENT_STEP, SINGULAR

#: Steps of an iterated GMM, and Newton's of a CUE, at most.
MOST_STEPS, MOST_NEWTON = 5_000, 60


class Unweighted(ValueError):
    """The moments have no weight matrix, or there is no estimate; the message says why."""


@dataclass(frozen=True)
class Solved:
    """b (k,) coefficients; pull (n, k) = basis half': how far each residual moves them; bread (k, k): the covariance without
    the error variance (k-class), or with it ((X'Z W Z'X)^-1 of a GMM whose weight is efficient)."""

    b: np.ndarray
    basis: np.ndarray
    half: np.ndarray
    bread: np.ndarray


# ---------------------------------------------------------------- k-class


def liml_kappa(y: np.ndarray, x: np.ndarray, d: np.ndarray, z: np.ndarray) -> float:
    """The least root of |W'M_x W - kappa W'M_xz W| = 0, W = [y, d]; 1 where there are as many instruments as d."""
    w = np.column_stack([y, d])
    if x.shape[1]:
        q = orthonormal(x)[0]
        w = w - q @ (q.T @ w)
    triangle = np.linalg.qr(w)[1]
    q = orthonormal(np.hstack([x, z]))[0]
    left = w - q @ (q.T @ w)
    largest = np.linalg.svd(np.linalg.solve(triangle.T, left.T), compute_uv=False)[0]
    if not largest > np.sqrt(SINGULAR):
        raise Unweighted("the instruments determine the endogenous columns: LIML has no kappa")
    return float(largest**-2)


def k_class(y: np.ndarray, x: np.ndarray, d: np.ndarray, z: np.ndarray, kappa: float) -> Solved:
    """(X'(I - kappa M)X)^-1 X'(I - kappa M)y, M what instruments leave; a sandwich's scores are of X less MX."""
    q = orthonormal(np.hstack([x, z]))[0]
    fitted = q @ (q.T @ d)
    basis, triangle = orthonormal(np.hstack([x, fitted]))
    inverse = np.linalg.solve(triangle, np.eye(len(triangle)))
    # X'(I - kappa M)X = R'(I - (kappa - 1) N'N)R, N the part of X that the instruments leave, times R^-1
    left = np.hstack([np.zeros_like(x), d - fitted]) @ inverse
    values, vectors = np.linalg.eigh(np.eye(len(triangle)) - (kappa - 1) * left.T @ left)
    if values[0] <= SINGULAR:
        raise Unweighted(f"X'(I - kappa M)X is singular, or negative, at kappa = {kappa:.6g}")
    middle = vectors / values @ vectors.T
    half = inverse @ middle

    def moved(outcome: np.ndarray) -> np.ndarray:
        return half @ (basis.T @ outcome - (kappa - 1) * (left.T @ outcome))

    b = moved(y)
    b = b + moved(y - np.hstack([x, d]) @ b)  # what rounding left
    return Solved(b, basis, half, half @ inverse.T)


# ---------------------------------------------------------------- the covariance of moments


@dataclass(frozen=True)
class Rows:
    """Which rows' moments are summed before they are squared.

    code    (n,) clusters from 0; None: every row by itself
    copies  (n,) how many rows a row stands for (its weight times any constant, where the weight is analytic); None: one
    repeats whether a row is as many equal ones, each with its share of the moment
    centred whether moments are taken less their mean, times `copies`
    """

    code: np.ndarray | None
    copies: np.ndarray | None
    repeats: bool
    centred: bool

    def summed(self, moments: np.ndarray) -> np.ndarray:
        """(G, l) what is squared."""
        if self.centred:
            copies = np.ones(len(moments)) if self.copies is None else self.copies
            moments = moments - np.outer(copies, moments.sum(0) / copies.sum())
        if self.code is not None:
            from parity.algebra.absorb import sums

            return sums(moments, self.code, int(self.code.max(initial=-1)) + 1)
        return moments / np.sqrt(self.copies)[:, None] if self.repeats else moments

    def spread(self, moments: np.ndarray) -> np.ndarray:
        held = self.summed(moments)
        return held.T @ held


def root_of(covariance: np.ndarray) -> np.ndarray:
    """Its Cholesky factor. Raises `Unweighted` where it is singular, whatever the units of its moments."""
    size = np.sqrt(np.diag(covariance))
    if not np.all(size > 0):
        raise Unweighted("a moment is zero in every row: its covariance can't be inverted")
    correlation = covariance / np.outer(size, size)
    if np.linalg.eigvalsh(correlation)[0] <= SINGULAR * len(size):
        raise Unweighted(
            "the covariance of the moments is singular (as many clusters as moments, or fewer): they can't be weighted by it"
        )
    return size[:, None] * np.linalg.cholesky(correlation)


# ---------------------------------------------------------------- GMM


@dataclass(frozen=True)
class Weighted:
    """A GMM estimate. solved: as above; j: Hansen's statistic; steps: how many were taken."""

    solved: Solved
    j: float
    steps: int


@dataclass(frozen=True)
class Conditions:
    """Q (n, l), regressors (n, k) and outcome (n,); covariance: residuals (n,) -> that of the moments (l, l)."""

    q: np.ndarray
    x: np.ndarray
    y: np.ndarray
    covariance: Callable[[np.ndarray], np.ndarray]

    def step(self, root: np.ndarray) -> Weighted:
        """The estimate under the weight (root root')^-1."""
        across = np.linalg.solve(root, self.q.T)
        ortho, triangle = np.linalg.qr(across @ self.x)
        inverse = np.linalg.solve(triangle, np.eye(len(triangle)))
        b = inverse @ (ortho.T @ (across @ self.y))
        b = b + inverse @ (ortho.T @ (across @ (self.y - self.x @ b)))
        half = inverse @ np.linalg.solve(root.T, ortho).T
        left = across @ (self.y - self.x @ b)
        return Weighted(Solved(b, self.q, half, inverse @ inverse.T), float(left @ left), 1)

    def in_steps(self, steps: int | str) -> Weighted:
        """From the weight of 2SLS on: 1, 2, or "iterated" until no coefficient moves by more than a share of its error."""
        found = self.step(np.eye(self.q.shape[1]))
        if steps == 1:
            return found  # its J is no chi-squared: moments of unknown variance under a weight that isn't theirs
        for taken in range(2, MOST_STEPS):
            last = found.solved.b
            found = self.step(root_of(self.covariance(self.y - self.x @ last)))
            error = np.sqrt(np.diag(found.solved.bread))
            if steps == 2 or np.all(np.abs(found.solved.b - last) <= MOMENT_STEP * error):
                return Weighted(found.solved, found.j, taken)
        raise Unweighted(f"no end after {MOST_STEPS} steps: the weight matrix and the coefficients keep moving")


def continuously_updated(conditions: Conditions, slope: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Weighted:
    """Where g'S(b)^-1 g is least (Hansen, Heaton and Yaron 1996), from several starts.

    slope: residuals e (n,) and v (n,) = Q S^-1 g -> (n,) m with dJ/db = -2 x'(v - m), what the weight's own movement adds.
    """
    from scipy.optimize import minimize

    two = conditions.in_steps(2)
    scale = np.linalg.cholesky(two.solved.bread)  # in units of its standard errors the statistic is near a circle
    x, y, q = conditions.x @ scale, conditions.y - conditions.x @ two.solved.b, conditions.q

    def at(step: np.ndarray) -> tuple[float, np.ndarray]:
        e = y - x @ step
        root = root_of(conditions.covariance(e))
        half = np.linalg.solve(root, q.T @ e)
        v = q @ np.linalg.solve(root.T, half)
        return float(half @ half), -2 * x.T @ (v - slope(e, v))

    one = np.linalg.solve(scale, conditions.in_steps(1).solved.b - two.solved.b)
    best, found = np.inf, None
    for start in (np.zeros(len(one)), one, -one):
        reached = minimize(at, start, jac=True, method="BFGS", options={"gtol": 1e-8}).x
        value = at(reached)[0]
        if value < best - MOMENT_STEP * max(best, 1.0) if np.isfinite(best) else True:
            best, found = value, reached
    assert found is not None
    found = _polished(at, found)
    b = two.solved.b + scale @ found
    ended = conditions.step(root_of(conditions.covariance(conditions.y - conditions.x @ b)))
    return Weighted(Solved(b, ended.solved.basis, ended.solved.half, ended.solved.bread), best, 0)


def _polished(at: Callable[[np.ndarray], tuple[float, np.ndarray]], point: np.ndarray) -> np.ndarray:
    """Newton's steps on the slope, curvature by differences, until they are lost in rounding."""
    width, last = 1e-4, np.inf
    for _ in range(MOST_NEWTON):
        curvature = np.array([(at(point + h)[1] - at(point - h)[1]) / (2 * width) for h in width * np.eye(len(point))])
        step = np.linalg.solve((curvature + curvature.T) / 2, at(point)[1])
        size = float(np.abs(step).max())
        if size >= last:
            break
        point, last = point - step, size
        if size <= MOMENT_STEP:
            break
    if last > 1e-6:
        raise Unweighted("the statistic of a continuously updated GMM has no least value that could be found")
    return point
