"""Logs: what was typed and what came out, in text and SMCL, whole."""

from __future__ import annotations

import re
import time

import pytest

from conftest import TESTS
from parity.logs import recognise
from parity.logs.command_names import command_name
from parity.logs.log import read_log

HEAD = """------------------------------------------------------------------------------
      name:  <unnamed>
       log:  C:\\work\\anl
> yse.log
  log type:  text
 opened on:   3 Mar 2024, 10:11:12

"""
REGRESS = """
      Source |       SS           df       MS      Number of obs   =       200
-------------+----------------------------------   F(2, 197)       =    426.58
       Model |  7604093.48         2  3802046.74   Prob > F        =    0.0000
    Residual |  1755850.48       197  8912.94661   R-squared       =    0.8124
-------------+----------------------------------   Adj R-squared   =    0.8105
       Total |  9359943.96       199  47034.8943   Root MSE        =    94.408

------------------------------------------------------------------------------
         inv | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
       value |   .1155622   .0058357    19.80   0.000     .1040537    .1270706
     capital |   .2306785   .0254758     9.05   0.000     .1804382    .2809188
       _cons |  -42.71437   9.511676    -4.49   0.000    -61.47215   -23.95659
------------------------------------------------------------------------------
"""


def log(*parts: str) -> bytes:
    return (HEAD + "".join(parts)).encode()


def test_a_window_has_its_command_statistics_rows_and_places():
    read = read_log(log(". use grunfeld, clear\n\n. regress inv value capital\n", REGRESS, "\n. log close\n"))
    (window,) = read.windows
    assert read.commands[window.command].text == "regress inv value capital"
    assert (window.kind, window.printed_by, window.outcome) == ("estimates", "regress", "inv")
    found = {s.name: s.cell.text for s in window.statistics if s.name}
    assert found["nobs"] == "200" and found["r2"] == "0.8124" and found["r2_a"] == "0.8105" and found["f"] == "426.58"
    row = window.rows[1]
    assert row.term == "capital" and [c.text for c in row.cells][:2] == [".2306785", ".0254758"]
    assert row.cell("se").holds(0.02547581) and not row.cell("se").holds(0.0254759)
    assert (
        log(". use grunfeld, clear\n\n. regress inv value capital\n", REGRESS)
        .decode()
        .split("\n")[row.place.line - 1]
        .startswith("     capital")
    )


def test_the_head_of_a_log_is_read_with_its_broken_path():
    (header,) = read_log(log(". log close\n")).headers
    assert header.path == "C:\\work\\anlyse.log" and header.log_type == "text" and header.opened == "3 Mar 2024, 10:11:12"


def test_a_command_cut_at_the_width_of_the_log_is_whole_and_one_continued_by_its_author_keeps_its_blank():
    full = ". regress inv value capital if firm != 3 & year >= 1936 & year <= 1950, vce(clust"
    read = read_log(log(". " + "-" * 79 + "\n", full + "\n> er firm)\n", ". regress inv ///\n>   value, r // robust\n"))
    assert [c.text for c in read.commands if c.text.startswith("reg")] == [
        "regress inv value capital if firm != 3 & year >= 1936 & year <= 1950, vce(cluster firm)", "regress inv value, r",
    ]  # fmt: skip


LOOP = """. foreach x in value capital {
  2.         * a comment
.         qui summarize `x'
  3.         regress inv `x'
  4. }
"""


def test_windows_below_a_loop_belong_to_the_only_command_in_it_that_prints_such():
    read = read_log(log(LOOP, REGRESS, REGRESS))
    assert [c.number for c in read.commands] == [0, 2, 3, 4]
    assert [read.commands[w.command].text for w in read.windows] == ["regress inv `x'"] * 2
    assert all(c.block == 0 for c in read.commands[1:])
    assert [c.quiet for c in read.commands if "summarize" in c.text] == [True]


