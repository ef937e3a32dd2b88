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
    first, rho = len(fit.b) - len(names), len(fit.b)
    # of A^-1, A^-1 W and what rho bends them by
    back, lagged, bent, more = (_parts(m) for m in _powers(fit))
    estimate, se = {}, {}
    for i, name in enumerate(s.names):
        b, slopes = fit.own[i], {first + i: back}
        of, by_rho = b * back, b * bent
        if f"W {name}" in names:
            where = names.index(f"W {name}")
            of, by_rho = of + fit.own[where] * lagged, by_rho + fit.own[where] * more
            slopes[first + where] = lagged
        slopes[rho] = by_rho
        at = list(slopes)
        steps = np.array(list(slopes.values()))  # (2 or 3, 3)
        variances = np.einsum("ai,ab,bi->i", steps, cov[np.ix_(at, at)], steps)
        estimate[name] = tuple(of.tolist())
        se[name] = tuple(np.sqrt(variances).tolist())
    return Effects(estimate, se)


def _powers(fit: Fit) -> Iterator[np.ndarray]:
    """A^-1, W A^-1, W A^-2, W^2 A^-2: all powers of W, in whatever order."""
    yield from (fit.back, fit.lagged, fit.lagged @ fit.back, fit.lagged @ fit.lagged)


def _parts(matrix: np.ndarray) -> np.ndarray:
    """Means of the diagonal, of what is off it, and of the rows' sums."""
    direct, total = np.trace(matrix) / len(matrix), matrix.sum() / len(matrix)
    return np.array([direct, total - direct, total])
