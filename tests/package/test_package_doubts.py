"""A doubt about the data doesn't excuse a number whose neighbours are all reproduced."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from parity.package.verify import verify

EXAMPLE = ROOT / "docs" / "examples" / "package"
CODE = (
    "import delimited using investment.csv, clear\n{before}eststo: regress inv value capital\n"
    'esttab using "tables/table1.csv", replace se\n'
)
TABLE = ['"","(1)"', '"","inv"', '"value","0.1156***"', '"","(0.0058)"', '"capital","0.2307***"', '"","(0.0255)"',
         '"_cons","-42.71***"', '"","(9.512)"', '"N","200"']  # fmt: skip
SUMMARY = """. summarize value capital

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
       value |        200    1081.681    1314.470      58.12     6241.7
     capital |        200    276.0172    301.1039         .8     2226.3

"""


def package(folder: Path, *, before: str, table: list[str]):
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "main.do").write_text(CODE.format(before=before))
    (folder / "tables" / "table1.csv").write_text("\n".join(table) + "\n")
    return [c for e in verify(folder).exhibits for c in e.cells]


def changed(table: list[str], *pairs: tuple[str, str]) -> list[str]:
    text = "\n".join(table)
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    return text.split("\n")


@pytest.mark.parametrize(
    ("pair", "cell"),
    [
        (("0.2307", "0.2317"), ("capital", "coef")),
        (("0.0255", "0.0225"), ("capital", "se")),
        (('"200"', '"208"'), ("N", "nobs")),
    ],
)
def test_an_altered_number_differs_behind_a_command_that_is_not_known(tmp_path, pair, cell):
    cells = package(tmp_path, before="thinout value\n", table=changed(TABLE, pair))
    assert [(c.label, c.quantity, c.verdict) for c in cells if c.verdict != "reproduced"] == [(*cell, "differs")]


def test_numbers_of_other_data_stay_in_doubt(tmp_path):
    """The command that isn't known dropped rows: nearly nothing is the author's number, and nobody can say more."""
    table = changed(TABLE, ("0.1156", "0.1201"), ("0.0058", "0.0061"), ("0.2307", "0.2117"), ("0.0255", "0.0281"),
                    ("-42.71", "-39.80"), ("9.512", "9.921"))  # fmt: skip
    cells = package(tmp_path, before="thinout value\n", table=table)
    assert {c.verdict for c in cells if c.quantity in ("coef", "se")} == {"not verified"}
    assert "in doubt" in next(c.reason for c in cells if c.verdict == "not verified")


def test_another_number_of_observations_is_said_though_the_data_are_in_doubt(tmp_path):
    table = changed(TABLE, ("0.1156", "0.1201"), ("0.0058", "0.0061"), ("0.2307", "0.2117"), ("0.0255", "0.0281"),
                    ("-42.71", "-39.80"), ("9.512", "9.921"), ('"200"', '"180"'))  # fmt: skip
    cells = package(tmp_path, before="thinout value\n", table=table)
    assert {c.verdict for c in cells} == {"not verified"} and {x.id for c in cells for x in c.causes} == {"another-sample"}
    assert "180 observations printed, 200 in the data" in cells[-1].causes[0].text


def test_standard_errors_of_a_bootstrap_are_reproduced_by_no_luck(tmp_path):
    """Those in print are regress's own: neither they nor their stars say anything of the draws."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    code = CODE.format(before="").replace(
        "eststo: regress inv value capital", "eststo: bootstrap, reps(50): regress inv value capital"
    )
    (tmp_path / "main.do").write_text(code)
    (tmp_path / "tables" / "table1.csv").write_text("\n".join(TABLE) + "\n")
    found = {(c.label, c.quantity): c for e in verify(tmp_path).exhibits for c in e.cells}
    by = {quantity: {c.verdict for (_, q), c in found.items() if q == quantity} for quantity in ("coef", "nobs", "se")}
    assert by == {"coef": {"reproduced"}, "nobs": {"reproduced"}, "se": {"not verified"}}
    assert found["value", "se"].estimated is None and "random draws" in found["value", "se"].reason


def test_random_draws_are_the_reason_and_no_want_of_observations(tmp_path):
    cells = package(tmp_path, before="replace inv = rnormal()\n", table=TABLE)
    assert {c.verdict for c in cells} == {"not verified"}
    assert {c.reason for c in cells if c.quantity == "coef"} == {"its data are random draws, which no other program repeats"}


