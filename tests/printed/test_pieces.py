"""The small readers that tables and windows are read with, each by what it must give: SMCL, lines, grids, labels, heads."""

from __future__ import annotations

import pytest

from parity.printed.cells import Number
from parity.printed.grids import (
    columns_of_spans,
    nearness,
    read_grid,
    screen_column,
    separator_of,
    unmarked,
    unquoted,
    untexed,
)
from parity.printed.lines import Line, output_lines
from parity.printed.notes import star_cuts
from parity.printed.printed_table import STATISTIC, UNKNOWN, Leftover, PrintedTable, Row
from parity.printed.smcl import is_smcl, shown_lines
from parity.printed.spelled import Factor, _level, factors
from parity.printed.terms import as_estimated, no_statistic, no_term, same_term
from parity.printed.window_head import Columns, columns_of, head_statistics
from parity.printed.window_rows import Labels, RowProblem, numbers_of, of_levels, panel_statistic, split_row
from parity.study.published import Published
from parity.study.spec import Spec

# ---------------------------------------------------------------- SMCL ([P] smcl)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{center 9:ab}|", "   ab    |"), ("{rcenter 9:ab}|", "    ab   |"), ("{centre 8:ab}|", "   ab   |"),
        ("{right 5:x}|", "    x|"), ("{ralign 3:resid}|", "resid|"), ("{lalign 3:x}|", "x  |"), ("{ralign:x}", "x"),
        ("{lalign:x}|", "x|"), ("{center:x}|", "x|"), ("{hline}", "-" * 78), ("ab{hline}", "ab" + "-" * 76),
        ("{hline 0}x", "x"), ("{.-}", "-" * 78), ("abc{.-}", "abc" + "-" * 75), ("{c 65}{c 32}{c 31}{c |}{c -(}", "A |{"),
        ("{char 945}", "α"), ("{c 99999}", ""), ("{c TLC}{c TT}{c BRC}{c RT}", "+-+|"), ("{c S|}{c g}", "$`"),
        ("{c}x{c | 1}", "x"), ("{space 3}|", "   |"), ("{space}|", "|"), ("{space 1000}", " " * 1000),
        ("{space 2000}", " " * 1000), ("{dup 1000:a}", "a" * 1000), ("{dup 2000:a}", "a" * 1000), ("{dup:a}", ""),
        ("a{col 2}b", "ab"), ("a{col 3}b", "a b"), ("abc{col 2}d", "abcd"), ("{col 4}x{col 8}y", "   x   y"),
        ("资{col 5}x", "资  x"), ("{bf:a}{col 4}b", "a  b"), ("{unknown 3}x", "x"), ("{res:}|", "|"), ("{:x}", "x"),
        ("{bf:a{it:b{res:c}}}", "abc"), ("{a:{a:{a:{a:{a:{a:x}}}}}}", "x"), ("{a:{a:{a:{a:{a:{a:{a:x}}}}}}}", ""),
        ("{space 99999}|", "|"), ("{space 9999}|", " " * 1000 + "|"), ("one\n{space 1}two", "one\n two"),
        ("{ralign 5:ab}c", "   abc"),
    ],
)  # fmt: skip
def test_what_a_viewer_shows(text, wanted):
    assert [line for _, line in shown_lines(text)] == wanted.split("\n")


