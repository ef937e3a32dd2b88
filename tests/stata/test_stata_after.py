"""What follows an estimation in a do-file, against numpy, statsmodels and recorded numbers; and `run_do`'s contract."""

from __future__ import annotations

import dataclasses
import math
import shutil

import numpy as np
import pytest

from conftest import ROOT
from parity.stata.do import run_do

HEAD = "import delimited data.csv\negen fid = group(firm)\nxtset fid year\ngen late = year > 1944\n"


@pytest.fixture
def do(tmp_path):
    shutil.copy(ROOT / "docs/examples/do_file/data.csv", tmp_path)
    return lambda text: run_do(HEAD + text, tmp_path)


def numbers(result, kind: str) -> dict:
    """Of the last print of a kind."""
    return [p.numbers for p in result.printed if p.kind == kind][-1]


def frame(result, *names):
    return [result.data[n].values for n in names]


def fitted(result):
    """y, X with a constant, OLS coefficients, their iid covariance: by numpy alone."""
    y, *x = frame(result, "inv", "value", "capital")
    x = np.column_stack([*x, np.ones(len(y))])
    b = np.linalg.solve(x.T @ x, x.T @ y)
    e = y - x @ b
    return y, x, b, e @ e / (len(y) - 3) * np.linalg.inv(x.T @ x), e


def test_e_b_and_se_are_those_of_the_regression(do):
    found = do("reg inv value capital\ndi _b[value]\nscalar s = _se[capital]\nmatrix V = e(V)\ngen z = e(r2)")
    y, _, b, v, e = fitted(found)
    estimation = found.estimations[0]
    assert [c.term for c in estimation.coefficients] == ["value", "capital", "_cons"]
    assert np.allclose([c.b for c in estimation.coefficients], b, rtol=1e-10)
    assert np.allclose(estimation.estimated.V, v, rtol=1e-9)
    assert found.session.scalars["s"] == pytest.approx(math.sqrt(v[1, 1]), rel=1e-10)
    assert np.allclose(found.session.matrices["V"].values, v, rtol=1e-9)
    r2 = 1 - e @ e / np.sum((y - y.mean()) ** 2)
    assert found.data["z"].values[0] == np.float32(r2)
    n = estimation.results.numbers
    assert (n["N"], n["df_m"], n["df_r"]) == (200, 2, 197)
    assert n["F"] == pytest.approx((r2 / 2) / ((1 - r2) / 197), rel=1e-10)
    assert n["rmse"] == pytest.approx(math.sqrt(e @ e / 197), rel=1e-12)
    assert n["r2_a"] == pytest.approx(1 - (1 - r2) * 199 / 197, rel=1e-12)
    assert n["ll"] == pytest.approx(-100 * (math.log(2 * math.pi * (e @ e) / 200) + 1), rel=1e-12)


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("test value", [[1, 0, 0]]),
        ("test value capital", [[1, 0, 0], [0, 1, 0]]),
        ("test value = capital", [[1, -1, 0]]),
        ("test (value = 2*capital) (capital = 0)", [[1, -2, 0], [0, 1, 0]]),
        ("testparm val*", [[1, 0, 0]]),
        ("test value\ntest capital, accumulate", [[1, 0, 0], [0, 1, 0]]),
    ],
)
def test_wald_tests(do, command, rows):
    found = do(f"reg inv value capital\n{command}")
    _, _, b, v, _ = fitted(found)
    r = np.array(rows, dtype=float)
    f = (r @ b) @ np.linalg.solve(r @ v @ r.T, r @ b) / len(r)
    said = numbers(found, "test")
    assert said["F"] == pytest.approx(f, rel=1e-9) and (said["df"], said["df_r"]) == (len(r), 197)
    from scipy import stats

    assert said["p"] == pytest.approx(stats.f.sf(f, len(r), 197), rel=1e-8)


def test_a_restriction_that_depends_on_others_is_dropped(do):
    said = numbers(do("reg inv value capital\ntest (value = 0) (2*value = 0)"), "test")
    assert (said["df"], said["drop"]) == (1, 1)


