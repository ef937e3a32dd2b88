"""Specifications on disk: parts in a folder as they end, from which a broken audit goes on, and a Parquet file of all.

A part's name ends in a digest of its bytes, of its number and of all that its numbers come from, so a file that was cut,
changed, or written for another audit is as if it weren't there.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from parity.audit.outcomes import Axis, Outcomes, joined, option_type
from parity.audit.plan import Plan
from parity.audit.run import Audited
from parity.audit.space import Space
from parity.base.cache import PACKAGE, code_hash, key_of
from parity.base.writing import write_whole

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: Held by every process that reads or writes parts of a folder which is cleared at the end.
LOCK = "in use"
NUMBERS = ("coef", "se", "p", "df", "nobs")
#: Letters of a digest in a name.
LETTERS = 32


# ---------------------------------------------------------------- a file of all, for people


def schema(axes: Iterable[Axis]) -> pa.Schema:
    """A column an axis, with the option's name; the numbers; and why there are none."""
    options = [(axis.name, pa.dictionary(pa.int32(), pa.string())) for axis in axes]
    return pa.schema([*options, *((name, pa.float64()) for name in NUMBERS), ("note", pa.string())])


def written(parts: Iterable[Outcomes], axes: tuple[Axis, ...], path: Path) -> None:
    """All parts as one file, whole or not at all. Raises `OSError`."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(f".{path.name[:100]}.{os.getpid()}")
    try:
        with pq.ParquetWriter(growing, schema(axes)) as writer:
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
    columns += [pa.array(getattr(part, name)) for name in NUMBERS]
    return pa.Table.from_arrays([*columns, _notes(part.notes, len(part))], schema=schema(axes))


def _notes(notes: Mapping[int, str], count: int) -> pa.Array:
    return pa.array([notes.get(i) for i in range(count)] if notes else [None] * count, pa.string())


def read(path: Path, axes: tuple[Axis, ...]) -> Outcomes:
    """The specifications of a file, whose axes these are. Raises `OSError`, `pyarrow.ArrowException`."""
    table = pq.read_table(path)
    choices = np.column_stack([
        np.array([axis.options.index(v) for v in table[axis.name].combine_chunks().to_pylist()], dtype=np.int32)
        for axis in axes
    ]) if axes else np.empty((len(table), 0), dtype=np.int32)  # fmt: skip
    notes = {i: text for i, text in enumerate(table["note"].to_pylist()) if text is not None}
    return Outcomes(axes, choices, *(table[name].to_numpy() for name in NUMBERS), notes)


# ---------------------------------------------------------------- parts


def packed(parts: Sequence[Audited]) -> bytes:
    """Some parts as one Parquet file: options as numbers."""
    tables = []
    for part in parts:
        columns = {f"choice {j}": pa.array(column) for j, column in enumerate(part.choices.T)}
        columns |= {name: pa.array(getattr(part, name)) for name in NUMBERS} | {"note": _notes(part.notes, len(part))}
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
class Store:
    """Parts 0 to `count` - 1 of one audit in a folder. key: see `audit_key`."""

    folder: Path
    key: str
    axes: tuple[Axis, ...]
    count: int

    def put(self, number: int, content: bytes) -> Path:
        """Raises `OSError`; then nothing of the part is there."""
        path = self.folder / self._name(number, content)
        write_whole(path, content)
        return path

    def _name(self, number: int, content: bytes) -> str:
        digest = hashlib.sha256(f"{self.key} {number} ".encode() + content).hexdigest()
        return f"part-{number:06d}-{digest[:LETTERS]}.parquet"

    def whole(self) -> dict[int, Path]:
        """Number -> file of the parts that are there and whole."""
        found: dict[int, Path] = {}
        for path in sorted(self.folder.glob("part-*-*.parquet")):
            number = path.name.split("-")[1]
            if number.isdigit() and int(number) < self.count and path.name == self._name(int(number), path.read_bytes()):
                found[int(number)] = path
        return found

    def outcomes(self, path: Path) -> Outcomes:
        """Of one part, with the same axes. Raises `OSError`, `pyarrow.ArrowException`."""
        table = pq.read_table(path)
        kind = option_type([len(a.options) for a in self.axes])
        choices = np.empty((len(table), len(self.axes)), dtype=kind)
        for j in range(len(self.axes)):
            choices[:, j] = table[f"choice {j}"].to_numpy()
        note = table["note"]
        notes = {} if note.null_count == len(note) else {i: t for i, t in enumerate(note.to_pylist()) if t is not None}
        return Outcomes(self.axes, choices, *(table[name].to_numpy() for name in NUMBERS), notes)

    def all(self, specs: int) -> Outcomes:
        """Every specification, `specs` of them, in the order of the plan; all parts must be there."""
        files = self.whole()
        return joined(self.axes, (self.outcomes(files[number]) for number in range(self.count)), specs)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For as long as the parts are needed: no other process clears them away, though it has ended the same audit.

        Raises `OSError` where the folder can't be made.
        """
        with _shared(self.folder):
            yield

    def clear(self) -> None:
        """Take away what this audit wrote, and the folder where nothing else is in it; but not while the same audit goes on
        elsewhere, which does so at its end."""
        with _alone(self.folder) as mine:
            if not mine:
                return
            for path in self.folder.glob("part-*-*.parquet"):
                path.unlink(missing_ok=True)
            (self.folder / LOCK).unlink(missing_ok=True)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()


@contextmanager
def _shared(folder: Path) -> Iterator[None]:
    """A lock on a folder that several processes have at once; it ends with the process, however that ends."""
    if fcntl is None:
        yield
        return
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            file = (folder / LOCK).open("ab")
        except FileNotFoundError:  # the folder was cleared away since
            continue
        with file:
            with suppress(OSError):  # file systems that know no locks
                fcntl.flock(file, fcntl.LOCK_SH)
            if _is(file, folder / LOCK):
                yield
                return


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process has the folder in use; none can while this lasts."""
    if fcntl is None or not folder.is_dir():
        yield folder.is_dir()
        return
    try:
        file = (folder / LOCK).open("ab")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield _is(file, folder / LOCK)


def _is(file: IO[bytes], path: Path) -> bool:
    """Whether an open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
