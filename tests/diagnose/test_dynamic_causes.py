"""Causes of dynamic panels, by numbers of others: what Stata 18 printed of abdata.dta (`xtabond`, `xtdpdsys`, `xtabond2`, as
StatsPAI recorded them, MIT licence), what plm's pgmm() has of it, and 2SLS of linearmodels on its differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from linearmodels import IV2SLS

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue.dynamic import CAUSES
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.load import load_study
from parity.study.spec import Spec

ROBUST = {"vcov": {"cluster": ["firm"]}}
ALONE = {"formula": "n ~ 0 + l(n, 1)", "model": "difference_gmm"}
BESIDE = {"formula": "n ~ 0 + l(n, 1) + w + k", "model": "difference_gmm", **ROBUST}
SYSTEM = {"formula": "n ~ l(n, 1) + w + k", "model": "system_gmm", **ROBUST}
XTABOND2 = {"weight": "joint", "levels": "both"}
#: Cause -> what is declared, and b and se of the lag under it: of xtabond n; xtabond2 n L.n w k; xtdpdsys n w k; pgmm().
CASES: dict[str, tuple[dict, float, float]] = {
    "dynamic-two-steps": (ALONE | ROBUST, 0.99444404887, 0.12079408883),
    "dynamic-one-step": (ALONE | ROBUST | {"dynamic": {"steps": 2}}, 1.023349095, 0.10353203223),
    "windmeijer-left-out": (ALONE | ROBUST | {"dynamic": {"steps": 2}}, 0.99444404887, 0.039921110162),
    "windmeijer-corrected": (ALONE | {"dynamic": {"steps": 2}}, 0.99444404887, 0.12079408883),
    "levels-added": (ALONE | ROBUST, 1.1703744496, 0.076032138675),
    "levels-left-out": ({"formula": "n ~ l(n, 1)", "model": "system_gmm", **ROBUST}, 1.023349095, 0.10353203223),
    "orthogonal-deviations": (BESIDE, 0.39710678817, 0.13367452963),
    "effects-out-by-differences": (BESIDE | {"dynamic": {"transform": "orthogonal"}}, 0.49514069377, 0.12712410857),
    "instruments-collapsed": (ALONE | ROBUST, 1.3866188551, 0.088148464251),
    "instruments-by-period": (ALONE | ROBUST | {"dynamic": {"collapse": True}}, 1.023349095, 0.10353203223),
    "other-lags": (ALONE | ROBUST, 1.2207155687, 0.1005801159),
    "first-step-joint": (SYSTEM | {"dynamic": XTABOND2 | {"weight": "differences"}}, 0.68558703648, 0.080575895488),
    "first-step-apart": (SYSTEM | {"dynamic": {"weight": "joint"}}, 0.54191058817, 0.14029844069),
    "standard-of-both": (SYSTEM | {"dynamic": {"weight": "joint"}}, 0.68558703648, 0.080575895488),
    "standard-of-differences": (SYSTEM | {"dynamic": {"levels": "both"}}, 0.54191058817, 0.14029844069),
    "errors-over-n-minus-k": (ALONE | {"dynamic": {"variance": "n"}}, 1.023349095, 0.06078873615),
    # the same without the coefficient taken off: 751 differences
    "errors-over-n": (ALONE, 1.023349095, 0.06078873615 * np.sqrt(750 / 751)),
}


@pytest.fixture(scope="module")
def fitter():
    study = load_study(FIXTURES / "employment").model_copy(update={"specs": ()})
    return Fitter(study, load_frame(study)[["firm", "year", "n", "w", "k"]])


def given(fitter: Fitter, keys: dict, id: str) -> list[tuple[float, float]]:
    """b and se of the lag in every variant of a cause."""
    steps = BY_ID[id].steps(Scenario(Spec(id="s", **keys)), fitter)
    found = [numbers for step in steps if (numbers := fitter.numbers(step.scenario)) is not None]
    at = [numbers.terms.index("l(n, 1)") for numbers in found]
    return [(n.coef[i], np.sqrt(n.vcov[i, i])) for n, i in zip(found, at, strict=True)]


def holds(fitter: Fitter, keys: dict, id: str, b: float, se: float) -> bool:
    return any(shown == pytest.approx((b, se), rel=2e-9) for shown in given(fitter, keys, id))


@pytest.mark.parametrize("id", CASES)
def test_a_cause_gives_others_numbers(id, fitter):
    keys, b, se = CASES[id]
    assert holds(fitter, keys, id, b, se)
    assert not given(fitter, {"formula": "n ~ w"}, id)


def test_a_cause_is_named(fitter):
    study = fitter.study
    few = fitter.original[fitter.original["firm"] <= 40].reset_index(drop=True)
    other = Fitter(study, few)
    two = other.numbers(Scenario(Spec(id="s", **ALONE, dynamic={"steps": 2, "gmm": {"n": [2, 4]}})))
    assert two is not None
    shown = [
        TargetNumber("coef", "l(n, 1)", f"{two.coef[0]:.8g}"),
        TargetNumber("se", "l(n, 1)", f"{two.vcov[0, 0] ** 0.5:.8g}"),
    ]
    declared = Spec(id="s", **ALONE, **ROBUST, dynamic={"steps": 2, "gmm": {"n": [2, 4]}})
    answer = explain_targets(study, declared, few, shown, fitter=other, most=1)
    assert ("windmeijer-left-out",) in {s.ids for s in answer.causes}


def test_equal_weights_are_2sls(fitter):
    d = fitter.original.sort_values(["firm", "year"])
    of = d.groupby("firm")["n"]
    moved = pd.DataFrame({"firm": d["firm"], "y": of.diff(), "x": of.diff().groupby(d["firm"]).shift()})
    for lag in range(2, 9):
        back = of.shift(lag).fillna(0.0)
        for year in d["year"].unique():
            moved[f"z{lag}_{year}"] = np.where(d["year"] == year, back, 0.0)
    used = moved.dropna()
    z = used.filter(like="z").loc[:, lambda columns: (columns != 0).any()]
    fit = IV2SLS(used["y"], None, used[["x"]], z).fit(cov_type="clustered", clusters=used["firm"], debiased=False)
    assert holds(fitter, ALONE | ROBUST, "first-step-alike", fit.params["x"], fit.std_errors["x"])


def test_instruments_of_levels_apart_are_pgmm_s(fitter):
    """plm 2.6-5: pgmm(n ~ lag(n, 1) + w + k | lag(n, 2:99) | w + k, transformation = "ld", fsm = "full"), onestep."""
    keys = {"formula": "n ~ 0 + l(n, 1) + w + k", "model": "system_gmm", **ROBUST, "dynamic": XTABOND2}
    assert holds(fitter, keys, "standard-apart", 0.74564095336, 0.0627844797)


def test_no_cause_is_without_its_number():
    assert {c.id for c in CAUSES} == {*CASES, "first-step-alike", "standard-apart"}
