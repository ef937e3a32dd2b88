"""Printed tables in the formats people paste, each read to the same value."""

from __future__ import annotations

import pytest

from parity.printed.cells import TableProblem
from parity.printed.notes import announced, star_cuts
from parity.printed.table import Number, read_table

ESTTAB = """
------------------------------------------------------------
                      (1)             (2)
                      inv             inv
------------------------------------------------------------
value               0.110***
                  (11.98)

capital             0.310***        0.414***
                  (13.99)          (6.54)

_cons              -58.74           12.30
                  (-0.85)         (1.20)
------------------------------------------------------------
N                     200             200
R-sq                0.767           0.912
------------------------------------------------------------
t statistics in parentheses
* p<0.05, ** p<0.01, *** p<0.001
"""
LATEX = r"""
\begin{table}\caption{Investment}
\begin{tabular}{l*{2}{c}} \hline\hline
 & \multicolumn{1}{c}{(1)} & \multicolumn{1}{c}{(2)} \\
 & \multicolumn{2}{c}{Investment} \\ \cmidrule(lr){2-3}
value & 0.110\sym{***} & \\ % a control
 & (11.98) & \\[1em]
capital & $0.310^{***}$ & \textbf{0.414}$^{\ast\ast\ast}$ \\
 & (13.99) & (6.54) \\
\_cons & $-$58.74 & 12.30 \\
 & ($-$0.85) & (1.20) \\ \midrule
\(N\) & 200 & 200 \\
\(R^{2}\) & 0.767 & 0.912 \\ \hline
\multicolumn{3}{l}{\footnotesize \textit{t} statistics in parentheses}\\
\multicolumn{3}{l}{\footnotesize \sym{*} \(p<0.05\), \sym{**} \(p<0.01\), \sym{***} \(p<0.001\)}\\
\end{tabular}\end{table}
"""
MARKDOWN = r"""
Table 1: investment

| | (1) Investment | (2) |
|---|:---:|---:|
| value | 0.110\*\*\* | |
| | （11.98） | |
|  |  |  |
| **capital** | 0.310*** | ０．４１４＊＊＊ |
| | (13.99) | (6.54) |
| _cons | −58.74 | 12.30 |
| | (−0.85) | (1.20) |
| N | 200 | 200 |
| R² | 0.767 | 0.912 |

t statistics in parentheses; * p<0.05, ** p<0.01, *** p<0.001
"""
CSV = '''"","(1)","(2)"
"value","=""0.110***""",""
"","=""(11.98)""",""
"capital","=""0.310***""","=""0.414***"""
"","=""(13.99)""","=""(6.54)"""
"_cons","=""-58.74""","=""12.30"""
"","=""(-0.85)""","=""(1.20)"""
"N","=""200""","=""200"""
"R-sq","0.767","0.912"
"t statistics in parentheses"
"=""* p<0.05, ** p<0.01, *** p<0.001"""
'''
BESIDE = """\
\t(1)\t\t(2)
value\t0.110***\t(11.98)\t\t
capital\t0.310***\t(13.99)\t0.414***\t(6.54)
_cons\t-58.74\t(-0.85)\t12.30\t(1.20)
N\t200\t\t200
R-sq\t0.767\t\t0.912
t statistics in parentheses. * p<0.05, ** p<0.01, *** p<0.001
"""
SAME_CELL = """\
| | (1) | (2) |
| value | 0.110*** (11.98) | — |
| capital | 0.310***<br>(13.99) | 0.414*** (6.54) |
| _cons | -58.74 (-0.85) | 12.30 (1.20) |
| Observations | 200 | 200 |
| R-squared | 0.767 | 0.912 |
| Notes: t statistics in parentheses. * p<0.05, ** p<0.01, *** p<0.001 |
"""


def coef(text: str, inside: str) -> tuple[Number, ...]:
    return (Number("coef", text), Number("(", inside))


@pytest.mark.parametrize(
    "text", [ESTTAB, LATEX, MARKDOWN, CSV, BESIDE, SAME_CELL],
    ids=["esttab", "latex", "markdown", "csv", "beside", "same cell"],
)  # fmt: skip
def test_every_format_is_the_same_table(text):
    table = read_table(text)
    assert len(table.columns) == 2 and all(str(i) in head for i, head in enumerate(table.columns, 1))
    assert [row.label for row in table.rows] == ["value", "capital", "_cons"]
    assert [row.cells for row in table.rows] == [
        (coef("0.110***", "11.98"), ()),
        (coef("0.310***", "13.99"), coef("0.414***", "6.54")),
        (coef("-58.74", "-0.85"), coef("12.30", "1.20")),
    ]
    assert table.nobs == ("200", "200")
    assert table.announced == {"(": "t"} and table.stars == (0.05, 0.01, 0.001)
    assert len(table.statistics) == 1


