"""What no engine is asked for: the cluster jackknife where a coefficient hangs on one cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from parity.engines import engine
from parity.results.estimate import Declined, Estimate
from parity.runs.worker import ANSWER, ask
from parity.study.load import load_study
from parity.study.spec import Spec

STUDY = load_study(Path(__file__).parents[2] / "fixtures" / "grunfeld")


def answered(name: str, formula: str):
    spec = Spec(id="s", formula=formula, vcov={"cluster": ["firm"], "type": "CR3"})
    return ANSWER.validate_json(ask(STUDY, spec, STUDY.data_hash(), engine(name)))


@pytest.mark.parametrize("name", ["py-moments", "py-statsmodels", "py-pyfixest"])
def test_no_engine_answers_where_a_coefficient_hangs_on_one_cluster(name):
    """The dummies of firms have no coefficient without their firm; absorbed, they are no coefficients."""
    found = answered(name, "inv ~ value + i(firm)")
    assert isinstance(found, Declined) and found.reason == "without one of the clusters a coefficient is undetermined"
    assert isinstance(answered(name, "inv ~ value"), Estimate)


def test_effects_of_the_clusters_themselves_are_no_coefficients():
    assert isinstance(answered("py-moments", "inv ~ value | firm"), Estimate)
