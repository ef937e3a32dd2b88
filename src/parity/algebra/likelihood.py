"""Log likelihoods of one index x'b, and their maximum by Newton's steps, fixed effects absorbed at each.

Definitions: [R] logit, probit, poisson, Methods and formulas; McCullagh and Nelder (1989), chapters 2 and 4. A step is a
weighted regression of the index plus score over curvature on the regressors, so fixed effects leave it by Frisch and Waugh's
theorem as they leave least squares (Stammann 2018; Correia, Guimaraes and Zylkin 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.algebra.absorb import absorber
from parity.algebra.orthonormal import apart, orthonormal
from parity.base.tolerance import LIKELIHOOD_STEP, LTOLERANCE, NRTOLERANCE, STEP_TOLERANCE

Array = NDArray[np.float64]
#: Newton steps after which a likelihood is said to have no maximum.
MOST_STEPS = 100
#: |xb| beyond which a probability is 0 or 1, and a mean 0 or infinite, in double precision.
MOST_INDEX = 500.0
#: A step is halved no more often than that.
MOST_HALVINGS = 40


class NoMaximum(ValueError):
    """The likelihood has no maximum, or none was found; the message says why."""


@dataclass(frozen=True)
class At:
    """Of each row, at its index: log likelihood, its slope, minus its curvature, and that curvature's expectation."""

    ll: Array
    slope: Array
    observed: Array
    expected: Array


def logit(y: Array) -> Callable[[Array], At]:
    sign = 2 * y - 1

    def of(index: Array) -> At:
        odds = np.exp(-np.abs(index))
        likelier = 1 / (1 + odds)
        other = odds * likelier
        up = sign * index
        h = likelier * other
        return At(np.minimum(up, 0.0) - np.log1p(odds), sign * np.where(up > 0, other, likelier), h, h)

    return of


def probit(y: Array) -> Callable[[Array], At]:
    sign = 2 * y - 1

    def of(index: Array) -> At:
        from scipy import special

        z = sign * index
        away = np.abs(z)
        scaled = special.erfcx(away / math.sqrt(2))
        bell = np.exp(-away * away / 2)
        tail = bell * scaled / 2  # Phi of minus |z|
        far = math.sqrt(2 / math.pi) / scaled  # phi/Phi, Mills', at minus |z|, and at |z|
        near = bell / math.sqrt(2 * math.pi) / (1 - tail)
        low = z < 0
        ratio = np.where(low, far, near)
        ll = np.where(low, np.log(scaled / 2) - away * away / 2, np.log1p(-tail))
        return At(ll, sign * ratio, ratio * (ratio + z), far * near)

    return of


def poisson(y: Array) -> Callable[[Array], At]:
    from scipy import special

    factorials = special.gammaln(y + 1)

    def of(index: Array) -> At:
        mean = np.exp(np.minimum(index, MOST_INDEX))
        return At(y * index - mean - factorials, y - mean, mean, mean)

    return of


#: Of outcomes (n,), what is known of each row at an index (n,).
LINKS: dict[str, Callable[[Array], Callable[[Array], At]]] = {"logit": logit, "probit": probit, "poisson": poisson}


def _beside(of: Callable[[Array], At], offset: Array | None) -> Callable[[Array], At]:
    """The same at an index that has an offset beside what is given."""
    return of if offset is None else lambda index: of(index + offset)


@dataclass(frozen=True)
class Maximum:
    """b (k,) and the index (n,) at the maximum, ll the weighted log likelihood there, at: each row's parts of it.

    basis, half   (n, k) orthonormal columns and (k, k), basis = x~ half: x~ the regressors net of fixed effects, times the
                  root of weight and curvature; half half' is the inverse information
    curvature     (n,) weight times the curvature that was asked for: `information` "observed" or "expected"
    """

    b: Array
    index: Array
    ll: float
    at: At
    basis: Array
    half: Array
    curvature: Array


