"""Logs beside do-files that have other commands: whose each window is, and what only one of the two says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from parity.package.document import Package
from parity.package.log_pairs import _shown
from parity.package.verify import verify
from parity.report.package.code_check import code_check
from parity.report.package.markdown import package_markdown
from parity.report.package.words import first_line

DATA = ROOT / "docs" / "examples" / "package" / "investment.csv"
RULE = "-" * 13 + "+" + "-" * 64
LOAD = "import delimited using investment.csv, clear"
#: Commands of the log, each with the rows that Stata shows: coefficient, standard error, t, p, ends of the interval.
CLUSTERED = "regress inv value, cluster(firm)", (
    ("value", ".141386", ".0137372", "10.29", "0.000", ".1103103", ".1724617"),
    ("_cons", "-6.976284", "14.42164", "-0.48", "0.640", "-39.6003", "25.64773"),
)  # fmt: skip
LATER = "regress inv value capital if year > 1940", (
    ("value", ".1378993", ".0077698", "17.75", "0.000", ".1225351", ".1532635"),
    ("capital", ".1766403", ".0309555", "5.71", "0.000", ".115428", ".2378526"),
    ("_cons", "-44.99103", "12.00548", "-3.75", "0.000", "-68.73103", "-21.25102"),
)  # fmt: skip
ROBUST = "regress inv capital, robust", (
    ("capital", ".4772241", ".0663314", "7.19", "0.000", ".3464174", ".6080309"),
    ("_cons", "14.23621", "17.05558", "0.83", "0.405", "-19.3977", "47.87011"),
)  # fmt: skip
SUMMARY = """. summarize value

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
       value |        200    1081.681     1314.47      58.12     6241.7
"""


def window(command: str, rows: tuple[tuple[str, ...], ...]) -> str:
    n = 140 if "1940" in command else 200
    head = f"Linear regression{'Number of obs     =':>50}{n:>11}"
    held = "\n".join(f"{r[0]:>12} |" + "".join(f"{x:>11}" for x in r[1:]) for r in rows)
    names = "         inv |      Coef.   Std. Err.      t    P>|t|     [95% Conf. Interval]"
    return f". {command}\n\n{head}\n\n{'-' * 78}\n{names}\n{RULE}\n{held}\n{'-' * 78}\n"


def package(folder: Path, code: str, *windows: str, load: str = LOAD) -> Package:
    shutil.copy(DATA, folder / "investment.csv")
    (folder / "a.do").write_text(code)
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    shown = "\n".join(windows or (SUMMARY, window(*CLUSTERED), window(*LATER), window(*ROBUST)))
    end = f". log close\n{name} closed on:   1 Jan 2024, 10:00:00\n"
    (folder / "main.log").write_text(f"{name}\n. {load}\n\n{shown}\n{end}")
    return verify(folder)


def said(found: Package, id: str) -> list[tuple[int, str]]:
    return [(f.line, f.text) for f in found.findings if f.id == id]


def commands(found: Package) -> list[str]:
    """Files whose commands give the log's windows."""
    held = [next((c.command for c in e.columns if c.command is not None), e.command) for e in found.exhibits]
    return [c.file if c is not None else "" for c in held]


OLD = f"{LOAD}\nregress inv value\nregress inv value capital\nregress capital value\n"


def test_each_estimation_of_a_log_is_told_beside_the_code_s_nearest(tmp_path):
    found = package(tmp_path, OLD)
    first, clustered, later, robust = said(found, "log-of-other-code")
    assert first == (1, "its commands aren't those of the do-files: it is verified by its own")
    lines = (tmp_path / "main.log").read_text().split("\n")
    assert lines[clustered[0] - 1] == ". regress inv value, cluster(firm)"
    assert clustered[1] == (
        "it is a.do:2 but for cluster(firm), which only the log has; "
        "value: standard error .0137 in the log, .00604 by the code"
    )
    assert later[1] == (
        "it is a.do:3 but for `if year > 1940`, which only the log has; value: coefficient .138 in the log, .116 by the "
        "code; standard error .00777 in the log, .00584 by the code"
    )
    assert robust[1] == (
        "it is a.do:3 but for robust, which only the log has and value, which only the code has; capital: coefficient .477 "
        "in the log, .231 by the code; standard error .0663 in the log, .0255 by the code"
    )
    assert found.summary.reproduced == found.summary.cells
    assert f"({found.summary.cells} by commands that only a log has)" in first_line(found)


@pytest.mark.parametrize(
    "corrected",
    ["regress inv value, cluster(firm)", "reg inv value, vce(cluster firm)", "local x value\nreg inv `x', cl(firm)"],
)
def test_a_window_whose_command_the_do_file_has_again_is_the_do_file_s(tmp_path, corrected):
    found = package(tmp_path, f"{LOAD}\n{corrected}\nregress inv value capital\n")
    assert commands(found) == ["main.log", "a.do", "main.log", "main.log"]
    assert found.summary.reproduced == found.summary.cells
    without = found.summary.cells - len(found.exhibits[1].cells)
    assert f"({without} by commands that only a log has)" in first_line(found)
    rows = code_check(found).split("\n")
    assert sum("by the log's own commands" in r for r in rows) == 3
    assert sum(bool(re.search(r",a\.do,[23],,Yes$", r)) for r in rows) == 1
    assert not any("cluster(firm)" in text for _, text in said(found, "log-of-other-code"))
    assert said(found, "log-of-other-code")[0][1].startswith("most of its commands aren't those of the do-files")


