"""Dates, and texts that name periods, as whole numbers: years, half-years, quarters, months, weeks, days, times of day.

Nothing is guessed: a text is read where every value of its column has one certain reading of one kind. The step of dates
is the longest calendar unit that they all fit; `docs/adding-a-study.md` has the rules, which R's own reader follows too.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Longest first. The months in a unit, where it is made of months.
MONTHS = {"year": 12, "half-year": 6, "quarter": 3, "month": 1}
#: The microseconds in a unit, where that is a fixed number.
_MICRO = {"day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}


class NoPeriods(ValueError):
    """Values that can't be read as periods; the message says why, without the column's name."""


@dataclass(frozen=True)
class Reading:
    """kind: a unit, or "instant" (microseconds since 1970). index: (n,) whole numbers, one apart a unit."""

    kind: str
    index: np.ndarray


#: What the groups of a pattern found; an instant without a clock has None in its place.
Parts = Sequence[Any]
_HALVES = {"上": 1, "下": 2}
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}
_STATA_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _part(text: str) -> int:
    return _HALVES.get(text) or _DIGITS.get(text) or int(text)


def _of_months(size: int) -> Callable[[Parts], int]:
    """The number of a year's half, quarter or month."""
    return lambda parts: int(parts[0]) * (12 // size) + _part(parts[1]) - 1


def _stata_week(parts: Parts) -> int:
    return int(parts[0]) * 52 + int(parts[1]) - 1


def _iso_week(parts: Parts) -> int:
    return datetime.date.fromisocalendar(int(parts[0]), int(parts[1]), 1).toordinal() // 7


def _instant(parts: Parts) -> int:
    *date, hour, minute, second, part = (*parts, None, None, None, None)[:7]
    whole = datetime.datetime(*map(int, date), int(hour or 0), int(minute or 0), int(second or 0))
    return (whole - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1) + int((part or "0").ljust(6, "0"))


def _stata_date(parts: Parts) -> int:
    month = _STATA_MONTHS.index(parts[1].lower()) + 1
    return (datetime.date(int(parts[2]), month, int(parts[0])).toordinal() - _EPOCH) * _MICRO["day"]


_EPOCH = datetime.date(1970, 1, 1).toordinal()
_YEAR = r"([12]\d{3})"
_CLOCK = r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})0*)?)?)?"
#: A text in its plain form -> kind and number. Every text of a column must be of one kind.
_TEXTS: tuple[tuple[str, str, Callable[[Parts], int]], ...] = (
    ("year", rf"{_YEAR}(?:年度?)?", lambda parts: int(parts[0])),
    ("half-year", rf"{_YEAR}-?[hH]([12])|{_YEAR}年([上下])半年", _of_months(6)),
    ("quarter", rf"{_YEAR}[- ]?[qQ]([1-4])|{_YEAR}年第?([1-4一二三四])季度?", _of_months(3)),
    ("month", rf"{_YEAR}m(0?[1-9]|1[0-2])|{_YEAR}[-/](0[1-9]|1[0-2])|{_YEAR}年(0?[1-9]|1[0-2])月", _of_months(1)),
    ("week", rf"{_YEAR}w(0?[1-9]|[1-4]\d|5[0-2])", _stata_week),
    ("iso week", rf"{_YEAR}-W(0[1-9]|[1-4]\d|5[0-3])", _iso_week),
    ("instant", rf"{_YEAR}-(\d{{2}})-(\d{{2}}){_CLOCK}", _instant),
    ("instant", rf"{_YEAR}/(\d{{1,2}})/(\d{{1,2}})", _instant),
    ("instant", rf"{_YEAR}年(\d{{1,2}})月(\d{{1,2}})日", _instant),
    ("instant", rf"(\d{{1,2}})({'|'.join(_STATA_MONTHS)}){_YEAR}", _stata_date),
)
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE if "jan" in pattern else 0), index) for kind, pattern, index in _TEXTS
)


