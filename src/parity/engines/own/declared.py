"""parity's own cross-products: one QR of all columns, then every covariance from cross-products summed by cluster.

Written apart from `parity.engines.own.fit`, which works with rows: one effect is absorbed and the others are columns, and a
score is A_g times coordinates, not a sum over rows. What needs single rows (leverage, lags within a unit) it can't do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.covariance import ALONE, NULL, driscoll_kraay
from parity.algebra.moments import Sample, Solution, TooMany, nested, products, sample, solve
from parity.conventions.facts import n_levels
from parity.conventions.kinds import CONLEY, ROW_LEVERAGE
from parity.engines import python_common as common
from parity.engines.base import EngineInfo, declined_by_gaps
from parity.engines.needs import Needs
from parity.engines.own.fit import estimate as by_rows
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.models import OF_DYNAMIC, OF_INSTRUMENTS
from parity.study.spec import Spec

if TYPE_CHECKING:
    from parity.base.cluster import Cluster
    from parity.engines.own.kept_passes import KeptPasses
    from parity.engines.own.streamed import Streamed
    from parity.study.study import Study

ROWS = "leverage is not in cross-products by cluster"
IN_TIME = "products of a unit's neighbouring periods are not in cross-products by cluster"
INFO = EngineInfo(
    id="py-moments",
    language="python",
    packages=("numpy", "scipy"),
    title="parity's own cross-products per cluster, as its bootstrap and permutation tests use them",
    needs=Needs(copies=14),
    gaps={
        "random_effects": ("notimpl", "quasi-demeaning needs cross-products between units too"),
        **dict.fromkeys((*ROW_LEVERAGE, "leverage_iv", "leverage_unweighted"), ("never", ROWS)),
        "CR2": ("never", "an inverse root of each cluster's rows is not in its cross-products"),
        "NW": ("never", IN_TIME),
    },
)

OUTCOME = "(outcome)"
#: Rows of the basis times residuals formed at once.
CHUNK = 65_536


@dataclass(frozen=True)
class CrossProducts:
    """The engine; see `parity.engines.base.Engine`."""

    info: EngineInfo = INFO

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        by_gap = declined_by_gaps(self.info, spec, unit, time)
        rows = spec.model in OF_INSTRUMENTS and by_gap is not None and by_gap.reason == IN_TIME
        return None if rows else by_gap  # those go by rows

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        no = common.kernel_declined(INFO, spec, design, calendar=True)
        if no:
            return no
        if spec.likelihood or spec.model in (*OF_INSTRUMENTS, *OF_DYNAMIC) or spec.vcov.kind == CONLEY:
            return by_rows(spec, design).model_copy(update={"engine": INFO.id})
        try:
            return _estimate(spec, design)
        except TooMany as error:
            return Declined(engine=INFO.id, gap="notimpl", reason=str(error))

    def from_chunks(
        self, study: Study, spec: Spec, path: Path, cluster: Cluster | None = None, kept: KeptPasses | None = None
    ) -> Streamed:
        """The estimate of a Parquet file or folder by its row groups; see `parity.engines.own.streamed.estimate`."""
        from parity.engines.own.streamed import estimate

        return estimate(study, spec, path, cluster, INFO.id, kept)


ENGINE = CrossProducts()


def _estimate(spec: Spec, design: Design) -> Estimate | Declined:
    scaled = common.scaled(design)
    inside = scaled.design
    jackknife = spec.vcov.kind == "CR3"
    # a cluster can be left out of cross-products only if no absorbed effect reaches beyond it
    within = nested(inside.effects, inside.clusters[spec.vcov.cluster[0]]) if jackknife else None
    of = sample(_columns(inside), effects=inside.effects, intercept=inside.intercept, weights=inside.weights, within=within)
    fit = solve(of, OUTCOME, inside.x_names, inside.endog_names, inside.z_names)
    coef, pull = _with_intercept(of, fit)
    parts = _covariances(of, fit, pull, spec, inside)
    if parts is None:
        reason = "without one of the clusters a coefficient is undetermined"
        return Declined(engine=INFO.id, gap="never", reason=reason)
    terms, coefficients, given = scaled.answer(inside.terms, coef, parts)
    rank = None if of.absorbed is None else of.nuisance + of.absorbed + len(fit.terms)
    within_r2 = {"r2_within": 1 - fit.ssr / fit.ssr_within} if design.effects else {}
    return Estimate(
        engine=INFO.id,
        terms=terms,
        coef=coefficients,
        parts=given,
        basis="uncorrected",
        stats={"r2": 1 - fit.ssr / of.tss[of.names.index(OUTCOME)]} | within_r2,
        reported=_reported(design, design.observations, rank),
        accuracy="exact" if of.exact else "iterative",
        versions=common.package_versions(INFO),
        command=f"parity.algebra.moments: sample, solve, products; {spec.vcov}  # {common.legend(spec, design)}",
        warnings=scaled.warnings,
    )


def _reported(design: Design, nobs: float, rank: int | None) -> Reported:
    clusters = {"^".join(s): n_levels(code) for s, code in common.cluster_codes(design).items()}
    levels = {name: n_levels(code) for name, code in design.effects.items()}
    return Reported(nobs=nobs, df_resid=None if rank is None else nobs - rank, levels=levels, clusters=clusters)


def _columns(design: Design) -> dict[str, np.ndarray]:
    names = (*design.x_names, *design.endog_names, *design.z_names, OUTCOME)
    return dict(zip(names, (*design.x.T, *design.endog.T, *design.z.T, design.y), strict=True))


def _with_intercept(of: Sample, fit: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (k,) and pull (m, k), the intercept in front where there is one: the mean outcome less the rest."""
    if not of.intercept:
        return fit.coef, fit.pull
    at = {name: i for i, name in enumerate(of.names)}
    means = of.means[[at[t] for t in fit.terms]]
    length = np.sqrt(len(of.basis) if of.weights is None else of.weights.sum())
    one = np.zeros(len(fit.pull))
    one[0] = np.sign(of.basis[0, 0]) / length
    first = of.means[at[OUTCOME]] - means @ fit.coef
    return np.concatenate([[first], fit.coef]), np.column_stack([one - fit.pull @ means, fit.pull])


