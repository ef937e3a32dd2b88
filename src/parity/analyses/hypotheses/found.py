"""The answers to questions about coefficients, from parity's own estimate: b, V, and no more.

[R] test, testnl, lincom, nlcom, hausman: Methods and formulas; Greene (2018), sections 5.4, 5.6 and 11.5.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from parity.algebra.gradients import Dual, applied, combined
from parity.algebra.margins import delta_method
from parity.algebra.wald import Quadratic, contrast, wald
from parity.analyses.hypotheses.sample import Asked, Side
from parity.base.errors import Unestimable
from parity.base.quantities import scale_of
from parity.base.tolerance import BY_ACCURACY, MOST_CONDITION, P_SCALE, least_accurate
from parity.compare.harmonise import combined as covariance_of
from parity.conventions.formulas import Refused, critical_value, p_value
from parity.engines.own.fit import estimate, solve
from parity.study.analyses.hypotheses import coefficient_of
from parity.study.formula import Call, Constant, Expr, Operation

Numbers = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Answer:
    """numbers   quantity -> term -> number; terms of a test as a whole are ""
    scales    (quantity, term) -> what a difference is judged on; a count's is missing
    allowed   relative difference allowed on them
    doubts    why it has too few digits to be compared
    """

    numbers: Numbers
    scales: dict[tuple[str, str], float]
    allowed: float
    notes: tuple[str, ...] = field(default=())
    doubts: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Estimated:
    terms: tuple[str, ...]
    b: np.ndarray
    v: np.ndarray
    accuracy: str


def answer(asked: Asked) -> Answer:
    """Raises `Unestimable`."""
    if asked.other is not None:
        return _hausman(asked, asked.other)
    one = _estimated(asked.side)
    found = [_differentiated(tree, one, text) for text, tree in asked.functions.items()]
    gradients = np.array([f.slope for f in found])
    v = delta_method(gradients, one.v)
    values = np.array([f.value for f in found])
    if asked.settings.question == "test":
        return _test(asked, values, v, one)
    return _functions(asked, values, v, gradients, one)


def _estimated(side: Side) -> _Estimated:
    fitted = estimate(side.spec, side.design)
    try:
        v = covariance_of(fitted, side.design.facts, side.spec)
    except Refused as refused:
        raise Unestimable(str(refused)) from None
    return _Estimated(fitted.terms, np.array(fitted.coef), v, fitted.accuracy)


def _differentiated(tree: Expr, one: _Estimated, text: str) -> Dual:
    def walk(node: Expr) -> Dual:
        term = coefficient_of(node, one.terms)
        if term is not None:
            return Dual.coordinate(one.b, one.terms.index(term))
        match node:
            case Constant(value):
                return Dual.constant(float(value), len(one.b))
            case Operation("neg", (a,)):
                return walk(a).negative()
            case Operation(op, (a, b)):
                return combined(op, walk(a), walk(b))
            case Call(name, (a,)):
                return applied(name, walk(a))
        raise AssertionError(node)

    try:
        found = walk(tree)
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        raise Unestimable(f"`{text}` has no value or no gradient at these coefficients ({error})") from None
    if not np.any(found.slope):
        raise Unestimable(f"`{text}` does not move with any coefficient")
    return found


# ---------------------------------------------------------------- test


def _test(asked: Asked, values: np.ndarray, v: np.ndarray, one: _Estimated) -> Answer:
    try:
        whole = wald(values, v)
    except ValueError as error:
        raise Unestimable(str(error)) from None
    q, df = whole.df, asked.df
    numbers = {"f": whole.value / q, "chi2": whole.value, "df": float(q)} | ({"df_r": df} if math.isfinite(df) else {})
    numbers["p"] = p_of_wald(whole.value, q, df)
    size = max(1.0, whole.value) * whole.lost
    scales = {"f": size / q, "chi2": size, "p": max(numbers["p"] * max(1.0, whole.value), P_SCALE) * whole.lost}
    numbers["nobs"] = float(asked.side.design.facts.nobs_weighted)
    whole_numbers, named = {q: {"": n} for q, n in numbers.items()}, {(q, ""): s for q, s in scales.items()}
    return Answer(whole_numbers, named, BY_ACCURACY[one.accuracy], doubts=_doubts(whole.lost))


def p_of_wald(chi2: float, q: float, df: float) -> float:
    """Of F = chi2 / q with q and df degrees of freedom; of chi-squared where df is infinite."""
    from scipy import special

    return float(special.chdtrc(q, chi2) if math.isinf(df) else special.fdtrc(q, df, chi2 / q))


def _doubts(lost: float) -> tuple[str, ...]:
    """Where the digits that are lost leave too few to be held against another's."""
    return (
        (f"rounding is magnified {lost:.1g} times by a covariance that is nearly singular",) if lost > MOST_CONDITION else ()
    )


