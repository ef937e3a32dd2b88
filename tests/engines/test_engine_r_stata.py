"""parity's reference engine in base R against dense algebra and parity's own conventions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.conventions.facts import combine
from parity.conventions.formulas import df_t, factor
from parity.conventions.profiles import PROFILES
from parity.conventions.repair import is_indefinite, repaired
from parity.data.load import load_frame
from parity.engines.stata import declared as r_stata
from parity.results.estimate import Declined, Estimate, Part
from parity.sample.build import build_design, deviations
from parity.sample.design import Design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study
from stata_dense import dense_parts, outer, sums

pytestmark = pytest.mark.needs_r

PANELS = {
    "grunfeld": ("firm", "year"),
    "petersen": ("firm", "year"),
    "wage_panel": ("nr", "year"),
    "fatalities": ("state", "year"),
    "hard_cases": ("unit", "year"),
}
#: Both sides solve the same problem in double precision; the hard cases have condition numbers up to 1e4.
CLOSE = 1e-10
_frames: dict[tuple, tuple] = {}


def case(folder: str, formula: str, derive: dict[str, str] | None = None, **keys) -> tuple[Spec, Design]:
    """A spec on bundled data, and its design. `profile` may stand for `convention`."""
    key = (folder, tuple((derive or {}).items()))
    if key not in _frames:
        unit, time = PANELS.get(folder, (None, None))
        header = Header(title=folder, unit=unit, time=time)
        study = Study(folder=FIXTURES / folder, header=header, derive=derive or {}, specs=(), published=())
        _frames[key] = study, load_frame(study)
    study, frame = _frames[key]
    if isinstance(keys.get("vcov"), str | tuple):
        keys["vcov"] = {"cluster": keys["vcov"]} if isinstance(keys["vcov"], tuple) else keys["vcov"]
    spec = Spec(id="case", formula=formula, **keys)
    return spec, build_design(study, spec, frame)


def estimate(folder: str, formula: str, **keys) -> tuple[Estimate, Spec, Design]:
    spec, design = case(folder, formula, **keys)
    assert r_stata.ENGINE.declines(spec, *PANELS.get(folder, (None, None))) is None
    answer = r_stata.ENGINE.estimate(spec, design)
    assert isinstance(answer, Estimate), answer
    return answer, spec, design


# ---------------------------------------------------------------- comparison


def declared(spec: Spec, design: Design, parts: dict) -> np.ndarray:
    """The parts brought to the spec's convention by parity.conventions.formulas."""
    total = 0.0
    for subset, matrix in parts.items():
        sign = -1.0 if subset and len(subset) % 2 == 0 else 1.0
        total = total + sign * matrix * factor(
            design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, subset, spec.iv
        )
    return np.asarray(total)


def check(folder: str, formula: str, *, native: bool, close: float = CLOSE, **keys) -> Estimate:
    """The engine's coefficients and declared covariance equal dense algebra; its own inference equals parity's."""
    got, spec, design = estimate(folder, formula, **keys)
    assert got.terms == design.terms
    assert got.basis == (spec.convention.profile if native else "uncorrected"), got.warnings
    coef, parts = dense_parts(spec, design)
    want = declared(spec, design, parts)
    se = np.sqrt(np.diag(want))
    have = declared(spec, design, {p.cluster: np.array(p.matrix) for p in got.parts}) if not native else got.parts[0].matrix
    assert np.max(np.abs(np.array(got.coef) - coef) / np.maximum(np.abs(coef), se)) < close
    assert np.max(np.abs(np.array(have) - want) / np.outer(se, se)) < close
    assert got.reported.nobs == design.facts.nobs_weighted
    assert got.reported.df_resid == design.facts.nobs_weighted - design.facts.rank
    assert got.reported.levels == {a.name: a.levels for a in design.facts.absorbed}
    assert got.reported.clusters == {"^".join(c): g for c, g in design.facts.clusters.items()}
    if native:
        assert got.df_t == df_t(
            design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, iv=spec.iv, random=False
        )  # fmt: skip
        plain = tuple(Part(cluster=c, matrix=tuple(map(tuple, m.tolist()))) for c, m in parts.items())
        uncorrected = got.model_copy(update={"basis": "uncorrected", "printed": {}, "stats": {}, "parts": plain})
        ours = harmonise(uncorrected, design.facts, spec).quantities
        for key, quantity in harmonise(got, design.facts, spec).quantities.items():
            if key in ours and quantity.value != ours[key].value:
                assert abs(quantity.value - ours[key].value) <= 100 * close * max(quantity.scale, ours[key].scale), key
    return got


