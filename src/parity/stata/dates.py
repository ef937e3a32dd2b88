"""Stata's dates: numbers of days, weeks, months, quarters, half-years and years, and how they are written. [D] Datetime.

Days, weeks, months, quarters and half-years count from 1960; `%tc` counts milliseconds; a week is 7 days from 1 January and
the 52nd holds what is left of the year.
"""

from __future__ import annotations

import re

import numpy as np

from parity.stata_language.values import Doubles

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EPOCH = np.datetime64("1960-01-01", "D")
_DAY_MS = 86_400_000.0
#: Days from 1960 beyond which no date is read: Stata's end with the year 9999.
MOST_DAYS = 3_000_000
#: Unit -> how many of them a year has.
PER_YEAR = {"w": 52, "m": 12, "q": 4, "h": 2, "y": 1}


def days(year: Doubles, month: Doubles, day: Doubles) -> Doubles:
    """mdy(): days since 1 January 1960; missing where there is no such date."""
    year, month, day = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (year, month, day)))
    known = np.isfinite(year) & np.isfinite(month) & np.isfinite(day)
    whole = (
        known & (month == np.trunc(month)) & (month >= 1) & (month <= 12) & (day == np.trunc(day)) & (day >= 1) & (day <= 31)
    )
    whole &= (year >= 100) & (year <= 9999) & (year == np.trunc(year))
    y, m, d = (np.where(whole, v, f).astype(np.int64) for v, f in ((year, 1960), (month, 1), (day, 1)))
    first = ((y - 1970) * 12 + m - 1).astype("datetime64[M]").astype("datetime64[D]")
    found = first + (d - 1)
    whole &= found.astype("datetime64[M]") == first.astype("datetime64[M]")
    return np.where(whole, (found - _EPOCH).astype(float), np.nan)


