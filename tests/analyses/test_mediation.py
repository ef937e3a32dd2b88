"""Mediation on cross-products against refits in numpy, and against R's, draw by draw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_mediation import BOTH, MODEL, panel
from parity.algebra.moments import products, sample
from parity.analyses.mediation import r as in_r
from parity.analyses.mediation.effects import Model, mediate, monte_carlo, paths, product_tests
from parity.analyses.replicates.draws import bootstrap_draws, normal_draws, write_draws
from parity.analyses.replicates.intervals import bias, percentiles, shifted, summarise
from parity.analyses.replicates.replicate import weights_of
from parity.conventions.profiles import PROFILES
from parity.r.session import get_session

needs_r = pytest.mark.needs_r


def refitted(columns, codes, model, rows):
    """The three equations on some rows, by numpy's least squares with all dummies."""
    dummies = [np.eye(int(code.max()) + 1)[code[rows]] for code in codes.values()] or [np.ones((len(rows), 1))]
    short = np.column_stack([*dummies, *(columns[c][rows] for c in (*model.controls, model.treatment))])
    full = np.column_stack([short, *(columns[m][rows] for m in model.mediators)])

    def last(x, y, k):
        return np.linalg.lstsq(x, y[rows], rcond=1e-11)[0][-k:]

    through = last(full, columns[model.outcome], len(model.mediators) + 1)
    first = [last(short, columns[m], 1)[0] for m in model.mediators]
    return last(short, columns[model.outcome], 1)[0], through[0], np.array(first), through[1:]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), units=st.integers(6, 20), missing=st.sampled_from([0.0, 0.2]))
def test_every_draw_is_the_refit_and_the_identity_holds(seed, units, missing):
    columns, codes = panel(units, 6, seed, missing)
    draws = bootstrap_draws(range(int(codes["unit"].max()) + 1), 4, seed)
    found = mediate(columns, BOTH, effects=codes, cluster=("unit", codes["unit"]), draws=draws)
    for i, drawn in enumerate(draws.values):
        rows = np.concatenate([np.flatnonzero(codes["unit"] == g) for g in drawn])
        total, direct, first, second = refitted(columns, codes, BOTH, rows)
        if np.isnan(found.replicates["indirect"][i]):
            continue
        got = {name: values[i] for name, values in found.replicates.items()}
        assert got["total"] == pytest.approx(total, rel=1e-9, abs=1e-9)
        assert got["direct"] == pytest.approx(direct, rel=1e-9, abs=1e-9)
        for j, m in enumerate(BOTH.mediators):
            assert got[f"indirect {m}"] == pytest.approx(first[j] * second[j], rel=1e-9, abs=1e-9)
        assert got["indirect"] == pytest.approx(got["total less direct"], rel=1e-9, abs=1e-9)
    assert found.effects["indirect"] == pytest.approx(found.effects["total less direct"], rel=1e-10)
    assert found.effects["share"] == pytest.approx(found.effects["indirect"] / found.effects["total"], rel=1e-12)


def test_draws_without_the_unit_that_varies_most_keep_their_digits():
    """In one unit the treatment varies a hundred thousand times as much: without it, cross-products hold six digits."""
    columns, codes = panel(units=12, periods=6)
    columns["x"] = np.where(codes["unit"] == 0, 1e5, 1.0) * columns["x"]
    draws = bootstrap_draws(range(12), 60, 3)
    found = mediate(columns, BOTH, effects=codes, cluster=("unit", codes["unit"]), draws=draws)
    without = [i for i, drawn in enumerate(draws.values) if 0 not in drawn]
    assert len(without) > 10
    for i in without:
        rows = np.concatenate([np.flatnonzero(codes["unit"] == g) for g in draws.values[i]])
        total, direct, first, second = refitted(columns, codes, BOTH, rows)
        assert found.replicates["total"][i] == pytest.approx(total, rel=1e-9)
        assert found.replicates["direct"][i] == pytest.approx(direct, rel=1e-9)
        assert found.replicates["indirect m1"][i] == pytest.approx(first[0] * second[0], rel=1e-9, abs=1e-10)
    of = products(sample({n: columns[n] for n in BOTH.columns}, effects=codes, within=("unit",)), codes["unit"])
    plain = paths(of, BOTH, weights_of(draws.values, 12))
    assert np.max(np.abs(plain.total / found.replicates["total"] - 1)) > 1e-9  # what the refits are for


def test_standard_errors_are_those_of_the_convention():
    """Against dense algebra written here: reghdfe counts the years and a constant beside the nested units."""
    columns, codes = panel(missing=0.1)
    found = mediate(columns, MODEL, effects=codes, cluster=("unit", codes["unit"]))
    n, k = len(columns["y"]), len(MODEL.controls) + 2
    x = np.column_stack([*(np.eye(int(c.max()) + 1)[c] for c in codes.values()),
                         *(columns[c] for c in (*MODEL.controls, "x", "m1"))])  # fmt: skip
    inverse = np.linalg.pinv(x)
    e = columns["y"] - x @ (inverse @ columns["y"])
    for name, row in (("direct", -2), ("second m1", -1)):
        scores = np.bincount(codes["unit"], inverse[row] * e)
        counted = k + int(codes["time"].max()) + 1
        factor = 31 / 30 * (n - 1) / (n - counted)
        assert found.coefficients[name].se == pytest.approx(np.sqrt(scores @ scores * factor), rel=1e-9)
        assert found.coefficients[name].t == pytest.approx(
            (inverse[row] @ columns["y"]) / found.coefficients[name].se, rel=1e-9
        )
    assert found.nobs == n and found.clusters == 31


