"""Spread of one column in one period: standard deviations, Gini's coefficient and its parts, a kernel density.

Sources: Barro and Sala-i-Martin (1992), sigma convergence as the sd of logs over time; Dagum (1997), Empirical Economics
22, 515-531, the decomposition into within, net between and transvariation; Silverman (1986), page 48, and Scott (1992),
page 152, for bandwidths. n values, mean m.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from parity.base.errors import Unestimable


def spread(v: np.ndarray, ddof: int) -> dict[str, float]:
    """nobs, mean, sd, cv = sd/mean, and the sd of logs where all are positive. v: (n,); sd divides by n - ddof."""
    n = len(v)
    mean = math.fsum(v) / n
    out = {"nobs": float(n), "mean": mean}
    if n > ddof:
        out["sd"] = _sd(v, ddof)
        if mean:
            out["cv"] = out["sd"] / mean
        if v.min() > 0:
            out["sd of log"] = _sd(np.log(v), ddof)
    return out


def _sd(v: np.ndarray, ddof: int) -> float:
    if v.max() == v.min():  # the mean of equal values may be off them by its rounding
        return 0.0
    mean = math.fsum(v) / len(v)
    return math.sqrt(math.fsum((v - mean) ** 2) / (len(v) - ddof))


# ---------------------------------------------------------------- Gini and Dagum


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Mean of |a_i - b_j| over all pairs: between two neighbouring values lie F_a (1 - F_b) + F_b (1 - F_a) of the pairs.

    Sums of gaps cancel nothing, however far from zero the values are.
    """
    x = np.sort(np.concatenate([a, b]))
    share_a, share_b = (np.searchsorted(np.sort(of), x[:-1], side="right") / len(of) for of in (a, b))
    return math.fsum(np.diff(x) * (share_a * (1.0 - share_b) + share_b * (1.0 - share_a)))


def gini(v: np.ndarray) -> float:
    """Mean distance of all n^2 pairs over twice the mean."""
    return distance(v, v) / (2.0 * float(np.mean(v)))


def dagum(v: np.ndarray, groups: Sequence[str]) -> dict[str, float]:
    """Gini's coefficient and, of several groups, its parts and shares; `gini of J`, `gini of J and H` by group and pair.

    With p_j = n_j/n and s_j = n_j m_j/(n m): within = sum G_jj p_j s_j; of each pair G_jh (p_j s_h + p_h s_j) falls to net
    between by D_jh = (d_jh - p_jh)/(d_jh + p_jh), and to transvariation by 1 - D_jh. Of groups with m_j >= m_h the
    difference d_jh - p_jh is m_j - m_h, and the sum is the mean distance. Raises `Unestimable` for values below zero, which
    have no Gini between 0 and 1.
    """
    if v.min() < 0 or not v.max() > 0:
        raise Unestimable("Gini's coefficient is of values that are not negative, and not all zero")
    out = {"gini": gini(v)}
    names = sorted(set(groups))
    if len(names) < 2:
        return out
    codes = np.array(groups, dtype=object)
    of = {name: v[codes == name] for name in names}
    share = {name: len(x) / len(v) for name, x in of.items()}
    mean = {name: float(np.mean(x)) for name, x in of.items()}
    above = {name: float(np.mean(x - v.min())) for name, x in of.items()}  # whose differences have more digits
    weight = {name: share[name] * mean[name] / float(np.mean(v)) for name in names}
    own = {name: gini(x) if mean[name] > 0 else 0.0 for name, x in of.items()}
    within = math.fsum(own[j] * share[j] * weight[j] for j in names)
    net, over = [], []
    for i, j in enumerate(names):
        for h in names[:i]:
            apart, means = distance(of[j], of[h]), mean[j] + mean[h]
            between = apart / means if means > 0 else 0.0
            out[f"gini of {h} and {j}"] = between
            part = between * (share[j] * weight[h] + share[h] * weight[j])
            affluence = min(1.0, abs(above[j] - above[h]) / apart) if apart > 0 else 0.0
            net.append(part * affluence)
            over.append(part * (1.0 - affluence))
    parts = {"within": within, "between": math.fsum(net), "transvariation": math.fsum(over)}
    out |= {f"gini {name}": value for name, value in parts.items()}
    if out["gini"] > 0:
        out |= {f"share {name}": value / out["gini"] for name, value in parts.items()}
    return out | {f"gini of {name}": own[name] for name in names}


# ---------------------------------------------------------------- kernel density


def bandwidth(v: np.ndarray, rule: str) -> float:
    """By the rule's formula, see `DistributionSettings`. Raises `Unestimable` where nothing varies."""
    n = len(v)
    if n < 2 or v.max() == v.min():
        raise Unestimable("a density needs two values that differ")
    sd = _sd(v, 1)
    if rule == "scott":
        return sd * n**-0.2
    if rule == "silverman":
        return sd * (n * 3.0 / 4.0) ** -0.2
    if rule == "matlab":
        size = float(np.median(np.abs(v - np.median(v)))) / 0.6745
        return (size if size > 0 else float(v.max() - v.min())) * (4.0 / (3.0 * n)) ** 0.2
    # Stata's quartiles average the two values at a jump (type 2), R's interpolate between them (type 7)
    method = "averaged_inverted_cdf" if rule == "stata" else "linear"
    low, high = np.quantile(v, [0.25, 0.75], method=method)
    size = min(sd, float(high - low) / (1.349 if rule == "stata" else 1.34))
    return (1.06 if rule == "nrd" else 0.9) * (size if size > 0 else sd) * n**-0.2


def grid(by_period: Mapping[str, np.ndarray], widths: Mapping[str, float], points: int) -> np.ndarray:
    """(points,) evenly from three bandwidths below the least value to three above the largest, of all periods."""
    wide = 3.0 * max(widths.values())
    low, high = (
        min(float(v.min()) for v in by_period.values()) - wide,
        max(float(v.max()) for v in by_period.values()) + wide,
    )
    return low + (high - low) * np.arange(points) / (points - 1)


def density(v: np.ndarray, at: np.ndarray, width: float, kernel: str) -> np.ndarray:
    """(points,) mean of kernels of sd one around each value; Epanechnikov's is 3/4 (1 - z^2/5)/sqrt(5) within sqrt(5)."""
    z = (at[:, None] - v[None, :]) / width
    if kernel == "gaussian":
        k = np.exp(-(z**2) / 2.0) / math.sqrt(2.0 * math.pi)
    else:
        k = np.where(z**2 < 5.0, 0.75 * (1.0 - z**2 / 5.0) / math.sqrt(5.0), 0.0)
    return k.sum(axis=1) / (len(v) * width)
