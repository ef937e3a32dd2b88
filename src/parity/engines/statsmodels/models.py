"""Design -> a model of statsmodels, not yet fitted; how its `fit` is asked, and what it prints.

Models come from their own modules: `statsmodels.api` imports plots and time series too, a third of a second in each worker.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.conventions.profiles import CLUSTERED
from parity.sample.design import Design
from parity.study.spec import Spec


def of_rows(design: Design, x: np.ndarray, **constant: bool) -> tuple[Any, str]:
    """GLM, WLS or OLS, and how it is written. constant: `hasconst` of the last two."""
    from statsmodels.genmod.families import Gaussian
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.regression.linear_model import OLS, WLS

    if design.weight_kind == "frequency":
        model = GLM(design.y, x, family=Gaussian(), freq_weights=design.weights)
        return model, "GLM(y, x, family=Gaussian(), freq_weights=w)"
    if design.weights is not None:
        return WLS(design.y, x, weights=design.weights, **constant), "WLS(y, x, weights=w)"
    return OLS(design.y, x, **constant), "OLS(y, x)"


def asked(spec: Spec, design: Design, codes: np.ndarray | None = None, **more: bool) -> dict[str, Any]:
    """Arguments of `fit`. codes: of clusters, by default of all cluster variables side by side; more: of `cov_kwds`."""
    kind = spec.vcov.kind
    if kind in CLUSTERED:
        if codes is None:
            codes = np.column_stack([design.clusters[c] for c in spec.vcov.cluster]).squeeze()
        return {"cov_type": "cluster-crv3" if kind == "CR3" else "cluster", "cov_kwds": {"groups": codes} | more}
    if kind == "DK":
        period = np.unique(design.time, return_inverse=True)[1]
        return {"cov_type": "hac-groupsum", "cov_kwds": {"time": period, "maxlags": spec.vcov.lags} | more}
    if kind == "NW":
        grouped = {} if design.unit is None else {"groups": design.unit}
        name = "HAC" if design.unit is None else "hac-panel"
        return {"cov_type": name, "cov_kwds": grouped | {"maxlags": spec.vcov.lags} | more}
    return {} if kind == "iid" else {"cov_type": kind}


def observations(fit: Any, design: Design) -> float:
    return float(fit.df_resid + fit.df_model + 1) if design.weight_kind == "frequency" else float(fit.nobs)


def table(fit: Any) -> dict[str, np.ndarray]:
    low, high = np.asarray(fit.conf_int()).T
    return {"se": fit.bse, "t": fit.tvalues, "p": fit.pvalues, "low": low, "high": high}