def maximise(
    x: Array, y: Array, link: str, weights: Array | None = None, effects: Sequence[NDArray[np.int64]] = (),
    information: str = "observed", offset: Array | None = None,
) -> Maximum:  # fmt: skip
    """The maximum over the coefficients of x (n, k), which holds the constant where there is one, and of the effects.

    offset: (n,) what the index has beside them; the index of the answer is without it.

    Raises `NoMaximum`.
    """
    x, of, w = np.asfortranarray(x), _beside(LINKS[link](y), offset), np.ones(len(y)) if weights is None else weights
    index = _start(y, w, link) if effects else np.zeros(len(y))
    if offset is not None:  # from the same means, whatever the unit of an exposure
        constant = not effects and x.shape[1] > 0 and np.ptp(x[:, 0]) == 0.0 != x[0, 0]
        index = index - offset if effects else index - float(w @ offset / w.sum()) * constant
    at = of(index)
    # where effects are, the start is no point of the model: its likelihood is above any that has one
    total, b = -math.inf if effects else float(w @ at.ll), np.zeros(x.shape[1])
    for _ in range(MOST_STEPS):
        direct = None if effects else _direct(x, index, w * at.slope, w * at.observed)
        goal, b = _regressed(x, index, at, w * at.observed, effects)[:2] if direct is None else (direct, b)
        size, last = 1.0, index
        for _ in range(MOST_HALVINGS):
            index = last + size * (goal - last)
            at = of(index)
            if math.isinf(total) or float(w @ at.ll) >= total - abs(total) * LIKELIHOOD_STEP:
                break
            size /= 2
        total = float(w @ at.ll)
        if np.max(np.abs(index)) > MOST_INDEX:
            raise NoMaximum(_too_far(link, offset))
        if size == 1.0 and np.max(np.abs(index - last)) < LIKELIHOOD_STEP * max(1.0, float(np.max(np.abs(index)))):
            curvature = w * (at.observed if information == "observed" else at.expected)
            if direct is not None:  # one step more is below rounding, and knows the coefficients
                index, b, *bases = _regressed(x, index, at, w * at.observed, ())
                if information == "observed" or at.observed is at.expected:
                    return Maximum(b, index, total, at, *bases, curvature)
            return Maximum(b, index, total, at, *_bases(x, curvature, effects)[:2], curvature)
    far = _runs_away(index, y, link) or _is_far(offset)
    raise NoMaximum(_too_far(link, offset) if far else f"no maximum was found in {MOST_STEPS} steps")


#: What keeps a likelihood from having a maximum (Albert and Anderson 1984; Santos Silva and Tenreyro 2010).
SEPARATED = {
    "logit": "the regressors predict the outcome of some rows perfectly: the likelihood has no maximum",
    "probit": "the regressors predict the outcome of some rows perfectly: the likelihood has no maximum",
    "poisson": "the regressors separate rows whose outcome is zero from all others: the likelihood has no maximum",
}
#: A probability, or a mean beside an outcome of zero, below e to the minus this after all steps is on its way to zero.
ON_ITS_WAY = 15.0


def _is_far(offset: Array | None) -> bool:
    return offset is not None and bool(np.max(np.abs(offset)) > MOST_INDEX)


def _too_far(link: str, offset: Array | None) -> str:
    """Why an index went beyond `MOST_INDEX`: the offset alone is so far out, or coefficients have no end."""
    if offset is None or not _is_far(offset):
        return SEPARATED[link]
    return (
        f"the offset runs from {np.min(offset):.4g} to {np.max(offset):.4g}, and beyond {MOST_INDEX:.4g} a likelihood is "
        "lost to rounding; the size of a population is an exposure, which goes in by its logarithm"
    )


def _runs_away(index: Array, y: Array, link: str) -> bool:
    alone = np.abs(index) if link != "poisson" else np.where(y == 0, -index, 0.0)
    return bool(np.max(alone) > (ON_ITS_WAY if link != "probit" else math.sqrt(2 * ON_ITS_WAY)))


def _start(y: Array, w: Array, link: str) -> Array:
    """Effects are in the index from the first step on: half the way from the mean to each outcome (Hardin and Hilbe)."""
    from scipy import special

    mean = (y + float(w @ y / w.sum())) / 2
    return {"logit": special.logit, "probit": special.ndtri, "poisson": np.log}[link](mean)


def _direct(x: Array, index: Array, slope: Array, h: Array) -> Array | None:
    """Where a whole step leads, from cross-products: the slope is exact, so what they lose the next step makes good.

    None where the columns, weighted, are not far from collinear: then only orthogonal ones find the way.
    """
    if not np.all(h > 0):
        h = np.maximum(h, np.finfo(float).tiny)
    products = (x.T * h) @ x
    if not apart(products):
        return None
    length = np.sqrt(np.diag(products))
    step = np.linalg.solve(products / np.outer(length, length), (x.T @ slope) / length)
    return index + x @ (step / length)


def _regressed(
    x: Array, index: Array, at: At, h: Array, effects: Sequence[NDArray[np.int64]]
) -> tuple[Array, Array, Array, Array]:
    """Where a whole step leads: the index there, and the coefficients; and basis and half of the regressors by h."""
    if not np.all(h > 0):
        h = np.maximum(h, np.finfo(float).tiny)
    working = index + at.slope / np.where(at.observed > 0, at.observed, 1.0)
    basis, half, net = _bases(x, h, effects, working)
    explained = net @ basis
    return working - (net - basis @ explained) / np.sqrt(h), half @ explained, basis, half


