"""Harmonising, by hand: signed sums of clustered parts, whose inference is taken, on what a printed number is judged."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.compare import harmonise as h
from parity.compare.harmonise import Quantity, Unusable, as_it_stands, combined, harmonise
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.formulas import Refused
from parity.results.estimate import Estimate, Part, Printed, Reported
from parity.study.spec import Spec

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={})
SPEC = Spec(id="s", formula="y ~ a + b", vcov="iid", convention="regress")
TERMS = ("(Intercept)", "a", "b")
COVARIANCE = np.array([[0.25, 0.1, 0.0], [0.1, 0.36, 0.3], [0.0, 0.3, 1.0]])


def matrix(scale: float = 1.0) -> list[list[float]]:
    return (COVARIANCE * scale).tolist()


def estimate(**update) -> Estimate:
    given = {"engine": "e", "terms": TERMS, "coef": (0.3, 2.0, -40.0), "parts": (Part(matrix=matrix()),),
             "basis": "uncorrected"}  # fmt: skip
    return Estimate(**given | update)


def parts(scales: dict[str, float]) -> tuple[Part, ...]:
    return tuple(Part(cluster=tuple(name), matrix=matrix(scale)) for name, scale in scales.items())


@pytest.mark.parametrize(
    ("groups", "scales", "total"),
    [  # Cameron, Gelbach and Miller (2011): single ones plus, pairs minus, the triple plus; no factor at all
        ({"g": 9}, {"g": 3.0}, 3.0),
        ({"g": 9, "h": 8, "gh": 40}, {"g": 3.0, "h": 2.0, "gh": 1.5}, 3.5),
        ({"g": 9, "h": 8, "k": 7, "gh": 40, "gk": 41, "hk": 42, "ghk": 45},
         {"g": 3.0, "h": 2.0, "k": 4.0, "gh": 1.0, "gk": 0.5, "hk": 0.25, "ghk": 0.125}, 9.0 - 1.75 + 0.125),
    ],
)  # fmt: skip
def test_covariances_of_several_clusters_are_added_and_taken_off(groups, scales, total):
    facts = replace(FACTS, clusters={tuple(name): n for name, n in groups.items()})
    spec = Spec(id="s", formula="y ~ a + b", vcov={"cluster": [n for n in groups if len(n) == 1], "type": "CR0"},
                convention="regress")  # fmt: skip
    found = combined(estimate(parts=parts(scales)), facts, spec)
    np.testing.assert_allclose(found, COVARIANCE * total, rtol=1e-12)
    whole = harmonise(estimate(parts=parts(scales)), facts, spec)
    assert whole.how == "by factor"
    assert whole.quantities["se", "b"].value == pytest.approx(math.sqrt(total))
    assert {k[1]: q.value for k, q in whole.quantities.items() if k[0] == "clusters"} == {
        "^".join(name): n for name, n in groups.items()
    }
    with pytest.raises(Unusable, match="are needed"):
        combined(estimate(parts=(*parts(scales), *parts(scales))), facts, spec)


def test_an_answer_of_the_declared_convention_is_taken_as_it_is():
    """Its own df of t too, and its own printed numbers, each judged on what the covariance beside makes of it."""
    printed = {"a": Printed(se=0.7, t=2.9, p=0.004, low=0.6, high=3.4)}
    own = harmonise(estimate(basis="regress", printed=printed, df_t=46.5), FACTS, SPEC)
    assert (own.how, own.engine, own.accuracy) == ("native", "e", "exact")
    q = own.quantities
    assert q["df_t", ""] == Quantity(46.5, 1.0, exact=True)
    assert q["se", "a"] == Quantity(0.7, pytest.approx(0.6))  # on the root of the variance, not on what is printed
    assert q["t", "a"] == Quantity(2.9, pytest.approx(2.0 / 0.6))
    t = 2.0 / 0.6
    assert q["p", "a"] == Quantity(0.004, pytest.approx(0.004 * t * t))
    assert q["ci_low", "a"] == Quantity(0.6, 0.6) and q["ci_high", "a"] == Quantity(3.4, 3.4)
    # without a df of its own, or under another convention, that of the facts
    assert harmonise(estimate(basis="regress"), FACTS, SPEC).quantities["df_t", ""].value == 47
    assert harmonise(estimate(df_t=46.5), FACTS, SPEC).quantities["df_t", ""].value == 47
    with pytest.raises(Unusable, match="neither the declared convention nor none"):
        harmonise(estimate(basis="fixest"), FACTS, SPEC)


def test_an_answer_as_it_stands_is_what_its_engine_prints():
    printed = {"a": Printed(se=0.7, p=0.5)}
    given = as_it_stands(estimate(basis="as shipped", printed=printed, df_t=10.0, reported=Reported(nobs=49)), FACTS)
    q = given.quantities
    assert given.how == "native" and given.required == frozenset(q)
    assert (q["se", "a"].value, q["p", "a"].value, q["nobs", ""].value, q["df_t", ""].value) == (0.7, 0.5, 49, 10.0)
    assert q["ci_high", "b"].value == pytest.approx(-40 + 2.228138851964939)  # t of 10 at .975, from a table
    silent = as_it_stands(estimate(basis="as shipped"), FACTS).quantities
    assert silent["nobs", ""].value == 50 and ("df_t", "") not in silent and math.isnan(silent["p", "a"].value)


def test_degrees_of_freedom_that_an_engine_prints_for_a_coefficient():
    """Its own under its own convention, those of the facts for terms without and for any other basis."""
    spec = Spec(id="s", formula="y ~ a + b", vcov={"cluster": ["g"]},
                convention={"profile": "lm", "t_cluster": "satterthwaite"})  # fmt: skip
    facts = replace(FACTS, clusters={("g",): 9}, own_df=dict(zip(TERMS, (4.0, 5.5, 7.0), strict=True)))
    printed = {"a": Printed(df=5.25), "b": Printed(se=1.0)}
    part = (Part(cluster=("g",), matrix=matrix()),)

    def df(basis: str) -> list[float]:
        q = harmonise(estimate(parts=part, basis=basis, printed=printed), facts, spec).quantities
        return [q["df_t", term].value for term in TERMS]

    assert df("lm") == [4.0, 5.25, 7.0] and df("uncorrected") == [4.0, 5.5, 7.0]
    with pytest.raises(Refused, match="too few"):
        harmonise(estimate(parts=part), replace(facts, own_df={}, no_own_df="too few"), spec)


def test_counts_are_an_engines_own_where_it_reports_them():
    facts = replace(FACTS, absorbed=(Absorbed("f", 9), Absorbed("u", 4)), absorbed_rank=12, clusters={("f",): 9},
                    intercept=False, components={(0, 1): 1})  # fmt: skip
    spec = Spec(id="s", formula="y ~ a + b | f + u", vcov={"cluster": ["f"]}, convention="regress")
    part = (Part(cluster=("f",), matrix=matrix()),)
    reported = Reported(nobs=49, df_resid=30, levels={"u": 5}, clusters={"f": 8})
    q = harmonise(estimate(parts=part, reported=reported), facts, spec).quantities
    counts = {k: v.value for k, v in q.items() if k[0] in ("nobs", "df_resid", "levels", "clusters")}
    assert counts == {("nobs", ""): 49, ("df_resid", ""): 30, ("levels", "f"): 9, ("levels", "u"): 5, ("clusters", "f"): 8}
    plain = harmonise(estimate(parts=part), facts, spec).quantities
    assert (plain["nobs", ""].value, plain["df_resid", ""].value) == (50, 50 - 3 - 12)
    for wrong in ({"levels": {"q": 2}}, {"clusters": {"q": 2}}):
        with pytest.raises(Unusable, match="`q`"):
            harmonise(estimate(parts=part, reported=Reported(**wrong)), facts, spec)


def test_adjusted_r2_counts_the_mean_that_effects_hold():
    """1 - (1 - R2)(N - 1)/(N - rank) where fixed effects hold the mean, as where there is an intercept; down to one
    degree of freedom."""
    facts = replace(FACTS, absorbed=(Absorbed("f", 9),), absorbed_rank=9, intercept=False)
    spec = Spec(id="s", formula="y ~ a + b | f", vcov="iid", convention="regress")
    q = harmonise(estimate(stats={"r2": 0.4}), facts, spec).quantities
    assert q["r2_a", ""].value == pytest.approx(1 - 0.6 * 49 / 38) and q["r2_a", ""].scale == pytest.approx(49 / 38)
    one = harmonise(estimate(stats={"r2": 0.9}), replace(FACTS, nobs=4, nobs_weighted=4), SPEC).quantities
    assert one["r2_a", ""].value == pytest.approx(1 - 0.1 * 3 / 1)


def test_f_is_there_up_to_the_condition_it_may_have(monkeypatch):
    correlation = 0.3 / 0.6
    at = float(np.linalg.cond([[1.0, correlation], [correlation, 1.0]]))  # 3, but for rounding
    assert at == pytest.approx(3.0)
    monkeypatch.setattr(h, "MOST_CONDITION", at)
    spec = SPEC.model_copy(update={"convention": SPEC.convention.model_copy(update={"small": False})})
    assert ("f", "") in harmonise(estimate(), FACTS, spec).quantities
    monkeypatch.setattr(h, "MOST_CONDITION", at * 0.999)
    assert ("f", "") not in harmonise(estimate(), FACTS, spec).quantities


def test_an_engines_own_f_is_taken_where_there_is_one():
    given = harmonise(estimate(stats={"f": 7.0}), FACTS, SPEC).quantities["f", ""]
    assert given.value == 7.0 and given.scale == pytest.approx(7.0 * 3.0)
    alone = Estimate(engine="e", terms=("(Intercept)",), coef=(1.0,), parts=(Part(matrix=((1.0,),)),), basis="uncorrected",
                     stats={"f": 7.0})  # fmt: skip
    assert ("f", "") not in harmonise(alone, replace(FACTS, n_slopes=1), SPEC).quantities


def test_both_triangles_of_a_covariance_are_kept():
    crooked = COVARIANCE.copy()
    crooked[0, 1] = 0.2
    q = as_it_stands(estimate(basis="as shipped", parts=(Part(matrix=crooked.tolist()),)), FACTS).quantities
    assert (q["vcov", "(Intercept) x a"].value, q["vcov (transposed)", "(Intercept) x a"].value) == (0.1, 0.2)
    assert q["vcov", "a x a"].value == 0.36 and ("vcov (transposed)", "a x a") not in q
