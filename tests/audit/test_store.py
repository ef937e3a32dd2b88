"""What is written comes back, and blocks are written as they come."""

import numpy as np

from audit.test_block import every, space
from parity.audit.plan import plan_of
from parity.audit.run import axes, outcomes, run_parts
from parity.audit.store import read, written


def test_specifications_come_back_as_they_were(tmp_path):
    of = space("digital_trade", spec="baseline_6", controls={"at_most": 1}, convention=["xtreg", "plm"], vcov="HC1")
    plan, path = plan_of(of), tmp_path / "audit.parquet"
    found = outcomes(of, run_parts(of, plan))
    written(found.batches(), axes(of), path)
    again = read(path, axes(of))
    assert found.notes == again.notes != {}
    for name in ("choices", "coef", "se", "p", "df", "nobs"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))
    np.testing.assert_array_equal(found.coef, every(of).coef)
