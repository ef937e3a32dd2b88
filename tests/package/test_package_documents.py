"""Tables that somebody typed into Word or a workbook are read without being named; data in a workbook are none."""

from __future__ import annotations

import dataclasses

import openpyxl
import pytest

from estimates_table import READ, data_into
from exporters import EXPORTERS, Made
from parity.package.verify import verify
from parity.stata.do import run_do

CODE = READ + "regress y x w\nregress y x w z, vce(cluster g)\n"


def made(folder) -> Made:
    es = run_do(CODE, folder).estimations
    rows = []
    for term in ("x", "w", "z"):
        held = [next((c for c in e.coefficients if c.term == term), None) for e in es]
        stars = ["*" * sum(c.p < cut for cut in (0.1, 0.05, 0.01)) if c else "" for c in held]
        pairs = [(f"{c.b:.3f}{s}", f"{c.se:.3f}") if c else ("", "") for c, s in zip(held, stars, strict=True)]
        rows.append((term, tuple(pairs)))
    n = tuple(f"{e.estimated.numbers['N']:.0f}" for e in es)
    r2 = tuple(f"{e.results.numbers['r2']:.3f}" for e in es)
    return Made("Table 2", ("(1)", "(2)"), ("y", "y"), tuple(rows), (("Observations", n), ("R-squared", r2)))


@pytest.mark.parametrize("name", ["word.docx", "book.xlsx"])
def test_a_typed_table_is_read(tmp_path, name):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    table = made(tmp_path)
    path = tmp_path / f"paper.{name.rpartition('.')[2]}"
    path.write_bytes(EXPORTERS[name](table))
    report = verify(tmp_path)
    assert report.summary.reproduced == report.summary.cells == 14 and report.exit_code == 0
    assert {f.role for f in report.files if f.path == path.name} == {"table"}
    label, pairs = table.rows[0]
    wrong = ((pairs[0][0], "0.999"), pairs[1])
    path.write_bytes(EXPORTERS[name](dataclasses.replace(table, rows=((label, wrong), *table.rows[1:]))))
    report = verify(tmp_path)
    assert [c.verdict for e in report.exhibits for c in e.cells if c.printed == "(0.999)"] == ["differs"]
    assert report.exit_code == 1


def test_data_in_a_workbook_are_no_table(tmp_path):
    """Read by a do-file or not."""
    data_into(tmp_path)
    book = openpyxl.Workbook()
    for line in (tmp_path / "d.csv").read_text().splitlines():
        book.active.append(line.split(","))
    book.save(tmp_path / "d.xlsx")
    book.active.cell(1, 1, "(1)")
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "main.do").write_text("import excel using d.xlsx, firstrow clear\nregress y x w\n")
    report = verify(tmp_path)
    assert not report.exhibits and {f.role for f in report.files if f.path.endswith("xlsx")} == {"data"}
