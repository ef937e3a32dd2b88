"""esttab and outreg2 rebuilt from parity's own numbers."""

from __future__ import annotations

import shutil

import pytest

from conftest import ROOT
from parity.stata.do import run_do
from rebuilt_tables import formatted, rebuilt

HEAD = """import delimited data.csv
egen fid = group(firm)
xtset fid year
eststo clear
eststo: reg inv value capital
eststo: xtreg inv value capital i.year, fe r
estadd local FE "Yes"
eststo: reghdfe inv value L.capital, a(fid year) cl(fid)
"""


@pytest.fixture
def table(tmp_path):
    shutil.copy(ROOT / "docs/examples/do_file/data.csv", tmp_path)

    def make(command: str, head: str = HEAD):
        result = run_do(head + command, tmp_path)
        return rebuilt(result.tables[-1], result), result

    return make


@pytest.mark.parametrize(  # as esttab's own help prints numbers of these sizes
    ("value", "form", "text"),
    [
        (1.74656, "a3", "1.747"), (-49.51222, "a3", "-49.51"), (1946.069, "a3", "1946.1"), (-238.894, "a3", "-238.9"),
        (0.0541, "a3", "0.0541"), (0.10712, "a3", "0.107"), (12.34567, "3", "12.346"), (12.34567, "%9.2f", "12.35"),
    ],
)  # fmt: skip
def test_formats(value, form, text):
    assert formatted(value, form) == text


def test_columns_rows_stars_and_statistics(table):
    made, result = table(
        'esttab using t.tex, se star(* 0.1 ** 0.05 *** 0.01) drop(*.year) stats(FE N r2, labels("Firm FE" Obs))'
    )
    assert made.rows == ("value", "capital", "L.capital", "_cons") and made.below == "se" and made.cuts == (0.1, 0.05, 0.01)
    assert ("capital", 2) not in made.cells and made.cells["_cons", 1].stars == 0 and made.cells["_cons", 2].stars == 2
    first = result.estimations[0].coefficients[0]
    assert (made.cells["value", 0].b, made.cells["value", 0].below) == (first.b, first.se)
    assert made.cells["value", 0].text == "0.116***" and made.cells["value", 0].below_text == "(0.00584)"
    assert made.stats[0] == ("FE", "Firm FE", (None, "Yes", None)) and made.stats[1] == ("N", "Obs", (200, 200, 190))
    assert made.unknown == () and "Firm FE" in made.text()


def test_defaults_differ_by_command(table):
    esttab, _ = table("esttab")
    assert esttab.below == "t" and esttab.cuts == (0.05, 0.01, 0.001) and [s[0] for s in esttab.stats] == ["N"]
    assert esttab.cells["value", 0].below_text == "(19.80)"
    outreg, _ = table("outreg2 [est1 est2] using x.doc, replace dec(4)")
    assert outreg.below == "se" and outreg.cuts == (0.1, 0.05, 0.01) and [s[0] for s in outreg.stats] == ["N", "r2"]
    assert outreg.cells["value", 0].text == "0.1156***" and outreg.titles == ("inv", "inv")


def test_keep_order_and_titles(table):
    made, _ = table('esttab, keep(capital value) order(capital) mtitles("A" "B b") nostar p')
    assert made.rows == ("capital", "value") and made.titles == ("A", "B b", "inv") and made.cuts == () and made.below == "p"


def test_what_it_can_t_give_is_said(table):
    made, _ = table("eststo: heckman value capital\nesttab, se transform(exp(@))")
    assert list(made.missing) == [3] and "selection model" in made.missing[3] and made.unknown == ("transform",)
