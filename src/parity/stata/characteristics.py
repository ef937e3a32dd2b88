"""What a Stata data file says of itself beside its columns: `_dta[name]`, `x[name]`, and the `xtset` that they keep.

Source: Stata 18 manual, [P] file formats .dta, for formats 105 to 119.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from parity.stata_language.dataset import Column, Panel

#: A section that is larger than this is damaged, or somebody's own store of texts.
MOST_BYTES = 10_000_000
_BEGIN, _END = b"<characteristics>", b"</characteristics>"
#: What keeps the unit and the time, since Stata 9 and before.
_NAMES = (("_TSpanel", "iis"), ("_TStvar", "tis"))
#: `+1.0000000000000X+000`: a number in Stata's %21x.
_HEX = re.compile(r"([+-]?[01]\.[0-9a-fA-F]+)X([+-][0-9a-fA-F]+)")


class Layout(NamedTuple):
    """Of a file: its format, "<" or ">", how many columns it has, and where its data begin."""

    version: int
    byteorder: str
    columns: int
    data: int


def characteristics(head: bytes, layout: Layout) -> dict[str, str]:
    """`name[characteristic]` -> text, from the bytes before the data. Damaged or absent ones are none."""
    if layout.version >= 117:
        last = head[-MOST_BYTES:]
        begin, end = last.find(_BEGIN), last.rfind(_END)
        entries = _tagged(last[begin + len(_BEGIN) : end], layout) if 0 <= begin < end else []
    else:
        entries = _expansions(head, layout)
    wide = 129 if layout.version >= 118 else 33 if layout.version > 108 else 9
    codec = "utf-8" if layout.version >= 118 else "latin-1"
    out = {}
    for raw in entries:
        if len(raw) > 2 * wide:
            parts = raw[:wide], raw[wide : 2 * wide], raw[2 * wide :]
            name, of, text = (part.split(b"\0")[0].decode(codec, "replace") for part in parts)
            out[f"{name}[{of}]"] = text
    return out


def _tagged(section: bytes, layout: Layout) -> list[bytes]:
    """`<ch>`, the length in four bytes, as many bytes, `</ch>`."""
    out, at, order = [], 0, "little" if layout.byteorder == "<" else "big"
    while section.startswith(b"<ch>", at):
        size = int.from_bytes(section[at + 4 : at + 8], order)
        out.append(section[at + 8 : at + 8 + size])
        at += 8 + size + len(b"</ch>")
    return out


def _expansions(head: bytes, layout: Layout) -> list[bytes]:
    """Kind in one byte, the length in two or four, as many bytes, up to a kind of zero; those of kind 1."""
    version, k = layout.version, layout.columns
    if version < 105:
        return []
    name = 33 if version > 108 else 9
    begun = 10 + (81 if version > 105 else 32) + 18  # the head: marks, counts, label, time
    begun += k + k * name + 2 * (k + 1) + k * (49 if version > 113 else 12) + k * name + k * (81 if version > 105 else 32)
    out, at, order, size = [], begun, "little" if layout.byteorder == "<" else "big", 4 if version > 108 else 2
    while at + 1 + size <= len(head):
        kind, length = head[at], int.from_bytes(head[at + 1 : at + 1 + size], order)
        at += 1 + size
        if kind == 0:
            break
        if kind == 1:
            out.append(head[at : at + length])
        at += length
    return out


def panel_of(said: Mapping[str, str], columns: Mapping[str, Column]) -> Panel:
    """The unit and time that the file was set to when it was saved; none whose unit it has no more, and no time that has
    gone, or that repeats within a unit."""
    unit, time = (said.get(f"_dta[{new}]") or said.get(f"_dta[{old}]", "") for new, old in _NAMES)
    if any(name in columns and columns[name].text for name in (unit, time)) or (unit and unit not in columns):
        return Panel()
    if time not in columns or _repeats([columns[name].numbers for name in (unit, time) if name]):
        return Panel(unit)
    return Panel(unit, time, _number(said.get("_dta[_TSdelta]", "")) or 1.0)


def _repeats(keys: Sequence[np.ndarray]) -> bool:
    """Whether rows without a missing value are alike in all keys."""
    known = ~np.any(np.isnan(keys), axis=0)
    rows = np.column_stack([key[known] for key in keys])
    return len(np.unique(rows, axis=0)) < len(rows)


def _number(text: str) -> float:
    found = _HEX.fullmatch(text.strip())
    if found is None:
        try:
            return float(text)
        except ValueError:
            return 0.0
    sign = -1.0 if found[1].startswith("-") else 1.0
    return sign * float.fromhex("0x" + found[1].lstrip("+-")) * 2.0 ** int(found[2], 16)