def test_where_several_commands_of_a_loop_print_such_windows_none_is_chosen():
    loop = LOOP.replace("qui summarize `x'", "regress `y' `x', r")
    (first, _) = read_log(log(loop, REGRESS, REGRESS)).windows
    assert first.command is not None  # the outcome is written out in one of them
    (first, _) = read_log(log(loop.replace("regress inv `x'", "regress `z' `x'"), REGRESS, REGRESS)).windows
    assert first.command is None and len(first.candidates) == 2


def test_commands_of_a_loop_are_told_apart_by_the_variables_that_they_write_out():
    loop = LOOP.replace("qui summarize `x'", "regress inv value, vce(`x')").replace(
        "regress inv `x'", "regress inv value capital"
    )
    short = "".join(line for line in REGRESS.splitlines(keepends=True) if not line.startswith("     capital"))
    read = read_log(log(loop, REGRESS, short, REGRESS))
    assert [read.commands[w.command].text for w in read.windows] == [
        "regress inv value capital", "regress inv value, vce(`x')", "regress inv value capital",
    ]  # fmt: skip


def test_an_error_is_said_with_its_code_and_words():
    read = read_log(log(". regress inv valu\nvariable valu not found\nr(111);\n\nend of do-file\n\nr(111);\n"))
    first = read.errors[0]
    assert (first.code, first.text) == (111, "variable valu not found r(111);")


def test_a_log_that_stops_in_a_window_says_so():
    read = read_log(log(". regress inv value capital\n", REGRESS[: REGRESS.index("     capital")]))
    assert "ends in the window" in read.cut and not read.windows[0].whole


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_and_line_ends_leave_the_numbers(codec):
    text = (
        HEAD + ". * 省份固定效应 与 聚类标准误\n\n. label variable inv 总投资\n\n. regress inv value capital\n" + REGRESS
    ).replace("\n", "\r\n")
    read = read_log(text.encode(codec))
    assert read.encoding in (codec.removesuffix("-sig"), "utf-8")
    assert read.windows[0].rows[0].cell("coef").text == ".1155622"
    assert any("总投资" in c.text for c in read.commands)


def test_western_letters_are_not_read_as_chinese():
    read = read_log((HEAD + '. label variable inv "Salário médio à época"\n').encode("latin-1"))
    assert read.encoding == "cp1252" and "Salário médio à época" in read.commands[0].text


SUMMARIZE = """
    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
         inv |        200    145.9582    216.8753        .93     1486.7
       value |        200    1081.681     1314.47      58.12     6241.7
"""
DETAIL = """
                             inv
-------------------------------------------------------------
      Percentiles      Smallest
 1%         1.38            .93
 5%        3.305           1.18
10%        6.555            1.3       Obs                 200
25%        33.56           1.36       Sum of wgt.         200

50%       57.485                      Mean           145.9582
                        Largest       Std. dev.      216.8753
75%       138.04          891.2
90%       411.85          912.8       Variance       47034.89
95%       560.85         1304.4       Skewness       2.943208
99%       1108.6         1486.7       Kurtosis       13.69402
"""
TABULATE = """
       firm |      Freq.     Percent        Cum.
------------+-----------------------------------
          1 |         20       10.00       10.00
          2 |         20       10.00       20.00
------------+-----------------------------------
      Total |        200      100.00
"""
TWO_WAY = """
           |         late
      firm |         0          1 |     Total
-----------+----------------------+----------
         1 |        10         10 |        20
         2 |        12          8 |        20
-----------+----------------------+----------
     Total |        22         18 |        40

          Pearson chi2(1) =   0.4040   Pr = 0.525
"""
TEST = """
 ( 1)  value = 0
 ( 2)  capital = 0

       F(  2,   197) =  426.58
            Prob > F =    0.0000
"""
TTEST = """
Two-sample t test with equal variances
------------------------------------------------------------------------------
   Group |     Obs        Mean    Std. err.   Std. dev.   [95% conf. interval]
---------+--------------------------------------------------------------------
       0 |     100    119.0417    17.56432    175.6432    84.19035    153.8931
       1 |     100    172.8747     24.9611     249.611    123.3465    222.4029
---------+--------------------------------------------------------------------
Combined |     200    145.9582    15.33540    216.8753    115.7173    176.1992
---------+--------------------------------------------------------------------
    diff |           -53.83301    30.52097               -114.0209    6.354869
------------------------------------------------------------------------------
    diff = mean(0) - mean(1)                                      t =  -1.7638
H0: diff = 0                                     Degrees of freedom =      198

    Ha: diff < 0                 Ha: diff != 0                 Ha: diff > 0
 Pr(T < t) = 0.0397         Pr(|T| > |t|) = 0.0793          Pr(T > t) = 0.9603
"""
CORRELATE = """(obs=200)

             |      inv    value  capital
-------------+---------------------------
         inv |   1.0000
       value |   0.8563   1.0000
     capital |   0.6602   0.4853   1.0000
"""
MERGE = """
    Result                      Number of obs
    -----------------------------------------
    Not matched                            12
        from master                        12  (_merge==1)
        from using                          0  (_merge==2)

    Matched                             1,188  (_merge==3)
    -----------------------------------------
"""
LINCOM = """
 ( 1)  value - capital = 0

------------------------------------------------------------------------------
         inv | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]
-------------+----------------------------------------------------------------
         (1) |  -.1151163   .0284935    -4.04   0.000    -.1713078   -.0589249
------------------------------------------------------------------------------
"""


