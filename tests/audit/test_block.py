"""Specifications solved in batches are those that a run estimates one by one."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.audit.plan import plan_of
from parity.audit.run import outcomes
from parity.audit.single import estimated
from parity.audit.space import space_of
from parity.base.errors import Unestimable
from parity.study.audit import AuditSettings
from parity.study.load import load_study
from random_audits import compared

FIXTURES = Path(__file__).parents[2] / "fixtures"


def space(folder: str, **settings):
    study = load_study(FIXTURES / folder)
    return space_of(study.model_copy(update={"audits": {"a": AuditSettings.model_validate(settings)}}), "a")


def every(of):
    return outcomes(of, plan_of(of))


@settings(max_examples=12)  # thousands: `python -m random_audits`
@given(st.integers(0, 2**31))
def test_random_audits_say_what_engines_say(seed):
    for engine, what, distance in compared(seed, 3, ("py-moments",)):
        assert distance < 1e-9, f"{engine}: {what}"


@pytest.mark.parametrize(
    ("folder", "settings"),
    [
        ("grunfeld", {"spec": "stata_floats", "controls": "all", "absorb": ["firm", "firm + year"], "vcov": ["iid", "HC1"],
                      "cluster": ["firm", ["firm", "year"]], "convention": "all"}),
        ("digital_trade", {"spec": "iv_both", "controls": {"at_most": 2}, "instruments": ["posts_net"],
                           "index": {"dt": ["pca"]}, "cluster": ["year"], "convention": ["plm", "fixest"]}),
        ("job_training", {"spec": "pooled", "controls": "all", "absorb": ["fcode"], "leave_out": ["year"]}),
        # a matrix of two clusters that reghdfe repairs: 4e-4 of the standard error
        ("wage_panel", {"spec": "pooled", "controls": "all", "cluster": [["nr", "year"]], "convention": ["reghdfe"]}),
        ("mroz", {"spec": "participation", "controls": "all", "vcov": ["iid", "HC3"]}),
    ],
)  # fmt: skip
def test_every_corner_is_as_it_is_by_itself(folder, settings):
    of = space(folder, **settings)
    found, memo = every(of), {}
    corners = list(itertools.product(*({0, n - 1} for n in found.sizes)))
    picked = (
        corners if len(corners) < 60 else corners[:: len(corners) // 60 | 1]
    )  # an odd step, which meets both ends of each
    place = {tuple(map(int, at)): i for i, at in enumerate(found.choices)}
    compared = 0
    for at in picked:
        if at not in place:
            continue
        i = place[at]
        try:
            one = estimated(of, at, memo)
        except Unestimable:
            assert np.isnan(found.coef[i])
            assert found.notes[i]
            continue
        mine = [found.coef[i], found.se[i], found.p[i], found.df[i], found.nobs[i]]
        np.testing.assert_allclose(mine, [one.coef, one.se, one.p, one.df, one.nobs], rtol=1e-9, atol=1e-14)
        compared += 1
    assert compared > 3


def test_a_control_with_missing_values_brings_its_rows_with_it():
    of = space("job_training", spec="pooled", term="grant", controls={"free": ["d88", "lsales"]})
    found = every(of)
    with_it = {int(n) for n in found.nobs[found.choices[:, 1] == 1]}
    without = {int(n) for n in found.nobs[found.choices[:, 1] == 0]}
    assert [c.name for c in of.choices] == ["d88", "lsales"]
    assert min(without) > max(with_it)


def test_collinear_controls_are_left_out_as_in_a_run():
    """The later of two goes; with all three the term is determined by what stands before it, and has no coefficient."""
    of = space("wage_panel", spec="pooled", term="union", controls={"free": ["exper", "i(year)", "nr"]})
    found = every(of)
    assert len(found) == 8
    memo = {}
    for i, at in enumerate(found.choices):
        assert found.coef[i] == pytest.approx(estimated(of, tuple(map(int, at)), memo).coef, rel=1e-9)


def test_the_audited_specification_is_among_them():
    of = space("digital_trade", spec="baseline_6", controls="all", where=["year > 2016"])
    found = every(of)
    assert found.chosen(found.base)["where"] == "all"
    own = estimated(of, of.base, {})
    assert found.coef[found.base] == pytest.approx(own.coef, rel=1e-10)
    assert found.whole


def test_more_than_wanted_are_drawn_the_audited_among_them():
    settings = {"spec": "baseline_6", "controls": {"at_most": 3}, "convention": "all", "most": 300}
    of = space("digital_trade", **settings, seed=4)
    plan = plan_of(of)
    assert (plan.count, plan.drawn_of) == (300, 43 * 13)  # the audited one has all six controls
    found, again = every(of), every(of)
    assert found.base is not None
    assert len({tuple(c) for c in found.choices.tolist()}) == 300
    many = found.choices[:, :6].sum(axis=1)
    assert set(many.tolist()) == {0, 1, 2, 3, 6}
    np.testing.assert_array_equal(found.coef, again.coef)
    whole = every(space("digital_trade", **{**settings, "most": 10_000}))
    at = {tuple(c): i for i, c in enumerate(whole.choices.tolist())}
    np.testing.assert_array_equal(found.coef, whole.coef[[at[tuple(c)] for c in found.choices.tolist()]])


def test_a_standard_error_that_is_rounding_noise_is_none():
    """A dummy of one of two clusters: the residuals of either sum to zero, and no variance is left."""
    of = space("grunfeld", spec="stata_floats")
    of.frame["first"] = (of.frame["firm"] == 1).astype(float)
    settings = AuditSettings.model_validate({
        "spec": "stata_floats", "treatment": "first", "controls": {"never": ["float(capital)"]}, "cluster": "first",
    })  # fmt: skip
    found = every(space_of(of.study.model_copy(update={"audits": {"a": settings}}), "a", of.frame))
    at = (found.choices[:, 0] == 1) & (found.choices[:, -1] == 1)
    assert (
        at.sum() == 1 and np.isnan(found.se[at]).all() and np.isnan(found.p[at]).all() and np.isfinite(found.coef[at]).all()
    )
    assert set(found.notes.values()) == {"its standard error is what rounding left of zero"}
