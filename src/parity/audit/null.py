"""Draws under the null that no specification has an effect: whole clusters with replacement, the same for all of them.

Specifications whose covariance is clustered by the drawn clusters, or assumes iid errors, have a t in every draw; the
others are left out, and `Null.which` says which are in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from parity.algebra import moments
from parity.algebra.drawn import Clusters, clusters_of, in_sample
from parity.analyses.replicates.draws import Draws, bootstrap_draws
from parity.audit.block import is_fast
from parity.audit.outcomes import Outcomes
from parity.audit.plan import Part, Plan
from parity.audit.samples import Pair, Rows, Unsure, absorbed, samples
from parity.audit.space import Space
from parity.base.errors import Unestimable
from parity.base.values import name_of


@dataclass(frozen=True)
class _Group:
    """Specifications of one sample: their sets by size, and whose they are.

    clustered, iid   (s, 2): entry among the sets, number of the specification
    """

    clusters: Clusters
    subsets: tuple[np.ndarray, ...]
    clustered: np.ndarray
    iid: np.ndarray


@dataclass(frozen=True)
class Null:
    """which: numbers of the specifications that are drawn; outcomes: theirs alone; draws: of the clusters of `cluster`."""

    cluster: str
    which: np.ndarray
    outcomes: Outcomes
    draws: Draws
    groups: tuple[_Group, ...]

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(1, S) coefficients and t statistics of `outcomes` in each draw, less the specification's own estimate; NaN where
        the drawn sample doesn't determine it."""
        place = np.full(int(self.which.max()) + 1, -1)
        place[self.which] = np.arange(len(self.which))
        own, scale = self.outcomes.coef, self._scale(place)
        g = len(self.draws.labels)
        for drawn in self.draws.values:
            coef, variance = self._found(np.bincount(drawn, minlength=g), place)
            with np.errstate(invalid="ignore", divide="ignore"):
                null = coef - own
                yield null[None], (null / np.sqrt(variance * scale))[None]

    def _scale(self, place: np.ndarray) -> np.ndarray:
        """What each specification's convention multiplies its variance by, in its own sample as in every draw."""
        _, variance = self._found(np.ones(len(self.draws.labels)), place)
        return self.outcomes.se**2 / variance

    def _found(self, weights: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        coef, variance = np.full((2, len(self.which)), np.nan)
        for group in self.groups:
            try:
                found = in_sample(group.clusters, weights, group.subsets)
            except np.linalg.LinAlgError:
                continue
            for pairs, numbers in ((group.clustered, found.clustered), (group.iid, found.iid)):
                at = place[pairs[:, 1]]
                inside = at >= 0
                coef[at[inside]] = found.coef[pairs[inside, 0]]
                variance[at[inside]] = numbers[pairs[inside, 0]]
        return coef, variance


def null_of(space: Space, plan: Plan, outcomes: Outcomes, cluster: str, draws: int, seed: int) -> Null:
    """Draws of the clusters of a column, for the specifications that have them.

    Raises `Unestimable` where there are fewer than two clusters, no specification to draw, or effects that cross clusters
    have too many levels.
    """
    codes, labels = pd.factorize(space.frame[cluster], sort=True)
    if len(labels) < 2:
        raise Unestimable(f"`{cluster}` has {len(labels)} clusters: nothing to draw")
    groups, first = [], 0
    try:
        for part in plan.parts:
            groups += _groups(space, plan, part, first, cluster, codes, len(labels))
            first += part.size(len(plan.pairs))
    except moments.TooMany as error:
        raise Unestimable(f"a draw of whole clusters can't be had from cross-products: {error}") from None
    taken = [pairs[:, 1] for group in groups for pairs in (group.clustered, group.iid)]
    which = np.sort(np.concatenate(taken)) if taken else np.empty(0, dtype=np.int64)
    which = which[outcomes.estimable[which] & (outcomes.se[which] > 0)]
    if not len(which):
        raise Unestimable(f"no specification is clustered by `{cluster}` or has iid errors: none to draw")
    names = [name_of(v.item() if hasattr(v, "item") else v) for v in labels]
    return Null(cluster, which, _only(outcomes, which), bootstrap_draws(names, draws, seed), tuple(groups))


def _numbers(plan: Plan, part: Part, first: int) -> np.ndarray:
    """(sets, pairs) numbers of the specifications of a part; -1 where there is none."""
    shape = len(part.packed), len(plan.pairs)
    if part.which is None:
        return first + np.arange(shape[0] * shape[1]).reshape(shape)
    numbers = np.full(shape, -1)
    numbers[part.which[:, 0], part.which[:, 1]] = first + np.arange(len(part.which))
    return numbers


def _groups(
    space: Space, plan: Plan, part: Part, first: int, cluster: str, codes: np.ndarray, count: int
) -> Iterator[_Group]:
    numbers, pairs = _numbers(plan, part, first), []
    for e, inner in enumerate(plan.pairs):
        try:
            spec = space.specification((*part.outer, *itertools.repeat(1, len(space.controls)), *inner))
        except Unestimable:
            continue
        if is_fast(space, spec) and spec.vcov.cluster in ((), (cluster,)) and spec.vcov.kind in ("iid", "CR0", "CR1"):
            pairs.append(Pair(e, tuple(inner), spec))
    try:
        found = list(samples(space, part.outer, part.sets, pairs, {}))
    except Unsure:
        return
    for within, rows in found:
        group = _group(space, part, within, rows, numbers, codes, count)
        if group is not None:
            yield group


def _group(
    space: Space, part: Part, within: np.ndarray, rows: Rows, numbers: np.ndarray, codes: np.ndarray, count: int
) -> _Group | None:
    design, term = rows.design, space.term_in(part.outer)
    code = codes[design.rows]
    if term not in (*design.x_names, *design.endog_names) or (code < 0).any():
        return None
    owner, free = rows.free(space, part.outer)
    basis = absorbed(design, free, term, moments.nested(design.effects, code))
    columns = part.sets[within][:, owner]
    many = columns.sum(axis=1)
    order = np.argsort(many, kind="stable")
    sizes = np.unique(many)
    subsets = tuple(np.nonzero(columns[many == k])[1].reshape(int((many == k).sum()), k) for k in sizes)
    entries = np.arange(len(order))

    def whose(kinds: Sequence[str]) -> np.ndarray:
        mine = [p.number for p in rows.pairs if p.spec.vcov.kind in kinds]
        both = [np.column_stack([entries, numbers[within[order], e]]) for e in mine]
        held = np.concatenate(both) if both else np.empty((0, 2), dtype=np.int64)
        return held[held[:, 1] >= 0]

    made = clusters_of(basis.of, code, len(basis.fixed), term, basis.others, basis.tools, count)
    return _Group(made, subsets, whose(("CR0", "CR1")), whose(("iid",)))


def _only(outcomes: Outcomes, which: np.ndarray) -> Outcomes:
    return Outcomes(
        outcomes.axes, outcomes.choices[which], outcomes.coef[which], outcomes.se[which], outcomes.p[which],
        outcomes.df[which], outcomes.nobs[which],
    )  # fmt: skip
