"""Design: the arrays of one estimation sample, under canonical names, as every engine is given them.

An engine never sees a column name, and nothing a user wrote is evaluated by Python or R. `parity.sample.build` makes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from parity.base.terms import ATHRHO, INTERCEPT, LNSIGMA, SIGMA, of_equation, of_process
from parity.conventions.facts import Facts

__all__ = ["INTERCEPT", "Design"]


@dataclass(frozen=True)
class Sources:
    """Columns whose lags are instruments of a dynamic panel, on every row of the data that has a unit and a period.

    unit, time   (m,) as those of the design's `levels`
    columns      (m, s), NaN where missing; names: (s,) in the data; lags: first and last lag, None for all there are
    standard     names of the regressors that are instruments of themselves
    own          (m, q) columns that are instruments as they are, those regressors' among them; placed: (q,) in which
                 equations, as `parity.algebra.dynamic_panel.Standard` has it
    equations    (s,) of the lags; collapsed: (s,)
    """

    unit: np.ndarray
    time: np.ndarray
    columns: np.ndarray
    names: tuple[str, ...]
    lags: tuple[tuple[int, int | None], ...]
    standard: frozenset[str]
    own: np.ndarray
    placed: tuple[str, ...]
    equations: tuple[str, ...]
    collapsed: tuple[bool, ...]


@dataclass(frozen=True)
class Places:
    """Where rows are: at (n, c), a column a coordinate; names (c,); cutoffs: column of a cutoff -> the number in it."""

    at: np.ndarray
    names: tuple[str, ...]
    cutoffs: Mapping[str, float]

    def reach(self, cutoff: Sequence[float | str]) -> np.ndarray:
        """(c,) cutoff of each coordinate, of numbers or columns, one for all or one each."""
        numbers = [self.cutoffs[c] if isinstance(c, str) else float(c) for c in cutoff]
        return np.array(numbers * self.at.shape[1] if len(numbers) == 1 else numbers)


@dataclass(frozen=True)
class Design:
    """Arrays of one estimation sample; n rows.

    y            (n,) outcome
    x            (n, k) exogenous regressors, without the intercept; x_names their canonical names
    intercept    whether the model has one (never with fixed effects)
    endog, z     (n, .) endogenous columns and excluded instruments, with their names
    effects      name -> (n,) codes from 0, in the order of the formula
    clusters     name -> (n,) codes from 0
    unit         (n,) codes, or None; time (n,) periods from 0 or above, one apart (`parity.data.periods`), or None
    weights      (n,) or None; weight_kind "analytic" or "frequency"
    rows         (n,) row numbers in the data file, from 0; the rows are in the order of `parity.sample.order`
    facts        what parity counted
    levels       for first differences: the same sample before differencing; else None
    unit_name, time_name   the study's panel columns, to tell which effect or cluster is the unit or the time
    outcomes     of a model of several outcomes their values, falling apart into an equation each but for the base; base: the
                 place of that one, or -1 where outcomes are ordered and one equation has cuts between them
    sources      of a dynamic panel what its instruments are lags of; `levels` are its rows before differencing then
    limits       of a censored outcome the lower and the upper, infinite where there is none
    joint        whether the endogenous column has an equation of its own, estimated with the outcome's
    arma         of errors that are an ARMA process how many terms of each it has
    offset       (n,) what the index of a likelihood has beside the coefficients, or None
    located      where the rows are, for Conley's covariance, or None
    disorder     why the periods have no certain order, so that `time` only tells them apart; empty if they have one
    """

    y: np.ndarray
    x: np.ndarray
    x_names: tuple[str, ...]
    intercept: bool
    endog: np.ndarray
    endog_names: tuple[str, ...]
    z: np.ndarray
    z_names: tuple[str, ...]
    effects: dict[str, np.ndarray]
    clusters: dict[str, np.ndarray]
    unit: np.ndarray | None
    time: np.ndarray | None
    weights: np.ndarray | None
    weight_kind: str | None
    rows: np.ndarray
    facts: Facts
    levels: Design | None = field(default=None, repr=False)
    unit_name: str | None = None
    time_name: str | None = None
    disorder: str = ""
    outcomes: tuple[float, ...] = ()
    base: int = -1
    limits: tuple[float, float] | None = None
    joint: bool = False
    arma: tuple[int, int] | None = None
    offset: np.ndarray | None = None
    sources: Sources | None = field(default=None, repr=False)
    located: Places | None = field(default=None, repr=False)

    @property
    def nobs(self) -> int:
        return len(self.y)

    @property
    def observations(self) -> float:
        """Rows, or the sum of frequency weights."""
        return float(self.weights.sum()) if self.weight_kind == "frequency" else float(self.nobs)

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays, the levels' too."""
        single = (self.y, self.x, self.endog, self.z, self.unit, self.time, self.weights, self.offset, self.rows)
        arrays = [*single, self.located.at if self.located else None, *self.effects.values(), *self.clusters.values()]
        return sum(a.nbytes for a in arrays if a is not None) + (self.levels.nbytes if self.levels else 0)

    @property
    def terms(self) -> tuple[str, ...]:
        """Canonical order of coefficients: intercept, exogenous, endogenous; these of each outcome, or with cuts behind, or
        with the endogenous column's own equation."""
        if self.outcomes and self.base < 0:
            return (*self.x_names, *self.cuts)
        one = ((INTERCEPT,) if self.intercept else ()) + self.x_names + self.endog_names
        if self.limits is not None:
            return (*one, SIGMA)
        if self.arma is not None:
            return (*one, *of_process(*self.arma))
        if self.joint:
            first = (*one[: -len(self.endog_names)], *self.z_names)
            return (*one, *(of_equation(e, t) for e in self.endog_names for t in first), ATHRHO, LNSIGMA)
        return tuple(of_equation(e, t) for e in self.equations for t in one) if self.outcomes else one

    @property
    def equations(self) -> tuple[str, ...]:
        """Names of the equations of a multinomial model: its outcomes but the base."""
        return tuple(f"{value:.15g}" for j, value in enumerate(self.outcomes) if j != self.base) if self.base >= 0 else ()

    @property
    def cuts(self) -> tuple[str, ...]:
        """Names of the cuts between ordered outcomes."""
        return tuple(f"/cut{j}" for j in range(1, len(self.outcomes))) if self.base < 0 else ()

    @property
    def places(self) -> np.ndarray:
        """(n,) the place of each row's outcome among `outcomes`."""
        return np.searchsorted(np.array(self.outcomes), self.y)

    def take(self, keep: np.ndarray) -> Design:
        """The rows selected by a mask or an index; codes are kept as they are, facts are not recounted."""
        if keep.dtype == bool and keep.all():
            return self
        at = np.flatnonzero(keep) if keep.dtype == bool else keep
        taken: dict[int, np.ndarray] = {}  # codes of an effect are often the unit's, or a cluster's

        def rows(a):
            if a is None:
                return None
            if id(a) not in taken:
                taken[id(a)] = a[at]
            return taken[id(a)]

        def block(a):
            return np.take(a.T, at, axis=1).T  # column by column, as they stand in memory

        return replace(
            self,
            y=self.y[at], x=block(self.x), endog=block(self.endog), z=block(self.z),
            effects={k: rows(v) for k, v in self.effects.items()},
            clusters={k: rows(v) for k, v in self.clusters.items()},
            unit=rows(self.unit), time=rows(self.time), weights=rows(self.weights), rows=self.rows[at],
            offset=rows(self.offset),
            located=None if self.located is None else replace(self.located, at=self.located.at[at]),
        )  # fmt: skip
