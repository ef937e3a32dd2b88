"""The engines in Python against dense algebra on real data, their own conventions, and their tables of gaps."""

from __future__ import annotations

import math
import os
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.linalg import qr, solve_triangular

from conftest import FIXTURES
from parity.base.tolerance import EXACT, allowed
from parity.conventions.facts import combine
from parity.conventions.formulas import df_t, factor, p_value
from parity.conventions.profiles import PROFILES
from parity.data.load import load_frame
from parity.engines.base import FEATURES, features
from parity.engines.linearmodels import declared as py_linearmodels
from parity.engines.own import declared as py_moments
from parity.engines.pyfixest import declared as py_pyfixest
from parity.engines.statsmodels import declared as py_statsmodels
from parity.results.estimate import Declined, Estimate
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.header import Header
from parity.study.models import OF_DYNAMIC
from parity.study.spec import Spec
from parity.study.study import Study

ENGINES = {e.info.id: e for e in (py_pyfixest.ENGINE, py_linearmodels.ENGINE, py_statsmodels.ENGINE, py_moments.ENGINE)}
PANELS = {
    "grunfeld": ("firm", "year"),
    "petersen": ("firm", "year"),
    "wage_panel": ("nr", "year"),
    "fatalities": ("state", "year"),
    "mroz": (None, None),
    "mtcars": (None, None),
    "hard_cases": ("unit", "year"),
}

_loaded: dict[tuple, tuple] = {}
_built: dict[tuple, tuple[Spec, Design]] = {}


def case(folder: str, formula: str, **keys) -> tuple[Spec, Design]:
    """A spec on one of the bundled data sets, and its design, which all engines are asked with."""
    asked = (folder, formula, str(keys))
    if asked not in _built:
        _built[asked] = _case(folder, formula, **keys)
    return _built[asked]


def _case(folder: str, formula: str, **keys) -> tuple[Spec, Design]:
    derive = tuple(keys.pop("derive", {}).items())
    if (folder, derive) not in _loaded:
        unit, time = PANELS[folder]
        study = Study(
            folder=FIXTURES / folder,
            header=Header(title=folder, unit=unit, time=time),
            derive=dict(derive),
            specs=(),
            published=(),
        )
        _loaded[folder, derive] = study, load_frame(study)
    study, frame = _loaded[folder, derive]
    spec = Spec(id="case", formula=formula, **keys)
    return spec, build_design(study, spec, frame)


# ---------------------------------------------------------------- dense algebra, from nothing but numpy


@dataclass
class Dense:
    """Least squares or two-stage least squares on explicit dummies; every frequency weight is a repeated row."""

    coef: np.ndarray
    parts: dict[tuple[str, ...], np.ndarray]
    r2: float


_solved: dict[tuple, Dense] = {}


def dense(spec: Spec, design: Design) -> Dense:
    """`_dense`, once for all conventions and engines."""
    key = (str(spec.formula), str(spec.vcov), str(spec.weights), design.nobs, float(design.y.sum()))
    if key not in _solved:
        _solved[key] = _dense(spec, design)
    return _solved[key]


@dataclass
class LeastSquares:
    """What no covariance moves: columns, their fitted values and scores, by rows of the data that weights repeat."""

    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    coef: np.ndarray
    residual: np.ndarray
    scores: np.ndarray
    basis: np.ndarray
    bread: np.ndarray
    here: np.ndarray  # places of the slopes
    back: np.ndarray  # to their own units
    r2: float


_fitted: dict[tuple, LeastSquares] = {}


def _dense(spec: Spec, design: Design) -> Dense:
    effects = [code.tobytes() for code in design.effects.values()]
    key = (str(spec.formula), str(spec.weights), design.y.tobytes(), design.x.tobytes(), *effects)
    if key not in _fitted:
        _fitted[key] = _least_squares(spec, design)
    of = _fitted[key]

    def sandwich(meat):
        return (of.bread @ meat @ of.bread)[np.ix_(of.here, of.here)] * np.outer(of.back, of.back)

    parts = _parts(spec, design, of.rows, of.scores, of.bread, sandwich, of.basis, of.residual)
    if spec.vcov.kind == "CR3":
        code = design.clusters[spec.vcov.cluster[0]][of.rows]
        parts = {spec.vcov.cluster: _jackknife(code, of.x, of.y, of.coef, of.here, of.back)}
    if spec.vcov.kind == "iid":
        bread = of.bread[np.ix_(of.here, of.here)] * np.outer(of.back, of.back)
        parts = {(): of.residual @ of.residual / len(of.rows) * bread}
    return Dense(of.coef[of.here] * of.back, parts, of.r2)


