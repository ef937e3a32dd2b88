"""A formula written from habit in Stata is answered with the way it is written here."""

from __future__ import annotations

import pytest

from parity import habits
from parity.formula import FormulaError
from parity.grammar import parse_formula


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("inv ~ capital, absorb(firm year)", "after a bar"),
        ("inv ~ capital, vce(cluster firm)", "vcov = { cluster"),
        ("inv ~ capital, r", 'vcov = "HC1"'),
        ("reghdfe inv capital, a(firm)", "after a bar"),
        ("reg inv capital value", "no command"),
        ("inv ~ a##b", "`a*b`"),
        ("inv ~ value (capital = z)", "last part"),
        ("inv capital", "before a tilde"),
    ],
)
def test_a_formula(text, told):
    with pytest.raises(FormulaError, match="can't read") as error:
        parse_formula(text)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [("L.capital", "`l(capital, 1)`"), ("L2.capital", "`l(capital, 2)`"), ("D.capital", "`d(capital, 1)`"),
     ("i.firm", "`i(firm)`"), ("c.capital", "`capital`")],
)  # fmt: skip
def test_a_column(name, told):
    assert told in habits.in_column(name, ["capital", "firm"])


def test_other_mistakes_keep_their_own_message():
    assert habits.in_column("L.other", ["capital"]) == ""
    assert habits.in_column("capitol", ["capital"]) == ""
    assert habits.in_formula("inv ~ capital + + value") == ""
