"""The comparator: symmetric, blind to nothing, each quantity on its own scale."""

from __future__ import annotations

import ast
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from parity.base import tolerance
from parity.base.quantities import share_of
from parity.compare.agree import alike, digits, hold
from parity.compare.harmonise import Harmonised, Quantity, Unusable, harmonise
from parity.compare.lists import compare_numbers
from parity.compare.numbers import compare, compare_beside
from parity.conventions.facts import Facts
from parity.results.estimate import Estimate, Part, Printed, Reported
from parity.study.spec import Spec
from structure import SOURCE, nodes

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={("g",): 9})
SPEC = Spec(id="s", formula="y ~ a + b", vcov={"cluster": "g"}, convention="fixest")
TERMS = ("(Intercept)", "a", "b")


def estimate(coef=(1.0, -2.0, 3e-7), covariance=None, **update) -> Estimate:
    if covariance is None:
        covariance = np.diag([0.04, 1.0, 1e-14]) + 1e-9
    part = Part(cluster=("g",), matrix=np.asarray(covariance).tolist())
    given = {"engine": "e", "terms": TERMS, "coef": coef, "parts": (part,), "basis": "uncorrected"} | update
    return Estimate(**given)


def side(*args, **update) -> Harmonised:
    return harmonise(estimate(*args, **update), FACTS, SPEC)


def with_value(given: Harmonised, key, value: float) -> Harmonised:
    return replace(given, quantities=given.quantities | {key: replace(given.quantities[key], value=value)})


KEYS = sorted(side().quantities)


def test_what_is_compared():
    quantities = {q for q, _ in KEYS}
    assert quantities >= {
        "coef",
        "se",
        "t",
        "p",
        "ci_low",
        "ci_high",
        "vcov",
        "vcov (transposed)",
        "nobs",
        "df_t",
        "df_resid",
        "clusters",
    }
    assert sum(q == "vcov" for q, _ in KEYS) == 6
    assert compare(side(), side()).checked == len(KEYS)


def test_equal_answers_agree_to_all_digits():
    result = compare(side(), side())
    assert (result.verdict, result.digits, result.differences) == ("agree", tolerance.MOST_DIGITS, ())


# ---------------------------------------------------------------- one perturbation of anything


def limit(key, given: Harmonised) -> float:
    q = given.quantities[key]
    return share_of(*key, tolerance.EXACT) * q.scale


@pytest.mark.parametrize("key", KEYS, ids=lambda k: " ".join(k))
@pytest.mark.parametrize("sign", [1, -1])
def test_one_quantity_outside_its_tolerance_is_found_and_inside_is_not(key, sign):
    right = side()
    value, allowed = right.quantities[key].value, limit(key, right)
    outside = with_value(right, key, value + sign * (1.01 * allowed or 1e-9))
    for a, b in ((right, outside), (outside, right)):
        found = compare(a, b)
        assert found.verdict == "disagree"
        assert [(d.quantity, d.term) for d in found.differences] == [key]
        assert found.checked == len(KEYS)
    if allowed:
        inside = with_value(right, key, value + sign * 0.9 * allowed)
        assert compare(right, inside).verdict == "agree"


@pytest.mark.parametrize("key", KEYS, ids=lambda k: " ".join(k))
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_quantity_may_be_nan_or_infinite_on_one_side(key, value):
    right = side()
    assume_other = with_value(right, key, value)
    assert compare(right, assume_other).verdict == "disagree"
    assert compare(assume_other, right).verdict == "disagree"


@pytest.mark.parametrize("key", KEYS, ids=lambda k: " ".join(k))
def test_nan_equals_nothing_not_even_nan(key):
    both = with_value(side(), key, math.nan)
    assert [(d.quantity, d.term) for d in compare(both, both).differences] == [key]


matrices = st.lists(st.floats(-1, 1), min_size=9, max_size=9).map(lambda v: np.array(v).reshape(3, 3))
coefs = st.tuples(*[st.floats(-1e6, 1e6) | st.floats(-1e-6, 1e-6)] * 3)


