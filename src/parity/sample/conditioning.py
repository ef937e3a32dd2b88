"""What double precision can give on the columns of a design, whoever computes it.

Columns are scaled to length one, fixed effects and intercept are taken out, and the least singular value says how many
digits a stable algorithm may lose: 1e3 of it are three digits. Whoever forms cross-products of the columns squares that
(Higham 2002, sections 20.4 and 20.10). Residuals lose the digits by which the outcome is larger than they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.orthonormal import orthonormal
from parity.base.tolerance import ROUNDING_MARGIN, UNIT_ROUNDOFF
from parity.sample.design import INTERCEPT

if TYPE_CHECKING:
    from parity.sample.design import Design
    from parity.sample.partialled_out import PartialledOut

#: A column whose length is this many times what effects or intercept leave of it is far from zero, or nearly absorbed.
FAR = 100.0
#: Columns of length one with a condition number above this are nearly collinear.
NEAR = 100.0
#: A column with at least this component in the direction of least variation takes part in it.
TAKES_PART = 0.2


@dataclass(frozen=True)
class CrossProducts:
    """Where a computation forms cross-products of columns, which squares their condition number.

    covariance     in its covariance; coefficients: in its coefficients too, by normal equations
    net            of columns from which fixed effects or mean were taken out before, not beside dummies or a constant
    """

    covariance: bool = False
    coefficients: bool = False
    net: bool = False


@dataclass(frozen=True)
class Conditioning:
    """Condition numbers of one design; k regressors (endogenous ones as their first stage has them), n rows.

    whole    of all columns with effects or intercept among them; net: of the regressors after these are taken out
    fit      length of the outcome over that of its residuals
    far      columns far from zero beside what effects or intercept leave of them; near: those that are nearly collinear
    effects  whether it is fixed effects that are taken out
    spread   of each term its homoskedastic standard error, about; of the intercept no more than that
    """

    whole: float
    net: float
    fit: float
    nobs: int
    far: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    effects: bool = False
    spread: tuple[tuple[str, float], ...] = ()

    def loss(self, of: CrossProducts, coefficients: bool) -> float:
        """Relative error that rounding may leave in a coefficient (of it or its standard error), or in another quantity."""
        root = math.sqrt(self.nobs)
        stable = self.whole + root * self.fit
        squared = self.net if of.net else self.whole
        if of.coefficients:
            loss = stable + squared * self.fit * (squared + root)
        elif of.covariance and not coefficients:
            loss = stable + squared * (squared + root * self.fit)
        else:
            loss = stable
        return min(ROUNDING_MARGIN * UNIT_ROUNDOFF * loss, 1.0)

    def why(self) -> str:
        """Which columns cost the digits, and what helps; "" where none stands out."""
        said = []
        if self.far and self.effects:
            vary = "varies" if len(self.far) == 1 else "vary"
            said.append(f"{_names(self.far)} hardly {vary} within the fixed effects")
        elif self.far:
            one = len(self.far) == 1
            spread = f"{'is' if one else 'are'} far from zero beside {'its' if one else 'their'} spread"
            said.append(f"{_names(self.far)} {spread}: centre {'it' if one else 'them'}")
        if self.near:
            helps = ": take squares and products after centring" if set(self.near) & set(self.far) else ""
            said.append(f"{_names(self.near)} are nearly collinear{helps}")
        if self.fit > NEAR**2:
            said.append(f"the regressors leave 1/{self.fit:.0e} of the outcome")
        return "; ".join(said)


def conditioning(design: Design, partialled: PartialledOut) -> Conditioning:
    """Of a design whose columns are independent, and its columns net of effects or intercept."""
    n_x, n_d = design.x.shape[1], design.endog.shape[1]
    names = design.x_names + design.endog_names
    outcome, regressors = partialled.columns[:, 0], partialled.columns[:, 1 : 1 + n_x + n_d]
    before = partialled.before[1 : 1 + n_x + n_d]
    own = np.linalg.norm(regressors, axis=0)
    if not names or not np.all(own > 0):
        return Conditioning(1.0, 1.0, _over(partialled.before[0], float(np.linalg.norm(outcome))), design.nobs)
    fitted = regressors
    if n_d:  # what the first stage has of the endogenous columns
        exogenous = partialled.columns[:, [*range(1, 1 + n_x), *range(1 + n_x + n_d, partialled.columns.shape[1])]]
        q, _ = orthonormal(exogenous / np.linalg.norm(exogenous, axis=0))
        fitted = np.hstack([regressors[:, :n_x], q @ (q.T @ regressors[:, n_x:])])
    # lengths of the columns as they are, so that a weak first stage costs digits too
    q, r = orthonormal(fitted / own)
    _, values, vectors = np.linalg.svd(r)
    whole = np.linalg.svd(r * (own / before), compute_uv=False)
    b = np.linalg.solve(r, q.T @ outcome)
    left = float(np.linalg.norm(outcome - (regressors / own) @ b))
    collinear = _over(float(values[0]), float(values[-1]))
    near = np.abs(vectors[-1]) >= TAKES_PART if collinear > NEAR else np.zeros(len(names), dtype=bool)
    far = before > FAR * own
    fit = max(1.0, _over(float(partialled.before[0]), left))
    s = left / math.sqrt(design.nobs) / partialled.power[0]
    spread = s * np.linalg.norm(np.linalg.inv(r), axis=1) / own * partialled.power[1 : 1 + len(names)]
    each = dict(zip(names, spread.tolist(), strict=True))
    if design.intercept:
        each[INTERCEPT] = s / math.sqrt(design.nobs if design.weights is None else design.weights.sum())
    return Conditioning(
        max(1.0, _over(1.0, float(whole[-1]))), max(1.0, collinear), fit, design.nobs,
        _some(names, far), _some(names, near), bool(design.effects), tuple(each.items()),
    )  # fmt: skip


def _some(names: Sequence[str], mask: np.ndarray) -> tuple[str, ...]:
    return tuple(str(n) for n, m in zip(names, mask, strict=True) if m)


def _over(a: float, b: float) -> float:
    return a / b if b > 0 else math.inf


def _names(names: Sequence[str]) -> str:
    quoted = [f"`{n}`" for n in names[:4]] + ([f"{len(names) - 4} more"] if len(names) > 4 else [])
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