@pytest.mark.parametrize(
    ("command", "text", "kind", "cells"),
    [
        ("su inv value", SUMMARIZE, "summarize", 10), ("sum inv, d", DETAIL, "summarize", 24),
        ("tab firm", TABULATE, "tabulate", 8),
        ("tab firm late, chi2", TWO_WAY, "tabulate", 11), ("test value capital", TEST, "test", 2),
        ("ttest inv, by(late)", TTEST, "ttest", 27), ("corr inv value capital", CORRELATE, "correlate", 7),
        ("merge m:1 firm using x", MERGE, "merge", 4), ("lincom value - capital", LINCOM, "lincom", 6),
        ("count if inv > 100", "  74\n", "count", 1), ("di 2 + 2", "4\n", "display", 1),
    ],
)  # fmt: skip
def test_windows_of_other_commands_are_read_with_every_number(command, text, kind, cells):
    read = read_log(log(f". {command}\n", text))
    assert [(w.kind, len(w.cells)) for w in read.windows] == [(kind, cells)]
    assert not read.outside and not read.windows[0].not_understood


def test_a_number_of_a_window_is_called_what_stands_above_it():
    (window,) = read_log(log(". sum inv value\n", SUMMARIZE)).windows
    assert window.rows[1].cell("Mean").text == "1081.681" and window.rows[0].cell("Std. dev.").text == "216.8753"
    (window,) = read_log(log(". ttest inv, by(late)\n", TTEST)).windows
    assert window.rows[3].cell("Mean").text == "-53.83301" and window.rows[3].cell("Std. err.").text == "30.52097"
    assert [s.cell.text for s in window.statistics if s.label == "Pr(|T| > |t|)"] == ["0.0793"]


SMCL = (TESTS / "logs" / "loop.smcl").read_text(encoding="utf-8")


def test_smcl_is_read_as_text_is():
    read = read_log(SMCL.encode())
    (window,) = read.windows
    assert read.format == "smcl" and window.vcov == "Robust" and read.commands[window.command].text == "reg inv value"
    assert window.statistic("nobs").text == "200" and window.rows[0].cell("se").text == ".0168447"
    assert [m.code for m in read.errors] == [111]


