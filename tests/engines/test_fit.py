"""parity's own estimator: against full dummies on random panels, against R on bundled studies, and what must not move it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from brute import Brute, made_design, near, random_design
from conftest import FIXTURES
from miniatures import dense
from parity.algebra import covariance
from parity.base.errors import Unestimable
from parity.compare.harmonise import harmonise
from parity.conventions.profiles import PROFILES
from parity.data.load import load_frame
from parity.engines import registry
from parity.engines.own.fit import covariances, estimate, solve, uncorrected
from parity.results.estimate import Estimate
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.load import load_study
from parity.study.models import OF_DYNAMIC, SERIES
from parity.study.spec import Spec, Vcov

SEEDS = range(200)


def kinds(design: Design) -> list[Vcov]:
    plain = [Vcov(kind=k) for k in ("iid", "HC0", "HC2", "HC3")]
    plain += [Vcov(kind="DK", lags=lags) for lags in (0, 2, 50)]
    plain += [Vcov(kind="NW", lags=lags) for lags in (0, 3)] if design.weight_kind != "frequency" else []
    clustered = [Vcov(kind=k, cluster=("unit",)) for k in ("CR0", "CR2", "CR3")]
    return [*plain, *clustered, Vcov(kind="CR1", cluster=("unit", "time"))]


def brute_parts(design: Design, brute: Brute, vcov: Vcov) -> dict:
    codes = design.clusters
    match vcov.kind:
        case "iid":
            return {(): brute.iid()}
        case "HC0" | "HC2" | "HC3":
            return {(): brute.hc({"HC0": 0, "HC2": 1, "HC3": 2}[vcov.kind])}
        case "DK":
            return {(): brute.driscoll_kraay(design.time, vcov.lags)}
        case "NW":
            return {(): brute.newey_west(design.unit, design.time, vcov.lags)}
        case "CR2" | "CR3":
            return {vcov.cluster: brute.leveraged(codes["unit"], {"CR2": -0.5, "CR3": -1.0}[vcov.kind])}
    parts = {(c,): brute.cluster(codes[c]) for c in vcov.cluster}
    if len(vcov.cluster) == 2:
        parts[vcov.cluster] = brute.cluster(codes["unit"] * 1_000 + codes["time"])
    return parts


@pytest.mark.parametrize("seed", SEEDS)
def test_random_panels_against_full_dummies(seed):
    design = random_design(seed)
    fit, brute = solve(design), Brute(design)
    se = np.sqrt(np.diag(brute.iid()))
    assert np.max(np.abs(fit.coef - brute.coef) / np.maximum(se, np.abs(brute.coef))) < 1e-11
    for vcov in kinds(design):
        for subset, want in brute_parts(design, brute, vcov).items():
            near(covariances(fit, vcov)[subset], want, 1e-9 if vcov.kind[:2] in ("CR", "DK") else 1e-10)
    assert fit.xt == pytest.approx(fit.basis @ np.linalg.inv(fit.half))
    assert fit.pull == pytest.approx(fit.xt @ fit.bread)


# ---------------------------------------------------------------- bundled studies

_loaded: dict[str, tuple] = {}


def bundled(folder: str, spec_id: str) -> tuple[Spec, Design, object]:
    if folder not in _loaded:
        study = load_study(FIXTURES / folder)
        _loaded[folder] = study, load_frame(study)
    study, frame = _loaded[folder]
    spec = study.spec(spec_id)
    return spec, build_design(study, spec, frame), study


def estimable() -> list[tuple[str, str]]:
    """Every bundled spec."""
    return [(f.parent.name, s.id) for f in sorted(FIXTURES.glob("*/study.toml")) for s in load_study(f.parent).specs]


@pytest.mark.parametrize(("folder", "spec_id"), estimable())
def test_every_bundled_spec_is_estimated(folder, spec_id):
    try:
        spec, design, _ = bundled(folder, spec_id)
    except Unestimable:
        return
    answer = estimate(spec, design)
    assert answer.terms == design.terms and answer.basis == "uncorrected"
    solved = (
        "iterative"
        if spec.model in SERIES
        else "normal-equations"
        if spec.likelihood or spec.model in OF_DYNAMIC
        else "exact"
    )
    assert answer.accuracy == solved
    assert answer.reported.nobs == design.facts.nobs_weighted
    if spec.model != "random_effects":
        assert answer.reported.df_resid == design.facts.nobs_weighted - design.facts.rank
    harmonise(answer, design.facts, spec)
    if spec.model == "ols" and spec.vcov.kind in ("iid", "HC0", "HC1", "CR0", "CR1") and design.nobs < 500:
        coef, parts = dense(spec, design)
        assert np.array(answer.coef) == pytest.approx(coef, rel=1e-9)
        for part in answer.parts:
            near(np.array(part.matrix), parts[part.cluster], 1e-9)


IN_R = {
    "grunfeld": ["pooled", "stata_two_clusters", "stata_driscoll_kraay", "stata_newey_west", "one_reghdfe", "one_cr2",
                 "random", "random_clustered", "differences"],
    "hard_cases": ["cascade", "islands", "badly_scaled", "frequency", "iv", "unbalanced_random_harmonic", "kernel_gaps",
                   "newey_gaps", "thin_cr2"],
    "mtcars": ["three_way", "weighted_hc2", "areg_weighted", "hc3"],
    "cigarettes": ["panel_weighted"],
    "fatalities": ["table_4"],
}  # fmt: skip


@pytest.mark.needs_r
@pytest.mark.parametrize("engine", ["r-stata", "r-lm"])
@pytest.mark.parametrize(("folder", "spec_id"), [(folder, spec_id) for folder, ids in IN_R.items() for spec_id in ids])
def test_as_in_r(folder, spec_id, engine):
    spec, design, study = bundled(folder, spec_id)
    asked = registry()[engine]
    if asked.availability() or asked.declines(spec, study.header.unit, study.header.time):
        pytest.skip(f"{engine} can't do it")
    theirs = asked.estimate(spec, design)
    if not isinstance(theirs, Estimate):
        pytest.skip(f"{engine} declines")
    ours = harmonise(estimate(spec, design), design.facts, spec).quantities
    got = harmonise(theirs, design.facts, spec).quantities
    assert not set(got) - set(ours)
    for key, quantity in got.items():
        assert ours[key].value == quantity.value or abs(ours[key].value - quantity.value) <= 1e-10 * quantity.scale, key


# ---------------------------------------------------------------- random effects


@pytest.mark.parametrize("rule", ["harmonic", "exact"])
def test_random_effects_on_an_unbalanced_panel(rule):
    """Components by matrices: harmonic as Stata's manual has them, exact as Baltagi and Chang (1994) do."""
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(12), rng.integers(2, 9, 12))
    n, dummies = len(unit), np.eye(12)[unit]
    x = rng.normal(size=(n, 2)) + rng.normal(size=12)[unit, None]
    x = np.column_stack([x, rng.normal(size=12)[unit]])  # one is constant within units
    y = x.sum(axis=1) + 2 * rng.normal(size=12)[unit] + rng.normal(size=n)
    spec = Spec(id="s", formula="y ~ a + b + c", model="random_effects", convention={"profile": "plm", "swamy_arora": rule})
    fit = solve(made_design({"y": y, "x": x, "unit": unit, "intercept": True}), spec)

    between = dummies @ np.linalg.pinv(dummies)
    full = np.column_stack([np.ones(n), x])
    maker = np.eye(n) - between
    e = maker @ y - maker @ x @ np.linalg.pinv(maker @ x, rcond=1e-10) @ (maker @ y)
    sigma_e2 = e @ e / (n - 12 - 2)
    size = np.bincount(unit)
    if rule == "exact":
        hat = between @ full @ np.linalg.pinv(between @ full)
        e = between @ y - hat @ y
        sigma_u2 = (e @ e - (12 - 4) * sigma_e2) / (n - np.trace(dummies.T @ hat @ dummies))
    else:
        means = np.linalg.pinv(dummies)
        e = means @ y - means @ full @ np.linalg.pinv(means @ full) @ (means @ y)
        sigma_u2 = e @ e / (12 - 4) - sigma_e2 * np.mean(1 / size)
    assert fit.random["sigma_e2"] == pytest.approx(sigma_e2, rel=1e-12)
    assert fit.random["sigma_u2"] == pytest.approx(sigma_u2, rel=1e-11)
    omega = sigma_e2 * np.eye(n) + sigma_u2 * dummies @ dummies.T
    inverse = np.linalg.inv(omega)
    assert fit.coef == pytest.approx(np.linalg.solve(full.T @ inverse @ full, full.T @ inverse @ y), rel=1e-10)
    assert "theta" not in fit.random and fit.terms[0] == "(Intercept)"


