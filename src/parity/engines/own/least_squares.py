"""Design -> Fit: ordinary and two-stage least squares in numpy, any number of fixed effects, closed form up to rounding.

The fixed effects, or the intercept, are partialled out first; the slopes come from a QR decomposition of
what is left. A fit knows nothing of covariances: `parity.engines.own.fit` has those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parity.algebra.absorb import Absorber, norms
from parity.algebra.collinear import independent
from parity.algebra.orthonormal import orthonormal
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR
from parity.sample.design import Design
from parity.sample.partialled_out import PartialledOut, mean, partial_out, sum_of_squares


@dataclass(frozen=True)
class Fit:
    """A least-squares or two-stage least-squares solution; n rows, k coefficients.

    terms, coef   names and (k,) values, in the design's order
    resid         (n,) residuals times root weights (structural ones: of the endogenous columns, not their projections)
    basis, half   (n, k) orthonormal columns spanning xt, and (k, k) with basis = xt half, half half' = bread; of GMM (n, q)
                  and (k, q), q instruments
    xt            (n, k) regressors times root weights, fixed effects absorbed, endogenous ones projected on instruments
    bread         (k, k) inverse of xt'xt
    ssr, tss      weighted sums of squares of residuals, and of the outcome about its mean (about zero where the model
                  has neither intercept nor fixed effects); tss_within: of the outcome after absorption
    absorbed      the projection on the fixed effects, or None
    random        variance components of a random-effects model: `sigma_u2`, `sigma_e2` ...
    likelihood    `ll`, `ll_0` of a model by maximum likelihood (`parity.engines.own.maximum`), which has no sums of squares
    """

    terms: tuple[str, ...]
    coef: np.ndarray
    resid: np.ndarray
    basis: np.ndarray
    half: np.ndarray
    ssr: float
    tss: float
    tss_within: float
    design: Design
    absorbed: Absorber | None = None
    random: Mapping[str, float] | None = None
    likelihood: Mapping[str, float] | None = None

    @property
    def exact(self) -> bool:
        return self.absorbed is None or self.absorbed.exact

    @property
    def nobs(self) -> float:
        """Rows, or the sum of frequency weights."""
        return self.design.observations

    @cached_property
    def xt(self) -> np.ndarray:
        square = self.half.shape[0] == self.half.shape[1]
        return self.basis @ (np.linalg.inv(self.half) if square else np.linalg.pinv(self.half))

    @cached_property
    def bread(self) -> np.ndarray:
        return self.half @ self.half.T

    @cached_property
    def pull(self) -> np.ndarray:
        """(n, k) xt times bread: how far each residual pulls each coefficient."""
        return (self.half @ self.basis.T).T  # in Fortran order, as sums by cluster read it

    @property
    def squares(self) -> float:
        """What a homoskedastic variance is made of: the sum of squared residuals."""
        return self.ssr

    @property
    def scored(self) -> tuple[np.ndarray, np.ndarray]:
        """pull and residuals, whose products are the scores of a sandwich."""
        return self.pull, self.resid

    @cached_property
    def leverage(self) -> np.ndarray:
        """(n,) diagonal of the projection on regressors and fixed effects."""
        own = np.einsum("ij,ij->i", self.basis, self.basis)
        return own if self.absorbed is None else own + self.absorbed.leverage()

    def hat_basis(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """(len(rows), r) matrix B with B B' the projection's block of these rows, fixed effects included."""
        own = self.basis[rows]
        return own if self.absorbed is None else np.hstack([self.absorbed.basis(rows), own])

    def hat_places(self, rows: np.ndarray) -> np.ndarray:
        """(r,) which columns of the whole projection's basis those of `hat_basis(rows)` are."""
        if self.absorbed is None:
            return np.arange(self.basis.shape[1])
        first = len(self.absorbed.main_weight)
        rest = len(self.absorbed.kept) + self.basis.shape[1]
        return np.concatenate([np.unique(self.absorbed.main[rows]), np.arange(first, first + rest)])


