"""Diagnostics of two-stage least squares: are the instruments relevant, strong, valid, and are they needed?

Everything is computed from columns with exogenous regressors, intercept and fixed effects taken out (Frisch and Waugh);
moments of the instruments left are then those that matter, in GMM too, because the others are exactly identified.
N rows, K regressors and L instruments in all, effects counted; L1 excluded instruments, K1 endogenous columns, G clusters.

Sources: Baum, Schaffer and Stillman (2007), Stata Journal 7(4), and `help ivreg2` for which statistic carries which factor;
Cragg and Donald (1993); Anderson (1951); Kleibergen and Paap (2006); Sargan (1958); Hansen (1982);
Anderson and Rubin (1949); Hayashi (2000), pages 218 to 234, for differences of J statistics; Wu (1973), Hausman (1978).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parity.algebra.collinear import partialled
from parity.analyses.instruments.stock_yogo import critical_values
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR, SET_END, SET_END_NEAR_ZERO, SINGULAR
from parity.sample.design import Design

Errors = Literal["iid", "robust", "cluster"]


@dataclass(frozen=True)
class Statistic:
    """A statistic with its degrees of freedom: one for chi-squared, two for F; p, or NaN where it has no distribution."""

    value: float
    df: tuple[float, ...]
    p: float


@dataclass(frozen=True)
class Diagnostics:
    """What ivreg2 reports, under one kind of errors.

    first_stage           endogenous column -> F of the excluded instruments
    underidentified       Anderson's LM (iid), or the Kleibergen-Paap rk LM
    rank_wald             Cragg and Donald's chi-squared (iid), or the Kleibergen-Paap rk Wald
    cragg_donald_f        of homoskedastic errors; no distribution: see `stock_yogo`
    weak_f                the same (iid), or the Kleibergen-Paap rk Wald F
    overidentified        Sargan (iid), or Hansen's J; None where the model is exactly identified
    anderson_rubin_f, _chi2   that the endogenous columns' coefficients are all zero
    endogeneity           difference of two Sargan or Hansen statistics: that the columns are exogenous
    wu_hausman            F of the first stages' residuals in the outcome equation, homoskedastic; R's ivreg has it
    stock_yogo            critical values of the Cragg-Donald F
    """

    errors: Errors
    first_stage: dict[str, Statistic]
    underidentified: Statistic
    rank_wald: Statistic
    cragg_donald_f: float
    weak_f: float
    overidentified: Statistic | None
    anderson_rubin_f: Statistic
    anderson_rubin_chi2: Statistic
    endogeneity: Statistic
    wu_hausman: Statistic
    stock_yogo: dict[str, float]


@dataclass(frozen=True)
class _Columns:
    """Partialled-out columns times root weights, and counts.

    code: of the clusters, or None; k, l: all regressors and all instruments, absorbed ones included
    unit: (k1,) what a coefficient of these columns, which are scaled, is times to be one of the data's
    """

    y: np.ndarray
    d: np.ndarray
    z: np.ndarray
    code: np.ndarray | None
    n: float
    k: float
    l: float
    unit: np.ndarray

    def f_factor(self, errors: Errors) -> float:
        """What turns a Wald chi-squared over its degrees of freedom into ivreg2's F."""
        free = self.n - self.l
        if errors == "cluster":
            groups = len(np.unique(self.code))
            return free / (self.n - 1) * (groups - 1) / groups
        return free / self.n

    def f_df(self, errors: Errors) -> float:
        return len(np.unique(self.code)) - 1.0 if errors == "cluster" else self.n - self.l

    def meat(self, scores: np.ndarray, errors: Errors) -> np.ndarray:
        """Sum of outer products of (n, m) scores, by cluster where there are clusters."""
        if errors == "cluster":
            summed = np.zeros((int(self.code.max()) + 1, scores.shape[1]))
            np.add.at(summed, self.code, scores)
            scores = summed
        return scores.T @ scores


