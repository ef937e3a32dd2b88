"""The seven standard errors of one coefficient (Grunfeld, two-way effects, clustered by firm): each has its name."""

from __future__ import annotations

import pytest

from conftest import FIXTURES
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_targets
from parity.diagnose.fitter import Fitter
from parity.study.load import load_study
from parity.study.spec import Spec

STUDY = load_study(FIXTURES / "grunfeld")
FRAME = load_frame(STUDY)
SPEC = Spec(id="seven", formula="inv ~ capital | firm + year", vcov={"cluster": ["firm"]}, convention="reghdfe")
FITTER = Fitter(STUDY, FRAME)


def explained(text: str):
    return explain_targets(STUDY, SPEC, FRAME, [TargetNumber("se", "capital", text)], fitter=FITTER)


@pytest.mark.parametrize(
    ("se", "expected"),
    [
        (".0569372626", {"cr0"}),
        (".0600171446", {"counts-no-effects"}),
        (".0601685121", {"drops-all-effects-when-nested"}),
        (".0617571323", {"counts-nested-effects", "n-over-n-minus-k", "no-cluster-factor"}),
        (".0649347850", {"counts-nested-effects"}),
        (".1314479111", {"cr2"}),
    ],
)
def test_each_of_the_seven_is_named(se, expected):
    answer = explained(se)
    assert answer.verdict == "explained"
    assert any(set(s.ids) == expected for s in answer.causes), [s.ids for s in answer.causes]
    assert all(s.residual < 1e-9 and s.chance < 0.01 for s in answer.causes)


def test_a_defect_that_gives_the_same_number_is_named_beside_the_convention():
    """pyfixest 0.60.0 gives lfe's number under some hash seeds: from one number alone nobody can tell them apart."""
    ids = {s.ids for s in explained(".0601685121").causes}
    assert ids == {("drops-all-effects-when-nested",), ("nested-flag-on-wrong-effect",)}


def test_the_declared_one_agrees():
    assert explained(".0632812941").verdict == "agree"


def test_a_number_of_no_convention_is_not_named():
    answer = explained(".0777777777")
    assert answer.verdict == "disagree" and not answer.causes
    assert answer.ruled_out and answer.nearest is not None
