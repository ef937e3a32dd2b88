"""Where a row of a frame stands in the file that it was read from, for messages: a row of a sheet, or an observation.

A sheet's rows are counted as a spreadsheet counts them, header and blank rows too. A file of typed columns has no header
row; its rows are observations 1, 2, ..., as Stata and R number them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from parity.data.marks import marks_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Rows named in one message.
_MOST = 4


def row_namer(frame: pd.DataFrame) -> Callable[[int], str]:
    """From a row's position, from 0, to `row 7` or `observation 6`."""
    places = marks_of(frame).places
    return lambda i: f"row {places[i]}" if len(places) else f"observation {i + 1}"


def row_name(frame: pd.DataFrame, position: int) -> str:
    """`row 7` or `observation 6` of the row at a position, from 0."""
    return row_namer(frame)(int(position))


def rows_named(frame: pd.DataFrame, chosen: np.ndarray) -> str:
    """`in rows 3, 17 and others`: where the rows of a mask stand, four of them at most."""
    positions = chosen.nonzero()[0]
    places: Sequence[int] = marks_of(frame).places
    shown = ", ".join(str(places[i] if len(places) else i + 1) for i in positions[:_MOST])
    return f"in {'rows' if len(places) else 'observations'} {shown}{' and others' if len(positions) > _MOST else ''}"
