"""Goodman-Bacon (2021), Journal of Econometrics 225, theorem 1: TWFE as the weighted sum of all 2x2 comparisons."""

from __future__ import annotations

import numpy as np

from parity.analyses.event_study.estimated import Estimated, number
from parity.analyses.event_study.regressions import without_always_treated
from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable


def bacon(panel: Panel) -> Estimated:
    """Estimates of `2004 vs never`, `2004 vs later 2006`, `2006 vs earlier 2004` and `2006 vs always`, the weight ("share")
    of each, and "all": TWFE, which is their sum. By kind of comparison ("treated vs never", "earlier vs later") its
    "mean effect" and "total share". No standard errors. Raises `Unestimable` where the panel isn't balanced."""
    s = panel.settings
    if s.always_treated == "dropped":
        panel = without_always_treated(panel)
    periods = panel.periods
    if len(panel.y) != len(panel.names) * len(periods):
        raise Unestimable("the panel isn't balanced: the decomposition holds of balanced ones")
    y = panel.y.reshape(len(panel.names), len(periods))
    first = panel.first.reshape(y.shape)[:, 0]
    always = first <= periods[0]
    first = np.where(first > periods[-1], np.inf, first)
    means = {g: y[(first == g) & ~always].mean(axis=0) for g in np.unique(first[~always])}
    sizes = {g: float(((first == g) & ~always).mean()) for g in means}
    timed = [g for g in means if np.isfinite(g)]
    treated = {g: float((periods >= g).mean()) for g in timed}
    untimed = [("never", means[np.inf], sizes[np.inf])] if np.inf in means else []
    if always.any():
        untimed.append(("always", y[always].mean(axis=0), float(always.mean())))
    if not timed or len(timed) + len(untimed) < 2:
        raise Unestimable("there are no two groups of different treatment")
    found: dict[str, tuple[float, float]] = {}
    kinds: dict[str, list[str]] = {}

    def add(kind: str, name: str, estimate: float, weight: float) -> None:
        found[name] = (float(estimate), weight)
        kinds.setdefault(kind, []).append(name)

    for g in timed:
        after, d = periods >= g, treated[g]
        for name, mean, size in untimed:
            gap = means[g] - mean
            add(f"treated vs {name}", f"{number(g)} vs {name}", gap[after].mean() - gap[~after].mean(),
                sizes[g] * size * d * (1.0 - d))  # fmt: skip
    for early in timed:
        for late in (g for g in timed if g > early):
            gap, between = means[early] - means[late], (periods >= early) & (periods < late)
            before, after = periods < early, periods >= late
            both, d, later = sizes[early] * sizes[late], treated[early], treated[late]
            add("earlier vs later", f"{number(early)} vs later {number(late)}", gap[between].mean() - gap[before].mean(),
                both * (1.0 - d) * (d - later))  # fmt: skip
            add("later vs earlier", f"{number(late)} vs earlier {number(early)}", gap[between].mean() - gap[after].mean(),
                both * later * (d - later))  # fmt: skip
    total = sum(w for _, w in found.values())
    terms = (*found, "all")
    share = {name: w / total for name, (_, w) in found.items()}
    weight = {kind: sum(share[name] for name in names) for kind, names in kinds.items()}
    mean = {kind: sum(share[n] * found[n][0] for n in names) / weight[kind] for kind, names in kinds.items()}
    more = {"share": share, "mean effect": mean, "total share": weight, "nobs": {"": float(y.size)}}
    values = np.array([*(b for b, _ in found.values()), _twfe(y, first, always, periods)])
    k = len(terms)
    return Estimated(terms, values, np.zeros((k, k)), np.full(k, np.inf), np.ones(k), more, panel.notes)


def _twfe(y: np.ndarray, first: np.ndarray, always: np.ndarray, periods: np.ndarray) -> float:
    """Of a balanced panel, where both effects leave by double demeaning."""
    d = ((periods >= first[:, None]) | always[:, None]).astype(float)
    net = d - d.mean(axis=1, keepdims=True) - d.mean(axis=0) + d.mean()
    return float((net * y).sum() / (net**2).sum())
