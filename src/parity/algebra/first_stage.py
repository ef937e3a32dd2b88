"""Wald statistics of the excluded instruments in the first stage, for a batch of subsets of controls at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from parity.base.tolerance import COLLINEAR, SINGULAR


class Meat(Protocol):
    """The middle of a sandwich as a quadratic form, see `parity.algebra.subsets.Meat`."""

    @staticmethod
    def products(pull: np.ndarray, resid: np.ndarray) -> np.ndarray: ...

    def variances(self, z: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class FirstStage:
    """Of b subsets, l instruments and m coordinates.

    tools   (l, m, b) the instruments, orthonormal, net of the controls
    along   (l, b) coefficients of the column on them; left: (m, b) what they leave of the column
    """

    tools: np.ndarray
    along: np.ndarray
    left: np.ndarray

    def of_iid(self) -> np.ndarray:
        """(b,) chi-squared over N: the share that instruments explain over what they leave; NaN where that is nothing."""
        rest, explained = _squares(self.left), np.einsum("lb,lb->b", self.along, self.along)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self._determined(), explained / rest, np.nan)

    def of_meat(self, meat: Meat) -> np.ndarray:
        """(b,) chi-squared, robust or clustered: a'S^-1 a, S the covariance of the instruments' moments; NaN where S is
        singular."""
        count = len(self.tools)
        z = [meat.products(tool, self.left) for tool in self.tools]
        s = np.empty((self.left.shape[1], count, count))
        for i in range(count):
            s[:, i, i] = meat.variances(z[i])
        for i, j in itertools.combinations(range(count), 2):
            s[:, i, j] = s[:, j, i] = (meat.variances(z[i] + z[j]) - s[:, i, i] - s[:, j, j]) / 2
        scale = np.sqrt(np.maximum(np.diagonal(s, axis1=1, axis2=2), 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            correlation = s / (scale[:, :, None] * scale[:, None, :])
            moments = self.along.T / scale
        good = self._determined() & np.isfinite(correlation).all(axis=(1, 2)) & np.isfinite(moments).all(axis=1)
        out = np.full(len(s), np.nan)
        values, vectors = np.linalg.eigh(np.where(good[:, None, None], correlation, np.eye(count)))
        good &= values[:, 0] > SINGULAR
        turned = np.einsum("blk,bl->bk", vectors[good], moments[good])
        out[good] = np.sum(turned**2 / values[good], axis=1)
        return out

    def _determined(self) -> np.ndarray:
        """(b,) whether instruments leave something of the column."""
        whole = _squares(self.left) + np.einsum("lb,lb->b", self.along, self.along)
        return _squares(self.left) > COLLINEAR**2 * whole


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("mb,mb->b", rows, rows)
