"""Coefficients without each unit or period, or with a group of rows twice, without a refit: exact for least squares.

b without group g is b - sum_i pull_i a_i, a = (I - H_gg)^-1 e_g, the pseudo-inverse where the group's own effects make it
singular (Bell and McCaffrey 2002). H holds the fixed effects too. With its rows twice it is b + sum_i pull_i a_i,
a = (I + H_gg)^-1 e_g (Woodbury).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np

from parity.algebra.absorb import TooLarge
from parity.algebra.covariance import NULL, groups, pseudo_power
from parity.engines.own.least_squares import Fit
from parity.sample.design import Design
from parity.sample.partialled_out import partial_out

#: Rows of a group up to which the root of its block is taken as it stands.
MOST_ROWS = 400
#: Each row is tried a second time in samples of up to so many.
MOST_AGAIN = 20_000
#: Share of a coefficient that cross-products may cost, where they choose what to fit.
SQUARED = 1e-6
#: A matrix with an inverse smaller than this is far from singular.
FAR = 1e4


class LeftOut:
    """A sample without each level of a column: `group` numbers the levels; N by that number, coefficients when asked.

    values: (rows of the file,) the column; fit: of the whole sample, None where it has none
    """

    def __init__(self, fit: Fit | None, values: np.ndarray, drop_singletons: bool):
        self.fit = fit
        own = values[fit.design.rows] if fit is not None else values[:0]
        levels, code = np.unique(own.astype(str) if own.dtype == object else own, return_inverse=True)
        self.group = {level: i for i, level in enumerate(levels.tolist())}
        self._rows = list(groups(code)) if fit is not None else []
        self.nobs = rows_without(fit.design, self._rows, drop_singletons) if fit is not None else {}

    def coef(self, group: int) -> np.ndarray | None:
        """(k,) None where the formula doesn't hold (instruments, random effects), is costly, or N isn't plain."""
        if group not in self.nobs or self.fit is None or self.fit.design.endog.shape[1] or self.fit.random is not None:
            return None
        rows = self._rows[group]
        try:
            adjusted = _adjusted(self.fit, rows)
        except TooLarge:
            return None
        return None if adjusted is None else self.fit.coef - self.fit.pull[rows].T @ adjusted


class Doubled:
    """A sample with rows twice: one row alone, or all rows of a unit or a period. fit: of the sample with each once."""

    def __init__(self, fit: Fit):
        self.fit = fit
        self._counts = fit.design.weights if fit.design.weight_kind == "frequency" else np.ones(fit.design.nobs)
        self._single: np.ndarray | None = None

    def nobs(self, rows: np.ndarray) -> float:
        """N with these rows, places in the sample, twice."""
        return float(self._counts.sum() + self._counts[rows].sum())

    def coef(self, rows: np.ndarray) -> np.ndarray | None:
        """(k,) None where the formula doesn't hold (instruments, random effects) or is costly."""
        if self.fit.design.endog.shape[1] or self.fit.random is not None:
            return None
        if len(rows) == 1:
            return self.fit.coef + self.fit.pull[rows[0]] * self._singly()[rows[0]]
        if len(rows) > MOST_ROWS:
            return None
        try:
            basis = self.fit.hat_basis(rows)
        except TooLarge:
            return None
        moved = np.linalg.solve(np.eye(len(rows)) + basis @ basis.T, self.fit.resid[rows])
        return self.fit.coef + self.fit.pull[rows].T @ moved

    def coefs(self) -> np.ndarray | None:
        """(n, k) with each row alone twice; None where the formula doesn't hold (random effects)."""
        if self.fit.random is not None:
            return None
        if self.fit.design.endog.shape[1]:
            return _by_instruments(self.fit.design)
        return self.fit.coef + self.fit.pull * self._singly()[:, None]

    def hits(self, index: np.ndarray, value: np.ndarray, allowed: np.ndarray, nobs: float | None) -> frozenset[int]:
        """Places of rows that, alone twice, give N and the coefficients (m,) at an index, as far as is allowed."""
        coefs = self.coefs()
        if coefs is None:
            return frozenset()
        near = np.abs(coefs[:, index] - value) <= 4 * allowed + SQUARED * np.abs(value)
        return frozenset(np.flatnonzero(near.all(axis=1) & (self._counts.sum() + self._counts == nobs)).tolist())

    def _singly(self) -> np.ndarray:
        if self._single is None:
            self._single = self.fit.resid / (1 + self.fit.leverage)
        return self._single


