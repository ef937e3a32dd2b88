"""Direct, indirect and total effects of a spatial lag or Durbin model, their standard errors by the delta method.

Source: LeSage and Pace (2009), 2.7. Of a regressor, S = (I - rho W)^-1 (b I + c W); direct is the mean of S's diagonal,
total the mean of its rows' sums, indirect the rest. Slopes: A^-1 in b, A^-1 W in c, A^-1 W S in rho.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.analyses.spatial.likelihood import Fit


@dataclass(frozen=True)
class Effects:
    """Regressor -> direct, indirect, total and their standard errors."""

    estimate: dict[str, tuple[float, float, float]]
    se: dict[str, tuple[float, float, float]]


def effects(fit: Fit, cov: np.ndarray) -> Effects:
    s, names = fit.space.sample, fit.space.names
    units = len(s.w)
    inverse = np.linalg.inv(np.eye(units) - fit.p * s.w)
    lagged = inverse @ s.w
    rho = len(fit.b)
    estimate, se = {}, {}
    for i, name in enumerate(s.names):
        where = names.index(f"W {name}") if f"W {name}" in names else None
        of = inverse * fit.b[i] + (lagged * fit.b[where] if where is not None else 0.0)
        slopes = {i: inverse, rho: lagged @ of} | ({where: lagged} if where is not None else {})
        at = list(slopes)
        steps = np.array([_parts(m) for m in slopes.values()])  # (2 or 3, 3)
        variances = np.einsum("ai,ab,bi->i", steps, cov[np.ix_(at, at)], steps)
        estimate[name] = _parts(of)
        se[name] = tuple(np.sqrt(variances).tolist())
    return Effects(estimate, se)


def _parts(matrix: np.ndarray) -> tuple[float, float, float]:
    """Means of the diagonal, of what is off it, and of the rows' sums."""
    direct, total = float(np.trace(matrix)) / len(matrix), float(matrix.sum()) / len(matrix)
    return direct, total - direct, total