@pytest.mark.parametrize("text", ["{smcl}", "{txt}x", "{res}", "{com}. reg", "{hline 3}", "{c |}", "{space 2}", "{col 9}"])
def test_what_is_smcl(text):
    assert is_smcl(text) and not is_smcl(text.replace("{", "["))


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # four of five lines begin with the mark: it is the document's; a product is no mark
        ("* a\n* b * c\n* d\n* e\nx * y", ["a", "b * c", "d", "e", "x * y"]),
        ("* a\n* b\n* c\nx * y", ["* a", "* b", "* c", "x * y"]),
        ("* a\n\n* b\n* c\n* d", ["a", "", "b", "c", "d"]), ("#> a\n#> b", ["a", "b"]), ("# a\n# b", ["a", "b"]),
        ("// a\n//", ["a", ""]), ("  * a\n  *  b", ["a", " b"]), ("*a\n*b", ["*a", "*b"]),
        ("(in\n> hhid)\nx", ["(inhhid)", "x"]), ("a\n\n> b", ["a", "", "> b"]), ("> a\nb", ["> a", "b"]),
        ("a\n> b\n> c", ["abc"]), ("│ a ─\r\n\tb ", ["| a -", "        b"]), ("\ufeffa\rb", ["a", "b"]),
        ("a − b\u00a0c", ["a - b c"]),
    ],
)  # fmt: skip
def test_lines_of_output(text, wanted):
    assert [line.text for line in output_lines(text)] == wanted


def test_a_wrapped_line_has_the_number_of_its_first():
    assert output_lines("a\n> b\nc") == [Line(1, "ab"), Line(3, "c")]


# ---------------------------------------------------------------- grids


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("a,b\nc,d", ","), ("a,b", ""), ("a,b\nc,d\ne\nf", ""), ("a,b\nc,d\ne", ","), ("a\tb,c\nd\te,f", "\t"),
        ("a;b,c\nd;e", ";"), ("a,b   c\nd,e", ""), ("a,b  c\nd,e", ","), ("a,b\n----\n\nc,d", ","), ("a b\nc d", ""),
    ],
)  # fmt: skip
def test_separators(text, separator):
    assert separator_of(text) == separator


@pytest.mark.parametrize(
    ("cell", "wanted"), [('="0.35"', "0.35"), ("=0.35", "0.35"), (' "a" ', '"a"'), (" a\nb ", "a b"), ('="=""x"', '=""x')]
)
def test_cells_that_keep_a_spreadsheet_from_guessing(cell, wanted):
    assert unquoted(cell) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("| a | b |\n|---|:-:|\n\n| 1 | 2 |\nnote\n", [["a", "b"], ["1", "2"], ["note", ""]]),
        ("| a | b\\|\n| c | d |", [["a", "b|"], ["c", "d"]]), ("  | a | b |\n  | c |", [["a", "b"], ["c", ""]]),
        ("| a b\nc   d", [["| a b", ""], ["c", "d"]]),  # one line with a bar is no Markdown
        ("a,b\n\nc,\"d,e\"\n", [["a", "b"], ["c", "d,e"]]),
        ("x & 1 & 2 \\\\\n\\multicolumn{2}{c}{y} & 3 \\\\[2pt] z \\& w & \\multirow{2}{*}{4} & 5 \\tabularnewline % no\n",
         [["x", "1", "2"], ["y", "", "3"], ["z & w", "4", "5"]]),
        ("before\n\\begin{tabular}{lc}\\toprule\na & 1 \\\\\\midrule\n\\end{tabular}\nafter", [["a", "1"], ["before", ""],
                                                                                             ["after", ""]]),
        ("a & b", [["a & b"]]), ("a   b\nc   d e\n", [["a", "b"], ["c", "d e"]]),
    ],
)  # fmt: skip
def test_rows_of_cells(text, wanted):
    assert read_grid(text) == wanted


def test_a_cell_over_very_many_columns_is_over_a_hundred():
    (row,) = read_grid(r"\multicolumn{300}{c}{y} & 3 \\")
    assert len(row) == 101 and row[0] == "y" and row[-1] == "3"
    (row,) = read_grid(r"\multicolumn{1}{c}{y} & 3 \\")
    assert row == ["y", "3"]


COLUMNS_OF_SPACES = """\
            (1)     (2)
value      0.110   0.220
  log x    0.310
           (0.01)  (0.02)
N            20      30
a note
"""


