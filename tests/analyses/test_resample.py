"""Draws and their file, the wild cluster bootstrap and the permutation of units, each against refits on the rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from files_read import read_draws
from made_mediation import MODEL, panel
from parity.algebra import moments
from parity.algebra.moments import nested, products, sample
from parity.analyses.mediation.effects import mediate
from parity.analyses.mediation.r import request
from parity.analyses.replicates.draws import (
    WEBB,
    bootstrap_draws,
    group_draws,
    normal_draws,
    wild_draws,
    write_draws,
)
from parity.analyses.replicates.eliminate import crossed
from parity.analyses.replicates.refitting import replicate_rows
from parity.analyses.replicates.replicate import halves, left_out, replicate, weights_of
from parity.analyses.resampling.difference import find_difference
from parity.analyses.resampling.sample import Rows
from parity.analyses.resampling.wild import Clustering, confidence_set, wild_bootstrap
from parity.base.errors import Unestimable
from parity.r.session import get_session
from parity.study.analyses.resampling import DifferenceSettings


def made(units=8, periods=6, seed=0, missing=0.0):
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    keep = (rng.random(len(unit)) >= missing) | (time < 2)
    unit, time = unit[keep], time[keep]
    x, c = rng.normal(size=(2, len(unit))) + 0.2 * unit
    y = 0.5 * x + c + rng.normal(size=len(unit)) * (1 + unit / 4)
    columns = {"c": c, "x": x, "y": y}
    of = products(sample(columns, effects={"unit": unit, "time": time}, within=("unit",)), unit)
    return columns, unit, time, of


def dummies(unit, time):
    return np.column_stack([np.eye(int(unit.max()) + 1)[unit], np.eye(int(time.max()) + 1)[time][:, 1:]])


# ---------------------------------------------------------------- draws


@pytest.mark.parametrize(
    "draws",
    [bootstrap_draws(["北京", "Inner Mongolia", "3"], 7, 1), group_draws("abcdef", 2, 9, 4), group_draws("abc", 1, 100, 0),
     wild_draws("abcde", 20, 3), wild_draws("abcd", 16, 3), wild_draws("abcde", 11, 3, "webb"), normal_draws("ab", 6, 2)],
    ids=lambda d: f"{d.kind}-{d.seed}",
)  # fmt: skip
def test_a_file_of_draws_is_read_back_bit_by_bit(draws, tmp_path):
    write_draws(draws, tmp_path / "draws.tsv")
    back = read_draws(tmp_path / "draws.tsv")
    assert (back.kind, back.labels, back.seed) == (draws.kind, draws.labels, draws.seed)
    np.testing.assert_array_equal(back.values, draws.values)


def test_draws_are_what_they_say():
    boot = bootstrap_draws(range(5), 4_000, 1).values
    assert boot.shape == (4_000, 5) and np.abs(np.bincount(boot.ravel()) / 20_000 - 0.2).max() < 0.02
    groups = group_draws(range(6), 2, 15, 1)
    assert groups.seed is None and len(groups.values) == 15 and len({tuple(r) for r in groups.values}) == 15
    drawn = group_draws(range(20), 7, 500, 1).values
    assert all(len(set(row)) == 7 and list(row) == sorted(row) for row in drawn.tolist())
    signs = wild_draws(range(4), 16, 1)
    assert signs.seed is None and {tuple(r) for r in signs.values} == set(itertools.product((1.0, -1.0), repeat=4))
    assert wild_draws(range(4), 15, 1).seed == 1
    webb = np.array(WEBB)
    assert webb.sum() == pytest.approx(0, abs=1e-15) and (webb**2).mean() == pytest.approx(1)
    assert set(np.unique(wild_draws(range(4), 500, 1, "webb").values)) == set(WEBB)


def test_wrong_names_are_refused():
    with pytest.raises(ValueError, match="one name"):
        bootstrap_draws(["a", "a"], 3, 1)
    with pytest.raises(ValueError, match="tab"):
        bootstrap_draws(["a\tb", "a"], 3, 1)
    with pytest.raises(ValueError, match="nothing to compare"):
        group_draws("abc", 3, 5, 1)


# ---------------------------------------------------------------- wild cluster bootstrap


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1_000), restricted=st.booleans(), null=st.sampled_from([0.0, 0.3]), webb=st.booleans(),
    missing=st.sampled_from([0.0, 0.3]),
)  # fmt: skip
def test_the_wild_bootstrap_is_a_refit_on_factored_residuals(seed, restricted, null, webb, missing):
    columns, unit, time, of = made(seed=seed, missing=missing)
    factors = wild_draws(range(8), 40, seed, "webb" if webb else "rademacher").values
    x = np.column_stack([dummies(unit, time), columns["c"], columns["x"]])
    inverse = np.linalg.pinv(x)

    def t(y, under):
        e = y - x @ (inverse @ y)
        scores = np.bincount(unit, inverse[-1] * e)
        return (inverse[-1] @ y - under) / np.sqrt(scores @ scores)

    y, b = columns["y"], (inverse @ columns["y"])[-1]
    rest = x[:, :-1]
    fitted = (
        null * columns["x"] + rest @ (np.linalg.pinv(rest) @ (y - null * columns["x"])) if restricted else x @ (inverse @ y)
    )
    want = np.array([t(fitted + v[unit] * (y - fitted), null if restricted else b) for v in factors])
    found = wild_bootstrap(of, "y", ["c", "x"], "x", factors, null, restricted)
    np.testing.assert_allclose(found.replicates, want, rtol=1e-9, atol=1e-9)
    assert found.t == pytest.approx(t(y, null), rel=1e-10)
    assert found.p == pytest.approx(np.mean(np.abs(want) >= abs(found.t) - 1e-9))


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("by", ["unit", "time", "both"])
@pytest.mark.parametrize("each", [True, False])
def test_two_ways_the_bootstrap_is_a_refit_too(restricted, by, each):
    """boottest, cluster(unit time) bootcluster(...): factors by either or by their cells, t by Cameron, Gelbach and Miller's
    variance, each part with its own G/(G - 1) or none (one for all cancels)."""
    columns, unit, time, _ = made(seed=3, missing=0.3)
    cell = np.unique(unit * 1_000 + time, return_inverse=True)[1]
    first = np.unique(cell, return_index=True)[1]
    codes = {"unit": unit, "time": np.unique(time, return_inverse=True)[1], "both": cell}
    weight = {n: (-1.0 if n == "both" else 1.0) * (g / (g - 1) if each else 1.0)
              for n, g in ((n, int(c.max()) + 1) for n, c in codes.items())}  # fmt: skip
    clustering = Clustering(codes[by][first], tuple((weight[n], c[first]) for n, c in codes.items()))
    effects = {"unit": unit, "time": time}
    of = products(sample({n: columns[n] for n in ("c", "x", "y")}, effects=effects, within=nested(effects, codes[by])), cell)
    factors = wild_draws(range(int(codes[by].max()) + 1), 60, 5, "webb").values
    x = np.column_stack([dummies(unit, time), columns["c"], columns["x"]])
    inverse = np.linalg.pinv(x)

    def t(y, under):
        e = y - x @ (inverse @ y)
        variance = sum(weight[n] * np.sum(np.bincount(c, inverse[-1] * e) ** 2) for n, c in codes.items())
        return (inverse[-1] @ y - under) / np.sqrt(variance) if variance >= 0 else np.nan

    y, b, rest = columns["y"], (inverse @ columns["y"])[-1], x[:, :-1]
    null = 0.3
    fitted = (
        null * columns["x"] + rest @ (np.linalg.pinv(rest) @ (y - null * columns["x"])) if restricted else x @ (inverse @ y)
    )
    want = [t(fitted + v[codes[by]] * (y - fitted), null if restricted else b) for v in factors]
    found = wild_bootstrap(of, "y", ["c", "x"], "x", factors, null, restricted, clustering)
    np.testing.assert_allclose(found.replicates, want, rtol=1e-8, atol=1e-9)
    assert found.t == pytest.approx(t(y, null), rel=1e-10)
    low, high = confidence_set(of, "y", ["c", "x"], "x", factors, 0.81, restricted, clustering)
    for end, step in ((low, 1e-6), (high, -1e-6)):
        if np.isfinite(end):
            inside, outside = (
                wild_bootstrap(of, "y", ["c", "x"], "x", factors, at, restricted, clustering).p
                for at in (end + step, end - step)
            )
            assert inside > 0.19 >= outside


def test_enumerated_signs_give_p_in_steps_of_all_of_them():
    _, _, _, of = made()
    signs = wild_draws(range(8), 256, 1).values
    found = wild_bootstrap(of, "y", ["c", "x"], "x", signs)
    assert found.p >= 2 / 256 and (found.p * 256) % 1 == pytest.approx(0, abs=1e-9)  # t itself and its mirror image count
    few = wild_draws(range(4), 16, 1).values
    *_, small = made(units=4)  # the least p there can be is 2 / 16
    assert confidence_set(small, "y", ["c", "x"], "x", few) == (-np.inf, np.inf)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_interval_holds_the_nulls_that_are_not_rejected(restricted, missing):
    *_, of = made(missing=missing)
    signs, asked = wild_draws(range(8), 256, 1).values, (of, "y", ["c", "x"], "x")
    low, high = confidence_set(*asked, signs, restricted=restricted)
    inner = confidence_set(*asked, signs, 0.8, restricted)
    assert low < inner[0] < inner[1] < high
    for ends, rejected in (((low, high), 0.05), (inner, 0.2)):
        for end, step in zip(ends, (1e-7, -1e-7), strict=True):
            for null, inside in ((end + step, True), (end - step, False)):
                assert (wild_bootstrap(*asked, signs, null, restricted).p > rejected + 1e-12) is inside


# ---------------------------------------------------------------- groups of units


def split(columns, unit, time, members):
    rows = np.isin(unit, members)
    x = np.column_stack([dummies(unit[rows], time[rows]), columns["c"][rows], columns["x"][rows]])
    length = np.linalg.norm(x, axis=0)
    return (np.linalg.lstsq(x / np.where(length > 0, length, 1), columns["y"][rows], rcond=1e-11)[0] / length)[-1]


def rows_of(columns, unit, time, first, method):
    return Rows(
        name="d", settings=DifferenceSettings(spec="s", group="g", method=method),
        columns={name: columns[name] for name in ("c", "x")}, y=columns["y"], effects={"unit": unit, "time": time},
        cluster="unit", code=unit, labels=tuple(map(str, range(8))), first=first[unit],
        names=tuple(map(str, range(len(unit)))),
    )  # fmt: skip


def gaps(of, regressors, draws):
    """x's coefficient among the units drawn, less that among the others."""
    masks = np.zeros((len(draws), of.clusters))
    np.put_along_axis(masks, draws, 1.0, axis=1)
    (first, second), _ = halves(of, masks, "y", regressors, "x")
    return first - second


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_permuted_groups_are_split_samples(missing):
    columns, unit, time, _ = made(missing=missing)
    draws = group_draws(range(8), 3, 100, 2)  # 56 ways: all
    first = np.isin(np.arange(8), (0, 3, 4))
    found = find_difference(rows_of(columns, unit, time, first, "permutation"), draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        want = [
            split(columns, unit, time, row) - split(columns, unit, time, np.setdiff1d(np.arange(8), row))
            for row in draws.values
        ]
    np.testing.assert_allclose(found["replicate"], want, rtol=1e-9, atol=1e-9)
    here, gap = draws.values.tolist().index([0, 3, 4]), found["difference"]
    assert gap == pytest.approx(want[here]) and gap == pytest.approx(found["first"] - found["second"])
    beyond = np.sign(gap) * np.array(want) >= abs(gap) - 1e-9
    assert found["p one permutation"] == pytest.approx(beyond.mean()) and found["p one permutation"] >= 1 / 56
    assert found["p permutation"] == pytest.approx(np.mean(np.abs(want) >= abs(gap) - 1e-9))


def test_periods_of_a_balanced_panel_are_taken_out_as_those_of_any_other(monkeypatch):
    draws = group_draws(range(8), 3, 30, 5).values
    for missing in (0.0, 0.3):
        *_, of = made(missing=missing)
        weights = np.vstack([weights_of(bootstrap_draws(range(8), 30, 2).values, 8), left_out(8)])

        def both(of=of, weights=weights):
            return gaps(of, ["c", "x"], draws), *replicate(of, weights, ["c", "x"], ["x", "y"], [1, 2])

        assert crossed(of.gram, of.nuisance).even == (missing == 0)
        short = both()
        with monkeypatch.context() as patch:
            patch.setattr("parity.analyses.replicates.eliminate.EVEN", -1.0)
            assert not crossed(of.gram, of.nuisance).even
            for one, other in zip(short, both(), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


# ---------------------------------------------------------------- refitting, where cross-products would be inexact


@pytest.mark.parametrize("scheme", ["keep", "new"])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_refitted_draws_equal_those_from_cross_products(scheme, missing):
    columns, unit, time, of = made(missing=missing)
    draws = bootstrap_draws(range(8), 12, 5).values
    ours = replicate(of, weights_of(draws, 8), ["c", "x"], ["x", "y"], [1, 2])
    theirs = replicate_rows(columns, {"unit": unit, "time": time}, unit, draws, ["c", "x"], ["x", "y"], [1, 2], scheme)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_a_mediation_whose_draws_must_be_absorbed_again_says_so(monkeypatch):
    columns, codes = panel(units=12, periods=5)
    draws = bootstrap_draws(range(12), 20, 1)
    asked = {"effects": codes, "cluster": ("unit", codes["unit"]), "draws": draws}
    plain = mediate(columns, MODEL, **asked)
    monkeypatch.setattr(moments, "MOST_COLUMNS", 3)
    again = mediate(columns, MODEL, **asked)
    assert not plain.notes and "every draw was absorbed again" in again.notes[0]
    for name, values in plain.replicates.items():
        np.testing.assert_allclose(values, again.replicates[name], rtol=1e-8, atol=1e-9)
        assert again.summaries[name].interval("bca").low == pytest.approx(
            plain.summaries[name].interval("bca").low, rel=1e-8
        )


@pytest.mark.needs_r
def test_r_refits_every_permutation_to_the_same_difference(tmp_path):
    columns, codes = panel(missing=0.1)
    of = products(sample({n: columns[n] for n in MODEL.columns}, effects=codes, within=("unit",)), codes["unit"])
    draws = group_draws(range(31), 11, 40, 6)
    write_draws(draws, tmp_path / "groups.tsv")
    asked = request(columns, MODEL, codes, codes["unit"], draws=tmp_path / "groups.tsv")
    answer = get_session().call("groups_refit", asked)
    theirs = answer["first"].values - answer["second"].values
    np.testing.assert_allclose(gaps(of, [*MODEL.controls, "x"], draws.values), theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.needs_r
@pytest.mark.parametrize("restricted", [True, False])
def test_r_refits_every_wild_draw_to_the_same_t(restricted, tmp_path):
    columns, codes = panel(units=12, missing=0.1)
    of = products(sample({n: columns[n] for n in MODEL.columns}, effects=codes, within=("unit",)), codes["unit"])
    draws = wild_draws(range(12), 30, 8, "webb")
    write_draws(draws, tmp_path / "wild.tsv")
    asked = request(columns, MODEL, codes, codes["unit"], draws=tmp_path / "wild.tsv")
    answer = get_session().call("wild_refit", asked | {"null": 0.2, "restricted": restricted})
    ours = wild_bootstrap(of, "y", [*MODEL.controls, "x"], "x", draws.values, 0.2, restricted)
    assert ours.t == pytest.approx(answer["t"].one(), rel=1e-9)
    np.testing.assert_allclose(ours.replicates, answer["replicates"].values, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_suest_is_two_split_samples_with_one_factor(missing):
    columns, unit, time, _ = made(missing=missing)
    first = np.isin(np.arange(8), (0, 3, 4, 6))
    found = find_difference(rows_of(columns, unit, time, first, "suest"), None)
    b, variances = [], []
    for mask in (first, ~first):
        rows = mask[unit]
        x = np.column_stack([dummies(unit[rows], time[rows]), columns["c"][rows], columns["x"][rows]])
        inverse = np.linalg.pinv(x, rcond=1e-12)
        e = columns["y"][rows] - x @ (inverse @ columns["y"][rows])
        scores = np.bincount(unit[rows], inverse[-1] * e)
        b.append(inverse[-1] @ columns["y"][rows])
        variances.append(scores @ scores)
    assert found["difference"] == pytest.approx(b[0] - b[1], rel=1e-10)
    assert found["se suest"] == pytest.approx(np.sqrt(8 / 7 * sum(variances)), rel=1e-9)
    assert found["p suest"] == pytest.approx(2 * norm.sf(abs(found["z suest"])), rel=1e-10)
    with pytest.raises(Unestimable):
        find_difference(rows_of(columns, unit, time, np.arange(8) == 0, "suest"), None)