# ---------------------------------------------------------------- the grid

AW, FW = {"analytic": "aw"}, {"frequency": "fw"}
MODELS = {
    "ols": ("hard_cases", "y ~ x1 + x2"),
    "no intercept": ("hard_cases", "y ~ 0 + x1 + x2"),
    "one effect": ("hard_cases", "y ~ x1 + x2 | unit"),
    "two effects": ("hard_cases", "y ~ x1 + x2 | unit + year"),
    "islands": ("hard_cases", "y ~ x1 + x2 | worker + plant"),
    "three effects": ("hard_cases", "y ~ x1 + x2 | worker + plant + year"),
    "scales": ("hard_cases", "y ~ x1 + x1_twin + x_tiny + x_huge | unit + year"),
    "iv": ("hard_cases", "y ~ x1 | x_endog ~ z1 + z2"),
    "iv effects": ("hard_cases", "y ~ x1 | unit + year | x_endog ~ z1 + z2"),
}
VCOVS = {
    "iid": "iid", "HC0": "HC0", "HC1": "HC1", "HC2": "HC2", "HC3": "HC3",
    "CR0": {"cluster": ["unit"], "type": "CR0"}, "CR1": {"cluster": ["unit"]}, "CR1 across": {"cluster": ["thin_cluster"]},
    "CR1 two-way": {"cluster": ["unit", "year"]}, "CR2": {"cluster": ["大区"], "type": "CR2"},
    "CR2 across": {"cluster": ["thin_cluster"], "type": "CR2"}, "CR3": {"cluster": ["大区"], "type": "CR3"},
    "DK": {"driscoll_kraay": 2}, "NW": {"newey_west": 3},
    "conley": {"conley": [4, 1.5], "coordinates": ["year", "x1"]},
}  # fmt: skip
NATIVE = {
    "regress": ("iid", "HC1", "HC2", "HC3", "CR1", "CR1 across"),
    "areg": ("iid", "HC1", "CR1", "CR1 across"),
    "xtreg": ("iid", "CR1"),
    "reghdfe": ("iid", "HC1", "CR1", "CR1 across", "CR1 two-way"),
    "ivregress": ("iid", "HC1", "CR1", "CR1 across"),
    "ivreg2": ("iid", "HC1", "CR1", "CR1 across", "CR1 two-way"),
}


def is_native(profile: str, model: str, vcov: str) -> bool:
    """Whether the command behind the profile does this model and covariance, with parity's own factor."""
    effects, iv = "unit" in MODELS[model][1] or "worker" in MODELS[model][1], "iv" in model
    match profile:
        case "areg":
            return effects and not iv
        case "xtreg":
            return effects and not iv and (vcov == "iid" or "unit" in MODELS[model][1])
        case "reghdfe":
            # ivreghdfe counts one coefficient less than reghdfe where one effect is nested and another is not
            return (effects and not (iv and vcov == "CR1")) or model == "ols"
        case "regress":
            return not iv
        case "ivregress":
            return iv
    return True


COMMANDS = [(p, m, v) for p, kinds in NATIVE.items() for v in kinds for m in MODELS if is_native(p, m, v)]


@pytest.mark.parametrize("vcov", VCOVS)
@pytest.mark.parametrize("model", MODELS)
def test_covariances_without_factor_equal_dense_algebra(model, vcov):
    folder, formula = MODELS[model]
    check(folder, formula, native=False, vcov=VCOVS[vcov], convention="lm")


@pytest.mark.parametrize("vcov", ["iid", "HC1", "HC3", "CR1 two-way", "CR2", "CR2 across", "CR3", "DK", "NW", "conley"])
@pytest.mark.parametrize("weights", [AW, FW], ids=["analytic", "frequency"])
@pytest.mark.parametrize("model", ["ols", "two effects", "iv effects"])
def test_weighted_covariances_equal_dense_algebra(model, weights, vcov):
    folder, formula = MODELS[model]
    if weights is FW and vcov == "NW":
        spec, _ = case(folder, formula, vcov=VCOVS[vcov], weights=weights)
        assert isinstance(r_stata.ENGINE.declines(spec, "unit", "year"), Declined)
        return
    check(folder, formula, native=False, vcov=VCOVS[vcov], weights=weights, convention="lm")


