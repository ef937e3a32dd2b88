"""What xtreg prints beside coefficients, xtscc, and the likelihoods of logit and probit.

Numbers of xtreg: the windows of `xtreg invest mvalue kstock, fe` and `re` on Grunfeld's data in [XT] xtreg's examples; the
likelihoods are held against statsmodels, xtscc against its formula in plain numpy.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from parity.stata.do import run_do


@pytest.fixture(scope="module")
def grunfeld(tmp_path_factory):
    """Ten large firms, 1935 to 1954, without American Steel, as Stata has them."""
    from statsmodels.datasets import grunfeld

    folder = tmp_path_factory.mktemp("grunfeld")
    data = grunfeld.load_pandas().data
    data = data[data.firm != "American Steel"]
    data = data.assign(company=pd.factorize(data.firm)[0] + 1).drop(columns="firm")
    data.to_csv(folder / "g.csv", index=False)
    return folder, data


def last(folder, *commands):
    done = run_do("\n".join(("import delimited g.csv, asdouble", "xtset company year", *commands)), folder)
    assert not [f for f in done.findings if f.taints]
    done.estimations[-1].results.filled()
    return done.estimations[-1]


def test_what_xtreg_prints_beside_fixed_effects(grunfeld):
    numbers = last(grunfeld[0], "xtreg invest value capital, fe").results.numbers
    due = {"r2_w": 0.7668, "r2_b": 0.8194, "r2_o": 0.8060, "corr": -0.1517, "sigma_u": 85.7325, "sigma_e": 52.768,
           "rho": 0.725250, "F_f": 49.18, "N_g": 10, "F": 309.01}  # fmt: skip
    for name, printed in due.items():
        assert numbers[name] == pytest.approx(printed, abs=0.5 * 10.0 ** -len(str(printed).partition(".")[2])), name


def test_what_xtreg_prints_beside_random_effects(grunfeld):
    numbers = last(grunfeld[0], "xtreg invest value capital, re").results.numbers
    due = {"r2_w": 0.7668, "r2_b": 0.8196, "r2_o": 0.8061, "sigma_u": 84.20095, "chi2": 657.67}
    for name, printed in due.items():
        assert numbers[name] == pytest.approx(printed, abs=0.5 * 10.0 ** -len(str(printed).partition(".")[2])), name


def test_breusch_and_pagans_test_of_random_effects(grunfeld):
    """[XT] xtreg postestimation prints chibar2(01) = 798.16 for these data."""
    done = run_do(
        "import delimited g.csv, asdouble\nxtset company year\nxtreg invest value capital, re\nxttest0", grunfeld[0]
    )
    numbers = done.printed[-1].numbers
    assert numbers["lm"] == pytest.approx(798.16, abs=0.005) and numbers["p"] < 1e-100
    assert done.printed[-1].values["variances"]["u"] == pytest.approx(84.20095**2, rel=1e-6)


def test_the_foot_of_areg_is_the_same_test(grunfeld):
    numbers = last(grunfeld[0], "areg invest value capital, absorb(company)").results.numbers
    assert numbers["F_f"] == pytest.approx(49.18, abs=0.005)
    assert numbers["levels"] == 10


def kraay(x, residuals, time, lags):
    """Sum of products of scores by period, near ones weighted down."""
    scores = np.array([(x * residuals[:, None])[time == t].sum(axis=0) for t in np.unique(time)])
    total = scores.T @ scores
    for lag in range(1, lags + 1):
        pair = scores[lag:].T @ scores[:-lag]
        total += (1 - lag / (lags + 1)) * (pair + pair.T)
    bread = np.linalg.inv(x.T @ x)
    return bread @ total @ bread


@pytest.mark.parametrize("option", ["", "fe"])
def test_xtscc_scales_driscoll_and_kraay(grunfeld, option):
    folder, data = grunfeld
    found = last(folder, f"xtscc invest value capital, {option}")
    moved = data.copy()
    if option == "fe":
        for name in ("invest", "value", "capital"):
            moved[name] -= data.groupby("company")[name].transform("mean") - data[name].mean()
    x = np.column_stack([moved.value, moved.capital, np.ones(len(data))])
    b = np.linalg.lstsq(x, moved.invest, rcond=None)[0]
    lags = int(4 * (20 / 100) ** (2 / 9))
    n, periods = len(data), 20
    v = kraay(x, moved.invest.to_numpy() - x @ b, data.year.to_numpy(), lags) * periods / (periods - 1) * (n - 1) / (n - 3)
    assert lags == 2
    assert [c.b for c in found.coefficients] == pytest.approx(b.tolist(), rel=1e-8)
    assert [c.se for c in found.coefficients] == pytest.approx(np.sqrt(np.diag(v)).tolist(), rel=1e-7)
    assert found.results.numbers["df_r"] == periods - 1


@pytest.mark.parametrize(("more", "within"), [("", 2), ("size", 2), ("year", 3)])
def test_xtscc_of_random_effects_counts_what_varies_within_units(grunfeld, more, within):
    """xtscc.ado 1.4: k is e(rank) and the degrees of freedom of chi2 = F e(df_m) are e(df_m), both of `regress` on the data
    within units, where regress drops what doesn't vary. Logs with one such regressor beside another have k = 2, chi2(1).
    """
    from scipy import special

    folder, data = grunfeld
    x = f"value capital {more}"
    names = x.split()
    size = "egen double size = mean(capital), by(company)"
    plain, found = last(folder, size, f"xtreg invest {x}, re"), last(folder, size, f"xtscc invest {x}, re lag(2)")
    data = data.assign(size=data.groupby("company").capital.transform("mean"), one=1.0)
    assert [c.b for c in found.coefficients] == pytest.approx([c.b for c in plain.coefficients], rel=1e-12)
    numbers = plain.results.numbers
    theta = 1 - np.sqrt(numbers["sigma_e"] ** 2 / (20 * numbers["sigma_u"] ** 2 + numbers["sigma_e"] ** 2))
    columns = data[[*names, "one", "invest"]]
    moved = (columns - theta * columns.groupby(data.company).transform("mean")).to_numpy()
    x, y = moved[:, :-1], moved[:, -1]
    v = kraay(x, y - x @ [c.b for c in plain.coefficients], data.year.to_numpy(), 2) * 20 / 19 * 199 / (199 - within)
    assert [c.se for c in found.coefficients] == pytest.approx(np.sqrt(np.diag(v)).tolist(), rel=1e-7)
    q = len(names)
    slopes = np.array([c.b for c in plain.coefficients])[:q]
    chi2 = slopes @ np.linalg.solve(v[:q, :q], slopes) / q * within
    assert found.results.numbers["chi2"] == pytest.approx(chi2, rel=1e-7)
    assert found.results.numbers["p"] == pytest.approx(special.chdtrc(within, chi2), rel=1e-6)


def test_analytic_weights_sum_to_the_rows(grunfeld):
    """Root MSE, whatever the weights sum to: a log has weights that sum to one."""
    folder, data = grunfeld
    weighted = sm.WLS(data.invest, sm.add_constant(data[["value"]]), weights=data.capital / data.capital.mean()).fit()
    found = last(folder, "gen w = capital / 1000", "regress invest value [aw=w]")
    assert found.results.numbers["rmse"] == pytest.approx(np.sqrt(weighted.mse_resid), rel=1e-7)


def test_rmse_of_instruments_divides_by_the_rows(grunfeld):
    """ivregress and ivreg2 are large-sample unless small: e(rmse) divides by N. ivreg2.ado: sqrt(sigmasq) of rss / N; [R]
    ivregress has 22.166 for the rents of 50 states, 22.862 with small. A log has 1.1657 for 722 rows."""
    large = last(grunfeld[0], "ivregress 2sls invest (value = capital)").results.numbers["rmse"]
    small = last(grunfeld[0], "ivregress 2sls invest (value = capital), small").results.numbers["rmse"]
    assert large == pytest.approx(small * np.sqrt(198 / 200), rel=1e-12)


def test_what_ivreg2_says_of_one_instrument(grunfeld):
    """Of one endogenous column and one instrument F is the square of t in the first stage, robust or not."""
    first = last(grunfeld[0], "regress value capital year").coefficients[0]
    numbers = last(grunfeld[0], "ivreg2 invest year (value = capital)").results.numbers
    assert numbers["widstat"] == pytest.approx(first.t**2, rel=1e-8)
    assert numbers["cdf"] == numbers["widstat"] and "rkf" not in numbers
    first = last(grunfeld[0], "regress value capital year, vce(cluster company)").coefficients[0]
    numbers = last(grunfeld[0], "ivreg2 invest year (value = capital), cluster(company)").results.numbers
    assert numbers["rkf"] == numbers["widstat"] == pytest.approx(first.t**2, rel=1e-8)


def test_effects_within_the_clusters_count_as_one_coefficient_of_ivreghdfe(grunfeld):
    """As reghdfe counts them: the first stage's t, squared, under that count."""
    command = "ivreghdfe invest (value = capital), absorb(company year) cluster(company)"
    numbers = last(grunfeld[0], command).results.numbers
    first = last(grunfeld[0], "reghdfe value capital, absorb(company year) vce(cluster company)").coefficients[0]
    assert numbers["widstat"] == pytest.approx(first.t**2, rel=1e-8)


