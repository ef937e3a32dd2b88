"""GMM of a dynamic panel: lags of levels are instruments of differences, and lagged differences of levels.

Moments are sums over units, Z_i'e_i. Rows of a unit are its differences, one a period from the second on, and under them
its levels; a row that the sample hasn't got is zero everywhere. Instruments are taken to a basis in which the first step's
weight matrix is the identity: what of them depends on others falls away there, and no estimate changes by it.

Sources: Arellano and Bond (1991), Review of Economic Studies 58, for moments, both steps and the test of autocorrelation;
Blundell and Bond (1998), Journal of Econometrics 87, for the levels; Windmeijer (2005), Journal of Econometrics 126, for the
covariance of the second step; Arellano and Bover (1995), Journal of Econometrics 68, for deviations; Roodman (2009), Stata
Journal 9(1), for collapsed instruments, the first step's weights and what xtabond2 does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.base.tolerance import COLLINEAR, SINGULAR

Array = NDArray[np.float64]
#: Numbers in all instruments of all units, at most: a gigabyte.
MOST_INSTRUMENTS = 125_000_000


class NoEstimate(ValueError):
    """There is no estimate, or no weight matrix; the message says why."""


@dataclass(frozen=True)
class Lags:
    """Levels of a source, from `first` to `last` periods back (None: all there are), as instruments of the differences.

    source     (units, periods), NaN where there is none
    collapsed  one instrument a lag, in place of one a lag and period
    level      how many periods back its difference is an instrument of the levels; None: it is none there
    equation   "both" as said above; "difference": of the differences alone; "level": its differences from `first` to `last`
               periods back are instruments of the levels, and of nothing else
    """

    source: Array
    first: int
    last: int | None = None
    collapsed: bool = False
    level: int | None = None
    equation: str = "both"


@dataclass(frozen=True)
class Standard:
    """A column (units, periods) that is one instrument, transformed as the rows are, NaN where there is none.

    placed: in the "difference" equation, in the "level" one, in "both" as one column, or in each ("separate").
    """

    column: Array
    placed: str = "difference"


@dataclass(frozen=True)
class Panel:
    """y (units, periods) and x (units, periods, k), the constant first where there is one; NaN in rows not in the sample.

    lags       GMM-style instruments; standard: those that are instruments as they are
    levels     whether there are equations in levels, of which a constant is an instrument
    weight     of the first step: "identity", "differences" (D D' and the identity) or "joint" (M M', M = [D; I])
    transform  what takes the effects out: first "differences", or forward "orthogonal" deviations
    """

    y: Array
    x: Array
    constant: bool
    lags: tuple[Lags, ...]
    standard: tuple[Standard, ...]
    levels: bool
    weight: str = "differences"
    transform: str = "differences"


@dataclass(frozen=True)
class Solved:
    """b (k,), covariance (k, k), and what is tested of them.

    sargan      of the first step's weights over the variance of errors; hansen: of the second step's weights
    over        instruments less coefficients; instruments: how many are independent
    orders      of autocorrelation -> its statistic, normal; NaN where there is none
    """

    b: Array
    covariance: Array
    sargan: float
    hansen: float
    over: int
    instruments: int
    orders: dict[int, float]


@dataclass(frozen=True)
class _Stacked:
    """Rows of all units, (units, rows, ...): outcome, regressors, instruments; differenced: how many rows come first.

    there: (units, rows) which of them the sample has; late: what tests of autocorrelation are of, dy and dx by first
    differences, noughts where there is none.
    """

    y: Array
    x: Array
    z: Array
    differenced: int
    there: NDArray[np.bool_]
    late: tuple[Array, Array]


def solve(panel: Panel, steps: int, *, robust: bool, small: bool = True, orders: Sequence[int] = (1, 2)) -> Solved:
    """robust: of one step the sandwich by unit, of two Windmeijer's covariance; else what would hold were the weights right.
    small: whether the variance of errors has the number of differences less the coefficients below it.

    Raises `NoEstimate`.
    """
    rows = _stacked(panel)
    k = rows.x.shape[2]
    z, m = _weighed(rows, _root(panel, rows.y.shape[1]))
    zx, zy = np.einsum("urm,urk->mk", z, rows.x), np.einsum("urm,ur->m", z, rows.y)
    if m < k:
        raise NoEstimate(f"{m} independent instruments are too few for {k} coefficients")
    b, bread, pull = _solved(np.eye(m), zx, zy)
    e = rows.y - rows.x @ b
    scores = np.einsum("urm,ur->um", z, e)
    s2 = _variance(panel, rows, e, k if small else 0)
    g = scores.sum(0)
    sargan = float(g @ g) / s2
    first = pull @ (scores.T @ scores) @ pull.T
    half, why = _inverse_root(scores, m)
    if steps == 1:
        covariance = first if robust else bread * s2
        influence = pull
        hansen = math.nan if half is None else _hansen(half, zx, zy, rows, z)
    else:
        if half is None:
            raise NoEstimate(why)
        b, bread, influence = _solved(half, zx, zy)
        one, e = e, rows.y - rows.x @ b
        g = np.einsum("urm,ur->m", z, e)
        hansen = float(np.sum((half @ g) ** 2))
        covariance = _windmeijer(rows, z, one, half, bread, influence, g, first) if robust else bread
    supposed = s2 if steps == 1 and not robust else None
    tests = {order: _autocorrelation(rows, z, e, b, order, influence, covariance, supposed, panel) for order in orders}
    return Solved(b, covariance, sargan, hansen, m - k, m, tests)


def restricted(panel: Panel, fewer: Panel) -> tuple[float, int]:
    """J of fewer instruments of the same rows at its smallest, under weights by the first step's residuals of all, and its
    degrees of freedom. Raises `NoEstimate`."""
    rows, left = _stacked(panel), _stacked(fewer)
    z, m = _weighed(rows, _root(panel, rows.y.shape[1]))
    b = _solved(np.eye(m), np.einsum("urm,urk->mk", z, rows.x), np.einsum("urm,ur->m", z, rows.y))[0]
    z, m = _weighed(left, _root(fewer, left.y.shape[1]))
    if m < len(b):
        raise NoEstimate(f"{m} independent instruments are too few for {len(b)} coefficients")
    half, why = _inverse_root(np.einsum("urm,ur->um", z, rows.y - rows.x @ b), m)
    if half is None:
        raise NoEstimate(why)
    zx, zy = np.einsum("urm,urk->mk", z, left.x), np.einsum("urm,ur->m", z, left.y)
    return _hansen(half, zx, zy, left, z), m - len(b)


def _variance(panel: Panel, rows: _Stacked, e: Array, less: int) -> float:
    """Of errors: differences have twice theirs, deviations once. Under equal weights of all rows it is that of the levels,
    where there are any (`xtabond2, h(1)`)."""
    first, once = slice(None, rows.differenced), panel.transform == "orthogonal"
    if panel.weight == "identity":
        once = True
        if panel.levels:
            first = slice(rows.differenced, None)
    left = int(rows.there[:, first].sum()) - less
    return float(np.sum(e[:, first] ** 2)) / ((1 if once else 2) * left) if left > 0 else math.nan


# ---------------------------------------------------------------- rows and instruments


def _stacked(panel: Panel) -> _Stacked:
    there = ~(np.isnan(panel.y) | np.isnan(panel.x).any(axis=2))
    y, x = np.where(there, panel.y, 0.0), np.where(there[:, :, None], panel.x, 0.0)
    both = there[:, 1:] & there[:, :-1]
    differences = (np.where(both, np.diff(y, axis=1), 0.0), np.where(both[:, :, None], np.diff(x, axis=1), 0.0))
    if panel.transform == "orthogonal":
        dy, both = _deviations(y, there)
        dx = np.stack([_deviations(x[:, :, j], there)[0] for j in range(x.shape[2])], axis=2)
    else:
        dy, dx = differences

    def pair(standard: Standard) -> tuple[Array, Array]:
        own = np.where(there, standard.column, 0.0)
        moved = _deviations(own, there)[0] if panel.transform == "orthogonal" else np.where(both, np.diff(own, axis=1), 0.0)
        return moved, own

    pairs = [(one.placed, *pair(one)) for one in panel.standard]
    none, empty = np.zeros_like(dy), np.zeros_like(y)
    of_differences = [c for lags in panel.lags if lags.equation != "level" for c in _of_differences(lags)]
    if not panel.levels:
        columns = [*of_differences, *(moved for placed, moved, _ in pairs if placed != "level")]
        return _Stacked(dy, dx, _columns(columns, both), dy.shape[1], both, differences)
    stacked = [(d, empty) for d in of_differences]
    stacked += [(moved, own if placed == "both" else empty) for placed, moved, own in pairs if placed != "level"]
    stacked += [(none, own) for placed, _, own in pairs if placed in ("separate", "level")]
    stacked += [(none, c) for lags in panel.lags for c in _of_levels(lags)]
    stacked += [(none, np.ones_like(y))] if panel.constant else []
    rows = np.hstack([both, there])
    z = _columns([np.hstack(one) for one in stacked], rows)
    return _Stacked(np.hstack([dy, y]), np.hstack([dx, x]), z, dy.shape[1], rows, differences)


def _deviations(values: Array, there: NDArray[np.bool_]) -> tuple[Array, NDArray[np.bool_]]:
    """(units, periods - 1) deviations from the mean of what is to come, and where they are: a period later than their own,
    so that lags are counted from there (Arellano and Bover 1995, eq. 10; Roodman 2009)."""
    left = np.cumsum(there[:, ::-1], axis=1)[:, ::-1][:, 1:]
    to_come = np.cumsum(np.where(there, values, 0.0)[:, ::-1], axis=1)[:, ::-1][:, 1:]
    held = there[:, :-1] & (left > 0)
    n = np.maximum(left, 1)
    return np.where(held, np.sqrt(n / (n + 1)) * (values[:, :-1] - to_come / n), 0.0), held


def _of_differences(lags: Lags) -> list[Array]:
    """Columns (units, periods - 1) of lagged levels; what is missing is nought (Holtz-Eakin, Newey and Rosen 1988)."""
    units, periods = lags.source.shape
    known = np.nan_to_num(lags.source, nan=0.0)
    last = periods - 1 if lags.last is None else min(lags.last, periods - 1)
    out = []
    for lag in range(lags.first, last + 1):
        moved = np.zeros((units, periods))
        moved[:, lag:] = known[:, : periods - lag] if lag else known
        if lags.collapsed:
            out.append(moved[:, 1:])
        else:
            out += [_only(moved[:, 1:], t) for t in range(periods - 1)]
    return out


def _of_levels(lags: Lags) -> list[Array]:
    """Columns (units, periods) of the source's differences some periods ago; what is missing is nought."""
    units, periods = lags.source.shape
    if lags.equation == "level":
        backs = range(lags.first, (periods - 1 if lags.last is None else min(lags.last, periods - 1)) + 1)
    else:
        backs = range(0) if lags.level is None or lags.equation != "both" else range(lags.level, lags.level + 1)
    known, out = np.nan_to_num(np.diff(lags.source, axis=1), nan=0.0), []
    for back in backs:
        moved = np.zeros((units, periods))
        moved[:, 1 + back :] = known[:, : periods - 1 - back]
        out += [moved] if lags.collapsed else [_only(moved, t) for t in range(periods)]
    return out


