"""parity's own estimator: Design -> Fit -> covariances of any kind, as engines give them, without small-sample factor.

A fit is independent of the covariance, so another kind, or another cluster variable, costs one pass over the scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from parity.algebra import covariance
from parity.algebra.absorb import TooLarge
from parity.base.errors import Unestimable
from parity.conventions.facts import Facts, subsets
from parity.conventions.formulas import leverage_scale
from parity.conventions.profiles import PROFILES, Convention
from parity.engines.own.dynamic import dynamic_panel
from parity.engines.own.instrumented import Instrumented, instrumented
from parity.engines.own.least_squares import Fit, joint_code, least_squares
from parity.engines.own.maximum import maximum_likelihood
from parity.engines.own.random_effects import solve_random
from parity.results.estimate import Estimate, Part, Reported
from parity.sample.design import Design
from parity.sample.partialled_out import PartialledOut
from parity.study.models import OF_DYNAMIC, OF_INSTRUMENTS, SERIES, WEIGHT_OF
from parity.study.spec import Spec, Vcov

__all__ = ["Fit", "covariances", "estimate", "satterthwaite", "solve", "solve_random", "uncorrected", "with_own_df"]


def solve(design: Design, spec: Spec | None = None, partialled: PartialledOut | None = None) -> Fit:
    """OLS, or 2SLS where the design has endogenous columns; random effects or a likelihood where `spec` says so.

    partialled: the design's columns net of its fixed effects or intercept, where they are known already.

    Raises `Unestimable` where a regressor is determined by the fixed effects or by other regressors.
    """
    if spec is not None and spec.likelihood:
        return maximum_likelihood(design, spec)
    if spec is not None and spec.model in OF_INSTRUMENTS:
        return instrumented(design, spec, partialled)
    if spec is not None and spec.model in OF_DYNAMIC:
        return dynamic_panel(design, spec)
    random = spec is not None and spec.model == "random_effects"
    return solve_random(spec, design) if random else least_squares(design, partialled)


# ---------------------------------------------------------------- covariances


def covariances(
    fit: Fit, vcov: Vcov, clusters: Mapping[str, np.ndarray] | None = None, convention: Convention = PROFILES["lm"]
) -> dict[tuple[str, ...], np.ndarray]:
    """(k, k) matrices without small-sample factor, by subset of the cluster variables; one, by (), without clusters.

    clusters: code vectors by name, if others than the design's. convention: what weighted leverage is.
    Raises `Unestimable` where the kind doesn't exist.
    """
    codes = fit.design.clusters if clusters is None else clusters
    if isinstance(fit, Instrumented) and vcov.kind not in WEIGHT_OF:
        raise Unestimable(f"{vcov.kind} is of least squares and 2SLS")
    if isinstance(fit, Instrumented) and fit.efficient is not None:
        return {vcov.cluster: fit.efficient}
    try:
        if not vcov.cluster:
            return {(): _unclustered(fit, vcov, convention)}
        return {s: _clustered(fit, vcov.kind, joint_code([codes[c] for c in s])) for s in subsets(vcov.cluster)}
    except (TooLarge, covariance.Undefined) as error:
        raise Unestimable(str(error)) from None


def uncorrected(
    fit: Fit, vcov: Vcov, clusters: Mapping[str, np.ndarray] | None = None, convention: Convention = PROFILES["lm"]
) -> tuple[Part, ...]:
    """`covariances` as engines return them, with basis "uncorrected"."""
    return tuple(Part(cluster=s, matrix=m.tolist()) for s, m in covariances(fit, vcov, clusters, convention).items())


def _unclustered(fit: Fit, vcov: Vcov, convention: Convention) -> np.ndarray:
    design, frequency = fit.design, fit.design.weight_kind == "frequency"
    if vcov.in_time and design.disorder:
        raise Unestimable(design.disorder)
    match vcov.kind:
        case "iid":
            return covariance.iid(fit.bread, fit.squares, fit.nobs)
        case "DK":
            return covariance.driscoll_kraay(fit.pull, fit.resid, kraay_time(design, convention), vcov.lags)
        case "NW":
            if frequency:
                raise covariance.Undefined("Newey-West takes no frequency weights: equal rows have no order in time")
            return covariance.newey_west(*fit.scored, design.unit, design.time, vcov.lags)
        case "conley":
            return _conley(fit, vcov, convention)
    # a row of frequency weight w is w rows, each with residual e / root w and leverage h / w
    resid = fit.resid / np.sqrt(design.weights) if frequency else fit.resid
    if vcov.kind in ("HC0", "HC1"):
        return covariance.hc0(fit.pull, resid) if frequency else covariance.hc0(*fit.scored)
    leverage = _leverage(fit, convention)
    if vcov.kind == "HC4":
        return covariance.hc4(fit.pull, resid, leverage, np.average(leverage, weights=design.weights if frequency else None))
    return {"HC2": covariance.hc2, "HC3": covariance.hc3}[vcov.kind](fit.pull, resid, leverage)


def _conley(fit: Fit, vcov: Vcov, convention: Convention) -> np.ndarray:
    """Rows that stand for several equal ones need no copies: these have one place, and their scores are summed already."""
    from parity.algebra.conley import conley

    design, (pull, resid) = fit.design, fit.scored
    if design.located is None:
        raise covariance.Undefined("Conley's covariance needs the rows' coordinates")
    if convention.conley_distance != "axes" and design.located.at.shape[1] != 2:
        raise covariance.Undefined("kilometres are of latitude and longitude")
    return conley(
        pull * resid[:, None], design.located.at, design.located.reach(vcov.cutoff), convention.conley_distance,
        convention.conley_kernel, unit=design.unit, time=design.time, lags=vcov.lags,
    )  # fmt: skip


def kraay_time(design: Design, convention: Convention) -> np.ndarray:
    """(n,) periods as Driscoll-Kraay's lags count them: as they are, or without those that no row has."""
    return design.time if convention.kraay_gaps == "kept" else np.unique(design.time, return_inverse=True)[1]


