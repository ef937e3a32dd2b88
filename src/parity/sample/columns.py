"""A spec's columns of a frame as arrays, and which rows have everything that it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.base.errors import ColumnProblem
from parity.base.tolerance import SMALLEST
from parity.conventions.facts import Facts
from parity.data.places import row_name
from parity.sample.design import Design, Places
from parity.study.dynamic import items_of
from parity.study.formula import Column, Dummies, Expr, Interaction, Item
from parity.study.models import OF_PANELS, SERIES
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.data.evaluate import Panel

#: Values beyond this have squares and sums of squares that overflow a double.
LARGEST = 1e100


@dataclass(frozen=True)
class Listwise:
    """keep: (n,) rows that have everything; n_where: how many `where` keeps; n_missing: how many of them lack a value."""

    keep: np.ndarray
    n_where: int
    n_missing: int

    def why(self, n_zero: int, n_singletons: int, n_separated: int) -> str:
        lost = {
            "have missing values": self.n_missing, "have weight zero": n_zero, "are predicted perfectly": n_separated,
            "are singletons": n_singletons,
        }  # fmt: skip
        kept = f"`where` keeps {self.n_where} of {len(self.keep)}"
        return ", ".join([kept, *(f"{n} {what}" for what, n in lost.items() if n)])


class Reading:
    """A spec's columns of a frame; whatever was evaluated before is in `memo`. chosen: (n,) rows that `where` keeps."""

    def __init__(self, spec: Spec, frame: pd.DataFrame, panel: Panel, memo: dict[tuple, Any]):
        from parity.data.evaluate import condition

        self.where, self.frame, self.panel, self.memo = spec.where, frame, panel, memo
        self.chosen = np.ones(len(frame), dtype=bool)
        if spec.where:
            self.chosen = self.once(("where", spec.where), lambda: condition(spec.where, frame, panel))

    def once(self, key: tuple, make: Callable[[], Any]) -> Any:
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def coded(self, columns: tuple[str, ...]) -> np.ndarray:
        from parity.data.evaluate import codes

        return self.once(("codes", columns), lambda: codes(self.frame, columns))

    def number(self, expr: Expr) -> np.ndarray:
        from parity.data.evaluate import numeric

        return self.once(("numeric", str(expr), expr), lambda: numeric(expr, self.frame, self.panel))

    def matrix(self, items: Sequence[Item], keep_all: bool = False) -> tuple[np.ndarray, tuple[str, ...]]:
        """(n, k) and the names of its columns. Raises `ColumnProblem` where two different ones have one name."""
        columns: dict[str, np.ndarray] = {}
        for item in items:
            for name, values in self._columns(item, keep_all).items():
                if name in columns and not np.array_equal(columns[name], values, equal_nan=True):
                    raise ColumnProblem(f"two different columns would both be named `{name}`; rename a column or a level")
                columns[name] = values
        stacked = np.array(list(columns.values())).T if columns else np.empty((len(self.frame), 0))
        return stacked, tuple(columns)

    def _columns(self, item: Item, keep_all: bool) -> dict[str, np.ndarray]:
        from parity.data.evaluate import item_columns

        key = item_key(item, self.where, keep_all)
        return self.once(key, lambda: item_columns(item, self.frame, self.panel, self.chosen, keep_all=keep_all))


def item_key(item: Item, where: Expr | None, keep_all: bool) -> tuple:
    """Of the memo: an item's columns. Which rows `where` keeps decides only which levels have one."""
    return ("item", str(item), item, where if _has_levels(item) else None, keep_all)


def _has_levels(item: Item) -> bool:
    return isinstance(item, Dummies) or (isinstance(item, Interaction) and any(map(_has_levels, item.factors)))


