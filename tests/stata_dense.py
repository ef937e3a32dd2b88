"""Least squares and 2SLS with every dummy as a column, by numpy only: what tests of parity's reference are held against."""

from __future__ import annotations

import numpy as np
from scipy.linalg import qr

from parity.conventions.facts import combine
from parity.sample.design import Design
from parity.study.spec import Spec

_fits: dict[tuple, Dense] = {}


def orthonormal(m: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the columns, however many are redundant."""
    norms = np.linalg.norm(m, axis=0)
    q, r, _ = qr(m / np.where(norms > 0, norms, 1), mode="economic", pivoting=True)
    return q[:, np.abs(np.diag(r)) > 1e-9]


class Dense:
    """Least squares or 2SLS with every level of every effect as a column; frequency weights as repeated rows."""

    def __init__(self, spec: Spec, design: Design):
        self.rows = np.arange(design.nobs)
        if design.weight_kind == "frequency":
            self.rows = np.repeat(self.rows, design.weights.astype(int))
        n = len(self.rows)
        self.w = design.weights * (n / design.weights.sum()) if design.weight_kind == "analytic" else np.ones(n)
        root = np.sqrt(self.w)[:, None]
        take = lambda m: np.asarray(m, dtype=float)[self.rows] * root  # noqa: E731
        blocks = [(code[:, None] == np.arange(code.max() + 1)) * 1.0 for code in design.effects.values()]
        blocks += [np.ones((design.nobs, 1))] if design.intercept else []
        self.nuisance = orthonormal(take(np.hstack(blocks))) if blocks else np.empty((n, 0))
        slopes = take(np.hstack([design.x, design.endog]))
        x, y = self.free(slopes), self.free(take(design.y[:, None]))[:, 0]
        projected = x
        if spec.iv:
            z = orthonormal(self.free(take(np.hstack([design.x, design.z]))))
            projected = z @ (z.T @ x)
        q, r = np.linalg.qr(projected / np.linalg.norm(projected, axis=0))
        inverse = np.linalg.inv(r) / np.linalg.norm(projected, axis=0)[:, None]
        slope = inverse @ (q.T @ y)
        self.residual = y - x @ slope
        self.hat = np.hstack([self.nuisance, q])
        # rows of (X'WX)^-1 X'W^1/2 for slopes and, where there is one, the intercept
        rows = inverse @ q.T
        self.coef, self.pull = slope, rows
        if design.intercept:
            one, total = take(np.ones((design.nobs, 1)))[:, 0], self.w.sum()
            means = one @ slopes / total
            self.pull = np.vstack([one / total - means @ rows, rows])
            self.coef = np.concatenate([[one @ take(design.y[:, None])[:, 0] / total - means @ slope], slope])

    def free(self, m: np.ndarray) -> np.ndarray:
        for _ in range(2):
            m = m - self.nuisance @ (self.nuisance.T @ m)
        return m


def dense_parts(spec: Spec, design: Design) -> tuple[np.ndarray, dict[tuple[str, ...], np.ndarray]]:
    """Coefficients, and the covariance without factor by subset of the cluster variables."""
    key = (spec.formula, spec.weights, spec.where, design.rows.tobytes(), design.y.tobytes())
    d, kind = _fits.get(key) or _fits.setdefault(key, Dense(spec, design)), spec.vcov.kind
    scores, e = (d.pull * d.residual).T, d.residual
    code = {c: combine([design.clusters[n] for n in c])[d.rows] for c in design.facts.clusters}
    if kind == "iid":
        return d.coef, {(): e @ e / len(e) * d.pull @ d.pull.T}
    if kind in ("HC0", "HC1", "HC2", "HC3"):
        left = 1 - (d.hat**2).sum(1)
        left[left < 1e-10] = np.inf
        spread = scores / left[:, None] ** {"HC2": 0.5, "HC3": 1.0}.get(kind, 0.0)
        return d.coef, {(): spread.T @ spread}
    if kind in ("CR0", "CR1"):
        return d.coef, {c: outer(sums(scores, g)) for c, g in code.items()}
    if kind in ("CR2", "CR3"):
        ((names, group),) = code.items()
        return d.coef, {names: _leveraged(d, group, kind, weighted=design.weight_kind == "analytic")}
    if kind == "conley":  # as x_ols has it
        at, reach = design.located.at[d.rows], design.located.reach(spec.vcov.cutoff)
        near = np.prod(np.maximum(1 - np.abs(at[:, None] - at) / reach, 0), axis=2)
        return d.coef, {(): scores.T @ near @ scores}
    time = design.time[d.rows]
    unit = np.zeros(len(time), dtype=int) if kind == "DK" or design.unit is None else design.unit[d.rows]
    at = np.unique(time, return_inverse=True)[1] if kind == "DK" else time - time.min()
    grid = np.zeros((unit.max() + 1, at.max() + 1, scores.shape[1]))
    np.add.at(grid, (unit, at), scores)
    meat = np.einsum("uti,utj->ij", grid, grid)
    for lag in range(1, min(spec.vcov.lags, at.max()) + 1):
        one = np.einsum("uti,utj->ij", grid[:, lag:], grid[:, :-lag])
        meat += (1 - lag / (spec.vcov.lags + 1)) * (one + one.T)
    return d.coef, {(): meat}


def _leveraged(d: Dense, group: np.ndarray, kind: str, *, weighted: bool) -> np.ndarray:
    """CR2 and CR3; with weights CR2 has the identity as working model (Pustejovsky and Tipton 2018)."""
    root, total = np.sqrt(d.w), 0.0
    middle = (d.hat * d.w[:, None]).T @ d.hat
    for g in range(group.max() + 1):
        at = np.flatnonzero(group == g)
        block, r = d.hat[at], root[at]
        h = block @ block.T
        if kind == "CR3":
            moved = np.linalg.pinv(np.eye(len(at)) - h, rcond=1e-9, hermitian=True) @ d.residual[at]
        elif not weighted:
            moved = _inverse_root(np.eye(len(at)) - h) @ d.residual[at]
        else:
            raw = block / r[:, None]
            h = raw @ (raw.T * d.w[at])
            target = np.eye(len(at)) - h - h.T + raw @ middle @ raw.T
            moved = r * (_inverse_root(target) @ (d.residual[at] / r))
        score = d.pull[:, at] @ moved
        total = total + np.outer(score, score)
    return np.asarray(total)


def _inverse_root(m: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh((m + m.T) / 2)
    return (vectors * np.where(values > 1e-9, np.maximum(values, 1e-9) ** -0.5, 0)) @ vectors.T


def sums(scores: np.ndarray, code: np.ndarray) -> np.ndarray:
    out = np.zeros((code.max() + 1, scores.shape[1]))
    np.add.at(out, code, scores)
    return out


def outer(m: np.ndarray) -> np.ndarray:
    return m.T @ m
