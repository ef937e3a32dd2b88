"""Windows of `estpost summarize` and `estpost tabstat`, in parts."""

from __future__ import annotations

import pandas as pd
import pytest

from parity.package.verify import verify

DATA = pd.DataFrame({"g": [1, 1, 1, 2, 2, 2], "x": [1.0, 2, 6, 4, 5, 9], "long_name_of_y": [3.0, 1, 1, 8, 6, 4]})
SUMMARY = """
             |  e(count)   e(sum_w)    e(mean)     e(Var)      e(sd) 
-------------+-------------------------------------------------------
           x |         6          6        4.5        8.3   2.880972 
long_name_~y |         6          6   3.833333   7.766667   2.786874 

             |    e(min)     e(max)     e(sum) 
-------------+---------------------------------
           x |         1          9         27 
long_name_~y |         1          8         23 
"""
STATISTICS = """
Summary statistics: mean sd count
     for variables: x long_name_of_y

             |   e(mean)      e(sd)   e(count) 
-------------+---------------------------------
           x |       4.5   2.880972          6 
long_name_~y |  3.833333   2.786874          6 
"""
VARIABLES = """
Summary statistics: mean max
     for variables: x long_name_of_y

             |      e(x)  e(long_~y) 
-------------+-----------------------
        mean |       4.5    3.833333 
         max |         9           8 
"""
GROUPS = """
Summary statistics: mean
     for variables: x long_name_of_y
  by categories of: g

           g |   e(mean) 
-------------+-----------
1            |           
           x |         3 
long_name_~y |  1.666667 
-------------+-----------
2            |           
           x |         6 
long_name_~y |         6 
"""
WINDOWS = {
    "estpost sum x long_name_of_y": (SUMMARY, 16),
    "estpost tabstat x long_name_of_y, s(mean sd n) columns(statistics)": (STATISTICS, 6),
    "eststo a: estpost tabstat x long_name_of_y, s(mean max)": (VARIABLES, 4),
}


def verdicts(folder, command: str, window: str) -> list[str]:
    DATA.to_csv(folder / "d.csv", index=False)
    (folder / "main.do").write_text(f"import delimited d.csv\n{command}\n")
    (folder / "main.log").write_text(f". import delimited d.csv\n\n. {command}\n{window}\n. exit\n")
    return [c.verdict for e in verify(folder).exhibits for c in e.cells]


@pytest.mark.parametrize("command", WINDOWS)
def test_every_number_is_held_against_the_data(tmp_path, command):
    window, numbers = WINDOWS[command]
    assert verdicts(tmp_path, command, window) == ["reproduced"] * numbers


@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        (0, "6   3.833333", "6   3.833334"),
        (0, "8         23", "8         27"),
        (1, "2.786874          6", "2.786874          5"),
        (2, "9           8", "9           9"),
    ],
)
def test_a_wrong_one_differs(tmp_path, place, right, wrong):
    command = list(WINDOWS)[place]
    window, numbers = WINDOWS[command]
    assert right in window
    found = verdicts(tmp_path, command, window.replace(right, wrong, 1))
    assert sorted(found) == ["differs", *["reproduced"] * (numbers - 1)]


def test_groups_are_not_guessed(tmp_path):
    command = "estpost tabstat x long_name_of_y, by(g) nototal columns(statistics)"
    assert set(verdicts(tmp_path, command, GROUPS)) == {"not verified"}
