"""statsmodels: OLS and WLS with dummies for fixed effects, IV2SLS and LinearIVGMM, GLM for frequency weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.algebra.covariance import hc2, hc3, hc4
from parity.conventions.formulas import leverage_scale
from parity.conventions.kinds import BEYOND_ROWS
from parity.conventions.profiles import CLUSTERED, ROW_LEVERAGE
from parity.engines import python_common as common
from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.statsmodels import likelihoods, models, multinomial
from parity.results.estimate import Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.models import K_CLASS, OF_DYNAMIC, OF_MOMENTS, ORDERED
from parity.study.spec import Spec

INFO = EngineInfo(
    id="py-statsmodels",
    language="python",
    packages=("statsmodels",),
    title="statsmodels: OLS, WLS, GLM, Logit, Probit, Poisson, MNLogit, IV2SLS, LinearIVGMM; fixed effects as dummies",
    gaps={
        **dict.fromkeys(K_CLASS, ("never", "statsmodels has no k-class estimators but 2SLS")),
        **dict.fromkeys(OF_MOMENTS, ("notimpl", "LinearIVGMM minimises by iteration to a tolerance, and isn't asked yet")),
        **dict.fromkeys(OF_DYNAMIC, ("never", "statsmodels has no dynamic panels")),
        "random_effects": ("never", "statsmodels has random effects by likelihood only, not by Swamy and Arora"),
        **dict.fromkeys(ORDERED, ("never", "OrderedModel has its second derivatives by differences, which have few digits")),
        "tobit": ("never", "statsmodels has no censored outcomes"),
        "ivprobit": ("never", "statsmodels has no probit with instruments"),
        "arima": ("notimpl", "SARIMAX is not asked yet"),
        "CR2": ("notyet", "statsmodels has CRV1 and CRV3 only"),
        "conley": ("never", "statsmodels has no spatial covariance"),
        "leverage_iv": ("never", "statsmodels has no leverage-adjusted covariance with instruments"),
    },
    arithmetic=Arithmetic(covariance=BEYOND_ROWS),
)


def _frequency(spec: Spec) -> bool:
    return bool(spec.weights and spec.weights.frequency)


RULES: tuple[common.Rule, ...] = (
    (lambda s: len(s.vcov.cluster) > 2, "notyet", "statsmodels clusters by at most two variables"),
    (lambda s: s.model == "mlogit" and bool(s.weights), "never", "MNLogit takes no weights"),
    (lambda s: s.iv and bool(s.weights), "never", "statsmodels' instrumental variables take no weights"),
    (lambda s: s.iv and s.vcov.kind not in ("iid", "HC0", "HC1"), "never",
     "its sandwich of IV2SLS uses the regressors where the projected ones belong; LinearIVGMM has White's only"),
    (lambda s: _frequency(s) and s.vcov.kind in (*ROW_LEVERAGE, "CR3"), "never",
     "GLM with frequency weights has no leverage-adjusted covariance"),
    (lambda s: _frequency(s) and s.vcov.in_time, "never",
     "GLM's kernel covariances divide scores by the root of the frequency weights before they are summed"),
)  # fmt: skip


@dataclass(frozen=True)
class StatsModels:
    """The engine; see `parity.engines.base.Engine`."""

    info: EngineInfo = INFO

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        return common.declined(self.info, spec, unit, time, RULES)

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        no = _declined_by_data(spec, design)
        if no:
            return no
        if spec.categorical:
            return multinomial.estimate(INFO, spec, design)
        if spec.likelihood:
            return likelihoods.estimate(INFO, spec, design)
        if spec.vcov.kind == "NW":
            design = common.by_unit_and_time(design)
        scaled = common.scaled(design)
        inside = scaled.design
        # slopes first, dummies behind them
        x = np.hstack([np.ones((design.nobs, int(design.intercept))), inside.x, inside.endog, common.dummies(inside)])
        no = common.leverage_declined(INFO, spec, inside, x)
        if no:
            return no
        try:
            with common.heard() as said:
                answer = _estimate(spec, scaled, x)
        except ValueError as error:
            if "leaves a rank-deficient design" in str(error):
                return Declined(engine=INFO.id, gap="never", reason="without one of the clusters its CRV3 isn't identified")
            raise
        return answer.model_copy(update={"warnings": (*answer.warnings, *said)})

    def shipped(self, spec: Spec, design: Design, tight: bool = False) -> Estimate | Declined:
        """Its defaults; see `parity.engines.shipped`."""
        from parity.engines.statsmodels import shipped as shipped_statsmodels

        return shipped_statsmodels.estimate(self.info, spec, design, _declined_by_data(spec, design))


ENGINE = StatsModels()


def _declined_by_data(spec: Spec, design: Design) -> Declined | None:
    if common.too_wide(design):
        return Declined(engine=INFO.id, gap="never", reason="too many levels for dummies")
    if spec.vcov.kind == "CR3" and any(a.nested_in for a in design.facts.absorbed):
        reason = "its CRV3 leaves out a cluster at a time, which empties the dummies of effects nested in clusters"
        return Declined(engine=INFO.id, gap="never", reason=reason)
    if spec.vcov.kind == "NW" and design.unit is not None and spec.vcov.lags >= np.bincount(design.unit).max():
        return Declined(engine=INFO.id, gap="never", reason="it fails where no unit is observed longer than the lags")
    return common.kernel_declined(INFO, spec, design)


def _estimate(spec: Spec, scaled: common.Scaled, x: np.ndarray) -> Estimate:
    design, terms = scaled.design, list(scaled.design.terms)
    native = _native(spec, design)
    fits = {s: _fit(spec, design, x, asked) for s, asked in _asked(spec, design, native).items()}
    fit, shown = next(iter(fits.values()))
    matrices = {s: _covariance(one, spec, design, native) for s, (one, _) in fits.items()}
    ordered, coef, parts = scaled.answer(terms, np.asarray(fit.params), matrices)
    df_resid = fit.df_resid if np.isfinite(fit.df_resid) else None
    return Estimate(
        engine=INFO.id,
        terms=ordered,
        coef=coef,
        parts=parts,
        basis="statsmodels" if native else "uncorrected",
        printed=scaled.printed(terms, models.table(fit)) if native else {},
        df_t=(float(fit.df_resid) if fit.use_t else np.inf) if native else None,
        stats={"r2": float(fit.rsquared)} if not spec.iv and not _frequency(spec) else {},
        reported=Reported(nobs=models.observations(fit, design), df_resid=df_resid, clusters=_groups(fits, spec)),
        accuracy="normal-equations" if spec.iv or _frequency(spec) or spec.vcov.kind == "CR3" else "exact",
        versions=common.package_versions(INFO),
        command=f"{shown}  # {common.legend(spec, design)}" + (", and dummies" if design.effects else ""),
        warnings=scaled.warnings,
    )


def _native(spec: Spec, design: Design) -> bool:
    """Whether statsmodels' defaults are the declared convention.

    Not for Driscoll-Kraay, whose default is the factor of clusters; not for HAC of one series, which has none by default,
    where that of panels has N/(N-K); not for CR3, which gets (G-1)/G; not for GLM, which has normal statistics for
    homoskedastic errors and counts rows, not weights, for robust ones; not for LinearIVGMM, which has no factor.
    """
    kind = spec.vcov.kind
    if not common.is_profile(spec, "statsmodels") or _frequency(spec) or (spec.iv and kind != "iid"):
        return False
    if kind in ROW_LEVERAGE and _own_leverage(spec):
        return False
    return kind in ("iid", "HC0", "HC1", "HC2", "HC3", "CR1") or (kind == "NW" and design.unit is not None)


# ---------------------------------------------------------------- the fit


def _asked(spec: Spec, design: Design, native: bool) -> dict[tuple[str, ...], dict[str, Any]]:
    """Arguments of `fit` for each part of the covariance."""
    plain = {} if native else {"use_correction": False}
    if spec.vcov.kind in CLUSTERED and not native:
        return {s: models.asked(spec, design, codes, **plain) for s, codes in common.cluster_codes(design).items()}
    if (spec.vcov.kind == "HC1" and not native) or _own_leverage(spec):
        return {(): {"cov_type": "HC0"}}
    return {spec.vcov.cluster: models.asked(spec, design, **plain)}


def _own_leverage(spec: Spec) -> bool:
    """Whether leverage enters in a way that statsmodels has no name for: HC4, or Stata's leverage without the weights."""
    unweighted = bool(spec.weights) and spec.convention.leverage_weights != "in"
    return spec.vcov.kind == "HC4" or (spec.vcov.kind in ROW_LEVERAGE and unweighted)