def test_columns_of_spaces():
    assert read_grid(COLUMNS_OF_SPACES) == [
        ["", "(1)", "(2)"], ["value", "0.110", "0.220"], ["log x", "0.310", ""], ["", "(0.01)", "(0.02)"], ["N", "20", "30"],
        ["a note", "", ""],
    ]  # fmt: skip
    indented = "           (1)    (2)\n  1936   0.50   0.60\n"  # a number is no label, wherever it stands
    assert read_grid(indented) == [["", "", "(1)", "(2)"], ["", "1936", "0.50", "0.60"]]


def test_spans_that_overlap_are_one_column():
    assert columns_of_spans([(5, 7), (0, 3), (2, 5)]) == [(0, 5), (5, 7)] and columns_of_spans([(0, 9), (2, 5)]) == [(0, 9)]
    assert columns_of_spans([]) == []
    assert nearness((10, 14), 0, 4) == (0, -10.0) and nearness((10, 14), 12, 20) == (2, -4.0)
    assert nearness((10, 14), 20, 24) == (0, -10.0) and nearness((10, 14), 9, 15) == (4, 0.0)
    assert screen_column("资本x", 2) == 4 and screen_column("abc", 2) == 2


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("{{{{{{a}}}}}}", "a"), ("{{{{{{{a}}}}}}}", "{a}"), (r"$-0.35^{\ast\ast}$", "-0.35<sup>**</sup>"),
        (r"a \times b", "a x b"), ("x--y", "x-y"), (r"\textbf{\textit{a}}", "a"), ("1{,}234", "1,234"),
        ("R^2", "R<sup>2</sup>"), (r"0.3\footnote{see}", "0.3"), (r"a\quad b\,c", "a b c"), (r"50\%", "50%"),
        (r"Capital\_stock", "Capital_stock"), (r"\(N\)", "N"), (r"0.3\textsuperscript{a}", "0.3<sup>a</sup>"),
        (r"\{x\}\#\$", "{x}#$"), ("a~b", "a b"), (r"\star", "*"),
    ],
)  # fmt: skip
def test_latex_as_text(cell, wanted):
    assert untexed(cell) == wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [("**x**", "x"), ("*x*", "x"), ("0.3***", "0.3***"), (r"\_cons", "_cons"), ("x^2^", "x<sup>2</sup>"), ("`a`", "a"),
     ("__a__", "a"), (r"0.1\*\*", "0.1**")],
)  # fmt: skip
def test_markdown_as_text(cell, wanted):
    assert unmarked(cell) == wanted


# ---------------------------------------------------------------- notes


@pytest.mark.parametrize(
    ("words", "cuts"),
    [
        ("* p<0.1, *** p<0.01", None), ("* p<0.05, ** p<0.05", None), ("* p<.1, ** p<.05", (0.1, 0.05)),
        ("* 10 %, ** 5 %, *** 1 %", (0.1, 0.05, 0.01)), ("* p<0.1", (0.1,)), ("", None),
        ("**, * denote significance at the 5%, 10% level", (0.1, 0.05)),
        ("** and *: 5%, 1% and 10%", None), ("* p<2.5%, ** p<1%", (0.025, 0.01)),
        ("**** p<0.001, *** p<0.01, ** p<0.05, * p<0.1", (0.1, 0.05, 0.01, 0.001)),
    ],
)  # fmt: skip
def test_cuts_begin_with_one_star_and_fall(words, cuts):
    assert star_cuts(words) == (pytest.approx(cuts) if cuts else None)


# ---------------------------------------------------------------- a table as a value


def test_what_is_left_over_is_counted_and_said():
    statistic = Leftover("R-sq", (("0.912",), ()))
    assert (statistic.count(0), statistic.count(1), statistic.words(0), statistic.words(1)) == (1, 0, "R-sq 0.912", "R-sq")
    torn = Leftover("x", (("x | .08A9  .2 words",),), UNKNOWN, 14, "`.08A9` is no number")
    assert torn.count(0) == 2 and torn.words(0) == "line 14: `x | .08A9 .2 words` (`.08A9` is no number)"
    assert Leftover("x", (("a 1",),), UNKNOWN).words(0) == "row `x`: `a 1`"
    assert Leftover("", (("a 1",),), UNKNOWN).words(0) == "`a 1`" and STATISTIC != UNKNOWN


