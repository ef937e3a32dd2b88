"""Stata's windows as people paste them: whole, cut, in SMCL, commented out, of several equations; numbers are made up."""

from __future__ import annotations

import pytest

from parity.printed.cells import TableProblem
from parity.printed.smcl import shown_lines
from parity.printed.table import read_table
from parity.printed.window import read_output

RULE = "-" * 78
CROSS = "-" * 13 + "+" + "-" * 64
HEAD = "       lwage | Coefficient  std. err.      t    P>|t|     [95% conf. interval]"
KINDS = ("coef", "se", "t", "p", "ci_low", "ci_high")
VALUE = ("value", "   .1155622   .0158943     7.27   0.000     .0796067    .1515176")
CAPITAL = ("capital", "   .2306785   .0849671     2.71   0.024     .0384695    .4228875")
CONS = ("_cons", "  -42.71437    20.4252    -2.09   0.066    -88.91939     3.49065")
NUMBERS = {label: text.split() for label, text in (VALUE, CAPITAL, CONS)}


def row(label: str, numbers: str = "", after: str = " ") -> str:
    return f"{label + after:>13}|{numbers}"


def window(*rows: str, head: str = HEAD, end: str = RULE) -> str:
    return "\n".join([RULE, head, CROSS, *rows, *([end] if end else [])]) + "\n"


PLAIN = window(row(*VALUE), row(*CAPITAL), row(*CONS))


def only(text: str, **options):
    (found,) = read_output(text, **options).windows
    return found


def numbers(found) -> dict[str, list[str]]:
    return {r.label: [n.text for n in r.numbers] for r in found.rows}


def test_a_window_is_its_rows_each_number_with_its_kind():
    found = only(PLAIN)
    assert numbers(found) == NUMBERS and found.whole and not found.unread
    assert [n.kind for n in found.rows[0].numbers] == list(KINDS)
    assert (found.outcome, found.columns.first, found.columns.level) == ("lwage", "Coefficient", "95")
    assert [r.line for r in found.rows] == [4, 5, 6] and (found.first, found.last) == (1, 7)


def test_the_last_line_of_dashes_may_be_missing():
    for text in (window(row(*VALUE), row(*CAPITAL), row(*CONS), end=""), PLAIN.replace(RULE, ""), PLAIN.split(RULE)[1]):
        found = only(text)
        assert numbers(found) == NUMBERS and not found.whole
    table = read_table(window(row(*VALUE), row(*CAPITAL), end=""))
    assert table.cut == (5,) and read_table(PLAIN).cut == (0,)


def test_what_goes_on_below_a_cut_window_is_outside_of_it():
    output = read_output(window(row(*VALUE), end="") + "\n. summarize x\n\n   mean of x is 12.5\n")
    assert numbers(output.windows[0]) == {"value": NUMBERS["value"]}
    assert [line.number for line in output.outside] == [8]


@pytest.mark.parametrize("name", ["资本", "资本存量", "人均国内生产总值", "年份dummy"])
def test_names_of_chinese_characters_keep_every_number(name):
    import wcwidth

    padded = " " * max(0, 12 - wcwidth.width(name)) + name
    text = PLAIN.replace("     capital", padded)
    assert numbers(only(text)) == {name if k == "capital" else k: v for k, v in NUMBERS.items()}


def test_columns_of_spaces_are_columns_of_the_screen():
    table = read_table(
        "             (1)       (2)\n资本       0.110     0.220\n          (0.010)   (0.020)\n人均收入   0.310     0.410\n"
        "          (0.030)   (0.040)\nx                    0.500\n                    (0.050)\n"
    )
    assert [[[n.text for n in cell] for cell in r.cells] for r in table.rows] == [
        [["0.110", "0.010"], ["0.220", "0.020"]], [["0.310", "0.030"], ["0.410", "0.040"]], [[], ["0.500", "0.050"]],
    ]  # fmt: skip


BLANK = row("", after="")
GROUPS = window(
    row("year"), row("1936", VALUE[1], "  "), row("1937", "          0  (omitted)", "  "), row("East", CAPITAL[1], "  "),
    BLANK,
    row("c.exper#", after=""), row("c.exper", VALUE[1]), BLANK,
    row("year#treat"), row("1936 1", VALUE[1], "  "), row("1937 0", "          0  (empty)", "  "), BLANK,
    row("treat#c.x"), row("1", CAPITAL[1], "  "), BLANK,
    row("gdp"), row("--.", VALUE[1]), row("L1.", CAPITAL[1]), BLANK,
    row("union", VALUE[1]), row("_cons", "  -42.71437          .        .       .            .           ."),
)  # fmt: skip
LABELS = ["1936.year", "1937.year", "East.year", "c.exper#c.exper", "1936.year#1.treat", "1937.year#0.treat", "1.treat#c.x",
          "gdp", "L1.gdp", "union", "_cons"]  # fmt: skip