def test_a_summary_of_random_draws_is_right_by_no_luck(tmp_path):
    """Draws are missing here, and missing is larger than anything: the largest of what compares them is 1 in any case."""
    (tmp_path / "d.csv").write_text("k\n1\n1\n1\n")
    (tmp_path / "main.do").write_text("import delimited d.csv\ngenerate drawn = rnormal() > 7\nsummarize k drawn\n")
    row = "       {:>5} |          3           1           0          1          1\n"
    head = SUMMARY.split("       value")[0].replace("value capital", "k drawn")
    (tmp_path / "main.log").write_text(f". import delimited d.csv\n\n{head}{row.format('k')}{row.format('drawn')}\n")
    cells = [c for e in verify(tmp_path).exhibits for c in e.cells]
    assert {(c.label, c.verdict) for c in cells} == {("k", "reproduced"), ("drawn", "not verified")}
    assert {c.reason for c in cells if c.label == "drawn"} == {"it is of random draws, which no other program repeats"}


def logged(folder: Path, window: str):
    shutil.copy(EXAMPLE / "investment.csv", folder / "investment.csv")
    (folder / "main.do").write_text(
        "import delimited using investment.csv, clear\nthinout capital\nsummarize value capital\n"
    )
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    echoed = ". import delimited using investment.csv, clear\n\n. thinout capital\n\n"
    (folder / "main.log").write_text(f"{name}\n{echoed}{window}. log close\n{name} closed on:   1 Jan 2024, 10:00:00\n")
    return [c for e in verify(folder).exhibits for c in e.cells]


def test_each_row_of_a_summary_answers_for_itself(tmp_path):
    """value is as printed but for its mean; capital is what the unknown command made of it."""
    window = SUMMARY.replace("1081.681", "1081.861").replace("276.0172    301.1039         .8     2226.3",
                                                             "270.0172    299.1039        1.8     2126.3")  # fmt: skip
    cells = logged(tmp_path, window)
    verdicts = {(c.label, c.quantity): c.verdict for c in cells}
    assert verdicts["value", "Mean"] == "differs", verdicts
    assert {v for (label, q), v in verdicts.items() if label == "capital" and q != "Obs"} == {"not verified"}


WINDOW = """. {command}

      Source |       SS           df       MS      Number of obs   =       200
-------------+----------------------------------   F(2, 197)       =    426.58
       Model |  7604093.48         2  3802046.74   Prob > F        =    0.0000
    Residual |  1755850.43       197   8912.9464   R-squared       =    0.8124
-------------+----------------------------------   Adj R-squared   =    0.8105
       Total |  9359943.92       199  47034.8941   Root MSE        =    94.408

------------------------------------------------------------------------------
         inv | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
       value |   .1155622   .0058357    19.80   0.000     .1040537    .1270706
     capital |   .2306785   .0254758     9.05   0.000     .1804382    .2809188
       _cons |  -42.71437   9.511676    -4.49   0.000    -61.47215   -23.95659
------------------------------------------------------------------------------

"""


def test_numbers_of_another_command_are_told_where_the_data_of_the_one_above_are_in_doubt(tmp_path):
    """Nobody knows what the second regression gives behind an unknown command; its window has the first's numbers."""
    first, between, second = "regress inv value capital", "thinout capital", "regress inv capital value"
    shutil.copy(EXAMPLE / "investment.csv", tmp_path / "investment.csv")
    load = "import delimited using investment.csv, clear"
    (tmp_path / "main.do").write_text(f"{load}\n{first}\nreplace inv = 2 * inv if year > 1940\n{between}\n{second}\n")
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    shown = f". {load}\n\n{WINDOW.format(command=first)}. {between}\n\n{WINDOW.format(command=second)}"
    (tmp_path / "main.log").write_text(f"{name}\n{shown}. log close\n{name} closed on:   1 Jan 2024, 10:00:00\n")
    one, other = verify(tmp_path).exhibits
    assert {c.verdict for c in one.cells} == {"reproduced"}, [c for c in one.cells if c.verdict != "reproduced"]
    off = [c for c in other.cells if c.verdict != "reproduced"]
    assert len(off) > 15 and {c.verdict for c in off} == {"not verified"}
    assert {x.id for c in off for x in c.causes} == {"another-estimate"} and "main.do:2" in off[0].causes[0].text
