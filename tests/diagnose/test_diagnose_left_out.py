"""Coefficients without each unit or period by the jackknife's formula are those of fits without them."""

from __future__ import annotations

import numpy as np
import pytest

from parity.diagnose import left_out
from parity.diagnose.fitter import Fitter
from parity.diagnose.scenario import Scenario, WithoutLevel
from random_studies import random_study


@pytest.mark.parametrize("most_rows", [400, 8])
@pytest.mark.parametrize("seed", range(500, 504))
def test_as_refits(seed, most_rows, monkeypatch):
    monkeypatch.setattr(left_out, "MOST_ROWS", most_rows)
    fitter = Fitter(*random_study(seed))
    compared = 0
    for spec in fitter.study.specs:
        for column in ("unit", "year") if fitter.core(Scenario(spec)) is not None else ():
            for value in fitter.columns.levels(column)[:6]:
                scenario = Scenario(spec).edited(WithoutLevel(column, value, spec.convention.singletons == "drop"))
                quick = fitter._without_refit(scenario)
                if quick is not None:
                    slow = fitter._refitted(scenario)
                    assert (quick.terms, quick.nobs) == (slow.terms, slow.nobs)
                    np.testing.assert_allclose(quick.coef, slow.coef, rtol=1e-9, atol=1e-10 * np.abs(slow.coef).max())
                    compared += 1
    assert compared or most_rows == 8
