"""Estimate + facts + declared convention -> every quantity that is compared, each with its own scale.

Where an engine applied the declared convention itself (its `basis` is the profile's name), its own covariance and
its own printed inference are used; otherwise the uncorrected covariance is brought to the convention by the exact
factor. `how` says which.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from parity.base.quantities import ALWAYS, PRINTED, is_count, magnitude_of, scale_of
from parity.base.terms import ATHRHO, INTERCEPT, constant
from parity.base.tolerance import CANCELLED, MOST_CONDITION, NO_VARIANCE, SINGULAR_SLOPES
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused, critical_value, df_t, f_scale, factor, p_value
from parity.conventions.repair import is_indefinite, repaired
from parity.results.estimate import Estimate
from parity.study.models import JOINT, OF_DYNAMIC, SERIES
from parity.study.spec import Spec

Key = tuple[str, str]  # (quantity, term); the term is "" for quantities of the whole model


@dataclass(frozen=True)
class Quantity:
    """A number and the scale on which a difference of it is judged (its own magnitude, or its standard error)."""

    value: float
    scale: float
    exact: bool = False  # a count: right or wrong

    @classmethod
    def of(cls, key: Key, value: float, judged: float | None = None, **beside: float) -> Quantity:
        """A number on the scale that is declared for it (`scale_of`); judged: what stands for it there."""
        return cls(value, scale_of(*key, value if judged is None else judged, **beside), is_count(*key))


@dataclass(frozen=True)
class Harmonised:
    """One engine's answer under the declared convention.

    quantities   (quantity, term) -> number; `required` are the keys that the other side must have too
    indefinite   its covariance has, or had, a negative eigenvalue; repaired: which the convention set to zero
    zero         terms whose standard error is zero up to rounding, which has no t and no p
    """

    engine: str
    accuracy: str
    how: Literal["native", "by factor"]
    quantities: dict[Key, Quantity]
    required: frozenset[Key]
    zero: frozenset[str] = frozenset()
    indefinite: bool = False
    repaired: bool = False


class Unusable(ValueError):
    """An estimate that can't be brought to the convention: its covariance isn't of the parts or basis it must have."""


def harmonise(
    estimate: Estimate, facts: Facts, spec: Spec, spread: Mapping[str, float] = MappingProxyType({})
) -> Harmonised:  # fmt: skip
    """Bring an estimate to the spec's convention. Raises `Unusable`, or `conventions.Refused`.

    spread: term -> its homoskedastic standard error, where that is known (`parity.sample.conditioning`). What is no more
    than rounding beside it is zero, and t and p of a standard error that is zero there are none.
    """
    native = estimate.basis == spec.convention.profile
    if not native and estimate.basis != "uncorrected":
        raise Unusable(f"its covariance carries `{estimate.basis}`, neither the declared convention nor none")
    raw = _single(estimate) if native else _summed(estimate, facts, spec)
    several = len(spec.vcov.cluster) > 1
    indefinite = several and is_indefinite(raw)
    covariance = repaired(raw, estimate.terms, facts, spec.convention, INTERCEPT) if several else raw
    mended = indefinite and covariance is not raw
    if mended:  # what it printed is of the matrix as it was
        native, estimate = (
            False,
            estimate.model_copy(update={"printed": {}, "stats": {k: v for k, v in estimate.stats.items() if k != "f"}}),
        )
    # a likelihood's coefficients are of another unit than those of least squares, of which the spread is
    zero = frozenset() if spec.likelihood else cancelled(estimate.terms, covariance, spread)
    if zero:
        estimate, covariance = without_noise(estimate, covariance, zero, spread)
    df = df_t(facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, iv=spec.iv, random=spec.model == "random_effects")
    if math.isnan(df):
        df = _own_df(estimate, facts, native)
    elif native and estimate.df_t is not None:
        df = estimate.df_t
    quantities = _inference(estimate, covariance, df, native, zero)
    required = frozenset(quantities)
    if not isinstance(df, Mapping):
        quantities["df_t", ""] = Quantity.of(("df_t", ""), df)
    quantities |= _model(estimate, facts, covariance, spec)
    required |= {key for key in quantities if key[0] in ALWAYS}
    how = "native" if native else "by factor"
    return Harmonised(estimate.engine, estimate.accuracy, how, quantities, required, zero, indefinite, mended)


def cancelled(terms: Sequence[str], covariance: np.ndarray, spread: Mapping[str, float]) -> frozenset[str]:
    """Terms whose variance is zero up to rounding: their scores cancel, in each cluster or in every row."""
    known = zip(terms, np.diag(covariance).tolist(), strict=True)
    return frozenset(t for t, v in known if abs(v) <= (CANCELLED * spread.get(t, 0.0)) ** 2 and t in spread)


def without_noise(
    estimate: Estimate, covariance: np.ndarray, zero: frozenset[str], spread: Mapping[str, float]
) -> tuple[Estimate, np.ndarray]:
    """The estimate with zeros in place of what rounding left of them, and nothing that it prints of such a variance."""
    at = [estimate.terms.index(term) for term in zero]
    covariance = covariance.copy()
    covariance[at, :] = covariance[:, at] = 0.0
    pairs = zip(estimate.terms, estimate.coef, strict=True)
    coef = tuple(0.0 if t in zero and abs(b) <= NO_VARIANCE * spread[t] else b for t, b in pairs)
    printed = {term: row for term, row in estimate.printed.items() if term not in zero}
    return estimate.model_copy(update={"coef": coef, "printed": printed}), covariance


def as_it_stands(estimate: Estimate, facts: Facts) -> Harmonised:
    """An estimate as its engine prints it, brought to nothing: coefficients, covariance, inference, N and df of t.

    Degrees of freedom that differ by coefficient are no single number: then `df_t` is missing. Raises `Unusable`.
    """
    covariance = _single(estimate)
    df = math.nan if estimate.df_t is None else estimate.df_t
    quantities = _inference(estimate, covariance, df, native=True)
    nobs = facts.nobs_weighted if estimate.reported.nobs is None else estimate.reported.nobs
    quantities["nobs", ""] = Quantity.of(("nobs", ""), nobs)
    if estimate.df_t is not None:
        quantities["df_t", ""] = Quantity.of(("df_t", ""), df)
    return Harmonised(estimate.engine, estimate.accuracy, "native", quantities, frozenset(quantities))


def _single(estimate: Estimate) -> np.ndarray:
    if len(estimate.parts) != 1:
        raise Unusable(f"{len(estimate.parts)} covariances where its own convention gives one")
    return np.array(estimate.parts[0].matrix, dtype=float)


def combined(estimate: Estimate, facts: Facts, spec: Spec) -> np.ndarray:
    """The covariance of uncorrected parts under the spec's convention, repaired where that repairs it. Raises `Unusable`, or
    `conventions.Refused`.
    """
    total = _summed(estimate, facts, spec)
    return repaired(total, estimate.terms, facts, spec.convention, INTERCEPT) if len(spec.vcov.cluster) > 1 else total


def _summed(estimate: Estimate, facts: Facts, spec: Spec) -> np.ndarray:
    """Signed sum of the parts, each times its factor (inclusion and exclusion over cluster variables)."""
    wanted = set(facts.clusters) if spec.vcov.cluster else {()}
    given = {part.cluster: np.array(part.matrix, dtype=float) for part in estimate.parts}
    if set(given) != wanted or len(given) != len(estimate.parts):
        raise Unusable(f"covariances by {sorted(given)} where {sorted(wanted)} are needed")
    total = 0.0
    for subset, matrix in given.items():
        sign = -1.0 if subset and len(subset) % 2 == 0 else 1.0
        total = total + sign * matrix * factor(facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, subset, spec.iv)
    return np.asarray(total)


def _own_df(estimate: Estimate, facts: Facts, native: bool) -> dict[str, float]:
    """Degrees of freedom by coefficient: the engine's own where it reports them, else those of the facts."""
    if not set(estimate.terms) <= set(facts.own_df):
        raise Refused(facts.no_own_df or "the degrees of freedom of each coefficient's own were not counted")
    printed = {term: row.df for term, row in estimate.printed.items() if native and row.df is not None}
    return {term: printed.get(term, facts.own_df[term]) for term in estimate.terms}


