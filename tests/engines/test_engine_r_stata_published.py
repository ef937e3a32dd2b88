"""parity's reference engine in base R against published figures and recorded Stata output; its functions by themselves."""

from __future__ import annotations

import subprocess
import time

import numpy as np
import pytest

from parity.compare.harmonise import harmonise
from parity.data.load import load_frame
from parity.engines.stata import declared as r_stata
from parity.results.estimate import Estimate
from parity.sample.design import INTERCEPT
from parity.study.header import Header
from parity.study.study import Study
from test_engine_r_stata import FIXTURES, PANELS, case, estimate

pytestmark = pytest.mark.needs_r

FLOATS = "float(inv) ~ float(value) + float(capital)"  # grunfeld.dta is kept in 4-byte floats
RATE = {"rate": "fatal / pop * 10000"}
LOGS = {"lp": "log(packs)", "rp": "log(price / cpi)", "tdiff": "(taxs - tax) / cpi"}
WORKING = {"where": "inlf == 1"}
SMALL = {"profile": "ivregress", "small": True}
FIRM, YEAR, BOTH = {"vcov": ("firm",)}, {"vcov": ("year",)}, {"vcov": ("firm", "year")}
CR2 = {"vcov": {"cluster": ["firm"], "type": "CR2"}, "convention": "lm"}
RANDOM = {"model": "random_effects", "convention": "xtreg"}
CARD = "lwage ~ black + smsa + south | educ + exper + expersq ~ nearc4 + age + age2"


def regress(**keys):
    return {"convention": "regress", **keys}


# Stata output recorded in statsmodels, results_grunfeld_ols_robust_cluster.py
RECORDED = {
    "regress invest mvalue kstock, vce(cluster company)": (regress(**FIRM), ".01589433647768", 51.590607165902),
    "ivreg2 invest mvalue kstock, cluster(company)": ({**FIRM, "convention": "ivreg2"}, ".01500272788516", None),
    "ivreg2 invest mvalue kstock, cluster(company time)": ({**BOTH, "convention": "ivreg2"}, ".01543448599542", None),
    "ivreg2 invest mvalue kstock, cluster(company time) small": (
        {**BOTH, "convention": {"profile": "ivreg2", "small": True}}, ".01635175387097", 57.991245359236),
    "ivreg2 invest mvalue kstock, dkraay(5)": (
        {"vcov": {"driscoll_kraay": 4}, "convention": "ivreg2"}, ".0134360177573", None),
    "newey invest mvalue kstock, lag(4) force": (
        {"vcov": {"newey_west": 4}, "convention": {"profile": "regress", "kernel_gaps": "kept"}}, ".01142785251475", None),
}  # fmt: skip


@pytest.mark.parametrize("command", RECORDED)
def test_recorded_stata_output_is_met_in_every_digit(command):
    keys, se, f = RECORDED[command]
    got, spec, design = estimate("grunfeld", FLOATS, **keys)
    found = harmonise(got, design.facts, spec).quantities
    assert found["coef", "float(value)"].value == pytest.approx(0.11556215606596, rel=1e-12)
    assert found["se", "float(value)"].value == pytest.approx(float(se), rel=1e-12)
    assert f is None or found["f", ""].value == pytest.approx(f, rel=1e-12)