def test_a_log_and_what_is_none_are_told_apart_by_content(tmp_path):
    (tmp_path / "a.txt").write_bytes(log(". reg y x\n", REGRESS))
    (tmp_path / "b.log").write_text("Variable & (1) \\\\\n\\begin{tabular}{lc} x & 0.1 \\\\ \\end{tabular}")
    (tmp_path / "c").write_text(SMCL)
    assert [recognise(tmp_path / name) for name in ("a.txt", "b.log", "c")] == ["log", "tex", "smcl"]


# ---------------------------------------------------------------- a log of thirty commands

COMMANDS = TESTS / "logs" / "commands.log"


def test_every_window_of_a_log_of_thirty_commands_is_of_its_kind_and_nothing_is_left():
    read = read_log(COMMANDS)
    assert [(w.kind, w.printed_by, len(w.rows), len(w.cells)) for w in read.windows] == [
        ("estimates", "xtreg, fe", 3, 33), ("estimates", "xtreg, re", 3, 31), ("hausman", "", 2, 10),
        ("estimates", "areg", 3, 27),
        ("estimates", "reghdfe", 3, 29), ("absorbed", "", 2, 6), ("estimates", "", 4, 29), ("estimates", "ivreg2", 3, 35),
        ("estimates", "ivregress", 3, 23), ("estimates", "logit", 6, 29), ("margins", "margins", 2, 15),
        ("estimates", "newey", 3, 22), ("estimates", "regress", 3, 25), ("estimates", "mlogit", 5, 29), 
        ("boottest", "", 0, 5),
        ("nlcom", "", 1, 6), ("vif", "", 3, 5), ("tabstat", "", 4, 12), ("xtsum", "", 3, 13), ("pwcorr", "", 5, 9),
        ("list", "", 2, 6), ("summarize", "", 1, 5), ("summarize", "", 1, 5), ("mean", "mean", 2, 9), ("return", "", 0, 3),
        ("matrix", "", 1, 3), ("coefficients", "", 6, 12),
    ]  # fmt: skip
    assert not read.outside and not any(w.not_understood for w in read.windows) and not read.cut
    assert [len(shown.exhibit.cells) for shown in read.shown] == [12]
    assert [read.commands[w.command].text.split()[0] for w in read.windows][:4] == ["xtreg", "xtreg", "hausman", "areg"]


def window_of(kind: str, number: int = 0):
    return [w for w in read_log(COMMANDS).windows if kind in (w.kind, w.printed_by)][number]


def test_statistics_of_feet_and_heads_have_their_names():
    ivreg2 = {s.label: s.cell.text for s in window_of("ivreg2").statistics}
    assert ivreg2["(Kleibergen-Paap rk Wald F statistic)"] == "514.228" and ivreg2["Chi-sq(1) P-val"] == "0.3958"
    assert window_of("xtreg, fe").statistic("r2_within").text == "0.7668"
    assert window_of("xtreg, fe").statistic("sigma_u").text == "85.732501"
    assert (window_of("reghdfe").clusters, window_of("reghdfe").vcov) == ("firm year", "Robust")
    assert window_of("hausman").statistic("chi2").text == "2.33"
    assert [window_of("boottest").statistic(name).text for name in ("t", "p", "ci_low", "ci_high")] == [
        "7.2476", "0.0100", ".05893", ".1513",
    ]  # fmt: skip


def test_levels_bases_equations_and_groups():
    assert [(r.term, r.note) for r in window_of("logit").rows][2:5] == [
        ("East.region", "base"), ("West.region", ""), ("South.region", "empty"),
    ]  # fmt: skip
    assert [(r.equation, r.term) for r in window_of("mlogit").rows][1:3] == [("West", "value"), ("West", "_cons")]
    assert [window_of("summarize", i).group for i in (0, 1)] == ["region = East", "region = West"]
    assert [r.note for r in window_of("pwcorr").rows] == ["", "", "continued", "", "continued"]
    assert any("predicts success perfectly" in m.text for m in window_of("logit").messages)


