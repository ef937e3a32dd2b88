"""Columns of which no call tells whose they are: a wrong number among like columns is no number that nobody could verify."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of
from parity.package.verify import verify
from parity.stata.do import run_do

LIKE = ["regress y x w", "regress y x w, vce(robust)", "regress y x w, vce(cluster g)", "regress y x w z, vce(cluster g)"]


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Four columns that somebody typed: three of one regression, under three covariances."""
    folder = tmp_path_factory.mktemp("typed") / "package"
    folder.mkdir()
    data_into(folder)
    code = READ + "\n".join(LIKE) + "\n"
    (folder / "main.do").write_text(code)
    (folder / "t.csv").write_text(esttab(folder, code))
    return bed_of(folder)


def changed(text: str, line: int, column: int, digit) -> tuple[str, str]:
    """A line of the table as it is, and with another last digit in one of its cells."""
    before = text.split("\n")[line]
    cells = re.findall(r'"[^"]*"', before)
    found = re.search(r"\d(?=\D*$)", cells[column])
    cells[column] = cells[column][: found.start()] + digit(found[0]) + cells[column][found.end() :]
    return before, ",".join(cells)


def test_the_table_as_it_is_is_green(typed):
    assert typed.report.exit_code == 0 and typed.report.summary.reproduced == typed.report.summary.cells
    assert {c.command.line for c in typed.report.exhibits[0].columns} == {2, 3, 4, 5}


@pytest.mark.parametrize("line", [2, 3, 4, 5, 6, 7])
def test_a_digit_in_one_of_several_like_columns_differs(typed, line):
    """The other columns have their own commands, so one command is left for it, and one number isn't its."""
    text = (Path(typed.folder) / "t.csv").read_text()
    random_ = random.Random(line)
    for column in (1, 2, 3, 4):
        before, after = changed(text, line, column, lambda d: random_.choice([x for x in "123456789" if x != d]))
        exhibits, _ = altered(typed, "t.csv", before + "\n", after + "\n")
        off = [(c.column, c.verdict) for c in exhibits[0].cells if c.verdict != "reproduced"]
        assert off == [(column, "differs")], after


def test_the_standard_error_of_another_column(typed):
    text = (Path(typed.folder) / "t.csv").read_text()
    lines = text.split("\n")
    cells = re.findall(r'"[^"]*"', lines[3])
    assert cells[2] != cells[3]
    cells[2] = cells[3]
    exhibits, _ = altered(typed, "t.csv", lines[3], ",".join(cells))
    assert [(c.column, c.quantity) for c in exhibits[0].cells if c.verdict != "reproduced"] == [(2, "se")]


def package(folder: Path, code: str, table: str):
    folder.mkdir()
    data_into(folder)
    (folder / "main.do").write_text(code)
    (folder / "t.csv").write_text(table)
    return verify(folder)


def test_numbers_of_no_command_are_red_where_all_code_ran(tmp_path):
    """Two columns are the code's, the third is of data that nobody has: less than half, and no run with it is green."""
    data_into(tmp_path)
    code = READ + "regress y x w\nregress y x w z\n"
    table = esttab(tmp_path, code + "regress y w if h > 1\n")
    report = package(tmp_path / "red", code, table)
    assert report.exit_code == 1 and report.summary.not_verified and not report.summary.differs
    (said,) = [f.text for f in report.findings if f.id == "no-command-gives-it"]
    assert said == "every statement of the do-files ran on its data, and no command gives column 3"
    assert "no-command-gives-it" in report.why_red()
    lost = package(tmp_path / "lost", code + 'use "theirs.dta", clear\nregress y w\n', table)
    assert not [f for f in lost.findings if f.id.startswith("no-command")] and lost.exit_code == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "more.R").write_text("fixest::feols(y ~ w, d)\n")
    data_into(other)
    (other / "main.do").write_text(code)
    (other / "t.csv").write_text(table)
    assert not [f for f in verify(other).findings if f.id.startswith("no-command")], "R may have made it"


