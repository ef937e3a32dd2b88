"""Two-way tables of a log: counts, shares below them, totals and Pearson's test, held against the data."""

from __future__ import annotations

import pytest

from parity.package.verify import verify

DATA = "a,b\n" + "0,1\n" * 20 + "0,2\n" * 30 + "1,1\n" * 10 + "1,2\n" * 40
CODE = ("import delimited d.csv, clear", 'label define m 1 "Single" 2 "Never-married"', "label values b m",
        'label variable b "Married: 1=yes"')  # fmt: skip
SHOWN = """\
           |    Married: 1=yes
         a |    Single  Never-mar |     Total
-----------+----------------------+----------
         0 |        20         30 |        50
           |     40.00      60.00 |    100.00
-----------+----------------------+----------
         1 |        10         40 |        50
           |     20.00      80.00 |    100.00
-----------+----------------------+----------
     Total |        30         70 |       100
           |     30.00      70.00 |    100.00

          Pearson chi2(1) =   4.7619   Pr = 0.029
"""
BELOW = {  # what stands below the counts
    "row": ("40.00      60.00 |    100.00", "20.00      80.00 |    100.00", "30.00      70.00 |    100.00"),
    "col": ("66.67      42.86 |     50.00", "33.33      57.14 |     50.00", "100.00    100.00 |    100.00"),
    "cell": ("20.00      30.00 |     50.00", "10.00      40.00 |     50.00", "30.00      70.00 |    100.00"),
}


def verdicts(folder, option: str, shown: str, cells: int = 20) -> list[tuple[str, str, str]]:
    """(label, column, verdict) of each cell that isn't reproduced, and how many are."""
    (folder / "d.csv").write_text(DATA)
    said = "\n\n".join(f". {line}" for line in (*CODE, f"tabulate a b, {option} chi2"))
    (folder / "main.log").write_text(f"      name:  <unnamed>\n       log:  main.log\n\n{said}\n\n{shown}\n. log close\n")
    (exhibit,) = verify(folder).exhibits
    assert len(exhibit.cells) == cells
    return [(c.label, c.quantity, c.verdict) for c in exhibit.cells if c.verdict != "reproduced"]


@pytest.mark.parametrize("option", BELOW)
def test_counts_and_shares(tmp_path, option):
    shown = SHOWN
    for right, due in zip(BELOW["row"], BELOW[option], strict=True):
        shown = shown.replace(right, due, 1)
    assert verdicts(tmp_path, option, shown) == []


def test_shares_of_two_kinds(tmp_path):
    shown = SHOWN
    for right, due in zip(BELOW["row"], BELOW["col"], strict=True):
        shown = shown.replace(right, f"{right}\n           |     {due}", 1)
    assert verdicts(tmp_path, "row col", shown, 29) == []


def test_what_is_wrong_differs(tmp_path):
    wrong = (
        SHOWN.replace("        20         30 |", "        20         31 |")
        .replace("80.00", "81.00")
        .replace("4.7619", "4.8619")
    )
    found = verdicts(tmp_path, "row", wrong.replace("chi2(1)", "chi2(2)"))
    assert [v for *_, v in found] == ["differs"] * 3 and {label for label, *_ in found} == {"0", "1", "Pearson chi2(2)"}
