"""Random effects and dynamic panels by dense algebra, unit by unit: oracles that share no line with parity's estimator.

Formulas: Baltagi (2013), Econometric Analysis of Panel Data, 2.4 and 9.2, with Swamy and Arora's components; Arellano and
Bond (1991), Blundell and Bond (1998) and Windmeijer (2005), as Roodman (2009), Stata Journal 9(1), writes them down.
"""

from __future__ import annotations

import numpy as np

from parity.conventions.facts import combine, subsets
from parity.sample.design import Design
from parity.study.dynamic import Dynamic
from parity.study.spec import Spec

Parts = dict[tuple[str, ...], np.ndarray]


def random_effects(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """GLS under the covariance s_e2 I + s_u2 J of each unit's rows, inverted as it stands."""
    unit = np.unique(design.unit, return_inverse=True)[1]
    dummies = np.eye(unit.max() + 1)[unit]
    size = dummies.sum(axis=0)
    x = np.hstack([np.ones((design.nobs, int(design.intercept))), design.x])
    within = np.hstack([dummies, x])
    e2 = _ssr(within, design.y) / (design.nobs - _rank(within))
    means, y_means = dummies.T @ x / size[:, None], dummies.T @ design.y / size
    df = len(size) - _rank(means)
    if spec.convention.swamy_arora == "exact":
        root = np.sqrt(size)
        held, _, _ = np.linalg.svd(means * root[:, None], full_matrices=False)
        leverage = (held[:, : _rank(means)] ** 2).sum(axis=1)
        u2 = (_ssr(means * root[:, None], y_means * root) - df * e2) / (design.nobs - size @ leverage)
    else:
        u2 = _ssr(means, y_means) / df - e2 * np.mean(1 / size)
    u2 = max(float(u2), 0.0)
    x_moved, y_moved = np.empty_like(x), np.empty_like(design.y)
    for i in range(len(size)):
        rows = np.flatnonzero(unit == i)
        omega = e2 * np.eye(len(rows)) + u2 * np.ones((len(rows), len(rows)))
        values, vectors = np.linalg.eigh(omega / e2)
        root = vectors / np.sqrt(values) @ vectors.T
        x_moved[rows], y_moved[rows] = root @ x[rows], root @ design.y[rows]
    length = np.linalg.norm(x_moved, axis=0)
    x_moved /= length
    bread = np.linalg.inv(x_moved.T @ x_moved)
    b = bread @ x_moved.T @ y_moved
    e = y_moved - x_moved @ b
    if spec.vcov.kind == "iid":
        parts = {(): bread * float(e @ e) / design.nobs}
    else:
        scores = x_moved * e[:, None]
        codes = {s: combine([design.clusters[c] for c in s]) for s in subsets(tuple(design.clusters))}
        summed = {s: np.eye(int(code.max()) + 1)[code].T @ scores for s, code in codes.items()} or {(): scores}
        parts = {s: bread @ m.T @ m @ bread for s, m in summed.items()}
    return b / length, {s: m / np.outer(length, length) for s, m in parts.items()}


def _rank(columns: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-300), tol=1e-9))


def _ssr(columns: np.ndarray, y: np.ndarray) -> float:
    length = np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    e = y - columns / length @ np.linalg.lstsq(columns / length, y, rcond=1e-11)[0]
    return float(e @ e)


# ---------------------------------------------------------------- dynamic panels


def dynamic_panel(spec: Spec, design: Design) -> tuple[np.ndarray, Parts]:
    """GMM of first differences and, of a system, levels; the rows and instruments of each unit are written out by name."""
    said, system = spec.dynamic or Dynamic(), spec.model == "system_gmm"
    units = [_Unit(spec, said, design, system, u) for u in np.unique(design.levels.unit)]
    names = sorted({name for one in units for row in one.instruments for name, value in row.items() if value}, key=repr)
    z = [
        np.array([[row.get(name, 0.0) for name in names] for row in one.instruments]).reshape(-1, len(names))
        for one in units
    ]
    length = np.linalg.norm(np.vstack(z), axis=0)
    z = [one / length for one in z]
    x, y = [one.x for one in units], [one.y for one in units]
    zx, zy = sum(a.T @ b for a, b in zip(z, x, strict=True)), sum(a.T @ b for a, b in zip(z, y, strict=True))
    first = np.linalg.pinv(sum(a.T @ one.h @ a for a, one in zip(z, units, strict=True)), rcond=1e-12, hermitian=True)
    bread = np.linalg.inv(zx.T @ first @ zx)
    b = bread @ zx.T @ first @ zy
    e = [a - c @ b for a, c in zip(y, x, strict=True)]
    moments = np.array([a.T @ r for a, r in zip(z, e, strict=True)])
    meat = moments.T @ moments
    pull = bread @ zx.T @ first
    robust = pull @ meat @ pull.T
    if said.steps == 1:
        return b, {spec.vcov.cluster: robust if spec.vcov.kind != "iid" else bread * _variance(units, e, said, len(b))}
    second = np.linalg.pinv(meat, rcond=1e-12, hermitian=True)
    bread = np.linalg.inv(zx.T @ second @ zx)
    b = bread @ zx.T @ second @ zy
    if spec.vcov.kind == "iid":
        return b, {(): bread}
    late = sum(a.T @ (c - d @ b) for a, c, d in zip(z, y, x, strict=True))
    moved = np.empty_like(bread)
    for j in range(len(b)):
        slopes = np.array([a.T @ d[:, j] for a, d in zip(z, x, strict=True)])
        turned = -(slopes.T @ moments + moments.T @ slopes)
        moved[:, j] = -bread @ zx.T @ second @ turned @ second @ late
    return b, {spec.vcov.cluster: bread + moved @ bread + bread @ moved.T + moved @ robust @ moved.T}


