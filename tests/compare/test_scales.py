"""The scales on which numbers are judged, each computed here from what an error of it is, and what has no number at all."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.base.tolerance import EXACT, MOST_DIGITS
from parity.compare.harmonise import Quantity, Unusable, as_it_stands, harmonise
from parity.compare.numbers import compare
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.formulas import Refused
from parity.results.estimate import Estimate, Part, Printed, Reported
from parity.study.spec import Spec

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={})
SPEC = Spec(id="s", formula="y ~ a + b", vcov="iid", convention="regress")
TERMS = ("(Intercept)", "a", "b")
#: Uncorrected: the factor of `regress` is 50/47. A coefficient below its standard error, one above, one of t = -40.
COEF, COVARIANCE = (0.3, 2.0, -40.0), np.array([[0.25, 0.1, 0.0], [0.1, 0.36, 0.3], [0.0, 0.3, 1.0]]) * 47 / 50
SE = (0.5, 0.6, 1.0)


def estimate(**update) -> Estimate:
    given = {"engine": "e", "terms": TERMS, "coef": COEF, "parts": (Part(matrix=COVARIANCE.tolist()),),
             "basis": "uncorrected"}  # fmt: skip
    return Estimate(**given | update)


def harmonised(facts=FACTS, **update):
    return harmonise(estimate(**update), facts, SPEC).quantities


def test_each_number_is_judged_on_what_an_error_of_it_moves():
    q = harmonised(stats={"r2": 0.4, "hausman": 30.0, "sigma_e2": 0.02, "r2_within": 0.3})
    for term, b, se in zip(TERMS, COEF, SE, strict=True):
        t = b / se
        assert q["coef", term] == Quantity(b, pytest.approx(max(abs(b), se), rel=1e-12))
        assert q["se", term].scale == pytest.approx(se, rel=1e-12)
        assert q["t", term].scale == pytest.approx(max(1.0, abs(t)), rel=1e-12)
        p = q["p", term].value
        assert q["p", term].scale == pytest.approx(max(p * max(1.0, t * t), 1e-6), rel=1e-12)
        for side in ("ci_low", "ci_high"):
            assert q[side, term].scale == pytest.approx(max(abs(q[side, term].value), se), rel=1e-12)
    for i, one in enumerate(TERMS):
        for j, other in enumerate(TERMS[:i]):
            pair = " x ".join(sorted((one, other)))
            for name in ("vcov", "vcov (transposed)"):
                assert q[name, pair].value == pytest.approx(COVARIANCE[i, j] * 50 / 47)
                assert q[name, pair].scale == pytest.approx(SE[i] * SE[j], rel=1e-12)
    assert [q[name, ""].scale for name in ("r2", "r2_within", "hausman", "sigma_e2")] == [1.0, 1.0, 30.0, 0.02]
    # 49/47 of one less r2: at least one
    assert q["r2_a", ""] == Quantity(pytest.approx(1 - 0.6 * 49 / 47), 49 / 47)


def test_adjusted_r2_of_a_model_without_a_constant_is_judged_on_no_less_than_one():
    alone = replace(FACTS, n_slopes=3, intercept=False)
    assert harmonised(alone, stats={"r2": 0.4})["r2_a", ""] == Quantity(pytest.approx(1 - 0.6 * 50 / 47), 50 / 47)
    # an engine that counts fewer degrees of freedom out
    own = harmonised(alone, stats={"r2": 0.4}, reported=Reported(df_resid=60))
    assert own["r2_a", ""] == Quantity(pytest.approx(0.5), 1.0)


def test_a_model_that_leaves_nothing_has_no_adjusted_r2():
    full = replace(FACTS, nobs=3, nobs_weighted=3)
    assert ("r2_a", "") not in harmonise(estimate(stats={"r2": 1.0}), full, SPEC).quantities


def test_f_is_judged_on_what_its_condition_costs():
    q = harmonised()["f", ""]
    v, b = COVARIANCE[1:, 1:] * 50 / 47, np.array(COEF[1:])
    r = v[0, 1] / math.sqrt(v[0, 0] * v[1, 1])
    f = float(b @ np.linalg.inv(v) @ b) / 2
    assert q.value == pytest.approx(f, rel=1e-12) and q.scale == pytest.approx(f * (1 + r) / (1 - r), rel=1e-12)
    small = harmonised(coef=(0.3, 0.01, 0.01))["f", ""]
    assert small.value < 1 and small.scale == pytest.approx((1 + r) / (1 - r), rel=1e-12)
    # of the slopes: the intercept takes no part
    assert harmonised(coef=(9e9, 2.0, -40.0))["f", ""].value == pytest.approx(f, rel=1e-12)


@pytest.mark.parametrize("broken", [0.0, math.nan, math.inf])
def test_a_covariance_without_a_number_has_no_f(broken):
    matrix = COVARIANCE.copy()
    matrix[2, 2] = broken
    assert ("f", "") not in harmonised(parts=(Part(matrix=matrix.tolist()),))
    whole = COVARIANCE.copy()
    whole[1, 2] = whole[2, 1] = math.nan if broken == 0 else broken
    assert ("f", "") not in harmonised(parts=(Part(matrix=whole.tolist()),))


def test_a_variance_of_zero_is_a_standard_error_of_zero_and_no_t():
    matrix = np.zeros((3, 3))
    q = harmonised(parts=(Part(matrix=matrix.tolist()),))
    assert q["se", "a"] == Quantity(0.0, 0.0) and math.isnan(q["t", "a"].value)
    matrix[1, 1] = -1e-20
    assert math.isnan(harmonised(parts=(Part(matrix=matrix.tolist()),))["se", "a"].value)


def test_counts_are_whole_and_one_off_shares_no_digit():
    facts = replace(FACTS, absorbed=(Absorbed("f", 9),), absorbed_rank=9, clusters={("f",): 9}, intercept=False)
    spec = Spec(id="s", formula="y ~ a + b | f", vcov={"cluster": ["f"]}, convention="regress")
    given = estimate(parts=(Part(cluster=("f",), matrix=COVARIANCE.tolist()),))
    right = harmonise(given, facts, spec)
    counts = {k for k, q in right.quantities.items() if q.exact}
    assert counts == {("nobs", ""), ("df_t", ""), ("df_resid", ""), ("levels", "f"), ("clusters", "f")}
    assert right.quantities["df_resid", ""].value == 50 - 3 - 9
    for key in counts:
        other = right.quantities | {key: replace(right.quantities[key], value=right.quantities[key].value + 1)}
        found = compare(right, replace(right, quantities=other))
        assert [(d.quantity, d.digits) for d in found.differences] == [(key[0], 0.0)] and found.digits == 0.0


def test_counts_of_an_answer_as_it_stands_are_whole_too():
    given = estimate(basis="as shipped", df_t=47.0, reported=Reported(nobs=50))
    right = as_it_stands(given, FACTS)
    assert right.quantities["nobs", ""] == Quantity(50, 1.0, exact=True)
    assert right.quantities["df_t", ""] == Quantity(47.0, 1.0, exact=True)
    other = as_it_stands(given.model_copy(update={"df_t": 46.0}), FACTS)
    (df,) = (d for d in compare(right, other).differences if d.quantity == "df_t")
    assert df.digits == 0.0


def test_two_covariances_where_one_is_needed_are_refused():
    twice = (Part(matrix=COVARIANCE.tolist()),) * 2
    with pytest.raises(Unusable, match="2 covariances"):
        as_it_stands(estimate(basis="as shipped", parts=twice), FACTS)
    with pytest.raises(Unusable, match="by"):
        harmonised(parts=twice)
    with pytest.raises(Unusable, match="are needed"):
        harmonised(parts=(Part(cluster=("g",), matrix=COVARIANCE.tolist()),))


def test_degrees_of_freedom_of_each_coefficient():
    spec = Spec(
        id="s", formula="y ~ a + b", vcov={"cluster": ["g"]}, convention={"profile": "lm", "t_cluster": "satterthwaite"}
    )
    part = (Part(cluster=("g",), matrix=COVARIANCE.tolist()),)
    own = replace(FACTS, clusters={("g",): 9}, own_df=dict(zip(TERMS, (4.0, 5.5, 7.0), strict=True)))
    q = harmonise(estimate(parts=part), own, spec).quantities
    assert [q["df_t", term] for term in TERMS] == [Quantity(4.0, 4.0), Quantity(5.5, 5.5), Quantity(7.0, 7.0)]
    assert ("df_t", "") not in q
    # the interval is twice as wide as t of 4 says, at 95 per cent
    half = (q["ci_high", "(Intercept)"].value - q["ci_low", "(Intercept)"].value) / 2
    assert half / q["se", "(Intercept)"].value == pytest.approx(2.7764451051977987, rel=1e-12)
    with pytest.raises(Refused, match="were not counted"):
        harmonise(estimate(parts=part), replace(own, own_df={"a": 5.5}), spec)


def test_an_engines_own_inference_is_held_where_its_own_convention_is_declared():
    printed = {"a": Printed(se=0.7, t=2.9, p=0.004, low=0.6, high=3.4)}
    own = harmonised(basis="regress", parts=(Part(matrix=(COVARIANCE * 50 / 47).tolist()),), printed=printed)
    assert [own[q, "a"].value for q in ("se", "t", "p", "ci_low", "ci_high")] == [0.7, 2.9, 0.004, 0.6, 3.4]
    assert own["se", "b"].value == pytest.approx(1.0)
    uncorrected = harmonised(printed=printed)
    assert uncorrected["se", "a"].value == pytest.approx(0.6)


def test_at_its_tolerance_a_number_agrees_and_equal_zeros_do():
    right = harmonise(estimate(), FACTS, SPEC)
    exactly = replace(right.quantities["coef", "a"], value=2.0 + 2.0**-29)  # 1.86e-9 of the 2e-9 that are allowed
    assert compare(right, replace(right, quantities=right.quantities | {("coef", "a"): exactly})).verdict == "agree"
    one, other = (
        replace(right, quantities=right.quantities | {("coef", "a"): Quantity(value, 2.0**30)})
        for value in (0.0, EXACT * 2**30)
    )
    assert compare(one, other).verdict == "agree"  # off by the whole of it, and no more
    zero = {("coef", "a"): Quantity(0.0, 0.0)}
    nothing = replace(right, quantities=right.quantities | zero)
    found = compare(nothing, nothing)
    assert (found.verdict, found.digits) == ("agree", MOST_DIGITS)


def test_variances_of_random_effects_are_judged_on_themselves_whatever_the_units():
    small = harmonised(stats={"sigma_u2": 2e-8, "sigma_e2": 6e-8})
    large = harmonised(stats={"sigma_u2": 2e8, "sigma_e2": 6e8})
    for name, of_itself in (("sigma_e2", 1.0), ("sigma_u2", 4.0)):  # the second is a difference of two variances
        for q in (small, large):
            assert q[name, ""].scale == pytest.approx(of_itself * q[name, ""].value)
