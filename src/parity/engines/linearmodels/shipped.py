"""linearmodels as shipped: the class that fits the spec, `fit(cov_type=...)`, clusters as the user names them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from parity.algebra.collinear import absorbed
from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines import safe
from parity.engines.base import EngineInfo
from parity.engines.linearmodels import beyond
from parity.engines.linearmodels.minimum import to_rounding
from parity.engines.linearmodels.models import Model, build_model, table
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.models import OF_INSTRUMENTS
from parity.study.spec import Spec

COV_TYPE = {"iid": "unadjusted", "HC0": "robust", "HC1": "robust", "DK": "kernel", "NW": "autocorrelated"}

#: What it refuses in its own words, and what that means.
REFUSALS = {
    "identical for values used": "FirstDifferenceOLS needs clusters that don't change over time",
    "does not have full column rank": "it takes columns that differ much in scale for collinear, and refuses",
}


def estimate(info: EngineInfo, spec: Spec, design: Design, refused: Declined | None, tight: bool) -> Estimate | Declined:
    """What `fit` prints. refused: what the engine declines of these data. tight: see `parity.engines.shipped`."""
    if refused:
        return refused
    if spec.vcov.kind == "NW":
        design = common.by_unit_and_time(design)
    avoids, shown = "absorption-tolerance" if tight and _iterates(spec, design) else "", design
    if tight and spec.iv and design.effects and design.weights is None:
        avoids, design = "ill-conditioned-columns", _net_of_effects(design)
    with common.heard() as said:
        try:
            model = (beyond.model if spec.model in OF_INSTRUMENTS else build_model)(spec, design)
            asked = _asked(model, spec, design) | (model.options if tight else {})
            if tight and spec.model == "cue":
                avoids, asked = "minimiser-tolerance", asked | {"opt_options": {"method": to_rounding}}
            fit = model.unfitted.fit(**asked)
        except ValueError as error:
            reason = next((why for text, why in REFUSALS.items() if text in str(error)), None)
            if reason is None:
                raise
            return Declined(engine=info.id, gap="never", reason=reason)
        printed = {name: np.asarray(column) for name, column in table(fit).items()}
    names = safe.canonical_names(design)
    terms = [names.get(name, "") for name in fit.params.index]  # dummies are no terms
    return common.as_shipped(
        info, spec, design, terms, fit.params, fit.cov, printed, said, df_t=_df(fit),
        reported=Reported(nobs=float(fit.nobs)), accuracy="iterative" if _iterates(spec, design) else model.accuracy,
        avoids=avoids, command=f"{model.shown}.fit({common.shown(asked)})  # {common.legend(spec, shown)}",
    )  # fmt: skip


def _iterates(spec: Spec, design: Design) -> bool:
    """Whether effects are absorbed to a tolerance: all but one effect, and unit and period together."""
    of_the_panel = set(design.effects) == {design.unit_name, design.time_name}
    return not spec.iv and len(design.effects) > 1 and not of_the_panel


def _net_of_effects(design: Design) -> Design:
    """The columns less their projection on the fixed effects: the same 2SLS, without dummies beside its columns."""
    effects = list(design.effects.values())
    y, x, endog, z = (absorbed(c, effects, None) for c in (design.y[:, None], design.x, design.endog, design.z))
    return replace(design, y=y[:, 0], x=x, endog=endog, z=z, effects={})


def _df(fit: Any) -> float:
    """Degrees of freedom behind its p-values: t where the fit is debiased, else the normal."""
    return float(fit.df_resid) if getattr(fit, "_debiased", True) else np.inf


def _asked(model: Model, spec: Spec, design: Design) -> dict[str, Any]:
    kind = spec.vcov.kind
    asked: dict[str, Any] = {"cov_type": COV_TYPE.get(kind, "clustered")}
    if kind in ("DK", "NW"):
        asked["bandwidth"] = spec.vcov.lags
    if kind in CLUSTERED:
        rows = design.levels if spec.model in ("first_difference", "between") else design
        codes = np.column_stack([rows.clusters[c] for c in spec.vcov.cluster])
        asked |= model.clusters(codes)
    return asked
