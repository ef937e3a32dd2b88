"""A Parquet file, or a folder of them, as chunks of one specification's rows: read by row groups, never whole.

What a chunk says of a row must hang on that row alone, so lags, dummies, derived columns and weights are refused. Levels of
effects and clusters are collected in a pass of their own, and stand in the order of their values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from parity.algebra.streamed import Rows
from parity.base.errors import ColumnProblem
from parity.conventions.facts import subsets
from parity.data.evaluate import Panel, condition, numeric
from parity.sample.design import INTERCEPT
from parity.study.data_formats import parquet_files
from parity.study.formula import Call, Column, Constant, Expr, Member, Operation, columns_of
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Rows of a chunk, but for row groups that have more.
CHUNK = 500_000
#: Functions of single rows.
BY_ROW = ("I", "log", "log1p", "log10", "exp", "sqrt", "abs", "is_missing")


class NotStreamed(ValueError):
    """The specification can't be estimated from chunks; the message says why."""


@dataclass(frozen=True)
class Chunk:
    """Row groups of one file."""

    file: str
    groups: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """A specification over files. names: of the numeric columns, the outcome last.

    levels  columns -> sorted values (of one column) or codes (of several)
    order   columns of the effects, that with more levels first; shift: (p,) what is taken off every row
    """

    study: Study
    spec: Spec
    chunks: tuple[Chunk, ...]
    names: tuple[str, ...]
    levels: Mapping[tuple[str, ...], np.ndarray] = field(default_factory=dict)
    order: tuple[tuple[str, ...], ...] = ()
    shift: np.ndarray | None = None

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Sets of columns whose combinations are levels: effects, and subsets of the cluster variables."""
        effects = [tuple(e.columns) for e in self.spec.formula.effects]
        return tuple(dict.fromkeys([*effects, *subsets(self.spec.vcov.cluster)]))

    def rows(self, chunk: Chunk) -> Rows:
        """Raises `ColumnProblem`."""
        frame, columns, keep = self._read(chunk)
        columns = columns[keep]
        if self.shift is not None:
            columns = columns - self.shift
        frame = frame.loc[keep]
        return Rows(
            columns, tuple(self._codes(frame, key) for key in self.order),
            {s: self._codes(frame, s) for s in subsets(self.spec.vcov.cluster)},
        )  # fmt: skip

    def singles(self, chunk: Chunk) -> tuple[np.ndarray, dict[tuple[str, ...], np.ndarray]]:
        """Sums of the columns, rows and rows left out as missing; values of each key's column."""
        frame, columns, keep = self._read(chunk)
        counts = [keep.sum(), self._kept(frame).sum() - keep.sum()]
        said = np.concatenate([columns[keep].sum(axis=0), counts])
        frame = frame.loc[keep]
        return said, {(c,): np.unique(_values(frame, c)) for key in self.keys for c in key}

    def combinations(self, chunk: Chunk) -> dict[tuple[str, ...], np.ndarray]:
        """Codes of each key of several columns."""
        frame, _, keep = self._read(chunk)
        frame = frame.loc[keep]
        return {key: np.unique(self._combined(frame, key)) for key in self.keys if len(key) > 1}

    def _codes(self, frame: pd.DataFrame, key: tuple[str, ...]) -> np.ndarray:
        return _found(self.levels[key], _values(frame, key[0]) if len(key) == 1 else self._combined(frame, key))

    def _combined(self, frame: pd.DataFrame, key: tuple[str, ...]) -> np.ndarray:
        """One integer for each combination of the columns' codes."""
        if math.prod(len(self.levels[(c,)]) for c in key) > np.iinfo(np.int64).max:
            raise NotStreamed(
                f"combinations of {', '.join(key)}, which are too many to be numbered, can't be read by chunks"
            )
        code = self._codes(frame, key[:1])
        for i in range(1, len(key)):
            code = code * len(self.levels[key[i : i + 1]]) + self._codes(frame, key[i : i + 1])
        return code

    def _read(self, chunk: Chunk) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Columns of the file, numbers of the specification, and which rows have all."""
        formula, panel = self.spec.formula, Panel.of(self.study)
        frame = _frame(chunk, _needed(self.spec))
        items = [*formula.exog, *formula.endog, *formula.instruments, formula.outcome]
        columns = np.empty((len(frame), len(self.names)), order="F")
        if formula.intercept and not formula.effects:
            columns[:, 0] = 1.0
        for j, item in enumerate(items, start=len(self.names) - len(items)):
            columns[:, j] = numeric(item, frame, panel)
        keep = self._kept(frame) & ~np.isnan(columns).any(axis=1)
        for column in {c for key in self.keys for c in key}:
            keep &= frame[column].notna().to_numpy()
        if np.isinf(columns[keep]).any():
            name = self.names[int(np.flatnonzero(np.isinf(columns[keep]).any(axis=0))[0])]
            raise ColumnProblem(f"`{name}` holds an infinite value ({Path(chunk.file).name})")
        return frame, columns, keep

    def _kept(self, frame: pd.DataFrame) -> np.ndarray:
        where = self.spec.where
        return np.ones(len(frame), dtype=bool) if where is None else condition(where, frame, Panel.of(self.study))


def source(study: Study, spec: Spec, path: Path, rows: int = CHUNK) -> Source:
    """Chunks of about so many rows. Raises `NotStreamed`, `OSError`, `pyarrow.ArrowException`."""
    formula = spec.formula
    items = [*formula.exog, *formula.endog, *formula.instruments, formula.outcome]
    refused = {
        "its model": spec.model != "ols", "weights": spec.weights is not None,
        "derived columns": bool(study.derive or study.index),
        "columns stored as floats": study.header.storage != "double",
        "more than two fixed effects": len(formula.effects) > 2,
        f"{spec.vcov.kind} errors": spec.vcov.kind not in ("iid", "HC0", "HC1", "CR0", "CR1"),
    } | {f"`{tree}`, which hangs on more than its own row,": not by_row(tree) for tree in (*items, spec.where)}  # fmt: skip
    wrong = [what for what, there in refused.items() if there]
    if wrong:
        raise NotStreamed(f"{wrong[0]} can't be read by chunks of rows")
    _check_alike(parquet_files(path), _needed(spec))
    alone = study.model_copy(update={"header": study.header.model_copy(update={"unit": None, "time": None})})
    first = (INTERCEPT,) if formula.intercept and not formula.effects else ()
    return Source(alone, spec, tuple(_chunks(path, rows)), (*first, *map(str, items)))


def by_row(tree: Expr | None) -> bool:
    """Whether each row's value follows from that row alone, and it is one column."""
    match tree:
        case None | Column() | Constant():
            return True
        case Member(arg=arg):
            return by_row(arg)
        case Operation(args=args):
            return all(map(by_row, args))
        case Call(function=function, args=args):
            return function in BY_ROW and all(map(by_row, args))
    return False


