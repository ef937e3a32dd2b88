"""Mediation with fixed effects: how much of a treatment's effect on an outcome runs through one or several mediators.

Three equations on one sample, with the same controls and fixed effects W:

    outcome  = total  * treatment                        + W     (the total effect, c)
    mediator = first  * treatment                        + W     (one equation for each mediator, a)
    outcome  = direct * treatment + second * mediators   + W     (c' and b)

The indirect effect through a mediator is first times second. In one sample the sum over mediators equals total less
direct exactly; where a table breaks that identity, its equations were not estimated on one sample with one model.

Sources: Baron and Kenny (1986); Sobel (1982); Aroian (1947); Goodman (1960); MacKinnon, Lockwood, Hoffman, West and Sheets
(2002) for all three standard errors; MacKinnon, Lockwood and Williams (2004) for Monte Carlo intervals; Jiang Ting (2022),
China Industrial Economics 5, for the two-step form, which reports the first equations and argues the second path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from parity.algebra.moments import Products, Sample, Solution, TooMany, nested, products, sample, solve
from parity.analyses.replicates.draws import Draws
from parity.analyses.replicates.intervals import Rule, Summary, percentiles, summarise
from parity.analyses.replicates.refitting import replicate_rows
from parity.analyses.replicates.replicate import left_out, replicate, thin, weights_of
from parity.conventions.facts import count
from parity.conventions.formulas import df_t, factor, p_value
from parity.conventions.profiles import PROFILES, Convention, Kind


@dataclass(frozen=True)
class Model:
    """Names of columns: outcome, treatment, mediators, controls."""

    outcome: str
    treatment: str
    mediators: tuple[str, ...]
    controls: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order in which they enter; the outcome last."""
        return (*self.controls, self.treatment, *self.mediators, self.outcome)


@dataclass(frozen=True)
class Paths:
    """Effects in B samples with k mediators (B = 1 for the sample itself).

    total, direct   (B,)
    first, second   (B, k): treatment to mediator, mediator to outcome
    """

    total: np.ndarray
    direct: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def indirect(self) -> np.ndarray:
        """(B, k) by mediator: first times second."""
        return self.first * self.second

    @property
    def by_difference(self) -> np.ndarray:
        """(B,) total less direct; the sum of `indirect` in one sample."""
        return self.total - self.direct

    def numbers(self, mediators: tuple[str, ...]) -> dict[str, np.ndarray]:
        """Every effect by name: (B,) each. Shares are of the total effect, whatever its sign."""
        named = {"total": self.total, "direct": self.direct}
        for j, name in enumerate(mediators):
            named |= {f"first {name}": self.first[:, j], f"second {name}": self.second[:, j]}
            named[f"indirect {name}"] = self.indirect[:, j]
        together = self.indirect.sum(axis=1)
        return named | {
            "indirect": together,
            "total less direct": self.by_difference,
            "share": together / self.total,
            "ratio": together / self.direct,
        }


#: Clusters drawn, one array a draw -> coefficients without and with mediators, from rows.
Refit = Callable[[Sequence[np.ndarray]], list[np.ndarray]]


def paths(of: Products, model: Model, weights: np.ndarray, refit: Refit | None = None) -> Paths:
    """Effects under weights (B, G) of the clusters; NaN where a draw leaves one undetermined. No row is read.

    refit: for draws in which a regressor hardly varies, whose cross-products hold fewer than nine digits of it.
    """
    least = np.ones(len(weights))
    found = replicate(of, weights, *_regressions(model), least=least)
    few = thin(least)
    if refit is not None and len(few):
        drawn = [np.repeat(np.arange(of.clusters), w.astype(int)) for w in weights[few]]
        for all_draws, again in zip(found, refit(drawn), strict=True):
            all_draws[few] = again
    return _paths(model, *found)


