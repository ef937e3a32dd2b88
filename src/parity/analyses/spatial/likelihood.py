"""Spatial lag and error models of panels by maximum likelihood, concentrated to one parameter.

Source: Elhorst (2003), International Regional Science Review 26(3); Lee and Yu (2010), Journal of Econometrics 154(2);
Anselin (1988), Spatial Econometrics, ch. 6. With A = I - p W and e what is left of A y (lag: net of Z; error: net of A Z),
the likelihood is -n/2 ln(2 pi s2) + T ln|A| - e'e/(2 s2), s2 = e'e/n, and its slope in p is
n e'W y/e'e - T tr(W A^-1), of the error model with u = y - Z b in place of y. Under Lee and Yu's transformation n and T
count what the effects leave, and effects of time absorb one root of W, that of one: its pole is none.

The slope's sign changes are bracketed on a grid and solved to the last digits: a maximum found by its height has half.
Both sides of it are taken in the coordinates of the few columns that it moves in, so that a step is a matter of scalars.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.linalg.lapack import dgels
from scipy.optimize import brentq

from parity.analyses.spatial.sample import Sample
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR, MAXIMUM, MAXIMUM_NEAR_ZERO

#: Points between the ends of the parameter at which its slope is taken, as shares of the way.
GRID = 100
#: Towards the poles of ln|A| the slope has its sign, also where the outermost points don't show it.
PLACES = np.concatenate([[COLLINEAR], (np.arange(GRID) + 0.5) / GRID, [1.0 - COLLINEAR]])


@dataclass(frozen=True)
class Space:
    """y (n,) and z (n, m) with their lags W y, W z; the last columns of z are named, what effects are columns comes before.

    q, r    z = q r
    roots   eigenvalues of W, short of the one that effects of time absorb; low, high: ends of the parameter
    n, t    rows and periods that the likelihood counts
    short   whether there is one that they absorb
    means   whether effects of time are columns and W takes them to themselves
    """

    sample: Sample
    names: tuple[str, ...]
    y: np.ndarray
    z: np.ndarray
    wy: np.ndarray
    wz: np.ndarray
    q: np.ndarray
    r: np.ndarray
    roots: np.ndarray
    low: float
    high: float
    n: int
    t: int
    short: bool
    means: bool

    def trace(self, p: float | np.ndarray) -> np.ndarray:
        """tr(W A^-1) of all periods, for each p."""
        with_p = p * self.roots if isinstance(p, float) else np.multiply.outer(p, self.roots)
        return self.t * (self.roots / (1.0 - with_p)).sum(axis=-1).real

    def log_determinant(self, p: float) -> float:
        return self.t * float(np.log(np.abs(1.0 - p * self.roots)).sum())

    def net(self, columns: np.ndarray) -> np.ndarray:
        """(n, ...) less what z explains of them."""
        return columns - self.q @ (self.q.T @ columns)

    def of_own(self) -> Space:
        """The same of the sample's regressors alone, without W x."""
        m = self.z.shape[1] - len(self.names) + len(self.sample.names)
        cut = {"z": self.z[:, :m], "wz": self.wz[:, :m], "q": self.q[:, :m], "r": self.r[:m, :m]}
        return replace(self, names=self.sample.names, **cut)