# name: data, formula, keys, term, estimate and standard error as printed, further statistics as printed.
# Sources: fixest's vignette on standard errors quoting Stata (xtreg), plm's vignette A (random effects), estimatr's tests
# and issue 252 quoting Stata (areg, ivregress), Stock and Watson (fatalities, cigarettes), Petersen's test page, Wooldridge
# (mroz), ivreg's vignette (card).
PRINTED = {
    "xtreg": ("grunfeld", "inv ~ capital | firm + year", {**FIRM, "convention": "xtreg"}, "capital",
              "0.4138018", "0.06328129", {}),
    "xtreg i.year": ("grunfeld", "inv ~ capital + i(year) | firm", {**FIRM, "convention": "xtreg"}, "capital",
                     "0.4138018", "0.06328129", {}),
    "reghdfe": ("grunfeld", "inv ~ capital | firm + year", {**FIRM, "convention": "reghdfe"}, "capital",
                "0.4138018346", "0.0632812941", {}),
    "CR2": ("grunfeld", "inv ~ capital | firm + year", CR2, "capital", "0.4138018346", "0.1314479111", {}),
    "random effects": ("grunfeld", "inv ~ value + capital", RANDOM, "capital", "0.308113", "0.017180",
                       {"hausman": "2.3304", "hausman_p": "0.3119"}),
    "random effects constant": ("grunfeld", "inv ~ value + capital", RANDOM, INTERCEPT, "-57.834415", "28.898935", {}),
    "areg": ("mtcars", "mpg ~ hp | carb", {"vcov": ("cyl",), "convention": "areg"}, "hp", None, "0.014780", {}),
    "ivregress": ("mtcars", "mpg ~ 1 | hp ~ am", {"vcov": "HC1", "convention": "ivregress"}, "hp", None, "0.1245913", {}),
    "ivregress small": ("mtcars", "mpg ~ 1 | hp ~ am", {"vcov": "HC1", "convention": SMALL}, "hp", None, "0.1286774", {}),
    "fatalities": ("fatalities", "rate ~ beertax | state + year",
                   {"vcov": ("state",), "convention": "reghdfe", "derive": RATE}, "beertax", "-0.63998", "0.357078", {}),
    "petersen OLS": ("petersen", "y ~ x", regress(), "x", "1.0348", "0.0286", {}),
    "petersen White": ("petersen", "y ~ x", regress(vcov="HC1"), "x", "1.0348", "0.0284", {}),
    "petersen firm": ("petersen", "y ~ x", regress(**FIRM), "x", "1.0348", "0.0506", {}),
    "petersen year": ("petersen", "y ~ x", regress(**YEAR), "x", "1.0348", "0.0334", {}),
    "petersen two-way": ("petersen", "y ~ x", {**BOTH, "convention": "lm"}, "x", "1.0348", "0.0536", {}),
    "petersen reghdfe": ("petersen", "y ~ x", {**BOTH, "convention": "reghdfe"}, "x", "1.0348", "0.0553", {}),
    "mroz OLS": ("mroz", "lwage ~ educ", regress(**WORKING), "educ", "0.1086487", "0.0143998", {}),
    "mroz first stage": ("mroz", "educ ~ fatheduc", regress(**WORKING), "fatheduc",
                         "0.2694416", "0.0285863", {"f": "88.84"}),
    "mroz 2SLS": ("mroz", "lwage ~ 1 | educ ~ fatheduc", {"convention": SMALL, **WORKING}, "educ",
                  "0.0591735", "0.0351418", {}),
    "cigarettes": ("cigarettes", "lp ~ 1 | rp ~ tdiff",
                   {"vcov": "HC1", "convention": SMALL, "where": "year == 1995", "derive": LOGS}, "rp",
                   "-1.08359", "0.31892", {}),
    "card OLS": ("card", "lwage ~ educ + exper + expersq + black + smsa + south", regress(), "educ",
                 "0.074009", "0.003505", {}),
    "card 2SLS": ("card", CARD, {"convention": SMALL, "derive": {"age2": "age ^ 2"}}, "educ", "0.13295", "0.05138", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_published_figures(name):
    folder, formula, keys, term, b, se, stats = PRINTED[name]
    got, spec, design = estimate(folder, formula, **keys)
    found = harmonise(got, design.facts, spec).quantities
    printed = {("coef", term): b, ("se", term): se} | {(key, ""): text for key, text in stats.items()}
    for key, text in printed.items():
        if text is not None:
            half = 0.51 * 10.0 ** -len(text.split(".")[1])
            assert abs(found[key].value - float(text)) <= half, (key, found[key].value, text)


# ---------------------------------------------------------------- the functions by themselves

SCRIPT = """
for (file in list.files(FOLDER, "^stata_", full.names = TRUE)) source(file)
data <- read.csv(DATA)
data$inv[7] <- NA
show <- function(result) cat(result$command, format(c(result$b, diag(result$V), result$df_r), digits = 15), "", sep = "\\n")
show(regress(data, "inv", c("value", "capital"), vce = "robust"))
show(areg(data, "inv", "value", "firm"))
show(xtreg_fe(data, "inv", "value", "firm", vce = "robust"))
show(reghdfe(data, "inv", "value", c("firm", "year"), cluster = "year"))
show(ivregress(data, "inv", NULL, "value", "capital", small = TRUE))
print(ivreg2(data, "inv", "value", partial = "firm", small = TRUE))
print(xtreg_re(data, "inv", c("value", "capital"), "firm", cluster = "firm"))
tryCatch(regress(data, "inv", "nothing"), error = function(e) cat(conditionMessage(e), "\\n"))
tryCatch(areg(data, "inv", "value", "firm", vce = "hc3"), stata_refusal = function(e) cat(conditionMessage(e), "\\n"))
"""


def test_the_functions_work_without_parity(tmp_path):
    script = tmp_path / "by hand.R"
    folder = FIXTURES.parent / "r_scripts" / "engines"
    data = FIXTURES / "grunfeld" / "data.csv"
    script.write_text(SCRIPT.replace("FOLDER", repr(str(folder))).replace("DATA", repr(str(data))))
    ran = subprocess.run(["Rscript", "--vanilla", str(script)], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    blocks = [block.splitlines() for block in ran.stdout.split("\n\n")]
    assert blocks[0][0] == "regress inv value capital, vce(robust)" and float(blocks[0][-1]) == 199 - 3
    assert blocks[2][0] == "xtreg inv value, fe vce(cluster firm)" and float(blocks[2][-1]) == 9
    areg, reghdfe = np.array(blocks[1][1:], dtype=float), np.array(blocks[3][1:], dtype=float)
    assert areg.shape == (5,) and areg[-1] == 199 - 11 and reghdfe[-1] == 19
    # the constant at the means: fitted values average to the outcome's mean
    frame = load_frame(Study(folder=FIXTURES / "grunfeld", header=Header(title="g"), derive={}, specs=(), published=()))
    kept = frame.drop(index=6)
    for b in (areg, reghdfe):
        assert b[1] + b[0] * kept["value"].mean() == pytest.approx(kept["inv"].mean(), rel=1e-12)
    assert "variable nothing not found" in ran.stdout and "vcetype 'hc3' not allowed" in ran.stdout


def test_large_panels_are_a_matter_of_seconds():
    for folder, formula in (("petersen", "y ~ x | firm + year"), ("wage_panel", "lwage ~ union + married | nr + year")):
        spec, design = case(folder, formula, vcov=PANELS[folder], convention="reghdfe")
        started = time.perf_counter()
        answer = r_stata.ENGINE.estimate(spec, design)
        assert isinstance(answer, Estimate) and time.perf_counter() - started < 20
