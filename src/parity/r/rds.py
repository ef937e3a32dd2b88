"""R's own serialisation (version 2, native byte order), written and read: bytes that `readRDS` understands.

Vectors cross as memory, so every double, NA and NaN arrives as it left. Only what `parity.r.frame` describes is known;
R takes off everything else before it answers. Format: "R Internals", section 1.8, and R's serialize.c.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.r.frame import Column, Frame, RequestValue

_INT = struct.Struct("=i")
_SYMBOL, _PAIRLIST, _CHAR, _LOGICAL, _INTEGER, _DOUBLE, _STRING, _LIST = 1, 2, 9, 10, 13, 14, 16, 19
_NULL, _REFERENCE, _OLD_NULL = 254, 255, 0
_IS_OBJECT, _HAS_ATTRIBUTES, _HAS_TAG = 1 << 8, 1 << 9, 1 << 10
_UTF8, _LATIN1 = 1 << 3, 1 << 2
_VECTOR_OF = {"double": _DOUBLE, "date": _DOUBLE, "integer": _INTEGER, "factor": _INTEGER, "logical": _LOGICAL}


def dumps(value: RequestValue) -> bytes:
    """Serialise. Raises `TypeError` for a value that R has no plain form for, `ValueError` for text R can't hold."""
    out = bytearray(b"B\n")
    out += struct.pack("=3i", 2, 0x00030600, 0x00020300)
    _write(out, value)
    return bytes(out)


def loads(data: bytes) -> Any:
    """Read back: named list -> dict, unnamed list -> list, data frame -> Frame, vector -> Column, NULL -> None.

    Raises `ValueError` for bytes that are no such value.
    """
    try:
        if data[:2] != b"B\n" or _INT.unpack_from(data, 2)[0] != 2:
            raise ValueError("not an R serialisation of version 2 in native byte order")
        return _Reader(data, 14).item()
    except (struct.error, IndexError) as error:
        raise ValueError(f"an R serialisation that ends too early or is broken: {error}") from None


# ---------------------------------------------------------------- writing


def _write(out: bytearray, value: RequestValue) -> None:
    match value:
        case None:
            out += _INT.pack(_NULL)
        case Column():
            _write_column(out, value)
        case Frame():
            rows = np.array([-(2**31), -value.nrow], dtype=np.int32)  # R's compact row names
            attributes = {
                "names": Column.text(value.columns),
                "row.names": Column("integer", rows),
                "class": Column.text(["data.frame"]),
            }
            _write_list(out, list(value.columns.values()), attributes)
        case bool() | np.bool_():
            _write_column(out, Column.logical([bool(value)]))
        case int() | np.integer():
            _write_column(out, Column.whole(np.array([value], dtype=np.int64)))
        case float() | np.floating():
            _write_column(out, Column.double(np.array([value], dtype=np.float64)))
        case str():
            _write_column(out, Column.text([value]))
        case Mapping():
            _write_list(out, list(value.values()), {"names": Column.text(value)})
        case Sequence():
            _write_list(out, value, {})
        case _:
            raise TypeError(f"{type(value).__name__} has no plain form in R")


def _write_list(out: bytearray, values: Sequence[RequestValue], attributes: dict[str, Column]) -> None:
    _write_header(out, _LIST, len(values), attributes)
    for value in values:
        _write(out, value)
    _write_attributes(out, attributes)


def _write_column(out: bytearray, column: Column) -> None:
    attributes = _attributes(column)
    if column.kind == "text":
        _write_header(out, _STRING, len(column), attributes)
        for text in column.values.ravel("F"):
            _write_text(out, text)
    else:
        vector = _VECTOR_OF[column.kind]
        _write_header(out, vector, len(column), attributes)
        out += column.values.astype(np.float64 if vector == _DOUBLE else np.int32, copy=False).tobytes("F")
    _write_attributes(out, attributes)


def _attributes(column: Column) -> dict[str, Column]:
    attributes: dict[str, Column] = {}
    if column.names is not None:
        attributes["names"] = Column.text(column.names)
    if column.values.ndim > 1:
        attributes["dim"] = Column.whole(np.array(column.values.shape))
    if column.kind == "factor":
        attributes["levels"] = Column.text(column.levels)
        attributes["class"] = Column.text(["ordered", "factor"] if column.ordered else ["factor"])
    elif column.kind == "date":
        attributes["class"] = Column.text(["Date"])
    return attributes