def _only(columns: Array, t: int) -> Array:
    one = np.zeros_like(columns)
    one[:, t] = columns[:, t]
    return one


def _columns(columns: list[Array], there: NDArray[np.bool_]) -> Array:
    """(units, rows, m) on rows of the sample, without columns of noughts, each over its length."""
    kept = [held for column in columns if np.any(held := np.where(there, column, 0.0))]
    if there.size * len(kept) > MOST_INSTRUMENTS:
        raise NoEstimate(f"{len(kept)} instruments of {there.size} rows are more than memory should hold")
    return np.stack([column / np.linalg.norm(column) for column in kept], axis=2) if kept else np.zeros((*there.shape, 0))


def _differences(periods: int) -> Array:
    """(periods - 1, periods) D: of a column its first differences."""
    return np.eye(periods)[1:] - np.eye(periods)[:-1]


def _transform(panel: Panel) -> Array:
    """(periods - 1, periods) what takes effects out of a unit that has every period."""
    periods = panel.y.shape[1]
    if panel.transform == "differences":
        return _differences(periods)
    to_come = np.triu(np.ones((periods, periods)), 1)[:-1]
    n = to_come.sum(axis=1, keepdims=True)
    return np.sqrt(n / (n + 1)) * (np.eye(periods)[:-1] - to_come / n)