def _fit(spec: Spec, design: Design, x: np.ndarray, asked: dict[str, Any]) -> tuple[Any, str]:
    """A fit and how it was asked for. pinv: on scaled columns its normal matrix isn't formed by squaring."""
    if spec.iv:
        return _instruments(spec, design, x)
    model, text = models.of_rows(design, x, hasconst=design.intercept or bool(design.effects))
    method = {} if _frequency(spec) else {"method": "pinv"}
    return model.fit(**method, **asked), f"{text}.fit({common.shown(asked)})"


def _instruments(spec: Spec, design: Design, x: np.ndarray) -> tuple[Any, str]:
    """IV2SLS for homoskedastic errors; one step of LinearIVGMM, which is the same estimate, for White's."""
    from statsmodels.sandbox.regression.gmm import IV2SLS, LinearIVGMM

    first = len(design.terms) - len(design.endog_names)
    exog = np.hstack([x[:, :first], x[:, len(design.terms) :]])
    z = np.hstack([exog, design.z])
    if spec.vcov.kind == "iid":
        return IV2SLS(design.y, x, z).fit(), "IV2SLS(y, x, z).fit()"
    fit = LinearIVGMM(design.y, x, z).fit(
        maxiter=1, weights_method="cov", wargs={"centered": False}, has_optimal_weights=False, optim_args={"disp": 0}
    )
    return fit, "LinearIVGMM(y, x, z).fit(maxiter=1, wargs={'centered': False}, has_optimal_weights=False)"


