"""What a bench keeps of one world it may use for another only where it is the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conftest import ROOT
from parity.data import load_frame
from parity.diagnose.bench import Bench
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.catalogue.transformation import Tails
from parity.diagnose.world import World
from parity.study import load_study
from random_studies import random_study


@pytest.mark.parametrize("seed", range(600, 604))
def test_columns_kept_for_edited_frames_are_those_of_a_fresh_bench(seed):
    study, frame = random_study(seed)
    used = Bench(study, frame)
    for spec in study.specs:
        used.numbers(World(spec))
    for spec in study.specs:
        world = World(spec).edited(Tails(("x1", "x2"), (5, 95), "linear", False))
        fresh, again = Bench(study, frame).numbers(world), used.numbers(world)
        assert (fresh is None) == (again is None)
        if fresh is not None:
            np.testing.assert_array_equal(fresh.coef, again.coef)
            np.testing.assert_array_equal(fresh.vcov, again.vcov)


def test_singletons_by_rows_where_another_cause_leaves_the_effects_out():
    study = load_study(ROOT / "fixtures" / "hard_cases")
    bench, world = Bench(study, load_frame(study)), World(study.spec("frequency"))
    (step,) = BY_ID["singletons-by-rows"].steps(world, bench)
    assert bench.numbers(step.world).nobs < bench.numbers(world).nobs
    pooled = step.world.with_spec(formula=replace(world.spec.formula, effects=()))
    assert bench.numbers(pooled).nobs == bench.numbers(world).nobs
