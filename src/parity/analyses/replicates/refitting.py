"""Draws by refitting: fixed effects absorbed again on the rows of every draw. Slow, and exact whatever the effects are.

For effects that cross clusters and have too many levels to be kept as columns (workers, where firms are drawn). Which
levels a copy of a cluster gets is a scheme:

keep   its effects keep their levels: Stata's `bootstrap, cluster(c)` without idcluster(), and R's sandwich::vcovBS, which
       refits on repeated rows
new    effects nested in the clusters get a level for each copy: Stata's idcluster() where the model absorbs the new
       identifier, as `xtreg, fe vce(bootstrap)` does; clusterbs's fe() of kind "cluster" or "inside"

Both give the same slopes, because two copies of a cluster have the same means: they differ in what is counted (levels,
degrees of freedom, singletons), and so in standard errors inside a draw. The R package fixest has no bootstrap of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from parity.algebra.moments import Sample, Undetermined, nested, sample, solve

Scheme = Literal["keep", "new"]


def replicate_rows(
    columns: Mapping[str, np.ndarray],
    effects: Mapping[str, np.ndarray],
    code: np.ndarray,
    draws: Sequence[np.ndarray] | np.ndarray,
    order: Sequence[str],
    targets: Sequence[str],
    leads: Sequence[int],
    scheme: Scheme = "keep",
) -> list[np.ndarray]:
    """As `parity.analyses.replicates.replicate.replicate`, from rows: each of the draws holds positions of clusters, from 0.

    effects: name -> (n,) codes; an intercept where there are none. NaN where a regression has no coefficient.
    """
    used = {name: columns[name] for name in dict.fromkeys((*order, *targets))}
    out = [np.full((len(draws), lead, len(targets)), np.nan) for lead in leads]
    for i, of in enumerate(_samples(used, effects, code, draws, scheme)):
        for lead, into in zip(leads, out, strict=True):
            for j, target in enumerate(targets):
                if target in order[:lead]:
                    into[i, :, j] = np.arange(lead) == list(order).index(target)
                    continue
                try:
                    into[i, :, j] = solve(of, target, order[:lead]).coef
                except Undetermined:
                    continue
    return out


def refit_rows(
    columns: Mapping[str, np.ndarray],
    effects: Mapping[str, np.ndarray],
    code: np.ndarray,
    draws: Sequence[np.ndarray] | np.ndarray,
    outcome: str,
    exog: Sequence[str],
    endog: Sequence[str] = (),
    z: Sequence[str] = (),
    intercept: bool = True,
    weights: np.ndarray | None = None,
    scheme: Scheme = "keep",
) -> np.ndarray:
    """(B, s) coefficients of `exog` and `endog` (instrumented by `z`) from the rows of each draw.

    intercept: where there are no effects. weights: (n,) of the rows. NaN where any coefficient is undetermined.
    """
    used = {name: columns[name] for name in (*exog, *z, *endog, outcome)}
    out = np.full((len(draws), len(exog) + len(endog)), np.nan)
    for i, of in enumerate(_samples(used, effects, code, draws, scheme, intercept, weights)):
        try:
            out[i] = solve(of, outcome, exog, endog, z).coef
        except Undetermined:
            continue
    return out


def _samples(
    columns: Mapping[str, np.ndarray],
    effects: Mapping[str, np.ndarray],
    code: np.ndarray,
    draws: Sequence[np.ndarray] | np.ndarray,
    scheme: Scheme,
    intercept: bool = True,
    weights: np.ndarray | None = None,
) -> Iterator[Sample]:
    """The rows of each draw, all effects absorbed."""
    groups = int(code.max()) + 1
    by_row = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[by_row], np.arange(groups + 1))
    of_cluster = [by_row[ends[g] : ends[g + 1]] for g in range(groups)]
    inside = nested(effects, code) if scheme == "new" else ()
    for drawn in draws:
        rows = np.concatenate([of_cluster[g] for g in drawn])
        copy = np.repeat(np.arange(len(drawn)), [len(of_cluster[g]) for g in drawn])
        levels = {name: _levels(effect[rows], copy if name in inside else None) for name, effect in effects.items()}
        yield sample(
            {name: column[rows] for name, column in columns.items()},
            effects=levels,
            intercept=intercept and not effects,
            weights=None if weights is None else weights[rows],
            within=tuple(levels),
        )


def _levels(code: np.ndarray, copy: np.ndarray | None) -> np.ndarray:
    joint = code if copy is None else code * (int(copy.max()) + 1) + copy
    return np.unique(joint, return_inverse=True)[1]
