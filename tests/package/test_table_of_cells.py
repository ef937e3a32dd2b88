"""Windows of `table rowvar [colvar], contents()`: statistics in columns, or below each other where columns are levels."""

from __future__ import annotations

import pandas as pd
import pytest

from parity.package.verify import verify

DATA = pd.DataFrame(
    {
        "g": [1, 1, 1, 2, 2, 2, 3, None], "x": [1.0, 2, 6, 4, None, 9, 5, 7], "long_name_of_y": [3.0, 1, 1, 8, 6, 4, 2, 9],
        "sex": ["man", "woman", "man", "man", "man", "woman", "man", "man"],
    }
)  # fmt: skip
ONE = """
----------------------------------------------------------------------------
        g |      Freq.          N(x)       mean(x)         sd(x)  mean(long~y)
----------+-----------------------------------------------------------------
        1 |          3             3             3      2.645751      1.666667
        2 |          3             2           6.5      3.535534             6
        3 |          1             1             5                           2
----------------------------------------------------------------------------
"""
NARROW = """
----------------------------------------------------------------------------
        g | mean(x)   N(x) mean(long~y) max(long_~y) max(x)
----------+-----------------------------------------------------------------
        1 |       3      3     1.666667            3      6
        2 |     6.5      2            6            8      9
        3 |       5      1            2            2      5
----------------------------------------------------------------------------
"""
TOTAL = """
--------------------------------------------------------
        g |    max(x)     min(x)     med(x)     p25(x)
----------+---------------------------------------------
        1 |         6          1          2          1
        2 |         9          4        6.5          4
        3 |         5          5          5          5
          |
    Total |         9          1        4.5          2
--------------------------------------------------------
"""
TWO = """
----------------------------
          |       sex
        g |      man     woman
----------+-----------------
        1 |      3.5         2
          | 3.535534
          |        2         1
          |
        2 |        4         9
          |
          |        1         1
          |
        3 |        5
          |
          |        1
----------------------------
"""
WINDOWS = {
    "table g, contents(freq n x mean x sd x mean long_name_of_y)": (ONE, 14),
    "table g, co(mean x n x mean long_name_of_y max long_name_of_y max x)": (NARROW, 15),
    "table g, c(max x min x median x p25 x) row": (TOTAL, 16),
    "table g sex, content(mean x sd x n x) ": (TWO, 11),
}  # fmt: skip


def cells(folder, command: str, window: str, mean: str = "4.25"):
    DATA.to_csv(folder / "d.csv", index=False)
    (folder / "main.do").write_text(f"import delimited d.csv\n{command}\nsummarize long_name_of_y\n")
    behind = ". summarize long_name_of_y\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n"
    behind += "-------------+---------------------------------------------------------\n"
    behind += f"long_name_~y |          8        {mean}    3.105295          1          9\n"
    (folder / "main.log").write_text(f". import delimited d.csv\n\n. {command}\n{window}\n{behind}\n")
    return [c for e in verify(folder).exhibits for c in e.cells]


def verdicts(folder, command: str, window: str) -> list[str]:
    return [c.verdict for c in cells(folder, command, window)][:-5]


@pytest.mark.parametrize("command", WINDOWS)
def test_every_number_is_held_against_the_data(tmp_path, command):
    window, numbers = WINDOWS[command]
    assert verdicts(tmp_path, command, window) == ["reproduced"] * numbers


@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        (0, "6.5      3.535534", "6.5      2.645751"),
        (0, "3             2  ", "3             3  "),
        (1, "2            6", "2            7"),
        (2, "    Total |         9          1", "    Total |         9          4"),
        (2, "       6.5          4", "       6.4          4"),
        (3, "        2 |        4         9", "        2 |        4         8"),
        (3, "          |        2         1", "          |        3         1"),
    ],
)
def test_a_wrong_one_differs(tmp_path, place, right, wrong):
    command = list(WINDOWS)[place]
    window, numbers = WINDOWS[command]
    assert right in window
    found = verdicts(tmp_path, command, window.replace(right, wrong, 1))
    assert sorted(found) == ["differs", *["reproduced"] * (numbers - 1)]


@pytest.mark.parametrize("options", ["statistic(mean x)", "contents(mean x) by(sex)", "contents(mean x sebinomial x)"])
def test_what_is_not_computed_is_said_and_spoils_nothing(tmp_path, options):
    found = cells(tmp_path, f"table g, {options}", ONE)
    assert [c.verdict for c in found] == ["not verified"] * 14 + ["reproduced"] * 5
    assert "of `table` is not computed here" in found[0].reason


def test_levels_of_other_names_are_not_compared(tmp_path):
    found = verdicts(tmp_path, next(iter(WINDOWS)), ONE.replace("        2 |", "        4 |"))
    assert found.count("not verified") == 5 and "differs" not in found


def test_a_table_that_takes_the_place_of_the_data_is_not_run(tmp_path):
    command = "table g, contents(mean x) {}"
    differ = [[c.verdict for c in cells(tmp_path, command.format(o), ONE, "4.75")].count("differs") for o in ("", "replace")]
    assert differ == [1, 0]