# ---------------------------------------------------------------- likelihoods


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chosen")
    rng = np.random.default_rng(1)
    n = 400
    data = pd.DataFrame({
        "x": rng.normal(size=n), "z": rng.integers(0, 3, n), "g": rng.integers(0, 25, n), "w": rng.integers(1, 4, n),
        "d": rng.random(n) < 0.1,
    }).astype(float)  # fmt: skip
    data["y"] = ((0.5 * data.x - 0.3 * data.z + rng.logistic(size=n)) > 0).astype(float)
    data.loc[data.d == 1, "y"] = 1.0
    data.to_csv(folder / "c.csv", index=False)
    return folder, data


def maximised(folder, command):
    (found,) = run_do(f"import delimited c.csv, asdouble\n{command}", folder).estimations
    return found, [c.b for c in found.coefficients], [c.se for c in found.coefficients]


@pytest.mark.parametrize(("command", "model"), [("logit", sm.Logit), ("probit", sm.Probit), ("logistic", sm.Logit)])
def test_a_likelihood_has_its_maximum(chosen, command, model):
    folder, data = chosen
    found, b, se = maximised(folder, f"{command} y x i.z")
    x = np.column_stack([data.x, data.z == 1, data.z == 2, np.ones(len(data))]).astype(float)
    due = model(data.y, x).fit(disp=0, tol=1e-12)
    assert b == pytest.approx(due.params.tolist(), rel=1e-7)
    assert se == pytest.approx(due.bse.tolist(), rel=1e-7)
    numbers = found.results.numbers
    assert (numbers["ll"], numbers["r2_p"], numbers["chi2"]) == pytest.approx((due.llf, due.prsquared, due.llr), rel=1e-8)
    assert found.request.model == {"logistic": "logit"}.get(command, command)


