"""A table whose command stands in a comment is said to be of code that isn't run, with the line."""

from __future__ import annotations

import pytest

from estimates_table import READ, data_into, esttab
from parity.package.verify import verify

CODE = f"{READ}eststo: regress y x w\n"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('*esttab using "$out/tables/old.csv", replace se', True),
        ("// qui outreg2 x using old.xls, replace", True),
        ('* esttab using "other/older.csv", replace', False),
        ("* old.csv is made by hand", False),
        ('esttab using "old.csv", replace se', False),
        ("/* esttab using old.csv, replace se */", True),
        ("/* once:\nesttab using old.csv, replace se\n*/", True),
        ("esttab /* all */ using old.csv, replace se", False),
    ],
)
def test_a_command_in_a_comment_is_named(tmp_path, line, found):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(f"{CODE}{line}\n")
    (tmp_path / "old.csv").write_text(esttab(tmp_path, CODE).replace("0.", "0.9"))
    said = [(f.file, f.line, f.text) for f in verify(tmp_path).findings if f.id == "code-commented-out"]
    assert [(file, at) for file, at, _ in said] == [("main.do", 3 + line.startswith("/* once"))] * found
    assert all("old.csv is a comment" in text for *_, text in said)


def test_of_what_a_command_writes_no_comment_is_named(tmp_path):
    data_into(tmp_path)
    (tmp_path / "main.do").write_text(f"{CODE}*esttab using old.csv, se\nesttab using old.csv, replace se\n")
    (tmp_path / "old.csv").write_text(esttab(tmp_path, CODE))
    assert not [f for f in verify(tmp_path).findings if f.id == "code-commented-out"]