def _variance(units: list[_Unit], e: list[np.ndarray], said: Dynamic, k: int) -> float:
    less = k if said.variance == "n-k" else 0
    differences = [r[: one.differenced] for r, one in zip(e, units, strict=True)]
    levels = [r[one.differenced :] for r, one in zip(e, units, strict=True)]
    of = levels if said.weight == "identity" and any(map(len, levels)) else differences
    held = np.concatenate(of)
    return float(held @ held) / ((1 if said.weight == "identity" else 2) * (len(held) - less))


class _Unit:
    """The equations of one unit: y, x, instruments by name, and h, the covariance that the first step supposes.

    A row of differences at t needs the sample's rows at t and t - 1. Instruments are nought where they aren't known.
    """

    def __init__(self, spec: Spec, said: Dynamic, design: Design, system: bool, u: int):
        levels, sources = design.levels, design.sources
        x = np.hstack([np.ones((levels.nobs, int(design.intercept))), levels.x])
        row = {int(levels.time[i]): i for i in np.flatnonzero(levels.unit == u)}
        known = {int(sources.time[i]): i for i in np.flatnonzero(sources.unit == u)}
        later = [t for t in sorted(row) if t - 1 in row]
        stacked = sorted(row) if system or design.intercept else []
        self.differenced = len(later)
        self.y = np.array([levels.y[row[t]] - levels.y[row[t - 1]] for t in later] + [levels.y[row[t]] for t in stacked])
        self.x = np.array([x[row[t]] - x[row[t - 1]] for t in later] + [x[row[t]] for t in stacked]).reshape(-1, x.shape[1])
        periods = range(min(known), max(known) + 1)
        self.instruments: list[dict[tuple, float]] = [{} for _ in (*later, *stacked)]

        def level(j: int, t: int) -> float:
            return float(sources.columns[known[t], j]) if t in known else np.nan

        for j, (first, last) in enumerate(sources.lags):
            equation, collapsed = sources.equations[j], sources.collapsed[j]
            every = range(first, (last if last is not None else len(periods)) + 1)
            of_levels = every if equation == "level" else (first - 1,) if system and equation == "both" else ()
            for place, t in enumerate(later):
                for lag in every if equation != "level" else ():
                    name = ("lag", j, lag) if collapsed else ("lag", j, lag, t)
                    self.instruments[place][name] = float(np.nan_to_num(level(j, t - lag)))
            for place, t in enumerate(stacked, len(later)):
                for back in of_levels:
                    name = ("difference", j, back) if collapsed else ("difference", j, back, t)
                    self.instruments[place][name] = float(np.nan_to_num(level(j, t - back) - level(j, t - back - 1)))
        for j, placed in enumerate(sources.placed):
            own = {t: float(sources.own[known[t], j]) for t in row}
            for place, t in enumerate(later):
                if placed != "level":
                    self.instruments[place]["own", j, "d"] = own[t] - own[t - 1]
            for place, t in enumerate(stacked, len(later)):
                if placed != "difference":
                    self.instruments[place]["own", j, "d" if placed == "both" else "l"] = own[t]
        for place in range(len(later), len(later) + len(stacked)) if design.intercept else ():
            self.instruments[place]["constant",] = 1.0
        at = {t: i for i, t in enumerate(sorted(row))}
        moved = np.zeros((len(later), len(at)))
        for i, t in enumerate(later):
            moved[i, at[t]], moved[i, at[t - 1]] = 1.0, -1.0
        below = np.eye(len(at))[: len(stacked)]
        if said.weight == "identity":
            self.h = np.eye(len(self.y))
        elif said.weight == "joint" and system:
            self.h = np.vstack([moved, below]) @ np.vstack([moved, below]).T
        else:
            self.h = np.zeros((len(self.y), len(self.y)))
            self.h[: len(later), : len(later)] = moved @ moved.T
            self.h[len(later) :, len(later) :] = below @ below.T
