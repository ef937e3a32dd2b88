"""What one row, unit, period or cluster does to a coefficient: exactly, by leaving it out, and to first order.

Leaving out the rows of g changes b by -p_g'(I - H_gg)^-1 e_g (Belsley, Kuh and Welsch 1980, chapter 2; DFBETA), with p_g
how far residuals pull the coefficient, e_g the residuals and H_gg the block of the projection on all regressors and fixed
effects: a dummy for each row of g is what leaves it out, so this is exact although effects are absorbed.

To first order a row's weight w_i moves b by p_i e_i, and the clustered variance V = sum_g c_g^2, c_g = sum of p_j e_j, by
2 p_i (M u)_i - 2 e_i (P r)_i with u_j = e_j c_g(j), r_j = p_j c_g(j), P the projection and M = I - P. Rows of one cluster
each give HC0. (Broderick, Giordano and Meager 2021, arXiv 2011.14999, derive these by automatic differentiation.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.algebra.absorb import sums
from parity.algebra.covariance import NULL, groups, pseudo_power
from parity.audit.sensitivity.refit import without
from parity.audit.single import Estimated
from parity.base.errors import Unestimable
from parity.conventions.facts import compact, subsets
from parity.conventions.formulas import factor
from parity.engines.own.fit import Fit, solve
from parity.engines.own.least_squares import joint_code
from parity.results.audit_sensitivity import GroupLeftOut
from parity.sample.design import Design
from parity.study.spec import Spec

#: A group with more rows than this, and more columns, is left out by estimating anew rather than by its block of H.
MOST_BLOCK = 800


@dataclass(frozen=True)
class Slopes:
    """To first order: (n,) changes of the coefficient and of its standard error when a row is left out."""

    coef: np.ndarray
    se: np.ndarray

    def by(self, code: np.ndarray) -> Slopes:
        """(G,) of groups left out; code (n,) from 0."""
        levels = int(code.max(initial=-1)) + 1
        both = sums(np.column_stack([self.coef, self.se]), code, levels)
        return Slopes(both[:, 0], both[:, 1])


@dataclass(frozen=True)
class Influence:
    """Each group of one kind left out.

    kind       "row", or what the groups are (unit, year, a cluster variable)
    coefs      (G,) the coefficient without each group, exact; NaN where it isn't identified without it
    least, largest   the smallest and the largest of these, with their groups' names; None where none is identified
    other_sign       groups without which the sign is the other (or zero); unidentified: without which there is none
    furthest   the groups that move it most, estimated anew; dfbetas: in the whole sample's standard errors
    """

    kind: str
    groups: int
    coefs: np.ndarray
    least: tuple[str, float] | None
    largest: tuple[str, float] | None
    other_sign: int
    unidentified: int
    furthest: tuple[GroupLeftOut, ...]


def slopes(spec: Spec, design: Design, term: str) -> Slopes:
    """First order, for iid, HC and clustered covariances (of HC2, HC3, CR2, CR3 and kernels, the plain sandwich's).

    Of two-stage least squares and random effects, with their first stage and variance components as they are.
    """
    fit = solve(design, spec)
    at = fit.terms.index(term)
    pull, resid = fit.pull[:, at], fit.resid
    total, change = 0.0, np.zeros(design.nobs)
    for subset in subsets(spec.vcov.cluster) if spec.vcov.cluster else [()]:
        sign = -1.0 if subset and len(subset) % 2 == 0 else 1.0
        scale = sign * factor(design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, subset, spec.iv)
        if spec.vcov.kind == "iid":
            variance = float(pull @ pull) * fit.ssr / fit.nobs
            moved = (pull @ pull) * resid**2 / fit.nobs - fit.ssr / fit.nobs * pull**2
        else:
            own = joint_code([design.clusters[c] for c in subset]) if subset else np.arange(design.nobs)
            score = np.bincount(own, weights=pull * resid)[own]
            u, r = resid * score, pull * score
            left = _left(fit, np.column_stack([u, r]))
            variance = float(pull @ u)
            moved = 2 * pull * left[:, 0] - 2 * resid * (r - left[:, 1])
        total, change = total + scale * variance, change + scale * moved
    se = np.sqrt(total) if total > 0 else np.nan
    return Slopes(-pull * resid, -change / (2 * se))


def _left(fit: Fit, columns: np.ndarray) -> np.ndarray:
    """Columns (n, m) less their projection on regressors and effects, in the space of root weights."""
    if fit.absorbed is not None:
        root = np.ones(len(columns)) if fit.design.weights is None else np.sqrt(fit.design.weights)
        columns = fit.absorbed.residual(columns / root[:, None]) * root[:, None]
    return columns - fit.basis @ (fit.basis.T @ columns)


def coefficients_without(spec: Spec, design: Design, term: str, code: np.ndarray | None = None) -> np.ndarray:
    """(G,) the coefficient without each group, exactly; code (n,) from 0, None for each row. NaN: not identified."""
    fit = solve(design, spec)
    at = fit.terms.index(term)
    whole, pull = float(fit.coef[at]), fit.pull[:, at]
    closed = spec.model != "random_effects" and not design.endog.shape[1] and fit.exact
    if not closed:
        code = np.arange(design.nobs) if code is None else code
        return np.array([_refitted(spec, design, term, rows) for rows in groups(code)])
    nothing = NULL * np.sqrt(pull @ pull)
    if code is None:
        free = 1 - fit.leverage
        gone = pull * fit.resid / np.where(free > NULL, free, 1.0)
        lost = np.where(np.abs(pull) > nothing, np.nan, whole)  # a row fitted whatever its outcome
        return np.where(free > NULL, whole - gone, lost)
    out = []
    for rows in groups(code):
        if min(len(rows), len(fit.hat_places(rows))) > MOST_BLOCK:
            out.append(_refitted(spec, design, term, rows))
            continue
        u, s, _ = np.linalg.svd(fit.hat_basis(rows), full_matrices=False)
        free, own = 1 - s**2, u.T @ pull[rows]
        if np.any(np.abs(own[free <= NULL]) > nothing):
            out.append(np.nan)
            continue
        moved = fit.resid[rows] + u @ ((pseudo_power(free, -1.0) - 1) * (u.T @ fit.resid[rows]))
        out.append(whole - float(pull[rows] @ moved))
    return np.array(out)


def _refitted(spec: Spec, design: Design, term: str, rows: np.ndarray) -> float:
    try:
        return without(spec, design, rows, term).coef
    except Unestimable:
        return np.nan


def influence(
    spec: Spec, design: Design, term: str, kind: str, base: Estimated, code: np.ndarray | None = None,
    names: tuple[str, ...] | None = None, most: int = 5,
) -> Influence:  # fmt: skip
    """Every group of one kind left out; `most` of them, those that move the coefficient furthest, estimated anew.

    base: the whole sample's; code (n,) of the groups, None for each row; names: of the codes, in their order (by default
    their numbers, of rows the number in the data file from 1).
    """
    n = design.nobs
    own = np.arange(n) if code is None else compact(np.asarray(code, dtype=np.int64))
    given = np.arange(n) if code is None else np.asarray(code)
    coefs = coefficients_without(spec, design, term, None if code is None else own)
    label = {int(o): int(g) for o, g in zip(own, given, strict=True)}

    def name(group: int) -> str:
        if names is not None:
            return names[label[group]]
        return str(int(design.rows[group]) + 1) if code is None else str(label[group])

    there = np.isfinite(coefs)
    order = np.argsort(-np.abs(np.where(there, coefs - base.coef, 0.0)), kind="stable")
    furthest = []
    for group in order[: most if there.any() else 0]:
        if not there[group]:
            continue
        rows = np.flatnonzero(own == group)
        try:
            found = without(spec, design, rows, term)
        except Unestimable:
            continue
        furthest.append(
            GroupLeftOut(group=name(group), rows=len(rows), coef=found.coef, se=found.se, p=found.p,
                         dfbetas=(base.coef - found.coef) / base.se)
        )  # fmt: skip
    low, high = (int(np.nanargmin(coefs)), int(np.nanargmax(coefs))) if there.any() else (0, 0)
    return Influence(
        kind, len(coefs), coefs,
        (name(low), float(coefs[low])) if there.any() else None, (name(high), float(coefs[high])) if there.any() else None,
        int(np.count_nonzero(coefs[there] * np.sign(base.coef) <= 0)), int(np.count_nonzero(~there)), tuple(furthest),
    )  # fmt: skip
