"""A map that names no command, or one whose terms the rows of its column aren't."""

from __future__ import annotations

import shutil

import pytest

from conftest import FIXTURES
from parity.base.errors import InputError
from parity.package.verify import Asked, verify

MADE = FIXTURES / "packages" / "made"
TABLE = "tables/table5.md"
MAP = f'[exhibit."{TABLE}".columns]\n1 = "%s"\n'
HEAD = "| | young |\n|---|---|\n"
ROWS = f"{HEAD}| price | 78.47 |\n| | (39.38) |\n| sales | 340.1 |\n| | (527.1) |\n| rating | 4.88 |\n| | (0.12) |\n"
ROWS += "| union | %s |\n| | (0.0) |\n"


def column(folder, rows: str):
    shutil.copytree(MADE, folder / "made")
    (folder / "made" / TABLE).write_text(rows, encoding="utf-8")
    found = verify(folder / "made", Asked(tables=(TABLE,), mapped=MAP % "young", map_file="map.toml"))
    return found.exhibits[0].cells


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("code/2_analysis.do:1", "the nearest in `code/2_analysis.do`: code/2_analysis.do:4 `regress lwage union"),
        ("logs/other.log:111", "`logs/other.log` has none; there are: code/"),
        ("nothing of the kind", "; there are: code/"),
    ],
)
def test_the_nearest_commands_are_named_with_their_places(place, said, monkeypatch):
    monkeypatch.setattr("parity.package.mapfile.suggest", lambda *_: "")
    with pytest.raises(InputError) as caught:
        verify(MADE, Asked(tables=(TABLE,), mapped=MAP % place, map_file="map.toml"))
    assert said in str(caught.value) and "more: --write-map FILE lists them" in str(caught.value)


def test_a_like_number_among_rows_that_are_no_terms_is_chance(tmp_path):
    cells = column(tmp_path, ROWS % "0.2")
    assert [c.verdict for c in cells] == ["not verified"] * 8
    assert "has few of this column's rows as terms, and not `price`, `sales`, `rating`" in cells[-1].reason


def test_a_number_of_many_digits_says_that_the_rows_are_its_own(tmp_path):
    assert [c.verdict for c in column(tmp_path, ROWS % "0.2169")] == ["not verified"] * 6 + ["reproduced"] * 2


def test_rows_that_are_mostly_terms_need_no_digits(tmp_path):
    rows = f"{HEAD}| price | 78.47 |\n| | (39.38) |\n| union | 0.2 |\n| | (0.0) |\n| married | 0.2 |\n| | (0.0) |\n"
    assert [c.verdict for c in column(tmp_path, rows)][2:] == ["reproduced"] * 4
