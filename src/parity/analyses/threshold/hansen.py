"""Thresholds in panels with fixed effects: estimates, likelihood-ratio sets, bootstrap tests.

Source: Hansen (1999), Journal of Econometrics 93(2), 345-368. With S the least sum of squares and f = N (T - 1),
F_k = f (S_{k-1} - S_k)/S_k tests k thresholds against k - 1; LR(g) = f (S(g) - S)/S, and a threshold's set is where it is at
most -2 ln(1 - sqrt(level)) (equations 12 to 22; sections 3 to 5).

Every candidate adds one column to those of the model before it. What remains of that column, made of length one, is z, and
the sum of squares falls by (z'y)^2: all candidates and all draws are one product of matrices, and nothing is refitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.collinear import partialled
from parity.analyses.threshold.sample import Sample
from parity.base.errors import Unestimable
from parity.base.tolerance import COLLINEAR, TIED_DRAWS, WHOLE


@dataclass(frozen=True)
class Searched:
    """Candidates for one more threshold: their sums of squares S, the best, and the ends of its set.

    base, added   (n, k) orthonormal columns of the model without it, and (n, m) what each candidate adds
    """

    base: np.ndarray
    added: np.ndarray
    values: np.ndarray
    squares: np.ndarray
    best: float
    least: float
    low: float
    high: float


@dataclass(frozen=True)
class Tested:
    """F of a threshold more, its draws under the null of none (NaN where one leaves nothing), the share as large."""

    f: float
    replicates: np.ndarray
    p: float

    def critical(self, level: float) -> float:
        """The value that a share `level` of the draws doesn't pass."""
        ordered = np.sort(self.replicates[~np.isnan(self.replicates)])
        return float(ordered[max(math.ceil(level * len(ordered) - WHOLE), 1) - 1])


@dataclass(frozen=True)
class Thresholds:
    """single, double (the second, given the first), refined (the first, given the second), triple, as far as asked.

    tests     one for each number of thresholds
    coef, se  by regime, from below, then controls; homoskedastic, N less the rank
    """

    searched: dict[str, Searched]
    tests: dict[str, Tested]
    thresholds: tuple[float, ...]
    coef: dict[str, float]
    se: dict[str, float]
    rows: tuple[int, ...]
    factor: float


def hansen(s: Sample) -> Thresholds:
    """Raises `Unestimable` where no candidate leaves enough rows in every regime."""
    space = Space.of(s)
    searched = {"single": search(space, ())}
    tests = {"single": test(space, searched["single"])}
    found: tuple[float, ...] = (searched["single"].best,)
    if s.settings.thresholds > 1:
        searched["double"] = search(space, found)
        tests["double"] = test(space, searched["double"])
        searched["double, first again"] = search(space, (searched["double"].best,))
        found = (searched["double, first again"].best, searched["double"].best)
    if s.settings.thresholds > 2:
        searched["triple"] = search(space, found)
        tests["triple"] = test(space, searched["triple"])
        found = (*found, searched["triple"].best)
    return Thresholds(searched, tests, tuple(sorted(found)), *coefficients(space, sorted(found)), s.factor)


