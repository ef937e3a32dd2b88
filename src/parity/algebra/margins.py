"""Marginal effects of a model of one index x'b, each with its gradient by the coefficients, for the delta method.

Definitions: [R] margins, Methods and formulas; Greene (2018), section 17.3. With F the response (a probability, a mean, or
the index itself) and z the derivative of x by a variable, the effect of the variable at a row is F'(x'b) z'b, and its
gradient F''(x'b) z'b x + F'(x'b) z. Effects of rows are averaged, weighted; an effect at means is that of one row.
Elasticities are effects on log F, or of log x: then z is the derivative of x times the variable.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """Of each row, at its index: the response, its slope and its second derivative."""

    value: Array
    slope: Array
    second: Array

    def log(self) -> Response:
        """Of its logarithm; NaN where it is nought or less, though its slope over it is a number there."""
        with np.errstate(divide="ignore", invalid="ignore"):
            slope = self.slope / self.value
            return Response(np.log(self.value), slope, self.second / self.value - slope * slope)


def _logit(index: Array) -> Response:
    from scipy import special

    p, q = special.expit(index), special.expit(-index)
    return Response(p, p * q, p * q * (q - p))


def _probit(index: Array) -> Response:
    from scipy import special

    density = np.exp(-index * index / 2) / math.sqrt(2 * math.pi)
    return Response(special.ndtr(index), density, -index * density)


def _poisson(index: Array) -> Response:
    mean = np.exp(index)
    return Response(mean, mean, mean)


def _linear(index: Array) -> Response:
    return Response(index, np.ones(len(index)), np.zeros(len(index)))


#: By model; "" is the index itself.
RESPONSES: dict[str, Callable[[Array], Response]] = {
    "logit": _logit, "probit": _probit, "poisson": _poisson, "": _linear,
}  # fmt: skip


@dataclass(frozen=True)
class Margin:
    """A number and its gradient (k,) by the coefficients."""

    value: float
    gradient: Array

    def less(self, other: Margin) -> Margin:
        return Margin(self.value - other.value, self.gradient - other.gradient)


def _at(model: str, index: Array, log: bool) -> Response:
    return RESPONSES[model](index).log() if log else RESPONSES[model](index)


def mean_response(model: str, b: Array, x: Array, shares: Array, log: bool = False) -> Margin:
    """Of rows x (n, k), weighted by shares (n,) that sum to one. log: of the response's logarithm."""
    at = _at(model, x @ b, log)
    return Margin(float(shares @ at.value), (shares * at.slope) @ x)


def mean_slope(model: str, b: Array, x: Array, z: Array, shares: Array, log: bool = False) -> Margin:
    """z (n, k): the derivative of each row of x (n, k) by the variable. log: of the response's logarithm."""
    at, along = _at(model, x @ b, log), z @ b
    return Margin(float(shares @ (at.slope * along)), (shares * at.second * along) @ x + (shares * at.slope) @ z)


def mean_difference(model: str, b: Array, x: Array, base: Array, shares: Array, log: bool = False) -> Margin:
    """Of the response, or its logarithm, at rows x (n, k) and at rows `base`, alike but for the variable."""
    return mean_response(model, b, x, shares, log).less(mean_response(model, b, base, shares, log))


def delta_method(gradients: Array, v: Array) -> Array:
    """Covariance (m, m) of numbers with gradients (m, k), from that of the coefficients (k, k)."""
    return gradients @ v @ gradients.T
