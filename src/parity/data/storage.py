"""`storage = "float"`: columns rounded to 24 bits, as Stata's `generate` and `insheet` store them.

A column made as a float differs from the double in the 8th digit, and every estimate from it in the 7th or so. Eight printed
tables were found to differ in their last digit for no other reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import InputError, Problem, unknown_column
from parity.study.header import Header
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


def is_float(header: Header, name: str) -> bool:
    """Whether a column that is made is stored as a float."""
    return header.storage == "float" or (isinstance(header.storage, dict) and header.storage.get(name) == "float")


def stored(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """The data as read, with columns rounded that are floats. Raises `InputError`.

    For a whole study only numbers that aren't all whole: Stata reads whole ones as byte, int or long.
    """
    import pandas as pd

    from parity.data.evaluate import as_float

    storage = study.header.storage
    if storage == "double":
        return frame
    named = storage if isinstance(storage, dict) else {}
    made = {*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))}
    known = [*map(str, frame.columns), *made]
    lost = [unknown_column(str(study.file), f"study.storage.{n}", n, known) for n in named if n not in known]
    numbers = [n for n in frame if pd.api.types.is_numeric_dtype(frame[n]) and not pd.api.types.is_bool_dtype(frame[n])]
    lost += [
        Problem(str(study.file), f"study.storage.{n}", "holds no numbers") for n in named if n in frame and n not in numbers
    ]
    if lost:
        raise InputError(lost)
    rounded = {}
    for name in numbers:
        if (named.get(name) if named else storage) == "float":
            values = frame[name].to_numpy(dtype=float, na_value=np.nan)
            if named or np.any(values[~np.isnan(values)] % 1):
                rounded[name] = as_float(values)
    return frame.assign(**rounded) if rounded else frame
