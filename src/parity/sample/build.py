"""Study + Spec + data -> Design: the numbers every engine is given, and the facts counted from them.

The design is plain arrays under canonical names, so an engine never sees a column name, and nothing a user wrote is
evaluated by Python or R. Rows and columns are chosen once, by stated rules, in this order: `where`, missing values,
zero weights, rows that a likelihood predicts perfectly, singletons (where the convention drops them), absorbed and
collinear columns (the later one goes). The rows then stand in an order that follows from their values
(`parity.sample.order`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.base.errors import ColumnProblem, Unestimable
from parity.conventions import facts as counting
from parity.conventions.facts import Facts
from parity.data.places import row_name
from parity.sample.columns import Reading, all_rows, time_codes
from parity.sample.design import Design
from parity.sample.identified import identified
from parity.sample.lagged import Read, deviated, identified_levels, solved, with_sources
from parity.sample.order import ordered, recoded
from parity.sample.partialled_out import PartialledOut
from parity.sample.separated import maximum, unseparated, with_outcomes
from parity.study.dynamic import items_of, source_of
from parity.study.formula import columns_of
from parity.study.models import OF_DYNAMIC
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


def build_design(
    study: Study, spec: Spec, frame: pd.DataFrame, memo: dict[tuple, Any] | None = None, *, in_order: bool = True
) -> Design:
    """The design of one spec. Raises `Unestimable` where no engine could estimate it.

    memo: columns of this frame that other specs' designs evaluated, to be used again and added to.
    in_order: rows as `parity.sample.order` has them, for engines; else as the file has them, which is faster.
    """
    return design_and_partialled(study, spec, frame, memo, in_order=in_order)[0]


def design_and_partialled(
    study: Study, spec: Spec, frame: pd.DataFrame, memo: dict[tuple, Any] | None = None, *, in_order: bool = True
) -> tuple[Design, PartialledOut]:
    """`build_design`, and the design's columns net of fixed effects or intercept, from which a fit can go on."""
    chosen = choose_rows(study, spec, frame, memo, in_order=in_order)
    find = (lambda *of: identified_levels(of[0], spec, of[1])) if spec.model in OF_DYNAMIC else identified
    design, partialled, dropped, determined = find(chosen.design, str(spec.formula.outcome))
    design = with_outcomes(design, spec)
    counted = count_facts(design, spec, chosen, dropped)
    if determined:
        raise Unestimable(determined)
    if spec.likelihood:
        maximum(design, spec)  # without one, engines stop where they stop, and may agree on it
    if spec.model in OF_DYNAMIC:
        if spec.vcov.cluster not in ((), (study.header.unit,)):
            raise Unestimable(f"a dynamic panel's errors are clustered by its unit, `{study.header.unit}`, alone")
        solved(design, spec)  # of singular weights, packages make a number each
    if len(spec.vcov.cluster) > 1:
        counted = replace(counted, deviations=deviations(design))
    if spec.vcov.kind == "NW" and design.time is not None:
        counted = replace(counted, uneven=uneven(design.time, spec.vcov.lags or 0))
        design = replace(design, time=lagged_time(design, spec.convention.kernel_gaps))
    return replace(design, facts=counted), partialled


@dataclass(frozen=True)
class Chosen:
    """The rows of a spec with all its columns, estimable or not; and how many rows were left out, why."""

    design: Design
    n_missing: int
    n_zero: int
    n_singletons: int
    n_separated: int = 0


