"""Specifications in a Parquet file, a row each, written block by block as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from parity.audit.outcomes import Axis, Outcomes
from parity.audit.run import Audited

NUMBERS = ("coef", "se", "p", "df", "nobs")


def schema(axes: Iterable[Axis]) -> pa.Schema:
    """A column an axis, with the option's name; the numbers; and why there are none."""
    options = [(axis.name, pa.dictionary(pa.int32(), pa.string())) for axis in axes]
    return pa.schema([*options, *((name, pa.float64()) for name in NUMBERS), ("note", pa.string())])


def written(parts: Iterable[Audited], axes: tuple[Axis, ...], path: Path) -> Iterator[Audited]:
    """The parts as they pass, each written before the next is asked for. Raises `OSError`."""
    with pq.ParquetWriter(path, schema(axes)) as writer:
        for part in parts:
            writer.write_table(_table(part, axes))
            yield part


def _table(part: Audited, axes: tuple[Axis, ...]) -> pa.Table:
    columns: list = [
        pa.DictionaryArray.from_arrays(pa.array(part.choices[:, j].astype(np.int32)), pa.array(axis.options))
        for j, axis in enumerate(axes)
    ]
    columns += [pa.array(getattr(part, name)) for name in NUMBERS]
    notes = [part.notes.get(i) for i in range(len(part))] if part.notes else [None] * len(part)
    return pa.Table.from_arrays([*columns, pa.array(notes, pa.string())], schema=schema(axes))


def read(path: Path, axes: tuple[Axis, ...]) -> Outcomes:
    """The specifications of a file, whose axes these are. Raises `OSError`, `pyarrow.ArrowException`."""
    table = pq.read_table(path)
    choices = np.column_stack([
        np.array([axis.options.index(v) for v in table[axis.name].combine_chunks().to_pylist()], dtype=np.int32)
        for axis in axes
    ]) if axes else np.empty((len(table), 0), dtype=np.int32)  # fmt: skip
    notes = {i: text for i, text in enumerate(table["note"].to_pylist()) if text is not None}
    return Outcomes(axes, choices, *(table[name].to_numpy() for name in NUMBERS), notes)
