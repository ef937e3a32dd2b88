"""Log likelihoods of an outcome of several categories, and their maximum by Newton's steps on all parameters at once.

Multinomial logit: an index of every outcome but the base. Ordered logit and probit: one index and a cut between each two
neighbouring outcomes. Definitions: [R] mlogit, ologit, oprobit, Methods and formulas; Greene (2018), sections 18.2 and 18.3.
Both log likelihoods are concave in their parameters (Pratt 1981 for the ordered ones), so there is one maximum at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.algebra.likelihood import MOST_HALVINGS, MOST_INDEX, MOST_STEPS, NoMaximum
from parity.algebra.orthonormal import orthonormal
from parity.base.tolerance import FLAT, LIKELIHOOD_STEP, LTOLERANCE, NRTOLERANCE, STEP_TOLERANCE

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
SEPARATED = "the regressors predict the outcome of some rows perfectly: the likelihood has no maximum"


@dataclass(frozen=True)
class Maximum:
    """b (p,) parameters, ll the weighted log likelihood there, scores (n, p) each row's slopes, without its weight.

    half    (p, p), half half' = inverse information, observed or expected as it was asked for
    """

    b: Array
    ll: float
    scores: Array
    half: Array


@dataclass(frozen=True)
class At:
    """ll (n,) and scores (n, p) of rows; information (p, p): minus the weighted second derivatives."""

    ll: Array
    scores: Array
    information: Array


Model = Callable[[Array], "At | None"]


def maximise(
    model: str, x: Array, y: Codes, base: int = 0, weights: Array | None = None, information: str = "observed",
    *, early: bool = False, limit: int = MOST_STEPS,
) -> Maximum:  # fmt: skip
    """model: "mlogit", whose x (n, k) holds the constant where there is one, or "ologit", "oprobit", whose x doesn't.

    y: (n,) codes 0 to J - 1, every one of them there; base: of mlogit. Parameters: those of each other outcome in turn; or
    of x, then the cuts. early: where Stata's commands stop by default ([R] Maximize). Raises `NoMaximum`,
    also where `limit` steps don't end.
    """
    w = np.ones(len(y)) if weights is None else weights
    shares = np.bincount(y, w) / w.sum()
    if not np.all(shares > 0):
        raise NoMaximum("an outcome has no row")
    if model == "mlogit":
        basis, half = orthogonal(x)
        move = np.kron(np.eye(len(shares) - 1), half)
        of, start = _multinomial(basis, y, len(shares), base, w), np.zeros(len(move))
        # from the constants alone, whose indices are known, where the steps may end early
        if early:
            logs = np.log(np.delete(shares, base) / shares[base])
            start = np.linalg.lstsq(move, np.concatenate([np.r_[a, np.zeros(x.shape[1] - 1)] for a in logs]), rcond=None)[0]
    else:
        centre = w @ x / w.sum()  # moves the cuts by x'b at the mean, and nothing else
        basis, half = orthogonal(x - centre)
        j = len(shares) - 1
        move = np.block([[half, np.zeros((x.shape[1], j))], [np.tile(centre @ half, (j, 1)), np.eye(j)]])
        of = _ordered(model, basis, y, w)
        start = np.concatenate([np.zeros(x.shape[1]), _quantile(model, np.cumsum(shares)[:-1])])
    at, point = newton(of, start, w, move if early else None, limit)
    seen = (
        at.information if information == "observed" or model == "mlogit" else _expected(model, basis, point, len(shares), w)
    )
    return Maximum(move @ point, float(w @ at.ll), np.linalg.solve(move.T, at.scores.T).T, move @ root_of(seen))


def null(y: Codes, weights: Array | None = None) -> float:
    """The log likelihood of the constants, or cuts, alone."""
    w = np.ones(len(y)) if weights is None else weights
    counts = np.bincount(y, w)
    counts = counts[counts > 0]
    return float(counts @ np.log(counts / counts.sum()))


def orthogonal(x: Array) -> tuple[Array, Array]:
    """Columns whose squares have mean one and that are orthogonal, and what takes their coefficients to those of x."""
    length = np.sqrt(np.einsum("ij,ij->j", x, x))
    if not np.all(length > 0):
        raise NoMaximum("the likelihood has no single maximum")
    q, r = orthonormal(x / length)
    if np.min(np.abs(np.diag(r)), initial=1.0) < np.finfo(float).eps:
        raise NoMaximum("the likelihood has no single maximum")
    root = math.sqrt(len(x))
    return q * root, np.linalg.solve(r, np.eye(len(r))) / length[:, None] * root


def root_of(information: Array) -> Array:
    """(p, p) half with half half' the inverse of a positive definite matrix. Raises `NoMaximum`."""
    try:
        below = np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        raise NoMaximum(SEPARATED) from None
    return np.linalg.solve(below, np.eye(len(below))).T


