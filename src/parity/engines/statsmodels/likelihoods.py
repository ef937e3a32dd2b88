"""statsmodels' Logit, Probit and Poisson; GLM with weights, and for probit's expected information. Effects as dummies."""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.base.tolerance import LIKELIHOOD_STEP
from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines.base import EngineInfo
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.spec import Spec

#: Newton's steps at most; IRLS of probit takes more, each smaller by a share.
NEWTON, IRLS = 100, 500


def estimate(info: EngineInfo, spec: Spec, design: Design) -> Estimate | Declined:
    """Its fit and covariance without factor. The design's likelihood has a maximum (`parity.sample.separated`)."""
    scaled = common.scaled(design, outcome=False)
    inside, terms = scaled.design, list(design.terms)
    x = np.hstack([np.ones((design.nobs, int(design.intercept))), inside.x, common.dummies(inside)])
    with common.heard() as said:
        fit, shown = _fit(spec, inside, x)
        matrices = _covariances(fit, spec, inside, shown.startswith("GLM"))
        stats = {"ll": float(fit.llf)}
        if design.intercept or design.effects:
            stats["ll_0"] = float(fit.llnull)
    if not fit.converged:
        return Declined(engine=info.id, gap="never", reason=f"it found no maximum in {NEWTON} steps")
    ordered, coef, parts = scaled.answer(terms, np.asarray(fit.params), matrices)
    nobs = design.observations if design.weight_kind == "frequency" else float(fit.nobs)
    return Estimate(
        engine=info.id,
        terms=ordered,
        coef=coef,
        parts=parts,
        basis="uncorrected",
        stats=stats,
        reported=Reported(nobs=nobs, df_resid=float(nobs - len(fit.params))),
        accuracy="normal-equations",
        versions=common.package_versions(info),
        command=f"{shown}  # {common.legend(spec, design)}" + (", and dummies" if design.effects else ""),
        warnings=(*scaled.warnings, *said),
    )


def _fit(spec: Spec, design: Design, x: np.ndarray) -> tuple[Any, str]:
    from statsmodels.discrete import discrete_model
    from statsmodels.genmod.generalized_linear_model import GLM

    expected = spec.model == "probit" and spec.convention.information == "expected"
    if design.weights is None and not expected:
        name = {"logit": "Logit", "probit": "Probit", "poisson": "Poisson"}[spec.model]
        beside = {} if design.offset is None else {"offset": design.offset}
        model = getattr(discrete_model, name)(design.y, x, **beside)
        options = {"method": "newton", "tol": LIKELIHOOD_STEP, "maxiter": NEWTON, "disp": 0}
        return model.fit(**options), f"{name}(y, x{', offset=o' if beside else ''}).fit({common.shown(options)})"
    family, text = _family(spec)
    weights = {"freq_weights" if design.weight_kind == "frequency" else "var_weights": design.weights}
    given = weights if design.weights is not None else {}
    beside = {} if design.offset is None else {"offset": design.offset}
    options = {"tol": LIKELIHOOD_STEP**1.5, "tol_criterion": "params", "maxiter": IRLS}
    named = "".join(f", {name}=w" for name in given) + (", offset=o" if beside else "")
    fit = GLM(design.y, x, family=family, **given, **beside).fit(**options)
    return fit, f"GLM(y, x, {text}{named}).fit({common.shown(options)})"


def _family(spec: Spec) -> tuple[Any, str]:
    from statsmodels.genmod import families

    if spec.model == "poisson":
        return families.Poisson(), "Poisson()"
    link = families.links.Probit() if spec.model == "probit" else families.links.Logit()
    return families.Binomial(link), f"Binomial({type(link).__name__}())"


def _covariances(fit: Any, spec: Spec, design: Design, glm: bool) -> dict[tuple[str, ...], np.ndarray]:
    """From its own second derivatives and scores by row."""
    params = np.asarray(fit.params)
    kwargs = {"observed": spec.convention.information == "observed"} if glm else {}
    bread = np.linalg.inv(-np.asarray(fit.model.hessian(params, **kwargs)))
    if spec.vcov.kind == "iid":
        return {(): bread}
    return sandwiches(bread, np.asarray(fit.model.score_obs(params)), spec, design)


def sandwiches(bread: np.ndarray, scores: np.ndarray, spec: Spec, design: Design) -> dict[tuple[str, ...], np.ndarray]:
    """bread (p, p) inverse information, scores (n, p): the covariance of rows, or by subset of the cluster variables."""
    if spec.vcov.kind not in CLUSTERED:
        rows = scores / np.sqrt(design.weights)[:, None] if design.weight_kind == "frequency" else scores
        return {(): bread @ (rows.T @ rows) @ bread}
    out = {}
    for subset, code in common.cluster_codes(design).items():
        sums = np.zeros((int(code.max()) + 1, scores.shape[1]))
        np.add.at(sums, code, scores)
        out[subset] = bread @ (sums.T @ sums) @ bread
    return out