def test_numbers_of_a_column_are_counted():
    n = Number("coef", "1")
    table = PrintedTable(("", ""), (Row("x", ((n, n), ())), Row("z", ((n,), (n,)))), ("200", ""),
                         leftovers=(Leftover("R2", (("0.9",), ("0.8",))), Leftover("", (("5 6",), ()), UNKNOWN)),
                         f=(("3.1", 2), None))  # fmt: skip
    assert (table.numbers(0), table.numbers(1)) == (3 + 1 + 2 + 1 + 1, 1 + 1)
    assert table.statistics == ("R2",)
    bare = PrintedTable(("",), (Row("x", ((n,),)),), ("",))
    assert bare.numbers(0) == 1 and bare.statistics == ()
    torn = PrintedTable(("",), (), ("",), leftovers=(Leftover("x", (("1",),), UNKNOWN), Leftover("", (("2",),))))
    assert torn.statistics == ()


# ---------------------------------------------------------------- names of terms


@pytest.mark.parametrize(
    ("level", "wanted"),
    [("80", "80"), ("80.0", "80"), ('"East"', "East"), ("1e3", "1000"), ("1.5", "1.5"), ("1234567.5", "1234567.5"),
     ("1000000000000000", "1000000000000000"), ("100000000000000", "1e+14"), ("-3.0", "-3"), ("nan", "nan")],
)  # fmt: skip
def test_levels_by_their_value(level, wanted):
    assert _level(level) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("East.region#c.x", (Factor("region", "East"), Factor("x"))), ("L2.x", (Factor("x", operator="L", steps=2),)),
        ("L.x", (Factor("x", operator="L", steps=1),)), ("D.x", (Factor("x", operator="D", steps=1),)),
        ("D2.x", (Factor("x", operator="D2", steps=2),)), ("S2.x", (Factor("x", operator="D", steps=2),)),
        ("lead(x)", (Factor("x", operator="F", steps=1),)), ("lag(x, 3)", (Factor("x", operator="L", steps=3),)),
        ("diff(x, k = 2)", (Factor("x", operator="D", steps=2),)), ("_Icyl_6", (Factor("cyl", "6"),)),
        ("i.cyl 6", (Factor("cyl", "6"),)), ("cyl=6", (Factor("cyl", "6"),)), ("cyl[T.6]", (Factor("cyl", "6"),)),
        ("[T.6]", (Factor("[T.6]"),)), ("f(x)=6", (Factor("f(x)=6"),)), ("a b", (Factor("ab"),)),
        ("80bn.year", (Factor("year", "80"),)), ("x" * 200, (Factor("x" * 200),)),
        ("b:a", (Factor("a"), Factor("b"))), ("a::1", (Factor("a", "1"),)),
    ],
)  # fmt: skip
def test_names_as_factors(name, wanted):
    assert factors(name) == wanted


def test_a_name_longer_than_any_term_is_one_column():
    whole = "a:" + "b" * 198
    assert len(factors(whole)) == 2 and factors(f"{whole}b") == (Factor(f"{whole}b"),)


def entry(**given) -> Published:
    return Published(**{"spec": "s", "source": "t"} | given)


def test_an_entry_takes_the_name_that_the_estimate_has():
    terms = ("year::80", "x", "a:b")
    assert as_estimated(entry(term="80.year", estimate="1"), terms).term == "year::80"
    for term in ("x", "q"):
        same = entry(term=term, estimate="1")
        assert as_estimated(same, terms) == same
    assert same_term("b : a", terms) == "a:b" and same_term("x ", ("x", "x  ")) is None


