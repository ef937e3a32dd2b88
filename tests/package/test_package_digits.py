"""What is called *reproduced* is what the logs' own digits make of it; a digit that they deny is seen."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import pytest

from conftest import FIXTURES
from package_altered import bed_of
from package_digits import by_row, checked, meet, of_window, p_of
from parity.package.matched import Asked, rematched

MADE, LOG = FIXTURES / "packages" / "made", "logs/main.log"


def test_every_number_reproduced_is_what_its_log_makes_of_it():
    every = checked(bed_of(MADE))
    held = [c for c in every if c.agrees is not None]
    assert len(every) == 694 and len(held) == 480 and all(c.agrees for c in held)
    assert Counter(c.by for c in held)["its window in the log"] == 18


@pytest.mark.parametrize(
    ("before", "after", "by"),
    [
        (".1685243   .0170652     9.88", ".1685343   .0170652     9.88", "2 b less the other end"),
        (".1685243   .0170652     9.88", ".1685243   .0170652     9.87", "b / se"),
        (".1685243   .0170652     9.88", ".1685243   .0190652     9.88", "b / t"),
        ("-0.54   0.588", "-0.54   0.558", "p of t"),
        ("221.3385         5", "211.3385         5", "SS / df"),
        ("0.1790", "0.1890", "SS of the model / total"),
        (".48287", ".48387", "root of MS"),
    ],
)
def test_a_digit_that_the_log_denies_is_seen(before, after, by):
    """As if parity had called the altered number reproduced."""
    bed = bed_of(MADE)
    text = (MADE / LOG).read_text(encoding="utf-8")
    assert before in text
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / LOG
        path.parent.mkdir(parents=True)
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        again = rematched(Path(scratch), bed.found, bed.have, Asked(logs=(LOG,)))
    clean = {e.id: e for e in bed.report.exhibits}
    (window,) = [b for b in again.exhibits if b.printed.line == 57]
    denied = {c.by for c in of_window(window, clean[window.printed.id]) if c.agrees is False}
    assert by in denied


def test_two_ways_to_a_number_meet_where_their_intervals_do():
    row = {"coef": (0.95, 1.05), "se": (0.45, 0.55), "t": (1.95, 2.05)}
    assert by_row(row, "coef", 10) == ("t se", pytest.approx((0.8775, 1.1275)))
    assert meet((0.0, 1.0), (1.0, 2.0)) and not meet((0.0, 1.0), (1.01, 2.0))
    low, high = p_of((-2.235, -2.225), 10)
    assert low < 0.05 < high and p_of((-0.5, 0.5), 10)[1] == 1.0
