"""The map of a package: written, edited, given back; and numbers of the text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.cli import main
from parity.package.verify import Asked, verify

MADE = FIXTURES / "packages" / "made"
TABLES = ("tables/table5.md",)


def mapped(text: str, folder: Path = MADE, tables=TABLES):
    return verify(folder, Asked(tables=tables, mapped=text, map_file="map.toml"))


def test_the_first_run_writes_a_map_that_the_second_takes(tmp_path):
    file = tmp_path / "map.toml"
    done = CliRunner().invoke(main, ["package", str(MADE), "--table", TABLES[0], "--write-map", str(file)])
    assert done.exit_code == 0, done.output
    text = file.read_text(encoding="utf-8")
    assert '"1" = "code/3_tables.do:20"' in text and '"2" = "code/3_tables.do:22"' in text
    found = mapped(text)
    assert [c.how for c in found.exhibits[0].columns] == ["map", "map"]
    assert found.summary.reproduced == found.summary.cells == 16


def test_a_map_decides_which_command_a_column_is():
    found = mapped('[exhibit."tables/table5.md".columns]\n1 = "old"\n2 = "code/3_tables.do:22"\n')
    column = [c for c in found.exhibits[0].cells if c.column == 1]
    assert {c.verdict for c in column if c.quantity in ("coef", "se")} <= {"differs", "explained"}
    assert {c.verdict for c in found.exhibits[0].cells if c.column == 2} == {"reproduced"}


def test_a_map_names_rows_that_no_label_tells(tmp_path):
    folder = tmp_path / "made"
    shutil.copytree(MADE, folder)
    path = folder / TABLES[0]
    path.write_text(path.read_text(encoding="utf-8").replace("| married |", "| M |"), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(x.replace("0.", "1.") if "| M |" in x else x for x in lines), encoding="utf-8")
    base = '[exhibit."tables/table5.md".columns]\n1 = "young"\n2 = "old"\n'
    unknown = mapped(base, folder).exhibits[0]
    assert {c.verdict for c in unknown.cells if c.label == "M" and c.column == 1} == {"not verified"}
    named = mapped(base + '[exhibit."tables/table5.md".rows]\nM = "married"\n', folder).exhibits[0]
    assert [c.verdict for c in named.cells if c.label == "M" and c.column == 1] == ["differs", "reproduced"]


def test_numbers_of_the_text_have_a_verdict_each():
    text = """
[[in_text]]
sentence = "Members earn 17 percent more (p < 0.001), in a sample of 4,360 rows."
number = "17"
command = "code/2_analysis.do:4"
term = "union"
scale = 100
[[in_text]]
sentence = "The sample has 4,360 rows."
number = "4,360"
command = "code/2_analysis.do:4"
quantity = "nobs"
[[in_text]]
sentence = "Schooling is worth 12 percent."
number = "12"
command = "code/2_analysis.do:4"
term = "educ"
scale = 100
"""
    found = mapped(text).exhibits[-1]
    assert found.origin == "text" and [c.verdict for c in found.cells] == ["reproduced", "reproduced", "differs"]
    assert found.columns[2].head == "Schooling is worth 12 percent."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[exhibit", "no TOML"),
        ('[exhibits."x"]', "did you mean `exhibit`"),
        ('[exhibit."tables/table6.md".columns]\n1 = "x"', "did you mean `tables/table5.md`"),
        ('[exhibit."tables/table5.md".columns]\n7 = "young"', "no such column"),
        ('[exhibit."tables/table5.md".columns]\n1 = "code/3_tables.do:21"', "no estimation command"),
        ('[exhibit."tables/table5.md".rows]\nMaried = "x"', "did you mean `married`"),
        ('[[in_text]]\nsentence = "a"\nnumber = "b"\ncommand = "young"', "is no number"),
        ('[[in_text]]\nsentence = "a"\nnumber = "1"\ncommand = "young"\nterm = "unio"', "did you mean `union`"),
    ],
)
def test_a_wrong_map_is_told_where_it_is_wrong(text, said):
    with pytest.raises(InputError) as error:
        mapped(text)
    assert said in str(error.value) and "map.toml" in str(error.value)
