"""[quantile.NAME]: numbers of quantreg and statsmodels, moments by their equations, random panels in R, and its causes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import linprog
from scipy.stats import norm
from statsmodels.datasets import engel
from statsmodels.regression.tests.results import results_quantile_regression

from conftest import FIXTURES
from parity.analyses.in_parts import Nothing
from parity.analyses.quantile import errors as errors_module
from parity.analyses.quantile import found as module
from parity.analyses.quantile import moments as moments_module
from parity.analyses.quantile.analysis import ANALYSIS, compare_quantiles
from parity.analyses.quantile.found import quantiles
from parity.analyses.quantile.regression import moving, quantile_regression
from parity.analyses.quantile.sample import Sample
from parity.analyses.run import records_of
from parity.base.errors import InputError, Unestimable
from parity.r.session import missing_r
from parity.runs.judge_analyses import printed_records
from parity.study.analyses.quantile import QuantileSettings
from parity.study.load import load_study, parse_study
from parity.table.noted import noted

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
TOML = """
[study]
title = "Beer taxes"
unit = "state"
time = "year"

[derive]
frate = "fatal / pop * 10000"

[spec.plain]
formula = "frate ~ unemp + beertax + log(income)"
vcov = "iid"
convention = "regress"

[spec.laws]
formula = "frate ~ beertax + unemp + log(income) | state + year"
vcov = { cluster = ["state"] }
convention = "reghdfe"

[quantile.iid]
spec = "plain"

[quantile.robust]
spec = "plain"
at = [0.1, 0.9]
errors = "robust"

[quantile.canay]
spec = "laws"
method = "canay"

[quantile.moments]
spec = "laws"
method = "moments"

