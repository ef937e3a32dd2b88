"""One derived column: step and data in, values out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from parity.data.derive.index import Rows
from parity.data.derive.interpolation import interpolated
from parity.data.derive.percentiles import above_median, percentile, pulled_in
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.shifts import shifted
from parity.study import derived as steps

if TYPE_CHECKING:
    import pandas as pd


def derived(step: steps.Step, frame: pd.DataFrame, rows: Rows) -> np.ndarray:
    """Values for every row, float64. Missing in, missing out. Raises `DeriveProblem`."""
    match step:
        case steps.Interact(interact=names, centre=centre):
            return _product([_numbers(frame, n) for n in names], centre)
        case steps.Dummy(dummy=name, values=values):
            return _dummy(frame, name, values)
        case steps.PerHead(per_head=name, population=heads, times=times):
            n = _numbers(frame, heads)
            return _finite(times * _numbers(frame, name) / np.where(n > 0, n, np.nan))
    x = _numbers(frame, getattr(step, steps.KEYS[type(step)]))
    groups = _groups(frame, getattr(step, "by", ()))
    with np.errstate(all="ignore"):
        match step:
            case steps.Lag(periods=k):
                return shifted(x, rows.unit, rows.time, k)
            case steps.Lead(periods=k):
                return shifted(x, rows.unit, rows.time, -k)
            case steps.Change(periods=k):
                return x - shifted(x, rows.unit, rows.time, k)
            case steps.Growth(periods=k, form=form):
                before = shifted(x, rows.unit, rows.time, k)
                return _finite(x / before - 1 if form == "ratio" else np.log(x) - np.log(before))
            case steps.Winsorise() | steps.Trim():
                trim = isinstance(step, steps.Trim)
                return _by(x, groups, lambda v: pulled_in(v, step.cuts, step.percentiles, trim))
            case steps.Log():
                return _finite(np.log(x))
            case steps.Log1p():
                return _finite(np.log1p(x))
            case steps.Standardise(ddof=ddof):
                return _by(x, groups, lambda v: _standardised(v, ddof))
            case steps.MedianSplit():
                return _by(x, groups, lambda v, r: _split(v, step, rows.unit[r]), with_rows=True)
            case steps.Interpolate(edges=edges):
                return interpolated(x, rows.unit, rows.time, edges)
    raise AssertionError(step)


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import Panel, numeric
    from parity.study.formula import Column

    try:
        return numeric(Column(name), frame, Panel()).astype(float)
    except ColumnProblem as problem:
        raise DeriveProblem(str(problem)) from None


def _finite(x: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(x), x, np.nan)


def _groups(frame: pd.DataFrame, by: tuple[str, ...]) -> np.ndarray:
    """Codes of the combinations of columns; -1 where one is missing."""
    from parity.data.evaluate import codes

    return codes(frame, by) if by else np.zeros(len(frame), dtype=np.int64)


def _by(x: np.ndarray, groups: np.ndarray, function, with_rows: bool = False) -> np.ndarray:
    """A function of each group's values, put back in place; rows in no group are missing."""
    out = np.full(len(x), np.nan)
    for code in np.unique(groups[groups >= 0]):
        rows = np.flatnonzero(groups == code)
        out[rows] = function(x[rows], rows) if with_rows else function(x[rows])
    return out


def _mean(x: np.ndarray) -> float:
    """Rounded once, so the same in every order of rows."""
    return math.fsum(x) / len(x)


def _standardised(x: np.ndarray, ddof: int) -> np.ndarray:
    known = x[~np.isnan(x)]
    if len(known) <= ddof or known.min() == known.max():
        return np.full(len(x), np.nan)
    centre = _mean(known)
    return (x - centre) / math.sqrt(math.fsum((known - centre) ** 2) / (len(known) - ddof))


def _split(x: np.ndarray, step: steps.MedianSplit, unit: np.ndarray) -> np.ndarray:
    values = x
    if step.at == "units":
        means = {u: x[(unit == u) & ~np.isnan(x)] for u in np.unique(unit)}
        means = {u: _mean(v) if len(v) else np.nan for u, v in means.items()}
        values = np.array([means[u] for u in unit])
        over = np.array([m for m in means.values() if not np.isnan(m)])
    else:
        over = x[~np.isnan(x)]
    # the median is the same under every rule of percentiles that people use: the middle, or the mean of the two
    return above_median(values, percentile(over, 50, "stata"), step.ties) if len(over) else np.full(len(x), np.nan)


def _product(columns: list[np.ndarray], centre: bool) -> np.ndarray:
    if centre:
        whole = ~np.isnan(np.column_stack(columns)).any(axis=1)
        columns = [c - _mean(c[whole]) if whole.any() else c for c in columns]
    return np.prod(columns, axis=0)


def coded(frame: pd.DataFrame, name: str, values: tuple[str | float, ...]) -> tuple[str | float, ...]:
    """Values of a dummy, texts as the codes whose labels they are where a column has labels. Raises `DeriveProblem`."""
    from parity.base.errors import ColumnProblem
    from parity.data.labels import code_of
    from parity.data.marks import marks_of

    labels = marks_of(frame).labels.get(name)
    try:
        return tuple(code_of(labels, name, v) if labels and isinstance(v, str) else v for v in values)
    except ColumnProblem as problem:
        raise DeriveProblem(str(problem)) from None


def _dummy(frame: pd.DataFrame, name: str, values: tuple[str | float, ...]) -> np.ndarray:
    from parity.data.evaluate import Panel, evaluate
    from parity.study.formula import Column

    found = evaluate(Column(name), frame, Panel())
    text = found.dtype == object
    values = coded(frame, name, values)
    for value in values:
        if isinstance(value, str) != text:
            raise DeriveProblem(
                f"`{value}` is {'a number' if text else 'text'}, but `{name}` holds {'text' if text else 'numbers'}"
            )
        if value not in set(found.tolist()):
            from parity.base.errors import suggest

            raise DeriveProblem(f"`{value}` is no value of `{name}`{suggest(str(value), {str(v) for v in found.tolist()})}")
    missing = np.array([v is None or v != v for v in found.tolist()])
    return np.where(missing, np.nan, np.isin(found.astype(str) if text else found, values).astype(float))