@pytest.mark.parametrize(("profile", "model", "vcov"), COMMANDS)
def test_commands_equal_the_conventions_named_after_them(profile, model, vcov):
    """Of several clusters reghdfe's own numbers are those after a repair, which is parity's: its parts are compared."""
    folder, formula = MODELS[model]
    check(folder, formula, native=(profile, vcov) != ("reghdfe", "CR1 two-way"), vcov=VCOVS[vcov], convention=profile)


@pytest.mark.parametrize("profile", ["reghdfe", "ivreg2"])
def test_driscoll_kraay_of_a_command(profile):
    """Native where parity's profile has the command's own factor; right in either case."""
    want = PROFILES[profile].kernel == "t/(t-1)*(n-1)/(n-k)" or not PROFILES[profile].small
    check("hard_cases", "y ~ x1 + x2 | unit + year", native=want, vcov={"driscoll_kraay": 2}, convention=profile)


# ---------------------------------------------------------------- what a command does that its factor does not say


def test_changed_settings_are_left_to_parity():
    keys = {"vcov": ("unit",)}
    changed = {"profile": "reghdfe", "count_fixef": "full"}
    check("hard_cases", "y ~ x1 | unit + year", native=False, convention=changed, **keys)
    check("hard_cases", "y ~ x1 | unit + year", native=True, convention={"profile": "reghdfe", "singletons": "keep"}, **keys)
    check("hard_cases", "y ~ x1 | x_endog ~ z1", native=True, convention={"profile": "ivregress", "small": True}, **keys)
    small = {"profile": "ivreg2", "small": True}  # ivreg2's `small` counts what is partialled out, and so does the profile
    check("hard_cases", "y ~ x1 | unit | x_endog ~ z1", native=True, convention=small, **keys)


def test_a_setting_that_r_does_not_know_is_left_to_parity(monkeypatch):
    from parity.conventions import settings

    asked = {"vcov": ("unit",), "convention": {"profile": "reghdfe", "singletons": "drop"}}
    check("hard_cases", "y ~ x1 | unit + year", native=True, **asked)
    monkeypatch.setattr(settings, "KNOWN_OUTSIDE", settings.KNOWN_OUTSIDE - {"singletons"})
    check("hard_cases", "y ~ x1 | unit + year", native=False, **asked)


def test_a_matrix_that_reghdfe_repairs_is_repaired_from_its_parts():
    got = check("hard_cases", "y ~ x1 + x2 | unit + year", native=False, vcov=("year", "plant"), convention="reghdfe")
    spec, design = case("hard_cases", "y ~ x1 + x2 | unit + year", vcov=("year", "plant"), convention="reghdfe")
    v = declared(spec, design, {p.cluster: np.array(p.matrix) for p in got.parts})
    assert is_indefinite(v)
    facts = replace(design.facts, deviations=deviations(design))
    shown = np.array([harmonise(got, facts, spec).quantities["se", t].value for t in got.terms])
    assert shown == pytest.approx(np.sqrt(np.diag(repaired(v, got.terms, facts, spec.convention, ""))), rel=1e-12)
    assert not np.allclose(shown, np.sqrt(np.maximum(np.diag(v), 0)), rtol=1e-6)


def test_ivreghdfe_counts_less_than_reghdfe_beside_a_nested_effect():
    got = check("hard_cases", "y ~ x1 | unit + year | x_endog ~ z1", native=False, vcov=("unit",), convention="reghdfe")
    assert any("ivreghdfe's own factor has K = 16" in w for w in got.warnings), got.warnings


def test_xtreg_refuses_what_stata_refuses():
    spec, design = case("hard_cases", "y ~ x1 | unit", vcov=("thin_cluster",), convention="xtreg")
    answer = r_stata.ENGINE.estimate(spec, design)
    assert isinstance(answer, Declined) and "not nested within clusters" in answer.reason
    spec, design = case("hard_cases", "y ~ x1 | unit", weights=AW, convention="xtreg")
    answer = r_stata.ENGINE.estimate(spec, design)
    assert isinstance(answer, Declined) and "constant within" in answer.reason


def test_chained_singletons_are_dropped_alike():
    got = check("hard_cases", "y ~ x1 | chain_a + chain_b", native=True, vcov="HC1", convention="reghdfe")
    _, design = case("hard_cases", "y ~ x1 | chain_a + chain_b", vcov="HC1", convention="areg")
    assert design.nobs > got.reported.nobs
    check("hard_cases", "y ~ x1 | chain_a + chain_b", native=True, vcov="HC1", convention="areg")


