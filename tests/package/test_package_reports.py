"""Reports of a package: page, findings, code check, changes, tests."""

from __future__ import annotations

import csv
import html
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import FIXTURES, ROOT
from nested import run_here
from parity.cli import main
from parity.package.changes import compare_packages
from parity.package.document import Package
from parity.package.read_back import from_json
from parity.package.verify import Asked, verify
from parity.report.package.code_check import code_check
from parity.report.package.markdown import package_markdown
from parity.report.package.page import package_page
from parity.report.package.terminal import package_text

MADE = FIXTURES / "packages" / "made"
TABLES = Asked(tables=("tables/table1.tex", "tables/table2.csv"))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory) -> Package:
    """Two tables with a digit planted in each; a label of the second is a script."""
    folder = tmp_path_factory.mktemp("p") / "made"
    shutil.copytree(MADE, folder)
    path = folder / "tables/table1.tex"
    path.write_text(path.read_text(encoding="utf-8").replace("(0.00450)", "(0.00540)", 1), encoding="utf-8")
    path = folder / "tables/table2.csv"
    text = path.read_text(encoding="utf-8").replace("union", "<script>alert(1)</script>|*x*")
    cells = text.split('"')
    at = next(i for i, cell in enumerate(cells) if cell.endswith("***"))
    cells[at] = f"9{cells[at]}"
    path.write_text('"'.join(cells), encoding="utf-8")
    return verify(folder, TABLES)


def test_the_page_is_one_file_that_loads_nothing_and_escapes_all(wrong):
    page = package_page(wrong)
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert "default-src 'none'" in html.unescape(page)
    assert page.index("56 of 58 printed numbers reproduced, 2 differ") < page.index("<table")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_rows_stand_in_the_order_of_the_file(wrong):
    section = package_page(wrong).split('id="e1"')[1].split("</table>")[0]
    labels = [x.split("</th>")[0] for x in section.split('<th scope="row">')[1:]]
    assert labels == ["Union member", "Married", "Schooling", "Experience", "Experience squared", "Black", "Constant",
                      "Observations", "R-squared"]  # fmt: skip


def test_each_number_is_on_the_page_with_mark_and_verdict(wrong):
    page = package_page(wrong)
    links = re.findall(r'<a class="n (\w+)" href="#\w+" title="[^"]*">([^<]*)<b aria-hidden="true">(.)</b>', page)
    assert len(links) == wrong.summary.cells
    assert [(style, text, mark) for style, text, mark in links if style == "bad"] == [
        ("bad", "(0.00540)", "x"), ("bad", links_of_9(links), "x"),
    ]  # fmt: skip


def links_of_9(links) -> str:
    return next(text for _, text, _ in links if text.startswith("90."))


def test_findings_have_the_sections_classes_and_reasons_of_the_form(wrong):
    text = package_markdown(wrong)
    for head in ("## Findings", "### Data Preparation Code", "### Tables and Figures", "### In-Text Numbers",
                 "## Classification", "### Reason for incomplete reproducibility"):  # fmt: skip
        assert f"\n{head}\n" in text
    assert "- [x] full reproduction with minor issues" in text and "- [ ] full reproduction\n" in text
    assert "- [x] `Discrepancy in output`" in text and "- [ ] `Data missing`" in text
    assert "| code/3\\_tables.do | 7 | Partly: 1 differs of 40 numbers |" in text
    assert "column 2, Schooling (se): (0.00540) in print, 0.00449" in text
    assert "<script>" not in text and "\\*x\\*" in text


def test_the_code_check_has_a_row_a_program_and_an_exhibit(wrong):
    rows = list(csv.DictReader(code_check(wrong).splitlines()))
    assert [r["Data Preparation Program"] for r in rows[:4]] == list(wrong.programs.do_files)
    table = next(r for r in rows if r["Figure/Table #"] == "tables/table1.tex")
    assert (table["Program"], table["Line Number"], table["Reproduced?"]) == (
        "code/3_tables.do", "7", "Partly: 1 differs of 40 numbers",
    )  # fmt: skip


