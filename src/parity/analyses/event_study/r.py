"""Event studies asked of R, with dummies and dense matrices: see r_scripts/lib/event_study.R."""

from __future__ import annotations

import numpy as np

from parity.analyses.event_study.estimated import Estimated
from parity.analyses.event_study.sample import Panel
from parity.r.frame import Column
from parity.r.session import get_session


def event_study_in_r(panel: Panel, found: Estimated) -> dict[str, dict[str, float]]:
    """quantity -> term -> number. R is told our factor and degrees of freedom of each term. Raises `RuntimeError`, `NoR`."""
    s = panel.settings
    answer = get_session().call("event_study_analysis", {
        "y": Column.double(panel.y), "time": Column.double(panel.time), "unit": Column.whole(panel.unit + 1),
        "cluster": Column.whole(panel.cluster + 1), "weights": Column.double(panel.weights),
        "first": Column.double(np.where(np.isfinite(panel.first), panel.first, 0.0)),
        "never": Column.whole(np.isinf(panel.first).astype(int)),
        "controls": Column.double(np.ascontiguousarray(panel.controls)), "n_controls": panel.controls.shape[1],
        "method": s.method, "aggregation": s.aggregation, "anticipation": s.anticipation,
        "leads": -1 if s.leads is None else s.leads, "lags": -1 if s.lags is None else s.lags,
        "endpoints": s.endpoints, "reference": Column.double(np.array(s.reference or (), dtype=float)),
        "base_period": s.base_period, "control_group": s.control_group, "adjustment": s.adjustment,
        "weighting": s.weighting, "cohort_weights": s.cohort_weights, "always_treated": s.always_treated,
        "shares": s.shares,
        "singletons": s.convention in ("fixest", "reghdfe"),
        "terms": Column.text(list(found.terms)), "factors": Column.double(found.factors),
        "df": Column.double(np.where(np.isfinite(found.df), found.df, 0.0)),
    })  # fmt: skip
    out: dict[str, dict[str, float]] = {}
    for quantity, value in answer.items():
        if isinstance(value, Column) and value.names is not None:
            numbers = np.asarray(value.values, dtype=float).ravel().tolist()
            out[quantity] = {_whole(n): x for n, x in zip(value.names, numbers, strict=True) if not np.isnan(x)}
    return {q: v for q, v in out.items() if v}


def _whole(name: str) -> str:
    """R names what has no name, the analysis as a whole, `whole`."""
    return "" if name == "whole" else name