# ---------------------------------------------------------------- what must not move an estimate


@pytest.mark.parametrize("seed", [1, 2, 3, 6, 7, 8, 11, 12])
def test_order_of_rows_and_names_of_units_do_not_matter(seed):
    design, rng = random_design(seed), np.random.default_rng(seed)
    shuffled = design.take(rng.permutation(design.nobs))
    recode = lambda code: rng.permutation(int(code.max()) + 1)[code]  # noqa: E731
    shuffled = replace(
        shuffled,
        effects={k: recode(v) for k, v in shuffled.effects.items()},
        clusters={k: recode(v) for k, v in shuffled.clusters.items()},
        unit=recode(shuffled.unit),
    )
    first, second = solve(design), solve(shuffled)
    assert first.coef == pytest.approx(second.coef, rel=1e-11)
    for vcov in kinds(design):
        for subset, matrix in covariances(first, vcov).items():
            near(covariances(second, vcov)[subset], matrix, 1e-10)


@pytest.mark.parametrize("seed", range(1, 13))
def test_scale_of_columns_does_not_matter(seed):
    """Powers of two change nothing at all; other factors nothing that can be seen."""
    design = random_design(seed)
    for factor in (2.0**40, 1e-9):
        moved = solve(replace(design, x=design.x * factor, y=design.y / factor))
        fit, n_x = solve(design), design.x.shape[1]
        back = np.ones(len(fit.coef)) / factor
        at = slice(int(design.intercept), int(design.intercept) + n_x)
        back[at] = 1 / factor**2
        close = 0.0 if factor == 2.0**40 and not design.weight_kind else 1e-12
        assert np.all(
            np.abs(moved.coef / back - fit.coef) <= close * np.maximum(np.abs(fit.coef), 1e-3 * np.abs(fit.coef).max())
        )
        for vcov in kinds(design):
            for subset, matrix in covariances(fit, vcov).items():
                near(covariances(moved, vcov)[subset] / np.outer(back, back), matrix, 1e-10)


