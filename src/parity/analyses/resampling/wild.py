"""Wild cluster bootstrap of one coefficient's t statistic, on cross-products (Cameron, Gelbach and Miller 2008).

Residuals of each cluster are multiplied by a factor and the model is refitted. Roodman, MacKinnon, Nielsen and Webb
(2019) show that this needs no row: with a_g = Q_g'u_g the bootstrap's residuals have, in coordinates of Q, the moments
v_g a_g - A_g e, with e what the refit takes out. The small-sample factor is the same in all draws and cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.moments import Products, Solution, coordinates, solve
from parity.base.errors import Unestimable

#: Two t statistics that differ by less than this are one and the same, such as that of the sample and that of the draw
#: in which every factor is one.
TIE = 1e-10
#: An interval's end is sought up to 2 * 3^11 standard errors away; the step to it is halved to 1e-12 of itself.
MOST_TRIPLINGS, HALVINGS = 12, 40


@dataclass(frozen=True)
class Clustering:
    """Several cluster variables: the C cells are those of their intersection.

    boot   (C,) of which draw's factor each cell takes (boottest's bootcluster)
    parts  weight and (C,) code of each part of the variance: one way added, two ways subtracted (Cameron, Gelbach and
           Miller 2011), times G/(G - 1) where each part has its own
    """

    boot: np.ndarray
    parts: tuple[tuple[float, np.ndarray], ...]

    def product(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(B,) or a number: the parts' sums of products of scores (B, C) or (C,), each summed by its clusters."""
        total = 0.0
        for weight, code in self.parts:
            order = np.argsort(code, kind="stable")
            starts = np.flatnonzero(np.r_[True, np.diff(code[order]) != 0])
            sums = (np.add.reduceat(scores[..., order], starts, axis=-1) for scores in (a, b))
            total = total + weight * np.sum(np.prod(list(sums), axis=0), axis=-1)
        return np.asarray(total)