[quantile.drawn]
spec = "laws"
method = "moments"
at = [0.3]
errors = "bootstrap"
draws = 12
"""


def study(more: str = "", text: str = TOML):
    return parse_study(text + more, FIXTURES / "fatalities" / "study.toml")


def samples(text: str = TOML) -> dict[str, Sample]:
    return {n.split(".")[1]: p for n, p in ANALYSIS.parts(study(text=text)) if not isinstance(p, Nothing)}


@pytest.fixture(scope="module")
def parts():
    return samples()


@pytest.fixture(scope="module")
def data():
    d = pd.read_csv(FIXTURES / "fatalities" / "data.csv")
    return d.assign(frate=d.fatal / d["pop"] * 10000, lincome=np.log(d.income))


def of_engel(**settings) -> Sample:
    d = engel.load_pandas().data
    n = len(d)
    s = QuantileSettings(spec="s", at=(0.25, 0.5, 0.9), **settings)
    return Sample(s, d.foodexp.to_numpy(), d[["income"]].to_numpy(), ("income",), True, {}, "regression", s.errors,
                  np.arange(n), tuple(map(str, range(n))), "")  # fmt: skip


#: quantreg 6.1 of Engel's data (Koenker and Bassett 1982), summary(rq(foodexp ~ income, tau), se = "nid" and "ker"), as its
#: vignette prints them of the median: value, error of the intercept and of income.
QUANTREG = {
    "0.25": (("95.48354", "0.47410"), ("21.39237", "0.02906"), ("24.16392", "0.02955")),
    "0.5": (("81.48225", "0.56018"), ("19.25066", "0.02828"), ("30.21532", "0.03732")),
    "0.9": (("67.35087", "0.68630"), ("22.39538", "0.02849"), ("22.56920", "0.02796")),
}


def test_engels_curve_is_that_of_quantreg():
    for density, at in (("fitted", 1), ("kernel", 2)):
        found = quantiles(of_engel(errors="robust", density=density)).numbers
        for q, printed in QUANTREG.items():
            assert [f"{v:.5f}" for v in found[q].values()] == list(printed[0])
            # its densities of fitted values have 1.5e-8 taken from every difference
            for v, text in zip(found[f"{q} se"].values(), printed[at], strict=True):
                assert v == pytest.approx(float(text), abs=0.51e-5 + 1e-7 * v)
    found = quantiles(of_engel(errors="robust", bandwidth="bofinger")).numbers
    assert [f"{v:.5f}" for v in found["0.25 se"].values()] == ["21.96161", "0.02930"]


@pytest.mark.parametrize("rule", ["hall-sheather", "bofinger-stata", "chamberlain"])
def test_iid_errors_by_a_kernel_are_those_of_statsmodels(rule):
    """Whose width has the outcome's standard deviation for the residuals', where that is the smaller: not in these data."""
    name = {"hall-sheather": "hsheather", "bofinger-stata": "bofinger", "chamberlain": "chamberlain"}[rule]
    found = quantiles(of_engel(errors="iid", density="kernel", kernel="epan2", quartiles="linear", bandwidth=rule)).numbers
    d = engel.load_pandas().data
    for q in (0.25, 0.5, 0.9):
        fit = smf.quantreg("foodexp ~ income", d).fit(q=q, vcov="iid", kernel="epa", bandwidth=name, p_tol=1e-9)
        assert list(found[f"{q:g}"].values()) == pytest.approx(fit.params.tolist(), rel=1e-5)
        assert list(found[f"{q:g} se"].values()) == pytest.approx(fit.bse.tolist(), rel=1e-4)
        assert next(iter(found[f"{q:g} p"].values())) == pytest.approx(fit.pvalues.iloc[0], rel=1e-3)
        assert found["pseudo r2"][f"{q:g}"] == pytest.approx(
            fit.prsquared, rel=1e-4
        )  # its V0 is at an interpolated quantile


def test_iid_errors_by_a_kernel_are_those_that_stata_printed():
    """Stata 12, qreg, vce(iid, kernel()), in statsmodels' tests: quartiles are averaged; data in 4 bytes."""
    names = {"hsheather": "hall-sheather", "bofinger": "bofinger-stata", "chamberlain": "chamberlain"}
    tried = 0
    for name, there in vars(results_quantile_regression).items():
        kind, *rest = name.split("_")
        if kind in ("epanechnikov", "epan2", "gaussian"):
            kind = "epan2" if there.q == 0.75 else kind  # as statsmodels asks for it
            how = {"kernel": kind, "bandwidth": names[rest[0]], "quartiles": "averaged" if kind == "gaussian" else None}
            s = of_engel(errors="iid", density="kernel", **how)
            s = replace(s, y=s.y.astype("float32").astype(float), x=s.x.astype("float32").astype(float))
            found = quantiles(replace(s, settings=s.settings.model_copy(update={"at": (there.q,)}))).numbers
            for at, row in (("income", there.table[0]), ("(Intercept)", there.table[1])):
                assert found[f"{there.q:g}"][at] == pytest.approx(row[0], rel=1e-6), name
                assert found[f"{there.q:g} se"][at] == pytest.approx(row[1], rel=5e-6), name
            tried += 1
    assert tried == 10


