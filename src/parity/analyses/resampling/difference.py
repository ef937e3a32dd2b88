"""The difference of a coefficient between two groups: by interaction, by SUEST, by Fisher's permutation.

Sources: Chow (1960) for the interaction; Weesie (1999) and Stata's `suest` for the joint covariance, factor G/(G - 1), and
the normal distribution; Lian Yujun's `bdiff` for the permutation, which deals out rows: see `DifferenceSettings`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.algebra.moments import Sample, TooMany, Undetermined, nested, products, sample, solve
from parity.analyses.replicates.draws import Draws
from parity.analyses.replicates.replicate import halves, thin
from parity.analyses.resampling.groups import p_values
from parity.analyses.resampling.sample import Rows, of_group
from parity.base.errors import Unestimable
from parity.conventions.facts import combine, count, is_nested
from parity.conventions.formulas import df_t, factor, p_value
from parity.conventions.profiles import PROFILES
from parity.study.analyses.resampling import DifferenceSettings

OUTCOME = "\0outcome"
CONVENTION = PROFILES["reghdfe"]


def find_difference(rows: Rows, draws: Draws | None) -> dict[str, Any]:
    """quantity -> number, or list of replicates. Raises `Unestimable` where a group has no estimate.

    first, second, difference   coefficients of the groups as split samples
    <q> interaction             difference, se, t, p of the interaction, clustered by reghdfe's rule
    se, z, p suest
    replicate                   (B,) differences under random groups of the same sizes; NaN where one is undetermined
    p one, p                    of the permutation: the share of replicates as far out as the difference, see `p_values`
    """
    settings = rows.settings
    assert isinstance(settings, DifferenceSettings)
    try:
        (b1, s1), (b0, s0) = _split(rows, rows.first), _split(rows, ~rows.first)
        out: dict[str, Any] = {"first": b1, "second": b0, "difference": b1 - b0}
        out |= {"nobs first": float(rows.first.sum()), "nobs second": float((~rows.first).sum())}
        if "interaction" in settings.method:
            out |= _interaction(rows, settings)
        if "suest" in settings.method:
            groups = len(rows.labels)
            se = math.sqrt(groups / (groups - 1) * float(((s1 - s0) ** 2).sum()))
            z = (b1 - b0) / se if se else math.nan  # scores that cancel exactly
            out |= {"se suest": se, "z suest": z, "p suest": p_value(z, math.inf)}
        if draws is not None:
            found = _by_rows(rows, draws) if settings.permute == "rows" else _by_units(rows, draws)
            one, two = p_values(b1 - b0, found)
            out |= {"replicate": found.tolist(), "p one permutation": one, "p permutation": two}
    except Undetermined as error:
        raise Unestimable(str(error)) from None
    return out


def _sample(rows: Rows) -> Sample:
    columns = {**rows.columns, OUTCOME: rows.y}
    return sample(columns, effects=rows.effects, intercept=not rows.effects, within=tuple(rows.effects))


def _split(rows: Rows, mask: np.ndarray) -> tuple[float, np.ndarray]:
    """Coefficient in one group, and the sum of its scores in each cluster (G,)."""
    part = of_group(rows, mask)
    of = _sample(part)
    fit = solve(of, OUTCOME, part.regressors)
    scores = (of.basis @ fit.pull[:, -1]) * (of.basis @ fit.resid)
    return float(fit.coef[-1]), np.bincount(part.code, scores, minlength=len(rows.labels))


def _interaction(rows: Rows, settings: DifferenceSettings) -> dict[str, float]:
    first = rows.first.astype(float)
    group = rows.first.astype(np.int64)
    columns = dict(rows.columns)
    effects = dict(rows.effects)
    if settings.interact == "all":
        both = [(n, c) for n, c in columns.items()]
        columns = {f"{n} {g}": c * w for g, w in (("second", 1 - first), ("first", first)) for n, c in both}
        effects = {f"{n}^group": combine([c, group]) for n, c in effects.items()} or {"group": group}
        contrast = {f"{rows.term} first": 1.0, f"{rows.term} second": -1.0}
    else:
        if not any(is_nested(c, group) for c in effects.values()):
            columns = {"\0group": first, **columns}
        columns[f"{rows.term} first"] = rows.columns[rows.term] * first
        contrast = {f"{rows.term} first": 1.0}
    terms = tuple(columns)
    of = sample({**columns, OUTCOME: rows.y}, effects=effects, intercept=not effects, within=tuple(effects))
    fit = solve(of, OUTCOME, terms)
    weight = np.array([contrast.get(t, 0.0) for t in terms])
    scores = np.bincount(rows.code, (of.basis @ (fit.pull @ weight)) * (of.basis @ fit.resid), minlength=len(rows.labels))
    by = (rows.cluster,)
    facts = count(effects, {rows.cluster: rows.code}, nobs=len(rows.y), nobs_weighted=float(len(rows.y)),
                  n_slopes=len(terms) + of.intercept, intercept=of.intercept)  # fmt: skip
    se = math.sqrt(float(scores @ scores) * factor(facts, CONVENTION, "CR1", by, by, False))
    df = df_t(facts, CONVENTION, "CR1", by, iv=False, random=False)
    b = float(fit.coef @ weight)
    return {"difference interaction": b, "se interaction": se, "t interaction": b / se, "p interaction": p_value(b / se, df)}


def _by_units(rows: Rows, draws: Draws) -> np.ndarray:
    """(B,) differences under groups of whole clusters: sums of cross-products, or refits where these hold too few digits."""
    masks = np.zeros((len(draws.values), len(rows.labels)))
    np.put_along_axis(masks, draws.values, 1.0, axis=1)
    columns = {**rows.columns, OUTCOME: rows.y}
    try:
        of = products(sample(columns, effects=rows.effects, intercept=not rows.effects,
                             within=nested(rows.effects, rows.code)), rows.code)  # fmt: skip
    except TooMany:
        return np.array([_gap(rows, mask[rows.code] > 0) for mask in masks])
    (first, second), least = halves(of, masks, OUTCOME, rows.regressors, rows.term)
    gaps = first - second
    for i in np.unique(np.concatenate([thin(each) for each in least])):
        gaps[i] = _gap(rows, masks[i][rows.code] > 0)
    return gaps


def _by_rows(rows: Rows, draws: Draws) -> np.ndarray:
    masks = np.zeros((len(draws.values), len(rows.y)), dtype=bool)
    np.put_along_axis(masks, draws.values, True, axis=1)
    return np.array([_gap(rows, mask) for mask in masks])


def _gap(rows: Rows, mask: np.ndarray) -> float:
    try:
        return _split(rows, mask)[0] - _split(rows, ~mask)[0]
    except Undetermined:
        return math.nan
