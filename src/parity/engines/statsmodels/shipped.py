"""statsmodels as shipped: OLS, WLS, GLM or IV2SLS with dummies, `fit(cov_type=..., cov_kwds=...)` and no other option."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.engines import python_common as common
from parity.engines.base import EngineInfo
from parity.engines.statsmodels import models
from parity.results.estimate import Declined, Estimate, Reported
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
    asked = {} if spec.iv else models.asked(spec, design)
    with common.heard() as said:
        model, shown = _instruments(design, x) if spec.iv else models.of_rows(design, x)
        fit = model.fit(**asked)
        table = models.table(fit)
    if any("not uniquely determined" in text for text in said):
        reason = "it takes columns that differ much in scale for collinear, and says that nothing is uniquely determined"
        return Declined(engine=info.id, gap="never", reason=reason)
    written = f"{shown}.fit({common.shown(asked)})  # {common.legend(spec, design)}"
    return common.as_shipped(
        info, spec, design, design.terms, fit.params, fit.cov_params(), table, said,
        df_t=float(fit.df_resid) if fit.use_t else np.inf, reported=Reported(nobs=models.observations(fit, design)),
        accuracy="normal-equations" if spec.iv or design.weight_kind == "frequency" or spec.vcov.kind == "CR3" else "exact",
        command=written + (", and dummies" if design.effects else ""),
    )  # fmt: skip


def _instruments(design: Design, x: np.ndarray) -> tuple[Any, str]:
    from statsmodels.sandbox.regression.gmm import IV2SLS

    first = len(design.terms) - len(design.endog_names)
    z = np.hstack([x[:, :first], x[:, len(design.terms) :], design.z])
    return IV2SLS(design.y, x, z), "IV2SLS(y, x, z)"
