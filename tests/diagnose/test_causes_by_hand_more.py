"""Causes that `test_causes_by_hand` has no room for, by numbers from elsewhere; none of the catalogue is without one.

As there: dense algebra written here, of panels, redundant effects, indices and printed pages, which shares no line with the
diagnosis. What no algebra can give (rounding, a package's defect) rests on recorded answers of the package, named below.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import test_causes_by_hand as hand
import test_causes_of_authors as authors
from conftest import ROOT
from parity.data.derive.study_columns import add_columns
from parity.data.load import load_frame
from parity.diagnose import TargetNumber, explain_estimate, explain_targets
from parity.diagnose.catalogue import BY_ID, conley, dynamic, instrumented, joint_and_series
from parity.diagnose.fitter import Fitter
from parity.engines.frozen import read_reference, reference_path
from parity.engines.own.fit import estimate
from parity.results.estimate import Estimate, Part, Printed, Reported
from parity.runs.shipped.explain import explain
from parity.sample.build import build_design
from parity.study.header import Header
from parity.study.index import Index
from parity.study.load import load_study
from parity.study.spec import Spec
from parity.study.study import Study
from test_causes_by_hand import ANALYTIC, CR, FE, HC, IID, NW, Ols, alone, cr1, cut, hc1, levels, pooled, se_of, shown

#: id -> the test that holds it to recorded numbers of the package that behaves so.
#: Of logit, probit and Poisson: their own data.
LIKELIHOOD = (
    "expected-information", "observed-information", "likelihood-iid-n-minus-k", "likelihood-iid-without-factor",
    "likelihood-robust-n-minus-1",
    "likelihood-robust-n-minus-k", "newton-stops-early", "probit-for-logit", "logit-for-probit",
    "coefficients-exponentiated", "least-squares-for-likelihood", "marginal-effects-for-coefficients", "other-base-outcome",
    "offset-left-out", "exposure-not-logged",
)  # fmt: skip
ELSEWHERE = {
    **dict.fromkeys(LIKELIHOOD, "tests/diagnose/test_likelihood_causes.py"),
    **dict.fromkeys((c.id for c in instrumented.CAUSES), "tests/diagnose/test_instrumented_causes.py"),
    **dict.fromkeys((c.id for c in joint_and_series.CAUSES), "tests/diagnose/test_joint_and_series_causes.py"),
    **dict.fromkeys((c.id for c in conley.CAUSES), "tests/diagnose/test_conley_causes.py"),
    **dict.fromkeys((c.id for c in dynamic.CAUSES), "tests/diagnose/test_dynamic_causes.py"),
    "minimiser-tolerance": "tests/runs/test_as_shipped.py::test_a_minimiser_that_ends_early_is_a_cause",
    "seven-digits-padded": "tests/runs/test_printed_causes.py::test_seven_digits_and_zeros_behind_them_are_named",
    "absorption-tolerance": "tests/runs/test_as_shipped.py::test_a_loose_tolerance_is_a_cause_and_no_excuse",
    "ill-conditioned-columns": "tests/runs/test_rounding.py",
    "singular-cluster-blocks": "tests/diagnose/test_causes_by_hand_more.py::test_recorded_answers_of_singular_blocks",
    "leverage-loses-a-dummy": "tests/engines/test_lost_dummy.py::test_it_is_what_estimatr_gives",
}


def _data() -> pd.DataFrame:
    """The data of `test_causes_by_hand`, three effects whose rules of redundancy count differently, units far apart."""
    d = hand._data()
    rng = np.random.default_rng(5)
    a, b, c = rng.integers(0, 2, (3, len(d)))
    e1, e2, e3 = rng.integers(0, 3, (3, len(d)))
    # a and b, b and c, a and c: a pair shares two components, all three lose five coefficients
    return d.assign(
        ab=100 * a + 10 * b + e1, bc=100 * b + 10 * c + e2, ac=100 * a + 10 * c + e3, twice=2 * d["x"] - d["c"],
        far=d["y"] + 3 * rng.normal(size=14)[d["unit"]],
    )  # fmt: skip


def based_on_another_level(d):
    """Dummies of levels 0 and 2, where the first was left out."""
    fit = Ols(d.assign(none=d["south"] == 0, two=d["south"] == 2).astype({"none": float, "two": float}), "none two x c 1")
    return shown(fit, hc1(fit), term="south::0")


SPECS = {
    "wide": {"formula": "y ~ x + w + z", "vcov": "HC1", "convention": "regress", "where": "south == 1"},
    "narrow": {"formula": "y ~ x", "vcov": "HC1", "convention": "regress"},
}
INDEX = {
    "indicators": [{"column": "sales", "direction": "+"}, {"column": "pop", "direction": "+"},
                   {"column": "x", "direction": "-"}],
    "method": "entropy", "over": "pooled",
}  # fmt: skip


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    specs = tuple(Spec(id=id, **text) for id, text in SPECS.items())
    header = Header(title="by hand", unit="unit", time="year", made=True)
    index = {"score": Index.model_validate(INDEX)}
    derive = {"cut": hand.DERIVE["cut"]}
    study = Study(folder=Path("by-hand"), header=header, derive=derive, index=index, specs=specs, published=())
    return Fitter(study, add_columns(study, _data()).frame)


# ---------------------------------------------------------------- by hand


def matrix(fit: Ols, by) -> np.ndarray:
    """The whole uncorrected covariance clustered by codes."""
    codes = np.unique(by, return_inverse=True)[1]
    return fit.meat(np.array([(fit.x[codes == g] * fit.e[codes == g, None]).sum(0) for g in range(codes.max() + 1)]))


def two_way(fit: Ols, one, other, factors) -> np.ndarray:
    """one + other - both, each times its factor."""
    both = pd.factorize(pd.Series(list(zip(one, other, strict=True))))[0]
    return sum(f * matrix(fit, by) for f, by in zip(factors, (one, other, both), strict=True))


def g_factor(by) -> float:
    g = len(np.unique(by))
    return g / (g - 1)


def two_ways(d, factors):
    fit = Ols(d)
    both = d["unit"] * 10_000 + d["year"]
    scaled = two_way(fit, d["unit"], d["year"], [f * s for f, s in zip(factors(d, both), (1, 1, -1), strict=True)])
    return shown(fit, scaled[0, 0] * (fit.n - 1) / (fit.n - 3))


def few_ways(d, columns="x c 1"):
    """A fit, and its covariance by two ways of few clusters, which has a negative eigenvalue."""
    fit = Ols(d, columns)
    one, other = d["state"], d["south"]
    return fit, two_way(fit, one, other, (1, 1, -1)) * g_factor(other) * (fit.n - 1) / (fit.n - 3)


def without_negative(v):
    values, vectors = np.linalg.eigh(v)
    assert values[0] < 0
    return (vectors * np.maximum(values, 0)) @ vectors.T


def repaired(d):
    fit, v = few_ways(d)
    return shown(fit, without_negative(v)[0, 0])


def repaired_standardised(d):
    """The slopes' part alone, each column over its standard deviation."""
    fit, v = few_ways(d)
    by = np.array([d["x"].std(), d["c"].std()])
    return shown(fit, without_negative(v[:2, :2] * np.outer(by, by))[0, 0] / by[0] ** 2)


