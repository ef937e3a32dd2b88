"""Joint inference over specifications: against an implementation in R on the same draws, and its size under the null."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from made_outcomes import axes, product
from parity.audit.joint import joint
from parity.audit.outcomes import Outcomes

HERE = Path(__file__).parent


def outcomes(coef, t, df) -> Outcomes:
    n = len(coef)
    p = 2 * stats.t.sf(np.abs(t), df)
    return Outcomes(axes(n), product((n,)), coef, coef / t, p, np.broadcast_to(df, (n,)) * 1.0, np.full(n, 50.0))


def correlated(rng, b: int, s: int) -> np.ndarray:
    """t-like draws that are correlated, as specifications of the same data are."""
    return rng.normal(size=(b, 1)) + 0.8 * rng.normal(size=(b, s))


def made(seed: int, s: int = 14, b: int = 99, df=None):
    rng = np.random.default_rng(seed)
    t = correlated(rng, 1, s)[0] + 1.2
    se = rng.uniform(0.5, 2, s)
    df = rng.integers(3, 40, s).astype(float) if df is None else df
    ts = correlated(rng, b, s)
    return outcomes(t * se, t, df), ts * se, ts


@pytest.mark.needs_r()
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_numbers_in_r_from_the_same_draws(tmp_path, seed):
    real, coefs, ts = made(seed)
    for name, table in (("o", np.array([real.coef, real.coef / real.se, real.df])), ("c", coefs), ("t", ts)):
        np.savetxt(tmp_path / name, table, delimiter=",", fmt="%.17g")
    command = ["Rscript", str(HERE / "joint.R"), *(str(tmp_path / n) for n in "oct"), "0.05"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    numbers = np.array([float(line) for line in done.stdout.split()])
    found = joint(real, [(coefs, ts)])
    assert [s.observed for s in found.statistics] == pytest.approx(numbers[:3], rel=1e-9)
    assert [s.p for s in found.statistics] == pytest.approx(numbers[3:6], rel=1e-12)
    assert found.adjusted == pytest.approx(numbers[6:], rel=1e-12)


def test_the_step_down_by_its_definition():
    real, coefs, ts = made(5, df=np.full(14, 20.0))
    t = np.abs(real.coef / real.se)
    order = np.argsort(-t)
    expected, floor = np.empty(14), 0.0
    for k, at in enumerate(order):
        maxima = np.abs(ts[:, order[k:]]).max(1)
        floor = max(floor, (1 + (maxima >= t[at]).sum()) / 100)
        expected[at] = floor
    found = joint(real, [(coefs, ts)])
    assert found.adjusted == pytest.approx(expected, rel=1e-14)
    assert found.own == pytest.approx((1 + (np.abs(ts) >= t).sum(0)) / 100, rel=1e-14)
    assert np.all(found.adjusted >= found.own) and found.significant(1.0) == int((expected < 1).sum())


def test_batches_of_any_size_are_the_same():
    real, coefs, ts = made(6)
    one = joint(real, [(coefs, ts)])
    many = joint(real, ((coefs[i : i + 7], ts[i : i + 7]) for i in range(0, 99, 7)))
    assert np.array_equal(one.adjusted, many.adjusted) and many.draws == 99
    assert [s.p for s in one.statistics] == [s.p for s in many.statistics]


def test_degrees_of_freedom_count_in_the_minimal_p():
    """t of 3 on 2 degrees of freedom is less evidence than 2.5 on 100."""
    real = outcomes(np.array([3.0, 2.5]), np.array([3.0, 2.5]), np.array([2.0, 100.0]))
    ts = np.array([[2.9, 0.1], [0.1, 2.6], [2.0, 0.0]])
    found = joint(real, [(ts, ts)])
    assert found.adjusted[1] == 2 / 4  # of three draws the second alone; it is looked at first, among both
    assert found.adjusted[0] == 2 / 4 and found.own[0] == 1 / 4


def test_what_is_missing_is_no_evidence_and_is_counted():
    real, coefs, ts = made(7)
    coefs, ts = coefs.copy(), ts.copy()
    ts[3, :5] = np.nan
    coefs[3, :5] = np.nan
    assert joint(real, [(coefs, ts)]).missing == 5
    ts[4], coefs[4] = np.nan, np.nan
    found = joint(real, [(coefs, ts)])
    assert found.missing == 5 + 14 and np.isfinite(found.adjusted).all() and found.statistics[2].null[4] == 0


def test_specifications_without_an_estimate_have_no_p():
    real, coefs, ts = made(8)
    hidden = Outcomes(real.axes, real.choices, np.where(np.arange(14) == 2, np.nan, real.coef), real.se, real.p, real.df,
                      real.nobs)  # fmt: skip
    found = joint(hidden, [(coefs, ts)])
    assert np.isnan(found.adjusted[2]) and np.isfinite(np.delete(found.adjusted, 2)).all()


def test_a_draw_that_is_the_data_themselves_counts():
    real, _, _ = made(9)
    t = real.coef / real.se
    found = joint(real, [((real.coef * (1 + 1e-15))[None], (t * (1 - 1e-15))[None])])
    assert [s.p for s in found.statistics] == [1.0, 1.0, 1.0] and np.all(found.adjusted == 1)


def test_the_dominant_direction_is_that_of_most_coefficients():
    t = np.array([-3.0, -3.0, -0.1, 5.0])
    found = joint(outcomes(t, t, np.full(4, np.inf)), [(np.zeros((1, 4)), np.zeros((1, 4)))])
    assert found.direction == -1 and found.statistics[1].observed == 0.5


def test_under_the_null_five_of_a_hundred_are_below_five_percent():
    """500 made curves among 19 draws of the same distribution: each joint p, and the smallest adjusted p of the family."""
    rng, curves = np.random.default_rng(11), 500
    small = np.zeros(4)
    for _ in range(curves):
        ts = correlated(rng, 20, 6)
        real = outcomes(ts[0], ts[0], np.full(6, np.inf))
        found = joint(real, [(ts[1:], ts[1:])])
        small += [*(s.p <= 0.05 for s in found.statistics), found.adjusted.min() <= 0.05]
    error = np.sqrt(curves * 0.05 * 0.95)
    assert np.abs(small[[0, 2, 3]] - 0.05 * curves).max() < 3.5 * error, small
    assert small[1] <= 0.05 * curves + 3.5 * error  # the share has ties, so its p is conservative


def test_wrong_draws_are_refused():
    real, coefs, ts = made(10)
    with pytest.raises(ValueError, match="no draw"):
        joint(real, [])
    with pytest.raises(ValueError, match="batch of draws"):
        joint(real, [(coefs[:, :3], ts[:, :3])])
    with pytest.raises(ValueError, match="nothing can be tested"):
        nothing = Outcomes(real.axes, real.choices, real.coef * np.nan, real.se, real.p, real.df, real.nobs)
        joint(nothing, [(coefs, ts)])


def test_the_median_is_judged_by_its_standard_error():
    """Coefficients of draws that spread too little, with standard errors that are as much too small: the same p."""
    real, coefs, ts = made(12)
    found, narrow = joint(real, [(coefs, ts)]), joint(real, [(0.5 * coefs, ts)])
    assert narrow.statistics[0].p == found.statistics[0].p < 1
    assert narrow.statistics[0].null == pytest.approx(0.5 * found.statistics[0].null)
