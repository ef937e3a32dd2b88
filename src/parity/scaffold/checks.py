"""What can be said of a table as a panel: balance, gaps, duplicates, singletons, constant columns. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

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
    empty = [c for c in frame if frame[c].isna().all()]
    constant = [c for c in frame if c not in empty and frame[c].nunique() == 1]
    missing = {c: float(frame[c].isna().mean()) for c in frame if c not in empty and frame[c].isna().any()}
    if empty:
        found.append(Finding("note", f"empty columns: {_some(empty)}"))
    if constant:
        found.append(Finding("note", f"constant columns, which no model can use: {_some(constant)}"))
    if missing:
        worst = sorted(missing, key=missing.__getitem__, reverse=True)[:5]
        shares = ", ".join(f"{c} {missing[c]:.0%}" for c in worst)
        found.append(Finding("note", f"missing values in {len(missing)} columns: {shares}"))
    if numbers := [c for c in frame if _numbers_as_text(frame[c])]:
        found.append(Finding("note", f"text that is mostly numbers, so no number to parity: {_some(numbers)}"))
    twins = _twins(frame)
    if twins:
        found.append(Finding("note", f"equal columns: {', '.join(f'{a} = {b}' for a, b in twins[:5])}"))
    return found


def check_panel(frame: pd.DataFrame, unit: str | None, time: str | None) -> list[Finding]:
    """Whether unit and time name each row once, and how complete the panel is."""
    import pandas as pd

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
        where = f"first {unit} = {first[unit]}, {time} = {first[time]}"
        found.append(Finding("wrong", f"{int(repeated.sum()):,} rows share their {unit} and {time} with another, {where}"))
    units, periods = known[unit].nunique(), known[time].nunique()
    size = known.groupby(unit)[time].nunique()
    full = bool((size == periods).all())
    shape = "balanced" if full else f"unbalanced: {size.min():,} to {size.max():,} periods a unit"
    found.insert(0, Finding("fine", f"panel: {units:,} units ({unit}), {periods:,} periods ({time}), {shape}"))
    if alone := int((size == 1).sum()):
        found.append(Finding("note", f"{alone:,} units are observed once: a unit effect absorbs them"))
    if not pd.api.types.is_numeric_dtype(frame[time]):
        found.append(Finding("note", f"{time} is text, so periods are ordered but lags need whole numbers"))
    elif bool((known[time] % 1 == 0).all()):
        found += _gaps(known.drop_duplicates(), unit, time)
    return found


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
    for name in frame:
        if pd.api.types.is_numeric_dtype(frame[name]) and frame[name].nunique() > 2:
            key = frame[name].to_numpy(dtype=float, na_value=np.nan).tobytes()
            if key in seen:
                pairs.append((seen[key], str(name)))
            seen.setdefault(key, str(name))
    return pairs


def _some(names: list[str], limit: int = 8) -> str:
    return ", ".join(map(str, names[:limit])) + (f" and {len(names) - limit} more" if len(names) > limit else "")
