"""Covariances of a least-squares estimate without small-sample factor, one function for each estimator.

Notation, for n rows and k coefficients. Weighted regressors X~ (for two-stage least squares projected on the
instruments), weighted residuals e:

  pull   (n, k)  rows (X~'X~)^-1 x~_i: how far an observation's residual pulls each coefficient. Every sandwich is a
                 cross-product of pull times residuals, summed in some way; bread times meat times bread is the same
                 and would lose twice the digits to collinearity
  resid  (n,)    e
  code   (n,)    cluster of each row, integers from 0; holes do no harm

All return (k, k), exactly symmetric.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from parity.algebra.absorb import sums

#: 1 - h, or an eigenvalue of I - H_gg, below this is zero but for rounding.
NULL = 1e-10
#: A direction that moves a coefficient by less than this share of all that can is not its own.
ALONE = 1e-7


class Undefined(ValueError):
    """This covariance doesn't exist for this sample; the message says why."""


#: rows -> (n_g, r) matrix B with B B' = H_gg, the block of the projection on the whole design (fixed effects included)
Basis = Callable[[np.ndarray], np.ndarray]


def iid(bread: np.ndarray, ssr: float, nobs: float) -> np.ndarray:
    """SSR/N (X'X)^-1."""
    return bread * (ssr / nobs)


# ---------------------------------------------------------------- heteroskedasticity


def hc0(pull: np.ndarray, resid: np.ndarray) -> np.ndarray:
    """Sum of e_i^2 (White 1980). HC1 is this times N/(N-K), a convention."""
    scores = pull * resid[:, None]
    return scores.T @ scores


def hc2(pull: np.ndarray, resid: np.ndarray, leverage: np.ndarray) -> np.ndarray:
    """e_i^2 / (1 - h_i) (MacKinnon and White 1985, after Horn, Horn and Duncan 1975)."""
    return hc0(pull, _inflated(resid, leverage, 0.5))


def hc3(pull: np.ndarray, resid: np.ndarray, leverage: np.ndarray) -> np.ndarray:
    """e_i^2 / (1 - h_i)^2 (Davidson and MacKinnon 1993; MacKinnon and White's jackknife without its centring)."""
    return hc0(pull, _inflated(resid, leverage, 1.0))


def hc4(pull: np.ndarray, resid: np.ndarray, leverage: np.ndarray, mean: float | None = None) -> np.ndarray:
    """e_i^2 / (1 - h_i)^d_i with d_i = min(4, h_i / mean h) (Cribari-Neto 2004). mean: where rows stand for several."""
    mean = leverage.mean() if mean is None else mean
    return hc0(pull, _inflated(resid, leverage, np.minimum(4.0, leverage / mean) / 2))


def _inflated(resid: np.ndarray, leverage: np.ndarray, power: float | np.ndarray) -> np.ndarray:
    """Residuals over (1 - h)^power; zero for a row fitted whatever its outcome, which says nothing of the variance."""
    free = 1 - leverage
    return np.where(free > NULL, resid / np.where(free > NULL, free, 1.0) ** power, 0.0)


# ---------------------------------------------------------------- clusters


