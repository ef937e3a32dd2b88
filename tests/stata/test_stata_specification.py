"""Tests of a model as it stands, and by ranks: against statsmodels and scipy, and examples of Stata's manuals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.stata.do import run_do

N = 60
SERIES = """clear
set obs 60
set type double
gen t = _n
tsset t
gen x = sin(t) + t / 50
gen z = cos(3 * t)
gen y = 1 + 2 * x + x^2 / 3 + z / 5 + sin(7 * t) / 2
"""
#: Box and Jenkins (1976), series G: passengers of airlines, 1949 to 1960.
AIR = """112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432"""
FUEL = (20, 23, 21, 25, 18, 17, 18, 24, 20, 24, 23, 19), (24, 25, 21, 22, 23, 18, 17, 28, 24, 27, 21, 23)


def after(folder, text: str) -> dict:
    """r() as the last test of a program printed it."""
    found = run_do(text, folder)
    assert not [f for f in found.findings if f.id != "trap"], found.findings
    return {p.kind: p.values for p in found.printed}


def columns() -> pd.DataFrame:
    t = np.arange(1.0, N + 1)
    x, z = np.sin(t) + t / 50, np.cos(3 * t)
    return pd.DataFrame({"t": t, "x": x, "z": z, "y": 1 + 2 * x + x**2 / 3 + z / 5 + np.sin(7 * t) / 2})


@pytest.fixture(scope="module")
def fit():
    import statsmodels.formula.api as smf

    return smf.ols("y ~ x + z", columns()).fit()


def test_ramseys_test_is_that_of_powers_of_the_fitted_values(tmp_path, fit):
    from statsmodels.stats.diagnostic import linear_reset

    got = after(tmp_path, SERIES + "regress y x z\nestat ovtest\n")["ovtest"]
    wanted = linear_reset(fit, power=4, use_f=True)
    # the powers are of type float
    assert (got["F"], got["p"]) == pytest.approx((wanted.fvalue, wanted.pvalue), rel=1e-5)
    assert (got["df"], got["df_r"]) == (3, N - 6)


def test_linktest_is_t_of_the_squared_fit_and_leaves_the_estimates(tmp_path, fit):
    import statsmodels.formula.api as smf

    hat = fit.fittedvalues.astype(np.float32).astype(float)
    both = columns().assign(hat=hat, hatsq=(hat**2).astype(np.float32).astype(float))
    wanted = smf.ols("y ~ hat + hatsq", both).fit()
    found = run_do(SERIES + "regress y x z\nlinktest\ndisplay _b[x]\n", tmp_path)
    linked, shown = (next(p for p in found.printed if p.kind == kind) for kind in ("linktest", "display"))
    assert linked.numbers["t"] == pytest.approx(wanted.tvalues.iloc[2], rel=1e-9)
    assert float(shown.values["text"]) == pytest.approx(fit.params["x"], rel=1e-6)


def test_serial_correlation_in_the_order_of_time(tmp_path, fit):
    from statsmodels.stats.diagnostic import acorr_breusch_godfrey
    from statsmodels.stats.stattools import durbin_watson

    text = SERIES + "gen u = -mod(7 * t, 61)\nsort u\nregress y x z\n"
    got = after(tmp_path, text + "estat dwatson\nestat bgodfrey, lags(2)\n")
    assert got["dwatson"]["dw"] == pytest.approx(durbin_watson(fit.resid), rel=1e-9)
    chi2, p = acorr_breusch_godfrey(fit, nlags=2)[:2]
    assert (got["bgodfrey"]["chi2"], got["bgodfrey"]["p"]) == pytest.approx((chi2, p), rel=1e-9)


def test_lrtest_takes_the_models_in_either_order_and_none_with_robust_errors(tmp_path, fit):
    import statsmodels.formula.api as smf

    less = smf.ols("y ~ x", columns()).fit()
    text = SERIES + "regress y x z\nestimates store a\nregress y x\nestimates store b\n"
    for asked in ("lrtest a b", "lrtest b a", "lrtest a"):
        got = after(tmp_path, text + asked + "\n")["lrtest"]
        assert (got["chi2"], got["df"]) == pytest.approx((2 * (fit.llf - less.llf), 1), rel=1e-9)
    robust = run_do(text + "regress y z, robust\nestimates store c\nlrtest a c\n", tmp_path)
    assert any("robust vce" in f.text for f in robust.findings)


def test_goodness_of_fit_by_patterns_of_the_regressors(tmp_path):
    import statsmodels.api as sm

    text = SERIES + "gen k = int(4 * abs(sin(t)))\ngen b = mod(t, 3) == 0\n"
    frame = columns().assign(k=lambda d: np.floor(4 * np.abs(np.sin(d.t))), b=lambda d: (d.t % 3 == 0).astype(float))
    x = sm.add_constant(frame[["k"]])
    share = (
        frame.assign(p=sm.Logit(frame.b, x).fit(disp=0, tol=1e-14).predict(x)).groupby("k")[["b", "p"]].agg(["sum", "size"])
    )
    n, ones, expected = share["b", "size"], share["b", "sum"], share["p", "sum"]
    pearson = ((ones - expected) ** 2 / (expected * (1 - expected / n))).sum()
    got = after(tmp_path, text + "logit b k\nestat gof\n")["estat gof"]
    assert (got["chi2"], got["m"], got["df"]) == pytest.approx((pearson, len(n), len(n) - 2), rel=1e-8)
    fitted = sm.GLM(frame.k, sm.add_constant(frame[["x"]]), family=sm.families.Poisson()).fit(tol=1e-14)
    got = after(tmp_path, text + "poisson k x\nestat gof\n")["estat gof"]
    assert (got["chi2_d"], got["chi2_p"]) == pytest.approx((fitted.deviance, fitted.pearson_chi2), rel=1e-8)


def test_dfuller_of_the_airlines_as_the_manual_prints_it(tmp_path):
    """[TS] dfuller, examples 1 and 2: -1.748 (0.4065), and with a trend and three lags -6.936 (0.0000)."""
    (tmp_path / "air.csv").write_text("air\n" + "\n".join(AIR.split()), encoding="utf-8")
    head = "import delimited air.csv\ngen t = _n\ntsset t\n"
    plain = after(tmp_path, head + "dfuller air\n")["dfuller"]
    assert (round(plain["Zt"], 3), round(plain["p"], 4), plain["N"]) == (-1.748, 0.4065, 143)
    trend = after(tmp_path, head + "dfuller air, lags(3) trend\n")["dfuller"]
    assert (round(trend["Zt"], 3), round(trend["p"], 4), trend["N"]) == (-6.936, 0.0, 140)


@pytest.mark.parametrize(("option", "terms"), [("", "c"), ("trend", "ct")])
def test_p_of_a_unit_root_is_statsmodels(option, terms):
    from statsmodels.tsa.adfvalues import mackinnonp

    from parity.stata.commands.specification import _mackinnon

    for t in (-25.0, -6.0, -3.1, -2.0, -1.2, 0.3, 4.0):
        assert _mackinnon(t, option or "constant") == pytest.approx(mackinnonp(t, regression=terms), rel=1e-12)


def test_rank_tests_as_the_manuals_print_them(tmp_path):
    """[R] signrank, example 1: z = -1.973, p = 0.0485; [R] ranksum, example 1: z = -1.279, p = 0.2010."""
    (tmp_path / "fuel.csv").write_text("a,b\n" + "\n".join(f"{x},{y}" for x, y in zip(*FUEL, strict=True)), encoding="utf-8")
    got = after(tmp_path, "import delimited fuel.csv\nsignrank a = b\n")["signrank"]
    assert (round(got["z"], 3), round(got["p"], 4)) == (-1.973, 0.0485)
    assert (got["N_pos"], got["N_neg"], got["N_tie"], got["sum_pos"], got["sum_neg"]) == (3, 8, 1, 13.5, 63.5)
    rows = "\n".join(f"{x},{treat}" for treat, side in enumerate(FUEL) for x in side)
    (tmp_path / "long.csv").write_text("mpg,treat\n" + rows, encoding="utf-8")
    got = after(tmp_path, "import delimited long.csv\nranksum mpg, by(treat)\n")["ranksum"]
    assert (round(got["z"], 3), round(got["p"], 4)) == (-1.279, 0.2010)


def test_what_is_no_estimate_of_theirs_is_a_finding(tmp_path):
    for text, said in (("estat ovtest", "last estimates not found"), ("regress y x [aw=t]\nestat ovtest", "not known here"),
                       ("regress y x\nestat gof", "not appropriate"), ("ranksum y, by(t)", "only 2 allowed"),
                       ("tsset, clear\ndfuller y", "time variable not set")):  # fmt: skip
        found = run_do(SERIES + text + "\n", tmp_path)
        assert any(said in f.text for f in found.findings), (text, found.findings)


@pytest.mark.parametrize(("cmd", "model"), [("logit", "Logit"), ("probit", "Probit"), ("poisson", "Poisson")])
def test_linktest_of_a_likelihood_is_the_same_command_on_its_prediction(cmd, model, tmp_path):
    import statsmodels.api as sm

    text = SERIES + "gen k = int(4 * abs(sin(t)))\ngen b = mod(t * t, 7) < 3\n"
    d = columns().assign(k=lambda d: np.floor(4 * np.abs(np.sin(d.t))), b=lambda d: (d.t**2 % 7 < 3).astype(float))
    outcome = "k" if cmd == "poisson" else "b"
    fitted = getattr(sm, model)
    x = sm.add_constant(d[["x", "z"]])
    hat = (x @ fitted(d[outcome], x).fit(disp=0, method="newton", tol=1e-14).params).astype(np.float32).astype(float)
    both = sm.add_constant(pd.DataFrame({"hat": hat, "hatsq": (hat**2).astype(np.float32).astype(float)}))
    wanted = fitted(d[outcome], both).fit(disp=0, method="newton", tol=1e-14)
    for options in ("", ", vce(robust)"):  # which linktest leaves out
        found = run_do(text + f"sort z\n{cmd} {outcome} x z{options}\nlinktest\ndisplay _b[x]\n", tmp_path)
        assert not [f for f in found.findings if f.id != "trap"], found.findings
        got = next(p for p in found.printed if p.kind == "linktest").numbers
        assert got["z"] == pytest.approx(wanted.tvalues["hatsq"], rel=1e-5)
        assert got["_hat"] == pytest.approx(wanted.params["hat"], rel=1e-5)


@pytest.mark.parametrize(("text", "said", "kind"), [
    ("regress y x, robust\nestat bgodfrey", "does not work after regress, robust; r(198)", "stata-error"),
    ("regress y x, noconstant\nestat ovtest", "not appropriate after regress, nocons; r(301)", "stata-error"),
    ("gen g = mod(t, 4)\nareg y x, absorb(g)\nestat ovtest", "r(301)", "stata-error"),
    ("ivregress 2sls y (x = z)\nlinktest", "not possible after ivregress; r(131)", "stata-error"),
    ("gen g = mod(t, 4)\nareg y x, absorb(g)\nlinktest", "linktest after areg is not known here", "not-run"),
    ("gen g = 1\nranksum y, by(g)", "1 group found, 2 required; r(499)", "stata-error"),
    ("gen g = mod(t, 3)\nranksum y, by(g)", "more than 2 groups found, only 2 allowed; r(499)", "stata-error"),
])  # fmt: skip
def test_where_stata_refuses_it_is_refused(text, said, kind, tmp_path):
    found = run_do(SERIES + text + "\n", tmp_path)
    assert any(said in f.text and (kind == "not-run" or f.id == kind) for f in found.findings), found.findings


def test_lags_of_bgodfrey_stand_in_order(tmp_path):
    found = run_do(SERIES + "regress y x\nestat bgodfrey, lags(3 1)\nmatrix d = r(df)\n", tmp_path)
    assert found.session.matrices["d"].values.tolist() == [[1.0, 3.0]]
