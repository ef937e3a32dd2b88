"""Stata's .dta: its numbers as they are stored, days and times as dates, value labels beside them.

Only `.` and `.a` to `.z` are missing, and the empty text. `%tq`, `%tm`, `%tw`, `%th` and `%ty` stay the whole numbers that
Stata counts and its filters name; they are one apart from one period to the next.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_DAYS = re.compile(r"%-?t?d.*")
_LEAPING = re.compile(r"%-?tC.*")
_TIMES = re.compile(r"%-?tc.*")


def read_dta(path: Path) -> tuple[pd.DataFrame, dict[str, dict[float, str]], tuple[str, ...]]:
    """The table; column -> code -> value label for columns that have labels; and what must be said."""
    from pandas.io.stata import StataReader

    with StataReader(path, convert_dates=False, convert_categoricals=False, preserve_dtypes=True) as reader:
        frame = reader.read()
        formats = dict(zip(reader._varlist, reader._fmtlist, strict=True))
        named = dict(zip(reader._varlist, reader._lbllist, strict=True))
        sets = reader.value_labels()
    dates = {
        name: _dates(frame[name], form) for name, form in formats.items() if _DAYS.fullmatch(form) or _TIMES.fullmatch(form)
    }
    labels = {
        name: {float(code): text for code, text in sets[of].items() if text}
        for name, of in named.items()
        if of in sets and name not in dates
    }
    leaping = [name for name, form in formats.items() if _LEAPING.fullmatch(form)]
    notes = tuple(f"`{n}` is %tC, whose milliseconds count leap seconds, and stays a number; Stata's cofC() makes it a date"
                  for n in leaping)  # fmt: skip
    labels = {name: found for name, found in labels.items() if found}
    return (frame.assign(**dates) if dates else frame), labels, notes


def _dates(column: pd.Series, form: str) -> pd.Series:
    """Days or milliseconds since 1960 as datetimes."""
    import numpy as np
    import pandas as pd

    number = column.to_numpy(dtype=float, na_value=np.nan)
    unit = "ms" if _TIMES.fullmatch(form) else "D"
    whole = np.where(np.isnan(number), 0, np.floor(number)).astype(np.int64)
    moments = np.datetime64("1960-01-01", "ms") + whole.astype(f"timedelta64[{unit}]").astype("timedelta64[ms]")
    return pd.Series(np.where(np.isnan(number), np.datetime64("NaT"), moments), index=column.index)