def _regressions(model: Model) -> tuple[tuple[str, ...], tuple[str, ...], tuple[int, int]]:
    """Regressors in order, outcomes, and how many regressors the equations without and with mediators have."""
    order = (*model.controls, model.treatment, *model.mediators)
    return order, (*model.mediators, model.outcome), (len(model.controls) + 1, len(order))


def _paths(model: Model, short: np.ndarray, full: np.ndarray) -> Paths:
    at = len(model.controls)
    return Paths(short[:, at, -1], full[:, at, -1], short[:, at, :-1], full[:, at + 1 :, -1])


# ---------------------------------------------------------------- tests of a product of two coefficients


@dataclass(frozen=True)
class ProductTest:
    """A normal test that first times second is zero."""

    se: float
    z: float
    p: float


def product_tests(a: float, se_a: float, b: float, se_b: float) -> dict[str, ProductTest]:
    """Sobel (first order), Aroian (adds the product of variances), Goodman (subtracts it: unbiased, may be negative).

    a and b are taken as independent, as all three do.
    """
    first_order, product = a**2 * se_b**2 + b**2 * se_a**2, se_a**2 * se_b**2
    variances = {"sobel": first_order, "aroian": first_order + product, "goodman": first_order - product}
    out = {}
    for name, variance in variances.items():
        se = float(np.sqrt(variance)) if variance > 0 else float("nan")
        out[name] = ProductTest(se, a * b / se, p_value(a * b / se, float("inf")))
    return out


def monte_carlo(
    a: float, se_a: float, b: float, se_b: float, normals: np.ndarray, level: float = 0.95, rule: Rule = "stata"
) -> tuple[float, float]:
    """Interval of a times b from independent normal draws of both; normals (B, 2) standard normal."""
    products_ = (a + se_a * normals[:, 0]) * (b + se_b * normals[:, 1])
    low, high = percentiles(products_, ((1 - level) / 2, (1 + level) / 2), rule)
    return low, high


# ---------------------------------------------------------------- the whole analysis


@dataclass(frozen=True)
class Coefficient:
    """A coefficient under the declared convention."""

    estimate: float
    se: float
    t: float
    p: float


@dataclass(frozen=True)
class Mediation:
    """What a mediation analysis of one sample found.

    nobs, clusters   counts (clusters 0 without)
    coefficients     "total", "direct", "first M", "second M"
    delta            the total effect as direct and indirect together, by the delta method
    effects          every effect by name, see `Paths.numbers`
    tests            mediator -> sobel, aroian, goodman
    summaries        effect -> bootstrap, where draws were given
    monte_carlo      mediator -> interval, where normal draws were given
    replicates       the bootstrap's effects, draw by draw
    notes            what a reader must know, such as draws in which an effect is undetermined
    """

    model: Model
    nobs: int
    clusters: int
    coefficients: Mapping[str, Coefficient]
    delta: ProductTest
    effects: Mapping[str, float]
    tests: Mapping[str, Mapping[str, ProductTest]]
    summaries: Mapping[str, Summary]
    monte_carlo: Mapping[str, tuple[float, float]]
    replicates: Mapping[str, np.ndarray]
    notes: tuple[str, ...] = ()


