"""Two answers held number by number: whose scale decides, what is lacking, and what stands beside the reference."""

from __future__ import annotations

import pytest

from parity.base.tolerance import MOST_DIGITS, allowed
from parity.compare.harmonise import Harmonised, Quantity
from parity.compare.numbers import Beside, compare, compare_beside
from parity.results.record import Comparison


def side(engine: str, accuracy: str = "exact", required=(), **numbers) -> Harmonised:
    """Keys are `quantity_term`; numbers a value on its own scale, or a value and its scale."""
    quantities = {}
    for name, number in numbers.items():
        value, scale = number if isinstance(number, tuple) else (number, abs(number))
        quantities[tuple(name.partition("_")[::2])] = Quantity(value, scale)
    return Harmonised(engine, accuracy, "native", quantities, frozenset(required))


def test_the_smaller_scale_decides_and_the_larger_one_counts_digits():
    share = allowed("exact", "exact")
    for a, b in (((1.0, 1.0), (1.0 + 50 * share, 100.0)), ((1.0, 100.0), (1.0 + 50 * share, 1.0))):
        (off,) = compare(side("r", coef_x=a), side("c", coef_x=b)).differences
        assert off.allowed == pytest.approx(share) and off.digits == pytest.approx(
            compare_digits(50 * share / 100), abs=0.01
        )


def compare_digits(share: float) -> float:
    from math import log10

    return -log10(share)


def test_what_one_side_lacks_shares_no_digit():
    key = {("coef", "x"), ("coef", "z")}
    found = compare(side("r", required=key, coef_x=2.0, coef_z=1.0), side("c", coef_x=2.0))
    assert (found.checked, found.digits) == (2, 0.0)
    (off,) = found.differences
    assert (off.term, off.reference, off.candidate, off.digits, off.allowed) == ("z", 1.0, None, 0.0, 0.0)
    nothing = compare(side("r", r2_=0.5), side("c", r2_=0.5))  # without a coefficient nothing was compared
    assert (nothing.checked, compare(side("r"), side("c")).digits) == (0, 0.0)
    assert compare(side("r", coef_x=2.0), side("c", coef_x=2.0)).digits == MOST_DIGITS


def test_what_stands_beside_the_reference_counts_with_the_fewest_digits():
    for here, beside, digits in ((14.0, 3.0, 3.0), (2.0, 5.0, 2.0)):
        both = Beside(1, beside).added_to(Comparison(checked=2, digits=here, differences=()))
        assert (both.checked, both.digits) == (3, digits)
    untouched = Comparison(checked=2, digits=5.0, differences=())
    assert Beside(0, 1.0).added_to(untouched) is untouched


def test_a_quantity_beside_the_reference_has_the_floor_of_its_own_name():
    first, second = side("one", r2_=0.5, ll_=100.0), side("two", r2_=0.5 * (1 + 1e-4), ll_=100.0)
    asked = []

    def floor(one: str, other: str):
        asked.append((one, other))
        return lambda quantity: 1e-3 if quantity == "r2" else 0.0

    found = compare_beside(side("r"), [first, second], floor)
    assert found["two"].differences == () and found["two"].checked == 2 and found["two"].digits == pytest.approx(4, abs=0.01)
    assert asked == [("one", "two")] * 2 and found["one"].checked == 0
    (off,) = compare_beside(side("r"), [first, second])["two"].differences
    assert (off.quantity, off.against) == ("r2", "one")
