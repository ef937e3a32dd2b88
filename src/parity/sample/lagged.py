"""A dynamic panel's sample: its levels, their differences, and what instruments are lags of.

Rows are chosen as everywhere; a row counts where it and, of differences, the row one period before have everything.
Instruments are read on all rows that have a unit and a period, those that `where` leaves out too, as lags in a formula are.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.algebra import dynamic_panel as algebra
from parity.base.errors import Unestimable
from parity.sample.design import Design, Sources
from parity.sample.identified import identified
from parity.study.dynamic import Dynamic, source_of
from parity.study.formula import columns_of

if TYPE_CHECKING:
    from parity.sample.partialled_out import PartialledOut
    from parity.study.spec import Spec


@dataclass(frozen=True)
class Read:
    """What a spec's instruments are made of, on all rows of the file: unit and time codes (n,), below 0 where missing;
    columns (n, s) of `gmm`; standard: each column of a regressor, by its name, and of a term that is none, by its term's.

    made: regressor -> the data columns that it is made of.
    """

    unit: np.ndarray
    time: np.ndarray
    columns: np.ndarray
    regressors: dict[str, np.ndarray]
    others: list[tuple[str, np.ndarray]]
    made: dict[str, tuple[str, ...]]


def with_sources(design: Design, spec: Spec, read: Read) -> Design:
    """Raises `Unestimable` where a unit has two rows of one period, or a row of the sample lacks an instrument."""
    levels = design.levels
    assert levels is not None and levels.unit is not None and levels.time is not None
    unit, time = read.unit, read.time
    taken = np.full(int(unit.max(initial=-1)) + 1, -1, dtype=np.int64)
    taken[unit[levels.rows]] = levels.unit
    here = (unit >= 0) & (time >= 0)
    here &= np.where(unit >= 0, taken[unit], -1) >= 0
    of = np.flatnonzero(here)
    own, when = taken[unit[of]], time[of]
    order = np.lexsort((when, own))
    of, own, when = of[order], own[order], when[order]
    if np.any((np.diff(own) == 0) & (np.diff(when) == 0)):
        raise Unestimable("a unit has two rows of one period: a dynamic panel needs one")
    gmm, said = spec.gmm, spec.dynamic or Dynamic()
    if unknown := sorted(set(said.standard or ()) - set(read.made)):
        raise Unestimable(f"dynamic: `{unknown[0]}` of standard is no regressor; these are {', '.join(read.made)}")
    standard = said.standard
    if standard is None:
        lagged = {c for name in gmm for c in columns_of(source_of(name))}
        standard = tuple(name for name, reads in read.made.items() if not set(reads) & lagged)
    instruments = [*((name, read.regressors[name]) for name in standard), *read.others]
    named = {*gmm, *(name for name, _ in instruments)}
    if unknown := sorted((set(said.equation) | {*([] if isinstance(said.collapse, bool) else said.collapse)}) - named):
        raise Unestimable(f"dynamic: `{unknown[0]}` is no instrument; these are {', '.join(sorted(named))}")
    if lost := next((name for name, column in instruments if np.isnan(column[levels.rows]).any()), ""):
        raise Unestimable(f"the instrument `{lost}` is missing in a row that has the outcome and the regressors")
    system = spec.model == "system_gmm"
    usual = {"none": "difference"}.get(said.levels, said.levels) if system else "difference"
    placed = tuple(usual if (e := said.equation.get(name, "")) in ("", "both") else e for name, _ in instruments)
    kept = [i for i, place in enumerate(placed) if system or place != "level"]
    columns = np.array([instruments[i][1][of] for i in kept]).T if kept else np.empty((len(of), 0))
    equations = tuple(said.equation.get(name, "both") for name in gmm)
    return replace(design, sources=Sources(
        own, when, read.columns[of], tuple(gmm), tuple(gmm.values()), frozenset(standard), columns,
        tuple(placed[i] for i in kept), equations, tuple(said.collapsed(name) for name in gmm),
    ))  # fmt: skip


def deviated(design: Design) -> Design:
    """Forward orthogonal deviations within units; the last row of each unit has none."""
    if design.unit is None or design.time is None or design.disorder:
        raise Unestimable(design.disorder or "orthogonal deviations need [study] unit and time")
    levels = design.take(np.lexsort((design.time, design.unit)))
    last = np.r_[np.flatnonzero(np.diff(levels.unit)), levels.nobs - 1]
    end = last[np.searchsorted(last, np.arange(levels.nobs))]
    left = end - np.arange(levels.nobs)
    n = np.maximum(left, 1)[:, None]

    def moved(values: np.ndarray) -> np.ndarray:
        total = np.cumsum(values, axis=0)
        out = np.sqrt(n / (n + 1)) * (values - (total[end] - total) / n)
        return np.asfortranarray(out[left > 0])

    return replace(levels.take(left > 0), y=moved(levels.y[:, None])[:, 0], x=moved(levels.x), levels=levels)


def identified_levels(design: Design, spec: Spec, outcome: str) -> tuple[Design, PartialledOut, tuple[str, ...], str]:
    """As `identified`: columns that others determine go, in levels where these have a constant, and in differences."""
    assert design.levels is not None
    if spec.model == "system_gmm":
        kept, partialled, dropped, determined = identified(design, outcome)
    else:
        lost: tuple[str, ...] = ()
        if design.intercept:
            held, _, lost, _ = identified(design.levels, outcome)
            design = _only(design, held.x_names)
        kept, partialled, more, determined = identified(replace(design, intercept=False), outcome)
        kept, dropped = replace(kept, intercept=design.intercept), lost + more
    return replace(kept, levels=_only(kept.levels, kept.x_names)), partialled, dropped, determined


def _only(design: Any, names: tuple[str, ...]) -> Design:
    at = [design.x_names.index(name) for name in names]
    return replace(design, x=design.x.T[at].T, x_names=names)


class _Last:
    """The estimate that was solved last, while its design lives: one is asked for when it is built, and once more after."""

    def __init__(self) -> None:
        self.of: tuple[Any, ...] = ()
        self.found: algebra.Solved | None = None

    def get(self, design: Design, settings: tuple) -> algebra.Solved | None:
        """Of these very levels and instruments, which nobody writes to."""
        if not self.of:
            return None
        levels, sources, *own = self.of
        return self.found if levels() is design.levels and sources() is design.sources and tuple(own) == settings else None

    def keep(self, design: Design, settings: tuple, found: algebra.Solved) -> algebra.Solved:
        self.of, self.found = (weakref.ref(design.levels), weakref.ref(design.sources), *settings), found
        return found


_LAST = _Last()


def solved(design: Design, spec: Spec) -> algebra.Solved:
    """The estimate by parity's own algebra. Raises `Unestimable` where there is none."""
    said, robust = spec.dynamic or Dynamic(), spec.vcov.kind != "iid"
    settings = (spec.model, said, robust, design.intercept)
    known = _LAST.get(design, settings)
    if known is not None:
        return known
    try:
        found = algebra.solve(panel(design, spec), said.steps, robust=robust, small=said.variance == "n-k")
    except (algebra.NoEstimate, np.linalg.LinAlgError) as error:
        raise Unestimable(f'model = "{spec.model}": {error}') from None
    return _LAST.keep(design, settings, found)