@dataclass(frozen=True)
class Space:
    """Columns net of fixed effects, of the n rows that count. y (n,), x (n,), controls (n, k); lower: candidate -> x where q
    is not above it."""

    sample: Sample
    y: np.ndarray
    x: np.ndarray
    controls: np.ndarray
    candidates: np.ndarray
    lower: np.ndarray

    @classmethod
    def of(cls, s: Sample) -> Space:
        candidates = s.candidates()
        lower = np.where(below(s, candidates), s.x[:, None], 0.0)
        columns = np.column_stack([s.y, s.x, *s.controls.values(), lower])
        left = net(s, columns)[s.counted]
        k = 2 + len(s.controls)
        return cls(s, left[:, 0], left[:, 1], left[:, 2:k], candidates, left[:, k:])

    def base(self, given: Sequence[float]) -> np.ndarray:
        """Orthonormal columns of the model with these thresholds."""
        below = [self.below(g) for g in given]
        q, r = np.linalg.qr(np.column_stack([self.controls, self.x, *below]))
        size = np.linalg.norm(r, axis=0)
        if np.any(np.abs(np.diag(r)) <= COLLINEAR * size):
            raise Unestimable("a regime of the model is determined by its other regressors")
        return q

    def below(self, threshold: float) -> np.ndarray:
        return self.lower[:, int(np.flatnonzero(self.candidates == threshold)[0])]

    def new(self, given: Sequence[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Base columns, which candidates leave every regime enough rows, and what these add, of length one: (n, m)."""
        base = self.base(given)
        z = self.lower - base @ (base.T @ self.lower)
        z = z - base @ (base.T @ z)
        size, own = np.linalg.norm(z, axis=0), np.linalg.norm(self.lower, axis=0)
        s = self.sample.settings
        fewest = max(1, math.ceil(s.trim * len(self.sample.y) - WHOLE)) if s.apart == "rows" else 1
        enough = fewest_rows(self.sample, given, self.candidates) >= fewest
        if s.apart == "quantiles":
            places, wide = np.arange(1, len(self.candidates) + 1), s.grid * s.trim
            for t in given:
                nearest = np.sum(self.candidates < t)
                enough &= (places < nearest - wide) | (places >= nearest + wide)
        may = enough & (size > COLLINEAR * own) & ~np.isin(self.candidates, given)
        if not may.any():
            raise Unestimable(f"no candidate leaves {fewest} rows in every regime beside {list(given) or 'none'}")
        return base, may, z[:, may] / size[may]


def net(s: Sample, columns: np.ndarray) -> np.ndarray:
    return partialled(columns, list(s.effects.values()), s.intercept, None)[0]


def below(s: Sample, thresholds: np.ndarray) -> np.ndarray:
    """(n, m): which rows are in the lower regime of each threshold."""
    q, t = s.q[:, None], thresholds[None, :]
    return q <= t if s.settings.closed == "lower" else q < t


def rows_of(s: Sample, thresholds: Sequence[float]) -> tuple[int, ...]:
    """Rows in each regime, from below."""
    at = len(thresholds) - below(s, np.asarray(thresholds, dtype=float)).sum(axis=1)
    return tuple(np.bincount(at, minlength=len(thresholds) + 1).tolist())


def fewest_rows(s: Sample, given: Sequence[float], candidates: np.ndarray) -> np.ndarray:
    """(m,) rows of the smallest regime, of the thresholds given and each candidate."""
    fixed, free = (below(s, np.asarray(t, dtype=float)).sum(axis=0) for t in (given, candidates))
    ends = np.vstack([np.zeros(len(free), dtype=int), *(np.full(len(free), n) for n in fixed), free,
                      np.full(len(free), len(s.q))])  # fmt: skip
    return np.diff(np.sort(ends, axis=0), axis=0).min(axis=0)


def search(space: Space, given: tuple[float, ...]) -> Searched:
    """The threshold beside those given that leaves the least sum of squares; the lowest of equals."""
    base, may, z = space.new(given)
    rest = space.y - base @ (base.T @ space.y)
    rest = rest - base @ (base.T @ rest)
    squares = rest @ rest - (z.T @ rest) ** 2
    values = space.candidates[may]
    best = int(np.flatnonzero(squares <= squares.min() * (1.0 + TIED_DRAWS))[0])
    ratio = space.sample.factor * (squares - squares[best]) / squares[best]
    inside = values[ratio <= -2.0 * math.log(1.0 - math.sqrt(space.sample.settings.level))]
    return Searched(base, z, values, squares, float(values[best]), float(squares[best]), float(inside[0]), float(inside[-1]))


def test(space: Space, found: Searched) -> Tested:
    """F of the threshold found beside those given, and of each draw: fitted values without it and whole units' residuals."""
    s, base = space.sample, found.base
    fitted = base @ (base.T @ space.y)
    rest = space.y - fitted
    before = float(rest @ rest)
    residuals = rest
    if s.settings.residuals == "alternative":
        own = space.below(found.best)
        full = np.linalg.qr(np.column_stack([base, own]))[0]
        residuals = space.y - full @ (full.T @ space.y)
    unit, period = s.unit[s.counted], s.period[s.counted]
    blocks = np.empty((len(s.labels), int(period.max()) + 1))
    blocks[unit, period] = residuals
    drawn = blocks[s.draws().values]  # (B, N, T)
    size = np.einsum("bij,bij->b", drawn, drawn) + fitted @ fitted
    by = effects_of_panel(s) if s.counted.all() else ()
    for axis in by or ():
        drawn = drawn - drawn.mean(axis=axis, keepdims=True)
    y = fitted + drawn[:, unit, period]
    if by is None:
        y = net(s, y.T).T
    y = y - (y @ base) @ base.T
    null = np.einsum("bi,bi->b", y, y)
    null[null <= COLLINEAR**2 * size] = np.nan  # one unit drawn all the time, which the periods' effects absorb
    least = null - np.max((y @ found.added) ** 2, axis=1)
    f = s.factor * (before - found.least) / found.least
    replicates = s.factor * (null - least) / least
    known = replicates[~np.isnan(replicates)]
    if not len(known):
        raise Unestimable("no draw leaves anything to explain")
    return Tested(f, replicates, float(np.mean(known >= f * (1.0 - TIED_DRAWS))))


def effects_of_panel(s: Sample) -> tuple[int | tuple[int, int], ...] | None:
    """Axes of (draws, units, periods) whose means the effects take out one after the other; None where they are others."""
    if not s.effects:
        return ((1, 2),) if s.intercept else ()
    codes = {2: s.unit, 1: s.period}
    axes = [next((axis for axis, of in codes.items() if _same_groups(code, of)), None) for code in s.effects.values()]
    return None if None in axes else tuple(axes)


def _same_groups(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two codes from 0 part the rows alike."""
    groups = len(np.unique(a * (int(b.max()) + 1) + b))
    return groups == len(np.unique(a)) == len(np.unique(b))


def coefficients(space: Space, thresholds: Sequence[float]) -> tuple[dict[str, float], dict[str, float], tuple[int, ...]]:
    """Of the model with these thresholds: one a regime, from below, then controls; their standard errors; rows a regime."""
    s = space.sample
    ends = [space.below(t) for t in thresholds]
    regimes = [a - b for a, b in zip([*ends, space.x], [np.zeros(len(space.y)), *ends], strict=True)]
    columns = np.column_stack([*regimes, space.controls])
    size = np.linalg.norm(columns, axis=0)
    q, r = np.linalg.qr(columns / size)
    inverse = np.linalg.inv(r)
    b = inverse @ (q.T @ space.y)
    e = space.y - q @ (q.T @ space.y)
    free = len(space.y) - s.absorbed - columns.shape[1]
    se = np.sqrt(np.sum(inverse**2, axis=1) * (e @ e) / free)
    names = [*(f"{s.term}, regime {i + 1}" for i in range(len(regimes))), *s.controls]
    return (
        {n: float(v) for n, v in zip(names, b / size, strict=True)},
        {n: float(v) for n, v in zip(names, se / size, strict=True)}, rows_of(s, thresholds),
    )  # fmt: skip