def test_windows_line_ends_and_a_byte_order_mark():
    assert read_table("\ufeff" + ESTTAB.replace("\n", "\r\n")) == read_table(ESTTAB)


def test_output_of_a_statistical_program_has_a_column_for_every_quantity():
    table = read_table("""
------------------------------------------------------------------------------
         inv | Coefficient  std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
     capital |   .4138018   .0632813     6.54   0.000     .2706475    .5569561
             |
       _cons |       31.5       20.1     1.57   0.151        -13.9        76.9
------------------------------------------------------------------------------
""")
    kinds = ("coef", "se", "t", "p", "ci_low", "ci_high")
    assert [row.label for row in table.rows] == ["capital", "_cons"]
    assert [(n.kind, n.text) for n in table.rows[0].cells[0]] == list(
        zip(kinds, (".4138018", ".0632813", "6.54", "0.000", ".2706475", ".5569561"), strict=True)
    )


#: As Stata's window shows it; the numbers are made up.
WINDOW = """
. reghdfe inv value capital, absorb(firm year) vce(cluster firm)
(MWFE estimator converged in 2 iterations)

HDFE Linear regression                            Number of obs   =        200
Absorbing 2 HDFE groups                           F(   2,      9) =      28.12
Statistics robust to heteroskedasticity           Prob > F        =     0.0001
                                                  R-squared       =     0.9517
                                                  Adj R-squared   =     0.9431
                                                  Within R-sq.    =     0.7201
Number of clusters (firm)    =         10         Root MSE        =    51.7245

                                   (Std. err. adjusted for 10 clusters in firm)
------------------------------------------------------------------------------
             |               Robust
         inv | Coefficient  std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
       value |   .1177159   .0102642    11.47   0.000     .0944966    .1409351
     capital |   .3579163   .0491059     7.29   0.000     .2468306     .469002
       _cons |  -80.16380   10.38121    -7.72   0.000    -103.6475   -56.68007
------------------------------------------------------------------------------

Absorbed degrees of freedom:
-----------------------------------------------------+
 Absorbed FE | Categories  - Redundant  = Num. Coefs |
-------------+---------------------------------------|
        firm |        10          10           0    *|
        year |        20           1          19     |
-----------------------------------------------------+
* = FE nested within cluster; treated as redundant for DoF computation
"""


def test_a_whole_stata_window_is_read_by_its_table_of_coefficients():
    table = read_table(WINDOW)
    assert [row.label for row in table.rows] == ["value", "capital", "_cons"] and table.nobs == ("200",)
    kinds = ("coef", "se", "t", "p", "ci_low", "ci_high")
    assert [(n.kind, n.text) for n in table.rows[1].cells[0]] == list(
        zip(kinds, (".3579163", ".0491059", "7.29", "0.000", ".2468306", ".469002"), strict=True)
    )
    assert read_table(WINDOW.replace("\n", "\r\n")) == table


def test_a_tidy_csv():
    table = read_table("term,estimate,std.error,statistic,p.value\ncapital,0.4138,0.0633,6.54,1e-05\nvalue,0.1,0.02,5,0\n")
    assert [n.kind for n in table.rows[0].cells[0]] == ["coef", "se", "t", "p"] and len(table.rows) == 2


def test_a_chinese_table():
    table = read_table(
        "|变量|(1)|\n|---|---|\n|资本存量|0.414***|\n||（0.063）|\n|常数项|12.3|\n||(9.9)|\n|样本量|1，234|\n|R²|0.9|\n"
        "括号内为标准误；***、**、*分别表示在1%、5%、10%的水平上显著\n"
    )
    assert [row.label for row in table.rows] == ["资本存量", "常数项"] and table.nobs == ("1234",)
    assert table.announced == {"(": "se"} and table.stars == (0.1, 0.05, 0.01)


def test_two_brackets_below_a_coefficient():
    table = read_table("x,0.41***\n,(0.06)\n,[6.54]\nz,1.5\n,(0.5)\n,[3.0]\n")
    assert [n.kind for n in table.rows[0].cells[0]] == ["coef", "(", "["]


