"""Each estimator by its definition: loops over rows and clusters, a jackknife, or the property it is named for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from brute import Brute, made_design, random_design
from parity.algebra import covariance
from parity.engines.own.fit import solve


def made(seed: int = 0, n: int = 60, k: int = 3):
    """A plain regression: x (n, k), pull, resid, hat, and clusters of unequal size."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k)) * 10.0 ** rng.integers(-3, 4, k)
    y = x.sum(axis=1) + rng.normal(size=n) * (1 + np.abs(x[:, 0]))
    pull = np.linalg.pinv(x).T
    return x, y, pull, y - x @ (pull.T @ y), x @ pull.T, rng.integers(0, 9, n)


def test_hc_by_rows():
    x, _, pull, e, hat, _ = made()
    h, bread = np.diag(hat), np.linalg.inv(x.T @ x)
    powers = {"hc0": 0.0, "hc2": 1.0, "hc3": 2.0, "hc4": np.minimum(4, len(e) * h / 3)}
    for name, power in powers.items():
        meat = sum(np.outer(r, r) * v for r, v in zip(x, e**2 / (1 - h) ** power, strict=True))
        got = getattr(covariance, name)(*(pull, e) if name == "hc0" else (pull, e, h))
        assert got == pytest.approx(bread @ meat @ bread, rel=1e-9)
        assert np.array_equal(got, got.T)


def test_hc3_is_the_jackknife_about_the_estimate():
    x, y, pull, e, hat, _ = made()
    b = pull.T @ y
    left_out = [np.linalg.lstsq(np.delete(x, i, 0), np.delete(y, i), rcond=None)[0] - b for i in range(len(y))]
    assert covariance.hc3(pull, e, np.diag(hat)) == pytest.approx(sum(np.outer(d, d) for d in left_out), rel=1e-8)


def test_a_row_with_leverage_one_says_nothing():
    x, y, *_ = made()
    own = np.column_stack([x, np.eye(len(y))[:, 0]])
    pull = np.linalg.pinv(own).T
    e, h = y - own @ (pull.T @ y), np.einsum("ij,ij->i", own, pull)
    rest = made_design({"y": y[1:], "x": x[1:]})
    for name in ("hc2", "hc3", "hc4"):
        got = getattr(covariance, name)(pull, e, h)
        if name != "hc4":  # whose exponent depends on the mean leverage
            fit = solve(rest)
            assert got[:3, :3] == pytest.approx(getattr(covariance, name)(fit.pull, fit.resid, fit.leverage), rel=1e-8)
        assert np.all(np.isfinite(got))


def test_clusters_by_loop_and_with_holes_in_the_codes():
    _, _, pull, e, _, code = made()
    scores = [pull[code == g].T @ e[code == g] for g in range(9)]
    want = sum(np.outer(s, s) for s in scores)
    assert covariance.cr0(pull, e, code) == pytest.approx(want, rel=1e-12)
    assert covariance.cr0(pull, e, code * 5 + 3) == pytest.approx(want, rel=1e-12)
    assert covariance.cr0(pull, e, np.arange(len(e))) == pytest.approx(covariance.hc0(pull, e), rel=1e-12)


def test_cr3_is_the_cluster_jackknife_about_the_estimate():
    x, y, pull, e, _, code = made()
    b, basis = pull.T @ y, np.linalg.qr(x)[0]
    left_out = [np.linalg.lstsq(x[code != g], y[code != g], rcond=None)[0] - b for g in range(9)]
    got = covariance.cr3(pull, e, code, lambda rows: basis[rows])
    assert got == pytest.approx(sum(np.outer(d, d) for d in left_out), rel=1e-7)


def test_cr3_is_undefined_where_a_coefficient_hangs_on_one_cluster():
    """A column that only one cluster has; the same column of two clusters is none such."""
    rng = np.random.default_rng(8)
    code = np.repeat(np.arange(4), 5)
    for held, undefined in ((code == 2, True), (code >= 2, False)):
        x = np.column_stack([np.ones(20), rng.normal(size=20), held * rng.normal(size=20)])
        basis = np.linalg.qr(x)[0]
        pull, resid = np.linalg.pinv(x).T, rng.normal(size=20)
        if undefined:
            with pytest.raises(covariance.Undefined, match="without one of the clusters"):
                covariance.cr3(pull, resid, code, lambda rows, b=basis: b[rows])
        else:
            assert np.all(np.diag(covariance.cr3(pull, resid, code, lambda rows, b=basis: b[rows])) > 0)


def test_cr2_and_cr3_of_single_rows_are_hc2_and_hc3():
    x, _, pull, e, hat, _ = made()
    basis, alone = np.linalg.qr(x)[0], np.random.default_rng(0).permutation(len(e))
    for clustered, plain in ((covariance.cr2, covariance.hc2), (covariance.cr3, covariance.hc3)):
        assert clustered(pull, e, alone, lambda rows: basis[rows]) == pytest.approx(plain(pull, e, np.diag(hat)), rel=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 5, 7, 8, 10, 13, 14])
