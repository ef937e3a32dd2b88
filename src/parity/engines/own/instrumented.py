"""Design -> Fit of instrumental variables beyond 2SLS: LIML, Fuller, k-class, and GMM of a weight matrix.

A k-class estimate is found net of fixed effects or intercept, as least squares are. A GMM's intercept is a moment like any
other and is kept; its fixed effects are taken out of all columns first, as ivreghdfe does: with dummies as instruments the
first two steps have the same slopes, while J and covariance of more levels than clusters would not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from parity.algebra import covariance
from parity.algebra import moment_conditions as moments
from parity.algebra.orthonormal import orthonormal
from parity.base.errors import Unestimable
from parity.engines.own.least_squares import Fit
from parity.sample.design import Design
from parity.sample.partialled_out import PartialledOut, mean, partial_out, sum_of_squares
from parity.study.models import K_CLASS
from parity.study.spec import Spec


@dataclass(frozen=True)
class Instrumented(Fit):
    """As `Fit`, with pull of another basis than bread.

    own_bread    (k, k) of a k-class estimator, which its pull is no root of; None where it is
    efficient    (k, k) the covariance of a GMM that is said to be weighted efficiently; None where it is a sandwich
    error_square what stands for the sum of squares in a homoskedastic variance
    shift        (k,) what Stata takes off each row's score, times its weight, where moments are centred and weighted
    reported     kappa, or J with its degrees of freedom and p
    """

    own_bread: np.ndarray | None = None
    efficient: np.ndarray | None = None
    error_square: float = 0.0
    shift: np.ndarray | None = None
    reported: dict[str, float] = field(default_factory=dict)

    @cached_property
    def bread(self) -> np.ndarray:
        return self.half @ self.half.T if self.own_bread is None else self.own_bread

    @property
    def squares(self) -> float:
        return self.error_square

    @property
    def scored(self) -> tuple[np.ndarray, np.ndarray]:
        if self.shift is None:
            return self.pull, self.resid
        return self.pull * self.resid[:, None] - np.outer(self.design.weights, self.shift), np.ones(len(self.resid))


def instrumented(design: Design, spec: Spec, partialled: PartialledOut | None = None) -> Instrumented:
    """Raises `Unestimable` where there is no estimate, or no weight matrix."""
    partialled = partialled or partial_out(design)
    try:
        return (_k_class if spec.model in K_CLASS else _gmm)(design, spec, _Columns.of(design, partialled))
    except (moments.Unweighted, covariance.Undefined, np.linalg.LinAlgError) as error:
        raise Unestimable(f'model = "{spec.model}": {error}') from None


@dataclass(frozen=True)
class _Columns:
    """A design's columns net of effects or intercept, times powers of two and root weights, and what takes slopes back."""

    y: np.ndarray
    x: np.ndarray
    d: np.ndarray
    z: np.ndarray
    back: np.ndarray
    unit: float
    partialled: PartialledOut

    @classmethod
    def of(cls, design: Design, partialled: PartialledOut) -> _Columns:
        k, n_x = design.x.shape[1] + design.endog.shape[1], design.x.shape[1]
        free, power = partialled.columns, partialled.power
        x, d, z = free[:, 1 : 1 + n_x], free[:, 1 + n_x : 1 + k], free[:, 1 + k :]
        return cls(free[:, 0], x, d, z, power[1 : 1 + k] / power[0], 1 / power[0], partialled)


def _k_class(design: Design, spec: Spec, of: _Columns) -> Instrumented:
    kappa = spec.kappa
    if kappa is None:
        nobs, exogenous = (
            design.observations,
            design.facts.absorbed_rank + int(design.intercept) + of.x.shape[1] + of.z.shape[1],
        )
        kappa = moments.liml_kappa(of.y, of.x, of.d, of.z) - spec.fuller_alpha / (nobs - exogenous)
    solved = moments.k_class(of.y, of.x, of.d, of.z, kappa)
    resid = (of.y - np.hstack([of.x, of.d]) @ solved.b) * of.unit
    size = of.back / of.unit  # powers of the regressors alone
    coef, half, basis = solved.b * of.back, solved.half * size[:, None], solved.basis
    bread = solved.bread * np.outer(size, size)
    if design.intercept:
        coef, half, basis, bread = _with_intercept(design, coef, half, basis, bread)
    return _fit(design, of, coef, half, basis, resid, own_bread=bread, reported={"kappa": kappa})


def _with_intercept(design: Design, coef, half, basis, bread):
    """The intercept in front: the mean outcome less the rest, which centred columns say nothing of."""
    ones = _root(design)
    length = np.linalg.norm(ones)
    means = _means(design)
    half = np.vstack([np.concatenate([[1 / length], -means @ half]), np.column_stack([np.zeros(len(half)), half])])
    beside = -means @ bread
    bread = np.block([[np.array([[1 / length**2 + means @ bread @ means]]), beside[None, :]], [beside[:, None], bread]])
    first = mean(design.y, design.weights) - means @ coef
    return np.concatenate([[first], coef]), half, np.column_stack([ones / length, basis]), bread