def _inference(
    estimate: Estimate,
    covariance: np.ndarray,
    df_of_t: float | Mapping[str, float],
    native: bool,
    zero: frozenset[str] = frozenset(),
) -> dict[Key, Quantity]:
    out: dict[Key, Quantity] = {}
    variances = np.diag(covariance)
    ses = np.sqrt(np.where(variances >= 0, variances, np.nan))
    own_df = isinstance(df_of_t, Mapping)
    halves = {} if own_df else dict.fromkeys(estimate.terms, critical_value(df_of_t))
    for i, (term, b, se) in enumerate(zip(estimate.terms, estimate.coef, map(float, ses), strict=True)):
        t = b / se if se else math.nan
        df = df_of_t[term] if own_df else df_of_t
        half = halves[term] if halves else critical_value(df)
        if own_df:
            out["df_t", term] = Quantity.of(("df_t", term), df)
        own = estimate.printed.get(term) if native else None
        follows = {"coef": b, "se": se, "t": t, "p": p_value(t, df), "ci_low": b - half * se, "ci_high": b + half * se}
        if term in zero:
            del follows["t"], follows["p"]
        values = follows | {q: v for q, field in PRINTED.items() if own and (v := getattr(own, field)) is not None}
        for q, value in values.items():
            out[q, term] = Quantity.of((q, term), value, follows[q] if q in ("se", "t") else None, se=se, t=t)
        for j in range(i + 1):
            pair, product = " x ".join(sorted((term, estimate.terms[j]))), float(ses[i] * ses[j])
            out["vcov", pair] = Quantity.of(("vcov", pair), float(covariance[i, j]), product)
            if j < i:  # a covariance is symmetric; a candidate that isn't must not pass on one triangle
                other = ("vcov (transposed)", pair)
                out[other] = Quantity.of(other, float(covariance[j, i]), product)
    return out


