"""pyfixest as shipped: `feols(formula, data, vcov=...)` with every option left at its default.

A cluster variable that is a fixed effect is one column of the frame, as it is in a user's, and the fixed effects are
written `f1+f2`: pyfixest's order of names then depends on the hash seed, which is a defect of it that a user meets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines import safe
from parity.engines.base import EngineInfo
from parity.engines.pyfixest import frames
from parity.engines.pyfixest.package import pyfixest
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.spec import Spec

if TYPE_CHECKING:
    import pandas as pd


#: Tolerance of the absorber below which its error is no longer seen; the default is 1e-6.
TIGHT = 1e-13


def estimate(info: EngineInfo, spec: Spec, design: Design, tight: bool) -> Estimate | Declined:
    """What `feols` prints. Declines what the engine declines of these data. tight: see `parity.engines.shipped`."""
    pf = pyfixest()

    x = np.hstack([np.ones((design.nobs, int(design.intercept))), design.x])
    no = common.kernel_declined(info, spec, design) or common.leverage_declined(info, spec, design, x)
    if len(design.endog_names) > 1:
        no = Declined(engine=info.id, gap="notyet", reason="pyfixest takes one endogenous column")
    if no:
        return no
    frame, clusters = _frame(design)
    formula, options = _formula(design), _options(spec, design, clusters)
    if tight:
        options["demeaner"] = pf.MapDemeaner(fixef_tol=TIGHT, fixef_maxiter=100_000)
    # with instruments its first stage fails on these options, so a user changes the covariance afterwards
    kernel = options.pop("vcov_kwargs", None) if design.endog_names else None
    with common.heard() as said:
        fit = pf.feols(formula, data=frame, **options | ({"vcov": "iid"} if kernel else {}))
        if kernel:
            fit.vcov(options["vcov"], vcov_kwargs=kernel)
    terms, dropped = frames.terms_of(fit, design)
    several = len(design.effects) >= 2
    return common.as_shipped(
        info, spec, design, terms, fit._beta_hat, fit._vcov, frames.table(fit), said, df_t=float(fit._df_t),
        reported=Reported(nobs=float(fit._N), dropped=dropped), accuracy="iterative" if several else "normal-equations",
        avoids="absorption-tolerance" if tight and several else "",
        command=f"feols({formula!r}, data, {common.shown(options)})  # {common.legend(spec, design)}",
    )  # fmt: skip


def _frame(design: Design) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The data under safe names, and the names of the cluster variables; one that is an effect is not there twice."""
    frame = safe.frame(design)
    effects = {name: short for short, name in safe.effect_names(design).items()}
    shorts = {name: short for short, name in safe.cluster_names(design).items()}
    frame = frame.drop(columns=[short for name, short in shorts.items() if name in effects])
    return frame.assign(row=np.arange(design.nobs)), tuple(effects.get(name, short) for name, short in shorts.items())


def _formula(design: Design) -> str:
    without = not design.intercept and not design.effects
    regressors = " + ".join(["0", *safe.numbered("x", len(design.x_names))]) if without else ""
    return frames.formula(design, regressors, plus="+")


def _options(spec: Spec, design: Design, clusters: tuple[str, ...]) -> dict[str, Any]:
    kind = spec.vcov.kind
    options: dict[str, Any] = {}
    if kind in CLUSTERED:
        options["vcov"] = {"CRV3" if kind == "CR3" else "CRV1": "+".join(clusters)}
    elif kind in ("DK", "NW"):
        options |= {"vcov": kind, "vcov_kwargs": {"time_id": "time", "lag": spec.vcov.lags}}
        if design.unit is not None or kind == "DK":
            options["vcov_kwargs"]["panel_id"] = "unit" if design.unit is not None else "row"
    else:
        options["vcov"] = {"HC0": "hetero", "HC1": "hetero"}.get(kind, kind)
    if design.weights is not None:
        options |= {"weights": "w"}
        if design.weight_kind == "frequency":
            options["weights_type"] = "fweights"
    return options
