"""Spatial models: by dense likelihoods, numbers of splm and spdep, in R, and engines that get a formula subtly wrong."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize_scalar

from conftest import FIXTURES, ROOT
from parity.analyses.in_parts import Nothing
from parity.analyses.run import records_of
from parity.analyses.spatial import effects as effects_module
from parity.analyses.spatial import information as information_module
from parity.analyses.spatial import likelihood as likelihood_module
from parity.analyses.spatial.analysis import ANALYSIS, compare_spatial, spatial
from parity.analyses.spatial.information import covariance
from parity.analyses.spatial.likelihood import maximised, space_of
from parity.analyses.spatial.sample import Sample
from parity.analyses.spatial.weights import standardised
from parity.base.errors import InputError, Unestimable
from parity.r.session import missing_r
from parity.runs.judge_analyses import printed_records
from parity.study.analyses.spatial import SpatialSettings
from parity.study.load import load_study, parse_study
from parity.table.formats import grid_of
from parity.table.numbers import decimals
from parity.table.verified import Verified

needs_r = pytest.mark.skipif(missing_r() is not None, reason="needs R")
STATES = ROOT / "docs" / "examples" / "spatial"
EIGHT = """
[study]
title = "States, eight years"
data = "data.csv"
unit = "state"
time = "year"

[spec.both]
formula = "log(gsp) ~ log(pcap) + log(pc) + log(emp) + unemp | state + year"
where = "year >= 1979"
convention = "plm"

[spatial.lag]
spec = "both"
weights = "neighbours.csv"
symmetric = true
model = "lag"

[spatial.error]
spec = "both"
weights = "neighbours.csv"
symmetric = true
model = "error"

