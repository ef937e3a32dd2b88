"""Edits of a sample, made to the data or to their design: rows twice, lost or filled, lags as shifts of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.data.evaluate import Panel, codes, evaluate
from parity.sample.build import singletons_dropped
from parity.sample.design import Design
from parity.sample.order import recoded
from parity.study.formula import Expr
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RowsTwice:
    """Every row twice, as after a merge with repeated keys."""

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        return design.take(np.tile(np.arange(design.nobs), 2))


@dataclass(frozen=True)
class SingletonsByRows:
    """Rows alone in a level are dropped, also where a frequency weight says that they stand for several."""

    def design(self, design: Design, frame: pd.DataFrame) -> Design:
        # another cause may have left the effects out
        return recoded(design.take(singletons_dropped(design.effects, None))) if design.effects else design


@dataclass(frozen=True)
class RowLost:
    """The first or the last row of the file is not read."""

    last: bool

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        return frame.iloc[:-1] if self.last else frame.iloc[1:]


@dataclass(frozen=True)
class MissingAsZero:
    """Missing values of these columns read as zero."""

    columns: tuple[str, ...]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        return frame.assign(**{c: frame[c].fillna(0) for c in self.columns})


@dataclass(frozen=True)
class MissingAsMean:
    """Missing values of these columns read as the mean of the others."""

    columns: tuple[str, ...]

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        return frame.assign(**{c: frame[c].fillna(frame[c].mean()) for c in self.columns})


@dataclass(frozen=True)
class BalancedOnly:
    """Only units that have every period."""

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        full = frame[study.header.time].nunique()
        return frame[frame.groupby(study.header.unit)[study.header.time].transform("size") == full].reset_index(drop=True)


@dataclass(frozen=True)
class ShiftedByRows:
    """A column that holds another one shifted by rows, within units or over the whole file."""

    name: str
    inner: Expr
    periods: int
    within_units: bool
    difference: bool

    def frame(self, frame: pd.DataFrame, study: Study) -> pd.DataFrame:
        panel = Panel.of(study)
        values = evaluate(self.inner, frame, panel).astype(float)
        unit = codes(frame, (panel.unit,)) if self.within_units and panel.unit else np.zeros(len(frame), dtype=int)
        keys = [np.arange(len(frame)), unit]
        if self.within_units and panel.time:
            keys.insert(1, frame[panel.time].to_numpy())
        order = np.lexsort(keys)
        shifted = np.full(len(frame), np.nan)
        k = abs(self.periods)
        later, earlier = order[k:], order[:-k]
        to, source = (later, earlier) if self.periods > 0 else (earlier, later)
        same = unit[to] == unit[source]
        shifted[to[same]] = values[source[same]]
        return frame.assign(**{self.name: values - shifted if self.difference else shifted})