def effects_of(d, k):
    """HC1 of three effects under some K."""
    fit = Ols(d, "x c", effects="ab bc ac")
    return shown(fit, fit.robust() * fit.n / (fit.n - k))


def components(d, one, other) -> int:
    """Connected components of two effects, level by level."""
    group = {("a", v): {("a", v)} for v in d[one]} | {("b", v): {("b", v)} for v in d[other]}
    for v, w in zip(d[one], d[other], strict=True):
        joined = group["a", v] | group["b", w]
        for member in joined:
            group[member] = joined
    return len({id(g) for g in group.values()})


def satterthwaite(d):
    """Bell and McCaffrey's degrees of freedom of CR2: (tr P)^2 / tr(P P), P_gh = p_g'p_h."""
    fit = Ols(d)
    variance, keep, p = fit.cluster(d["unit"], -0.5), np.eye(fit.n) - fit.hat, []
    for g in np.unique(d["unit"]):
        rows = np.flatnonzero(d["unit"] == g)
        values, vectors = np.linalg.eigh(keep[np.ix_(rows, rows)])
        adjust = vectors @ np.diag(values**-0.5) @ vectors.T
        p.append(keep[:, rows] @ adjust @ fit.x[rows] @ fit.inverse[0])
    gram = np.array(p) @ np.array(p).T
    return shown(fit, variance, df=np.trace(gram) ** 2 / (gram**2).sum())