def test_lincom_and_the_delta_method(do):
    found = do(
        "reg inv value capital\nlincom value - 2*capital + 3\n"
        "nlcom (a: _b[value]/_b[capital]) (c: exp(_b[value])*ln(_b[capital])^2)"
    )
    _, _, b, v, _ = fitted(found)
    said = numbers(found, "lincom")
    w = np.array([1, -2, 0])
    assert said["estimate"] == pytest.approx(w @ b + 3, rel=1e-10)
    assert said["se"] == pytest.approx(math.sqrt(w @ v @ w), rel=1e-9)
    ratio, made = [p.numbers for p in found.printed if p.kind == "nlcom"]
    g = np.array([1 / b[1], -b[0] / b[1] ** 2, 0])
    assert ratio["se"] == pytest.approx(math.sqrt(g @ v @ g), rel=1e-9)
    log = math.log(b[1])
    g = np.array([math.exp(b[0]) * log**2, math.exp(b[0]) * 2 * log / b[1], 0])
    assert made["se"] == pytest.approx(math.sqrt(g @ v @ g), rel=1e-9)


def test_lincom_of_ratios(do):
    """exp(b), its error by the delta method, exp of the ends; what r() keeps of it isn't known."""
    plain, ratio = (
        p.numbers for p in do("reg inv value capital\nlincom value\nlincom value, or").printed if p.kind == "lincom"
    )
    assert ratio["estimate"] == pytest.approx(math.exp(plain["estimate"]), rel=1e-12) and ratio["p"] == plain["p"]
    assert ratio["se"] == pytest.approx(math.exp(plain["estimate"]) * plain["se"], rel=1e-12)
    assert (ratio["lb"], ratio["ub"]) == pytest.approx((math.exp(plain["lb"]), math.exp(plain["ub"])), rel=1e-12)


def test_predictions_with_stata_s_storage(do):
    found = do("reg inv value capital\npredict xb\npredict double e, residuals\npredict double s, stdp")
    _, x, b, v, e = fitted(found)
    assert found.data["xb"].kind == "float" and np.array_equal(found.data["xb"].values, np.float32(x @ b).astype(float))
    assert np.allclose(found.data["e"].values, e, rtol=1e-9, atol=1e-9)
    assert np.allclose(found.data["s"].values, np.sqrt(np.einsum("ij,jk,ik->i", x, v, x)), rtol=1e-9)


def test_predictions_beside_absorbed_effects(do):
    found = do("xtreg inv value capital, fe\npredict double u, u\npredict double e, e\npredict double xb, xb")
    y, u, e, xb, unit = frame(found, "inv", "u", "e", "xb", "fid")
    assert np.allclose(u + e + xb, y)
    assert np.allclose([np.mean(e[unit == i]) for i in range(1, 11)], 0, atol=1e-8)
    assert abs(np.mean(u)) < 1e-9  # the constant is the mean of the effects


@pytest.mark.parametrize(
    ("command", "constant", "se"),
    [  # recorded: Stata's xtreg on these data, as Baltagi's book prints it
        ("xtreg inv value capital, fe", -58.74393, 12.45369),
        ("areg inv value capital, absorb(fid)", -58.74393, 12.45369),
        ("xtreg inv value capital, re", -57.83441, 28.89893),
    ],
)
def test_the_constant_beside_absorbed_effects(do, command, constant, se):
    last = do(command).estimations[0].coefficients[-1]
    assert last.term == "_cons"
    assert (round(last.b, 5), round(last.se, 5)) == (pytest.approx(constant, abs=1.01e-5), pytest.approx(se, abs=1.01e-5))


def test_hausman_as_plm_has_it(do):
    found = do("xtreg inv value capital, fe\nest store fe\nxtreg inv value capital, re\nest store re\nhausman fe re")
    said = numbers(found, "hausman")
    assert (
        said["df"] == 2 and said["chi2"] == pytest.approx(2.3304, abs=5e-5) and said["p"] == pytest.approx(0.3119, abs=5e-5)
    )


def test_suest_is_a_stacked_regression_with_clusters(do):
    import statsmodels.api as sm

    found = do(
        "reg inv value if late\nest store a\nreg inv value if !late\nest store b\nsuest a b, vce(cluster fid)\n"
        "test [a_mean]value = [b_mean]value\ntest [a_mean = b_mean]"
    )
    y, value, late, unit = frame(found, "inv", "value", "late", "fid")
    x = np.column_stack([late, late * value, 1 - late, (1 - late) * value])
    stacked = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": unit, "use_correction": False})
    v = stacked.cov_params() * 10 / 9
    gap = stacked.params[1] - stacked.params[3]
    chi2 = gap**2 / (v[1, 1] + v[3, 3] - 2 * v[1, 3])
    both = [p.numbers["chi2"] for p in found.printed if p.kind == "test"]
    assert both == pytest.approx([chi2, chi2], rel=1e-9)


