"""Imputation: what treated rows would have been, from effects of unit and time among untreated rows alone.

Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91, theorem 1 and section 4.3; Gardner (2022), "Two-stage
differences in differences", whose second stage has the same rows and the first stage's uncertainty by its influence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.analyses.event_study.estimated import Cell, Estimated, averages, counts, event_term, number, rounded, under
from parity.analyses.event_study.regressions import without_always_treated
from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable, some_of


@dataclass(frozen=True)
class First:
    """The regression among untreated rows: left (n,) outcomes less predictions; z (n, k) its columns in all rows, sparse;
    solve   (k, m) -> (k, m), by the inverse of the untreated rows' weighted cross-products."""

    panel: Panel
    left: np.ndarray
    z: object
    solve: object


def _first(panel: Panel) -> First:
    """Raises `Unestimable` where an effect of a treated row isn't known from untreated ones."""
    from scipy.sparse import csc_array, csr_array, hstack
    from scipy.sparse.linalg import splu

    panel = without_always_treated(panel)
    untreated = panel.untreated
    seen = np.bincount(panel.unit[untreated], minlength=len(panel.names))
    if (seen == 0).any():
        lost = [panel.names[i] for i in np.flatnonzero(seen == 0)]
        raise Unestimable(f"without an untreated row, so that its effect isn't known: {some_of(lost)}")
    time = np.unique(panel.time, return_inverse=True)[1]
    known = np.bincount(time[untreated], minlength=time.max() + 1) > 0
    if not known.all():
        raise Unestimable(f"periods without an untreated row: {some_of([number(t) for t in panel.periods[~known]])}; "
                          "leave them out by where")  # fmt: skip
    n = len(panel.y)
    dummies = [csr_array((np.ones(n), (np.arange(n), code)), shape=(n, code.max() + 1)) for code in (panel.unit, time)]
    spread = np.abs(panel.controls).max(axis=0, initial=0.0)
    controls = csr_array(panel.controls / np.where(spread > 0, spread, 1.0))
    z = csr_array(hstack([dummies[0], dummies[1][:, 1:], controls]))
    w = np.where(untreated, panel.weights, 0.0)
    cross = csc_array(z.T @ (z.multiply(w[:, None])))
    try:
        factored = splu(cross)
    except RuntimeError:
        raise Unestimable("effects of unit and time among untreated rows aren't known from each other: they fall "
                          "into parts, or a control is determined by them") from None  # fmt: skip
    diagonal = np.abs(factored.U.diagonal())
    if diagonal.min() <= 1e-10 * diagonal.max():
        raise Unestimable("effects of unit and time, or controls, are collinear among untreated rows")
    b = factored.solve(z.T @ (w * panel.y))
    b = b + factored.solve(z.T @ (w * (panel.y - z @ b)))
    return First(panel, panel.y - z @ b, z, factored.solve)


def imputation(panel: Panel) -> Estimated:
    """Averages of treated rows' effects; conservative standard errors, about means of cohort and period."""
    first = _first(panel)
    panel, left = first.panel, first.left
    treated = ~panel.untreated
    pairs, code = np.unique(np.column_stack([panel.first, panel.time])[treated], axis=0, return_inverse=True)
    code = code.ravel()
    w = panel.weights[treated]
    sizes = np.bincount(code, w)
    cells = [Cell(float(g), float(t), float(t - g), float(m)) for (g, t), m in zip(pairs, sizes, strict=True)]
    terms, a = averages(cells, panel)
    v1 = a[:, code] * (w / sizes[code])  # (k, treated rows)
    values = v1 @ left[treated]
    scores = np.empty((int(panel.cluster.max()) + 1, len(terms)))
    for j in range(len(terms)):
        own = np.zeros(len(left))
        own[treated] = v1[j]
        pulled = -panel.weights * (first.z @ first.solve(first.z.T @ own))
        v = np.where(treated, own, pulled)
        # each cohort and period's effect about its mean, weighted by squares of v (equation 8)
        squares = np.bincount(code, own[treated] ** 2)
        means = np.bincount(code, own[treated] ** 2 * left[treated]) / np.where(squares > 0, squares, 1.0)
        e = left.copy()
        e[treated] -= means[code]
        scores[:, j] = np.bincount(panel.cluster, v * e, minlength=len(scores))
    of_cells = np.bincount(code, w * left[treated]) / sizes
    more = {"cell": {f"{number(c.first)}:{number(c.time)}": float(x) for c, x in zip(cells, of_cells, strict=True)},
            } | counts(len(left), panel.cluster)  # fmt: skip
    return under(terms, *rounded(values, scores.T @ scores, panel.y), more, panel.notes)


def two_stages(panel: Panel) -> Estimated:
    """All rows' outcomes less predictions on dummies of event time, or on treatment; Gardner's corrected covariance."""
    first = _first(panel)
    panel, left = first.panel, first.left
    s, e = panel.settings, panel.event
    if s.aggregation == "simple":
        terms, x = ("all",), (e >= 0).astype(float)[:, None]
    else:
        events = np.unique(e[np.isfinite(e) & ~np.isin(e, s.reference or ())])
        x = (e[:, None] == events).astype(float)
        terms = tuple(event_term(float(v), panel) for v in events)
    w = panel.weights
    if not x.any(axis=0).all():
        raise Unestimable("no row is treated")
    inverse = 1.0 / (w @ x)  # the columns are dummies of different rows
    b = inverse * ((w * left) @ x)
    u = left - x @ b
    gamma = first.solve(first.z.T @ (w[:, None] * x))  # (k, m)
    first_scores = np.where(panel.untreated, w * left, 0.0)[:, None] * (first.z @ gamma)
    rows = ((w * u)[:, None] * x - first_scores) * inverse
    scores = np.zeros((int(panel.cluster.max()) + 1, len(b)))
    np.add.at(scores, panel.cluster, rows)
    shown = [i for i, t in enumerate(terms) if s.aggregation == "simple" or _inside(events[i], s)]
    b, v = rounded(b, scores.T @ scores, panel.y)
    return under(tuple(terms[i] for i in shown), b[shown], v[np.ix_(shown, shown)], counts(len(left), panel.cluster),
                 panel.notes)  # fmt: skip


def _inside(event: float, s: object) -> bool:
    leads, lags = s.leads, s.lags  # type: ignore[attr-defined]
    return (leads is None or event >= -leads) and (lags is None or event <= lags)
