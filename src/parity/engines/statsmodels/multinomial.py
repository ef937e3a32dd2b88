"""statsmodels' MNLogit, its outcomes counted from the base."""

from __future__ import annotations

import numpy as np

from parity.base.tolerance import LIKELIHOOD_STEP
from parity.engines import python_common as common
from parity.engines.base import EngineInfo
from parity.engines.statsmodels.likelihoods import NEWTON, sandwiches
from parity.results.estimate import Declined, Estimate, Part, Reported
from parity.sample.design import Design
from parity.study.spec import Spec


def estimate(info: EngineInfo, spec: Spec, design: Design) -> Estimate | Declined:
    """Its fit and covariance without factor. The design's likelihood has a maximum (`parity.sample.separated`)."""
    from statsmodels.discrete.discrete_model import MNLogit

    scaled = common.scaled(design, outcome=False)
    x = np.hstack([np.ones((design.nobs, int(design.intercept))), scaled.design.x])
    # MNLogit's base is the smallest code
    order = [design.base, *(j for j in range(len(design.outcomes)) if j != design.base)]
    y = np.argsort(order)[design.places]
    options = {"method": "newton", "tol": LIKELIHOOD_STEP, "maxiter": NEWTON, "disp": 0}
    with common.heard() as said:
        fit = MNLogit(y, x).fit(**options)
        params = np.asarray(fit.params)
        bread = np.linalg.inv(-np.asarray(fit.model.hessian(params)))
        parts = {(): bread} if spec.vcov.kind == "iid" else sandwiches(bread, fit.model.score_obs(params), spec, design)
        stats = {"ll": float(fit.llf)}
    if not fit.mle_retvals["converged"]:
        return Declined(engine=info.id, gap="never", reason=f"it found no maximum in {NEWTON} steps")
    index = [1.0] * design.intercept + [scaled.factors[name] for name in design.x_names]
    back = np.tile(index, len(design.equations))
    return Estimate(
        engine=info.id,
        terms=design.terms,
        coef=tuple((params.T.ravel() * back).tolist()),
        parts=tuple(
            Part(cluster=s, matrix=tuple(map(tuple, (m * np.outer(back, back)).tolist()))) for s, m in parts.items()
        ),
        basis="uncorrected",
        stats=stats,
        reported=Reported(nobs=float(fit.nobs), df_resid=float(fit.nobs - params.size)),
        accuracy="normal-equations",
        versions=common.package_versions(info),
        command=f"MNLogit(y, x).fit({common.shown(options)})  # {common.legend(spec, design)}; y counted from its base",
        warnings=(*scaled.warnings, *said),
    )
