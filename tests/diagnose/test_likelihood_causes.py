"""Causes of logit, probit and Poisson by numbers that others print: Stata's logs, R's glm, statsmodels; or by hand."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.catalogue.edits import Exponentiated
from parity.diagnose.fitter import Fitter
from parity.diagnose.numbers import Numbers
from parity.study.load import load_study
from parity.study.spec import Spec

REGRESSORS = ("nwifeinc", "educ", "exper", "expersq", "age", "kidslt6", "kidsge6")
#: Columns of the data that are kept: each that isn't in a formula could be added to it.
KEPT = ["inlf", *REGRESSORS, "lwage", "huseduc", "city"]
FORMULA = f"inlf ~ {' + '.join(REGRESSORS)}"


@pytest.fixture(scope="module")
def mroz():
    study = load_study(FIXTURES / "mroz")
    frame = load_frame(study)[KEPT]
    y = frame["inlf"].to_numpy(dtype=float)
    # fits are shared by all tests; specs beside the declared one would have the same numbers
    fitter = Fitter(study.model_copy(update={"specs": ()}), frame)
    return fitter, frame, y, np.column_stack([np.ones(len(y)), frame[list(REGRESSORS)].to_numpy(dtype=float)])


def named(mroz, spec: dict, targets: list[tuple[str, str, str]]) -> set[str]:
    """Single causes that give these numbers."""
    return {s.ids for s in answered(mroz[0], Spec(id="declared", formula=FORMULA, **spec), targets).causes}


def answered(fitter: Fitter, asked: Spec, targets: list[tuple[str, str, str]]):
    given = [TargetNumber(*t) for t in targets]
    return explain_targets(fitter.study, asked, fitter.original, given, fitter=fitter, most=1)


def shown(quantity: str, term: str, value: float) -> tuple[str, str, str]:
    return quantity, term, f"{value:.9g}"


def probit(mroz, information: str) -> np.ndarray:
    """Standard errors of a probit: minus the second derivatives, or their expectation, written out."""
    from scipy.stats import norm

    _, _, y, x = mroz
    b = sm.Probit(y, x).fit(disp=0, tol=1e-12).params
    index = x @ b
    if information == "expected":
        weight = norm.pdf(index) ** 2 / (norm.cdf(index) * norm.cdf(-index))
    else:
        sign = 2 * y - 1
        ratio = norm.pdf(index) / norm.cdf(sign * index)
        weight = ratio * (ratio + sign * index)
    return np.sqrt(np.diag(np.linalg.inv((x * weight[:, None]).T @ x)))


@pytest.mark.parametrize(
    ("profile", "given"), [("ml", "expected"), ("glm", "observed")], ids=["expected-information", "observed-information"]
)
def test_which_information(mroz, profile, given):
    se = probit(mroz, given)
    targets = [shown("se", term, se[i]) for i, term in ((1, "nwifeinc"), (6, "kidslt6"))]
    assert named(mroz, {"model": "probit", "convention": profile}, targets) & {(f"{given}-information",)}


def logit_variance(mroz, robust: bool) -> tuple[np.ndarray, float, int]:
    _, _, y, x = mroz
    fit = sm.Logit(y, x).fit(disp=0, tol=1e-12)
    p = fit.predict()
    bread = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
    scores = x * (y - p)[:, None]
    return np.diag(bread @ (scores.T @ scores) @ bread if robust else bread), float(len(y)), x.shape[1]


@pytest.mark.parametrize(
    ("id", "vcov", "profile", "by"),
    [
        ("likelihood-iid-n-minus-k", "iid", "ml", lambda n, k: (n - 1) / (n - k)),
        ("likelihood-iid-without-factor", "iid", "feglm", lambda n, k: 1.0),
        ("likelihood-robust-n-minus-1", "HC1", "glm", lambda n, k: n / (n - 1)),
        ("likelihood-robust-n-minus-k", "HC1", "ml", lambda n, k: n / (n - k)),
    ],
)
def test_factors(mroz, id, vcov, profile, by):
    variance, n, k = logit_variance(mroz, vcov == "HC1")
    se = np.sqrt(variance * by(n, k))
    targets = [shown("se", term, se[i]) for i, term in ((2, "educ"), (6, "kidslt6"))]
    assert named(mroz, {"model": "logit", "vcov": vcov, "convention": profile}, targets) >= {(id,)}


def test_newton_stops_early(mroz):
    """ "newton-stops-early": Stata's log of Wooldridge's example 17.1 has .8603696, where the maximum has .86036971."""
    assert named(mroz, {"model": "logit"}, [("se", "(Intercept)", ".8603696")]) == {("newton-stops-early",)}


@pytest.mark.parametrize(("declared", "given"), [("logit", "probit"), ("probit", "logit")])
def test_the_other_link(mroz, declared, given):
    """ "probit-for-logit" and "logit-for-probit", as Stata's logs have both: coefficients of kidslt6."""
    printed = {"probit": ("-.8683285", ".1185223"), "logit": ("-1.443354", ".2035849")}[given]
    targets = [("coef", "kidslt6", printed[0]), ("se", "kidslt6", printed[1])]
    assert named(mroz, {"model": declared}, targets) == {(f"{given}-for-{declared}",)}