def test_the_terminal_says_first_what_is_known_and_then_what_differs(wrong):
    text = package_text(wrong)
    assert text.startswith("56 of 58 printed numbers reproduced, 2 differ.")
    assert "DIFFERS tables/table1.tex, column 2, Schooling, se: printed (0.00540)" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_revision_is_held_against_the_first_submission(wrong):
    right = verify(MADE, TABLES)
    found = compare_packages(right, wrong)
    assert found.exit_code == 1
    (worse,) = [c for c in found.cells if c.worse and c.exhibit == "tables/table1.tex"]
    assert worse.verdict == ("reproduced", "differs") and worse.printed == ("(0.00450)", "(0.00540)")
    assert "tables/table1.tex" in found.files
    assert compare_packages(right, right).cells == () and compare_packages(right, right).exit_code == 0
    mended = compare_packages(wrong, right)
    assert not [c for c in mended.cells if c.worse and c.exhibit == "tables/table1.tex"]


def test_diff_reads_kept_reports_and_refuses_to_mix(tmp_path):
    file = tmp_path / "a.json"
    run = CliRunner().invoke(main, ["package", str(MADE), "--table", "tables/table1.tex", "--json", str(file)])
    assert run.exit_code == 0 and from_json(file.read_text(), "a").summary.cells == 40
    same = CliRunner().invoke(main, ["diff", str(file), str(file)])
    assert same.exit_code == 0 and same.output.startswith("no number got worse")
    other = tmp_path / "b.json"
    other.write_text('{"schema": "parity-report/1"}')
    mixed = CliRunner().invoke(main, ["diff", str(file), str(other)])
    assert mixed.exit_code == 2 and "package" in mixed.output


def test_an_exhibit_is_a_test(tmp_path):
    folder = tmp_path / "made"
    shutil.copytree(MADE, folder, ignore=lambda _, names: [n for n in names if re.match(r"logs$|table[3-9]", n)])
    path = folder / "tables/table1.tex"
    path.write_text(path.read_text(encoding="utf-8").replace("(0.00450)", "(0.00540)", 1), encoding="utf-8")
    (tmp_path / "tests").mkdir()
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-q", "--parity-package", str(folder), "tests"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    exhibits = len(verify(folder).exhibits)
    assert done.returncode == 1 and exhibits > 1
    assert f"1 failed, {exhibits} passed" in done.stdout  # beside them, that enough is compared
    assert "tables/table1.tex, column 2, Schooling, se: printed (0.00540), estimated" in done.stdout


@pytest.mark.parametrize(
    ("change", "options", "code", "said"),
    [
        (None, [], 0, ""),
        ("covariance", [], 1, "5 numbers are not what the code as it stands gives"),
        ("no data", [], 1, "must be compared"),
        ("no data", ["--parity-require-share", "101"], 4, "PERCENT"),
        ("note", [], 1, "the note announces"),
    ],
)
def test_a_package_is_green_for_pytest_where_the_command_is(tmp_path, change, options, code, said):
    """Exhibits that are all skipped, and a note that is wrong, are no green run."""
    folder = tmp_path / "package"
    shutil.copytree(ROOT / "docs" / "examples" / "package", folder)
    table = folder / "tables" / "table1.csv"
    table.write_text(table.read_text().replace("(0.0225)", "(0.0255)"))
    if change != "covariance":  # column 2's errors are robust where its command clusters
        text = table.read_text()
        for robust, clustered in (
            ("(0.00681)", "(0.0159)"),
            ("(0.0489)", "(0.0850)"),
            ("(11.6)", "(20.4)"),
            (',="0.231***",="0.358', ',="0.231**",="0.358'),
            (',="-42.7***",="-80', ',="-42.7*",="-80'),
        ):
            text = text.replace(robust, clustered)
        table.write_text(text)
    if change == "no data":
        (folder / "investment.csv").unlink()
    if change == "note":
        table.write_text(table.read_text().replace("Standard errors", "t statistics"))
    (tmp_path / "tests").mkdir()
    done = run_here(tmp_path, "-p", "no:xdist", "--parity-package", str(folder), *options, "tests")
    assert done.returncode == code, done.stdout
    assert said in done.stdout + done.stderr
    if code < 2:
        assert verify(folder).exit_code == code


def test_an_exhibit_that_passes_says_what_it_did_not_compare():
    from types import SimpleNamespace

    from parity.testing.package import ExhibitItem

    def exhibit(*verdicts):
        cells = [SimpleNamespace(verdict=v, reason="its data are absent") for v in verdicts]
        return SimpleNamespace(exhibit=SimpleNamespace(cells=cells))

    with pytest.warns(pytest.PytestWarning, match="1 of 2 numbers not verified, the first: its data are absent"):
        ExhibitItem.runtest(exhibit("reproduced", "not verified"))
    for nothing, why in ((exhibit("not verified"), "its data are absent"), (exhibit(), "it has no number")):
        with pytest.raises(pytest.skip.Exception, match=why):
            ExhibitItem.runtest(nothing)


