"""Coefficients without each unit or period at once, without a refit: the jackknife over groups, exact for least squares.

b without group g is b - sum_i pull_i a_i, a = (I - H_gg)^-1 e_g, the pseudo-inverse where the group's own effects make it
singular (Bell and McCaffrey 2002). H holds the fixed effects too.
"""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property

import numpy as np

from parity.absorb import TooLarge
from parity.covariance import NULL, groups, pseudo_power
from parity.design import Design
from parity.least_squares import Fit

#: Rows of a group up to which the root of its block is taken as it stands.
MOST_ROWS = 400


class LeftOut:
    """A sample without each level of a column: `group` numbers the levels; N and coefficients by that number.

    values: (rows of the file,) the column; fit: of the whole sample, None where it has none
    """

    def __init__(self, fit: Fit | None, values: np.ndarray, drop_singletons: bool):
        self.fit = fit
        own = values[fit.design.rows] if fit is not None else values[:0]
        levels, self._code = np.unique(own.astype(str) if own.dtype == object else own, return_inverse=True)
        self.group = {level: i for i, level in enumerate(levels.tolist())}
        self.nobs = rows_without(fit.design, self._code, drop_singletons) if fit is not None else {}

    @cached_property
    def coef(self) -> dict[int, np.ndarray]:
        return coefficients_without(self.fit, self._code, self.nobs) if self.fit is not None else {}


def rows_without(design: Design, code: np.ndarray, drop_singletons: bool) -> dict[int, float]:
    """N without each group. Groups with which singletons would go are left out: for those N isn't plain to see."""
    effects = list(design.effects.values())
    levels = [np.bincount(e) for e in effects]
    counts = design.weights if design.weight_kind == "frequency" else np.ones(design.nobs)
    total, out = float(counts.sum()), {}
    for rows in groups(code):
        inside = [np.bincount(e[rows], minlength=len(n)) for e, n in zip(effects, levels, strict=True)]
        alone = any(((n - i == 1) & (i > 0)).any() for n, i in zip(levels, inside, strict=True))
        if not (drop_singletons and alone):
            out[int(code[rows[0]])] = total - float(counts[rows].sum())
    return out


def coefficients_without(fit: Fit, code: np.ndarray, wanted: Container[int]) -> dict[int, np.ndarray]:
    """Coefficients without each group; none where the formula doesn't hold (instruments, random effects) or is costly."""
    if fit.design.endog.shape[1] or fit.random is not None:
        return {}
    out: dict[int, np.ndarray] = {}
    for rows in groups(code):
        group = int(code[rows[0]])
        try:
            adjusted = _adjusted(fit, rows) if group in wanted else None
        except TooLarge:
            return {}
        if adjusted is not None:
            out[group] = fit.coef - fit.pull[rows].T @ adjusted
    return out


def _adjusted(fit: Fit, rows: np.ndarray) -> np.ndarray | None:
    """(I - H_gg)^-1 e_g; None where no cheap way is known."""
    basis, e = fit.hat_basis(rows), fit.resid[rows]
    if len(rows) <= MOST_ROWS:
        values, vectors = np.linalg.eigh(basis @ basis.T)
        return vectors @ (pseudo_power(1 - values, -1.0) * (vectors.T @ e))
    own = 0 if fit.absorbed is None else basis.shape[1] - len(fit.absorbed.kept) - fit.basis.shape[1]
    if 0 < own < len(rows) or basis.shape[1] - own > MOST_ROWS:
        return None
    # no two rows share a level of the largest effect, so its part of H_gg is diagonal (Woodbury's identity for the rest)
    free, rest = 1 - np.square(basis[:, :own]).sum(axis=1), basis[:, own:]
    if (free <= NULL).any():
        return None
    scaled = rest / free[:, None]
    values, vectors = np.linalg.eigh(np.eye(rest.shape[1]) - rest.T @ scaled)
    return e / free + scaled @ (vectors @ (pseudo_power(values, -1.0) * (vectors.T @ (scaled.T @ e))))
