"""The engines that run R packages against dense algebra in numpy, recorded fits of feols, and known standard errors."""

from __future__ import annotations

import functools
import json

import numpy as np
import pytest
from scipy.linalg import qr

from conftest import FIXTURES, TESTS
from parity.compare.harmonise import Harmonised, harmonise
from parity.compare.numbers import compare
from parity.conventions.facts import combine
from parity.conventions.formulas import Refused
from parity.conventions.profiles import family_of
from parity.data.load import load_frame
from parity.engines.base import FEATURES
from parity.engines.estimatr import declared as r_estimatr
from parity.engines.fixest import declared as r_fixest
from parity.engines.ivreg import declared as r_ivreg
from parity.engines.lm import declared as r_lm
from parity.engines.plm import declared as r_plm
from parity.engines.r_common import REngine
from parity.results.estimate import Declined, Estimate, Part
from parity.sample.build import build_design
from parity.sample.design import Design
from parity.study.header import Header
from parity.study.spec import Spec
from parity.study.study import Study

ENGINES = {m.ENGINE.info.id: m.ENGINE for m in (r_lm, r_ivreg, r_estimatr, r_fixest, r_plm)}
PANELS = {
    "grunfeld": ("firm", "year"),
    "petersen": ("firm", "year"),
    "wage_panel": ("nr", "year"),
    "fatalities": ("state", "year"),
    "cigarettes": ("state", "year"),
    "job_training": ("fcode", "year"),
    "hard_cases": ("unit", "year"),
}


def running(engine_id: str) -> REngine:
    """The engine, or a skip that says what is missing."""
    engine = ENGINES[engine_id]
    missing = engine.availability()
    if missing:
        pytest.skip(f"{missing.reason}: {missing.remedy}")
    return engine


@functools.cache
def _loaded(folder: str, derive: str, panel: bool, shuffled: bool) -> tuple:
    unit, time = PANELS.get(folder, (None, None))
    header = Header(title=folder, unit=unit if panel else None, time=time)
    study = Study(folder=FIXTURES / folder, header=header, derive=json.loads(derive), specs=(), published=())
    frame = load_frame(study)
    return study, frame.sample(frac=1, random_state=1).reset_index(drop=True) if shuffled else frame


def case(folder: str, formula: str, derive=None, panel: bool = True, shuffled: bool = False, **keys) -> tuple[Spec, Design]:
    """A spec on bundled data, and its design; `panel=False` leaves out the unit, `shuffled` the order of rows."""
    return _case(folder, json.dumps(derive or {}), panel, shuffled, json.dumps({"id": "case", "formula": formula, **keys}))


@functools.cache
def _case(folder: str, derive: str, panel: bool, shuffled: bool, spec: str) -> tuple[Spec, Design]:
    study, frame = _loaded(folder, derive, panel, shuffled)
    validated = Spec.model_validate(json.loads(spec))
    return validated, build_design(study, validated, frame)


def answer(engine_id: str, spec: Spec, design: Design) -> Estimate | Declined:
    """What the engine says, refusals known from the spec included."""
    engine = running(engine_id)
    return engine.declines(spec, design.unit_name, design.time_name) or engine.estimate(spec, design)


def side(engine_id: str, spec: Spec, design: Design) -> tuple[Estimate, Harmonised]:
    given = answer(engine_id, spec, design)
    assert isinstance(given, Estimate), given
    return given, harmonise(given, design.facts, spec)


# ---------------------------------------------------------------- dense algebra: every level of every effect a column


