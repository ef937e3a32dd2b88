"""Logit, probit and Poisson: the maximum, what has none, whom it leaves out, and each package's own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from conftest import FIXTURES
from parity.algebra.likelihood import LINKS, NoMaximum, maximise, null
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines import engine
from parity.engines.own.fit import estimate
from parity.sample import separated
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study
from random_studies import random_study

MODELS = {"logit": sm.Logit, "probit": sm.Probit, "poisson": sm.Poisson}


def data(n: int = 800) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, z, g, h = rng.normal(size=n), rng.normal(size=n), rng.integers(0, 20, n), rng.integers(0, 12, n)
    index = 0.2 + 0.6 * x - 0.4 * z + 0.5 * rng.normal(size=20)[g]
    y = (rng.uniform(size=n) < 1 / (1 + np.exp(-index))).astype(float)
    return pd.DataFrame({"y": y, "c": rng.poisson(np.exp(index)), "x": x, "z": z, "g": g, "h": h})


def design(frame: pd.DataFrame, **spec):
    made = Spec(id="s", **spec)
    study = Study(folder=FIXTURES, header=Header(title="t", made=True), derive={}, index={}, specs=(made,), published=())
    return made, build_design(study, made, frame)


@pytest.mark.parametrize("link", LINKS)
def test_the_maximum_is_that_of_statsmodels(link):
    d = data()
    y, x = d["c" if link == "poisson" else "y"].to_numpy(float), sm.add_constant(d[["x", "z"]]).to_numpy()
    own, other = maximise(x, y, link), MODELS[link](y, x).fit(disp=0, method="newton", tol=1e-12)
    assert own.b == pytest.approx(other.params, rel=1e-12)
    assert own.half @ own.half.T == pytest.approx(np.asarray(other.cov_params()), rel=1e-10)
    assert own.ll == pytest.approx(other.llf, rel=1e-13)
    assert null(y, link) == pytest.approx(other.llnull, rel=1e-9)


@pytest.mark.parametrize("link", LINKS)
def test_steps_without_effects_are_direct_but_the_last(link, monkeypatch):
    """Columns are made orthogonal for the last step, whose are the covariance's, not on the way."""
    from parity.algebra import likelihood

    made = []
    bases = likelihood._bases
    monkeypatch.setattr(likelihood, "_bases", lambda *a: made.append(1) or bases(*a))
    d = data()
    maximise(sm.add_constant(d[["x", "z"]]).to_numpy(), d["c" if link == "poisson" else "y"].to_numpy(float), link)
    assert len(made) == 1
    near = np.column_stack([np.ones(len(d)), d["x"], d["x"] + 1e-5 * d["z"]])  # here only orthogonal columns find the way
    b = maximise(near, d["c" if link == "poisson" else "y"].to_numpy(float), link).b
    plain = maximise(
        np.column_stack([np.ones(len(d)), d[["x", "z"]]]), d["c" if link == "poisson" else "y"].to_numpy(float), link
    )
    assert len(made) > 6 and b[2] * 1e-5 == pytest.approx(plain.b[2], rel=1e-7)


@pytest.mark.parametrize("link", LINKS)
def test_absorbed_effects_are_those_of_dummies(link):
    d = data()
    y = d["c" if link == "poisson" else "y"].to_numpy(float)
    g, h = d["g"].to_numpy(), d["h"].to_numpy()
    dummies = np.column_stack([d[["x", "z"]], np.eye(20)[g], np.eye(12)[h][:, 1:]])
    own = maximise(d[["x", "z"]].to_numpy(), y, link, effects=[g, h])
    other = MODELS[link](y, dummies).fit(disp=0, method="newton", tol=1e-12, maxiter=100)
    assert own.b == pytest.approx(other.params[:2], rel=1e-10)
    assert own.half @ own.half.T == pytest.approx(np.asarray(other.cov_params())[:2, :2], rel=1e-9)


@pytest.mark.parametrize(("link", "y"), [("logit", "x > 0"), ("probit", "x > 0"), ("poisson", "0 where s")])
def test_what_is_separated_has_no_maximum(link, y):
    d = data()
    x = np.column_stack([np.ones(len(d)), d["x"], (d["h"] == 3)])
    outcome = (d["x"] > 0).to_numpy(float) if link != "poisson" else np.where(d["h"] == 3, 0.0, d["c"] + 1.0)
    with pytest.raises(NoMaximum, match="no maximum"):
        maximise(x, outcome, link)


def test_a_separated_spec_is_refused_before_any_engine_is_asked():
    d = data().assign(w=lambda d: (d["x"] > 0).astype(float))
    with pytest.raises(Unestimable, match="perfectly"):
        design(d, formula="w ~ x + z", model="logit")


def test_perfect_predictors_go_with_their_rows_as_in_stata():
    """[R] logit, Model identification: `drop` is 1 in rows whose outcome is 1 alone, and the rows go with it."""
    d = data().assign(rare=lambda d: ((d["y"] == 1) & (d["h"] == 2)).astype(float))
    for model in ("logit", "probit"):
        _, made = design(d, formula="y ~ x + rare", model=model)
        assert made.nobs == int((d["rare"] == 0).sum()) and made.facts.n_separated == int(d["rare"].sum()) > 0
        assert made.facts.dropped == ("rare",) and made.x_names == ("x",)


def test_levels_with_one_outcome_go_and_singletons_after_them():
    d = data().assign(y=lambda d: np.where(d["g"] == 4, 0.0, d["y"]), c=lambda d: np.where(d["g"] == 4, 0, d["c"]))
    for model, outcome in (("logit", "y"), ("poisson", "c")):
        _, made = design(d, formula=f"{outcome} ~ x | g", model=model, convention="feglm")
        assert made.facts.n_separated == int((d["g"] == 4).sum()) and made.facts.absorbed[0].levels == 19


