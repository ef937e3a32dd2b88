"""Spatial lag and error models of panels by maximum likelihood, concentrated to one parameter.

Source: Elhorst (2003), International Regional Science Review 26(3); Lee and Yu (2010), Journal of Econometrics 154(2);
Anselin (1988), Spatial Econometrics, ch. 6. With A = I - p W and e what is left of A y (lag: net of Z; error: net of A Z),
the likelihood is -n/2 ln(2 pi s2) + T ln|A| - e'e/(2 s2), s2 = e'e/n, and its slope in p is
n e'W y/e'e - T tr(W A^-1), of the error model with u = y - Z b in place of y. Under Lee and Yu's transformation n and T
count what the effects leave, and effects of time absorb one root of W, that of one: its pole is none.

The slope's sign changes are bracketed on a grid and solved to the last digits: a maximum found by its height has half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from parity.analyses.spatial.sample import Sample
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR, MAXIMUM, MAXIMUM_NEAR_ZERO

#: Points between the ends of the parameter at which its slope is taken.
GRID = 100


@dataclass(frozen=True)
class Space:
    """y (n,) and z (n, m) with their lags W y, W z; the first columns of z are named, then what effects are columns.

    roots   eigenvalues of W, short of the one that effects of time absorb; low, high: ends of the parameter
    n, t    rows and periods that the likelihood counts
    short   whether there is one that they absorb
    """

    sample: Sample
    names: tuple[str, ...]
    y: np.ndarray
    z: np.ndarray
    wy: np.ndarray
    wz: np.ndarray
    roots: np.ndarray
    low: float
    high: float
    n: int
    t: int
    short: bool

    def trace(self, p: float | np.ndarray) -> np.ndarray:
        """tr(W A^-1) of all periods, for each p."""
        return self.t * np.sum((self.roots / (1.0 - np.multiply.outer(p, self.roots))).real, axis=-1)

    def log_determinant(self, p: float) -> float:
        return self.t * float(np.sum(np.log(np.abs(1.0 - p * self.roots))))


@dataclass(frozen=True)
class Fit:
    """p: rho or lambda; b (m,): of the columns of z; e (n,) residuals A y net of (A) Z; s2 = e'e/n; the likelihood."""

    kind: Literal["lag", "error"]
    space: Space
    p: float
    b: np.ndarray
    e: np.ndarray
    s2: float
    likelihood: float


def space_of(s: Sample, *, durbin: bool) -> Space:
    """Raises `Unestimable` where a regressor is determined by the others and the effects."""
    units, periods = len(s.units), len(s.periods)
    names, x = s.names, s.x
    if durbin:
        names = (*names, *(f"W {s.names[i]}" for i in s.lagged))
        x = np.column_stack([x, s.lag(x[:, list(s.lagged)])])
    by_unit, by_time = s.effects in ("unit", "both"), s.effects in ("time", "both")
    dummies = np.repeat(np.eye(periods), units, axis=0) if by_time else np.ones((len(s.y), 1))
    dummies = dummies[:, 1:] if s.effects == "both" else dummies[:, : 0 if s.effects == "unit" else None]
    columns = np.column_stack([s.y, x, dummies])
    size = np.linalg.norm(columns, axis=0)
    if by_unit:
        cube = columns.reshape(periods, units, -1)
        columns = (cube - cube.mean(axis=0)).reshape(columns.shape)
    y, z = columns[:, 0], columns[:, 1:]
    # effects first: what they leave of a regressor is held against the whole of it
    ahead = np.r_[x.shape[1] : z.shape[1], 0 : x.shape[1]]
    left = np.abs(np.diag(np.linalg.qr(z[:, ahead] / size[1:][ahead], mode="r")))
    if len(left) < z.shape[1] or np.any(left <= COLLINEAR):
        at = ahead[int(np.argmin(left))] if len(left) == z.shape[1] else 0
        what = f"`{names[at]}`" if at < len(names) else "an effect"
        raise Unestimable(f"{what} is determined by the other regressors and the effects")
    roots, low, high = ends(s.w)
    short = s.settings.transformation == "orthonormal" and by_time
    if short and not s.rows_sum_to_one:
        raise Unestimable('transformation = "orthonormal" under effects of time needs rows of W that sum to one')
    if short:  # taken out, not subtracted: 1/(1 - p) less 1/(1 - p) has no digits near 1
        roots = np.delete(roots, np.argmin(np.abs(roots - 1.0)))
    t = periods - (s.settings.transformation == "orthonormal" and by_unit)
    return Space(s, names, y, z, s.lag(y), s.lag(z), roots, low, high, t * (units - short), t, short)


def ends(w: np.ndarray) -> tuple[np.ndarray, float, float]:
    """(N,) eigenvalues of W, and between which rho or lambda lies: I - rho W is singular at both ends."""
    roots = np.linalg.eigvals(w)
    high = 1.0 / np.abs(roots).max()
    real = roots.real[np.abs(roots.imag) <= COLLINEAR * np.abs(roots).max()]
    return roots, 1.0 / real.min() if real.min() < 0.0 else -high, high


