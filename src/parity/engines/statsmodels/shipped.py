"""statsmodels as shipped: OLS, WLS, GLM or IV2SLS with dummies, `fit(cov_type=..., cov_kwds=...)` and no other option."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines.base import EngineInfo
from parity.engines.shipped import BASIS
from parity.results.estimate import Declined, Estimate, Part, Reported
from parity.sample.design import Design
from parity.study.spec import Spec


def estimate(info: EngineInfo, spec: Spec, design: Design, refused: Declined | None) -> Estimate | Declined:
    """What `fit` prints. refused: what the engine declines of these data."""
    if refused:
        return refused
    if spec.vcov.kind == "NW":
        design = common.by_unit_and_time(design)
    x = np.hstack([np.ones((design.nobs, int(design.intercept))), design.x, design.endog, common.dummies(design)])
    no = common.leverage_declined(info, spec, design, x)
    if no:
        return no
    asked = _asked(spec, design)
    with common.heard() as said:
        model, shown = _model(spec, design, x)
        fit = model.fit(**asked)
        k = len(design.terms)
        low, high = np.asarray(fit.conf_int()).T[:, :k]
        table = {
            name: np.asarray(getattr(fit, own))[:k] for name, own in (("se", "bse"), ("t", "tvalues"), ("p", "pvalues"))
        }
    if any("not uniquely determined" in text for text in said):
        reason = "it takes columns that differ much in scale for collinear, and says that nothing is uniquely determined"
        return Declined(engine=info.id, gap="never", reason=reason)
    vcov = np.asarray(fit.cov_params())[:k, :k]
    hidden = {key: value if isinstance(value, int) else "..." for key, value in asked.get("cov_kwds", {}).items()}
    words = ", ".join(f"{key}={hidden if key == 'cov_kwds' else repr(value)}" for key, value in asked.items())
    return Estimate(
        engine=info.id,
        terms=design.terms,
        coef=tuple(np.asarray(fit.params)[:k].tolist()),
        parts=(Part(cluster=spec.vcov.cluster, matrix=vcov.tolist()),),
        basis=BASIS,
        printed=common.printed_table(design.terms, table | {"low": low, "high": high}),
        df_t=float(fit.df_resid) if fit.use_t else np.inf,
        reported=Reported(nobs=_nobs(fit, design)),
        accuracy="normal-equations" if spec.iv or design.weight_kind == "frequency" or spec.vcov.kind == "CR3" else "exact",
        versions=common.package_versions(info),
        command=f"{shown}.fit({words})  # {common.legend(spec, design)}" + (", and dummies" if design.effects else ""),
        warnings=tuple(said),
    )


def _model(spec: Spec, design: Design, x: np.ndarray) -> tuple[Any, str]:
    import statsmodels.api as sm
    from statsmodels.sandbox.regression.gmm import IV2SLS

    if spec.iv:
        first = len(design.terms) - len(design.endog_names)
        z = np.hstack([x[:, :first], x[:, len(design.terms) :], design.z])
        return IV2SLS(design.y, x, z), "IV2SLS(y, x, z)"
    if design.weight_kind == "frequency":
        model = sm.GLM(design.y, x, family=sm.families.Gaussian(), freq_weights=design.weights)
        return model, "GLM(y, x, family=Gaussian(), freq_weights=w)"
    if design.weights is not None:
        return sm.WLS(design.y, x, weights=design.weights), "WLS(y, x, weights=w)"
    return sm.OLS(design.y, x), "OLS(y, x)"


def _asked(spec: Spec, design: Design) -> dict[str, Any]:
    kind = spec.vcov.kind
    if spec.iv:
        return {}
    if kind in CLUSTERED:
        codes = np.column_stack([design.clusters[c] for c in spec.vcov.cluster]).squeeze()
        return {"cov_type": "cluster-crv3" if kind == "CR3" else "cluster", "cov_kwds": {"groups": codes}}
    if kind == "DK":
        period = np.unique(design.time, return_inverse=True)[1]
        return {"cov_type": "hac-groupsum", "cov_kwds": {"time": period, "maxlags": spec.vcov.lags}}
    if kind == "NW":
        grouped = {} if design.unit is None else {"groups": design.unit}
        name = "HAC" if design.unit is None else "hac-panel"
        return {"cov_type": name, "cov_kwds": grouped | {"maxlags": spec.vcov.lags}}
    return {} if kind == "iid" else {"cov_type": kind}


def _nobs(fit: Any, design: Design) -> float:
    if design.weight_kind == "frequency":
        return float(fit.df_resid + fit.df_model + 1)
    return float(fit.nobs)
