"""Scaled indicators to scores: weights by the method asked for, one level or two, sum or TOPSIS."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from parity.base.tolerance import DISPERSION, FLAT
from parity.data.derive import weighting
from parity.data.derive.components import Composite, composite
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.topsis import closeness
from parity.study.index import IndexSettings


@dataclass(frozen=True)
class Level:
    """Values to be weighted. applied: rows that get scores; fixed: rows that fix the weights; raw: those before scaling."""

    applied: np.ndarray
    fixed: np.ndarray
    raw: np.ndarray
    unit: np.ndarray
    time: np.ndarray

    def take(self, columns: list[int]) -> Level:
        return replace(self, applied=self.applied[:, columns], fixed=self.fixed[:, columns], raw=self.raw[:, columns])


@dataclass(frozen=True)
class Scored:
    """Scores of the applied rows, in the shape of `parity.data.derive.index.IndexScores`, of one group of rows."""

    scores: np.ndarray
    dimensions: dict[str, np.ndarray]
    weights: dict[str, float]
    entropies: dict[str, float] = field(default_factory=dict)
    between: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Weighed:
    """Weights of some columns; constant ones have 0 (entropy 1). pca: set where scores are components."""

    weights: np.ndarray
    entropies: np.ndarray | None = None
    pca: Composite | None = None
    vary: tuple[int, ...] = ()

    def terms(self, values: np.ndarray) -> np.ndarray:
        """What each column adds to the score: (rows, columns)."""
        if self.pca is None:
            return values * self.weights
        out = np.zeros_like(values)
        vary = list(self.vary)
        out[:, vary] = (values[:, vary] - self.pca.centre) / self.pca.spread * self.pca.coefficients
        return out


def aggregated(s: IndexSettings, level: Level, notes: list[str]) -> Scored:
    """Scores of one group of rows. Adds to `notes` what was decided by rule. Raises `DeriveProblem`."""
    names = [i.column for i in s.indicators]
    members = {d: [j for j, i in enumerate(s.indicators) if i.dimension == d] for d in s.dimensions}
    if s.levels == "two":
        return _two_levels(s, level, names, members, notes)
    weighed = _weigh(s, level, names, notes)
    terms = weighed.terms(level.applied)
    if s.aggregate == "topsis":
        scores = closeness(level.applied, weighed.weights, s.topsis_weights)
        parts = {d: closeness(level.applied[:, m], weighed.weights[m], s.topsis_weights) for d, m in members.items()}
    else:
        scores = terms.sum(axis=1)
        # parts, not means, of the total: they add up to it
        parts = {d: terms[:, m].sum(axis=1) for d, m in members.items()}
    return Scored(
        scores * s.times,
        {d: p * s.times for d, p in parts.items()},
        dict(zip(names, weighed.weights.tolist(), strict=True)),
        _named(names, weighed.entropies),
    )


def _two_levels(s: IndexSettings, level: Level, names: list[str], members: dict[str, list[int]], notes: list[str]) -> Scored:
    inner: dict[str, _Weighed] = {}
    applied, fixed = [], []
    for name, m in members.items():
        part = level.take(m)
        if not _vary(part.fixed):
            notes.append(f"no indicator of dimension `{name}` varies: weight 0")
            inner[name] = _Weighed(np.zeros(len(m)), np.ones(len(m)) if s.method == "entropy" else None)
            applied.append(np.zeros(len(part.applied)))
            fixed.append(np.zeros(len(part.fixed)))
            continue
        inner[name] = weighed = _weigh(s, part, [names[j] for j in m], notes)
        for rows, out in ((part.applied, applied), (part.fixed, fixed)):
            if s.aggregate == "topsis":
                out.append(_close(rows, part.applied, weighed.weights, s))
            else:
                out.append(weighed.terms(rows).sum(axis=1))
    upper = Level(np.column_stack(applied), np.column_stack(fixed), np.column_stack(fixed), level.unit, level.time)
    dimensions = list(members)
    if s.between == "equal" or s.method in ("given", "equal"):
        share = _given_between(s, members) if s.method == "given" and s.between == "same" else np.ones(len(dimensions))
        share = np.where([bool(inner[d].weights.any()) for d in dimensions], share, 0.0)
        outer = _Weighed(share / share.sum())
    else:
        outer = _weigh(s, _rescaled(upper) if s.method != "pca" else upper, dimensions, notes)
    if s.aggregate == "topsis":
        scores = closeness(upper.applied, outer.weights, s.topsis_weights)
    else:
        scores = outer.terms(upper.applied).sum(axis=1)
    weights, entropies = {}, {}
    for d, share in zip(dimensions, outer.weights, strict=True):
        for place, j in enumerate(members[d]):
            weights[names[j]] = float(inner[d].weights[place] * share)
            if inner[d].entropies is not None:
                entropies[names[j]] = float(inner[d].entropies[place])
    return Scored(
        scores * s.times,
        {d: upper.applied[:, k] * s.times for k, d in enumerate(dimensions)},
        {n: weights[n] for n in names},
        {n: entropies[n] for n in names if n in entropies},
        dict(zip(dimensions, outer.weights.tolist(), strict=True)),
    )


def _given_between(s: IndexSettings, members: dict[str, list[int]]) -> np.ndarray:
    weights = s.weights or {}
    return np.array([sum(weights[s.indicators[j].column] for j in m) for m in members.values()])


def _close(rows: np.ndarray, everything: np.ndarray, w: np.ndarray, s: IndexSettings) -> np.ndarray:
    """Closeness of some rows to the ideal of all rows that get a score."""
    if rows is everything:
        return closeness(rows, w, s.topsis_weights)
    both = closeness(np.vstack([rows, everything]), w, s.topsis_weights)
    return both[: len(rows)]


def _rescaled(level: Level) -> Level:
    """Dimension scores by min-max to [0, 1] over the rows that fix the weights; a constant one stays zero."""
    low, high = level.fixed.min(axis=0), level.fixed.max(axis=0)
    varies = np.isin(np.arange(len(low)), _vary(level.fixed))
    return replace(level, fixed=np.where(varies, (level.fixed - low) / np.where(varies, high - low, 1.0), 0.0))


def _vary(values: np.ndarray) -> list[int]:
    """Columns that vary by more than rounding: dimension scores are sums, equal ones may differ in the last bit."""
    low, high = values.min(axis=0), values.max(axis=0)
    return np.flatnonzero(high - low > FLAT * np.maximum(np.abs(low), np.abs(high))).tolist()


def _weigh(s: IndexSettings, level: Level, names: list[str], notes: list[str]) -> _Weighed:
    """Weights of all columns, zero for those that don't vary among the rows that fix them."""
    vary = _vary(level.fixed)
    flat = [n for j, n in enumerate(names) if j not in vary]
    if flat and s.constant == "refuse":
        raise DeriveProblem(f"`{flat[0]}` is constant")
    notes += [f"`{n}` is constant: weight 0" for n in flat if not any(f"`{n}` is constant" in said for said in notes)]
    if not vary:
        raise DeriveProblem("no indicator varies")
    level, names = level.take(vary), [names[j] for j in vary]
    e, pca, z = None, None, level.fixed
    match s.method:
        case "entropy":
            e = _entropies(s, level, names, notes)
            w = weighting.from_entropies(e, DISPERSION)
        case "cv":
            w = weighting.variation(level.raw if s.dispersion_of == "raw" else z, s.ddof)
        case "critic":
            w = weighting.critic(z, s.ddof, s.critic_correlation == "absolute", DISPERSION)
        case "pca":
            pca = composite(z, s)
            notes.append(f"{pca.kept} of {len(vary)} components kept")
            w = pca.coefficients
            if s.pca_form == "weights":
                w, pca = np.abs(w) / np.abs(w).sum(), None
        case "equal":
            w = np.full(len(vary), 1 / len(vary))
        case "given":
            w = _given(s, names, notes)
    total = len(vary) + len(flat)
    return _Weighed(_filled(w, vary, total, 0.0), None if e is None else _filled(e, vary, total, 1.0), pca, tuple(vary))


