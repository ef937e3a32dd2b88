"""Covariance of spatial estimates: the inverse of the expected information, or of the Hessian at the maximum.

Source: Anselin (1988), 6.2 and 6.3; Elhorst (2003), equations 15 and 23; of transformed data Lee and Yu (2010). Parameters
in the order b, p, s2; G = W A^-1, traces are summed over the periods that are counted. With Q R the columns that e is net
of, Z or A Z, all is taken in R b, whose information is I/s2: columns that are nearly one another then cost no digits.
"""

from __future__ import annotations

import numpy as np

from parity.analyses.spatial.likelihood import Fit


def covariance(fit: Fit) -> np.ndarray:
    """(m + 2, m + 2): of the columns of z, of p, of s2."""
    observed = fit.space.sample.settings.information == "observed"
    information = _observed(fit, fit.q, fit.r) if observed else _expected(fit, fit.q)
    size = np.sqrt(np.diag(information))
    inverse = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    back = np.eye(len(inverse))
    back[: len(fit.r), : len(fit.r)] = np.linalg.inv(fit.r)
    return back @ inverse @ back.T


def _expected(fit: Fit, q: np.ndarray) -> np.ndarray:
    space, p, s2 = fit.space, fit.p, fit.s2
    g = fit.lagged
    inside = g - g.mean(axis=0) if space.short else g  # J G, whose traces are those of the transformed W
    within = inside - inside.mean(axis=1)[:, None] if space.short else g
    traces = space.t * float((within * (within.T + within)).sum())
    if fit.kind == "lag":
        lagged = np.matmul(g, (space.z @ fit.b).reshape(-1, len(g), 1)).ravel()
        cross, square = q.T @ lagged, float(lagged @ lagged)
    else:
        cross, square = np.zeros(q.shape[1]), 0.0
    return _joined(s2, cross / s2, square / s2 + traces, space.trace(p) / s2, space.n / (2.0 * s2**2))


def _observed(fit: Fit, q: np.ndarray, r: np.ndarray) -> np.ndarray:
    space, p, s2, e = fit.space, fit.p, fit.s2, fit.e
    bent = space.t * (float(np.sum((space.roots**2 / (1.0 - p * space.roots) ** 2).real)))
    if fit.kind == "lag":
        lagged = space.wy
        cross = q.T @ lagged
    else:
        lagged = space.wy - space.wz @ fit.b
        cross = q.T @ lagged + np.linalg.solve(r.T, space.wz.T @ e)
    square = float(lagged @ lagged) / s2 + bent
    last = -space.n / (2.0 * s2**2) + float(e @ e) / s2**3
    return _joined(s2, cross / s2, square, float(e @ lagged) / s2**2, last)


def _joined(s2: float, bp: np.ndarray, pp: float, ps: float, ss: float) -> np.ndarray:
    m = len(bp)
    out = np.zeros((m + 2, m + 2))
    out[:m, :m] = np.eye(m) / s2
    out[:m, m] = out[m, :m] = bp
    out[m, m], out[m + 1, m + 1] = pp, ss
    out[m, m + 1] = out[m + 1, m] = ps
    return out