def mediate(
    columns: Mapping[str, np.ndarray],
    model: Model,
    *,
    effects: Mapping[str, np.ndarray] | None = None,
    cluster: tuple[str, np.ndarray] | None = None,
    vcov: Literal["iid", "HC1", "CR1"] = "CR1",
    convention: Convention = PROFILES["reghdfe"],
    draws: Draws | None = None,
    normals: Draws | None = None,
    level: float = 0.95,
    rule: Rule = "stata",
) -> Mediation:
    """Estimate the equations on one complete sample, test the products, and bootstrap whole clusters.

    effects   name -> (n,) codes; none: an intercept
    cluster   name and (n,) codes from 0: of the draws, and of the covariance where `vcov` is "CR1"; the name "" says that
              each row is drawn by itself
    Where a draw can't be had from cross-products it is refitted, and a note says so. Raises
    `parity.algebra.moments.Undetermined` where a regressor has no coefficient, `ValueError` where `draws` are of other
    clusters.
    """
    effects, codes = dict(effects or {}), {} if cluster is None or not cluster[0] else {cluster[0]: cluster[1]}
    columns = {name: columns[name] for name in model.columns}
    n = len(columns[model.outcome])
    code = np.arange(n) if cluster is None else cluster[1]
    of, again = _sample(columns, effects, code)
    groups = 0 if cluster is None else int(code.max()) + 1
    kept, again = _products(of, code, again) if groups and draws is not None else (None, again)
    coefficients, delta = _coefficients(of, model, effects, codes, vcov, convention)
    own = Paths(
        np.array([coefficients["total"].estimate]), np.array([coefficients["direct"].estimate]),
        np.array([[coefficients[f"first {m}"].estimate for m in model.mediators]]),
        np.array([[coefficients[f"second {m}"].estimate for m in model.mediators]]),
    )  # fmt: skip
    found = {name: float(v[0]) for name, v in own.numbers(model.mediators).items()}
    pairs = {m: (*_pair(coefficients[f"first {m}"]), *_pair(coefficients[f"second {m}"])) for m in model.mediators}
    summaries, replicates, notes = {}, {}, ()
    if draws is not None:
        if draws.kind != "bootstrap" or len(draws.labels) != groups:
            raise ValueError("draws of whole clusters need these clusters")
        refit = partial(_refitted, columns, effects, code, model)
        if again:
            sets = [draws.values, np.array([np.delete(np.arange(groups), g) for g in range(groups)])]
            drawn, one_less = (_paths(model, *refit(each)) for each in sets)
        else:
            weights = weights_of(draws.values, groups)
            drawn, one_less = (paths(kept, model, w, refit) for w in (weights, left_out(groups)))
        replicates, without = drawn.numbers(model.mediators), one_less.numbers(model.mediators)
        summaries = {k: summarise(found[k], v, without[k], level, rule) for k, v in replicates.items()}
        lost = summaries["indirect"].undefined
        notes = (*((again,) if again else ()),
                 *((f"{lost} of {len(draws.values)} draws leave an effect undetermined",) if lost else ()))  # fmt: skip
    monte = {}
    if normals is not None:
        monte = {
            m: monte_carlo(*pairs[m], normals.values[:, 2 * j : 2 * j + 2], level, rule)
            for j, m in enumerate(model.mediators)
        }
    return Mediation(
        model, n, groups if codes else 0, coefficients, delta, found,
        {m: product_tests(*pairs[m]) for m in model.mediators}, summaries, monte, replicates, notes,
    )  # fmt: skip


def _sample(columns, effects, code) -> tuple[Sample, str]:
    """The sample for draws of whole clusters, or, with a sentence that says so, one whose draws must be refitted."""
    try:
        return sample(columns, effects=effects, intercept=not effects, within=nested(effects, code)), ""
    except TooMany as error:
        return sample(columns, effects=effects, within=tuple(effects)), f"{error}: every draw was absorbed again"


def _products(of: Sample, code: np.ndarray, again: str) -> tuple[Products | None, str]:
    """Cross-products of the clusters, or none and a sentence that says that draws are refitted."""
    try:
        return (None, again) if again else (products(of, code), "")
    except TooMany as error:
        return None, f"{error}: every draw was absorbed again"


def _refitted(columns, effects, code, model: Model, draws: Sequence[np.ndarray]) -> list[np.ndarray]:
    return replicate_rows(columns, effects, code, draws, *_regressions(model))


def _pair(c: Coefficient) -> tuple[float, float]:
    return c.estimate, c.se


@dataclass(frozen=True)
class _Equation:
    """One equation: influence (n, s) of each row on each coefficient, or under iid the covariance (s, s), both scaled."""

    fit: Solution
    rows: np.ndarray
    covariance: np.ndarray
    scale: float
    df: float


