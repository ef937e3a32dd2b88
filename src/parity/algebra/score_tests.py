"""Wooldridge's score tests after two-stage least squares, which hold whatever the variances of the errors are.

Source: Wooldridge (1995), "Score diagnostics for linear models estimated by two stage least squares"; [R] ivregress
postestimation. Columns are as they are estimated: the intercept among the exogenous ones, all times root weights.
"""

from __future__ import annotations

import numpy as np


def overidentified(y: np.ndarray, x: np.ndarray, d: np.ndarray, z: np.ndarray) -> tuple[float, int]:
    """Chi-squared and degrees of freedom: that the instruments beyond those needed are exogenous.

    y (n,), x (n, k) exogenous, d (n, m) endogenous, z (n, l) excluded instruments, l > m. Which l - m of them stand in the
    test moves nothing.
    """
    fitted = d - _residuals(d, np.hstack([x, z]))
    second = np.hstack([x, fitted])
    b = np.linalg.lstsq(second, y, rcond=None)[0]
    u = y - np.hstack([x, d]) @ b
    more = z.shape[1] - d.shape[1]
    return _explained(u[:, None] * _residuals(z[:, :more], second)), more


def endogenous(y: np.ndarray, x: np.ndarray, d: np.ndarray, z: np.ndarray) -> tuple[float, int]:
    """Chi-squared and degrees of freedom: that the m columns d are exogenous. Shapes as above."""
    first = _residuals(d, np.hstack([x, z]))
    regressors = np.hstack([x, d])
    e = _residuals(y[:, None], regressors)
    return _explained(e * _residuals(first, regressors)), d.shape[1]


def _explained(scores: np.ndarray) -> float:
    """N less the sum of squares that the scores leave of a column of ones."""
    ones = np.ones((len(scores), 1))
    return float(len(scores) - np.square(_residuals(ones, scores)).sum())


def _residuals(of: np.ndarray, on: np.ndarray) -> np.ndarray:
    return of - on @ np.linalg.lstsq(on, of, rcond=None)[0]
