"""A blank where a number belongs: a coefficient above its error, an error below its coefficient."""

from __future__ import annotations

import re

import pytest

from estimates_table import READ, WRITE, data_into, esttab
from package_altered import altered, bed_of
from parity.package.verify import verify

CODE = "eststo: regress y x w\neststo: regress y x w z\n"


@pytest.fixture(scope="module", params=["called", "typed"])
def bed(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("blank") / "package"
    folder.mkdir()
    data_into(folder)
    (folder / "main.do").write_text(READ + (CODE + WRITE if request.param == "called" else CODE.replace("eststo: ", "")))
    (folder / "t.csv").write_text(esttab(folder, READ + CODE))
    return bed_of(folder)


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (2, "", "column 2, `x`: no coefficient stands above (0."),
        (2, "-", "column 2, `x`: no coefficient stands above (0."),
        (3, "", "column 2, `x`: nothing stands below its coefficient"),
    ],
)
def test_a_blank_cell_is_seen(bed, line, text, said):
    assert bed.report.exit_code == 0
    before = (bed.folder / "t.csv").read_text().split("\n")[line]
    cells = re.findall(r'"[^"]*"', before)
    cells[2] = f'"{text}"'
    _, findings = altered(bed, "t.csv", before, ",".join(cells))
    assert [f.text[: len(said)] for f in findings if f.id == "note-rows"] == [said]


def test_a_level_left_out_has_no_error(tmp_path):
    """esttab's `0` above `(.)`."""
    data_into(tmp_path)
    code = READ + "eststo: regress y x i.h\n"
    (tmp_path / "main.do").write_text(code + WRITE)
    table = esttab(tmp_path, code).split("\n")
    table[4:4] = ['"0.h","0"', '"","(.)"']
    (tmp_path / "t.csv").write_text("\n".join(table))
    report = bed_of(tmp_path).report
    assert report.exit_code == 0 and report.summary.reproduced == report.summary.cells


def test_a_row_without_errors_in_every_column_is_its_tables_way(tmp_path):
    """The error of the constant left out throughout is no note that is wrong; left out in one column, it is."""
    data_into(tmp_path)
    code = READ + "eststo: regress y x w z\neststo: regress v x w z\n"
    (tmp_path / "main.do").write_text(code + WRITE)
    lines = esttab(tmp_path, code).split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith('"_cons"')) + 1
    first = re.findall(r'"[^"]*"', lines[at])[1]
    for blank, notes in (('"","",""', []), (f'"",{first},""', ["note-rows"])):
        (tmp_path / "t.csv").write_text("\n".join([*lines[:at], blank, *lines[at + 1 :]]))
        report = verify(tmp_path)
        assert [f.id for f in report.findings if f.id.startswith("note-")] == notes
        assert report.exit_code == bool(notes) and report.summary.reproduced == report.summary.cells
