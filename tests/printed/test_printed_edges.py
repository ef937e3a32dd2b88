"""Small turns of reading a table: a column by its number, a name without a label, where a window begins."""

from __future__ import annotations

import pytest

from parity.base.errors import InputError
from parity.compare.harmonise import Harmonised, Quantity
from parity.compare.printed import compare_printed
from parity.printed.lines import Line
from parity.printed.matching import chosen_column, named_terms
from parity.printed.printed_table import PrintedTable, Row
from parity.printed.window import _top
from parity.printed.window_head import columns_of
from parity.study.published import Published


def table(*columns: str) -> PrintedTable:
    return PrintedTable(columns=columns, rows=(Row("x", tuple(() for _ in columns)),), nobs=("",) * len(columns))


def test_a_column_is_chosen_by_its_number_where_no_heading_is_that_number():
    three = table("main", "robust", "within")
    assert [chosen_column(three, n) for n in ("1", "2", "3", "Robust", "rob")] == [0, 1, 2, 1, 1]
    for wrong in ("0", "4", "i"):
        with pytest.raises(InputError, match="the table has no one column"):
            chosen_column(three, wrong)


@pytest.mark.parametrize("text", ["x", "=x", "  = x"])
def test_a_term_needs_a_label_before_it(text):
    with pytest.raises(InputError, match="is not LABEL=TERM"):
        named_terms([text], table("a"), ["x"])
    assert named_terms(["x=x"], table("a"), ["x"]) == {"x": "x"} and named_terms(["x="], table("a"), ["x"]) == {"x": ""}


def lines(*texts: str) -> list[Line]:
    return [Line(i + 1, text) for i, text in enumerate(texts)]


def test_a_window_begins_at_its_command_or_behind_the_window_before():
    assert _top(lines("1.5", ". reg y x", "head", ". next"), 2, 0) == 1  # right above the heading
    assert _top(lines("1.5", ". reg y x", "note", "head"), 3, 0) == 1
    assert _top(lines(". reg a b", "note", "head"), 2, 1) == 1  # that command is of the window before
    assert _top(lines(". reg y x", "note", "head"), 2, 0) == 0


def test_an_outcome_of_eight_dashes_is_a_name_and_a_rule_is_none():
    heads = "|  Coefficient  Std. err.      t    P>|t|     [95% conf. interval]"
    assert columns_of("-" * 8 + heads) is not None and columns_of("-" * 9 + heads) is None


def test_a_t_that_an_estimate_has_not_differs_and_an_entry_of_nothing_shares_nothing():
    side = Harmonised("e", "exact", "native", {("coef", "x"): Quantity(2.0, 2.0)}, frozenset())
    (missing,) = compare_printed(
        Published(spec="s", term="x", source="t", estimate="2.0", parentheses="(4.00)", kind="t"), side
    ).differences
    assert (missing.quantity, missing.reference, missing.candidate) == ("t", 4.0, None)
    stars = Published(spec="s", term="x", source="t", estimate="2.0**")
    nothing = stars.model_copy(update={"estimate": None})
    found = compare_printed(nothing, side)
    assert (found.checked, found.digits, found.differences) == (0, 0.0, ())
