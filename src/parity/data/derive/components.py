"""Principal components weighted by their eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from parity.base.tolerance import EIGEN_GAP, EIGEN_ZERO, KAISER
from parity.data.derive.problem import DeriveProblem
from parity.study.index import IndexSettings


@dataclass(frozen=True)
class Composite:
    """score = (z - centre) / spread @ coefficients. eigenvalues: all, falling; kept: how many count."""

    centre: np.ndarray
    spread: np.ndarray
    coefficients: np.ndarray
    eigenvalues: np.ndarray
    kept: int


def composite(z: np.ndarray, s: IndexSettings) -> Composite:
    """The eigenvalue-weighted sum of the components kept, as coefficients of the standardised columns. z: (rows, columns).

    Raises `DeriveProblem` where the rule keeps a component whose direction the data don't determine: an eigenvalue that
    repeats, or one that decides the rule by rounding.
    """
    centre = z.mean(axis=0)
    spread = z.std(axis=0, ddof=s.ddof) if s.pca_matrix == "correlation" else np.ones(z.shape[1])
    unit = (z - centre) / spread
    values, vectors = np.linalg.eigh(unit.T @ unit / (len(z) - s.ddof))
    values, vectors = values[::-1], vectors[:, ::-1]
    values = np.where(values < EIGEN_ZERO * values[0], 0.0, values)
    kept = _kept(values, s)
    _check(values, kept)
    share = values[:kept] / (values[:kept].sum() if s.pca_shares_of == "kept" else values.sum())
    loadings = vectors[:, :kept] * _signs(vectors[:, :kept], s.pca_sign)
    scale = np.sqrt(values[:kept]) if s.pca_scores == "standardised" else np.ones(kept)
    return Composite(centre, spread, loadings @ (share / scale), values, kept)


def _kept(values: np.ndarray, s: IndexSettings) -> int:
    positive = int((values > 0).sum())
    if s.pca_keep == "first":
        return 1
    if s.pca_keep == "all":
        return positive
    if s.pca_keep == "kaiser":
        # one column, or uncorrelated ones: every eigenvalue is the mean, and the first is taken
        return max(1, int((values > values.mean() * (1 + KAISER)).sum()))
    reached = np.cumsum(values) / values.sum() >= s.pca_share - KAISER
    return min(int(np.argmax(reached)) + 1, positive)


def _check(values: np.ndarray, kept: int) -> None:
    for i in range(min(kept, len(values) - 1)):
        if values[i] - values[i + 1] < EIGEN_GAP * values[i]:
            raise DeriveProblem(
                f"eigenvalues {i + 1} and {i + 2} are equal ({values[i]:.6g}): the components are not determined"
            )


def _signs(vectors: np.ndarray, rule: str) -> np.ndarray:
    """+1 or -1 per column. A sum of loadings that is zero to rounding is decided by the largest loading."""
    size = np.abs(vectors)
    # among loadings equal to rounding the first is the largest, whatever the last bit says
    largest = vectors[np.argmax(size >= size.max(axis=0) - EIGEN_ZERO, axis=0), np.arange(vectors.shape[1])]
    by = {"sum": vectors.sum(axis=0), "largest": largest, "first": vectors[0]}[rule]
    return np.where(np.where(np.abs(by) < EIGEN_ZERO, largest, by) < 0, -1.0, 1.0)
