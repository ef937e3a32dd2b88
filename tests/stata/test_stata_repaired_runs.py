"""A covariance by several cluster variables with a negative eigenvalue: a run has what the command prints, and says so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.compare.harmonise import harmonise
from parity.conventions.formulas import Refused
from parity.conventions.profiles import PROFILES
from parity.conventions.repair import is_indefinite, repaired
from parity.engines import engine
from parity.engines.own import fit
from parity.runs.runner import run
from parity.sample.build import build_design
from parity.stata.do import run_do
from parity.study.load import load_study
from test_stata_repaired import HEAD, clipped

TEXT = """[study]
title = "Made"
data = "d.csv"
[spec.main]
formula = "y ~ x + w + z | a"
vcov = {{ cluster = ["g", "h"] }}
convention = {convention}
"""
REGHDFE, KEPT = '"reghdfe"', '{ profile = "reghdfe", psd = "kept" }'


@pytest.fixture
def study(tmp_path):
    """The study under a convention, and V of reghdfe in a do-file."""
    found = run_do(HEAD + "reghdfe y x w z, absorb(a) vce(cluster g h)\n", tmp_path)
    pd.DataFrame({n: found.data[n].values for n in "agxwzyh"}).to_csv(tmp_path / "d.csv", index=False, float_format="%.17g")
    v = found.estimations[0].fit.results.filled().matrices["V"].values[:3, :3]

    def of(convention: str):
        (tmp_path / "study.toml").write_text(TEXT.format(convention=convention), encoding="utf-8")
        return load_study(tmp_path)

    return of, v


def numbers(study):
    from parity.data.load import load_frame

    design = build_design(study, study.spec("main"), load_frame(study))
    spec = study.spec("main")
    estimate = fit.estimate(spec, design)
    return estimate, design, harmonise(estimate, design.facts, spec), spec


def test_a_run_under_reghdfe_has_the_matrix_that_reghdfe_has(study):
    of, v = study
    _, design, side, _ = numbers(of(REGHDFE))
    assert side.repaired and side.indefinite and set(design.facts.deviations) == {"x", "w", "z"}
    se = [side.quantities["se", t].value for t in "xwz"]
    np.testing.assert_allclose(se, np.sqrt(np.diag(v)), rtol=1e-10)
    spread = np.array(list(design.facts.deviations.values()))
    _, _, kept, _ = numbers(of(KEPT))
    assert kept.indefinite and not kept.repaired
    raw = np.array([[kept.quantities["vcov", " x ".join(sorted((a, b)))].value for b in "xwz"] for a in "xwz"])
    np.testing.assert_allclose(clipped(raw * np.outer(spread, spread)) / np.outer(spread, spread), v, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("convention", "said"), [
    (REGHDFE, "set to zero as reghdfe does"), (KEPT, "which is kept"), ('"fixest"', "reghdfe and fixest set it to zero"),
])  # fmt: skip
def test_the_run_says_what_became_of_it(convention, said, study):
    of, _ = study
    report = run([of(convention)], engines=[engine(name) for name in ("py-moments", "py-pyfixest", "py-linearmodels")])
    found = [r for r in report.records if r.kind == "estimate" and r.reference]
    assert found and all("has a negative eigenvalue" in r.note and said in r.note for r in found)
    # without a repair the variance of x is negative, and no engine has a standard error of it
    assert {r.verdict for r in found} == ({"agree"} if convention == REGHDFE else {"disagree"})


def test_what_an_engine_applied_itself_is_repaired_too(study):
    of, _ = study
    estimate, design, side, spec = numbers(of(REGHDFE))
    _, _, kept, _ = numbers(of(KEPT))
    raw = [[kept.quantities["vcov", " x ".join(sorted((a, b)))].value for b in estimate.terms] for a in estimate.terms]
    part = estimate.parts[0].model_copy(update={"matrix": raw, "cluster": ()})
    own = estimate.model_copy(update={"parts": (part,), "basis": "reghdfe"})
    found = harmonise(own, design.facts, spec)
    assert found.repaired and found.how == "by factor"
    for term in "xwz":
        assert found.quantities["se", term].value == pytest.approx(side.quantities["se", term].value, rel=1e-10)


def test_what_is_definite_stays_and_what_was_not_measured_is_refused(study):
    of, _ = study
    _, design, _, _ = numbers(of(REGHDFE))
    good, bad, reghdfe = np.eye(2), np.array([[1.0, 2.0], [2.0, 1.0]]), PROFILES["reghdfe"]
    assert repaired(good, "xw", design.facts, reghdfe, "c") is good and not is_indefinite(good) and is_indefinite(bad)
    assert repaired(bad, "xw", design.facts, PROFILES["fixest"], "c") is bad
    with pytest.raises(Refused, match="spread of `u`"):
        repaired(bad, "xu", design.facts, reghdfe, "c")
    nearly = np.diag([1.0, -1e-17])  # what rounding left of zero is no reason
    assert is_indefinite(nearly) or repaired(nearly, "xu", design.facts, reghdfe, "c") is nearly