def test_columns_of_extreme_scale_side_by_side():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 2)) * [1e-8, 1e12] + [3e-8, 5e12]
    y = x @ [1e8, 1e-12] + rng.normal(size=80)
    got = solve(made_design({"y": y, "x": x, "intercept": True}))
    plain = solve(made_design({"y": y, "x": x * [1e8, 1e-12], "intercept": True}))
    assert got.coef * [1, 1e-8, 1e12] == pytest.approx(plain.coef, rel=1e-12)


# ---------------------------------------------------------------- the edges


def test_a_regressor_that_the_effects_determine_is_named():
    design = random_design(2)
    level = np.random.default_rng(0).normal(size=50)[design.effects["unit"]]
    with pytest.raises(Unestimable, match="`level` is determined"):
        solve(replace(design, x=np.column_stack([design.x, level]), x_names=(*design.x_names, "level")))
    with pytest.raises(Unestimable, match="`again` is determined"):
        solve(replace(design, x=np.column_stack([design.x, design.x[:, 0] * 3]), x_names=(*design.x_names, "again")))


def test_an_instrument_that_the_effects_determine_is_left_out():
    design = random_design(6)
    assert design.endog.shape[1] and design.effects
    level = np.random.default_rng(0).normal(size=50)[design.effects["unit"]]
    more = replace(design, z=np.column_stack([design.z, level]), z_names=(*design.z_names, "level"))
    assert solve(more).coef == pytest.approx(solve(design).coef, rel=1e-12)
    with pytest.raises(Unestimable, match="0 instruments are left for 1"):
        solve(replace(design, z=level[:, None], z_names=("level",)))


def test_fewer_rows_than_coefficients():
    design = random_design(1)
    for rows in (0, 1):
        with pytest.raises(Unestimable, match=f"{rows} rows for"):
            solve(replace(design.take(np.arange(rows)), intercept=True))


def test_only_an_intercept():
    y = np.array([1.0, 2.0, 4.0])
    fit = solve(made_design({"y": y, "x": np.empty((3, 0)), "intercept": True}))
    assert fit.coef == pytest.approx([7 / 3]) and fit.ssr == pytest.approx(np.sum((y - 7 / 3) ** 2))
    assert fit.bread == pytest.approx(np.array([[1 / 3]]))


@pytest.mark.parametrize("rule", ["in", "out", "raw"])
@pytest.mark.parametrize(("kind", "power"), [("HC2", 1), ("HC3", 2), ("HC4", None)])
def test_weighted_leverage_by_every_rule_against_dense_algebra(rule, kind, power):
    design = random_design(3)
    w = np.random.default_rng(3).uniform(2, 5, design.nobs)
    weighted = replace(design, weights=w, weight_kind="analytic")
    convention = PROFILES["lm"].model_copy(update={"leverage_weights": rule})
    brute = Brute(weighted)
    h = np.diag(brute.hat) * {"in": 1.0, "out": w.mean() / w, "raw": 1 / w}[rule]
    spread = brute.resid**2 / (1 - h) ** (np.minimum(4, h / h.mean()) if power is None else power)
    want = sum(e2 * np.outer(p, p) for p, e2 in zip(brute.pull, spread, strict=True))
    near(covariances(solve(weighted), Vcov(kind=kind), convention=convention)[()], want, 1e-10)


