"""Replicates counted in bins, for a page: a few dozen numbers in place of thousands."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from parity.analyses.replicates.intervals import percentiles
from parity.results.analysis_page import Ends, Histogram

BINS = 40
#: Replicates farther from the median than this many standard deviations of a normal with their quartiles are counted
#: outside the bins.
FAR = 6.0
#: Between the quartiles of the standard normal.
QUARTILES = 1.3489795003921634


def histogram(
    quantity: str, replicates: Iterable[float], estimate: float, intervals: Iterable[tuple[str, float, float]] = (),
    *, null: bool = False,
) -> Histogram | None:  # fmt: skip
    """None where no replicate or no estimate is determined. intervals: method and both ends.

    Replicates NaN are counted as undefined, infinite ones outside the bins.
    """
    values = np.asarray(list(replicates), dtype=float)
    known = values[~np.isnan(values)]
    finite = known[np.isfinite(known)]
    if not len(finite) or not math.isfinite(estimate):
        return None
    low, high = _limits(finite)
    counts, _ = np.histogram(finite, bins=BINS, range=(low, high))
    return Histogram(
        quantity=quantity, estimate=estimate, low=low, high=high, counts=tuple(counts.tolist()),
        below=int((known < low).sum()), above=int((known > high).sum()), undefined=len(values) - len(known), null=null,
        intervals=tuple(Ends(method=m, low=_end(a), high=_end(b)) for m, a, b in intervals),
    )  # fmt: skip


def middle(replicates: Iterable[float], level: float = 0.95) -> tuple[str, float, float] | None:
    """The interval that holds the middle of the replicates, by Stata's rule; None where there are none."""
    values = np.asarray(list(replicates), dtype=float)
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = percentiles(values, ((1 - level) / 2, (1 + level) / 2))
    return f"middle {100 * level:g} %", low, high


def _limits(values: np.ndarray) -> tuple[float, float]:
    """Of the bins: the least and the largest value that is still shown."""
    q1, q2, q3 = (float(v) for v in np.quantile(values, (0.25, 0.5, 0.75)))
    reach = FAR * (q3 - q1) / QUARTILES
    near = values[np.abs(values - q2) <= reach] if reach > 0 else values
    low, high = float(near.min()), float(near.max())
    if low == high:
        pad = abs(low) / 2 or 0.5
        return low - pad, high + pad
    return low, high


def _end(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
