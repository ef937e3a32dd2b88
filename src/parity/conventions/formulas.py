"""Facts + convention -> factor of the variance, degrees of freedom, p and CI. The only place that knows these formulas.

Notation: N rows (sum of frequency weights), K estimated coefficients (with the intercept, if any), L_j levels of fixed
effect j, G clusters, T periods. Uncorrected variance: SSR/N (X'X)^-1 for iid, the plain sandwich otherwise.

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

import math
from typing import TYPE_CHECKING, Literal

from pydantic import StrictBool

from parity.base.values import Value
from parity.conventions.facts import Facts

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["iid", "HC0", "HC1", "HC2", "HC3", "HC4", "CR0", "CR1", "CR2", "CR3", "DK", "NW"]
#: Kinds whose name says that no small-sample factor is applied, whatever the convention.
UNSCALED = ("HC0", "HC2", "HC3", "HC4", "CR0", "CR2", "CR3")
CLUSTERED = ("CR0", "CR1", "CR2", "CR3")
#: Kinds that divide each squared residual by a power of one less the row's leverage.
ROW_LEVERAGE = ("HC2", "HC3", "HC4")


class Refused(Exception):
    """The command behind a profile refuses this model; the message says what it would say."""


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


def _profiles() -> dict[str, Convention]:
    table = [
        Convention(profile="fixest", count_fixef="nonnested", redundant="levels", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", kernel_gaps="closed"),
        Convention(profile="reghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_cluster="min", t_kernel="min", singletons="drop", leverage_weights="out"),
        Convention(profile="ivreghdfe", count_fixef="nonnested", redundant="pairwise", kernel="t/(t-1)*(n-1)/(n-k)",
                   t_kernel="periods", singletons="drop", leverage_weights="out", constant="at_least_one"),
        Convention(profile="xtreg", count_fixef="panel", leverage_weights="out"),
        Convention(profile="areg", leverage_weights="out"),
        Convention(profile="regress", leverage_weights="out"),
        Convention(profile="ivregress", small=False, leverage_weights="out"),
        Convention(profile="ivreg2", kernel="t/(t-1)*(n-1)/(n-k)", t_kernel="periods", small=False,
                   leverage_weights="out"),
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


def _redundant(facts: Facts, effects: list[int], rule: str, first_keeps_all: bool) -> int:
    """Coefficients lost among `effects` (indices): at least one each after the first, or of every one."""
    if rule == "exact" and first_keeps_all and len(effects) == len(facts.absorbed):
        return sum(facts.absorbed[j].levels for j in effects) - facts.absorbed_rank
    if rule == "first_pair" and len(effects) > 1:
        return facts.components[effects[0], effects[1]] + len(effects) - 2
    lost = 0
    for position, j in enumerate(effects):
        least = 0 if position == 0 and first_keeps_all else 1
        earlier = effects[:position] if rule != "levels" and len(effects) > 1 else []
        lost += max([least, *(facts.components[i, j] for i in earlier)])
    return lost


def count_k(facts: Facts, convention: Convention, kind: Kind, cluster: tuple[str, ...] = ()) -> int:
    """K of the small-sample factor: coefficients plus the fixed effects that the convention counts.

    cluster: all cluster variables of the covariance (an effect nested in any of them is nested).
    Raises `Refused` where xtreg would refuse clusters that split a panel.
    """
    k, effects = facts.n_slopes, list(range(len(facts.absorbed)))
    if not effects:
        return k
    k += convention.constant == "extra"
    full = k + sum(a.levels for a in facts.absorbed) - _redundant(facts, effects, convention.redundant, True)
    if kind == "iid":
        return full
    if kind not in CLUSTERED:
        return full if convention.count_robust == "full" else k
    nested = [j for j in effects if set(facts.absorbed[j].nested_in) & set(cluster)]
    match convention.count_fixef:
        case "none":
            return k
        case "full":
            return full
        case "nonnested":
            if not nested:
                return full
            rest = [j for j in effects if j not in nested]
            counted = sum(facts.absorbed[j].levels for j in rest) - _redundant(facts, rest, convention.redundant, False)
            return k + (max(counted, 1) if convention.constant == "at_least_one" else counted + 1)
        case "lfe":
            return k + 1 if nested else full
        case "linearmodels":
            # 7.1: nested in every cluster variable, not in any
            return k if len(effects) == 1 and set(cluster) <= set(facts.absorbed[0].nested_in) else full
        case "panel":
            if 0 not in nested:
                raise Refused("panels are not nested within clusters (xtreg refuses; areg or reghdfe count them)")
            return full - facts.absorbed[0].levels + 1
    raise AssertionError(convention.count_fixef)


def _small(convention: Convention, iv: bool) -> bool:
    return convention.small and (convention.iv_small or not iv)


def factor(
    facts: Facts, convention: Convention, kind: Kind, cluster: tuple[str, ...], subset: tuple[str, ...], iv: bool
) -> float:
    """What multiplies the uncorrected variance of one part.

    cluster: all cluster variables; subset: those of this part. Raises `Refused` (see `count_k`).
    """
    if kind in UNSCALED or not _small(convention, iv):
        return 1.0
    n, k = facts.nobs_weighted, count_k(facts, convention, kind, cluster)
    if n <= k:
        return math.nan
    match kind:
        case "iid":
            return n / (n - k) if convention.iid != "none" else 1.0
        case "HC1":
            return n / (n - k) if convention.robust != "none" else 1.0
        case "DK" | "NW":
            t = facts.periods
            return {"none": 1.0, "n/(n-k)": n / (n - k)}.get(
                convention.kernel, t / (t - 1) * (n - 1) / (n - k) if t > 1 else math.nan
            )
    scale = {"none": 1.0, "n/(n-k)": n / (n - k), "(n-1)/(n-k)": (n - 1) / (n - k)}[convention.cluster_scale]
    g = facts.clusters[subset] if convention.cluster_groups == "each" else facts.min_clusters
    if convention.cluster_groups == "none":
        return scale
    return scale * g / (g - 1) if g > 1 else math.nan


def has_own_df(convention: Convention, kind: Kind, *, iv: bool, random: bool) -> bool:
    """Whether each coefficient's t has degrees of freedom of its own, by Satterthwaite's approximation."""
    large = not _small(convention, iv) or (random and convention.t_random == "normal")
    return not large and kind in CLUSTERED and convention.t_cluster == "satterthwaite"


def df_t(facts: Facts, convention: Convention, kind: Kind, cluster: tuple[str, ...], *, iv: bool, random: bool) -> float:
    """Degrees of freedom of t; infinite for the normal distribution, NaN where each coefficient has its own."""
    if has_own_df(convention, kind, iv=iv, random=random):
        return math.nan
    resid = facts.nobs_weighted - facts.n_slopes - (facts.absorbed_rank if facts.absorbed else 0)
    if facts.absorbed:
        resid = facts.nobs_weighted - count_k(facts, convention, "iid")
    if not _small(convention, iv) or (random and convention.t_random == "normal"):
        return math.inf
    if kind in CLUSTERED:
        groups = facts.min_clusters - 1
        nested = any(set(a.nested_in) & set(cluster) for a in facts.absorbed)
        rule = convention.t_cluster
        if rule == "lfe":
            rule = "min" if nested else "resid"
        if rule == "min":
            # reghdfe's df_r leaves out the constant that its factor counts beside nested effects
            counted = count_k(facts, convention, kind, cluster) - nested
            return min(groups, facts.nobs_weighted - counted)
        return {"groups": groups, "resid": resid, "normal": math.inf}[rule]
    if kind in ("DK", "NW"):
        periods = facts.periods - 1
        return {"periods": periods, "resid": resid, "min": min(periods, resid), "normal": math.inf}[convention.t_kernel]
    rule = convention.t_iid if kind == "iid" else convention.t_robust
    return resid if rule == "resid" else math.inf


def leverage_scale(convention: Convention, weights: np.ndarray) -> np.ndarray | float:
    """What multiplies each row's leverage w_i x_i'(X'WX)^-1 x_i under analytic weights; 1, or an array like weights.

    Stata's `predict, hat` and vce(hc2) leave w_i out, after aweights are normalised to sum to N (estimatr's
    stata-ests.txt, HC2w and HC3w, holds the numbers); `hatvalues` of fixest 0.14.2 leaves it out and normalises nothing.
    """
    if convention.leverage_weights == "in":
        return 1.0
    return (weights.mean() if convention.leverage_weights == "out" else 1.0) / weights


def p_value(t: float, df: float) -> float:
    """Two-sided p of a t statistic; the normal distribution for infinite df."""
    from scipy import special  # not scipy.stats: an unchanged run must start fast

    return float(2 * (special.ndtr(-abs(t)) if math.isinf(df) else special.stdtr(df, -abs(t))))


def critical_value(df: float, level: float = 0.95) -> float:
    """Half-width of a two-sided interval in standard errors."""
    from scipy import special

    q = 0.5 + level / 2
    return float(special.ndtri(q) if math.isinf(df) else special.stdtrit(df, q))
