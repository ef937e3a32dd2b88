"""Windows of `estat hettest`, `estat vif` and `estat ovtest` after regress, held against another package's numbers."""

from __future__ import annotations

import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant
from statsmodels.stats.diagnostic import het_breuschpagan
from statsmodels.stats.outliers_influence import variance_inflation_factor

from estimates_table import data_into
from parity.package.verify import verify
from parity.stata.do import run_do
from test_package_likelihoods import log, row, window

DATA, LINE = "import delimited d.csv, asdouble clear", "regress y x w z"


@pytest.fixture
def folder(tmp_path):
    data_into(tmp_path)
    return tmp_path


def after(folder, *lines: str):
    done = run_do("\n".join([DATA, LINE, *lines]), folder)
    return [p.numbers for p in done.printed], [f.text for f in done.findings]


def test_numbers_of_another_package(folder):
    d = pd.read_csv(folder / "d.csv")
    x = add_constant(d[["x", "w", "z"]])
    fit = OLS(d["y"], x).fit()
    fitted, given = add_constant(fit.fittedvalues.to_numpy()), fit.resid
    (normal, iid, f, rhs, vif), _ = after(
        folder, "estat hettest", "estat hettest, iid", "estat hett, fstat", "estat hettest, rhs iid", "estat vif"
    )
    assert (normal["chi2"], normal["p"]) == pytest.approx(het_breuschpagan(given, fitted, robust=False)[:2])
    assert (iid["chi2"], iid["p"], f["F"], f["p"]) == pytest.approx(het_breuschpagan(given, fitted))
    assert (rhs["chi2"], rhs["p"]) == pytest.approx(het_breuschpagan(given, x)[:2])
    assert vif["w"] == pytest.approx(variance_inflation_factor(x.to_numpy(), 2))


def test_what_hettest_is_not_computed_for_is_said(folder):
    numbers, said = after(folder, "estat hettest x w", "estat hettest, mtest")
    assert not numbers and ["not computed here" in text for text in said] == [True, True]


def test_their_windows_are_verified(folder):
    (het, vif), _ = after(folder, "estat hettest", "estat vif")
    (folder / "main.do").write_text(f"{DATA}\n{LINE}\nestat hettest\nestat vif\n")
    first = f"H0: Constant variance\n\n    chi2(1) = {het['chi2']:6.2f}\nProb > chi2 = {het['p']:.4f}"
    rows = [f"{n:>12} | {v:9.2f}    {1 / v:.6f}" for n, v in vif.items() if n != "mean"]
    rule = "-------------+----------------------"
    second = "\n".join(["    Variable |       VIF       1/VIF  ", rule, *rows, rule, f"    Mean VIF | {vif['mean']:9.2f}"])

    def off(one: str, two: str) -> list[tuple[str, str]]:
        log(folder, DATA, f"quietly {LINE}", f"estat hettest\n\n{one}", f"estat vif\n\n{two}")
        cells = [c for e in verify(folder).exhibits for c in e.cells]
        assert len(cells) == 9
        return [(c.label, c.verdict) for c in cells if c.verdict != "reproduced"]

    assert off(first, second) == []
    assert off(first.replace(f"{het['p']:.4f}", f"{het['p'] / 2 + 0.3:.4f}"), second) == [("Prob > chi2", "differs")]
    name, value = next((n, v) for n, v in vif.items() if n != "mean")
    assert off(first, second.replace(f"{1 / value:.6f}", f"{1 / value - 1e-4:.6f}", 1)) == [(name, "differs")]
    assert off(first.replace("chi2(1)", "chi2(2)"), second) == [("chi2(2)", "differs")]

    words = second.replace(f"{1 / value:.6f}", f"{1 / value - 1e-4:.6f}", 1)
    words += "\n\nKey findings\n\nThe fit is close (R2 = 0.9848)."
    log(folder, DATA, f"quietly {LINE}", f"estat vif\n\n{words}\nin words\nNothing is left (p = 0.4830).")
    said = [(c.label, c.verdict) for e in verify(folder).exhibits for c in e.cells if c.verdict != "reproduced"]
    assert (name, "differs") in said and len(said) == 3  # the two others are an author's words


def regression(folder, line: str, said: str = "") -> str:
    """A window of regress, levels below their factor."""
    (e,) = run_do(f"{DATA}\n{line}\n", folder).estimations
    rows, above = [], ""
    for c in e.coefficients:
        level, _, name = c.term.rpartition(".")
        rows += [f"{name:>12} |"] * (bool(level) and name != above)
        above = name
        rows.append(row(f"{level} " if level else name, c.b, c.se, c.t, c.p, c.low, c.high))
    head = f"Linear regression{'':>31}Number of obs     = {e.estimated.numbers['N']:>10.0f}\n" \
           f"{'':>48}R-squared         = {e.estimated.numbers['r2']:>10.4f}"  # fmt: skip
    return window(head, "Coefficient", said, rows).replace(" z ", " t ").replace("|z|", "|t|")


def test_a_t_too_wide_for_its_column_is_a_point_and_no_difference(folder):
    lines = "generate double q = 2*x + 1e-8*w", "regress q x"
    (folder / "main.do").write_text("\n".join([DATA, *lines]))
    text = regression(folder, "\n".join(lines))
    shown = next(line for line in text.split("\n") if line.split()[:1] == ["x"])
    for t, due in ((shown.split()[4], "reproduced"), (" .", "not verified")):
        log(folder, DATA, lines[0], f"{lines[1]}\n\n{text.replace(shown.split()[4], t)}")
        report = verify(folder)
        assert {c.verdict for c in report.exhibits[0].cells if c.quantity == "t" and c.label == "x"} == {due}
        assert not report.summary.differs


def test_a_row_by_another_level_than_its_numbers(folder):
    line = "regress y x i.h"
    (folder / "main.do").write_text(f"{DATA}\n{line}\n")
    shown = regression(folder, line)
    for text, wrong in (
        (shown, []),
        (shown.replace("          2  |", "          7  |"), ["the row is printed `7.h`; its numbers are of `2.h`"]),
    ):
        log(folder, DATA, f"{line}\n\n{text}")
        report = verify(folder)
        assert [f.text.partition(" (")[0] for f in report.denied] == wrong and report.exit_code == bool(wrong)
        assert report.summary.reproduced == report.summary.cells - 6 * len(wrong) > 14


def test_a_window_whose_command_has_no_estimate_is_not_held_to_be_another_ones(folder):
    """Its clusters aren't in the data; the command without them has its N and coefficients."""
    line = "regress y x w"
    (folder / "main.do").write_text(f"{DATA}\n{line}\n{line}, vce(cluster absent)\n")
    log(folder, DATA, f"{line}\n\n{regression(folder, line)}",
        f"{line}, vce(cluster absent)\n\n{regression(folder, f'{line}, vce(cluster g)', 'Robust')}")  # fmt: skip
    report = verify(folder)
    assert not report.denied and {c.verdict for c in report.exhibits[1].cells} == {"not verified"}
