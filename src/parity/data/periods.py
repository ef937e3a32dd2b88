"""The time column as periods: whole numbers, one apart from one period to the next, in every format of a file.

Whatever has no certain order, or no certain step, is refused with what to write instead. `docs/adding-a-study.md` has the
rules. Fixed effects and clusters don't come here: they need no order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import ColumnProblem
from parity.data.calendars import NoPeriods, Reading, coarsest, digits_of, in_units, of_instants, parts_of_years, read_texts
from parity.study.formula import EXACT_WHOLE

if TYPE_CHECKING:
    import pandas as pd

#: How far a number may be from a whole number of steps, in steps.
OFF_STEP = 1e-6
#: Numbers below 100 in two clusters with a wider gap than this between are years of two digits over a turn of the century.
CENTURY_GAP = 20


@dataclass(frozen=True)
class Periods:
    """values: (n,) whole numbers as float64, NaN where missing. said: how they were read; empty for whole numbers."""

    values: np.ndarray
    said: str = ""


def periods(column: pd.Series, order: Sequence[str | float] = (), step: str | float | None = None) -> Periods:
    """A time column as periods. order, step: `time_order` and `time_step` of a study. Raises `ColumnProblem`."""
    import pandas as pd

    codes, levels = pd.factorize(column)
    levels = pd.Index(levels)
    try:
        if order:
            index, what = _places(levels, order), "places in time_order"
        else:
            index, what = _read(levels, step)
    except NoPeriods as problem:
        raise ColumnProblem(f"the time column `{column.name}`: {problem}") from None
    _told_apart(str(column.name), levels, index)
    values = np.full(len(codes), np.nan)
    values[codes >= 0] = index[codes[codes >= 0]]
    return Periods(values, _said(str(column.name), what, levels, index) if what else "")


def _told_apart(name: str, levels: pd.Index, index: np.ndarray) -> None:
    _, first, inverse = np.unique(index, return_index=True, return_inverse=True)
    double = np.flatnonzero(first[inverse] != np.arange(len(index)))
    if len(double):
        i, j = int(first[inverse][double[0]]), int(double[0])
        raise ColumnProblem(f"the time column `{name}`: `{_shown(levels[i])}` and `{_shown(levels[j])}` are one period")


def _said(name: str, what: str, levels: pd.Index, index: np.ndarray) -> str:
    if not len(index):
        return ""
    low, high = int(np.argmin(index)), int(np.argmax(index))
    span = int(index[high] - index[low]) + 1
    return (
        f"`{name}` is read as {what}, {_shown(levels[low])} to {_shown(levels[high])} ({len(index):,} of {span:,} are there)"
    )


def _shown(value: object) -> str:
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text.removesuffix(" 00:00:00")[:40]


def _places(levels: pd.Index, order: Sequence[str | float]) -> np.ndarray:
    import pandas as pd

    at = {value: place for place, value in enumerate(order)}
    if pd.api.types.is_datetime64_any_dtype(levels):
        levels = pd.Index([_shown(v) for v in levels])
    lost = [v for v in levels if v not in at]
    if lost:
        raise NoPeriods(f"`{_shown(lost[0])}` is not in time_order")
    return np.array([at[v] for v in levels], dtype=np.int64)


def _read(levels: pd.Index, step: str | float | None) -> tuple[np.ndarray, str]:
    """Periods of distinct values, and their unit in words (empty for whole numbers as they are)."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(levels):
        reading = Reading("instant", _micro(levels))
    elif pd.api.types.is_numeric_dtype(levels) or all(isinstance(v, bool) for v in levels):
        numbers = levels.to_numpy(dtype=float)
        if not isinstance(step, str):
            return (_stepped(numbers, step), f"steps of {step:g}") if step else _plain(numbers)
        reading = _of_numbers(numbers, step)
    else:
        try:
            reading = read_texts([str(v) for v in levels])
        except NoPeriods as problem:
            raise NoPeriods(f"{problem}; {_ORDER}") from None
    if isinstance(step, str):
        reading = in_units(reading, step)
    elif step:
        raise NoPeriods(f'time_step = {step:g} is for numbers, and these are none; name a unit such as "month"')
    elif reading.kind == "instant":
        reading = of_instants(reading.index)
    return reading.index, f"{reading.kind}s"