def _least_squares(spec: Spec, design: Design) -> LeastSquares:
    rows = np.arange(design.nobs)
    root = np.ones(design.nobs)
    if design.weight_kind == "frequency":
        rows = np.repeat(rows, design.weights.astype(int))
        root = np.ones(len(rows))
    elif design.weights is not None:
        root = np.sqrt(design.weights)
    codes = list(design.effects.values())
    dummies = np.hstack([np.empty((design.nobs, 0)), *[(c[:, None] == np.arange(c.max() + 1)) * 1.0 for c in codes]])
    slopes = [np.ones((design.nobs, int(design.intercept))), design.x, design.endog]
    outer = (np.hstack([dummies, *slopes[:2], design.z]) if spec.iv else None, np.hstack([dummies, *slopes]))
    x = outer[1][rows] * root[:, None]
    y = design.y[rows] * root
    unit = np.linalg.norm(x, axis=0)
    x = x / unit
    fitted = x
    if spec.iv:
        z = outer[0][rows] * root[:, None]
        q = _basis(z / np.linalg.norm(z, axis=0), design, dummies.shape[1])[0]
        fitted = q @ (q.T @ x)
    k = sum(block.shape[1] for block in slopes)
    basis, pivot, r = _basis(fitted, design, dummies.shape[1])
    here = np.searchsorted(pivot, np.arange(fitted.shape[1] - k, fitted.shape[1]))
    x, fitted, unit = x[:, pivot], fitted[:, pivot], unit[pivot]
    inverse = solve_triangular(r, np.eye(len(r)))
    coef = inverse @ (basis.T @ y)
    residual = y - x @ coef
    mean = root * (root @ y) / (root @ root) if design.intercept or codes else 0.0
    r2 = 1 - residual @ residual / ((y - mean) @ (y - mean))
    return LeastSquares(
        rows, x, y, coef, residual, fitted * residual[:, None], basis, inverse @ inverse.T, here, 1 / unit[here], r2
    )


def _basis(x, design, n_dummies):
    """Orthonormal basis of the columns, the columns kept (all slopes; dummies up to their rank), and R."""
    keep = np.arange(x.shape[1])
    if n_dummies:
        _, order = qr(x[:, :n_dummies], mode="r", pivoting=True)
        keep = np.concatenate([np.sort(order[: design.facts.absorbed_rank]), keep[n_dummies:]])
    q, r = np.linalg.qr(x[:, keep])
    return q, keep, r


def _parts(spec, design, rows, scores, bread, sandwich, basis, residual):
    kind, lags = spec.vcov.kind, spec.vcov.lags
    if kind in ("HC0", "HC1", "HC2", "HC3"):
        leverage = (basis**2).sum(1)
        root = {"HC2": np.sqrt(1 - leverage), "HC3": 1 - leverage}.get(kind, np.ones(len(rows)))
        meat = scores / root[:, None]
        return {(): sandwich(meat.T @ meat)}
    if kind in ("CR0", "CR1"):
        out = {}
        for subset in design.facts.clusters:
            sums = _sums(scores, combine([design.clusters[c] for c in subset])[rows])
            out[subset] = sandwich(sums.T @ sums)
        return out
    if kind in ("DK", "NW"):
        time = np.unique(design.time[rows], return_inverse=True)[1]
        unit = np.zeros(len(rows), dtype=int) if kind == "DK" or design.unit is None else design.unit[rows]
        grid = np.zeros((unit.max() + 1, time.max() + 1, scores.shape[1]))
        np.add.at(grid, (unit, time), scores)
        meat = np.einsum("uti,utj->ij", grid, grid)
        for lag in range(1, lags + 1):
            one = np.einsum("uti,utj->ij", grid[:, lag:], grid[:, :-lag])
            meat += (1 - lag / (lags + 1)) * (one + one.T)
        return {(): sandwich(meat)}
    return {}


def _sums(scores, code):
    out = np.zeros((code.max() + 1, scores.shape[1]))
    np.add.at(out, code, scores)
    return out


def _jackknife(code, x, y, coef, here, back):
    total = 0.0
    for g in range(code.max() + 1):
        rest = code != g
        delta = (np.linalg.lstsq(x[rest], y[rest], rcond=None)[0] - coef)[here] * back
        total = total + np.outer(delta, delta)
    return total


# ---------------------------------------------------------------- comparison