@settings(max_examples=150, deadline=None)
@given(coefs, matrices, st.integers(0, 2), st.integers(0, 2), st.sampled_from([1e-8, -1e-8, 1e-6, 1e-3, 1.0]), st.booleans())
def test_any_number_of_an_estimate_that_moves_is_found(coef, root, i, j, by, move_coef):
    covariance = root @ root.T + np.diag([1e-3, 1e-2, 0.1])
    right = side(coef, covariance)
    if move_coef:
        moved = list(coef)
        moved[i] += by * max(abs(moved[i]), math.sqrt(covariance[i, i]))
        wrong = side(tuple(moved), covariance)
    else:
        moved = covariance.copy()
        moved[i, j] += by * math.sqrt(covariance[i, i] * covariance[j, j])
        assume(min(np.diag(moved)) > 0)
        wrong = side(coef, moved)
    assert compare(right, wrong).verdict == compare(wrong, right).verdict == "disagree"
    assert compare(right, right).verdict == "agree"


@settings(max_examples=100, deadline=None)
@given(coefs, matrices, matrices, st.sampled_from([0.0, 1e-13, 1e-11, 1e-9, 1e-7, 1e-3]))
def test_the_verdict_is_symmetric(coef, root, noise, size):
    covariance = root @ root.T + np.eye(3) * 1e-2
    a = side(coef, covariance)
    b = side(tuple(c * (1 + size * float(noise[0, 0])) for c in coef), covariance * (1 + size * noise))
    one, other = compare(a, b), compare(b, a)
    assert (one.verdict, one.checked, one.digits) == (other.verdict, other.checked, other.digits)
    assert {(d.quantity, d.term) for d in one.differences} == {(d.quantity, d.term) for d in other.differences}


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1.0, 1e12])
def test_units_do_not_decide(scale):
    """The same relative error passes or fails in every unit of measurement."""
    coef, v = np.array([1.0, -2.0, 3.0]), np.diag([0.04, 1.0, 0.5]) + 0.01
    right = side(tuple(coef * scale), v * scale**2)
    for error, verdict in ((1e-11, "agree"), (1e-7, "disagree")):
        assert compare(right, side(tuple(coef * scale * (1 + error)), v * scale**2)).verdict == verdict
        assert compare(right, side(tuple(coef * scale), v * scale**2 * (1 + error))).verdict == verdict


def test_a_small_number_among_large_ones_has_its_own_scale():
    a = side((1e9, 1.0, 0.05), np.diag([1.0, 0.01, 1e-6]))
    b = side((1e9, 1.0, 0.08), np.diag([1.0, 0.01, 1e-6]))
    assert ("coef", "b") in {(d.quantity, d.term) for d in compare(a, b).differences}


# ---------------------------------------------------------------- what only one side has


@pytest.mark.parametrize("key", sorted(side().required), ids=lambda k: " ".join(k))
def test_a_required_quantity_missing_on_one_side_is_a_difference(key):
    whole = side()
    holed = replace(
        whole, quantities={k: v for k, v in whole.quantities.items() if k != key}, required=whole.required - {key}
    )
    for a, b, reference in ((whole, holed, True), (holed, whole, False)):
        found = compare(a, b)
        assert found.verdict == "disagree"
        (difference,) = found.differences
        assert (difference.reference is None, difference.candidate is None) == (not reference, reference)
        assert found.digits == 0


def test_no_term_in_common_is_vacuous():
    other = side(terms=("u", "v", "w"))
    assert compare(side(), other).verdict == "vacuous"
    empty = Harmonised("e", "exact", "native", {}, frozenset())
    assert compare(empty, empty).verdict == "vacuous"
    assert compare(side(), empty).verdict == compare(empty, side()).verdict == "vacuous"


def test_terms_are_matched_by_name():
    order = [2, 0, 1]
    covariance = np.diag([0.04, 1.0, 1e-14]) + 1e-9
    moved = side(
        tuple((1.0, -2.0, 3e-7)[i] for i in order), covariance[np.ix_(order, order)], terms=tuple(TERMS[i] for i in order)
    )
    assert compare(side(), moved).verdict == "agree"


