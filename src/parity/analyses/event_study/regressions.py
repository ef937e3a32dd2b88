"""TWFE, Sun and Abraham, and local projections: least squares net of effects, clustered, under a convention.

Sun and Abraham (2021), Journal of Econometrics 225; Dube, Girardi, Jorda and Taylor (2025), Journal of Applied Econometrics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from parity.algebra.collinear import independent, partialled
from parity.analyses.event_study.estimated import Cell, Estimated, averages, event_term, number, under
from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable, some_of
from parity.base.tolerance import NO_VARIANCE
from parity.conventions.facts import count
from parity.conventions.formulas import Refused, df_t, factor
from parity.conventions.profiles import PROFILES
from parity.sample.build import singletons_dropped


@dataclass(frozen=True)
class Regression:
    """b (k,) and V (k, k) under the convention, which multiplied V by `factor`; degrees of freedom of t, rows, clusters."""

    b: np.ndarray
    v: np.ndarray
    df: float
    factor: float
    nobs: int
    clusters: int


def regress(
    y: np.ndarray, x: np.ndarray, names: list[str], effects: Mapping[str, np.ndarray], cluster: np.ndarray,
    weights: np.ndarray, convention: str,
) -> Regression:  # fmt: skip
    """y (n,) on x (n, k) and effects, clustered. Raises `Unestimable` where a column is determined by others."""
    keep = np.ones(len(y), dtype=bool)
    profile = PROFILES[convention] if convention != "none" else PROFILES["fixest"].model_copy(update={"singletons": "keep"})
    if profile.singletons == "drop":
        keep = singletons_dropped(dict(effects))
    y, x, cluster, weights = y[keep], x[keep], cluster[keep], weights[keep]
    codes = {name: np.unique(code[keep], return_inverse=True)[1] for name, code in effects.items()}
    plain = None if np.all(weights == 1.0) else weights
    net, sizes = partialled(np.column_stack([y, x]), list(codes.values()), False, plain)
    columns = net[:, 1:]
    mask = independent(columns, sizes[1:])
    if not mask.all():
        lost = some_of([names[i] for i in np.flatnonzero(~mask)])
        raise Unestimable(
            f"{lost}: determined by effects and other columns; without never treated units two event times are the "
            "reference, or ends are binned"
        )
    length = np.linalg.norm(columns, axis=0)
    q, r = np.linalg.qr(columns / length)
    half = np.linalg.solve(r, np.eye(len(r))) / length[:, None]
    b = half @ (q.T @ net[:, 0])
    left = net[:, 0] - columns @ b
    code = np.unique(cluster, return_inverse=True)[1]
    groups = int(code.max()) + 1
    if groups < 2:
        raise Unestimable("there is only one cluster")
    scores = np.zeros((groups, len(b)))
    np.add.at(scores, code, q * left[:, None])
    pull = half @ q.T
    half = half @ scores.T
    v = half @ half.T
    zero = np.diag(v) <= NO_VARIANCE**2 * ((pull * net[:, 0]) ** 2).sum(axis=1)
    if zero.any():
        lost = some_of([names[i] for i in np.flatnonzero(zero)])
        raise Unestimable(f"{lost}: residuals sum to nought in every cluster, so that there is no standard error")
    if convention == "none":
        return Regression(b, v, math.inf, 1.0, len(y), groups)
    facts = count(codes, {"cluster": code}, nobs=len(y), nobs_weighted=float(len(y)), n_slopes=len(b), intercept=False)
    try:
        scale = factor(facts, profile, "CR1", ("cluster",), ("cluster",), iv=False)
    except Refused as refused:
        raise Unestimable(str(refused)) from None
    df = df_t(facts, profile, "CR1", ("cluster",), iv=False, random=False)
    if not scale > 0:
        raise Unestimable(f"{len(y)} rows leave no degree of freedom")
    return Regression(b, v * scale, df, scale, len(y), groups)


def in_window(panel: Panel) -> Panel:
    """Without rows outside a window whose endpoints are dropped; the always treated as settings say."""
    s = panel.settings
    if s.always_treated == "dropped":
        panel = without_always_treated(panel)
    if s.endpoints == "dropped":
        e = panel.event
        inside = np.isneginf(e) | ((e >= -_end(s.leads)) & (e <= _end(s.lags)))
        panel = panel.take(inside, f"{int((~inside).sum())} rows outside the window left out")
    return panel


def without_always_treated(panel: Panel) -> Panel:
    always = panel.first - panel.settings.anticipation <= panel.periods[0]
    units = len(np.unique(panel.unit[always]))
    return panel.take(~always, f"{units} units treated in the first period left out" if units else "")


def _end(said: int | None) -> float:
    return math.inf if said is None else float(said)


def event_of_dummy(panel: Panel) -> np.ndarray:
    """(n,) the event time of the dummy that a row has; NaN where it has none."""
    s, e = panel.settings, panel.event
    low, high = -_end(s.leads), _end(s.lags)
    if s.endpoints == "binned":
        e = np.where(np.isneginf(e), e, np.clip(e, low, high))
    if s.endpoints == "reference":
        e = np.where((e < low) | (e > high), np.nan, e)
    none = np.isneginf(e) | np.isin(e, s.reference or ())
    return np.where(none, np.nan, e)


def _effects(panel: Panel) -> dict[str, np.ndarray]:
    return {"unit": panel.unit, "time": np.unique(panel.time, return_inverse=True)[1]}


def _fit(panel: Panel, dummies: np.ndarray, names: list[str]) -> Regression:
    x = np.column_stack([dummies, panel.controls])
    return regress(panel.y, x, [*names, *panel.control_names], _effects(panel), panel.cluster, panel.weights,
                   panel.settings.convention or "none")  # fmt: skip


def twfe(panel: Panel) -> Estimated:
    """By event time, or of one dummy of treatment."""
    panel = in_window(panel)
    s = panel.settings
    if s.aggregation == "simple":
        fit = _fit(panel, (panel.event >= 0).astype(float)[:, None], ["all"])
        return under(("all",), fit.b[:1], fit.v[:1, :1], _rows(fit), panel.notes, fit.df, fit.factor)
    e = event_of_dummy(panel)
    events = np.unique(e[np.isfinite(e)])
    if not len(events):
        raise Unestimable("no event time is left beside the reference")
    fit = _fit(panel, (e[:, None] == events).astype(float), [f"event time {number(v)}" for v in events])
    shown = [i for i, v in enumerate(events) if -_end(s.leads) <= v <= _end(s.lags)]
    terms = tuple(event_term(float(events[i]), panel) for i in shown)
    return under(terms, fit.b[shown], fit.v[np.ix_(shown, shown)], _rows(fit), panel.notes, fit.df, fit.factor)


def _rows(fit: Regression) -> dict[str, dict[str, float]]:
    return {"nobs": {"": float(fit.nobs)}, "clusters": {"": float(fit.clusters)}}


def sun_abraham(panel: Panel) -> Estimated:
    """Dummies of cohort and event time, averaged by the rows of each (by their weights). Shares are taken as known, or
    their variance is added: that of means of rows that are independent of each other (Sun and Abraham, proposition 6).

    Without never treated units the last cohort is the control, and periods from its treatment on are left out.
    """
    panel = in_window(without_always_treated(panel))
    if np.isfinite(panel.first).all():
        last = panel.cohorts[-1]
        panel = panel.take(panel.time < last - panel.settings.anticipation,
                           f"none is never treated: cohort {number(last)} is the control, up to its treatment")  # fmt: skip
        panel = replace(panel, first=np.where(panel.first == last, np.inf, panel.first))
    e = event_of_dummy(panel)
    pairs = np.unique(np.column_stack([panel.first, e])[np.isfinite(e)], axis=0)
    if not len(pairs):
        raise Unestimable("no event time is left beside the reference")
    masks = ((panel.first[:, None] == pairs[:, 0]) & (e[:, None] == pairs[:, 1])).astype(float)
    names = [f"cohort {number(g)} at {number(v)}" for g, v in pairs]
    fit = _fit(panel, masks, names)
    sizes = panel.weights @ masks
    cells = [Cell(float(g), float(g + v), float(v), float(n)) for (g, v), n in zip(pairs, sizes, strict=True)]
    terms, a = averages(cells, panel)
    k = len(cells)
    of_cells = {f"{number(c.first)}:{event_term(c.event, panel)}": i for i, c in enumerate(cells)}
    errors = np.sqrt(np.diag(fit.v))
    more = {"cell": {n: float(fit.b[i]) for n, i in of_cells.items()},
            "cell se": {n: float(errors[i]) for n, i in of_cells.items()}} | _rows(fit)  # fmt: skip
    v = a @ fit.v[:k, :k] @ a.T
    added = np.zeros(len(terms))
    if panel.settings.shares == "estimated":
        squares = panel.weights**2 @ masks
        spread = (fit.b[:k] - (a @ fit.b[:k])[:, None]) ** 2 * (a > 0)
        added = (spread * squares).sum(axis=1) / ((a > 0) @ sizes) ** 2
    return under(terms, a @ fit.b[:k], v + np.diag(added), more, panel.notes, fit.df, fit.factor)


def local_projections(panel: Panel) -> Estimated:
    """y(t + h) - y(t - 1) of rows where treatment starts, against clean controls, net of periods; a regression a horizon.

    Clean: not treated by t + h (for h < 0 by t), or never. The base is t - 1 - anticipation.
    """
    s = panel.settings
    panel = without_always_treated(panel)
    base = -1 - s.anticipation
    at = {(u, t): i for i, (u, t) in enumerate(zip(panel.unit.tolist(), panel.time.tolist(), strict=True))}
    span = int(panel.periods[-1] - panel.periods[0])
    low, high = -min(_end(s.leads), span), min(_end(s.lags), span)
    out: dict[str, Regression] = {}
    for h in range(int(low), int(high) + 1):
        if h == base:
            continue
        rows, later, before = _moved(panel, at, h, base)
        if not len(rows):
            continue
        starts = panel.time[rows] == panel.first[rows]
        ahead = panel.time[rows] + max(h, 0) + s.anticipation
        clean = np.isinf(panel.first[rows]) | ((s.control_group == "not_yet") & (panel.first[rows] > ahead))
        keep = starts | clean
        rows, later, before, starts = rows[keep], later[keep], before[keep], starts[keep]
        share = _share(starts, panel.time[rows], panel.weights[rows])
        if not np.any((share > 0) & (share < 1)):
            continue
        # a period where all start, or none, has no part in the effect, but in the rows that are counted
        equal = (s.weighting == "equal") & (share < 1)
        weights = panel.weights[rows] / np.where(equal, 1.0 - share, 1.0)
        x = np.column_stack([starts.astype(float), panel.controls[rows]])
        effects = {"time": np.unique(panel.time[rows], return_inverse=True)[1]}
        fit = regress(panel.y[later] - panel.y[before], x, [f"horizon {h}", *panel.control_names], effects,
                      panel.cluster[rows], weights, s.convention or "none")  # fmt: skip
        out[number(h)] = fit
    if not out:
        raise Unestimable("no horizon has both rows where treatment starts and clean controls")
    of = list(out.values())
    more = {"nobs": {term: float(fit.nobs) for term, fit in out.items()},
            "clusters": {term: float(fit.clusters) for term, fit in out.items()}}  # fmt: skip
    return Estimated(
        tuple(out), np.array([f.b[0] for f in of]), np.diag([f.v[0, 0] for f in of]), np.array([f.df for f in of]),
        np.array([f.factor for f in of]), more, panel.notes,
    )  # fmt: skip


def _moved(panel: Panel, at: dict, h: int, base: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows (t) that have one at t + h and at t + base, and the numbers of those."""
    found = []
    for (u, t), i in at.items():
        later, before = at.get((u, t + h)), at.get((u, t + base))
        if later is not None and before is not None:
            found.append((i, later, before))
    return tuple(np.array(found, dtype=int).reshape(-1, 3).T)  # type: ignore[return-value]


def _share(starts: np.ndarray, time: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) share of the row's period whose treatment starts, by weight."""
    code = np.unique(time, return_inverse=True)[1]
    return (np.bincount(code, weights * starts) / np.bincount(code, weights))[code]
