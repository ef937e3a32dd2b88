"""gmm of linear moment conditions: read as `ivregress gmm`, and its window held against the data. [R] gmm"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from linearmodels.iv import IV2SLS, IVGMM

from parity.package.verify import verify
from parity.stata.do import run_do
from parity.study.command import request_of, spec_of
from test_package_likelihoods import log, row, window

DATA = "import delimited d.csv, asdouble clear"
LINE = "gmm (y - {xb: x w _cons}), instruments(w z1 z2 z3)"


@pytest.fixture
def folder(tmp_path):
    z1, z2, z3, w, u, v = np.random.default_rng(3).normal(size=(6, 300))
    x = z1 + 0.5 * z2 + v + 0.3 * w
    y = 1 + 2 * x - w + u * (1 + z1**2) + v
    pd.DataFrame({"y": y, "x": x, "w": w, "z1": z1, "z2": z2, "z3": z3}).to_csv(tmp_path / "d.csv", index=False)
    return tmp_path


def of(folder, line: str):
    (e,) = run_do(f"{DATA}\n{line}\n", folder).estimations
    return e


@pytest.mark.parametrize(
    ("more", "other"),
    [("", ""), (" wmatrix(unadjusted)", " wmatrix(unadjusted)"), (" igmm", " igmm"), (" onestep", "2sls")],
)
def test_is_what_ivregress_estimates(more, other):
    line = f"{LINE}{more}".replace("w _cons}", "w} - {b0}" if more else "w _cons}")
    as_ivregress = "ivregress 2sls y w (x = z1 z2 z3), vce(robust)" if other == "2sls" else ""
    assert spec_of(line, "", "") == spec_of(as_ivregress or f"ivregress gmm y w (x = z1 z2 z3),{other}", "", "")


def test_numbers_of_another_package(folder):
    d = pd.read_csv(folder / "d.csv").assign(c=1.0)
    given = (d["y"], d[["w", "c"]], d["x"], d[["z1", "z2", "z3"]])
    two, one = IVGMM(*given, weight_type="robust").fit(cov_type="robust"), IV2SLS(*given).fit(cov_type="robust")
    e = of(folder, LINE)
    assert {c.term: (c.b, c.se) for c in e.coefficients} == {
        n: (pytest.approx(two.params[p]), pytest.approx(two.std_errors[p])) for n, p in
        (("x", "x"), ("w", "w"), ("_cons", "c"))
    }  # fmt: skip
    assert e.results.numbers == {"N": 300, "rank": 3, "k": 3, "n_moments": 5, "J_df": 2, "J": pytest.approx(two.j_stat.stat)}
    single = of(folder, LINE + " onestep").coefficients[0]
    assert (single.b, single.se) == (pytest.approx(one.params["x"]), pytest.approx(one.std_errors["x"]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gmm ({b=1}*(c^(-{g=1}))*r - 1), instruments(c r)", "other than"),
        ("gmm (y - exp({xb:x w})), inst(w z)", "other than"),
        ("gmm (y - {xb:x} + {b0}), inst(z)", "other than"), ("gmm (y + {xb:x _cons}), inst(z)", "other than"),
        ("gmm (y - {xb:x _cons}) (x - {zb:z _cons}), inst(z)", "other than"),
        ("gmm (y - {xb:x w _cons}), inst(w)", "not identified"), ("gmm (y - {xb:x w}), inst(w z)", "a constant among"),
        ("gmm (y - {xb:x w _cons}), inst(w z) vce(cluster g) wmatrix(cluster g)", "counts clusters"),
        ("gmm (y - {xb:x w _cons}), inst(w z) winitial(identity)", "winitial"),
        ("gmm (y - {xb:x w _cons}), inst(w z) xtinstruments(x, lags(1/2))", "xtinstruments"),
        ("gmm (y - {xb:x w _cons}), xtinstruments(x, lags(1/2))", "xtinstruments"),
        ("gmm (ln(y) - {xb:x w _cons}), inst(w z)", "other than"),
        ("gmm (y - {xb:x w _cons}), inst(w x z)", "nothing endogenous"),
    ],
)  # fmt: skip
def test_what_is_declined(text, said):
    with pytest.raises(ValueError, match=said):
        request_of(text, "", "")


def test_a_window_is_verified(folder):
    (folder / "main.do").write_text(f"{DATA}\n{LINE}\n")
    head = (
        "GMM estimation\n\nNumber of parameters =   3\nNumber of moments    =   5\n"
        "Initial weight matrix: Unadjusted                 Number of obs   =        300\nGMM weight matrix:     Robust"
    )
    rows = [row(c.term, c.b, c.se, c.t, c.p, c.low, c.high) for c in of(folder, LINE).coefficients]
    shown = window(head, "Coefficient", "Robust", ["xb           |", *rows])
    shown += "\nInstruments for equation 1: w z1 z2 z3 _cons"

    def seen(text: str):
        log(folder, DATA, f"{LINE}\n\n{text}")
        (exhibit,) = (report := verify(folder)).exhibits
        return len(exhibit.cells), [c.label for c in exhibit.cells if c.verdict != "reproduced"], [
            f.text for f in report.findings
        ]  # fmt: skip

    assert seen(shown) == (21, [], [])
    assert seen(shown.replace(" x | ", "/xb_x | ").replace("xb           |\n", "")) == (21, [], [])
    assert seen(shown.replace("moments    =   5", "moments    =   6"))[1] == ["Number of moments"]
    b = f"{of(folder, LINE).coefficients[1].se:9.7f}"
    assert seen(shown.replace(b, f"{b[:-2]}99"))[1] == ["w"]
    assert "asks for robust" in seen(shown.replace(":     Robust", ":     Unadjusted"))[2][0]
    assert "doesn't call `z3` an instrument" in seen(shown.replace("z2 z3 _cons", "z2 _cons"))[2][0]
    assert "calls `z9` an instrument" in seen(shown.replace("z3 _cons", "z9 _cons"))[2][0]


def test_basmann_from_sargan_as_the_manual_prints_them():
    """[R] ivregress postestimation, rents of 50 states: Sargan 11.2877, Basmann 12.8294, four exogenous, two more."""
    from parity.stata.commands.estat import _basmann

    design = SimpleNamespace(nobs=50, x=np.empty((50, 1)), intercept=True, z=np.empty((50, 4)))
    found = _basmann(design, {"sargan": 11.2877, "df": 3.0})
    assert round(found["basmann"], 4) == 12.8295  # from Sargan to four decimals


TESTS = {
    "ivregress 2sls y w (x = z1 z2 z3)": ("estat overid", ("Sargan (score)", "sargan"), ("Basmann", "basmann")),
    LINE: ("estat overid", ("Hansen's J", "HansenJ")),
    "ivregress 2sls y w (x = z1 z2 z3), vce(robust)": ("estat overid", ("Score", "score")),
    "ivregress 2sls y w (x = z1)": ("estat endogenous", ("Durbin (score)", "durbin"), ("Wu-Hausman", "wu")),
}


@pytest.mark.parametrize("line", TESTS)
def test_what_estat_prints_after_instruments_is_verified(folder, line):
    after, *named = TESTS[line]
    code = f"{DATA}\n{line}\n{after}\n"
    (folder / "main.do").write_text(code)
    v = next(p.numbers for p in run_do(code, folder).printed if p.kind == after)
    chi2 = f"chi2({v['df']:.0f})"
    law = {"wu": f"F(1,{v.get('df_r', 0):.0f})"}
    rows = [f"  {n} {law.get(k, chi2):<12} = {v[k]:8.5f}  (p = {v[f'p_{k}']:.4f})" for n, k in named]
    head = {
        "estat overid": "Tests of overidentifying restrictions:",
        "estat endogenous": "Tests of endogeneity\n  H0: exogenous",
    }

    def off(text: str) -> list[str]:
        log(folder, DATA, line, f"{after}\n\n  {head[after]}\n\n{text}")
        (exhibit,) = verify(folder).exhibits
        assert len(exhibit.cells) == 3 * len(rows) + (law.keys() <= {k for _, k in named})
        return [f"{c.label} {c.verdict}" for c in exhibit.cells if c.verdict != "reproduced"]

    shown = "\n".join(rows)
    name, key = named[0]
    assert off(shown) == []
    assert off(shown.replace(f"{v[key]:8.5f}", f"{v[key] + 0.01:8.5f}")) == [f"{name} differs"]
    assert off(shown.replace(chi2, "chi2(9)", 1)) == [f"{name} df differs"]


def test_tests_after_liml_are_not_those_of_least_squares(folder):
    done = run_do(f"{DATA}\nivregress liml y w (x = z1 z2)\nestat overid\n{LINE}\nestat endogenous\n", folder)
    assert not done.printed and ["not computed here" in f.text for f in done.findings] == [True, True]