def _bases(
    x: Array, h: Array, effects: Sequence[NDArray[np.int64]], outcome: Array | None = None
) -> tuple[Array, Array, Array]:
    """basis, half and the outcome, weighted by h and net of effects. Raises `NoMaximum` where x has not full rank."""
    rows = np.vstack([x.T] if outcome is None else [outcome, x.T])
    if effects:
        rows = absorber(list(effects), h).residual(rows.T, overwrite=True).T
    rows *= np.sqrt(h)
    net, free = (rows[0], rows[1:]) if outcome is not None else (np.empty(0), rows)
    length = np.sqrt([row @ row for row in free])
    if not np.all(length > 0) or not np.all(np.isfinite(length)):
        raise NoMaximum("the likelihood has no single maximum")
    free /= length[:, None]
    basis, r = orthonormal(free.T)
    if np.min(np.abs(np.diag(r)), initial=1.0) < np.finfo(float).eps:
        raise NoMaximum("the likelihood has no single maximum")
    return basis, np.linalg.solve(r, np.eye(len(r))) / length[:, None], net


def stopped(
    x: Array, y: Array, link: str, weights: Array | None = None, information: str = "observed", offset: Array | None = None,
    limit: int = MOST_STEPS,
) -> Maximum:  # fmt: skip
    """Where Stata's commands stop by default ([R] Maximize): the first column of x is the constant, alone at the start.

    limit: steps after it. Raises `NoMaximum`, also where these don't end.
    """
    x, of, w = np.asfortranarray(x), _beside(LINKS[link](y), offset), np.ones(len(y)) if weights is None else weights
    b = np.zeros(x.shape[1])
    b[0] = _constant(float(w @ y / w.sum()), link) if offset is None else _alone(y, link, w, offset).b[0]
    before, total, last = math.inf, math.nan, b
    for _ in range(limit + 1):
        index = x @ b
        at = of(index)
        before, total = total, float(w @ at.ll)
        goal, following, *_ = _regressed(x, index, at, w * at.observed, ())
        near = abs(total - before) <= LTOLERANCE * (1 + abs(before))
        near |= bool(np.max(np.abs(b - last) / (1 + np.abs(last))) <= STEP_TOLERANCE) and not math.isnan(before)
        if near and float((w * at.observed) @ (goal - index) ** 2) <= NRTOLERANCE:
            curvature = w * (at.observed if information == "observed" else at.expected)
            return Maximum(b, index, total, at, *_bases(x, curvature, ())[:2], curvature)
        last, b = b, following
    raise NoMaximum(SEPARATED[link])


def _constant(mean: float, link: str) -> float:
    from scipy import special

    return float({"logit": special.logit, "probit": special.ndtri, "poisson": np.log}[link](mean))


def _alone(y: Array, link: str, w: Array, offset: Array) -> Maximum:
    """The maximum over the constant alone, beside an offset."""
    return maximise(np.ones((len(y), 1)), y, link, w, offset=offset)


def null(y: Array, link: str, weights: Array | None = None, *, constant: bool = True, offset: Array | None = None) -> float:
    """The log likelihood of the constant alone, beside an offset; of no coefficient at all where there is none."""
    w = np.ones(len(y)) if weights is None else weights
    if offset is not None:
        return _alone(y, link, w, offset).ll if constant else float(w @ LINKS[link](y)(offset).ll)
    mean = float(w @ y / w.sum())
    index = _constant(mean, link) if constant else 0.0
    if link != "poisson":  # two outcomes have two likelihoods, and one that no row has is none
        if constant and mean in (0.0, 1.0):
            return 0.0
        return float(w.sum() * np.array([1 - mean, mean]) @ LINKS[link](np.array([0.0, 1.0]))(np.full(2, index)).ll)
    return float(w @ LINKS[link](y)(np.full(len(y), index)).ll)


def perfect(column: Array, y: Array) -> Array | None:
    """Stata's rule ([R] logit, Model identification): the rows that stay where one value of a two-valued regressor goes with
    one outcome alone; None where neither value does, or each with its own."""
    low, high = column.min(), column.max()
    if low == high or not np.all((column == low) | (column == high)):
        return None
    alike = [bool(np.ptp(y[column == value]) == 0) for value in (low, high)]
    return column != (low if alike[0] else high) if alike[0] != alike[1] else None


def without_variation(code: NDArray[np.int64], y: Array, link: str) -> NDArray[np.bool_]:
    """Rows in a level of a fixed effect whose effect has no maximum: outcomes all zero, or all one for logit and probit."""
    levels = int(code.max(initial=-1)) + 1
    rows, ones = np.bincount(code, minlength=levels), np.bincount(code, y, minlength=levels)
    lost = ones == 0 if link == "poisson" else (ones == 0) | (ones == rows)
    return lost[code]
