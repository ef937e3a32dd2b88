"""Windows of logs that are no estimates: which run of a statement they are, and data that are in doubt."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from conftest import ROOT
from parity.package.verify import verify

TABULATED = """. tab g

          g |      Freq.     Percent        Cum.
------------+-----------------------------------
          1 |          1       50.00       50.00
          2 |          1       50.00      100.00
------------+-----------------------------------
      Total |          2      100.00

"""
SUMMARIES = """. foreach v in x g {
  2.   sum `v'
  3. }

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
           x |          4         2.5    1.290994          1          4

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
           g |          4         1.5    .5773503          1          2

"""
DETAILED = """. foreach v in x g {
  2.   sum `v', detail
  3. }

                              x
-------------------------------------------------------------
      Percentiles      Smallest
 1%            1              1
 5%            1              2
10%            1              3       Obs                   4
25%          1.5              4       Sum of wgt.           4

50%          2.5                      Mean                2.5
                        Largest       Std. dev.      1.290994
75%          3.5              1
90%            4              2
95%            4              3       Variance       1.666667
99%            4              4       Skewness              0
                                      Kurtosis           1.64

                              g
-------------------------------------------------------------
      Percentiles      Smallest
 1%            1              1
 5%            1              1
10%            1              2       Obs                   4
25%            1              2       Sum of wgt.           4

50%          1.5                      Mean                1.5
                        Largest       Std. dev.      .5773503
75%            2              1
90%            2              1
95%            2              2       Variance       .3333333
99%            2              2       Skewness              0
                                      Kurtosis              1

"""


def package(folder: Path, code: str, log: str):
    (folder / "d.csv").write_text("x,g\n1,1\n2,1\n3,2\n4,2\n")
    (folder / "main.do").write_text(f"import delimited d.csv, clear\n{code}\n")
    head = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n\n. import delimited d.csv, clear\n\n"
    (folder / "main.log").write_text(head + log + ". log close\n      name:  <unnamed>\n       log:  main.log\n"
                                     "  log type:  text\n closed on:   1 Jan 2024, 10:00:00\n")  # fmt: skip
    return verify(folder)


def cells(found) -> list:
    return [c for e in found.exhibits for c in e.cells]


def test_counts_behind_an_unknown_command_are_in_doubt_and_do_not_differ(tmp_path):
    found = package(tmp_path, "thinout g\ntab g", ". thinout g\n\n" + TABULATED)
    assert {c.verdict for c in cells(found)} == {"reproduced", "not verified"}
    assert {c.reason for c in cells(found) if c.verdict == "not verified"} == {
        "its data are in doubt: unknown-command (main.do:2)"
    }


def test_of_data_in_doubt_that_give_hardly_a_number_none_is_reproduced(tmp_path):
    """Counts of other data come out here and there: beside the many that don't they say nothing."""
    other = re.sub(r"(\||Total)( +)(\d)( +)(\d+\.\d\d)( +)(\d+\.\d\d)", r"\1\g<2>9\g<4>31.00\g<6>\7", TABULATED)
    assert other != TABULATED
    found = cells(package(tmp_path, "thinout g\ntab g", ". thinout g\n\n" + other))
    assert {c.verdict for c in found} == {"not verified"} and len(found) > 4


def test_the_same_counts_differ_where_nothing_is_in_doubt(tmp_path):
    assert "differs" in {c.verdict for c in cells(package(tmp_path, "tab g", TABULATED))}


def test_each_round_of_a_loop_is_a_window_of_its_own(tmp_path):
    found = package(tmp_path, "foreach v in x g {\n  sum `v'\n}", SUMMARIES)
    assert len(found.exhibits) == 2 and {c.verdict for c in cells(found)} == {"reproduced"}


def test_each_round_of_a_loop_has_its_own_percentiles_and_extremes(tmp_path):
    found = package(tmp_path, "foreach v in x g {\n  sum `v', detail\n}", DETAILED)
    assert len(found.exhibits) == 2 and {c.verdict for c in cells(found)} == {"reproduced"}
    assert [c.printed for c in cells(found) if c.quantity == "extreme"][:8] == ["1", "2", "3", "4", "1", "2", "3", "4"]


def test_the_next_digit_in_print_is_perhaps_a_convention_and_no_misprint(tmp_path):
    """Without (N-1)/(N-K) the constant's standard error is 20.32, not 20.43; the others print the same digits. One number of
    three digits is given by many conventions, so it differs, and the likeliest is said."""
    shutil.copytree(ROOT / "docs" / "examples" / "package", tmp_path, dirs_exist_ok=True)
    (tmp_path / "main.do").write_text(
        "import delimited using investment.csv, clear\neststo: regress inv value capital, vce(cluster firm)\n"
        'esttab using "tables/table1.csv", replace se\n'
    )
    rows = [
        '"","(1)"',
        '"","inv"',
        '"value","0.116***"',
        '"","(0.016)"',
        '"capital","0.231*"',
        '"","(0.085)"',
        '"_cons","-42.7"',
    ]
    (tmp_path / "tables" / "table1.csv").write_text("\n".join([*rows, '"","(20.3)"', '"N","200"']) + "\n")
    off = {(c.label, c.quantity): c for c in cells(verify(tmp_path)) if c.verdict != "reproduced"}
    assert [(k, c.verdict) for k, c in off.items()] == [(("_cons", "se"), "differs")]
    (cell,) = off.values()
    assert "perhaps: " in cell.reason and cell.causes and "misprint" not in {x.id for x in cell.causes}


MERGED = """. merge 1:1 k using b.dta

    Result                      Number of obs
    -----------------------------------------
    Not matched                             3
        from master                         2  (_merge==1)
        from using                          1  (_merge==2)

    Matched                                 4  (_merge==3)
    -----------------------------------------

"""
BANNER = """
  ___  ____  ____  ____  ____ ®
 /__    /   ____/   /   ____/      StataNow 18.5
___/   /   /___/   /   /___/       MP—Parallel Edition

 Statistics and Data Science       Copyright 1985-2023 StataCorp LLC

Notes:
      1. Stata is running in batch mode.
      2. Unicode is supported; see help unicode_advice.
      3. Maximum number of variables is set to 5,000; see help set_maxvar.

"""


def test_the_counts_of_merge_are_those_of_the_run(tmp_path):
    (tmp_path / "a.csv").write_text("k,x\n" + "".join(f"{k},{k}\n" for k in range(6)))
    (tmp_path / "b.csv").write_text("k,z\n" + "".join(f"{k},{k}\n" for k in range(2, 7)))
    code = "import delimited b.csv, clear\nsave b.dta\nimport delimited a.csv, clear\n"
    (tmp_path / "main.do").write_text(f"{code}merge 1:1 k using b.dta\n")
    head = "".join(f". {line}\n\n" for line in code.splitlines())
    wrong = MERGED.replace("master                         2", "master                         3")
    for text, wanted in ((MERGED, []), (wrong, [("from master", "3", "differs")])):
        (tmp_path / "main.log").write_text(BANNER + head + text)
        (exhibit,) = verify(tmp_path).exhibits  # the numbered notes of the banner are none
        assert exhibit.kind == "merge" and len(exhibit.cells) == 4
        assert [(c.label, c.printed, c.verdict) for c in exhibit.cells if c.verdict != "reproduced"] == wanted
