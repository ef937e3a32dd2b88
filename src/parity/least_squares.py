"""Design -> Fit: ordinary and two-stage least squares in numpy, any number of fixed effects, closed form up to rounding.

The fixed effects, or the intercept, are absorbed first (Frisch and Waugh 1933; Lovell 1963); the slopes come from a QR
decomposition of what is left. Columns are multiplied by powers of two before any algebra, which loses no digit, so 1e-8
beside 1e12 is no difficulty. A fit knows nothing of covariances: `parity.fit` has those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parity.absorb import Absorber, absorber
from parity.collinear import independent
from parity.design import Design, Unestimable
from parity.tolerance import COLLINEAR


@dataclass(frozen=True)
class Fit:
    """A least-squares or two-stage least-squares solution; n rows, k coefficients.

    terms, coef   names and (k,) values, in the design's order
    xt            (n, k) regressors times root weights, fixed effects absorbed, endogenous ones projected on instruments
    resid         (n,) residuals times root weights (structural ones: of the endogenous columns, not their projections)
    basis, half   (n, k) orthonormal columns spanning xt, and (k, k) with xt = basis half^-T, half half' = bread
    bread         (k, k) inverse of xt'xt
    ssr, tss      weighted sums of squares of residuals, and of the outcome about its mean (about zero where the model
                  has neither intercept nor fixed effects); tss_within: of the outcome after absorption
    absorbed      the projection on the fixed effects, or None
    random        variance components of a random-effects model: `sigma_u2`, `sigma_e2` ...
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    xt: np.ndarray
    resid: np.ndarray
    basis: np.ndarray
    half: np.ndarray
    ssr: float
    tss: float
    tss_within: float
    design: Design
    absorbed: Absorber | None = None
    random: Mapping[str, float] | None = None

    @property
    def exact(self) -> bool:
        return self.absorbed is None or self.absorbed.exact

    @property
    def nobs(self) -> float:
        """Rows, or the sum of frequency weights."""
        design = self.design
        return float(design.weights.sum()) if design.weight_kind == "frequency" else float(design.nobs)

    @cached_property
    def bread(self) -> np.ndarray:
        return self.half @ self.half.T

    @cached_property
    def pull(self) -> np.ndarray:
        """(n, k) xt times bread: how far each residual pulls each coefficient."""
        return self.basis @ self.half.T

    @cached_property
    def leverage(self) -> np.ndarray:
        """(n,) diagonal of the projection on regressors and fixed effects."""
        own = np.einsum("ij,ij->i", self.basis, self.basis)
        return own if self.absorbed is None else own + self.absorbed.leverage()

    def hat_basis(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(len(rows), r) matrix B with B B' the projection's block of these rows, fixed effects included."""
        own = self.basis[rows]
        return own if self.absorbed is None else np.hstack([self.absorbed.basis(rows), own])


def least_squares(design: Design) -> Fit:
    """OLS, or 2SLS where the design has endogenous columns.

    Raises `Unestimable` where a regressor is determined by the fixed effects or by other regressors.
    """
    columns = np.asfortranarray(np.column_stack([design.y, design.x, design.endog, design.z]), dtype=float)
    power = _powers_of_two(columns)
    columns *= power
    root = None if design.weights is None else np.sqrt(design.weights)
    outer = design_absorber(design)
    free = _times(outer.residual(columns) if outer else columns, root)
    norms = np.linalg.norm(_times(columns, root), axis=0)
    k = design.x.shape[1] + design.endog.shape[1]
    y, x = free[:, 0], free[:, 1 : k + 1]
    regressors = _projected(design, free, norms) if design.endog.shape[1] else x
    basis, inverse = _orthonormal(design, regressors, np.linalg.norm(x, axis=0), norms[1 : k + 1])
    b = inverse @ (basis.T @ y)
    b += inverse @ (basis.T @ (y - x @ b))  # what rounding left of the normal equations
    resid = y - x @ b

    half = inverse * power[1 : k + 1, None]
    coef, unit = b * power[1 : k + 1] / power[0], 1 / power[0]
    xt = regressors / power[1 : k + 1]
    if design.intercept:
        coef, xt, basis, half = _with_intercept(design, root, coef, xt, basis, half)
    centre = _mean(columns[:, 0], design.weights) if outer else 0.0
    return Fit(
        design.terms, coef, xt, resid * unit, basis, half,
        ssr=float(resid @ resid) * unit**2,
        tss=_sum_of_squares(columns[:, 0] - centre, design.weights) * unit**2,
        tss_within=float(y @ y) * unit**2,
        design=design, absorbed=outer if design.effects else None,
    )  # fmt: skip


def design_absorber(design: Design) -> Absorber | None:
    """Of the fixed effects, or of the intercept as an effect with one level: slopes are estimated net of it."""
    if design.effects:
        return absorber(list(design.effects.values()), design.weights)
    return absorber([np.zeros(design.nobs, dtype=np.int64)], design.weights) if design.intercept else None


def _projected(design: Design, free: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """First stage: exogenous columns, and the endogenous ones' projections on all exogenous columns."""
    n_x, n_endog = design.x.shape[1], design.endog.shape[1]
    x, endog = free[:, 1 : 1 + n_x], free[:, 1 + n_x : 1 + n_x + n_endog]
    first = np.r_[1 : 1 + n_x, 1 + n_x + n_endog : free.shape[1]]
    kept = first[independent(free[:, first], norms[first])]
    if len(kept) < n_x + n_endog:
        raise Unestimable(f"{max(len(kept) - n_x, 0)} instruments are left for {n_endog} endogenous columns")
    q, _ = np.linalg.qr(free[:, kept])
    return np.asfortranarray(np.hstack([x, q @ (q.T @ endog)]))


def _orthonormal(design: Design, regressors: np.ndarray, free: np.ndarray, before: np.ndarray):
    """Q and R^-1 of the regressors. free, before: norms of their columns, fixed effects absorbed and as they were."""
    q, r = np.linalg.qr(regressors)
    lost = (free <= COLLINEAR * before) | (np.abs(np.diag(r)) <= COLLINEAR * free)
    if lost.any():
        name = (design.x_names + design.endog_names)[int(np.flatnonzero(lost)[0])]
        raise Unestimable(f"`{name}` is determined by the fixed effects, or by the regressors or instruments beside it")
    return q, np.linalg.solve(r, np.eye(len(r)))


def _with_intercept(design: Design, root, coef, xt, basis, half):
    """The intercept back in front: beside centred regressors it is the mean outcome, orthogonal to all of them."""
    ones = np.ones(design.nobs) if root is None else root
    length = np.linalg.norm(ones)
    means = np.array([_mean(column, design.weights) for column in (*design.x.T, *design.endog.T)])
    top = np.concatenate([[1 / length], -means @ half])
    half = np.vstack([top, np.column_stack([np.zeros(len(half)), half])])
    intercept = _mean(design.y, design.weights) - means @ coef
    xt = np.asfortranarray(np.column_stack([ones, xt + np.outer(ones, means)]))
    return np.concatenate([[intercept], coef]), xt, np.column_stack([ones / length, basis]), half


def _powers_of_two(columns: np.ndarray) -> np.ndarray:
    """(m,) powers of two that bring the largest magnitude of each column near one; 1 for a column of zeros."""
    largest = np.abs(columns).max(axis=0, initial=0.0)
    return np.ldexp(1.0, -np.frexp(np.where(largest > 0, largest, 1.0))[1])


def _times(columns: np.ndarray, root: np.ndarray | None) -> np.ndarray:
    return columns if root is None else columns * root[:, None]


def _mean(column: np.ndarray, weights: np.ndarray | None) -> float:
    return float(column.mean() if weights is None else weights @ column / weights.sum())


def _sum_of_squares(column: np.ndarray, weights: np.ndarray | None) -> float:
    return float(column @ column if weights is None else weights @ column**2)