def test_a_leverage_of_one_without_its_weight_has_no_hc3():
    """A light row far out: 1 - h would be negative, and its square a variance."""
    rng = np.random.default_rng(1)
    x, w = np.r_[rng.normal(size=30), 40.0], np.r_[np.ones(30), 0.01]
    design = made_design(
        {"y": rng.normal(size=31), "x": x[:, None], "weights": w, "weight_kind": "analytic", "intercept": True}
    )
    spec = Vcov(kind="HC3")
    assert uncorrected(solve(design), spec, convention=PROFILES["lm"])
    with pytest.raises(Unestimable, match="without its weight a row has leverage 1 or more"):
        uncorrected(solve(design), spec, convention=PROFILES["regress"])


def test_hausman_sigmamore_is_what_unit_means_take_off_the_sum_of_squares():
    """Hausman and Taylor (1981): beside quasi-demeaned columns, unit means are the within estimator's contrast."""
    study = load_study(FIXTURES / "grunfeld")
    spec = Spec(id="s", formula="inv ~ value + capital", model="random_effects", convention="xtreg")
    fit = solve(build_design(study, spec, load_frame(study)), spec)
    design, unit = fit.design, np.unique(fit.design.unit, return_inverse=True)[1]
    means = np.array([np.bincount(unit, c) / np.bincount(unit) for c in design.x[:, 1:].T])[:, unit].T

    def squares(x):
        return float(np.sum((design.y - x @ np.linalg.lstsq(x, design.y, rcond=None)[0]) ** 2))

    restricted, free = squares(design.x), squares(np.hstack([design.x, means]))
    stats = estimate(spec, build_design(study, spec, load_frame(study))).stats
    assert stats["hausman_sigmamore"] == pytest.approx((restricted - free) / (restricted / (200 - 3)), rel=1e-8)
    assert stats["hausman_sigmamore"] < stats["hausman"] * 1.1 and stats["hausman"] == pytest.approx(2.3304, abs=5e-5)
    assert stats["hausman_sigmamore_p"] == pytest.approx(np.exp(-stats["hausman_sigmamore"] / 2), rel=1e-10)  # chi2 of 2 df


def test_newey_west_where_it_does_not_exist():
    design = random_design(1)
    twice = replace(design, time=np.zeros(design.nobs, dtype=np.int64))
    with pytest.raises(Unestimable, match="two rows of the same period"):
        uncorrected(solve(twice), Vcov(kind="NW", lags=1))
    weighted = replace(design, weights=np.ones(design.nobs), weight_kind="frequency")
    with pytest.raises(Unestimable, match="frequency weights"):
        uncorrected(solve(weighted), Vcov(kind="NW", lags=1))


def test_other_clusters_than_the_designs():
    design = random_design(2)
    fit, half = solve(design), design.unit // 2
    moved = uncorrected(fit, Vcov(kind="CR0", cluster=("half",)), {"half": half})
    assert np.array(moved[0].matrix) == pytest.approx(covariance.cr0(fit.pull, fit.resid, half))


def test_very_many_levels_are_absorbed_by_iteration(monkeypatch):
    monkeypatch.setattr("parity.algebra.absorb.DENSE_LEVELS", 3)
    design = random_design(7)
    fit = solve(design)
    assert not fit.exact and fit.coef == pytest.approx(Brute(design).coef, rel=1e-7)
    with pytest.raises(Unestimable, match="no leverage"):
        uncorrected(fit, Vcov(kind="HC3"))


@pytest.mark.parametrize("kind", ["CR2", "CR3"])
def test_a_row_that_stands_for_ten_million_is_not_copied(kind):
    design = replace(random_design(3), weights=None, weight_kind=None)
    many = replace(design, weights=np.full(design.nobs, 1e7), weight_kind="frequency")
    vcov = Vcov(kind=kind, cluster=("unit",))
    once, often = (np.array(uncorrected(solve(d), vcov)[0].matrix) for d in (design, many))
    assert often == pytest.approx(once, rel=1e-9)


def test_hausman_counts_the_rank_of_its_contrast():
    """Effects of years on a balanced panel: with one error variance they add nothing. Numbers: base R, MASS::ginv."""
    study = load_study(FIXTURES / "job_training")
    spec = next(s for s in study.specs if s.id == "random")  # lscrap ~ d88 + d89 + union + grant + grant_1
    design = build_design(study, spec, load_frame(study))
    for answer in (estimate(spec, design), registry()["py-linearmodels"].estimate(spec, design)):
        stats = answer.stats
        assert (stats["hausman_df"], stats["hausman_sigmamore_df"]) == (4, 2)
        assert stats["hausman_sigmamore"] == pytest.approx(2.5906451068187506, rel=1e-8)
        assert stats["hausman_sigmamore_p"] == pytest.approx(np.exp(-stats["hausman_sigmamore"] / 2), rel=1e-10)
