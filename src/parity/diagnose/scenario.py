"""Scenario: everything that decides a printed number, as one immutable value. A cause maps a scenario to another scenario.

A scenario is the spec (model, sample, covariance, convention), edits of the data that no spec can express, and what
happens to the numbers between the estimator and the page. The search never changes anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from parity.base.errors import Unestimable
from parity.data.evaluate import Panel, evaluate
from parity.diagnose.marginal import Marginal
from parity.diagnose.numbers import STARS, PrintEdit
from parity.sample.build import singletons_dropped
from parity.sample.columns import needs_panel
from parity.sample.design import Design
from parity.sample.order import recoded
from parity.study.formula import Column
from parity.study.models import OF_DYNAMIC, OF_INSTRUMENTS
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


class FrameEdit(Protocol):
    """A change of the data before the design is built; hashable, because designs are cached by it."""

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame: ...


class DesignEdit(Protocol):
    """A change of the estimation sample after it is built; facts are counted anew."""

    def design(self, design: Design, frame: pd.DataFrame) -> Design: ...


#: Settings of a convention that move an estimate, not its covariance alone.
SETTINGS_OF_ROWS = frozenset({
    "singletons", "swamy_arora", "kernel_gaps", "information", "newton", "base_outcome", "between_weights", "centred",
    "gmm_covariance",
})  # fmt: skip


@dataclass(frozen=True)
class WithoutLevel:
    """The rows of one unit or period are taken out of the sample; lags are computed before, as by a filter."""

    column: str
    value: Any
    singletons: bool

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        values = evaluate(Column(self.column), frame, Panel())[design.rows]
        left = design.take(values != self.value)
        if self.singletons and left.effects:
            frequency = left.weights if left.weight_kind == "frequency" else None
            left = left.take(singletons_dropped(left.effects, frequency))
        if not left.nobs:
            raise Unestimable(f"every row has {self.column} = {self.value}")
        return recoded(left)


@dataclass(frozen=True)
class RowAgain:
    """A row of the sample, by its place, stands in it twice."""

    place: int

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        return design.take(np.append(np.arange(design.nobs), self.place))


@dataclass(frozen=True)
class LevelAgain:
    """The rows of one unit or period stand in the sample twice."""

    column: str
    value: Any

    def places(self, design: Design, frame: pd.DataFrame) -> np.ndarray:
        return np.flatnonzero(evaluate(Column(self.column), frame, Panel())[design.rows] == self.value)

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        places = self.places(design, frame)
        if not len(places):
            raise Unestimable(f"no row has {self.column} = {self.value}")
        return design.take(np.concatenate([np.arange(design.nobs), places]))


class Hashed:
    """A key that computes its hash once: those of formulas and edits are deep."""

    __slots__ = ("hash", "value")

    def __init__(self, value: tuple):
        self.value, self.hash = value, hash(value)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Hashed) and self.hash == other.hash and self.value == other.value)


@dataclass(frozen=True)
class Scenario:
    """spec        model, sample, covariance, convention
    edits       of the frame or the design, in order
    scaling     names of small-sample rules that no `Convention` knows, see `parity.diagnose.scaling`
    renames     (term here, term as the other side calls it): a transformed column under its old name
    prints      edits of the finished numbers, in order
    decimals    ((quantity, term), decimals) of every number on a printed page; empty for full precision
    stars       cuts of p that the page announces: one star below the first, two below the second
    raw         the other side's covariance carries no small-sample factor and it says so
    marginal    marginal effects of a likelihood stand in the place of its coefficients
    lost_dummy  which outcome, from 1, where of redundant dummies wrong ones are left out of the leverage; 0 where none
                are, see `parity.diagnose.lost_dummy`
    """

    spec: Spec
    edits: tuple[Any, ...] = ()
    scaling: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    prints: tuple[PrintEdit, ...] = ()
    raw: bool = False
    decimals: tuple[tuple[tuple[str, str], int], ...] = ()
    stars: tuple[float, ...] = STARS
    lost_dummy: int = 0
    marginal: Marginal | None = None

    def with_spec(self, **changes: Any) -> Scenario:
        """Another spec. Values are taken as they are: a change the parser would refuse is still a scenario."""
        return self._with(spec=self.spec.model_copy(update=changes))

    def with_convention(self, **settings: Any) -> Scenario:
        other = self.with_spec(convention=self.spec.convention.model_copy(update=settings))
        return other if settings.keys() & SETTINGS_OF_ROWS else self._same_rows(other)

    def edited(self, edit: FrameEdit | DesignEdit) -> Scenario:
        return self._with(edits=(*self.edits, edit))

    def printed(self, edit: PrintEdit) -> Scenario:
        return self._same_rows(self._with(prints=(*self.prints, edit)))

    def _with(self, **changes: Any) -> Scenario:
        """As `replace` has it, in a fifth of its time: a search makes hundreds of thousands."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.__dict__.pop("rows_key", None)
        other.__dict__.update(changes)
        return other

    def _same_rows(self, other: Scenario) -> Scenario:
        """Keys are costly to make: scenarios of one sample hand theirs on."""
        other.__dict__["rows_key"] = self.rows_key
        return other

    def renamed(self, here: str, there: str) -> Scenario:
        return self if here == there else self._with(renames=(*self.renames, (here, there)))

    @cached_property
    def rows_key(self) -> Hashed:
        """All that the rows and columns of the design depend on, but for its cluster variables."""
        s = self.spec
        components = s.convention.swamy_arora if s.model == "random_effects" else ""
        components = f"{s.convention.information} {s.convention.newton}" if s.likelihood else components
        components = f"{components} {s.convention.base_outcome} {s.base}" if s.model == "mlogit" else components
        components = s.convention.between_weights if s.model == "between" else components
        if s.model in OF_INSTRUMENTS:  # moments are weighted by clusters and kinds of errors, too
            components = f"{s.kappa} {s.fuller} {s.moments} {s.vcov} {s.convention.centred} {s.convention.gmm_covariance}"
        if s.model in OF_DYNAMIC:
            components = f"{s.dynamic} {s.vcov}"
        components = f"{components} {s.offset} {s.lower} {s.upper}" if s.likelihood else components
        gaps = s.convention.kernel_gaps if s.vcov.kind == "NW" else ""
        if s.vcov.coordinates:
            gaps = f"{s.vcov.coordinates} {[c for c in s.vcov.cutoff if isinstance(c, str)]}"
        return Hashed(
            (s.formula, s.model, s.where, s.weights, s.convention.singletons, components, needs_panel(s), gaps, self.edits)
        )
