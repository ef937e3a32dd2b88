"""Expressions over a frame, against pandas, brute-force loops and three-valued logic."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.base.errors import ColumnProblem
from parity.data.evaluate import Panel, codes, condition, evaluate, item_columns
from parity.study.grammar import parse_expression, parse_formula

PANEL = Panel("firm", "year")


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def value(text: str, data: pd.DataFrame, panel: Panel = PANEL) -> np.ndarray:
    return evaluate(parse_expression(text), data, panel)


def item(text: str, data: pd.DataFrame, **options) -> dict[str, np.ndarray]:
    (one,) = parse_formula(f"y ~ {text}").exog
    return item_columns(one, data, PANEL, np.ones(len(data), dtype=bool), **options)


# ---------------------------------------------------------------- arithmetic

DATA = frame(
    a=[1.0, -2.0, np.nan, 4.5, 0.0], b=[3, 2, 1, -1, 7], t=["u", "v", None, "u", "w"], k=[True, False, True, True, False]
)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b*2 - 1", lambda d: d.a + d.b * 2 - 1),
        ("-a^2", lambda d: -(d.a**2)),
        ("(a + b)/4", lambda d: (d.a + d.b) / 4),
        ("abs(a)", lambda d: d.a.abs()),
        ("exp(b)", lambda d: np.exp(d.b.astype(float))),
        ("float(b/3)", lambda d: (d.b / 3).astype("float32").astype(float)),
        ("k*b", lambda d: d.k * d.b),
        ("log1p(abs(b))", lambda d: np.log1p(d.b.abs())),
        ("is_missing(a)", lambda d: d.a.isna().astype(float)),
        ("is_missing(t)", lambda d: d.t.isna().astype(float)),
    ],
)
def test_as_pandas_does(text, same):
    np.testing.assert_array_equal(value(text, DATA), same(DATA).to_numpy(dtype=float))


@pytest.mark.parametrize(
    "text", ["log(a)", "log10(a)", "sqrt(a - 1)", "b/a", "exp(b*1000)", "log1p(a)", "a^(-1)", "float(b*1e300)"]
)
def test_outside_the_domain_is_missing_not_infinite(text):
    result = value(text, DATA)
    assert not np.isinf(result).any()
    assert np.isnan(result).any()


def test_infinities_of_the_data_are_kept():
    assert np.isinf(value("a + 1", frame(a=[np.inf, 1.0]))).tolist() == [True, False]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False, width=32), min_size=1, max_size=6), st.data())
@settings(max_examples=60, deadline=None)
def test_random_sums_match_pandas(a, data):
    b = data.draw(st.lists(st.floats(width=32, allow_infinity=False), min_size=len(a), max_size=len(a)))
    d = frame(a=np.array(a, dtype=float), b=np.array(b, dtype=float))
    for op in "+-*":
        np.testing.assert_array_equal(value(f"a {op} b", d), d.eval(f"a {op} b").to_numpy(dtype=float))


# ---------------------------------------------------------------- conditions

THREE = (0.0, 1.0, np.nan)


def kleene(op: str, a: float, b: float) -> float:
    if op == "and":
        return 0.0 if 0.0 in (a, b) else np.nan if np.isnan([a, b]).any() else 1.0
    return 1.0 if 1.0 in (a, b) else np.nan if np.isnan([a, b]).any() else 0.0


@pytest.mark.parametrize("op", ["and", "or"])
def test_three_valued_logic(op):
    pairs = list(itertools.product(THREE, THREE))
    d = frame(a=[p[0] for p in pairs], b=[p[1] for p in pairs])
    np.testing.assert_array_equal(value(f"a {op} b", d), [kleene(op, *p) for p in pairs])
    np.testing.assert_array_equal(value(f"not (a {op} b)", d), [1 - kleene(op, *p) for p in pairs])


@pytest.mark.parametrize("text", ["a > 0", "not a > 0", "a != 4.5", "a in [1, 4.5]", "a not in [1]", "a == a"])
def test_a_missing_value_is_never_certainly_true(text):
    assert not condition(parse_expression(text), DATA, PANEL)[2]


def test_where_keeps_what_is_certain_although_another_part_is_missing():
    assert condition(parse_expression("a > 0 or b > 0"), DATA, PANEL).tolist() == [True, True, True, True, True]
    assert condition(parse_expression("a > 0 and b > 0"), DATA, PANEL).tolist() == [True, False, False, False, False]
    assert condition(parse_expression("t == 'u' and not is_missing(t)"), DATA, PANEL).tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert condition(parse_expression("t not in ['u']"), DATA, PANEL).tolist() == [False, True, False, False, True]
    assert condition(parse_expression("k"), DATA, PANEL).tolist() == [True, False, True, True, False]
    assert condition(parse_expression("b in [-1, 7]"), DATA, PANEL).tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b", "is no condition: it is 3 in observation 1"),
        ("b and k", "`b` is no condition"),
        ("not b", "`b` is no condition"),
        ("a > 0 or b", "`b` is no condition"),
        ("t == 1", "compares text with a number"),
        ("a == 'u'", "compares text with a number"),
        ("t > 'u'", "orders text"),
        ("t in [1]", "`1` is a number"),
        ("a in ['u']", "`u` is text"),
        ("t + 1 > 0", "`t` is text"),
        ("t and k", "`t` is text"),
        ("log(t) > 0", "is text (observation 1: `u`)"),
        ("t", "is text"),
    ],
)
def test_what_is_no_condition_says_so(text, said):
    with pytest.raises(ColumnProblem) as caught:
        condition(parse_expression(text), DATA, PANEL)
    assert said in str(caught.value)


def test_an_empty_text_column_is_missing_everywhere():
    d = frame(t=np.array([None, None], dtype=object))
    assert not condition(parse_expression("t == 'a'"), d, PANEL).any()
    assert np.isnan(item("t", d)["t"]).all()


@pytest.mark.parametrize("text", ["id == 5", "id in [5]", "id != id"])
def test_ids_beyond_doubles_are_not_told_apart_by_rounding(text):
    d = frame(id=np.array([2**53, 2**53 + 1], dtype=np.int64) + 1)
    with pytest.raises(ColumnProblem, match="2\\^53"):
        value(text, d)
    with pytest.raises(ColumnProblem, match="2\\^53"):
        item("i(id)", d)
    assert len(set(codes(d, ("id",)))) == 2


def test_booleans_dates_and_nullable_columns():
    d = frame(
        b=pd.array([True, None, False], dtype="boolean"),
        i=pd.array([1, None, 3], dtype="Int64"),
        o=np.array([True, None, False], dtype=object),
        d=pd.to_datetime(["2011-06-30", None, "2012-01-01"]),
        s=pd.to_datetime(["2011-06-30 10:00", None, "2011-06-30 11:00"]),
    )
    np.testing.assert_array_equal(value("b", d), [1, np.nan, 0])
    np.testing.assert_array_equal(value("o", d), [1, np.nan, 0])
    np.testing.assert_array_equal(value("i*2", d), [2, np.nan, 6])
    assert condition(parse_expression("d == '2011-06-30'"), d, PANEL).tolist() == [True, False, False]
    assert len(item("i(s)", d, keep_all=True)) == 2


# ---------------------------------------------------------------- lags


def brute_shift(d: pd.DataFrame, periods: int) -> list[float]:
    out = []
    for _, row in d.iterrows():
        hit = d[(d.firm == row.firm) & (d.year == row.year - periods)]
        out.append(float(hit.x.iloc[0]) if len(hit) == 1 else np.nan)
    return out


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 8)), unique=True, min_size=1, max_size=20),
    st.integers(1, 3),
    st.randoms(),
)
def test_lags_leads_and_differences_respect_gaps(cells, periods, random):
    random.shuffle(cells)
    x = np.array([random.random() for _ in cells])
    d = frame(firm=[f"f{c[0]}" for c in cells], year=[c[1] for c in cells], x=x)
    np.testing.assert_array_equal(value(f"l(x, {periods})", d), brute_shift(d, periods))
    np.testing.assert_array_equal(value(f"f(x, {periods})", d), brute_shift(d, -periods))
    np.testing.assert_array_equal(value(f"d(x, {periods})", d), x - np.array(brute_shift(d, periods)))


def test_a_lag_of_a_lag_and_of_an_expression():
    d = frame(firm=[1] * 4, year=[1, 2, 3, 5], x=[1.0, 2.0, 4.0, 8.0])
    np.testing.assert_array_equal(value("l(l(x))", d), [np.nan, np.nan, 1, np.nan])
    np.testing.assert_array_equal(value("l(x*10)", d), [np.nan, 10, 20, np.nan])


@pytest.mark.parametrize(
    ("panel", "year", "said"),
    [
        (Panel("firm", None), [1, 2], "need [study] time"),
        (PANEL, [1.5, 2], "`1.5` is no whole number, and its step can't be told"),
        (PANEL, ["2001", "x"], "`x` has no certain place in an order"),
        (PANEL, [np.inf, 2], "infinite"),
        (PANEL, [2, 2], "one row per unit and time"),
    ],
)
def test_lags_that_have_no_meaning(panel, year, said):
    with pytest.raises(ColumnProblem) as caught:
        value("l(x)", frame(firm=[1, 1], year=year, x=[1.0, 2.0]), panel)
    assert said in str(caught.value)


def test_rows_without_unit_or_time_have_no_lag():
    d = frame(firm=[1, np.nan, 1, 1], year=[1, 1, np.nan, 2], x=[1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(value("l(x)", d), [np.nan, np.nan, np.nan, 1.0])


# ---------------------------------------------------------------- items and codes


def test_dummies_leave_the_first_level_or_the_named_one_out():
    d = frame(y=[1.0] * 4, g=["b", "a", None, "c"], x=[1.0, 2.0, 3.0, 4.0], n=[-1, 2, -1, 3])
    assert list(item("i(g)", d)) == ["g::b", "g::c"]
    assert list(item("i(g, ref='c')", d)) == ["g::a", "g::b"]
    assert list(item("i(g)", d, keep_all=True)) == ["g::a", "g::b", "g::c"]
    assert list(item("i(n, ref=-1)", d)) == ["n::2", "n::3"]
    np.testing.assert_array_equal(item("i(g)", d)["g::b"], [1, 0, np.nan, 0])
    np.testing.assert_array_equal(item("i(g, x)", d)["g::c:x"], [0, 0, np.nan, 4])
    np.testing.assert_array_equal(item("x:n", d)["x:n"], d.x * d.n)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("i(g, ref='z')", "`z` is no value of `g`"),
        ("i(g, ref=1)", "`1` is no value"),
        ("i(many)", "absorb `many` as a fixed effect"),
        ("g", "write i(g)"),
        ("i(g, g)", "is text"),
        ("i(inf)", "infinite"),
    ],
)
def test_dummies_that_have_no_meaning(text, said):
    d = frame(g=["a", "b"] * 600, many=np.arange(1200), inf=[np.inf, 1.0] * 600)
    with pytest.raises(ColumnProblem) as caught:
        item(text, d)
    assert said in str(caught.value)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 3) | st.none()] * 3), min_size=1, max_size=15))
def test_codes_are_the_distinct_combinations(rows):
    d = pd.DataFrame(rows, columns=["a", "b", "c"], dtype=object)
    found = codes(d, ("a", "b", "c"))
    for i, j in itertools.combinations(range(len(rows)), 2):
        if None in rows[i]:
            assert found[i] == -1
        elif None not in rows[j]:
            assert (found[i] == found[j]) == (rows[i] == rows[j])


def test_codes_of_many_levels_do_not_overflow():
    n = 3000
    rng = np.random.default_rng(1)
    d = frame(**{c: rng.permutation(n) for c in "abcdefg"})
    assert len(np.unique(codes(d, tuple("abcdefg")))) == n
