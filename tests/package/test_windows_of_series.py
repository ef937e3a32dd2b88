"""Windows of time series: lags, which Stata counts below their variable's name, and the example of arima's manual."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.api import VAR
from statsmodels.tsa.statespace.tests.results.results_sarimax import wpi1_data

from conftest import FIXTURES
from parity.stata.do import run_do
from test_windows_of_two_equations import BLANK, CROSS, RULE, row, verdicts

#: [TS] arima, example 1, as Stata 17 prints it; its quarters are the years from 1960 on here.
MANUAL = f"""ARIMA regression

Sample: 1961 thru 2083                          Number of obs     =        123
                                                Wald chi2(2)      =     310.64
Log likelihood = -135.3513                      Prob > chi2       =     0.0000

{RULE}
             |                 OPG
       D.wpi | Coefficient  std. err.      z    P>|z|     [95% conf. interval]
{CROSS}
wpi          |
       _cons |   .7498197   .3340968     2.24   0.025     .0950019    1.404637
{CROSS}
ARMA         |
          ar |
         L1. |   .8742288   .0545435    16.03   0.000     .7673256     .981132
             |
          ma |
         L1. |  -.4120458   .1000284    -4.12   0.000    -.6080979   -.2159938
{CROSS}
      /sigma |   .7250436   .0368065    19.70   0.000     .6529042    .7971829
{RULE}
Note: The test of the variance against zero is one sided, and the two-sided
      confidence interval is truncated at zero."""
ARIMA = "import delimited wpi.csv, clear\ntsset t\narima wpi, arima(1,1,1)"


def off(cells) -> list[tuple[str, str]]:
    """What of a window is neither reproduced nor of a point just before the maximum, none of it in doubt."""
    assert all(c.verdict != "not verified" for c in cells), [c.reason for c in cells]
    assert {cause.id for c in cells for cause in c.causes if c.verdict == "explained"} <= {"newton-stops-early"}
    return [(c.label, c.quantity) for c in cells if c.verdict == "differs"]


def test_the_window_of_the_manual(tmp_path):
    """Its steps end 3.2e-4 of a standard error before the maximum: a row holds together, or its digit is a misprint."""
    (tmp_path / "wpi.csv").write_text("t,wpi\n" + "".join(f"{1960 + i},{w}\n" for i, w in enumerate(wpi1_data)))
    cells, findings = verdicts(tmp_path, ARIMA, MANUAL)
    assert off(cells) == [] and len(cells) == 4 * 6 + 4 and not findings
    altered, _ = verdicts(tmp_path, ARIMA, MANUAL.replace("310.64", "910.64"))
    assert off(altered) == [("Wald chi2(2)", "chi2")]
    altered, _ = verdicts(tmp_path, ARIMA, MANUAL.replace("chi2(2)", "chi2(3)"))
    assert off(altered) == [("Wald chi2(3)", "chi2")]


@pytest.mark.parametrize("altered", [False, True])
def test_a_first_lag_is_called_l1(tmp_path, altered):
    rows = [f"{t},{(t * t) % 11 + (t % 3) / 7},{(t * 7) % 13}" for t in range(1960, 1990)]
    (tmp_path / "d.csv").write_text("t,y,x\n" + "\n".join(rows) + "\n")
    code = "import delimited d.csv, clear\ntsset t\nregress y L.x D.x"
    (e,) = run_do(code, folder=tmp_path).estimations
    lag, change, constant = (row(label, c) for label, c in zip(("L1.", "D1.", "_cons"), e.coefficients, strict=True))
    wrong = lag.replace(lag.split()[2], "1.234567") if altered else lag
    heads = "           y | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]"
    window = "\n".join([RULE, heads, CROSS, "           x |", wrong, change, "             |", constant, RULE])
    cells, _ = verdicts(tmp_path, code, window)
    assert off(cells) == [("L1.x", "coef")] * altered and len(cells) == 18


def test_above_a_window_of_var(tmp_path):
    """Stata's criteria are statsmodels' and K(1 + ln 2 pi), which these leave out; the error of a forecast is the same."""
    shutil.copy(FIXTURES / "grunfeld" / "data.csv", tmp_path)
    code = "import delimited data.csv, case(preserve) clear\nkeep if firm == 1\ntsset year\nvar inv value, lags(1/2)"
    (e,) = run_do(code, folder=tmp_path).estimations
    data = pd.read_csv(tmp_path / "data.csv").astype("float32").astype(float)  # as import delimited stores them
    theirs = VAR(data.loc[data["firm"] == 1, ["inv", "value"]].to_numpy()).fit(2)
    more = 2 * (1 + math.log(2 * math.pi))
    head = f"""Vector autoregression

Sample: 1937 thru 1954                          Number of obs     =         18
Log likelihood = {theirs.llf:10.4f}                     AIC               = {theirs.aic + more:10.6f}
FPE            = {theirs.fpe:10.2e}                     HQIC              = {theirs.hqic + more:10.6f}
Det(Sigma_ml)  = {np.linalg.det(theirs.sigma_u_mle):10.2e}                     SBIC              = {theirs.bic + more:10.6f}

"""
    rows = []
    for c in e.coefficients:
        equation, _, term = c.term.partition(":")
        lag, _, name = term.rpartition(".")
        rows += [f"{equation:<12} |"] * (term == "L.inv")
        rows += [f"{name:>12} |"] * (lag == "L")
        rows += [row("L1." if lag == "L" else f"{lag}." if lag else "_cons", c), *[BLANK] * (lag == "L2")]
    heads = "             | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]"
    text = head + "\n".join([RULE, heads, CROSS, *rows, RULE])
    cells, _ = verdicts(tmp_path, code, text)
    assert off(cells) == [] and len(cells) == 10 * 6 + 7
    wrong = text.replace(f"{theirs.bic + more:.6f}", f"{theirs.bic + more + 1:.6f}")
    assert off(verdicts(tmp_path, code, wrong)[0]) == [("SBIC", "SBIC")]
