"""A derived column made otherwise: only what rests on it is made again, and that is the same as making everything again."""

from __future__ import annotations

import pandas as pd
import pytest

from conftest import ROOT
from parity.data.derive.study_columns import add_columns
from parity.data.load import load_frame
from parity.diagnose.catalogue import BY_ID
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario
from parity.study.load import load_study


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    study = load_study(ROOT / "fixtures" / "digital_trade")
    return Fitter(study, load_frame(study))


@pytest.mark.parametrize(
    "cause", ["other-cuts", "trimmed-for-winsorised", "standardised-with-other-ddof", "index-made-otherwise"]
)
def test_making_what_rests_on_a_line_is_making_everything(fitter, cause):
    study = fitter.study
    made = [*study.derive, *(c for name, index in study.index.items() for c in index.columns(name))]
    found = 0
    for spec in study.specs:
        step = next(iter(BY_ID[cause].steps(Scenario(spec), fitter)), None)
        if step is None or found == 2:
            continue
        edit = step.scenario.edits[-1]
        kind = "index" if edit.index else "derive"
        changed = study.model_copy(update={kind: {**getattr(study, kind), edit.name: edit.line}})
        whole = add_columns(changed, fitter.original.drop(columns=made)).frame
        partly = edit.frame(fitter.original, study)
        shared = sorted(set(partly.columns))  # forms of an index that the spec doesn't read are left out
        assert edit.wanted <= set(shared)
        pd.testing.assert_frame_equal(partly[shared], whole[shared], check_exact=True)
        assert not partly.equals(fitter.original)
        found += 1
    assert found
