"""Do two groups of units differ in a coefficient? Fisher's permutation test of group labels, on cross-products.

Stata's `bdiff` (Lian Yujun) deals observations out to two groups at random and refits both. Here whole units are dealt
out, so a unit's fixed effect stays whole and a group's estimate is that of the weighted sum of its units'
cross-products: no draw is refitted. Each group has its own coefficients, controls and period effects, as in a split sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parity.algebra.moments import Products, Undetermined, coordinates
from parity.analyses.replicates.eliminate import NULL
from parity.analyses.replicates.replicate import halves
from parity.analyses.resampling.wild import TIE
from parity.conventions.formulas import p_value


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
    (a, b), _ = halves(of, inside, outcome, regressors, term)
    gaps = a - b
    difference, replicates = float(gaps[0]), gaps[1:]
    return GroupDifference(float(a[0]), float(b[0]), difference, replicates, *p_values(difference, replicates))


@dataclass(frozen=True)
class Suest:
    """Seemingly unrelated estimation of two groups: z of the difference, and its two-sided p."""

    difference: float
    se: float
    z: float
    p: float


def suest(of: Products, outcome: str, regressors: Sequence[str], term: str, first: np.ndarray) -> Suest:
    """The difference of a coefficient between two groups of whole units, errors clustered by unit (Weesie 1999).

    Stata's `suest`: factor G/(G - 1), G the units of both groups together, and the normal distribution. Groups share no
    unit, so the two estimates are uncorrelated. Each group has its own controls and period effects. Stata's suest takes no
    `xtreg, fe`: there the columns are demeaned by unit first, which is what this is.
    Raises `Undetermined` where a coefficient is not determined within a group.
    """
    found = [_own(of, mask, outcome, regressors, term) for mask in (first, ~first)]
    factor = of.clusters / (of.clusters - 1)
    difference, se = found[0][0] - found[1][0], float(np.sqrt(factor * (found[0][1] + found[1][1])))
    return Suest(difference, se, difference / se, p_value(difference / se, float("inf")))


def _own(of: Products, mask: np.ndarray, outcome: str, regressors: Sequence[str], term: str) -> tuple[float, float]:
    """Coefficient and uncorrected clustered variance in one group: cross-products of it alone, nuisance out."""
    r = of.nuisance
    gram = of.gram[mask]
    total = gram.sum(axis=0)
    out = np.linalg.pinv(total[:r, :r], rcond=NULL, hermitian=True) @ total[:r, r:]
    net = np.vstack([-out, np.eye(total.shape[0] - r)])  # coordinates net of the nuisance, in the whole basis
    free, _ = coordinates(of, (*regressors, outcome))
    columns = net @ free
    inner = columns.T @ total @ columns
    k = len(regressors)
    varies = np.diag(inner)[:k] > NULL * np.einsum("ij,ij->j", free[:, :k], free[:, :k])
    scale = np.sqrt(np.where(varies, np.diag(inner)[:k], 1.0))
    correlation = inner[:k, :k] / np.outer(scale, scale)
    if not varies.all() or np.linalg.matrix_rank(correlation, hermitian=True, tol=NULL) < k:
        raise Undetermined(f"the coefficient of `{term}` is not determined within a group")
    inverse = np.linalg.inv(correlation) / np.outer(scale, scale)
    b = inverse @ inner[:k, k]
    resid = columns[:, k] - columns[:, :k] @ b
    at = list(regressors).index(term)
    scores = gram @ resid @ (columns[:, :k] @ inverse[:, at])
    return float(b[at]), float(scores @ scores)


def p_values(difference: float, replicates: np.ndarray) -> tuple[float, float]:
    """One-sided on the side of the difference, and two-sided; ties but for rounding count as at least as large."""
    known = replicates[~np.isnan(replicates)]
    slack = TIE * max(abs(difference), float(known.std()) if len(known) else 0.0)
    side = 1.0 if difference >= 0 else -1.0
    one = np.mean(side * known >= abs(difference) - slack)
    return float(one), float(np.mean(np.abs(known) >= abs(difference) - slack))
