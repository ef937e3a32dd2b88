"""Which package writes a Python script: the one a person would take for the spec, or the one asked for."""

from __future__ import annotations

from parity.base.errors import InputError, suggest
from parity.conventions.profiles import PROFILES, ROW_LEVERAGE
from parity.study.models import OF_INSTRUMENTS
from parity.study.spec import Spec

PACKAGES = ("pyfixest", "linearmodels", "statsmodels")
#: Kinds of which no package has one for every model, so the script computes them.
BY_HAND = (*ROW_LEVERAGE, "CR2", "CR3", "NW")


def frequency(spec: Spec) -> bool:
    return spec.weights is not None and spec.weights.frequency is not None


def repeats_rows(spec: Spec) -> bool:
    """Whether a row of frequency weight 3 becomes three rows: where the package or the formula knows no such weights."""
    return frequency(spec) and (spec.vcov.kind in BY_HAND or spec.model in OF_INSTRUMENTS)


def choose(spec: Spec, asked: str | None) -> str:
    """The package that a person would take, or the one asked for. Raises `InputError` where that can't do the spec."""
    if asked is not None:
        name = asked.removeprefix("py-")
        if name not in PACKAGES:
            raise InputError.at("--engine", "", f"`{asked}` is none of {', '.join(PACKAGES)}{suggest(name, PACKAGES)}")
        reason = _cannot(spec, name)
        if reason:
            raise InputError.at("--engine", "", f"spec {spec.id}: {reason}")
        return name
    reasons = {name: _cannot(spec, name) for name in _preferred(spec)}
    able = next((name for name, reason in reasons.items() if not reason), None)
    if able is None:
        raise InputError.at("--to", "python", f"spec {spec.id}: {next(iter(reasons.values()))}")
    return able


def _preferred(spec: Spec) -> tuple[str, ...]:
    effects = spec.formula.effects
    if spec.likelihood or spec.model in OF_INSTRUMENTS:
        return ("statsmodels",) if spec.likelihood else ("linearmodels",)
    if spec.convention == PROFILES["linearmodels"] and effects and not spec.iv:
        return ("linearmodels", "pyfixest", "statsmodels")
    if effects or frequency(spec) or (spec.iv and spec.vcov.kind == "DK"):
        return ("pyfixest", "linearmodels", "statsmodels")
    return ("linearmodels", "statsmodels") if spec.iv else ("statsmodels", "linearmodels")


def _cannot(spec: Spec, package: str) -> str:
    """Why a package can't do the spec; empty if it can."""
    kind, effects = spec.vcov.kind, spec.formula.effects
    weighted = spec.weights is not None and not repeats_rows(spec)
    if weighted and kind == "CR2":
        return "CR2 with weights has no script in Python; use --to r"
    if spec.own_df and (weighted or kind not in ("CR2", "CR3")):
        return "Satterthwaite's degrees of freedom have a script in Python for CR2 and CR3 without weights; use --to r"
    if spec.model == "first_difference" and frequency(spec) and not repeats_rows(spec):
        return "first differences with frequency weights have no script in Python; use --to r"
    if spec.model in OF_INSTRUMENTS:
        return _cannot_instruments(spec, package)
    if spec.likelihood:
        return "" if package == "statsmodels" else f"a {spec.model} is written with statsmodels"
    match package:
        case "pyfixest":
            if spec.model != "ols":
                return f"pyfixest has no model for {spec.model.replace('_', ' ')}"
            if len(spec.formula.endog) > 1:
                return "pyfixest takes one endogenous column"
            return f"pyfixest has no {kind} for every model; the script computes it elsewhere" if kind in BY_HAND else ""
        case "linearmodels":
            if frequency(spec) and not repeats_rows(spec):
                return "linearmodels has no frequency weights"
            if spec.iv:
                return "IV2SLS has no Driscoll-Kraay covariance" if kind == "DK" else ""
            if spec.model == "random_effects":
                return "" if len(spec.vcov.cluster) < 3 else "linearmodels clusters by at most two variables"
            if spec.model != "ols" or not effects or len(effects) > 2 or len(spec.vcov.cluster) > 2:
                return "PanelOLS is written for one or two fixed effects and as many clusters"
            native = spec.convention == PROFILES["linearmodels"] and kind in ("iid", "HC1", "CR1")
            return "" if native else "PanelOLS is written for its own convention, iid, HC1 and clusters"
    if spec.iv:
        return "statsmodels' instrumental variables have no robust covariance"
    if spec.model == "random_effects":
        return "statsmodels has no random effects by Swamy and Arora"
    return "statsmodels is written without frequency weights" if frequency(spec) and not repeats_rows(spec) else ""


def _cannot_instruments(spec: Spec, package: str) -> str:
    if package != "linearmodels":
        return f"a {spec.model} is written with linearmodels"
    if spec.model == "fuller" and spec.formula.effects:
        return "IVLIML counts no fixed effects in Fuller's kappa; use --to r"
    if spec.efficient:
        return "IVGMM has no covariance of its weight alone, as ivreg2 prints it; use --to r"
    return ""


def has_dummies(spec: Spec, package: str) -> bool:
    """Whether fixed effects stand in the fit as dummies."""
    return bool(spec.formula.effects) and (package == "statsmodels" or (package == "linearmodels" and spec.iv))
