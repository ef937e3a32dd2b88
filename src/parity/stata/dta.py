"""Stata's data files to data sets and back, by pandas: storage types, labels, order and the letters of missing values."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from parity.base.encoding import decoded
from parity.stata.characteristics import Layout, characteristics, panel_of
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.values import missing

#: Type letters of pandas' reader -> Stata's names, and the value of `.` as it is stored.
_KINDS = {
    "b": ("byte", 101),
    "h": ("int", 32_741),
    "l": ("long", 2_147_483_621),
    "f": ("float", None),
    "d": ("double", None),
}


def read(path: Path) -> Dataset:
    """Every column as it is stored. Raises `DataProblem` 610 for a file that is none of Stata's."""
    from pandas.io.stata import StataReader

    try:
        # pandas reads older files as Latin-1 (see `_spelled`); its warning of it says nothing that a reader could do
        with (
            warnings.catch_warnings(action="ignore", category=UnicodeWarning),
            StataReader(path, convert_categoricals=False, convert_dates=False, preserve_dtypes=True) as reader,
        ):
            frame = reader.read()
            labels, value_labels = reader.variable_labels(), reader.value_labels()
            types, formats, names = reader._typlist, reader._fmtlist, reader._varlist
            attached, order = reader._lbllist, list(reader._srtlist)
            title = reader.data_label
            layout = Layout(reader._format_version, reader._byteorder, len(names), reader._data_location)
            raw = _raw(path, reader, [n for n in names if frame[n].dtype.kind == "f"])
    except (ValueError, OSError, KeyError, UnicodeDecodeError, NotImplementedError, struct.error) as error:
        raise DataProblem(f"file {path.name} is not a Stata data file that can be read: {error}", 610) from None
    held = {name: {float(k): str(v) for k, v in pairs.items()} for name, pairs in value_labels.items()}
    words = [frame[n] for i, n in enumerate(names) if types[i] not in _KINDS]
    spelled = _spelled([title, *labels.values(), *(v for pairs in held.values() for v in pairs.values()),
                        *(str(t) for column in words for t in column.unique())])  # fmt: skip
    columns = {}
    for i, name in enumerate(names):
        about = {"format": formats[i], "label": spelled(labels.get(name, "")), "value_label": attached[i]}
        kind = types[i]
        if kind in _KINDS:
            values = frame[name].to_numpy(dtype=float, na_value=np.nan)
            columns[name] = Column(_lettered(np.ascontiguousarray(values), raw.get(name), kind), _KINDS[kind][0], **about)
        else:
            texts = np.array(["" if t is None or t != t else spelled(str(t)) for t in frame[name].tolist()], dtype=object)
            columns[name] = Column(texts, f"str{kind}" if isinstance(kind, int) else "strL", **about)
    sorted_by = tuple(names[i - 1] for i in order if 0 < i <= len(names))
    held = {name: {k: spelled(v) for k, v in pairs.items()} for name, pairs in held.items()}
    with path.open("rb") as file:
        said = characteristics(file.read(layout.data), layout)
    panel = panel_of(said, columns)
    known = {name: text for name, text in said.items() if name.partition("[")[0] in (*columns, "_dta")}
    data = Dataset(columns, len(frame), held, sorted_by, False, panel, spelled(title), str(path.name))
    return replace(data, characteristics=known)


def _spelled(texts: list[str]) -> Callable[[str], str]:
    """Texts as they were meant: files before Stata 14 don't say whether they are Chinese or Western, and pandas takes
    all for Western."""
    try:
        raw = "\n".join(t for t in texts if not t.isascii()).encode("latin-1")
    except UnicodeEncodeError:  # more than Western letters: the file is read as what it says that it is
        return str
    codec = decoded(raw)[1]
    if codec == "cp1252" or not raw:
        return str
    return lambda text: text if text.isascii() else text.encode("latin-1").decode(codec, "replace")


def _raw(path: Path, reader, names: list[str]) -> dict[str, np.ndarray]:
    """Numbers as they stand in the file, for the columns that have missing values."""
    wanted = list(names)
    if not wanted or reader._nobs == 0:
        return {}
    layout = reader._dtype
    with open(path, "rb") as file:
        file.seek(reader._data_location)
        data = file.read(layout.itemsize * reader._nobs)
    table = np.frombuffer(data, dtype=layout, count=reader._nobs)
    places = {n: f for n, f in zip(reader._varlist, layout.names, strict=True)}
    return {name: table[places[name]] for name in wanted}


def _lettered(values: np.ndarray, raw: np.ndarray | None, kind: str) -> np.ndarray:
    """NaNs with the letters of `.a` to `.z`."""
    lost = np.isnan(values)
    if raw is None or not lost.any():
        return values
    stored = raw[lost]
    dot = _KINDS[kind][1]
    if dot is not None:
        letters = stored.astype(np.int64) - dot
    elif kind == "d":
        bits = stored.astype("<f8").view(np.int64)
        letters = (bits - 0x7FE0000000000000) >> 40
    else:
        bits = stored.astype("<f4").view(np.int32).astype(np.int64)
        letters = (bits - 0x7F000000) >> 11
    if not np.any((letters > 0) & (letters <= 26)):
        return values
    out = values.copy()
    out[lost] = [missing(int(letter)) if 0 < letter <= 26 else np.nan for letter in letters]
    return out


def write(data: Dataset, path: Path) -> None:
    """A file that `read` gives back: types, labels, formats, order. Letters of missing values become `.`."""
    import pandas as pd

    frame = {}
    for name, column in data.columns.items():
        if column.text:
            frame[name] = column.values
        elif column.kind in ("float", "double"):
            frame[name] = column.values.astype(np.float32 if column.kind == "float" else np.float64)
        elif np.isnan(column.values).any():
            frame[name] = column.values
        else:
            frame[name] = column.values.astype({"byte": np.int8, "int": np.int16, "long": np.int32}[column.kind])
    pd.DataFrame(frame).to_stata(path, write_index=False, version=118)