def test_groups_of_rows_belong_to_their_header():
    found = only(GROUPS)
    assert [r.label for r in found.rows] == LABELS and not found.unread and found.equations == ("",)
    assert {r.label: r.note for r in found.rows if r.note} == {"1937.year": "omitted", "1937.year#0.treat": "empty"}
    assert [len(r.numbers) for r in found.rows] == [6, 0, 6, 6, 6, 0, 6, 6, 6, 6, 1]


def test_levels_that_stand_like_names_belong_to_their_header_too():
    text = window(row("year"), row("1936", VALUE[1]), row("1937", VALUE[1]), BLANK, row("region"), row("East", VALUE[1]),
                  row("West", VALUE[1]), BLANK, row("_cons", CONS[1]))  # fmt: skip
    assert [r.label for r in only(text).rows] == ["1936.year", "1937.year", "East.region", "West.region", "_cons"]
    unspaced = window(
        row("year"), row("1936", VALUE[1]), row("1937", VALUE[1]), row("value", VALUE[1]), row("_cons", CONS[1])
    )
    assert [r.label for r in only(unspaced).rows] == ["1936.year", "1937.year", "value", "_cons"]


def test_stacked_equations():
    left = "wage         |", "select       |"
    found = only(window(left[0], row(*VALUE), row("_cons", CONS[1]), CROSS, left[1], row(*CAPITAL), CROSS,
                        row("/athrho", VALUE[1]), CROSS,
                        row("rho", "   .7035061   .0512264                      .5885    .79")))  # fmt: skip
    assert [(r.equation, r.label) for r in found.rows] == [
        ("wage", "value"), ("wage", "_cons"), ("select", "capital"), ("", "/athrho"), ("", "rho"),
    ]  # fmt: skip
    assert [n.kind for n in found.rows[-1].numbers] == ["coef", "se", "ci_low", "ci_high"]
    table = read_table(window(left[0], row(*VALUE), CROSS, left[1], row("value", CAPITAL[1])))
    assert len(table.columns) == 2 and "select" in table.columns[1]
    assert [cell[0].text for cell in table.rows[0].cells] == [".1155622", ".2306785"]


ABOVE = """\
. xtreg lwage value capital, fe
note: 1987.year omitted because of collinearity.

Fixed-effects (within) regression               Number of obs     =      2,257
Group variable: id                              Number of groups  =        114

R-squared:                                      Obs per group:
     Within  = 0.1652                                         min =          1
     Overall = 0.0218                                         max =         26

                                                F(  2,   113)     =      12.30
corr(u_i, Xb) = -0.7837                         Prob > F          =     0.0000

                                   (Std. err. adjusted for 114 clusters in id)
"""
PANEL = [CROSS, row("sigma_u", "  .40092698"), row("sigma_e", "  .35099001"),
         row("rho", "  .56612236   (fraction of variance due to u_i)")]  # fmt: skip


def test_statistics_above_and_below_the_rows():
    robust = HEAD.replace("lwage", "     ").replace("Coefficient  std. err.      t    P>|t|     [95% conf. interval]", "")
    text = window(row(*VALUE), row(*CAPITAL), row(*CONS), *PANEL)
    found = only(ABOVE + text.replace(HEAD, f"{robust}              Robust\n{HEAD}"))
    said = {s.name: s.text for s in found.statistics}
    assert said == {
        "Number of obs": "2257", "Number of groups": "114", "Within": "0.1652", "min": "1", "Overall": "0.0218", "max": "26",
        "F(2, 113)": "12.30", "corr(u_i, Xb)": "-0.7837", "Prob > F": "0.0000", "clusters in id": "114",
        "sigma_u": ".40092698", "sigma_e": ".35099001", "rho": ".56612236",
    }  # fmt: skip
    assert found.columns.vcov == "Robust" and found.command == "xtreg lwage value capital, fe"
    assert numbers(found) == NUMBERS and found.whole
    table = read_table(ABOVE + text)
    assert table.nobs == ("2257",) and table.f == (("12.30", 2),) and table.outside == (2,)
    assert "sigma_u" in table.statistics