def own_factor(spec: Spec, design: Design, subset: tuple[str, ...]) -> float:
    """`parity.conventions.formulas.factor`; for linearmodels this file's reading of its source, `PanelOLS.fit`.

    It counts one redundant level for each effect after the first, whatever their rank, and leaves a single effect
    uncounted if it is nested in every one of the cluster variables.
    """
    facts, kind = design.facts, spec.vcov.kind
    if spec.convention.profile != "linearmodels" or spec.iv or kind in ("HC0", "HC2", "HC3", "CR0", "CR3"):
        return factor(facts, spec.convention, kind, spec.vcov.cluster, subset, spec.iv)
    counted = sum(a.levels for a in facts.absorbed) - max(len(facts.absorbed) - 1, 0)
    if kind == "CR1" and len(facts.absorbed) == 1 and set(spec.vcov.cluster) <= set(facts.absorbed[0].nested_in):
        counted = 0
    return facts.nobs / (facts.nobs - facts.n_slopes - counted)


def brought(parts: dict, spec: Spec, design: Design) -> np.ndarray:
    """Parts times their factors, added up with their signs."""
    total = 0.0
    for subset, matrix in parts.items():
        sign = -1 if subset and len(subset) % 2 == 0 else 1
        total = total + sign * matrix * own_factor(spec, design, subset)
    return total


def covariance(estimate: Estimate, spec: Spec, design: Design) -> np.ndarray:
    if estimate.basis != "uncorrected":
        assert estimate.basis == spec.convention.profile
        (part,) = estimate.parts
        return np.array(part.matrix)
    return brought({p.cluster: np.array(p.matrix) for p in estimate.parts}, spec, design)


def error(estimate: Estimate, spec: Spec, design: Design) -> float:
    """The largest relative error against dense algebra: coefficients, standard errors, correlations, R2."""
    truth = dense(spec, design)
    assert estimate.terms == design.terms
    want, got = brought(truth.parts, spec, design), covariance(estimate, spec, design)
    se = np.sqrt(np.abs(np.diag(want)))  # a variance by two clusters may be negative
    errors = [
        np.abs(np.array(estimate.coef) - truth.coef) / np.maximum(np.abs(truth.coef), se),
        (np.abs(got - want) / np.outer(se, se)).ravel(),
    ]
    if "r2" in estimate.stats:
        errors.append(np.array([abs(estimate.stats["r2"] - truth.r2)]))
    return float(np.concatenate(errors).max())


def ask(engine_id: str, spec: Spec, design: Design) -> Estimate | Declined:
    engine = ENGINES[engine_id]
    no = engine.declines(spec, design.unit_name, design.time_name)
    return no or engine.estimate(spec, design)


# ---------------------------------------------------------------- grids

OWN = {"py-pyfixest": "fixest", "py-linearmodels": "linearmodels", "py-statsmodels": "statsmodels", "py-moments": "areg"}
PANEL = ("grunfeld", "inv ~ value + capital")
CASES = {
    "pooled": (*PANEL, "firm", "year", {}),
    "no intercept": ("grunfeld", "inv ~ 0 + value + capital", "firm", "year", {}),
    "unit": ("grunfeld", "inv ~ value + capital | firm", "firm", "year", {}),
    "time": ("petersen", "y ~ x | year", "firm", "year", {}),
    "unit and time": ("grunfeld", "inv ~ value + capital | firm + year", "firm", "year", {}),
    "other effects": ("wage_panel", "lwage ~ union + married + exper | occupation + black", "nr", "year", {}),
    "three effects": ("wage_panel", "lwage ~ union + married + exper | year + occupation + hisp", "nr", "year", {}),
    "components": ("hard_cases", "y ~ x1 + x2 | worker + plant", "unit", "year", {}),
    "scales": ("hard_cases", "y ~ x1 + x_tiny + x_huge", "unit", "year", {}),
    "scales, absorbed": ("hard_cases", "y ~ x1 + x_tiny + x_huge | unit + year", "unit", "year", {}),
    "twins": ("hard_cases", "y ~ x1 + x1_twin", "unit", "year", {}),
    "slow absorption": ("hard_cases", "y ~ x1 + x2 | chain_a + chain_b", "unit", "year", {}),
    "analytic weights": ("fatalities", "fatal ~ beertax + unemp + income", "state", "year", {"analytic": "pop"}),
    "analytic, absorbed": ("fatalities", "fatal ~ beertax + unemp | state + year", "state", "year", {"analytic": "pop"}),
    "frequency weights": ("hard_cases", "y ~ x1 + x2", "unit", "year", {"frequency": "fw"}),
    "frequency, absorbed": ("hard_cases", "y ~ x1 + x2 | plant", "unit", "year", {"frequency": "fw"}),
    "instruments": ("mroz", "lwage ~ exper + expersq | 0 | educ ~ motheduc + fatheduc", "age", "kidslt6", {}),
    "instruments, absorbed": ("hard_cases", "y ~ x1 | unit + year | x_endog ~ z1 + z2", "unit", "year", {}),
    "instruments, weights": ("hard_cases", "y ~ x1 | plant | x_endog ~ z1 + z2", "unit", "year", {"analytic": "aw"}),
    "two endogenous": ("hard_cases", "y ~ x1 | 0 | x_endog + x2 ~ z1 + z2 + z_weak", "unit", "year", {}),
    "cross-section": ("mtcars", "mpg ~ wt + hp", "cyl", "gear", {}),
}  # fmt: skip


