"""What readers of printed tables take for granted where nothing is said: no decimal comma, no line, no steps."""

from __future__ import annotations

from defaults import said_otherwise


def test_who_says_nothing_of_a_print_gets_nothing_but_for_these():
    """Counts are zero and flags are off; else the default is a convention, which stands here."""
    assert said_otherwise("parity.printed") == {
    }  # fmt: skip