def _equation(of: Sample, outcome: str, terms: tuple[str, ...], effects, codes, kind: Kind, rule: Convention) -> _Equation:
    fit = solve(of, outcome, terms)
    n = len(of.basis)
    facts = count(effects, codes, nobs=n, nobs_weighted=float(n), n_slopes=len(terms) + of.intercept, intercept=of.intercept)
    by = tuple(codes) if kind == "CR1" else ()
    scale = factor(facts, rule, kind, by, by, False)
    rows = np.sqrt(scale) * (of.basis @ fit.pull) * (of.basis @ fit.resid)[:, None]
    together = _summed(rows, codes[by[0]]) if by else rows
    covariance = fit.bread * (fit.ssr / n) * scale if kind == "iid" else together.T @ together
    return _Equation(fit, rows, covariance, scale, df_t(facts, rule, kind, by, iv=False, random=False))


def _summed(rows: np.ndarray, code: np.ndarray) -> np.ndarray:
    """(G, s) sums of clusters."""
    out = np.zeros((int(code.max()) + 1, rows.shape[1]))
    np.add.at(out, code, rows)
    return out


def _coefficients(
    of: Sample, model: Model, effects, codes, kind: Kind, rule: Convention
) -> tuple[dict[str, Coefficient], ProductTest]:
    """Every path under the convention, and the total effect as the sum of direct and indirect ones."""
    if kind == "CR1" and not codes:
        raise ValueError("a clustered covariance needs clusters")
    short = (*model.controls, model.treatment)
    equation = partial(_equation, of, effects=effects, codes=codes, kind=kind, rule=rule)
    whole, full = equation(model.outcome, short), equation(model.outcome, (*short, *model.mediators))
    firsts = {m: equation(m, short) for m in model.mediators}
    wanted = [("total", whole, model.treatment), *((f"first {m}", e, model.treatment) for m, e in firsts.items())]
    wanted += [("direct", full, model.treatment), *((f"second {m}", full, m) for m in model.mediators)]
    out: dict[str, Coefficient] = {}
    for name, e, term in wanted:
        i = e.fit.terms.index(term)
        se, b = float(np.sqrt(e.covariance[i, i])), float(e.fit.coef[i])
        out[name] = Coefficient(b, se, b / se, p_value(b / se, e.df))
    return out, _by_delta_method(out, model, full, list(firsts.values()), codes if kind == "CR1" else {}, kind)


def _by_delta_method(
    found: Mapping[str, Coefficient], model: Model, full: _Equation, firsts: list[_Equation], codes, kind: Kind
) -> ProductTest:
    """The total effect as c' + a b, its standard error from the gradient (1, a; b) and the covariance of all equations.

    Under iid the outcome's equation is independent of the mediators', whose errors covary; otherwise the rows' (clusters')
    influence on each equation, scaled as the equation is, gives the covariances between equations too. Sobel (1982).
    """
    a = np.array([found[f"first {m}"].estimate for m in model.mediators])
    b = np.array([found[f"second {m}"].estimate for m in model.mediators])
    at, gradient = len(model.controls), np.concatenate([[1.0], a])
    if kind == "iid":
        residuals = np.array([e.fit.resid for e in firsts])
        between = residuals @ residuals.T * (firsts[0].scale * firsts[0].fit.bread[at, at] / len(full.rows))
        variance = gradient @ full.covariance[at:, at:] @ gradient + b @ between @ b
    else:
        rows = full.rows[:, at:] @ gradient + np.column_stack([e.rows[:, at] for e in firsts]) @ b
        summed = _summed(rows[:, None], next(iter(codes.values())))[:, 0] if codes else rows
        variance = summed @ summed
    se, total = float(np.sqrt(variance)), found["direct"].estimate + float(a @ b)
    return ProductTest(se, total / se, p_value(total / se, float("inf")))