_ORDER = (
    'under [study] write time_order = ["...", "..."] with every period in its place, or dates as 2015-01-31, 2015-01, 2015Q1'
)


def _micro(levels: pd.Index) -> np.ndarray:
    """Microseconds since 1970 on the clock of the file; of moments in a time zone that aren't all midnight, in UTC."""
    if getattr(levels, "tz", None) is not None:
        midnight = (levels == levels.normalize()).all()
        levels = levels.tz_localize(None) if midnight else levels.tz_convert("UTC").tz_localize(None)
    return levels.to_numpy().astype("datetime64[us]").astype(np.int64)


def _plain(numbers: np.ndarray) -> tuple[np.ndarray, str]:
    if np.any(np.abs(numbers) > EXACT_WHOLE):
        raise NoPeriods("a number beyond 2^53, or an infinite one, is no period")
    if np.any(numbers % 1):
        month = parts_of_years(numbers)
        if month is None:
            part = numbers[np.flatnonzero(numbers % 1)[0]]
            raise NoPeriods(
                f"`{part:.15g}` is no whole number, and its step can't be told; under [study] write time_step = 0.5, say"
            )
        reading = coarsest(month)
        return reading.index, f"{reading.kind}s"
    if _over_a_century(numbers):
        raise NoPeriods(
            f"numbers such as {numbers.max():.0f} and {numbers.min():.0f} look like years of two digits, of which 99 comes "
            "before 0: write four digits, or under [study] time_step = 1 if they are plain numbers"
        )
    parts = digits_of(numbers.astype(np.int64)) if len(numbers) else None
    if parts is not None and _beyond_one_year(numbers):
        unit = "day" if parts.kind == "instant" else parts.kind
        low = f"{numbers.min():.0f}"
        raise NoPeriods(
            f'numbers such as {low} are not one apart from {unit} to {unit}: under [study] write time_step = "{unit}" '
            f"if they are {unit}s, time_step = 1 if they are plain numbers"
        )
    return numbers.astype(np.int64), ""


def _over_a_century(numbers: np.ndarray) -> bool:
    """Whether whole numbers look like years of two digits over a turn of the century: 98, 99, 0, 1, in two clusters."""
    if not len(numbers) or numbers.min() < 0 or numbers.max() > 99:
        return False
    years = np.unique(numbers)
    gaps = np.diff(years)
    at = int(gaps.argmax()) if len(gaps) else 0
    wide = len(gaps) > 1 and gaps[at] > CENTURY_GAP and np.delete(gaps, at).max() <= CENTURY_GAP / 2
    return bool(wide and years[at] <= 40 and years[at + 1] >= 60)


def _beyond_one_year(numbers: np.ndarray) -> bool:
    """Whether the numbers run over a border at which `200012` isn't one before `200101`."""
    base = 10 if numbers.max() < 100_000 else 100
    return len(np.unique(numbers // base)) > 1


def _stepped(numbers: np.ndarray, step: float) -> np.ndarray:
    steps = (numbers - numbers.min(initial=np.inf)) / step if len(numbers) else numbers
    off = np.abs(steps - np.round(steps)) > OFF_STEP
    if np.any(off | ~np.isfinite(steps)):
        wrong = numbers[np.flatnonzero(off | ~np.isfinite(steps))[0]]
        raise NoPeriods(f"`{wrong:.15g}` is no whole number of steps of {step:g} from {numbers.min():.15g}")
    if step == 1 and not np.any(numbers % 1):
        return numbers.astype(np.int64)
    return np.round(steps).astype(np.int64)


def _of_numbers(numbers: np.ndarray, unit: str) -> Reading:
    """Numbers that a study says are of a calendar unit."""
    if len(numbers) and not np.any(numbers % 1) and np.all(np.abs(numbers) <= EXACT_WHOLE):
        whole = numbers.astype(np.int64)
        if unit == "year":
            if _over_a_century(numbers):
                raise NoPeriods("99 comes before 0 where years have two digits: write years of four digits")
            return Reading("year", whole)
        if (found := digits_of(whole, unit)) is not None:
            return found
    elif (month := parts_of_years(numbers)) is not None:
        return Reading("month", month)
    raise NoPeriods(f"`{numbers[0]:.15g}` and the others are no {unit}s as numbers name them, such as 200012 or 2000.0833")
