"""`[event_study.NAME]` of a study and its data -> the rows that both languages are given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import ColumnProblem, Unestimable, some_of
from parity.base.values import name_of
from parity.study.analyses.event_study import EventStudySettings
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Panel:
    """n rows, by unit and time; settings with nothing left unsaid.

    y, time      (n,) outcome and period
    unit, cluster   (n,) codes from 0; names   of the units
    first        (n,) first treated period of the row's unit, infinite where never
    controls     (n, k), with their names; weights (n,)
    """

    settings: EventStudySettings
    y: np.ndarray
    time: np.ndarray
    unit: np.ndarray
    cluster: np.ndarray
    first: np.ndarray
    controls: np.ndarray
    weights: np.ndarray
    control_names: tuple[str, ...]
    names: tuple[str, ...]
    nested: bool
    notes: tuple[str, ...] = ()

    @property
    def event(self) -> np.ndarray:
        """(n,) periods since treatment began; minus infinity where it never does."""
        return self.time - self.first

    @property
    def untreated(self) -> np.ndarray:
        """(n,) rows before treatment, and before it is anticipated."""
        return self.event < -self.settings.anticipation

    @property
    def periods(self) -> np.ndarray:
        return np.unique(self.time)

    @property
    def cohorts(self) -> np.ndarray:
        """First treated periods, in order, without never."""
        found = np.unique(self.first)
        return found[np.isfinite(found)]

    def take(self, keep: np.ndarray, note: str = "") -> Panel:
        """The rows of a mask, under codes without holes. Raises `Unestimable` where none is left."""
        if keep.all():
            return self
        if not keep.any():
            raise Unestimable("no row is left")
        units, code = np.unique(self.unit[keep], return_inverse=True)
        return replace(
            self, y=self.y[keep], time=self.time[keep], unit=code, first=self.first[keep], controls=self.controls[keep],
            cluster=np.unique(self.cluster[keep], return_inverse=True)[1], weights=self.weights[keep],
            names=tuple(self.names[u] for u in units), notes=(*self.notes, note) if note else self.notes,
        )  # fmt: skip


def panel_of(study: Study, frame: pd.DataFrame, settings: EventStudySettings) -> Panel:
    """Raises `Unestimable` where a column isn't what it must be, or no row is left."""
    from parity.data.evaluate import Panel as Order
    from parity.data.evaluate import condition, numeric

    full, header = settings.full(), study.header
    unit, time = full.unit or header.unit or "", full.time or header.time or ""
    order = Order.of(study)
    try:
        outcome = numeric(full.outcome, frame, order)
        controls = [numeric(e, frame, order) for e in full.controls]
        weights = numeric(full.weights, frame, order) if full.weights else np.ones(len(frame))
        wanted = condition(full.where, frame, order) if full.where else np.ones(len(frame), dtype=bool)
    except ColumnProblem as problem:
        raise Unestimable(str(problem)) from None
    when = _numbers(frame, time)
    there = np.isfinite(np.column_stack([outcome, when, weights, *controls])).all(axis=1) & (weights > 0)
    by = full.cluster or unit
    for key in (unit, by):
        there &= frame[key].notna().to_numpy()
    treatment = _numbers(frame, full.treatment) if full.treatment else None
    if treatment is not None:
        there &= np.isfinite(treatment)
    keep = np.flatnonzero(wanted & there)
    if not len(keep):
        raise Unestimable("no row is left")
    names, code = _codes(frame, unit, keep)
    ordered = np.lexsort((when[keep], code))
    keep, code = keep[ordered], code[ordered]
    when = when[keep]
    if np.any((np.diff(code) == 0) & (np.diff(when) == 0)):
        raise Unestimable(f"a unit of `{unit}` has two rows in one period of `{time}`")
    if full.first_treated:
        first = _first(_numbers(frame, full.first_treated)[keep], code, names)
    else:
        first = _seen(frame, unit, _numbers(frame, time), treatment, str(full.treatment))(frame[unit].to_numpy()[keep])
    cluster = _codes(frame, by, keep)[1]
    lost = int((wanted & ~there).sum())
    return Panel(
        full, outcome[keep], when, code, cluster, first, np.column_stack([*controls, np.empty((len(frame), 0))])[keep],
        weights[keep], tuple(map(str, full.controls)), names, bool(_constant(cluster, code)),
        (f"{lost} rows left out (missing values)",) if lost else (),
    )  # fmt: skip


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if not is_numeric_dtype(frame[column]) and not is_bool_dtype(frame[column]):
        raise Unestimable(f"`{column}` holds no numbers, of which event times are differences")
    return frame[column].to_numpy(dtype=float, na_value=np.nan)


def _codes(frame: pd.DataFrame, column: str, rows: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    found, code = np.unique(frame[column].to_numpy()[rows], return_inverse=True)
    return tuple(map(name_of, found.tolist())), code


def _constant(values: np.ndarray, code: np.ndarray) -> bool:
    """Whether a column has one value within each unit; rows are in the units' order."""
    return not np.any((np.diff(code) == 0) & (np.diff(values) != 0))


def _first(values: np.ndarray, code: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    first = np.where(np.isfinite(values) & (values > 0), values, np.inf)
    change = np.flatnonzero((np.diff(code) == 0) & (first[1:] != first[:-1]))
    if len(change):
        raise Unestimable(f"first_treated changes within {some_of(sorted({names[code[i]] for i in change}))}")
    return first


def _seen(
    frame: pd.DataFrame, unit: str, when: np.ndarray, treatment: np.ndarray, column: str
) -> Callable[[np.ndarray], np.ndarray]:
    """When treatment starts, by unit: of every row that has it, those without an outcome or outside the sample, too."""
    rows = np.flatnonzero(np.isfinite(when) & np.isfinite(treatment) & frame[unit].notna().to_numpy())
    names, code = _codes(frame, unit, rows)
    order = np.lexsort((when[rows], code))
    rows, code = rows[order], code[order]
    first = _started(treatment[rows], when[rows], code, names, column)
    by_unit = dict(zip(frame[unit].to_numpy()[rows].tolist(), first.tolist(), strict=True))
    return lambda units: np.array([by_unit[u] for u in units.tolist()])


def _started(values: np.ndarray, when: np.ndarray, code: np.ndarray, names: tuple[str, ...], column: str) -> np.ndarray:
    """The first period in which treatment is 1, by unit; it must stay so."""
    if not np.isin(values, (0.0, 1.0)).all():
        raise Unestimable(f"`{column}` is not 0 or 1")
    back = np.flatnonzero((np.diff(code) == 0) & (np.diff(values) < 0))
    if len(back):
        raise Unestimable(f"`{column}` goes back to 0 in {some_of(sorted({names[code[i]] for i in back}))}")
    first = np.full(code.max() + 1, np.inf)
    np.minimum.at(first, code, np.where(values == 1.0, when, np.inf))
    return first[code]