def test_cr2_is_unbiased_under_its_working_model(seed):
    """Bell and McCaffrey's defining property: with iid errors (unweighted ones too, under weights) E V = var b exactly.

    The expectation is taken by feeding each column of the residual maker as residuals.
    """
    design = random_design(seed)
    assert not design.endog.shape[1]
    if design.weights is not None:
        design = replace(design, weight_kind="analytic", effects={}, intercept=True)  # no effect that a cluster absorbs
    fit, n = solve(design), design.nobs
    root = np.ones(n) if design.weights is None else np.sqrt(design.weights)
    whole, code = fit.hat_basis(), design.clusters["unit"]
    maker = np.eye(n) - whole @ whole.T
    expected = 0.0
    for draw in (maker * root).T:  # weighted residuals when the unweighted errors are a unit vector
        if design.weights is None:
            expected = expected + covariance.cr2(fit.pull, draw, code, fit.hat_basis)
        else:
            expected = expected + covariance.cr2_weighted(fit.pull, draw, code, whole, design.weights)
    true = (fit.pull * root[:, None]).T @ (fit.pull * root[:, None])
    scale = np.sqrt(np.diag(true))
    assert np.abs((expected - true) / np.outer(scale, scale)).max() < 1e-9


def test_driscoll_kraay_and_newey_west_by_pairs_of_rows():
    design = random_design(7)
    fit, brute = solve(design), Brute(design)
    unit, time = design.unit, design.time
    for lags in (0, 1, 4, 100):
        ranks = np.unique(time, return_inverse=True)[1]
        got = covariance.driscoll_kraay(fit.pull, fit.resid, ranks, lags)
        assert got == pytest.approx(brute.driscoll_kraay(time, lags), rel=1e-8)
        got = covariance.newey_west(fit.pull, fit.resid, unit, time, lags)
        assert got == pytest.approx(brute.newey_west(unit, time, lags), rel=1e-8)


def test_kernels_without_lags_are_clusters_and_hc0():
    _, _, pull, e, _, code = made()
    assert covariance.driscoll_kraay(pull, e, code, 0) == pytest.approx(covariance.cr0(pull, e, code), rel=1e-12)
    time = np.arange(len(e))
    assert covariance.newey_west(pull, e, None, time, 0) == pytest.approx(covariance.hc0(pull, e), rel=1e-12)
    assert covariance.newey_west(pull, e, None, time, 3) == pytest.approx(
        covariance.driscoll_kraay(pull, e, time, 3), rel=1e-12
    )


def test_a_gap_in_time_is_a_gap():
    _, _, pull, e, _, _ = made()
    one, time = np.zeros(len(e), dtype=int), np.arange(len(e)) * 2
    assert covariance.newey_west(pull, e, one, time, 1) == pytest.approx(covariance.hc0(pull, e), rel=1e-12)
    assert covariance.driscoll_kraay(pull, e, time, 1) == pytest.approx(covariance.hc0(pull, e), rel=1e-12)
    scores = pull * e[:, None]
    cross = scores[1:].T @ scores[:-1]
    wide = covariance.driscoll_kraay(pull, e, time, 2)  # rows two apart, at the weight of the second of two lags
    assert wide == pytest.approx(covariance.hc0(pull, e) + (cross + cross.T) / 3, rel=1e-12)


def test_two_rows_of_one_period_have_no_order():
    _, _, pull, e, _, code = made()
    with pytest.raises(covariance.Undefined, match="two rows of the same period"):
        covariance.newey_west(pull, e, np.zeros(len(e), dtype=int), code, 1)


@pytest.mark.parametrize("power", [0.0, -0.5, -1.0])
@pytest.mark.parametrize("by", ["left", "other"])
def test_degrees_of_freedom_by_the_whole_matrix(power, by):
    """P = sum over clusters with everything written out: (I - H)'s columns, A_g, and the regressor's share."""
    rng = np.random.default_rng(4)
    left, right = np.repeat(np.arange(12), 7), np.tile(np.arange(7), 12)
    code = {"left": left, "other": rng.integers(0, 5, 84)}[by]
    x = rng.normal(size=(84, 2)) + right[:, None]
    fit = solve(made_design({"y": rng.normal(size=84), "x": x, "effects": {"a": left, "b": right}}))
    whole = fit.hat_basis()
    rest = np.eye(84) - whole @ whole.T
    columns = []
    for g in np.unique(code):
        rows = np.flatnonzero(code == g)
        values, vectors = np.linalg.eigh(rest[np.ix_(rows, rows)])
        kept = np.where(values > 1e-10, np.abs(values) ** power, 0.0)
        columns.append(rest[:, rows] @ (vectors * kept) @ vectors.T @ fit.pull[rows])
    for j, got in enumerate(covariance.satterthwaite(fit.pull, code, fit.hat_basis, fit.hat_places, power)):
        p = np.array([c[:, j] for c in columns])
        assert got == pytest.approx(np.trace(p @ p.T) ** 2 / np.sum((p @ p.T) ** 2), rel=1e-9)