def _model(estimate: Estimate, facts: Facts, covariance: np.ndarray, spec: Spec) -> dict[Key, Quantity]:
    """Quantities of the whole model; counts the engine doesn't report are parity's own."""
    reported = estimate.reported
    _check_names("levels", reported.levels, [effect.name for effect in facts.absorbed])
    _check_names("clusters", reported.clusters, ["^".join(subset) for subset in facts.clusters])
    out: dict[Key, Quantity] = {}

    def add(quantity: str, term: str, value: float, lost: float = 1.0) -> None:
        out[quantity, term] = Quantity.of((quantity, term), value, lost=lost)

    add("nobs", "", facts.nobs_weighted if reported.nobs is None else reported.nobs)
    df_resid = facts.nobs_weighted - facts.rank if reported.df_resid is None else reported.df_resid
    add("df_resid", "", df_resid)
    for effect in facts.absorbed:
        add("levels", effect.name, reported.levels.get(effect.name, effect.levels))
    for subset, groups in facts.clusters.items():
        name = "^".join(subset)
        add("clusters", name, reported.clusters.get(name, groups))
    for name, value in estimate.stats.items():
        out[name, ""] = Quantity.of((name, ""), value, magnitude_of(name, value, estimate.stats))
    r2 = estimate.stats.get("r2")
    if r2 is not None and df_resid > 0:
        inflated = (out["nobs", ""].value - _about_mean(facts)) / df_resid
        add("r2_a", "", 1 - (1 - r2) * inflated, max(1.0, inflated))
    slopes = _slopes(estimate, spec)
    wald = _wald(estimate, covariance, slopes)
    if spec.likelihood:
        return out | _of_likelihood(estimate, facts, spec, wald, len(slopes)) | _exogeneity(estimate, covariance)
    if spec.model in OF_DYNAMIC and wald is not None:
        out["chi2", ""] = Quantity.of(("chi2", ""), wald[0] * len(slopes), lost=wald[1])
    out.pop(("f", ""), None)
    if wald is not None:
        f, condition = wald  # a relative error e of V moves F by up to e times its condition number
        scale = f_scale(facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, spec.iv)
        add("f", "", estimate.stats.get("f", f) if scale == 1 else f * scale, condition)
    return out


