"""Numbers and lists of draws side by side: which draw is shown, on what it is judged, and what one side lacks."""

from __future__ import annotations

import math

import pytest

from parity.base.tolerance import EXACT, MOST_DIGITS
from parity.compare.lists import compare_numbers

nan, inf = math.nan, math.inf


def held(a, b, scale: float | None = None) -> tuple:
    """Of one number or list: how many were checked, and what differs as (term, reference, candidate)."""
    found = compare_numbers({"q": {"t": a}}, {"q": {"t": b}}, {} if scale is None else {"t": scale})
    return found.checked, [(d.term, d.reference, d.candidate) for d in found.differences]


@pytest.mark.parametrize(
    ("a", "b", "scale", "differs"),
    [
        (0.5, 0.5 + 0.4 * EXACT, None, False), (0.5, 0.5 + 0.6 * EXACT, None, True),  # on its own size
        (0.5, 0.5 + 1.9 * EXACT, 2.0, False), (0.5, 0.5 + 2.1 * EXACT, 2.0, True),  # on its error, which is larger
        (0.5, 0.5 + 0.6 * EXACT, nan, True), (0.0, 0.5 * EXACT, None, True), (0.0, 0.0, None, False),
        (-0.5, 0.5, None, True), (nan, nan, None, False), (None, nan, None, False), (nan, 0.5, 1.0, True),
    ],
)  # fmt: skip
def test_a_number_is_judged_on_itself_or_its_error(a, b, scale, differs):
    checked, different = held(a, b, scale)
    assert checked == 1 and bool(different) is differs


def test_of_a_list_the_draw_farthest_off_on_its_own_scale_is_shown():
    """One of a thousand that is off by one is nearer than one of a half that is off by half of itself."""
    assert held([1000.0, 0.5, 3.0], [1001.0, 0.25, 3.0]) == (3, [("t, draw 2", 0.5, 0.25)])
    assert held([2.0, 2.0], [4.0, 4.0]) == (2, [("t, draw 1", 2.0, 4.0)])  # the first of equals
    assert held([1.0, -0.5], [0.75, 0.5]) == (2, [("t, draw 2", -0.5, 0.5)])
    assert held([1.0, 5e-324], [2.0, 0.0], 0.0) == (2, [("t, draw 2", 5e-324, 0.0)])  # of nothing all of it is off
    assert held([3.0, 0.6], [6.0, 0.2], 0.5) == (2, [("t, draw 2", 0.6, 0.2)])  # .4 on an error of .5, 3 on 6


@pytest.mark.parametrize(
    ("a", "b", "checked", "shown"),
    [
        ([9.0, nan], [1.0, 2.0], 2, ("t, draw 2", None, 2.0)), ([9.0, 2.0], [1.0, nan], 2, ("t, draw 2", 2.0, None)),
        ([9.0, inf], [1.0, 2.0], 2, ("t, draw 2", inf, 2.0)), ([1.0], [1.0, 2.0], 2, ("t, draw 2", None, 2.0)),
        ([1.0, 2.0], [1.0], 2, ("t, draw 2", 2.0, None)), (None, [2.0], 1, ("t, draw 1", None, 2.0)),
        ([2.0], None, 1, ("t, draw 1", 2.0, None)), (None, 2.0, 1, ("t", None, 2.0)), (2.0, None, 1, ("t", 2.0, None)),
    ],
)  # fmt: skip
def test_what_one_side_lacks_is_farthest_off(a, b, checked, shown):
    assert held(a, b) == (checked, [shown])


def test_the_fewest_digits_of_all_are_those_that_are_shared():
    found = compare_numbers({"q": {"a": [1.0, 1.0], "b": 2.0}}, {"q": {"a": [1.0, 1.001]}, "r": {"c": 1.0}}, {})
    assert (found.checked, found.digits) == (4, 0.0) and [d.quantity for d in found.differences] == ["q", "q", "r"]
    some = compare_numbers({"q": {"a": [1.0, 1.0, 1.0]}}, {"q": {"a": [1.0, 1.001, 1.0]}}, {})
    assert some.digits == pytest.approx(3.0, abs=1e-3)
    assert compare_numbers({"q": {"a": 1.0}}, {"q": {"a": 1.0}}, {}).digits == MOST_DIGITS
