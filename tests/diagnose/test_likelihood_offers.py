"""Which causes of logit, probit and Poisson are offered to which spec, and what each sets; by no fit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue.edits import Exponentiated
from parity.diagnose.catalogue.likelihood import CAUSES
from parity.diagnose.marginal import Marginal
from parity.diagnose.numbers import Numbers, printed
from parity.diagnose.scenario import Scenario
from parity.study.spec import Spec

NUMBERS = Numbers(("(Intercept)", "x"), np.array([0.0, 0.5]), np.diag([1.0, 0.04]), np.inf, 50.0)


def base(model: str = "logit", profile: str = "ml", formula: str = "y ~ x", **more) -> Scenario:
    convention = {} if model == "ols" else {"convention": profile}
    return Scenario(Spec(id="s", formula=formula, model=model, **({"vcov": "iid"} | convention | more)))


def with_design(*columns: list[float]) -> SimpleNamespace:
    """A fitter of these regressors."""
    return SimpleNamespace(design=lambda scenario: SimpleNamespace(x=np.array(columns).T))


def offered(scenario: Scenario) -> set[str]:
    """But for those that every likelihood has."""
    found = {c.id for c in CAUSES if any(True for _ in c.steps(scenario, with_design([0.5, 2.0])))}
    assert found >= OF_EVERY - ({"least-squares-for-likelihood"} if scenario.raw else set()) or not scenario.spec.likelihood
    return found - OF_EVERY if scenario.spec.likelihood else found


OF_EVERY = {"least-squares-for-likelihood", "marginal-effects-for-coefficients"}


LINKS = {"logit": {"probit-for-logit"}, "probit": {"logit-for-probit"}, "poisson": set()}
ODDS = {"logit": {"coefficients-exponentiated"}, "probit": set(), "poisson": {"coefficients-exponentiated"}}


@pytest.mark.parametrize("model", ["logit", "probit", "poisson"])
def test_causes_of_each_model_under_each_profile(model):
    always = LINKS[model] | ODDS[model] | {"newton-stops-early"}
    information = {"expected-information"} if model == "probit" else set()  # of a logit both are one
    assert offered(base(model)) == always | information | {"likelihood-iid-n-minus-k"}
    other = {"observed-information"} if model == "probit" else set()
    assert offered(base(model, "glm")) == always | other | {"likelihood-iid-n-minus-k"}
    assert offered(base(model, "feglm")) == always | other | {"likelihood-iid-without-factor"}
    robust = {"likelihood-robust-n-minus-1", "likelihood-robust-n-minus-k"}
    assert offered(base(model, vcov="HC1")) == always | information | robust - {"likelihood-robust-n-minus-1"}
    assert offered(base(model, "glm", vcov="HC1")) == always | other | robust
    assert offered(base(model, vcov={"cluster": ["g"]})) == always | information


def test_least_squares_have_none_of_them():
    for vcov in ("iid", "HC1"):
        assert offered(base("ols", vcov=vcov)) == set()


def test_an_uncorrected_covariance_has_another_link_no_longer():
    raw = replace(base("probit"), raw=True)
    assert offered(raw) == set()
    assert offered(replace(base("logit"), raw=True)) == {"coefficients-exponentiated"}


def test_steps_end_early_only_where_there_is_a_constant_and_no_effects():
    """Stata's logit and poisson; fixed effects are absorbed by other commands, whose steps end elsewhere."""
    assert "newton-stops-early" not in offered(base(formula="y ~ 0 + x"))
    assert not list(BY_ID["newton-stops-early"].steps(base("poisson", "feglm", "y ~ x | g"), None))
    (step,) = BY_ID["newton-stops-early"].steps(base(), None)
    assert step.scenario.spec.convention.newton == "ltolerance"
    assert not list(BY_ID["newton-stops-early"].steps(step.scenario, None))


@pytest.mark.parametrize(
    ("id", "model", "profile", "vcov", "setting", "value"),
    [
        ("expected-information", "probit", "ml", "iid", "information", "expected"),
        ("observed-information", "probit", "glm", "iid", "information", "observed"),
        ("likelihood-iid-n-minus-k", "logit", "ml", "iid", "iid", "(n-1)/(n-k)"),
        ("likelihood-iid-without-factor", "poisson", "feglm", "iid", "iid", "none"),
        ("likelihood-robust-n-minus-1", "logit", "glm", "HC1", "robust", "n/(n-1)"),
        ("likelihood-robust-n-minus-k", "logit", "ml", "HC1", "robust", "n/(n-k)"),
    ],
)
def test_what_each_sets(id, model, profile, vcov, setting, value):
    before = base(model, profile, vcov=vcov)
    (step,) = BY_ID[id].steps(before, None)
    assert getattr(step.scenario.spec.convention, setting) == value != getattr(before.spec.convention, setting)
    assert step.scenario == before.with_convention(**{setting: value})


