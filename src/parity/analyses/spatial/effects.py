"""Direct, indirect and total effects of a spatial lag or Durbin model, their standard errors by the delta method.

Source: LeSage and Pace (2009), 2.7. Of a regressor, S = (I - rho W)^-1 (b I + c W); direct is the mean of S's diagonal,
total the mean of its rows' sums, indirect the rest. Slopes: A^-1 in b, A^-1 W in c, A^-1 W S in rho.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from parity.analyses.spatial.likelihood import Fit


@dataclass(frozen=True)
class Effects:
    """Regressor -> direct, indirect, total and their standard errors."""

    estimate: dict[str, tuple[float, float, float]]
    se: dict[str, tuple[float, float, float]]


def effects(fit: Fit, cov: np.ndarray) -> Effects:
    """cov (m + 2, m + 2): of the fit's columns, of rho, of sigma2."""
    s, names = fit.space.sample, fit.space.names
    k = len(names)
    at = slice(len(fit.b) - k, len(fit.b) + 1)
    # of A^-1, A^-1 W and what rho bends them by
    back, lagged, bent, more = (_parts(m) for m in _powers(fit))
    # by regressor: means, and their slopes in the named coefficients and rho
    means, slopes = np.empty((len(s.names), 3)), np.zeros((len(s.names), k + 1, 3))
    for i, name in enumerate(s.names):
        b, c = fit.own[i], 0.0
        slopes[i, i] = back
        if f"W {name}" in names:
            where = names.index(f"W {name}")
            c, slopes[i, where] = fit.own[where], lagged
        means[i], slopes[i, k] = b * back + c * lagged, b * bent + c * more
    errors = np.sqrt(np.einsum("kai,kai->ki", slopes, cov[at, at] @ slopes))
    return Effects(*({n: tuple(v) for n, v in zip(s.names, of.tolist(), strict=True)} for of in (means, errors)))


def _powers(fit: Fit) -> Iterator[np.ndarray]:
    """A^-1, W A^-1, W A^-2, W^2 A^-2: all powers of W, in whatever order."""
    yield from (fit.back, fit.lagged, fit.lagged @ fit.back, fit.lagged @ fit.lagged)


def _parts(matrix: np.ndarray) -> np.ndarray:
    """Means of the diagonal, of what is off it, and of the rows' sums."""
    direct, total = np.trace(matrix) / len(matrix), matrix.sum() / len(matrix)
    return np.array([direct, total - direct, total])
