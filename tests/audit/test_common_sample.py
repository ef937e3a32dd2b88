"""`common_sample`: every specification on the rows that all of them have."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from parity.audit import document
from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.space import space_of
from parity.audit.whole import Wanted, audited
from parity.engines import engine
from parity.report.audit_text import audit_text
from random_audits import compared
from test_same import frame, study_of

HOLES = {"c1": 3, "c2": 10, "w": 17, "size": 21, "group": 30, "z": 33, "v": 40}
CHOICES = """
controls = ["c1", "c2", "log(v)"]
outcome = ["y + z"]
transform.x = ["log(size)"]
absorb = ["group", "firm"]
cluster = ["group"]
weights = ["none", { analytic = "size" }]
where = ["year > 2002"]
common_sample = true
"""


def holed() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Data with missing values in places, a zero under a logarithm among them; and the rows that have everything."""
    data = frame()
    rng = np.random.default_rng(8)
    data["group"] = rng.choice(["a", "b", "c", "d", "e"], len(data))
    data["z"], data["v"] = rng.normal(size=len(data)), rng.uniform(1, 3, len(data))
    data["not_read"] = np.where(np.arange(len(data)) == 50, np.nan, 1.0)
    data["group"] = data["group"].astype(object)
    for name, row in HOLES.items():
        if name != "w":
            data.loc[row, name] = None if name == "group" else 0.0 if name == "v" else np.nan
    gone = [row for name, row in HOLES.items() if name != "w"]
    return data, data.drop(index=gone)


def test_all_specifications_are_those_of_the_data_without_the_rows_that_miss_something(tmp_path):
    """By two files: the rows are chosen by the audit in the one, and were taken out by hand in the other."""
    data, whole = holed()
    for name in ("own", "by_hand"):
        (tmp_path / name).mkdir()
    mine = space_of(study_of(tmp_path / "own", CHOICES, data), "a")
    theirs = space_of(study_of(tmp_path / "by_hand", CHOICES.replace("common_sample = true", ""), whole), "a")
    assert [c.options for c in mine.choices] == [c.options for c in theirs.choices]
    found, other = (outcomes(s, plan_of(s)) for s in (mine, theirs))
    assert np.array_equal(found.choices, other.choices) and found.estimable.sum() > 500
    for number in ("coef", "se", "p", "df", "nobs"):
        np.testing.assert_allclose(getattr(found, number), getattr(other, number), rtol=1e-11, err_msg=number)
    where = found.choices[:, [a.name for a in found.axes].index("where")]
    assert set(found.nobs[found.estimable & (where == 0)]) == {float(len(whole))}


def test_without_it_specifications_differ_in_rows(tmp_path):
    data, whole = holed()
    space = space_of(study_of(tmp_path, CHOICES.replace("common_sample = true", ""), data), "a")
    found = outcomes(space, plan_of(space))
    assert len(set(found.nobs[found.estimable])) > 4 and found.nobs[found.base] > len(whole)


@pytest.fixture
def without_removals(monkeypatch):
    """Whose rows would overturn the claim is no question here, and takes seconds."""
    monkeypatch.setattr("parity.audit.whole._sensitivity", lambda space: document.sensitivity())


def test_what_it_does_to_the_audited_one_is_said(tmp_path, without_removals):
    data, whole = holed()
    study = study_of(tmp_path, CHOICES, data)
    said = audited(study, "a", Wanted(draws=0, engines=[engine("py-moments"), engine("py-statsmodels")])).said
    text = " ".join(audit_text(said).split())
    assert f"{len(whole)} without 4 that the audited one has of its own" in text
    for name in ("`log(v)`", "`(y) + (z)`", "`group`", "`log(size)`"):  # c1 and c2 are the audited one's own
        assert f"{name} is missing in 1" in text
    assert f"On its own {len(whole) + 4} rows, which not all specifications have, it is {said.printed.coef:.6g}" in text
    assert said.printed.nobs == len(whole) + 4 and said.summary.base.coef != said.printed.coef
    assert said.extremes and all(e.verdict == "agree" and e.engines >= 1 for e in said.extremes)


def test_where_nothing_is_missing_it_changes_nothing(tmp_path, without_removals):
    study = study_of(tmp_path, 'controls = "all"\ncommon_sample = true')
    space = space_of(study, "a")
    assert space.common.condition is None and space.spec.where is None and space.common.lost == 0
    said = audited(study, "a", Wanted(draws=0, again=False)).said
    assert said.printed is None and "every specification has the 72 rows of the audited one" in audit_text(said)


@pytest.mark.parametrize("seed", range(1, 5))
def test_each_is_its_own_run(seed):
    found = list(compared(seed, 6, ("py-moments", "py-pyfixest"), common=True))
    assert found and [what for _, what, far in found if far > 1] == []
