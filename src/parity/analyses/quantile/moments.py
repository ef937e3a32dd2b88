"""Fixed effects in quantile regressions: Canay's two steps, and the method of moments of location and scale.

Sources: Canay (2011), Econometrics Journal 14(3); Machado and Santos Silva (2019), Journal of Econometrics 213(1), whose
influence functions Rios-Avila, Canavire-Bacarreza and Siles write for any effects (Quantile regressions with multiple fixed
effects, US Stata Conference 2023).

With y = a + x b + (d + x g) u, E u = 0 and E|u| = 1: b by least squares of y with the effects, residuals R; g by least
squares of |R| on the same; q_t minimises the sum of rho_t(R - q s) over q, s the fitted scale. The effect at t is b + q_t g.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.algebra.absorb import absorber
from parity.algebra.collinear import independent
from parity.analyses.quantile.errors import bandwidth, densities
from parity.analyses.quantile.regression import Vertex, quantile_regression
from parity.analyses.quantile.sample import Sample
from parity.base.errors import Unestimable

Array = np.ndarray


@dataclass(frozen=True)
class Located:
    """Of the rows whose weight isn't zero.

    net        (n, k) regressors net of the effects
    b, g       (k,) of location and of scale
    residuals, scale   (n,) of the first regression, fitted by the second
    """

    net: Array
    b: Array
    g: Array
    residuals: Array
    scale: Array


def without_effects(s: Sample, w: Array) -> Array:
    """(n,) the outcome less the effects that least squares finds, which are centred on zero."""
    net = _net(s, np.column_stack([s.x, s.y]), w)
    x, y = net[:, :-1], net[:, -1]
    b = _least_squares(x, y, w)
    effects = s.y - s.x @ b - (y - x @ b)
    return s.y - (effects - np.average(effects, weights=w))


def located(s: Sample, w: Array) -> Located:
    """Raises `Unestimable` where a regressor is determined by the effects and the others."""
    net = _net(s, np.column_stack([s.x, s.y]), w)
    x, y = net[:, :-1], net[:, -1]
    b = _least_squares(x, y, w)
    r = y - x @ b
    spread = np.abs(r)
    left = _net(s, spread[:, None], w)[:, 0]
    g = _least_squares(x, left, w)
    return Located(x, b, g, r, spread - (left - x @ g))


def at_quantile(of: Located, q: float, w: Array | None = None) -> Vertex:
    """The quantile of R/s, weighted by the scale."""
    return quantile_regression(of.scale[:, None], of.residuals, q, w)


def influence(
    of: Located, q: float, fit: Vertex, *, density: str, rule: str, kind: str, quartiles: str
) -> tuple[Array, float, float]:
    """(3k, n) of b, g and b + q_t g, whose products sum to the covariance; the density of u at q_t; the bandwidth."""
    n, at = len(of.residuals), float(fit.b[0])
    h = bandwidth(rule, n, q)
    if density == "kernel":
        f = float(densities(of.residuals / of.scale - at, q, h, kind, quartiles).mean())
    else:
        gap = float(at_quantile(of, q + h).b[0] - at_quantile(of, q - h).b[0])
        f = 2 * h / gap if gap > 0 else 0.0
    if not f > 0:
        raise Unestimable(f"the density at {q:g} is not positive")
    size = np.sqrt((of.net**2).sum(axis=0))
    z = of.net / size
    pull = np.linalg.inv(z.T @ z) @ z.T / size[:, None]
    above = of.residuals >= 0
    moved = 2 * of.residuals * (above - above.mean()) - of.scale
    of_b, of_g = pull * of.residuals, pull * moved
    mean = of.scale.mean()
    below = fit.residuals <= 0
    of_q = (of.scale * (q - below) / f - of.residuals - at * moved) / (n * mean)
    return np.vstack([of_b, of_g, of_b + at * of_g + np.outer(of.g, of_q)]), f, h


def _net(s: Sample, columns: Array, w: Array) -> Array:
    codes = list(s.effects.values()) or [np.zeros(len(s.y), dtype=np.int64)]
    return absorber(codes, None if np.all(w == 1.0) else w).residual(columns)


def _least_squares(x: Array, y: Array, w: Array) -> Array:
    root = np.sqrt(w)[:, None]
    size = np.sqrt((x * x * w[:, None]).sum(axis=0))
    if not size.all() or not independent(x / size * root, np.ones(len(size))).all():
        raise Unestimable("a regressor is determined by the effects and the others")
    return np.linalg.lstsq(x / size * root, y * root[:, 0], rcond=None)[0] / size
