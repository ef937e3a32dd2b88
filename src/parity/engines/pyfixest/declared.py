"""pyfixest's `feols`: any number of absorbed fixed effects, one endogenous column, analytic and frequency weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.conventions.profiles import CLUSTERED
from parity.engines import python_common as common
from parity.engines import safe
from parity.engines.base import Arithmetic, EngineInfo
from parity.engines.needs import Needs
from parity.engines.pyfixest import frames, likelihoods
from parity.engines.pyfixest.package import pyfixest
from parity.results.estimate import Accuracy, Declined, Estimate, Reported
from parity.sample.design import Design
from parity.study.models import CATEGORICAL, OF_DYNAMIC, OF_INSTRUMENTS
from parity.study.spec import Spec

if TYPE_CHECKING:
    import pandas as pd

#: (tolerance, most iterations) of the absorber, relative to columns scaled to magnitude 1. Tighter than the second,
#: rounding in the sums of large groups may keep it from ending; slowly mixing effects need many iterations. The first
#: is tried first: where the absorber stops by the second, the order of the columns (the hash seed) is seen at 2e-12.
FIXEF_LIMITS = ((1e-15, 2_000), (1e-12, 100_000))
#: parity has removed collinear columns already; pyfixest's own test compares squared norms with an absolute number.
COLLIN_TOL = 1e-16

INFO = EngineInfo(
    id="py-pyfixest",
    language="python",
    packages=("pyfixest",),
    title="pyfixest: feols(), feglm(), fepois()",
    needs=Needs(copies=18),
    gaps={
        **dict.fromkeys(OF_INSTRUMENTS, ("never", "pyfixest has two-stage least squares only")),
        **dict.fromkeys(CATEGORICAL, ("never", "pyfixest has no model of several outcomes")),
        "tobit": ("never", "pyfixest has no censored outcomes"),
        "ivprobit": ("never", "pyfixest has no probit with instruments"),
        "arima": ("never", "pyfixest has no series"),
        **dict.fromkeys(OF_DYNAMIC, ("never", "pyfixest has no dynamic panels")),
        "random_effects": ("never", "pyfixest has no random effects"),
        "observed_information": ("never", "feglm has the expected information"),
        "HC4": ("notyet", "pyfixest has HC1, HC2 and HC3 only"),
        "CR2": ("notyet", "pyfixest has CRV1 and CRV3 only"),
        "conley": ("notyet", "pyfixest 0.60 has no Conley covariance"),
        "leverage_iv": ("never", "pyfixest refuses HC2, HC3 and CRV3 with instruments"),
        "leverage_unweighted": ("never", "pyfixest's leverage has the weights in it"),
    },
    arithmetic=Arithmetic(coefficients=True, absorbs="always"),
)

RULES: tuple[common.Rule, ...] = (
    (lambda s: s.vcov.kind in ("HC2", "HC3") and bool(s.formula.effects), "never",
     "pyfixest refuses HC2 and HC3 with fixed effects"),
    (lambda s: s.model in ("logit", "probit") and bool(s.weights), "notyet", "feglm takes no weights"),
    (lambda s: s.model in ("logit", "probit") and s.offset is not None, "notyet", "feglm takes no offset"),
    (lambda s: s.model == "poisson" and bool(s.weights and s.weights.frequency), "notyet",
     "pyfixest's fepois fails on frequency weights (0.60)"),
    (lambda s: len(s.vcov.cluster) > 2, "notyet", "pyfixest clusters by at most two variables"),
    (lambda s: len(s.formula.endog) > 1, "notyet", "pyfixest takes one endogenous column"),
    (lambda s: s.vcov.kind == "NW" and bool(s.weights and s.weights.frequency), "never",
     "rows that a frequency weight repeats have no order in time"),
)  # fmt: skip


@dataclass(frozen=True)
class PyFixest:
    """The engine; see `parity.engines.base.Engine`."""

    info: EngineInfo = INFO

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        return common.declined(self.info, spec, unit, time, RULES)

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        if spec.likelihood:
            return likelihoods.estimate(INFO, spec, design)
        if len(design.endog_names) > 1:
            return Declined(engine=INFO.id, gap="notyet", reason="pyfixest takes one endogenous column")
        x = np.hstack([np.ones((design.nobs, int(design.intercept))), design.x])
        no = common.kernel_declined(INFO, spec, design) or common.leverage_declined(INFO, spec, design, x)
        if no:
            return no
        with common.heard() as said:
            estimate = _estimate(spec, design)
        return estimate.model_copy(update={"warnings": (*estimate.warnings, *said)})

    def shipped(self, spec: Spec, design: Design, tight: bool = False) -> Estimate | Declined:
        """Its defaults; see `parity.engines.shipped`."""
        from parity.engines.pyfixest import shipped as shipped_pyfixest

        return shipped_pyfixest.estimate(self.info, spec, design, tight)


ENGINE = PyFixest()


def _estimate(spec: Spec, design: Design) -> Estimate:
    scaled = common.scaled(design)
    native = _native(spec, design)
    names = common.cluster_codes(design)
    frame, columns = frames.with_clusters(scaled.design, names)
    frame["row"] = np.arange(design.nobs)
    formula = frames.formula(design)
    fit, options = _fitted(formula, frame, design, native)
    # before a clustered covariance, which replaces it
    df_resid = float(fit._df_t) if len(design.effects) <= 1 else None
    matrices, reported, asked = _covariances(fit, spec, design, columns, native)
    terms, dropped = frames.terms_of(fit, design)
    ordered, coef, parts = scaled.answer(terms, fit._beta_hat, matrices)
    return Estimate(
        engine=INFO.id,
        terms=ordered,
        coef=coef,
        parts=parts,
        basis="fixest" if native else "uncorrected",
        printed=scaled.printed(terms, frames.table(fit)) if native else {},
        df_t=float(fit._df_t) if native else None,
        stats=_stats(fit, spec, design),
        reported=Reported(
            nobs=float(fit._N), df_resid=df_resid, levels=_levels(fit, design), clusters=reported, dropped=dropped
        ),
        accuracy=_accuracy(design),
        versions=common.package_versions(INFO),
        command=f"feols({formula!r}, vcov={asked}, {_shown(options, design, native)})  # {common.legend(spec, design)}",
        warnings=scaled.warnings,
    )


def _fitted(formula: str, frame: pd.DataFrame, design: Design, native: bool) -> tuple[Any, dict[str, Any]]:
    """The fit, and the options it was made with: the tightest limits under which the absorber ends."""
    pf = pyfixest()

    for limits in FIXEF_LIMITS:
        options = _options(design, native, limits)
        try:
            return pf.feols(formula, data=frame, vcov="iid", **options), options
        except ValueError as error:
            if "Demeaning failed" not in str(error) or limits == FIXEF_LIMITS[-1]:
                raise
    raise AssertionError(FIXEF_LIMITS)


def _accuracy(design: Design) -> Accuracy:
    """pyfixest inverts X'X always; without an absorbed effect its columns aren't centred, and that costs digits."""
    if len(design.effects) >= 2:
        return "iterative"
    return "exact" if design.effects and not design.endog_names else "normal-equations"


def _native(spec: Spec, design: Design) -> bool:
    """Whether pyfixest's defaults are the declared convention.

    Not for clustered covariances beside two or more fixed effects: up to 0.60.0 pyfixest orders the levels of the effects
    by a set of strings and their names as written, so PYTHONHASHSEED decides which effect a cluster variable of the same
    name is nested with (only where the formula says `firm+year` without spaces: else the names keep their blanks and
    match nothing).
    Not for HC2, HC3 and CR3, which have no factor by convention and get one by default.
    """
    unstable = spec.vcov.kind == "CR1" and len(design.effects) >= 2
    return common.is_profile(spec, "fixest") and spec.vcov.kind in ("iid", "HC1", "CR1", "DK", "NW") and not unstable


def _options(design: Design, native: bool, limits: tuple[float, int]) -> dict[str, Any]:
    pf = pyfixest()

    options: dict[str, Any] = {"fixef_rm": "none", "collin_tol": COLLIN_TOL}
    options["ssc"] = pf.ssc() if native else pf.ssc(k_adj=False, G_adj=False)
    if not design.intercept and not design.effects:
        options["drop_intercept"] = True
    if design.weights is not None:
        options |= {"weights": "w", "weights_type": "fweights" if design.weight_kind == "frequency" else "aweights"}
    if design.effects:
        # the tolerance of this absorber is relative; that of the default one, alternating projections, is absolute
        options["demeaner"] = pf.LsmrDemeaner(
            fixef_atol=limits[0], fixef_btol=limits[0], fixef_maxiter=limits[1], preconditioner=_preconditioner(design)
        )
    return options


def _preconditioner(design: Design) -> str:
    """Off for instruments: pyfixest's first stage reuses the preconditioner on a sample from which it drops singletons,
    whatever `fixef_rm` says, and fails where there are any."""
    return "off" if design.endog_names else "auto"


def _covariances(
    fit: Any, spec: Spec, design: Design, columns: dict[tuple[str, ...], str], native: bool
) -> tuple[dict[tuple[str, ...], np.ndarray], dict[str, int], str]:
    """Covariance per part, cluster counts that pyfixest reports, and how they were asked for."""
    kind = spec.vcov.kind
    if kind in CLUSTERED:
        by = {spec.vcov.cluster: "+".join(safe.cluster_names(design))} if native else columns
        matrices, counts = {}, {}
        for subset, column in by.items():
            fit.vcov({"CRV3" if kind == "CR3" else "CRV1": column})
            matrices[subset] = np.array(fit._vcov)
            if "+" not in column:
                counts["^".join(subset)] = int(fit._G[0])
        return matrices, counts, str({"CRV3" if kind == "CR3" else "CRV1": " and ".join(by.values())})
    if kind in ("DK", "NW"):
        options = {"time_id": "time", "lag": spec.vcov.lags}
        if design.unit is not None or kind == "DK":
            options["panel_id"] = "unit" if design.unit is not None else "row"
        fit.vcov(kind, vcov_kwargs=options)
        return {(): np.array(fit._vcov)}, {}, f"{kind!r}, vcov_kwargs={options}"
    asked = {"HC0": "HC1"}.get(kind, kind)
    fit.vcov(asked)
    matrix = np.array(fit._vcov)
    if kind == "iid" and not native:
        matrix = matrix * ((fit._N - 1) / fit._N)  # without its factor pyfixest still divides by N - 1
    return {(): matrix}, {}, repr(asked)


def _stats(fit: Any, spec: Spec, design: Design) -> dict[str, float]:
    """R2 as pyfixest reports it, where its definition is parity's: it always takes the mean off the outcome."""
    if spec.iv or not (design.intercept or design.effects):
        return {}
    stats = {"r2": float(fit._r2)}
    return stats | ({"r2_within": float(fit._r2_within)} if design.effects else {})


def _levels(fit: Any, design: Design) -> dict[str, int]:
    if not design.effects:
        return {}
    found = {str(name).removeprefix("__fixed_effect__(").removesuffix(")"): int(n) for name, n in fit._k_fe.items()}
    return {name: found[short] for short, name in safe.effect_names(design).items() if short in found}


def _shown(options: dict[str, Any], design: Design, native: bool) -> str:
    short = {
        "ssc": "ssc()" if native else "ssc(k_adj=False, G_adj=False)",
        "demeaner": _demeaner_shown(options.get("demeaner")),
    }
    return ", ".join(f"{name}={short.get(name, repr(value))}" for name, value in options.items())


def _demeaner_shown(demeaner: Any) -> str:
    names = ("fixef_atol", "fixef_btol", "fixef_maxiter", "preconditioner")
    return "" if demeaner is None else f"LsmrDemeaner({', '.join(f'{n}={getattr(demeaner, n)!r}' for n in names)})"