def _leverage(fit: Fit, convention: Convention) -> np.ndarray:
    """(n,) leverage of a row, of one of its copies under frequency weights, as the convention weighs it."""
    design = fit.design
    if design.weight_kind == "frequency":
        return fit.leverage / design.weights
    if design.weights is None or convention.leverage_weights == "in":
        return fit.leverage
    leverage = fit.leverage * leverage_scale(convention, design.weights)
    if np.any((leverage > 1 - covariance.NULL) & (fit.leverage < 1 - covariance.NULL)):
        raise covariance.Undefined("without its weight a row has leverage 1 or more, and 1 - h can't divide")
    # a row fitted whatever its outcome stays one
    return np.where(fit.leverage < 1 - covariance.NULL, leverage, 1.0)


def _clustered(fit: Fit, kind: str, code: np.ndarray) -> np.ndarray:
    if kind in ("CR0", "CR1"):
        return covariance.cr0(*fit.scored, code)
    # rows that stand for several equal ones need no copies: in the space of root weights their block of the projection
    # is the copies' own on its range, and the identity on the rest, where the residuals have nothing
    weights = fit.design.weights if fit.design.weight_kind == "analytic" else None
    if kind == "CR3":
        return covariance.cr3(fit.pull, fit.resid, code, fit.hat_basis)
    if weights is None:
        return covariance.cr2(fit.pull, fit.resid, code, fit.hat_basis)
    return covariance.cr2_weighted(fit.pull, fit.resid, code, fit.hat_basis(), weights)


#: Power of I - H_gg in each clustered kind.
CLUSTER_POWER = {"CR0": 0.0, "CR1": 0.0, "CR2": -0.5, "CR3": -1.0}