def test_a_summary_that_the_do_file_has_again_is_the_do_file_s(tmp_path):
    found = package(tmp_path, f"{LOAD}\nsummarize value\nregress inv value\n")
    assert commands(found) == ["a.do", "main.log", "main.log", "main.log"]


@pytest.mark.parametrize(
    ("code", "load"),
    [
        (f"{LOAD}\ndrop if year > 1950\nregress inv value, cluster(firm)\nsummarize value\n", LOAD),
        (f"{LOAD}\nregress inv value, cluster(firm)\nsummarize value\n", "import delimited investment.csv, varn(1) clear"),
    ],
)
def test_the_same_command_on_other_data_is_the_log_s_own(tmp_path, code, load):
    """Behind a step that only one of them has, or a load of which nobody knows that it is the same."""
    found = package(tmp_path, code, load=load)
    assert set(commands(found)) == {"main.log"} and found.summary.reproduced == found.summary.cells
    pairs = " ".join(text for _, text in said(found, "log-of-other-code"))
    told = "it is a.do:3, on data that other commands made; value: coefficient .141 in the log"
    assert (told in pairs) == ("drop" in code)


def test_a_log_whose_code_is_newer_says_what_was_changed(tmp_path):
    found = package(tmp_path, f"{LOAD}\nsummarize value\nregress inv value\n{LATER[0]}\n{ROBUST[0]}\n")
    first, pair = said(found, "output-older-than-code")
    assert first[1].startswith("1 of its estimations stands in no do-file") and pair[0] == first[0]
    assert pair[1] == (
        "it is a.do:3 but for cluster(firm), which only the log has; "
        "value: standard error .0137 in the log, .00604 by the code"
    )


def test_pairs_beyond_the_eighth_and_estimations_like_none_are_counted(tmp_path):
    windows = [window(f"regress inv value if year > {1900 + i}, cluster(firm)", CLUSTERED[1]) for i in range(11)]
    other = f"{LOAD}\nregress inv value\n"
    texts = [t for _, t in said(package(tmp_path, other, *windows, window(*ROBUST)), "log-of-other-code")]
    assert sum(t.startswith("it is a.do:2 but for `if year > 19") for t in texts) == 8 and len(texts) == 11
    assert texts[-2] == "3 more of its estimations are a do-file's but for such parts"
    assert texts[-1].startswith("1 of its estimations has none like it in the do-files, the first `regress inv capital")


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (0.0706907, 0.0337, (".0707", ".0337")), (-0.07, -0.0700004, ("-.0700000", "-.0700004")),
        (1675.2, 837.6, ("1675", "838")), (1675.2, 1675.4, ("1675.2", "1675.4")), (2e12, 1.0, ("2.00e+12", "1.00")),
    ],
)  # fmt: skip
def test_two_numbers_are_told_with_as_many_digits_as_tell_them_apart(one, other, shown):
    assert _shown(one, other) == shown


# ---------------------------------------------------------------- logs that are run by the do-files' commands


BY_HAND = """. gen ratio = value / capital

. tabstat ratio, by(firm)

. summarize value if year > 1950

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
       value |         40    1648.158    1905.963      93.53     6241.7

. count if ratio > 3
  100
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ({"a.do": f"{LOAD}\nsummarize value\n"}, "4 of its 5 commands that make data or print numbers stand in no do-file"),
        # another do-file has them, but this log is not of it
        (
            {
                "a.do": f'{LOAD}\ncapture log close\nlog using "./logs/main", replace\nsummarize capital\n',
                "b.do": f"{LOAD}\ngen ratio = value / capital\ntabstat ratio, by(firm)\nsummarize value if year > 1950\n",
            },
            "4 of its 5 commands that make data or print numbers aren't in a.do, which writes a log of this name",
        ),
        # the do-file that opens it runs others, which may have them
        (
            {
                "a.do": 'log using main.log, replace\ndo "b.do"\nlog close\n',
                "b.do": f"{LOAD}\ngen ratio = value / capital  // of Tobin\ntabstat ratio, by(firm)\ncount if ratio > 3\n",
            },
            "",
        ),
        ({"a.do": f"{LOAD}\nlocal x ratio\ngen `x' = value / capital\ntabstat `x', by(firm)\ncount if `x' > 3\n"}, ""),
    ],
)
def test_a_log_whose_commands_mostly_are_not_the_do_files_is_said_to_be_so(tmp_path, code, told):
    for name, text in code.items():
        (tmp_path / name).write_text(text)
    found = package(tmp_path, code["a.do"], BY_HAND)
    texts = [t for _, t in said(found, "log-of-other-code")]
    assert texts == [] if not told else len(texts) == 1 and texts[0].startswith(told)
    assert ("- [x] `Code missing`" in package_markdown(found)) == bool(told)


def test_a_do_file_without_a_statement_is_told(tmp_path):
    (tmp_path / "b.do").write_text("")
    (tmp_path / "c.do").write_text("* to be written\n/* summarize value */\n// later\n")
    found = package(tmp_path, OLD)
    assert [(f.file, f.text) for f in found.findings if f.id == "empty-do-file"] == [
        ("b.do", "it holds no statement"), ("c.do", "it holds no statement"),
    ]  # fmt: skip
