"""pyfixest's `feglm` and `fepois`: logit, probit and Poisson, any number of absorbed fixed effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines.base import EngineInfo
from parity.engines.pyfixest import frames
from parity.engines.pyfixest.package import pyfixest
from parity.results.estimate import Estimate, Reported
from parity.sample.design import Design
from parity.study.spec import Spec

#: Relative change of the deviance at which its steps end, the tightest first: its covariance is that of the step before the
#: last, so the last must move nothing; where rounding keeps the deviance from standing still it fails, and is asked again.
TOLERANCES = (1e-15, 1e-14, 1e-12)
MOST_STEPS = 200
#: Of its absorber, as for least squares.
ABSORBED, SWEEPS = 1e-13, 100_000


def estimate(info: EngineInfo, spec: Spec, design: Design) -> Estimate:
    """Its fit and covariance without factor. The design's likelihood has a maximum (`parity.sample.separated`)."""
    scaled = common.scaled(design, outcome=False)
    codes = common.cluster_codes(design)
    (frame, columns), formula = frames.with_clusters(scaled.design, codes), frames.formula(design)
    with common.heard() as said:
        fit, tolerance = _fit(formula, frame, spec, design)
        matrices = {subset: _covariance(fit, spec, columns, subset) for subset in (codes or {(): None})}
    terms, dropped = frames.terms_of(fit, design)
    ordered, coef, parts = scaled.answer(terms, fit._beta_hat, matrices)
    name = "fepois" if spec.model == "poisson" else f"feglm(family={spec.model!r})"
    asked = "ssc(k_adj=False, G_adj=False)" + ("" if design.offset is None else ", offset=o")
    return Estimate(
        engine=info.id,
        terms=ordered,
        coef=coef,
        parts=parts,
        basis="uncorrected",
        reported=Reported(nobs=float(fit._N), dropped=dropped),
        accuracy="iterative",
        versions=common.package_versions(info),
        command=f"{name}: {formula!r}, iwls_tol={tolerance}, {asked}  # {common.legend(spec, design)}",
        warnings=(*scaled.warnings, *said),
    )


def _fit(formula: str, frame: Any, spec: Spec, design: Design) -> tuple[Any, float]:
    pf = pyfixest()

    options: dict[str, Any] = {
        "vcov": "iid", "fixef_rm": "none", "iwls_maxiter": MOST_STEPS, "ssc": pf.ssc(k_adj=False, G_adj=False),
        "separation_check": [], "collin_tol": 1e-16,
    }  # fmt: skip
    if design.effects:
        options["demeaner"] = pf.LsmrDemeaner(fixef_atol=ABSORBED, fixef_btol=ABSORBED, fixef_maxiter=SWEEPS)
    elif not design.intercept:
        options["drop_intercept"] = True
    if design.weights is not None:
        options |= {"weights": "w", "weights_type": "fweights" if design.weight_kind == "frequency" else "aweights"}
    if design.offset is not None:
        options["offset"] = "o"
    for tolerance in TOLERANCES:
        try:
            if spec.model == "poisson":
                return pf.fepois(formula, data=frame, iwls_tol=tolerance, **options), tolerance
            return pf.feglm(formula, data=frame, family=spec.model, iwls_tol=tolerance, **options), tolerance
        except Exception as error:
            stalled = type(error).__name__ == "NonConvergenceError" or "Step-halving" in str(error)
            if not stalled or tolerance == TOLERANCES[-1]:
                raise
    raise AssertionError(TOLERANCES)


def _covariance(fit: Any, spec: Spec, columns: dict[tuple[str, ...], str], subset: tuple[str, ...]) -> np.ndarray:
    if spec.vcov.kind in CLUSTERED:
        fit.vcov({"CRV1": columns[subset]})
    else:
        fit.vcov("iid" if spec.vcov.kind == "iid" else "hetero")
    return np.array(fit._vcov)