def newton(of: Model, start: Array, w: Array, stops: Array | None, limit: int = MOST_STEPS) -> tuple[At, Array]:
    """stops: what takes parameters to those of the data, where steps end as Stata's; else they end where no digit moves.

    limit: steps after the start. Raises `NoMaximum`, also where the end is no maximum but flat.
    """
    point, at = start, of(start)
    assert at is not None
    before = math.inf
    for _ in range(limit + 1):
        half, total = root_of(at.information), float(w @ at.ll)
        slope = w @ at.scores
        step = half @ (half.T @ slope)
        if stops is not None and _near(total, before, stops @ point, stops @ step) and float(slope @ step) <= NRTOLERANCE:
            return at, point
        size = 1.0
        for _ in range(MOST_HALVINGS):
            found = of(point + size * step)
            if found is not None and float(w @ found.ll) >= total - abs(total) * LIKELIHOOD_STEP:
                break
            size /= 2
        if found is None or not np.all(np.isfinite(found.scores)):
            raise NoMaximum(SEPARATED)
        last, before, at, point = point, total, found, point + size * step
        largest = float(np.max(np.abs(point)))
        if largest > MOST_INDEX:
            raise NoMaximum(SEPARATED)
        if stops is None and size == 1.0 and np.max(np.abs(point - last)) < LIKELIHOOD_STEP * max(1.0, largest):
            if np.linalg.eigvalsh(at.information)[0] < FLAT * float(w.sum()):
                raise NoMaximum(SEPARATED)
            return at, point
    raise NoMaximum(SEPARATED)


def _near(total: float, before: float, b: Array, step: Array) -> bool:
    """Whether the log likelihood, or every coefficient, has all but stopped."""
    if math.isinf(before):
        return False
    return bool(
        abs(total - before) <= LTOLERANCE * (1 + abs(before)) or np.max(np.abs(step) / (1 + np.abs(b))) <= STEP_TOLERANCE
    )


# ---------------------------------------------------------------- multinomial logit


def _multinomial(x: Array, y: Codes, outcomes: int, base: int, w: Array) -> Model:
    others = [j for j in range(outcomes) if j != base]
    chosen = (y[:, None] == np.array(others)).astype(float)
    k = x.shape[1]

    def of(point: Array) -> At:
        index = np.zeros((len(y), outcomes))
        index[:, others] = x @ point.reshape(-1, k).T
        largest = index.max(axis=1)
        logs = index - (largest + np.log(np.exp(index - largest[:, None]).sum(axis=1)))[:, None]
        p = np.exp(logs[:, others])
        scores = ((chosen - p)[:, :, None] * x[:, None, :]).reshape(len(y), -1)
        information = np.empty((len(point), len(point)))
        for a in range(len(others)):
            for b in range(a + 1):
                product = x.T @ (x * (w * p[:, a] * ((a == b) - p[:, b]))[:, None])
                information[a * k : (a + 1) * k, b * k : (b + 1) * k] = product
                information[b * k : (b + 1) * k, a * k : (a + 1) * k] = product.T
        return At(logs[np.arange(len(y)), y], scores, information)

    return of