ANALYSIS = """\
      Source |       SS           df       MS      Number of obs   =       200
-------------+----------------------------------   F(2, 197)       =    426.58
       Model |   7604093.48         2  3802046.74   Prob > F        =    0.0000
    Residual |   1755850.43       197  8912.94636   R-squared       =    0.8124
-------------+----------------------------------   Adj R-squared   =    0.8105
       Total |   9359943.92       199   47034.89   Root MSE        =    94.408

"""


def test_a_head_with_sums_of_squares():
    said = {s.name: s.text for s in only(ANALYSIS + PLAIN).statistics}
    assert said["Number of obs"] == "200" and said["F(2, 197)"] == "426.58" and said["Root MSE"] == "94.408"
    assert (said["Model SS"], said["Model df"], said["Total MS"]) == ("7604093.48", "2", "47034.89")
    assert len(said) == 15 and numbers(only(ANALYSIS + PLAIN)) == NUMBERS


SMCL = """\
{smcl}
{com}. regress lwage value capital
{txt}      Source {c |}       SS           df       MS      Number of obs   ={res}       200
{txt}{hline 13}{c +}{hline 34}   F(2, 197)       = {res}   426.58

{txt}{hline 13}{c TT}{hline 11}{hline 11}{hline 9}{hline 8}{hline 13}{hline 12}
{col 1}       lwage{col 14}{c |} Coefficient{col 26}  Std. err.{col 38}      t{col 46}   P>|t|{col 54}     [95% con{col 67}f. interval]
{hline 13}{c +}{hline 11}{hline 11}{hline 9}{hline 8}{hline 13}{hline 12}
{space 7}value {c |}{col 14}{res}{space 2} .1155622{col 26}{space 2} .0158943{col 37}{space 1}    7.27{col 46}{space 3}0.000{col 54}{space 4} .0796067{col 67}{space 3} .1515176
{txt}{space 5}capital {c |}{col 14}{res}{space 2} .2306785{col 26}{space 2} .0849671{col 37}{space 1}    2.71{col 46}{space 3}0.024{col 54}{space 4} .0384695{col 67}{space 3} .4228875
{txt}{space 7}_cons {c |}{col 14}{res}{space 2}-42.71437{col 26}{space 2}  20.4252{col 37}{space 1}   -2.09{col 46}{space 3}0.066{col 54}{space 4}-88.91939{col 67}{space 3}  3.49065
{txt}{hline 13}{c BT}{hline 11}{hline 11}{hline 9}{hline 8}{hline 13}{hline 12}
{res}{txt}
"""  # noqa: E501


def test_smcl_is_what_the_viewer_shows():
    found = only(SMCL)
    assert numbers(found) == NUMBERS and found.whole and found.statistic("Number of obs") == "200"
    for text, wanted in {
        "{ralign 12:{res:x}}|{c -(}a{c )-}{dup 3:ab}{lalign 4:y}|": "           x|{a}abababy   |",
        "{txt}a{col 5}b{space 2}c{hline 3}": "a   b  c---",
        "{bf:资}{col 5}b": "资  b",
    }.items():
        assert shown_lines(text) == [(1, wanted)]  # fmt: skip


@pytest.mark.parametrize(
    "dressed",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: "\n".join("    " + line for line in t.split("\n")),
        lambda t: "\n".join("# " + line for line in t.split("\n")),
        lambda t: "\n".join("#> " + line for line in t.split("\n")),
        lambda t: "\n".join("* " + line for line in t.split("\n")),
        lambda t: "\n".join("// " + line for line in t.split("\n")),
        lambda t: "\n".join("> " + line for line in t.split("\n")),
        lambda t: "\n".join(". " + line for line in t.split("\n")),
        lambda t: t.replace("\n", "\n\n"),
        lambda t: t.replace("\n", "   \n"),
        lambda t: "/*\n" + t + "*/\nglobal cons 815.02\n",
        lambda t: t.replace("-", "─").replace("|", "│").replace("+", "┼").replace("P>│t│", "P>|t|").replace(" ─", " -"),
        lambda t: t.replace("   .", "\t."),
        lambda t: t.replace("Coefficient  std. err.", "     Coef.   Std. Err."),
        lambda t: t.replace("[95% conf. interval]", "[95% Conf. Interval]"),
        lambda t: t.replace("      t    P>|t| ", "      z    P>|z| "),
        lambda t: t.replace(CROSS, "").replace(RULE, ""),
    ],
)
def test_however_it_was_pasted(dressed):
    assert numbers(only(dressed(PLAIN))) == NUMBERS


