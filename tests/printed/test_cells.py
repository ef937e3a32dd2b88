"""Cells of printed tables: numbers freed from typesetting, and nothing guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.compare.printed import read_number
from parity.printed.cells import TableProblem, Token, plain, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.352***", [Token("0.352***")]),
        ("0.352 ***", [Token("0.352***")]),
        ("−0.64", [Token("-0.64")]),  # minus
        ("–0.64", [Token("-0.64")]),  # en dash
        ("－０．６４", [Token("-0.64")]),  # full width
        ("（０.０４８）", [Token("0.048", "(")]),
        ("(0.048)**", [Token("0.048**", "(")]),
        ("[2.31]", [Token("2.31", "[")]),
        ("{2.31}", [Token("2.31", "{")]),
        ("|2.31|", [Token("2.31", "|")]),
        ("0.352∗∗", [Token("0.352**")]),
        ("0.352＊＊", [Token("0.352**")]),
        ("0.352<sup>***</sup>", [Token("0.352***")]),
        ("0.352<sup>a</sup>", [Token("0.352")]),
        ("0.352¹", [Token("0.352")]),
        ("0.352**ᵃ", [Token("0.352**")]),
        ("0.352†", [Token("0.352")]),
        ("0.352a", [Token("0.352")]),
        ("1,234.5", [Token("1234.5")]),
        ("12,345,678", [Token("12345678")]),
        ("4 360", [Token("4360")]),
        ("4\u202f360", [Token("4360")]),
        ("1'234", [Token("1234")]),
        (".062", [Token(".062")]),
        ("5.", [Token("5.")]),
        ("1.2e-3", [Token("1.2e-3")]),
        ("1.2e−3", [Token("1.2e-3")]),
        ("0.358*** (0.048)", [Token("0.358***"), Token("0.048", "(")]),
        ("0.358***<br>(0.048)", [Token("0.358***"), Token("0.048", "(")]),
        ("0.358 (0.048) [7.46]", [Token("0.358"), Token("0.048", "("), Token("7.46", "[")]),
        ("[0.26, 0.45]", [Token("0.26", "[", "0.45")]),
        ("(-0.1; 0.2)", [Token("-0.1", "(", "0.2")]),
        ("&minus;0.5", [Token("-0.5")]),
    ],
)
def test_numbers(text, expected):
    assert list(tokens(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "—", "Yes", "firm 1", "p < 0.05", "R2", "(1", "(0.1]", "0.1.2", "* p<0.1, ** p<0.05", "n.a.", "OLS (1)"],
)
def test_what_is_no_number(text):
    assert tokens(text) == ()


@pytest.mark.parametrize("text", ["0,352", "(0,048)", "-1,5***", "12,34", "０，３５２"])
def test_a_decimal_comma_is_refused_unless_it_is_announced(text):
    with pytest.raises(TableProblem, match="decimal comma"):
        tokens(text)
    (read,) = tokens(text, decimal_comma=True)
    assert "." in read.text and "," not in read.text


def test_points_are_thousands_where_the_comma_is_decimal():
    assert [t.text for t in tokens("1.234,5 (0,5)", decimal_comma=True)] == ["1234.5", "0.5"]


def test_names_keep_their_letters():
    assert plain("log（收入）") == "log(收入)" and plain("R²") == "R2" and plain("d.\u00a0x") == "d. x"


@given(st.decimals(-(10**6), 10**6, places=4, allow_nan=False), st.integers(0, 3), st.sampled_from(["", "(", "["]))
def test_any_printed_number_is_read_back(number, stars, bracket):
    close = {"": "", "(": ")", "[": "]"}[bracket]
    (token,) = tokens(f"{bracket}{number:,}{'*' * stars}{close}".replace("-", "−"))
    assert (read_number(token.text).value, token.text.count("*"), token.bracket) == (float(number), stars, bracket)