# ---------------------------------------------------------------- ordered outcomes


def _quantile(model: str, p: Array) -> Array:
    from scipy import special

    return special.logit(p) if model == "ologit" else special.ndtri(p)


def density(model: str, z: Array) -> tuple[Array, Array]:
    """f and f' at z, which may be infinite."""
    from scipy import special

    finite = np.where(np.isfinite(z), z, 0.0)
    if model == "ologit":
        f = special.expit(finite) * special.expit(-finite)
        slope = f * (special.expit(-finite) - special.expit(finite))
    else:
        f = np.exp(-finite * finite / 2) / math.sqrt(2 * math.pi)
        slope = -finite * f
    inside = np.isfinite(z)
    return np.where(inside, f, 0.0), np.where(inside, slope, 0.0)


def between(model: str, low: Array, high: Array) -> Array:
    """F(high) - F(low), of the tail that is the smaller where both lie on one side."""
    from scipy import special

    distribution = special.expit if model == "ologit" else special.ndtr
    turned = low > 0
    return np.where(turned, distribution(-low) - distribution(-high), distribution(high) - distribution(low))


@dataclass(frozen=True)
class _Ends:
    """Of rows between two cuts: p, slopes of log p by the upper and the lower end, and minus its second derivatives by both
    and by one and the other; above, below: places of the cuts, -1 for none."""

    p: Array
    upper: Array
    lower: Array
    second: tuple[Array, Array, Array]
    above: Codes
    below: Codes


def _ends(model: str, index: Array, cuts: Array, y: Codes) -> _Ends:
    ends = np.concatenate([[-np.inf], cuts, [np.inf]])
    high, low = ends[y + 1] - index, ends[y] - index
    p = np.maximum(between(model, low, high), np.finfo(float).tiny)
    (f_high, s_high), (f_low, s_low) = density(model, high), density(model, low)
    upper, lower = f_high / p, -f_low / p
    second = upper**2 - s_high / p, lower**2 + s_low / p, upper * lower  # minus the second derivatives
    return _Ends(p, upper, lower, second, np.where(y < len(cuts), y, -1), y - 1)


def _columns(x: Array, place: Codes, cuts: int) -> Array:
    """(n, k + cuts) how each parameter moves an end: the regressors down, its cut up; a row without that end stays."""
    there = place >= 0
    out = np.hstack([-x, np.zeros((len(x), cuts))])
    out[~there] = 0.0
    out[np.flatnonzero(there), x.shape[1] + place[there]] = 1.0
    return out


def _ordered(model: str, x: Array, y: Codes, w: Array) -> Model:
    k, cuts = x.shape[1], int(y.max())

    def of(point: Array) -> At | None:
        if np.any(np.diff(point[k:]) <= 0):  # cuts that have changed places: no point of the model
            return None
        e = _ends(model, x @ point[:k], point[k:], y)
        high, low = _columns(x, e.above, cuts), _columns(x, e.below, cuts)
        scores = high * e.upper[:, None] + low * e.lower[:, None]
        cross = high.T @ (low * (w * e.second[2])[:, None])
        information = (
            high.T @ (high * (w * e.second[0])[:, None]) + low.T @ (low * (w * e.second[1])[:, None]) + cross + cross.T
        )
        return At(np.log(e.p), scores, (information + information.T) / 2)

    return of


def _expected(model: str, x: Array, point: Array, outcomes: int, w: Array) -> Array:
    """The expectation of the scores' products over the outcomes of every row."""
    k, total = x.shape[1], np.zeros((len(point), len(point)))
    for j in range(outcomes):
        y = np.full(len(x), j)
        e = _ends(model, x @ point[:k], point[k:], y)
        scores = (
            _columns(x, e.above, outcomes - 1) * e.upper[:, None] + _columns(x, e.below, outcomes - 1) * e.lower[:, None]
        )
        total += scores.T @ (scores * (w * e.p)[:, None])
    return total
