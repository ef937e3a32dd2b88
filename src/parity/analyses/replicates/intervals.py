"""Intervals and standard errors from replicates of an estimate.

Sources: Efron and Tibshirani (1993), chapters 13 and 14; Stata's [R] bootstrap, Methods and formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parity.base.tolerance import REPLICATE_TIE

Rule = Literal["stata", "type7"]

#: A share of n values is a whole number of them if it differs from one by no more than this share of n.
WHOLE = 1e-13


@dataclass(frozen=True)
class Interval:
    """One interval of one number. method: percentile, bias-corrected, bca, or monte-carlo."""

    method: str
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """An estimate and what its replicates say.

    used, undefined   replicates with and without a value: in a draw without one the estimate is undetermined
    bias              mean of the replicates less the estimate
    """

    estimate: float
    se: float
    bias: float
    used: int
    undefined: int
    intervals: tuple[Interval, ...]

    def interval(self, method: str) -> Interval:
        return next(i for i in self.intervals if i.method == method)


def summarise(
    estimate: float,
    replicates: np.ndarray,
    jackknife: np.ndarray | None = None,
    level: float = 0.95,
    rule: Rule = "stata",
) -> Summary:
    """Standard error and intervals from replicates (B,), and from the estimates without each cluster for BCa.

    rule: how percentiles are read: Stata's `_pctile` (Hyndman and Fan's type 2) or R's default (type 7).
    Replicates that are NaN are left out and counted, as Stata's bootstrap does.
    """
    values = replicates[~np.isnan(replicates)]
    if len(values) < 2:
        nan = float("nan")
        return Summary(estimate, nan, nan, len(values), len(replicates) - len(values), ())
    tail = (1 - level) / 2
    found = [Interval("percentile", *percentiles(values, (tail, 1 - tail), rule))]
    z0 = bias(values, estimate)
    found.append(Interval("bias-corrected", *percentiles(values, shifted(z0, 0.0, tail), rule)))
    if jackknife is not None:
        a = acceleration(jackknife)
        found.append(Interval("bca", *percentiles(values, shifted(z0, a, tail), rule)))
    return Summary(
        estimate, float(values.std(ddof=1)), float(values.mean() - estimate), len(values), len(replicates) - len(values),
        tuple(found),
    )  # fmt: skip


def percentiles(values: np.ndarray, shares: Sequence[float], rule: Rule = "stata") -> tuple[float, ...]:
    """Percentiles of values at shares of one; NaN where a share is."""
    ordered, n = np.sort(values), len(values)

    def at(share: float) -> float:
        if np.isnan(share):
            return float("nan")
        if rule == "type7":
            return float(np.quantile(ordered, share))
        place = n * share
        whole = round(place)
        if abs(place - whole) <= WHOLE * n:  # .025 of 1000 is 25, though (1 - .95)/2 isn't .025 in binary
            return float((ordered[max(whole - 1, 0)] + ordered[min(whole, n - 1)]) / 2)
        return float(ordered[int(np.floor(place))])

    return tuple(at(share) for share in shares)


def bias(replicates: np.ndarray, estimate: float) -> float:
    """z0: the normal quantile of the share of replicates at or below the estimate; infinite where all or none are."""
    from scipy.special import ndtri

    same = REPLICATE_TIE * float(replicates.std(ddof=1))
    return float(ndtri(np.mean(replicates <= estimate + same)))


def acceleration(jackknife: np.ndarray) -> float:
    """a: skewness of the estimates without each cluster (G,), over six; zero where they don't vary, or there is none."""
    values = jackknife[~np.isnan(jackknife)]
    if not len(values):
        return 0.0
    apart = values.mean() - values
    spread = float((apart**2).sum())
    return float((apart**3).sum() / (6 * spread**1.5)) if spread > 0 else 0.0


def shifted(z0: float, a: float, tail: float) -> tuple[float, float]:
    """The shares at which the corrected interval reads the percentiles (Efron 1987)."""
    from scipy.special import ndtr, ndtri

    def share(z: float) -> float:
        if np.isinf(z0):
            return float(ndtr(z0))
        return float(ndtr(z0 + (z0 + z) / (1 - a * (z0 + z))))

    return share(float(ndtri(tail))), share(float(ndtri(1 - tail)))