@dataclass(frozen=True)
class Fit:
    """p: rho or lambda; b (m,): of the columns of z; e (n,) residuals A y net of q r, that is Z or A Z; s2 = e'e/n."""

    kind: Literal["lag", "error"]
    space: Space
    p: float
    b: np.ndarray
    e: np.ndarray
    q: np.ndarray
    r: np.ndarray
    s2: float
    likelihood: float

    @property
    def own(self) -> np.ndarray:
        """Coefficients of the named columns."""
        return self.b[len(self.b) - len(self.space.names) :]

    @cached_property
    def back(self) -> np.ndarray:
        """(N, N): A^-1."""
        w = self.space.sample.w
        return np.linalg.inv(np.eye(len(w)) - self.p * w)

    @cached_property
    def lagged(self) -> np.ndarray:
        """(N, N): W A^-1."""
        return self.space.sample.w @ self.back


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
    columns = np.column_stack([s.y, dummies, x])
    size = np.linalg.norm(columns, axis=0)[1:]
    if by_unit:
        cube = columns.reshape(periods, units, -1)
        columns = (cube - cube.mean(axis=0)).reshape(columns.shape)
    # effects first: what they leave of a regressor is held against the whole of it
    q, r = np.linalg.qr(columns[:, 1:] / size)
    left = np.abs(np.diag(r))
    if len(left) < len(size) or left.min() <= COLLINEAR:
        at = int(np.argmin(left)) - dummies.shape[1] if len(left) == len(size) else 0
        what = f"`{names[at]}`" if at >= 0 else "an effect"
        raise Unestimable(f"{what} is determined by the other regressors and the effects")
    roots, low, high = ends(s.w)
    lee_yu, to_one = s.settings.transformation == "orthonormal", s.rows_sum_to_one
    short = lee_yu and by_time
    if short and not to_one:
        raise Unestimable('transformation = "orthonormal" under effects of time needs rows of W that sum to one')
    if short:  # taken out, not subtracted: 1/(1 - p) less 1/(1 - p) has no digits near 1
        roots = np.delete(roots, np.argmin(np.abs(roots - 1.0)))
    t = periods - (lee_yu and by_unit)
    lagged = s.lag(columns)
    return Space(s, names, columns[:, 0], columns[:, 1:], lagged[:, 0], lagged[:, 1:], q, r * size, roots, low, high,
                 t * (units - short), t, short, by_time and to_one)  # fmt: skip


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
    grid = space.low + wide * PLACES
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
    """A y = y - p W y net of Z: both parts are, once, and then in the two columns that span them."""

    def __init__(self, space: Space):
        self.space = space
        self.y, self.wy = np.ascontiguousarray(space.net(np.column_stack([space.y, space.wy])).T)
        _something_left(self.y @ self.y, space.y)
        self.lag = float(np.linalg.norm(self.wy))
        direction = self.wy / self.lag if self.lag > 0.0 else self.wy
        self.along = float(direction @ self.y)
        off = self.y - direction * self.along
        self.off = float(off @ off)

    def slope(self, p: float | np.ndarray) -> np.ndarray:
        e = self.along - p * self.lag
        return self.space.n * e * self.lag / (e * e + self.off) - self.space.trace(p)

    def fit(self, p: float) -> Fit:
        s = self.space
        b = np.linalg.solve(s.r, s.q.T @ (s.y - p * s.wy))
        return _fit("lag", s, p, b, self.y - p * self.wy, s.q, s.r)


class _Error:
    """A y on A Z, in the few columns that span y, Z, W y and W Z."""

    def __init__(self, space: Space):
        self.space = space
        self.here, self.there = _net_of_periods(space) if space.means else _spanning(space)
        left = space.net(space.y)
        _something_left(left @ left, space.y)

    def slope(self, p: float | np.ndarray) -> np.ndarray:
        here, there = self.here, self.there
        columns = here - np.multiply.outer(p, there)
        if columns.ndim == 2:
            b = dgels(columns[:, :-1], columns[:, -1])[1][: columns.shape[1] - 1]
        else:
            r = np.linalg.qr(columns, mode="r")
            b = np.linalg.solve(r[:, :-1, :-1], r[:, :-1, -1:])[..., 0]
        lagged = there[:, -1] - b @ there[:, :-1].T
        e = here[:, -1] - b @ here[:, :-1].T - (lagged.T * p).T
        return self.space.n * (e * lagged).sum(axis=-1) / (e * e).sum(axis=-1) - self.space.trace(p)

    def fit(self, p: float) -> Fit:
        s = self.space
        q, r = np.linalg.qr(s.z - p * s.wz)
        b = np.linalg.solve(r, q.T @ (s.y - p * s.wy))
        return _fit("error", s, p, b, (s.y - s.z @ b) - p * (s.wy - s.wz @ b), q, r)


def _spanning(space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Z and y behind it, W Z and W y behind it, in the coordinates of their span."""
    return _halves(np.column_stack([space.z, space.y, space.wz, space.wy]))


def _halves(columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    small = np.linalg.qr(columns, mode="r")
    return small[:, : columns.shape[1] // 2], small[:, columns.shape[1] // 2 :]


def _net_of_periods(space: Space) -> tuple[np.ndarray, np.ndarray]:
    """The same less the mean of each period, without the columns that are means: W takes means to means where its rows sum
    to one, so these take part in nothing, and towards p = 1 A leaves nothing of them.
    """
    units = len(space.sample.w)
    z, wz = (m[:, m.shape[1] - len(space.names) :] for m in (space.z, space.wz))

    columns = np.column_stack([z, space.y, wz, space.wy])
    by_period = columns.reshape(-1, units, columns.shape[1])
    return _halves((by_period - by_period.mean(axis=1, keepdims=True)).reshape(columns.shape))


def _something_left(squares: float, y: np.ndarray) -> None:
    if squares <= COLLINEAR**2 * float(y @ y):
        raise Unestimable("regressors and effects leave nothing of the outcome")


def _fit(
    kind: Literal["lag", "error"], space: Space, p: float, b: np.ndarray, e: np.ndarray, q: np.ndarray, r: np.ndarray
) -> Fit:
    squares = float(e @ e)
    _something_left(squares, space.y)
    s2 = squares / space.n
    likelihood = -space.n / 2.0 * (np.log(2.0 * np.pi * s2) + 1.0) + space.log_determinant(p)
    return Fit(kind, space, p, b, e, q, r, s2, float(likelihood))