def _frame(chunk: Chunk, needed: Sequence[str]) -> pd.DataFrame:
    """Row groups with the types that the whole file would have in memory: decimals as floats, no categories, no index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(chunk.file).read_row_groups(list(chunk.groups), columns=list(needed))
    for i, of in enumerate(table.schema):
        if pa.types.is_decimal(of.type):
            table = table.set_column(i, of.name, table.column(i).cast(pa.float64()))
        elif pa.types.is_dictionary(of.type):
            table = table.set_column(i, of.name, table.column(i).cast(of.type.value_type))
    return table.to_pandas(ignore_metadata=True)


def _check_alike(files: Sequence[Path], needed: Sequence[str]) -> None:
    """A column must be of one kind in all files. Raises `NotStreamed`."""
    import pyarrow.parquet as pq

    first: dict[str, tuple[str, str]] = {}
    for file in files:
        schema = pq.ParquetFile(file).schema_arrow
        for name in needed:
            if name not in schema.names:
                continue
            kind = _kind(schema.field(name).type)
            held, where = first.setdefault(name, (kind, file.name)) if kind else (kind, "")
            if held != kind:
                raise NotStreamed(
                    f"`{name}`, which holds {held} in {where} and {kind} in {file.name}, can't be read by chunks of rows"
                )


def _kind(of: pa.DataType) -> str:
    """Empty for a column without a single value."""
    import pyarrow as pa

    of = of.value_type if pa.types.is_dictionary(of) else of
    if pa.types.is_null(of):
        return ""
    if pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of):
        return "numbers"
    return "texts" if pa.types.is_string(of) or pa.types.is_large_string(of) else str(of)


def _needed(spec: Spec) -> list[str]:
    keys = [c for e in spec.formula.effects for c in e.columns] + list(spec.vcov.cluster)
    return list(dict.fromkeys([*columns_of(spec.formula), *columns_of(spec.where), *keys]))


def _chunks(path: Path, rows: int) -> Iterable[Chunk]:
    """Row groups together as long as they are no more than so many rows, in the order of the files' names."""
    import pyarrow.parquet as pq

    for file in parquet_files(path):
        of, held, size = pq.ParquetFile(file).metadata, [], 0
        for group in range(of.num_row_groups):
            more = of.row_group(group).num_rows
            if held and size + more > rows:
                yield Chunk(str(file), tuple(held))
                held, size = [], 0
            held.append(group)
            size += more
        if held:
            yield Chunk(str(file), tuple(held))


def _values(frame: pd.DataFrame, column: str) -> np.ndarray:
    values = frame[column].to_numpy()
    return values if values.dtype.kind in "iufb" else values.astype(object)


def _found(levels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Places of values among sorted levels, all of which are there."""
    if levels.dtype.kind in "iu" and len(levels) and int(levels[-1]) - int(levels[0]) + 1 == len(levels):
        return (values - levels[0]).astype(np.int64)
    import pandas as pd

    return pd.Index(levels).get_indexer(pd.Index(values)).astype(np.int64)


def merged(parts: Iterable[Mapping[tuple[str, ...], np.ndarray]]) -> dict[tuple[str, ...], np.ndarray]:
    """Sorted levels of all chunks."""
    whole: dict[tuple[str, ...], list[np.ndarray]] = {}
    for part in parts:
        for key, values in part.items():
            held = whole.setdefault(key, [])
            held.append(values)
            if sum(map(len, held)) > 2 * len(held[0]) + CHUNK:
                whole[key] = [np.unique(np.concatenate(held))]
    return {key: np.unique(np.concatenate(held)) for key, held in whole.items()}


def with_levels(of: Source, levels: Mapping[tuple[str, ...], np.ndarray]) -> Source:
    return replace(of, levels={**of.levels, **levels})


def ready(of: Source, shift: np.ndarray) -> Source:
    """With the effects in order, that with more levels first, and a shift where they take it out again."""
    effects = [tuple(e.columns) for e in of.spec.formula.effects]
    order = tuple(sorted(effects, key=lambda key: -len(of.levels[key])))
    return replace(of, order=order, shift=shift if effects else None)


__all__: Sequence[str] = ["Chunk", "NotStreamed", "Source", "by_row", "merged", "ready", "source", "with_levels"]