def test_what_is_said_where_there_is_no_such_term():
    spec = Spec(id="s", formula="y ~ x", vcov="iid", convention="regress")
    twelve = [f"v{i}" for i in range(12)]
    assert no_term("zzz", twelve, spec).endswith("terms: " + ", ".join(twelve))
    assert no_term("zzz", [*twelve, "w"], spec).endswith("v11 and 1 more")
    assert no_term("zzz", [], spec) == "there is no term `zzz`; terms: none"
    assert no_term("valu", ["value"], spec) == "there is no term `valu`: did you mean `value`? terms: value"
    assert "`80.year`" in no_term("80.year", ["x"], spec, ["year::80"]) and "left out of s" in no_term("z", [], spec, ["z"])


def test_what_is_said_where_there_is_no_such_statistic():
    known = [("r2", ""), ("nobs", ""), ("coef", "x")]
    assert no_statistic(entry(statistic={"r2": "1", "nobs": "2"}), known) == ""
    assert (
        no_statistic(entry(statistic={"nobs": "2", "coef": "1"}), known) == "there is no statistic `coef`; known: r2, nobs"
    )
    assert no_statistic(entry(statistic={"nob": "2"}), known).startswith("there is no statistic `nob`: did you mean `nobs`?")


# ---------------------------------------------------------------- heads of windows

HEAD = "       lwage | Coefficient  std. err.      t    P>|t|     [95% conf. interval]"


def test_columns_of_a_heading():
    found = columns_of(HEAD)
    heads = HEAD.partition("|")[2]
    assert found.kinds == ("coef", "se", "t", "p", "ci_low", "ci_high")
    assert (found.first, found.level, found.vcov) == ("Coefficient", "95", "")
    interval = heads.index("[")
    assert found.spans == (
        (1, 12), (14, 23), (29, 30), (34, 39), (interval, interval + 9), (len(heads) - 9, len(heads)),
    )  # fmt: skip
    narrow = columns_of(HEAD.replace("conf.", f"con{' ' * 60}f."))  # wrapped at 64
    assert narrow.kinds == found.kinds and narrow.spans[4] == found.spans[4] and narrow.spans[5][1] == len(heads) + 60
    robust = columns_of("y | Coef.  Robust std. err.   z   P>|z|   Beta")
    assert robust.kinds == ("coef", "se", "t", "p", "") and robust.vcov == "Robust" and robust.first == "Coef."
    assert columns_of("y | Coef.  std. err.  Beta gain   z").kinds == ("coef", "se", "", "t")
    assert columns_of("y | Coef.  std. err.   z   [90% cred. interval]").level == "90"
    assert columns_of("y | Odds ratio  std. err.   z").first == "Odds ratio"


@pytest.mark.parametrize(
    "line",
    ["", "no bar Coef. std. err.", "y | 0.1  0.2", "-----------+ y --- | Coef. std. err.", "y | std. err.  t",
     "y | t  Coef.", "y | Coef.  Coef.  std. err.", "a | Coef. | std. err.", "---------  | Coef.  std. err."],
)  # fmt: skip
def test_lines_that_are_no_heading(line):
    assert columns_of(line) is None


