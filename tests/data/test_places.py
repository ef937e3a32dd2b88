"""Messages name a row as its file does: a sheet's row, blank rows and the header counted, or an observation."""

import numpy as np
import openpyxl
import pandas as pd
import pytest

from data.test_reading import design, study
from parity.base.errors import InputError, Unestimable
from parity.data.load import load
from parity.data.places import row_name, rows_named
from parity.data.read import read_frame

FORMATS = {".csv": "row 6", ".xlsx": "row 6", ".dta": "observation 5", ".parquet": "observation 5"}


def table(**columns) -> pd.DataFrame:
    """Eight rows, whose fifth is the one that messages are to name."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"i": np.repeat([1, 2], 4), "t": [1, 2, 3, 4] * 2, "y": rng.normal(size=8), "x": rng.normal(size=8)}
    )
    return frame.assign(**columns)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_row_is_named_as_its_file_counts(tmp_path, suffix):
    where = FORMATS[suffix]
    fifth = np.arange(8) == 4
    frame = table(word=np.where(fifth, "n/k", "1"), half=np.where(fifth, 0.5, 1.0), minus=np.where(fifth, -1.0, 1.0))
    with pytest.raises(Unestimable, match=rf"`word` is text \({where}: `n/k`\)"):
        design(study(tmp_path / "a", frame, suffix, formula="y ~ word"))
    with pytest.raises(Unestimable, match=rf"no condition: it is 0\.5 in {where};"):
        design(study(tmp_path / "b", frame, suffix, spec='where = "half"'))
    with pytest.raises(Unestimable, match=rf"no whole number: `half` \({where}\)"):
        design(study(tmp_path / "c", frame, suffix, spec='weights = { frequency = "half" }'))
    with pytest.raises(Unestimable, match=rf"negative: `minus` \({where}\)"):
        design(study(tmp_path / "d", frame, suffix, spec='weights = { analytic = "minus" }'))


@pytest.mark.parametrize("suffix", FORMATS)
def test_rows_of_one_unit_and_period_are_named_so_too(tmp_path, suffix):
    frame = table(t=[1, 2, 3, 4, 1, 1, 1, 1])
    said = "in rows 6, 7, 8, 9" if suffix in (".csv", ".xlsx") else "in observations 5, 6, 7, 8"
    with pytest.raises(InputError, match=rf"first i = 2, t = 1 {said}"):
        load(study(tmp_path, frame, suffix, header='unit = "i"\ntime = "t"'))


def test_blank_rows_are_counted(tmp_path):
    (tmp_path / "a.csv").write_text('\nx,word\n\n1,"two\nlines"\n\n\n3,b\n')
    book = openpyxl.Workbook()
    for row in ([], ["x", "word"], [], [1, "a"], [], [], [3, "b"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    for name in ("a.csv", "a.xlsx"):
        frame = read_frame(tmp_path / name)
        assert [row_name(frame, i) for i in range(2)] == ["row 4", "row 7"]
        assert rows_named(frame, np.array([True, True])) == "in rows 4, 7"
