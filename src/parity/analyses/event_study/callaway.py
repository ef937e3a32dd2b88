"""Callaway and Sant'Anna (2021), Journal of Econometrics 225: ATT(g, t) of a panel, averages of them, influence functions.

Each ATT(g, t) is a 2x2 difference of two periods, adjusted for controls as in Sant'Anna and Zhao (2020), Journal of
Econometrics 219, section 3: outcome regression, normalised inverse probabilities, or both (`doubly_robust.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from parity.analyses.event_study.doubly_robust import two_by_two
from parity.analyses.event_study.estimated import Estimated, counts, least_error, number, rounded, under
from parity.analyses.event_study.regressions import without_always_treated
from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable


@dataclass(frozen=True)
class Units:
    """A balanced panel by unit: y (N, T), controls (N, T, k), first (N,), weights (N,) of mean one, cluster (N,)."""

    y: np.ndarray
    controls: np.ndarray
    first: np.ndarray
    weights: np.ndarray
    cluster: np.ndarray


@dataclass(frozen=True)
class Att:
    """One ATT(g, t), and the (N,) influence of each unit on it; of a base period both are nought."""

    first: float
    time: float
    value: float
    influence: np.ndarray


def callaway_santanna(panel: Panel) -> Estimated:
    """Standard errors are those of the influence functions, summed within clusters, without small-sample factor."""
    panel, units = units_of(without_always_treated(panel))
    cells = [cell for cell in _cells(panel, units) if cell is not None]
    if not cells:
        raise Unestimable("no cohort has a period before treatment and a control group")
    terms, values, influence = _averages(panel, units, cells)
    v = _covariance(influence, units.cluster)
    errors = np.sqrt(np.diag(_covariance(np.column_stack([c.influence for c in cells]), units.cluster)))
    least = least_error(units.y)
    names = [f"{number(c.first)}:{number(c.time)}" for c in cells]
    more = {
        "cell": dict(zip(names, (c.value for c in cells), strict=True)),
        "cell se": {n: float(e) for n, e in zip(names, errors, strict=True) if e > least},
    } | counts(units.y.size, units.cluster)
    return under(terms, *rounded(values, v, units.y), more, panel.notes)


def units_of(panel: Panel) -> tuple[Panel, Units]:
    """Units that have every period, those of a panel without the others. Raises `Unestimable`."""
    periods = panel.periods
    seen = np.bincount(panel.unit, minlength=len(panel.names))
    lost = int((seen < len(periods)).sum())
    panel = panel.take((seen == len(periods))[panel.unit], f"{lost} units without a row in every period left out")
    shape = (len(panel.names), len(periods))
    w = panel.weights.reshape(shape)
    if not np.all(w == w[:, :1]):
        raise Unestimable("weights: they change within a unit, and an ATT(g, t) weighs units")
    if not panel.nested:
        raise Unestimable("cluster: a unit changes its cluster, and the influence function is one of units")
    controls = panel.controls.reshape(*shape, panel.controls.shape[1])
    return panel, Units(panel.y.reshape(shape), controls, panel.first.reshape(shape)[:, 0], w[:, 0] / w[:, 0].mean(),
                        panel.cluster.reshape(shape)[:, 0])  # fmt: skip


def _cells(panel: Panel, units: Units) -> Iterator[Att | None]:
    """In the order of cohorts and periods; None where a cell has no base, or no control."""
    s, periods = panel.settings, panel.periods
    varying = s.base_period == "varying"
    for g in panel.cohorts:
        before = np.flatnonzero(periods + s.anticipation < g)
        if not len(before):
            continue
        for j in range(1 if varying else 0, len(periods)):
            base = j - 1 if varying and periods[j] < g else int(before[-1])
            if base == j:
                yield Att(float(g), float(periods[j]), 0.0, np.zeros(len(units.first)))
                continue
            last = periods[max(j, base)] + s.anticipation
            clean = np.isinf(units.first) | ((s.control_group == "not_yet") & (units.first > last) & (units.first != g))
            yield _cell(s.adjustment or "", units, float(g), float(periods[j]), j, base, clean)


def _cell(adjustment: str, units: Units, g: float, time: float, j: int, base: int, clean: np.ndarray) -> Att | None:
    rows = np.flatnonzero(clean | (units.first == g))
    treated = (units.first[rows] == g).astype(float)
    if treated.all():
        return None
    x = np.column_stack([np.ones(len(rows)), units.controls[rows, min(j, base)]])
    value, part = two_by_two(adjustment, units.y[rows, j] - units.y[rows, base], treated, x, units.weights[rows],
                             f"cohort {number(g)}, period {number(time)}")  # fmt: skip
    influence = np.zeros(len(units.first))
    influence[rows] = part * len(units.first) / len(rows)
    return Att(g, time, value, influence)


def _covariance(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    sums = np.zeros((int(cluster.max()) + 1, influence.shape[1]))
    np.add.at(sums, cluster, influence)
    return sums.T @ sums / len(influence) ** 2


def _averages(panel: Panel, units: Units, cells: list[Att]) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Terms (k,), values (k,), influence (N, k): cells weighted by their cohort's share, whose own influence is added.

    "all" is the mean of event times from 0 on, of cohorts by their shares, of periods. Callaway and Sant'Anna, section 3.2.
    """
    s = panel.settings
    att = np.array([c.value for c in cells])
    first, time = np.array([c.first for c in cells]), np.array([c.time for c in cells])
    of_cells = np.column_stack([c.influence for c in cells])
    member = units.weights[:, None] * (units.first[:, None] == first)
    share = member.mean(axis=0)
    event, treated = time - first, time >= first

    def weighted(at: np.ndarray, values: np.ndarray, influence: np.ndarray, of: np.ndarray, p: np.ndarray):
        """Sum of p v / sum of p over `at`; the influence of v, and of p."""
        if s.cohort_weights == "equal":
            p, of = np.ones_like(p), np.ones_like(of)
        total = p[at].sum()
        w = p[at] / total
        own = of[:, at] - p[at]
        shares = (own - np.outer(own.sum(axis=1), w)) / total
        return float(w @ values[at]), influence[:, at] @ w + shares @ values[at]

    def alike(masks: list[np.ndarray]) -> list[tuple[float, np.ndarray]]:
        return [weighted(np.flatnonzero(m), att, of_cells, member, share) for m in masks]

    def mean(found: list[tuple[float, np.ndarray]]) -> tuple[float, np.ndarray]:
        return float(np.mean([v for v, _ in found])), np.mean([i for _, i in found], axis=0)

    if not treated.any():
        raise Unestimable("no cohort is treated in the periods there are")
    if s.aggregation == "simple":
        keys, found, whole = ["all"], alike([treated]), None
    elif s.aggregation == "dynamic":
        low, high = (-np.inf if s.leads is None else -s.leads), (np.inf if s.lags is None else s.lags)
        events = [e for e in np.unique(event) if low <= e <= high]
        found = alike([event == e for e in events])
        after = [f for e, f in zip(events, found, strict=True) if e >= 0]
        keys, whole = [number(e) for e in events], mean(after) if after else None
    elif s.aggregation == "calendar":
        times = np.unique(time[treated])
        found = alike([treated & (time == t) for t in times])
        keys, whole = [number(t) for t in times], mean(found)
    else:
        groups = np.unique(first[treated])
        found = alike([treated & (first == g) for g in groups])
        of_group = units.weights[:, None] * (units.first[:, None] == groups)
        values, influence = np.array([v for v, _ in found]), np.column_stack([i for _, i in found])
        every = np.arange(len(groups))
        keys, whole = [number(g) for g in groups], weighted(every, values, influence, of_group, of_group.mean(axis=0))
    if whole is not None:
        keys, found = [*keys, "all"], [*found, whole]
    return tuple(keys), np.array([v for v, _ in found]), np.column_stack([i for _, i in found])