@pytest.mark.parametrize("vcov", ["iid", "HC1"])
def test_robust_errors_and_the_delta_method_by_hand(vcov):
    """Without clusters and effects, against the formulas: HC1's N/(N - K), and the gradient (1, a; b) of c' + a b."""
    columns, _ = panel()
    found = mediate(columns, BOTH, vcov=vcov)
    n, controls = len(columns["y"]), [columns[c] for c in ("c1", "c2")]
    short = np.column_stack([np.ones(n), *controls, columns["x"]])
    full = np.column_stack([short, columns["m1"], columns["m2"]])
    equations = [(short, columns[m]) for m in ("m1", "m2")] + [(full, columns["y"])]
    influence, errors, coef = [], [], []
    for x, y in equations:
        pull = x @ np.linalg.inv(x.T @ x)
        coef.append(np.linalg.lstsq(x, y, rcond=None)[0])
        errors.append(y - x @ coef[-1])
        influence.append(pull * errors[-1][:, None] * np.sqrt(n / (n - x.shape[1])))
    a, b = np.array([coef[0][3], coef[1][3]]), coef[2][4:]
    assert found.effects["total"] == pytest.approx(coef[2][3] + a @ b)
    if vcov == "HC1":
        assert found.coefficients["second m2"].se == pytest.approx(np.sqrt((influence[2][:, 5] ** 2).sum()), rel=1e-9)
        rows = influence[2][:, 3:] @ [1, *a] + np.column_stack([influence[0][:, 3], influence[1][:, 3]]) @ b
        variance = rows @ rows
    else:
        covariance = np.linalg.inv(full.T @ full)[3:, 3:] * (errors[2] @ errors[2]) / (n - 6)
        between = np.cov(errors[0], errors[1], ddof=0) * n / (n - 4) * np.linalg.inv(short.T @ short)[3, 3]
        variance = np.array([1, *a]) @ covariance @ np.array([1, *a]) + b @ between @ b
    assert found.delta.se == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert found.delta.z == pytest.approx(found.effects["total"] / np.sqrt(variance), rel=1e-9)


def test_the_three_tests_of_a_product():
    tests = product_tests(0.73, 0.05, 0.22, 0.09)
    first = 0.73**2 * 0.09**2 + 0.22**2 * 0.05**2
    assert tests["sobel"].se == pytest.approx(first**0.5, rel=1e-14)
    assert tests["aroian"].se == pytest.approx((first + 0.05**2 * 0.09**2) ** 0.5, rel=1e-14)
    assert tests["goodman"].se == pytest.approx((first - 0.05**2 * 0.09**2) ** 0.5, rel=1e-14)
    assert tests["sobel"].z == pytest.approx(0.73 * 0.22 / first**0.5)
    assert np.isnan(product_tests(0.01, 1.0, 0.01, 1.0)["goodman"].se)  # its variance is negative
    assert tests["goodman"].se < tests["sobel"].se < tests["aroian"].se


def test_intervals_by_hand():
    values = np.arange(1.0, 271.0)
    assert percentiles(values, (0.01,)) == (3.0,)  # Stata's first percentile of 1..270
    assert percentiles(values, (0.01,), "type7")[0] == pytest.approx(3.69)
    even = np.arange(1.0, 1001.0)
    got = summarise(500.5, even, np.zeros(5))
    low, high = got.interval("percentile").low, got.interval("percentile").high
    assert (low, high) == (25.5, 975.5)  # share .025 of 1000 is whole: type 2 averages two neighbours
    assert got.interval("bias-corrected").low == pytest.approx(low, abs=1) and got.se == pytest.approx(288.819, abs=1e-3)
    # half the replicates below the estimate and no skewness: nothing is shifted
    assert shifted(0.0, 0.0, 0.025) == pytest.approx((0.025, 0.975))
    # z0 = .5, a = .1: alpha = Phi(.5 + (.5 - 1.959964)/(1 - .1 (.5 - 1.959964)))
    assert shifted(0.5, 0.1, 0.025) == pytest.approx((0.2194745, 0.9999159), abs=1e-7)
    undefined = summarise(0.0, np.array([np.nan, 1.0, 2.0]))
    assert (undefined.used, undefined.undefined) == (2, 1)


def test_a_draw_of_every_cluster_once_is_the_estimate_whatever_rounding_makes_of_it():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    for nudge in (0.0, 1e-12, -1e-12):
        assert bias(values + nudge, 3.0) == bias(values, 3.0) == pytest.approx(0.2533471)  # three of five


def test_monte_carlo_reads_its_draws():
    z = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert monte_carlo(1.0, 0.5, 2.0, 0.25, z, level=0.5, rule="type7") == pytest.approx((2.1875, 3.09375))