def test_errors_by_residuals_and_clusters_are_by_their_formulas(parts):
    s = parts["iid"]
    x, n = np.column_stack([np.ones(len(s.y)), s.x]), len(s.y)
    iid = replace(s, settings=s.settings.model_copy(update={"density": "residuals", "at": (0.3,)}))
    fit = quantile_regression(x, s.y, 0.3)
    h = errors_module.bandwidth("hall-sheather", n, 0.3)
    assert h == pytest.approx(
        n ** (-1 / 3)
        * norm.ppf(0.975) ** (2 / 3)
        * (1.5 * norm.pdf(norm.ppf(0.3)) ** 2 / (2 * norm.ppf(0.3) ** 2 + 1)) ** (1 / 3)
    )
    e = np.sort(fit.residuals[fit.residuals != 0])
    assert len(e) == n - 4
    rank = lambda p: e[int(np.ceil(p * len(e))) - 1]  # noqa: E731
    v = 0.3 * 0.7 * ((rank(0.3 + h) - rank(0.3 - h)) / (2 * h)) ** 2 * np.linalg.inv(x.T @ x)
    assert list(quantiles(iid).numbers["0.3 se"].values()) == pytest.approx(np.sqrt(np.diag(v)), rel=1e-8)
    code = np.arange(n) // 7
    clustered = replace(s, errors="cluster", code=code, settings=s.settings.model_copy(update={"density": "kernel"}))
    fit = quantile_regression(x, s.y, 0.25)
    f = errors_module.densities(fit.residuals, 0.25, errors_module.bandwidth("hall-sheather", n, 0.25), "gaussian", "linear")
    bread = np.linalg.inv(x.T @ (x * f[:, None]))
    sums = [x[code == g].T @ (0.25 - (fit.residuals[code == g] <= 0)) for g in np.unique(code)]
    v = bread @ sum(np.outer(u, u) for u in sums) @ bread
    assert list(quantiles(clustered).numbers["0.25 se"].values()) == pytest.approx(np.sqrt(np.diag(v)), rel=1e-7)


def test_moments_solve_their_equations_and_their_errors_are_those_of_the_equations(parts, data):
    """Location and scale by dummies; the quantile by sorting; errors of all equations at once, dummies among them."""
    s, found = parts["moments"], quantiles(parts["moments"]).numbers
    location = smf.ols("frate ~ beertax + unemp + lincome + C(state) + C(year)", data).fit()
    scale = smf.ols(
        "spread ~ beertax + unemp + lincome + C(state) + C(year)", data.assign(spread=location.resid.abs())
    ).fit()
    names = ["beertax", "unemp", "lincome"]
    assert list(found["location"].values()) == pytest.approx(location.params[names].tolist(), rel=1e-8)
    assert list(found["scale"].values()) == pytest.approx(scale.params[names].tolist(), rel=1e-7)
    x, r, sigma = location.model.exog, location.resid.to_numpy(), scale.fittedvalues.to_numpy()
    assert sigma.min() > 0
    order = np.argsort(r / sigma)
    reached = np.cumsum(sigma[order]) >= 0.25 * sigma.sum()
    q = float((r / sigma)[order][reached][0])
    assert found["q"]["0.25"] == pytest.approx(q, rel=1e-9)
    assert list(found["0.25"].values()) == pytest.approx((location.params + q * scale.params)[names].tolist(), rel=1e-7)
    f, k, n = found["density"]["0.25"], x.shape[1], len(r)
    share = (r >= 0).mean()
    slopes = np.zeros((2 * k + 1, 2 * k + 1))  # of the means of the three equations' functions
    slopes[:k, :k] = slopes[k : 2 * k, k : 2 * k] = -x.T @ x / n
    slopes[k : 2 * k, :k] = -(2 * share - 1) * x.T @ x / n
    slopes[2 * k, :k], slopes[2 * k, k : 2 * k] = -f * x.mean(axis=0), -f * q * x.mean(axis=0)
    slopes[2 * k, 2 * k] = -f * sigma.mean()
    below = (r / sigma) <= q * (1 + 1e-12 * np.sign(q))
    each = np.column_stack([x * r[:, None], x * (np.abs(r) - sigma)[:, None], sigma * (0.25 - below)])
    sums = pd.DataFrame(each).groupby(data.state.to_numpy()).sum().to_numpy()
    inverse = np.linalg.pinv(slopes) / n
    v = inverse @ (sums.T @ sums) @ inverse.T
    at = [location.model.exog_names.index(name) for name in names]
    pick = np.zeros((3, 2 * k + 1))
    for row, i in enumerate(at):
        pick[row, i], pick[row, k + i], pick[row, 2 * k] = 1.0, q, scale.params.iloc[i]
    assert list(found["0.25 se"].values()) == pytest.approx(np.sqrt(np.diag(pick @ v @ pick.T)), rel=1e-6)
    assert list(found["scale se"].values()) == pytest.approx(np.sqrt(np.diag(v)[[k + i for i in at]]), rel=1e-6)
    assert s.errors == "cluster" and found["0.25 p"]["unemp"] == pytest.approx(
        2 * norm.sf(abs(found["0.25"]["unemp"] / found["0.25 se"]["unemp"])), rel=1e-9
    )


