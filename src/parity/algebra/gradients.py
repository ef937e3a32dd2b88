"""A number with its gradient: functions of coefficients for the delta method, without a step size.

The arithmetic of forward differentiation (Griewank and Walther 2008, chapter 3): linear functions are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dual:
    """A value and its (k,) gradient by k numbers."""

    value: float
    slope: NDArray[np.float64]

    @classmethod
    def constant(cls, value: float, k: int) -> Dual:
        return cls(value, np.zeros(k))

    @classmethod
    def coordinate(cls, values: NDArray[np.float64], at: int) -> Dual:
        """One of the k numbers itself."""
        slope = np.zeros(len(values))
        slope[at] = 1.0
        return cls(float(values[at]), slope)

    def negative(self) -> Dual:
        return Dual(-self.value, -self.slope)


#: Function -> itself and its derivative.
FUNCTIONS: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "exp": (math.exp, math.exp), "ln": (math.log, lambda x: 1 / x), "log": (math.log, lambda x: 1 / x),
    "sqrt": (math.sqrt, lambda x: 0.5 / math.sqrt(x)), "abs": (abs, lambda x: math.copysign(1.0, x)),
    "sin": (math.sin, math.cos), "cos": (math.cos, lambda x: -math.sin(x)),
    "log10": (math.log10, lambda x: 1 / (x * math.log(10))), "log1p": (math.log1p, lambda x: 1 / (1 + x)),
}  # fmt: skip


def applied(name: str, a: Dual) -> Dual:
    """One of `FUNCTIONS`. Raises `ValueError`, `ZeroDivisionError` or `OverflowError` where it has no value or gradient."""
    function, derivative = FUNCTIONS[name]
    return Dual(function(a.value), derivative(a.value) * a.slope)


def combined(operator: str, a: Dual, b: Dual) -> Dual:
    """operator: + - * / ^. Raises as `applied`."""
    match operator:
        case "+":
            return Dual(a.value + b.value, a.slope + b.slope)
        case "-":
            return Dual(a.value - b.value, a.slope - b.slope)
        case "*":
            return Dual(a.value * b.value, a.slope * b.value + b.slope * a.value)
        case "/":
            return Dual(a.value / b.value, (a.slope - b.slope * (a.value / b.value)) / b.value)
    value = a.value**b.value
    if isinstance(value, complex):
        raise ValueError("a root of a negative number")
    slope = b.value * a.value ** (b.value - 1) * a.slope if np.any(a.slope) else np.zeros(len(a.slope))
    if np.any(b.slope):
        slope = slope + value * math.log(a.value) * b.slope
    return Dual(value, slope)
