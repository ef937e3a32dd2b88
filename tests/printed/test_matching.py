"""A table against a spec: rows to terms, columns, and what stands in parentheses; nothing by position."""

from __future__ import annotations

import pytest

from parity.base.errors import InputError
from parity.printed.cells import TableProblem
from parity.printed.matching import _starred, chosen_column, column_lines, detected, fits, named_terms, term_of
from parity.printed.table import read_table

TERMS = ("(Intercept)", "value", "log_income", "资本")
TABLE = read_table(
    ",(1) pooled,(2) within,(3) IV\nvalue,0.11***,0.12*,0.3\n,(0.01),(0.02),(0.2)\n"
    "Capital stock,0.31,0.41,\n,(0.02),(0.06),\nN,200,200,180\n"
)


@pytest.mark.parametrize(
    ("label", "term"),
    [
        ("value", "value"), ("Value", "value"), ("Log income", "log_income"), ("log-income", "log_income"), ("资本", "资本"),
        ("Constant", "(Intercept)"), ("_cons", "(Intercept)"), ("常数项", "(Intercept)"), ("valu", None), ("capital", None),
    ],
)  # fmt: skip
def test_rows_are_terms_by_name(label, term):
    assert term_of(label, TERMS, {}) == term


def test_a_constant_is_passed_over_where_the_spec_has_none():
    assert term_of("Constant", ("value",), {}) == ""


def test_names_that_differ_in_more_than_spelling_are_asked_for():
    _, problems = column_lines(TABLE, 0, TERMS, {})
    assert len(problems) == 1 and "Capital stock" in str(problems[0]) and '--term "Capital stock=' in str(problems[0])
    lines, problems = column_lines(TABLE, 2, TERMS, {})  # that column has no number in the row
    assert [line.term for line in lines] == ["value"] and not problems


def test_near_misses_are_suggested():
    table = read_table("valeu,0.1\n,(0.1)\n")
    _, (problem,) = column_lines(table, 0, TERMS, {})
    assert '--term "valeu=value"' in str(problem)


def test_rows_are_named_by_the_user():
    mapping = named_terms(["Capital stock=资本"], TABLE, TERMS)
    lines, problems = column_lines(TABLE, 0, TERMS, mapping)
    assert [line.term for line in lines] == ["value", "资本"] and not problems
    lines, problems = column_lines(TABLE, 0, TERMS, named_terms(["Capital stock="], TABLE, TERMS))
    assert [line.term for line in lines] == ["value"] and not problems


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Capital stock", "is not LABEL=TERM"),
        ("Capital stok=value", "did you mean `Capital stock`"),
        ("Capital stock=valu", "did you mean `value`"),
    ],
)
def test_wrong_names_are_refused(text, says):
    with pytest.raises(InputError, match=says):
        named_terms([text], TABLE, TERMS)


def test_two_rows_of_one_term_are_refused():
    _, problems = column_lines(TABLE, 0, TERMS, {"Capital stock": "value"})
    assert "both the term `value`" in str(problems[0])


@pytest.mark.parametrize(("wanted", "place"), [("2", 1), ("(2)", 1), ("within", 1), ("IV", 2), ("(1) pooled", 0)])
def test_columns_by_number_and_heading(wanted, place):
    assert chosen_column(TABLE, wanted) == place


@pytest.mark.parametrize("wanted", ["4", "0", "i", "x", ""])
def test_columns_that_are_none_or_several(wanted):
    with pytest.raises(InputError, match=r"columns: 1 `\(1\) pooled`, 2"):
        chosen_column(TABLE, wanted)


def declared(quantity: str, term: str) -> float | None:
    return {"coef": 0.112, "se": 0.0141, "t": 7.94, "p": 0.0003}[quantity] if term == "value" else None


def lines(*cells: tuple[str, str]):
    text = "".join(f"v{i},{b}\n,({x})\n" for i, (b, x) in enumerate(cells))
    names = {f"v{i}": ("value" if i == 0 else f"other{i}") for i in range(len(cells))}
    return column_lines(read_table(text), 0, tuple(names.values()), names)[0]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([("0.112", "0.014")], "se"),
        ([("0.112", "7.94")], "t"),
        ([("-0.112", "7.94")], "t"),
        ([("0.112", "0.0003")], "p"),
        ([("0.2", "-3.1")], "t"),
        ([("0.2", "0.3"), ("0.4***", "0.1"), ("0.5**", "0.2")], "se"),  # by the stars
        ([("0.2", "1.1"), ("0.4***", "2.9"), ("0.5**", "2.1")], "t"),
        ([("0.2", "0.3"), ("0.4***", "0.001"), ("0.1**", "0.02")], "p"),
        ([("0.2", "0.3")], "se"),
    ],
)
def test_what_stands_in_parentheses(cells, kind):
    found, why = detected(lines(*cells), declared, (0.1, 0.05, 0.01))
    assert found == kind and why


