"""Conditional effects b + c w of a regressor at values w of the moderator, and where they are significant.

Sources: Aiken and West (1991), Multiple Regression, chapter 2; Brambor, Clark and Golder (2006), Political Analysis 14(1);
Johnson and Neyman (1936), as Bauer and Curran (2005) solve it; Hayes (2015), Multivariate Behavioral Research 50(1), of the
index of moderated mediation; Sobel (1982) of a product of coefficients of two equations, taken as independent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from parity.analyses.moderation.sample import Sample, Stage
from parity.analyses.replicates.intervals import percentiles
from parity.base.errors import Unestimable
from parity.base.tolerance import SINGULAR
from parity.compare.harmonise import combined
from parity.conventions.formulas import Refused, critical_value, df_t, p_value
from parity.engines.own.fit import estimate
from parity.results.estimate import Estimate

Shown = dict[str, dict[str, float]]
#: Terms of what no value of the moderator has; no column is called so.
PRODUCT, INDEX = "product with the moderator", "index of moderated mediation"
#: Setting of `at` -> names of the values and their shares.
SHARES = {"quartiles": {"p25": 0.25, "p50": 0.5, "p75": 0.75}, "percentiles": {"p16": 0.16, "p50": 0.5, "p84": 0.84}}


@dataclass(frozen=True)
class Line:
    """An effect b + c w: b, c, and their covariance (2, 2); df of t, infinite for the normal distribution."""

    b: float
    c: float
    cov: np.ndarray
    df: float

    def at(self, w: float) -> tuple[float, float]:
        """The effect and its standard error."""
        return self.b + self.c * w, math.sqrt(max(self.cov[0, 0] + 2.0 * w * self.cov[0, 1] + w * w * self.cov[1, 1], 0.0))


def moderated(s: Sample) -> Shown:
    """Every number of the analysis: quantity -> term -> number. Raises `Unestimable`.

    value         of the moderator, by term: "mean - sd", "the mean", "mean + sd"; "p16" ...; the numbers given
    effect, se, t, p, ci_low, ci_high    at each, and of the product, `PRODUCT`
    bound         "lower" and "upper": values of the moderator between which the effect changes from significant to not
    significant   "share": of the rows, whose effect is significant
    indirect ...  the same at each through a mediator, with se, z, p and interval, and `INDEX`, their slope
    """
    values = values_of(s)
    line = line_of(s)
    half = critical_value(line.df, s.settings.level)
    found = {name: line.at(w) for name, w in values.items()} | {PRODUCT: (line.c, math.sqrt(line.cov[1, 1]))}
    out: Shown = {"value": values} | _tested(found, line.df, half, "", "t")
    roots = bounds(line, half)
    out["bound"] = dict(zip(("lower", "upper"), roots, strict=True)) if roots else {}
    beyond = [abs(e) >= half * se for e, se in map(line.at, s.q.tolist())]
    out["significant"] = {"share": sum(beyond) / len(beyond)}
    if s.through is not None:
        b, se_b = coefficient(s.through)
        indirect = {(INDEX if n == PRODUCT else n): product(e, se, b, se_b) for n, (e, se) in found.items()}
        out["path"], out["path se"] = {s.path: b}, {s.path: se_b}
        out |= _tested(indirect, math.inf, critical_value(math.inf, s.settings.level), "indirect", "z")
    return {quantity: terms for quantity, terms in out.items() if terms}


def product(a: float, se_a: float, b: float, se_b: float) -> tuple[float, float]:
    """a b and Sobel's standard error of it."""
    return a * b, math.hypot(a * se_b, b * se_a)


def _tested(found: dict[str, tuple[float, float]], df: float, half: float, of: str, t: str) -> Shown:
    out: Shown = {of or "effect": {}} | {f"{of} {q}".strip(): {} for q in ("se", t, "p", "ci_low", "ci_high")}
    for name, (effect, se) in found.items():
        ratio = effect / se if se > 0 else math.nan
        numbers = (effect, se, ratio, p_value(ratio, df), effect - half * se, effect + half * se)
        for quantity, number in zip(out, numbers, strict=True):
            out[quantity][name] = number
    return out


def values_of(s: Sample) -> dict[str, float]:
    """Values of the moderator by what they are called."""
    at, q = s.settings.at, s.q
    if isinstance(at, tuple):
        return {f"{w:g}": w for w in at}
    if at == "sd":
        mean, sd = float(q.mean()), float(q.std(ddof=s.settings.ddof))
        return {"mean - sd": mean - sd, "the mean": mean, "mean + sd": mean + sd}
    shares = SHARES[at]
    return dict(zip(shares, map(float, percentiles(q, list(shares.values()))), strict=True))


def line_of(s: Sample) -> Line:
    """Raises `Unestimable` where clusters in two ways, or as few as regressors, leave a variance below zero."""
    fitted = estimate(s.of.spec, s.of.design)
    at = [fitted.terms.index(s.of.design.x_names[i]) for i in (s.of.place, s.product)]
    b, c = (float(fitted.coef[i]) for i in at)
    cov = _covariance(fitted, s.of)[np.ix_(at, at)]
    size = np.sqrt(np.maximum(np.diag(cov), 0.0))
    if size.min() <= 0.0 or np.linalg.eigvalsh(cov / np.outer(size, size))[0] < -SINGULAR:
        term, product = (s.of.design.x_names[i] for i in (s.of.place, s.product))
        raise Unestimable(f"the covariance of `{term}` and `{product}` has negative variances: there are no standard errors")
    return Line(b, c, cov, degrees(s.of))


def _covariance(fitted: Estimate, stage: Stage) -> np.ndarray:
    """Of all terms. Raises `Unestimable` where the convention has none."""
    try:
        return combined(fitted, stage.design.facts, stage.spec)
    except Refused as refused:
        raise Unestimable(str(refused)) from None


def coefficient(stage: Stage) -> tuple[float, float]:
    """Of the stage's regressor, with its standard error."""
    fitted = estimate(stage.spec, stage.design)
    i = fitted.terms.index(stage.design.x_names[stage.place])
    return float(fitted.coef[i]), math.sqrt(max(_covariance(fitted, stage)[i, i], 0.0))


def degrees(stage: Stage) -> float:
    vcov = stage.spec.vcov
    return df_t(stage.design.facts, stage.spec.convention, vcov.kind, vcov.cluster, iv=False, random=False)


def bounds(line: Line, half: float) -> tuple[float, float] | None:
    """Both roots of (b + c w)^2 = half^2 var(b + c w), the smaller first; None where the effect is significant or not
    at all values."""
    (v, cov), (_, w) = line.cov
    square, linear, constant = line.c**2 - half**2 * w, 2 * (line.b * line.c - half**2 * cov), line.b**2 - half**2 * v
    inside = linear**2 - 4 * square * constant
    if inside <= 0 or square == 0:
        return None
    # no difference of two near numbers: the larger root first, the other from their product
    far = -0.5 * (linear + math.copysign(math.sqrt(inside), linear))
    low, high = sorted((float(far / square), float(constant / far)))
    return low, high
