"""Tests of what a spatial model needs: Lagrange multipliers of the model without W, and a Durbin model's restrictions.

Source: Anselin, Bera, Florax and Yoon (1996), Regional Science and Urban Economics 26(1); for panels Elhorst (2010),
equations C.2.18 to C.2.21; of the Durbin model LeSage and Pace (2009), 6.1, and Elhorst (2014), 2.7.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from parity.analyses.spatial.likelihood import Fit, Space, maximised
from parity.base.tolerance import COLLINEAR


def multipliers(space: Space) -> dict[str, float]:
    """lag, error, robust lag, robust error: each chi-squared with one degree of freedom.

    space: that of regressors without their lags. A test whose variance is nothing is left out.
    """
    s = space.sample
    e = space.net(space.y)
    s2 = float(e @ e) / len(e)
    fitted = s.lag(space.y - e)
    left = space.net(fitted)
    own = float(left @ left) / s2
    traces = len(s.periods) * float((s.w * (s.w.T + s.w)).sum())
    lag, error = float(e @ space.wy) / s2, float(e @ s.lag(e)) / s2
    out = {"lag": lag**2 / (own + traces), "error": error**2 / traces}
    if own > COLLINEAR**2 * float(fitted @ fitted) / s2:
        share = traces / (own + traces)
        out["robust lag"] = (lag - error) ** 2 / own
        out["robust error"] = (error - share * lag) ** 2 / (traces * (1.0 - share))
    return out


def of_one(tests: dict[str, float]) -> dict[str, float]:
    """p of each, of one degree of freedom."""
    return {name: float(chdtrc(1, value)) for name, value in tests.items()}


def restrictions(fit: Fit, cov: np.ndarray, plain: Space) -> dict[str, dict[str, float]]:
    """wald, lr and their p, of a Durbin model against lag, and against error where that is nested: all regressors lagged,
    and (I - lambda W) takes the effects to themselves.

    plain: the space of regressors without their lags.
    """
    s = fit.space.sample
    k, more, rho = len(s.names), len(s.lagged), len(fit.b)
    first = rho - k - more
    own, lagged = [first + i for i in s.lagged], list(range(first + k, rho))
    wald = {"lag": _wald(fit.b[lagged], np.eye(more), cov[np.ix_(lagged, lagged)])}
    lr = {"lag": 2.0 * (fit.likelihood - maximised(plain, "lag").likelihood)}
    if more == k and (s.effects == "unit" or s.rows_sum_to_one):
        at = [*lagged, *own, rho]
        slopes = np.column_stack([np.eye(more), fit.p * np.eye(more), fit.b[own]])
        wald["error"] = _wald(fit.b[lagged] + fit.p * fit.b[own], slopes, cov[np.ix_(at, at)])
        lr["error"] = 2.0 * (fit.likelihood - maximised(plain, "error").likelihood)
    p = {
        name: {of: float(chdtrc(more, max(x, 0.0))) for of, x in tests.items()}
        for name, tests in (("wald", wald), ("lr", lr))
    }
    return {"wald": wald, "wald p": p["wald"], "lr": lr, "lr p": p["lr"]}


def _wald(off: np.ndarray, slopes: np.ndarray, cov: np.ndarray) -> float:
    variance = slopes @ cov @ slopes.T
    size = np.sqrt(np.diag(variance))
    return float((off / size) @ np.linalg.solve(variance / np.outer(size, size), off / size))