def test_an_interval_below_a_coefficient():
    table = read_table('x,0.41***\n,"[0.27, 0.56]"\nN,200\n')
    assert [(n.kind, n.text) for n in table.rows[0].cells[0]][1:] == [("ci_low", "0.27"), ("ci_high", "0.56")]


def test_a_row_that_is_named_by_what_it_holds():
    table = read_table("x,0.41,0.5\nse,0.06,0.07\nt-stat,6.5,7.1\nN,200,200\n")
    assert [(n.kind, n.text) for n in table.rows[0].cells[1]] == [("coef", "0.5"), ("se", "0.07"), ("t", "7.1")]


def test_numbers_below_a_statistic_belong_to_no_term():
    table = read_table("x,0.41\n,(0.06)\nF-statistic,12.5\n,(0.001)\nN,200\n")
    assert [len(row.cells[0]) for row in table.rows] == [2] and table.statistics == ("F-statistic",)


def test_headings_of_panels_and_rows_of_words_are_passed_over():
    table = read_table("Panel A,,\nx,0.41,0.5\n,(0.06),(0.07)\nFirm FE,Yes,No\nControls,✓,\nN,200,200\n")
    assert [row.label for row in table.rows] == ["x"]


@pytest.mark.parametrize("text", ["", "\n\n", "hello", "a | b", "(1),(2)\n(0.1),(0.2)\n", "|\n|\n", "\\\\ & \\\\"])
def test_what_is_no_table_is_refused(text):
    with pytest.raises(TableProblem):
        read_table(text)


def test_a_decimal_comma():
    with pytest.raises(TableProblem, match="--decimal-comma"):
        read_table("x;0,352***\n;(0,048)\nN;200\n")
    table = read_table("x;0,352***\n;(0,048)\nN;1.200\n", decimal_comma=True)
    assert table.rows[0].cells[0] == coef("0.352***", "0.048") and table.nobs == ("1200",)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Standard errors in parentheses", {"(": "se"}),
        ("Robust std. err. in parentheses.", {"(": "se"}),
        ("t-statistics in parentheses, p-values in square brackets", {"(": "t", "[": "p"}),
        ("Clustered standard errors in brackets", {"[": "se"}),
        ("括号内为t值", {"(": "t"}),
        ("注：括号内为聚类标准误，方括号内为p值", {"(": "se", "[": "p"}),
        ("All regressions include fixed effects. Standard errors are clustered", {}),
        ("", {}),
    ],
)
def test_what_the_notes_announce(words, found):
    assert announced(words) == found


@pytest.mark.parametrize(
    ("words", "cuts"),
    [
        ("* p<0.1, ** p<0.05, *** p<0.01", (0.1, 0.05, 0.01)),
        ("*** p < 0.01, ** p < 0.05, * p < 0.1", (0.1, 0.05, 0.01)),
        ("+ p<0.1, * p<0.05, ** p<0.01", (0.05, 0.01)),
        ("* significant at 10%; ** significant at 5%; *** significant at 1%", (0.1, 0.05, 0.01)),
        ("***, **, and * denote significance at the 1%, 5%, and 10% level", (0.1, 0.05, 0.01)),
        ("Significant at the *5% or **1% level", (0.05, 0.01)),
        ("*、**、***分别表示在10%、5%、1%的水平上显著", (0.1, 0.05, 0.01)),
        ("** p<0.05", None),
        ("* p<0.01, ** p<0.05", None),
        ("0.352***", None),
    ],
)
def test_what_the_stars_mean(words, cuts):
    assert star_cuts(words) == cuts


def kinds(cell) -> list[tuple[str, str]]:
    return [(n.kind, n.text) for n in cell]


def test_numbers_that_are_none_are_kept_as_they_stand():
    table = read_table("x,0.41,0.4.1\n,(0.06),(0.0x)\nz,0.5,0.6\nN,200,210\n")
    assert [(left.label, left.cells, left.why) for left in table.leftovers] == [
        ("x", ((), ("0.4.1",)), "not understood"), ("x", ((), ("(0.0x)",)), "not understood"),
    ]  # fmt: skip
    assert kinds(table.rows[0].cells[0]) == [("coef", "0.41"), ("(", "0.06")] and table.rows[0].cells[1] == ()


def test_a_second_number_of_a_cell_stands_for_a_parenthesis():
    (row, _) = read_table("x,0.41 0.06\nz,0.5 0.1\n").rows
    assert kinds(row.cells[0]) == [("coef", "0.41"), ("(", "0.06")]
    (row, _) = read_table("x,0.41 {0.06} [6.5]\nz,0.5 0.1\n").rows
    assert kinds(row.cells[0]) == [("coef", "0.41"), ("(", "0.06"), ("[", "6.5")]
    (_, row) = read_table("z,0.5\nx,(0.06) 0.41\n").rows
    assert kinds(row.cells[0]) == [("(", "0.06"), ("(", "0.41")]


