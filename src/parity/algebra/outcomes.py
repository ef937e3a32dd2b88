"""Probability of one of several outcomes, averaged, and its effects, each with its gradient by all coefficients.

Definitions: [R] mlogit postestimation, ologit postestimation, margins: Methods and formulas; Greene (2018), section 18.2.
With P the probability of the outcome at a row and eta_m the index of equation m, an effect of a variable that moves x by z
is the sum of dP/deta_m z'b_m; of an ordered model it is (f(low) - f(high)) z'b, low and high the cuts around the outcome
less x'b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.algebra.margins import Margin

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Multinomial:
    """Of outcome `chosen` of `outcomes` (places from 0), with the coefficients (outcomes - 1, k) of all but `base`."""

    outcomes: int
    base: int
    chosen: int

    def probabilities(self, b: Array, x: Array) -> Array:
        """(n, outcomes), of coefficients one equation after the other and rows x (n, k)."""
        index = np.zeros((len(x), self.outcomes))
        index[:, self._others] = x @ b.reshape(self.outcomes - 1, -1).T
        index -= index.max(axis=1, keepdims=True)
        each = np.exp(index)
        return each / each.sum(axis=1, keepdims=True)

    @property
    def _others(self) -> list[int]:
        return [j for j in range(self.outcomes) if j != self.base]

    def _slopes(self, p: Array) -> Array:
        """(n, outcomes - 1) of the probability by the index of each equation."""
        own = p[:, [self.chosen]]
        return own * (np.eye(self.outcomes)[self.chosen] - p)[:, self._others]

    def response(self, b: Array, x: Array, shares: Array) -> Margin:
        """Of rows x (n, k), weighted by shares (n,) that sum to one."""
        p = self.probabilities(b, x)
        return Margin(float(shares @ p[:, self.chosen]), ((shares[:, None] * self._slopes(p)).T @ x).ravel())

    def slope(self, b: Array, x: Array, z: Array, shares: Array) -> Margin:
        """z (n, k): the derivative of each row of x (n, k) by the variable."""
        p = self.probabilities(b, x)
        moved = z @ b.reshape(self.outcomes - 1, -1).T
        along = np.zeros_like(p)
        along[:, self._others] = moved
        mean = (p * along).sum(axis=1)
        apart = along[:, self.chosen] - mean
        first, own = self._slopes(p), p[:, self.chosen]
        second = first * apart[:, None] - (own[:, None] * p * (along - mean[:, None]))[:, self._others]
        gradient = (shares[:, None] * second).T @ x + (shares[:, None] * first).T @ z
        return Margin(float(shares @ (own * apart)), gradient.ravel())


@dataclass(frozen=True)
class Ordered:
    """Of outcome `chosen` of `outcomes` (places from 0); coefficients are slopes (k,), and behind them the cuts.

    model: "ologit" or "oprobit"
    """

    model: str
    outcomes: int
    chosen: int

    def _ends(self, b: Array, x: Array) -> tuple[Array, Array, Array]:
        """Index, and how far the cuts above and below the outcome are from it; infinite where there is none."""
        k = x.shape[1]
        cuts = np.concatenate([[-np.inf], b[k:], [np.inf]])
        index = x @ b[:k]
        return index, cuts[self.chosen + 1] - index, cuts[self.chosen] - index

    def probabilities(self, b: Array, x: Array) -> Array:
        """(n,) of the outcome."""
        from parity.algebra.categorical import between

        _, high, low = self._ends(b, x)
        return between(self.model, low, high)

    def _gradient(self, x: Array, high: Array, low: Array, beside: Array | None = None) -> Array:
        """(k + cuts,) of weights of rows by the upper end and by the lower. beside (k,): what the slopes get besides."""
        k = x.shape[1]
        out = np.zeros(k + self.outcomes - 1)
        out[:k] = -(high + low) @ x
        if beside is not None:
            out[:k] += beside
        if self.chosen < self.outcomes - 1:
            out[k + self.chosen] = high.sum()
        if self.chosen:
            out[k + self.chosen - 1] = low.sum()
        return out

    def response(self, b: Array, x: Array, shares: Array) -> Margin:
        """Of rows x (n, k), weighted by shares (n,) that sum to one."""
        from parity.algebra.categorical import density

        _, high, low = self._ends(b, x)
        f_high, f_low = density(self.model, high)[0], density(self.model, low)[0]
        return Margin(float(shares @ self.probabilities(b, x)), self._gradient(x, shares * f_high, -shares * f_low))

    def slope(self, b: Array, x: Array, z: Array, shares: Array) -> Margin:
        """z (n, k): the derivative of each row of x (n, k) by the variable."""
        from parity.algebra.categorical import density

        _, high, low = self._ends(b, x)
        (f_high, s_high), (f_low, s_low) = density(self.model, high), density(self.model, low)
        along, change = z @ b[: x.shape[1]], shares * (f_low - f_high)
        gradient = self._gradient(x, -shares * s_high * along, shares * s_low * along, change @ z)
        return Margin(float(change @ along), gradient)


OfOutcome = Multinomial | Ordered


def of_outcome(model: str, outcomes: int, base: int, chosen: int) -> OfOutcome:
    return Multinomial(outcomes, base, chosen) if model == "mlogit" else Ordered(model, outcomes, chosen)
