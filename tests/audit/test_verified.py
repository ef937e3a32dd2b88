"""An audit's extremes are studies that every engine estimates; what it says of them holds there."""

from dataclasses import replace

import numpy as np
import pytest

from audit.test_block import every, space
from parity.audit.kept import as_study
from parity.audit.verified import verified
from parity.engines import registry
from parity.study.load import parse_study

SETTINGS = {
    "spec": "baseline_6", "controls": "all", "absorb": ["省份", "none"], "vcov": "HC1", "convention": ["plm"],
    "where": ["year >= 2016"], "leave_out": "region", "weights": [{"analytic": "population"}],
    "index": {"dt": {"variants": ["pca"], "leave_out": ["dimensions"]}},
    "transform": {"resilience": [{"winsorise": "resilience"}, "log(resilience)"]},
    "most": 150,  # drawn of a hundred thousand, whose samples would each be solved
}  # fmt: skip


@pytest.fixture(scope="module")
def audited():
    of = space("digital_trade", **SETTINGS)
    return of, every(of)


def test_specifications_are_a_study_in_a_persons_words(audited):
    of, found = audited
    rng = np.random.default_rng(3)
    picked = {f"s{i}": tuple(int(c) for c in found.choices[i]) for i in rng.integers(len(found), size=30)}
    study = as_study(of, picked)
    for name, at in picked.items():
        assert study.spec(name) == of.specification(at, name)
    assert parse_study(study.text, study.file) == study


def test_engines_hold_an_audits_number_or_break_it(audited):
    of, found = audited
    engines = [e for name, e in registry().items() if name in ("py-moments", "py-statsmodels", "py-linearmodels", "r-stata")]
    picked = {"largest": int(np.nanargmax(found.coef))}
    (held,) = verified(of, found, picked, engines=engines)
    assert held.holds, held
    assert len(held.engines) > 1
    assert held.distance < 1e-9
    wrong = found.coef.copy()
    wrong[held.spec] *= 1 + 1e-6
    (broken,) = verified(of, replace(found, coef=wrong), picked, engines=engines)
    assert not broken.holds
    assert broken.distance == pytest.approx(1e-6, rel=1e-2)