def test_what_a_line_above_says_of_the_standard_errors():
    plain = columns_of(HEAD)
    assert plain.below("      Robust   ").vcov == "Robust" and plain.below("nothing here").vcov == ""
    assert plain.below("   Robust HC3").vcov == "Robust HC3"
    own = columns_of("y | Coef.  Bootstrap std. err.   z")
    assert own.below("   Robust ").vcov == "Bootstrap"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Number of obs     =      2,257", [("Number of obs", "2257")]),
        ("     Within  = 0.1652                 min =          1", [("Within", "0.1652"), ("min", "1")]),
        ("   F(  2,   113)     =      12.30", [("F(2, 113)", "12.30")]),
        ("corr(u_i, Xb) = -0.7837", [("corr(u_i, Xb)", "-0.7837")]),
        ("Wald chi2(3) = 5.1;", [("Wald chi2(3)", "5.1")]), ("x = ", []), ("= 3", []), ("3 = 4", []),
        ("a | b = 1e-05", [("b", "1e-05")]),
        ("Prob > F = words", []), ("  (Std. err. adjusted for 1,114 clusters in id)", [("clusters in id", "1114")]),
        ("       Model |   7604093.48         2  3802046.74", [("Model SS", "7604093.48"), ("Model df", "2"),
                                                             ("Model MS", "3802046.74")]),
        ("       Total |   9.4         199", [("Total SS", "9.4"), ("Total df", "199")]), ("   Other |  1  2  3", []),
    ],
)  # fmt: skip
def test_statistics_above_a_heading(line, wanted):
    found = list(head_statistics([Line(7, line)]))
    assert [(s.name, s.text) for s in found] == wanted and all(s.line == 7 for s in found)


def test_statistics_with_decimal_commas():
    (found,) = head_statistics([Line(1, "R-squared = 0,5")], True)
    assert (found.name, found.text) == ("R-squared", "0.5")
    (found,) = head_statistics([Line(1, "Number of obs = 1.200")], True)
    assert found.text == "1200"


# ---------------------------------------------------------------- rows of windows


@pytest.mark.parametrize(
    ("line", "blank", "wanted"),
    [
        ("   x |  1.5  2", False, ("   x ", "  1.5  2")), ("   x |  1.5  2 |", False, ("   x ", "  1.5  2 ")),
        ("year |", False, None), ("year |", True, ("year ", "")), ("year | words", False, None), ("no bar 1", True, None),
        ("a | b | c 1", True, None), ("| 1", False, ("", " 1")),
    ],
)  # fmt: skip
def test_rows_are_parted_at_the_bar(line, blank, wanted):
    assert split_row(line, blank) == wanted


FOUR = Columns(("coef", "se", "t", "p"), ((2, 8), (12, 18), (22, 28), (32, 38)), "Coef.")


def texts(rest: str, **options):
    numbers, note = numbers_of(rest, FOUR, **options)
    return [(n.kind, n.text) for n in numbers], note


def test_numbers_below_their_headings():
    assert texts("  1.5  .2  7.5  0.000") == ([("coef", "1.5"), ("se", ".2"), ("t", "7.5"), ("p", "0.000")], "")
    assert texts("     1.5         .2") == ([("coef", "1.5"), ("se", ".2")], "")
    assert texts("     1.5                 7.5") == ([("coef", "1.5"), ("t", "7.5")], "")
    assert texts("  1.5  .  .  .") == ([("coef", "1.5")], "") and texts("  1,234.5  1  2  3")[0][0] == ("coef", "1234.5")
    assert texts("  0  (omitted)") == ([], "omitted") and texts("  1  (base)") == ([], "base")
    assert texts("  .  (empty)") == ([], "empty") and texts("(omitted)") == ([], "omitted")
    # a number other than nought or one is one, whatever stands behind it
    assert texts("     1.5  (omitted)") == ([("coef", "1.5")], "")
    assert texts("     .57  (fraction of variance due to u_i)") == ([("coef", ".57")], "fraction of variance due to u_i")
    assert texts("  1,5  ,2  7,5  0,000", decimal_comma=True)[0][0] == ("coef", "1.5")


@pytest.mark.parametrize(
    ("rest", "says"),
    [("  1.5  x2  7  8", "`x2` is no number"), ("  1  2  3  4  5", "5 numbers below a heading of 4"),
     ("  1,5  2  3  4", "seems to have a decimal comma"), ("  1.5 2.5", "don't stand below the heading")],
)  # fmt: skip
def test_rows_that_cannot_be_read(rest, says):
    with pytest.raises(RowProblem, match=says):
        numbers_of(rest, FOUR)