[spatial.total]
spec = "both"
weights = "neighbours.csv"
symmetric = true
lagged = ["unemp"]
moran = "normality"
local = "total"
"""


def of_eight(text: str = EIGHT):
    return parse_study(text, STATES / "study.toml")


def samples(study) -> dict[str, Sample]:
    return {n.split(".")[1]: p for n, p in ANALYSIS.parts(study) if not isinstance(p, Nothing)}


def made(effects: str = "both", standardise: str = "row", seed: int = 1, **more) -> Sample:
    """Seven units, five periods, weights that are not symmetric; two regressors, rho 0.4."""
    rng = np.random.default_rng(seed)
    n, t = 7, 5
    w = (rng.uniform(size=(n, n)) < 0.5) * rng.uniform(0.5, 2.0, (n, n))
    np.fill_diagonal(w, 0.0)
    w[np.arange(n), (np.arange(n) + 1) % n] = 1.0
    s = SpatialSettings(spec="s", weights="w.csv", standardise=standardise, effects=effects, **more)
    units = tuple(f"u{i}" for i in range(n))
    used = standardised(w, s, units)
    x = rng.normal(size=(n * t, 2)) * [1.0, 50.0]
    strong = 0.4 / np.abs(np.linalg.eigvals(used)).max()
    signal = x @ [1.0, 0.01] + np.tile(rng.normal(size=n), t) + rng.normal(size=n * t)
    y = np.linalg.solve(np.kron(np.eye(t), np.eye(n) - strong * used), signal)
    return Sample(s, y, x, ("a", "b"), (0, 1), y, w, used, effects, units, tuple(map(str, range(t))))


def dense(s: Sample, kind: str, durbin: bool):
    """p -> likelihood, b, s2 with a dummy for every effect and W of all rows as one matrix; z and that W."""
    n, t = len(s.units), len(s.periods)
    big = np.kron(np.eye(t), s.w)
    units, periods = np.tile(np.eye(n), (t, 1)), np.repeat(np.eye(t), n, axis=0)
    dummies = {"none": np.ones((n * t, 1)), "unit": units, "time": periods, "both": np.column_stack([units, periods[:, 1:]])}
    z = np.column_stack([s.x, *([big @ s.x] if durbin else []), dummies[s.effects]])

    def at(p: float):
        a = np.eye(n * t) - p * big
        right = a @ z if kind == "error" else z
        b, *_ = np.linalg.lstsq(right, a @ s.y, rcond=None)
        e = a @ s.y - right @ b
        s2 = e @ e / (n * t)
        return -n * t / 2 * (np.log(2 * np.pi * s2) + 1) + np.linalg.slogdet(a)[1], b, s2

    return at, z, big


@pytest.mark.parametrize("effects", ["none", "unit", "time", "both"])
@pytest.mark.parametrize("standardise", ["row", "spectral", "none"])
@pytest.mark.parametrize("model", ["lag", "error", "durbin"])
def test_estimates_and_errors_are_those_of_the_dense_likelihood(effects, standardise, model):
    s = made(effects, standardise, model=model, information="observed")
    kind = "error" if model == "error" else "lag"
    at, z, big = dense(s, kind, model == "durbin")
    found = spatial(s)
    own = "lambda" if kind == "error" else "rho"
    space = space_of(s, durbin=model == "durbin")
    best = minimize_scalar(lambda p: -at(p)[0], bounds=(space.low, space.high), method="bounded", options={"xatol": 1e-10})
    assert found["coef"][own] == pytest.approx(best.x, abs=1e-6)
    height, b, s2 = at(found["coef"][own])
    k = len(space.names)
    assert found["likelihood"][""] == pytest.approx(height, rel=1e-10) and height >= -best.fun - 1e-9
    assert list(found["coef"].values())[:k] == pytest.approx(b[:k], rel=1e-8)
    assert found["coef"]["sigma2"] == pytest.approx(s2, rel=1e-9)

    def score(theta):
        c, p, v = theta[: z.shape[1]], theta[-2], theta[-1]
        a = np.eye(len(z)) - p * big
        e = a @ (s.y - z @ c) if kind == "error" else a @ s.y - z @ c
        right = a @ z if kind == "error" else z
        lagged = big @ (s.y - z @ c) if kind == "error" else big @ s.y
        trace = np.trace(np.linalg.solve(a, big))
        return np.r_[right.T @ e / v, e @ lagged / v - trace, -len(z) / (2 * v) + e @ e / (2 * v**2)]

    theta = np.r_[b, found["coef"][own], s2]
    assert np.abs(score(theta)).max() < 1e-5 * len(z) * (1 + np.abs(z).max())
    hessian = -approx_fprime(theta, score, 1e-7 * np.maximum(np.abs(theta), 1e-3))
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert list(found["se"].values()) == pytest.approx(errors[[*range(k), -2, -1]], rel=2e-3)


def test_expected_information_is_the_mean_hessian():
    """Over draws from the model itself, at its own parameters."""
    s = made("unit", model="lag")
    fit = maximised(space_of(s, durbin=False), "lag")
    z, n, t = fit.space.z, len(s.units), len(s.periods)
    rng = np.random.default_rng(5)
    back = np.linalg.inv(np.eye(n) - fit.p * s.w)
    own = np.linalg.inv(covariance(fit))
    q, r = np.linalg.qr(z)
    total = np.zeros_like(own)
    for _ in range(4000):
        e = rng.normal(size=n * t) * np.sqrt(fit.s2)
        y = ((z @ fit.b + e).reshape(t, n) @ back.T).ravel()
        space = replace(fit.space, y=y, wy=s.lag(y))
        total += information_module._observed(replace(fit, space=space, e=e), q, r)
    back = np.eye(len(own))
    back[: len(r), : len(r)] = r
    assert back.T @ (total / 4000) @ back == pytest.approx(own, rel=0.05, abs=0.02 * np.abs(own).max())


def test_effects_of_units_cost_a_period_under_lee_and_yu():
    within, theirs = (spatial(made("unit", model="lag", transformation=t)) for t in ("within", "orthonormal"))
    assert theirs["coef"]["rho"] == pytest.approx(within["coef"]["rho"], rel=1e-10)
    assert theirs["coef"]["sigma2"] == pytest.approx(within["coef"]["sigma2"] * 5 / 4, rel=1e-10)
    assert (within["rows"]["counted"], theirs["rows"]["counted"]) == (35, 28)
    both = [spatial(made("both", model="lag", transformation=t)) for t in ("within", "orthonormal")]
    assert abs(both[0]["coef"]["rho"] - both[1]["coef"]["rho"]) > 1e-4 and both[1]["rows"]["counted"] == 24


@pytest.mark.parametrize("information", ["expected", "observed"])
@pytest.mark.parametrize("model", ["lag", "error", "durbin"])
def test_lee_and_yu_is_the_plain_likelihood_of_transformed_rows(model, information):
    s = made("both", model=model, transformation="orthonormal", information=information)
    n, t = 7, 5

    def rest(m):
        return np.linalg.svd(np.eye(m) - 1.0 / m)[0][:, : m - 1]

    f, g = rest(t), rest(n)
    w = g.T @ s.w @ g
    moved = np.kron(f.T, g.T)
    x = np.column_stack([s.x, s.lag(s.x)]) if model == "durbin" else s.x
    plain = SpatialSettings(spec="s", weights="w", model="error" if model == "error" else "lag", standardise="none",
                            information=information)  # fmt: skip
    z = moved @ x
    y = moved @ s.y
    one = Sample(plain, y, z, tuple("abcd")[: z.shape[1]], (), y, w, w, "none", s.units[1:], s.periods[1:])
    space = space_of(one, durbin=False)
    q, r = np.linalg.qr(z)
    space = replace(space, z=z, wz=one.lag(z), q=q, r=r, high=1.0, low=space_of(s, durbin=False).low)  # without an intercept
    fit = maximised(space, "error" if model == "error" else "lag")
    found = spatial(s)
    errors = np.sqrt(np.diag(covariance(fit)))
    assert list(found["coef"].values()) == pytest.approx([*fit.b, fit.p, fit.s2], rel=1e-7)
    assert list(found["se"].values()) == pytest.approx(errors, rel=1e-7)
    assert found["likelihood"][""] == pytest.approx(fit.likelihood, rel=1e-10)


@pytest.mark.parametrize("model", ["lag", "durbin"])
def test_effects_by_the_definition_and_their_errors_by_numerical_slopes(model):
    s = made("unit", model=model)
    found = spatial(s)
    fit = maximised(space_of(s, durbin=model == "durbin"), "lag")
    cov = covariance(fit)

    def direct_indirect(theta):
        extra = theta[2] if model == "durbin" else 0.0
        matrix = np.linalg.solve(np.eye(7) - theta[-1] * s.w, np.eye(7) * theta[0] + s.w * extra)
        return np.array([np.trace(matrix) / 7, (matrix.sum() - np.trace(matrix)) / 7])

    theta = np.r_[fit.b, fit.p]
    value = direct_indirect(theta)
    assert [found["direct"]["a"], found["indirect"]["a"]] == pytest.approx(value, rel=1e-9)
    assert found["total"]["a"] == pytest.approx(value.sum(), rel=1e-9)
    slopes = approx_fprime(theta, direct_indirect, 1e-7)
    errors = np.sqrt(np.diag(slopes @ cov[:-1, :-1] @ slopes.T))
    assert [found["direct se"]["a"], found["indirect se"]["a"]] == pytest.approx(errors, rel=1e-4)


def test_the_numbers_that_splm_prints_of_munnells_states():
    study = load_study(STATES)
    records = printed_records(study, ())
    assert sum(r.checked for r in records) == 20 and {r.verdict for r in records} == {"agree"}


def test_morans_i_and_multipliers_of_spdep():
    """spdep 1.3-5: lm.RStests on dummies and a block W, moran.test, localmoran of log(gsp) in 1979."""
    one, two = (spatial(samples(of_eight())[n]) for n in ("lag", "total"))
    # RSlag is 55.60813514791 there: it inverts X'X of 59 columns, and keeps 6 digits; RSerr needs no such inverse
    assert one["lm"]["error"] == pytest.approx(37.88915473837, rel=1e-11)
    assert one["lm"]["lag"] == pytest.approx(55.60813514791, rel=1e-5)
    assert one["lm"]["robust error"] == pytest.approx(6.18441648222, rel=1e-4)
    assert one["lm"]["robust lag"] == pytest.approx(23.90339689177, rel=1e-4)
    assert one["moran z"]["1979"] == pytest.approx(2.23744313181, rel=1e-11)
    assert two["moran z"]["1979"] == pytest.approx(2.25069371437, rel=1e-11)
    at = ("AL:1979", "AR:1979")
    assert [one["local"][t] for t in at] == pytest.approx([0.0131878306404, -0.2488959935302], rel=1e-11)
    assert [one["local z"][t] for t in at] == pytest.approx([0.69819969836, -1.20954784493], rel=1e-10)
    assert [two["local z"][t] for t in at] == pytest.approx([0.0722906190093, -0.5983711598926], rel=1e-10)


def test_two_way_effects_of_spatialreg():
    """spatialreg 1.3-6, lagsarlm and errorsarlm with dummies; they stop at about 1e-9 and 1e-5 of the parameter."""
    found = {n: spatial(p) for n, p in samples(of_eight()).items()}
    assert found["lag"]["coef"]["rho"] == pytest.approx(0.2216208484563, rel=1e-6)
    assert found["lag"]["se"]["rho"] == pytest.approx(0.0357729745542, rel=1e-6)
    assert found["lag"]["likelihood"][""] == pytest.approx(978.005524638, rel=1e-11)
    assert found["error"]["coef"]["lambda"] == pytest.approx(0.401943199244, rel=1e-4)
    assert found["error"]["se"]["log(pcap)"] == pytest.approx(0.03887674705210, rel=1e-5)
    assert found["error"]["likelihood"][""] == pytest.approx(974.730839326, rel=1e-9)  # it subtracts two sums of squares


def test_restrictions_of_a_durbin_model():
    s = made("unit", model="durbin")
    found, fit = spatial(s), maximised(space_of(s, durbin=True), "lag")
    cov, b, rho = covariance(fit), fit.b, fit.p
    for name, off, slopes in (
        ("lag", b[2:4], np.array([[0, 0, 1, 0, 0], [0, 0, 0, 1, 0]])),
        ("error", b[2:4] + rho * b[:2], np.array([[rho, 0, 1, 0, b[0]], [0, rho, 0, 1, b[1]]])),
    ):
        w = off @ np.linalg.solve(slopes @ cov[:-1, :-1] @ slopes.T, off)
        assert found["wald"][name] == pytest.approx(w, rel=1e-9)
        other = spatial(replace(s, settings=s.settings.model_copy(update={"model": name})))
        assert found["lr"][name] == pytest.approx(2 * (fit.likelihood - other["likelihood"][""]), rel=1e-9)
    assert set(spatial(replace(s, lagged=(0,)))["wald"]) == {"lag"}


@needs_r
def test_r_finds_the_same():
    for study in (load_study(FIXTURES / "digital_trade"), of_eight()):
        records = records_of(ANALYSIS, study, "live")
        assert len(records) == 3 and {r.verdict for r in records} == {"agree"} and all(r.digits > 9.5 for r in records)


def test_a_durbin_model_of_provinces_takes_less_than_a_second():
    part = samples(load_study(FIXTURES / "digital_trade"))["durbin"]
    assert part.w.shape == (31, 31) and len(part.y) == 279
    spatial(part)
    start = time.process_time()
    spatial(part)
    assert time.process_time() - start < 1.0


#: What a program may get wrong: module, attribute -> what stands in its place, given the right one.
WRONG = {
    "a root found by its height": (
        likelihood_module,
        "brentq",
        lambda true: lambda f, a, b, **k: true(f, a, b, **k) * (1 + 1e-6),
    ),
    "a covariance that forgets that sigma2 is estimated": (
        information_module,
        "_joined",
        lambda true: lambda bb, bp, pp, ps, ss: true(bb, bp, pp, 0.0, ss),
    ),
    "means of effects over too many units": (
        effects_module,
        "_parts",
        lambda true: lambda m: true(m) * (1 + 1e-8),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_engine_that_is_subtly_wrong_turns_it_red(name, monkeypatch):
    s = made("both", model="durbin")
    right = spatial(s)
    module, place, wrong = WRONG[name]
    monkeypatch.setattr(module, place, wrong(getattr(module, place)))
    held(right, spatial(s))


def held(right, off) -> None:
    assert compare_spatial(right, right).verdict == "agree"
    assert compare_spatial(right, off).verdict == "disagree"


@pytest.mark.parametrize(
    "changes",
    [{"standardise": "spectral"}, {"diagonal": "ones"}, {"model": "lag"}, {"transformation": "orthonormal"},
     {"information": "observed"}, {"moran": "normality"}, {"local": "total"}],
    ids=lambda c: next(iter(c)),
)  # fmt: skip
def test_another_convention_is_another_answer(changes):
    s = made("both", model="durbin")
    settings = s.settings.model_copy(update=changes)
    held(spatial(s), spatial(replace(s, settings=settings, w=standardised(s.given, settings, s.units))))


def test_transposed_weights_another_effect_and_another_column_are_seen():
    s = made("unit", model="durbin")
    right = spatial(s)
    for off in (replace(s, w=s.w.T), replace(s, effects="time"), replace(s, z=s.x[:, 0]), replace(s, lagged=(1,))):
        held(right, spatial(off))


def test_a_table_of_it_in_chinese():
    from parity.results.record import Record, named

    study = of_eight(EIGHT + '\n[table.t]\nkind = "analysis"\nanalysis = "spatial.lag"\nlanguage = "zh"\n')
    found = spatial(samples(study)["lag"])
    record = Record(study="spatial", spec="spatial.lag", kind="spatial", reference="base-r", candidate="python",
                    verdict="agree", checked=9, numbers=named(found))  # fmt: skip
    grid = grid_of("t", study.tables["t"], Verified(study, (), (record,)))
    assert [c.text for c in grid.heads[0].cells] == ["系数", "直接效应", "间接效应", "总效应"]
    rows = {r.label: r.cells for r in grid.body}
    own = rows["空间自回归系数 ρ"]
    assert own[0].text == decimals(found["coef"]["rho"], 3) and own[0].below == f"({decimals(found['se']['rho'], 3)})"
    assert own[1].text == "" and len(rows["unemp"]) == 4
    assert rows["unemp"][2].below == f"({decimals(found['indirect se']['unemp'], 3)})"


def test_what_has_no_spatial_model_says_why():
    def why(text):
        return next(p.note for n, p in ANALYSIS.parts(of_eight(text)) if n == "spatial.lag")

    assert "isn't balanced" in why(EIGHT.replace("year >= 1979", "year >= 1979 or state == 'AL'"))
    assert "rows have no value of `l(" in why(EIGHT.replace('model = "lag"', 'model = "lag"\nof = "l(unemp, 12)"', 1))
    own = made("unit", model="lag")
    with pytest.raises(Unestimable, match="own neighbours"):
        standardised(np.ones((7, 7)), own.settings, own.units)
    with pytest.raises(Unestimable, match="no eigenvalue but 0"):
        standardised(np.triu(np.ones((7, 7)), 1), own.settings, own.units)
    with pytest.raises(Unestimable, match="rows of W that sum to one"):
        spatial(made("time", "none", transformation="orthonormal"))
    with pytest.raises(Unestimable, match="`b` is determined"):
        spatial(replace(own, x=np.column_stack([own.x[:, 0], 2 * own.x[:, 0]])))
    with pytest.raises(Unestimable, match="nothing of the outcome"):
        spatial(replace(own, y=own.x[:, 0] + 1.0))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [('spec = "both"', 'spec = "bath"', "there is no spec `bath`: did you mean `both`?"),
     ('weights = "neighbours.csv"', 'weights = "neighbour.csv"', "no file `neighbour.csv`: did you mean `neighbours.csv`?"),
     ('weights = "neighbours.csv"', 'weights = "../one_line/data.csv"', "outside"),
     ('model = "lag"', 'model = "sar"', "model"), ('model = "lag"', 'lagged = ["unemploy"]', "did you mean `unemp`?"),
     ('model = "lag"', 'model = "lag"\nlagged = ["unemp"]', 'model = "lag" has no W x'),
     ("| state + year", "| state + gsp", "effects of `gsp`"), ('time = "year"\n', "", "needs unit"),
     ('model = "lag"', 'of = "gdp"', "spatial.lag.of")],
)  # fmt: skip
def test_mistakes_are_said(tmp_path, old, new, said):
    from parity.data.load import load_frame

    folder = tmp_path / "states"
    folder.mkdir()
    for name in ("data.csv", "neighbours.csv"):
        (folder / name).write_bytes((STATES / name).read_bytes())
    assert old in EIGHT
    (folder / "study.toml").write_text(EIGHT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_frame(load_study(folder))
    assert said in str(error.value)


def test_every_setting_stands_in_the_page():
    page = (ROOT / "docs" / "panel-methods.md").read_text(encoding="utf-8")
    section = page.split("## Neighbours")[1].split("\n## ")[0]
    assert [key for key in SpatialSettings.model_fields if not re.search(rf"`{key}`|^{key} +=", section, re.M)] == []


@pytest.mark.parametrize(
    ("quantity", "by", "verdict"),
    [("wald", 3e-8, "agree"), ("wald", 3e-7, "disagree"), ("coef", 3e-8, "disagree"), ("lr", 3e-8, "disagree")],
)
def test_a_wald_statistic_is_judged_on_what_an_inverse_leaves(quantity, by, verdict):
    found = {"coef": {"x": 2.0}, "se": {"x": 0.5}, "wald": {"lag": 18.0}, "lr": {"lag": 17.0}}
    other = {**found, quantity: {term: value * (1 + by) for term, value in found[quantity].items()}}
    assert compare_spatial(other, found).verdict == verdict
