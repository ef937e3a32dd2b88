"""Conventions against the table of small-sample factors, and one standard error brought to seven published ones."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from conftest import FIXTURES
from parity.compare.harmonise import harmonise
from parity.conventions.facts import Absorbed, Facts
from parity.conventions.formulas import (
    Refused,
    count_k,
    critical_value,
    df_t,
    factor,
    has_own_df,
    leverage_scale,
    p_value,
)
from parity.conventions.profiles import OF_LIKELIHOODS, PROFILES, UNSCALED, Convention
from parity.data.load import load_frame
from parity.engines.own import fit
from parity.sample.build import build_design
from parity.study.load import load_study
from parity.study.spec import Spec

N, K, L1, L2, G, C = 300.0, 3, 40, 7, 12, 2
c = G / (G - 1)
KF1, KF2 = K + L1, K + L1 + L2 - 1


def facts(effects: str, *, components: int = 1) -> Facts:
    """effects: "" none; "1" one FE, not nested; "1n" nested; "2" two; "2n" two, the first nested."""
    absorbed = ()
    if effects:
        absorbed = (Absorbed("f1", L1, ("g",) if effects.endswith("n") else ()),)
    if effects.startswith("2"):
        absorbed += (Absorbed("f2", L2),)
    two = len(absorbed) == 2
    return Facts(
        nobs=int(N), nobs_weighted=N, n_slopes=K, intercept=not effects, absorbed=absorbed,
        components={(0, 1): components} if two else {},
        absorbed_rank=sum(a.levels for a in absorbed) - (components if two else 0),
        clusters={("g",): G, ("h",): 30, ("g", "h"): 100}, periods=20,
    )  # fmt: skip


def of(profile, kind: str, effects: str, *, components: int = 1, iv: bool = False) -> float:
    convention = profile if isinstance(profile, Convention) else PROFILES[profile]
    cluster = ("g",) if kind.startswith("CR") else ()
    return factor(facts(effects, components=components), convention, kind, cluster, cluster, iv)


def with_settings(profile: str, **settings) -> Convention:
    return PROFILES[profile].model_copy(update=settings)


# ---------------------------------------------------------------- the table, row by row

FULL = {"iid": N / (N - KF2), "HC1": N / (N - KF2)}
NOT_FULL = with_settings("fixest", count_fixef="none", count_robust="none")
#: xtivreg2.ado 1.0.17: ivreg2 on demeaned columns, dofminus(groups)
XTIVREG2 = {"singletons": "drop", "count_fixef": "none"}
LARGE = {"small": True, "iid": "n/(n-a)", "robust": "n/(n-a)", "cluster_scale": "none", "cluster_groups": "none"}
#: implementation -> {(kind, effects): factor}; the columns of the table of docs/conventions
TABLE = {
    "fixest": FULL | {
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K - 1),
        ("CR1", "2n"): c * (N - 1) / (N - K - L2), ("CR1", "2"): c * (N - 1) / (N - KF2),
    },
    "reghdfe": FULL | {
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K - 1),
        ("CR1", "2n"): c * (N - 1) / (N - K - L2), ("CR1", "2"): c * (N - 1) / (N - K - L1 - L2 + 1),
    },
    "ivreghdfe": FULL | {
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K - 1),
        ("CR1", "2n"): c * (N - 1) / (N - K - L2 + 1), ("CR1", "2"): c * (N - 1) / (N - K - L1 - L2 + 1),
    },
    "xtreg": {("CR1", "1n"): c * (N - 1) / (N - K - 1), ("iid", "1n"): N / (N - K - L1), ("CR1", "1"): None},
    "areg": {
        ("iid", "1"): N / (N - K - L1), ("HC1", "1"): N / (N - K - L1),
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K - L1),
    },
    "lm": FULL | {
        ("CR1", "1"): c * (N - 1) / (N - KF1), ("CR1", "1n"): c * (N - 1) / (N - KF1),
        ("CR1", "2n"): c * (N - 1) / (N - KF2), ("CR1", "2"): c * (N - 1) / (N - KF2),
    },
    "lfe": {
        ("iid", "2"): N / (N - K - L1 - L2 + 1), ("CR1", "1"): c * (N - 1) / (N - K - L1),
        ("CR1", "1n"): c * (N - 1) / (N - K - 1), ("CR1", "2n"): c * (N - 1) / (N - K - 1),
        ("CR1", "2"): c * (N - 1) / (N - K - L1 - L2 + 1),
    },
    "plm": {("iid", "2"): N / (N - KF2), ("HC1", "2"): N / (N - K), **{("CR1", e): 1.0 for e in ("1", "1n", "2n", "2")}},
    "linearmodels": FULL | {
        ("CR1", "1"): N / (N - K - L1), ("CR1", "1n"): N / (N - K),
        ("CR1", "2n"): N / (N - KF2), ("CR1", "2"): N / (N - KF2),
    },
}  # fmt: skip
TABLE["statsmodels"] = TABLE["lm"]
# maximum likelihood: [R] logit and [P] _robust; sandwich() and vcovCL of glm; fixest's ssc() on an inverse information
TABLE["ml"] = {("iid", "2"): 1.0, ("HC1", "2"): N / (N - 1), **{("CR1", e): c for e in ("1", "1n", "2n", "2")}}
TABLE["glm"] = {("iid", "2"): 1.0, ("HC1", "2"): 1.0, **{("CR1", e): c for e in ("1", "1n", "2n", "2")}}
TABLE["feglm"] = TABLE["fixest"] | {"iid": (N - 1) / (N - KF2)}
VARIANTS = {
    "fixest, K.fixef = full": (with_settings("fixest", count_fixef="full"), {
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K - L1),
        ("CR1", "2n"): c * (N - 1) / (N - KF2), ("CR1", "2"): c * (N - 1) / (N - KF2),
    }),
    "fixest, K.fixef = none": (NOT_FULL, {("HC1", "2"): N / (N - K), **{
        ("CR1", e): c * (N - 1) / (N - K) for e in ("1", "1n", "2n", "2")
    }}),
    "plm sss": (with_settings("plm", cluster_scale="(n-1)/(n-k)", cluster_groups="min", count_fixef="none"), {
        ("CR1", e): c * (N - 1) / (N - K) for e in ("1", "1n", "2n", "2")
    }),
    "PanelOLS group_debias": (with_settings("linearmodels", cluster_scale="(n-1)/(n-k)", cluster_groups="each"), {
        ("CR1", "1"): c * (N - 1) / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K),
        ("CR1", "2n"): c * (N - 1) / (N - KF2), ("CR1", "2"): c * (N - 1) / (N - KF2),
    }),
    "a column of ones beside the effects": (with_settings("areg", constant="extra"), {
        ("CR1", "1"): c * (N - 1) / (N - K - L1 - 1), ("CR1", "2"): c * (N - 1) / (N - KF2 - 1),
        ("iid", "2"): N / (N - KF2 - 1), ("HC1", "2"): N / (N - KF2 - 1),
    }),
    "xtivreg2, fe": (with_settings("ivreg2", **XTIVREG2, **LARGE), {
        ("iid", "1"): N / (N - L1), ("HC1", "1"): N / (N - L1), ("CR1", "1n"): 1.0,
    }),
    "xtivreg2, fe small": (with_settings("ivreg2", small=True, **XTIVREG2), {
        ("iid", "1"): N / (N - K - L1), ("HC1", "1"): N / (N - K - L1), ("CR1", "1n"): c * (N - 1) / (N - K),
    }),
    "xtreg dfadj": (PROFILES["areg"], {("CR1", "1n"): c * (N - 1) / (N - K - 1 - (L1 - 1))}),
}  # fmt: skip
ROWS = [
    (name, PROFILES[name], *(key if isinstance(key, tuple) else (key, "2")), value)
    for name, row in TABLE.items()
    for key, value in row.items()
] + [(name, convention, *key, value) for name, (convention, row) in VARIANTS.items() for key, value in row.items()]


@pytest.mark.parametrize(("name", "convention", "kind", "effects", "expected"), ROWS)
def test_the_table(name, convention, kind, effects, expected):
    if expected is None:
        with pytest.raises(Refused):
            of(convention, kind, effects)
    else:
        assert of(convention, kind, effects) == pytest.approx(expected, rel=1e-15)


def test_redundant_levels_by_connected_components():
    """fixest counts levels, reghdfe and lfe connected components."""
    assert of("fixest", "iid", "2", components=C) == N / (N - (K + L1 + L2 - 1))
    for profile in ("reghdfe", "ivreghdfe", "lfe", "areg", "lm", "statsmodels"):
        assert of(profile, "iid", "2", components=C) == N / (N - (K + L1 + L2 - C)), profile
    assert of("reghdfe", "CR1", "2", components=C) == pytest.approx(c * (N - 1) / (N - K - L1 - L2 + C), rel=1e-15)
    assert of(with_settings("fixest", redundant="exact"), "iid", "2", components=C) == of(
        "reghdfe", "iid", "2", components=C
    )


@pytest.mark.parametrize(
    "profile", [p for p in PROFILES if p not in ("ivregress", "ivreg2", "xtabond", "plm", "linearmodels", *OF_LIKELIHOODS)]
)
def test_without_fixed_effects_all_agree(profile):
    assert of(profile, "iid", "") == N / (N - K)
    assert of(profile, "HC1", "") == N / (N - K)
    assert of(profile, "CR1", "") == c * (N - 1) / (N - K)


@pytest.mark.parametrize(("kind", "profile", "effects"), list(itertools.product(UNSCALED, PROFILES, ["", "1", "2n"])))
def test_kinds_named_without_a_factor_have_none(kind, profile, effects):
    assert of(profile, kind, effects) == 1.0


def test_instruments_large_and_small():
    for profile in ("ivregress", "ivreg2", "linearmodels"):
        for kind in ("iid", "HC1", "CR1"):
            assert of(profile, kind, "", iv=True) == 1.0
        assert df_t(facts(""), PROFILES[profile], "iid", (), iv=True, random=False) == math.inf
    small = with_settings("ivregress", small=True)
    assert of(small, "iid", "", iv=True) == N / (N - K)
    assert of(small, "CR1", "", iv=True) == c * (N - 1) / (N - K)
    assert df_t(facts(""), small, "iid", (), iv=True, random=False) == N - K
    # with `small`, ivreg2 counts what partial() takes out (its nopartialsmall wouldn't), and ivreghdfe counts effects
    for profile in (with_settings("ivreg2", small=True), "reghdfe"):
        assert of(profile, "CR1", "1", iv=True) == pytest.approx(c * (N - 1) / (N - K - L1), rel=1e-15)


def test_two_way_clusters():
    """fixest, reghdfe: the smallest G for all parts; sandwich, statsmodels, lfe: each part its own."""
    both, f = ("g", "h"), facts("")
    for profile, own in (("fixest", False), ("reghdfe", False), ("lm", True), ("statsmodels", True), ("lfe", True)):
        for subset in (("g",), ("h",), both):
            g = f.clusters[subset] if own else G
            expected = g / (g - 1) * (N - 1) / (N - K)
            assert factor(f, PROFILES[profile], "CR1", both, subset, False) == pytest.approx(expected, rel=1e-15)
    assert df_t(f, PROFILES["fixest"], "CR1", both, iv=False, random=False) == G - 1


#: Their factors are those of another, or one for large samples, and stand in tests of their own below.
LIKE = ("regress", "ivregress", "ivreg2", "xtabond")
DF = {
    "fixest": G - 1, "ivreghdfe": G - 1, "xtreg": G - 1, "areg": G - 1, "regress": G - 1, "reghdfe": G - 1, "lfe": G - 1,
    "lm": N - KF1, "plm": N - KF1, "linearmodels": N - KF1, "statsmodels": math.inf,
    "ivregress": math.inf, "ivreg2": math.inf, "xtabond": math.inf, **dict.fromkeys(OF_LIKELIHOODS, math.inf),
}  # fmt: skip


def test_every_profile_has_its_numbers_here():
    bare = {name for name in PROFILES if name not in DF or (name not in TABLE and name not in LIKE)}
    assert not bare, f"say in TABLE and DF here what factors and degrees of freedom {bare} has, from the package itself"


@pytest.mark.parametrize("profile", PROFILES)
def test_degrees_of_freedom(profile):
    assert df_t(facts("1n"), PROFILES[profile], "CR1", ("g",), iv=False, random=False) == DF[profile]
    iid = df_t(facts("1n"), PROFILES[profile], "iid", (), iv=False, random=False)
    assert iid == (math.inf if profile in ("ivregress", "ivreg2", "xtabond", *OF_LIKELIHOODS) else N - KF1)


def test_reghdfe_takes_the_smaller_of_groups_and_residuals():
    few = Facts(nobs=45, nobs_weighted=45, n_slopes=3, intercept=False, absorbed=(Absorbed("f", 40),), absorbed_rank=40,
                clusters={("g",): 30})  # fmt: skip
    assert df_t(few, PROFILES["reghdfe"], "CR1", ("g",), iv=False, random=False) == 2
    assert df_t(few, PROFILES["fixest"], "CR1", ("g",), iv=False, random=False) == 29


def test_ivreghdfe_prints_t_of_the_groups_less_one():
    """ivreghdfe outcome (tr = iv), absorb(i.year i.country_num) cluster(country_num): 52 clusters, printed in the issue
    tracker of reghdfe, issue 180."""
    coef, se, df = 0.2087836, 0.0899259, 51
    effects = (Absorbed("year", 25), Absorbed("c", 52, ("c",)))
    many = Facts(nobs=1300, nobs_weighted=1300, n_slopes=1, intercept=False, absorbed=effects, components={(0, 1): 1},
                 absorbed_rank=76, clusters={("c",): 52})  # fmt: skip
    assert df_t(many, PROFILES["ivreghdfe"], "CR1", ("c",), iv=True, random=False) == df
    assert p_value(coef / se, df) == pytest.approx(0.024, abs=5e-4)
    assert coef - critical_value(df) * se == pytest.approx(0.0282499, abs=2e-7)


@pytest.mark.parametrize("profile", PROFILES)
def test_kernel_covariances(profile):
    periods = 20 / 19 * (N - 1) / (N - K)
    expected = {
        "fixest": periods,
        "reghdfe": periods,
        "ivreghdfe": periods,
        "plm": 1.0,
        "lm": 1.0,
        "ivregress": 1.0,
        "ivreg2": 1.0,
        "xtabond": 1.0,
    }
    assert of(profile, "DK", "") == pytest.approx(expected.get(profile, N / (N - K)), rel=1e-15)


def test_t_of_kernel_covariances_and_of_random_effects():
    """statsmodels prints normal p for every HAC, linearmodels t of N - K for random effects, xtreg and plm the normal."""
    f = facts("")
    of_kernel = {p: df_t(f, c, "DK", (), iv=False, random=False) for p, c in PROFILES.items()}
    normal, periods = ("statsmodels", "ivregress", "ivreg2", "xtabond", *OF_LIKELIHOODS), ("fixest", "reghdfe", "ivreghdfe")
    assert of_kernel == {p: math.inf if p in normal else 19 if p in periods else N - K for p in PROFILES}
    of_random = {p: df_t(f, c, "iid", (), iv=False, random=True) for p, c in PROFILES.items()}
    assert of_random == {p: N - K if p == "linearmodels" else math.inf for p in PROFILES}


def grunfeld(vcov, model, profile):
    """Grunfeld's `inv ~ value + capital` by parity's own estimator, under a profile: quantity of `value`."""
    study = load_study(FIXTURES / "grunfeld")
    spec = Spec(id="s", formula="inv ~ value + capital", model=model, vcov=vcov, convention=profile)
    design = build_design(study, spec, load_frame(study))
    made = harmonise(fit.estimate(spec, design), design.facts, spec)
    return {name: made.quantities[name, "value"].value for name in ("se", "t", "p", "ci_low")}


def grunfeld_frame():
    frame = load_frame(load_study(FIXTURES / "grunfeld"))
    return frame.assign(const=1.0).sort_values(["firm", "year"])


def test_random_effects_as_linearmodels_own_summary_has_them():
    from linearmodels.panel import RandomEffects

    frame = grunfeld_frame().set_index(["firm", "year"])
    own = RandomEffects(frame["inv"], frame[["const", "value", "capital"]]).fit()
    here = grunfeld("iid", "random_effects", "linearmodels")
    want = {"se": own.std_errors, "t": own.tstats, "p": own.pvalues, "ci_low": own.conf_int()["lower"]}
    assert here == pytest.approx({name: float(values["value"]) for name, values in want.items()}, rel=1e-8, abs=0)


@pytest.mark.parametrize("lags", [0, 2])
def test_a_kernel_covariance_as_statsmodels_own_summary_has_it(lags):
    import statsmodels.api as sm

    frame = grunfeld_frame()
    time = frame["year"].to_numpy() - 1935
    ordered = np.argsort(time, kind="stable")
    frame, time = frame.iloc[ordered], time[ordered]
    model = sm.OLS(frame["inv"], frame[["const", "value", "capital"]])
    own = model.fit(cov_type="hac-groupsum", cov_kwds={"time": time, "maxlags": lags, "use_correction": "hac"})
    here = grunfeld({"driscoll_kraay": lags}, "ols", "statsmodels")
    assert here["p"] == pytest.approx(float(own.pvalues["value"]), rel=1e-8, abs=0)
    assert here["se"] == pytest.approx(float(own.bse["value"]), rel=1e-8)


def test_no_degree_of_freedom_is_no_number():
    none_left = Facts(nobs=3, nobs_weighted=3, n_slopes=3, intercept=True, clusters={("g",): 3})
    assert math.isnan(factor(none_left, PROFILES["fixest"], "iid", (), (), False))
    one = Facts(nobs=30, nobs_weighted=30, n_slopes=3, intercept=True, clusters={("g",): 1})
    assert math.isnan(factor(one, PROFILES["fixest"], "CR1", ("g",), ("g",), False))


@pytest.mark.parametrize(
    ("profile", "effects", "kind"), list(itertools.product(PROFILES, ["", "1", "1n", "2", "2n"], ["iid", "HC1", "CR1"]))
)
def test_every_profile_gives_a_positive_factor_or_refuses(profile, effects, kind):
    try:
        value = of(profile, kind, effects, components=C)
    except Refused:
        assert (profile, kind) == ("xtreg", "CR1")
        return
    assert 0.99 < value < 2
    assert count_k(facts(effects, components=C), PROFILES[profile], kind, ("g",)) >= K


# ---------------------------------------------------------------- Grunfeld: one coefficient, seven standard errors

UNCORRECTED = 0.0569372626
GRUNFELD = Facts(
    nobs=200, nobs_weighted=200, n_slopes=1, intercept=False,
    absorbed=(Absorbed("firm", 10, ("firm",)), Absorbed("year", 20)),
    components={(0, 1): 1}, absorbed_rank=29, clusters={("firm",): 10}, periods=20,
)  # fmt: skip
SEVEN = {
    0.0569372626: [with_settings("plm"), (PROFILES["fixest"], "CR0")],
    0.0600171446: [NOT_FULL, with_settings("plm", cluster_scale="(n-1)/(n-k)", cluster_groups="min", count_fixef="none")],
    0.0601685121: [PROFILES["lfe"]],
    0.0617571323: [PROFILES["linearmodels"]],
    0.0632812941: [PROFILES["fixest"], PROFILES["reghdfe"], PROFILES["xtreg"]],
    0.0649347850: [
        PROFILES["lm"], PROFILES["statsmodels"], PROFILES["areg"],
        with_settings("linearmodels", cluster_scale="(n-1)/(n-k)", cluster_groups="each"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("expected", "convention"), [(se, c) for se, cs in SEVEN.items() for c in cs])
def test_one_standard_error_becomes_the_published_ones(expected, convention):
    convention, kind = convention if isinstance(convention, tuple) else (convention, "CR1")
    value = UNCORRECTED * math.sqrt(factor(GRUNFELD, convention, kind, ("firm",), ("firm",), False))
    assert value == pytest.approx(expected, abs=1e-10)


def test_one_fixed_effect_with_and_without_a_constant_column():
    one = Facts(nobs=200, nobs_weighted=200, n_slopes=1, intercept=False, absorbed=(Absorbed("firm", 10, ("firm",)),),
                absorbed_rank=10, clusters={("firm",): 10})  # fmt: skip
    ratio = factor(one, PROFILES["fixest"], "CR1", ("firm",), ("firm",), False) / factor(
        one, NOT_FULL, "CR1", ("firm",), ("firm",), False
    )
    assert 0.0649456512 * math.sqrt(ratio) == pytest.approx(0.0651094488, abs=1e-9)


# ---------------------------------------------------------------- distributions


@pytest.mark.parametrize(
    ("t", "df", "p"), [(2.0, 10, 0.07338803477074), (2.0, math.inf, 0.04550026389636), (-1.5, 3, 0.2305838652448), (0, 5, 1)]
)
def test_p_values(t, df, p):
    assert p_value(t, df) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(("df", "q"), [(9, 2.262157162798205), (math.inf, 1.959963984540054), (1, 12.70620473617469)])
def test_critical_values(df, q):
    assert critical_value(df) == pytest.approx(q, rel=1e-12)


def test_p_in_the_far_tail_keeps_its_digits():
    assert 0 < p_value(30, 1000) < 1e-140
    assert 0 < p_value(37, math.inf) < 1e-290
    assert math.isnan(p_value(math.nan, 5))


def test_one_nested_effect_of_several_decides_the_degrees_of_freedom():
    """lfe: G - 1 once any effect lies within the clusters; reghdfe leaves out the constant that nested effects hold."""
    asked = {"iv": False, "random": False}
    assert df_t(facts("2n"), PROFILES["lfe"], "CR1", ("g",), **asked) == G - 1
    assert df_t(facts("2"), PROFILES["lfe"], "CR1", ("g",), **asked) == N - KF2
    few = replace(facts("2n"), nobs=20, nobs_weighted=20.0)
    assert df_t(few, PROFILES["reghdfe"], "CR1", ("g",), **asked) == 20 - (K + L2 - 1)


def test_one_period_has_no_kernel_factor_of_periods():
    one = replace(facts(""), periods=1)
    assert math.isnan(factor(one, PROFILES["fixest"], "DK", (), (), False))
    assert factor(replace(one, periods=2), PROFILES["fixest"], "DK", (), (), False) == 2 * (N - 1) / (N - K)


def test_two_clusters_are_enough_for_a_factor():
    two = replace(facts(""), clusters={("g",): 2})
    for profile in ("fixest", "lm"):
        assert factor(two, PROFILES[profile], "CR1", ("g",), ("g",), False) == 2 * (N - 1) / (N - K)


def test_settings_without_a_factor_have_factor_one():
    assert of(with_settings("regress", robust="none"), "HC1", "") == 1.0
    assert of(with_settings("regress", iid="none"), "iid", "") == 1.0
    assert of(with_settings("regress", kernel="none"), "NW", "") == 1.0
    bare = with_settings("regress", cluster_scale="none", cluster_groups="none")
    assert of(bare, "CR1", "1") == 1.0


def test_degrees_of_freedom_of_their_own():
    """Satterthwaite's, where there is a t at all: not for large samples, nor for random effects with the normal."""
    own = with_settings("lm", t_cluster="satterthwaite")
    for convention, kind, asked, expected in (
        (own, "CR2", {"iv": False, "random": False}, True), (own, "HC1", {"iv": False, "random": False}, False),
        (own, "CR2", {"iv": False, "random": True}, False), (PROFILES["lm"], "CR2", {"iv": False, "random": False}, False),
        (own.model_copy(update={"t_random": "resid"}), "CR2", {"iv": False, "random": True}, True),
        (own.model_copy(update={"small": False}), "CR2", {"iv": False, "random": False}, False),
        (own.model_copy(update={"iv_small": False}), "CR2", {"iv": True, "random": False}, False),
        (own.model_copy(update={"iv_small": False}), "CR2", {"iv": False, "random": False}, True),
    ):  # fmt: skip
        assert has_own_df(convention, kind, **asked) is expected
        assert math.isnan(df_t(facts(""), convention, kind, ("g",), **asked)) is expected


