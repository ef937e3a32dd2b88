"""Workbooks of Excel 97 to 2003. `firms.xls` was written once for these tests: two sheets, dates, texts, Chinese names."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from parity.stata.do import run_do


@pytest.fixture
def folder(tmp_path):
    """The old workbook, and the same cells as .xlsx."""
    shutil.copy(Path(__file__).parent / "firms.xls", tmp_path)
    import xlrd

    book, twin = xlrd.open_workbook(str(tmp_path / "firms.xls")), openpyxl.Workbook()
    twin.remove(twin.active)
    for sheet in book.sheets():
        to = twin.create_sheet(sheet.name)
        for i in range(sheet.nrows):
            for j, cell in enumerate(sheet.row(i)):
                if cell.ctype == xlrd.XL_CELL_DATE:
                    to.cell(i + 1, j + 1, xlrd.xldate_as_datetime(cell.value, book.datemode))
                elif cell.ctype != xlrd.XL_CELL_EMPTY:
                    value = cell.value
                    to.cell(i + 1, j + 1, bool(value) if cell.ctype == xlrd.XL_CELL_BOOLEAN else value)
    twin.save(tmp_path / "firms.xlsx")
    return tmp_path


def test_numbers_dates_and_texts(folder):
    done = run_do("import excel using firms.xls, firstrow clear", folder)
    data = done.data
    assert not done.findings and list(data.columns) == ["firm", "year", "sales", "opened", "省份", "mixed", "G"]
    assert data["firm"].values.tolist() == [1, 2, 3] and data["firm"].kind == "byte"
    np.testing.assert_array_equal(data["sales"].values, [10.25, np.nan, 1e9])
    np.testing.assert_array_equal(data["opened"].values, [15038, 14609, np.nan])  # days since 1960
    assert data["省份"].values.tolist() == ["江苏", "浙江", ""]
    assert data["mixed"].values.tolist() == ["5", "six", "7.5"] and data["G"].label == "1990"


@pytest.mark.parametrize(
    "options",
    ["firstrow", "firstrow case(upper)", "allstring", "", "sheet(notes)", "sheet(notes) cellrange(B3:C4)", "cellrange(:C2)",
     "sheet(firms) cellrange(B2:) firstrow", "cellrange(C:)", "sheet(nothing)"],
)  # fmt: skip
def test_as_of_the_same_workbook_in_the_newer_format(folder, options):
    old, new = (run_do(f'import excel "firms.{ending}", {options} clear', folder) for ending in ("xls", "xlsx"))
    assert [(f.id, f.text) for f in old.findings] == [(f.id, f.text) for f in new.findings]
    assert (old.data is None) == (new.data is None)
    if old.data is not None:
        assert list(old.data.columns) == list(new.data.columns)
        for name, column in old.data.columns.items():
            np.testing.assert_array_equal(column.values, new.data[name].values)
            assert (column.kind, column.format, column.label) == (
                new.data[name].kind, new.data[name].format, new.data[name].label
            )  # fmt: skip


def test_what_is_no_workbook_or_damaged_says_so(folder, capfd):
    whole = (folder / "firms.xls").read_bytes()
    for name, raw in {"cut.xls": whole[:900], "word.xls": whole[:8] + b"\0" * 2000, "none.xls": b"a\tb\n1\t2\n"}.items():
        (folder / name).write_bytes(raw)
        (finding,) = run_do(f"import excel using {name}, clear", folder).findings
        assert finding.id == "stata-error" and finding.text.startswith(f"file {name} can't be read as a workbook")
    assert capfd.readouterr() == ("", "")