def diagnose(design: Design, errors: Errors = "iid", cluster: str | None = None) -> Diagnostics:
    """Diagnostics of a design with endogenous columns and instruments.

    cluster: one of the design's cluster variables, for errors "cluster". Raises `ValueError` without instruments, and for
    frequency weights; `Unestimable` where a statistic has no value.
    """
    c = _columns(design, cluster if errors == "cluster" else None)
    _check_determined(c, design.endog_names)
    k1, l1 = c.d.shape[1], c.z.shape[1]
    smallest = _canonical(c.d, c.z)
    lm, wald = _rank_tests(c, errors, smallest)
    cd_f = smallest / (1 - smallest) * (c.n - c.l) / l1
    rubin = _wald(c, c.y, errors)
    over = _overidentified(c, errors)
    return Diagnostics(
        errors,
        {name: _f(_wald(c, c.d[:, i], errors), l1, c, errors) for i, name in enumerate(design.endog_names)},
        _chi2(lm, l1 - k1 + 1),
        _chi2(wald, l1 - k1 + 1),
        cd_f,
        cd_f if errors == "iid" else wald / l1 * c.f_factor(errors),
        None if l1 == k1 else _chi2(over, l1 - k1),
        _f(rubin, l1, c, errors),
        _chi2(rubin, l1),
        _chi2(_endogeneity(c, errors), k1),
        _wu_hausman(c),
        critical_values(l1, k1),
    )


def _columns(design: Design, cluster: str | None) -> _Columns:
    if not design.endog_names:
        raise ValueError("the model has no endogenous column")
    if design.weight_kind == "frequency":
        raise ValueError("diagnostics under frequency weights: repeat the rows instead")
    stacked = np.column_stack([design.x, design.y, design.endog, design.z])
    power = np.ldexp(1.0, -np.frexp(np.maximum(np.abs(stacked).max(axis=0), np.finfo(float).tiny))[1])
    left, _ = partialled(stacked * power, list(design.effects.values()), design.intercept, design.weights)
    exog = np.linalg.qr(left[:, : design.x.shape[1]])[0]
    free = left[:, design.x.shape[1] :]
    for _ in range(2):
        free = free - exog @ (exog.T @ free)
    at, k1 = design.x.shape[1], design.endog.shape[1]
    out = design.x.shape[1] + (design.facts.absorbed_rank or int(design.intercept))
    code = None if cluster is None else np.unique(design.clusters[cluster], return_inverse=True)[1]
    return _Columns(
        free[:, 0], free[:, 1 : k1 + 1], free[:, k1 + 1 :], code,
        float(design.nobs), out + k1, out + design.z.shape[1], power[at + 1 : at + 1 + k1] / power[at],
    )  # fmt: skip


# ---------------------------------------------------------------- rank of the first stages


def _canonical(d: np.ndarray, z: np.ndarray) -> float:
    """The smallest squared canonical correlation of endogenous columns and instruments."""
    return float(np.linalg.svd(np.linalg.qr(d)[0].T @ np.linalg.qr(z)[0], compute_uv=False)[-1] ** 2)


def _rank_tests(c: _Columns, errors: Errors, smallest: float) -> tuple[float, float]:
    """LM and Wald chi-squared that the first stages' coefficients have rank K1 - 1."""
    if errors == "iid":
        return c.n * smallest, c.n * smallest / (1 - smallest)
    return tuple(_kleibergen_paap(c, errors, residual) for residual in (False, True))  # type: ignore[return-value]


