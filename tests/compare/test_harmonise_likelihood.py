"""Pseudo R2 and chi-squared of a likelihood, by hand: of which model there are which, and on what scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parity.compare.harmonise import harmonise
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.profiles import OF_LIKELIHOODS, PROFILES, family_of
from parity.results.estimate import Estimate, Part
from parity.study.spec import Spec

FACTS = Facts(nobs=50, nobs_weighted=50, n_slopes=3, intercept=True, clusters={})
TERMS = ("(Intercept)", "a", "b")
#: Of the slopes 2 and -40: b'V^-1 b = (4 * 1 + 2 * 2 * 40 * .3 + 1600 * .36)/(.36 - .09), condition (1 + .5)/(1 - .5).
COVARIANCE = np.array([[0.25, 0.1, 0.0], [0.1, 0.36, 0.3], [0.0, 0.3, 1.0]])
WALD = (4 + 48 + 576) / 0.27


def quantities(stats=None, facts: Facts = FACTS, vcov="iid", formula="y ~ a + b", model="logit", **more) -> dict:
    given = Estimate(**{"engine": "e", "terms": TERMS, "coef": (0.3, 2.0, -40.0), "basis": "uncorrected",
                        "parts": (Part(matrix=COVARIANCE.tolist()),), "stats": stats or {}} | more)  # fmt: skip
    spec = Spec(id="s", formula=formula, model=model, vcov=vcov, convention="ml" if model != "ols" else "regress")
    return {name: q for (name, _), q in harmonise(given, facts, spec).quantities.items() if name in ("r2_p", "chi2", "f")}


BOTH = {"ll": -30.0, "ll_0": -40.0}


@pytest.mark.parametrize("model", ["logit", "probit", "poisson"])
def test_pseudo_r2_and_the_likelihood_ratio(model):
    """1 - 30/40, and 2 (40 - 30), whose digits the larger of the two takes away."""
    found = quantities(BOTH, model=model)
    assert found["r2_p"].value == 0.25 and found["r2_p"].scale == 1.0
    assert found["chi2"].value == 20.0 and found["chi2"].scale == 20.0 * 40.0 / 10.0 and "f" not in found


def test_where_hardly_anything_is_explained_the_scale_is_of_the_likelihood():
    found = quantities({"ll": -39.75, "ll_0": -40.0})
    assert found["chi2"].value == 0.5 and found["chi2"].scale == 1.0 * 40.0 / 1.0  # both at least one


def test_without_either_likelihood_there_is_neither():
    for stats in ({}, {"ll": -30.0}, {"ll_0": -40.0}, {"ll": -0.0, "ll_0": 0.0}):
        assert quantities(stats) == {}


def test_robust_errors_have_walds():
    found = quantities(BOTH, vcov="HC0")
    assert found["chi2"].value == pytest.approx(WALD) and found["chi2"].scale == pytest.approx(WALD * 3.0)
    assert found["r2_p"].value == 0.25
    scaled = quantities(BOTH, vcov="HC1")["chi2"].value  # V times 50/49
    assert scaled == pytest.approx(WALD * 49 / 50) and quantities(vcov="HC0")["chi2"].value == pytest.approx(WALD)


def test_without_a_constant_or_with_absorbed_effects_it_is_walds():
    """Their null is no model of a constant alone."""
    slopes = {"terms": ("a", "b"), "coef": (2.0, -40.0), "parts": (Part(matrix=COVARIANCE[1:, 1:].tolist()),)}
    none = replace(FACTS, n_slopes=2, intercept=False)
    found = quantities(BOTH, none, formula="y ~ 0 + a + b", **slopes)
    assert found["chi2"].value == pytest.approx(WALD) and found["r2_p"].value == 0.25
    absorbed = replace(none, absorbed=(Absorbed("g", 5),), absorbed_rank=5)
    found = quantities(BOTH, absorbed, formula="y ~ a + b | g", model="poisson", **slopes)
    assert found["chi2"].value == pytest.approx(WALD)


def test_a_singular_covariance_has_no_wald():
    flat = [[1.0, 0, 0], [0, 1.0, 1.0], [0, 1.0, 1.0]]
    assert set(quantities(BOTH, vcov="HC0", parts=(Part(matrix=flat),))) == {"r2_p"}
    assert quantities(BOTH, parts=(Part(matrix=flat),))["chi2"].value == 20.0


def test_least_squares_have_f_and_no_chi_squared():
    found = quantities(BOTH, model="ols")
    assert set(found) == {"f"} and found["f"].value == pytest.approx(WALD / 2 * 47 / 50)  # regress has N/(N - K)


# ---------------------------------------------------------------- profiles of likelihoods


def test_profiles_of_likelihoods_are_a_family_of_their_own():
    assert OF_LIKELIHOODS == ("ml", "glm", "feglm")
    for name in PROFILES:
        family = family_of(name)
        likelihoods = name in ("ml", "glm", "feglm")
        assert (set(family) == {"ml", "glm", "feglm"}) is likelihoods and name in family
        assert ("fixest" in family) is not (likelihoods or name == "xtabond") and all(
            family[n] is PROFILES[n] for n in family
        )
    assert list(family_of("ml")) == ["ml", "glm", "feglm"] and len(family_of("lm")) == len(PROFILES) - 4