def leverage(d, scale, kind=1):
    """HC2 (1) or HC3 (2) of analytic weights, the leverage w x'(X'WX)^-1 x times some scale."""
    fit = Ols(d, weights=d["pop"])
    return shown(fit, fit.robust(fit.e / (1 - fit.h * scale(d["pop"].to_numpy())) ** (kind / 2)))


def kraay(d, time):
    fit = Ols(d)
    t = np.asarray(time)
    return shown(fit, hand.nw(fit, fit.kernel(3, lambda i, j: abs(int(t[i] - t[j])))))


def random_effects(d, exact: bool):
    """Swamy and Arora's GLS: the unit's variance with the harmonic mean of the periods, or Baltagi and Chang's."""
    d = d.assign(y=d["far"])
    within = Ols(d, "x c", effects="unit")
    groups, (n, k) = d.groupby("unit")[["y", "x", "c"]], (len(d), 2)
    units, mean, size = groups.ngroups, groups.mean(), groups.size().to_numpy(float)
    s_e = (within.e**2).sum() / (n - units - k)
    m = np.column_stack([np.ones(units), mean[["x", "c"]]])
    root = np.sqrt(size) if exact else np.ones(units)
    b = np.linalg.lstsq(m * root[:, None], mean["y"] * root, rcond=None)[0]
    ssr = float((((mean["y"] - m @ b) * root) ** 2).sum())
    if exact:
        trace = np.trace(np.linalg.inv((m.T * size) @ m) @ ((m.T * size**2) @ m))
        s_u = (ssr - (units - k - 1) * s_e) / (n - trace)
    else:
        s_u = ssr / (units - k - 1) - s_e / (units / (1 / size).sum())
    assert s_u > 0
    theta = pd.Series(1 - np.sqrt(s_e / (size * s_u + s_e)), index=mean.index)
    share = d["unit"].map(theta).to_numpy()
    moved = d.assign(**{v: d[v] - share * d["unit"].map(mean[v]) for v in ("y", "x", "c")}, one=1 - share)
    fit = Ols(moved, "x c one")
    return shown(fit, fit.iid(n - 3))


def differenced(d):
    now = d.assign(y=d["far"]).sort_values(["unit", "year"])
    before = now.assign(year=now["year"] + 1)[["unit", "year", "y", "x", "c"]]
    both = now.merge(before, on=["unit", "year"], suffixes=("", "_1"))
    fit = Ols(pd.DataFrame({v: both[v] - both[f"{v}_1"] for v in ("y", "x", "c")}), "x c")
    return shown(fit, fit.iid(fit.n - 2))


def whole_units(d):
    """Units that are seen once are gone, although their weight says several; the frequencies weigh."""
    one = alone(d)
    fit = Ols(one, "x c", effects="unit", weights=one["times"])
    n = one["times"].sum()
    meat = fit.inverse @ ((fit.x.T * (fit.e**2 / one["times"].to_numpy())) @ fit.x) @ fit.inverse
    return shown(fit, meat[0, 0] * n / (n - 2 - one["unit"].nunique()), nobs=n)