def covariances(unit: str, time: str) -> list:
    return [
        "iid", "HC0", "HC1", "HC2", "HC3", {"cluster": [unit]}, {"cluster": [time]}, {"cluster": [unit, time]},
        {"cluster": [unit, time], "type": "CR0"}, {"cluster": [time], "type": "CR3"}, {"driscoll_kraay": 2},
        {"newey_west": 2}, {"newey_west": 0},
    ]  # fmt: skip


@pytest.mark.parametrize("engine_id", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_the_algebra_is_reproduced(name, engine_id):
    """Every kind of covariance, under its package's own convention and under another by turns, from one case to the next."""
    folder, formula, unit, time, weights = CASES[name]
    ran, wrong, turn = 0, {}, list(CASES).index(name)
    for i, vcov in enumerate(covariances(unit, time)):
        if PANELS[folder][1] is None and isinstance(vcov, dict) and "cluster" not in vcov:
            continue
        scaled = vcov in ("iid", "HC1") or (isinstance(vcov, dict) and "type" not in vcov)
        profile = "reghdfe" if scaled and (i + turn) % 2 else OWN[engine_id]
        spec, design = case(folder, formula, vcov=vcov, convention=profile, **({"weights": weights} if weights else {}))
        answer = ask(engine_id, spec, design)
        if isinstance(answer, Declined):
            assert answer.engine == engine_id and answer.reason
            continue
        ran += 1
        found = error(answer, spec, design)
        if not found <= allowed(answer.accuracy):
            wrong[str(spec.vcov), profile, answer.basis] = found
    assert not wrong
    assert ran >= 3 or ask(engine_id, *case(folder, formula, **({"weights": weights} if weights else {}))).kind == "declined"


MODELS = {"first differences": "first_difference", "random effects": "random_effects"}


def random_effects(design: Design) -> tuple[np.ndarray, dict[str, float], np.ndarray, np.ndarray]:
    """Swamy and Arora's estimate of `inv` by hand: coefficients, components, quasi-demeaned regressors, residuals."""
    code = design.unit
    size = np.bincount(code)
    x = np.column_stack([np.ones(design.nobs), design.x])
    means = np.stack([np.bincount(code, c) / size for c in (*x.T, design.y)]).T
    inside = np.column_stack([x[:, 1:], design.y]) - means[code, 1:]
    slope = np.linalg.lstsq(inside[:, :-1], inside[:, -1], rcond=None)[0]
    e2 = ((inside[:, -1] - inside[:, :-1] @ slope) ** 2).sum() / (design.nobs - len(size) - design.x.shape[1])
    between = means[:, -1] - means[:, :-1] @ np.linalg.lstsq(means[:, :-1], means[:, -1], rcond=None)[0]
    u2 = (between**2).sum() / (len(size) - x.shape[1]) - e2 * np.mean(1 / size)
    theta = 1 - np.sqrt(e2 / (size * u2 + e2))
    moved = np.column_stack([x, design.y]) - (theta[:, None] * means)[code]
    coef = np.linalg.lstsq(moved[:, :-1], moved[:, -1], rcond=None)[0]
    stats = {"sigma_u2": u2, "sigma_e2": e2} | ({"theta": theta[0]} if np.ptp(size) == 0 else {})
    return coef, stats, moved[:, :-1], moved[:, -1] - moved[:, :-1] @ coef


@pytest.mark.parametrize("where", [None, "year < 1950 or firm < 5"])
@pytest.mark.parametrize("vcov", ["iid", "HC1", {"cluster": ["firm"]}], ids=str)
def test_random_effects(vcov, where):
    spec, design = case(*PANEL, model="random_effects", vcov=vcov, where=where, convention="linearmodels")
    estimate = ask("py-linearmodels", spec, design)
    coef, stats, x, residual = random_effects(design)
    pull = np.linalg.pinv(x).T
    scores = pull * residual[:, None]
    if spec.vcov.cluster:
        scores = _sums(scores, design.clusters["firm"])
    uncorrected = residual @ residual / design.nobs * pull.T @ pull if vcov == "iid" else scores.T @ scores
    assert estimate.basis == "linearmodels"
    np.testing.assert_allclose(estimate.coef, coef, rtol=EXACT)
    np.testing.assert_allclose(covariance(estimate, spec, design), brought({(): uncorrected}, spec, design), rtol=1e-8)
    for name, value in stats.items():
        assert estimate.stats[name] == pytest.approx(value, rel=1e-9)
    assert ("theta" in estimate.stats) == (where is None)
    assert estimate.stats["hausman_df"] == 2


def test_the_hausman_test_of_a_textbook():
    """Grunfeld, as printed in the vignette of the R package plm: chisq = 2.3304, df = 2, p-value = 0.3119."""
    estimate = ask("py-linearmodels", *case(*PANEL, model="random_effects", convention="plm"))
    assert estimate.stats["hausman"] == pytest.approx(2.3304, abs=5e-5)
    assert estimate.stats["hausman_p"] == pytest.approx(0.3119, abs=5e-5)


@pytest.mark.parametrize("engine_id", ENGINES)
@pytest.mark.parametrize("where", [None, "year != 1940 or firm < 4"])
def test_first_differences(engine_id, where):
    formula = "inv ~ 0 + value + capital"
    for vcov in ("iid", "HC1", {"cluster": ["firm"]}):
        for profile in (OWN[engine_id], "regress"):
            spec, design = case("grunfeld", formula, model="first_difference", vcov=vcov, where=where, convention=profile)
            estimate = ask(engine_id, spec, design)
            assert error(estimate, spec, design) <= EXACT
            assert estimate.reported.nobs == design.nobs


def test_first_differences_that_linearmodels_defines_otherwise():
    def answer(formula="inv ~ 0 + value + capital", **keys):
        return ask("py-linearmodels", *case("grunfeld", formula, model="first_difference", **keys))

    assert "gaps in time" in answer(where="year != 1940").reason
    assert "intercept" in answer("inv ~ value + capital").reason
    assert "change over time" in answer(vcov={"cluster": ["year"]}).reason


# ---------------------------------------------------------------- conventions of their own


@pytest.mark.parametrize("engine_id", [e for e in ENGINES if e != "py-moments"])  # it has no convention of its own
@pytest.mark.parametrize("name", ["pooled", "unit", "unit and time", "instruments", "cross-section"])
def test_printed_inference_is_the_declared_convention(name, engine_id):
    folder, formula, unit, _, _ = CASES[name]
    native = 0
    for vcov in ("iid", "HC1", {"cluster": [unit]}, {"driscoll_kraay": 2}):
        if PANELS[folder][1] is None and "driscoll_kraay" in vcov:
            continue
        spec, design = case(folder, formula, vcov=vcov, convention=OWN[engine_id])
        estimate = ask(engine_id, spec, design)
        if estimate.kind == "declined" or estimate.basis == "uncorrected":
            continue
        native += 1
        df = df_t(design.facts, spec.convention, spec.vcov.kind, spec.vcov.cluster, iv=spec.iv, random=False)
        assert estimate.df_t == df
        for i, term in enumerate(estimate.terms):
            printed = estimate.printed[term]
            assert printed.se == pytest.approx(math.sqrt(estimate.parts[0].matrix[i][i]), rel=1e-12)
            assert printed.t == pytest.approx(estimate.coef[i] / printed.se, rel=1e-12)
            assert printed.p == pytest.approx(p_value(printed.t, df), rel=1e-9, abs=1e-15)
            assert (printed.low + printed.high) / 2 == pytest.approx(estimate.coef[i], rel=1e-9, abs=1e-9 * printed.se)
    assert native >= 1


def test_a_profile_with_another_setting_is_not_native():
    changed = PROFILES["fixest"].model_copy(update={"cluster_groups": "each"})
    vcov = {"cluster": ["firm", "year"]}
    assert ask("py-pyfixest", *case(*PANEL, vcov=vcov, convention="fixest")).basis == "fixest"
    estimate = ask("py-pyfixest", *case(*PANEL, vcov=vcov, convention=changed))
    assert estimate.basis == "uncorrected"
    assert [p.cluster for p in estimate.parts] == [("firm",), ("year",), ("firm", "year")]


@pytest.mark.parametrize(
    ("profile", "engine_id", "printed"),
    [
        ("fixest", "py-pyfixest", ".0632812941"),
        ("linearmodels", "py-linearmodels", ".0617571323"),
        ("statsmodels", "py-statsmodels", ".0649347850"),
        *[("plm", e, ".0569372626") for e in ENGINES],
        *[("lfe", e, ".0601685121") for e in ENGINES],
        *[("reghdfe", e, ".0632812941") for e in ENGINES],
        *[("lm", e, ".0649347850") for e in ENGINES],
    ],
)
def test_one_coefficient_seven_standard_errors(profile, engine_id, printed):
    spec, design = case("grunfeld", "inv ~ capital | firm + year", vcov={"cluster": ["firm"]}, convention=profile)
    estimate = ask(engine_id, spec, design)
    assert estimate.coef[0] == pytest.approx(0.4138018346, abs=5e-11)
    assert math.sqrt(covariance(estimate, spec, design)[0, 0]) == pytest.approx(float(printed), abs=5e-11)


@pytest.mark.parametrize(
    ("folder", "formula", "cluster"),
    [("grunfeld", "inv ~ value | firm", ("firm", "year")), ("hard_cases", "y ~ x1 | worker + plant", ("unit",))],
)
def test_the_profile_of_linearmodels_counts_effects_as_it_does(folder, formula, cluster):
    spec, design = case(folder, formula, vcov={"cluster": list(cluster)}, convention="linearmodels")
    ours = factor(design.facts, spec.convention, "CR1", cluster, cluster, False)
    assert ours == pytest.approx(own_factor(spec, design, cluster), rel=1e-12)


# ---------------------------------------------------------------- what an engine says of itself

#: An endogenous column with one instrument too many; a small spec for every feature.
TWO = "inv ~ 1 | 0 | value ~ capital + l(capital, 1)"
#: Ten firms are few: one instrument a lag.
LAGGED = {"gmm": {"inv": [2, 4]}, "collapse": True}
SMALL = {
    "ols": (PANEL[1], {}),
    "no_intercept": ("inv ~ 0 + value", {}),
    "fe1": ("inv ~ value | firm", {}),
    "fe2": ("inv ~ value | firm + year", {}),
    "fe3": ("inv ~ value | firm + year + decade", {}),
    "fe_not_panel": ("inv ~ value | decade", {}),
    "iv": ("inv ~ 1 | 0 | value ~ capital", {}),
    "iv_fe": ("inv ~ 1 | firm | value ~ capital", {}),
    "first_difference": ("inv ~ 0 + value", {"model": "first_difference"}),
    "random_effects": ("inv ~ value", {"model": "random_effects"}),
    "weights_analytic": ("inv ~ capital", {"weights": {"analytic": "value"}}),
    "weights_frequency": ("inv ~ capital", {"weights": {"frequency": "decade"}}),
    **{kind: ("inv ~ value", {"vcov": kind}) for kind in ("iid", "HC0", "HC1", "HC2", "HC3", "HC4")},
    **{kind: ("inv ~ value", {"vcov": {"cluster": ["firm"], "type": kind}}) for kind in ("CR0", "CR1", "CR2", "CR3")},
    "multiway": ("inv ~ value", {"vcov": {"cluster": ["firm", "year"]}}),
    "cluster_not_panel": ("inv ~ value", {"vcov": {"cluster": ["decade"]}}),
    "DK": ("inv ~ value", {"vcov": {"driscoll_kraay": 1}}),
    "NW": ("inv ~ value", {"vcov": {"newey_west": 1}}),
    "conley": ("inv ~ value", {"vcov": {"conley": [2, 500], "coordinates": ["year", "capital"]}, "convention": "regress"}),
    "leverage_fe": ("inv ~ value | year", {"vcov": {"cluster": ["firm"], "type": "CR3"}}),
    "leverage_iv": ("inv ~ 1 | 0 | value ~ capital", {"vcov": "HC3"}),
    "leverage_weights": ("inv ~ capital", {"vcov": {"cluster": ["firm"], "type": "CR3"}, "weights": {"analytic": "value"}}),
    "between": ("inv ~ value", {"model": "between", "convention": "xtreg"}),
    "liml": (TWO, {"model": "liml"}),
    "fuller": (TWO, {"model": "fuller"}),
    "kclass": (TWO, {"model": "kclass", "kappa": 0.5}),
    "gmm": (TWO, {"model": "gmm", "vcov": "HC1"}),
    "cue": (TWO, {"model": "cue", "vcov": "HC1"}),
    **{model: ("inv ~ l(inv, 1) + value", {"model": model, "dynamic": LAGGED}) for model in OF_DYNAMIC},
    "centred": (TWO, {"model": "gmm", "vcov": "HC1", "convention": {"profile": "ivregress", "centred": "yes"}}),
    "gmm_fe": ("inv ~ 1 | firm | value ~ capital + l(capital, 1)", {"model": "gmm", "vcov": "HC1"}),
    "efficient_gmm": (TWO, {"model": "gmm", "vcov": "HC1", "convention": "ivreg2"}),
    "logit": ("late ~ value", {"model": "logit"}),
    "probit": ("late ~ value", {"model": "probit"}),
    "poisson": ("decade ~ value", {"model": "poisson"}),
    **{model: ("decade ~ value", {"model": model}) for model in ("mlogit", "ologit", "oprobit")},
    "tobit": ("decade ~ value", {"model": "tobit", "lower": 1}),
    "ivprobit": ("late ~ 1 | 0 | value ~ capital", {"model": "ivprobit"}),
    "arima": ("inv ~ value", {"model": "arima", "arma": [1, 0], "where": "firm == 1"}),
    "likelihood_fe": ("decade ~ value | firm", {"model": "poisson"}),
    "likelihood_weights": ("decade ~ value", {"model": "poisson", "weights": {"pweight": "decade"}, "vcov": "HC1"}),
    "offset": ("decade ~ value", {"model": "poisson", "offset": "log(capital)"}),
    "observed_information": ("late ~ value", {"model": "probit", "convention": "ml"}),
    "expected_information": ("late ~ value", {"model": "probit", "convention": "glm"}),
    "leverage_unweighted": ("inv ~ capital", {"vcov": "HC3", "weights": {"analytic": "value"}, "convention": "regress"}),
}


DERIVED = {"decade": "1 + (year > 1941) + (year > 1948)", "late": "year > 1944"}


@pytest.mark.parametrize("engine_id", ENGINES)
@pytest.mark.parametrize("feature", FEATURES)
def test_the_table_of_gaps_is_true(feature, engine_id):
    formula, keys = SMALL[feature]
    spec, design = case("grunfeld", formula, derive=DERIVED, **keys)
    assert feature in features(spec, "firm", "year")
    engine = ENGINES[engine_id]
    refused = engine.declines(spec, "firm", "year")
    # weights of a logit need the logit first, and moments that are centred the moments
    first = [f for f in ("logit", "probit", "poisson", "observed_information", "gmm") if f in features(spec, "firm", "year")]
    gaps = [engine.info.gaps[f][1] for f in (feature, *first) if f in engine.info.gaps]
    if gaps:
        assert refused.engine == engine_id and refused.reason in gaps
    else:
        assert refused is None
        estimate = engine.estimate(spec, design)
        assert estimate.kind == "estimate" and estimate.terms == design.terms


@pytest.mark.parametrize("engine_id", ENGINES)
def test_counts_that_a_package_reports_are_the_facts(engine_id):
    for formula in ("inv ~ value", "inv ~ value | firm", "inv ~ value | firm + year"):
        for cluster in (["firm"], ["firm", "year"]):
            spec, design = case("grunfeld", formula, vcov={"cluster": cluster}, convention="reghdfe")
            reported, facts = ask(engine_id, spec, design).reported, design.facts
            assert reported.nobs == facts.nobs
            assert reported.df_resid in (None, facts.nobs - facts.rank)
            assert reported.levels.items() <= {a.name: a.levels for a in facts.absorbed}.items()
            assert reported.clusters.items() <= {"^".join(s): g for s, g in facts.clusters.items()}.items()
            assert reported.levels or engine_id == "py-statsmodels" or "|" not in formula
            assert reported.clusters or engine_id == "py-linearmodels"


@pytest.mark.parametrize("engine_id", ENGINES)
def test_lags_across_gaps_are_declined(engine_id):
    kept = {"where": "year != 1940", "convention": {"profile": "fixest", "kernel_gaps": "kept"}}
    answer = ask(engine_id, *case(*PANEL, vcov={"newey_west": 1}, **kept))
    if "NW" in ENGINES[engine_id].info.gaps:
        assert answer.kind == "declined"
        return
    assert answer.kind == "declined" and "gaps" in answer.reason
    assert ask(engine_id, *case(*PANEL, vcov={"newey_west": 0}, **kept)).kind == "estimate"
    # where the convention closes gaps there are none left
    assert ask(engine_id, *case(*PANEL, vcov={"newey_west": 1}, where="year != 1940")).kind == "estimate"


@pytest.mark.parametrize("engine_id", ENGINES)
def test_answers_are_named_and_versioned(engine_id):
    engine = pickle.loads(pickle.dumps(ENGINES[engine_id]))
    spec, design = case("hard_cases", "y ~ `人均 GDP` + x1 | unit", vcov={"cluster": ["大区"]}, convention="areg")
    estimate = engine.estimate(spec, design)
    assert estimate.terms == ("`人均 GDP`", "x1")
    assert "x1 = `人均 GDP`" in estimate.command and "g1 = 大区" in estimate.command
    assert set(estimate.versions) == set(engine.info.packages)


@pytest.mark.parametrize("engine_id", ENGINES)
def test_columns_of_very_different_scale_are_said_and_kept(engine_id):
    spec, design = case("hard_cases", "y ~ x1 + x_tiny + x_huge")
    estimate = ask(engine_id, spec, design)
    assert estimate.terms == design.terms
    assert any("powers of two" in w for w in estimate.warnings)


# ---------------------------------------------------------------- defects of the packages: where one is mended, these fail

SEEDED = """
import sys
sys.path[:0] = {path!r}
import parity.engines.pyfixest.declared
assert not {{"pyfixest", "linearmodels", "statsmodels", "pandas"}} & set(sys.modules)
from test_engines_python import ENGINES, ask, case
import pyfixest
spec = case("grunfeld", "inv ~ capital | firm + year", vcov={{"cluster": ["firm"]}}, convention="fixest")
harmonised = ask("py-pyfixest", *spec)
frame = __import__("pandas").read_csv({data!r})
shipped = pyfixest.feols("inv ~ capital | firm+year", frame, vcov={{"CRV1": "firm"}}).se().iloc[0]
print(harmonised.basis, harmonised.coef[0].hex(), harmonised.parts[0].matrix[0][0].hex(), float(shipped).hex())
"""


def test_nothing_harmonised_depends_on_the_hash_seed():
    code = SEEDED.format(path=sys.path, data=str(FIXTURES / "grunfeld" / "data.csv"))
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True
        )
        for seed in ("0", "1")
    ]
    bases, *columns = zip(*(run.communicate()[0].split() for run in runs), strict=True)
    coef, variance, shipped = ([float.fromhex(text) for text in column] for column in columns)
    assert set(bases) == {"uncorrected"}
    assert np.ptp(coef) <= 1e-13 * coef[0] and np.ptp(variance) <= 1e-13 * variance[0]
    # written without spaces around the plus, or the names of the effects match no cluster variable and nothing goes wrong
    assert {round(se, 10) for se in shipped} == {0.0601685121, 0.0632812941}


