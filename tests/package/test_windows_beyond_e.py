"""What windows print that is in no e(): clusters of several variables, cluster2's F, acreg's cutoffs."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from conftest import FIXTURES
from parity.stata.do import run_do
from test_windows_of_two_equations import CROSS, RULE, row, verdicts

DATA = "import delimited data.csv, case(preserve) asdouble clear"
HEADS = "             |{:>24}\n           y | Coefficient  std. err.      {}    P>|{}|     [95% conf. interval]"


def window(folder, line: str, head: str, kind: str, letter: str, foot: str = "") -> tuple[str, str]:
    """The do-file, and the window as the command prints it."""
    code = f"{DATA}\n{line}"
    (e,) = run_do(code, folder=folder).estimations
    heads = HEADS.format(kind, letter, letter).split("\n")[not kind :]
    rows = [row(c.term, c) for c in e.coefficients]
    f = e.results.filled().numbers.get("F", 0.0)
    return code, "\n".join([head.replace("FVALUE", f"{f:8.2f}"), RULE, *heads, CROSS, *rows, RULE, foot])


#: The parts that cluster2.ado prints by itself; F, R-squared and Root MSE are those of `regress, robust` on its page.
CLUSTER2 = """
Linear regression with 2D clustered SEs                Number of obs =    5000
                                                       F(  1,  4998) = 1328.17
                                                       Prob > F      =  0.0000
Number of clusters (firm) =       500                  R-squared     =  0.2078
Number of clusters (year) =        10                  Root MSE      =  2.0053"""
REGHDFE = """HDFE Linear regression                            Number of obs   =         32
Absorbing 1 HDFE group                            F(   1,      3) =   FVALUE
Statistics robust to heteroskedasticity           Prob > F        =     PROB
                                                  R-squared       =     RTWO
                                                  Within R-sq.    =     RTWO
Number of clusters (id)      =          8         Root MSE        =     RMSE
Number of clusters (year)    =          4
"""
ACREG = "SPATIAL CORRECTION\nDistCutoff: 400\nLagCutoff:  0\nNo HAC Correction\nIncluded instruments: x"


def off(folder, code: str, text: str) -> list[tuple[str, str]]:
    cells, findings = verdicts(folder, code, text)
    assert not [f for f in findings if "comes with the package" not in f]
    return [(c.label, c.verdict) for c in cells if c.verdict != "reproduced"]


def test_a_window_of_cluster2(tmp_path):
    shutil.copy(FIXTURES / "petersen" / "data.csv", tmp_path)
    code, text = window(
        tmp_path, "cluster2 y x, fcluster(firm) tcluster(year)", CLUSTER2, "", "t", "\n  SE clustered by firm"
    )
    assert off(tmp_path, code, text) == []
    wrong = text.replace("1328.17", "1438.17").replace("=       500", "=       600")
    assert off(tmp_path, code, wrong) == [("F(1, 4998)", "differs"), ("Number of clusters (firm)", "differs")]


@pytest.fixture
def places(tmp_path):
    """Eight units of four years at places of their own."""
    rng = np.random.default_rng(4)
    unit, year = np.repeat(np.arange(1, 9), 4), np.tile(np.arange(2001, 2005), 8)
    lat, lon, x = rng.uniform(30, 40, 8)[unit - 1], rng.uniform(-100, -90, 8)[unit - 1], rng.normal(size=32)
    y = 1 + x + rng.normal(size=32)
    columns = {"id": unit, "year": year, "lat": lat, "lon": lon, "x": x, "y": y}
    pd.DataFrame(columns).to_csv(tmp_path / "data.csv", index=False)
    return tmp_path


def test_a_window_of_reghdfe_with_two_cluster_variables(places):
    """Each has its number of clusters, though e(N_clust) is the smaller one; a constant is one group of effects."""
    d = pd.read_csv(places / "data.csv")
    r2 = np.corrcoef(d["x"], d["y"])[0, 1] ** 2
    rmse = np.sqrt((1 - r2) * np.sum((d["y"] - d["y"].mean()) ** 2) / 30)
    line = "reghdfe y x, noabsorb vce(cluster id year)"
    (e,) = run_do(f"{DATA}\n{line}", folder=places).estimations
    head = REGHDFE.replace("RTWO", f"{r2:.4f}").replace("RMSE", f"{rmse:.4f}")
    head = head.replace("PROB", f"{e.coefficients[0].p:.4f}")  # of one slope, F is t squared
    code, text = window(places, line, head, "Robust", "t")
    assert off(places, code, text) == []
    assert off(places, code, text.replace("(id)      =          8", "(id)      =          9")) == [
        ("Number of clusters (id)", "differs")
    ]


def test_a_window_of_acreg(places):
    code, text = window(places, "acreg y x, spatial latitude(lat) longitude(lon) dist(400)", ACREG, "", "z")
    assert off(places, code, text) == []
    assert off(places, code, text.replace("400", "500")) == [("DistCutoff", "differs")]


@pytest.mark.parametrize("several", [False, True])
def test_the_table_of_x_ols(places, several):
    """Its own layout; White's errors are those only where there is one regressor: its regression of several isn't robust."""
    d = pd.read_csv(places / "data.csv").assign(one=1.0)
    names = ["x", "one"] if several else ["x"]
    x, y = d[names].to_numpy(), d["y"].to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    e = y - x @ (inverse @ x.T @ y)
    n, k = x.shape
    white = inverse * (e @ e) / (n - k) if several else inverse @ (x.T * e**2 @ x) @ inverse * n / (n - k)
    line = f"gen one = 1\ngen cut = 4\nx_ols lat lon cut cut y {' '.join(names)}, coord(2) xreg({k})"
    (found,) = run_do(f"{DATA}\n{line}", folder=places).estimations
    rows = [
        f"{c.term:<12}{c.b:<16.7g}{np.sqrt(v):<13.7g}{c.se:.7g}"
        for c, v in zip(found.coefficients, np.diag(white), strict=True)
    ]
    text = """
     Results for Cross Sectional OLS corrected for Spatial Dependence

                                   number of observations=  32
 Dependent Variable= y

variable    ols estimates   White s.e.   s.e. corrected for spatial dependence
--------    -------------   ----------   -------------------------------------
""" + "\n".join(rows)
    cells, _ = verdicts(places, f"{DATA}\n{line}", text)
    assert [c.verdict for c in cells] == ["reproduced"] * (3 * k + 1)
    number = rows[0].split()[2]
    cells, _ = verdicts(places, f"{DATA}\n{line}", text.replace(number, "9.876543"))
    assert [(c.quantity, c.verdict) for c in cells if c.verdict != "reproduced"] == [("White s.e.", "differs")]
