"""The script that types public logs again: what is alike is found alike, and one altered digit is found."""

from __future__ import annotations

import pytest

from printed_results import replayed, show

LOG = """\
. clear

. set obs 4
number of observations (_N) was 0, now 4

. gen x = _n

. gen y = x^2 if x > 1
(1 missing value generated)

. replace x = 9 in 1/2
(2 real changes made)

. foreach v in x y {
  2. replace `v' = . if _n == 4
  3. }
(1 real change made, 1 to missing)
(1 real change made, 1 to missing)

. list x y in 1/3

     +-------+
     | x   y |
     |-------|
  1. | 9   . |
  2. | 9   4 |
  3. | 3   9 |
     +-------+

. summarize x

    Variable |        Obs        Mean    Std. dev.       Min        Max
-------------+---------------------------------------------------------
           x |          3           7    3.464102          3          9

. tabulate x

          x |      Freq.     Percent        Cum.
------------+-----------------------------------
          3 |          1       33.33       33.33
          9 |          2       66.67      100.00
------------+-----------------------------------
      Total |          3      100.00

. describe

Contains data
 Observations:             4
    Variables:             2
-------------------------------------------------
Variable      Storage   Display    Value
    name         type    format    label
-------------------------------------------------
x               float   %9.0g
y               float   %9.0g
-------------------------------------------------

. display 7/3
2.3333333

. mystery x

. drop if x == 9
(2 observations deleted)
"""


def results(folder, text):
    (folder / "a.log").write_text(text)
    return list(replayed(folder, folder / "a.log"))


def test_a_log_is_alike(tmp_path):
    found = results(tmp_path, LOG)
    names = [r.name for r in found]
    assert {r.status for r in found} == {"alike"}, found
    for name in ("missing generated", "real changes", "list", "summarize", "tabulate", "describe", "display"):
        assert name in names
    assert names.count("real changes") == 3  # those of the loop too


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("(1 missing value", "(2 missing value", "missing generated"),
        ("(2 real", "(3 real", "real changes"),
        ("2. | 9   4", "2. | 9   5", "list"),
        ("3.464102", "3.464103", "summarize"),
        ("66.67      100", "66.68      100", "tabulate"),
        ("y               float", "y               double", "describe"),
        ("2.3333333", "2.3333334", "display"),
    ],
)
def test_one_altered_digit_is_found(old, new, name, tmp_path, capsys):
    assert LOG.count(old) == 1
    found = results(tmp_path, LOG.replace(old, new))
    assert [r.name for r in found if r.status == "differs"] == [name]
    assert show([vars(r) | {"package": "p"} for r in found], every=True) == 1
    assert f"p/a.log:{next(r.line for r in found if r.status == 'differs')}: {name}" in capsys.readouterr().out


def test_what_was_said_before_names_a_difference(tmp_path):
    found = results(tmp_path, LOG.replace("(2 observations deleted)", "(1 observation deleted)"))
    assert [(r.name, r.status) for r in found if r.status != "alike"] == [("observations deleted", "named")]


#: A file that is absent and appended leaves rows in doubt; the log before began with what its author had in memory.
GONE = """\
. replace x = 1
(7 real changes made)

. input x

             x
  1. 1
  2. 2
  3. end

. append using gone.dta

. count
  4

. clear

. count
  4
"""


def test_what_hangs_on_data_that_are_not_there_is_no_data(tmp_path):
    found = {(r.name, r.line): r.status for r in results(tmp_path, GONE)}
    assert found["real changes", 1] == "no data"
    assert [s for (name, _), s in sorted(found.items()) if name == "count"] == ["no data", "differs"]


def test_a_file_that_is_there_under_another_folder_is_no_excuse(tmp_path):
    """A path that was read wrongly would look like an absent file."""
    for folder in ("kept", "older"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Gone.dta").write_bytes(b"")
    assert [r.status for r in results(tmp_path, GONE) if r.name == "count"] == ["named", "differs"]
