"""Random effects of the design's unit, with Swamy and Arora's (1972) variance components."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from parity.algebra.absorb import sums
from parity.algebra.collinear import Independence
from parity.algebra.wald import contrast
from parity.base.errors import Unestimable
from parity.engines.own.least_squares import Fit, least_squares
from parity.sample.design import INTERCEPT, Design
from parity.sample.partialled_out import partial_out
from parity.study.spec import Spec


def solve_random(spec: Spec, design: Design) -> Fit:
    """OLS of y - theta_i mean y_i on x - theta_i mean x_i, theta_i = 1 - sqrt(s_e2 / (T_i s_u2 + s_e2)).

    The fit's design is the transformed one; its intercept is the column 1 - theta_i. `random` has the components and
    the Hausman test against the within estimator. Raises `Unestimable` where they don't exist.
    """
    unit = np.unique(design.unit, return_inverse=True)[1]
    size = np.bincount(unit).astype(float)
    columns = np.array([design.y, *np.ones((int(design.intercept), design.nobs)), *design.x.T]).T
    means = sums(columns, unit, len(size)) / size[:, None]
    within = _independent_fit(replace(design, effects={"unit": unit}, intercept=False))
    components = _components(design, within, means, size, exact=spec.convention.swamy_arora == "exact")
    theta = 1 - np.sqrt(components.e2 / (size * components.u2 + components.e2))
    moved = columns - (theta * means.T)[:, unit].T
    names = (INTERCEPT,) * design.intercept + design.x_names
    fit = least_squares(replace(design, y=moved[:, 0], x=moved[:, 1:], x_names=names, intercept=False))
    stats = {"sigma_u2": components.u2, "sigma_e2": components.e2}
    if np.ptp(size) == 0:
        stats["theta"] = float(theta[0])
    return replace(fit, random=stats | hausman(within, fit))


@dataclass(frozen=True)
class _Components:
    """Variance of the unit effects and of the idiosyncratic error."""

    u2: float
    e2: float


def _components(design: Design, within: Fit, means: np.ndarray, size: np.ndarray, *, exact: bool) -> _Components:
    """Unbalanced panels: the unweighted between regression and the harmonic mean of the periods (Stata's xtreg), or
    Baltagi and Chang's (1994) unbiased quadratic forms of the between regression weighted by T_i (plm)."""
    units, n = len(size), design.nobs
    between = _independent_fit(
        replace(
            design, y=means[:, 0], x=means[:, 1 + design.intercept :], endog=design.endog[:units], z=design.z[:units],
            clusters={}, weights=size if exact else None, weight_kind="analytic" if exact else None,
        )
    )  # fmt: skip
    df_within, df_between = n - units - len(within.terms), units - len(between.terms)
    if df_within < 1 or df_between < 1:
        raise Unestimable("too few units or periods for the variance components of random effects")
    e2 = within.ssr / df_within
    if exact:
        u2 = (between.ssr - df_between * e2) / (n - float(size @ between.leverage))
    else:
        u2 = between.ssr / df_between - e2 * float(np.mean(1 / size))
    return _Components(max(u2, 0.0), e2)


def _independent_fit(design: Design) -> Fit:
    """The fit without the regressors that are constant within units, or whose unit means are collinear."""
    partialled = partial_out(design)
    kept = Independence(partialled.columns, partialled.before).of(range(1, 1 + design.x.shape[1]))
    names = tuple(name for name, keep in zip(design.x_names, kept, strict=True) if keep)
    return least_squares(replace(design, x=design.x.T[kept].T, x_names=names), partialled.keep(kept))


def hausman(within: Fit, random: Fit) -> dict[str, float]:
    """(b - B)' [V_b - V_B]^-1 (b - B) over the slopes of both, on homoskedastic covariances (Hausman 1978).

    `hausman_sigmamore`: both covariances with the error variance of random effects (Stata's `hausman, sigmamore`), so that
    their difference is positive definite; in balanced panels it is the drop of the sum of squares when unit means join
    the transformed regression, over that variance (Hausman and Taylor 1981).
    """
    common = [t for t in within.terms if t in random.terms]
    if not common:
        return {}
    b, bread, own = _of_terms(within, common)
    b_random, bread_random, variance = _of_terms(random, common)
    size, gap = np.sqrt(np.diag(bread) * own), b - b_random
    plain = bread * own - bread_random * variance
    more = (bread - bread_random) * variance
    return _contrast("hausman", gap, plain, size) | _contrast("hausman_sigmamore", gap, more, size)


def _of_terms(fit: Fit, terms: list[str]) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their block of (X'X)^-1, and the error variance SSR/(N - rank)."""
    rank = len(fit.terms) + (fit.absorbed.rank if fit.absorbed else 0)
    at = [fit.terms.index(t) for t in terms]
    return fit.coef[at], fit.bread[np.ix_(at, at)], fit.ssr / (fit.design.nobs - rank)


def _contrast(name: str, gap: np.ndarray, difference: np.ndarray, size: np.ndarray) -> dict[str, float]:
    """Chi-squared of the gap, its degrees of freedom and p."""
    from scipy.special import chdtrc

    found = contrast(gap, difference, size)
    if found is None:
        return {}
    return {name: found.value, f"{name}_df": float(found.df), f"{name}_p": float(chdtrc(found.df, found.value))}