@pytest.mark.filterwarnings("error")
def test_a_coefficient_in_thousands_has_no_odds_ratio_and_no_warning():
    numbers = Numbers(("a", "b"), np.array([5000.0, -5000.0]), np.eye(2), np.inf, 100)
    shown = Exponentiated(se=True).numbers(numbers)
    assert list(shown.coef) == list(shown.se) == [np.inf, 0]


def test_odds_ratios(mroz):
    """ "coefficients-exponentiated": exp(b), and its standard error exp(b) se(b)."""
    variance, _, _ = logit_variance(mroz, robust=False)
    _, _, y, x = mroz
    b = sm.Logit(y, x).fit(disp=0, tol=1e-12).params
    targets = [shown("coef", t, np.exp(b[i])) for i, t in ((2, "educ"), (6, "kidslt6"))]
    targets += [shown("se", t, np.exp(b[i]) * np.sqrt(variance[i])) for i, t in ((2, "educ"), (6, "kidslt6"))]
    assert named(mroz, {"model": "logit"}, targets) == {("coefficients-exponentiated",)}


@pytest.mark.parametrize(
    ("model", "at", "difference"), [("logit", "overall", True), ("probit", "mean", False), ("poisson", "overall", False)]
)
def test_marginal_effects(mroz, model, at, difference):
    """ "marginal-effects-for-coefficients" by statsmodels: kids are 0 or 1 where nobody has two."""
    fitter, frame, _, _ = mroz
    rows = frame[frame["kidslt6"] < 2]
    y = rows["inlf" if model != "poisson" else "kidsge6"].to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(y)), rows[["educ", "age", "kidslt6"]].to_numpy(dtype=float)])
    fit = {"logit": sm.Logit, "probit": sm.Probit, "poisson": sm.Poisson}[model](y, x).fit(disp=0, tol=1e-13, maxiter=99)
    found = fit.get_margeff(at=at, dummy=difference)
    targets = [shown("coef", t, found.margeff[i]) for i, t in enumerate(("educ", "age", "kidslt6"))]
    targets += [shown("se", t, found.margeff_se[i]) for i, t in enumerate(("educ", "age", "kidslt6"))]
    asked = Spec(id="d", formula=f"{'inlf' if model != 'poisson' else 'kidsge6'} ~ educ + age + kidslt6", model=model,
                 where="kidslt6 < 2")  # fmt: skip
    (only,) = answered(fitter, asked, targets).causes
    assert only.ids == ("marginal-effects-for-coefficients",)
    which = only.causes[0].parameters["which"]
    assert ("averaged" in which) == (at == "overall") and ("differences" in which) == difference


@pytest.mark.parametrize(
    ("id", "printed", "parameter"),
    [("offset-left-out", None, "log(huseduc)"), ("exposure-not-logged", "huseduc", "huseduc")],
)
def test_an_offset_otherwise(mroz, id, printed, parameter):
    """ "offset-left-out" and "exposure-not-logged" by statsmodels' Poisson of the number of older children."""
    fitter, frame, _, x = mroz
    names = ("educ", "age")
    x = np.column_stack([np.ones(len(frame)), frame[list(names)].to_numpy(dtype=float)])
    beside = {} if printed is None else {"offset": frame[printed].to_numpy(dtype=float)}
    fit = sm.Poisson(frame["kidsge6"].to_numpy(dtype=float), x, **beside).fit(disp=0, tol=1e-13, maxiter=200)
    targets = [shown(q, t, v[i]) for q, v in (("coef", fit.params), ("se", fit.bse)) for i, t in enumerate(names, start=1)]
    asked = Spec(id="d", formula="kidsge6 ~ educ + age", model="poisson", offset="log(huseduc)")
    (only,) = answered(fitter, asked, targets).causes
    assert only.ids == (id,) and [*only.causes[0].parameters.values()] == [parameter]


def test_least_squares(mroz):
    """ "least-squares-for-likelihood": the linear probability model that was meant to be a logit."""
    _, _, y, x = mroz
    fit = sm.OLS(y, x).fit()
    targets = [
        shown(q, t, v[i]) for q, v in (("coef", fit.params), ("se", fit.bse)) for i, t in ((2, "educ"), (6, "kidslt6"))
    ]
    assert named(mroz, {"model": "logit"}, targets) == {("least-squares-for-likelihood",)}


