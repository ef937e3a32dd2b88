"""Cells of a row that are blank where its others show that a number belongs there.

An error without its coefficient above it, a coefficient without its error.
"""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.tolerance import COLUMN_MOSTLY, RIGHT_NUMBERS
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Printed, Row

_BELOW = ("se", "t", "p", "(", "[")


def of_cells_left_out(exhibit: Printed, fits: Sequence[Fit | None]) -> list[Note]:
    """A note for each blank cell of a table's columns. fits: None where a command isn't certain

    That a coefficient has an error below it is its table's way where three quarters of its coefficients do.
    """
    if exhibit.origin != "table":
        return []
    rows = [r for column in exhibit.columns for r in column.rows if _has(r, "coef") or _has(r, *_BELOW)]
    both = sum(_has(r, "coef") and _has(r, *_BELOW) for r in rows)
    if both < RIGHT_NUMBERS // 2 or both < COLUMN_MOSTLY * len(rows):
        return []
    out, without = [], _without_all(exhibit)
    for column, found in zip(exhibit.columns, fits, strict=True):
        for row, term in zip(column.rows, found.terms, strict=True) if found is not None else ():
            e = found.estimate  # type: ignore[union-attr]
            if not term or not e.number("se", term) or any(c.number is None for c in row.cells):
                continue
            above, below = _has(row, "coef"), _has(row, *_BELOW)
            if below and not above:
                number = next(c.text for c in row.cells if c.kind in _BELOW and c.number is not None)
                what = f"no coefficient stands above {number}"
            elif above and not below and row.label not in without:
                what = "nothing stands below its coefficient"
            else:
                continue
            line = row.cells[0].place.line or exhibit.line
            out.append(Note("note-rows", line, f"column {column.number}, `{row.label}`: {what} ({e.place})"))
    return out


def _without_all(exhibit: Printed) -> set[str]:
    """Labels of coefficients of several columns with nothing below any: their table leaves it out, as of constants."""
    below: dict[str, list[bool]] = {}
    for column in exhibit.columns:
        for row in column.rows:
            if _has(row, "coef"):
                below.setdefault(row.label, []).append(_has(row, *_BELOW))
    return {label for label, held in below.items() if len(held) > 1 and not any(held)}


def _has(row: Row, *kinds: str) -> bool:
    return any(c.kind in kinds and c.number is not None for c in row.cells)
