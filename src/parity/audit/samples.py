"""The samples of a block, and their columns with effects and fixed controls taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from parity.algebra import moments
from parity.algebra.collinear import Independence
from parity.algebra.subsets import Coordinates
from parity.audit.space import Space
from parity.base.errors import ColumnProblem, Unestimable
from parity.data.evaluate import Panel, condition, item_columns
from parity.sample.build import choose_rows
from parity.sample.columns import item_key
from parity.sample.design import Design
from parity.study.formula import Item
from parity.study.spec import Spec

OUTCOME = "(outcome)"


class Unsure(Exception):
    """The block as a whole is not for batches."""


@dataclass(frozen=True)
class Pair:
    """One covariance under one convention: their options, and the spec with every control that they make."""

    number: int
    at: tuple[int, ...]
    spec: Spec


@dataclass(frozen=True)
class Rows:
    """Pairs that have one and the same sample: its columns, its clusters by name, and the columns of each item."""

    design: Design
    pairs: tuple[Pair, ...]
    clusters: Mapping[str, np.ndarray]
    items: Mapping[Item, tuple[str, ...]]

    def free(self, space: Space, outer: Sequence[int]) -> tuple[list[int], list[str]]:
        """Number of the control that each column belongs to that may be left out, and the columns' names."""
        owner, names = [], []
        for j, items in enumerate(space.free(outer)):
            of_control = [name for item in items for name in self.items.get(item, ())]
            owner += [j] * len(of_control)
            names += of_control
        return owner, names


def samples(
    space: Space, outer: Sequence[int], sets: np.ndarray, pairs: Sequence[Pair], memo: dict
) -> Iterator[tuple[np.ndarray, Rows]]:
    """The sets of controls by their samples: a control with missing values brings its rows' absence with it.

    Raises `Unsure` where the largest set of a sample says nothing of the others.
    """
    if not pairs:
        return
    holes = _holes(space, pairs[0].spec, outer)
    patterns, of_set = np.unique(sets[:, holes], axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        whole = np.ones(sets.shape[1], dtype=bool)
        whole[holes] = pattern
        within = np.flatnonzero(of_set.ravel() == number)
        for rows in _rows(space, (*outer, *map(int, whole)), pairs, memo):
            yield within, rows


def _holes(space: Space, spec: Spec, outer: Sequence[int]) -> np.ndarray:
    """Numbers of the controls that miss values in rows that `where` keeps. Raises `Unsure` where one can't be evaluated."""
    panel, n = Panel.of(space.study), len(space.frame)
    try:
        chosen = np.ones(n, dtype=bool) if spec.where is None else condition(spec.where, space.frame, panel)
    except ColumnProblem:
        raise Unsure from None
    found = []
    for j, items in enumerate(space.free(outer)):
        try:
            columns = [c for item in items for c in item_columns(item, space.frame, panel, chosen).values()]
        except ColumnProblem:  # said of the specifications that have it
            raise Unsure from None
        if any(np.isnan(c[chosen]).any() for c in columns):
            found.append(j)
    return np.array(found, dtype=np.intp)


def _rows(space: Space, controlled: Sequence[int], pairs: Sequence[Pair], memo: dict) -> Iterator[Rows]:
    """The pairs by sample, with the controls as `controlled` has them."""
    samples: dict[bytes, tuple[Design, Spec, list[Pair], dict[str, np.ndarray]]] = {}
    alike: dict[tuple[tuple[str, ...], str], list[Pair]] = {}
    for pair in pairs:
        alike.setdefault((pair.spec.vcov.cluster, pair.spec.convention.singletons), []).append(pair)
    for those in alike.values():
        spec = space.specification((*controlled, *those[0].at))
        try:
            design = choose_rows(space.study, spec, space.frame, memo, in_order=False).design
        except Unestimable:
            raise Unsure from None
        _, _, held, clusters = samples.setdefault(design.rows.tobytes(), (design, spec, [], {}))
        held += those
        clusters |= design.clusters
    for design, spec, held, clusters in samples.values():
        keep_all = not (spec.formula.intercept or spec.formula.effects)
        items = {i: tuple(memo[item_key(i, spec.where, keep_all)]) for i in spec.formula.exog}
        names = [name for columns in items.values() for name in columns]
        if len(set(names)) < len(names):
            raise Unsure
        yield Rows(design, tuple(held), clusters, items)


@dataclass(frozen=True)
class Basis:
    """A sample absorbed: coordinates of its columns, effects and fixed controls out.

    of     effects out, in the order of the formula: for a closer look at collinear columns
    skip   leading coordinates that effects and fixed controls take
    """

    of: moments.Sample
    skip: int
    term: str
    fixed: tuple[str, ...]
    others: tuple[str, ...]
    tools: tuple[str, ...]

    @cached_property
    def basis(self) -> np.ndarray:
        return np.ascontiguousarray(self.of.basis[:, self.skip :])

    def at(self, names: Sequence[str]) -> np.ndarray:
        """(p, m) coordinates of columns, net of the effects and of the fixed controls."""
        place = {name: i for i, name in enumerate(self.of.names)}
        return np.ascontiguousarray(self.of.triangle[self.skip :, [place[n] for n in names]].T)

    def sizes(self, names: Sequence[str]) -> np.ndarray:
        place = {name: i for i, name in enumerate(self.of.names)}
        return self.of.size[[place[n] for n in names]]

    def coordinates(self) -> Coordinates:
        outcome, column = self.at([OUTCOME])[0], self.at([self.term])[0]
        sizes = (float(self.sizes([OUTCOME])[0]), float(self.sizes([self.term])[0]))
        return Coordinates(
            outcome, column, self.at(self.others), self.at(self.tools),
            (*sizes, self.sizes(self.others), self.sizes(self.tools)),
        )  # fmt: skip


def absorbed(design: Design, others: Sequence[str], term: str, within: Collection[str] | None = None) -> Basis:
    """others: columns that may be left out; the rest beside the term are fixed. within: effects that are projected out, by
    default all; the others stay as columns. Raises `moments.TooMany`.
    """
    fixed: Sequence[str] = [name for name in design.x_names if name not in others and name != term]
    columns = dict(zip(design.x_names, design.x.T, strict=True)) | dict(zip(design.endog_names, design.endog.T, strict=True))
    tools = dict(zip(design.z_names, design.z.T, strict=True))
    within = tuple(design.effects) if within is None else within

    def out_of(first: Sequence[str]) -> moments.Sample:
        given = {name: columns[name] for name in (*first, *others, term)} | tools | {OUTCOME: design.y}
        return moments.sample(
            given, effects=design.effects, intercept=design.intercept, weights=design.weights, within=within
        )

    of = out_of(fixed)
    if fixed:  # of the fixed ones those that the earlier determine must take no direction
        free = of.triangle[of.nuisance :, : len(fixed)]
        kept = Independence(free, of.size[: len(fixed)]).of(range(len(fixed)))
        if not kept.all():
            fixed = [name for name, keep in zip(fixed, kept, strict=True) if keep]
            of = out_of(fixed)
    return Basis(of, of.nuisance + len(fixed), term, tuple(fixed), tuple(others), tuple(tools))