# ---------------------------------------------------------------- several outcomes

PARTY = "PID ~ logpopul + selfLR + age + educ + income"


@pytest.fixture(scope="module")
def anes():
    study = load_study(FIXTURES / "anes96")
    columns = ["logpopul", "selfLR", "age", "educ", "income"]
    # a third of the rows: each row is a cause or two, and what others print of all of them is held by `mroz`
    frame = load_frame(study)[["PID", *columns, "vote"]].iloc[::3].reset_index(drop=True)
    fitter = Fitter(study.model_copy(update={"specs": ()}), frame)  # as above
    return fitter, frame, frame["PID"].to_numpy(dtype=int), sm.add_constant(frame[columns].to_numpy(dtype=float))


def of_several(anes, spec: dict, targets: list[tuple[str, str, str]]) -> dict[tuple[str, ...], str]:
    """Single causes that give these numbers -> what they say."""
    answer = answered(anes[0], Spec(id="declared", **{"formula": PARTY} | spec), targets)
    return {s.ids: " ".join(c.sentence for c in s.causes) for s in answer.causes}


def test_another_base(anes):
    """MNLogit's, with the strong Republicans for the smallest code."""
    _, _, y, x = anes
    fit = sm.MNLogit(np.where(y == 6, -1, y), x).fit(disp=0, method="newton", tol=1e-12)
    b, se = np.asarray(fit.params), np.asarray(fit.bse)
    targets = [shown("coef", "0:selfLR", b[2, 0]), shown("se", "0:selfLR", se[2, 0]), shown("coef", "5:age", b[3, 5])]
    found = of_several(anes, {"model": "mlogit", "base": 0}, targets)
    assert set(found) == {("other-base-outcome",)}
    assert "held against outcome 6, where 0 was declared" in found["other-base-outcome",]


def test_relative_risks(anes):
    _, _, y, x = anes
    fit = sm.MNLogit(y, x).fit(disp=0, method="newton", tol=1e-12)
    b, se = np.asarray(fit.params)[2], np.asarray(fit.bse)[2]
    targets = [shown("coef", "1:selfLR", np.exp(b[0])), shown("se", "1:selfLR", np.exp(b[0]) * se[0]),
               shown("coef", "3:selfLR", np.exp(b[2]))]  # fmt: skip
    found = of_several(anes, {"model": "mlogit", "base": 0}, targets)
    assert set(found) == {("coefficients-exponentiated",)} and "relative-risk ratios" in found["coefficients-exponentiated",]


def ordered(anes, model: str) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and cuts, and standard errors of the expected information, from probabilities written out."""
    from dense_models import dense_model
    from parity.sample.build import build_design

    fitter, frame, _, _ = anes
    spec = Spec(id="s", formula=PARTY, model=model, convention="glm")
    b, parts = dense_model(spec, build_design(fitter.study, spec, frame))
    return b, np.sqrt(np.diag(parts[()]))


def test_ordered_probit_for_logit_and_back(anes):
    for declared, printed, cause in (("ologit", "oprobit", "probit-for-logit"), ("oprobit", "ologit", "logit-for-probit")):
        b, _ = ordered(anes, printed)
        targets = [shown("coef", "selfLR", b[1]), shown("coef", "/cut2", b[6])]
        assert set(of_several(anes, {"model": declared}, targets)) == {(cause,)}


def test_expected_information_of_ordered_outcomes(anes):
    b, se = ordered(anes, "ologit")
    targets = [shown("coef", "selfLR", b[1]), shown("se", "selfLR", se[1]), shown("se", "/cut1", se[5])]
    assert set(of_several(anes, {"model": "ologit"}, targets)) == {("expected-information",)}


def test_odds_ratios_leave_cuts_as_they_are(anes):
    b, se = ordered(anes, "ologit")
    targets = [
        shown("coef", "selfLR", np.exp(b[1])),
        shown("se", "selfLR", np.exp(b[1]) * se[1]),
        shown("coef", "/cut1", b[5]),
    ]
    found = of_several(anes, {"model": "ologit", "convention": "glm"}, targets)
    assert set(found) == {("coefficients-exponentiated",)}


def test_least_squares_of_ordered_outcomes(anes):
    _, _, y, x = anes
    b = np.linalg.lstsq(x, y.astype(float), rcond=None)[0]
    targets = [shown("coef", "selfLR", b[2]), shown("coef", "age", b[3])]
    assert ("least-squares-for-likelihood",) in of_several(anes, {"model": "ologit"}, targets)
