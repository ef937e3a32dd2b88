"""What can be said of a table as a panel: balance, gaps, duplicates, singletons, constant columns. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from parity.base.errors import ColumnProblem
from parity.data.places import rows_named

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Finding:
    """level   "wrong": no run is possible; "note": worth knowing; "fine": as it should be"""

    level: Literal["wrong", "note", "fine"]
    text: str


def check_table(frame: pd.DataFrame) -> list[Finding]:
    """Columns that hold nothing, one value, or numbers as text."""
    found = [Finding("fine", f"{len(frame):,} rows, {len(frame.columns)} columns")]
    lost = frame.isna()
    share, given = lost.mean().to_dict(), (~lost).sum().to_dict()
    columns = dict(frame.items())
    empty = [c for c, n in given.items() if not n]
    constant = [c for c, column in columns.items() if given[c] and _constant(column)]
    missing = {c: share[c] for c in columns if given[c] and share[c]}
    if empty:
        found.append(Finding("note", f"empty columns: {_some(empty)}"))
    if constant:
        found.append(Finding("note", f"constant columns, which no model can use: {_some(constant)}"))
    if missing:
        worst = sorted(missing, key=missing.__getitem__, reverse=True)[:5]
        shares = ", ".join(f"{c} {missing[c]:.0%}" if missing[c] >= 0.01 else f"{c} under 1%" for c in worst)
        found.append(Finding("note", f"missing values in {len(missing)} columns: {shares}"))
    if numbers := [c for c, column in columns.items() if _numbers_as_text(column)]:
        found.append(Finding("note", f"text that is mostly numbers, so no number to parity: {_some(numbers)}"))
    twins = _twins(frame)
    if twins:
        found.append(Finding("note", f"equal columns: {', '.join(f'{a} = {b}' for a, b in twins[:5])}"))
    return found


def check_panel(
    frame: pd.DataFrame, unit: str | None, time: str | None, order: tuple = (), step: str | float | None = None
) -> list[Finding]:
    """Whether unit and time name each row once, and how complete the panel is. order, step: as a study says them."""
    if unit is None and time is None:
        return [Finding("fine", "no panel: neither unit nor time")]
    found = []
    for name in filter(None, (unit, time)):
        if n := int(frame[name].isna().sum()):
            found.append(Finding("note", f"{n:,} rows have no {name}"))
    if unit is None or time is None:
        name = unit or time
        return [*found, Finding("fine", f"{frame[name].nunique():,} values of {name}, no panel")]
    known = frame[[unit, time]].dropna()
    repeated = known.duplicated(keep=False)
    if repeated.any():
        first = known[repeated].iloc[0]
        same = (frame[unit] == first[unit]) & (frame[time] == first[time])
        where = f"first {unit} = {first[unit]}, {time} = {first[time]} {rows_named(frame, same.to_numpy())}"
        found.append(Finding("wrong", f"{int(repeated.sum()):,} rows share their {unit} and {time} with another, {where}"))
    units, periods = known[unit].nunique(), known[time].nunique()
    size = known.groupby(unit)[time].nunique()
    full = bool((size == periods).all())
    shape = "balanced" if full else f"unbalanced: {size.min():,} to {size.max():,} periods a unit"
    found.insert(0, Finding("fine", f"panel: {units:,} units ({unit}), {periods:,} periods ({time}), {shape}"))
    if alone := int((size == 1).sum()):
        found.append(Finding("note", f"{alone:,} units are observed once: a unit effect absorbs them"))
    return found + _order(known.drop_duplicates(), unit, time, order, step)


def _order(known: pd.DataFrame, unit: str, time: str, order: tuple, step: str | float | None) -> list[Finding]:
    """How periods follow one another, where they can, and the gaps between them."""
    from parity.data.periods import periods

    try:
        read = periods(known[time], order, step)
    except ColumnProblem as problem:
        return [Finding("note", f"no lags, no first differences and no Newey-West: {problem}")]
    said = [Finding("note", read.said)] if read.said else []
    return said + _gaps(known.assign(**{time: read.values}), unit, time)


def _gaps(known: pd.DataFrame, unit: str, time: str) -> list[Finding]:
    """Units with a hole between their first and their last period, on the grid that the periods have."""
    steps = np.diff(np.sort(known[time].unique()))
    step = int(np.gcd.reduce(steps.astype(np.int64))) if len(steps) else 1
    groups = known.groupby(unit)[time]
    span = (groups.max() - groups.min()) / step + 1
    holes = span[span > groups.nunique()]
    if holes.empty:
        apart = f"periods are {step:,} apart: a lag of 1 is always missing; write l(x, {step})"
        return [Finding("note", apart)] if step > 1 else []
    text = f"{len(holes):,} units have gaps in {time}, first {unit} = {holes.index[0]}; lags don't reach across them"
    return [Finding("note", text)]


def _constant(column: pd.Series) -> bool:
    """Whether a column that holds something holds one value."""
    known = column.dropna().to_numpy()
    return bool((known == known[0]).all())


def _numbers_as_text(column: pd.Series) -> bool:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    given = column.dropna().astype(str)
    return len(given) > 0 and bool(given.str.contains(r"[,.%]").any()) and bool(
        given.str.fullmatch(r"\s*[-+$€¥]?\d[\d,. ]*%?\s*").mean() > 0.8
    )  # fmt: skip


def _twins(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of numeric columns that are equal in every row."""
    import pandas as pd

    seen: dict[bytes, str] = {}
    pairs = []
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column):
            key = column.to_numpy(dtype=float, na_value=np.nan).tobytes()
            if key in seen and column.nunique() > 2:
                pairs.append((seen[key], str(name)))
            seen.setdefault(key, str(name))
    return pairs


def _some(names: list[str], limit: int = 8) -> str:
    return ", ".join(map(str, names[:limit])) + (f" and {len(names) - limit} more" if len(names) > limit else "")