def choose_rows(
    study: Study, spec: Spec, frame: pd.DataFrame, memo: dict[tuple, Any] | None = None, *, in_order: bool = True
) -> Chosen:
    """The first half of `build_design`; facts are not counted yet. Raises `Unestimable` where no row is left."""
    try:
        raw, listwise = all_rows(study, spec, frame, {} if memo is None else memo)
    except ColumnProblem as problem:
        raise Unestimable(str(problem)) from None
    design = raw.take(listwise.keep)
    n_zero = n_singletons = n_separated = 0
    if design.weights is not None:
        design, n_zero = _without_zero_weights(design, spec.weights.column if spec.weights else "", frame)
    if in_order:
        design = ordered(design)
    if spec.model == "difference_gmm" and spec.dynamic is not None and spec.dynamic.transform == "orthogonal":
        design = deviated(design)
    elif spec.model in ("first_difference", "difference_gmm"):
        design = _differenced(design)
    elif spec.model == "system_gmm":
        design = replace(design, levels=design)
    elif spec.model == "between":
        design = means_of_units(design, by_rows=spec.convention.between_weights == "rows")
    while True:
        before = design.nobs
        if spec.likelihood and before:
            design = design.take(unseparated(design, spec))
        n_separated += before - design.nobs
        alone = 0
        kept_whole = spec.model in ("first_difference", "between", *OF_DYNAMIC)
        if not kept_whole and spec.convention.singletons == "drop" and design.effects:
            kept = singletons_dropped(design.effects, design.weights if design.weight_kind == "frequency" else None)
            alone = int((~kept).sum())
            design = design.take(kept)
        n_singletons += alone
        if not (spec.likelihood and alone):  # without a row that stood alone, the rest of a level may be predicted
            break
    if design.nobs == 0:
        raise Unestimable("no row is left: " + listwise.why(n_zero, n_singletons, n_separated))
    if spec.model in OF_DYNAMIC:
        design = _with_sources(study, spec, frame, {} if memo is None else memo, design)
    return Chosen(recoded(design), listwise.n_missing, n_zero, n_singletons, n_separated)


def deviations(design: Design) -> dict[str, float]:
    """Standard deviation of every regressor over the rows; none of a single row."""
    if design.nobs < 2:
        return {}
    spread = (np.std(block, axis=0, ddof=1).tolist() for block in (design.x, design.endog))
    return dict(zip((*design.x_names, *design.endog_names), chain.from_iterable(spread), strict=True))


def uneven(time: np.ndarray, lags: int) -> str:
    """Why newey would refuse these periods, or "". time: (n,) in steps of one period; lags: none asks for less.

    newey.ado 1.6.0 looks at the steps from row to row in order of time, whatever unit the rows are of.
    """
    steps = np.diff(np.sort(time))
    if not len(steps) or steps.min() == steps.max() == 1:
        return ""
    if steps.min() == steps.max() > 1:
        return "its periods have regular steps, but not of one"
    return "its rows are not one period apart: periods are missing, or several units share them" if lags else ""


def lagged_time(design: Design, gaps: str) -> np.ndarray:
    """(n,) periods as Newey-West's lags count them: as they are, without those that no row has, or each unit's own rows."""
    if gaps in ("kept", "refused"):
        return design.time
    if gaps == "closed" or design.unit is None:
        return np.unique(design.time, return_inverse=True)[1]
    order = np.lexsort((design.time, design.unit))
    unit, time = design.unit[order], design.time[order]
    new = np.r_[True, np.diff(unit) != 0]
    # rows of one unit and period share a place: they have no order, and Newey-West refuses them
    step = np.cumsum(np.r_[0, (np.diff(time) != 0) & ~new[1:]])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = step - step[np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))]
    return place


def _with_sources(study: Study, spec: Spec, frame: pd.DataFrame, memo: dict[tuple, Any], design: Design) -> Design:
    from parity.data.evaluate import Panel

    panel = Panel.of(study)
    read = Reading(spec, frame, panel, memo)
    unit = read.coded((panel.unit,)) if panel.unit else None
    time, disorder = read.once(("time",), lambda: time_codes(frame, panel)) if panel.time else (None, "")
    if unit is None or time is None or disorder:
        raise Unestimable(disorder or "a dynamic panel needs [study] unit and time")
    try:
        columns = np.array([read.number(source_of(name)) for name in spec.gmm]).T if spec.gmm else np.empty((len(frame), 0))
        keep_all = not spec.formula.intercept
        made = {name: columns_of(item) for item in spec.formula.exog for name in read.matrix((item,), keep_all)[1]}
        x, names = read.matrix(spec.formula.exog, keep_all)
        terms = spec.dynamic.instruments if spec.dynamic else ()
        others = [(term, column) for term in terms for column in read.matrix(items_of(term))[0].T]
    except ColumnProblem as problem:
        raise Unestimable(str(problem)) from None
    return with_sources(design, spec, Read(unit, time, columns, dict(zip(names, x.T, strict=True)), others, made))