def _product(of: Clustering | None, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sum(a * b, axis=-1) if of is None else of.product(a, b)


@dataclass(frozen=True)
class WildTest:
    """t (without small-sample factor), its replicates (B,), and p-values of the null.

    p         share of replicates with |t*| at least |t| (boottest's symmetric p counts those above)
    p_equal   twice the smaller tail (equal-tailed)
    """

    t: float
    replicates: np.ndarray
    p: float
    p_equal: float


def wild_bootstrap(
    of: Products, outcome: str, regressors: Sequence[str], term: str, factors: np.ndarray, null: float = 0.0,
    restricted: bool = True, clustering: Clustering | None = None,
) -> WildTest:  # fmt: skip
    """Test that the coefficient of `term` is `null`.

    factors     (B, G), one row a draw
    restricted  residuals of the model with the null imposed (WCR), which is what to use with few clusters; else those
                of the full model, and the replicates are of b* - b (WCU)
    clustering  of several cluster variables; the products are then those of their intersection's cells
    A draw that leaves every residual as it was gives t itself, so with a tie |t*| = |t| counts up to rounding.
    """
    full = solve(of, outcome, regressors)
    j = list(regressors).index(term)
    pull = full.pull[:, j]
    resid = _restricted(of, outcome, regressors, term, null) if restricted else full.resid
    t = float((full.coef[j] - null) / _se(of.gram @ full.resid @ pull, clustering))
    factors = factors if clustering is None else factors[:, clustering.boot]
    moved, scores = _refitted(of, full, pull, factors, resid)  # b* less the coefficient it was made with
    with np.errstate(invalid="ignore", divide="ignore"):
        replicates = moved / np.sqrt(_product(clustering, scores, scores))
    return WildTest(t, replicates, *p_values(t, replicates))


def p_values(t: float, replicates: np.ndarray) -> tuple[float, float]:
    """Symmetric and equal-tailed p. Replicates that tie with t but for rounding count as at least as large."""
    known = replicates[~np.isnan(replicates)]
    slack = TIE * max(abs(t), 1.0)
    below, above = np.mean(known <= t + slack), np.mean(known >= t - slack)
    return float(np.mean(np.abs(known) >= abs(t) - slack)), float(min(2 * min(below, above), 1.0))


def confidence_set(
    of: Products, outcome: str, regressors: Sequence[str], term: str, factors: np.ndarray, level: float = 0.95,
    restricted: bool = True, clustering: Clustering | None = None,
) -> tuple[float, float]:  # fmt: skip
    """The nulls that the test doesn't reject, around the estimate: an interval by inverting the test.

    On each side an end is sought: two standard errors (without small-sample factor) away, then three times as far until a
    null is rejected, then by halving. An end is infinite where none is, as with few clusters. Where the p-value doesn't
    fall all the way, that is one end of several.
    Restricted residuals are linear in the null, so each draw is refitted once for the estimate and once for the slope.
    """
    full, j = solve(of, outcome, regressors), list(regressors).index(term)
    pull = full.pull[:, j]
    b, se = float(full.coef[j]), _se(of.gram @ full.resid @ pull, clustering)
    factors = factors if clustering is None else factors[:, clustering.boot]
    moved, scores = _refitted(of, full, pull, factors, full.resid)
    squares = _product(clustering, scores, scores)
    if restricted:  # the residuals are those of the full model less (null - b) times the term's own part
        steps, slopes = _refitted(of, full, pull, factors, pull / (pull @ pull))
        cross, curve = _product(clustering, scores, slopes), _product(clustering, slopes, slopes)
    else:
        steps, cross, curve = (np.zeros(len(factors)) for _ in range(3))

    def accepted(away: float) -> bool:
        with np.errstate(invalid="ignore", divide="ignore"):
            square = squares - 2 * away * cross + away**2 * curve
            size = np.sqrt(np.maximum(square, 0.0) if clustering is None else square)
            return p_values(-away / se, (moved - away * steps) / size)[0] > 1 - level

    return b + _edge(accepted, -se), b + _edge(accepted, se)


def _se(scores: np.ndarray, clustering: Clustering | None) -> float:
    """Raises `Unestimable` where the variance of several cluster variables isn't positive."""
    square = float(_product(clustering, scores, scores))
    if clustering is not None and not square > 0:
        raise Unestimable("the variance by several cluster variables isn't positive: there is no t")
    return float(np.sqrt(square))


def _refitted(
    of: Products, full: Solution, pull: np.ndarray, factors: np.ndarray, resid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals (m,) times the clusters' factors, refitted: what the coefficient moves by (B,), and scores (B, G)."""
    r = of.nuisance
    refit = np.zeros((len(pull), r + len(full.terms)))  # an orthonormal basis of what a refit takes out
    refit[:r, :r] = np.eye(r)
    refit[:, r:] = np.linalg.qr(full.pull)[0]
    moments = of.gram @ resid  # (G, m): each cluster's part of Q'u
    taken = factors @ (moments @ refit)  # (B, r + s)
    return taken @ (refit.T @ pull), factors * (moments @ pull) - taken @ ((of.gram @ pull) @ refit).T


def _edge(accepted: Callable[[float], bool], step: float) -> float:
    """How far from the estimate the last null lies that isn't rejected. step: a standard error to that side."""
    inside, outside = 0.0, 2 * step
    for _ in range(MOST_TRIPLINGS):
        if not accepted(outside):
            break
        inside, outside = outside, 3 * outside
    else:
        return float(np.copysign(np.inf, step))
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if accepted(middle) else (inside, middle)
    return inside


def _restricted(of: Products, outcome: str, regressors: Sequence[str], term: str, null: float) -> np.ndarray:
    """(m,) residuals of the model in which the coefficient of `term` is `null`."""
    others = [name for name in regressors if name != term]
    free, _ = coordinates(of, (*others, term, outcome))
    q = np.linalg.qr(free[:, : len(others)])[0]
    left = free[:, -1] - null * free[:, -2]
    return np.concatenate([np.zeros(of.nuisance), left - q @ (q.T @ left)])
