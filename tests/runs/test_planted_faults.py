"""A sample of what `python -m planted_faults` does whole: no fault of ours is missed, no clean variation is red."""

from __future__ import annotations

import pytest

from fault_families import FAMILIES
from planted_faults import clean_verdicts, run_faults

pytestmark = pytest.mark.needs_r("haven", "readxl")


def test_planted_faults_turn_the_run_red(tmp_path):
    outcomes = run_faults(len(FAMILIES), 7, tmp_path)
    assert len(outcomes) == len(FAMILIES)
    assert [f"{o.family}: {o.what}" for o in outcomes if o.missed] == []
    assert sum(o.moved for o in outcomes) > len(FAMILIES) / 3  # else they would test nothing


@pytest.mark.parametrize("seed", range(16))
def test_clean_variations_stay_green(tmp_path, seed):
    assert clean_verdicts(90_000 + seed, tmp_path) == []