@pytest.mark.parametrize("option", ["r", "vce(cluster g)"])
def test_robust_scores_of_a_likelihood(chosen, option):
    """[P] _robust: N/(N - 1) or G/(G - 1), nothing for the coefficients."""
    folder, data = chosen
    _, b, se = maximised(folder, f"logit y x, {option}")
    x = np.column_stack([data.x, np.ones(len(data))])
    p = 1 / (1 + np.exp(-x @ b))
    bread = np.linalg.inv((x * (p * (1 - p))[:, None]).T @ x)
    scores = pd.DataFrame(x * (data.y - p).to_numpy()[:, None])
    groups = scores if option == "r" else scores.groupby(data.g).sum()
    v = bread @ (groups.T.to_numpy() @ groups.to_numpy()) @ bread * len(groups) / (len(groups) - 1)
    assert se == pytest.approx(np.sqrt(np.diag(v)).tolist(), rel=1e-8)


def test_a_perfect_predictor_goes_with_its_rows(chosen):
    folder, data = chosen
    found, b, _ = maximised(folder, "logit y x d")
    rest = data[data.d == 0]
    due = sm.Logit(rest.y, np.column_stack([rest.x, np.ones(len(rest))])).fit(disp=0, tol=1e-12)
    assert b == pytest.approx(due.params.tolist(), rel=1e-7)
    assert found.results.numbers["N"] == len(rest)
    assert found.estimated.omitted == ("d",)