def _root(panel: Panel, rows: int) -> Array:
    """(rows, .) M with M M' the covariance that the first step supposes of a unit's rows."""
    periods = panel.y.shape[1]
    moved = _transform(panel)
    if panel.weight == "identity":
        return np.eye(rows)
    if not panel.levels:
        return moved
    if panel.weight == "joint":
        return np.vstack([moved, np.eye(periods)])
    top, below = np.zeros((periods - 1, periods)), np.zeros((periods, periods))
    return np.block([[moved, top], [below, np.eye(periods)]])


# ---------------------------------------------------------------- steps


def _weighed(rows: _Stacked, root: Array) -> tuple[Array, int]:
    """Instruments in a basis with Z'HZ = I, and how many these are. Raises `NoEstimate` where H can't weigh them."""
    if not rows.z.shape[2]:
        raise NoEstimate("there is no instrument")
    seen = np.einsum("rp,urm->upm", root, rows.z).reshape(-1, rows.z.shape[2])
    triangle = np.linalg.qr(seen, mode="r")
    _, size, right = np.linalg.svd(triangle)
    m = int(np.sum(size > COLLINEAR * size[0])) if len(size) else 0
    lost = rows.z @ right[m:].T
    if lost.size and np.abs(lost).max() > 1e-6:
        raise NoEstimate("the first step's weights leave a combination of instruments without weight")
    return rows.z @ (right[:m].T / size[:m]), m


