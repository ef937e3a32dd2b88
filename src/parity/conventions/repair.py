"""Negative eigenvalues of a covariance by several cluster variables, which is a difference of sums and may have them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parity.base.tolerance import INDEFINITE, LEAST_DEVIATION
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused
from parity.conventions.settings import Convention


def is_indefinite(v: NDArray[np.float64]) -> bool:
    """Whether a covariance has a negative eigenvalue that is no rounding: a combination of coefficients of variance < 0."""
    diagonal = np.diag(v)
    if not np.all(np.isfinite(v)) or not len(v):
        return False
    if (diagonal < 0).any():
        return True
    size = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    return bool(np.linalg.eigvalsh(v / np.outer(size, size))[0] < -INDEFINITE)


def repaired(
    v: NDArray[np.float64], terms: Sequence[str], facts: Facts, convention: Convention, constant: str
) -> NDArray[np.float64]:
    """v (k, k), or what the convention makes of it: negative eigenvalues set to zero.

    Cameron, Gelbach and Miller (2011), section 2.3; reghdfe 6.12, `reghdfe_fix_psd`, on columns over their standard
    deviations: the slopes' part, and the whole for the row of the constant, `constant`. Raises `Refused` where nobody
    measured the columns of a covariance that has to be repaired.
    """
    if convention.psd == "kept" or len(facts.clusters) < 2 or not np.all(np.isfinite(v)) or np.linalg.eigvalsh(v)[0] >= 0:
        return v
    if missing := [t for t in terms if t != constant and t not in facts.deviations]:
        if not is_indefinite(v):
            return v
        raise Refused(f"its covariance must be repaired, and the spread of `{missing[0]}` was not counted")
    scale = np.array([max(facts.deviations.get(t, 1.0), LEAST_DEVIATION) for t in terms])
    slopes = np.array([t != constant for t in terms])
    scaled = v * np.outer(scale, scale)
    found = _clipped(scaled)
    if slopes.any() and not slopes.all():
        inner = np.ix_(slopes, slopes)
        found[inner] = _clipped(scaled[inner])
    return found / np.outer(scale, scale)


def _clipped(v: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(v)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T
