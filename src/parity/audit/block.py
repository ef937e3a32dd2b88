"""All specifications that share everything but controls, covariance and convention, from one absorption of their columns.

A sample is chosen by the same code as a run's, its effects are absorbed once, and every subset of its controls is solved
in batches (`parity.algebra.subsets`); covariances and conventions cost a product of matrices and a factor each. Where
columns are near collinear, or a covariance needs single rows, a specification is estimated by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy import special

from parity.algebra import moments
from parity.algebra.collinear import Independence
from parity.algebra.subsets import Coordinates, Meat, Solved, Solver
from parity.audit.single import estimated
from parity.audit.space import Space
from parity.base.errors import Unestimable
from parity.conventions import facts as counting
from parity.conventions.facts import Facts, combine, subsets
from parity.conventions.formulas import Refused, df_t, factor
from parity.data.evaluate import Panel, condition, item_columns
from parity.sample.build import choose_rows
from parity.sample.design import Design
from parity.study.formula import Item
from parity.study.spec import Spec

#: Covariances that cross-products by cluster, or single rows' squares, give.
FAST = ("iid", "HC0", "HC1", "CR0", "CR1")
#: Specifications solved at once: their arrays stay in the processor's cache.
BATCH = 512
#: Coordinates beyond which the form of a covariance is too wide to keep.
MOST_WIDE = 64
OUTCOME = "(outcome)"


@dataclass
class Numbers:
    """Of a block: c sets of controls by e pairs of covariance and convention; NaN where there is no estimate.

    notes   (set, pair) -> why not
    """

    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    df: np.ndarray
    nobs: np.ndarray
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    alone: int = 0

    @classmethod
    def empty(cls, sets: int, pairs: int) -> Numbers:
        return cls(*(np.full((sets, pairs), np.nan) for _ in range(5)))

    def note(self, sets: np.ndarray, pairs: Sequence[int], text: str) -> None:
        self.notes |= {(int(c), e): text for c in sets for e in pairs}


@dataclass(frozen=True)
class Pair:
    """One covariance under one convention: their options, and the spec with every control that they make."""

    number: int
    at: tuple[int, ...]
    spec: Spec


def block(space: Space, outer: Sequence[int], sets: np.ndarray, errors: Sequence[Sequence[int]], memo: dict) -> Numbers:
    """The numbers of every set of controls under every covariance and convention.

    outer: options of the choices before the controls; sets: (c, q) booleans, the controls that are in; errors: options of
    the choices after them; memo: columns of the space's frame, evaluated once for all blocks.
    """
    numbers = Numbers.empty(len(sets), len(errors))
    everything = np.arange(len(sets))
    pairs = []
    for e, inner in enumerate(errors):
        at = (*outer, *(1 for _ in space.controls), *inner)
        try:
            pairs.append(Pair(e, tuple(inner), space.specification(at)))
        except Unestimable as problem:
            numbers.note(everything, [e], str(problem))
    fast = [pair for pair in pairs if _is_fast(space, pair.spec)]
    slow = [pair for pair in pairs if pair not in fast]
    _alone(space, outer, sets, everything, slow, memo, numbers)
    try:
        for within, kept in _samples(space, outer, sets, fast, memo):
            _solved(space, outer, sets, within, kept, memo, numbers)
    except _Unsure:
        _alone(space, outer, sets, everything, fast, memo, numbers)
    return numbers


class _Unsure(Exception):
    """The block as a whole is not for batches."""


def _is_fast(space: Space, spec: Spec) -> bool:
    endog = spec.formula.endog
    single = not endog or (len(endog) == 1 and space.term in space.spec.formula.endog)
    return spec.vcov.kind in FAST and spec.model != "random_effects" and single and not spec.own_df


def _alone(
    space: Space, outer: Sequence[int], sets: np.ndarray, which: np.ndarray, pairs: Sequence[Pair], memo: dict, into: Numbers
) -> None:
    """One by one, the sets `which`."""
    for c in which:
        for pair in pairs:
            at = (*outer, *(int(i) for i in sets[c]), *pair.at)
            into.alone += 1
            try:
                found = estimated(space, at, memo)
            except Unestimable as problem:
                into.notes[int(c), pair.number] = str(problem)
                continue
            place = int(c), pair.number
            into.coef[place], into.se[place], into.p[place] = found.coef, found.se, found.p
            into.df[place], into.nobs[place] = found.df, found.nobs


# ---------------------------------------------------------------- samples


@dataclass(frozen=True)
class Rows:
    """Pairs that have one and the same sample: its columns, its clusters by name, and the columns of each item."""

    design: Design
    pairs: tuple[Pair, ...]
    clusters: Mapping[str, np.ndarray]
    items: Mapping[Item, tuple[str, ...]]


def _samples(
    space: Space, outer: Sequence[int], sets: np.ndarray, pairs: Sequence[Pair], memo: dict
) -> Iterator[tuple[np.ndarray, Rows]]:
    """The sets of controls by their samples: a control with missing values brings its rows' absence with it.

    Raises `_Unsure` where the largest set of a sample says nothing of the others.
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
    """Numbers of the controls that miss values in rows that `where` keeps."""
    panel, n = Panel.of(space.study), len(space.frame)
    chosen = np.ones(n, dtype=bool) if spec.where is None else condition(spec.where, space.frame, panel)
    found = []
    for j, items in enumerate(space.free(outer)):
        columns = [c for item in items for c in item_columns(item, space.frame, panel, chosen).values()]
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
            raise _Unsure from None
        _, _, held, clusters = samples.setdefault(design.rows.tobytes(), (design, spec, [], {}))
        held += those
        clusters |= design.clusters
    for design, spec, held, clusters in samples.values():
        keep_all = not (spec.formula.intercept or spec.formula.effects)
        items = {i: tuple(memo["item", str(i), i, spec.where, keep_all]) for i in spec.formula.exog}
        names = [name for columns in items.values() for name in columns]
        if len(set(names)) < len(names):
            raise _Unsure
        yield Rows(design, tuple(held), clusters, items)


