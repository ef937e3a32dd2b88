"""Windows of tabstat: blocks of groups, statistics in rows or columns, several windows of one command, SMCL in pieces."""

from __future__ import annotations

import pandas as pd
import pytest

from parity.package.verify import verify
from parity.printed.smcl import shown_lines
from parity.report.package.terminal import package_text

DATA = pd.DataFrame({"g": [1, 1, 1, 2, 2, 2], "x": [1.0, 2, 6, 4, 5, 9], "long_name_of_y": [3.0, 1, 1, 8, 6, 4]})
DO = "import delimited d.csv\n"
HEAD = """. tabstat x long_name_of_y, {options}
"""
BY = """
Summary statistics: min, max, mean
  by categories of: g

       g |         x  long_n~y
---------+--------------------
       1 |         1         1
         |         6         3
         |         3  1.666667
---------+--------------------
       2 |         4         4
         |         9         8
         |         6         6
---------+--------------------
   Total |         1         1
         |         9         8
         |       4.5  3.833333
------------------------------
"""
PLAIN = """
   stats |         x  long_n~y
---------+--------------------
       N |         6         6
     p50 |       4.5       3.5
      sd |  2.880972  2.786874
------------------------------
"""
COLUMNS = """
    variable |      mean       min         N
-------------+------------------------------
           x |       4.5         1         6
long_name_~y |  3.833333         1         6
--------------------------------------------
"""
GROUPS = """
Summary statistics: mean
  by categories of: g

       g |         x  long_n~y
---------+--------------------
       1 |         3  1.666667
       2 |         6         6
------------------------------
"""
PARTED = """
   stats |         x
---------+----------
    mean |       4.5
     max |         9
--------------------

   stats |  long_n~y
---------+----------
    mean |  3.833333
     max |         8
--------------------
"""
WINDOWS = {
    "by(g) statistics(min max mean)": (BY, 18), "stat(count median sd)": (PLAIN, 6),
    "s(mean min n) columns(statistics)": (COLUMNS, 6), "by(g) nototal": (GROUPS, 4), "stat(mean max)": (PARTED, 4),
}  # fmt: skip


def verdicts(folder, options: str, window: str) -> list[str]:
    DATA.to_csv(folder / "d.csv", index=False)
    command = f"tabstat x long_name_of_y, {options}"
    (folder / "main.do").write_text(f"{DO}{command}\n")
    (folder / "main.log").write_text(f". import delimited d.csv\n\n. {command}\n{window}\n")
    return [c.verdict for e in verify(folder).exhibits for c in e.cells]


@pytest.mark.parametrize("options", WINDOWS)
def test_every_number_is_held_against_the_data(tmp_path, options):
    window, numbers = WINDOWS[options]
    assert verdicts(tmp_path, options, window) == ["reproduced"] * numbers


@pytest.mark.parametrize(
    ("options", "right", "wrong"),
    [
        ("by(g) statistics(min max mean)", "         6         3", "         9         3"),  # another group's maximum
        ("by(g) statistics(min max mean)", "   Total |         1", "   Total |         4"),
        ("stat(count median sd)", "4.5       3.5", "4.5       3.8"),
        ("s(mean min n) columns(statistics)", "       4.5         1", "       4.5         4"),
        ("by(g) nototal", "       2 |         6", "       2 |       4.5"),
        ("stat(mean max)", "     max |         8", "     max |         9"),
    ],
)
def test_a_wrong_one_differs(tmp_path, options, right, wrong):
    window, numbers = WINDOWS[options]
    found = verdicts(tmp_path, options, window.replace(right, wrong, 1))
    assert sorted(found) == ["differs", *["reproduced"] * (numbers - 1)]


def test_what_differs_names_the_command_that_prints_it(tmp_path):
    verdicts(tmp_path, "stat(count median sd)", PLAIN.replace("4.5       3.5", "4.5       3.8"))
    said = " ".join(package_text(verify(tmp_path)).split())
    assert "[main.do:2 tabstat x long_name_of_y, stat(count median sd)]" in said


def test_rows_that_are_called_otherwise_are_not_compared(tmp_path):
    found = verdicts(tmp_path, "stat(count median sd)", PLAIN.replace("     p50 |", "     p75 |"))
    assert found.count("not verified") == 2 and "differs" not in found


def test_smcl_in_pieces_is_one_line():
    lines = ["{txt}{ralign 8:min} {...}", "{c |}{...}", " {res} 4.05         9", "{txt}{hline 9}{c BT}{hline 10}", "a{...}"]
    assert shown_lines("\n".join(lines)) == [(1, "     min |  4.05         9"), (4, "-" * 20), (5, "a")]
    assert [n for n, _ in shown_lines("\n".join(["x{...}"] * 200))] == [1, 61, 121, 181]