def _of_likelihood(
    estimate: Estimate, facts: Facts, spec: Spec, wald: tuple[float, float] | None, slopes: int
) -> dict[Key, Quantity]:
    """Pseudo R2 and chi-squared, from the log likelihoods that the engine reports and from Wald's F."""
    out: dict[Key, Quantity] = {}
    ll, null = estimate.stats.get("ll"), estimate.stats.get("ll_0")
    known = ll is not None and null is not None and null != 0
    if known:
        out["r2_p", ""] = Quantity.of(("r2_p", ""), 1 - ll / null)
    if spec.vcov.kind == "iid" and not facts.absorbed and facts.intercept and spec.model not in (*JOINT, *SERIES):
        if known:
            out["chi2", ""] = Quantity.of(("chi2", ""), 2 * (ll - null), lost=abs(null) / max(abs(ll - null), 1.0))
    elif wald is not None:
        f, condition = wald
        out["chi2", ""] = Quantity.of(("chi2", ""), f * slopes, lost=condition)
    return out


def _about_mean(facts: Facts) -> bool:
    """Whether TSS is about the mean: the model has an intercept, or fixed effects that hold it."""
    return facts.intercept or bool(facts.absorbed)


def _check_names(what: str, given: Mapping[str, int], known: Sequence[str]) -> None:
    """A count under a name that the spec has not would be compared with nothing. Raises `Unusable`."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Unusable(f"it counts {what} of `{unknown[0]}`, where this spec has {', '.join(known) or 'none'}")


def _exogeneity(estimate: Estimate, covariance: np.ndarray) -> dict[Key, Quantity]:
    """Wald's, that the errors of two equations are uncorrelated: atanh of the correlation over its error, squared."""
    if ATHRHO not in estimate.terms:
        return {}
    at = estimate.terms.index(ATHRHO)
    b, variance = estimate.coef[at], float(covariance[at, at])
    key = ("chi2_exog", "")
    return {key: Quantity.of(key, b * b / variance)} if 0 < variance < math.inf and math.isfinite(b) else {}


def _slopes(estimate: Estimate, spec: Spec) -> list[int]:
    """Places of the coefficients that a test of the whole model is of: slopes, and of two equations the outcome's alone,
    which ends with the endogenous column."""
    terms = estimate.terms
    if spec.model in JOINT and str(spec.formula.endog[0]) in terms:
        terms = terms[: terms.index(str(spec.formula.endog[0])) + 1]
    return [i for i, term in enumerate(terms) if not constant(term)]


def _wald(estimate: Estimate, covariance: np.ndarray, slopes: list[int]) -> tuple[float, float] | None:
    """Wald F that all slopes are zero, b'V^-1 b / q, and the condition number of V that it inverts.

    None where V is singular (fewer clusters than slopes, say) or so near it that F says nothing V doesn't.
    """
    if not slopes:
        return None
    b, v = np.array(estimate.coef)[slopes], covariance[np.ix_(slopes, slopes)]
    scale = np.sqrt(np.abs(np.diag(v)))
    if not np.all(scale > 0) or not np.all(np.isfinite(v)):
        return None
    correlation = v / np.outer(scale, scale)
    if np.linalg.matrix_rank(correlation, tol=SINGULAR_SLOPES) < len(slopes):
        return None
    condition = float(np.linalg.cond(correlation))
    if condition > MOST_CONDITION:
        return None
    f = float((b / scale) @ np.linalg.solve(correlation, b / scale) / len(slopes))
    return f, condition
