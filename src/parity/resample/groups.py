"""Do two groups of units differ in a coefficient? Fisher's permutation test of group labels, on cross-products.

Stata's `bdiff` (Lian Yujun) deals observations out to two groups at random and refits both. Here whole units are dealt
out, so a unit's fixed effect stays whole and a group's estimate is that of the weighted sum of its units'
cross-products: no draw is refitted. Each group has its own coefficients, controls and period effects, as in a split sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity.moments import Products
from parity.resample.replicate import replicate
from parity.resample.wild import TIE


@dataclass(frozen=True)
class GroupDifference:
    """Coefficient in the first group less that in the second.

    first, second, difference    of the groups as they are
    replicates                   (B,) differences under random groups of the same sizes; NaN where one is undetermined
    p_one                        share of replicates at least as far out on the side of the difference: bdiff's empirical p
    p                            share at least as large in absolute value
    """

    first: float
    second: float
    difference: float
    replicates: np.ndarray
    p_one: float
    p: float


def group_difference(
    of: Products, outcome: str, regressors: Sequence[str], term: str, first: np.ndarray, draws: np.ndarray
) -> GroupDifference:
    """first: (G,) mask of the units in the first group; draws: (B, k) units of the first group, from 0.

    Raises `ValueError` where the draws' groups are of another size than the first.
    """
    if draws.shape[1] != int(first.sum()):
        raise ValueError(f"groups of {draws.shape[1]} are drawn, and the first has {int(first.sum())} units")
    inside = np.zeros((len(draws) + 1, of.clusters))
    inside[0] = first
    inside[np.arange(1, len(draws) + 1)[:, None], draws] = 1.0
    a, b = (_coefficient(of, weights, outcome, regressors, term) for weights in (inside, 1.0 - inside))
    gaps = a - b
    difference, replicates = float(gaps[0]), gaps[1:]
    return GroupDifference(float(a[0]), float(b[0]), difference, replicates, *p_values(difference, replicates))


def p_values(difference: float, replicates: np.ndarray) -> tuple[float, float]:
    """One-sided on the side of the difference, and two-sided; ties but for rounding count as at least as large."""
    known = replicates[~np.isnan(replicates)]
    slack = TIE * max(abs(difference), float(known.std()) if len(known) else 0.0)
    side = 1.0 if difference >= 0 else -1.0
    one = np.mean(side * known >= abs(difference) - slack)
    return float(one), float(np.mean(np.abs(known) >= abs(difference) - slack))


def _coefficient(of: Products, weights: np.ndarray, outcome: str, regressors: Sequence[str], term: str) -> np.ndarray:
    order = [*(name for name in regressors if name != term), term]
    return replicate(of, weights, order, [outcome], [len(order)])[0][:, -1, 0]
