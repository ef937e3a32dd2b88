"""Cross-products per cluster against dense algebra, and draws of whole clusters against refits on the drawn rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brute import Brute, near, random_design
from parity.algebra.moments import TooMany, Undetermined, nested, products, sample, solve
from parity.analyses.replicates.replicate import left_out, replicate, weights_of
from parity.engines.own.fit import covariances
from parity.engines.own.fit import solve as solve_rows
from parity.study.spec import Vcov
from random_panels import distance, random_case


def columns_of(design) -> dict[str, np.ndarray]:
    names = ("y", *design.x_names, *design.endog_names, *design.z_names)
    return dict(zip(names, (design.y, *design.x.T, *design.endog.T, *design.z.T), strict=True))


def sample_of(design, within=None):
    return sample(
        columns_of(design), effects=design.effects, intercept=design.intercept, weights=design.weights, within=within
    )


@pytest.mark.parametrize("seed", range(60))
def test_solutions_and_scores_are_those_of_the_rows(seed):
    design = random_design(seed)
    rows = solve_rows(design)
    for within in (None, tuple(design.effects), ()):
        if within == () and sum(int(c.max()) + 1 for c in design.effects.values()) > design.nobs:
            continue
        of = sample_of(design, within)
        fit = solve(of, "y", design.x_names, design.endog_names, design.z_names)
        want = rows.coef[int(design.intercept) :]
        se = np.sqrt(np.diag(rows.bread) * rows.ssr)[int(design.intercept) :]
        assert np.max(np.abs(fit.coef - want) / np.maximum(np.abs(want), se)) < 1e-11
        assert fit.ssr == pytest.approx(rows.ssr, rel=1e-11)
        for code in (design.clusters["unit"], design.clusters["time"]):
            scores = fit.scores(products(of, code).gram)
            k = int(design.intercept)
            near(scores.T @ scores, covariances(rows, Vcov(kind="CR0", cluster=("c",)), {"c": code})[("c",)][k:, k:], 1e-10)


@pytest.mark.parametrize("seed", range(20))
def test_clusters_add_up_to_the_identity(seed):
    design = random_design(seed)
    total = products(sample_of(design), design.clusters["unit"]).gram.sum(axis=0)
    np.testing.assert_allclose(total, np.eye(len(total)), atol=1e-13)


# ---------------------------------------------------------------- draws


def least_squares_on(design, rows, names, effects):
    """Slopes of y on some columns among the rows drawn, dummies and all: minimum-norm least squares, columns scaled."""
    columns = columns_of(design)
    root = np.ones(len(rows)) if design.weights is None else np.sqrt(design.weights[rows])
    dummies = [np.eye(int(code.max()) + 1)[code] for code in effects]
    constant = [np.ones((len(rows), 1))] if design.intercept and not effects else []
    x = np.hstack([*dummies, *constant, *[columns[n][rows][:, None] for n in names]]) * root[:, None]
    length = np.linalg.norm(x, axis=0)
    x = x / np.where(length > 0, length, 1.0)
    b = np.linalg.lstsq(x, columns["y"][rows] * root, rcond=1e-11)[0] / np.where(length > 0, length, 1.0)
    return b[-len(names) :]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 500), draw=st.integers(0, 2**31))
def test_a_draw_of_whole_clusters_is_the_refit_on_its_rows_whichever_ids_the_copies_get(seed, draw):
    design = random_design(seed)
    design = replace(design, endog=design.endog[:, :0], endog_names=(), z=design.z[:, :0], z_names=())
    cluster = ["unit", "time"][draw % 2]
    code = np.unique(design.clusters[cluster], return_inverse=True)[1]
    groups = int(code.max()) + 1
    picked = np.random.default_rng(draw).integers(0, groups, (2, groups))
    inside = nested(design.effects, code)
    of = products(sample_of(design, inside), code)
    got = replicate(of, weights_of(picked, groups), design.x_names, ["y"], [len(design.x_names)])[0]
    scale = np.std(design.y) / np.std(design.x, axis=0)
    for i, clusters in enumerate(picked):
        rows = np.concatenate([np.flatnonzero(code == g) for g in clusters])
        copy = np.concatenate([np.full((code == g).sum(), place) for place, g in enumerate(clusters)])
        kept = [effect[rows] for effect in design.effects.values()]
        renamed = [
            np.unique(effect[rows] * groups + copy, return_inverse=True)[1] if name in inside else effect[rows]
            for name, effect in design.effects.items()
        ]
        if np.isnan(got[i]).any():
            continue  # see the next test
        for effects in (kept, renamed):
            want = least_squares_on(design, rows, design.x_names, effects)
            assert np.max(np.abs(got[i, :, 0] - want) / np.maximum(np.abs(want), scale)) < 1e-8


def test_a_draw_in_which_a_regressor_does_not_vary_has_no_estimate():
    unit = np.repeat(np.arange(6), 4)
    rng = np.random.default_rng(3)
    treated = (unit < 2) * (np.tile(np.arange(4), 6) > 1) * 1.0
    columns = {"y": rng.normal(size=24), "x": rng.normal(size=24), "treated": treated}
    of = products(sample(columns, effects={"unit": unit, "time": np.tile(np.arange(4), 6)}, within=("unit",)), unit)
    weights = weights_of(np.array([[2, 3, 4, 5, 5, 4], [0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 1]]), 6)
    short, both = replicate(of, weights, ["x", "treated"], ["y"], [1, 2])
    assert not np.isnan(short).any()  # the leading regressor has its coefficient in all draws
    assert np.isnan(both[[0, 2]]).all() and not np.isnan(both[1]).any()


def test_a_period_that_a_draw_misses_costs_nothing():
    unit, time = np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4]), np.array([0, 1, 2, 0, 1, 0, 1, 0, 1, 0, 1])
    rng = np.random.default_rng(5)
    columns = {"y": rng.normal(size=11), "x": rng.normal(size=11)}
    of = products(sample(columns, effects={"unit": unit, "time": time}, within=("unit",)), unit)
    got = replicate(of, weights_of(np.array([[1, 2, 3, 4, 4]]), 5), ["x"], ["y"], [1])[0]
    rows = np.concatenate([np.flatnonzero(unit == g) for g in (1, 2, 3, 4, 4)])
    x = np.column_stack([np.eye(5)[unit[rows]], np.eye(3)[time[rows]], columns["x"][rows]])
    assert got[0, 0, 0] == pytest.approx(np.linalg.lstsq(x, columns["y"][rows], rcond=None)[0][-1], rel=1e-12)


@pytest.mark.parametrize("seed", [1, 5, 9, 13])
def test_the_jackknife_is_cr3(seed):
    design = replace(random_design(seed), weights=None, weight_kind=None)
    if design.endog.shape[1]:
        design = replace(design, endog=design.endog[:, :0], endog_names=(), z=design.z[:, :0], z_names=())
    code = design.clusters["unit"]
    of = sample_of(design, nested(design.effects, code))
    full = solve(of, "y", design.x_names)
    out = replicate(products(of, code), left_out(int(code.max()) + 1), design.x_names, ["y"], [len(design.x_names)])[0]
    moved = out[:, :, 0] - full.coef
    near(moved.T @ moved, Brute(design).leveraged(code, -1)[int(design.intercept) :, int(design.intercept) :], 1e-9)


def test_ill_conditioned_columns_keep_their_digits():
    """x2 is x1 but for a part in a million: cross-products of the columns themselves would lose twelve digits."""
    rng = np.random.default_rng(8)
    unit = np.repeat(np.arange(40), 10)
    x1 = rng.normal(size=400)
    x2 = x1 + 1e-6 * rng.normal(size=400)
    columns = {"x1": x1, "x2": x2, "y": x1 - x2 * 3 + rng.normal(size=400)}
    of = products(sample(columns, effects={"unit": unit}), unit)
    draws = weights_of(rng.integers(0, 40, (3, 40)), 40)
    got = replicate(of, draws, ["x1", "x2"], ["y"], [2])[0]
    fresh = {"x1": x1, "gap": x2 - x1, "y": columns["y"]}  # the same model in columns that are far apart
    want = replicate(products(sample(fresh, effects={"unit": unit}), unit), draws, ["x1", "gap"], ["y"], [2])[0]
    assert np.max(np.abs(got[:, 1] / want[:, 1] - 1)) < 1e-8


def test_what_cannot_be_kept_is_said():
    n = 3_000
    effects = {"worker": np.arange(n) // 2, "firm": np.arange(n) % 700}
    columns = {"y": np.arange(n) ** 0.5, "x": np.sin(np.arange(n))}
    with pytest.raises(TooMany, match="worker cross the clusters and have 1500 levels"):
        sample(columns, effects=effects, within=("firm",))
    assert sample(columns, effects=effects).nuisance == 0  # all are projected out instead
    with pytest.raises(TooMany, match="too many to keep"):
        products(sample(columns | {f"c{i}": np.cos(np.arange(n) * i) for i in range(1, 220)}), np.arange(n))
    with pytest.raises(Undetermined, match="`x` is determined"):
        solve(sample({"y": columns["y"], "x": effects["firm"] * 1.0}, effects={"firm": effects["firm"]}), "y", ["x"])


# ---------------------------------------------------------------- the engine


@pytest.mark.parametrize("seed", range(24))
def test_the_engine_agrees_with_another_on_random_panels(seed):
    """All 200: `python tests/random_panels.py 200`."""
    found = distance(*random_case(seed))
    assert found is None or found < 1e-9


def test_random_panels_are_of_every_kind():
    specs = [random_case(seed)[0] for seed in range(24)]
    designs = [random_case(seed)[1] for seed in range(24)]
    assert {len(s.formula.effects) for s in specs} == {0, 1, 2, 3} and any(s.iv for s in specs)
    assert {"iid", "HC0", "CR1", "CR0"} <= {s.vcov.kind for s in specs} and any(s.weights for s in specs)
    assert sum(distance(s, d) is not None for s, d in zip(specs, designs, strict=True)) > 20
