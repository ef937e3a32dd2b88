"""What a window says beside right numbers: a point for a number, another variable's, level's or interval's name."""

from __future__ import annotations

import pytest

from parity.package.row_labels import part_of
from parity.package.verify import verify
from test_package_likelihoods import RULE, log, row, window

DATA = "import delimited d.csv, clear"
CODE = f"""{DATA}
label define l 0 "Single" 1 "Married"
label values b l
tabulate b
summarize a
ttest a, by(b)
regress a b
lincom b
"""
TAB = """
          b |      Freq.     Percent        Cum.
------------+-----------------------------------
     Single |          3       50.00       50.00
    Married |          3       50.00      100.00
------------+-----------------------------------
      Total |          6      100.00"""
SUMMARIZE = """
    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
           a |          6         3.5    1.870829          1          6"""
LINCOM = f""" ( 1)  b = 0

{RULE}
           a | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
         (1) |          1   1.632993     0.61   0.573    -3.533916    5.533916
{RULE}"""
REGRESS = window(
    """      Source |       SS           df       MS      Number of obs   =         6
-------------+----------------------------------   F(1, 4)         =      0.38
       Model |         1.5         1         1.5   Prob > F        =    0.5734
    Residual |          16         4           4   R-squared       =    0.0857
-------------+----------------------------------   Adj R-squared   =   -0.1429
       Total |        17.5         5         3.5   Root MSE        =         2""",
    "Coefficient", "", [
        row("b", 1, 1.6329932, 0.61, 0.573, -3.5339159, 5.5339159),
        row("_cons", 3, 1.1547005, 2.60, 0.060, -0.2059627, 6.2059627),
    ],
).replace("z    P>|z|", "t    P>|t|")  # fmt: skip
SAID = {"tabulate b": TAB, "summarize a": SUMMARIZE, "regress a b": REGRESS, "lincom b": LINCOM}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "d.csv").write_text("a,b\n1,0\n5,0\n3,0\n2,1\n6,1\n4,1\n", encoding="utf-8")
    (tmp_path / "main.do").write_text(CODE, encoding="utf-8")
    return tmp_path


def verdicts(folder, command: str, printed: str) -> list[str]:
    before = CODE.splitlines()[1:3] if command == "tabulate b" else ["regress a b\n\n" + REGRESS] * (command == "lincom b")
    log(folder, DATA, *before, f"{command}\n{printed}")
    return [c.verdict for c in verify(folder).exhibits[-1].cells]


@pytest.mark.parametrize("command", SAID)
def test_right_windows_are_reproduced(folder, command):
    assert set(verdicts(folder, command, SAID[command])) == {"reproduced"}


@pytest.mark.parametrize(
    ("command", "right", "wrong", "found"),
    [
        ("tabulate b", "Single", "Married", "explained"),
        ("summarize a", "          a |", "          b |", "not verified"),
        ("lincom b", "[95%", "[99%", "differs"), ("regress a b", " 1.6329932", "         .", "not verified"),
        ("regress a b", "  0.573 ", "      . ", "differs"), ("lincom b", "  0.573 ", "      . ", "differs"),
        ("regress a b", "R-squared       =    0.0857", "R-squared       =         .", "differs"),
    ],
)  # fmt: skip
def test_what_stands_beside_is_held(folder, command, right, wrong, found):
    """A point stands for what is missing, and here nothing is; no row is another's."""
    assert right in SAID[command]
    assert found in verdicts(folder, command, SAID[command].replace(right, wrong, 1))


@pytest.mark.parametrize(
    ("printed", "own", "others", "held"),
    [
        ("Agric", "Agriculture", ["Mining"], True), ("male", "female", ["male"], False), ("fem", "female", ["male"], True),
        ("Not married", "Not married, lives alone", ["Not married"], False), ("ri", "Agriculture", [], False),
    ],
)  # fmt: skip
def test_a_part_of_a_label_is_of_no_other(printed, own, others, held):
    assert part_of(printed, own, others) is held
