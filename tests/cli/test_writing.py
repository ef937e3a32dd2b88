"""Files that a user names: replaced whole, written through links, devices and pipes, and refused before anything runs."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from parity.base.errors import InputError
from parity.base.writing import check_place, write_whole
from parity.cli import main
from parity.table.csv import safe


def test_a_regular_file_is_replaced_and_keeps_its_mode(tmp_path):
    file = tmp_path / "a.json"
    file.write_text("old")
    file.chmod(0o600)
    write_whole(file, "new")
    assert file.read_text() == "new" and file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "there" / "real.json")
    for text in ("first", "second"):  # also where it leads to nothing yet
        write_whole(link, text)
        assert link.is_symlink() and (tmp_path / "there" / "real.json").read_text() == text


def test_a_pipe_stays_a_pipe(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    check_place("--json", str(pipe))
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "through")
    reader.join(10)
    assert read == ["through"] and pipe.is_fifo()


def test_the_null_device_stays_itself():
    device = os.stat(os.devnull).st_rdev
    write_whole(Path(os.devnull), "nothing")
    assert os.stat(os.devnull).st_rdev == device


@pytest.mark.parametrize(("place", "told"), [(".", "it is a folder"), ("data.csv/x.json", "is no folder")])
def test_what_can_not_be_written_is_told_before_the_run(tmp_path, place, told, monkeypatch):
    (tmp_path / "data.csv").write_text("a\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=told):
        check_place("--json", place)
    done = CliRunner().invoke(main, ["run", "no-such-study", "--json", place])
    assert done.exit_code == 2 and told in done.output and "no-such-study" not in done.output


def test_a_place_where_nothing_can_be_written_is_told(tmp_path, monkeypatch):
    def refused(**where):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("parity.base.writing.tempfile.mkstemp", refused)
    with pytest.raises(InputError, match=f"nothing can be written in {tmp_path}: Read-only file system"):
        check_place("--json", str(tmp_path / "parity.json"))


def test_a_check_leaves_nothing_behind(tmp_path):
    check_place("--json", str(tmp_path / "new" / "a.json"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "@SUM(A1)", "-x", " =1", "-1+1", "\t=1"])
def test_text_that_begins_as_a_formula_is_no_formula(cell):
    assert safe(cell).startswith("'")


@pytest.mark.parametrize("cell", ["-0.352***", "x = 1", "", "1e-3", "-1.2e-05", "279", "+3"])
def test_numbers_and_other_text_stay_as_they_are(cell):
    assert safe(cell) == cell


@pytest.mark.parametrize("cell", ["+1.5", "-1,234.5", "−0.3", "(0.05)"])
def test_numbers_that_a_spreadsheet_would_write_otherwise_are_kept_as_text(cell):
    assert safe(cell) == f'="{cell}"'


def test_a_word_file_holds_no_control_characters():
    from parity.table.docx import to_docx
    from parity.table.grid import Cell, Grid, Row

    grid = Grid(name="t", title="a\x01b", heads=(Row("", (Cell("h\x02"),)),), body=(Row("x\x0b", (Cell("1", "*"),)),),
                notes=("n\x00ote",), verified=True)  # fmt: skip
    assert to_docx([grid])[:2] == b"PK"