def _calendar(day: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Year, month, day of the month of days since 1960."""
    known = np.abs(day) < MOST_DAYS  # others are no dates, missing ones among them
    date = _EPOCH + np.where(known, np.floor(day), 0).astype("timedelta64[D]")
    months = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]").astype(float) + 1970
    month = (months - date.astype("datetime64[Y]")).astype(float) + 1
    number = (date - months.astype("datetime64[D]")).astype(float) + 1
    return tuple(np.where(known, v, np.nan) for v in (year, month, number))  # type: ignore[return-value]


def part(day: Doubles, name: str) -> Doubles:
    """year, month, day, quarter, halfyear, week, dow (Sunday 0), doy of a daily date."""
    day = np.asarray(day, dtype=float)
    year, month, number = _calendar(day)
    match name:
        case "year":
            return year
        case "month":
            return month
        case "day":
            return number
        case "quarter":
            return np.ceil(month / 3)
        case "halfyear":
            return np.ceil(month / 6)
        case "dow":
            return np.mod(np.floor(day) + 5, 7)
    first = days(year, np.ones_like(year), np.ones_like(year))
    of_year = np.floor(day) - first + 1
    return of_year if name == "doy" else np.minimum(np.ceil(of_year / 7), 52)


def from_days(day: Doubles, unit: str) -> Doubles:
    """wofd, mofd, qofd, hofd, yofd, cofd."""
    day = np.asarray(day, dtype=float)
    if unit == "c":
        return np.floor(day) * _DAY_MS
    year = part(day, "year")
    if unit == "y":
        return year
    inner = {"w": "week", "m": "month", "q": "quarter", "h": "halfyear"}[unit]
    return (year - 1960) * PER_YEAR[unit] + part(day, inner) - 1


def to_days(value: Doubles, unit: str) -> Doubles:
    """dofw, dofm, dofq, dofh, dofy, dofc: the first day of the period."""
    value = np.asarray(value, dtype=float)
    if unit == "c":
        return np.floor(value / _DAY_MS)
    if unit == "y":
        return days(value, np.ones_like(value), np.ones_like(value))
    n = PER_YEAR[unit]
    year, inner = 1960 + np.floor(value / n), np.mod(value, n)
    if unit == "w":
        return days(year, np.ones_like(year), np.ones_like(year)) + 7 * inner
    return days(year, inner * (12 / n) + 1, np.ones_like(year))


def of_period(year: Doubles, inner: Doubles, unit: str) -> Doubles:
    """ym(), yq(), yh(), yw()."""
    year, inner = np.asarray(year, dtype=float), np.asarray(inner, dtype=float)
    good = (inner >= 1) & (inner <= PER_YEAR[unit])
    return np.where(good, (year - 1960) * PER_YEAR[unit] + inner - 1, np.nan)


_PERIOD = re.compile(r"\s*+(\d{4})\s*+([a-z:-])?\s*+(\d{1,2})?\s*+\Z", re.IGNORECASE)
_DAY = re.compile(r"\s*(\d{1,2})[\s./-]*([a-z]{3,9})[\s./,-]*(\d{4})\s*\Z", re.IGNORECASE)


def literal(text: str, unit: str) -> float:
    """td(01jan2000), tm(2000m1) ...; NaN where it can't be read."""
    if unit in ("d", "c"):
        match = _DAY.match(text.split()[0] if unit == "c" and text.split() else text)
        if match is None or match.group(2)[:3].lower() not in MONTHS:
            return np.nan
        month = MONTHS.index(match.group(2)[:3].lower()) + 1
        day = float(days(np.float64(match.group(3)), np.float64(month), np.float64(match.group(1))))
        return day * _DAY_MS if unit == "c" else day
    match = _PERIOD.match(text)
    if match is None:
        return np.nan
    if unit == "y":
        return float(match.group(1))
    return float(of_period(np.float64(match.group(1)), np.float64(match.group(3) or 1), unit))


def read(text: str, order: str, top_year: float | None = None) -> float:
    """date(text, "DMY"): days since 1960, or NaN. order: letters D, M, Y, with a century before Y ("20Y")."""
    century = re.search(r"(\d\d)Y", order.upper())
    letters = [c for c in order.upper() if c in "DMY"]
    pieces = re.findall(r"\d+|[a-z]+", text.lower())
    if len(pieces) == 1 and pieces[0].isdigit() and len(letters) == 3:
        pieces = _run_together(pieces[0], letters)
    if len(pieces) < len(letters):
        return np.nan
    found = {"D": 1.0, "M": 1.0, "Y": np.nan}
    for letter, piece in zip(letters, pieces, strict=False):
        if letter == "M" and piece[:3] in MONTHS:
            found["M"] = MONTHS.index(piece[:3]) + 1
        elif piece.isdigit():
            found[letter] = float(piece)
        else:
            return np.nan
    if found["Y"] < 100:
        if century:
            found["Y"] += 100 * int(century.group(1))
        elif top_year is not None:
            found["Y"] += 100 * ((top_year - found["Y"]) // 100)
        else:
            return np.nan
    return float(days(np.float64(found["Y"]), np.float64(found["M"]), np.float64(found["D"])))


def _run_together(text: str, letters: list[str]) -> list[str]:
    wide = {"D": 2, "M": 2, "Y": 4 if len(text) == 8 else 2}
    out, at = [], 0
    for letter in letters:
        out.append(text[at : at + wide[letter]])
        at += wide[letter]
    return out


def shown(value: float, unit: str) -> str:
    """As `%td`, `%tw`, `%tm`, `%tq`, `%th`, `%ty`, `%tc` print it."""
    if not np.isfinite(value) or abs(value) >= MOST_DAYS * _DAY_MS:
        return "."
    if unit == "c":
        day, rest = divmod(value, _DAY_MS)
        seconds = int(rest // 1000)
        return f"{shown(day, 'd')} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if unit == "d":
        if abs(value) >= MOST_DAYS:
            return "."
        year, month, number = _numbers(value)
        return f"{number:02}{MONTHS[month - 1]}{year}"
    if unit == "y":
        return f"{int(value)}"
    n = PER_YEAR[unit]
    return f"{1960 + int(np.floor(value / n))}{unit}{int(np.mod(value, n)) + 1}"


def _numbers(day: float) -> tuple[int, int, int]:
    year, month, number = _calendar(np.asarray([day]))
    return int(year[0]), int(month[0]), int(number[0])