def all_rows(study: Study, spec: Spec, frame: pd.DataFrame, memo: dict[tuple, Any]) -> tuple[Design, Listwise]:
    """All rows of the frame as arrays, and which of them have everything the spec needs. Raises `ColumnProblem`."""
    from parity.data.evaluate import Panel

    panel, formula = Panel.of(study), spec.formula
    read = Reading(spec, frame, panel, memo)
    absorbs = formula.intercept or bool(formula.effects)
    x, x_names = read.matrix(formula.exog, keep_all=not absorbs)
    endog, endog_names = read.matrix(formula.endog)
    z, z_names = read.matrix(formula.instruments)
    _named_once(x_names, endog_names, z_names)
    effects = {e.name: read.coded(e.columns) for e in formula.effects}
    clusters = {c: read.coded((c,)) for c in spec.vcov.cluster}
    weights = read.number(Column(spec.weights.column)) if spec.weights else None
    unit = read.coded((panel.unit,)) if panel.unit else None
    time, disorder = read.once(("time",), lambda: time_codes(frame, panel)) if panel.time else (None, "")
    if disorder and spec.needs_order:
        raise ColumnProblem(disorder)
    y = read.number(formula.outcome)
    offset = read.number(spec.offset) if spec.offset else None
    at = np.array([read.number(Column(name)) for name in spec.vcov.coordinates]).T if spec.vcov.coordinates else None

    complete = ~(np.isnan(y) | np.isnan(x).any(axis=1) | np.isnan(endog).any(axis=1) | np.isnan(z).any(axis=1))
    for code in (*effects.values(), *clusters.values()):
        complete &= code >= 0
    if weights is not None:
        complete &= ~np.isnan(weights)
    if offset is not None:
        complete &= ~np.isnan(offset)
    for term in spec.row_instruments:
        complete &= ~np.isnan(read.matrix(items_of(term))[0]).any(axis=1)
    if at is not None:
        complete &= ~np.isnan(at).any(axis=1)
    if needs_panel(spec):
        complete &= (unit >= 0) if unit is not None and spec.model not in SERIES else True
        complete &= (time >= 0) if time is not None else True
    keep = read.chosen & complete
    named = list(zip((str(formula.outcome), *x_names, *endog_names, *z_names), (y, *x.T, *endog.T, *z.T), strict=True))
    if spec.weights is not None:
        named.append((spec.weights.column, weights))
    if offset is not None:
        named.append((str(spec.offset), offset))
    if at is not None:
        named += zip(spec.vcov.coordinates, at.T, strict=True)
    for name, column in named:
        _in_range(name, column, keep, frame)
    design = Design(
        y, x, x_names, formula.intercept, endog, endog_names, z, z_names, effects, clusters, unit, time, weights,
        None if not spec.weights else "analytic" if spec.weights.analytic else "frequency",
        np.arange(len(frame)), Facts(0, 0.0, 0, False), unit_name=panel.unit, time_name=panel.time, disorder=disorder,
        offset=offset, located=None if at is None else Places(at, spec.vcov.coordinates, _cutoffs(spec, read, keep)),
    )  # fmt: skip
    return design, Listwise(keep, int(read.chosen.sum()), int((read.chosen & ~complete).sum()))


def _cutoffs(spec: Spec, read: Reading, keep: np.ndarray) -> dict[str, float]:
    """Column of a cutoff -> its one number. Raises `ColumnProblem` where it has several."""
    found = {}
    for name in (c for c in spec.vcov.cutoff if isinstance(c, str)):
        values = np.unique(read.number(Column(name))[keep])
        if len(values) > 1 or not np.all((values > 0) & np.isfinite(values)):
            raise ColumnProblem(f"`{name}` is a cutoff, and not one number above zero in all rows of the sample")
        found[name] = float(values[0]) if len(values) else 1.0
    return found


def _in_range(name: str, column: np.ndarray, keep: np.ndarray, frame: pd.DataFrame) -> None:
    """Raises `ColumnProblem` for what is no number to calculate with, in rows that are kept."""
    if (infinite := keep & np.isinf(column)).any():
        raise ColumnProblem(f"`{name}` holds an infinite value ({row_name(frame, infinite.argmax())})")
    largest = np.abs(column[keep]).max(initial=0.0)
    if 0 < largest < SMALLEST:
        raise ColumnProblem(f"`{name}` holds no value above {SMALLEST:.0e}, and their squares vanish; rescale it")
    if largest > LARGEST:
        raise ColumnProblem(f"`{name}` holds values above {LARGEST:.0e}, whose squares overflow; rescale it")


def _named_once(*blocks: tuple[str, ...]) -> None:
    names = [name for block in blocks for name in block]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ColumnProblem(f"`{repeated}` stands twice: as regressor, endogenous or instrument")


def needs_panel(spec: Spec) -> bool:
    """Whether the spec's model or covariance reads unit and time."""
    return spec.model in (*OF_PANELS, *SERIES) or spec.vcov.in_time


def time_codes(frame: pd.DataFrame, panel: Panel) -> tuple[np.ndarray, str]:
    """Periods from 0 or above, -1 where missing; or, and why, codes that only tell them apart."""
    import pandas as pd

    from parity.data.evaluate import periods_of

    try:
        values = periods_of(frame, panel)
    except ColumnProblem as problem:
        return pd.factorize(frame[panel.time], sort=True)[0].astype(np.int64), str(problem)
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), -1, values - min(known.min(initial=0), 0)).astype(np.int64), ""
