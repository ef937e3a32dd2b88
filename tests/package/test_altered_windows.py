"""Windows that are no estimates, echoes, lines of data steps: right ones are verified whole, what is altered is told."""

from __future__ import annotations

import pytest

from altered_windows import ALTERATIONS, HARMLESS, LOG, bed, outcomes
from made_earlier import earlier
from package_altered import altered_whole
from parity.package.said_lines import said_lines


def test_right_windows_are_verified_whole():
    report = bed().report
    assert report.why_red() == "" and report.summary.reproduced == report.summary.cells > 400


def test_as_earlier_versions_print_them():
    text = (bed().folder / LOG).read_text()
    exhibits, findings, left = altered_whole(bed(), LOG, earlier(text))
    assert not findings and not left and {c.verdict for e in exhibits for c in e.cells} == {"reproduced"}


@pytest.mark.parametrize("family", [*ALTERATIONS, "windows twice"])
def test_what_is_altered_is_told(family):
    held = outcomes(family, most=2)
    assert len(held) == 2
    assert not [what for what, said in held.items() if said == "passed" and not any(h in what for h in HARMLESS)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(1,234 real changes made, 2 to missing)", ("real changes", ("1234", "2"))),
        ("(1 missing value generated)", ("missing generated", ("1",))),
        ("(h: 50 changes made)", ("recode", ("50", "h"))), ("(50 changes made to h)", ("recode", ("50", "h"))),
        ("panel variable:  firm (balanced)", ("xtset", ("firm", "balanced"))),
    ],
)  # fmt: skip
def test_lines_of_data_steps(text, said):
    assert said_lines([text]) == [said]
