"""Numbers: what one scenario prints. Vectors over terms; inference is computed when it is first asked for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from parity.base.terms import constant
from parity.conventions.formulas import critical_value


class PrintEdit(Protocol):
    """A change of the finished numbers. `touches` says which of them it can move: the search relies on it.

    moves_estimate: coefficients or covariance change, and the rest of the table follows; else columns are overwritten
    on_coefficients: what it multiplies each coefficient by, and the share of one by which it may be off that
    from_elsewhere: for an edit that puts other numbers in the place of coefficients: (k,) the place that each comes from,
        and (k,) its value where it comes from no place of the table, else NaN. None for what does no such thing
    can_leave: whether a number in full precision, which it touches, may be what it has left behind
    """

    moves_estimate: bool

    def touches(self, quantity: str, term: str) -> bool: ...

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]: ...

    def from_elsewhere(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray] | None: ...

    def can_leave(self, value: float) -> bool: ...

    def numbers(self, numbers: Numbers) -> Numbers: ...

    def by_chance(self, off: Mapping[tuple[str, str], bool]) -> float:
        """Probability that a page looks so without it, whatever else moved its numbers a little.

        off: of each number of the page (quantity, term), whether it is off. 0 where only the number of scenarios counts.
        """
        ...


#: Significance stars as most economics journals print them: * 0.1, ** 0.05, *** 0.01.
STARS = (0.1, 0.05, 0.01)
#: Columns of a table that follow from coefficients, covariance and degrees of freedom.
DERIVED = ("se", "variance", "t", "p", "ci_low", "ci_high", "stars")


@dataclass(frozen=True)
class Numbers:
    """terms, coef (k,), covariance (k, k), df of t (infinite: normal; one, or one for each), nobs;
    level of the interval; cuts for stars; of_f: F in print over that of the covariance."""

    terms: tuple[str, ...]
    coef: np.ndarray
    vcov: np.ndarray
    df: float | np.ndarray
    nobs: float
    level: float = 0.95
    cuts: tuple[float, ...] = STARS
    of_f: float = 1.0

    @cached_property
    def se(self) -> np.ndarray:
        variances = np.diag(self.vcov)
        return np.sqrt(np.where(variances >= 0, variances, np.nan))

    @cached_property
    def variance(self) -> np.ndarray:
        return np.diag(self.vcov)

    @cached_property
    def t(self) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.coef / self.se

    @cached_property
    def p(self) -> np.ndarray:
        from scipy import special

        if np.ndim(self.df) == 0 and np.isinf(self.df):
            return 2 * special.ndtr(-np.abs(self.t))
        return 2 * special.stdtr(self.df, -np.abs(self.t))

    @cached_property
    def _half(self) -> np.ndarray:
        if np.ndim(self.df) == 0:
            return critical_value(float(self.df), self.level) * self.se
        return np.array([critical_value(df, self.level) for df in self.df]) * self.se

    @cached_property
    def ci_low(self) -> np.ndarray:
        return self.coef - self._half

    @cached_property
    def ci_high(self) -> np.ndarray:
        return self.coef + self._half

    @cached_property
    def stars(self) -> np.ndarray:
        return np.sum([self.p < cut for cut in self.cuts], axis=0).astype(float)

    @cached_property
    def f(self) -> float:
        """Wald F that all slopes are zero, b'V^-1 b / q; NaN where V is singular."""
        slopes = [i for i, term in enumerate(self.terms) if not constant(term)]
        b, v = self.coef[slopes], self.vcov[np.ix_(slopes, slopes)]
        try:
            return float(b @ np.linalg.solve(v, b) / len(slopes)) * self.of_f if slopes else math.nan
        except np.linalg.LinAlgError:
            return math.nan

    @property
    def df_t(self) -> float:
        """The one number of degrees of freedom; NaN where each coefficient has its own."""
        return float(self.df) if np.ndim(self.df) == 0 else np.nan

    def showing(self, **columns: Column | float) -> Shown:
        """The same estimate with columns of the printed table overwritten; the others stay as they were.

        A column is an array, or what makes one of these numbers once it is looked at.
        """
        return Shown(self, columns)


Column = np.ndarray | Callable[[Numbers], np.ndarray]


class Shown(Numbers):
    """Numbers whose printed columns are no longer what their coefficients and covariance imply."""

    def __init__(self, before: Numbers, columns: Mapping[str, Column | float]):
        coef = columns.get("coef", before.coef)
        coef, nobs = coef(before) if callable(coef) else coef, columns.get("nobs", before.nobs)
        super().__init__(before.terms, coef, before.vcov, before.df, nobs, before.level, before.cuts, before.of_f)
        self.__dict__.update(_before=before, _columns=columns)


def _column(name: str) -> cached_property:
    def read(self: Shown) -> np.ndarray:
        column = self._columns.get(name)
        if column is None:
            return getattr(self._before, name)
        return column(self._before) if callable(column) else column

    found = cached_property(read)
    found.__set_name__(Shown, name)
    return found


for _name in (*DERIVED, "f"):
    setattr(Shown, _name, _column(_name))


def printed(numbers: Numbers, edits: Iterable[PrintEdit]) -> Numbers:
    """Numbers after edits: first those that move the estimate, from which the table follows, then those of the table."""
    for edit in sorted(edits, key=lambda e: not e.moves_estimate):
        numbers = edit.numbers(numbers)
    return numbers
