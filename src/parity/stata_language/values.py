"""Stata's numbers in arrays of doubles: missing values that are ordered, and storage types that round.

`.` is NaN; `.a` to `.z` are NaNs that carry their letter in the payload, so arithmetic treats all alike and only
comparisons look at the letter. [U] 12.2.1, 12.2.2.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from parity.base.tolerance import MADE_OF_FLOATS

Doubles = NDArray[np.float64]
Texts = NDArray[np.object_]

_QUIET = 0x7FF8_0000_0000_0000
#: Type -> least and largest value it holds.
INTEGERS = {"byte": (-127, 100), "int": (-32_767, 32_740), "long": (-2_147_483_647, 2_147_483_620)}
LARGEST_FLOAT = 1.70141173319e38


def missing(code: int = 0) -> float:
    """`.` for 0, `.a` for 1 ... `.z` for 26."""
    return struct.unpack("<d", struct.pack("<Q", _QUIET | code))[0]


def codes(values: Doubles) -> NDArray[np.int64]:
    """0 for `.`, 1 to 26 for its letters; -1 where a number is."""
    bits = values.view(np.int64) & 0xFF
    return np.where(np.isnan(values), np.where(bits <= 26, bits, 0), -1)


def settled(values: Doubles) -> Doubles:
    """What arithmetic with a missing value gives is `.`, whatever its letter; so is infinity."""
    wrong = ~np.isfinite(values)
    return np.where(wrong, np.nan, values) if wrong.any() else values


def compare(operator: str, left: Doubles, right: Doubles) -> Doubles:
    """1 or 0; missing is larger than every number, `.a` larger than `.`. operator: == != < <= > >=."""
    numbers: dict[str, Callable] = {
        "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    }  # fmt: skip
    found = numbers[operator](left, right)
    lost = np.isnan(left) | np.isnan(right)
    if np.any(lost):
        a, b = codes(np.ascontiguousarray(left)), codes(np.ascontiguousarray(right))
        found = np.where(lost, numbers[operator](a, b), found)
    return found.astype(np.float64)


def true(values: Doubles) -> NDArray[np.bool_]:
    """What `if` keeps: everything but zero, missing values too."""
    return values != 0


def stored(values: Doubles, kind: str) -> Doubles:
    """Values as a storage type holds them: float has 24 bits; what doesn't fit becomes missing, fractions are cut."""
    if kind == "double":
        return values
    if kind == "float":
        with np.errstate(over="ignore", invalid="ignore"):
            cut = values.astype(np.float32).astype(np.float64)
        lost = np.isnan(values)
        cut = np.where(np.abs(values) > LARGEST_FLOAT, np.nan, cut)
        return np.where(lost, values, cut) if lost.any() else cut
    least, most = INTEGERS[kind]
    whole = np.trunc(values)
    outside = (whole < least) | (whole > most)
    return np.where(outside, np.nan, whole) if outside.any() else whole


def fits(values: Doubles, kind: str) -> bool:
    """Whether a storage type holds every value exactly."""
    if kind == "double":
        return True
    there = values[~np.isnan(values)]
    if kind == "float":
        return bool(np.all(there.astype(np.float32).astype(np.float64) == there))
    least, most = INTEGERS[kind]
    return bool(np.all((there == np.trunc(there)) & (there >= least) & (there <= most)))


def smallest(values: Doubles, *, most: str = "double") -> str:
    """The smallest type that holds the values: compress, encode and integer constants use it."""
    return next((kind for kind in ("byte", "int", "long") if fits(values, kind)), most)


def promoted(values: Doubles, kind: str) -> str:
    """The type that `replace` turns a variable into where the new values don't fit. [D] generate."""
    if kind in ("double", "float") or fits(values, kind):
        return kind
    for wider in ("int", "long"):
        if list(INTEGERS).index(wider) > list(INTEGERS).index(kind) and fits(values, wider):
            return wider
    there = values[~np.isnan(values)]
    whole = bool(np.all(there == np.trunc(there)))  # fractions make a float of a byte or an int, to its 24 bits
    return "double" if kind == "long" or whole or bool(np.any(np.abs(there) > 2**24)) else "float"


def alike(x: NDArray, y: NDArray) -> bool:
    """Whether two columns hold the same, but for what storage types round."""
    if object in (x.dtype, y.dtype):
        return x.dtype == y.dtype and bool(np.all(x == y))
    return bool(np.allclose(x, y, rtol=MADE_OF_FLOATS, atol=0.0, equal_nan=True))