def named(*rows: tuple[str, bool] | None) -> list[tuple[str, str]]:
    """(equation, term) of rows; None is a rule."""
    labels, out = Labels(), []
    for row in rows:
        if row is None:
            labels.rule()
        elif label := labels.of(*row):
            out.append((labels.equation, label))
    return out


N, H = True, False  # a row with numbers, a header without


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([("   x ", N), ("_cons ", N)], [("", "x"), ("", "_cons")]),
        ([("  year ", H), ("  1936  ", N), ("  East  ", N), ("  ", H), ("  x ", N)],
         [("", "1936.year"), ("", "East.year"), ("", "x")]),
        ([("wage  ", H), ("   x ", N), None, ("sel  ", H), ("  z ", N)], [("wage", "x"), ("sel", "z")]),
        ([("wage  ", H), ("   x ", N), None, ("  z ", N)], [("wage", "x"), ("", "z")]),
        ([("  gdp ", H), ("  --. ", N), ("  L1. ", N), ("  LD. ", N), ("  ", H), ("  x ", N)],
         [("", "gdp"), ("", "L1.gdp"), ("", "LD.gdp"), ("", "x")]),
        ([("  c.a# ", H), ("  c.a ", N), ("  x ", N)], [("", "c.a#c.a"), ("", "x")]),
        ([("  a#", H), ("  b ", H), ("  1 2  ", N)], [("", "1.a#2.b")]),
        ([("  year ", H), ("  1936  ", N), ("       ", N)], [("", "1936.year"), ("", "year")]), ([("  ", N), ("  ", H)], []),
        # levels that stand like names: below a header that is set to the right, and no further than the blank
        ([("  region ", H), ("  East ", N), ("  West ", N), (" ", H), ("  x ", N)],
         [("", "East.region"), ("", "West.region"), ("", "x")]),
        ([("region ", H), ("  East ", N)], [("region", "East")]),
        # once levels are set apart from the bar, a name that isn't is none
        ([("  year ", H), ("  1936  ", N), ("  region ", H), ("  East ", N)], [("", "1936.year"), ("region", "East")]),
        ([("  year ", H), ("  1936 ", N), ("  x ", N)], [("", "1936.year"), ("", "x")]),
        ([("a ", H), ("b ", H), ("  x ", N)], [("b", "x")]), ([("  1936 ", N)], [("", "1936")]),
    ],
)  # fmt: skip
def test_labels_of_groups_and_equations(rows, wanted):
    assert named(*rows) == wanted


@pytest.mark.parametrize(
    ("levels", "group", "wanted"),
    [
        ("1936", "year", "1936.year"), ("1 2", "a#b", "1.a#2.b"), ("1#2", "a#b", "1.a#2.b"), ("1", "a#c.x", "1.a#c.x"),
        ("New York", "state", "New York.state"), ("New York  Low", "state#inc", "New York.state#Low.inc"),
        ("1 2 3", "a#b", "1 2 3 of a#b"), ("1 # 2", "a#b", "1.a#2.b"), ("1", "c.x#a", "c.x#1.a"),
        ("1 2", "a#c.x#b", "1.a#c.x#2.b"),
    ],
)  # fmt: skip
def test_levels_of_a_group(levels, group, wanted):
    assert of_levels(levels, group) == wanted


def test_rows_below_the_last_rule_about_the_whole_model():
    one, two = (Number("coef", "1"),), (Number("coef", "1"), Number("se", "2"))
    assert panel_statistic(" sigma_u ", one) == "sigma_u" and panel_statistic("rho", two) == ""
    assert panel_statistic("x", one) == "" and panel_statistic("rho", ()) == ""


def test_an_abbreviation_leaves_something_out():
    assert same_term("pri~ce", ("price",)) is None and same_term("pr~ce", ("price",)) == "price"
    assert same_term("pri~ice", ("price",)) is None


def test_rules_between_columns_of_spaces_are_no_rows():
    assert read_grid("-----  ----\nx      0.30\n\n=====  ====\nz      0.40\n") == [["x", "0.30"], ["z", "0.40"]]