def equally_weighted(d):
    parts = [(d[c] - d[c].min()) / (d[c].max() - d[c].min()) for c in ("sales", "pop", "x")]
    fit = Ols(d.assign(x=(parts[0] + parts[1] + 1 - parts[2]) / 3))
    return shown(fit, hc1(fit), term="score")


def cut_before(d):
    fit = Ols(cut(d))
    return shown(fit, hc1(fit), term="cut")


SHORT = "year == 2003 or unit == 1 and year == 2004"


def short(d):
    """One cluster has two rows, the others one: N - K = G - 2."""
    few = d[(d["year"] == 2003) | (d["unit"] == 1) & (d["year"] == 2004)]
    fit = Ols(few)
    return shown(fit, cr1(fit, few["unit"]), df=len(few) - 3)


RE = {"formula": "far ~ x + c", "model": "random_effects", "vcov": "iid", "convention": "regress"}
WITHIN = {"formula": "far ~ x + c | unit", "vcov": "iid", "convention": "areg"}
THREE = {"formula": "y ~ x + c | ab + bc + ac", "vcov": "HC1", "convention": "areg"}
TWO_WAYS = CR | {"vcov": {"cluster": ["unit", "year"]}}
LARGE = {"profile": "regress", "small": False}
KEPT = {"profile": "regress", "kraay_gaps": "kept"}
DK = HC | {"vcov": {"driscoll_kraay": 3}}


def three_levels(d):
    return levels(d, "ab", "bc", "ac")


