"""Where things are: the program and line of a table that nobody could verify, and of what an ado-file of the package did."""

from __future__ import annotations

import csv

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from parity.package.verify import verify
from parity.report.package.code_check import code_check
from parity.report.package.markdown import package_markdown


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
