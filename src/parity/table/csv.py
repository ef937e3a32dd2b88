"""A grid as CSV: a line for estimates and a line for what stands in parentheses, as on paper."""

from __future__ import annotations

import csv
import io

from parity.table.grid import Grid, Row


def to_csv(grids: list[Grid]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for i, grid in enumerate(grids):
        if i:
            writer.writerow([])
        writer.writerow([grid.title])
        for row in grid.heads:
            writer.writerow([row.label, *(c.text for c in row.cells)])
        for row in grid.body:
            writer.writerows(_lines(row))
        writer.writerows([note] for note in grid.notes)
    return out.getvalue()


def _lines(row: Row) -> list[list[str]]:
    lines = [[row.label, *(c.text + c.stars for c in row.cells)]]
    return lines + ([["", *(c.below for c in row.cells)]] if any(c.below for c in row.cells) else [])
