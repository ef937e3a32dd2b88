"""A form of data is declared once; who forgets a part of it is told which."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from conftest import ROOT
from parity.data.read import READERS, read_frame
from parity.study.data_formats import FORMATS

HOME = "src/parity/study/data_formats.py"
FRAME = pd.DataFrame({"id": [1, 2, 3], "x": [0.5, None, -2.25], "name": ["a", "b", "c"]})
#: How others write each of them.
WRITTEN = {
    ".csv": lambda path: FRAME.to_csv(path, index=False),
    ".parquet": lambda path: FRAME.to_parquet(path),
    ".dta": lambda path: FRAME.to_stata(path, write_index=False),
    ".xlsx": lambda path: FRAME.to_excel(path, index=False),
}
formats = pytest.mark.parametrize("form", FORMATS.values(), ids=lambda form: form.ending)


def test_what_is_declared_is_read_and_nothing_else():
    assert set(READERS) == set(FORMATS), f"READERS of src/parity/data/read.py and FORMATS of {HOME} have the same endings"


@formats
def test_it_is_read_as_it_was_written(tmp_path, form):
    assert form.ending in WRITTEN, f"say in WRITTEN here how others write {form.ending}"
    path = tmp_path / f"data{form.ending}"
    WRITTEN[form.ending](path)
    read = read_frame(path)
    pd.testing.assert_frame_equal(read.astype({"name": object}), FRAME.astype({"name": object}), check_dtype=False)


@formats
def test_scripts_read_it_or_say_why_not(form):
    for said in (form.python, form.r):
        assert "path" in said, f"{HOME}: what a script in Python and R types to read {form.ending}"
    assert bool(form.stata) != bool(form.refused), f"{HOME}: `stata` reads {form.ending}, or `refused` says why it can't"


@formats
def test_what_is_read_again_has_its_reader_in_r(form):
    text = (ROOT / "r_scripts" / "sample" / "read.R").read_text(encoding="utf-8")
    there = re.search(rf"^ +{form.ending[1:]} = reading_\w+\(", text, re.M)
    assert bool(there) == bool(form.again), f"r_scripts/sample/read.R reads {form.ending}, or `again` in {HOME} is empty"


@formats
def test_users_are_told(form):
    page = (ROOT / "docs" / "adding-a-study.md").read_text(encoding="utf-8")
    assert form.ending in page, f"docs/adding-a-study.md says that `data` may be {form.ending}"