def panel(design: Design, spec: Spec) -> algebra.Panel:
    """Its rows as arrays of units and periods."""
    levels, sources = design.levels, design.sources
    assert levels is not None and sources is not None and levels.unit is not None and levels.time is not None
    start = int(min(levels.time.min(), sources.time.min()))
    shape = (int(levels.unit.max()) + 1, int(max(levels.time.max(), sources.time.max())) - start + 1)

    def grid(unit: np.ndarray, time: np.ndarray, columns: np.ndarray) -> np.ndarray:
        out = np.full((*shape, *columns.shape[1:]), np.nan)
        out[unit, time - start] = columns
        return out

    system, said = spec.model == "system_gmm", spec.dynamic or Dynamic()
    x = np.column_stack([np.ones(levels.nobs), levels.x]) if design.intercept else levels.x
    of = zip(sources.columns.T, sources.lags, sources.collapsed, sources.equations, strict=True)
    lags = tuple(
        algebra.Lags(
            grid(sources.unit, sources.time, column), first, last, collapsed, first - 1 if system else None, equation
        )
        for column, (first, last), collapsed, equation in of
    )
    standard = tuple(
        algebra.Standard(grid(sources.unit, sources.time, column), place)
        for column, place in zip(sources.own.T, sources.placed, strict=True)
    )
    weight = "differences" if said.weight == "joint" and not system else said.weight
    return algebra.Panel(
        grid(levels.unit, levels.time, levels.y), grid(levels.unit, levels.time, x), design.intercept, lags, standard,
        system or design.intercept, weight, said.transform,
    )  # fmt: skip
