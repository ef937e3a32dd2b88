"""What is written comes back, and blocks are written as they come."""

import numpy as np
import pytest

from audit.test_block import every, space
from parity.audit.outcomes import joined
from parity.audit.plan import plan_of
from parity.audit.run import axes, outcomes, run_parts
from parity.audit.store import read, written


def test_specifications_come_back_as_they_were(tmp_path):
    of = space("digital_trade", spec="baseline_6", controls={"at_most": 1}, convention=["xtreg", "plm"], vcov="HC1")
    plan, path = plan_of(of), tmp_path / "audit.parquet"
    found = outcomes(of, plan)
    written(found.batches(7), axes(of), path)
    again = read(path, axes(of))
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
