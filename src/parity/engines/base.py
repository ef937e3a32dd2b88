"""The one Protocol of all engines, and the vocabulary in which an engine says what it can't do.

An engine is a frozen value with `info` (who it is), `gaps` (what it can't do, with a reason each, in ibis's words) and
`estimate(spec, design)`. `declines` answers from the spec alone, before anything runs, so a run knows which estimates
it must get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from parity.conventions.kinds import KINDS, LEVERAGE, ROW_LEVERAGE
from parity.engines.needs import DEFAULT_NEEDS, Needs
from parity.results.estimate import Declined, Estimate
from parity.sample.design import Design
from parity.study.models import OF_DYNAMIC, OF_MOMENTS, OF_TWO_INFORMATIONS
from parity.study.spec import Spec

#: Everything a spec may ask of an engine: feature -> what it means. Tables of gaps and docs are made from it.
FEATURES: dict[str, str] = {
    "ols": "least squares without fixed effects",
    "no_intercept": "a model without intercept or fixed effects",
    "fe1": "one fixed effect",
    "fe2": "two fixed effects",
    "fe3": "three or more fixed effects",
    "fe_not_panel": "a fixed effect that is neither the unit nor the time of the panel",
    "iv": "two-stage least squares",
    "iv_fe": "two-stage least squares with fixed effects",
    "first_difference": "first differences",
    "random_effects": "random effects (Swamy-Arora) with the Hausman test",
    "between": "the regression of unit means",
    "liml": "LIML",
    "fuller": "Fuller's estimator",
    "kclass": "a k-class estimator of a given kappa",
    "gmm": "GMM in steps",
    "cue": "continuously updated GMM",
    "difference_gmm": "GMM of a dynamic panel's differences (Arellano and Bond)",
    "system_gmm": "GMM of a dynamic panel's differences and levels (Blundell and Bond)",
    "centred": "GMM whose moments are centred in the weight matrix",
    "gmm_fe": "GMM with fixed effects",
    "efficient_gmm": "GMM whose covariance is that of its weight, no sandwich",
    "logit": "logit by maximum likelihood",
    "probit": "probit by maximum likelihood",
    "poisson": "Poisson regression by maximum likelihood",
    "mlogit": "multinomial logit by maximum likelihood",
    "ologit": "ordered logit by maximum likelihood",
    "oprobit": "ordered probit by maximum likelihood",
    "tobit": "tobit by maximum likelihood",
    "ivprobit": "probit with an endogenous regressor by maximum likelihood",
    "arima": "a regression with ARMA errors by exact maximum likelihood",
    "likelihood_fe": "logit, probit or Poisson with fixed effects",
    "likelihood_weights": "a likelihood with weights",
    "offset": "an offset",
    "observed_information": "probit or ordered outcomes with the observed information, not the expected",
    "expected_information": "probit or ordered outcomes with the expected information, not the observed",
    "weights_analytic": "analytic weights",
    "weights_frequency": "frequency weights",
    **{kind.name: kind.label for kind in KINDS if kind.errors != "periods"},
    "multiway": "clustering by two or more variables",
    "cluster_not_panel": "clustering by a variable that is neither the unit nor the time of the panel",
    **{kind.name: kind.label for kind in KINDS if kind.errors == "periods"},
    "leverage_fe": "HC2, HC3, HC4, CR2 or CR3 with fixed effects",
    "leverage_iv": "HC2, HC3, HC4, CR2 or CR3 with instruments",
    "leverage_weights": "HC2, HC3, HC4, CR2 or CR3 with weights",
    "leverage_unweighted": "HC2, HC3 or HC4 with the analytic weight left out of the leverage, as Stata has it",
}  # fmt: skip

#: Those of a covariance by leverage.
OF_LEVERAGE = (*LEVERAGE, *(feature for feature in FEATURES if feature.startswith("leverage_")))

Gap = Literal["never", "notyet", "notimpl"]


@dataclass(frozen=True)
class Arithmetic:
    """Where an engine forms cross-products of its columns, which squares their condition number.

    covariance     kinds whose covariance is multiplied together from cross-products, (X'X)^-1 among them
    coefficients   they solve normal equations; an answer whose accuracy is below "exact" says so by itself
    absorbs        whether fixed effects are taken out of the columns before that, rather than standing beside them
    """

    covariance: tuple[str, ...] = ()
    coefficients: bool = False
    absorbs: Literal["never", "least squares", "always"] = "never"


@dataclass(frozen=True)
class EngineInfo:
    """Who an engine is: id, language, the packages whose versions identify it, one line on what it runs."""

    id: str
    language: Literal["python", "r", "recorded"]
    packages: tuple[str, ...]
    title: str
    #: features this engine can't do: feature -> (gap, reason)
    gaps: Mapping[str, tuple[Gap, str]]
    arithmetic: Arithmetic = Arithmetic()
    needs: Needs = DEFAULT_NEEDS


class Engine(Protocol):
    info: EngineInfo

    def declines(self, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
        """What the engine can't do of this spec, known before anything runs."""
        ...

    def estimate(self, spec: Spec, design: Design) -> Estimate | Declined:
        """Estimate the spec. May raise anything: the runner turns exceptions into `Failed`."""
        ...


def features(spec: Spec, unit: str | None, time: str | None) -> tuple[str, ...]:
    """The features a spec asks for, in the order of `FEATURES`.

    unit, time: the study's panel columns.
    """
    n_effects = len(spec.formula.effects)
    panel = {c for c in (unit, time) if c}
    leverage = spec.vcov.kind in LEVERAGE
    asked = {
        "ols": spec.model == "ols" and not n_effects and not spec.iv,
        "no_intercept": not spec.formula.intercept and not n_effects and spec.model not in ("first_difference", *OF_DYNAMIC),
        "fe1": n_effects == 1,
        "fe2": n_effects == 2,
        "fe3": n_effects >= 3,
        "fe_not_panel": any(e.name not in panel for e in spec.formula.effects),
        "iv": spec.iv and not n_effects,
        "iv_fe": spec.iv and n_effects > 0,
        spec.model: True,
        "centred": spec.model in OF_MOMENTS and spec.convention.centred == "yes",
        "gmm_fe": spec.model in OF_MOMENTS and n_effects > 0,
        "efficient_gmm": spec.efficient,
        "likelihood_fe": spec.likelihood and n_effects > 0,
        "likelihood_weights": spec.likelihood and spec.weights is not None,
        "offset": spec.offset is not None,
        "observed_information": spec.model in OF_TWO_INFORMATIONS and spec.convention.information == "observed",
        "expected_information": spec.model in OF_TWO_INFORMATIONS and spec.convention.information == "expected",
        "weights_analytic": bool(spec.weights and spec.weights.analytic),
        "weights_frequency": bool(spec.weights and spec.weights.frequency),
        spec.vcov.kind: True,
        "multiway": len(spec.vcov.cluster) > 1,
        "cluster_not_panel": any(c not in panel for c in spec.vcov.cluster),
        "leverage_fe": leverage and n_effects > 0,
        "leverage_iv": leverage and spec.iv,
        "leverage_weights": leverage and spec.weights is not None,
        "leverage_unweighted": spec.vcov.kind in ROW_LEVERAGE
        and bool(spec.weights and spec.weights.analytic)
        and spec.convention.leverage_weights != "in",
    }
    if spec.model == "ols" and (n_effects or spec.iv):
        asked["ols"] = False
    return tuple(f for f in FEATURES if asked.get(f))


def declined_by_gaps(info: EngineInfo, spec: Spec, unit: str | None, time: str | None) -> Declined | None:
    """`Declined` for the first feature that the engine's table of gaps names."""
    for feature in features(spec, unit, time):
        if feature in info.gaps:
            gap, reason = info.gaps[feature]
            return Declined(engine=info.id, gap=gap, reason=reason)
    return None