def test_canays_second_step_is_a_regression_of_the_outcome_less_its_effects(parts, data):
    fit = smf.ols("frate ~ beertax + unemp + lincome + C(state) + C(year)", data).fit()
    x = data[["beertax", "unemp", "lincome"]]
    effects = fit.fittedvalues - x.to_numpy() @ fit.params[x.columns].to_numpy()
    y = (data.frate - (effects - effects.mean())).to_numpy()
    z = np.column_stack([np.ones(len(y)), x])
    n, k = z.shape
    c = np.concatenate([np.zeros(k), np.full(n, 0.75), np.full(n, 0.25)])
    free = [(None, None)] * k + [(0, None)] * (2 * n)
    primal = linprog(c, A_eq=np.hstack([z, np.eye(n), -np.eye(n)]), b_eq=y, bounds=free)
    assert list(quantiles(parts["canay"]).numbers["0.75"].values()) == pytest.approx(primal.x[:k], rel=1e-6)


def test_a_bootstrap_draws_whole_clusters(parts):
    s = parts["drawn"]
    found, spread = quantiles(s), []
    for drawn in s.draws().values:
        rows = np.concatenate([np.flatnonzero(s.code == g) for g in drawn])
        again = replace(s, y=s.y[rows], x=s.x[rows], effects={k: v[rows] for k, v in s.effects.items()})
        spread.append(module.estimated(again, (0.3,), np.ones(len(rows))).b["0.3"])
    assert list(found.numbers["0.3 se"].values()) == pytest.approx(np.std(spread, axis=0, ddof=1), rel=1e-7)


def test_a_solution_that_is_not_the_only_one_is_not_shown():
    """Of an even number of rows the median is an interval; a quartile of ten is one row."""
    y = np.arange(10.0)
    group = np.repeat([0.0, 1.0], 5)
    one = np.ones((10, 1))
    assert moving(one, y, quantile_regression(one, y, 0.5)) == [(0, pytest.approx(4.0), pytest.approx(5.0))]
    assert moving(one, y, quantile_regression(one, y, 0.25)) == []
    tied = np.array([1.0, 1, 2, 2, 2, 2, 3, 3, 3, 3])
    assert moving(one, tied, quantile_regression(one, tied, 0.5)) == []  # the middle ones are the same
    s = Sample(QuantileSettings(spec="s", at=(0.2, 0.25), density="residuals"), y + group, group[:, None], ("g",), True, {},
               "regression", "iid", np.arange(10), tuple("abcdefghij"), "")  # fmt: skip
    found = quantiles(s)
    assert found.at == (0.25,) and "at 0.2 other solutions are as good" in found.notes[0]
    assert "0.2" not in found.numbers and "不唯一" in noted(found.notes[0], "zh")
    with pytest.raises(Unestimable, match="as good"):
        quantiles(replace(s, settings=s.settings.model_copy(update={"at": (0.2,)})))


@needs_r
def test_r_finds_the_same():
    records = records_of(ANALYSIS, study(), "live")
    assert len(records) == 5 and {r.verdict for r in records} == {"agree"} and all(r.digits > 9 for r in records)


