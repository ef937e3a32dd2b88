"""Profiles: the conventions of packages and commands, as settings that differ from their defaults.

Sources, by profile
  fixest       fixest 0.14.2, R/VCOV.R, `ssc()` and its defaults
  reghdfe      reghdfe 6.12, src/reghdfe.mata, `reghdfe_vce_cluster`, `estimate_dof`, `reghdfe_fix_psd`
  ivreghdfe    ivreghdfe 1.1 (Correia): ivreg2, small, with reghdfe's df_a or 1, whichever is more
  xtreg, areg, regress, ivregress   Stata manuals [XT] xtreg, [R] areg, [R] regress, [R] ivregress, Methods and formulas
  newey (of regress)   newey.ado 1.6.0, Stata 18
  ivreg2       Baum, Schaffer and Stillman (2007), Stata Journal 7(4); `help ivreg2`
  plm          plm 2.6, `vcovHC.plm`; lm: sandwich 3.1, `vcovCL(type = "HC1")`, `lmtest::coeftest`
  lfe          lfe 3.1, `felm`, `summary.felm`
  statsmodels  statsmodels 0.14/0.15, `sandwich_covariance.py`
  linearmodels linearmodels 7, `panel/covariance.py`, `iv/covariance.py`
  ml           Stata 18, [R] logit, probit, poisson, mlogit, ologit, oprobit, [P] _robust, Methods and formulas
  glm          R 4, `glm`, `vcov`; sandwich 3.1, `sandwich()`, `vcovCL`; `lmtest::coeftest`; nnet 7.3, `multinom`
  feglm        fixest 0.14.2, R/VCOV.R, of `feglm` and `fepois`; pyfixest 0.60, `feglm`, `fepois`
  xtabond      Stata 18, [XT] xtabond, xtdpdsys, xtdpd, Methods and formulas
  Satterthwaite's degrees of freedom (a setting)   Pustejovsky and Tipton (2018); clubSandwich 0.5, `coef_test`
"""

from __future__ import annotations

from parity.conventions.kinds import CLUSTERED, ROW_LEVERAGE, UNSCALED, Kind
from parity.conventions.settings import Convention

__all__ = [
    "CLUSTERED",
    "OF_DYNAMIC_PANELS",
    "OF_LIKELIHOODS",
    "PROFILES",
    "ROW_LEVERAGE",
    "UNSCALED",
    "Convention",
    "Kind",
    "family_of",
    "profiles_with",
]


#: Profiles of models by maximum likelihood, and of dynamic panels, Stata's first; all others are of least squares.
OF_LIKELIHOODS = ("ml", "glm", "feglm")
OF_DYNAMIC_PANELS = ("xtabond",)
_NORMAL = {"t_iid": "normal", "t_robust": "normal", "t_cluster": "normal", "t_kernel": "normal"}


def _profiles() -> dict[str, Convention]:
    table = [
        Convention(profile="fixest", count_fixef="nonnested", redundant="levels", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", kernel_gaps="closed", conley_distance="mean_latitude",
                   conley_kernel="uniform", conley_factor="(n-1)/(n-k)"),
        Convention(profile="reghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_cluster="min", t_kernel="min", singletons="drop", leverage_weights="out", psd="repaired"),
        Convention(profile="ivreghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", leverage_weights="out", constant="at_least_one",
                   kraay_gaps="kept", gmm_covariance="efficient"),
        Convention(profile="xtreg", count_fixef="panel", leverage_weights="out"),
        Convention(profile="areg", leverage_weights="out"),
        Convention(profile="regress", leverage_weights="out", kernel_gaps="refused"),
        Convention(profile="ivregress", small=False, leverage_weights="out"),
        Convention(profile="ivreg2", kernel="t/(t-1)*(n-1)/(n-k)", t_kernel="periods", small=False,
                   leverage_weights="out", kraay_gaps="kept", gmm_covariance="efficient"),
        Convention(profile="plm", count_robust="none", kernel="none", cluster_scale="none", cluster_groups="none",
                   t_cluster="resid", swamy_arora="exact"),
        Convention(profile="lm", cluster_groups="each", t_cluster="resid", kernel="none", kernel_gaps="closed"),
        Convention(profile="lfe", count_fixef="lfe", redundant="first_pair", cluster_groups="each", t_cluster="lfe"),
        Convention(profile="statsmodels", cluster_groups="each", t_robust="normal", t_cluster="normal", t_kernel="normal",
                   kernel_gaps="rows"),
        Convention(profile="linearmodels", count_fixef="linearmodels", redundant="levels", cluster_scale="n/(n-k)",
                   cluster_groups="none",
                   t_cluster="resid", t_random="resid", iv_small=False),
        Convention(profile="ml", iid="none", robust="n/(n-1)", cluster_scale="none", **_NORMAL),
        Convention(profile="glm", iid="none", robust="none", cluster_scale="none", cluster_groups="each",
                   information="expected", base_outcome="first", **_NORMAL),
        Convention(profile="feglm", iid="(n-1)/(n-k)", count_fixef="nonnested", redundant="levels", singletons="drop",
                   information="expected", **_NORMAL),
        Convention(profile="xtabond", small=False),
    ]  # fmt: skip
    return {c.profile: c for c in table}


PROFILES: dict[str, Convention] = _profiles()


def family_of(profile: str) -> dict[str, Convention]:
    """The profiles of likelihoods, or of dynamic panels, where it is one of them, else those of least squares."""
    own = next((family for family in (OF_LIKELIHOODS, OF_DYNAMIC_PANELS) if profile in family), None)
    others = (*OF_LIKELIHOODS, *OF_DYNAMIC_PANELS)
    return {name: c for name, c in PROFILES.items() if (name in own if own else name not in others)}


def profiles_with(setting: str, value: str) -> list[str]:
    """The profiles that have a value, as text, of a setting."""
    return [name for name, profile in PROFILES.items() if str(getattr(profile, setting)) == value]