#: id -> (declared spec, numbers by hand)
BY_HAND = {
    # counting
    "uncounts-a-sole-nested-effect": (
        FE | {"formula": "y ~ x + c | unit", "convention": "areg"},
        lambda d: pooled(d, lambda f: cr1(f, d["unit"], 2), "x c", effects="unit")),
    "further-effects-are-dummies": (FE | {"convention": "areg"}, lambda d: se_of(d, 2 + levels(d, "year"))),
    "nested-flag-on-wrong-effect": (FE, lambda d: se_of(alone(d), 3)),
    "constant-not-counted": (FE, lambda d: se_of(alone(d), 2 + levels(alone(d), "year") - 1)),
    "redundant-exact-rank": (
        THREE | {"convention": "reghdfe"}, lambda d: effects_of(d, Ols(d, "x c", effects="ab bc ac").rank)),
    "redundant-pairwise": (THREE, lambda d: effects_of(
        d, 2 + three_levels(d) - components(d, "ab", "bc") - max(components(d, "ab", "ac"), components(d, "bc", "ac")))),
    "redundant-first-pair": (THREE, lambda d: effects_of(d, 2 + three_levels(d) - components(d, "ab", "bc") - 1)),
    "redundant-levels-one-each": (THREE, lambda d: effects_of(d, 2 + three_levels(d) - 2)),
    "iid-with-degrees-of-freedom": (
        IID | {"convention": {"profile": "regress", "iid": "none"}}, lambda d: pooled(d, lambda f: f.iid(f.n - 3))),
    "n-minus-1-over-n-minus-k": (
        CR | {"convention": "linearmodels"},
        lambda d: pooled(d, lambda f: f.cluster(d["unit"]) * (f.n - 1) / (f.n - 3))),
    # clusters
    "per-component-clusters": (
        TWO_WAYS, lambda d: two_ways(d, lambda d, both: [g_factor(d["unit"]), g_factor(d["year"]), g_factor(both)])),
    "smallest-cluster-factor": (
        TWO_WAYS | {"convention": "lm"}, lambda d: two_ways(d, lambda d, both: [g_factor(d["year"])] * 3)),
    "psd-repair": (CR | {"vcov": {"cluster": ["state", "south"]}}, repaired),
    "psd-repair-standardised": (CR | {"vcov": {"cluster": ["state", "south"]}}, repaired_standardised),
    "psd-not-repaired": (
        CR | {"vcov": {"cluster": ["state", "south"]}, "convention": {"profile": "regress", "psd": "repaired"}},
        lambda d: (lambda fit, v: shown(fit, v[0, 0], term="c"))(*few_ways(d, "c x 1"))),
    # distribution
    "smaller-degrees-of-freedom": (CR | {"where": SHORT}, short),
    "nested-decides-degrees-of-freedom": (
        FE | {"convention": "plm"},
        lambda d: (lambda f: shown(f, f.cluster(d["unit"]), df=13))(Ols(d, "x c", effects="unit year"))),
    "period-degrees-of-freedom": (NW, lambda d: (
        lambda f: shown(f, hand.nw(f, f.kernel(2, hand.of_units(d, d["year"]))), df=8))(Ols(d))),
    "satterthwaite-degrees-of-freedom": (CR | {"vcov": {"cluster": ["unit"], "type": "CR2"}}, satterthwaite),
    # covariance
    "leverage-without-weights": (
        ANALYTIC | {"vcov": "HC2", "convention": "lm"}, lambda d: leverage(d, lambda w: w.mean() / w)),
    "leverage-without-raw-weights": (ANALYTIC | {"vcov": "HC2"}, lambda d: leverage(d, lambda w: 1 / w)),
    "leverage-with-weights": (ANALYTIC | {"vcov": "HC3"}, lambda d: leverage(d, lambda w: 1.0, kind=2)),
    "newey-west-gaps-kept": (
        NW | {"convention": {"profile": "regress", "kernel_gaps": "closed"}}, lambda d: hand.kernel_of(d, d["year"])),
    "driscoll-kraay-gaps-kept": (DK, lambda d: kraay(d, d["year"])),
    "driscoll-kraay-gaps-closed": (
        DK | {"convention": KEPT}, lambda d: kraay(d, np.unique(d["year"], return_inverse=True)[1])),
    # large and small samples
    "large-sample": (HC, lambda d: (lambda f: shown(f, f.robust(), df=math.inf))(Ols(d))),
    "small-sample": (HC | {"convention": LARGE}, lambda d: (lambda f: shown(f, hc1(f), df=f.n - 3))(Ols(d))),
    # sample
    "singletons-by-rows": (
        {"formula": "y ~ x + c | unit", "vcov": "HC1", "convention": "areg", "weights": {"frequency": "times"}},
        whole_units),
    # model
    "random-for-within": (WITHIN, lambda d: random_effects(d, exact=False)),
    "variance-components-harmonic": (
        RE | {"convention": {"profile": "regress", "swamy_arora": "exact"}}, lambda d: random_effects(d, exact=False)),
    "variance-components-exact": (RE, lambda d: random_effects(d, exact=True)),
    "first-differences-for-within": (WITHIN, differenced),
    "within-for-random": (
        RE, lambda d: pooled(d, lambda f: f.iid(f.n - f.rank), "x c", y="far", effects="unit")),
    "pooled-for-panel-model": (RE, lambda d: pooled(d, lambda f: f.iid(f.n - 3), y="far")),
    "other-collinear-column-dropped": (
        HC | {"formula": "y ~ x + c + twice"},
        lambda d: (lambda f, g: [*shown(f, hc1(f), term="twice"), *shown(g, hc1(g))])(
            Ols(d, "twice x 1"), Ols(d, "x twice 1"))),
    "another-base-level": (HC | {"formula": "y ~ x + c + i(south)"}, based_on_another_level),
    "another-column": (HC, lambda d: pooled(d[d["south"] == 1], hc1, "x w z 1")),
    # derived columns
    "unit-missing-before-derived": (HC | {"formula": "y ~ cut + c"}, lambda d: cut_before(d[d["unit"] != 1])),
    "period-missing-before-derived": (HC | {"formula": "y ~ cut + c"}, lambda d: cut_before(d[d["year"] != 2004])),
    "index-made-otherwise": (HC | {"formula": "y ~ score + c"}, equally_weighted),
}  # fmt: skip
#: Causes that count for two.
OF_TWO = ("another-column",)