# ---------------------------------------------------------------- batches


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


def _basis(design: Design, fixed: Sequence[str], others: Sequence[str], term: str) -> Basis:
    columns = dict(zip(design.x_names, design.x.T, strict=True)) | dict(zip(design.endog_names, design.endog.T, strict=True))
    tools = dict(zip(design.z_names, design.z.T, strict=True))
    within = tuple(design.effects)

    def absorbed(first: Sequence[str]) -> moments.Sample:
        given = {name: columns[name] for name in (*first, *others, term)} | tools | {OUTCOME: design.y}
        return moments.sample(
            given, effects=design.effects, intercept=design.intercept, weights=design.weights, within=within
        )

    of = absorbed(fixed)
    if fixed:  # of the fixed ones those that the earlier determine must take no direction
        free = of.triangle[of.nuisance :, : len(fixed)]
        kept = Independence(free, of.size[: len(fixed)]).of(range(len(fixed)))
        if not kept.all():
            fixed = [name for name, keep in zip(fixed, kept, strict=True) if keep]
            of = absorbed(fixed)
    return Basis(of, of.nuisance + len(fixed), term, tuple(fixed), tuple(others), tuple(tools))


def _solved(
    space: Space, outer: Sequence[int], sets: np.ndarray, within: np.ndarray, rows: Rows, memo: dict, into: Numbers
) -> None:
    """The sets `within` of one sample, for its pairs."""
    design, term = rows.design, space.term_in(outer)
    if term not in (*design.x_names, *design.endog_names):
        into.note(within, [p.number for p in rows.pairs], f"`{term}` is no single column, so it has no one coefficient")
        return
    owner, free = [], []
    for j, items in enumerate(space.free(outer)):
        names = [name for item in items for name in rows.items.get(item, ())]
        owner += [j] * len(names)
        free += names
    fixed = [name for name in design.x_names if name not in free and name != term]
    basis = _basis(design, fixed, free, term)
    if basis.basis.shape[1] > MOST_WIDE:
        _alone(space, outer, sets, within, rows.pairs, memo, into)
        return
    solver, plans = Solver(basis.coordinates()), list(_plans(basis, rows, into, within))
    columns = sets[within][:, owner]
    many, unsure = columns.sum(axis=1), []
    for k in np.unique(many):
        of_size = np.flatnonzero(many == k)
        for start in range(0, len(of_size), BATCH):
            batch = of_size[start : start + BATCH]
            solved = solver.of(np.nonzero(columns[batch])[1].reshape(len(batch), k))
            unsure.append(batch[~solved.clear])
            slopes = len(basis.fixed) + int(k) + 1 + design.intercept
            if solved.clear.any():
                _filled(plans, into, within[batch[solved.clear]], solved.only_clear(), slopes)
    _alone(space, outer, sets, within[np.concatenate(unsure)], rows.pairs, memo, into)