def test_statistics_are_compared_where_both_report_them():
    plain, good, bad = side(), side(stats={"r2": 0.5}), side(stats={"r2": 0.5 + 1e-8})
    assert compare(plain, good).verdict == "agree"
    assert [d.quantity for d in compare(good, bad).differences] == ["r2", "r2_a"]
    # a wrong count of residual degrees of freedom moves the adjusted one alone
    lost = side(stats={"r2": 0.5}, reported=Reported(df_resid=40))
    assert {d.quantity for d in compare(good, lost).differences} == {"df_resid", "r2_a"}


def test_counts_are_right_or_wrong():
    wrong = side(reported=Reported(nobs=50 + 1e-9))
    assert [d.quantity for d in compare(side(), wrong).differences] == ["nobs"]


def test_iterative_engines_have_the_wider_tolerance_and_only_they():
    near = tuple(c * (1 + 1e-8) for c in (1.0, -2.0, 3e-7))
    assert compare(side(), side(near)).verdict == "disagree"
    assert compare(side(), side(near, accuracy="iterative")).verdict == "agree"
    far = tuple(c * (1 + 1e-6) for c in near)
    assert compare(side(accuracy="iterative"), side(far, accuracy="iterative")).verdict == "disagree"


# ---------------------------------------------------------------- harmonising


def test_printed_inference_is_used_only_under_the_engines_own_convention():
    printed = {"a": Printed(p=0.5)}
    native = side(basis="fixest", printed=printed)
    assert native.quantities["p", "a"].value == 0.5
    assert side(printed=printed).quantities["p", "a"].value != 0.5


@pytest.mark.parametrize(
    "update",
    [
        {"basis": "stata"},
        {"parts": ()},
        {"parts": (Part(matrix=np.eye(3).tolist()),)},
        {"parts": (Part(cluster=("g",), matrix=np.eye(3).tolist()),) * 2},
        {"parts": (Part(cluster=("h",), matrix=np.eye(3).tolist()),)},
    ],
    ids=["basis", "none", "iid for cluster", "twice", "other cluster"],
)
def test_covariances_of_another_kind_are_unusable(update):
    with pytest.raises(Unusable):
        harmonise(estimate().model_copy(update=update), FACTS, SPEC)


@pytest.mark.parametrize(
    ("difference", "scale", "expected"),
    [(0, 1, 16), (1e-3, 1, 3), (1e-20, 1, 16), (5, 1, 0), (math.nan, 1, 0), (math.inf, 1, 0), (1, math.nan, 0), (1, 0, 0)],
)
def test_digits(difference, scale, expected):
    assert digits(difference, scale) == pytest.approx(expected)


def test_quantities_are_values():
    assert Quantity(1.0, 2.0) == Quantity(1.0, 2.0)


@pytest.mark.parametrize(
    ("draws", "shown"),
    [([1.0, 1.1, 1.3, 1.2], "draw 3"), ([1.3, 1.0, 1.2, 1.1], "draw 1"), ([1.1, 1.2, 1.0, 1.3], "draw 4"),
     ([9.0, 1.1, 3.0, 5.0], "draw 1"), ([1.1, 9.0, 1.1, 5.0], "draw 2"),  # no digit shared: the farthest all the same
     ([1.1, 9.0, None, 5.0], "draw 3"), ([None, 9.0, None, 5.0], "draw 1"), ([1.1, 1.1, 1.0, 1.1], "draw 1"),
     ([1.1, math.inf, 9.0, 1.0], "draw 2")],
)  # fmt: skip
def test_of_a_list_of_draws_the_worst_is_shown(draws, shown):
    result = compare_numbers({"replicate": {"x": [1.0] * 4}}, {"replicate": {"x": draws}}, {})
    (difference,) = result.differences
    assert difference.term == f"x, {shown}" and result.checked == 4
    at = int(shown.removeprefix("draw ")) - 1
    assert (difference.reference, difference.candidate) == (1.0, draws[at])


def test_a_draw_that_is_far_off_for_its_size_is_worse_than_a_large_one():
    """A third of 1.5 and a thousandth of 1001."""
    result = compare_numbers({"replicate": {"x": [1000.0, 1.0]}}, {"replicate": {"x": [1001.0, 1.5]}}, {})
    assert [d.term for d in result.differences] == ["x, draw 2"]