def as_smcl(text: str) -> str:
    """A text log as the SMCL that Stata would have written of it: bars, rules, prompts, braces."""
    out = []
    for line in text.split("\n"):
        line = line.translate({ord("{"): "{c -(}", ord("}"): "{c )-}"})
        line = re.sub(r"-{5,}", lambda m: f"{{hline {len(m[0])}}}", line)
        line = re.sub(r" {9,}", lambda m: f"{{space {len(m[0])}}}", line).replace(" | ", " {c |} ")
        line = line.replace("}+{", "}{c +}{")
        out.append(f"{{com}}{line}" if re.match(r"\. |\.$|> ", line) else f"{{txt}}{line}")
    return "{smcl}\n" + "\n".join(out)


def test_smcl_gives_the_windows_of_the_text():
    text = COMMANDS.read_text(encoding="utf-8")
    plain, smcl = read_log(text.encode(), "a"), read_log(as_smcl(text).encode(), "a")
    assert smcl.format == "smcl" and [c.text for c in plain.commands] == [c.text for c in smcl.commands]
    assert [(w.kind, [(c.text, c.kind, c.name) for c in w.cells]) for w in plain.windows] == [
        (w.kind, [(c.text, c.kind, c.name) for c in w.cells]) for w in smcl.windows
    ]


def test_a_log_that_texdoc_made_latex_of_gives_the_windows_of_the_text():
    text = COMMANDS.read_text(encoding="utf-8")
    marked = (
        re.sub(r"-{5,}", lambda m: f"\\HLI{{{len(m[0])}}}", text).replace("}+\\", "}{\\PLUS}\\").replace("|", "{\\VBAR}")
    )
    plain, latex = read_log(text.encode(), "a"), read_log(f"\\begin{{stlog}}\n{marked}\\end{{stlog}}\n".encode(), "a")
    assert [[c.text for c in w.cells] for w in plain.windows] == [[c.text for c in w.cells] for w in latex.windows]


@pytest.mark.parametrize("width", [60, 120])
def test_rows_wrapped_at_a_narrow_width_are_whole(width):
    text = COMMANDS.read_text(encoding="utf-8")
    text = re.sub(r"^-{80}$", "-" * width, text, flags=re.MULTILINE)
    wrapped = "\n".join(
        line if len(line) <= width or re.fullmatch(r"-+", line) else f"{line[:width]}\n> {line[width:]}"
        for line in text.split("\n")
    )
    plain, narrow = read_log(text.encode(), "a"), read_log(wrapped.encode(), "a")
    assert [[c.text for c in w.cells] for w in plain.windows if w.kind == "estimates"] == [
        [c.text for c in w.cells] for w in narrow.windows if w.kind == "estimates"
    ]


def test_a_log_cut_anywhere_is_read_up_to_there_and_says_so():
    raw = COMMANDS.read_bytes()
    whole = {w.first: [c.text for c in w.cells] for w in read_log(raw, "a").windows}
    for at in range(500, len(raw) - 300, 1777):
        cut = read_log(raw[:at], "a")
        assert cut.cut
        last = raw[:at].count(b"\n") + 1
        for window in cut.windows:  # the last has lost its end, or its heading, thirty lines below its head at most
            assert window.last >= last - 30 or [c.text for c in window.cells] == whole[window.first]


@pytest.mark.parametrize(
    "typed",
    [
        ". capture log close", ". cap log close", ". qui log close", ". cap qui log c", ". quietly capture log close _all",
        ". cap log close <unnamed>", ". if 1 log close", ". cap log clo  // the end", ". cap log close;", ". log close",
        ". cap log close\n\n. \n. ", ". quietly {\n  2. log close\n  3. translate a.smcl a.log\n  4. }",
        ". cap log close `a'",
    ],
)  # fmt: skip
def test_a_log_whose_last_command_closes_it_without_a_foot_is_whole(typed):
    ran = ". regress inv value capital\n" + REGRESS + "\n"
    assert not read_log(log(ran, f"{typed}\n")).cut
    assert not read_log(as_smcl(HEAD + ran + f"{typed}\n").encode() + b"{smcl}\n{com}{sf}{ul off}").cut
    again = log(f"{typed}\n", HEAD, ran, ". log close\n", HEAD.replace("opened on", "closed on"))  # appended to
    assert not read_log(again).cut