@dataclass(frozen=True)
class Plan:
    """One covariance: its middle by subset of the clusters, and the pairs that use it."""

    facts: Facts
    meats: Mapping[tuple[str, ...], Meat | None]
    pairs: tuple[Pair, ...]


def _plans(basis: Basis, rows: Rows, into: Numbers, within: np.ndarray) -> Iterator[Plan]:
    design = rows.design
    frequency = design.weights if design.weight_kind == "frequency" else None
    meats: dict[tuple[str, ...], Meat] = {}
    for vcov in dict.fromkeys(p.spec.vcov for p in rows.pairs):
        pairs = tuple(p for p in rows.pairs if p.spec.vcov == vcov)
        clusters = {c: rows.clusters[c] for c in vcov.cluster}
        facts = counting.count(
            design.effects, clusters, nobs=design.nobs, n_slopes=0, intercept=design.intercept, unit=design.unit,
            nobs_weighted=float(design.nobs if frequency is None else frequency.sum()),
        )  # fmt: skip
        if clusters and facts.min_clusters < 2:
            into.note(within, [p.number for p in pairs], "there is only one cluster")
            continue
        wanted: dict[tuple[str, ...], Meat | None] = {}
        for subset in subsets(vcov.cluster) if vcov.cluster else [()]:
            key = tuple(sorted(subset))
            if vcov.kind == "iid":
                wanted[subset] = None
                continue
            if key not in meats:
                code = combine([clusters[c] for c in subset]) if subset else None
                meats[key] = Meat(basis.basis, code, None if subset else frequency)
            wanted[subset] = meats[key]
        yield Plan(facts, wanted, pairs)


def _filled(plans: Sequence[Plan], into: Numbers, sets: np.ndarray, solved: Solved, slopes: int) -> None:
    """The numbers of a batch that has so many slopes."""
    z: np.ndarray | None = None
    for plan in plans:
        facts = replace(plan.facts, n_slopes=slopes)
        if facts.nobs_weighted <= facts.rank:
            text = f"{facts.nobs} rows leave no degree of freedom for {facts.rank} parameters"
            into.note(sets, [p.number for p in plan.pairs], text)
            continue
        parts: dict[tuple[str, ...], np.ndarray] = {}
        for subset, meat in plan.meats.items():
            if meat is None:
                parts[subset] = _squares(solved.pull) * _squares(solved.resid) / facts.nobs_weighted
            else:
                z = Meat.products(solved.pull, solved.resid) if z is None else z
                parts[subset] = meat.variances(z)
        for pair in plan.pairs:
            try:
                variance, df = _under(pair.spec, facts, parts)
            except Refused as error:
                into.note(sets, [pair.number], str(error))
                continue
            with np.errstate(invalid="ignore", divide="ignore"):
                se = np.sqrt(np.where(variance >= 0, variance, np.nan))
                t = np.abs(solved.coef / se)
            e = pair.number
            into.coef[sets, e], into.se[sets, e], into.df[sets, e] = solved.coef, se, df
            into.p[sets, e] = 2 * (special.ndtr(-t) if math.isinf(df) else special.stdtr(df, -t))
            into.nobs[sets, e] = facts.nobs_weighted


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("bm,bm->b", rows, rows)


def _under(spec: Spec, facts: Facts, parts: Mapping[tuple[str, ...], np.ndarray]) -> tuple[np.ndarray, float]:
    """The variances under the spec's convention, and the degrees of freedom of t. Raises `Refused`."""
    vcov, total = spec.vcov, np.zeros(1)
    for subset, part in parts.items():
        sign = -1.0 if subset and len(subset) % 2 == 0 else 1.0
        total = total + sign * part * factor(facts, spec.convention, vcov.kind, vcov.cluster, subset, spec.iv)
    return total, df_t(facts, spec.convention, vcov.kind, vcov.cluster, iv=spec.iv, random=False)