@pytest.mark.parametrize(("t", "stars"), [(1.64, 0), (1.65, 1), (1.95, 1), (1.97, 2), (2.57, 2), (2.58, 3)])
def test_stars_begin_where_the_normal_distribution_says(t, stars):
    """1.645, 1.960 and 2.576 either side of zero."""
    from statistics import NormalDist

    cuts = (0.1, 0.05, 0.01)
    p = 2 - 2 * NormalDist().cdf(t)
    inside = {"t": f"{t}", "se": "1.00", "p": f"{p:.6f}"}
    for kind, text in inside.items():
        for sign in ("", "-"):
            shown = f"{sign}{t}{'*' * stars}"
            assert _starred(kind, shown, text if kind != "t" else f"{sign}{text}", cuts)
            assert not _starred(kind, f"{shown}*", text, cuts)
    assert not _starred("p", "1.0", "1.20", cuts) and _starred("p", "1.0***", "0.00", cuts)


def test_a_value_fits_a_printed_number():
    assert fits("0.352", 0.3515) and fits("0.352", 0.3525) and not fits("0.352", 0.35251) and not fits("0.352", None)
    assert not fits("0.352", -0.352) and fits("0.352", -0.352, unsigned=True) and not fits("-0.352", -0.352, unsigned=True)


def test_what_a_parenthesis_was_told_by():
    def told(cells, cuts=(0.1, 0.05, 0.01), of=declared) -> tuple[str, str]:
        return detected(lines(*cells), of, cuts)

    assert told([("0.2", "-3.1"), ("0.112", "0.014")]) == ("t", "some are negative")
    assert told([("0.112", "0.014"), ("0.5", "0.3")]) == ("se", "1 of 2 are this spec's")
    # as many standard errors as t statistics would fit: the stars decide, and where they don't nothing does
    both = {("se", "value"): 0.5, ("t", "value"): 0.5}
    same = lambda quantity, term: both.get((quantity, term))  # noqa: E731
    assert told([("0.5", "0.5")], of=same) == ("se", "nothing says otherwise")
    assert told([("0.2*", "1.8")], of=same) == ("t", "the stars of 1 of 1 follow from them")
    assert told([("2.0***", "0.5"), ("0.2***", "0.001")], of=same)[0] == "se"
    # stars that follow from two readings alike say nothing
    assert told([("3.0**", "1.5"), ("0.4**", "2.1")], of=same) == ("se", "nothing says otherwise")


def test_a_column_that_two_headings_hold_is_none():
    table = read_table(",ols (1),iv (2),iv (3)\nx,0.1,0.2,0.3\n")
    assert [chosen_column(table, w) for w in ("1", "(2)", "3", "OLS", "ols (1)")] == [0, 1, 2, 0, 0]
    with pytest.raises(InputError, match="no one column `iv`"):
        chosen_column(table, "iv")


def test_a_standard_error_of_nothing_has_every_star():
    cuts = (0.1, 0.05, 0.01)
    assert _starred("se", "1.0***", "0.00", cuts) and not _starred("se", "1.0", "0.00", cuts)


@pytest.mark.parametrize(
    ("coef", "others", "read"),
    [
        ("0***", "w,0.12,\n,(0.03),\n", "0.00***"), ("1", "w,0.1234,\n,(0.03),\n", "1.0000"), ("0", "", "0.000"),
        ("12", "w,0.12,\n,(0.03),\n", "12"), ("0.4", "w,0.12,\n,(0.03),\n", "0.4"), ("0", "w,123,\n,(0.03),\n", "0"),
    ],
)  # fmt: skip
def test_a_whole_number_of_one_digit_has_the_decimals_of_the_others(coef, others, read):
    """`0***` isn't all between half below zero and half above it, but beside whole numbers; alone it has its error's."""
    se = "0.02" if others else "0.012"
    table = read_table(f",(1)\nvalue,{coef},\n,({se}),\n{others}N,200,\n")
    lines, _ = column_lines(table, 0, ("value", "w"), {})
    assert lines[0].numbers[0].text == read and lines[0].numbers[1].text == se


def test_a_note_that_gives_more_stars_to_larger_p_is_asked_about():
    text = ",(1)\nvalue,0.11***\n,(0.01)\nN,200\n* p<0.01 ** p<0.05 *** p<0.1\n"
    with pytest.raises(TableProblem, match=r"more stars to larger p, \* 0.01, \*\* 0.05, \*\*\* 0.1: say --stars"):
        read_table(text)
    assert read_table(text, levels_told=True).stars is None