@pytest.mark.parametrize(
    "typed",
    [
        ". cap log close other", ". cap cmdlog close", ". cap log off", ". cap log close\n\n. sum value",
        ". display \"log close\"\nlog close", ". * cap log close", ". program fin\n  1. cap log close\n  2. end",
        ". cap log query", ". cap log close\n\n. regress inv value\n\n      Source |       SS",
    ],
)  # fmt: skip
def test_a_log_that_no_command_closed_breaks_off(typed):
    ran = ". regress inv value capital\n" + REGRESS + "\n"
    assert read_log(log(ran, f"{typed}\n")).cut
    assert read_log(log(". cap log close\n", HEAD, ran, f"{typed}\n")).cut


def test_a_log_that_is_opened_within_another_says_nothing_of_its_end():
    ran = ". regress inv value capital\n" + REGRESS + "\n"
    inner = HEAD.replace("<unnamed>", "b").replace("anl", "b")
    foot = HEAD.replace("opened on", "closed on")
    opened = ". log using b, name(b)\n" + inner + ran
    assert not read_log(log(opened, ". cap log close b\n\n. log close\n", foot)).cut
    assert not read_log(log(opened, ". cap log close _all\n")).cut
    assert read_log(log(opened, ". cap log close b\n")).cut
    assert read_log(log(opened, ". log close b\n", inner.replace("opened on", "closed on"), ran)).cut


def test_two_megabytes_are_read_in_two_seconds():
    text = COMMANDS.read_text(encoding="utf-8")
    large = (text * (2 * 2**20 // len(text) + 1)).encode()
    assert len(large) > 2 * 2**20
    start = time.process_time()
    read = read_log(large, "a")
    seconds = time.process_time() - start
    assert len(read.windows) > 27 * 80
    assert seconds < 3.2  # as eight for five megabytes, which take 3.3 where nothing else runs


@pytest.mark.parametrize(
    "text",
    [
        "-" * 100_000 + "\n" + "|" * 100_000, ("-" * 30 + "\n") * 30_000, "> " * 60_000, ". " + "a" * 300_000, "{" * 100_000,
        "{smcl}\n" + "{res:" * 20_000, ("  2. x\n" * 30_000), "(" * 100_000 + " = 1", ("x = 1\n" * 40_000),
        (" " * 2_000 + "\n") * 300,
        "-" * 100_000 + "x", ("-" * 100 + "+") * 2_000 + "x", "was now " * 40_000 + "1", "a  1 " * 40_000,
        "x" * 200_000 + " = 1",
        "bootstrap 1 replications " * 9_000, ("y | Coef. Std. err. t\n" * 5_000), ("a |\n---+---\n" * 10_000),
        " 1 |" + " 1" * 60_000,
    ],
)  # fmt: skip
def test_hostile_logs_take_no_longer_than_their_length(text):
    start = time.process_time()
    read_log((HEAD + text + "\n").encode(), "a")
    assert time.process_time() - start < 15


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ('eststo, title("a: b, `lab\'"): reghdfe y x', "reghdfe"), ("qui eststo m1: reg y x", "regress"),
        ("by x: su y", "summarize"),
        ("bys id (t): gen x = 1", "generate"), 
        ("cap noi xtreg y x, fe", "xtreg"), ("bootstrap, reps(10): reg y x", "regress"),
        ("reg y i.a#c.b, absorb(a::b)", "regress"), ("eststo clear", "eststo"),
        ("ta x y", "tabulate"), ("", ""), ("}", ""),
    ],
)  # fmt: skip
def test_commands_are_named_behind_their_prefixes_and_abbreviations(typed, name):
    assert command_name(typed) == name
