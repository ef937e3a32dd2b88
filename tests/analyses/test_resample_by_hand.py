"""Pieces of resampling by numbers worked by hand: percentiles, p-values, draws, eliminations, ends of intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from parity.analyses.instruments.statistics import _intervals
from parity.analyses.replicates.draws import WEBB, Draws, group_draws, wild_draws, write_draws
from parity.analyses.replicates.eliminate import _diagonal, crossed, eliminate, nets, nets_of_halves
from parity.analyses.replicates.intervals import acceleration, bias, percentiles, shifted, summarise
from parity.analyses.replicates.refitting import _levels
from parity.analyses.replicates.replicate import THIN, VANISHED, back_substituted, left_out, thin, weights_of
from parity.analyses.resampling import difference, wild
from parity.base.errors import Unestimable

nan = math.nan

# ---------------------------------------------------------------- percentiles and intervals


def test_percentiles_by_stata_and_by_r():
    """1 to 1000: at a whole rank Stata takes the mean of two neighbours, else the next one up; R lies between ranks."""
    values = np.arange(1.0, 1001.0)[::-1]
    assert percentiles(values, (0.025, 0.975, 0.0254)) == (25.5, 975.5, 26.0)
    assert percentiles(values, (0.025, 0.975), "type7") == pytest.approx((25.975, 975.025))
    assert percentiles(values, (0.0, 1.0)) == (1.0, 1000.0)
    assert percentiles(values, ((1 - 0.95) / 2, 1 - (1 - 0.95) / 2)) == (25.5, 975.5)
    assert np.isnan(percentiles(values, (nan,))[0]) and np.isnan(percentiles(values, (nan,), "type7")[0])
    assert percentiles(np.array([3.0, 1.0, 2.0]), (0.5, 0.34, 1 / 3)) == (2.0, 2.0, 1.5)


def test_bias_correction_and_acceleration():
    """9 of 40 at or below: z0 = Phi^-1(.225). The jackknife 1, 2, 6: mean 3, apart 2, 1, -3, cubes -18, squares 14."""
    assert bias(np.arange(40.0), 8.0) == pytest.approx(-0.7554150263604693)
    assert bias(np.arange(40.0), -1.0) == -math.inf and bias(np.arange(40.0), 99.0) == math.inf
    assert acceleration(np.array([1.0, 2.0, nan, 6.0])) == pytest.approx(-18 / (6 * 14**1.5))
    assert acceleration(np.array([2.0, 2.0])) == 0.0 == acceleration(np.array([nan, nan]))


def test_shares_that_the_corrected_interval_reads():
    """Efron (1987): Phi(z0 + (z0 + z)/(1 - a (z0 + z))); without correction the tails, with z0 twice it further."""
    assert shifted(0.0, 0.0, 0.025) == pytest.approx((0.025, 0.975))
    # z0 = .1, z = -1.959964: .2 - 1.959964 and .2 + 1.959964
    assert shifted(0.1, 0.0, 0.025) == pytest.approx((0.039207, 0.984612), abs=1e-6)
    assert shifted(0.1, 0.05, 0.025) == pytest.approx((0.0546, 0.9917), abs=1e-4)
    assert shifted(math.inf, 0.0, 0.025) == (1.0, 1.0) and shifted(-math.inf, 0.0, 0.025) == (0.0, 0.0)


def test_a_summary_counts_what_is_undetermined():
    found = summarise(2.0, np.array([1.0, 2.0, nan, 3.0, 4.0]), level=0.5)
    assert (found.used, found.undefined, found.bias) == (4, 1, 0.5) and found.se == pytest.approx(math.sqrt(5 / 3))
    assert found.interval("percentile").low == 1.5 and found.interval("percentile").high == 3.5
    assert [i.method for i in found.intervals] == ["percentile", "bias-corrected"]
    one = summarise(2.0, np.array([nan, 3.0]))
    assert (one.used, one.undefined, one.intervals) == (1, 1, ()) and math.isnan(one.se)
    two = summarise(2.0, np.array([1.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    assert [i.method for i in two.intervals] == ["percentile", "bias-corrected", "bca"]


# ---------------------------------------------------------------- p-values


def test_p_of_a_wild_bootstrap():
    """Of -3, -2, -1, 1, 2, 4 and t = 2: four are as far out; three at or below... five; two at or above."""
    replicates = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 4.0, nan])
    assert wild.p_values(2.0, replicates) == pytest.approx((4 / 6, 4 / 6))
    assert wild.p_values(-2.0, replicates) == pytest.approx((4 / 6, 4 / 6))
    assert wild.p_values(2.0 + 1e-12, replicates)[0] == pytest.approx(4 / 6)  # a tie but for rounding
    assert wild.p_values(2.001, replicates) == pytest.approx((2 / 6, 2 / 6))
    assert wild.p_values(0.0, np.array([-1.0, 0.0, 1.0])) == (1.0, 1.0)


def test_p_of_permuted_groups():
    replicates = np.array([-2.0, -1.0, 0.5, 1.0, 3.0, nan])
    assert difference.p_values(1.0, replicates) == pytest.approx((2 / 5, 4 / 5))
    assert difference.p_values(-1.0, replicates) == pytest.approx((2 / 5, 4 / 5))
    assert difference.p_values(1.0 + 1e-12, replicates) == pytest.approx((2 / 5, 4 / 5))
    assert difference.p_values(0.0, replicates) == pytest.approx((3 / 5, 1.0))
    small = np.array([-0.5, -0.2, 0.2, 0.5, 2.0])  # neither side counts what is smaller than the difference
    assert difference.p_values(-1.0, small) == pytest.approx((0.0, 1 / 5))
    assert difference.p_values(1.0, small) == pytest.approx((1 / 5, 1 / 5))


# ---------------------------------------------------------------- variance by several cluster variables


def test_a_variance_by_two_ways_is_one_way_each_less_their_cells():
    """Scores 1, 2, 3, 4 in cells (a1,b1), (a1,b2), (a2,b1), (a2,b2): 3^2 + 7^2 + 4^2 + 6^2 - 30."""
    a, b, cell = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.arange(4)
    both = wild.Clustering(a, ((1.0, a), (1.0, b), (-1.0, cell)))
    scores = np.array([1.0, 2.0, 3.0, 4.0])
    assert both.product(scores, scores) == 80.0 and wild._se(scores, both) == pytest.approx(math.sqrt(80))
    assert wild._se(scores, None) == pytest.approx(math.sqrt(30))
    halved = wild.Clustering(a, ((2.0, a), (1.5, b), (-1.0, cell)))
    assert halved.product(scores, scores) == 2 * 58 + 1.5 * 52 - 30
    draws = np.array([scores, -2 * scores])
    assert both.product(draws, draws).tolist() == [80.0, 320.0]
    for nothing in (np.zeros(4), np.array([1.0, -1.0, -1.0, 1.0])):  # none at all, and 0 + 0 - 4
        with pytest.raises(Unestimable, match="isn't positive"):
            wild._se(nothing, both)
    assert wild._se(np.zeros(4), None) == 0.0


def test_an_interval_ends_where_the_test_begins_to_reject():
    for step in (0.3, -0.3, 5.0, -5.0):
        end = wild._edge(lambda away: abs(away) < 1.7, step)
        assert end == pytest.approx(math.copysign(1.7, step), rel=1e-9)
        assert wild._edge(lambda away: True, step) == math.copysign(math.inf, step)
        far = 2 * abs(step) * 3**10 * 1.01  # beyond ten triplings, within eleven
        assert abs(wild._edge(lambda away, far=far: abs(away) < far, step)) == pytest.approx(far, rel=1e-9)


def test_a_set_of_nulls_is_cut_where_the_statistic_crosses():
    from scipy.optimize import brentq

    def at(angle: float) -> float:
        return angle

    found = _intervals(lambda a: a * a - 0.25, at, brentq)
    assert found == [(pytest.approx(-0.5), pytest.approx(0.5))]
    (low, first), (second, high) = _intervals(lambda a: 0.25 - a * a, at, brentq)
    assert (low, high) == (-math.inf, math.inf) and (first, second) == (pytest.approx(-0.5), pytest.approx(0.5))
    assert _intervals(lambda a: -1.0, at, brentq) == [(-math.inf, math.inf)] and _intervals(lambda a: 1.0, at, brentq) == []
    # a null that is just not rejected belongs to the set, be it the only one
    (alone,) = _intervals(lambda a: abs(a), at, brentq)
    assert alone == (pytest.approx(0.0, abs=1e-12), pytest.approx(0.0, abs=1e-12))


# ---------------------------------------------------------------- draws


def test_draws_are_counted_and_the_jackknife_leaves_one_out():
    assert weights_of(np.array([[0, 0, 2], [1, 1, 1]]), 3).tolist() == [[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]]
    assert left_out(3).tolist() == [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    least = np.array([1.0, THIN, THIN * 0.9, VANISHED, VANISHED * 1.1, 0.0])
    assert thin(least).tolist() == [2, 4]


def test_points_of_the_wild_bootstrap_have_mean_zero_and_variance_one():
    webb = np.array(WEBB)
    assert webb.sum() == pytest.approx(0.0, abs=1e-15) and (webb**2).mean() == pytest.approx(1.0)
    assert (webb**3).sum() == pytest.approx(0.0, abs=1e-15)
    signs = wild_draws("abc", 8, 1)
    assert signs.seed is None and len({tuple(row) for row in signs.values}) == 8
    assert wild_draws("abc", 7, 1).seed == 1 and wild_draws("abc", 9, 1, "webb").seed == 1
    groups = group_draws("abcd", 2, 6, 1)
    assert groups.seed is None and groups.values.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    assert group_draws("abcd", 2, 5, 1).seed == 1
    assert group_draws("abcd", 1, 4, 1).values.tolist() == [[0], [1], [2], [3]] and group_draws("abcd", 3, 4, 1).seed is None
    for size in (0, 4):
        with pytest.raises(ValueError, match="nothing to compare"):
            group_draws("abcd", size, 5, 1)


def test_the_file_of_draws_counts_clusters_from_one(tmp_path):
    file = tmp_path / "draws.txt"
    for kind in ("bootstrap", "groups"):
        write_draws(Draws(kind, ("a", "b"), np.array([[0, 1], [1, 1]]), 7), file)
        assert file.read_text() == f"parity-draws/1\t{kind}\tseed 7, PCG64\na\tb\n1\t2\n2\t2\n"
    write_draws(Draws("wild", ("a", "b"), np.array([[1.0, -1.0]]), None), file)
    assert file.read_text() == "parity-draws/1\twild\tenumerated\na\tb\n1.0\t-1.0\n"


def test_levels_of_copies_are_their_own():
    """Level 0 in copies 0 and 2, level 5 in copies 0 and 1: four levels where copies count, two where they don't."""
    code, copy = np.array([0, 0, 5, 5, 5]), np.array([0, 2, 0, 1, 1])
    assert _levels(code, None).tolist() == [0, 0, 1, 1, 1]
    found = _levels(code, copy)
    assert len(set(found[:4].tolist())) == 4 and found[3] == found[4]
    every = [(level, of) for level in range(5) for of in range(3)]
    assert len(set(_levels(*map(np.array, zip(*every, strict=True))).tolist())) == len(every)


