"""Tables of separated values: commas, tabs, semicolons; esttab's `="0.35"` and outreg2's text files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from parity.logs.exhibit import Place
from parity.logs.sheet import Grid, Item, Sheet
from parity.printed.grids import separator_of, unquoted

_FORMATS = {"\t": "tsv", ";": "csv", ",": "csv"}


def sheets(text: str, file: str) -> Iterator[Sheet]:
    """The table of a file. Raises `TooLarge`."""
    separator = separator_of(text) or _commonest(text)
    writer = _writer(text)
    text = re.sub(r'^"="', '"', text, flags=re.MULTILINE)
    text = re.sub(
        rf'(^|{separator})="', r'\1"', text, flags=re.MULTILINE
    )  # ="1,180" keeps a spreadsheet from reading a number
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    grid, behind = Grid(), 0
    try:
        for row in reader:
            line = behind + 1
            behind = reader.line_num
            grid.add(Item(unquoted(cell), Place(file, line, cell=""), 1) for cell in row)
    except csv.Error as error:  # a quote that never closes, or a field longer than any cell
        grid.add([Item(f"not read from here on: {error}", Place(file, behind + 1))])
    yield Sheet(rows=grid.done(), format=_FORMATS[separator], place=Place(file, 1), writer=writer)


def _commonest(text: str) -> str:
    head = text[:20_000]
    return max("\t;,", key=lambda s: (head.count(s), s == ","))


def _writer(text: str) -> str:
    head = text[:4000]
    if '="' in head:
        return "esttab"
    return "outreg2" if "VARIABLES" in head else ""