def test_a_heading_over_the_two_ends_of_an_interval():
    for heads in ("term;Coef.;Std. Err.;95% CI;", "term;Coef.;Std. Err.;;95% CI"):
        (row,) = read_table(f"{heads}\nx;0.41;0.06;0.29;0.53\n").rows
        assert kinds(row.cells[0]) == [("coef", "0.41"), ("se", "0.06"), ("ci_low", "0.29"), ("ci_high", "0.53")], heads
    (row,) = read_table("term;Coef.;95% CI\nx;0.41;[0.29, 0.53]\n").rows
    assert kinds(row.cells[0]) == [("coef", "0.41"), ("ci_low", "0.29"), ("ci_high", "0.53")]
    (row,) = read_table("term;Coef.;lower;upper\nx;0.41;0.29;0.53\n").rows
    assert kinds(row.cells[0]) == [("coef", "0.41"), ("ci_low", "0.29"), ("ci_high", "0.53")]


def test_a_statistic_in_a_table_of_quantities_has_one_number():
    table = read_table("term,Coef.,Std. Err.\nx,0.41,0.06\nrho,0.3,0.1\nR2,0.5,\nN,200,\n")
    assert [row.label for row in table.rows] == ["x", "rho"] and table.nobs == ("200",)
    assert [(left.label, left.cells) for left in table.leftovers] == [("R2", (("0.5",),))]


def test_what_stands_beside_a_quantity_is_left_over():
    table = read_table("term,Coef.,Std. Err.,VIF\nx,0.41 0.5,0.06,1.2\nz,0.4,0.0x,1.3\n")
    assert [(left.label, left.cells, left.why) for left in table.leftovers] == [
        ("x", (("0.5",),), "not understood"), ("x", (("1.2",),), "not compared"), ("z", (("0.0x",),), "not understood"),
        ("z", (("1.3",),), "not compared"),
    ]  # fmt: skip


@pytest.mark.parametrize("heads", ["term,Coef.,Coef.", "term,Coef.,VIF", "term,Std. Err.,t"])
def test_headings_that_say_no_coefficient_and_more_are_of_columns(heads):
    assert len(read_table(f"{heads}\nx,0.41,0.5\n").columns) == 2


def test_a_row_of_one_letter_may_be_a_variable():
    """`t` alone is a term; of several, or in brackets, it is a statistic."""
    assert [row.label for row in read_table("x,0.41\nt,0.02\n").rows] == ["x", "t"]
    several = read_table("x,0.41\nt,6.5\nz,0.5\nt,2.1\n")
    assert [kinds(row.cells[0]) for row in several.rows] == [
        [("coef", "0.41"), ("t", "6.5")],
        [("coef", "0.5"), ("t", "2.1")],
    ]
    inside = read_table("x,0.41\nt,(6.5)\n")
    assert [kinds(row.cells[0]) for row in inside.rows] == [[("coef", "0.41"), ("t", "6.5")]]


def test_a_bracketed_row_below_an_open_one_belongs_to_it():
    table = read_table("x,0.41\nclustered,(0.06)\nz,0.5\nN,200\n")
    assert [row.label for row in table.rows] == ["x", "z"] and kinds(table.rows[0].cells[0]) == [
        ("coef", "0.41"),
        ("(", "0.06"),
    ]
    blank = read_table("x,0.41\n,\n,(0.06)\nN,200\n,(5)\n")
    assert len(blank.rows[0].cells[0]) == 2 and blank.leftovers[0].label == "N"
    apart = read_table("x,0.41\nControls,Yes\n,(0.06)\n")
    assert len(apart.rows[0].cells[0]) == 1 and apart.leftovers[0].cells == (("(0.06)",),)


def test_parentheses_in_a_column_of_their_own():
    table = read_table(",(1),,(2),\nx,0.41,(0.06),0.5,(0.1)\nz,0.3,(0.05),,\nN,200,,210,\n")
    assert table.columns == ("(1)", "(2)") and table.nobs == ("200", "210")
    assert [[kinds(c) for c in row.cells] for row in table.rows] == [
        [[("coef", "0.41"), ("(", "0.06")], [("coef", "0.5"), ("(", "0.1")]], [[("coef", "0.3"), ("(", "0.05")], []],
    ]  # fmt: skip
