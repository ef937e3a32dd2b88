"""Models of several outcomes: the maximum, its covariances, the base, what has no maximum, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.miscmodels.ordinal_model import OrderedModel

from conftest import FIXTURES
from dense_models import dense_model
from parity.algebra.categorical import maximise, null
from parity.algebra.likelihood import NoMaximum
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.engines import engine
from parity.engines.own.fit import estimate, solve, uncorrected
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

MODELS = ("mlogit", "ologit", "oprobit")


def data(n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    x, z = rng.normal(size=n), rng.normal(size=n) + 3
    latent = 0.7 * x - 0.4 * (z - 3) + rng.logistic(size=n)
    y = np.digitize(latent, [-1.0, 0.5, 1.5]) * 2.0 + 1  # outcomes 1, 3, 5, 7
    return pd.DataFrame({"y": y, "x": x, "z": z, "g": rng.integers(0, 25, n), "w": rng.integers(1, 4, n)})


def built(frame: pd.DataFrame, **spec):
    made = Spec(id="s", **{"formula": "y ~ x + z", **spec})
    study = Study(folder=FIXTURES, header=Header(title="t", made=True), derive={}, index={}, specs=(made,), published=())
    return made, build_design(study, made, frame)


@pytest.mark.parametrize("base", [0, 2])
def test_the_multinomial_maximum_is_that_of_statsmodels(base):
    d = data()
    code = np.unique(d["y"], return_inverse=True)[1]
    x = sm.add_constant(d[["x", "z"]]).to_numpy()
    own = maximise("mlogit", x, code, base)
    swapped = np.where(code == base, -1, code)  # MNLogit's base is the smallest
    other = sm.MNLogit(swapped, x).fit(disp=0, method="newton", tol=1e-12)
    assert own.b == pytest.approx(other.params.T.ravel(), rel=1e-10)
    assert own.half @ own.half.T == pytest.approx(np.asarray(other.cov_params()), rel=1e-8)
    assert own.ll == pytest.approx(other.llf, rel=1e-13)
    assert null(code) == pytest.approx(other.llnull, rel=1e-6)


@pytest.mark.parametrize(("model", "distribution"), [("ologit", "logit"), ("oprobit", "probit")])
def test_the_ordered_maximum_is_that_of_statsmodels(model, distribution):
    d = data()
    code, x = np.unique(d["y"], return_inverse=True)[1], d[["x", "z"]].to_numpy()
    own = maximise(model, x, code)
    other = OrderedModel(code, x, distr=distribution).fit(method="bfgs", disp=0, gtol=1e-9, maxiter=500)
    cuts = other.model.transform_threshold_params(other.params)[1:-1]
    assert own.ll == pytest.approx(other.llf, rel=1e-12) and own.ll >= other.llf - 1e-9
    assert own.b == pytest.approx(np.r_[other.params[:2], cuts], abs=1e-5)
    assert np.abs(own.scores.sum(axis=0)).max() < 1e-9
    assert np.sqrt(np.diag(own.half @ own.half.T))[:2] == pytest.approx(other.bse[:2], rel=1e-4)  # by differences there


VCOVS = ("iid", "HC0", {"cluster": ["g"], "type": "CR0"})
WEIGHTS = (None, {"frequency": "w"}, {"pweight": "w"})


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("vcov", VCOVS, ids=["iid", "rows", "clusters"])
@pytest.mark.parametrize("weights", WEIGHTS, ids=["plain", "frequency", "sampling"])
@pytest.mark.parametrize("profile", ["ml", "glm"])
def test_every_covariance_is_that_of_dense_algebra(model, vcov, weights, profile):
    if weights and "pweight" in weights and vcov == "iid":
        return
    spec, design = built(data(), model=model, vcov=vcov, weights=weights, convention=profile)
    own = estimate(spec, design)
    b, parts = dense_model(spec, design)
    assert own.terms == design.terms and own.coef == pytest.approx(b, rel=1e-9)
    for part in own.parts:
        assert np.array(part.matrix) == pytest.approx(parts[part.cluster], rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_a_frequency_weight_is_that_many_rows(model):
    d = data()
    spec, weighted = built(d, model=model, weights={"frequency": "w"}, vcov="HC1")
    _, repeated = built(d.loc[d.index.repeat(d["w"])].reset_index(drop=True), model=model, vcov="HC1")
    one, other = (harmonise(estimate(spec, of), of.facts, spec).quantities for of in (weighted, repeated))
    for key in (("coef", weighted.terms[0]), ("se", weighted.terms[-1]), ("ll", ""), ("nobs", ""), ("chi2", "")):
        assert one[key].value == pytest.approx(other[key].value, rel=1e-9)


def test_terms_are_of_each_outcome_but_the_base_or_have_cuts_behind():
    _, design = built(data(), model="mlogit", base=3)
    assert design.terms[:4] == ("1:(Intercept)", "1:x", "1:z", "5:(Intercept)") and len(design.terms) == 9
    assert design.facts.n_slopes == 9
    _, design = built(data(), model="ologit")
    assert design.terms == ("x", "z", "/cut1", "/cut2", "/cut3")


@pytest.mark.parametrize(
    ("given", "outcome"),
    [({}, "3"), ({"convention": "glm"}, "1"), ({"base": 7}, "7"),
     ({"convention": {"profile": "ml", "base_outcome": "last"}}, "7"), ({"weights": {"frequency": "w"}}, "1")],
    ids=["frequent", "first", "named", "last", "weights"],
)  # fmt: skip
def test_which_outcome_others_are_held_against(given, outcome):
    d = data()
    d["w"] = np.where(d["y"] == 1, 9, 1)
    assert d["y"].value_counts().idxmax() == 3
    _, design = built(d, model="mlogit", **given)
    assert f"{design.outcomes[design.base]:g}" == outcome
    assert not any(term.startswith(f"{outcome}:") for term in design.terms)


def test_another_base_is_the_difference_of_coefficients():
    spec, design = built(data(), model="mlogit", base=1)
    other, of_other = built(data(), model="mlogit", base=5)
    b, c = (dict(zip(d.terms, estimate(s, d).coef, strict=True)) for s, d in ((spec, design), (other, of_other)))
    assert c["1:x"] == pytest.approx(-b["5:x"], rel=1e-10)
    assert c["3:x"] == pytest.approx(b["3:x"] - b["5:x"], rel=1e-10)


def test_of_two_outcomes_it_is_a_logit():
    d = data().assign(y=lambda d: (d["y"] > 3) + 0.0)
    spec, design = built(d, model="mlogit", base=0, vcov="HC1")
    plain, of_plain = built(d, model="logit", vcov="HC1")
    one, other = estimate(spec, design), estimate(plain, of_plain)
    assert one.coef == pytest.approx(other.coef, rel=1e-10)
    assert np.array(one.parts[0].matrix) == pytest.approx(np.array(other.parts[0].matrix), rel=1e-9)


def test_all_slopes_are_nought_by_likelihood_ratio_or_wald():
    spec, design = built(data(), model="mlogit")
    found = harmonise(estimate(spec, design), design.facts, spec).quantities
    assert found["chi2", ""].value == pytest.approx(2 * (found["ll", ""].value - found["ll_0", ""].value))
    robust = spec.model_copy(update={"vcov": Spec(id="r", formula="y ~ x", vcov="HC1").vcov})
    one = estimate(robust, design)
    slopes = [i for i, t in enumerate(one.terms) if not t.endswith("(Intercept)")]
    v = np.array(one.parts[0].matrix)[np.ix_(slopes, slopes)] * design.nobs / (design.nobs - 1)
    b = np.array(one.coef)[slopes]
    by_wald = harmonise(one, design.facts, robust).quantities["chi2", ""].value
    assert len(slopes) == 6 and by_wald == pytest.approx(b @ np.linalg.solve(v, b), rel=1e-9)


@pytest.mark.parametrize("model", MODELS)
def test_units_of_columns_change_nothing_else(model):
    d = data()
    large = d.assign(x=d["x"] * 1e9, z=d["z"] * 1e-7 + 1)
    spec, design = built(d, model=model)
    _, moved = built(large, model=model)
    b, c = (dict(zip(of.terms, estimate(spec, of).coef, strict=True)) for of in (design, moved))
    term = "1:x" if model == "mlogit" else "x"
    assert c[term] * 1e9 == pytest.approx(b[term], rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
def test_steps_that_end_early_end_near(model):
    early = {"profile": "ml", "newton": "ltolerance"}
    spec, design = built(data(), model=model)
    stopped, _ = built(data(), model=model, convention=early)
    b, c = np.array(estimate(spec, design).coef), np.array(estimate(stopped, design).coef)
    assert 0 < np.abs(b - c).max() < 1e-3


@pytest.mark.parametrize("model", MODELS)
def test_a_mark_of_the_largest_outcome_has_no_maximum_on_any_data(model):
    rng = np.random.default_rng(5)
    for _ in range(60):
        n = rng.integers(20, 80)
        y = np.r_[0, 1, 2, rng.integers(0, 3, size=n - 3)]
        mark = (y == 2) & (np.cumsum(y == 2) < rng.integers(2, 9))
        x = np.column_stack([mark, rng.normal(size=n), *[np.ones(n)] * (model == "mlogit")])
        with pytest.raises(NoMaximum):
            maximise(model, x, y)


@pytest.mark.parametrize("model", MODELS)
def test_what_predicts_an_outcome_perfectly_has_no_maximum(model):
    d = data()
    d["z"] = d["y"] + 0.01 * d["x"]
    with pytest.raises(Unestimable, match=r"perfectly|determine"):
        built(d, model=model)


def test_an_outcome_without_rows_is_said():
    with pytest.raises(NoMaximum, match="no row"):
        maximise("ologit", np.arange(4.0)[:, None], np.array([0, 0, 2, 2]))


@pytest.mark.parametrize(
    ("given", "said"),
    [({"base": 2}, r"base = 2 is none of the outcomes of `y`: 1, 3, 5, 7"),
     ({"formula": "x ~ z"}, "a category of 50 at most, and `x` has 600 values")],
    ids=["base", "many"],
)  # fmt: skip
def test_data_that_are_refused(given, said):
    with pytest.raises(Unestimable, match=said):
        built(data(), model="mlogit", **given)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"model": "ologit", "base": 1}, "base belongs to"),
     ({"model": "mlogit", "formula": "y ~ x | g"}, "no absorbed effects"),
     ({"model": "oprobit", "formula": "y ~ 0 + x"}, "cuts in place of a constant"),
     ({"model": "mlogit", "convention": "reghdfe"}, "is a likelihood"),
     ({"model": "ologit", "weights": {"analytic": "w"}}, "frequency weights")],
    ids=["base", "effects", "constant", "convention", "weights"],
)  # fmt: skip
def test_specs_that_are_refused(given, said):
    with pytest.raises(ValueError, match=said):
        Spec(id="s", **{"formula": "y ~ x"} | given)


def test_statsmodels_counts_outcomes_from_the_base():
    spec, design = built(data(), model="mlogit", base=5, vcov={"cluster": ["g"]})
    own, other = estimate(spec, design), engine("py-statsmodels").estimate(spec, design)
    assert other.terms == own.terms and other.coef == pytest.approx(own.coef, rel=1e-9)
    assert np.array(other.parts[0].matrix) == pytest.approx(np.array(own.parts[0].matrix), rel=1e-8)


def test_scores_stand_where_regressors_do():
    """So that a covariance by other clusters than the design's is one pass over them, too."""
    spec, design = built(data(), model="ologit", vcov={"cluster": ["g"]})
    fit = solve(design, spec)
    alone = replace(design, clusters={"g": np.arange(design.nobs)})
    rows = spec.model_copy(update={"vcov": Spec(id="r", formula="y ~ x", vcov="HC0").vcov})
    by_row, white = uncorrected(fit, spec.vcov, alone.clusters)[0], uncorrected(fit, rows.vcov)[0]
    assert np.array(by_row.matrix) == pytest.approx(np.array(white.matrix), rel=1e-12)
