"""`-> region = East` above the windows of a command under `by`, held against the group whose numbers stand below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from parity.package.notes import Note
from parity.package.printed import Printed
from parity.package.row_labels import is_called, spells

if TYPE_CHECKING:
    from parity.package.estimates import Estimated
    from parity.package.values import Group


def of_group(exhibit: Printed, group: Group | None) -> list[Note]:
    """Of a window of data: by what the run says of its group."""
    within = group.said[-1].values.get("within") if group is not None else None
    at = f"({group.file}:{group.line})" if group is not None else ""
    found = _denied(exhibit, within, whole=True) if within else ()
    return [Note("note-window", line, f"{text} {at}") for line, text in found]


def of_rows(exhibit: Printed, e: Estimated) -> Iterator[tuple[int, str]]:
    """Of a window of estimates: by the rows that they are of."""
    from parity.stata.formats import spellings

    data, rows = e.source.data, e.source.estimated.rows
    within = {}
    for name, _ in _said(exhibit):
        column = data.columns.get(name)
        if column is not None and len(rows):
            values = np.unique(column.values[rows].astype(str) if column.text else column.values[rows])
            within[name] = spellings(data, name, values[0]) if len(values) == 1 else ()
    return _denied(exhibit, within, whole=False)


def _said(exhibit: Printed) -> list[tuple[str, str]]:
    """(variable, value) of each part of `g = 1, h = East`."""
    parts = [part for s in exhibit.words if s.name == "by group" for part in s.text.split(", ")]
    return [(name.strip(), value.strip()) for name, equals, value in (p.partition(" = ") for p in parts) if equals]


def _denied(exhibit: Printed, within: Mapping[str, Sequence[str]], *, whole: bool) -> Iterator[tuple[int, str]]:
    """whole: whether all of the group's variables are known"""
    line = next((s.line for s in exhibit.words if s.name == "by group"), exhibit.line)
    for name, value in _said(exhibit):
        own = next((n for n in within if spells(name, n)), None)
        if own is None and whole:
            yield line, f"the window is said to be of groups of `{name}`; its command's are of {', '.join(within)}"
        elif own is not None and within[own] and not is_called(value, within[own]):
            yield line, f"the window is said to be of `{name} = {value}`; its numbers are of `{within[own][0]}`"
        elif own is not None and not within[own]:
            yield line, f"the window is said to be of `{name} = {value}`; its numbers are of several of its values"