@pytest.mark.parametrize(("model", "outcome", "said"), [("logit", "c", "0 or 1"), ("poisson", "x", "negative")])
def test_outcomes_that_are_none(model, outcome, said):
    with pytest.raises(Unestimable, match=said):
        design(data(), formula=f"{outcome} ~ z", model=model)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"formula": "y ~ x", "model": "logit", "convention": "regress"}, "not for model"),
        ({"formula": "y ~ x", "convention": "ml"}, "not for model"),
        ({"formula": "y ~ x", "model": "probit", "vcov": "HC3"}, "takes iid, HC0, HC1"),
        ({"formula": "y ~ 1 | 0 | x ~ z", "model": "logit"}, "no instruments"),
        ({"formula": "y ~ x", "model": "poisson", "weights": {"analytic": "z"}}, "frequency weights"),
    ],
)
def test_specs_that_are_none(keys, said):
    with pytest.raises(ValueError, match=said):
        Spec(id="s", **keys)


def test_a_likelihood_has_stata_s_convention_unless_it_says_another():
    assert Spec(id="s", formula="y ~ x", model="logit").convention.profile == "ml"
    assert Spec(id="s", formula="y ~ x").convention.profile == "fixest"


@pytest.mark.parametrize("model", ["logit", "probit", "poisson"])
@pytest.mark.parametrize("vcov", ["iid", "HC1", {"cluster": ["g"]}])
@pytest.mark.parametrize("effects", ["", " | g", " | h"])
def test_feglm_is_pyfixest_s_own_default(model, vcov, effects):
    """Its own `ssc()` and its printed standard errors, not brought to anything."""
    import pyfixest as pf

    d = data()
    outcome = "c" if model == "poisson" else "y"
    kind = {"iid": "iid", "HC1": "hetero"}.get(vcov) if isinstance(vcov, str) else {"CRV1": "g"}
    options = {"vcov": kind, "iwls_tol": 1e-14, "iwls_maxiter": 100}
    formula = f"{outcome} ~ x + z{effects}"
    own = pf.fepois(formula, d, **options) if model == "poisson" else pf.feglm(formula, d, family=model, **options)
    spec, made = design(d, formula=formula, model=model, vcov=vcov, convention="feglm")
    here = harmonise(engine("py-moments").estimate(spec, made), made.facts, spec)
    for term in ("x", "z"):
        assert here.quantities["se", term].value == pytest.approx(float(own.se()[term]), rel=1e-6)
        assert here.quantities["p", term].value == pytest.approx(float(own.pvalue()[term]), rel=1e-5, abs=1e-12)


def test_stata_s_log_of_a_probit_and_a_logit():
    """Printed by Stata, `probit inlf ...` and `logit inlf ...`: the study holds the numbers, here they come out."""
    study = load_study(FIXTURES / "mroz")
    frame = load_frame(study)
    for name, ll, chi2, r2 in (("probit_17_1", -401.30219, 227.14, 0.2206), ("logit_17_1", -401.76515, 226.22, 0.2197)):
        spec = study.spec(name)
        made = build_design(study, spec, frame)
        got = harmonise(engine("py-moments").estimate(spec, made), made.facts, spec).quantities
        assert got["ll", ""].value == pytest.approx(ll, abs=6e-6)
        assert got["chi2", ""].value == pytest.approx(chi2, abs=6e-3) and got["r2_p", ""].value == pytest.approx(
            r2, abs=6e-5
        )


def test_an_audit_of_a_likelihood_is_refused():
    from parity.study.audit import AuditSettings, problem_of

    spec = Spec(id="s", formula="y ~ x + z", model="logit")
    settings = AuditSettings.model_validate({"spec": "s", "term": "x"})
    assert "audits are of least squares and 2SLS" in problem_of(settings, {"s": spec}, {})


@pytest.mark.parametrize("model", LINKS)
@pytest.mark.parametrize("newton", ["maximum", "ltolerance"])
def test_steps_that_end_early_hide_no_separation(model, newton):
    """Rows with k > 0 have one outcome: at a tolerance of 1e-7 every step after some is small, and there is no maximum."""
    d = data()
    inside = d["h"] == 3
    d = d.assign(k=np.where(inside, 1 + np.abs(d["x"]), 0.0))
    d.loc[inside, "y"], d.loc[inside, "c"] = 1.0, 0
    outcome = "c" if model == "poisson" else "y"
    with pytest.raises(Unestimable, match="no maximum"):
        design(d, formula=f"{outcome} ~ x + k", model=model, convention={"profile": "ml", "newton": newton})


def test_a_design_s_maximum_is_found_once_and_of_another_anew(monkeypatch):
    """Its build asks whether there is one, its estimate where it is; other rows, weights or information are another."""
    asked = []
    monkeypatch.setattr(separated, "maximise", lambda *a, real=separated.maximise: asked.append(a[2]) or real(*a))
    study, frame = random_study(3, models=True)
    spec = Spec(id="p", formula="works ~ x2 + south", model="probit", vcov="HC1", convention="ml")
    design = build_design(study, spec, frame)
    first = estimate(spec, design)
    assert asked == ["probit"]
    expected = spec.model_copy(update={"convention": spec.convention.model_copy(update={"information": "expected"})})
    assert estimate(expected, design).parts != first.parts and len(asked) == 2
    assert estimate(spec, replace(design, y=1 - design.y)).coef != first.coef and len(asked) == 3
    doubled = replace(design, weights=np.where(design.x[:, 1] > 0, 2.0, 1.0), weight_kind="frequency")
    assert estimate(spec, doubled).coef != first.coef and len(asked) == 4
    assert estimate(spec, design) == first and len(asked) == 5