#: What a program may get wrong: module, attribute -> what stands in its place, given the right one.
WRONG = {
    "a bandwidth off by 1e-5": (errors_module, "bandwidth", lambda true: lambda *a: true(*a) * (1 + 1e-5)),
    "n for n - k": (module, "stdtr", lambda true: lambda df, t: true(df + 4, t)),
    "a solution beside the corner": (
        module, "quantile_regression",
        lambda true: lambda *a: replace(fit := true(*a), b=fit.b * (1 + 1e-8)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_an_engine_that_is_subtly_wrong_turns_it_red(name, parts, monkeypatch):
    right = quantiles(parts["robust"]).numbers
    where, place, wrong = WRONG[name]
    monkeypatch.setattr(where, place, wrong(getattr(where, place)))
    off = quantiles(parts["robust"]).numbers
    assert compare_quantiles(right, right).verdict == "agree" and compare_quantiles(right, off).verdict == "disagree"


def test_effects_that_are_not_taken_out_turn_it_red(parts, monkeypatch):
    right = quantiles(parts["canay"]).numbers
    monkeypatch.setattr(module, "without_effects", lambda s, w: s.y)
    assert compare_quantiles(right, quantiles(parts["canay"]).numbers).verdict == "disagree"
    assert moments_module.without_effects(parts["canay"], np.ones(len(parts["canay"].y))).std() < parts["canay"].y.std()


def entry(of: str, statistic: str) -> str:
    return f'\n[[published]]\nanalysis = "quantile.{of}"\nterm = "beertax"\nsource = "s"\nstatistic = {{ {statistic} }}\n'


def test_another_convention_behind_a_printed_number_is_named(parts):
    s = parts["iid"]
    found = quantiles(s).numbers
    right = entry("iid", f'"0.5" = "{found["0.5"]["beertax"]:.6f}", "0.5 se" = "{found["0.5 se"]["beertax"]:.6f}"')
    assert {r.verdict for r in printed_records(study(right), ())} == {"agree"}
    cases = {
        "quantile-nid": {"errors": "robust"},
        "quantile-ker": {"errors": "robust", "density": "kernel"},
        "quantile-iid-residuals": {"density": "residuals"},
        "bandwidth-bofinger": {"bandwidth": "bofinger"},
        "bandwidth-chamberlain": {"bandwidth": "chamberlain"},
    }
    for cause, change in cases.items():
        settings = s.settings.model_copy(update=change)
        other = quantiles(replace(s, settings=settings, errors=settings.errors or "iid")).numbers
        printed = ", ".join(f'"{q} se" = "{other[f"{q} se"]["beertax"]:.6f}"' for q in ("0.25", "0.75"))
        records = printed_records(study(entry("iid", printed)), ())
        assert all(cause in [c.id for c in r.causes] for r in records if r.verdict != "agree"), cause
        assert any(r.verdict != "agree" for r in records)
    other = quantiles(parts["canay"]).numbers
    (record,) = printed_records(study(entry("moments", f'"0.75" = "{other["0.75"]["beertax"]:.7f}"')), ())
    assert [c.id for c in record.causes] == ["method-canay"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('spec = "laws"\nmethod = "canay"', 'spec = "laws"', 'method = "canay" or "moments"'),
        ("at = [0.1, 0.9]", "at = [0.1, 0.1]", "each of them once"),
        ("at = [0.1, 0.9]", "at = [10, 90]", "quantiles between 0 and 1"),
        ('errors = "robust"', 'errors = "cluster"', "no cluster variables"),
        ('errors = "robust"', 'errors = "robust"\ndensity = "residuals"', 'errors = "iid"'),
        ('spec = "plain"', 'spec = "plian"', "did you mean `plain`"),
        ('method = "moments"\n', 'method = "moments"\nerrors = "iid"\n', 'errors: of moments "robust"'),
    ],
)  # fmt: skip
def test_mistakes_are_said(old, new, said):
    with pytest.raises(InputError) as error:
        study(text=TOML.replace(old, new, 1))
    assert said in str(error.value)


def test_the_bundled_ones_agree_with_rs_frozen_answers():
    for name, count in (("fatalities", 1), ("digital_trade", 2)):
        records = records_of(ANALYSIS, load_study(FIXTURES / name), "frozen")
        assert len(records) == count and {r.verdict for r in records} == {"agree"}
        for record in records:
            assert record.checked >= 20 and not any(
                c.isascii() and c.isalpha() for c in noted(record.note, "zh").split("；")[0]
            )
