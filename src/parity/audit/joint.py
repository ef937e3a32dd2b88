"""Joint inference over all specifications, from estimates drawn under the null.

Three statistics of the whole curve (Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4): the median coefficient,
the share that is significant in the dominant direction, and Stouffer's sum of z over root S. The median is judged by its
ratio to the median standard error, as a t statistic is: with few clusters the coefficients of draws spread too little, and
their standard errors with them, so that the median itself would be rejected too often. And p-values adjusted for having
looked at all specifications: the step-down of Romano and Wolf (2005, 2016; Clarke, Romano and Wolf 2020, Stata
Journal 20, algorithm 3.1) over maximal |t|, or over minimal p where degrees of freedom differ.

Draws are taken one at a time, so memory is that of a few vectors of S numbers however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parity.audit.outcomes import Outcomes
from parity.base.tolerance import TIED_DRAWS

StatisticName = Literal["median", "share", "stouffer"]


@dataclass(frozen=True)
class Statistic:
    """One number of the whole curve.

    observed  median coefficient; share of specifications; or sum of z over root S
    p         (1 + at_least) / (1 + draws): of the draws, those at least as far from zero; medians
              are compared in median standard errors
    null      (draws,) the same number in each draw
    """

    name: StatisticName
    observed: float
    p: float
    at_least: int
    null: np.ndarray


@dataclass(frozen=True)
class Joint:
    """draws      how many; level: of significance in `share`
    statistics  median, share, stouffer
    direction   1 or -1, that of most coefficients; 0 where it is a tie that significance doesn't break
    own         (S,) p of each specification by itself, from the draws: NaN where it isn't estimable
    adjusted    (S,) its step-down p over all specifications
    missing     estimates that couldn't be had in a draw, over all draws; they count as no evidence (t zero)
    """

    draws: int
    level: float
    statistics: tuple[Statistic, ...]
    direction: int
    own: np.ndarray
    adjusted: np.ndarray
    missing: int

    def significant(self, level: float | None = None) -> int:
        """Specifications whose adjusted p is below the level."""
        return int(np.count_nonzero(self.adjusted < (self.level if level is None else level)))


def joint(outcomes: Outcomes, draws: Iterable[tuple[np.ndarray, np.ndarray]], *, level: float = 0.05) -> Joint:
    """draws: of batches (coef, t), each (b, S) under the null, b of any size and NaN where one can't be estimated.

    t is compared with the specification's own degrees of freedom. A p is valid where the observed data are as likely as
    any draw under the null, as they are with (1 + count) / (1 + draws) (Davison and Hinkley 1997, section 4.2).
    Raises `ValueError` where there is no draw, no estimable specification, or a draw of another number of them.
    """
    good = np.flatnonzero(outcomes.estimable & (outcomes.se > 0))
    if not len(good):
        raise ValueError("no specification is estimable, so nothing can be tested jointly")
    curve = _Curve(outcomes.df[good], level)
    t = outcomes.coef[good] / outcomes.se[good]
    observed, direction = curve.statistics(outcomes.coef[good], t)
    steps = _StepDown(curve.evidence(t))
    null: list[tuple[float, float, float]] = []
    judged = [_in_errors(outcomes.coef[good], t)]
    missing = 0
    for coefs, ts in draws:
        if np.ndim(coefs) != 2 or coefs.shape != ts.shape or coefs.shape[1] != len(outcomes):
            raise ValueError(f"a batch of draws is {np.shape(coefs)} and {np.shape(ts)}, not (b, {len(outcomes)})")
        for coef_all, t_all in zip(coefs, ts, strict=True):
            coef, t = coef_all[good], t_all[good]
            missing += int(np.count_nonzero(~np.isfinite(t)))
            null.append(curve.statistics(coef, t)[0])
            judged.append(_in_errors(coef, t))
            steps.add(curve.evidence(np.where(np.isfinite(t), t, 0.0)))
    if not null:
        raise ValueError("no draw under the null was given")
    values = np.array(null)
    names: tuple[StatisticName, ...] = ("median", "share", "stouffer")
    ratio = np.array(judged)
    compared = ((ratio[0], ratio[1:]), *((observed[i], values[:, i]) for i in (1, 2)))
    statistics = tuple(
        _compared(name, observed[i], values[:, i], *by) for i, (name, by) in enumerate(zip(names, compared, strict=True))
    )
    own, adjusted = np.full((2, len(outcomes)), np.nan)
    own[good], adjusted[good] = steps.own(), steps.adjusted()
    return Joint(len(values), level, statistics, direction, own, adjusted, missing)


class _Curve:
    """What is computed of one draw, and of the estimates themselves, alike."""

    def __init__(self, df: np.ndarray, level: float):
        from scipy import special

        self._df, self._normal = df, bool(np.all(np.isinf(df)))
        self._same = bool(np.all(df == df[0]))
        infinite = np.isinf(df)
        self._critical = np.where(
            infinite, special.ndtri(1 - level / 2), special.stdtrit(np.where(infinite, 1.0, df), 1 - level / 2)
        )

    def statistics(self, coef: np.ndarray, t: np.ndarray) -> tuple[tuple[float, float, float], int]:
        """Median, share and Stouffer's z, and the dominant direction. Estimates that are missing are left out."""
        there = np.isfinite(coef) & np.isfinite(t)
        if not there.all():
            coef, t = coef[there], t[there]
            critical, z = self._critical[there], self._z(t, self._df[there])
        else:
            critical, z = self._critical, self._z(t, self._df)
        if not len(coef):
            return (0.0, 0.0, 0.0), 0
        above, below = int(np.count_nonzero(t > critical)), int(np.count_nonzero(t < -critical))
        positive, negative = int(np.count_nonzero(coef > 0)), int(np.count_nonzero(coef < 0))
        direction = int(np.sign(positive - negative)) or int(np.sign(above - below))
        share = max(above, below) if direction == 0 else above if direction > 0 else below
        return (float(np.median(coef)), share / len(coef), float(z.sum() / np.sqrt(len(z)))), direction

    def evidence(self, t: np.ndarray) -> np.ndarray:
        """(S,) what is maximal where p is minimal: |t| where all have the same df, else |z| of the same p."""
        return np.abs(t) if self._same else np.abs(self._z(t, self._df))

    def _z(self, t: np.ndarray, df: np.ndarray) -> np.ndarray:
        """(S,) of the normal distribution, with the sign and the two-sided p of t; p below 1e-307 counts as that."""
        if self._normal:
            return t
        from scipy import special

        infinite = np.isinf(df)
        tail = np.where(infinite, special.ndtr(-np.abs(t)), special.stdtr(np.where(infinite, 1.0, df), -np.abs(t)))
        return -np.sign(t) * special.ndtri(np.maximum(tail, np.finfo(float).tiny))