def test_frequency_weights_are_rows(chosen):
    folder, data = chosen
    found, b, se = maximised(folder, "logit y x [fw=w]")
    rows = data.loc[data.index.repeat(data.w.astype(int))]
    due = sm.Logit(rows.y, np.column_stack([rows.x, np.ones(len(rows))])).fit(disp=0, tol=1e-12)
    assert b == pytest.approx(due.params.tolist(), rel=1e-7)
    assert se == pytest.approx(due.bse.tolist(), rel=1e-7)
    assert found.results.numbers["N"] == len(rows)


def test_no_maximum_is_declined(chosen):
    from parity.stata_language.request import Declined

    (found,) = run_do("import delimited c.csv, asdouble\ngen s = x > 0\nlogit s x", chosen[0]).estimations
    with pytest.raises(Declined, match=r"perfectly|no maximum|no single"):
        _ = found.estimated


def test_what_follows_a_likelihood(chosen):
    """predict is the probability; what is known of linear models alone says so."""
    folder, data = chosen
    done = run_do("import delimited c.csv, asdouble\nlogit y x\npredict p\nvif\nmargins [fw=y]\n", folder)
    b = [c.b for c in done.estimations[0].coefficients]
    assert done.data["p"].values == pytest.approx(1 / (1 + np.exp(-(data.x * b[0] + b[1]))), rel=1e-6)
    assert [(f.id, f.line) for f in done.findings] == [("stata-error", 4), ("stata-error", 5)]


def test_a_likelihood_is_a_spec_for_every_engine(chosen):
    """The command as keys of study.toml, whose estimate under Stata's convention is what e() holds."""
    from parity.compare.harmonise import harmonise
    from parity.engines import engine
    from parity.sample.build import build_design

    for line, model in (("logit y x, vce(cluster g)", "logit"), ("probit y x, r", "probit"), ("poisson y x", "poisson")):
        found, b, se = maximised(chosen[0], line)
        assert found.keys["model"] == model and found.keys["convention"] == "ml"
        resolved = found.resolved
        spec = resolved.spec
        design = build_design(resolved.study, spec, resolved.frame)
        for name in ("py-moments", "py-statsmodels"):
            got = harmonise(engine(name).estimate(spec, design), design.facts, spec)
            assert [got.quantities["coef", t].value for t in ("x", "(Intercept)")] == pytest.approx(b, rel=1e-8)
            assert [got.quantities["se", t].value for t in ("x", "(Intercept)")] == pytest.approx(se, rel=1e-7)


def test_poisson_as_statsmodels_has_it(chosen):
    folder, data = chosen
    found, b, se = maximised(folder, "poisson y x")
    due = sm.Poisson(data.y, np.column_stack([data.x, np.ones(len(data))])).fit(disp=0, tol=1e-12)
    assert b == pytest.approx(due.params.tolist(), rel=1e-8) and se == pytest.approx(due.bse.tolist(), rel=1e-8)
    assert found.results.numbers["ll"] == pytest.approx(due.llf, rel=1e-12)
    done = run_do("import delimited c.csv, asdouble\npoisson y x\npredict n\n", folder)
    assert done.data["n"].values == pytest.approx(due.predict(), rel=1e-6)