def test_what_each_program_does_beside_the_factor():
    """Sample, leverage and gaps, as manuals and sources say: reghdfe drops singletons (help reghdfe, keepsingletons), as
    fixest and ivreghdfe do; Stata's hc2 leaves aweights out of the leverage; ivreg2 alone, and ivreghdfe, which calls it,
    keep the gaps of dkraay(); fixest and sandwich rank the periods, statsmodels' hac-panel counts rows."""
    dropped = {name for name, c in PROFILES.items() if c.singletons == "drop"}
    assert dropped == {"fixest", "reghdfe", "ivreghdfe", "feglm"}
    stata = {"reghdfe", "ivreghdfe", "xtreg", "areg", "regress", "ivregress", "ivreg2"}
    assert {name for name, c in PROFILES.items() if c.leverage_weights == "out"} == stata
    assert {name for name, c in PROFILES.items() if c.kraay_gaps == "kept"} == {"ivreg2", "ivreghdfe"}
    gaps = {name: c.kernel_gaps for name, c in PROFILES.items() if c.kernel_gaps != "kept"}
    assert gaps == {"fixest": "closed", "lm": "closed", "statsmodels": "rows", "regress": "refused"}
    assert {name for name, c in PROFILES.items() if c.swamy_arora == "exact"} == {"plm"}