def read_texts(texts: Sequence[str]) -> Reading:
    """Texts as periods. Raises `NoPeriods` with the first one that has no certain reading, or is of another kind."""
    kinds, numbers = [], []
    for text in texts:
        found = _read(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            raise NoPeriods(f"`{text[:30]}` has no certain place in an order")
        kinds.append(found[0])
        numbers.append(found[1])
        if kinds[-1] != kinds[0]:
            raise NoPeriods(f"`{texts[0][:30]}` and `{text[:30]}` are periods of two kinds")
    return Reading(
        "week" if kinds and kinds[0] == "iso week" else kinds[0] if kinds else "year", np.array(numbers, dtype=np.int64)
    )


def _read(text: str) -> tuple[str, int] | None:
    for kind, pattern, index in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groups() if kind == "instant" else [g for g in found.groups() if g is not None]
            try:
                return kind, index(parts)
            except ValueError:  # the 31st of a short month, week 53 of a year of 52
                return None
    return None


# ---------------------------------------------------------------- the step of dates


def of_instants(micro: np.ndarray) -> Reading:
    """Distinct instants as periods of the longest unit that they all fit. Raises `NoPeriods` below seconds."""
    if len(np.unique(micro % _MICRO["day"])) <= 1:
        return _of_days(micro // _MICRO["day"])
    apart = micro - micro.min()
    for unit in ("hour", "minute", "second"):
        if not np.any(apart % _MICRO[unit]):
            return Reading(unit, micro // _MICRO[unit])
    raise NoPeriods("times differ by parts of seconds, and no step can be told")


def _of_days(day: np.ndarray) -> Reading:
    month, of_month, last = _months(day)
    if len(np.unique(of_month)) <= 1 or last.all():
        return coarsest(month)
    return Reading("week", day // 7) if len(np.unique(day % 7)) == 1 else Reading("day", day)


def _months(day: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Months since the year 0, the day of the month, whether it is the month's last."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    of_month = (date - month.astype("datetime64[D]")).astype(np.int64) + 1
    return month.astype(np.int64) + 1970 * 12, of_month, (date + 1).astype("datetime64[M]") != month


def coarsest(month: np.ndarray) -> Reading:
    """Months since the year 0 as years, half-years, quarters or months: the longest that they all fit."""
    unit, size = next((u, n) for u, n in MONTHS.items() if len(np.unique(month % n)) <= 1)
    return Reading(unit, month // size)


def in_units(reading: Reading, unit: str) -> Reading:
    """Periods in a unit that is asked for. Raises `NoPeriods` where it is shorter than they are."""
    index, kind = reading.index, reading.kind
    if kind == unit:
        return reading
    if kind == "instant" and unit in _MICRO:
        return Reading(unit, index // _MICRO[unit])
    if kind == "instant" and unit == "week":
        return Reading(unit, (index // _MICRO["day"] + 3) // 7)  # from Monday
    month = _months(index // _MICRO["day"])[0] if kind == "instant" else None
    if kind in MONTHS and unit in MONTHS and MONTHS[unit] > MONTHS[kind]:
        month = index * MONTHS[kind]
    if month is None or unit not in MONTHS:
        raise NoPeriods(f"they are {kind}s, which don't make {unit}s")
    return Reading(unit, month // MONTHS[unit])


# ---------------------------------------------------------------- years and their parts in one number


@dataclass(frozen=True)
class _Digits:
    """Numbers such as 200012: their range, the size of the last part, and what they are."""

    unit: str
    low: int
    high: int
    base: int
    parts: int
    example: str


_DIGITS_FORMS = (
    _Digits("month", 100001, 299912, 100, 12, "200012"),
    _Digits("quarter", 10001, 29994, 10, 4, "20004"),
    _Digits("half-year", 10001, 29992, 10, 2, "20002"),
)


def digits_of(values: np.ndarray, unit: str | None = None) -> Reading | None:
    """Distinct whole numbers as years and parts of years, `200012` or `20001231`; None where they aren't all.

    unit: the one that is meant, if it is known.
    """
    for form in _DIGITS_FORMS:
        part = values % form.base
        if unit in (None, form.unit) and np.all(
            (values >= form.low) & (values <= form.high) & (part >= 1) & (part <= form.parts)
        ):
            return Reading(form.unit, (values // form.base * form.parts + part - 1).astype(np.int64))
    if unit in (None, "day", "week") and np.all((values >= 10000101) & (values <= 29991231)):
        try:
            days = [datetime.date(v // 10000, v // 100 % 100, v % 100).toordinal() - _EPOCH for v in map(int, values)]
        except ValueError:
            return None
        return Reading("instant", np.array(days, dtype=np.int64) * _MICRO["day"])
    return None


def parts_of_years(values: np.ndarray) -> np.ndarray | None:
    """Distinct numbers such as 2000.25 or 2000.0833 as months since the year 0; None where they are no such years."""
    if np.any((values < 1000) | (values >= 3000)):
        return None
    month = np.round(12 * values)
    if np.any(np.abs(12 * values - month) > PART) or len(np.unique(month)) < len(values):
        return None
    return month.astype(np.int64)


#: Of a month: two decimals of a year, `2000.08`, are up to 0.06 months off.
PART = 0.06