def test_wrapped_lines_go_on():
    text = "(Std. err. adjusted for 656 clusters in\n>  hhid)\n" + PLAIN.replace("     .0384695", "\n>      .0384695")
    assert numbers(only(text)) == NUMBERS and only(text).statistic("clusters in hhid") == "656"


def test_another_level_is_not_compared():
    text = PLAIN.replace("95%", "90%")
    assert only(text).columns.level == "90"
    table = read_table(text)
    assert [n.kind for n in table.rows[0].cells[0]] == ["coef", "se", "t", "p"]
    assert [left.label for left in table.leftovers] == [f"{x} (interval at 90 %)" for x in NUMBERS]
    assert table.numbers(0) == 18


def test_rows_that_cannot_be_read_are_kept_with_their_line():
    broken = row("capital", "   .2306785   .08O9671     2.71   0.024     .0384695    .4228875")
    found = only(window(row(*VALUE), broken, row(*CONS)))
    assert list(numbers(found)) == ["value", "_cons"] and [(u.line, "08O9671" in u.why) for u in found.unread] == [(5, True)]
    barless = only(window(row(*VALUE), row(*CAPITAL).replace("|", " "), row(*CONS)))
    assert [u.line for u in barless.unread] == [5] and list(numbers(barless)) == ["value", "_cons"]
    many = only(window(row("value", VALUE[1] + " 5")))
    assert many.unread and not many.rows


def test_numbers_that_are_missing_leave_the_others_in_their_columns():
    found = only(window(row("x", VALUE[1].replace(".0158943", " " * 8).replace("0.000", " " * 5))))
    assert [(n.kind, n.text) for n in found.rows[0].numbers] == [
        ("coef", ".1155622"), ("t", "7.27"), ("ci_low", ".0796067"), ("ci_high", ".1515176"),
    ]  # fmt: skip


def test_several_windows_are_several_columns():
    other = PLAIN.replace("lwage", "  hrs").replace(".1155622", ".5000000")
    output = read_output(ABOVE + PLAIN + "\n" + ANALYSIS + other)
    assert [w.outcome for w in output.windows] == ["lwage", "hrs"]
    table = read_table(ABOVE + PLAIN + "\n" + ANALYSIS + other)
    assert table.nobs == ("2257", "200") and [cell[0].text for cell in table.rows[0].cells] == [".1155622", ".5000000"]
    assert all("line" in head for head in table.columns)


def test_a_decimal_comma():
    text = PLAIN.translate(str.maketrans(".", ",")).replace("std, err,", "std. err.").replace("conf,", "conf.")
    with pytest.raises(TableProblem, match="--decimal-comma"):
        read_table(text)
    assert numbers(only(text, decimal_comma=True)) == NUMBERS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n".join([row(*VALUE), row(*CAPITAL), row(*CONS)]), "without their heading"),
        (PLAIN.replace("Coefficient", " Odds ratio"), "only coefficients are compared"),
        (window(row("value", "   .1155622   .O158943")), "no row that could be read"),
    ],
)
def test_what_is_refused(text, says):
    with pytest.raises(TableProblem, match=says):
        read_table(text)


def test_headings_of_two_lines_and_other_columns():
    above = "             |   Observed   Bootstrap                         Normal-based\n"
    boot = only(above + HEAD.replace("Coefficient", "coefficient") + "\n" + CROSS + "\n" + row(*VALUE) + "\n" + RULE)
    assert boot.columns.vcov == "Bootstrap" and numbers(boot) == {"value": NUMBERS["value"]}
    beta = HEAD.replace("[95% conf. interval]", "                Beta")
    found = only(window(row("mpg", "  -49.51222   86.15604    -0.57   0.567                -.0971"), head=beta))
    assert [(n.kind, n.text) for n in found.rows[0].numbers][-2:] == [("p", "0.567"), ("", "-.0971")]
    assert read_table(window(row(*VALUE), head=HEAD.replace("[95%", "[90%"))).numbers(0) == 6
    hc3 = only("             |             Robust HC3\n" + HEAD + "\n" + CROSS + "\n" + row(*VALUE) + "\n" + RULE)
    assert hc3.columns.vcov == "Robust HC3"


def test_numbers_of_any_format():
    found = only(window(row("x", "   1.2e-06   3.40e-07     3.53   0.001     5.2e-07    1.88e-06"),
                        row("z", "      5.00    1,234.5     0.00   1.000   -2,400.0    2,410.0")))  # fmt: skip
    assert [n.text for n in found.rows[1].numbers] == ["5.00", "1234.5", "0.00", "1.000", "-2400.0", "2410.0"]
    assert found.rows[0].numbers[0].text == "1.2e-06" and not found.unread