def test_a_draw_is_judged_on_the_larger_of_itself_and_its_standard_error():
    one, other = {"replicate": {"x": [1e-3, 2.0]}}, {"replicate": {"x": [1e-3 + 5e-10, 2.0]}}
    assert compare_numbers(one, other, {"x": 1.0}).verdict == "agree"
    assert compare_numbers(one, other, {"x": 0.1}).verdict == "disagree"
    assert compare_numbers(one, other, {"x": math.nan}).verdict == "disagree"


def reporting(name: str, **stats: float) -> Harmonised:
    return side(engine=name, stats=stats)


def test_what_the_reference_lacks_is_compared_among_those_that_have_it():
    reference = reporting("ref", r2=0.5)
    a, b, c = reporting("a", r2=0.5, theta=0.3), reporting("b", theta=0.3), reporting("c", theta=0.4, hausman=2.0)
    found = compare_beside(reference, [a, b, c])
    assert (found["a"].checked, found["b"].checked, found["c"].checked) == (0, 1, 1)
    assert not found["b"].differences and found["b"].digits == tolerance.MOST_DIGITS
    (off,) = found["c"].differences
    assert (off.quantity, off.reference, off.candidate, off.against) == ("theta", 0.3, 0.4, "a")
    assert [(u.quantity, u.engine) for u in found["c"].uncompared] == [("hausman", "c")]
    assert not found["a"].uncompared and not found["b"].uncompared


def test_what_the_reference_alone_reports_is_named_to_each():
    found = compare_beside(reporting("ref", theta=0.3), [reporting("a"), reporting("b")])
    assert all([(u.quantity, u.engine) for u in one.uncompared] == [("theta", "ref")] for one in found.values())


def test_what_every_side_must_have_is_no_statistic():
    """A term that one candidate adds is a difference with the reference, once."""
    more = side(engine="a")
    with_terms = replace(
        more, quantities=more.quantities | {("coef", "new"): Quantity(1.0, 1.0)},
        required=more.required | {("coef", "new")},
    )  # fmt: skip
    found = compare_beside(side(engine="ref"), [with_terms, side(engine="b")])
    assert all(not one.checked and not one.uncompared for one in found.values())


# ---------------------------------------------------------------- one place


def test_one_place_says_whether_two_numbers_agree():
    """`abs(a - b) <= allowed` stands in agree.py alone, of all that compares, judges, shows or keeps numbers."""
    found = []
    for path in (p for name in ("compare", "runs", "report", "table", "analyses") for p in (SOURCE / name).rglob("*.py")):
        if path.name == "agree.py" or "replicates" in path.parts:  # draws are counted, not compared
            continue
        for node in nodes(path):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.LtE | ast.Lt):
                left = node.left
                apart = isinstance(left, ast.Call) and left.args and isinstance(left.args[0], ast.BinOp)
                if apart and ast.unparse(left.func) in ("abs", "np.abs") and isinstance(left.args[0].op, ast.Sub):
                    found.append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert found == [], "take `parity.compare.agree.hold`"


@pytest.mark.parametrize(
    ("a", "b", "agrees"),
    [(1.0, 1.0, True), (1.0, 1.05, True), (1.0, 1.2, False), (None, None, True), (None, 1.0, False),
     (math.nan, math.nan, False), (math.inf, math.inf, True), (math.inf, 1.0, False)],
)  # fmt: skip
def test_two_numbers_are_held_against_each_other(a, b, agrees):
    for one, other in ((a, b), (b, a)):
        assert hold(one, other, 0.1, 1.0).agree == agrees
        assert not hold(one, other, math.inf, 1.0).agree or one == other
    assert not hold(math.inf, math.inf, 0.1, 1.0, infinite=False).agree
    assert hold(0.35, 0.3501, 0.0005, 0.35, rounding=0.0005).digits == tolerance.MOST_DIGITS


def test_arrays_are_held_as_numbers_are():
    numbers = [0.0, 1.0, 1.05, -1.0, math.inf, -math.inf, math.nan]
    for allowed in (0.0, 0.1):
        for a in numbers:
            one = alike(np.full(len(numbers), a), np.array(numbers), allowed)
            assert one.tolist() == [hold(a, b, allowed, 1.0).agree for b in numbers]
