"""Convention: the choices that move a standard error without moving the estimate, and the table of profiles.

Sources, by profile
  fixest       fixest 0.14.2, R/VCOV.R, `ssc()` and its defaults
  reghdfe      reghdfe 6.12, src/reghdfe.mata, `reghdfe_vce_cluster`, `estimate_dof`
  ivreghdfe    ivreghdfe 1.1 (Correia): ivreg2, small, with reghdfe's df_a or 1, whichever is more
  xtreg, areg, regress, ivregress   Stata manuals [XT] xtreg, [R] areg, [R] regress, [R] ivregress, Methods and formulas
  ivreg2       Baum, Schaffer and Stillman (2007), Stata Journal 7(4); `help ivreg2`
  plm          plm 2.6, `vcovHC.plm`; lm: sandwich 3.1, `vcovCL(type = "HC1")`, `lmtest::coeftest`
  lfe          lfe 3.1, `felm`, `summary.felm`
  statsmodels  statsmodels 0.14/0.15, `sandwich_covariance.py`
  linearmodels linearmodels 7, `panel/covariance.py`, `iv/covariance.py`
  Satterthwaite's degrees of freedom (a setting)   Pustejovsky and Tipton (2018); clubSandwich 0.5, `coef_test`
"""

from __future__ import annotations

from typing import Literal

from pydantic import StrictBool

from parity.base.values import Value

Kind = Literal["iid", "HC0", "HC1", "HC2", "HC3", "HC4", "CR0", "CR1", "CR2", "CR3", "DK", "NW"]


#: Kinds whose name says that no small-sample factor is applied, whatever the convention.
UNSCALED = ("HC0", "HC2", "HC3", "HC4", "CR0", "CR2", "CR3")


CLUSTERED = ("CR0", "CR1", "CR2", "CR3")


#: Kinds that divide each squared residual by a power of one less the row's leverage.
ROW_LEVERAGE = ("HC2", "HC3", "HC4")


class Convention(Value):
    """A set of choices that move a standard error without moving the estimate.

    count_fixef   fixed effects in K of a clustered covariance: all ("full"); those not nested in a cluster
                  ("nonnested"); none; none once any is nested ("lfe"); all unless the only effect is nested
                  in every cluster variable ("linearmodels"); all but the panel variable, further effects being
                  dummies ("panel")
    count_robust  the same for HC1, Driscoll-Kraay and Newey-West: "full" or "none"
    redundant     coefficients lost among several effects: one each ("levels"), their exact rank ("exact"), the most
                  connected components with an earlier effect ("pairwise"), or the components of the first two and
                  one for each further effect ("first_pair")
    iid, robust, kernel, cluster_scale   the factor of each kind of covariance
    cluster_groups   G/(G-1): of the smallest cluster variable ("min"), of each component ("each"), or none
    t_iid, t_robust, t_cluster, t_kernel, t_random   distribution of t: "normal", N-K ("resid"), G-1 ("groups"),
                  the smaller of the two ("min"), T-1 ("periods"), of each coefficient its own ("satterthwaite")
    swamy_arora   random effects on unbalanced panels: the between regression with the harmonic mean of the periods
                  (xtreg), or Baltagi and Chang's exact quadratic forms (xtreg's `sa`, plm); equal on balanced ones
    small, iv_small  False: large-sample inference (factor 1, normal), for every model or for IV only
    singletons    observations alone in a level of a fixed effect: "keep", or "drop" until none is left
    constant      of a model with fixed effects in K where one is nested in a cluster variable: counted beside what the other
                  effects count ("one"), only if these count nothing ("at_least_one", ivreghdfe); or one coefficient more
                  than the effects hold, in every K ("extra": a column of ones beside them)
    kernel_gaps   Newey-West's lags over periods that no row has: kept as gaps, closed (time as ranks), or, the gaps of
                  each unit too, "rows"
    kraay_gaps    Driscoll-Kraay's lags over periods that no row has: closed (they count the periods of the sample), or kept
                  (they count units of time, so that over a gap there is no pair)
    leverage_weights   leverage of HC2, HC3 and HC4 under analytic weights: with the row's weight in it ("in"), without
                  it, weights normalised to mean one ("out"), or without it, weights as they stand ("raw")
    """

    profile: str
    count_fixef: Literal["full", "nonnested", "none", "lfe", "linearmodels", "panel"] = "full"
    count_robust: Literal["full", "none"] = "full"
    redundant: Literal["levels", "exact", "pairwise", "first_pair"] = "exact"
    iid: Literal["n/(n-k)", "none"] = "n/(n-k)"
    robust: Literal["n/(n-k)", "none"] = "n/(n-k)"
    kernel: Literal["t/(t-1)*(n-1)/(n-k)", "n/(n-k)", "none"] = "n/(n-k)"
    cluster_scale: Literal["(n-1)/(n-k)", "n/(n-k)", "none"] = "(n-1)/(n-k)"
    cluster_groups: Literal["min", "each", "none"] = "min"
    t_iid: Literal["resid", "normal"] = "resid"
    t_robust: Literal["resid", "normal"] = "resid"
    t_cluster: Literal["groups", "resid", "min", "lfe", "normal", "satterthwaite"] = "groups"
    t_kernel: Literal["periods", "resid", "min", "normal"] = "resid"
    t_random: Literal["normal", "resid"] = "normal"
    swamy_arora: Literal["harmonic", "exact"] = "harmonic"
    small: StrictBool = True
    iv_small: StrictBool = True
    singletons: Literal["keep", "drop"] = "keep"
    leverage_weights: Literal["in", "out", "raw"] = "in"
    constant: Literal["one", "at_least_one", "extra"] = "one"
    kernel_gaps: Literal["kept", "closed", "rows"] = "kept"
    kraay_gaps: Literal["closed", "kept"] = "closed"


def _profiles() -> dict[str, Convention]:
    table = [
        Convention(profile="fixest", count_fixef="nonnested", redundant="levels", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", kernel_gaps="closed"),
        Convention(profile="reghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_cluster="min", t_kernel="min", singletons="drop", leverage_weights="out"),
        Convention(profile="ivreghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", leverage_weights="out", constant="at_least_one",
                   kraay_gaps="kept"),
        Convention(profile="xtreg", count_fixef="panel", leverage_weights="out"),
        Convention(profile="areg", leverage_weights="out"),
        Convention(profile="regress", leverage_weights="out"),
        Convention(profile="ivregress", small=False, leverage_weights="out"),
        Convention(profile="ivreg2", kernel="t/(t-1)*(n-1)/(n-k)", t_kernel="periods", small=False,
                   leverage_weights="out", kraay_gaps="kept"),
        Convention(profile="plm", count_robust="none", kernel="none", cluster_scale="none", cluster_groups="none",
                   t_cluster="resid", swamy_arora="exact"),
        Convention(profile="lm", cluster_groups="each", t_cluster="resid", kernel="none", kernel_gaps="closed"),
        Convention(profile="lfe", count_fixef="lfe", redundant="first_pair", cluster_groups="each", t_cluster="lfe"),
        Convention(profile="statsmodels", cluster_groups="each", t_robust="normal", t_cluster="normal", t_kernel="normal",
                   kernel_gaps="rows"),
        Convention(profile="linearmodels", count_fixef="linearmodels", redundant="levels", cluster_scale="n/(n-k)",
                   cluster_groups="none",
                   t_cluster="resid", t_random="resid", iv_small=False),
    ]  # fmt: skip
    return {c.profile: c for c in table}


PROFILES: dict[str, Convention] = _profiles()