# ---------------------------------------------------------------- elimination


@pytest.mark.parametrize("lead", [1, 2, 3, 4])
def test_unit_triangles_are_solved(lead):
    rng = np.random.default_rng(lead)
    whole = [np.triu(rng.normal(size=(6, 6)), 1) + np.eye(6) for _ in range(3)]
    upper = [np.stack([t[i, i:] for t in whole], axis=-1) for i in range(6)]
    found = back_substituted(upper, lead)
    for b, t in enumerate(whole):
        assert found[..., b] == pytest.approx(np.linalg.solve(t[:lead, :lead], t[:lead, lead:]))


def test_pivots_stand_where_rows_begin():
    for m in (1, 2, 3, 6):
        rows, columns = np.triu_indices(m)
        assert _diagonal(m).tolist() == np.flatnonzero(rows == columns).tolist()


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize(("nuisance", "others"), [(1, 3), (2, 2), (3, 4)])
def test_cross_products_net_of_the_nuisance_are_those_of_residuals(even, nuisance, others):
    """Any weights of the clusters; and of two halves of them, side by side."""
    rng = np.random.default_rng(10 * nuisance + others)
    groups, rows = 4, 6
    base = np.linalg.qr(rng.normal(size=(rows, nuisance)))[0] / math.sqrt(groups)
    blocks = [base if even else rng.normal(size=(rows, nuisance)) for _ in range(groups)]
    z = np.vstack(blocks)
    z = z if even else np.linalg.qr(z)[0]
    x = rng.normal(size=(groups * rows, others))
    x = x - z @ (z.T @ x)
    both = np.hstack([z, x]).reshape(groups, rows, -1)
    of = crossed(np.einsum("gri,grj->gij", both, both), nuisance)
    assert of.even is even and of.clusters == groups

    def net(weights: np.ndarray) -> np.ndarray:
        gram = np.einsum("g,gri,grj->ij", weights, both, both)
        a, b, c = gram[:nuisance, :nuisance], gram[:nuisance, nuisance:], gram[nuisance:, nuisance:]
        return c - b.T @ np.linalg.pinv(a) @ b

    weights = np.array([[1.0, 1, 1, 1], [2, 0, 1, 1], [0, 3, 0, 1], [0, 0, 0, 0]])
    for at, found, _ in nets(of, weights):
        for b, w in enumerate(weights[at]):
            assert found[:, b] == pytest.approx(net(w)[np.triu_indices(others)], abs=1e-12)
    masks = np.array([[1.0, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]])
    for at, found, _ in nets_of_halves(of, masks):
        for b, w in enumerate([*masks[at], *(1 - masks[at])]):
            assert found[:, b] == pytest.approx(net(w)[np.triu_indices(others)], abs=1e-12)


def test_eliminated_columns_leave_the_regression_on_them():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20, 4))
    gram = x.T @ x
    net = np.repeat(gram[np.triu_indices(4)][:, None], 2, axis=1)
    upper, pivots = eliminate(net, 4, 2, np.array([gram.max(), 2 * gram.max()]))
    b = np.linalg.lstsq(x[:, :2], x[:, 2:], rcond=None)[0]
    assert back_substituted(upper, 2)[..., 0] == pytest.approx(b)
    left = x[:, 1] - x[:, 0] * (x[:, 0] @ x[:, 1]) / (x[:, 0] @ x[:, 0])
    assert pivots[:, 0] == pytest.approx([gram[0, 0] / gram.max(), left @ left / gram.max()])
    assert pivots[:, 1] == pytest.approx(pivots[:, 0] / 2)


def test_an_interval_is_found_by_its_method():
    """Of 1, 2, 3, 10 about 2.5 none of the three is another."""
    found = summarise(2.5, np.array([1.0, 2.0, 3.0, 10.0, 11.0]), np.array([1.0, 2.0, 6.0]), level=0.5)
    for method in ("percentile", "bias-corrected", "bca"):
        assert found.interval(method).method == method
    with pytest.raises(StopIteration):
        found.interval("normal")
