"""Of dummies that sum to the constant, programs leave out different ones: the fit is the same, the constant another."""

from __future__ import annotations

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
