"""Workbooks that putexcel filled: each number is the one that its command puts into its cell."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest

from estimates_table import READ, data_into
from parity.package.verify import verify
from parity.stata.do import run_do

CODE = (
    READ
    + """regress y x w
putexcel set "results/t.xlsx", sheet(Main) replace
putexcel A1 = ("variable") B1 = ("b") C1 = ("se")
local row = 2
foreach v in x w {
    qui putexcel A`row' = ("`v'") B`row' = (_b[`v']) C`row' = (_se[`v'])
    local ++row
}
quietly summarize y
putexcel A4 = "mean of y" B4 = (r(mean)) C4 = (r(N)), nformat(number_d2)
"""
)


def book(folder, **changed) -> None:
    (e,) = run_do(READ + "regress y x w", folder).estimations
    held = {c.term: c for c in e.coefficients}
    y = np.loadtxt(folder / "d.csv", delimiter=",", skiprows=1)[:, 0].astype(np.float32).astype(float)
    cells = {"A1": "variable", "B1": "b", "C1": "se", "A2": "x", "B2": held["x"].b, "C2": held["x"].se, "A3": "w",
             "B3": held["w"].b, "C3": held["w"].se, "A4": "mean of y", "B4": y.mean(), "C4": len(y)} | changed  # fmt: skip
    made = openpyxl.Workbook()
    made.active.title = "Main"
    for address, value in cells.items():
        made.active[address] = value
    (folder / "results").mkdir(exist_ok=True)
    made.save(folder / "results" / "t.xlsx")


def test_every_number_is_held_against_its_command(tmp_path):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    book(tmp_path)
    report = verify(tmp_path)
    assert report.summary.reproduced == report.summary.cells == 6 and report.exit_code == 0


@pytest.mark.parametrize("address", ["B2", "C3", "B4", "C4"])
def test_a_wrong_number_differs(tmp_path, address):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(CODE)
    book(tmp_path, **{address: 9.75})
    report = verify(tmp_path)
    (off,) = [c for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]
    assert off.verdict == "differs" and report.exit_code == 1
    # rows of coefficients are known by their estimates already
    assert f"into {address} (main.do:" in off.reason or address in ("B2", "C3")


def test_what_cannot_be_evaluated_is_left_alone(tmp_path):
    data_into(tmp_path)
    more = "putexcel A9 = matrix(e(V)) B9 = picture(a.png) C9 = (r(nothing) D9 = (\nputexcel save\nputexcel clear\n"
    (tmp_path / "main.do").write_text(CODE + more)
    book(tmp_path)
    report = verify(tmp_path)
    assert report.exit_code == 0 and report.programs.failed == 0