# ---------------------------------------------------------------- lincom, nlcom


def _functions(asked: Asked, values: np.ndarray, v: np.ndarray, gradients: np.ndarray, one: _Estimated) -> Answer:
    df = asked.df
    half = critical_value(df)
    numbers: Numbers = {q: {} for q in ("estimate", "se", "t", "p", "ci_low", "ci_high")}
    scales: dict[tuple[str, str], float] = {}
    most = 1.0
    errors = np.sqrt(np.maximum(np.diag(one.v), 0.0))
    for text, value, variance, gradient in zip(
        asked.functions, values.tolist(), np.diag(v).tolist(), gradients, strict=True
    ):
        if not variance > 0:
            raise Unestimable(f"`{text}` has no standard error under this covariance")
        se = math.sqrt(variance)
        t = value / se
        each = {
            "estimate": value,
            "se": se,
            "t": t,
            "p": p_value(t, df),
            "ci_low": value - half * se,
            "ci_high": value + half * se,
        }
        parts = float(np.abs(gradient) @ np.abs(one.b))  # what the number is a sum of, and its error
        spread = float(np.abs(gradient) @ errors)
        lost = max(1.0, (spread / se) ** 2)
        most = max(most, lost)
        for quantity, number in each.items():
            numbers[quantity][text] = number
            size = scale_of("coef" if quantity == "estimate" else quantity, text, number, se=se, t=t)
            of_estimate = quantity in ("estimate", "ci_low", "ci_high")
            scales[quantity, text] = max(size * lost, parts if of_estimate else 0.0)
    if math.isfinite(df):
        numbers["df_r"] = dict.fromkeys(asked.functions, df)
    return Answer(numbers, scales, BY_ACCURACY[one.accuracy], doubts=_doubts(most))


# ---------------------------------------------------------------- Hausman


def _hausman(asked: Asked, other: Side) -> Answer:
    consistent, efficient = _estimated(asked.side), _estimated(other)
    b, v = _of(consistent, asked.common)
    big, w = _of(efficient, asked.common)
    if asked.settings.form != "full":
        own, its = error_variance(asked.side), error_variance(other)
        common = its if asked.settings.form == "sigmamore" else own
        v, w = v * (common / own), w * (common / its)
    found = contrast(b - big, v - w, np.sqrt(np.diag(v)))
    if found is None:
        raise Unestimable("the two covariances are the same: their difference weighs nothing")
    numbers: Numbers = {"chi2": {"": found.value}, "df": {"": float(found.df)}}
    notes = []
    if found.value >= 0:
        numbers["p"] = {"": p_of_wald(found.value, found.df, math.inf)}
    else:
        notes.append(
            "chi-squared is negative, which has no p: the difference of covariances is not positive definite; sigmamore is"
        )
    if found.df < len(asked.common):
        notes.append(f"the difference of covariances has rank {found.df}, of {len(asked.common)} coefficients")
    numbers["difference"] = dict(zip(asked.common, (b - big).tolist(), strict=True))
    spread = np.diag(v - w)
    numbers["se"] = {t: math.sqrt(s) for t, s in zip(asked.common, spread.tolist(), strict=True) if s > 0}
    accuracy = least_accurate(consistent.accuracy, efficient.accuracy)
    return Answer(
        numbers, _scales_of_hausman(asked, numbers, found, b, v), BY_ACCURACY[accuracy], tuple(notes), _doubts(found.lost)
    )


def _scales_of_hausman(
    asked: Asked, numbers: Numbers, found: Quadratic, b: np.ndarray, v: np.ndarray
) -> dict[tuple[str, str], float]:
    """Digits that the subtraction of two covariances takes are not there to be compared."""
    size = max(1.0, abs(found.value)) * found.lost
    scales = {("chi2", ""): size}
    for p in numbers.get("p", {}).values():
        scales["p", ""] = max(p * max(1.0, found.value), P_SCALE) * found.lost
    for term, value, variance in zip(asked.common, b.tolist(), np.diag(v).tolist(), strict=True):
        scales["difference", term] = max(abs(value), math.sqrt(variance))
        if term in numbers["se"]:
            scales["se", term] = variance / numbers["se"][term]
    return scales


def _of(one: _Estimated, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    at = [one.terms.index(t) for t in terms]
    return one.b[at], one.v[np.ix_(at, at)]


def error_variance(side: Side) -> float:
    """Under the convention: SSR/(N - K), or SSR/N; of random effects that of the transformed regression, as e(rmse)."""
    fit = solve(side.design, side.spec)
    return fit.ssr / fit.nobs * side.iid_factor
