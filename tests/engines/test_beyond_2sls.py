"""LIML, Fuller, k-class, GMM, CUE and the between estimator: what each must be by its definition, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.engines import engine
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

FORMULA = "y ~ x | 0 | d ~ z1 + z2 + z3"


def data(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    z, u, g = rng.normal(size=(n, 3)), rng.normal(size=n), rng.integers(0, 30, n)
    d = z @ [0.4, 0.3, 0.2] + u + rng.normal(size=n)
    x = rng.normal(size=n)
    y = 1 + 0.5 * d + x + (u + 0.4 * rng.normal(size=30)[g]) * (1 + 0.5 * np.abs(z[:, 0]))
    frame = {"y": y, "x": x, "d": d, "z1": z[:, 0], "z2": z[:, 1], "z3": z[:, 2], "g": g, "w": rng.uniform(0.5, 2, n)}
    return pd.DataFrame(frame | {"unit": np.arange(n) // 4, "time": np.arange(n) % 4})


def made(frame: pd.DataFrame | None = None, **keys):
    spec = Spec(id="s", **({"formula": FORMULA, "convention": "ivregress"} | keys))
    header = Header(title="t", made=True, unit="unit", time="time")
    study = Study(folder=FIXTURES, header=header, derive={}, index={}, specs=(spec,), published=())
    return spec, build_design(study, spec, data() if frame is None else frame)


def answer(**keys) -> dict[tuple[str, str], float]:
    spec, design = made(**keys)
    quantities = harmonise(fit.estimate(spec, design), design.facts, spec).quantities
    return {key: q.value for key, q in quantities.items()}


def of_terms(found: dict) -> dict:
    return {key: value for key, value in found.items() if key[0] in ("coef", "se")}


@pytest.mark.parametrize("vcov", ["iid", "HC1", {"cluster": ["g"]}])
def test_a_kappa_of_one_is_2sls(vcov):
    assert of_terms(answer(model="kclass", kappa=1.0, vcov=vcov)) == pytest.approx(of_terms(answer(vcov=vcov)), rel=1e-11)


def test_a_kappa_of_none_is_ols():
    found = answer(model="kclass", kappa=0.0)
    ols = answer(formula="y ~ x + d", convention={"profile": "regress", "small": False})
    assert of_terms(found) == pytest.approx(of_terms(ols), rel=1e-11)


def test_fuller_takes_its_share_off_limls_kappa():
    liml, fuller = answer(model="liml"), answer(model="fuller", fuller=2.0)
    assert fuller["kappa", ""] == pytest.approx(liml["kappa", ""] - 2.0 / (300 - 5), rel=1e-12)
    effects = {"formula": "y ~ x | unit | d ~ z1 + z2 + z3"}
    liml, fuller = answer(model="liml", **effects), answer(model="fuller", **effects)
    assert fuller["kappa", ""] == pytest.approx(liml["kappa", ""] - 1.0 / (300 - 75 - 4), rel=1e-12)


def test_limls_kappa_is_the_least_variance_ratio():
    spec, design = made(model="liml")
    kappa, b = answer(model="liml")["kappa", ""], fit.estimate(spec, design).coef
    beta = np.array([1.0, -b[2]])
    w = np.column_stack([design.y, design.endog])
    inner, all_ = np.column_stack([np.ones(300), design.x]), np.column_stack([np.ones(300), design.x, design.z])

    def left(of: np.ndarray) -> float:
        e = w @ beta - of @ np.linalg.lstsq(of, w @ beta, rcond=None)[0]
        return float(e @ e)

    assert left(inner) / left(all_) == pytest.approx(kappa, rel=1e-11)


def test_a_continuously_updated_gmm_of_equal_errors_is_liml():
    liml, cue = answer(model="liml"), answer(model="cue")
    for key, value in liml.items():
        if key[0] == "coef":
            assert cue[key] == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("centred", ["no", "yes"])
@pytest.mark.parametrize(
    "keys", [{"vcov": "HC1"}, {"vcov": {"cluster": ["g"]}}, {"vcov": "HC1", "weights": {"analytic": "w"}}]
)
def test_nothing_near_a_continuously_updated_gmm_has_a_smaller_j(keys, centred):
    keys = keys | {"convention": {"profile": "ivregress", "centred": centred}}
    spec, design = made(model="cue", **keys)
    found = answer(model="cue", **keys)
    root = np.sqrt(np.ones(300) if design.weights is None else design.weights)
    z = np.column_stack([np.ones(300), design.x, design.z]) * root[:, None]
    x = np.column_stack([np.ones(300), design.x, design.endog]) * root[:, None]
    b = np.array(fit.estimate(spec, design).coef)

    def j(at: np.ndarray) -> float:
        u = z * (design.y * root - x @ at)[:, None]
        if centred == "yes":
            u = u - np.outer(root**2, u.sum(0) / (root**2).sum())
        if design.clusters:
            held = np.zeros((30, u.shape[1]))
            np.add.at(held, design.clusters["g"], u)
        else:
            held = u
        g = z.T @ (design.y * root - x @ at)
        return float(g @ np.linalg.solve(held.T @ held, g))

    assert j(b) == pytest.approx(found["j", ""], rel=1e-9)
    for step in 1e-3 * np.vstack([np.eye(3), -np.eye(3)]):
        assert j(b + step) > j(b)


def test_an_iterated_gmm_stands_still():
    keys = {"model": "gmm", "vcov": "HC1", "moments": {"steps": "iterated"}}
    spec, design = made(**keys)
    b = np.array(fit.estimate(spec, design).coef)
    z = np.column_stack([np.ones(300), design.x, design.z])
    x = np.column_stack([np.ones(300), design.x, design.endog])
    u = z * (design.y - x @ b)[:, None]
    across = x.T @ z @ np.linalg.inv(u.T @ u)
    assert np.linalg.solve(across @ z.T @ x, across @ z.T @ design.y) == pytest.approx(b, rel=1e-9)
    two = answer(**(keys | {"moments": {"steps": 2}}))
    assert abs(two["coef", "d"] - b[2]) > 1e-8


def test_the_weights_own_covariance_is_no_sandwich():
    sandwich = answer(model="gmm", vcov="HC1")
    efficient = answer(model="gmm", vcov="HC1", convention="ivreg2")
    assert efficient["coef", "d"] == pytest.approx(sandwich["coef", "d"], rel=1e-12)
    assert efficient["j", ""] == pytest.approx(sandwich["j", ""], rel=1e-12)
    assert abs(efficient["se", "d"] / sandwich["se", "d"] - 1) > 1e-5


@pytest.mark.parametrize(
    "keys",
    [
        {"model": "liml", "vcov": "HC1"}, {"model": "fuller"}, {"model": "kclass", "kappa": 0.3, "vcov": {"cluster": ["g"]}},
        {"model": "gmm", "vcov": "HC1"}, {"model": "gmm", "vcov": {"cluster": ["g"]}, "moments": {"steps": "iterated"}},
        {"model": "gmm", "vcov": "HC1", "moments": {"weight": "iid"}},
        {"model": "gmm", "vcov": "HC1", "moments": {"steps": 1}},
        {"model": "cue", "vcov": {"cluster": ["g"]}}, {"model": "liml", "weights": {"analytic": "w"}},
        {"formula": "y ~ x + d", "model": "between", "convention": "xtreg"},
        {"formula": "y ~ x + d", "model": "between", "convention": {"profile": "xtreg", "between_weights": "rows"}},
    ],
)  # fmt: skip
def test_linearmodels_has_the_same(keys):
    spec, design = made(**keys)
    other = engine("py-linearmodels").estimate(spec, design)
    theirs = harmonise(other, design.facts, spec).quantities
    close = 1e-7 if other.accuracy == "iterative" else 1e-9
    for key, quantity in harmonise(fit.estimate(spec, design), design.facts, spec).quantities.items():
        if key in theirs:
            assert theirs[key].value == pytest.approx(quantity.value, abs=close * quantity.scale), key
    named = {key[0] for key in theirs}
    assert named >= ({"j", "j_df", "j_p"} if spec.model in ("gmm", "cue") and spec.moment_steps != 1 else {"coef"})


def test_the_between_estimator_is_least_squares_of_means():
    frame = data().drop(index=range(3))
    means = frame.groupby("unit")[["y", "x", "d"]].mean().reset_index().assign(time=0, g=0)
    found = answer(frame=frame, formula="y ~ x + d", model="between", convention="xtreg")
    plain = answer(frame=means, formula="y ~ x + d", convention="regress")
    assert of_terms(found) == pytest.approx(of_terms(plain), rel=1e-12)
    assert found["nobs", ""] == 75 and found["df_resid", ""] == 72


def test_clusters_that_change_within_units_have_no_means():
    with pytest.raises(Unestimable, match="`g` changes within units"):
        made(formula="y ~ x", model="between", vcov={"cluster": ["g"]}, convention="xtreg")


def test_fewer_clusters_than_moments_weigh_nothing():
    spec, design = made(frame=data().assign(g=lambda d: d.unit % 4), model="gmm", vcov={"cluster": ["g"]})
    with pytest.raises(Unestimable, match="as many clusters as moments, or fewer"):
        fit.estimate(spec, design)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"formula": "y ~ x", "model": "liml"}, "needs instruments"),
        ({"model": "kclass"}, "needs kappa"),
        ({"model": "liml", "kappa": 0.5}, 'kappa belongs to model = "kclass"'),
        ({"model": "gmm", "moments": {"steps": 3}}, '1, 2 or "iterated"'),
        ({"model": "gmm", "moments": {"weight": "cluster"}}, "names the variable"),
        ({"model": "gmm", "vcov": {"cluster": ["g", "time"]}}, "one cluster variable"),
        ({"model": "cue", "moments": {"steps": 1}}, "has no steps"),
        ({"model": "liml", "vcov": "HC3"}, "takes iid, HC0, HC1 or cluster"),
        ({"formula": "y ~ x", "model": "between", "weights": {"analytic": "w"}}, "unit means take no weights"),
    ],
)
def test_what_a_model_does_not_take_is_said(keys, says):
    with pytest.raises(ValueError, match=says):
        Spec(id="s", **({"formula": FORMULA, "convention": "ivregress"} | keys))


def test_columns_that_pull_as_gmms_moments_do():
    """Of GMM, `xt` are columns whose least squares have the same bread and the same pull of each residual."""
    spec, design = made(model="gmm", vcov="HC1")
    solved = fit.solve(design, spec)
    assert solved.half.shape[0] < solved.half.shape[1] and solved.xt.shape == (design.nobs, len(solved.terms))
    assert np.allclose(np.linalg.inv(solved.xt.T @ solved.xt) @ solved.xt.T, solved.pull.T)