def _gmm(design: Design, spec: Spec, of: _Columns) -> Instrumented:
    ones = (_root(design) / np.linalg.norm(_root(design)))[:, None] if design.intercept else np.empty((design.nobs, 0))
    q = orthonormal(np.hstack([ones, of.x, of.z]))[0]
    x = np.hstack([ones, of.x, of.d])
    rows = _rows(design, spec)
    conditions = moments.Conditions(q, x, of.y, lambda e: _covariance(design, spec, rows, q, e))
    if spec.model == "cue":
        found = moments.continuously_updated(conditions, lambda e, v: _slope(design, spec, rows, q, e, v))
    else:
        found = conditions.in_steps(spec.moment_steps)
    solved, resid = found.solved, of.y - x @ found.solved.b
    back = _back(design, of)
    # an efficient bread holds the error variance in units of the outcome; pull hasn't one
    covariance_of_b = back @ solved.bread @ back.T * of.unit**2
    coef = back @ solved.b * of.unit
    if design.intercept:
        coef[0] += mean(design.y, design.weights)
    over = q.shape[1] - x.shape[1]
    reported = {"j": found.j if over else 0.0, "j_df": float(over)} | ({"j_p": _chi2(over, found.j)} if over else {})
    if spec.model == "gmm" and spec.moment_steps == 1:
        reported = {}
    shift = None
    if spec.convention.centred == "yes" and design.weight_kind == "analytic" and spec.vcov.kind != "iid":
        shift = back @ solved.half @ (q * (resid / design.weights)[:, None]).mean(0) * of.unit
    return _fit(
        design, of, coef, back @ solved.half, q, resid * of.unit, shift=shift, reported=reported,
        efficient=covariance_of_b if spec.efficient else None,
        error_square=_about_mean(design, spec, resid) * of.unit**2,
    )  # fmt: skip


def _rows(design: Design, spec: Spec) -> moments.Rows:
    clustered = spec.moment_weight == "cluster"
    code = design.clusters[spec.vcov.cluster[0]] if clustered else None
    repeats = design.weight_kind == "frequency" and not clustered
    return moments.Rows(code, design.weights, repeats, spec.convention.centred == "yes")


def _covariance(design: Design, spec: Spec, rows: moments.Rows, q: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Of the moments Q'e, times n."""
    match spec.moment_weight:
        case "iid":
            return np.eye(q.shape[1]) * (_about_mean(design, spec, e) / design.observations)
        case "newey_west":
            held = moments.Rows(None, rows.copies, False, rows.centred).summed(q * e[:, None])
            return covariance.newey_west(held, np.ones(len(e)), design.unit, design.time, spec.vcov.lags)
    return rows.spread(q * e[:, None])


def _about_mean(design: Design, spec: Spec, e: np.ndarray) -> float:
    """Weighted sum of squares of residuals about their mean, as [R] ivregress and linearmodels have it; of ivreg2's about 0.
    They differ where no constant is among the moments."""
    if spec.convention.gmm_covariance == "efficient":
        return sum_of_squares(e)
    root = _root(design)
    return sum_of_squares(e - root * (root @ e / (root @ root)))


def _slope(design: Design, spec: Spec, rows: moments.Rows, q: np.ndarray, e: np.ndarray, v: np.ndarray) -> np.ndarray:
    """(n,) m with dJ/db = -2 x'(v - m): what the weight's own movement adds to the slope of J. v = Q S^-1 g."""
    if spec.moment_weight == "iid":
        root = _root(design)
        about = e - root * (root @ e / (root @ root)) if spec.convention.gmm_covariance != "efficient" else e
        return about * (v @ v) / design.observations
    pressed = rows.summed((v * e)[:, None])[:, 0]
    pressed = pressed / np.sqrt(rows.copies) if rows.repeats else pressed
    own = pressed if rows.code is None else pressed[rows.code]
    if not rows.centred:
        return v * own
    copies = np.ones(len(e)) if rows.copies is None else rows.copies
    return v * own - v * float(own @ copies) / copies.sum()


def _back(design: Design, of: _Columns) -> np.ndarray:
    """(k, k) that takes coefficients of the columns that were used to those of the design, per unit of the outcome."""
    slopes = np.diag(of.back / of.unit)
    if not design.intercept:
        return slopes
    first = np.concatenate([[1 / np.linalg.norm(_root(design))], -_means(design) @ slopes])
    return np.vstack([first, np.column_stack([np.zeros(len(slopes)), slopes])])


def _fit(design: Design, of: _Columns, coef, half, basis, resid, error_square: float | None = None, **own) -> Instrumented:
    ssr = sum_of_squares(resid)
    return Instrumented(
        design.terms, coef, resid, basis, half, ssr=ssr, tss=of.partialled.tss * of.unit**2,
        tss_within=sum_of_squares(of.y) * of.unit**2, design=design,
        absorbed=of.partialled.outer if design.effects else None,
        error_square=ssr if error_square is None else error_square, **own,
    )  # fmt: skip


def _means(design: Design) -> np.ndarray:
    return np.array([mean(column, design.weights) for column in (*design.x.T, *design.endog.T)])


def _root(design: Design) -> np.ndarray:
    return np.ones(design.nobs) if design.weights is None else np.sqrt(design.weights)


def _chi2(df: int, value: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(df, value))
