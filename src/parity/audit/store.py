"""Specifications on disk: parts in a folder as they end, from which a broken audit goes on, and a Parquet file of all."""

from __future__ import annotations

import io
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from parity.audit.outcomes import Axis, Outcomes, joined, option_type
from parity.audit.plan import Plan
from parity.audit.run import Audited
from parity.audit.space import Space
from parity.base.cache import PACKAGE, code_hash, key_of
from parity.base.parts import Parts

NUMBERS = ("coef", "se", "p", "df", "nobs")
#: Where the audit has instruments, F of their first stage.
FIRST = "first_stage_f"


# ---------------------------------------------------------------- a file of all, for people


def schema(axes: Iterable[Axis], instruments: bool = False) -> pa.Schema:
    """A column an axis, with the option's name; the numbers; and why there are none."""
    options = [(axis.name, pa.dictionary(pa.int32(), pa.string())) for axis in axes]
    numbers = (*NUMBERS, FIRST) if instruments else NUMBERS
    return pa.schema([*options, *((name, pa.float64()) for name in numbers), ("note", pa.string())])


def written(parts: Iterable[Outcomes], axes: tuple[Axis, ...], path: Path, instruments: bool = False) -> None:
    """All parts as one file, whole or not at all. Raises `OSError`."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    try:
        with pq.ParquetWriter(growing, schema(axes, instruments)) as writer:
            for part in parts:
                writer.write_table(_table(part, axes))
        os.replace(growing, path)
    finally:
        growing.unlink(missing_ok=True)


def _table(part: Outcomes, axes: tuple[Axis, ...]) -> pa.Table:
    columns: list = [
        pa.DictionaryArray.from_arrays(pa.array(part.choices[:, j].astype(np.int32)), pa.array(axis.options))
        for j, axis in enumerate(axes)
    ]
    columns += [pa.array(values) for values in _numbers(part).values()]
    with_first = part.first_stage is not None
    return pa.Table.from_arrays([*columns, _notes(part.notes, len(part))], schema=schema(axes, with_first))


def _numbers(part: Outcomes | Audited) -> dict[str, np.ndarray]:
    first = {} if part.first_stage is None else {FIRST: part.first_stage}
    return {name: getattr(part, name) for name in NUMBERS} | first


def _notes(notes: Mapping[int, str], count: int) -> pa.Array:
    return pa.array([notes.get(i) for i in range(count)] if notes else [None] * count, pa.string())


# ---------------------------------------------------------------- parts


def packed(parts: Sequence[Audited]) -> bytes:
    """Some parts as one Parquet file: options as numbers."""
    tables = []
    for part in parts:
        columns = {f"choice {j}": pa.array(column) for j, column in enumerate(part.choices.T)}
        columns |= {name: pa.array(values) for name, values in _numbers(part).items()}
        columns["note"] = _notes(part.notes, len(part))
        tables.append(pa.table(columns))
    out = io.BytesIO()
    pq.write_table(pa.concat_tables(tables).combine_chunks(), out)
    return out.getvalue()


def audit_key(space: Space, plan: Plan) -> str:
    """Of all that numbers come from: study and data, the audit's own settings, the plan, parity's code and its packages."""
    import scipy

    versions = (platform.machine(), np.__version__, scipy.__version__, pa.__version__)
    return key_of(
        "audit", code_hash(PACKAGE), *versions, space.study.data_hash(), space.study.model_dump_json(), space.name,
        space.settings.model_dump_json(), str(plan.count), str(len(plan.bundles())),
    )  # fmt: skip


@dataclass(frozen=True)
class Store(Parts):
    """Parts 0 to `count` - 1 of one audit in a folder. key: see `audit_key`."""

    axes: tuple[Axis, ...]
    count: int

    suffix = ".parquet"

    def whole(self) -> dict[int, Path]:
        """Number -> file of the parts that are there and whole."""
        return {n: path for n, path in self.files() if n < self.count and self.is_whole(n, path, path.read_bytes())}

    def outcomes(self, path: Path) -> Outcomes:
        """Of one part, with the same axes. Raises `OSError`, `pyarrow.ArrowException`."""
        table = pq.read_table(path)
        kind = option_type([len(a.options) for a in self.axes])
        choices = np.empty((len(table), len(self.axes)), dtype=kind)
        for j in range(len(self.axes)):
            choices[:, j] = table[f"choice {j}"].to_numpy()
        note = table["note"]
        notes = {} if note.null_count == len(note) else {i: t for i, t in enumerate(note.to_pylist()) if t is not None}
        first = table[FIRST].to_numpy() if FIRST in table.column_names else None
        return Outcomes(self.axes, choices, *(table[name].to_numpy() for name in NUMBERS), notes, first)

    def all(self, specs: int) -> Outcomes:
        """Every specification, `specs` of them, in the order of the plan; all parts must be there."""
        files = self.whole()
        return joined(self.axes, (self.outcomes(files[number]) for number in range(self.count)), specs)