def satterthwaite(fit: Fit, vcov: Vcov, clusters: Mapping[str, np.ndarray]) -> np.ndarray:
    """(k,) Satterthwaite's degrees of freedom of a covariance clustered by one variable, working model errors of one
    variance, weights or none. Raises `Unestimable`."""
    if len(vcov.cluster) != 1 or fit.random is not None:
        raise Unestimable("Satterthwaite's degrees of freedom are for one cluster variable, and not for random effects")
    try:
        code = joint_code([clusters[vcov.cluster[0]]])
        if fit.design.weight_kind == "analytic":
            weights, power = fit.design.weights, CLUSTER_POWER[vcov.kind]
            return covariance.satterthwaite_weighted(fit.pull, code, fit.hat_basis(), weights, vcov.kind, power)
        # rows that stand for several equal ones need no copies, see `_clustered`
        return covariance.satterthwaite(fit.pull, code, fit.hat_basis, fit.hat_places, CLUSTER_POWER[vcov.kind])
    except (TooLarge, covariance.Undefined) as error:
        raise Unestimable(str(error)) from None


def with_own_df(design: Design, spec: Spec) -> Facts:
    """The design's facts, with the degrees of freedom of each coefficient's own where the spec's convention has them."""
    if not spec.own_df:
        return design.facts
    try:
        fit = solve(design, spec)
        found = satterthwaite(fit, spec.vcov, design.clusters)
    except Unestimable as error:
        return replace(design.facts, no_own_df=str(error))
    return replace(design.facts, own_df=dict(zip(fit.terms, found.tolist(), strict=True)))


def satterthwaite_work(fit: Fit, code: np.ndarray) -> float:
    """Multiplications that `satterthwaite` needs for these clusters, as an order of magnitude."""
    sizes, rest = np.bincount(code).astype(float), len(fit.terms)
    if fit.absorbed is None:
        within, width = np.full(len(sizes), float(rest)), float(rest)
    else:
        levels, rest = len(fit.absorbed.main_weight), rest + len(fit.absorbed.kept)
        within = np.bincount(np.unique(code * levels + fit.absorbed.main) // levels, minlength=len(sizes)) + float(rest)
        width = float(levels + rest)
    decomposed = 10 * float(np.sum(sizes * within * np.minimum(sizes, within)))
    return decomposed + len(fit.terms) * len(sizes) * width * min(len(sizes), width)


# ---------------------------------------------------------------- the whole answer


def estimate(spec: Spec, design: Design) -> Estimate:
    """The spec's estimate as an engine would give it, covariance without factor. Raises `Unestimable`."""
    fit = solve(design, spec)
    rank = len(fit.terms) + (fit.absorbed.rank if fit.absorbed and fit.exact else 0)
    return Estimate(
        engine="parity",
        terms=fit.terms,
        coef=tuple(fit.coef.tolist()),
        parts=uncorrected(fit, spec.vcov, convention=spec.convention),
        basis="uncorrected",
        stats=_statistics(fit, spec),
        reported=Reported(nobs=fit.nobs, df_resid=fit.nobs - rank if fit.exact else None),
        accuracy="iterative"
        if not fit.exact or spec.model in SERIES
        else "normal-equations"
        if fit.likelihood or spec.model in OF_DYNAMIC
        else "exact",
        versions={"numpy": np.__version__},
        command=f"parity.engines.own.fit.estimate: {spec.formula}, {spec.vcov}",
    )


def _statistics(fit: Fit, spec: Spec) -> dict[str, float]:
    if fit.likelihood is not None:
        return dict(fit.likelihood)
    if fit.random is not None:
        return dict(fit.random)
    if spec.model in OF_DYNAMIC and isinstance(fit, Instrumented):
        return dict(fit.reported)
    more = dict(fit.reported) if isinstance(fit, Instrumented) else {}
    within = {"r2_within": 1 - fit.ssr / fit.tss_within} if fit.design.effects else {}
    return {"r2": 1 - fit.ssr / fit.tss} | within | more
