"""Standard errors of quantile regressions: the density at the quantile, and what is made of it.

Sources: Koenker (2005), Quantile Regression, section 3.4; bandwidths of Hall and Sheather (1988), Bofinger (1975) and
Chamberlain (1994), as quantreg, Stata ([R] qreg) and statsmodels have them; Parente and Santos Silva (2016), Journal of
Econometric Methods 5(1), of clusters.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from parity.analyses.quantile.regression import Vertex, quantile_regression
from parity.base.errors import Unestimable

Array = np.ndarray
#: Fits whose difference is a smaller share of the largest outcome are the same.
SAME = 1e-9
#: (1 - alpha) of the intervals for which Hall's and Sheather's and Chamberlain's bandwidths are best.
_TWO_SIDED = 0.975


def bandwidth(kind: str, n: int, q: float) -> float:
    """h, so that q - h and q + h are between 0 and 1: it is halved until they are, as quantreg does."""
    z, x = float(ndtri(q)), float(ndtri(_TWO_SIDED))
    if kind == "hall-sheather":
        h = n ** (-1 / 3) * x ** (2 / 3) * (1.5 * _phi(z) ** 2 / (2 * z**2 + 1)) ** (1 / 3)
    elif kind == "chamberlain":
        h = x * math.sqrt(q * (1 - q) / n)
    else:
        h = n**-0.2 * (4.5 * _phi(z if kind == "bofinger" else 2 * z) ** 4 / (2 * z**2 + 1) ** 2) ** 0.2
    while q - h <= 0 or q + h >= 1:
        h /= 2
    return h


def _phi(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def kernel(kind: str, z: Array) -> Array:
    if kind == "gaussian":
        return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    wide = math.sqrt(5.0) if kind == "epanechnikov" else 1.0
    return np.where(np.abs(z) < wide, 0.75 * (1 - (z / wide) ** 2) / wide, 0.0)


#: Quartiles as R's default has them (type 7), and as Stata's pctile has them: the mean of two at a jump (type 2).
_QUARTILES = {"linear": "linear", "averaged": "averaged_inverted_cdf"}


def densities(e: Array, q: float, h: float, kind: str, quartiles: str) -> Array:
    """(n,) K(e/c)/c with c = min(sd, IQR/1.34) (Phi^-1(q + h) - Phi^-1(q - h))."""
    low, high = np.quantile(e, [0.25, 0.75], method=_QUARTILES[quartiles])
    c = min(float(np.std(e, ddof=1)), float(high - low) / 1.34) * float(ndtri(q + h) - ndtri(q - h))
    if not c > 0:
        raise Unestimable(f"half of the residuals at {q:g} are the same: there is no density by a kernel")
    return kernel(kind, e / c) / c


def covariance(
    x: Array,
    y: Array,
    fit: Vertex,
    q: float,
    *,
    errors: str,
    density: str,
    rule: str,
    kind: str,
    quartiles: str,
    code: Array,
) -> tuple[Array, float, float]:
    """Of the coefficients (k, k), the mean density, and the bandwidth. Raises `Unestimable`."""
    h = bandwidth(rule, len(y), q)
    if density == "kernel":
        f = densities(fit.residuals, q, h, kind, quartiles)
    elif density == "residuals":
        left = fit.residuals[fit.residuals != 0.0]
        low, high = np.quantile(left, [q - h, q + h], method="averaged_inverted_cdf")
        f = np.full(len(y), 2 * h / float(high - low)) if high > low else np.zeros(len(y))
    else:
        gap = x @ (quantile_regression(x, y, q + h).b - quantile_regression(x, y, q - h).b)
        if errors == "iid":
            f = np.full(len(y), 2 * h / gap.mean()) if gap.mean() > 0 else np.zeros(len(y))
        else:
            # where both fits go through a row, their difference there is rounding; as in quantreg, it counts for nothing
            there = gap > SAME * np.abs(y).max()
            f = np.where(there, 2 * h / np.where(there, gap, 1.0), 0.0)
    if errors == "iid":
        f = np.full(len(y), f.mean())
    if not f.mean() > 0:
        raise Unestimable(f'the density at {q:g} is not positive: a longer bandwidth, or density = "kernel"')
    size = np.sqrt((x * x).sum(axis=0))
    z = x / size
    try:
        root = np.linalg.inv(np.linalg.qr(z * np.sqrt(f)[:, None], mode="r"))
    except np.linalg.LinAlgError:
        raise Unestimable(f"too few rows have a positive density at {q:g}") from None
    bread = root @ root.T
    if errors == "cluster":
        scores = z * (q - (fit.residuals <= 0))[:, None]
        sums = np.zeros((int(code.max()) + 1, z.shape[1]))
        np.add.at(sums, code, scores)
        meat = sums.T @ sums
    else:
        meat = q * (1 - q) * z.T @ z
    return bread @ meat @ bread / np.outer(size, size), float(f.mean()), h
