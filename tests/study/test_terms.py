"""Terms in R's and patsy's spelling: what they are here, what they are called, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.data.evaluate import Panel, item_columns
from parity.printed.spelled import alike
from parity.study.formula import FormulaError
from parity.study.grammar import parse_expression, parse_formula


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("C(g) + factor(h)", "i(g) + i(h)"),
        ("I(x^2)", "x:x"),
        ("I(x)", "x"),
        ("I(a * log(b)^2):z", "a:log(b):log(b):z"),
        ("I(x^2):i(g)", "x:x:i(g)"),
        ("poly(x, 3, raw = TRUE) + z", "x + x:x + x:x:x + z"),
        ("poly(x, degree = 2, raw = T)", "x + x:x"),
        ("I((x^2))", "x:x"),
        ("C(g)*z + x:x + C(g):I(x^2)", "i(g)*z + x:x + i(g):x:x"),
    ],
)
def test_what_is_a_product_is_one(text, plain):
    assert parse_formula(f"y ~ {text}") == parse_formula(f"y ~ {plain}")


@pytest.mark.parametrize(
    ("text", "name"),
    [  # names of R's lm(): deparse of the call
        ("I(x / 100)", "I(x/100)"),
        ("I((a + b) * c)", "I((a + b) * c)"),
        ("I(a - (b - c))", "I(a - (b - c))"),
        ("I(a / (b * c))", "I(a/(b * c))"),
        ("I(-x ^ 2)", "I(-x^2)"),
        ("I((-x) ^ 3)", "I((-x)^3)"),
        ("I(x > 5)", "I(x > 5)"),
        ("I(x ^ 0.5)", "I(x^0.5)"),
    ],
)
def test_arithmetic_has_the_name_of_r_and_its_value(text, name):
    formula = parse_formula(f"y ~ {text}")
    (item,) = formula.exog
    assert str(item) == name and parse_formula(str(formula)) == formula
    frame = pd.DataFrame({"x": [1.0, 9.0, 4.0], "a": [3.0, 5.0, 7.0], "b": [2.0, 8.0, 1.0], "c": [6.0, 4.0, 5.0]})
    value = item_columns(item, frame, Panel(), np.ones(3, dtype=bool))[name]
    inner = text[2:-1].replace("^", "**")
    assert value == pytest.approx(np.asarray(eval(inner, {}, {c: frame[c] for c in frame}), dtype=float))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y ~ poly(x, 2)", "write poly(x, 2, raw = TRUE), which fits the same"),
        ("y ~ C(g):z", "R's `C(g):z` has a column for every level where `z` is no term of its own: write i(group, column)"),
        ("y ~ x + factor(g):I(x^2)", "`I(x^2)` beside it"),
        ("y ~ as.factor(g):z", "has a column for every level"),
        ("y ~ C(g) + C(g):C(h)", "`C(h)` beside it"),
        ("y ~ poly(x, 2, raw = TRUE):z", "write x:z + x:x:z for its products"),
        ("y ~ I(x**2)", "a power is written ^"),
        ("y ~ poly(x + 1, 2, raw = TRUE)", "of a column and a degree"),
        ("y ~ poly(x)", "poly() is written"),
        ("y ~ poly(x, k, raw = TRUE)", "of a column and a degree"),
        ("y ~ log(poly(x, 2, raw = TRUE))", "as a term of its own"),
        ("poly(x, 2, raw = TRUE) ~ x", "as a term of its own"),
        ("y ~ C(x, Treatment(3))", '"y ~ i(x, ref=3)"'),
        ("y ~ x^2", "a power is written I(x^2)"),
        ("y ~ x / z", "can't read"),
        ("y ~ I(i(g))", "right-hand side"),
        ("y ~ I(x, z)", "takes one argument"),
        ("y ~ i(g, ref = a)", "can't read"),
    ],
)
def test_what_is_refused_says_what_to_write(text, said):
    with pytest.raises(FormulaError) as error:
        parse_formula(text)
    assert said in str(error.value)


def test_it_stands_in_no_condition():
    with pytest.raises(FormulaError, match="right-hand side"):
        parse_expression("poly(x, 2, raw = TRUE) > 1")


@pytest.mark.parametrize(
    "printed", ["I(x^2)", "I(x ** 2)", "I(x*x)", "poly(x, 2, raw = TRUE)2", "c.x#c.x", "x:x", "I( x ^ 2 )"]
)
def test_a_square_in_print_is_found(printed):
    assert alike(printed, ["x", "x:x", "x:a", "I(x/100)", "x:x:x"]) == ["x:x"]


def test_an_orthogonal_polynomial_in_print_is_no_square():
    assert alike("poly(x, 2)2", ["x", "x:x"]) == [] and alike("poly(x, 2, raw = FALSE)2", ["x", "x:x"]) == []