#: Three effects of 40, 7 and 5 levels; components of the first with the second, of the first with the third, and between.
THREE = replace(
    facts("2n"), absorbed=(Absorbed("f1", L1, ("g",)), Absorbed("f2", L2), Absorbed("f3", 5)),
    components={(0, 1): 2, (0, 2): 3, (1, 2): 4}, absorbed_rank=L1 + L2 + 5 - 7,
)  # fmt: skip


@pytest.mark.parametrize(
    ("redundant", "all_three", "beside_nested"),
    [  # all: what the second and third lose; beside the constant that nested effects hold, the first of the rest loses one
        ("levels", 2, 2), ("pairwise", 2 + 4, 1 + 4), ("first_pair", 2 + 1, 1 + 4), ("exact", 7, 1 + 4),
    ],
)  # fmt: skip
def test_redundant_coefficients_of_three_effects(redundant, all_three, beside_nested):
    full = with_settings("reghdfe", redundant=redundant, count_fixef="full")
    assert count_k(THREE, full, "CR1", ("g",)) == count_k(THREE, full, "iid") == K + L1 + L2 + 5 - all_three
    some = full.model_copy(update={"count_fixef": "nonnested"})
    assert count_k(THREE, some, "CR1", ("g",)) == K + 1 + L2 + 5 - beside_nested
    assert count_k(THREE, some, "CR1", ("h",)) == K + L1 + L2 + 5 - all_three


