"""`[bootstrap.NAME]` of a study and its data -> the rows that both languages are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.replicates.draws import Draws, bootstrap_draws
from parity.base.errors import Unestimable
from parity.base.values import name_of
from parity.sample.build import build_design
from parity.study.analyses.resampling import BootstrapSettings
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Pairs:
    """The sample of one spec, whose clusters are drawn with all that their rows hold; n rows.

    exog, endog, z   name -> (n,); y (n,) the outcome; intercept: whether the spec has one
    weights          (n,) or None
    effects          name -> (n,) codes from 0; code (n,) of the clusters, in the order of `labels`
    """

    name: str
    settings: BootstrapSettings
    exog: Mapping[str, np.ndarray]
    endog: Mapping[str, np.ndarray]
    z: Mapping[str, np.ndarray]
    y: np.ndarray
    intercept: bool
    weights: np.ndarray | None
    effects: Mapping[str, np.ndarray]
    cluster: str
    code: np.ndarray
    labels: tuple[str, ...]

    @property
    def terms(self) -> tuple[str, ...]:
        """What has a coefficient, the intercept left out."""
        return (*self.exog, *self.endog)

    def draws(self) -> Draws:
        return bootstrap_draws(self.labels, self.settings.draws, self.settings.seed)

    def describe(self) -> str:
        """What was estimated and drawn, in a sentence."""
        how, s = "two-stage least squares" if self.endog else "least squares", self.settings
        drawn = f"{s.draws:,} draws of whole clusters ({self.cluster}), copies share their fixed effects"
        return (f"spec {s.spec} by {how}, {len(self.y):,} rows, {len(self.labels)} clusters; {drawn}; "
                f"intervals of {100 * s.level:g} %")  # fmt: skip


def pairs_of(study: Study, frame: pd.DataFrame, name: str, settings: BootstrapSettings) -> Pairs:
    """Raises `Unestimable` where the spec can't be estimated, or its rows have no clusters to draw."""
    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    cluster = settings.cluster or spec.vcov.cluster[0]
    values = frame[cluster].iloc[design.rows]
    if values.isna().any():
        raise Unestimable(f"{int(values.isna().sum())} rows of spec {spec.id} have no {cluster}")
    labels, code = np.unique(values.to_numpy(), return_inverse=True)
    if len(labels) < 2:
        raise Unestimable(f"there is only one {cluster} to draw")
    if not design.x_names and not design.endog_names:
        raise Unestimable(f"spec {spec.id} has no coefficient beside its intercept")
    blocks = (design.x_names, design.x), (design.endog_names, design.endog), (design.z_names, design.z)
    exog, endog, z = ({n: block[:, i] for i, n in enumerate(names)} for names, block in blocks)
    shown = tuple(map(name_of, labels.tolist()))
    effects = {n: np.unique(c, return_inverse=True)[1] for n, c in design.effects.items()}
    return Pairs(name, settings, exog, endog, z, design.y, design.intercept, design.weights, effects, cluster, code, shown)
