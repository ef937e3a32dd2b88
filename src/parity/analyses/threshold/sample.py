"""`[threshold.NAME]` of a study and its data -> the rows that both languages are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.replicates.draws import Draws, bootstrap_draws
from parity.base.errors import ColumnProblem, Unestimable
from parity.base.tolerance import WHOLE
from parity.base.values import name_of
from parity.data.evaluate import Panel, numeric
from parity.sample.build import build_design
from parity.study.analyses.panel_methods import ThresholdSettings
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sample:
    """n rows of a balanced panel of N units and T periods.

    y, x, q    (n,) outcome, the regressor with regimes, the threshold variable
    controls   name -> (n,); effects: name -> (n,) codes from 0; intercept: where there are none
    unit, period   (n,) codes from 0; labels: the units' names
    absorbed   rank of the effects, or of the intercept
    """

    settings: ThresholdSettings
    term: str
    y: np.ndarray
    x: np.ndarray
    q: np.ndarray
    controls: Mapping[str, np.ndarray]
    effects: Mapping[str, np.ndarray]
    intercept: bool
    unit: np.ndarray
    period: np.ndarray
    labels: tuple[str, ...]
    absorbed: int

    @property
    def factor(self) -> float:
        """N (T - 1), by which Hansen divides the sum of squares."""
        return float(len(self.y) - len(self.labels))

    @property
    def counted(self) -> np.ndarray:
        """(n,) rows in sums of squares, once columns are net of the effects."""
        dropped = self.settings.last_period == "dropped"
        return self.period < self.period.max() if dropped else np.ones(len(self.y), dtype=bool)

    def draws(self) -> Draws:
        return bootstrap_draws(self.labels, self.settings.draws, self.settings.seed)

    def candidates(self) -> np.ndarray:
        """Distinct values of q at the quantiles trim, trim + 1/grid, ..., 1 - trim (Hansen's own program)."""
        s, values = self.settings, np.unique(self.q)
        steps = int(np.floor((1.0 - 2.0 * s.trim) * s.grid + WHOLE))
        places = np.floor((s.trim + np.arange(steps + 1) / s.grid) * len(values) + WHOLE).astype(int)
        return values[np.unique(places[(places >= 1) & (places <= len(values))]) - 1]


def sample_of(study: Study, frame: pd.DataFrame, settings: ThresholdSettings) -> Sample:
    """Raises `Unestimable` where the spec can't be estimated, or its rows are no balanced panel."""
    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    term = settings.term or str(spec.formula.exog[0])
    if term not in design.x_names:
        raise Unestimable(f"`{term}` is left out of spec {spec.id}: {', '.join(design.x_names)}")
    unit, time = study.header.unit, study.header.time
    if not unit or not time:
        raise Unestimable("a threshold regression needs unit and time under [study]")
    try:
        q = numeric(settings.by, frame, Panel.of(study))[design.rows]
    except ColumnProblem as problem:
        raise Unestimable(f"by: {problem}") from None
    if not np.isfinite(q).all():
        missing = int((~np.isfinite(q)).sum())
        raise Unestimable(f"by: {missing} of {len(q)} rows of spec {spec.id} have no value of `{settings.by}`")
    labels, code = np.unique(frame[unit].to_numpy()[design.rows], return_inverse=True)
    periods, when = np.unique(frame[time].to_numpy()[design.rows], return_inverse=True)
    if len(q) != len(labels) * len(periods):
        what = f"{len(q)} rows of {len(labels)} units in {len(periods)} periods"
        raise Unestimable(f"the panel isn't balanced ({what}): whole units' residuals can't be drawn")
    if settings.last_period == "dropped" and not _of_units(list(design.effects.values()), code):
        raise Unestimable('last_period = "dropped" needs the effects of units, and no others')
    at = design.x_names.index(term)
    controls = {n: design.x[:, i] for i, n in enumerate(design.x_names) if i != at}
    return Sample(
        settings, term, design.y, design.x[:, at], q, controls, dict(design.effects), design.intercept, code, when,
        tuple(map(name_of, labels.tolist())), design.facts.absorbed_rank or int(design.intercept),
    )  # fmt: skip


def _of_units(effects: list[np.ndarray], unit: np.ndarray) -> bool:
    """Whether the only effects are those of units."""
    if len(effects) != 1:
        return False
    both = np.unique(np.column_stack([effects[0], unit]), axis=0)
    return len(both) == len(np.unique(effects[0])) == len(np.unique(unit))
