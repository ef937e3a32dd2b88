"""What `planted_authors` plants is a mistake in a study that parity and the recipe read alike, and some of it is named."""

from __future__ import annotations

import pytest

from planted_authors import MISTAKES, Outcome, declared_is_off, draw, outcomes, report


@pytest.mark.parametrize("panel", ["digital_trade", "fatalities"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_draw_moves_a_digit_and_the_declared_study_is_read_alike(mistake, panel):
    given = draw(mistake, panel, 7, 4)
    assert given is not None and not declared_is_off(given)
    assert given.planted.declared != given.planted.planted


def test_a_draw_is_the_same_again():
    one, other = (draw("lag across units", "fatalities", 3, None) for _ in range(2))
    assert one.planted == other.planted and one.printed == other.printed


@pytest.mark.parametrize("mistake", ["zeros to 0.01, or to missing", "municipalities kept"])
def test_some_are_named(mistake):
    (found,) = outcomes(mistake, "fatalities", 2)
    assert found.result == "named", found


def test_an_index_is_named_by_its_scores():
    of_scores = [o for o in outcomes("an indicator's direction flipped", "fatalities", 3) if o.shown.startswith("scores")]
    assert [o.result for o in of_scores] == ["named"]


def test_the_page_counts_what_was_named_and_what_falsely():
    mistake = next(iter(MISTAKES))
    results = ("named", "falsely named", "not named")
    found = [Outcome(mistake, "fatalities", "table, in full", r, (), 1.0, i) for i, r in enumerate(results)]
    text = report(found, "command")
    assert f"| {mistake} | fatalities | 1/3 (1) |" in text and "Of 3: 1 named" in text
