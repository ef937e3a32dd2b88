"""All specifications that share everything but controls, covariance and convention, from one absorption of their columns.

A sample is chosen by the same code as a run's, its effects are absorbed once, and every subset of its controls is solved
in batches (`parity.algebra.subsets`); covariances and conventions cost a product of matrices and a factor each. Where
columns are near collinear, or a covariance needs single rows, a specification is estimated by itself.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from parity.algebra.subsets import Meat, Solver
from parity.audit.samples import Basis, Pair, Rows, Unsure, absorbed, samples
from parity.audit.single import estimated
from parity.audit.space import Space
from parity.audit.weak import wald, weak_fs
from parity.base.errors import Unestimable
from parity.base.tolerance import NO_VARIANCE
from parity.conventions import facts as counting
from parity.conventions.facts import Facts, combine, subsets
from parity.conventions.formulas import Refused, df_t, factor
from parity.study.spec import Spec

#: Covariances that cross-products by cluster, or single rows' squares, give.
FAST = ("iid", "HC0", "HC1", "CR0", "CR1")
#: Coordinates beyond which the form of a covariance is too wide to keep.
MOST_WIDE = 64


@dataclass
class Numbers:
    """Of a block: c sets of controls by e pairs of covariance and convention; NaN where there is no estimate.

    first_stage   F of the instruments' first stage; NaN where there is none
    notes         (set, pair) -> why there is no estimate
    """

    coef: np.ndarray
    se: np.ndarray
    p: np.ndarray
    df: np.ndarray
    nobs: np.ndarray
    first_stage: np.ndarray
    notes: dict[tuple[int, int], str] = field(default_factory=dict)
    alone: int = 0

    @classmethod
    def empty(cls, sets: int, pairs: int) -> Numbers:
        return cls(*(np.full((sets, pairs), np.nan) for _ in range(6)))

    def note(self, sets: np.ndarray, pairs: Sequence[int], text: str) -> None:
        self.notes |= {(int(c), e): text for c in sets for e in pairs}


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
    fast = [pair for pair in pairs if is_fast(space, pair.spec)]
    slow = [pair for pair in pairs if pair not in fast]
    _alone(space, outer, sets, everything, slow, memo, numbers)
    try:
        for within, kept in samples(space, outer, sets, fast, memo):
            _solved(space, outer, sets, within, kept, memo, numbers)
    except Unsure:
        _alone(space, outer, sets, everything, fast, memo, numbers)
    _without_noise(numbers)
    return numbers


def _without_noise(numbers: Numbers) -> None:
    """A standard error that rounding left of zero says nothing, and its p even less."""
    with np.errstate(invalid="ignore"):
        noise = numbers.se <= NO_VARIANCE * np.abs(numbers.coef)
    for c, e in np.argwhere(noise).tolist():
        numbers.notes[c, e] = "its standard error is what rounding left of zero"
    numbers.se[noise] = numbers.p[noise] = np.nan


def is_fast(space: Space, spec: Spec) -> bool:
    endog = spec.formula.endog
    single = not endog or (len(endog) == 1 and space.term in space.spec.formula.endog)
    # whether a matrix of several clusters is mended hangs on all of it, and a batch has the one variance
    mended = len(spec.vcov.cluster) > 1 and spec.convention.psd == "repaired"
    return spec.vcov.kind in FAST and spec.model != "random_effects" and single and not spec.own_df and not mended


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
            into.df[place], into.nobs[place], into.first_stage[place] = found.df, found.nobs, found.first_stage


# ---------------------------------------------------------------- batches


def _solved(
    space: Space, outer: Sequence[int], sets: np.ndarray, within: np.ndarray, rows: Rows, memo: dict, into: Numbers
) -> None:
    """The sets `within` of one sample, for its pairs."""
    design, term = rows.design, space.term_in(outer)
    if term not in (*design.x_names, *design.endog_names):
        into.note(within, [p.number for p in rows.pairs], f"`{term}` is no single column, so it has no one coefficient")
        return
    owner, free = rows.free(space, outer)
    basis = absorbed(design, free, term)
    if not 0 < basis.basis.shape[1] <= MOST_WIDE:  # none: effects determine every column
        _alone(space, outer, sets, within, rows.pairs, memo, into)
        return
    columns, plans = sets[within][:, owner], list(_plans(basis, rows, into, within))
    parts = _parts(Solver(basis.coordinates()), plans, columns, len(basis.tools))
    many = columns.sum(axis=1)
    for k in np.unique(many[parts.clear]):
        at = np.flatnonzero(parts.clear & (many == k))
        for plan in plans:
            sized = _sized(plan, len(basis.fixed) + int(k) + 1 + design.intercept)
            _filled(sized, into, within[at], parts, at)
    _alone(space, outer, sets, within[~parts.clear], rows.pairs, memo, into)


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


@dataclass(frozen=True)
class Parts:
    """Of c sets: the coefficient, whether it is sure, and what its variances are made of: without clusters, the square of
    what is left of the column times the sum of squared residuals; with them, each middle.

    first   of each middle, or None for iid errors: see `parity.audit.weak.wald`; tools: how many excluded instruments
    """

    coef: np.ndarray
    clear: np.ndarray
    iid: np.ndarray
    middle: Mapping[Meat, np.ndarray]
    first: Mapping[Meat | None, np.ndarray]
    tools: int


def _parts(solver: Solver, plans: Sequence[Plan], columns: np.ndarray, tools: int) -> Parts:
    meats = dict.fromkeys(meat for plan in plans for meat in plan.meats.values() if meat is not None)
    alone = {next(iter(plan.meats.values())) for plan in plans if len(plan.meats) == 1} if tools else ()
    parts = Parts(
        np.empty(len(columns)), np.zeros(len(columns), dtype=bool), np.empty(len(columns)),
        {meat: np.empty(len(columns)) for meat in meats}, {meat: np.empty(len(columns)) for meat in alone}, tools,
    )  # fmt: skip
    for which, solved in solver.of(columns):
        parts.coef[which], parts.clear[which] = solved.coef, solved.clear
        parts.iid[which] = _squares(solved.pull) * _squares(solved.resid)
        z = Meat.products(solved.pull, solved.resid) if meats else None
        for meat, middle in parts.middle.items():
            middle[which] = meat.variances(z)
        for meat, chi2 in parts.first.items():
            chi2[which] = wald(solved.first, meat)
    return parts


@dataclass(frozen=True)
class Sized:
    """A plan where a specification has so many slopes.

    scales    of each pair, in their order: what multiplies the variance of each subset of the clusters, and the degrees of
              freedom of t; or why its convention refuses
    problem   why none of its pairs has an estimate
    """

    plan: Plan
    facts: Facts
    scales: tuple[tuple[Mapping[tuple[str, ...], float], float] | str, ...] = ()
    problem: str = ""


def _sized(plan: Plan, slopes: int) -> Sized:
    facts = replace(plan.facts, n_slopes=slopes)
    if facts.nobs_weighted <= facts.rank:
        text = f"{facts.nobs} rows leave no degree of freedom for {facts.rank} parameters"
        return Sized(plan, facts, problem=text)
    return Sized(plan, facts, tuple(_scales(pair.spec, facts, plan.meats) for pair in plan.pairs))


def _scales(
    spec: Spec, facts: Facts, of: Collection[tuple[str, ...]]
) -> tuple[Mapping[tuple[str, ...], float], float] | str:
    vcov, scales = spec.vcov, {}
    try:
        for subset in of:
            sign = -1.0 if subset and len(subset) % 2 == 0 else 1.0
            scales[subset] = sign * factor(facts, spec.convention, vcov.kind, vcov.cluster, subset, spec.iv)
        return scales, df_t(facts, spec.convention, vcov.kind, vcov.cluster, iv=spec.iv, random=False)
    except Refused as error:
        return str(error)


def _filled(sized: Sized, into: Numbers, sets: np.ndarray, parts: Parts, at: np.ndarray) -> None:
    """The numbers of the sets, entries `at` of the parts, which have so many slopes."""
    plan, facts, coef = sized.plan, sized.facts, parts.coef[at]
    if sized.problem:
        into.note(sets, [p.number for p in plan.pairs], sized.problem)
        return
    middle = {
        subset: parts.iid[at] / facts.nobs_weighted if meat is None else parts.middle[meat][at]
        for subset, meat in plan.meats.items()
    }
    for pair, scaled in zip(plan.pairs, sized.scales, strict=True):
        if isinstance(scaled, str):
            into.note(sets, [pair.number], scaled)
            continue
        scales, df = scaled
        variance = sum(scale * middle[subset] for subset, scale in scales.items())
        with np.errstate(invalid="ignore", divide="ignore"):
            se = np.sqrt(np.where(variance >= 0, variance, np.nan))
            t = np.abs(coef / se)
        e = pair.number
        into.coef[sets, e], into.se[sets, e], into.df[sets, e] = coef, se, df
        into.p[sets, e] = 2 * (special.ndtr(-t) if math.isinf(df) else special.stdtr(df, -t))
        into.nobs[sets, e] = facts.nobs_weighted
        if parts.tools and len(plan.meats) == 1:
            chi2 = parts.first[next(iter(plan.meats.values()))][at]
            into.first_stage[sets, e] = weak_fs(pair.spec, facts, chi2, parts.tools)


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("mb,mb->b", rows, rows)
