"""All specifications of an audit in a few numbers, against what can be counted by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from made_outcomes import made
from parity.audit.summary import NO_REASON, summary


def test_six_specifications_by_hand():
    coef = np.array([-1.0, 0.0, 2.0, 2.0, 5.0, np.nan])
    p = np.array([0.001, 0.5, 0.04, 0.05, 0.06, np.nan])
    found = summary(made((2, 3), lambda c: coef, p=p, notes={5: "collinear"}, base=1), levels=(0.05, 0.1))
    assert (found.specs, found.estimable, found.reasons) == (6, 5, (("collinear", 1),))
    assert (found.median, found.least, found.largest) == (2.0, -1.0, 5.0)
    assert (found.negative, found.zero, found.positive) == (1, 1, 3)
    assert [(s.level, s.negative, s.positive) for s in found.significant] == [(0.05, 1, 1), (0.1, 1, 3)]  # .05 isn't below
    assert (found.base.spec, found.base.rank, found.base.above, found.base.below) == (4, 5, 0, 4)


def test_ties_share_the_lowest_place():
    found = summary(made((2, 2), lambda c: np.array([2.0, 2.0, 1.0, 3.0]))).base
    assert (found.rank, found.above, found.below, found.share_above) == (2, 1, 1, 0.25)


def test_quantiles_are_those_of_pandas():
    rng = np.random.default_rng(1)
    coef = rng.normal(size=37 * 3)
    found = summary(made((37, 3), lambda c: coef), quantiles=(0.1, 0.9))
    assert [v for _, v in found.quantiles] == pytest.approx(pd.Series(coef).quantile([0.1, 0.9]).tolist(), rel=1e-14)


def test_reasons_are_counted_by_their_text_and_notes_on_estimates_are_none():
    coef = np.array([np.nan, 1.0, np.nan, np.nan, np.nan, 2.0])
    notes = {0: "few clusters", 1: "said beside an estimate", 2: "collinear", 3: "collinear"}
    found = summary(made((2, 3), lambda c: coef, notes=notes))
    assert found.reasons == (("collinear", 2), ("few clusters", 1), (NO_REASON, 1))
    assert found.base is None


def test_nothing_estimable_is_no_crash():
    found = summary(made((2,), lambda c: np.full(len(c), np.nan)))
    assert found.estimable == 0 and np.isnan(found.median) and found.base is None


def test_an_infinite_standard_error_is_no_estimate():
    outcomes = made((3,), lambda c: np.array([1.0, 2.0, 3.0]))
    outcomes = dataclasses.replace(outcomes, se=np.array([1.0, np.inf, 1.0]))
    assert summary(outcomes).estimable == 2
