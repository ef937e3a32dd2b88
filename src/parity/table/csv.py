"""A grid as CSV: a line for estimates and a line for what stands in parentheses, as on paper.

Numbers stand as `="(0.028)"`, the way of esttab's csv: a spreadsheet takes (0.028) for -0.028 and 0.610 for 0.61.
"""

from __future__ import annotations

import csv
import io
import re

from parity.base.printing import printing
from parity.table.grid import Grid, Row

#: What a spreadsheet reads as a number, and writes otherwise: with decimals or in parentheses, without stars.
_REWRITTEN = re.compile(r"[-+−]?\d[\d,]*\.\d+%?|\([-+−]?\d[\d,]*(?:\.\d+)?%?\)")


def to_csv(grids: list[Grid]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for i, grid in enumerate(grids):
        if i:
            writer.writerow([])
        lines = [[grid.title], *([row.label, *(c.text for c in row.cells)] for row in grid.heads)]
        lines += [line for row in grid.body for line in _lines(row)] + [[note] for note in grid.notes]
        writer.writerows([safe(cell) for cell in line] for line in lines)
    return out.getvalue()


def safe(cell: str) -> str:
    """A cell that a spreadsheet shows as it stands: text that begins as a formula has an apostrophe before it.

    Control characters are blanks.
    """
    cell = printing(cell, " ", keep="")
    if _REWRITTEN.fullmatch(cell):
        return f'="{cell}"'
    number = re.fullmatch(r"[-+−]?[\d.,\s]*\d(?:[eE][-+]?\d+)?[*†‡]*", cell)
    return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@") and not number else cell


def _lines(row: Row) -> list[list[str]]:
    lines = [[row.label, *(c.text + c.stars for c in row.cells)]]
    return lines + ([["", *(c.below for c in row.cells)]] if any(c.below for c in row.cells) else [])