def least_squares(design: Design, partialled: PartialledOut | None = None) -> Fit:
    """OLS, or 2SLS where the design has endogenous columns. partialled: the design's, where it is known already.

    Raises `Unestimable` where a regressor is determined by the fixed effects or by other regressors.
    """
    if design.nobs < max(len(design.terms), 1):
        raise Unestimable(f"{design.nobs} rows for {len(design.terms)} coefficients")
    partialled = partialled or partial_out(design)
    free, power, before = partialled.columns, partialled.power, partialled.before
    k = design.x.shape[1] + design.endog.shape[1]
    y, x = free[:, 0], free[:, 1 : k + 1]
    regressors = _projected(design, free, before) if design.endog.shape[1] else x
    basis, inverse = _orthonormal(design, regressors, norms(x), before[1 : k + 1])
    b = inverse @ (basis.T @ y)
    b += inverse @ (basis.T @ (y - x @ b))  # what rounding left of the normal equations
    resid = y - x @ b

    coef, half = b * power[1 : k + 1] / power[0], inverse * power[1 : k + 1, None]
    unit = 1 / power[0]
    if design.intercept:
        root = None if design.weights is None else np.sqrt(design.weights)
        coef, basis, half = _with_intercept(design, root, coef, basis, half)
    return Fit(
        design.terms, coef, resid * unit, basis, half,
        ssr=sum_of_squares(resid) * unit**2, tss=partialled.tss * unit**2, tss_within=sum_of_squares(y) * unit**2,
        design=design, absorbed=partialled.outer if design.effects else None,
    )  # fmt: skip


def _projected(design: Design, free: np.ndarray, before: np.ndarray) -> np.ndarray:
    """First stage: exogenous columns, and the endogenous ones' projections on all exogenous columns.

    free, before: all columns, and their norms before the fixed effects were absorbed.
    """
    n_x, n_endog = design.x.shape[1], design.endog.shape[1]
    x, endog = free[:, 1 : 1 + n_x], free[:, 1 + n_x : 1 + n_x + n_endog]
    first = np.r_[1 : 1 + n_x, 1 + n_x + n_endog : free.shape[1]]
    kept = first[independent(free[:, first], before[first])]
    if len(kept) < n_x + n_endog:
        raise Unestimable(f"{max(len(kept) - n_x, 0)} instruments are left for {n_endog} endogenous columns")
    q, _ = orthonormal(free[:, kept])
    return np.asfortranarray(np.hstack([x, q @ (q.T @ endog)]))


def _orthonormal(design: Design, regressors: np.ndarray, free: np.ndarray, before: np.ndarray):
    """Q and R^-1 of the regressors. free, before: norms of their columns, fixed effects absorbed and as they were."""
    q, r = orthonormal(regressors)
    lost = (free <= COLLINEAR * before) | (np.abs(np.diag(r)) <= COLLINEAR * free)
    if lost.any():
        name = (design.x_names + design.endog_names)[int(np.flatnonzero(lost)[0])]
        raise Unestimable(f"`{name}` is determined by the fixed effects, or by the regressors or instruments beside it")
    return q, np.linalg.solve(r, np.eye(len(r)))


def _with_intercept(design: Design, root, coef, basis, half):
    """The intercept back in front: beside centred regressors it is the mean outcome, orthogonal to all of them."""
    ones = np.ones(design.nobs) if root is None else root
    length = np.linalg.norm(ones)
    means = np.array([mean(column, design.weights) for column in (*design.x.T, *design.endog.T)])
    top = np.concatenate([[1 / length], -means @ half])
    half = np.vstack([top, np.column_stack([np.zeros(len(half)), half])])
    intercept = mean(design.y, design.weights) - means @ coef
    return np.concatenate([[intercept], coef]), np.vstack([ones / length, basis.T]).T, half


def joint_code(codes: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) one code for each combination of code vectors. Codes that no row has are left in while they are few: sums by
    code are not disturbed by them, and finding them means sorting the rows."""
    joint = codes[0]
    for code in codes[1:]:
        levels = int(code.max(initial=0)) + 1
        if (int(joint.max(initial=0)) + 1) * levels > 4 * len(code):
            joint = np.unique(joint, return_inverse=True)[1]
            code = np.unique(code, return_inverse=True)[1]
            joint = np.unique(joint * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
        else:
            joint = joint * levels + code
    return joint