@pytest.mark.parametrize("id", BY_HAND)
def test_numbers_by_hand_name_their_cause(fitter, id):
    text, numbers = BY_HAND[id]
    targets = numbers(fitter.original)
    answer = explain_targets(
        fitter.study, Spec(id="declared", **text), fitter.original, targets, fitter=fitter, most=2 if id in OF_TWO else 1
    )
    named = [s.ids for s in answer.causes]
    assert (id,) in named, (named, answer.nearest, [t.text for t in targets])
    assert len(named) <= 3 and all(s.residual < 1e-9 for s in answer.causes)


def test_the_four_rules_of_redundancy_count_differently(fitter):
    texts = {id: BY_HAND[id][1](fitter.original)[1].text for id in BY_HAND if id.startswith("redundant-")}
    assert len(set(texts.values())) == len(texts) == 4


# ---------------------------------------------------------------- the page


def table(d, decimals=5, term=None):
    """Texts of coefficient, standard error, t and p of `HC`."""
    numbers, _ = hand.page(d)
    return {place: f"{value:.{decimals}f}" for place, value in numbers.items() if term in (None, place[1])}


def interval(d):
    """90 per cent intervals where 95 are announced."""
    numbers, out = hand.page(d)[0], table(d)
    width = stats.t.ppf(0.95, len(d) - 3)
    for term in hand.TERMS:
        b, se = numbers["coef", term], numbers["se", term]
        out |= {("ci_low", term): f"{b - width * se:.5f}", ("ci_high", term): f"{b + width * se:.5f}"}
    return out


def starred(d, cuts, **instead):
    """Coefficients with stars for p below each cut."""
    numbers, out = hand.page(d)[0], {p: t for p, t in table(d).items() if p[0] in ("coef", "se")}
    for term in hand.TERMS:
        count = sum(numbers["p", term] < c for c in cuts)
        out["coef", term] += "*" * instead.get(term, count)
    return out


def twice(d):
    """Rounded to one digit more, then again: at the fewest digits where that shows."""
    from decimal import ROUND_HALF_UP, Decimal

    numbers = {p: v for p, v in hand.page(d)[0].items() if p[0] in ("coef", "se", "t")}

    def rounded(value, n):
        return Decimal(value).quantize(Decimal(1).scaleb(-n), ROUND_HALF_UP)

    for n in range(4, 10):
        out = {p: str(rounded(rounded(v, n + 1), n)) for p, v in numbers.items()}
        if any(out[p] != str(rounded(v, n)) for p, v in numbers.items()):
            return out
    raise AssertionError("no number shows it")


def row_of(d, formula, term):
    """Coefficient, standard error, t and p of the formula's first regressor."""
    b, se, _ = (float(t.text) for t in pooled(d, hc1, formula))
    p = 2 * stats.t.sf(abs(b / se), len(d) - len(formula.split()))
    return {(q, term): f"{v:.5f}" for q, v in zip(("coef", "se", "t", "p"), (b, se, b / se, p), strict=True)}


#: id -> (declared spec, texts of the page: (quantity, term) -> text)
PAGES = {
    "interval-of-another-level": (HC, interval),
    "stars-at-other-levels": (HC, lambda d: starred(d, (0.05, 0.01, 0.001))),
    "stars-misprinted": (HC, lambda d: starred(d, (0.1, 0.05, 0.01), c=0)),
    "rounded-twice": (HC, twice),
    "single-precision-numbers": (HC, lambda d: {
        p: f"{float(np.float32(v)):.12f}" for p, v in hand.page(d)[0].items() if p[0] in ("coef", "se")}),
    "another-count-for-n": (
        HC | {"formula": "y ~ x + h"},
        lambda d: {(t.quantity, t.term): t.text for t in pooled(d.dropna(subset=["h"]), hc1, "x h 1")} | {
            ("nobs", ""): str(len(d))}),
    "column-of-another-spec": (HC, lambda d: table(d) | row_of(d, "x 1", "x")),
}  # fmt: skip