def _write_header(out: bytearray, kind: int, length: int, attributes: dict[str, Column]) -> None:
    flags = kind | (_HAS_ATTRIBUTES if attributes else 0) | (_IS_OBJECT if "class" in attributes else 0)
    out += _INT.pack(flags) + _INT.pack(length)


def _write_attributes(out: bytearray, attributes: dict[str, Column]) -> None:
    for name, value in attributes.items():
        out += _INT.pack(_PAIRLIST | _HAS_TAG) + _INT.pack(_SYMBOL)
        _write_text(out, name)
        _write_column(out, value)
    if attributes:
        out += _INT.pack(_NULL)


def _write_text(out: bytearray, text: str | None) -> None:
    if text is None:
        out += _INT.pack(_CHAR) + _INT.pack(-1)
        return
    if not isinstance(text, str):
        raise TypeError(f"text expected, not {type(text).__name__}")
    if "\0" in text:
        raise ValueError("R text can't hold a zero character")
    encoded = text.encode()
    out += _INT.pack(_CHAR | _UTF8 << 12) + _INT.pack(len(encoded)) + encoded


# ---------------------------------------------------------------- reading


class _Reader:
    def __init__(self, data: bytes, at: int):
        self.data, self.at = data, at
        self.seen: list[str] = []  # symbols already read; R writes them once and refers to them afterwards

    def int(self) -> int:
        value = _INT.unpack_from(self.data, self.at)[0]
        self.at += 4
        return value

    def item(self) -> Any:
        flags = self.int()
        match flags & 255:
            case 254 | 0:
                return None
            case 9:
                return self.text(flags)
            case 10 | 13 | 14 | 16 | 19 as kind:
                values = self.vector(kind, self.length())
                return _value(kind, values, self.attributes() if flags & _HAS_ATTRIBUTES else {})
        raise ValueError(f"R sent a value of type {flags & 255}")

    def length(self) -> int:
        length = self.int()
        if length >= 0:
            return length
        return (self.int() << 32) + self.int()

    def vector(self, kind: int, length: int) -> Any:
        if kind in (_STRING, _LIST):
            return [self.item() for _ in range(length)]
        dtype = np.dtype(np.float64 if kind == _DOUBLE else np.int32)
        end = self.at + length * dtype.itemsize
        if end > len(self.data):
            raise IndexError("missing bytes")
        values = np.frombuffer(self.data, dtype=dtype, count=length, offset=self.at).copy()
        self.at = end
        return values

    def text(self, flags: int) -> str | None:
        length = self.int()
        if length < 0:
            return None
        encoded = self.data[self.at : self.at + length]
        self.at += length
        return encoded.decode("latin-1" if flags >> 12 & _LATIN1 else "utf-8", errors="replace")

    def attributes(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (flags := self.int()) & 255 == _PAIRLIST:
            name = self.symbol()
            found[name] = self.item()
        if flags & 255 not in (_NULL, _OLD_NULL):
            raise ValueError("broken attributes")
        return found

    def symbol(self) -> str:
        flags = self.int()
        if flags & 255 == _REFERENCE:
            return self.seen[(flags >> 8 or self.int()) - 1]
        name = self.item()
        self.seen.append(name)
        return name


def _value(kind: int, values: Any, attributes: dict[str, Any]) -> Any:
    names = attributes["names"].to_list() if "names" in attributes else None
    if kind == _LIST:
        return _list(values, names, "class" in attributes)
    if kind == _STRING:
        column = Column.text(values)
        values = column.values
    if "dim" in attributes:
        values = values.reshape(attributes["dim"].to_list(), order="F")
    labels = None if names is None else tuple(n or "" for n in names)
    classes = attributes["class"].to_list() if "class" in attributes else []
    if "factor" in classes:
        levels = attributes["levels"].to_list()
        return Column("factor", values, tuple(levels), labels, ordered="ordered" in classes)
    if "Date" in classes:
        return Column("date", values.astype(np.float64), names=labels)
    name = {_DOUBLE: "double", _INTEGER: "integer", _LOGICAL: "logical", _STRING: "text"}[kind]
    return Column(name, values, names=labels)  # type: ignore[arg-type]


def _list(values: list[Any], names: list[str | None] | None, is_frame: bool) -> Any:
    if names is None:
        return Frame({}) if is_frame else values
    if not all(names) or len(set(names)) != len(names):
        raise ValueError(f"R sent a list whose names are empty or double: {', '.join(str(n) for n in names)}")
    named = dict(zip(names, values, strict=True))
    return Frame(named) if is_frame else named
