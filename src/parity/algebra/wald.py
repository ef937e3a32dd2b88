"""Wald's statistic, and Hausman's contrast of two estimates.

Greene (2018), sections 5.4 (Wald) and 11.5.5 (Hausman); Hausman (1978), Econometrica 46.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.base.tolerance import COLLINEAR, SINGULAR_SLOPES

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Quadratic:
    """value: d' V^- d; df: the rank of V; lost: by how much the form magnifies relative errors of V."""

    value: float
    df: int
    lost: float


def wald(d: Array, v: Array) -> Quadratic:
    """d' V^-1 d of q numbers (q,) with covariance v (q, q). Raises `ValueError` where v has not full rank."""
    size = np.sqrt(np.abs(np.diag(v)))
    if not np.all(np.isfinite(v)) or not np.all(size > 0):
        raise ValueError("a restriction has no variance")
    correlation = v / np.outer(size, size)
    root, axes = np.linalg.eigh(correlation)
    if root[0] < -SINGULAR_SLOPES:
        raise ValueError("the covariance of the restrictions is not positive definite")
    rank = int(np.sum(root > SINGULAR_SLOPES))
    if rank < len(d):
        raise ValueError(f"of {len(d)} restrictions this covariance tells {rank} apart")
    return Quadratic(float(np.sum((axes.T @ (d / size)) ** 2 / root)), rank, float(root[-1] / root[0]))


def contrast(gap: Array, difference: Array, size: Array) -> Quadratic | None:
    """Of a gap (q,) between two estimates with covariance `difference` (q, q), which need not be positive definite.

    size: (q,) standard errors of the terms, which take their units out. Where the difference of covariances is singular,
    its rank is the degrees of freedom and its Moore-Penrose inverse the weight, as Stata's hausman has it: the effects of
    years of a balanced panel differ only through the slopes. None where it is nought.
    """
    root, axes = np.linalg.eigh(difference / np.outer(size, size))
    kept = np.abs(root) > COLLINEAR * np.abs(root).max()
    if not np.any(kept):
        return None
    value = float(np.sum((axes.T @ (gap / size))[kept] ** 2 / root[kept]))
    return Quadratic(value, int(np.sum(kept)), max(1.0, 1.0 / float(np.abs(root[kept]).min())))