# ---------------------------------------------------------------- covariances

Parts = dict[tuple[str, ...], np.ndarray]


def _covariances(of: Sample, fit: Solution, pull: np.ndarray, spec: Spec, design: Design) -> Parts | None:
    """Uncorrected, by subset of the cluster variables; None where a jackknife is undetermined."""
    kind = spec.vcov.kind
    if kind == "iid":
        nobs = design.weights.sum() if design.weight_kind == "frequency" else design.nobs
        return {(): pull.T @ pull * (fit.ssr / nobs)}
    if kind in ("HC0", "HC1"):
        return {(): _by_row(of, fit, pull, design)}
    if kind == "CR3":
        jackknifed = _jackknife(of, fit, pull, design.clusters[spec.vcov.cluster[0]])
        return None if jackknifed is None else {spec.vcov.cluster: jackknifed}
    # residuals have no part in the nuisance, and pull has one in the intercept only
    start = 0 if of.intercept else of.nuisance
    free = replace(of, basis=of.basis[:, start:], triangle=of.triangle[start:], nuisance=of.nuisance - start)

    def scores(code: np.ndarray) -> np.ndarray:
        return (products(free, code).gram @ fit.resid[start:]) @ pull[start:]

    if kind == "DK":
        periods, code = np.unique(design.time, return_inverse=True)
        by_period = scores(code)
        counted = periods if spec.convention.kraay_gaps == "kept" else np.arange(len(periods))
        return {(): driscoll_kraay(by_period, np.ones(len(periods)), counted, spec.vcov.lags)}
    sums = {subset: scores(code) for subset, code in common.cluster_codes(design).items()}
    return {subset: s.T @ s for subset, s in sums.items()}


def _by_row(of: Sample, fit: Solution, pull: np.ndarray, design: Design) -> np.ndarray:
    """HC0: every row is a cluster of its own, or as many as its frequency weight says."""
    meat = np.zeros((pull.shape[1], pull.shape[1]))
    for start in range(0, design.nobs, CHUNK):
        rows = of.basis[start : start + CHUNK]
        scores = (rows @ pull) * (rows @ fit.resid)[:, None]
        if design.weight_kind == "frequency":
            scores = scores / np.sqrt(design.weights[start : start + CHUNK, None])
        meat += scores.T @ scores
    return meat


def _jackknife(of: Sample, fit: Solution, pull: np.ndarray, code: np.ndarray) -> np.ndarray | None:
    """CR3: squares of what leaving each cluster out moves the coefficients by, about the estimate itself.

    Without cluster g the cross-products are I - A_g. Directions that only cluster g has, such as the dummy of a period
    that no other cluster has, are left out; None where a coefficient hangs on one.
    """
    r = of.nuisance
    slopes = np.linalg.qr(fit.pull)[0]
    span = np.hstack([np.eye(len(pull), r), slopes])
    way = span.T @ pull
    gram = products(of, code).gram
    values, vectors = np.linalg.eigh(np.eye(span.shape[1]) - span.T @ gram @ span)
    force = np.einsum("gji,gj->gi", vectors, (gram @ fit.resid) @ span)
    effect = vectors.transpose(0, 2, 1) @ way
    lost = values <= NULL
    if np.any(np.abs(effect[lost]) > ALONE * np.linalg.norm(way, axis=0)):
        return None
    moved = np.einsum("gi,gik->gk", np.where(lost, 0.0, force / np.where(lost, 1.0, values)), effect)
    return moved.T @ moved
