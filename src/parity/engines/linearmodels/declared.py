"""linearmodels: PooledOLS, PanelOLS, AbsorbingLS, IV2SLS, FirstDifferenceOLS and RandomEffects, whichever fits the spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.base import tolerance
from parity.conventions.kinds import SANDWICHES
from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines import safe
from parity.engines.base import OF_LEVERAGE, Arithmetic, EngineInfo
from parity.engines.linearmodels import beyond
from parity.engines.linearmodels.models import Model, build_model, table
from parity.engines.needs import Needs
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import INTERCEPT, Design
from parity.study.models import LIKELIHOODS, OF_DYNAMIC, OF_INSTRUMENTS, OF_MOMENTS
from parity.study.spec import Spec

INFO = EngineInfo(
    id="py-linearmodels",
    language="python",
    packages=("linearmodels",),
    title="linearmodels: PanelOLS, AbsorbingLS, IV2SLS, IVLIML, IVGMM, FirstDifferenceOLS, RandomEffects, BetweenOLS",
    needs=Needs(copies=14),
    gaps={
        **dict.fromkeys(LIKELIHOODS, ("never", "linearmodels has linear models only")),
        **dict.fromkeys(OF_DYNAMIC, ("never", "linearmodels has no instruments by period")),
        "gmm_fe": ("never", "with dummies IVGMM has other moments than without effects"),
        "efficient_gmm": ("never", "IVGMM's covariance is a sandwich"),
        "weights_frequency": ("never", "linearmodels has no frequency weights"),
        "conley": ("never", "linearmodels has no spatial covariance"),
        **dict.fromkeys(OF_LEVERAGE, ("notyet", "linearmodels has no leverage-adjusted covariance")),
    },
    arithmetic=Arithmetic(covariance=("iid", *SANDWICHES), absorbs="least squares"),
)


def _kernel(spec: Spec) -> bool:
    return spec.vcov.in_time


RULES: tuple[common.Rule, ...] = (
    (lambda s: len(s.vcov.cluster) > 2, "notyet", "linearmodels clusters by at most two variables"),
    (lambda s: _kernel(s) and s.iv, "never", "IV2SLS has a kernel covariance for one time series only"),
    (lambda s: _kernel(s) and len(s.formula.effects) > 2, "never",
     "AbsorbingLS has a kernel covariance for one time series only"),
    (lambda s: s.model in OF_MOMENTS and s.convention.centred == "yes" and bool(s.weights), "never",
     "IVGMM centres rows times root weights"),
    (lambda s: s.model in OF_MOMENTS and bool(s.weights) and "iid" in (s.moment_weight, s.vcov.kind), "never",
     "IVGMM takes the mean of residuals times root weights off them"),
    (lambda s: s.model == "between" and s.convention.between_weights == "rows" and not s.formula.intercept, "never",
     "BetweenOLS takes a weighted mean off the outcome whatever the formula"),
    (lambda s: s.model == "first_difference" and s.formula.intercept, "never",
     "FirstDifferenceOLS takes no intercept; write 0 + in the formula"),
    (lambda s: s.model == "first_difference" and bool(s.weights), "never",
     "FirstDifferenceOLS combines the weights of both periods by its own rule"),
)  # fmt: skip


@dataclass(frozen=True)
class LinearModels:
    """The engine; see `parity.engines.base.Engine`."""

    info: EngineInfo = INFO

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        return common.declined(self.info, spec, unit, time, RULES)

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        no = _declined_by_data(spec, design)
        if no:
            return no
        if spec.vcov.kind == "NW":
            design = common.by_unit_and_time(design)
        with common.heard() as said:
            answer = _estimate(spec, design)
        if isinstance(answer, Declined):
            return answer
        return answer.model_copy(update={"warnings": (*answer.warnings, *said)})

    def shipped(self, spec: Spec, design: Design, tight: bool = False) -> Estimate | Declined:
        """Its defaults; see `parity.engines.shipped`."""
        from parity.engines.linearmodels import shipped as shipped_linearmodels

        return shipped_linearmodels.estimate(self.info, spec, design, _declined_by_data(spec, design), tight)


ENGINE = LinearModels()


def _never(reason: str) -> Declined:
    return Declined(engine=INFO.id, gap="never", reason=reason)


def _declined_by_data(spec: Spec, design: Design) -> Declined | None:
    if spec.vcov.kind == "DK" and spec.vcov.lags >= design.facts.periods:
        return _never("its bandwidth must be below the number of periods")
    if spec.iv and design.effects and common.too_wide(design):
        return Declined(engine=INFO.id, gap="notimpl", reason="too many levels for dummies in IV2SLS")
    return common.kernel_declined(INFO, spec, design)


def _estimate(spec: Spec, design: Design) -> Estimate | Declined:
    scaled = common.scaled(design)
    model = (beyond.model if spec.model in OF_INSTRUMENTS else build_model)(spec, scaled.design)
    native = common.is_profile(spec, "linearmodels") and spec.vcov.kind not in ("HC0", "CR0") and model.defaults
    try:
        fits = _fits(model, spec, scaled.design, native)
    except ValueError as error:
        if "identical for values used" in str(error):
            return _never("FirstDifferenceOLS needs clusters that don't change over time")
        raise
    fit = next(iter(fits.values()))
    if spec.model == "first_difference" and fit.nobs != design.nobs:
        return _never(f"FirstDifferenceOLS differences across gaps in time: {fit.nobs} rows where parity has {design.nobs}")
    canonical = safe.canonical_names(design)
    terms = [canonical.get(name, "") for name in fit.params.index]  # dummies are no terms
    ordered, coef, parts = scaled.answer(terms, fit.params.to_numpy(), {s: f.cov.to_numpy() for s, f in fits.items()})
    shown = common.shown(_asked(model, spec, native))
    return Estimate(
        engine=INFO.id,
        terms=ordered,
        coef=coef,
        parts=parts,
        basis="linearmodels" if native else "uncorrected",
        printed=scaled.printed(terms, table(fit)) if native else {},
        df_t=(np.inf if spec.iv else float(fit.df_resid)) if native else None,  # IV2SLS: normal by default
        stats=_stats(fit, spec, design) | (_random(fit, model, scaled) if spec.model == "random_effects" else {}),
        reported=_reported(fit, design),
        accuracy=model.accuracy,
        versions=common.package_versions(INFO),
        command=f"{model.shown}.fit({shown})  # {common.legend(spec, design)}",
        warnings=scaled.warnings,
    )


# ---------------------------------------------------------------- the fits


def _asked(model: Model, spec: Spec, native: bool) -> dict[str, Any]:
    """Keyword arguments of `fit`, the clusters apart."""
    kind = spec.vcov.kind
    name = {"iid": "unadjusted", "HC0": "robust", "HC1": "robust", "DK": "driscoll-kraay", "NW": "autocorrelated"}
    asked: dict[str, Any] = {"cov_type": name.get(kind, "clustered")}
    if _kernel(spec):
        asked |= {"kernel": "bartlett", "bandwidth": spec.vcov.lags}
    return asked | model.options | ({} if native else model.uncorrected)


def _fits(model: Model, spec: Spec, design: Design, native: bool) -> dict[tuple[str, ...], Any]:
    """A fit per part of the covariance."""
    asked = _asked(model, spec, native)
    if spec.vcov.kind not in CLUSTERED:
        return {(): model.unfitted.fit(**asked)}
    # its clusters are those of the levels
    rows = design.levels if spec.model in ("first_difference", "between") else design
    if native:
        codes = np.column_stack([rows.clusters[c] for c in spec.vcov.cluster])
        return {spec.vcov.cluster: model.unfitted.fit(**asked, **model.clusters(codes))}
    return {s: model.unfitted.fit(**asked, **model.clusters(codes)) for s, codes in common.cluster_codes(rows).items()}


# ---------------------------------------------------------------- what it reports


def _stats(fit: Any, spec: Spec, design: Design) -> dict[str, float]:
    """R2, where linearmodels' definition is parity's."""
    if spec.model in OF_INSTRUMENTS:
        return beyond.statistics(fit, spec)
    if spec.iv or spec.model == "random_effects":
        return {}
    if hasattr(fit, "absorbed_rsquared"):
        return {"r2": float(fit.rsquared), "r2_within": float(fit.absorbed_rsquared)}
    if design.effects:
        return {"r2": float(fit.rsquared_inclusive), "r2_within": float(fit.rsquared)}
    # dummies that add up to a constant count as one here
    return {"r2": float(fit.rsquared)} if fit.model.has_constant == design.intercept else {}


def _random(fit: Any, model: Model, scaled: common.Scaled) -> dict[str, float]:
    """Variance components, and the Hausman test of the within estimator against random effects on common slopes."""
    from linearmodels.panel import PanelOLS

    parts = fit.variance_decomposition
    back = scaled.outcome**2
    stats = {"sigma_u2": float(parts["Effects"]) / back, "sigma_e2": float(parts["Residual"]) / back}
    theta = np.unique(fit.theta.to_numpy())
    if len(theta) == 1:
        stats["theta"] = float(theta[0])
    y, x = model.unfitted.dependent.dataframe, model.unfitted.exog.dataframe
    slopes = [c for c in x if c != INTERCEPT]
    if not slopes:
        return stats
    # both on their homoskedastic covariances, whatever the spec's is
    random = model.unfitted.fit(**model.options)
    try:
        inside = PanelOLS(y, x[slopes], entity_effects=True, drop_absorbed=True).fit()
    except ValueError:  # nothing varies within units
        return stats
    common_slopes = list(inside.params.index)
    difference = (inside.params - random.params[common_slopes]).to_numpy()
    spread = inside.cov.to_numpy() - random.cov.loc[common_slopes, common_slopes].to_numpy()
    # sigmamore: both with the variance of random effects
    rescaled = inside.cov.to_numpy() * (random.s2 / inside.s2)
    more = rescaled - random.cov.loc[common_slopes, common_slopes].to_numpy()
    size = np.sqrt(np.diag(inside.cov.to_numpy()))
    return stats | _contrast("hausman", difference, spread, size) | _contrast("hausman_sigmamore", difference, more, size)


def _contrast(name: str, gap: np.ndarray, spread: np.ndarray, size: np.ndarray) -> dict[str, float]:
    """Chi-squared, its degrees of freedom and p, by a generalised inverse as Stata's hausman.

    On a balanced panel the effects of years differ between the estimators only through the slopes: with one error
    variance they add nothing to the rank of `spread`. size: standard errors, which take the units out.
    """
    from scipy.stats import chi2

    root, axes = np.linalg.eigh(spread / np.outer(size, size))
    kept = np.abs(root) > tolerance.COLLINEAR * np.abs(root).max()
    df = float(kept.sum())
    if not df:
        return {}
    statistic = float(np.sum((axes.T @ (gap / size))[kept] ** 2 / root[kept]))
    return {name: statistic, f"{name}_df": df, f"{name}_p": float(chi2.sf(statistic, df))}


def _reported(fit: Any, design: Design) -> Reported:
    model = fit.model
    levels: dict[str, int] = {}
    if getattr(model, "entity_effects", False):
        levels[str(design.unit_name)] = int(fit.entity_info["total"])
    if getattr(model, "time_effects", False):
        levels[str(design.time_name)] = int(fit.time_info["total"])
    if getattr(model, "other_effects", False):
        others = [name for name in design.effects if name not in levels]
        levels |= dict(zip(others, fit.other_info["total"].astype(int).tolist(), strict=True))
    # with several effects its df counts one redundant level each, which isn't the rank of the design
    df_resid = float(fit.df_resid) if len(design.effects) <= 1 else None
    return Reported(nobs=float(fit.nobs), df_resid=df_resid, levels=levels)
