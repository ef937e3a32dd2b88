"""What comparing and conventions take for granted where nothing is said."""

from __future__ import annotations

from defaults import said_otherwise

PACKAGES = (
    "parity.compare", "parity.conventions.facts", "parity.conventions.formulas", "parity.conventions.profiles",
    "parity.engines.frozen", "parity.runs.freeze", "parity.runs.judge",
)  # fmt: skip


def test_who_says_nothing_of_numbers_gets_nothing_but_for_these():
    """Counts are zero and flags are off; else the default is a convention, which stands here."""
    assert said_otherwise(*PACKAGES) == {
        # one infinite number agrees with another; two that are compared with nothing have all digits
        "agree.hold.infinite": True, "numbers.Beside.digits": 16.0,
        # intervals are of 95 %; a panel of which nothing is known is balanced
        "formulas.critical_value.level": 0.95, "facts.Facts.balanced": True,
    }  # fmt: skip