def test_of_what_is_nested_altogether_only_the_constant_counts():
    within = replace(THREE, absorbed=tuple(replace(a, nested_in=("g",)) for a in THREE.absorbed))
    for name in ("fixest", "reghdfe", "ivreghdfe", "lfe"):
        assert count_k(within, PROFILES[name], "CR1", ("g",)) == K + 1, name


def test_the_fewest_rows_that_have_a_robust_factor():
    """N/(N - 1) of two rows is two; of one row there is none."""
    large = with_settings("regress", robust="n/(n-1)")
    two = replace(facts(""), nobs=2, nobs_weighted=2.0, n_slopes=1)
    assert factor(two, large, "HC1", (), (), False) == 2.0
    assert math.isnan(factor(replace(two, nobs=1, nobs_weighted=1.0, n_slopes=0), large, "HC1", (), (), False))


def test_leverage_under_weights_leaves_them_out_as_stata_or_as_fixest_does():
    weights = np.array([1.0, 2.0, 6.0])
    assert leverage_scale(with_settings("regress", leverage_weights="in"), weights) == 1.0
    stata, fixest = (leverage_scale(with_settings("regress", leverage_weights=w), weights) for w in ("out", "raw"))
    assert stata.tolist() == [3.0, 1.5, 0.5]  # of weights that are normalised to have mean one
    assert fixest.tolist() == [1.0, 0.5, 1 / 6]
