"""What a fitter keeps of one scenario it may use for another only where it is the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from conftest import ROOT
from parity.base.tolerance import EXACT
from parity.data.load import load_frame
from parity.diagnose.catalogue import BY_ID, CAUSES
from parity.diagnose.catalogue.transformation import Tails
from parity.diagnose.fitter import Fitter
from parity.diagnose.observed import from_numbers
from parity.diagnose.scenario import Scenario
from parity.diagnose.search import Search
from parity.study.load import load_study
from random_studies import random_study


@pytest.mark.parametrize("seed", range(600, 604))
def test_columns_kept_for_edited_frames_are_those_of_a_fresh_fitter(seed):
    study, frame = random_study(seed)
    used = Fitter(study, frame)
    for spec in study.specs:
        used.numbers(Scenario(spec))
    for spec in study.specs:
        scenario = Scenario(spec).edited(Tails(("x1", "x2"), (5, 95), "linear", False))
        fresh, again = Fitter(study, frame).numbers(scenario), used.numbers(scenario)
        assert (fresh is None) == (again is None)
        if fresh is not None:
            np.testing.assert_array_equal(fresh.coef, again.coef)
            np.testing.assert_array_equal(fresh.vcov, again.vcov)


def test_singletons_by_rows_where_another_cause_leaves_the_effects_out():
    study = load_study(ROOT / "fixtures" / "hard_cases")
    fitter, scenario = Fitter(study, load_frame(study)), Scenario(study.spec("frequency"))
    (step,) = BY_ID["singletons-by-rows"].steps(scenario, fitter)
    assert fitter.numbers(step.scenario).nobs < fitter.numbers(scenario).nobs
    pooled = step.scenario.with_spec(formula=replace(scenario.spec.formula, effects=()))
    assert fitter.numbers(pooled).nobs == fitter.numbers(scenario).nobs


PANEL = """
[study]
title = "A long panel"
made = true
data = "data.csv"
unit = "unit"
time = "year"
[spec.two_way]
formula = "y ~ x | unit + year"
vcov = { cluster = ["unit"] }
convention = "reghdfe"
"""


def test_own_degrees_of_freedom_are_tried_on_many_rows_where_clusters_are_short(tmp_path):
    rng, unit, year = np.random.default_rng(5), np.repeat(np.arange(700), 30), np.tile(np.arange(30), 700)
    columns = {"unit": unit, "year": year, "y": rng.standard_normal(21_000), "x": rng.standard_normal(21_000)}
    pd.DataFrame(columns).to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "study.toml").write_text(PANEL)
    study = load_study(tmp_path)
    fitter, scenario = Fitter(study, load_frame(study)), Scenario(study.spec("two_way"))
    numbers = fitter.numbers(replace(scenario, scaling=("satterthwaite",)))
    observed = from_numbers(numbers, EXACT, ("coef", "se", "vcov", "t", "p", "ci_low", "ci_high", "nobs"))
    result = Search(fitter, observed, scenario, CAUSES).run()
    assert [f.path.steps[0].cause.id for f in result.solutions] == ["satterthwaite-degrees-of-freedom"]
    assert "cr2" in result.untried and "satterthwaite-degrees-of-freedom" not in result.untried
    by_year = scenario.with_spec(vcov=scenario.spec.vcov.model_copy(update={"cluster": ("year",)}))
    assert not fitter.own_df_is_costly(scenario) and fitter.own_df_is_costly(by_year)
