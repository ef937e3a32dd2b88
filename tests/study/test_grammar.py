"""The closed grammar: what it reads, what it writes back, what it refuses and how it says so."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.study.formula import (
    FUNCTIONS,
    SHIFTS,
    Call,
    Column,
    Constant,
    Dummies,
    Effect,
    Formula,
    FormulaError,
    Interaction,
    Member,
    Operation,
    columns_of,
)
from parity.study.grammar import parse_expression, parse_formula

# ---------------------------------------------------------------- what it reads


def test_a_formula_of_everything():
    formula = parse_formula("log(y) ~ x + l(z, 2) + i(g, x) + a:b | firm + state^year | d ~ z1 + z2")
    assert formula.outcome == Call("log", (Column("y"),))
    assert formula.exog == (
        Column("x"),
        Call("l", (Column("z"), Constant(2))),
        Dummies(Column("g"), Column("x")),
        Interaction((Column("a"), Column("b"))),
    )
    assert formula.effects == (Effect(("firm",)), Effect(("state", "year")))
    assert (formula.endog, formula.instruments) == ((Column("d"),), (Column("z1"), Column("z2")))
    assert not formula.intercept
    assert columns_of(formula) == ("y", "x", "z", "g", "a", "b", "firm", "state", "year", "d", "z1", "z2")


@pytest.mark.parametrize(
    ("text", "intercept", "n"),
    [("y ~ 1", True, 0), ("y ~ 0 + x", False, 1), ("y ~ x - 1", False, 1), ("y ~ -1 + x", False, 1), ("y ~ 1 + x", True, 1),
     ("y ~ x | 0", True, 1), ("y ~ x | f", False, 1), ("y ~ a*b", True, 3), ("y ~ x + x", True, 1)],
)  # fmt: skip
def test_intercept_and_regressors(text, intercept, n):
    formula = parse_formula(text)
    assert (formula.intercept, len(formula.exog)) == (intercept, n)


@pytest.mark.parametrize(
    "name", ["人均 GDP", "order", "android", "not_in", "x.1", "a b", "1st", "if", "and", "in", "é", "_x", ".x", "a^b"]
)
def test_any_column_name_is_reachable(name):
    formula = parse_formula(f"y ~ `{name}`")
    assert formula.exog == (Column(name),)
    assert parse_formula(str(formula)) == formula


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("-x^2", Operation("neg", (Operation("^", (Column("x"), Constant(2))),))),
        ("a - b - c", Operation("-", (Operation("-", (Column("a"), Column("b"))), Column("c")))),
        ("2^3^2", Operation("^", (Constant(2), Operation("^", (Constant(3), Constant(2)))))),
        ("a or b and c", Operation("or", (Column("a"), Operation("and", (Column("b"), Column("c")))))),
        ("not a == b", Operation("not", (Operation("==", (Column("a"), Column("b"))),))),
        ("x not in [-1, 'b']", Member(Column("x"), (Constant(-1), Constant("b")), negated=True)),
        ("l(x)", Call("l", (Column("x"), Constant(1)))),
    ],
)
def test_precedence(text, tree):
    assert parse_expression(text) == tree


def test_a_combination_is_told_from_a_column_of_that_name():
    names = [e.name for e in parse_formula("y ~ x | a^b + `a^b`").effects]
    assert len(set(names)) == 2


# ---------------------------------------------------------------- round trip

names = st.text(st.characters(codec="utf-8", exclude_characters="`", exclude_categories=("Cs",)), min_size=1, max_size=8)
columns = st.builds(Column, st.sampled_from(["x", "value", "人均 GDP", "a.b", "not"]) | names)
constants = st.builds(
    Constant,
    st.integers(0, 2**53)
    | st.floats(0, allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="'", codec="utf-8"), max_size=5)
    | st.text(st.characters(exclude_characters='"', codec="utf-8"), max_size=5),
)
levels = constants | st.builds(Constant, st.integers(-(2**53), -1))
periods = st.builds(Constant, st.integers(1, 40))


def deeper(inner):
    comparison = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    binary = st.sampled_from(["+", "-", "*", "/", "^", "and", "or"])
    plain = st.sampled_from([f for f in FUNCTIONS if f not in SHIFTS])
    return (
        st.builds(lambda f, a: Call(f, (a,)), plain, inner)
        | st.builds(lambda f, a, n: Call(f, (a, n)), st.sampled_from(SHIFTS), inner, periods)
        | st.builds(lambda op, a, b: Operation(op, (a, b)), comparison | binary, inner, inner)
        | st.builds(lambda op, a: Operation(op, (a,)), st.sampled_from(["not", "neg"]), inner)
        | st.builds(Member, inner, st.lists(levels, max_size=3).map(tuple), st.booleans())
    )


expressions = st.recursive(columns | constants, deeper, max_leaves=8)
dummies = st.builds(Dummies, columns, st.none() | columns, st.none()) | st.builds(Dummies, columns, st.none(), levels)
calls = st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(["log", "exp", "abs", "float"]), expressions)
atoms = columns | calls | dummies
items = atoms | st.builds(Interaction, st.lists(atoms, min_size=2, max_size=3).map(tuple))


@st.composite
def formulas(draw):
    parts = draw(st.lists(items, unique=True, min_size=1, max_size=7))
    n_endog = draw(st.integers(0, min(2, (len(parts) - 1) // 2)))
    endog, instruments, exog = parts[:n_endog], parts[n_endog : 2 * n_endog], parts[2 * n_endog :]
    effect_names = draw(st.lists(st.lists(columns, unique=True, min_size=1, max_size=2), max_size=2))
    effects = tuple(Effect(tuple(c.name for c in cs)) for cs in effect_names)
    sets = [frozenset(e.columns) for e in effects]
    if len(set(sets)) < len(sets):
        effects = effects[:1]
    outcome = draw(expressions.filter(columns_of))
    if any(str(i) == str(outcome) for i in parts):
        outcome = Operation("+", (outcome, Constant(1)))
    absorbed = {e.columns[0] for e in effects if len(e.columns) == 1}
    if absorbed & {i.name for i in (outcome, *endog, *instruments) if isinstance(i, Column)}:
        effects = ()
    intercept = draw(st.booleans()) and not effects
    return Formula(outcome, tuple(exog), intercept, effects, tuple(endog), tuple(instruments))


@settings(max_examples=300, deadline=None)
@given(expressions)
def test_expressions_survive_the_round_trip(tree):
    assert parse_expression(str(tree)) == tree


@settings(max_examples=300, deadline=None)
@given(formulas())
def test_formulas_survive_the_round_trip(formula):
    assert parse_formula(str(formula)) == formula
    assert str(parse_formula(str(formula))) == str(formula)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for parse in (parse_formula, parse_expression):
        try:
            parse(text)
        except FormulaError as error:
            assert str(error)


TOKENS = ["y", "x", "i", "l", "log", "ref", "'a'", "1", "0", "and", "not", "in", *"~+|(),:^*-[]=`", "=="]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=14))
def test_any_row_of_tokens_is_read_or_refused(tokens):
    for parse in (parse_formula, parse_expression):
        try:
            tree = parse(" ".join(tokens))
        except FormulaError:
            continue
        assert parse(str(tree)) == tree


# ---------------------------------------------------------------- what it refuses

CODE = [
    "y ~ __import__('os').system('touch pwned')",
    "y ~ eval('1')",
    "y ~ x; DROP TABLE",
    "y ~ system('ls')",
    "y ~ $(ls)",
    "y ~ `a``b",
    "y ~ {x}",
    "y ~ {0.__class__}",
    "y ~ %s",
    "y ~ f'{x}'",
    "y ~ x[0]",
    "y ~ x.__class__()",
    "y ~ (x := 1)",
    "y ~ {library(x)}",
    "y ~ x <- 1",
    "y ~ base::system(x)",
    "y ~ 😀",
    "y ~ x\0",
    "y ~ x # a",
    "y ~ \\x",
    "y ~ @x",
]


@pytest.mark.parametrize("text", CODE)
def test_code_is_refused(text):
    with pytest.raises(FormulaError):
        parse_formula(text)
    with pytest.raises(FormulaError):
        parse_expression(text.removeprefix("y ~ ") + " +")


@pytest.mark.parametrize(
    "text",
    ["(" * 5000 + "x" + ")" * 5000, "log(" * 900 + "x" + ")" * 900, "x" * 100_000, "1" + "+1" * 4000, "not " * 2000 + "x",
     "-" * 9000 + "x"],
    ids=["brackets", "calls", "long", "sum", "not", "minus"],
)  # fmt: skip
def test_depth_and_length_are_limited(text):
    for parse, given_text in ((parse_expression, text), (parse_formula, f"{text} ~ z"), (parse_formula, f"z ~ log({text})")):
        with pytest.raises(FormulaError) as caught:
            parse(given_text)
        assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y ~ x +", "the end"),
        ("y ~", "the end"),
        ("", "the end"),
        ("y", "before a tilde"),
        ("y ~ logg(x)", "did you mean `log`?"),
        ("y ~ log(x, 2)", "takes one argument"),
        ("y ~ l(x, 1.5)", "whole number"),
        ("y ~ l(x, 0)", "whole number"),
        ("y ~ l(x, z)", "whole number"),
        ("y ~ x^2", "written I(x^2)"),
        ("y ~ x | a:b", "is no fixed effect"),
        ("y ~ x | log(f)", "is no fixed effect"),
        ("y ~ a*b*c", "products"),
        ("y ~ x - x2", "expected"),
        ("y ~ x + 3", "no regressors"),
        ("y ~ y", "is also a regressor"),
        ("y ~ x | 0 | d ~ y", "is also a regressor or instrument"),
        ("y ~ x | 0 | d ~ x", "stands twice"),
        ("y ~ x | 0 | d + e ~ z", "at least as many instruments"),
        ("y ~ x | d ~ z | f", "stands last"),
        ("y ~ x | f | g", "written endogenous ~ instruments"),
        ("y ~ x | f | d ~ z | a", "at most three parts"),
        ("y ~ x | f^f", "with itself"),
        ("y ~ x | f^g + g^f", "stands twice"),
        ("1 ~ x", "reads no column"),
        ("y ~ i(log(x))", "i() is written"),
        ("i(g) ~ x", "right-hand side"),
        ("y ~ is_missing(x)", "belongs in `where`"),
        ("y ~ log(x, base=2)", "takes no `base =`"),
        ("y ~ x ** 2", "a power is written ^"),
        ("y ~ x + $", "character 9"),
        ("y ~ x\n + $", "character 10"),
    ],
)
def test_refused_formulas_say_why(text, said):
    with pytest.raises(FormulaError) as caught:
        parse_formula(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "write `==`"),
        ("a & b", "write `and`"),
        ("a | b", "write `or`"),
        ("a || b", "write `or`"),
        ("!a", "write `not`"),
        ("a == 1 AND b == 2", "write `and`"),
        ("x == 9007199254740993", "beyond 2^53"),
        ("x < 1e999", "too large"),
        ("1 < x < 3", "can't read `< 3`"),
        ("i(g)", "right-hand side"),
        ("x == 'a", "can't read"),
    ],
)
def test_refused_conditions_say_why(text, said):
    with pytest.raises(FormulaError) as caught:
        parse_expression(text)
    assert said in str(caught.value)


# ---------------------------------------------------------------- what would be read silently as something else


@pytest.mark.parametrize(
    "outcome", ["y + y2", "y + y2 + y3", "log(y) + 1", "y + a - b", "y - a + b", "y and y2", "y or y2", "(y) + (y2)"]
)
def test_two_outcomes_are_no_sum(outcome):
    with pytest.raises(FormulaError, match="may be several outcomes or one") as told:
        parse_formula(f"{outcome} ~ x | firm")
    assert f"`({outcome}) ~ ...`" in str(told.value) and "`c(y1, y2) ~ ...`" in str(told.value)
    formula = parse_formula(f"({outcome}) ~ x | firm")
    assert parse_formula(str(formula)) == formula


@pytest.mark.parametrize("outcome", ["y - a", "log(y + 1)", "y / a", "y * a", "(y + a) / b", "-y", "y == 1", "y in [1, 2]"])
def test_one_outcome_by_arithmetic_is_read(outcome):
    formula = parse_formula(f"{outcome} ~ x")
    assert parse_formula(str(formula)) == formula


@pytest.mark.parametrize("text", ["c(y, y2) ~ x", "cbind(y, y2) ~ x", "y, y2 ~ x", "[y, y2] ~ x", "y y2 ~ x", "y | y2 ~ x"])
def test_several_outcomes_in_other_spellings_are_told(text):
    with pytest.raises(FormulaError, match=re.escape("`c(y1, y2) ~ x`")):
        parse_formula(text)


@pytest.mark.parametrize("text", ["y ~ x | y", "y ~ x | firm | firm ~ z", "y ~ x | z | e ~ z", "y ~ x | firm + y | e ~ z"])
def test_a_fixed_effect_is_no_outcome_and_no_instrument(text):
    with pytest.raises(FormulaError, match="is also a fixed effect"):
        parse_formula(text)


@pytest.mark.parametrize("text", ["y ~ 0 + 1 + x", "y ~ 1 + x - 1", "y ~ x + 1 + 0"])
def test_an_intercept_both_asked_for_and_left_out_is_refused(text):
    with pytest.raises(FormulaError, match="both asked for"):
        parse_formula(text)
