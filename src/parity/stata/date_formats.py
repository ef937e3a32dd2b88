"""Dates under formats of their own: `%tdCCYY-NN-DD`, `%tmMon_CCYY`, `%tcHH:MM`. [D] Datetime display formats."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

import numpy as np

from parity.stata import dates
from parity.stata_language.dataset import DataProblem

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Code -> its text of a moment; letters that stand alone are those of Stata before 10.
_CODES: dict[str, Callable[[datetime.datetime], str]] = {
    "CC": lambda d: f"{d.year // 100:02}", "cc": lambda d: f"{d.year // 100}",
    "YY": lambda d: f"{d.year % 100:02}", "yy": lambda d: f"{d.year % 100}",
    "JJJ": lambda d: f"{d.timetuple().tm_yday:03}", "jjj": lambda d: f"{d.timetuple().tm_yday}",
    "Month": lambda d: _MONTHS[d.month - 1], "Mon": lambda d: _MONTHS[d.month - 1][:3],
    "month": lambda d: _MONTHS[d.month - 1].lower(), "mon": lambda d: _MONTHS[d.month - 1][:3].lower(),
    "NN": lambda d: f"{d.month:02}", "nn": lambda d: f"{d.month}", "DD": lambda d: f"{d.day:02}", "dd": lambda d: f"{d.day}",
    "Dayname": lambda d: _DAYS[d.weekday()], "Day": lambda d: _DAYS[d.weekday()][:3], "Da": lambda d: _DAYS[d.weekday()][:2],
    "day": lambda d: _DAYS[d.weekday()][:3].lower(), "da": lambda d: _DAYS[d.weekday()][:2].lower(),
    "HH": lambda d: f"{d.hour:02}", "hH": lambda d: f"{d.hour}", "Hh": lambda d: f"{(d.hour - 1) % 12 + 1:02}",
    "hh": lambda d: f"{(d.hour - 1) % 12 + 1}", "MM": lambda d: f"{d.minute:02}", "mm": lambda d: f"{d.minute}",
    "SS": lambda d: f"{d.second:02}", "ss": lambda d: f"{d.second}",
    "am": lambda d: "am" if d.hour < 12 else "pm", "AM": lambda d: "AM" if d.hour < 12 else "PM",
    "q": lambda d: f"{(d.month + 2) // 3}", "h": lambda d: f"{(d.month + 5) // 6}",
}  # fmt: skip
_ALONE = {"C": "CC", "c": "cc", "Y": "YY", "y": "yy", "J": "JJJ", "j": "jjj", "M": "Month", "m": "Mon", "L": "month",
          "l": "mon", "N": "NN", "n": "nn", "D": "DD", "d": "dd"}  # fmt: skip
_TOKEN = re.compile("|".join([*sorted(_CODES, key=len, reverse=True), r"!.", r"[_+.,:/\\ -]", "[CcYyJjMmLlNnDd]"]))


def shown(value: float, unit: str, codes: str) -> str:
    """A value of `%tUNIT` by codes. Raises `DataProblem` 120 for those that aren't known here."""
    if not np.isfinite(value):
        return "."
    day, rest = divmod(value, 86_400_000) if unit == "c" else (value, 0.0)
    if unit not in "cd":
        day = float(dates.to_days(np.asarray([value]), unit)[0])
    try:
        moment = datetime.datetime(1960, 1, 1) + datetime.timedelta(days=float(np.floor(day)), seconds=int(rest // 1000))
    except OverflowError:
        return "."
    out, at = [], 0
    while at < len(codes):
        token = _TOKEN.match(codes, at)
        if token is None:
            raise DataProblem(f"invalid %format: `{codes[at : at + 20]}` is no code of dates that is known here", 120)
        text, at = token.group(), token.end()
        if text in _CODES or text in _ALONE:
            out.append(_CODES[_ALONE.get(text, text)](moment))
        else:
            out.append({"_": " ", "+": ""}.get(text, text[1:] if text[0] == "!" else text))
    return "".join(out)