def test_variance_components_and_labels_that_touch_the_bar():
    numbers = "   2.481169   .4848174                      1.691736    3.638984"
    found = only(window(row(*VALUE), CROSS, "id           |", row("var(_cons)", numbers, ""), CROSS,
                        row("var(e.lwage)", numbers, "")))  # fmt: skip
    assert not found.unread
    assert [(r.equation, r.label) for r in found.rows[1:]] == [("id", "var(_cons)"), ("", "var(e.lwage)")]
    assert [n.kind for n in found.rows[1].numbers] == ["coef", "se", "ci_low", "ci_high"]


def test_a_heading_begins_a_window_where_rows_follow():
    """A rule with a cross or a row, the first or second line with anything on it, within seven."""
    bare = f"{HEAD}\n"
    assert not read_output(bare + "\nsome words about 5 things\n").windows
    assert numbers(only(bare + row(*VALUE))) == {"value": NUMBERS["value"]}
    assert numbers(only(bare + "words\n" + row(*VALUE))) in ({}, {"value": NUMBERS["value"]})
    assert not read_output(bare + "words\nwords\n" + row(*VALUE)).windows
    assert read_output(bare + "\n" * 6 + row(*VALUE)).windows and not read_output(bare + "\n" * 7 + row(*VALUE)).windows


def test_a_window_has_the_command_that_stands_above_it():
    assert only(PLAIN).command == "" and only(HEAD + "\n" + row(*VALUE)).command == ""
    assert only(". regress lwage value\n\n" + PLAIN).command == "regress lwage value"
    assert only("words\n" + PLAIN).command == ""
    two = read_output(". regress lwage value\n" + PLAIN + "words\n" + PLAIN).windows
    assert [w.command for w in two] == ["regress lwage value", ""] and two[1].first == two[0].last + 1
    # forty-five lines above its heading, and no further
    for far, command in ((43, "regress y x"), (44, "")):
        assert only(". regress y x\n" + "word\n" * far + PLAIN).command == command, far


def test_lines_without_a_bar_among_rows():
    within = only(window(row(*VALUE), "a line of words", row(*CAPITAL)))
    assert list(numbers(within)) == ["value", "capital"] and not within.unread
    torn = only(window(row(*VALUE), "capital .23 5 numbers", row(*CAPITAL)))
    assert [(u.line, u.why) for u in torn.unread] == [(5, "it has no bar")]
    after = only(window(row(*VALUE), end="") + "words with 5\n\nwords\nwords\nwords\n" + row(*CAPITAL))
    assert list(numbers(after)) == ["value"] and after.last == 4 and not after.whole
    ruled = only(window(row(*VALUE), "words with 5"))
    assert not ruled.unread and not ruled.whole


def test_lines_of_statistics_belong_to_their_window():
    output = read_output(". summarize z\n 12.5\n\nR-squared = 0.5\n\n" + PLAIN)
    assert [line.number for line in output.outside] == [2] and output.windows[0].statistic("R-squared") == "0.5"
    assert output.windows[0].statistic("nothing") == ""


def test_other_tables_are_no_windows():
    absorbed = "Absorbed degrees of freedom:\n" + "-" * 53 + "+\n Absorbed FE | Categories  - Redundant  = Num. Coefs |\n"
    for text in (
        absorbed,
        "| | Coefficient | Std. err. |\n|---|---|---|\n| x | 0.4 | 0.1 |\n",
        "a | Coefficient | Std. err.\nx | 1 | 2\n",
    ):
        assert not read_output(text).windows


def test_levels_of_two_factors_on_two_lines():
    """Names of a product, and levels of it, too wide for one line: each pair is one row, and the rest stands alone."""
    found = only(window(
        row("c."), row("centred_price#"), row("c.gear_ratio", VALUE[1]), row(""),
        row("c.price_c#c."), row("gear_ratio_c", VALUE[1]), row(""),
        row("  high_price#"), row(" high_mileage"), row("  High price #", after=""), row("Low mileage", VALUE[1], "  "),
        row("  High price #", after=""), row("High mile..", CAPITAL[1], "  "), row(""), row(*CONS),
    ))  # fmt: skip
    assert numbers(found) == {
        "c.centred_price#c.gear_ratio": NUMBERS["value"], "c.price_c#c.gear_ratio_c": NUMBERS["value"],
        "High price.high_price#Low mileage.high_mileage": NUMBERS["value"],
        "High price.high_price#High mile...high_mileage": NUMBERS["capital"], "_cons": NUMBERS["_cons"],
    }  # fmt: skip