class _StepDown:
    """Counts of draws whose maximum over the specifications not yet passed reaches each of them."""

    def __init__(self, observed: np.ndarray):
        self._order = np.argsort(-observed, kind="stable")
        self._reached = observed[self._order] * (1 - TIED_DRAWS)
        self._own, self._joint = np.zeros((2, len(observed)), dtype=np.int64)
        self._draws = 0

    def add(self, drawn: np.ndarray) -> None:
        by_rank = drawn[self._order]
        self._own += by_rank >= self._reached
        self._joint += np.maximum.accumulate(by_rank[::-1])[::-1] >= self._reached
        self._draws += 1

    def own(self) -> np.ndarray:
        return self._back((1 + self._own) / (1 + self._draws))

    def adjusted(self) -> np.ndarray:
        """Never below that of a specification with more evidence."""
        return self._back(np.maximum.accumulate((1 + self._joint) / (1 + self._draws)))

    def _back(self, by_rank: np.ndarray) -> np.ndarray:
        out = np.empty(len(by_rank))
        out[self._order] = by_rank
        return out


def _in_errors(coef: np.ndarray, t: np.ndarray) -> float:
    """The median coefficient over the median standard error; 0 where there is none of either."""
    there = np.isfinite(coef) & np.isfinite(t)
    moved = there & (t != 0)
    return float(np.median(coef[there]) / np.median(coef[moved] / t[moved])) if moved.any() else 0.0


def _compared(name: StatisticName, observed: float, null: np.ndarray, judged: float, by: np.ndarray) -> Statistic:
    """judged, by: what is compared, of the observed curve and (draws,) of the draws."""
    at_least = int(np.count_nonzero(np.abs(by) >= abs(judged) * (1 - TIED_DRAWS)))
    return Statistic(name, observed, (1 + at_least) / (1 + len(null)), at_least, null)
