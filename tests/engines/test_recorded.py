"""What test suites of other packages recorded, all of it, against parity's own API. No R is needed."""

from __future__ import annotations

import json
from functools import partial

import pytest
from click.testing import CliRunner

import recorded_cases
import recorded_statsmodels
from conftest import FIXTURES
from parity.cli import main

SUITES = {
    "estimatr": (recorded_cases.estimatr, 22),
    "linearmodels, panel": (recorded_cases.panel, 51),
    "linearmodels, 2SLS": (recorded_cases.instruments, 192),
    "linearmodels, LIML": (partial(recorded_cases.instruments, "linearmodels_liml.json", "liml"), 192),
    "linearmodels, GMM": (partial(recorded_cases.instruments, "linearmodels_gmm.json", "gmm"), 384),
    "pyfixest, feols": (partial(recorded_cases.pyfixest, "feols"), 228),
    "pyfixest, instruments": (partial(recorded_cases.pyfixest, "iv"), 96),
    "fixest, Poisson": (partial(recorded_cases.likelihoods, "poisson"), 45),
    "fixest, logit": (partial(recorded_cases.likelihoods, "logit"), 45),
    "fixest, probit": (partial(recorded_cases.likelihoods, "probit"), 45),
    "Stata, in statsmodels": (recorded_statsmodels.cases, 42),
    "pyfixest, ssc": (partial(recorded_cases.pyfixest, "ssc"), 576),
}


@pytest.mark.parametrize("suite", SUITES)
def test_every_recorded_number_is_met(suite):
    cases, count = SUITES[suite]
    cases = list(cases())
    assert len(cases) == count and all(case.numbers for case in cases)
    wrong = [text for case in cases for text in case.wrong()]
    assert not wrong, f"{len(wrong)} of {sum(len(c.numbers) for c in cases)}:\n" + "\n".join(wrong[:40])


def test_statas_leverage_is_named_for_its_recorded_numbers():
    """`reg mpg hp [aweight=w], vce(hc2)`, held against the same spec under the convention of sandwich: it, and the study's
    own column of it. For certain neither is told from so few digits; more show that the outcome is in 4 bytes, too."""
    block = recorded_cases.recorded("estimatr.json")["stata-ests.txt: HC2w"]
    se, t = float(block["V _cons"]) ** 0.5, -(float(block["f"]) ** 0.5)
    typed = ("--target-se", f"(Intercept)={se:.5f}", "--target-t", f"hp={t:.5f}", "--json")
    result = CliRunner().invoke(main, ["explain", str(FIXTURES / "mtcars"), "weighted_hc2", *typed])
    assert result.exit_code == 1, result.output
    answer = json.loads(result.output)
    assert [[c["id"] for c in found["causes"]] for found in answer["causes"]] == [
        ["leverage-without-weights"], ["column-of-another-spec"]]  # fmt: skip