def maximised(space: Space, kind: Literal["lag", "error"]) -> Fit:
    """Raises `Unestimable` where the likelihood has no maximum between the ends, or nothing is left to explain."""
    of = _Lag(space) if kind == "lag" else _Error(space)
    wide = space.high - space.low
    grid = space.low + wide * (np.arange(GRID) + 0.5) / GRID
    # towards the poles of ln|A| the slope has its sign, also where the outermost points don't show it
    grid = np.r_[space.low + wide * COLLINEAR, grid, space.high - wide * COLLINEAR]
    slopes = of.slope(grid)
    if np.abs(slopes[1:-1]).max() * wide <= COLLINEAR * space.n:  # as where W of a row is its mean: signs are rounding
        raise Unestimable("the likelihood is the same at any spatial parameter: W says no more than the effects")
    best: Fit | None = None
    for i in np.flatnonzero((slopes[:-1] > 0.0) & (slopes[1:] <= 0.0)):
        p = float(brentq(of.slope, grid[i], grid[i + 1], xtol=MAXIMUM_NEAR_ZERO, rtol=MAXIMUM, maxiter=500))
        fit = of.fit(p)
        best = fit if best is None or fit.likelihood > best.likelihood else best
    if best is None:
        raise Unestimable(f"the likelihood has no maximum between {space.low:.4g} and {space.high:.4g}")
    return best


class _Lag:
    """A y = y - p W y net of Z: both parts are, once."""

    def __init__(self, space: Space):
        q, self.r = np.linalg.qr(space.z)
        self.space, self.q = space, q
        self.y, self.wy = (v - q @ (q.T @ v) for v in (space.y, space.wy))
        _something_left(self.y @ self.y, space.y)

    def slope(self, p: float | np.ndarray) -> np.ndarray:
        e = self.y - np.multiply.outer(p, self.wy)
        return self.space.n * (e @ self.wy) / np.sum(e * e, axis=-1) - self.space.trace(p)

    def fit(self, p: float) -> Fit:
        b = np.linalg.solve(self.r, self.q.T @ (self.space.y - p * self.space.wy))
        return _fit("lag", self.space, p, b, self.y - p * self.wy)


class _Error:
    """A y on A Z, in the few columns that span y, Z, W y and W Z."""

    def __init__(self, space: Space):
        self.space, self.full = space, _spanning((space.y, space.z, space.wy, space.wz))
        self.inner = _net_of_periods(space) if space.short else self.full
        q = np.linalg.qr(space.z)[0]
        left = space.y - q @ (q.T @ space.y)
        _something_left(left @ left, space.y)

    def slope(self, p: float | np.ndarray) -> np.ndarray:
        b, e = _solved(*self.inner, p)
        there = self.inner[1]
        lagged = there[:, -1] - b @ there[:, :-1].T
        return self.space.n * np.sum(e * lagged, axis=-1) / np.sum(e * e, axis=-1) - self.space.trace(p)

    def fit(self, p: float) -> Fit:
        b, _ = _solved(*self.full, p)
        u, wu = self.space.y - self.space.z @ b, self.space.wy - self.space.wz @ b
        return _fit("error", self.space, p, b, u - p * wu)


def _spanning(parts: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    """y, Z, W y and W Z -> Z and y behind it, W Z and W y behind it, in the coordinates of their span."""
    columns = np.column_stack(parts)
    small = np.linalg.qr(columns, mode="r")
    k = columns.shape[1] // 2
    last = np.r_[1:k, 0]
    return small[:, last], small[:, k + last]


def _net_of_periods(space: Space) -> tuple[np.ndarray, ...]:
    """The same less the mean of each period, without the columns that are means: W takes means to means where its rows sum
    to one, so these take part in nothing, and towards p = 1 A leaves nothing of them.
    """
    units = len(space.sample.w)

    def net(columns: np.ndarray) -> np.ndarray:
        by_period = columns.reshape(-1, units, *columns.shape[1:])
        return (by_period - by_period.mean(axis=1, keepdims=True)).reshape(columns.shape)

    z = net(space.z)
    kept = np.linalg.norm(z, axis=0) > COLLINEAR * np.linalg.norm(space.z, axis=0)
    return _spanning((net(space.y), z[:, kept], net(space.wy), net(space.wz)[:, kept]))


def _solved(here: np.ndarray, there: np.ndarray, p: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """b (..., m), e in those columns, for each p."""
    q, r = np.linalg.qr(here - np.multiply.outer(p, there))
    return np.linalg.solve(r[..., :-1, :-1], r[..., :-1, -1:])[..., 0], q[..., -1] * r[..., -1:, -1]


def _something_left(squares: float, y: np.ndarray) -> None:
    if squares <= COLLINEAR**2 * float(y @ y):
        raise Unestimable("regressors and effects leave nothing of the outcome")


def _fit(kind: Literal["lag", "error"], space: Space, p: float, b: np.ndarray, e: np.ndarray) -> Fit:
    _something_left(float(e @ e), space.y)
    s2 = float(e @ e) / space.n
    likelihood = -space.n / 2.0 * (np.log(2.0 * np.pi * s2) + 1.0) + space.log_determinant(p)
    return Fit(kind, space, p, b, e, s2, float(likelihood))