def test_draws_of_other_clusters_are_refused():
    columns, codes = panel()
    with pytest.raises(ValueError, match="need these clusters"):
        mediate(columns, MODEL, effects=codes, cluster=("unit", codes["unit"]), draws=bootstrap_draws(range(30), 5, 1))


# ---------------------------------------------------------------- fixed effects in the baseline, none in the mediation


def test_sgmediation_after_a_fixed_effects_baseline_mixes_two_models():
    columns, codes = panel()
    cluster = ("unit", codes["unit"])
    within = mediate(columns, MODEL, effects=codes, cluster=cluster)
    pooled = mediate(columns, MODEL, effects={}, cluster=cluster, vcov="iid")
    # pooled by hand: three plain regressions, iid standard errors, as sgmediation runs them
    one = np.column_stack([np.ones(279), *(columns[c] for c in MODEL.controls), columns["x"]])
    a = np.linalg.lstsq(one, columns["m1"], rcond=None)[0][-1]
    direct, b = np.linalg.lstsq(np.column_stack([one, columns["m1"]]), columns["y"], rcond=None)[0][-2:]
    assert pooled.effects["indirect"] == pytest.approx(a * b, rel=1e-10)
    e = columns["m1"] - one @ np.linalg.lstsq(one, columns["m1"], rcond=None)[0]
    se = np.sqrt(e @ e / (279 - 8) * np.linalg.inv(one.T @ one)[-1, -1])
    assert pooled.coefficients["first m1"].se == pytest.approx(se, rel=1e-10)
    assert abs(within.effects["total"] - direct - a * b) > 0.05  # the identity that gives it away


# ---------------------------------------------------------------- R


@needs_r
@pytest.mark.parametrize(
    ("model", "missing", "effects", "vcov"),
    [(MODEL, 0.0, ("unit", "time"), "CR1"), (BOTH, 0.2, ("unit", "time"), "CR1"), (MODEL, 0.1, ("time",), "CR1"),
     (BOTH, 0.0, (), "iid"), (MODEL, 0.0, ("unit",), "iid"), (BOTH, 0.1, ("unit", "time"), "HC1"), (MODEL, 0.0, (), "HC1")],
)  # fmt: skip
def test_r_refits_every_draw_to_the_same_replicates(model, missing, effects, vcov, tmp_path):
    columns, codes = panel(missing=missing)
    chosen = {name: codes[name] for name in effects}
    draws, normals = bootstrap_draws(range(31), 60, 20), normal_draws(range(2 * len(model.mediators)), 500, 21)
    write_draws(draws, tmp_path / "draws.tsv")
    write_draws(normals, tmp_path / "normals.tsv")
    ours = mediate(
        columns, model, effects=chosen, cluster=("unit", codes["unit"]), vcov=vcov, draws=draws, normals=normals,
        convention=PROFILES["reghdfe"],
    )  # fmt: skip
    theirs = in_r.analyse(
        columns, model, chosen, codes["unit"], draws=tmp_path / "draws.tsv", normals=tmp_path / "normals.tsv", vcov=vcov
    )
    for name in in_r.names(model):
        np.testing.assert_allclose(ours.replicates[name], theirs.replicates[name], rtol=1e-9, atol=1e-9)
        assert ours.effects[name] == pytest.approx(theirs.effects[name], rel=1e-10)
        assert ours.summaries[name].se == pytest.approx(theirs.boot_se[name], rel=1e-9)
        for method, (low, high) in theirs.intervals[name].items():
            interval = ours.summaries[name].interval(method)
            assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
    for name, coefficient in ours.coefficients.items():
        assert coefficient.estimate == pytest.approx(theirs.effects[name], rel=1e-10)
        assert coefficient.se == pytest.approx(theirs.se[name], rel=1e-9)
    for m in model.mediators:
        for test, se in theirs.tests[m].items():
            assert ours.tests[m][test].se == pytest.approx(se, rel=1e-9, nan_ok=True)
        assert ours.monte_carlo[m] == pytest.approx(theirs.monte_carlo[m], rel=1e-9)
    assert ours.delta.se == pytest.approx(theirs.se_delta, rel=1e-9)


@needs_r
def test_it_does_not_matter_whether_copies_of_a_unit_share_its_effect(tmp_path):
    """Stata's cluster() alone and sandwich's vcovBS keep the ids of copies, idcluster() makes new ones."""
    columns, codes = panel(missing=0.1)
    write_draws(bootstrap_draws(range(31), 15, 3), tmp_path / "draws.tsv")
    asked = (
        in_r.request(columns, MODEL, codes, codes["unit"], draws=tmp_path / "draws.tsv", scheme=scheme)
        for scheme in ("keep", "new")
    )
    kept, new = (get_session().call("mediation_refit", one)["replicates"].values for one in asked)
    np.testing.assert_allclose(kept, new, rtol=1e-9, atol=1e-10)


def test_a_model_reads_its_columns_in_their_order():
    assert Model("y", "x", ("m",), ("a", "b")).columns == ("a", "b", "x", "m", "y")