def _by_instruments(design: Design) -> np.ndarray | None:
    """(n, k) 2SLS with each row alone twice; None where some can't be estimated.

    Net of effects that fit row i with leverage h, its second copy adds z_i x_i' / (1 + h) to each cross-product.
    """
    partialled = partial_out(design)
    fitted = partialled.outer.leverage() if partialled.outer is not None else 0.0
    once = partialled.columns / np.sqrt(1 + fitted)[:, None] if partialled.outer is not None else partialled.columns
    m, k, n_x = partialled.columns, design.x.shape[1] + design.endog.shape[1], design.x.shape[1]
    z = [*range(1, 1 + n_x), *range(1 + k, m.shape[1])]
    left, right = m[:, z].T @ m, once[:, z, None] * once[:, None, :]
    both = left + right  # (n, q, m)
    try:
        first = np.linalg.solve(both[:, :, z], both[:, :, : k + 1])
        of_x = np.swapaxes(both[:, :, 1 : k + 1], 1, 2)
        b = np.linalg.solve(of_x @ first[:, :, 1:], of_x @ first[:, :, :1])[:, :, 0]
    except np.linalg.LinAlgError:
        return None
    b = b * partialled.power[1 : k + 1] / partialled.power[0]
    if not design.intercept:
        return b
    weights = np.ones(design.nobs) if design.weights is None else design.weights
    raw = np.column_stack([design.y, design.x, design.endog])
    means = (weights @ raw + weights[:, None] * raw) / (weights.sum() + weights)[:, None]
    return np.column_stack([means[:, 0] - (means[:, 1:] * b).sum(axis=1), b])


def rows_without(design: Design, by_group: Sequence[np.ndarray], drop_singletons: bool) -> dict[int, float]:
    """N without each group, whose rows are given.

    Groups with which singletons would go are left out: for those N isn't plain to see.
    """
    effects = list(design.effects.values())
    levels = [np.bincount(e) for e in effects]
    counts = design.weights if design.weight_kind == "frequency" else np.ones(design.nobs)
    total, out = float(counts.sum()), {}
    for group, rows in enumerate(by_group):
        inside = [np.bincount(e[rows], minlength=len(n)) for e, n in zip(effects, levels, strict=True)]
        alone = any(((n - i == 1) & (i > 0)).any() for n, i in zip(levels, inside, strict=True))
        if not (drop_singletons and alone):
            out[group] = total - float(counts[rows].sum())
    return out


def _adjusted(fit: Fit, rows: np.ndarray) -> np.ndarray | None:
    """(I - H_gg)^-1 e_g; None where no cheap way is known."""
    basis, e = fit.hat_basis(rows), fit.resid[rows]
    own = 0 if fit.absorbed is None else basis.shape[1] - len(fit.absorbed.kept) - fit.basis.shape[1]
    if len(rows) <= MOST_ROWS:
        return _solved(basis, basis[:, :own], e)
    if 0 < own < len(rows) or basis.shape[1] - own > MOST_ROWS:
        return None
    # no two rows share a level of the largest effect, so its part of H_gg is diagonal (Woodbury's identity for the rest)
    free, rest = 1 - np.square(basis[:, :own]).sum(axis=1), basis[:, own:]
    if (free <= NULL).any():
        return None
    scaled = rest / free[:, None]
    values, vectors = np.linalg.eigh(np.eye(rest.shape[1]) - rest.T @ scaled)
    return e / free + scaled @ (vectors @ (pseudo_power(values, -1.0) * (vectors.T @ (scaled.T @ e))))


def _solved(basis: np.ndarray, own: np.ndarray, e: np.ndarray) -> np.ndarray:
    """(I - B B')^+ e. own: orthogonal columns of B, of which those of length one span the null space, most often."""
    null = own[:, np.square(own).sum(axis=0) > 1 - NULL]
    with contextlib.suppress(np.linalg.LinAlgError):
        inverse = np.linalg.inv(np.eye(len(e)) - basis @ basis.T + null @ null.T)
        if np.linalg.norm(inverse) < FAR:
            return inverse @ e - null @ (null.T @ e)
    values, vectors = np.linalg.eigh(basis @ basis.T)
    return vectors @ (pseudo_power(1 - values, -1.0) * (vectors.T @ e))
