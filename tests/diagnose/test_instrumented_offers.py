"""Which causes of estimators beyond 2SLS are offered to which spec, and what each sets; by no fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue.instrumented import CAUSES
from parity.diagnose.scenario import Scenario
from parity.study.moments import Moments
from parity.study.spec import Spec

OVER, JUST = "y ~ x | w ~ z1 + z2", "y ~ x | w ~ z1"
ESTIMATORS = {"ols": "2sls", "liml": "liml", "fuller": "fuller-1", "gmm": "gmm-two-steps"}
WEIGHTS = {"moments-weighted-iid", "moments-weighted-robust", "moments-weighted-by-cluster"}
STEPS = {"gmm-one-step", "gmm-iterated"}


def base(model: str = "ols", formula: str = OVER, vcov="HC1", **more) -> Scenario:
    convention = {} if model == "ols" else {"convention": "ivregress"}
    return Scenario(Spec(id="s", formula=formula, model=model, vcov=vcov, **(convention | more)))


def offered(scenario: Scenario) -> set[str]:
    return {c.id for c in CAUSES if any(True for _ in c.steps(scenario, None))}


@pytest.mark.parametrize("model", ["ols", "liml"])
def test_every_other_estimator_of_the_same_instruments(model):
    others = {id for of, id in ESTIMATORS.items() if of != model}
    assert offered(base(model)) == others
    assert offered(base(model, vcov={"cluster": ["g"]})) == others
    two = {"cluster": ["g", "h"]}
    assert offered(base(model, vcov=two)) == others - {"gmm-two-steps"}  # no weight matrix of two clusters
    assert offered(replace(base(model), raw=True)) == set()


def test_as_many_instruments_as_columns_are_one_estimator():
    assert offered(base(formula=JUST)) == offered(base("liml", JUST)) == set()
    assert offered(base(formula="y ~ x")) == set()


def test_weights_and_steps_of_moments():
    gmm = base("gmm")
    assert offered(gmm) & WEIGHTS == {"moments-weighted-iid"}  # robust it is, and there are no clusters
    assert offered(gmm) & STEPS == STEPS
    clustered = base("gmm", vcov={"cluster": ["g"]})
    assert offered(clustered) & WEIGHTS == WEIGHTS - {"moments-weighted-by-cluster"}
    robust = clustered.with_spec(moments=Moments(weight="robust"))
    assert offered(robust) & WEIGHTS == WEIGHTS - {"moments-weighted-robust"}
    assert offered(base("cue")) & STEPS == set() and offered(base("cue")) & WEIGHTS == {"moments-weighted-iid"}
    assert offered(base("gmm", JUST)) & STEPS == set()  # any weight gives the one estimate
    for one in (gmm, clustered, base("cue")):
        assert not offered(replace(one, raw=True)) & (WEIGHTS | STEPS | set(ESTIMATORS.values()))


def test_what_each_sets():
    clustered = base("gmm", vcov={"cluster": ["g"]})
    (step,) = BY_ID["moments-weighted-iid"].steps(clustered, None)
    assert step.scenario == clustered.with_spec(moments=Moments(weight="iid", steps=clustered.spec.moment_steps))
    (step,) = BY_ID["gmm-one-step"].steps(clustered, None)
    assert step.scenario.spec.moment_steps == 1 and step.scenario.spec.moment_weight == "cluster"
    assert not list(BY_ID["gmm-one-step"].steps(step.scenario, None))
    (step,) = BY_ID["gmm-iterated"].steps(step.scenario, None)
    assert step.scenario.spec.moment_steps == "iterated"
    (step,) = BY_ID["2sls"].steps(base("fuller", fuller=4.0), None)
    assert step.scenario.spec.model == "ols" and step.scenario.spec.fuller is None


@pytest.mark.parametrize("id", ["moments-centred", "moments-about-zero", "gmm-covariance-of-the-weight", "gmm-sandwich"])
def test_settings_of_moments_are_offered_to_models_with_moments(id):
    assert not list(BY_ID[id].steps(base("liml"), None)) and not list(BY_ID[id].steps(base(), None))
    found = [bool(list(BY_ID[id].steps(base("gmm").with_convention(**{name: value}), None)))
             for name, value in (("centred", "no"), ("centred", "yes"), ("gmm_covariance", "sandwich"),
                                 ("gmm_covariance", "efficient"))]  # fmt: skip
    of = {"moments-centred": [0], "moments-about-zero": [1], "gmm-covariance-of-the-weight": [2], "gmm-sandwich": [3]}[id]
    opposite = {0: 1, 1: 0, 2: 3, 3: 2}[of[0]]
    assert found[of[0]] and not found[opposite]


def test_units_weighted_by_rows_or_alike():
    between = Scenario(Spec(id="s", formula="y ~ x", model="between", vcov="iid", convention="xtreg"))
    of = {"between-by-rows": "rows", "between-alike": "units"}
    declared = between.spec.convention.between_weights
    for id, value in of.items():
        found = list(BY_ID[id].steps(between, None))
        assert bool(found) == (value != declared)
        for step in found:
            assert step.scenario.spec.convention.between_weights == value
        assert not list(BY_ID[id].steps(base("liml"), None))