@pytest.mark.parametrize("id", PAGES)
def test_pages_by_hand_name_their_cause(fitter, id):
    text, made = PAGES[id]
    targets = [TargetNumber(q, term, said) for (q, term), said in made(fitter.original).items()]
    answer = explain_targets(fitter.study, Spec(id="declared", **text), fitter.original, targets, fitter=fitter, most=1)
    named, possible = ([s.ids for s in found] for found in (answer.causes, answer.possible))
    assert (id,) in named, (named, possible, [(t.quantity, t.term, t.text) for t in targets])


def test_standard_errors_rounded_by_hand(fitter):
    """An engine that hands on standard errors of four significant digits, and all else as it is."""
    fit = Ols(fitter.original, "1 x c")
    vcov, df = fit.meat(fit.x * fit.e[:, None]) * fit.n / (fit.n - 3), fit.n - 3
    terms, se = ("(Intercept)", "x", "c"), np.sqrt(np.diag(vcov))
    width = stats.t.ppf(0.975, df)

    def answered(shown) -> Estimate:
        rows = {
            term: Printed(se=float(s), t=b / e, p=2 * stats.t.sf(abs(b / e), df), low=b - width * e, high=b + width * e)
            for term, b, e, s in zip(terms, fit.b, se, shown, strict=True)
        }
        return Estimate(
            engine="e", terms=terms, coef=tuple(fit.b), parts=(Part(matrix=vcov.tolist()),), basis="as shipped", df_t=df,
            printed=rows, reported=Reported(nobs=fit.n),
        )  # fmt: skip

    spec, exact = Spec(id="declared", **HC), answered(se)
    assert explain_estimate(fitter.study, spec, fitter.original, exact, exact, fitter=fitter).verdict == "agree"
    found = explain_estimate(fitter.study, spec, fitter.original, exact, answered([f"{s:.4g}" for s in se]), fitter=fitter)
    assert ("rounded",) in [s.ids for s in found.causes]
    assert "4 significant digits: se" in found.causes[0].causes[0].sentence


# ---------------------------------------------------------------- recorded


def test_recorded_answers_of_singular_blocks():
    """clubSandwich's CR3 where an effect lies within the clusters, and asked again without that effect's column."""
    study = load_study(ROOT / "fixtures" / "digital_trade")
    spec, frame = study.spec("vcov_cr3"), load_frame(study)
    recorded = read_reference(reference_path(study, "r-lm", shipped=True)).answers
    plain, tight = recorded["vcov_cr3"].answer, recorded["vcov_cr3#tight"].answer
    reference = estimate(spec, build_design(study, spec, frame))
    found = explain(study, spec, frame, reference, plain, tight)
    assert found.verdict == "explained" and "singular-cluster-blocks" in found.causes[0].ids


# ---------------------------------------------------------------- none is left


def test_every_cause_has_a_number_from_elsewhere():
    held = {*hand.BY_HAND, *hand.SLIPS, *BY_HAND, *authors.BY_HAND, *PAGES, *ELSEWHERE, "rounded"}
    bare = sorted(set(BY_ID) - held)
    assert not bare, f"tests/diagnose/test_causes_by_hand.py: a line of BY_HAND that computes what {bare} would print"
    lost = sorted(held - set(BY_ID))
    assert not lost, f"src/parity/diagnose/catalogue: a Cause for {lost}, in the CAUSES of its group; or take its number out"


@pytest.mark.parametrize("id", ELSEWHERE)
def test_what_is_held_elsewhere_is_held(id):
    file, _, name = ELSEWHERE[id].partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text if name else f'"{id}"' in text