def test_the_same_package_again_is_answered_from_the_cache(monkeypatch):
    from parity.package import kept
    from parity.package.verify import EVERYTHING

    first = kept.verify_kept(MADE, EVERYTHING, cache=True, progress=lambda *_: None)
    monkeypatch.setattr(kept, "verified", None)  # nothing is made again
    assert kept.verify_kept(MADE, EVERYTHING, cache=True, progress=lambda *_: None) == first


def test_a_damaged_answer_in_the_cache_is_said_and_made_anew(monkeypatch):
    from parity.base.cache import AnswerCache
    from parity.package import kept
    from parity.package.verify import EVERYTHING

    first = kept.verify_kept(MADE, EVERYTHING, cache=True, progress=lambda *_: None)
    get = AnswerCache.get
    monkeypatch.setattr(AnswerCache, "get", lambda self, key: get(self, key)[:-40])
    said: list[str] = []
    assert kept.verify_kept(MADE, EVERYTHING, cache=True, progress=lambda *_: None, warn=said.append) == first
    assert len(said) == 1 and "can't be read and is made anew" in said[0]


def test_reports_go_where_they_are_told(tmp_path: Path):
    files = {k: tmp_path / f"r.{k}" for k in ("html", "markdown", "code-check", "json")}
    options = [x for k, f in files.items() for x in (f"--{k}", str(f))]
    done = CliRunner().invoke(main, ["package", str(MADE), "--table", "tables/table2.csv", *options])
    assert done.exit_code == 0 and all(f.stat().st_size > 100 for f in files.values())


def one_log(folder: Path, code: dict[str, str]) -> Package:
    """A package whose log has commands of its own, and do-files that lack them."""
    shutil.copy(MADE.parents[2] / "docs" / "examples" / "package" / "investment.csv", folder / "investment.csv")
    for name, text in code.items():
        (folder / name).write_text(text)
    name = "      name:  <unnamed>\n       log:  main.log\n  log type:  text\n"
    window = """. summarize value

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
       value |        200    1081.681     1314.47      58.12     6241.7

. regress inv value, noheader
"""
    echoed = ". import delimited using investment.csv, clear\n\n"
    end = f". log close\n{name} closed on:   1 Jan 2024, 10:00:00\n"
    (folder / "main.log").write_text(f"{name}\n{echoed}{window}\n{end}")
    return verify(folder)


@pytest.mark.parametrize(
    ("code", "id"),
    [
        ({}, "log-without-code"),
        ({"a.do": "import delimited using other.csv\n", "b.do": "import delimited using third.csv\n"}, "log-of-other-code"),
    ],
)
def test_a_log_whose_code_is_not_in_the_package_is_said_everywhere(tmp_path, code, id):
    found = one_log(tmp_path, code)
    assert [f.file for f in found.findings if f.id == id] == ["main.log"]
    assert found.programs.do_files == tuple(code) and found.summary.reproduced == 5
    assert "(5 by commands that only a log has)" in package_text(found).split("\n\n")[0].replace("\n  ", " ")
    text, check = package_markdown(found), code_check(found)
    assert "Please provide the code that gives each log" in text and "- [x] `Code missing`" in text
    assert "| Yes, by the log's own commands |" in text and ',""' not in check
    assert check.count("Yes, by the log's own commands") == 1 and "(all do-files)" not in text + check


def test_names_of_commands_in_the_first_line_of_the_page_are_code():
    assert "`" not in re.search(r"<h1>(.*?)</h1>", package_page(_unknown()), re.DOTALL)[1]


def _unknown() -> Package:
    found = verify(MADE, TABLES)
    first, *rest = found.exhibits
    cell = first.cells[0].model_copy(update={"verdict": "not verified", "reason": "what `estpost` prints is not held"})
    first = first.model_copy(update={"cells": (cell, *first.cells[1:])})
    summary = found.summary.model_copy(update={"reproduced": found.summary.reproduced - 1, "not_verified": 1})
    return found.model_copy(update={"exhibits": (first, *rest), "summary": summary})
