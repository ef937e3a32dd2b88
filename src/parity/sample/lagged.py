"""A dynamic panel's sample: its levels, their differences, and what instruments are lags of.

Rows are chosen as everywhere; a row counts where it and, of differences, the row one period before have everything.
Instruments are read on all rows that have a unit and a period, those that `where` leaves out too, as lags in a formula are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.algebra import dynamic_panel as algebra
from parity.base.errors import Unestimable
from parity.sample.design import INTERCEPT, Design, Sources
from parity.sample.identified import identified
from parity.study.dynamic import Dynamic

if TYPE_CHECKING:
    from parity.sample.partialled_out import PartialledOut
    from parity.study.spec import Spec


def with_sources(design: Design, spec: Spec, unit: np.ndarray, time: np.ndarray, columns: np.ndarray, made: dict) -> Design:
    """unit, time (n,), columns (n, s) of all rows of the file, codes below 0 where missing; made: regressor -> its columns.

    Raises `Unestimable` where a unit has two rows of one period.
    """
    levels = design.levels
    assert levels is not None and levels.unit is not None and levels.time is not None
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
    gmm = spec.gmm
    said = spec.dynamic.standard if spec.dynamic else None
    if said is not None and (unknown := sorted(set(said) - set(made))):
        raise Unestimable(f"dynamic: `{unknown[0]}` of standard is no regressor; these are {', '.join(made)}")
    standard = said if said is not None else tuple(name for name, reads in made.items() if not set(reads) & set(gmm))
    lags = tuple(gmm.values())
    sources = Sources(own, when, columns[of], tuple(gmm), lags, frozenset(standard))
    return replace(design, sources=sources)


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


def solved(design: Design, spec: Spec) -> algebra.Solved:
    """The estimate by parity's own algebra. Raises `Unestimable` where there is none."""
    said, robust = spec.dynamic or Dynamic(), spec.vcov.kind != "iid"
    try:
        return algebra.solve(panel(design, spec), said.steps, robust=robust, small=said.variance == "n-k")
    except (algebra.NoEstimate, np.linalg.LinAlgError) as error:
        raise Unestimable(f'model = "{spec.model}": {error}') from None


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
    lags = tuple(
        algebra.Lags(grid(sources.unit, sources.time, column), first, last, said.collapse, first - 1 if system else None)
        for column, (first, last) in zip(sources.columns.T, sources.lags, strict=True)
    )
    names = (INTERCEPT, *levels.x_names) if design.intercept else levels.x_names
    standard = np.array([name in sources.standard for name in names])
    placed, weight = {"none": "difference"}.get(said.levels, said.levels), said.weight
    if not system:
        placed, weight = "difference", "differences" if weight == "joint" else weight
    return algebra.Panel(
        grid(levels.unit, levels.time, levels.y), grid(levels.unit, levels.time, x), design.intercept, lags, standard,
        system or design.intercept, placed, weight,
    )  # fmt: skip
