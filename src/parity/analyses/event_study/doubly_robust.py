"""Difference in differences of two periods of a panel, adjusted for controls, with its influence function.

Sant'Anna and Zhao (2020), Journal of Econometrics 219: equations 2.2 (regression), 3.1 with normalised weights (doubly
robust, by logit and least squares) and their asymptotic linear representations.
"""

from __future__ import annotations

import numpy as np

from parity.base.errors import Unestimable

#: Newton's steps of the logit end where none moves a coefficient of a standardised column by more.
_STILL, _MOST_STEPS = 1e-12, 100
#: A propensity score beyond this stands for a control that controls predict to be treated.
_CERTAIN = 1.0 - 1e-6


def two_by_two(
    adjustment: str, change: np.ndarray, treated: np.ndarray, x: np.ndarray, weights: np.ndarray, where: str
) -> tuple[float, np.ndarray]:
    """ATT and (n,) influence, of n units.

    change (n,) of the outcome; treated (n,) 0 or 1; x (n, k) with a constant. Raises `Unestimable` where a model isn't
    identified; `where` says of what.
    """
    n = len(change)
    if x.shape[1] == 1:
        adjustment = "regression"  # without controls all three are one
    control = 1.0 - treated
    fitted, of_outcome = np.zeros(n), np.zeros_like(x)
    odds, of_score = np.ones(n), np.zeros_like(x)
    if adjustment != "weighting":
        fitted, of_outcome = _outcome(change, weights * control, x, where)
    if adjustment != "regression":
        odds, of_score = _score(treated, weights, x, where)
    left = change - fitted
    if adjustment == "regression":
        # the controls' mean is the prediction at the treated
        w = weights * treated
        value = w @ left / w.sum()
        influence = (w * (left - value) - of_outcome @ (w @ x) / n) / w.mean()
        return float(value), influence
    one, other = weights * treated, weights * control * odds
    mean_one, mean_other = one @ left / one.sum(), other @ left / other.sum()
    first = one * (left - mean_one) - of_outcome @ (one @ x) / n
    second = other * (left - mean_other) + of_score @ ((other * (left - mean_other)) @ x) / n - of_outcome @ (other @ x) / n
    return float(mean_one - mean_other), first / one.mean() - second / other.mean()


def _outcome(change: np.ndarray, weights: np.ndarray, x: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of a regression among controls, (n,), and the (n, k) influence of its coefficients."""
    scale = np.abs(x).max(axis=0)
    z = x / np.where(scale > 0, scale, 1.0)
    root = np.sqrt(weights)
    q, r = np.linalg.qr(z * root[:, None])
    if np.abs(np.diag(r)).min() <= 1e-10 * np.abs(np.diag(r)).max():
        raise Unestimable(f"{where}: controls are collinear among the control group")
    b = np.linalg.solve(r, q.T @ (change * root))
    inverse = np.linalg.inv(r)
    influence = (weights * (change - z @ b))[:, None] * z @ (inverse @ inverse.T) * len(change)
    return z @ b, influence / np.where(scale > 0, scale, 1.0)


def _score(treated: np.ndarray, weights: np.ndarray, x: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Odds of treatment by a logit, (n,), and the (n, k) influence of its coefficients."""
    middle, spread = x.mean(axis=0), x.std(axis=0)
    middle, spread = np.where(spread > 0, middle, 0.0), np.where(spread > 0, spread, 1.0)
    z = (x - middle) / spread
    b = np.zeros(x.shape[1])
    for _ in range(_MOST_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ b, -700, 700)))
        information = (z * (weights * p * (1.0 - p))[:, None]).T @ z
        if not np.linalg.cond(information) < 1e12:
            raise Unestimable(f"{where}: controls tell treated from control units, or are collinear: no propensity score")
        step = np.linalg.solve(information, z.T @ (weights * (treated - p)))
        b = b + step
        if np.abs(step).max() < _STILL:
            break
    else:
        raise Unestimable(f"{where}: the propensity score doesn't converge")
    p = 1.0 / (1.0 + np.exp(-(z @ b)))
    if p[treated == 0.0].max() > _CERTAIN:
        raise Unestimable(f"{where}: a control unit has a propensity score of one")
    influence = (weights * (treated - p))[:, None] * z @ np.linalg.inv(information) * len(treated)
    # of the coefficients of x, whose constant takes the middles along
    turned = np.diag(1.0 / spread)
    constant = int(np.flatnonzero(np.all(x == 1.0, axis=0))[0])
    turned[:, constant] -= np.where(np.arange(len(spread)) == constant, 0.0, middle / spread)
    return p / (1.0 - p), influence @ turned
