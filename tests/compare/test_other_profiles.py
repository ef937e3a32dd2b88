"""The same estimates under every profile, by hand: which take a fit of their own, and what a matrix can be brought to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from parity.compare.harmonise import harmonise
from parity.compare.other_profiles import _other_fit, _se, outcomes
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.profiles import PROFILES, family_of
from parity.results.estimate import Estimate, Part
from parity.study.spec import Spec

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={})
SPEC = Spec(id="s", formula="y ~ a + b", vcov="iid", convention="regress")
TERMS = ("(Intercept)", "a", "b")
VARIANCES = (0.25, 0.36, 1.0)


def estimate(basis="uncorrected", variances=VARIANCES, **more) -> Estimate:
    return Estimate(**{"engine": "e", "terms": TERMS, "coef": (0.3, 2.0, -40.0), "basis": basis,
                       "parts": (Part(matrix=np.diag(variances).tolist()),)} | more)  # fmt: skip


LEVERAGE_IN, LEVERAGE_OUT = "have them in the leverage", "leave the weights out of the leverage"
ANALYTIC, FREQUENCY = {"analytic": "w"}, {"frequency": "w"}


@pytest.mark.parametrize(
    ("spec", "facts", "profile", "wanted"),
    [
        ({}, {}, "fixest", ""), ({}, {"lone": True}, "fixest", "drop singletons"),
        ({}, {"n_singletons": 2}, "fixest", "drop singletons"),
        ({}, {"lone": True}, "lm", ""), ({"convention": "fixest"}, {"n_singletons": 2}, "lm", "keep singletons"),
        ({"convention": "fixest"}, {"n_singletons": 2}, "reghdfe", ""),
        # leverage: only where rows have one, under analytic weights
        ({"weights": ANALYTIC, "vcov": "HC3"}, {}, "lm", LEVERAGE_IN),
        ({"weights": ANALYTIC, "vcov": "HC2"}, {}, "areg", ""),
        ({"weights": ANALYTIC, "vcov": "HC3", "convention": "lm"}, {}, "regress", LEVERAGE_OUT),
        ({"weights": ANALYTIC, "vcov": "HC1"}, {}, "lm", ""), ({"weights": FREQUENCY, "vcov": "HC3"}, {}, "lm", ""),
        ({"vcov": "HC3"}, {}, "lm", ""),
        ({"weights": ANALYTIC, "vcov": "HC3"}, {"lone": True}, "reghdfe", "drop singletons"),
        # random effects on an unbalanced panel
        ({"model": "random_effects"}, {"balanced": False}, "plm", "have other variance components on an unbalanced panel"),
        ({"model": "random_effects"}, {"balanced": False}, "xtreg", ""), ({"model": "random_effects"}, {}, "plm", ""),
        ({"model": "random_effects"}, {"lone": True}, "fixest", ""),
        # likelihoods: of a logit both informations are one
        ({"model": "probit", "convention": "ml"}, {}, "glm", "have the expected information"),
        ({"model": "probit", "convention": "glm"}, {}, "ml", "have the observed information"),
        ({"model": "probit", "convention": "glm"}, {}, "feglm", ""), ({"model": "logit", "convention": "ml"}, {}, "glm", ""),
        ({"model": "probit", "convention": "ml"}, {"lone": True}, "feglm", "have the expected information"),
        ({"model": "poisson", "convention": "ml"}, {"lone": True}, "feglm", "drop singletons"),
    ],
)  # fmt: skip
def test_profiles_that_take_a_fit_of_their_own(spec, facts, profile, wanted):
    given = Spec(**{"id": "s", "formula": "y ~ a + b", "vcov": "iid", "convention": "regress"} | spec)
    assert _other_fit(given, replace(FACTS, **facts), PROFILES[profile]) == wanted


def test_a_variance_of_nothing_has_a_standard_error_and_one_below_has_none():
    found = _se(estimate(variances=(0.0, -1.0, 1.0)), FACTS, SPEC, SPEC.convention, {(): 1.0}, {(): 1.0})
    assert found == (0.0, None, pytest.approx(math.sqrt(50 / 47)))
    assert _se(estimate(variances=(math.inf, math.nan, 1.0)), FACTS, SPEC, SPEC.convention, {(): 1.0}, {(): 1.0})[:2] == (
        None,
        None,
    )


def test_a_finished_matrix_is_rescaled_where_its_parts_are_alike():
    own = estimate(basis="regress")
    one = _se(own, FACTS, SPEC, PROFILES["ivregress"], {(): 2.0}, {(): 0.5})
    assert one == pytest.approx([math.sqrt(v / 4) for v in VARIANCES])
    two = {("g",): 2.0, ("h",): 2.0}
    assert _se(own, FACTS, SPEC, PROFILES["lm"], two, {("g",): 3.0, ("h",): 3.0}) == pytest.approx(
        [math.sqrt(1.5 * v) for v in VARIANCES]
    )
    assert _se(own, FACTS, SPEC, PROFILES["lm"], two, {("g",): 3.0, ("h",): 4.0}) is None


def test_profiles_of_one_outcome_stand_together():
    """Without effects or clusters: N/(N - K) and t of N - K, or neither; statsmodels' iid is the first kind."""
    found, refused, refit = outcomes(SPEC, FACTS, ("b", "a", "q"), [(estimate(), harmonise(estimate(), FACTS, SPEC))])
    assert [o.declared for o in found] == [True, False] and refused == {} == refit
    declared, large = found
    assert set(large.profiles) == {"ivregress", "ivreg2"} and set(declared.profiles) == set(family_of("fixest")) - set(
        large.profiles
    )
    assert (declared.k, declared.df, large.df, declared.factors, large.factors) == (
        3,
        47,
        math.inf,
        {"": 50 / 47},
        {"": 1.0},
    )
    assert large.se["e"] == (1.0, pytest.approx(0.6), None) and declared.se["e"][0] == pytest.approx(math.sqrt(50 / 47))
    assert declared.own_df == {}