def test_numbers_that_the_nearest_command_lacks_are_red(tmp_path):
    """Two errors of a column of its own aren't those of any of three commands that share its coefficients."""
    data_into(tmp_path)
    code = READ + "\n".join(LIKE[:3]) + "\nregress v x z\nregress v x\n"
    table = esttab(tmp_path, READ + LIKE[0] + "\nregress v x z\nregress v x\n")
    lines = table.split("\n")
    for i in (3, 5):
        cells = re.findall(r'"[^"]*"', lines[i])
        cells[1] = '"(0.999)"'
        lines[i] = ",".join(cells)
    report = package(tmp_path / "red", code, "\n".join(lines))
    assert report.exit_code == 1 and not report.summary.differs
    (said,) = [f.text for f in report.findings if f.id == "no-command-gives-all"]
    assert said.startswith("column 1: no command gives all of its numbers")


def test_columns_in_another_order_than_their_code_are_red(tmp_path):
    code = READ + "".join(f"eststo: {c}\n" for c in LIKE) + WRITE
    data_into(tmp_path)
    right = esttab(tmp_path, code)
    swapped = [right.split("\n")[0]]
    for line in right.split("\n")[1:]:
        cells = re.findall(r'"[^"]*"', line)
        if len(cells) == 5:
            cells[1], cells[4] = cells[4], cells[1]
        swapped.append(",".join(cells) if cells else line)
    assert package(tmp_path / "right", code, right).exit_code == 0
    report = package(tmp_path / "swapped", code, "\n".join(swapped))
    assert report.exit_code == 1 and report.summary.explained and not report.summary.differs
    assert "another-column" in report.why_red() and len(report.of_other_code) == report.summary.explained


@pytest.mark.parametrize(("label", "verdict"), [("Distance", "differs"), ("x + z, sum", "not verified")])
def test_a_row_called_otherwise_whose_every_number_is_wrong(tmp_path, label, verdict):
    """The one term without a row is the row's without a term; a sum of coefficients is no term's."""
    data_into(tmp_path)
    code = READ + "eststo: regress y x w z\neststo: regress y x w z, vce(robust)\n"
    lines = esttab(tmp_path, code).split("\n")
    for i in (4, 5):
        cells = re.findall(r'"[^"]*"', lines[i])
        cells[1:] = ['"(0.777)"' if "(" in c else '"-0.777***"' for c in cells[1:]]
        lines[i] = ",".join(cells).replace('"w"', f'"{label}"')
    report = package(tmp_path / "p", code + WRITE, "\n".join(lines))
    assert [c.verdict for e in report.exhibits for c in e.cells if c.label == label] == [verdict] * 4
    assert report.exit_code == (verdict == "differs")


@pytest.mark.parametrize(
    "command", ["lincom x + w\nlincom x - w\n", "margins, dydx(x w)\n", "nlcom _b[x] / _b[w]\nlincom x + w\n"]
)
def test_what_is_computed_of_estimates_is_given_by_a_command(tmp_path, command):
    """A table typed from lincom: no column of estimates is its, and all the same a command gives it; one digit off, none."""
    data_into(tmp_path)
    code = READ + "regress y x w\n" + command
    done = [p.numbers for p in run_do(code, tmp_path).printed]
    rows = [(f"{v['estimate']:.3f}", f"({v.get('se') or v['estimate'] / v['z']:.3f})") for v in done]
    assert len(rows) == 2

    def typed(folder: Path, rows):
        folder.mkdir()
        lines = [text for i, (b, se) in enumerate(rows) for text in (f'"Effect {i}","{b}"', f'"","{se}"')]
        (folder / "u.csv").write_text("\n".join(['"","(1)"', *lines, '"Standard errors in parentheses"']) + "\n")
        data_into(folder)
        (folder / "main.do").write_text(code)
        (folder / "t.csv").write_text(esttab(folder, READ + "regress y x w\n"))
        return [f.id for f in verify(folder).findings if f.id.startswith("no-command")]

    assert typed(tmp_path / "right", rows) == []
    off = [(rows[0][0], f"({float(rows[0][1][1:-1]) + 0.2:.3f})"), rows[1]]
    assert len(typed(tmp_path / "off", off)) == 1
