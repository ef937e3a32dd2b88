"""First-stage F of an audit's specifications: what books print, what a run's diagnostics have, and what has none."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from conftest import FIXTURES
from parity.algebra.first_stage import FirstStage
from parity.algebra.subsets import Meat
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.space import space_of
from parity.audit.store import written
from parity.study.audit import AuditSettings
from parity.study.load import load_study


def audited(spec: str, **choices):
    study = load_study(FIXTURES / "cigarettes")
    settings = AuditSettings.model_validate({"spec": spec, **choices})
    space = space_of(study.model_copy(update={"audits": {"a": settings}}), "a")
    return outcomes(space, plan_of(space))


def test_it_is_what_stock_and_watson_print(tmp_path):
    """Table 12.1: 33.7 with the sales tax, 107.2 with the cigarette tax, 88.6 with both."""
    found = audited("table_3", instruments=["d(tdiff, 10)", "d(rtax, 10)"], vcov=["iid"])
    robust = found.choices[:, [a.name for a in found.axes].index("vcov")] == 0
    assert found.first_stage[robust] == pytest.approx([88.6, 33.7, 107.2], abs=0.05)
    written(found.batches(), found.axes, tmp_path / "rows.parquet", instruments=True)
    rows = pq.read_table(tmp_path / "rows.parquet")
    assert rows["first_stage_f"].to_numpy().tolist() == found.first_stage.tolist()


def test_weights_and_several_cluster_variables_have_none():
    found = audited("panel", cluster=[["state", "year"]], weights=[{"analytic": "population"}])
    by = {tuple(c): f for c, f in zip(found.choices.tolist(), found.first_stage, strict=True)}
    assert np.isfinite(by[0, 0]) and np.isnan([f for at, f in by.items() if at != (0, 0)]).all()
    assert found.estimable.any()


def test_without_instruments_nothing_is_kept():
    study = load_study(FIXTURES / "grunfeld")
    settings = AuditSettings.model_validate({"spec": study.specs[0].id, "vcov": ["iid"]})
    space = space_of(study.model_copy(update={"audits": {"a": settings}}), "a")
    assert outcomes(space, plan_of(space)).first_stage is None


def test_a_singular_covariance_of_moments_and_an_exact_first_stage_have_none():
    draw = np.random.default_rng(3)
    q = np.linalg.qr(draw.normal(size=(12, 3)))[0]
    tools, left = np.eye(3)[:2, :, None], np.eye(3)[2][:, None]
    first = FirstStage(tools, np.array([[0.5], [0.2]]), left)
    robust, one = first.of_meat(Meat(q)), first.of_meat(Meat(q, np.zeros(12, dtype=int)))
    e = q[:, 2]
    s = (q[:, :2] * e[:, None]).T @ (q[:, :2] * e[:, None])
    assert robust[0] == pytest.approx(np.array([0.5, 0.2]) @ np.linalg.solve(s, [0.5, 0.2]), rel=1e-12)
    assert np.isnan(one[0]) and first.of_iid()[0] == pytest.approx(0.29)
    exact = FirstStage(tools, first.along, 0 * left)
    assert np.isnan(exact.of_iid()[0]) and np.isnan(exact.of_meat(Meat(q))[0])