def test_what_a_command_refuses_is_said():
    facts = replace(FACTS, absorbed=(Absorbed("f", 9),), absorbed_rank=9, clusters={("g",): 8}, intercept=False, lone=True)
    spec = Spec(id="s", formula="y ~ a + b | f", vcov={"cluster": ["g"]}, convention="areg")
    given = estimate(terms=TERMS, parts=(Part(cluster=("g",), matrix=np.diag(VARIANCES).tolist()),))
    found, refused, refit = outcomes(spec, facts, TERMS, [(given, harmonise(given, facts, spec))])
    assert set(refused) == {"xtreg"} and "panels are not nested" in refused["xtreg"]
    assert refit == dict.fromkeys(("fixest", "reghdfe", "ivreghdfe"), "drop singletons")
    assert sorted(name for o in found for name in o.profiles) == sorted(set(family_of("fixest")) - {"xtreg", *refit})
    xtreg = spec.model_copy(update={"convention": PROFILES["xtreg"]})
    assert outcomes(xtreg, facts, TERMS, []) == ((), {}, {})
    one = replace(facts, clusters={("g",): 1}, lone=False)  # no factor of one cluster: those that take one are left out
    few, _, _ = outcomes(spec.model_copy(update={"convention": PROFILES["plm"]}), one, TERMS, [])
    assert {name for o in few for name in o.profiles} == {"plm", "linearmodels", "ivregress", "ivreg2"}


def test_degrees_of_freedom_of_their_own_are_shown():
    spec = Spec(
        id="s", formula="y ~ a + b", vcov={"cluster": ["g"]}, convention={"profile": "lm", "t_cluster": "satterthwaite"}
    )
    facts = replace(FACTS, clusters={("g",): 9}, own_df=dict(zip(TERMS, (4.0, 5.5, 7.0), strict=True)))
    declared, *others = outcomes(spec, facts, TERMS, [])[0]
    assert declared.own_df == facts.own_df and all(o.own_df == {} for o in others) and declared.profiles == ()