def _covariance(fit: Any, spec: Spec, design: Design, native: bool) -> np.ndarray:
    if _own_leverage(spec):
        return _with_leverage(fit, spec)
    matrix = np.asarray(fit.cov_params())
    if spec.vcov.kind == "iid" and not native:  # its scale is SSR/(N-K), which no option changes
        matrix = matrix * (fit.df_resid / models.observations(fit, design))
    return matrix


def _with_leverage(fit: Any, spec: Spec) -> np.ndarray:
    """HC2 to HC4 from statsmodels' pseudo-inverse, residuals and leverage."""
    pull = np.asarray(fit.model.pinv_wexog).T
    leverage = np.einsum("ij,ij->i", np.asarray(fit.model.wexog), pull)
    if spec.weights:
        leverage = leverage * leverage_scale(spec.convention, np.asarray(fit.model.weights))
    return {"HC2": hc2, "HC3": hc3, "HC4": hc4}[spec.vcov.kind](pull, np.asarray(fit.wresid), leverage)


# ---------------------------------------------------------------- what it reports


def _groups(fits: dict[tuple[str, ...], tuple[Any, str]], spec: Spec) -> dict[str, int]:
    """Numbers of clusters, where statsmodels keeps them."""
    counts: dict[str, int] = {}
    for subset, (fit, _) in fits.items():
        groups = getattr(fit, "n_groups", None)
        if spec.vcov.kind not in CLUSTERED or groups is None:
            continue
        if np.ndim(groups):
            counts |= dict(zip(subset, map(int, groups), strict=True))
        else:
            counts["^".join(subset)] = int(groups)
    return counts
