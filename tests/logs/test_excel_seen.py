"""Workbooks as a reader sees them: what number formats show, and what is hidden."""

from __future__ import annotations

import io

import openpyxl
import pytest

from parity.logs.excel import shown
from parity.logs.tables import read_table

ROWS = [["", "(1)", "(2)"], ["x", "0.570***", "0.568***"], ["", "(0.082)", "(0.083)"], ["N", "200", "201"]]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.442, '0.000"***";0.000"***"', "0.442***"), (-0.442, "0.000;-0.000", "-0.442"), (-0.442, "0.000", "-0.442"),
        (-0.442, "0.000_);(0.000)", "(0.442)"), (-0.442, '"("0.000")"', "(-0.442)"), (0.442, '"("0.000")"', "(0.442)"),
        (0.57, '-0.000"***"', "-0.570***"), (0.57, ";;;", ""), (9.1, '"0.570***"', "0.570***"),
        (0.0, '0.00;-0.00;"none"', "none"), (-0.35, "0.00;[Red]-0.00", "-0.35"), (-0.35, "0.00_ ;[Red]\\-0.00\\ ", "-0.35"),
        (-0.35, "_ * #,##0.00_ ;_ * \\-#,##0.00_ ", "-0.35"), (-0.5, "0.0%;-0.0%", "-50.0%"),
        (-0.5, "0.0%_);(0.0%)", "(50.0%)"),
        (-0.00003, "0.00E+00;-0.00E+00", "-3.00e-05"), (-0.5, '0.00;"t-stat "0.00', "0.50"),
        (569.63, "0.000,", "0.570"), (1234567, "#,##0.0,", "1,234.6"), (1234567, "#,##0", "1,234,567"),
        (9.57, ".000", "9.570"),
        (0.57, "#.###", "0.570"), (-0.5, "0.0%", "-50.0%"), (-0.5, "0.0%;0.0%", "50.0%"), (5.25, "# ??/??", "5.25"),
        (0.25, "0.000\\*\\*", "0.250**"), (1234.5, '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', "1,234.50"),
    ],
)  # fmt: skip
def test_a_value_as_its_format_shows_it(value, form, text):
    assert shown(value, form) == text


def read(change):
    """Numbers of each table of a book after a change, and what wasn't understood."""
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    change(book, book.active)
    book.save(raw := io.BytesIO())
    found = read_table(raw.getvalue(), "t.xlsx")
    return [[c.text for row in e.rows for cells in row.cells for c in cells] for e in found], [
        n.text for e in found for n in e.not_understood
    ]


NUMBERS = ["0.570***", "(0.082)", "0.568***", "(0.083)"]


def hidden_row(book, sheet):
    sheet.insert_rows(2)
    for j, text in enumerate(["x", "9.570***", "9.568***"], 1):
        sheet.cell(2, j, text)
    sheet.row_dimensions[2].hidden = True


def hidden_column(book, sheet):
    sheet.insert_cols(2)
    for i, text in enumerate(["(0)", "9.570***", "(9.082)", "900"], 1):
        sheet.cell(i, 2, text)
    sheet.column_dimensions["B"].hidden = True


def hidden_sheet(book, sheet):
    book.copy_worksheet(sheet).sheet_state = "hidden"


@pytest.mark.parametrize("change", [hidden_row, hidden_column, hidden_sheet])
def test_what_is_hidden_is_not_printed(change):
    assert read(change) == ([NUMBERS], [])


def test_a_formula_whose_value_is_not_kept_is_said():
    numbers, lost = read(lambda book, sheet: sheet.__setitem__("B2", "=9+0.57"))
    assert numbers == [NUMBERS[1:]] and lost == ["=9+0.57"]
