"""Numbers whose stars or digits are wrong beside the others of their table: stars in brackets, a bare 0, a percent sign."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of
from parity.package.matched import rematched
from parity.package.verify import EVERYTHING

CODE = f"{READ}eststo: regress y x w\neststo: regress y x w z\n"


@pytest.fixture(scope="module")
def bed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside") / "package"
    folder.mkdir()
    data_into(folder)
    (folder / "main.do").write_text(CODE + WRITE)
    (folder / "t.csv").write_text(esttab(folder, CODE))
    return bed_of(folder)


def rows(bed):
    """Column 1 of x and w: the coefficient with its stars, and its standard error."""
    lines = [line.split(",") for line in (bed.folder / "t.csv").read_text().splitlines()]
    at = next(i for i, line in enumerate(lines) if line[0] == '"x"')
    return lines[at][1].strip('"'), lines[at + 1][1].strip('"')


def whole(bed, change):
    """The report of the package with another table."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "package"
        shutil.copytree(bed.folder, folder)
        (folder / "t.csv").write_text(change((folder / "t.csv").read_text()))
        return bed.assembled(folder, rematched(folder, bed.found, bed.have, EVERYTHING))


def off(bed, before, after):
    exhibits, _ = altered(bed, "t.csv", before, after)
    return [(c.label, c.quantity, c.verdict) for e in exhibits for c in e.cells if c.verdict != "reproduced"]


@pytest.mark.parametrize("stars", ["*", "**", "****"])
def test_stars_of_a_standard_error_are_those_of_its_coefficient(bed, stars):
    coef, se = rows(bed)
    assert coef.count("*") == 3
    assert off(bed, se, se + stars) == [("x", "se", "differs")]
    assert not off(bed, se, se + "***")


def test_stars_may_stand_in_brackets_alone(bed):
    """Those of each coefficient go to the line below it; one too few there differs."""
    text = (bed.folder / "t.csv").read_text()
    lines = [line.split(",") for line in text.splitlines()]
    for i, line in enumerate(lines):
        for j, cell in enumerate(line[1:] if line[0] in ('"x"', '"w"', '"z"', '"_cons"') else (), 1):
            stars = cell.count("*")
            line[j] = cell.replace("*", "")
            lines[i + 1][j] = lines[i + 1][j].replace(')"', f'){"*" * stars}"')
    moved = "\n".join(map(",".join, lines)) + "\n"
    assert not off(bed, text, moved)
    assert off(bed, text, moved.replace(")***", ")**", 1)) == [("x", "se", "differs")]


@pytest.mark.parametrize("number", ["0", "1", "-0"])
def test_a_whole_number_among_decimals_has_as_many(bed, number):
    coef, se = rows(bed)
    assert 0.5 < float(coef.strip("*")) < 1.5 and float(se.strip("()")) < 0.5
    assert ("x", "coef", "differs") in off(bed, coef, f"{number}***")
    assert ("x", "se", "differs") in off(bed, se, "(0)")


def test_a_percent_sign_is_a_hundredth_where_the_others_have_none(bed):
    bare = next(line.split(",")[1] for line in (bed.folder / "t.csv").read_text().splitlines() if line.startswith('"_cons"'))
    bare = bare.strip('"')
    assert "*" not in bare
    assert ("_cons", "coef", "differs") in off(bed, bare, f"{bare}%")
    assert not off(bed, bare, f"{100 * float(bare):.0f}%")


@pytest.mark.parametrize("form", [r'"(\1x)"', r'"(\1?)"', r'"(<\1)"'])
def test_numbers_that_can_not_be_read_are_printed_ones_that_nobody_compared(bed, form):
    report = whole(bed, lambda text: re.sub(r'"\((0\.\d+)\)"', form, text))
    assert report.summary.reproduced == report.summary.cells and report.unread == 7
    assert report.exit_code == 1 and "(7 of which can't be read) were compared" in report.why_red()
    assert report.classification == "partial"


def test_one_that_can_not_be_read_is_said_and_leaves_a_package_green(bed):
    report = whole(bed, lambda text: text.replace('"200"', '"200?"', 1))
    assert report.unread == 1 and report.exit_code == 0 and "1 cell not read" in report.classification_why


def test_a_point_in_the_middle_of_the_line_is_one(bed):
    assert whole(bed, lambda text: text.replace("0.", "0·")).summary == bed.report.summary
    report = whole(bed, lambda text: text.replace("0.", "0'"))
    assert report.unread > 7 and report.exit_code == 1, report.unread


def test_characters_without_width_are_none(bed):
    assert whole(bed, lambda text: text.replace("0.", "0.\u200b")).summary == bed.report.summary
