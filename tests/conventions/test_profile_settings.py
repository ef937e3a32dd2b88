"""Every setting of every profile, from manuals and sources of the packages and not from the code."""

from __future__ import annotations

import pytest

from parity.conventions.profiles import PROFILES, profiles_with
from parity.conventions.settings import SETTINGS

ALL = {"fixest", "reghdfe", "ivreghdfe", "xtreg", "areg", "regress", "ivregress", "ivreg2", "plm", "lm", "lfe",
       "statsmodels", "linearmodels", "ml", "glm", "feglm", "xtabond"}  # fmt: skip
STATA = {"reghdfe", "ivreghdfe", "xtreg", "areg", "regress", "ivregress", "ivreg2"}

#: setting -> value -> the profiles that have it; "*" is all others.
FACTS: dict[str, dict[str, set[str] | str]] = {
    # fixest ssc(K.fixef = "nonnested"); help reghdfe, "degrees of freedom"; [XT] xtreg: the panels are not counted under
    # vce(cluster); [R] areg counts what it absorbs; lm and statsmodels have dummies; felm: none once one is nested;
    # linearmodels PanelOLS, count_effects: unless nested in the clusters
    "count_fixef": {"nonnested": {"fixest", "reghdfe", "ivreghdfe", "feglm"}, "panel": {"xtreg"}, "lfe": {"lfe"},
                    "linearmodels": {"linearmodels"}, "full": "*"},
    # plm demeans first: vcovHC counts coefficients alone
    "count_robust": {"none": {"plm"}, "full": "*"},
    # fixest K.exact = FALSE and linearmodels: one level for each further effect; reghdfe dofadjustments(all); felm by the
    # components of the first two
    "redundant": {"levels": {"fixest", "linearmodels", "feglm"}, "pairwise": {"reghdfe", "ivreghdfe"}, "first_pair": {"lfe"},
                  "exact": "*"},
    # homoskedastic and HC1: N/(N - K) everywhere where small-sample inference is asked for
    # maximum likelihood: [R] logit, the inverse information; fixest's ssc() multiplies it; [P] _robust, n/(n - 1)
    "iid": {"none": {"ml", "glm"}, "(n-1)/(n-k)": {"feglm"}, "n/(n-k)": "*"},
    "robust": {"n/(n-1)": {"ml"}, "none": {"glm"}, "n/(n-k)": "*"},
    # fixest vcov_DK, ivreg2's and reghdfe's dkraay(): T/(T - 1) (N - 1)/(N - K); [TS] newey and statsmodels: N/(N - K);
    # plm vcovSCC and sandwich's NeweyWest: none
    "kernel": {"t/(t-1)*(n-1)/(n-k)": {"fixest", "reghdfe", "ivreghdfe", "ivreg2"}, "none": {"plm", "lm"}, "n/(n-k)": "*"},
    # plm's vcovHC of type HC0, its default; linearmodels debiased=True
    "cluster_scale": {"none": {"plm", "ml", "glm"}, "n/(n-k)": {"linearmodels"}, "(n-1)/(n-k)": "*"},
    # sandwich vcovCL(multi0 = FALSE), statsmodels and felm: each part its own G
    "cluster_groups": {"each": {"lm", "lfe", "statsmodels", "glm"}, "none": {"plm", "linearmodels"}, "min": "*"},
    "t_iid": {"normal": {"ml", "glm", "feglm"}, "resid": "*"},
    # statsmodels: use_t is off with cov_type other than nonrobust
    "t_robust": {"normal": {"statsmodels", "ml", "glm", "feglm"}, "resid": "*"},
    # reghdfe: min of both; coeftest and summary.plm: N - K; felm: as nested effects say; statsmodels: normal
    "t_cluster": {"min": {"reghdfe"}, "resid": {"plm", "lm", "linearmodels"}, "lfe": {"lfe"},
                  "normal": {"statsmodels", "ml", "glm", "feglm"},
                  "groups": "*"},
    "t_kernel": {"periods": {"fixest", "ivreghdfe", "ivreg2"}, "min": {"reghdfe"},
                 "normal": {"statsmodels", "ml", "glm", "feglm"}, "resid": "*"},
    # linearmodels RandomEffects prints t
    "t_random": {"resid": {"linearmodels"}, "normal": "*"},
    # plm's random.method = "swar"; Stata's xtreg, re without sa
    "swamy_arora": {"exact": {"plm"}, "harmonic": "*"},
    # [R] ivregress and help ivreg2: large-sample statistics without the option small; [XT] xtabond: z
    "small": {"False": {"ivregress", "ivreg2", "xtabond"}, "True": "*"},
    # linearmodels IV2SLS: debiased=False
    "iv_small": {"False": {"linearmodels"}, "True": "*"},
    "singletons": {"drop": {"fixest", "reghdfe", "ivreghdfe", "feglm"}, "keep": "*"},
    # Stata's predict, hat leaves analytic weights out
    "leverage_weights": {"out": STATA, "in": "*"},
    # ivreghdfe's own line: df_a or 1, whichever is more
    "constant": {"at_least_one": {"ivreghdfe"}, "one": "*"},
    # fixest and sandwich rank the periods, statsmodels' hac-panel counts rows; newey.ado 1.6.0 refuses them without force
    "kernel_gaps": {"closed": {"fixest", "lm"}, "rows": {"statsmodels"}, "refused": {"regress"}, "kept": "*"},
    # ivreg2 declares the panel and keeps tsset's units of time
    # [R] probit: Newton-Raphson's own second derivatives; glm and feglm by scoring; all go on to the maximum here
    "information": {"expected": {"glm", "feglm"}, "observed": "*"},
    "newton": {"maximum": "*"},
    # [R] mlogit: the most frequent outcome; multinom takes the first level, and MNLogit the first value
    "base_outcome": {"first": {"glm"}, "frequent": "*"},
    # [XT] xtreg, be without wls; [R] ivregress gmm without center, its sandwich; help ivreg2: gmm2s has (X'Z S^-1 Z'X)^-1
    "between_weights": {"units": "*"},
    "centred": {"no": "*"},
    "gmm_covariance": {"efficient": {"ivreg2", "ivreghdfe"}, "sandwich": "*"},
    "kraay_gaps": {"kept": {"ivreg2", "ivreghdfe"}, "closed": "*"},
    # fixest 0.14, vcov_conley(distance = "triangular"), its kernel uniform and its factor that of any other kind; x_ols.ado
    "conley_distance": {"mean_latitude": {"fixest"}, "axes": "*"},
    "conley_kernel": {"uniform": {"fixest"}, "bartlett": "*"},
    "conley_factor": {"(n-1)/(n-k)": {"fixest"}, "none": "*"},
    # reghdfe 6.12, reghdfe_fix_psd; fixest's and lfe's repair is of other columns and a cause of its own
    "psd": {"repaired": {"reghdfe"}, "kept": "*"},
}  # fmt: skip


def test_the_profiles_are_those_of_the_table():
    assert set(PROFILES) == ALL and all(name == profile.profile for name, profile in PROFILES.items())
    bare = set(SETTINGS) - set(FACTS)
    assert not bare, f"tests/conventions/test_profile_settings.py: FACTS has no {bare}: what each program does, and whence"
    assert set(FACTS) == set(SETTINGS)


@pytest.mark.parametrize("setting", FACTS)
def test_every_profile_has_what_its_program_does(setting):
    named = {name: value for value, names in FACTS[setting].items() if names != "*" for name in names}
    (other,) = [value for value, names in FACTS[setting].items() if names == "*"]
    assert set(named) <= ALL
    found = {name: str(getattr(profile, setting)) for name, profile in PROFILES.items()}
    assert found == {name: named.get(name, other) for name in ALL}


def test_profiles_by_a_value():
    assert profiles_with("small", "False") == ["ivregress", "ivreg2", "xtabond"]
    assert profiles_with("count_fixef", "panel") == ["xtreg"] and profiles_with("iid", "(n-1)/(n-k)") == ["feglm"]
