"""On what numbers of a resampling are judged, and what it says of its groups, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from parity.analyses.resampling import groups
from parity.analyses.resampling.found import _scales
from parity.base.tolerance import P_SCALE


def test_differences_are_judged_on_their_largest_error_and_p_on_t():
    found = {"first": 1.0, "second": 2.0, "difference": -1.0, "se interaction": 0.5, "t interaction": -3.0,
             "p interaction": 0.01, "se suest": 0.25, "z suest": 0.5, "p suest": 0.02, "p permutation": 0.5,
             "replicate": [0.0, float("nan"), 2.0]}  # fmt: skip
    assert _scales(found) == {
        "replicate": 1.0, "low": 0.0, "high": 0.0, "first": 0.5, "second": 0.5, "difference": 0.5,
        "difference interaction": 0.5, "t interaction": 3.0, "p interaction": pytest.approx(0.09), "z suest": 1.0,
        "p suest": 0.02,
    }  # fmt: skip
    few = _scales({"t interaction": 2.0, "p interaction": 1e-9})
    assert few["p interaction"] == P_SCALE and few["difference"] == few["replicate"] == 0.0
    assert _scales({"t interaction": 2.0})["p interaction"] == P_SCALE  # a t without a p


def test_ends_are_judged_on_the_width_between_them():
    both = _scales({"low": -1.0, "high": 2.0, "t": 4.0, "replicate": [1.0, 5.0]})
    assert both["low"] == both["high"] == 3.0 and both["t"] == 4.0 and both["difference"] == both["replicate"] == 2.0
    for one in ({"low": -1.0}, {"high": 2.0}, {"low": -1.0, "high": None}, {"low": None, "high": 2.0}, {}):
        assert _scales(one)["low"] == _scales(one)["high"] == 0.0


def test_replicates_tie_by_rounding_of_what_they_are_or_of_what_they_spread():
    """A difference near zero among replicates of a thousand: 1e-8 apart is a tie there, and none among those near one."""
    far = np.array([-1000.0, 1e-8, 1000.0, float("nan")])
    assert groups.p_values(2e-8, far) == (pytest.approx(2 / 3), 1.0)
    near = np.array([-1.0, 1e-8, 1.0])
    assert groups.p_values(2e-8, near) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    one = np.array([1e-8])  # that alone do not spread
    assert groups.p_values(2e-8, one) == (0.0, 0.0) and groups.p_values(1e-8 + 1e-20, one) == (1.0, 1.0)