def test_t_tests(do):
    from scipy import stats

    found = do("ttest inv, by(late)\nttest inv, by(late) unequal\nttest inv == value\nttest inv == 100")
    y, value, late = frame(found, "inv", "value", "late")
    a, b = y[late == 0], y[late == 1]
    wanted = [
        stats.ttest_ind(a, b), stats.ttest_ind(a, b, equal_var=False), stats.ttest_rel(y, value), stats.ttest_1samp(y, 100),
    ]  # fmt: skip
    for printed, other in zip([p.numbers for p in found.printed if p.kind == "ttest"], wanted, strict=True):
        assert printed["t"] == pytest.approx(other.statistic, rel=1e-10)
        assert printed["p"] == pytest.approx(other.pvalue, rel=1e-8)


def test_margins_are_average_derivatives(do):
    found = do("reg inv c.value##c.value i.late##c.capital\nmargins, dydx(*) post\ndi _b[value]")
    value, capital, late = frame(found, "value", "capital", "late")
    b = {c.term: c.b for c in found.estimations[0].coefficients}
    said = {p.values["term"]: p.numbers["estimate"] for p in found.printed if p.kind == "margins"}
    assert said["value"] == pytest.approx(b["value"] + 2 * b["c.value#c.value"] * value.mean(), rel=1e-10)
    assert said["1.late"] == pytest.approx(b["1.late"] + b["1.late#c.capital"] * capital.mean(), rel=1e-10)
    assert said["capital"] == pytest.approx(b["capital"] + b["1.late#c.capital"] * late.mean(), rel=1e-10)


def test_diagnostics_of_instruments(do):
    found = do("ivregress 2sls inv capital (value = L.value L2.value)\nestat firststage\nestat overid\nestat endogenous")
    fit = found.estimations[0].fit
    rows = fit.sample
    data = fit.data
    y, d, x = (data[n].values[rows] for n in ("inv", "value", "capital"))
    unit, year = data["fid"].values, data["year"].values
    lags = []
    for n in (1, 2):
        before = {(u, t + n): v for u, t, v in zip(unit, year, data["value"].values, strict=True)}
        lags.append(np.array([before[u, t] for u, t in zip(unit[rows], year[rows], strict=True)]))
    w = np.column_stack([x, np.ones(len(y))])
    z = np.column_stack([w, *lags])

    def ssr(target, columns):
        return float(np.sum((target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]) ** 2))

    first = (ssr(d, w) - ssr(d, z)) / 2 / (ssr(d, z) / (len(y) - 4))
    assert numbers(found, "estat firststage")["F1"] == pytest.approx(first, rel=1e-8)
    fitted_d = z @ np.linalg.lstsq(z, d, rcond=None)[0]
    b = np.linalg.lstsq(np.column_stack([fitted_d, w]), y, rcond=None)[0]
    e = y - np.column_stack([d, w]) @ b
    sargan = len(y) * (1 - ssr(e, z) / (e @ e))
    assert numbers(found, "estat overid")["sargan"] == pytest.approx(sargan, rel=1e-8)
    v = d - fitted_d
    base = np.column_stack([d, w])
    wu = (ssr(y, base) - ssr(y, np.column_stack([base, v]))) / (ssr(y, np.column_stack([base, v])) / (len(y) - 4))
    assert numbers(found, "estat endogenous")["wu"] == pytest.approx(wu, rel=1e-7)


def test_factor_variables_are_columns_under_stata_s_names(do):
    found = do(
        "reg inv i.fid##c.value\nreg inv ib3.fid value\nreg inv 2.fid value\nreg inv i.late#i.fid\n"
        "reg inv L(0/2).value D.capital\n"
        "testparm i.fid\nreg inv i.late##i.late#c.value"
    )
    terms = [[c.term for c in e.coefficients] for e in found.estimations[:5]]
    assert terms[0][:2] == ["2.fid", "3.fid"] and "10.fid#c.value" in terms[0] and "1.fid#c.value" not in terms[0]
    assert "1.fid" in terms[1] and "3.fid" not in terms[1]
    assert terms[2] == ["2.fid", "value", "_cons"]
    assert (
        "0.late#1.fid" not in terms[3] and "0.late#2.fid" in terms[3] and "1.late#1.fid" in terms[3] and len(terms[3]) == 20
    )
    assert terms[4] == ["value", "L.value", "L2.value", "D.capital", "_cons"]


