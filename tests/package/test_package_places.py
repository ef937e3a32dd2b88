"""Where things are: the program and line of a table that nobody could verify, and of what an ado-file of the package did."""

from __future__ import annotations

import csv

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify
from parity.report.package.code_check import code_check
from parity.report.package.markdown import package_markdown
from parity.report.package.words import called


@pytest.fixture
def folder(tmp_path):
    data_into(tmp_path)
    return tmp_path


def rows(report):
    return list(csv.reader(code_check(report).splitlines()))[1:]


def test_a_table_that_is_not_verified_has_its_program_and_line(folder):
    """By the command that names its file, though it didn't run: a form asks for both."""
    text = esttab(folder, f"{READ}regress y x\n")
    (folder / "t.csv").write_text(text)
    code = 'use absent, clear\nsummarize x\nif r(N) > 3 {\n  regress y x\n  esttab using "t.csv", replace se\n}\n'
    (folder / "main.do").write_text(code)
    report = verify(folder)
    (table,) = report.exhibits
    assert table.command is None and (table.named.file, table.named.line) == ("main.do", 5) and "esttab" in table.named.text
    assert ["", "", "t.csv", "main.do", "5", "", "Not verified"] in rows(report)
    assert "| t.csv | main.do | 5 |" in package_markdown(report)
    assert not any(f.id == "exhibit-without-code" for f in report.findings)


def test_a_table_that_is_verified_has_the_command_that_wrote_it(folder):
    code = f"{READ}eststo: regress y x w\n"
    (folder / "t.csv").write_text(esttab(folder, code))
    (folder / "main.do").write_text(code + WRITE)
    (table,) = verify(folder).exhibits
    assert table.named is None and table.command.line == 3


def test_titles_that_several_have_are_told_apart(folder):
    code = f"{READ}eststo: regress y x w\n"
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(f'"Table of results"\n{esttab(folder, code)}')
    calls = "".join(WRITE.replace("t.csv", name) for name in ("a.csv", "b.csv"))
    (folder / "main.do").write_text(code + calls)
    report = verify(folder)
    named = [r[2] for r in rows(report) if r[2]]
    assert sorted(named) == ["Table of results (a.csv)", "Table of results (b.csv)"]


def test_what_an_ado_file_does_is_said_of_its_line(folder):
    (folder / "tell.ado").write_text("program define tell\n  generate y2 = y\n  no_such_command y2\nend\n")
    (folder / "main.do").write_text(f"{READ}regress y x\n\ntell\nregress y x w\n")
    report = verify(folder)
    (found,) = [f for f in report.findings if f.id == "unknown-command"]
    assert (found.file, found.line) == ("tell.ado", 3)
    assert [r[6] for r in rows(report) if r[0] == "tell.ado"] == ["No: 1 statement needs a look, see the findings"]


BY_COMMENT = """use absent.dta, clear
* Table 2: who works
estimates store a
esttab a, replace se
** OUTPUT ** Table 10: robustness
quietly estpost summarize y
cd "C:\\Users\\ann\\tables"
esttab ., cells("mean")
// Table 3 has no program
"""


@pytest.mark.parametrize(
    ("name", "title", "line"),
    [("table2.csv", "", 4), ("a.csv", "Table 2. Who works", 4), ("a.csv", "Table 10: Robustness", 8), ("table_3.csv", "", 0),
     ("a.csv", "Table 1: Who works", 0), ("table20.csv", "", 0), ("a.csv", "Results of Table 2", 0)],
)  # fmt: skip
def test_a_table_below_a_comment_with_its_number_has_that_place(folder, name, title, line):
    """esttab without `using`: what it shows was pasted into a file by hand."""
    table = esttab(folder, f"{READ}regress y x\n")
    (folder / name).write_text((f'"{title}"\n' if title else "") + table)
    (folder / "main.do").write_text(BY_COMMENT)
    report = verify(folder)
    (found,) = report.exhibits
    assert (found.named.line if found.named else 0) == line
    assert any(f.id == "exhibit-without-code" for f in report.findings) == (not line)


def test_the_form_lists_tables_by_their_numbers(folder):
    for n in (10, 2, 1):
        (folder / f"table{n}.csv").write_text(f'"Table {n}: results"\n' + esttab(folder, f"{READ}regress y x\n"))
    (folder / "main.do").write_text("display 1\n")
    report = verify(folder)
    wanted = [f"Table {n}: results" for n in (1, 2, 10)]
    assert [r[2] for r in rows(report) if r[2]] == wanted
    raised = report.exhibits[0].model_copy(update={"title": "1<sup>st</sup> stage"})
    assert called(raised, report.model_copy(update={"exhibits": (raised,)})) == "1st stage"
    text = package_markdown(report)
    assert [line.split(" | ")[0].strip("| ") for line in text.splitlines() if line.startswith("| Table")] == wanted


def test_what_is_said_of_many_lines_is_asked_for_once(folder):
    lines = "".join(
        f'use "C:\\Users\\ann\\Dropbox\\a project with a long name\\data\\absent{i // 9}.dta", clear\n' for i in range(10)
    )
    (folder / "main.do").write_text(f"ssc install reghdfe\n{lines}")
    (folder / "prepare.py").write_text("data.to_stata('absent0.dta')\n")
    report = verify(folder)
    text = package_markdown(report)
    asked = [line for line in text.splitlines() if line.startswith("  - ") and "absent0.dta" in line]
    assert len(asked) == 2 and all("lines 2, 3, 4, 5, 6, 7, 8, 9 and 1 more:" in line for line in asked)
    assert "prepare.py names it" in asked[1]
    assert rows(report)[0][-1].startswith("No: 10 statements")  # the installation needs no look
    assert "- [ ] `Software not available to replicator`" in text
