"""`[spatial.NAME]` of a study and its data -> the rows and weights that both languages are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.spatial.weights import read_weights, standardised
from parity.base.errors import ColumnProblem, Unestimable, some_of
from parity.base.tolerance import SUMMED
from parity.base.values import name_of
from parity.data.evaluate import Panel, numeric
from parity.sample.build import build_design
from parity.study.analyses.spatial import SpatialSettings
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sample:
    """A balanced panel of N units and T periods; n = N T rows, period by period, units in the order of `w`.

    y, z     (n,) outcome, the column whose Moran's I is taken; x (n, K) regressors, named
    lagged   places of regressors whose W x the Durbin model has
    given    (N, N) weights as in the file; w: as they are used
    effects  "none", "unit", "time" or "both"
    """

    settings: SpatialSettings
    y: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    lagged: tuple[int, ...]
    z: np.ndarray
    given: np.ndarray
    w: np.ndarray
    effects: str
    units: tuple[str, ...]
    periods: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def lag(self, columns: np.ndarray) -> np.ndarray:
        """W times columns (n, ...), period by period."""
        cube = columns.reshape(len(self.periods), len(self.units), -1)
        return np.matmul(self.w, cube).reshape(columns.shape)

    @property
    def rows_sum_to_one(self) -> bool:
        return bool(np.abs(self.w.sum(axis=1) - 1.0).max() <= len(self.w) * SUMMED)


def sample_of(study: Study, frame: pd.DataFrame, settings: SpatialSettings) -> Sample:
    """Raises `Unestimable` where the spec can't be estimated, or its rows are no balanced panel; `InputError` of weights."""
    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    unit, time = study.header.unit, study.header.time
    assert unit and time  # `problem_of_spatial`
    labels, code = np.unique(frame[unit].to_numpy()[design.rows], return_inverse=True)
    periods, when = np.unique(frame[time].to_numpy()[design.rows], return_inverse=True)
    if len(design.y) != len(labels) * len(periods):
        what = f"{len(design.y)} rows of {len(labels)} units in {len(periods)} periods"
        raise Unestimable(f"the panel isn't balanced ({what}): W y is known where all units are there")
    lost = [t for t in settings.lagged or () if t not in design.x_names]
    if lost:
        raise Unestimable(f"lagged: {some_of(lost)} is left out of spec {spec.id}")
    try:
        z = design.y if settings.of is None else numeric(settings.of, frame, Panel.of(study))[design.rows]
    except ColumnProblem as problem:
        raise Unestimable(f"of: {problem}") from None
    if not np.isfinite(z).all():
        raise Unestimable(f"of: {int((~np.isfinite(z)).sum())} of {len(z)} rows have no value of `{settings.of}`")
    units = tuple(map(name_of, labels.tolist()))
    given, notes = read_weights(study.folder / settings.weights, settings, units)
    w = standardised(given, settings, units)
    alone = [u for u, row in zip(units, w, strict=True) if not row.any()]
    notes += (f"without neighbours: {some_of(alone)}",) if alone else ()
    order = np.lexsort([code, when])
    effects = settings.effects or _effects(design.effects, unit, time)
    lagged = range(len(design.x_names)) if settings.lagged is None else map(design.x_names.index, settings.lagged)
    return Sample(
        settings, design.y[order], design.x[order], tuple(design.x_names), tuple(lagged), z[order], given, w, effects, units,
        tuple(map(name_of, periods.tolist())), notes,
    )  # fmt: skip


def _effects(effects: dict[str, np.ndarray], unit: str, time: str) -> str:
    there = (unit in effects, time in effects)
    return {(False, False): "none", (True, False): "unit", (False, True): "time", (True, True): "both"}[there]
