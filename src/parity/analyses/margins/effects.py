"""Marginal effects of a sample from the coefficients and their covariance, by `parity.algebra.margins` and `.outcomes`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from parity.algebra.margins import Margin, delta_method, mean_response, mean_slope
from parity.algebra.outcomes import OfOutcome, of_outcome
from parity.analyses.margins.sample import Moved, Sample
from parity.base.terms import of_equation
from parity.compare.harmonise import combined
from parity.conventions.formulas import critical_value, df_t, p_value
from parity.engines.own.fit import estimate
from parity.sample.design import INTERCEPT, Design
from parity.study.models import ORDERED

Shown = dict[str, dict[str, float]]


def effects(s: Sample) -> Shown:
    """effect, se, t, p, ci_low, ci_high by variable, or by level: `group::level`; of several outcomes by each of them, too:
    `outcome:variable`. Raises `Unestimable`."""
    fitted = estimate(s.spec, s.design)
    at = {term: i for i, term in enumerate(fitted.terms)}
    order = [at[term] for term in _in_order(s.design, [*s.products, *[INTERCEPT] * _constant(s)])]
    b = np.array(fitted.coef)[order]
    v = combined(fitted, s.design.facts, s.spec)[np.ix_(order, order)]
    names, found = zip(*_effects(s, b), strict=True)
    variances = np.diag(delta_method(np.array([m.gradient for m in found]), v))
    return shown(names, [m.value for m in found], np.sqrt(np.maximum(variances, 0.0)).tolist(), degrees(s))


def _in_order(design: Design, one: list[str]) -> list[str]:
    """The coefficients as products are, then the constant; of each equation, or with cuts behind."""
    if not design.outcomes:
        return one
    return [of_equation(e, term) for e in design.equations for term in one] or [*one, *design.cuts]


def _constant(s: Sample) -> int:
    """How many columns of ones there are: none beside cuts."""
    return int(s.design.intercept and s.spec.model not in ORDERED)


def degrees(s: Sample) -> float:
    """Of t; infinite for the normal distribution."""
    return df_t(s.design.facts, s.spec.convention, s.spec.vcov.kind, s.spec.vcov.cluster, iv=False, random=False)


def shown(names: tuple[str, ...], values: list[float], ses: list[float], df: float) -> Shown:
    out: Shown = {q: {} for q in ("effect", "se", "t", "p", "ci_low", "ci_high")}
    half = critical_value(df)
    for name, value, se in zip(names, values, ses, strict=True):
        t = value / se if se > 0 else math.nan
        each = {"effect": value, "se": se, "t": t, "p": p_value(t, df), "ci_low": value - half * se,
                "ci_high": value + half * se}  # fmt: skip
        for quantity, number in each.items():
            out[quantity][name] = number
    return out


@dataclass(frozen=True)
class _OneIndex:
    """The response of a model of one index, as `OfOutcome` is that of one of several outcomes."""

    model: str

    def response(self, b: np.ndarray, x: np.ndarray, shares: np.ndarray) -> Margin:
        return mean_response(self.model, b, x, shares)

    def slope(self, b: np.ndarray, x: np.ndarray, z: np.ndarray, shares: np.ndarray) -> Margin:
        return mean_slope(self.model, b, x, z, shares)


def _responses(s: Sample) -> dict[str, _OneIndex | OfOutcome]:
    """By the name of the outcome, "" where there is but one."""
    design, model = s.design, s.spec.model
    if not design.outcomes:
        return {"": _OneIndex(model)}
    return {name: of_outcome(model, len(design.outcomes), design.base, j) for j, name in enumerate(outcomes(design))}


def outcomes(design: Design) -> tuple[str, ...]:
    """Of several outcomes each one's name, as coefficients have it."""
    return tuple(f"{value:.15g}" for value in design.outcomes)


def _effects(s: Sample, b: np.ndarray) -> Iterator[tuple[str, Margin]]:
    for outcome, response in _responses(s).items():
        for name, margin in _of_response(s, b, response):
            yield of_equation(outcome, name) if outcome else name, margin


def _of_response(s: Sample, b: np.ndarray, response: _OneIndex | OfOutcome) -> Iterator[tuple[str, Margin]]:
    columns, constant = _columns(s), _constant(s)
    rows = len(next(iter(columns.values())))
    shares = s.shares if s.settings.at == "rows" else np.ones(1)

    def matrix(of: Mapping[str, np.ndarray], last: float = 1.0) -> np.ndarray:
        made = [_product([of[f] for f in factors], rows) for factors in s.products.values()]
        return np.array([*made, *[np.full(rows, last)] * constant]).T

    x = matrix(columns)
    for one in s.moved:
        if not one.levels:
            z = [_derivative(factors, one.name, columns, rows) for factors in s.products.values()]
            yield one.name, response.slope(b, x, np.array([*z, *[np.zeros(rows)] * constant]).T, shares)
            continue
        base = response.response(b, matrix(columns | _set(one, one.base, rows)), shares)
        for level in one.levels:
            yield level, response.response(b, matrix(columns | _set(one, level, rows)), shares).less(base)


def _columns(s: Sample) -> dict[str, np.ndarray]:
    """Each factor's rows, or its mean."""
    if s.settings.at == "rows":
        return dict(s.factors)
    return {name: np.array([float(s.shares @ column)]) for name, column in s.factors.items()}


def _set(one: Moved, level: str, rows: int) -> dict[str, np.ndarray]:
    return {mark: np.full(rows, float(mark == level)) for mark in one.factors}


def _product(columns: list[np.ndarray], rows: int) -> np.ndarray:
    out = np.ones(rows)
    for column in columns:
        out = out * column
    return out


def _derivative(factors: tuple[str, ...], by: str, columns: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
    """Of a product by one of its factors, which may stand in it more than once."""
    times = factors.count(by)
    if not times:
        return np.zeros(rows)
    rest = list(factors)
    rest.remove(by)
    return times * _product([columns[f] for f in rest], rows)