def _solved(half: Array, zx: Array, zy: Array) -> tuple[Array, Array, Array]:
    """b, (X'Z W Z'X)^-1 and what takes moments to b, (X'Z W Z'X)^-1 X'Z W, where W = half' half."""
    weighed = half @ zx
    length = np.linalg.norm(weighed, axis=0)
    if not np.all(length > 0):
        raise NoEstimate("no instrument moves with a regressor")
    q, r = np.linalg.qr(weighed / length)
    if not np.abs(np.diag(r)).min() > COLLINEAR:
        raise NoEstimate("the instruments don't tell the coefficients apart")
    back = np.linalg.solve(r, q.T @ half) / length[:, None]
    inverse = np.linalg.inv(r) / length[:, None]
    return back @ zy, inverse @ inverse.T, back


def _inverse_root(scores: Array, m: int) -> tuple[Array | None, str]:
    """half (m, m) with half' half the inverse of the sum of squared moments of units, or why there is none."""
    if len(scores) < m:
        return None, (
            f"{m} instruments are more than {len(scores)} units: the weights of two steps are singular, and what a "
            "generalised inverse makes of them hangs on the order of columns"
        )
    _, size, right = np.linalg.svd(np.linalg.qr(scores, mode="r"))
    if not size[-1] > math.sqrt(SINGULAR) * size[0]:
        return (
            None,
            "the weights of two steps are singular: of a combination of instruments every unit has moments of nought",
        )
    return right / size[:, None], ""


def _hansen(half: Array, zx: Array, zy: Array, rows: _Stacked, z: Array) -> float:
    """J of the second step, which a first step's answer reports beside its own."""
    b = _solved(half, zx, zy)[0]
    return float(np.sum((half @ (zy - zx @ b)) ** 2))


def _windmeijer(
    rows: _Stacked, z: Array, one: Array, half: Array, bread: Array, pull: Array, g: Array, first: Array
) -> Array:
    """Of the second step: its weights hold the first one's coefficients, whose variance they bring along."""
    weighed = half.T @ (half @ g)
    k = rows.x.shape[2]
    scores = np.einsum("urm,ur->um", z, one)
    moved = np.empty((k, k))
    for j in range(k):
        slope = np.einsum("urm,ur->um", z, rows.x[:, :, j])
        moved[:, j] = pull @ (slope.T @ (scores @ weighed) + scores.T @ (slope @ weighed))
    return bread + moved @ bread + bread @ moved.T + moved @ first @ moved.T


def _autocorrelation(
    rows: _Stacked, z: Array, e: Array, b: Array, order: int, pull: Array, covariance: Array, s2: float | None, panel: Panel
) -> float:
    """z of the products of a unit's differenced residuals `order` periods apart (Arellano and Bond 1991, eqs. 8 to 11).

    s2: the variance of errors where the covariance supposes it of all, else None. Residuals are first differences whatever
    the transform, and what differences share with levels is left out, as in DPD and xtabond2.
    """
    dy, dx = rows.late
    d = dy - dx @ b
    if order >= d.shape[1]:
        return math.nan
    late = np.zeros_like(d)
    late[:, order:] = d[:, :-order]
    first = slice(None, rows.differenced)
    late *= rows.there[:, first]
    each = np.einsum("ur,ur->u", late, d)
    wx = np.einsum("ur,urk->k", late, dx)
    if s2 is None:
        own, across = float(each @ each), np.einsum("urm,ur->um", z, e).T @ each
    else:
        same = panel.weight == "identity"
        seen = late if same else late @ _differences(panel.y.shape[1])
        own = s2 * float(np.sum(seen**2))
        across = s2 * np.einsum("urm,ur->m", z[:, first], seen if same else seen @ _transform(panel).T)
    variance = own - 2 * wx @ pull @ across + wx @ covariance @ wx
    return float(each.sum() / math.sqrt(variance)) if variance > 0 else math.nan
