"""`[quantile.NAME]` of a study and its data -> the rows that both languages are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.analyses.replicates.draws import Draws, bootstrap_draws
from parity.base.errors import Unestimable
from parity.base.values import name_of
from parity.sample.build import build_design
from parity.study.analyses.quantile import QuantileSettings, errors_of
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

_DENSITY = {"fitted": "fitted values", "residuals": "quantiles of residuals"}
_METHOD = {
    "canay": ("fixed effects are taken out as least squares finds them (Canay)",),
    "moments": ("fixed effects are of location and scale (method of moments)",),
}


@dataclass(frozen=True)
class Sample:
    """n rows.

    x          (n, k) regressors, without the intercept; names
    intercept  whether the spec has one; effects: name -> (n,) codes from 0
    method, errors   as `QuantileSettings` has them, settled
    code       (n,) of clusters from 0, or of rows where there are none; labels of those
    cluster    what they are called, or ""
    """

    settings: QuantileSettings
    y: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    intercept: bool
    effects: Mapping[str, np.ndarray]
    method: str
    errors: str
    code: np.ndarray
    labels: tuple[str, ...]
    cluster: str
    notes: tuple[str, ...] = ()

    def draws(self) -> Draws:
        return bootstrap_draws(self.labels, self.settings.draws, self.settings.seed)


def sample_of(study: Study, frame: pd.DataFrame, settings: QuantileSettings) -> Sample:
    """Raises `Unestimable` where the spec can't be estimated, or has as many regressors as rows."""
    spec = study.spec(settings.spec)
    design = build_design(study, spec, frame)
    method, errors = settings.method or "regression", errors_of(settings, spec)
    if design.nobs <= design.x.shape[1] + 2:
        raise Unestimable(f"{design.nobs} rows are too few for {design.x.shape[1]} regressors")
    if not design.x_names:
        raise Unestimable(f"no regressor of spec {spec.id} is left")
    cluster = spec.vcov.cluster[0] if len(spec.vcov.cluster) == 1 else ""
    if cluster:
        code = design.clusters[cluster]
        values = frame[cluster].to_numpy()[design.rows] if cluster in frame else code
        first = np.unique(code, return_index=True)[1]
        labels = tuple(name_of(values[i]) for i in first)
        code = np.unique(code, return_inverse=True)[1]
    else:
        code, labels = np.arange(design.nobs), tuple(f"row {i + 1}" for i in range(design.nobs))
    whose = {"iid": "iid", "robust": "robust", "cluster": f"clustered by {cluster}"}.get(
        errors, f"by {settings.draws:,} draws of whole {cluster or 'rows'}"
    )
    of = f"by a {settings.kernel} kernel" if settings.density == "kernel" else f"by {_DENSITY[settings.density]}"
    density = "" if errors == "bootstrap" else f", density {of}, bandwidth {settings.bandwidth}"
    notes = (f"{design.nobs} rows", *_METHOD.get(method, ()), f"standard errors {whose}{density}")
    return Sample(settings, design.y, design.x, design.x_names, design.intercept, dict(design.effects), method, errors,
                  code, labels, cluster, notes)  # fmt: skip
