"""Of dummies that sum to the constant, programs leave out different ones: the fit is the same, the constant another."""

from __future__ import annotations

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify

MADE = f"{READ}quietly tab h, gen(d)\n"


def said(folder, printed, code):
    data_into(folder)
    (folder / "t.csv").write_text(esttab(folder, MADE + printed))
    (folder / "main.do").write_text(f"{MADE}{code}{WRITE}")
    report = verify(folder)
    cells = [c for e in report.exhibits for c in e.cells]
    return {c.label for c in cells if c.verdict == "explained"}, {k.id for c in cells for k in c.causes}, report.exit_code


def test_another_dummy_of_a_set_is_left_out(tmp_path):
    labels, causes, code = said(tmp_path, "eststo: regress y x d1 d3 d4\n", "eststo: regress y x d*\n")
    assert "_cons" in labels and causes == {"other-collinear-column-dropped"} and code == 0


def test_a_dummy_less_than_the_command_has_is_a_control_left_out(tmp_path):
    _, causes, code = said(tmp_path, "eststo: regress y x d1 d3\n", "eststo: regress y x d1 d3 d4\n")
    assert causes == {"control-left-out"} and code == 1


def test_rows_of_an_interactions_base_are_its(tmp_path):
    """`c.x##h` has levels of h, as `c.x##i.h`; esttab prints its bases as zeros without an error."""
    code = "eststo: regress y c.x##h\n"
    data_into(tmp_path)
    text = esttab(tmp_path, READ + code)
    bases = '"0.h","0.000"\n"","(.)"\n"0.h#c.x","0.000"\n"","(.)"\n'
    (tmp_path / "t.csv").write_text(text.replace('"1.h"', bases + '"1.h"', 1))
    (tmp_path / "main.do").write_text(f"{READ}{code}{WRITE}")
    report = verify(tmp_path)
    assert '"3.h#c.x"' in text and report.summary.reproduced == report.summary.cells and report.exit_code == 0


@pytest.mark.parametrize("row", ["0.h", "0.h#c.x"])
def test_numbers_of_a_base_are_none_of_the_command(tmp_path, row):
    code = "eststo: regress y c.x##h\n"
    data_into(tmp_path)
    text = esttab(tmp_path, READ + code)
    (tmp_path / "t.csv").write_text(text.replace('"1.h"', f'"{row}","0.250***"\n"","(0.040)"\n"1.h"', 1))
    (tmp_path / "main.do").write_text(f"{READ}{code}{WRITE}")
    report = verify(tmp_path)
    off = [(c.label, c.verdict) for e in report.exhibits for c in e.cells if c.verdict != "reproduced"]
    assert off == [(row, "differs")] * 2 and report.exit_code == 1
