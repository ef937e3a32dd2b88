"""The columns of a data file, and those derived from them, as R has them and as we have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from parity.base.tolerance import MADE, READ
from parity.runs.second_reading.asking import ReadColumn
from parity.runs.second_reading.compare import Found, RowName, compare_texts, compare_values
from parity.runs.second_reading.sample import SampleColumn

if TYPE_CHECKING:
    import pandas as pd


def compare_columns(theirs: Sequence[ReadColumn], n: int, frame: pd.DataFrame, row: RowName) -> Found:
    """Every column that the study reads or derives, in all n rows of the file by R's reading."""
    found = Found(checked=1)
    if n != len(frame):
        found.differs("rows", "", float(n), float(len(frame)))
        found.sentences.append(f"the file has {n} rows by R's reading, {len(frame)} here")
        return found
    rows = np.arange(n)
    for column in theirs:
        found.checked += 1
        name = f"the {'derived ' if column.made else ''}column `{column.name}`"
        if column.name not in frame:
            found.differs("column", name, 1.0, None)
            found.sentences.append(f"only R's side has {name}")
            continue
        ours = values_of(frame, column.name, long=column.keys is not None)
        if column.keys is not None:
            compare_texts(name, column.keys, [None if v is None else str(v) for v in ours], rows, row, found)
        elif column.text != (ours.dtype == object) and not _nothing(column, ours):
            kinds = ("text", "numbers") if column.text else ("numbers", "text")
            found.differs("type", name, float(column.text), float(not column.text))
            found.sentences.append(f"{name} is {kinds[0]} by R's reading, {kinds[1]} here")
        elif column.text:
            compare_texts(name, column.values, ours.tolist(), rows, row, found)
        else:
            taken = SampleColumn(column.values, column.loss if column.made else 0.0)
            compare_values(name, taken, ours, rows, row, found, each=MADE if column.made else READ)
    return found


def values_of(frame: pd.DataFrame, name: str, *, long: bool = False) -> np.ndarray:
    """As `parity.data.evaluate` gives it to whoever asks: floats, or texts; long whole numbers as they are."""
    from parity.data.evaluate import Panel, evaluate
    from parity.study.formula import Column

    if long:
        series = frame[name]
        return series.astype(object).where(series.notna(), None).to_numpy(dtype=object)
    return evaluate(Column(name), frame, Panel())


def _nothing(column: ReadColumn, ours: np.ndarray) -> bool:
    """Whether a column is empty on both sides: then it has no type."""
    if column.text:
        return all(v is None for v in column.values) and bool(np.isnan(ours).all())
    return bool(np.isnan(column.values).all()) and all(v is None for v in ours)
