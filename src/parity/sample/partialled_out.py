"""The columns of a design with its fixed effects, or its intercept, partialled out (Frisch and Waugh 1933; Lovell 1963).

Which columns can be estimated is decided on them, and slopes are estimated from them. Columns are multiplied by powers of
two before any algebra, which loses no digit, so 1e-8 beside 1e12 is no difficulty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.absorb import Absorber, absorber, norms

if TYPE_CHECKING:
    from parity.sample.design import Design


@dataclass(frozen=True)
class PartialledOut:
    """Outcome, regressors, endogenous columns and instruments, m in this order; n rows.

    columns   (n, m) in Fortran order: times `power` and root weights, fixed effects or intercept taken out
    power     (m,) powers of two that bring the largest magnitude of each near one
    before    (m,) norms before anything was taken out
    tss       weighted sum of squares of the outcome, times its power, about its mean (about zero where nothing is taken out)
    outer     the projection that was taken out, or None
    """

    columns: np.ndarray
    power: np.ndarray
    before: np.ndarray
    tss: float
    outer: Absorber | None

    def keep(self, mask: np.ndarray) -> PartialledOut:
        """Without some of the columns after the outcome."""
        kept = np.concatenate([[True], mask])
        if kept.all():
            return self
        return replace(self, columns=self.columns.T[kept].T, power=self.power[kept], before=self.before[kept])


def partial_out(design: Design) -> PartialledOut:
    """A design's columns, net of its fixed effects or of its intercept."""
    columns, power = _scaled_columns(design)
    root = None if design.weights is None else np.sqrt(design.weights)
    outer = design_absorber(design)
    before = norms(_times(columns, root))
    centre = mean(columns[:, 0], design.weights) if outer else 0.0
    tss = sum_of_squares(columns[:, 0] - centre, design.weights)
    return PartialledOut(
        _times(outer.residual(columns, overwrite=True) if outer else columns, root), power, before, tss, outer
    )


def design_absorber(design: Design) -> Absorber | None:
    """Of the fixed effects, or of the intercept as an effect with one level: slopes are estimated net of it."""
    if design.effects:
        return absorber(list(design.effects.values()), design.weights)
    return absorber([np.zeros(design.nobs, dtype=np.int64)], design.weights) if design.intercept else None


def _scaled_columns(design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Outcome, regressors, endogenous columns and instruments (n, m), each times a power of two that brings its
    largest magnitude near one; and these powers (m,)."""
    given = [design.y, *design.x.T, *design.endog.T, *design.z.T]
    columns, power = np.empty((design.nobs, len(given)), order="F"), np.ones(len(given))
    for j, column in enumerate(given):
        largest = max(column.max(), -column.min())
        power[j] = np.ldexp(1.0, -np.frexp(largest)[1]) if largest > 0 else 1.0
        np.multiply(column, power[j], out=columns[:, j])
    return columns, power


def _times(columns: np.ndarray, root: np.ndarray | None) -> np.ndarray:
    return columns if root is None else columns * root[:, None]


def mean(column: np.ndarray, weights: np.ndarray | None) -> float:
    """Weighted mean."""
    return float(column.mean() if weights is None else weights @ column / weights.sum())


def sum_of_squares(column: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Weighted sum of squares."""
    return float(np.square(column).sum() if weights is None else weights @ np.square(column))