def cr0(pull: np.ndarray, resid: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Cross-products of scores summed by cluster (Liang and Zeger 1986; Arellano 1987)."""
    scores = sums(pull * resid[:, None], code, int(code.max(initial=-1)) + 1)
    return scores.T @ scores


def cr2(pull: np.ndarray, resid: np.ndarray, code: np.ndarray, basis: Basis) -> np.ndarray:
    """Residuals times (I - H_gg)^-1/2, the symmetric root of the pseudo-inverse (Bell and McCaffrey 2002).

    Directions that the cluster's own effects absorb have eigenvalue zero and are left out (Pustejovsky and Tipton 2018).
    """
    return cr0(pull, _spread(resid, code, basis, -0.5), code)


def cr3(pull: np.ndarray, resid: np.ndarray, code: np.ndarray, basis: Basis) -> np.ndarray:
    """Residuals times (I - H_gg)^-1, pseudo-inverse as above: the cluster jackknife (Bell and McCaffrey 2002).

    Raises `Undefined` where a coefficient hangs on one cluster: there is none to be had without it, and no such covariance.
    """
    size = np.linalg.norm(pull, axis=0)
    for rows in groups(code):
        u, s, _ = np.linalg.svd(basis(rows), full_matrices=False)
        lost = u[:, 1 - s**2 <= NULL]
        if lost.shape[1] and np.any(np.abs(lost.T @ pull[rows]) > ALONE * size):
            raise Undefined("without one of the clusters a coefficient is undetermined")
    return cr0(pull, _spread(resid, code, basis, -1.0), code)


def cr2_weighted(
    pull: np.ndarray, resid: np.ndarray, code: np.ndarray, whole: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """CR2 of weighted least squares, working model iid errors (Pustejovsky and Tipton 2018, eq. 5; clubSandwich for `lm`).

    whole (n, r) has whole whole' = H = W^1/2 X (X'WX)^-1 X' W^1/2. With B = W^-1/2 whole, cluster by cluster
    A = (I - B B'W - W B B' + B (B'W^2 B) B')^-1/2 is applied to the unweighted residuals.
    """
    root = np.sqrt(weights)
    unweighted, middle = whole / root[:, None], (whole * weights[:, None]).T @ whole
    adjusted = np.zeros_like(resid)
    for rows in groups(code):
        e = (resid[rows] / root[rows])[:, None]
        adjusted[rows] = root[rows] * _adjusted(e, unweighted[rows], weights[rows], middle)[:, 0]
    return cr0(pull, adjusted, code)


def _adjusted(columns: np.ndarray, b: np.ndarray, weights: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """A of `cr2_weighted` times (n_g, m) columns, from a cluster's rows of B and its weights."""
    shrink = b @ b.T * weights
    values, vectors = np.linalg.eigh(np.eye(len(b)) - shrink - shrink.T + b @ middle @ b.T)
    return vectors @ (pseudo_power(values, -0.5)[:, None] * (vectors.T @ columns))


def satterthwaite(
    pull: np.ndarray, code: np.ndarray, basis: Basis, places: Callable[[np.ndarray], np.ndarray], power: float
) -> np.ndarray:
    """(k,) degrees of freedom of t for each coefficient, working model iid errors (Bell and McCaffrey 2002; Pustejovsky
    and Tipton 2018, eq. 11): (tr P)^2 / tr(P P), P_gh = p_g'p_h, p_g = (I - H)_g' A_g X_g (X'X)^-1 c.

    places: of rows, (r,) the columns that `basis` has for them among those of the whole matrix B with B B' = H.
    power: A_g = (I - H_gg)^power, -1/2 for CR2, -1 for CR3, 0 for CR0 and CR1.
    """
    norms, moved, at = [], [], []
    for rows in groups(code):
        block = basis(rows)
        a = _powered(block, pull[rows], power)
        norms.append((a**2).sum(0))
        moved.append(block.T @ a)
        at.append(places(rows))
    size, lengths = np.array(norms), np.array([(w**2).sum(0) for w in moved])  # (G, k) each
    trace = size.sum(0) - lengths.sum(0)
    squares = (size**2).sum(0) - 2 * (size * lengths).sum(0)
    whole = np.zeros((len(moved), max(int(p.max(initial=-1)) for p in at) + 1))
    for j in range(len(squares)):
        for g, (p, w) in enumerate(zip(at, moved, strict=True)):
            whole[g, p] = w[:, j]
        squares[j] += np.sum(_smaller_gram(whole) ** 2)
    return trace**2 / squares


def satterthwaite_weighted(
    pull: np.ndarray, code: np.ndarray, whole: np.ndarray, weights: np.ndarray, kind: str, power: float
) -> np.ndarray:
    """(k,) `satterthwaite` of weighted least squares where the working model has errors of one variance, not of 1/w.

    whole, B as in `cr2_weighted`; with H = B B'W, p_g = (I - H)_g' a_g and a_g = A_g'W_g X_g (X'WX)^-1 c, so that
    P_gh = [g = h] a_g'a_g - v_g'u_h - u_g'v_h + u_g'(B'W^2 B)u_h, u_g = B_g'a_g and v_g = B_g'W_g a_g.
    """
    root = np.sqrt(weights)
    unweighted, middle = whole / root[:, None], (whole * weights[:, None]).T @ whole
    size, u, v = [], [], []
    for rows in groups(code):
        b, w = unweighted[rows], weights[rows]
        if kind == "CR2":
            a = _adjusted(root[rows, None] * pull[rows], b, w, middle)
        else:  # (I - H_gg)^power, which is symmetric among rows times root weights
            a = root[rows, None] * _powered(whole[rows], pull[rows], power)
        size.append((a**2).sum(0))
        u.append(b.T @ a)
        v.append(b.T @ (w[:, None] * a))
    own, u, v = np.array(size), np.array(u), np.array(v)  # (G, k), (G, r, k) each
    out = np.empty(own.shape[1])
    for j in range(len(out)):
        left, right = np.hstack([u[:, :, j], v[:, :, j]]), np.hstack([u[:, :, j] @ middle - v[:, :, j], -u[:, :, j]])
        diagonal = np.einsum("ij,ij->i", left, right)  # of left right', which is symmetric
        inner = right.T @ left
        squares = np.sum(own[:, j] ** 2 + 2 * own[:, j] * diagonal) + np.sum(inner * inner.T)
        out[j] = (own[:, j].sum() + diagonal.sum()) ** 2 / squares
    return out


def _powered(block: np.ndarray, a: np.ndarray, power: float) -> np.ndarray:
    """(I - B B')^power a, B the block."""
    if len(block) <= block.shape[1]:
        values, u = np.linalg.eigh(block @ block.T)
    else:
        u, s, _ = np.linalg.svd(block, full_matrices=False)
        values = s**2
    return a + u @ ((pseudo_power(1 - values, power) - 1)[:, None] * (u.T @ a))


def _smaller_gram(m: np.ndarray) -> np.ndarray:
    """m m' or m'm, whichever is smaller: both have the same sum of squares."""
    return m @ m.T if m.shape[0] < m.shape[1] else m.T @ m


def _spread(resid: np.ndarray, code: np.ndarray, basis: Basis, power: float) -> np.ndarray:
    """(I - H_gg)^power e_g for every cluster, from the singular values s of its block: I - B B' = I - U s^2 U'."""
    out = np.zeros_like(resid)
    for rows in groups(code):
        u, s, _ = np.linalg.svd(basis(rows), full_matrices=False)
        out[rows] = resid[rows] + u @ ((pseudo_power(1 - s**2, power) - 1) * (u.T @ resid[rows]))
    return out


def pseudo_power(values: np.ndarray, power: float) -> np.ndarray:
    """Eigenvalues to a power; those that are zero but for rounding stay zero, as in a pseudo-inverse."""
    return np.where(values > NULL, np.maximum(values, NULL) ** power, 0.0)


def groups(code: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each cluster."""
    order = np.argsort(code, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(code[order])) + 1)


# ---------------------------------------------------------------- kernels


def driscoll_kraay(pull: np.ndarray, resid: np.ndarray, time: np.ndarray, lags: int) -> np.ndarray:
    """Newey and West over the scores summed by period (Driscoll and Kraay 1998).

    time: (n,) whole numbers. Lags count units of it, as in ivreg2 (`m_omega`: pairs t, t - tau where both have rows); given
    the periods' ranks they count the periods of the sample in their order, as fixest and reghdfe do.
    """
    periods, code = np.unique(time, return_inverse=True)
    scores = sums(pull * resid[:, None], code, len(periods))

    def pairs():
        for lag in range(1, min(lags, int(periods[-1] - periods[0])) + 1):
            early = np.searchsorted(periods, periods - lag)
            late = np.flatnonzero(periods[early] == periods - lag)
            yield scores[late], scores[early[late]]

    return _bartlett(scores, pairs(), lags)


def newey_west(pull: np.ndarray, resid: np.ndarray, unit: np.ndarray | None, time: np.ndarray, lags: int) -> np.ndarray:
    """Products of scores of one unit up to `lags` periods apart, weights 1 - l/(lags + 1) (Newey and West 1987).

    A gap in a unit's periods is a gap. Without units the rows are one series, and lags count rows in order of time.
    Raises `Undefined` where a unit has two rows of one period: they have no order.
    """
    scores = pull * resid[:, None]
    if unit is None:
        scores = scores[np.argsort(time, kind="stable")]
        return _bartlett(scores, ((scores[lag:], scores[:-lag]) for lag in range(1, min(lags, len(scores) - 1) + 1)), lags)
    span = int(time.max()) - int(time.min()) + lags + 1  # so wide that no lag reaches into another unit
    key = unit.astype(np.int64) * span + (time - time.min())
    order = np.argsort(key, kind="stable")
    key, scores = key[order], scores[order]
    if np.any(np.diff(key) == 0):
        raise Undefined("Newey-West: a unit has two rows of the same period")

    def pairs():
        for lag in range(1, lags + 1):
            early = np.searchsorted(key, key - lag)
            late = np.flatnonzero(key[early] == key - lag)
            yield scores[late], scores[early[late]]

    return _bartlett(scores, pairs(), lags)


def _bartlett(scores: np.ndarray, pairs, lags: int) -> np.ndarray:
    """S'S plus, for lag l = 1, 2 ..., the weighted cross-products of (late, early) scores and their transposes."""
    meat = scores.T @ scores
    for lag, (late, early) in enumerate(pairs, start=1):
        cross = late.T @ early
        meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
    return meat