def _without_zero_weights(design: Design, name: str, frame: pd.DataFrame) -> tuple[Design, int]:
    w = design.weights
    if (w < 0).any():
        where = row_name(frame, design.rows[np.argmax(w < 0)])
        raise Unestimable(f"a weight is negative: `{name}` ({where})")
    if design.weight_kind == "frequency" and np.any(w % 1):
        where = row_name(frame, design.rows[np.argmax(w % 1 != 0)])
        raise Unestimable(
            f"a frequency weight is no whole number: `{name}` ({where}); weights that don't count rows are "
            "analytic (aweight) or pweight"
        )
    return design.take(w > 0), int((w == 0).sum())


def singletons_dropped(effects: dict[str, np.ndarray], frequency: np.ndarray | None = None) -> np.ndarray:
    """Mask of rows left when observations alone in a level are dropped, again and again until none is (Correia 2015).

    frequency: weights that say how many observations a row stands for; a row of two isn't alone, as in reghdfe.
    """
    first = next(iter(effects.values()))
    counts = np.ones(len(first)) if frequency is None else frequency
    keep = np.ones(len(first), dtype=bool)
    while True:
        alone = np.zeros(len(first), dtype=bool)
        for code in effects.values():
            size = np.bincount(code[keep], weights=counts[keep], minlength=int(code.max(initial=0)) + 1)
            alone |= keep & (size[code] == 1)
        if not alone.any():
            return keep
        keep &= ~alone


def _differenced(design: Design) -> Design:
    """First differences within units over one period; rows without the period before are left out."""
    if design.unit is None or design.time is None:
        raise Unestimable("first differences need [study] unit and time")
    if design.disorder:
        raise Unestimable(design.disorder)
    order = np.lexsort((design.time, design.unit))
    levels = design.take(order)
    follows = (np.diff(levels.unit) == 0) & (np.diff(levels.time) == 1)
    later, earlier = levels.take(np.flatnonzero(follows) + 1), levels.take(np.flatnonzero(follows))
    return replace(
        later,
        y=later.y - earlier.y,
        x=later.x - earlier.x,
        endog=later.endog - earlier.endog,
        z=later.z - earlier.z,
        levels=levels,
    )


def means_of_units(design: Design, *, by_rows: bool) -> Design:
    """A row a unit, of its means; `levels` are the rows behind them. by_rows: weighted by how many these are."""
    if design.unit is None:
        raise Unestimable("the between estimator needs [study] unit")
    _, first, code, size = np.unique(design.unit, return_index=True, return_inverse=True, return_counts=True)
    for name, cluster in design.clusters.items():
        if np.any(cluster != cluster[first][code]):
            raise Unestimable(f"`{name}` changes within units, and clusters of unit means can't")

    def means(columns: np.ndarray) -> np.ndarray:
        # about the first row of each unit: a mean of equal values is that value to the last bit
        from parity.algebra.absorb import sums

        start = columns[first]
        return start + sums(columns - start[code], code, len(first)) / size[:, None]

    one = design.take(first)
    return replace(
        one, y=means(design.y[:, None])[:, 0], x=np.asfortranarray(means(design.x)), time=None, levels=design,
        weights=size.astype(float) if by_rows else None, weight_kind="analytic" if by_rows else None,
    )  # fmt: skip


def count_facts(design: Design, spec: Spec, chosen: Chosen, dropped: tuple[str, ...]) -> Facts:
    """The facts of a design. Raises `Unestimable` where no degree of freedom is left, or one cluster."""
    counted = counts_of(
        design, dropped=dropped, n_missing=chosen.n_missing, n_zero_weight=chosen.n_zero, n_singletons=chosen.n_singletons,
        n_separated=chosen.n_separated,
    )  # fmt: skip
    if counted.nobs_weighted <= counted.rank:
        raise Unestimable(f"{counted.nobs} rows leave no degree of freedom for {counted.rank} parameters")
    if design.clusters and counted.min_clusters < 2:
        raise Unestimable("there is only one cluster")
    return counted


def counts_of(design: Design, **left_out: Any) -> Facts:
    """The facts of a design's rows, whatever they allow. left_out: what isn't in them, as `Facts` has it."""
    return counting.count(
        design.effects, design.clusters, nobs=design.nobs, nobs_weighted=design.observations, n_slopes=len(design.terms),
        intercept=design.intercept, periods=counting.n_levels(design.time) if design.time is not None else 0,
        unit=design.unit, **left_out,
    )  # fmt: skip