def basis(m: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the columns, however many are redundant."""
    if not m.shape[1]:
        return m
    q, r, _ = qr(m / np.linalg.norm(m, axis=0), mode="economic", pivoting=True)
    size = np.abs(np.diag(r))
    return q[:, size > 1e-10 * size[0]]


def free(m: np.ndarray, of: np.ndarray) -> np.ndarray:
    for _ in range(2):
        m = m - of @ (of.T @ m)
    return m


def power(m: np.ndarray, p: float) -> np.ndarray:
    """Symmetric power on the directions that are not null."""
    values, vectors = np.linalg.eigh((m + m.T) / 2)
    return (vectors * np.where(values > 1e-9, np.maximum(values, 1e-9) ** p, 0)) @ vectors.T


class Dense:
    """Least squares or 2SLS in root-weighted units: coefficients, residuals, scores, leverage."""

    def __init__(self, spec: Spec, design: Design):
        n = design.nobs
        self.w = np.ones(n) if design.weights is None else design.weights
        root = np.sqrt(self.w)[:, None]
        one = [np.ones((n, 1))] if design.intercept else []
        levels = [1.0 * (c[:, None] == np.unique(c)) for c in design.effects.values()]
        effects = basis(np.hstack([*levels, np.empty((n, 0))]) * root)
        x = np.hstack([*one, design.x, design.endog]) * root
        self.size, self.size_y = np.linalg.norm(x, axis=0), np.linalg.norm(design.y)
        x, y = free(x / self.size, effects), free(design.y[:, None] * root / self.size_y, effects)[:, 0]
        projected = x
        if spec.iv:
            z = basis(free(np.hstack([*one, design.x, design.z]) * root, effects))
            projected = z @ (z.T @ x)
        q, r = np.linalg.qr(projected)
        inverse = np.linalg.inv(r)
        self.bread = inverse @ inverse.T
        self.b = inverse @ (q.T @ y)
        self.e, self.y = y - x @ self.b, y
        self.x, self.scores = projected, projected * (y - x @ self.b)[:, None]
        self.hat = np.hstack([effects, q])
        self.middle = self.hat.T @ (self.hat * self.w[:, None])

    @property
    def unit(self) -> np.ndarray:
        return self.size_y / self.size

    def covariance(self, meat: np.ndarray) -> tuple:
        return tuple(map(tuple, (self.bread @ meat @ self.bread * np.outer(self.unit, self.unit)).tolist()))


_fits: dict[tuple, Dense] = {}


def _fitted(spec: Spec, design: Design) -> Dense:
    """The fit, which is the same for every covariance."""
    key = (str(spec.formula), str(spec.weights), design.y.tobytes(), design.rows.tobytes())
    if key not in _fits:
        _fits[key] = Dense(spec, design)
    return _fits[key]


def dense(spec: Spec, design: Design) -> Estimate:
    """The same spec in numpy, as an uncorrected estimate."""
    d, kind = _fitted(spec, design), spec.vcov.kind
    if kind == "iid":
        meat = np.linalg.inv(d.bread) * (d.e @ d.e) / design.facts.nobs_weighted
        parts = [Part(matrix=d.covariance(meat))]
    elif kind in ("CR0", "CR1"):
        codes = {s: combine([design.clusters[c] for c in s]) for s in design.facts.clusters}
        parts = [Part(cluster=s, matrix=d.covariance(_summed(d.scores, code))) for s, code in codes.items()]
    else:
        parts = [Part(cluster=spec.vcov.cluster, matrix=d.covariance(_meat(d, spec, design)))]
    stats = {}
    if spec.model == "ols" and not spec.iv:
        centred = design.intercept or design.effects
        about = np.average(design.y, weights=d.w) if centred else 0.0
        ssr = d.e @ d.e * d.size_y**2
        stats["r2"] = 1 - ssr / (d.w @ (design.y - about) ** 2)
        if design.effects:
            stats["r2_within"] = 1 - (d.e @ d.e) / (d.y @ d.y)
    coef = tuple((d.b * d.unit).tolist())
    return Estimate(engine="dense", terms=design.terms, coef=coef, parts=tuple(parts), basis="uncorrected", stats=stats)


def _meat(d: Dense, spec: Spec, design: Design) -> np.ndarray:
    kind = spec.vcov.kind
    if kind in ("HC0", "HC1", "HC2", "HC3"):
        left = 1 - (d.hat**2).sum(axis=1)
        spread = d.scores / left[:, None] ** {"HC2": 0.5, "HC3": 1.0}.get(kind, 0.0)
        return spread.T @ spread
    if kind in ("CR2", "CR3"):
        (group,) = design.clusters.values()
        scores = np.array([_leveraged(d, np.flatnonzero(group == g), kind) for g in np.unique(group)])
        return scores.T @ scores
    return _kernel(d.scores, spec, design)


def _leveraged(d: Dense, at: np.ndarray, kind: str) -> np.ndarray:
    """One cluster's score; CR2 with the identity as working model of the unweighted errors (Pustejovsky and Tipton)."""
    rows, root = d.hat[at], np.sqrt(d.w[at])
    if kind == "CR3":
        return d.x[at].T @ (power(np.eye(len(at)) - rows @ rows.T, -1) @ d.e[at])
    h = (rows / root[:, None]) @ (rows * root[:, None]).T
    both = (rows / root[:, None]) @ d.middle @ (rows / root[:, None]).T
    return d.x[at].T @ (root * (power(np.eye(len(at)) - h - h.T + both, -0.5) @ (d.e[at] / root)))


def _kernel(scores: np.ndarray, spec: Spec, design: Design) -> np.ndarray:
    lags = spec.vcov.lags
    if spec.vcov.kind == "DK" or design.unit is None:
        at = np.argsort(design.time, kind="stable")
        unit = np.zeros(len(at), dtype=int)
        time = np.unique(design.time, return_inverse=True)[1] if spec.vcov.kind == "DK" else np.argsort(at)
    else:
        unit, time = design.unit, design.time - design.time.min()
    grid = np.zeros((unit.max() + 1, time.max() + 1, scores.shape[1]))
    np.add.at(grid, (unit, time), scores)
    meat = np.einsum("uti,utj->ij", grid, grid)
    for lag in range(1, min(lags, time.max()) + 1):
        one = np.einsum("uti,utj->ij", grid[:, lag:], grid[:, :-lag])
        meat += (1 - lag / (lags + 1)) * (one + one.T)
    return meat


def _summed(scores: np.ndarray, code: np.ndarray) -> np.ndarray:
    sums = np.zeros((code.max() + 1, scores.shape[1]))
    np.add.at(sums, code, scores)
    return sums.T @ sums


def check(engine_id: str, spec: Spec, design: Design, may_decline: bool = True) -> Estimate | None:
    """The engine agrees with dense algebra in everything, or declines with a reason."""
    given = answer(engine_id, spec, design)
    if isinstance(given, Declined):
        assert may_decline and given.reason, given
        return None
    want = harmonise(dense(spec, design), design.facts, spec)
    if any(np.isnan(q.value) for (name, _), q in want.quantities.items() if name == "se"):
        return given  # a multiway variance may be negative
    result = compare(want, harmonise(given, design.facts, spec))
    assert result.verdict == "agree", (str(spec.formula), str(spec.vcov), spec.convention.profile, result.differences[:3])
    return given


# ---------------------------------------------------------------- models x covariances x weights x effects

FORMULAS = [
    "y ~ x1 + x2",
    "y ~ 0 + x1 + x2",
    "y ~ x1 + x_tiny + x_huge",
    "y ~ x1 + x2 | unit",
    "y ~ x1 + x_tiny + x_huge | unit + year",
    "y ~ x1 + x2 | worker + plant",
    "y ~ x1 + x2 | unit + year + tv_group",
    "y ~ x1 | 0 | x_endog ~ z1 + z2",
    "y ~ x1 | unit | x_endog ~ z1",
    "y ~ x1 | unit + year | x_endog ~ z1 + z2",
]
COVARIANCES = [
    "iid", "HC1", "HC3", {"cluster": "unit"}, {"cluster": "大区"}, {"cluster": ["unit", "plant", "year"]},
    {"cluster": "unit", "type": "CR2"}, {"cluster": "大区", "type": "CR3"}, {"driscoll_kraay": 2}, {"newey_west": 2},
]  # fmt: skip
#: On the model with two effects only: further kinds, and lags at the edges.
MORE_COVARIANCES = [
    "HC0", "HC2", {"cluster": "unit", "type": "CR0"}, {"cluster": "year"}, {"cluster": ["unit", "year"]},
    {"cluster": ["unit", "tv_group"]}, {"cluster": "大区", "type": "CR2"}, {"cluster": "unit", "type": "CR3"},
    {"cluster": "year", "type": "CR3"}, {"driscoll_kraay": 40}, {"newey_west": 0}, {"newey_west": 14},
]  # fmt: skip


@pytest.mark.parametrize("engine_id", ENGINES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_every_covariance_agrees_with_dense_algebra(engine_id, formula):
    """Weighted and not by turns, from one covariance and one formula to the next; `MORE_COVARIANCES` are both at once."""
    done, turn, kinds = 0, FORMULAS.index(formula), (None, {"analytic": "aw"})
    asked = [(vcov, kinds[(i + turn) % 2]) for i, vcov in enumerate(COVARIANCES)]
    asked += [(vcov, weights) for vcov in MORE_COVARIANCES for weights in kinds if "| unit + year" in formula]
    for vcov, weights in asked:
        spec, design = case("hard_cases", formula, vcov=vcov, weights=weights, convention="fixest")
        done += check(engine_id, spec, design) is not None
    iv, panel = " ~ z1" in formula, not any(name in formula for name in ("plant", "tv_group"))
    assert bool(done) == {"r-lm": not iv, "r-ivreg": iv, "r-plm": panel}.get(engine_id, True)


SAMPLE = "not (firm == 3 and year > 1945) and not (firm == 4 and year == 1940)"
GROUPED = {"region": "firm in [1, 2, 3]", "lagged": "sqrt(value) + year"}


#: Of these a profile is held to half, by turns from one to the next: each kind with one of the effects at least.
ABSORBED = ("inv ~ value + capital | firm", "inv ~ value + capital | firm + year", "inv ~ capital | region + year")
KINDS = ("iid", "HC1", {"cluster": "firm"}, {"cluster": ["firm", "year"]})
CONVENTION_CASES = [
    ("inv ~ value + capital", "iid"),
    ("inv ~ value + capital", {"driscoll_kraay": 2}),
    ("inv ~ value + capital | firm + year", {"newey_west": 2}),
    ("inv ~ capital | 0 | value ~ lagged", "iid"),
    ("inv ~ capital | region + year", {"cluster": "region"}),
    ("inv ~ capital | firm + year | value ~ lagged", {"cluster": "firm"}),
    ("inv ~ value + capital | firm + year", {"cluster": "firm", "type": "CR3"}),  # df counts the effects taken out
]


@pytest.mark.parametrize("engine_id", ENGINES)
@pytest.mark.parametrize("profile", family_of("fixest"))
def test_every_convention_is_the_packages_own_or_reached_by_its_exact_factor(engine_id, profile):
    kept, turn = 0, list(family_of("fixest")).index(profile)
    grid = [(f, v) for i, f in enumerate(ABSORBED) for j, v in enumerate(KINDS) if (i + j + turn) % 2 == 0]
    for formula, vcov in [*grid, *CONVENTION_CASES]:
        keys = {"vcov": vcov, "convention": profile, "where": SAMPLE, "derive": GROUPED, "shuffled": True}
        if profile == "xtreg" and vcov == "HC1":
            continue  # its vce(robust) is a cluster covariance
        spec, design = case("grunfeld", formula, **keys)
        try:
            kept += check(engine_id, spec, design) is not None
        except Refused:
            assert profile == "xtreg" or (profile, spec.vcov.kind) == ("regress", "NW")  # newey of several units
    assert kept


#: Profiles that a package applies itself wherever it estimates at all: nothing there is computed by parity.
OWN = {"r-fixest": "fixest", "r-lm": "lm", "r-ivreg": "lm", "r-plm": "plm", "r-estimatr": "areg"}


@pytest.mark.parametrize("engine_id", ENGINES)
def test_the_packages_own_convention_is_taken_from_the_package(engine_id):
    iv = " | value ~ lagged" if engine_id == "r-ivreg" else ""
    for vcov in ("iid", "HC1", {"cluster": "firm"}, {"cluster": "year"}):
        formula = f"inv ~ capital | firm + year{iv}" if iv else "inv ~ value + capital | firm + year"
        spec, design = case("grunfeld", formula, vcov=vcov, convention=OWN[engine_id], derive=GROUPED)
        given, harmonised = side(engine_id, spec, design)
        assert given.basis == spec.convention.profile and harmonised.how == "native"
        assert set(given.printed) == set(design.terms) and given.df_t is not None


# ---------------------------------------------------------------- other models


@pytest.mark.parametrize("engine_id", ["r-lm", "r-estimatr", "r-fixest", "r-plm"])
@pytest.mark.parametrize("profile", ["plm", "regress", "linearmodels"])
def test_first_differences(engine_id, profile):
    for formula in ("inv ~ value + capital", "inv ~ 0 + value + capital"):
        for vcov in ("iid", "HC0", "HC1", {"cluster": "firm"}, {"cluster": "year"}, {"cluster": ["firm", "year"]}):
            spec, design = case("grunfeld", formula, vcov=vcov, convention=profile, model="first_difference", shuffled=True)
            check(engine_id, spec, design, may_decline=engine_id == "r-estimatr")


def swamy_arora(design: Design) -> tuple[float, float, np.ndarray, np.ndarray]:
    """sigma_e2, sigma_u2 (Baltagi and Chang 1994), the GLS coefficients and their standard errors, by dense matrices."""
    n, unit = design.nobs, design.unit
    d = 1.0 * (unit[:, None] == np.unique(unit))
    sizes = d.sum(axis=0)
    mean = d @ (d.T / sizes[:, None])
    x = np.hstack([np.ones((n, 1)), design.x])
    k, groups = design.x.shape[1], len(sizes)
    own = design.x - mean @ design.x
    e = design.y - mean @ design.y - own @ np.linalg.lstsq(own, design.y, rcond=None)[0]
    sigma_e2 = e @ e / (n - groups - np.linalg.matrix_rank(own))
    between = mean @ design.y - mean @ x @ np.linalg.lstsq(mean @ x, mean @ design.y, rcond=None)[0]
    trace = np.trace(np.linalg.solve(x.T @ mean @ x, x.T @ d @ d.T @ x))
    sigma_u2 = (between @ between - (groups - k - 1) * sigma_e2) / (n - trace)
    theta = (1 - np.sqrt(sigma_e2 / (sigma_e2 + sizes * sigma_u2)))[unit][:, None]
    left, right = x - theta * (mean @ x), design.y - theta[:, 0] * (mean @ design.y)
    coef = np.linalg.lstsq(left, right, rcond=None)[0]
    ssr = np.sum((right - left @ coef) ** 2)
    return sigma_e2, sigma_u2, coef, np.sqrt(np.diag(np.linalg.inv(left.T @ left)) * ssr / (n - k - 1))


@pytest.mark.parametrize("where", [None, SAMPLE])
def test_random_effects_of_plm(where):
    spec, design = case("grunfeld", "inv ~ value + capital", model="random_effects", convention="plm", where=where)
    given, _ = side("r-plm", spec, design)
    sigma_e2, sigma_u2, coef, se = swamy_arora(design)
    assert given.basis == "plm" and [given.printed[t].se for t in given.terms] == pytest.approx(se, rel=1e-9)
    assert given.stats["sigma_e2"] == pytest.approx(sigma_e2, rel=1e-10)
    assert given.stats["sigma_u2"] == pytest.approx(sigma_u2, rel=1e-9)
    assert given.coef == pytest.approx(coef, rel=1e-9)
    assert ("theta" in given.stats) == (where is None)


def test_plms_variance_components_are_not_xtregs_on_unbalanced_panels():
    spec, design = case("grunfeld", "inv ~ value", model="random_effects", convention="xtreg", where=SAMPLE)
    assert isinstance(answer("r-plm", spec, design), Declined)


def test_a_negative_hausman_statistic_is_not_reported_with_its_sign_lost():
    formula = "lscrap ~ d88 + d89 + union + grant + grant_1"
    spec, design = case("job_training", formula, model="random_effects", convention="plm")
    given, _ = side("r-plm", spec, design)
    assert "sigma_e2" in given.stats and "hausman" not in given.stats


@pytest.mark.parametrize("engine_id", ["r-lm", "r-fixest"])
@pytest.mark.parametrize("lags", [1, 4])
def test_newey_west_of_a_time_series(engine_id, lags):
    keys = {"vcov": {"newey_west": lags}, "where": "firm == 1", "panel": False, "shuffled": True}
    spec, design = case("grunfeld", "inv ~ value + capital", **keys)
    check(engine_id, spec, design, may_decline=False)


# ---------------------------------------------------------------- known numbers

#: vcovHC(type = "sss")
SSS = {"profile": "plm", "count_fixef": "none", "cluster_scale": "(n-1)/(n-k)", "cluster_groups": "each"}
ONE_COEFFICIENT = [
    ("r-plm", "plm", "CR1", 0.0569372626),
    ("r-estimatr", "plm", "CR0", 0.0569372626),
    ("r-lm", "plm", "CR0", 0.0569372626),
    ("r-fixest", {"profile": "fixest", "count_fixef": "none"}, "CR1", 0.0600171446),
    ("r-plm", SSS, "CR1", 0.0600171446),
    ("r-fixest", "lfe", "CR1", 0.0601685121),
    ("r-lm", "linearmodels", "CR1", 0.0617571323),
    ("r-fixest", "fixest", "CR1", 0.0632812941),
    ("r-plm", "xtreg", "CR1", 0.0632812941),
    ("r-estimatr", "reghdfe", "CR1", 0.0632812941),
    ("r-lm", "lm", "CR1", 0.0649347850),
    ("r-estimatr", "areg", "CR1", 0.0649347850),
    ("r-lm", "lm", "CR2", 0.1314479111),
    ("r-estimatr", "areg", "CR2", 0.1314479111),
]  # fmt: skip


@pytest.mark.parametrize(("engine_id", "convention", "kind", "se"), ONE_COEFFICIENT)
def test_one_coefficient_many_standard_errors(engine_id, convention, kind, se):
    vcov = {"cluster": "firm", "type": kind}
    spec, design = case("grunfeld", "inv ~ capital | firm + year", vcov=vcov, convention=convention)
    _, h = side(engine_id, spec, design)
    assert h.quantities["coef", "capital"].value == pytest.approx(0.4138018346, abs=5.1e-11)
    assert h.quantities["se", "capital"].value == pytest.approx(se, abs=5.1e-11)


RECORDED = json.loads((TESTS / "recorded_feols.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("fit", RECORDED["fits"], ids=lambda fit: fit["id"])
def test_recorded_fits_of_feols_are_reproduced(fit):
    spec, design = case(fit["folder"], derive=fit["derive"], **fit["spec"])
    given, _ = side("r-fixest", spec, design)
    assert given.basis == spec.convention.profile
    assert (given.reported.nobs, given.df_t) == (fit["nobs"], fit["df_t"])
    order = [given.terms.index(term) for term in fit["terms"]]
    close = functools.partial(pytest.approx, rel=1e-9, abs=0)
    assert np.array(given.coef)[order] == close(fit["coef"])
    assert np.array(given.parts[0].matrix)[np.ix_(order, order)] == close(np.array(fit["vcov"]))
    for term, se, p in zip(fit["terms"], fit["se"], fit["p"], strict=True):
        assert given.printed[term].se == close(se)
        assert given.printed[term].p == pytest.approx(p, rel=1e-8, abs=0)
    for name in ("r2", "r2_within"):
        if name in given.stats:
            assert given.stats[name] == close(fit[name])


# ---------------------------------------------------------------- refusals and reports


@pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
def test_gaps_name_features_and_give_reasons(engine):
    assert set(engine.info.gaps) <= set(FEATURES)
    for gap, reason in engine.info.gaps.values():
        assert gap in ("never", "notyet", "notimpl") and len(reason) > 10


DECLINED = [
    ("r-lm", "y ~ x1 | 0 | x_endog ~ z1", "iid", None),
    ("r-ivreg", "y ~ x1", "iid", None),
    ("r-ivreg", "y ~ x1 | 0 | x_endog ~ z1", "HC3", None),
    ("r-estimatr", "y ~ x1", {"cluster": ["unit", "year"]}, None),
    ("r-fixest", "y ~ x1", "HC2", {"analytic": "aw"}),
    ("r-fixest", "y ~ x1", {"driscoll_kraay": 0}, None),
    ("r-fixest", "y ~ x1", {"driscoll_kraay": 14}, None),
    ("r-fixest", "y ~ x1", {"cluster": "unit", "type": "CR2"}, None),
    ("r-plm", "y ~ x1 | worker", "iid", None),
    ("r-plm", "y ~ x1 | unit", "HC2", None),
    ("r-plm", "y ~ x1 | unit", "iid", {"analytic": "aw"}),
    ("r-plm", "y ~ x1", {"cluster": "plant"}, None),
    ("r-lm", "y ~ x1", "iid", {"frequency": "fw"}),
]  # fmt: skip


@pytest.mark.parametrize(("engine_id", "formula", "vcov", "weights"), DECLINED)
def test_what_a_package_can_not_do_is_declined(engine_id, formula, vcov, weights):
    spec, design = case("hard_cases", formula, vcov=vcov, weights=weights)
    assert isinstance(answer(engine_id, spec, design), Declined)


@pytest.mark.parametrize("engine_id", ["r-lm", "r-estimatr", "r-fixest"])
def test_leverage_one_is_declined_not_nan(engine_id):
    # 青海 has one row
    spec, design = case("hard_cases", "y ~ x1 + x2 | unit", vcov="HC3", convention="areg")
    given = answer(engine_id, spec, design)
    assert isinstance(given, Declined) and "leverage 1" in given.reason


@pytest.mark.parametrize("engine_id", ["r-lm", "r-fixest", "r-plm"])
def test_newey_west_across_a_period_that_nobody_has_is_declined(engine_id):
    kept = {"profile": "fixest", "kernel_gaps": "kept"}
    keys = {"vcov": {"newey_west": 2}, "where": "year != 1940", "convention": kept}
    spec, design = case("grunfeld", "inv ~ value + capital", **keys)
    assert isinstance(answer(engine_id, spec, design), Declined)


def test_plm_takes_no_differences_across_gaps():
    spec, design = case("grunfeld", "inv ~ value", model="first_difference", where=SAMPLE)
    assert isinstance(answer("r-plm", spec, design), Declined)


@pytest.mark.parametrize("engine_id", ["r-lm", "r-estimatr", "r-fixest", "r-plm"])
def test_an_answer_says_what_was_run(engine_id):
    spec, design = case("grunfeld", "inv ~ value + capital | firm + year", vcov={"cluster": "firm"}, convention="plm")
    given, _ = side(engine_id, spec, design)
    assert "y ~ x1 + x2" in given.command and set(given.versions) >= {"R", *ENGINES[engine_id].info.packages}
    assert given.accuracy == ("iterative" if engine_id in ("r-estimatr", "r-fixest") else "exact")
    assert not given.warnings


def test_plm_takes_means_as_fast_as_where_it_is_attached():
    """Loaded and not attached, plm 2.6 takes means by tapply(), four times as long on 100,000 rows."""
    from parity.r.session import get_session

    spec, design = case("grunfeld", "inv ~ value + capital | firm + year", vcov={"cluster": "firm"}, convention="plm")
    assert isinstance(answer("r-plm", spec, design), Estimate)
    told = get_session().call("plm_as_attached", {})
    assert told["plm.fast"].one() is True and told["plm.fast.pkg.FE.tw"].one() == "collapse"