def test_pyfixest_drops_a_column_of_small_numbers():
    import pyfixest as pf

    _, design = case("hard_cases", "y ~ x1 + x_tiny")
    frame = __import__("pandas").DataFrame({"y": design.y, "x1": design.x[:, 0], "x2": design.x[:, 1]})
    with pytest.warns(UserWarning, match="multicollinearity"):
        assert "x2" not in pf.feols("y ~ x1 + x2", frame).coef().index


def test_pyfixest_cannot_absorb_large_numbers_to_its_own_tolerance():
    import pyfixest as pf

    _, design = case("hard_cases", "y ~ x_huge | unit")
    frame = __import__("pandas").DataFrame({"y": design.y, "x1": design.x[:, 0], "f": design.effects["unit"]})
    with pytest.raises(ValueError, match="Demeaning failed"):
        pf.feols("y ~ x1 | f", frame, fixef_rm="none")


def test_statsmodels_clusters_the_wrong_scores_of_instruments():
    from statsmodels.sandbox.regression.gmm import IV2SLS

    spec, design = case("mroz", CASES["instruments"][1], vcov={"cluster": ["age"], "type": "CR0"})
    one = np.ones(design.nobs)
    x, z = np.column_stack([one, design.x, design.endog]), np.column_stack([one, design.x, design.z])
    fit = IV2SLS(design.y, x, z).fit().get_robustcov_results("cluster", groups=design.clusters["age"], use_correction=False)
    truth = np.sqrt(np.diag(dense(spec, design).parts["age",]))
    assert np.max(np.abs(fit.bse / truth - 1)) > 0.05


