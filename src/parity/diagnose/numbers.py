"""Numbers: what one world prints. Vectors over terms; inference is computed when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from parity.conventions import critical_value

#: Significance stars as most economics journals print them: * 0.1, ** 0.05, *** 0.01.
STARS = (0.1, 0.05, 0.01)
#: Columns of a table that follow from coefficients, covariance and degrees of freedom.
DERIVED = ("se", "t", "p", "ci_low", "ci_high", "stars")


@dataclass(frozen=True)
class Numbers:
    """terms, coef (k,), covariance (k, k), df of t (infinite: normal), nobs; level of the interval; cuts for stars."""

    terms: tuple[str, ...]
    coef: np.ndarray
    vcov: np.ndarray
    df: float
    nobs: float
    level: float = 0.95
    cuts: tuple[float, ...] = STARS

    @cached_property
    def se(self) -> np.ndarray:
        variances = np.diag(self.vcov)
        return np.sqrt(np.where(variances >= 0, variances, np.nan))

    @cached_property
    def t(self) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.coef / self.se

    @cached_property
    def p(self) -> np.ndarray:
        from scipy import special

        lower = special.ndtr(-np.abs(self.t)) if np.isinf(self.df) else special.stdtr(self.df, -np.abs(self.t))
        return 2 * lower

    @cached_property
    def _half(self) -> np.ndarray:
        return critical_value(self.df, self.level) * self.se

    @cached_property
    def ci_low(self) -> np.ndarray:
        return self.coef - self._half

    @cached_property
    def ci_high(self) -> np.ndarray:
        return self.coef + self._half

    @cached_property
    def stars(self) -> np.ndarray:
        return np.sum([self.p < cut for cut in self.cuts], axis=0).astype(float)

    @property
    def df_t(self) -> float:
        return self.df

    def showing(self, **columns: np.ndarray) -> Numbers:
        """The same estimate with columns of the printed table overwritten; the others stay as they were."""
        shown = replace(self, coef=columns.get("coef", self.coef))
        shown.__dict__.update({name: getattr(self, name) for name in DERIVED} | columns)
        return shown
