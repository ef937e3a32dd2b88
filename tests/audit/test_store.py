"""What is written comes back, and blocks are written as they come."""

import numpy as np
import pytest

from audit.test_block import FIXTURES, every, space
from files_read import read_outcomes
from parity.audit import plan as plan_module
from parity.audit import whole
from parity.audit.outcomes import joined
from parity.audit.plan import plan_of
from parity.audit.run import axes, outcomes, run_parts
from parity.audit.store import Store, written
from parity.audit.whole import Wanted, audited
from parity.study.audit import AuditSettings
from parity.study.load import load_study

SETTINGS = {"spec": "baseline_6", "controls": "all", "vcov": ["iid", "HC1"], "leave_out": "region"}


def test_specifications_come_back_as_they_were(tmp_path):
    of = space("digital_trade", spec="baseline_6", controls={"at_most": 1}, convention=["xtreg", "plm"], vcov="HC1")
    plan, path = plan_of(of), tmp_path / "audit.parquet"
    found = outcomes(of, plan)
    written(found.batches(7), axes(of), path)
    again = read_outcomes(path, axes(of))
    assert found.notes == again.notes != {}
    for name in ("choices", "coef", "se", "p", "df", "nobs"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))
    np.testing.assert_array_equal(found.coef, every(of).coef)


def test_parts_that_are_too_few_or_too_many_are_no_whole():
    of = space("digital_trade", spec="baseline_6", controls={"at_most": 1}, convention=["xtreg", "plm"])
    plan = plan_of(of)
    parts = list(run_parts(of, plan))
    for count in (plan.count - 1, plan.count + 1):
        with pytest.raises(ValueError):
            joined(axes(of), parts, count)


def test_the_same_audit_twice_at_once_in_one_cache(tmp_path, monkeypatch):
    """The one that ends first leaves the parts that the other still needs; the last one clears them away."""
    study = load_study(FIXTURES / "digital_trade")
    study = study.model_copy(update={"audits": {"a": AuditSettings.model_validate(SETTINGS)}})
    monkeypatch.setattr(whole, "MOST_HELD", 0)
    monkeypatch.setattr(plan_module, "MOST_OF_PART", 64)
    monkeypatch.setattr(plan_module, "MOST_PARTS", 2)
    monkeypatch.setenv("PARITY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(whole, "_sensitivity", lambda space: None)
    wanted, inner, parts = Wanted(draws=0, again=False), [], []

    def meanwhile(done, total):
        if not inner and 0 < done < total:
            inner.append(audited(study, "a", wanted))
            parts.extend((tmp_path / "cache" / "audits").rglob("part-*"))

    outer = audited(study, "a", wanted, meanwhile)
    assert parts and len(inner) == 1 and not any((tmp_path / "cache" / "audits").rglob("*.parquet"))
    assert inner[0].said == outer.said
    np.testing.assert_array_equal(inner[0].outcomes.coef, outer.outcomes.coef)


def test_parts_of_an_audit_that_was_killed_are_cleared_by_the_next(tmp_path):
    store = Store(tmp_path / "s", "key", (), 1)
    with pytest.raises(RuntimeError), store.in_use():
        store.put(0, b"x")
        store.clear()
        assert store.whole(), "in use by this process"
        raise RuntimeError
    store.clear()
    assert not store.folder.exists()