def test_what_has_no_numbers_is_said_where_it_is_read(do):
    found = do("nbreg late value\ntest value\nreg inv value\nboottest value\nestat szroeter\npredict p, cooksd")
    kinds = {f.id: f.line for f in found.findings}
    assert kinds["no-engine"] == 5 and kinds["random"] == 8
    assert [d.status for d in found.statements if d.name == "test"] == ["lost"]  # what it needs was said to be unknown
    assert kinds["no-test"] == 9 and kinds["prediction"] == 10
    assert found.data["p"].doubts


def test_nothing_is_estimated_until_it_is_asked_for(do, monkeypatch):
    from parity.stata.estimates import own

    asked = []
    kept = own.estimate
    monkeypatch.setattr(own, "estimate", lambda *a: asked.append(a) or kept(*a))
    found = do("reg inv value\nreg inv capital\ndi _b[capital]")
    assert len(asked) == 1
    assert found.estimations[0].coefficients and len(asked) == 2


def test_the_contract_of_run_do(do, tmp_path):
    (tmp_path / "inner.do").write_text("foreach x in value capital {\n  eststo `x': qui reg inv `x' if late\n}\n")
    found = do(
        'global root "/home/somebody/paper"\ndo "$root/inner.do"\nestadd local FE "No"\nsum inv\nxtreg inv value, fe r\n'
        'outreg2 using "$root/out/t.xls", replace dec(3)\nesttab value capital using t.tex, se r2 star(* .1)\nmystery inv'
    )
    one, two, three = found.estimations
    assert (one.file, one.line, one.names, one.quietly) == ("inner.do", 2, ("value",), True)
    assert one.command == "eststo value: qui reg inv value if late" and one.sample.sum() == 100
    assert two.names == ("capital",) and three.names == () and not three.quietly
    assert three.resolved.spec.convention.profile == "xtreg" and three.resolved.spec.vcov.cluster == ("fid",)
    assert list(three.resolved.frame.columns)[:2] == ["inv", "value"] and three.keys["formula"] == "inv ~ value | fid"
    outreg, esttab = found.tables
    assert outreg.columns[0].estimation == 2 and outreg.target == "/home/somebody/paper/out/t.xls"
    assert [c.estimation for c in esttab.columns] == [0, 1] and esttab.options["star"] == "* .1"
    assert esttab.columns[1].texts["FE"] == "No" and esttab.columns[0].numbers["N"] == 100
    assert {"variable": "inv", "N": 200.0}.items() <= found.printed[0].values.items()
    assert [(f.id, f.line) for f in found.findings if f.id == "unknown-command"] == [("unknown-command", 12)]
    assert found.read["data.csv"] == "data.csv"
    for value in (found, one, outreg, found.printed[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.file = "x"


def test_an_error_inside_capture_ends_its_block(do):
    found = do("capture {\nreg inv nothing\nscalar made = 1\n}\nscalar code = _rc\nquietly {\nreg inv value\n}\n")
    assert "made" not in found.session.scalars and found.session.scalars["code"] == 111
    assert found.estimations[0].quietly and not found.findings


def test_slopes_by_group_are_taken_out(do):
    found = do(
        "reghdfe inv value, a(fid i.fid#c.year)\nreghdfe inv value, a(i.fid##c.year) vce(cluster fid)\nreghdfe inv value"
    )
    y, value, unit, year = frame(found, "inv", "value", "fid", "year")
    dummies = (unit[:, None] == np.arange(1, 11)).astype(float)
    x = np.column_stack([value, dummies, dummies * (year - 1940)[:, None]])
    b, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    e = y - x @ b
    first = found.estimations[0].coefficients
    assert [c.term for c in first] == ["value"] and first[0].b == pytest.approx(b[0], rel=1e-8)
    assert first[0].se == pytest.approx(math.sqrt(e @ e / (200 - rank) * np.linalg.inv(x.T @ x)[0, 0]), rel=1e-8)
    with pytest.raises(Exception, match="within the clusters"):
        found.estimations[1].resolved  # noqa: B018
    assert [c.term for c in found.estimations[2].coefficients] == ["value", "_cons"]


def test_driscoll_kraay_of_reghdfe(do):
    last = do("reghdfe inv value capital, absorb(fid) vce(dkraay 3)").estimations[0].coefficients[1]
    assert last.se == pytest.approx(0.0367550, abs=5e-8)  # as the phrasebook has it