def _entropies(s: IndexSettings, level: Level, names: list[str], notes: list[str]) -> np.ndarray:
    z = level.fixed
    if (z < 0).any():
        name = names[int(np.argmax((z < 0).any(axis=0)))]
        raise DeriveProblem(f'`{name}` has scaled values below zero, which have no entropy; say negatives = "shift"')
    count = {"rows": len(z), "periods": len(np.unique(level.time)), "units": len(np.unique(level.unit))}[s.entropy_k]
    if count < 2:
        raise DeriveProblem(f'entropy_k = "{s.entropy_k}" counts {count} here, and the log of 1 is zero')
    e = weighting.entropies(z, 1 / np.log(count), s.add_in_log, s.share_floor)
    if (e > 1 + DISPERSION).any():
        notes.append(f"entropy above 1: {', '.join(n for n, v in zip(names, e, strict=True) if v > 1 + DISPERSION)}")
    return e


def _given(s: IndexSettings, names: list[str], notes: list[str]) -> np.ndarray:
    w = np.array([(s.weights or {}).get(n, 0.0) for n in names])
    if not w.sum() > 0:
        raise DeriveProblem("the given weights of the indicators that vary are all zero")
    if abs(w.sum() - 1) > DISPERSION and s.levels == "one":
        notes.append(f"given weights sum to {w.sum():.6g} and are scaled to sum 1")
    return w / w.sum()


def _filled(values: np.ndarray, places: list[int], total: int, other: float) -> np.ndarray:
    out = np.full(total, other)
    out[places] = values
    return out


def _named(names: list[str], values: np.ndarray | None) -> dict[str, float]:
    return {} if values is None else dict(zip(names, values.tolist(), strict=True))
