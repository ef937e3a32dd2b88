"""Readers of files that parity writes, for tests: draws that all sides read, and outcomes of an audit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from parity.analyses.replicates.draws import FORMAT, Draws
from parity.audit.outcomes import Axis, Outcomes
from parity.audit.store import NUMBERS


def read_draws(file: Path) -> Draws:
    """What `write_draws` wrote; a file of another form fails."""
    first, labels, *rest = file.read_bytes().decode("utf-8").splitlines()
    form, kind, seed = first.split("\t")
    assert form == FORMAT
    values = np.array([[float(cell) for cell in line.split("\t")] for line in rest])
    if kind in ("bootstrap", "groups"):  # clusters, counted from one
        assert not np.any(values % 1) and values.min() >= 1 and values.max() <= len(labels.split("\t"))
        values = values.astype(np.int64) - 1
    drawn = None if seed == "enumerated" else int(seed.removeprefix("seed ").removesuffix(", PCG64"))
    return Draws(kind, tuple(labels.split("\t")), values, drawn)


def read_outcomes(path: Path, axes: tuple[Axis, ...]) -> Outcomes:
    """The specifications of a file, whose axes these are."""
    table = pq.read_table(path)
    choices = np.column_stack([
        np.array([axis.options.index(v) for v in table[axis.name].combine_chunks().to_pylist()], dtype=np.int32)
        for axis in axes
    ]) if axes else np.empty((len(table), 0), dtype=np.int32)  # fmt: skip
    notes = {i: text for i, text in enumerate(table["note"].to_pylist()) if text is not None}
    return Outcomes(axes, choices, *(table[name].to_numpy() for name in NUMBERS), notes)
