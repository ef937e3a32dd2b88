"""An oracle for least squares: full dummies, n x n matrices, loops over pairs of rows. Slow, short, and nothing else.

Also random panels to hold against it: unbalanced, with singletons, in one or two components, weighted, instrumented.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parity.conventions.facts import count
from parity.sample.design import Design


class Brute:
    """OLS or 2SLS with every level of every effect as a column; frequency weights as repeated rows.

    coef (k,), pull (n, k) the rows (X'X)^-1 x_i, resid (n,), hat (n, n), each times root weights as in
    `parity.engines.own.fit`; rows: of the design, each as often as its frequency weight says
    """

    def __init__(self, design: Design):
        frequency = design.weight_kind == "frequency"
        self.rows = np.repeat(np.arange(design.nobs), design.weights.astype(int) if frequency else 1)
        self.weights = None if frequency or design.weights is None else design.weights
        root = np.ones(len(self.rows)) if self.weights is None else np.sqrt(self.weights)
        nuisance = [np.eye(int(c.max()) + 1)[c] for c in design.effects.values()]
        nuisance += [np.ones((design.nobs, 1))] if design.intercept else []
        slopes = np.hstack([design.x, design.endog])
        x, z = (
            self._unit(np.hstack([*nuisance, block])[self.rows] * root[:, None])
            for block in (slopes, np.hstack([design.x, design.z]))
        )
        self.length = np.linalg.norm(slopes[self.rows] * root[:, None], axis=0)
        x_hat = z @ np.linalg.pinv(z, rcond=1e-12) @ x if design.endog.shape[1] else x
        inverse = np.linalg.pinv(x_hat, rcond=1e-12)
        y = design.y[self.rows] * root
        b = inverse @ y
        self.resid, self.hat = y - x @ b, x_hat @ inverse
        k, first = slopes.shape[1], x.shape[1] - slopes.shape[1] - int(design.intercept)
        length = np.concatenate([[np.linalg.norm(root)] if design.intercept else [], self.length])
        self.coef, self.pull = b[first:] / length, inverse[first:].T / length
        assert len(self.coef) == k + design.intercept

    @staticmethod
    def _unit(columns: np.ndarray) -> np.ndarray:
        norms = np.linalg.norm(columns, axis=0)
        return columns / np.where(norms > 0, norms, 1.0)

    def iid(self) -> np.ndarray:
        return self.resid @ self.resid / len(self.resid) * self.pull.T @ self.pull

    def hc(self, power) -> np.ndarray:
        """power: of 1 - h under e^2, a number or one for each row."""
        free = 1 - np.diag(self.hat)
        spread = np.where(free > 1e-10, self.resid**2 / np.where(free > 1e-10, free, 1) ** power, 0)
        return sum(e2 * np.outer(p, p) for p, e2 in zip(self.pull, spread, strict=True))

    def pairs(self, weight) -> np.ndarray:
        """Sum over all pairs of rows of weight (n, n) times their scores' product."""
        scores = self.pull * self.resid[:, None]
        return scores.T @ weight @ scores

    def cluster(self, code: np.ndarray) -> np.ndarray:
        code = code[self.rows]
        return self.pairs(code[:, None] == code)

    def leveraged(self, code: np.ndarray, power: float) -> np.ndarray:
        """CR2 (power -1/2) and CR3 (-1): a pseudo-inverse for each cluster."""
        code, adjusted = code[self.rows], np.zeros(len(self.rows))
        root = np.ones(len(code)) if self.weights is None or power == -1 else np.sqrt(self.weights)
        for g in np.unique(code):
            at = code == g
            if power == -0.5:  # the whole residual maker, unweighted, working model identity
                maker = (np.eye(len(code)) - self.hat) / root[:, None] * root
                target = maker[at] @ maker[at].T
            else:
                target = (np.eye(len(code)) - self.hat)[np.ix_(at, at)]
            values, vectors = np.linalg.eigh(target)
            inverse = np.where(values > 1e-9, np.maximum(values, 1e-9) ** power, 0)
            adjusted[at] = root[at] * (vectors @ (inverse * (vectors.T @ (self.resid[at] / root[at]))))
        scores = self.pull * adjusted[:, None]
        return scores.T @ (code[:, None] == code) @ scores

    def kernel(self, distance: np.ndarray, lags: int) -> np.ndarray:
        """distance (n, n): periods between two rows, infinite where they are not of one series."""
        return self.pairs(np.maximum(1 - distance / (lags + 1), 0))

    def driscoll_kraay(self, time: np.ndarray, lags: int) -> np.ndarray:
        rank = np.unique(time[self.rows], return_inverse=True)[1]
        return self.kernel(np.abs(rank[:, None] - rank), lags)

    def newey_west(self, unit: np.ndarray, time: np.ndarray, lags: int) -> np.ndarray:
        apart = np.abs(time[:, None] - time).astype(float)
        return self.kernel(np.where(unit[:, None] == unit, apart, np.inf), lags)


def made_design(columns: dict) -> Design:
    """A design from arrays y, x, and optionally endog, z, effects, clusters, unit, time, weights, weight_kind, intercept."""
    n = len(columns["y"])
    none = np.empty((n, 0))
    parts = {"endog": none, "z": none, "effects": {}, "clusters": {}, "unit": None, "time": None, "weights": None,
             "weight_kind": None, "intercept": False} | columns  # fmt: skip
    named = {f"{block}_names": tuple(f"{block}{i}" for i in range(parts[block].shape[1])) for block in ("x", "endog", "z")}
    design = Design(rows=np.arange(n), facts=None, **parts, **named)  # type: ignore[arg-type]
    frequency = design.weight_kind == "frequency"
    counted = count(
        design.effects, design.clusters, nobs=n, nobs_weighted=float(design.weights.sum()) if frequency else float(n),
        n_slopes=len(design.terms), intercept=design.intercept,
    )  # fmt: skip
    return replace(design, facts=counted)


def random_design(seed: int) -> Design:
    """A random unbalanced panel; what it has (effects, weights, instruments, components, singletons) follows the seed."""
    rng = np.random.default_rng(seed)
    units, periods = int(rng.integers(4, 25)), int(rng.integers(3, 12))
    unit, time = (a.ravel() for a in np.meshgrid(np.arange(units), np.arange(periods), indexing="ij"))
    keep = rng.random(len(unit)) < rng.uniform(0.5, 1.0)
    if seed % 4 == 0:  # two components: some units are seen in early periods only, the others in late ones
        keep &= (unit % 2 == 0) == (time < periods // 2 + 1)
    if seed % 5 == 0:  # singletons
        keep &= (unit >= 2) | (time == 0)
    unit, time = unit[keep], time[keep]
    order = rng.permutation(len(unit))
    unit, time = unit[order], time[order]
    if len(unit) < 25:
        return random_design(seed + 1_000)
    n, industry = len(unit), rng.integers(0, 4, len(unit))
    effects = [{}, {"unit": unit}, {"unit": unit, "time": time}, {"time": time, "unit": unit, "industry": industry}][
        seed % 4 - 1
    ]
    effects = {k: np.unique(v, return_inverse=True)[1] for k, v in effects.items()}
    z = rng.normal(size=(n, 3)) + rng.normal(size=units)[unit, None]
    noise = rng.normal(size=n)
    endog = (z.sum(axis=1) + noise + rng.normal(size=n))[:, None] if seed % 3 == 0 else np.empty((n, 0))
    x = (rng.normal(size=(n, int(rng.integers(1, 4)))) + rng.normal(size=units)[unit, None]) * 10.0 ** rng.integers(-4, 5)
    y = (
        x.sum(axis=1)
        + endog.sum(axis=1)
        + noise * (1 + np.abs(x[:, 0]))
        + rng.normal(size=units)[unit]
        + rng.normal(size=periods)[time]
    )
    kind = [None, "analytic", "frequency"][(seed // 2) % 3]
    weights = {None: None, "analytic": rng.uniform(0.1, 9, n), "frequency": rng.integers(1, 4, n).astype(float)}[kind]
    return made_design(
        {"y": y, "x": x, "endog": endog, "z": z if endog.shape[1] else np.empty((n, 0)), "effects": effects,
         "clusters": {"unit": unit, "time": time}, "unit": unit, "time": time * 2 + (time > 4), "weights": weights,
         "weight_kind": kind, "intercept": not effects and seed % 8 != 1}
    )  # fmt: skip


def near(got: np.ndarray, want: np.ndarray, close: float) -> None:
    """Covariances: each element within `close` of the standard errors' product."""
    scale = np.sqrt(np.diag(want))
    assert np.max(np.abs(got - want) / np.outer(scale, scale)) < close