def test_the_other_link():
    (step,) = BY_ID["probit-for-logit"].steps(base(), None)
    assert step.scenario.spec.model == "probit" and step.scenario == base().with_spec(model="probit")
    (step,) = BY_ID["logit-for-probit"].steps(base("probit"), None)
    assert step.scenario.spec.model == "logit"


@pytest.mark.parametrize(("model", "what"), [("logit", "odds ratios"), ("poisson", "incidence-rate ratios")])
def test_ratios_with_or_without_their_standard_errors(model, what):
    delta, beside = BY_ID["coefficients-exponentiated"].steps(base(model), None)
    assert dict(delta.parameters) == {"what": what, "errors": "and their standard errors by the delta method"}
    assert dict(beside.parameters) == {"what": what, "errors": "beside standard errors of b"}
    of_delta = printed(NUMBERS, delta.scenario.prints)
    of_b = printed(NUMBERS, beside.scenario.prints)
    ratio = np.exp(0.5)
    for shown in (of_delta, of_b):
        assert shown.coef.tolist() == pytest.approx([1.0, ratio])
        assert shown.ci_low[1] == pytest.approx(np.exp(0.5 - 1.959963984540054 * 0.2))
        assert shown.ci_high[1] == pytest.approx(np.exp(0.5 + 1.959963984540054 * 0.2))
        assert shown.t[1] == pytest.approx(2.5) and shown.p[1] == pytest.approx(NUMBERS.p[1])
    assert of_delta.se.tolist() == pytest.approx([1.0, ratio * 0.2]) and of_b.se.tolist() == pytest.approx([1.0, 0.2])
    assert of_delta.variance[1] == pytest.approx((ratio * 0.2) ** 2) and of_b.variance[1] == pytest.approx(0.04)


def test_marginal_effects_are_averaged_or_at_means_and_of_columns_of_two_values_differences():
    def variants(scenario: Scenario, *columns: list[float]) -> list[tuple]:
        steps = BY_ID["marginal-effects-for-coefficients"].steps(scenario, with_design(*columns))
        return [(s.scenario.marginal.at, s.scenario.marginal.indicators) for s in steps]

    assert variants(base(), [0.5, 2.0]) == [("rows", "derivative"), ("means", "derivative")]
    both = [(at, of) for at in ("rows", "means") for of in ("derivative", "difference")]
    assert variants(base("poisson"), [0.5, 2.0], [0.0, 1.0]) == both
    assert variants(base(formula="y ~ x | g"), [0.0, 1.0]) == [] and variants(base("ols"), [0.0, 1.0]) == []
    assert variants(replace(base(), marginal=Marginal("rows", "derivative")), [0.0, 1.0]) == []


def test_least_squares_have_the_covariance_of_their_commands():
    def profiles(scenario: Scenario) -> list[str]:
        steps = list(BY_ID["least-squares-for-likelihood"].steps(scenario, None))
        assert {s.scenario.spec.model for s in steps} <= {"ols"}
        return [s.scenario.spec.convention.profile for s in steps]

    assert profiles(base()) == ["regress"] and profiles(base(formula="y ~ x | g")) == ["reghdfe", "areg", "fixest"]
    assert profiles(base("ols")) == [] and profiles(replace(base(), marginal=Marginal("rows", "derivative"))) == []


def test_which_numbers_ratios_touch():
    for quantity in ("coef", "ci_low", "ci_high"):
        assert Exponentiated(True).touches(quantity, "x") and Exponentiated(False).touches(quantity, "x")
    for quantity in ("se", "variance"):
        assert Exponentiated(True).touches(quantity, "x") and not Exponentiated(False).touches(quantity, "x")
    for quantity in ("t", "p", "nobs", "stars"):
        assert not Exponentiated(True).touches(quantity, "x") and not Exponentiated(False).touches(quantity, "x")


def test_which_layer_and_slot_each_is_of():
    """Two of one slot are never at work together; a design is tried before a covariance, and that before a factor."""
    assert {c.id: (c.layer, c.slot) for c in CAUSES} == {
        "expected-information": ("covariance", "information"), "observed-information": ("covariance", "information"),
        "likelihood-iid-n-minus-k": ("convention", "iid"), "likelihood-iid-without-factor": ("convention", "iid"),
        "likelihood-robust-n-minus-1": ("convention", "robust"), "likelihood-robust-n-minus-k": ("convention", "robust"),
        "other-base-outcome": ("design", "base"), "offset-left-out": ("design", "offset"),
        "exposure-not-logged": ("design", "offset"),
        "newton-stops-early": ("design", "newton"), "probit-for-logit": ("design", "likelihood"),
        "logit-for-probit": ("design", "likelihood"), "coefficients-exponentiated": ("printing", "exponentiated"),
        "least-squares-for-likelihood": ("design", "likelihood"),
        "marginal-effects-for-coefficients": ("design", "marginal"),
    }  # fmt: skip