@pytest.mark.parametrize("kind", ["iid", "HC1", "CR1", "CR1 two-way"])
def test_first_differences_are_a_regression_of_differences(kind):
    got = check("hard_cases", "y ~ x1 + x2", native=kind != "CR1 two-way", vcov=VCOVS[kind], convention="regress",
                model="first_difference")  # fmt: skip
    assert kind == "CR1 two-way" or got.command.startswith("regress D.y D.x1 D.x2")


# ---------------------------------------------------------------- random effects, by the formulas of [XT] xtreg


def random_effects(design: Design, exact: bool) -> tuple[np.ndarray, float, float, np.ndarray, np.ndarray]:
    """b, s_u^2, s_e^2, transformed regressors and residuals."""
    x, y = np.column_stack([np.ones(design.nobs), design.x]), design.y
    n, size = design.unit.max() + 1, np.bincount(design.unit).astype(float)
    mean = lambda m: np.array([np.bincount(design.unit, c) / size for c in m.T]).T  # noqa: E731
    x_mean, y_mean = mean(x), mean(y[:, None])[:, 0]
    within, y_within = (x - x_mean[design.unit])[:, 1:], y - y_mean[design.unit]
    rank = np.linalg.matrix_rank(within)
    e = y_within - within @ np.linalg.lstsq(within, y_within)[0]
    s_e = e @ e / (len(y) - n - rank)
    root = np.sqrt(size) if exact else np.ones(n)
    weighted = x_mean * root[:, None]
    between = y_mean * root - weighted @ np.linalg.lstsq(weighted, y_mean * root)[0]
    free = n - np.linalg.matrix_rank(weighted)
    if exact:
        trace = np.trace(np.linalg.inv(weighted.T @ weighted) @ ((x_mean * size[:, None] ** 2).T @ x_mean))
        s_u = max(0.0, (between @ between - free * s_e) / (len(y) - trace))
    else:
        s_u = max(0.0, between @ between / free - s_e * np.mean(1 / size))
    theta = 1 - np.sqrt(s_e / (size * s_u + s_e))
    moved, y_moved = x - (theta[:, None] * x_mean)[design.unit], y - (theta * y_mean)[design.unit]
    b = np.linalg.lstsq(moved, y_moved)[0]
    return b, s_u, s_e, moved, y_moved - moved @ b


@pytest.mark.parametrize("rule", ["harmonic", "exact"])
@pytest.mark.parametrize("kind", ["iid", "HC0", "HC1", "CR0", "CR1", "CR1 across"])
@pytest.mark.parametrize("profile", ["xtreg", "lm"])
def test_random_effects(profile, kind, rule):
    if profile == "xtreg" and kind in ("HC0", "HC1", "CR1 across"):
        return  # its vce(robust) is vce(cluster panelvar), and its clusters hold whole panels
    got, spec, design = estimate("hard_cases", "y ~ x1 + x2 + x_fixed", model="random_effects", vcov=VCOVS[kind],
                                 convention={"profile": profile, "swamy_arora": rule})  # fmt: skip
    b, s_u, s_e, x, e = random_effects(design, rule == "exact")
    assert got.basis == ("xtreg" if profile == "xtreg" and kind in ("iid", "CR1") else "uncorrected")
    pull = x @ np.linalg.inv(x.T @ x)
    scores = pull * e[:, None]
    if kind == "iid":
        parts = {(): e @ e / len(e) * np.linalg.inv(x.T @ x)}
    elif spec.vcov.cluster:
        parts = {c: outer(sums(scores, combine([design.clusters[n] for n in c]))) for c in design.facts.clusters}
    else:
        parts = {(): outer(scores)}
    want = declared(spec, design, parts)
    have = np.array(got.parts[0].matrix)
    have = have if got.basis == "xtreg" else declared(spec, design, {spec.vcov.cluster: have})
    se = np.sqrt(np.diag(want))
    assert np.allclose(got.coef, b, rtol=1e-11) and np.max(np.abs(have - want) / np.outer(se, se)) < CLOSE
    assert math.isclose(got.stats["sigma_u2"], s_u, rel_tol=1e-11)
    assert math.isclose(got.stats["sigma_e2"], s_e, rel_tol=1e-11)
    assert got.stats["hausman_df"] == 2 and "theta" not in got.stats
    if got.basis == "xtreg":
        kind, cluster = spec.vcov.kind, spec.vcov.cluster
        assert got.df_t == math.inf == df_t(design.facts, spec.convention, kind, cluster, iv=False, random=True)