def _kleibergen_paap(c: _Columns, errors: Errors, residual: bool) -> float:
    """rk statistic from the singular vectors of the normalised coefficients (Kleibergen and Paap 2006, eq. 15).

    residual: errors of the first stage (Wald); else the endogenous columns themselves, as under the null (LM).
    """
    qz, qd = np.linalg.qr(c.z)[0], np.linalg.qr(c.d)[0]
    theta = qz.T @ qd  # coefficients with both sides orthonormal
    k1, l1 = theta.shape[1], theta.shape[0]
    u, _, vt = np.linalg.svd(theta, full_matrices=True)
    q = k1 - 1
    u2, v2 = u[:, q:], vt.T[:, q:]
    a = u2 @ np.linalg.solve(u2[q:], _root(u2[q:] @ u2[q:].T))
    b = _root(v2[q:] @ v2[q:].T) @ np.linalg.solve(v2[q:].T, v2.T)
    weight = np.kron(b, a.T)
    v = qd - qz @ theta if residual else qd
    scores = (v[:, :, None] * qz[:, None, :]).reshape(len(v), k1 * l1)  # vec of each row's z v', column by column
    moment = weight @ theta.T.ravel()
    half = np.linalg.solve(_root_of_moments(c, weight @ c.meat(scores, errors) @ weight.T), moment)
    return float(half @ half)


def _root(matrix: np.ndarray) -> np.ndarray:
    """Symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def _wald(c: _Columns, outcome: np.ndarray, errors: Errors) -> float:
    """Chi-squared that the instruments' coefficients are zero in a regression of an outcome on them."""
    q = np.linalg.qr(c.z)[0]
    b = q.T @ outcome
    e = outcome - q @ b
    if errors == "iid":
        return float(c.n * (b @ b) / (e @ e))
    half = np.linalg.solve(_root_of_moments(c, c.meat(q * e[:, None], errors)), b)
    return float(half @ half)


def _check_determined(c: _Columns, names: tuple[str, ...]) -> None:
    """Statistics of the first stage divide by what it leaves. Raises `Unestimable` where that is nothing."""
    qz, qd = np.linalg.qr(c.z)[0], np.linalg.qr(c.d)[0]
    left = qd - qz @ (qz.T @ qd)
    if np.linalg.svd(left, compute_uv=False)[-1] <= COLLINEAR:
        raise Unestimable(
            f"the instruments determine {' and '.join(f'`{n}`' for n in names)} exactly: no first-stage residual"
        )


def _root_of_moments(c: _Columns, s: np.ndarray) -> np.ndarray:
    """Lower triangle whose product with its transpose is the moments' covariance. Raises `Unestimable` if it is singular."""
    scale = np.sqrt(np.diag(s))
    if np.all(scale > 0) and np.isfinite(s).all():
        correlation = s / np.outer(scale, scale)
        if np.linalg.eigvalsh(correlation)[0] > SINGULAR:
            return scale[:, None] * np.linalg.cholesky(correlation)
    groups = 0 if c.code is None else len(np.unique(c.code))
    few = f": {groups} clusters are too few for {len(s)} moments" if c.code is not None and groups <= len(s) else ""
    raise Unestimable(f"the covariance of the instruments' moments is singular{few}; no robust test of them has a value")


# ---------------------------------------------------------------- validity, and need


def _two_stage(y: np.ndarray, d: np.ndarray, z: np.ndarray) -> np.ndarray:
    q = np.linalg.qr(z)[0]
    return np.linalg.lstsq(q.T @ d, q.T @ y, rcond=None)[0]


def _overidentified(c: _Columns, errors: Errors) -> float:
    """Sargan, or Hansen's J at the two-step GMM estimate with weights from two-stage residuals."""
    q = np.linalg.qr(c.z)[0]
    e = c.y - c.d @ _two_stage(c.y, c.d, c.z)
    if errors == "iid":
        return float(c.n * np.sum((q.T @ e) ** 2) / (e @ e))
    return _j(c, q, c.meat(q * e[:, None], errors))


def _j(c: _Columns, q: np.ndarray, s: np.ndarray) -> float:
    """The least of g'S^-1 g over the coefficients, g the moments in orthonormal instruments q."""
    root = _root_of_moments(c, s)
    moments = np.linalg.solve(root, q.T @ np.column_stack([c.y, c.d]))
    b = np.linalg.lstsq(moments[:, 1:], moments[:, 0], rcond=None)[0]
    return float(np.sum((moments[:, 0] - moments[:, 1:] @ b) ** 2))