@pytest.mark.parametrize("engine_id", ENGINES)
def test_what_an_engine_says_names_the_study_s_variables(engine_id):
    """Engines know safe names only; their command, warnings and errors reach a reader under the study's own."""
    from parity.engines.safe import all_names, in_words
    from parity.results.estimate import Failed
    from parity.runs.worker import _named

    spec, design = case("hard_cases", "y ~ `人均 GDP` + x1 | unit", vcov={"cluster": ["大区"]}, convention="areg")
    answer = _named(ENGINES[engine_id].estimate(spec, design), spec, design)
    assert "人均 GDP" in answer.command or "sample, solve" in answer.command
    assert not re.search(r"\by = |\bx2\b|\bf1\b|\bg1\b", answer.command), answer.command
    names = all_names(design, "y")
    assert in_words("x1 and x2 within f1; x12, fx1, x_1", names) == "`人均 GDP` and x1 within unit; x12, fx1, x_1"
    failed = _named(Failed(engine="e", reason="x2 is singular", warnings=("g1 is small",)), spec, design)
    assert failed.reason == "x1 is singular" and failed.warnings == ("大区 is small",)
    assert in_words("regress D.y D.x1, y(w)", names, command=True) == "regress D.y D.`人均 GDP`, y(w)"


def test_fepois_is_not_asked_for_frequency_weights():
    """pyfixest 0.60 makes an array of a float's length there: `TypeError` instead of an estimate."""
    spec, _ = case("grunfeld", "decade ~ value", derive=DERIVED, model="poisson", weights={"frequency": "decade"})
    assert "fepois fails" in ENGINES["py-pyfixest"].declines(spec, "firm", "year").reason
