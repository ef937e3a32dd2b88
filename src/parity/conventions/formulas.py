"""Facts + convention -> factor of the variance, degrees of freedom, p and CI. The only place that knows these formulas.

Notation: N rows (sum of frequency weights), K estimated coefficients (with the intercept, if any), L_j levels of fixed
effect j, G clusters, T periods. Uncorrected variance: SSR/N (X'X)^-1 for iid, the plain sandwich otherwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from parity.conventions.facts import Facts
from parity.conventions.kinds import CLUSTERED, CONLEY, IN_TIME, UNSCALED, Kind
from parity.conventions.settings import Convention

if TYPE_CHECKING:
    import numpy as np


class Refused(Exception):
    """The command behind a profile refuses this model; the message says what it would say."""


def _redundant(facts: Facts, effects: list[int], rule: str, *, beside_constant: bool) -> int:
    """Coefficients lost among `effects` (indices): of all of them, or of the rest beside a constant that others hold."""
    if rule == "exact" and not beside_constant:
        return sum(facts.absorbed[j].levels for j in effects) - facts.absorbed_rank
    lost = 0
    for position, j in enumerate(effects):
        earlier = {"levels": [], "first_pair": effects[:1] if position == 1 else []}.get(rule, effects[:position])
        lost += max([int(beside_constant or position > 0), *(facts.components[i, j] for i in earlier)])
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
    lost = _redundant(facts, effects, convention.redundant, beside_constant=False)
    full = k + sum(a.levels for a in facts.absorbed) - lost
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
            lost = _redundant(facts, rest, convention.redundant, beside_constant=True)
            counted = sum(facts.absorbed[j].levels for j in rest) - lost
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

    cluster: all cluster variables; subset: those of this part. Raises `Refused` (see `count_k`), and where newey would
    refuse periods that don't follow one another.
    """
    if kind == "NW" and convention.kernel_gaps == "refused" and facts.uneven:
        raise Refused(f'{facts.uneven} (newey refuses; with force it is kernel_gaps = "kept")')
    if kind in UNSCALED or not _small(convention, iv):
        return 1.0
    n, k = facts.nobs_weighted, count_k(facts, convention, kind, cluster)
    if n <= k:
        return math.nan
    of_effects = n / (n - k + facts.n_slopes + (bool(facts.absorbed) and convention.constant == "extra"))
    match kind:
        case "iid":
            scales = {"none": 1.0, "n/(n-k)": n / (n - k), "(n-1)/(n-k)": (n - 1) / (n - k), "n/(n-a)": of_effects}
            return scales[convention.iid]
        case "HC1":
            return {"none": 1.0, "n/(n-k)": n / (n - k), "n/(n-1)": n / (n - 1) if n > 1 else math.nan,
                    "n/(n-a)": of_effects}[convention.robust]  # fmt: skip
        case "DK" | "NW":
            t = facts.periods
            return {"none": 1.0, "n/(n-k)": n / (n - k)}.get(
                convention.kernel, t / (t - 1) * (n - 1) / (n - k) if t > 1 else math.nan
            )
    scales = {"none": 1.0, "n/(n-k)": n / (n - k), "(n-1)/(n-k)": (n - 1) / (n - k)}
    if kind == CONLEY:
        return scales[convention.conley_factor]
    scale = scales[convention.cluster_scale]
    g = facts.clusters[subset] if convention.cluster_groups == "each" else facts.min_clusters
    if convention.cluster_groups == "none":
        return scale
    return scale * g / (g - 1) if g > 1 else math.nan


#: Settings with which ivreg2 divides the F in its head, whatever its standard errors have.
_OF_F = {"small": True, "iid": "n/(n-k)", "robust": "n/(n-k)", "cluster_scale": "(n-1)/(n-k)", "cluster_groups": "min"}


def f_scale(facts: Facts, convention: Convention, kind: Kind, cluster: tuple[str, ...], iv: bool) -> float:
    """What F in print is, over b'V^-1 b / q of the covariance in print.

    1 but for ivreg2, whose F has the small-sample factor without `small`, too: e(F) of ivreg2 4.1 is the same with it and
    without. Raises `Refused` (see `count_k`).
    """
    if convention.profile != "ivreg2":
        return 1.0
    small, scaled = convention.model_copy(update=_OF_F), {"HC0": "HC1", "CR0": "CR1"}.get(kind, kind)
    in_print, of_f = (factor(facts, c, k, cluster, cluster, iv) for c, k in ((convention, kind), (small, scaled)))
    return in_print / of_f


def has_own_df(convention: Convention, kind: Kind, *, iv: bool, random: bool) -> bool:
    """Whether each coefficient's t has degrees of freedom of its own, by Satterthwaite's approximation."""
    large = not _small(convention, iv) or (random and convention.t_random == "normal")
    return not large and kind in CLUSTERED and convention.t_cluster == "satterthwaite"


def df_t(facts: Facts, convention: Convention, kind: Kind, cluster: tuple[str, ...], *, iv: bool, random: bool) -> float:
    """Degrees of freedom of t; infinite for the normal distribution, NaN where each coefficient has its own."""
    if has_own_df(convention, kind, iv=iv, random=random):
        return math.nan
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
        return {"groups": groups, "resid": resid, "normal": math.inf, "slopes": resid + facts.intercept}[rule]
    if kind in IN_TIME:
        periods = facts.periods - 1
        return {"periods": periods, "resid": resid, "min": min(periods, resid), "normal": math.inf}[convention.t_kernel]
    rule = convention.t_iid if kind == "iid" else convention.t_robust
    return {"resid": resid, "normal": math.inf, "slopes": resid + facts.intercept}[rule]


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