def _endogeneity(c: _Columns, errors: Errors) -> float:
    """J with the columns among the instruments less J without, both weighted by the first one's moments."""
    e = c.y - c.d @ np.linalg.lstsq(c.d, c.y, rcond=None)[0]
    q = np.linalg.qr(np.hstack([c.z, c.d]))[0]
    s = np.eye(q.shape[1]) * (e @ e) / c.n if errors == "iid" else c.meat(q * e[:, None], errors)
    l1 = c.z.shape[1]
    return _j(c, q, s) - _j(c, q[:, :l1], s[:l1, :l1])


def _wu_hausman(c: _Columns) -> Statistic:
    k1 = c.d.shape[1]
    first = c.d - c.z @ np.linalg.lstsq(c.z, c.d, rcond=None)[0]
    without = c.y - c.d @ np.linalg.lstsq(c.d, c.y, rcond=None)[0]
    both = np.hstack([c.d, first])
    full = c.y - both @ np.linalg.lstsq(both, c.y, rcond=None)[0]
    free = c.n - c.k - k1
    value = float((without @ without - full @ full) / k1 / (full @ full / free))
    return Statistic(value, (float(k1), free), _sf_f(value, k1, free))


# ---------------------------------------------------------------- Anderson and Rubin's set


def anderson_rubin_set(
    design: Design, errors: Errors = "iid", cluster: str | None = None, level: float = 0.95
) -> list[tuple[float, float]]:
    """Intervals of the coefficient that the Anderson-Rubin F doesn't reject; its ends may be infinite, and it may be empty.

    For one endogenous column. The statistic is a ratio of polynomials of degree 2 L1, so it is searched over the whole
    line, as angles, and every crossing is found by bisection.
    """
    from scipy.optimize import brentq
    from scipy.special import fdtri

    c = _columns(design, cluster if errors == "cluster" else None)
    if c.d.shape[1] != 1:
        raise ValueError("the Anderson-Rubin set is found for one endogenous column")
    l1 = c.z.shape[1]
    limit = float(fdtri(l1, c.f_df(errors), level)) * l1 / c.f_factor(errors)
    centre = float(_two_stage(c.y, c.d, c.z)[0])
    e = c.y - c.d[:, 0] * centre
    spread = float(np.sqrt(e @ e / c.n / np.sum((np.linalg.qr(c.z)[0].T @ c.d) ** 2)))

    def excess(angle: float) -> float:  # cos y - .. keeps the moments finite at the ends of the line
        u = np.cos(angle) * (c.y - centre * c.d[:, 0]) - np.sin(angle) * spread * c.d[:, 0]
        return _wald(c, u, errors) - limit

    return _intervals(excess, lambda angle: (centre + spread * np.tan(angle)) * c.unit[0], brentq)


def _intervals(excess: Callable, at: Callable, root: Callable) -> list[tuple[float, float]]:
    angles = np.linspace(-np.pi / 2, np.pi / 2, 4_001)
    values = np.array([excess(a) for a in angles])
    inside = values <= 0
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    ends_at = [root(excess, angles[i], angles[i + 1], xtol=SET_END_NEAR_ZERO, rtol=SET_END) for i in turns]
    edges = [at(angle) for angle in ends_at]
    ends = [*([-np.inf] if inside[0] else []), *edges, *([np.inf] if inside[-1] else [])]
    return [(float(a), float(b)) for a, b in zip(ends[::2], ends[1::2], strict=True)]


# ---------------------------------------------------------------- distributions


def _chi2(value: float, df: int) -> Statistic:
    from scipy.special import chdtrc

    return Statistic(value, (float(df),), float(chdtrc(df, value)))


def _f(chi2: float, df: int, c: _Columns, errors: Errors) -> Statistic:
    value, free = chi2 / df * c.f_factor(errors), c.f_df(errors)
    return Statistic(value, (float(df), free), _sf_f(value, df, free))


def _sf_f(value: float, df: float, free: float) -> float:
    from scipy.special import fdtrc

    return float(fdtrc(df, free, value))
