"""What `parity translate FILE.do` tells a newcomer: every mistake, what was printed after estimates, folders by name."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from parity.cli import main
from parity.stata.do import run_do
from parity.stata_language.dataset import Panel
from parity.study.command import request_of
from parity.study.load import load_study
from parity.translate.page import translation

HEAD = "import delimited grunfeld.csv, clear\nxtset firm year\n"


@pytest.fixture
def told(tmp_path):
    (tmp_path / "grunfeld.csv").write_bytes((FIXTURES / "grunfeld" / "data.csv").read_bytes())

    def run(source: str, *words: str) -> str:
        (tmp_path / "a.do").write_text(HEAD + source)
        return CliRunner().invoke(main, ["translate", str(tmp_path / "a.do"), *words]).output

    return run


def test_a_mistake_hides_none_behind_it(told):
    text = told(
        "gen a = invv + 1\ngen b = (inv +\nreghdfe inv captal, absorb(firm)\nreg inv a\nreg inv value, clusterr(firm)\n"
        "drop nosuch\nsum valeu"
    )
    own = ["3 stata-error: variable invv", "4 stata-error", "5 stata-error: variable captal", "7 no-engine"]
    for said in [*own, "8 stata-error: variable nosuch", "9 stata-error: variable valeu"]:
        assert f"a.do:{said}" in text
    assert "a.do:6 reg inv a" in text.partition("without their data:")[2]  # it follows from line 3


def test_what_may_have_come_with_a_lost_file_is_no_mistake(told):
    text = told("merge 1:1 firm year using other.dta\nsum fromother")
    assert "fromother" not in text.partition("without their data:")[0]


def test_tests_and_combinations_are_told_with_their_lines(told):
    """Stata's numbers of Grunfeld's regression: F(1, 197) and the sum of two coefficients, worked out by numpy."""
    import numpy as np

    text = told("reg inv value capital\nlincom value + capital\ntest value = capital\nmargins, dydx(value)\n"
                "quietly test value\nnlcom (ratio: _b[value]/_b[capital])")  # fmt: skip
    data = np.genfromtxt(FIXTURES / "grunfeld" / "data.csv", delimiter=",", names=True)
    x = np.column_stack([data["value"], data["capital"], np.ones(len(data))])
    b, rss, _, _ = np.linalg.lstsq(x, data["inv"], rcond=None)
    v = np.linalg.inv(x.T @ x) * rss[0] / (len(x) - 3)
    c, d = np.array([1.0, 1.0, 0.0]), np.array([1.0, -1.0, 0.0])

    def told_number(name: str) -> float:
        return float(text.partition("a.do:4 lincom value + capital\n")[2].partition(f"{name} ")[2].split(",")[0])

    assert told_number("coef.") == pytest.approx(b[0] + b[1], rel=1e-6)
    assert told_number("se") == pytest.approx(np.sqrt(c @ v @ c), rel=1e-5)
    assert told_number("F") == pytest.approx((d @ b) ** 2 / (d @ v @ d), rel=1e-5) and told_number("df_r") == 197
    assert "a.do:6 margins, dydx(value)\n    value: margin" in text and "    ratio: coef." in text
    assert "a.do:7" not in text  # quietly


def test_residuals_that_reghdfe_did_not_keep_are_not_predicted(told):
    wrong = "reghdfe inv value, absorb(firm)\npredict r, residuals"
    assert "a.do:4 prediction: `r` holds predictions that are not made here: reghdfe kept\n    no residuals" in told(wrong)
    for right in (wrong.replace("(firm)", "(firm) residuals"), wrong.replace("(firm)", "(firm) resid(e)"),
                  "areg inv value, absorb(firm)\npredict r, residuals",
                  "reghdfe inv value, absorb(firm)\npredict r, xb"):  # fmt: skip
        assert "prediction" not in told(right)


def test_random_effects_carry_no_note_of_fixed_ones():
    notes = [translation(c, 0, request_of(c, "firm", "year"), Panel("firm", "year")).notes
             for c in ("xtreg inv value, fe", "xtreg inv value, re")]  # fmt: skip
    assert any("panel's effects" in n for n in notes[0]) and not any("panel's effects" in n for n in notes[1])
    assert any("normal distribution" in n for n in notes[1])


def test_studies_are_named_by_their_data(told, tmp_path):
    (tmp_path / "other file.csv").write_bytes((tmp_path / "grunfeld.csv").read_bytes())
    told('reg inv value\ngen l = ln(inv)\nreg l value\nimport delimited "other file.csv", clear\nreg inv capital',
         "-o", str(tmp_path / "out"))  # fmt: skip
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["grunfeld", "grunfeld_2", "other_file"]
    assert len(load_study(tmp_path / "out" / "other_file").specs) == 1


def test_an_error_of_its_own_is_said_once(tmp_path):
    found = run_do("clear\nset obs 3\ngen x = y\ngen z = y\nsum x", tmp_path)
    assert [(f.id, f.line) for f in found.findings] == [("stata-error", 3)]
    assert [s.status for s in found.statements][-2:] == ["lost", "lost"]
