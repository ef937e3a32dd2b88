"""Edits of finished numbers: what happens to an estimate on its way to the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import ClassVar

import numpy as np

from parity.base.terms import BESIDE
from parity.base.tolerance import CUT_AS_ROUNDED, HANDED_ON, OFF_BY_A_UNIT, ROUNDED_UP_TWICE, SLIP
from parity.diagnose.numbers import DERIVED, Numbers

#: Numbers of a row of a table.
ROW = ("coef", *DERIVED)


def concerns(term: str, name: str) -> bool:
    """Whether a number named `name` (a term, or a pair of terms) is about this term."""
    return name == term or name.startswith(f"{term} x ") or name.endswith(f" x {term}")


class Edit:
    """What most edits of the table do to coefficients: nothing, or something that is no multiplication."""

    def touches(self, quantity: str, term: str) -> bool:
        raise NotImplementedError

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        moved = any(self.touches("coef", term) for term in terms)
        return np.ones(len(terms)), math.inf if moved else 0.0

    def from_elsewhere(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray] | None:
        """Where coefficients come from that are others, see `PrintEdit`."""
        return None

    def can_leave(self, value: float) -> bool:
        """Whether a number in full precision may be one that the edit has left behind."""
        return True

    def by_chance(self, off: Mapping[tuple[str, str], bool]) -> float:
        """Probability that a page looks so without it, see `PrintEdit`."""
        return 0.0


@dataclass(frozen=True)
class Rescaled(Edit):
    """A coefficient times a factor, and all that follows from it; every coefficient where no term is named."""

    moves_estimate: ClassVar[bool] = True
    term: str
    factor: float

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in ("coef", "se", "ci_low", "ci_high", "vcov") and (not self.term or concerns(self.term, term))

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        return np.array([self.factor if self.term in ("", t) else 1.0 for t in terms]), 0.0

    def numbers(self, numbers: Numbers) -> Numbers:
        by, _ = self.on_coefficients(numbers.terms)
        return replace(numbers, coef=numbers.coef * by, vcov=numbers.vcov * np.outer(by, by))


def _exp(values: np.ndarray) -> np.ndarray:
    """exp(x), infinite where it is too large for a double: coefficients of a linear model may be in thousands."""
    with np.errstate(over="ignore"):
        return np.exp(values)


def _ratios(numbers: Numbers, values: np.ndarray) -> np.ndarray:
    """exp of the values of coefficients; cuts between ordered outcomes stay as they are."""
    return np.where([t.startswith(BESIDE) for t in numbers.terms], values, _exp(values))


def _ratio_se(numbers: Numbers) -> np.ndarray:
    beside = [t.startswith(BESIDE) for t in numbers.terms]
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(beside, 1.0, _exp(numbers.coef)) * numbers.se


@dataclass(frozen=True)
class Exponentiated(Edit):
    """exp of every coefficient and of both ends of its interval; t and p stay those of the coefficient.

    se: whether the standard errors are those of exp(b), by the delta method
    """

    moves_estimate: ClassVar[bool] = False
    se: bool

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in ("coef", "ci_low", "ci_high") or (self.se and quantity in ("se", "variance"))

    def numbers(self, numbers: Numbers) -> Numbers:
        columns = {
            name: (lambda before, name=name: _ratios(before, getattr(before, name)))
            for name in ("coef", "ci_low", "ci_high")
        }
        if self.se:
            columns["se"] = _ratio_se
            columns["variance"] = lambda before: _ratio_se(before) ** 2
        return numbers.showing(**columns)


@dataclass(frozen=True)
class SignFlipped(Edit):
    """One coefficient with the other sign; its t and interval follow."""

    moves_estimate: ClassVar[bool] = True
    term: str

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in ("coef", "t", "ci_low", "ci_high") and term == self.term

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        return np.array([-1.0 if t == self.term else 1.0 for t in terms]), 0.0

    def numbers(self, numbers: Numbers) -> Numbers:
        sign, _ = self.on_coefficients(numbers.terms)
        return replace(numbers, coef=numbers.coef * sign)


@dataclass(frozen=True)
class Exchanged(Edit):
    """One column of the table, or one term's number in it, holds another statistic, as `STATISTICS` computes it."""

    moves_estimate: ClassVar[bool] = False
    column: str
    statistic: str
    term: str = ""

    def touches(self, quantity: str, term: str) -> bool:
        return quantity == self.column and self.term in ("", term)

    def numbers(self, numbers: Numbers) -> Numbers:
        def column(before: Numbers) -> np.ndarray:
            here = np.array([self.term in ("", t) for t in before.terms])
            return np.where(here, STATISTICS[self.statistic](before), getattr(before, self.column))

        return numbers.showing(**{self.column: column})


STATISTICS = {
    "signed t": lambda n: n.t,
    "t": lambda n: np.abs(n.t),
    "se": lambda n: n.se,
    "p": lambda n: n.p,
    "variance": lambda n: n.se**2,
    "one-sided p": lambda n: n.p / 2,
}


@dataclass(frozen=True)
class Level(Edit):
    """Intervals of another level."""

    moves_estimate: ClassVar[bool] = True
    level: float

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in ("ci_low", "ci_high")

    def numbers(self, numbers: Numbers) -> Numbers:
        return replace(numbers, level=self.level)


@dataclass(frozen=True)
class StarsAt(Edit):
    """Stars at other levels of p."""

    moves_estimate: ClassVar[bool] = False
    cuts: tuple[float, ...]

    def touches(self, quantity: str, term: str) -> bool:
        return quantity == "stars"

    def numbers(self, numbers: Numbers) -> Numbers:
        return numbers.showing(stars=lambda before: np.sum([before.p < cut for cut in self.cuts], axis=0).astype(float))


@dataclass(frozen=True)
class StarsOf(Edit):
    """Another number of stars on one coefficient."""

    moves_estimate: ClassVar[bool] = False
    term: str
    count: int

    def touches(self, quantity: str, term: str) -> bool:
        return (quantity, term) == ("stars", self.term)

    def numbers(self, numbers: Numbers) -> Numbers:
        here = np.array([t == self.term for t in numbers.terms])
        return numbers.showing(stars=lambda before: np.where(here, float(self.count), before.stars))


@dataclass(frozen=True)
class Rounded(Edit):
    """Numbers rounded to significant digits (0: to 4-byte floats) and handed on as if they were exact."""

    moves_estimate: ClassVar[bool] = False
    quantities: tuple[str, ...]
    digits: int

    def touches(self, quantity: str, term: str) -> bool:
        return quantity in self.quantities

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        return np.ones(len(terms)), 10.0 ** (1 - (self.digits or 7)) if "coef" in self.quantities else 0.0

    def numbers(self, numbers: Numbers) -> Numbers:
        def column(quantity: str):
            return lambda before: self._round(getattr(before, quantity))

        return numbers.showing(**{q: column(q) for q in self.quantities if q not in ("vcov", "stars")})

    def can_leave(self, value: float) -> bool:
        """Only what is rounded itself, be it handed on as a 4-byte float or moved by a power of ten."""
        whole = self._round(np.array([value]))
        close = np.isclose(whole, value, rtol=HANDED_ON, atol=0) | (whole.astype(np.float32).astype(float) == value)
        return bool(close[0]) or not math.isfinite(value)

    def _round(self, values: np.ndarray) -> np.ndarray:
        if not self.digits:
            return values.astype(np.float32).astype(float)
        return np.array([float(f"{v:.{self.digits}g}") for v in values])


#: Significant digits that R's stargazer keeps of a number before it writes it with all its decimals.
KEPT_DIGITS = 7
#: How often the digit behind them is zero in a number that has all its digits.
ZERO_BEHIND = 0.1


@dataclass(frozen=True)
class Padded(Edit):
    """Numbers on the page rounded to `KEPT_DIGITS` significant digits, and zeros for the other decimals."""

    moves_estimate: ClassVar[bool] = False
    decimals: tuple[tuple[tuple[str, str], int], ...]

    def touches(self, quantity: str, term: str) -> bool:
        return any(place == (quantity, term) for place, _ in self.decimals)

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        return np.ones(len(terms)), 10.0 ** (1 - KEPT_DIGITS)

    def reaches(self, numbers: Numbers) -> bool:
        """Whether a number has decimals behind the digits kept."""
        sizes = [(abs(self._of(numbers, *place)), decimals) for place, decimals in self.decimals]
        return any(size >= 10.0 ** (KEPT_DIGITS - decimals) for size, decimals in sizes)

    def numbers(self, numbers: Numbers) -> Numbers:
        columns: dict[str, np.ndarray] = {}
        for quantity, term in (place for place, _ in self.decimals):
            kept = self._kept(self._of(numbers, quantity, term))
            if term in numbers.terms:
                columns.setdefault(quantity, getattr(numbers, quantity).copy())[numbers.terms.index(term)] = kept
            elif quantity == "f":
                columns["f"] = np.asarray(kept)
        return numbers.showing(**columns)

    @staticmethod
    def _of(numbers: Numbers, quantity: str, term: str) -> float:
        if quantity == "f":
            return float(numbers.f)
        return float(getattr(numbers, quantity)[numbers.terms.index(term)]) if term in numbers.terms else math.nan

    def by_chance(self, off: Mapping[tuple[str, str], bool]) -> float:
        return ZERO_BEHIND ** sum(off[place] for place, _ in self.decimals if place in off)

    def _kept(self, value: float) -> float:
        return float(f"{value:.{KEPT_DIGITS}g}")


#: As many digits as a double, or a printed number of any size, may have before and after its point.
_EXACT = Context(prec=2_000)


@dataclass(frozen=True)
class CutOff(Edit):
    """Numbers on the page cut off at their decimals, not rounded; or `twice` rounded, to one decimal more before."""

    moves_estimate: ClassVar[bool] = False
    decimals: tuple[tuple[tuple[str, str], int], ...]
    twice: bool = False

    def touches(self, quantity: str, term: str) -> bool:
        return any(place == (quantity, term) for place, _ in self.decimals)

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        return np.ones(len(terms)), 0.0  # by one unit of the last digit, which is twice what a printed number may be off

    def numbers(self, numbers: Numbers) -> Numbers:
        columns: dict[str, np.ndarray] = {}
        for (quantity, term), decimals in self.decimals:
            if term in numbers.terms:
                i = numbers.terms.index(term)
                column = columns.setdefault(quantity, getattr(numbers, quantity).copy())
                column[i] = self._shown(column[i], decimals) if math.isfinite(column[i]) else column[i]
        return numbers.showing(**columns)

    def by_chance(self, off: Mapping[tuple[str, str], bool]) -> float:
        touched = [off[place] for place, _ in self.decimals if place in off]
        wrong = sum(touched)
        if self.twice:
            return ROUNDED_UP_TWICE**wrong
        return OFF_BY_A_UNIT**wrong * CUT_AS_ROUNDED ** (len(touched) - wrong)

    def _shown(self, value: float, decimals: int) -> float:
        exact, unit = Decimal(value), Decimal(1).scaleb(-decimals)
        if not self.twice:
            return float(exact.quantize(unit, ROUND_DOWN, _EXACT))
        once = exact.quantize(unit.scaleb(-1), ROUND_HALF_UP, _EXACT)
        return float(once.quantize(unit, ROUND_HALF_UP, _EXACT))


def is_slip(right: float, read: float) -> bool:
    """Whether a number is off by more than what float storage or a solver's tolerance does."""
    return abs(read - right) > SLIP * abs(right)


@dataclass(frozen=True)
class Slip(Edit):
    """One printed number with a slip of its digits: two swapped, one wrong, or the point moved."""

    moves_estimate: ClassVar[bool] = False
    quantity: str
    term: str
    decimals: int
    kind: str
    position: int = 0
    digit: str = ""

    def touches(self, quantity: str, term: str) -> bool:
        return (quantity, term) == (self.quantity, self.term)

    def numbers(self, numbers: Numbers) -> Numbers:
        if self.quantity == "nobs":
            return numbers.showing(nobs=float(np.round(self.slipped(numbers.nobs))))  # a page prints whole counts
        if self.quantity == "f":
            return numbers.showing(f=np.asarray(self.slipped(numbers.f)))
        if self.term not in numbers.terms:
            return numbers
        column = getattr(numbers, self.quantity).copy()
        i = numbers.terms.index(self.term)
        column[i] = self.slipped(column[i])
        return numbers.showing(**{self.quantity: column})

    def on_coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, float]:
        if self.quantity == "coef" and self.kind == "point":
            return np.array([10.0**self.position if t == self.term else 1.0 for t in terms]), 0.0
        return super().on_coefficients(terms)

    def slipped(self, value: float) -> float:
        """What is read where this value was meant; NaN where the slip is none, or less than arithmetic does."""
        if not math.isfinite(value):
            return math.nan
        if self.kind == "point":
            return value * 10.0**self.position
        right = f"{abs(value):.{self.decimals}f}"
        text = list(right)
        at = [i for i, c in enumerate(text) if c.isdigit()]
        if self.position >= len(at) - (self.kind == "swap"):
            return math.nan
        here = at[self.position]
        if self.kind == "swap":
            there = at[self.position + 1]
            if text[here] == text[there]:
                return math.nan
            text[here], text[there] = text[there], text[here]
        elif text[here] == self.digit:
            return math.nan
        else:
            text[here] = self.digit
        read = float("".join(text))
        return math.copysign(read, value) if is_slip(float(right), read) else math.nan


@dataclass(frozen=True)
class CountIs(Edit):
    """N is another count."""

    moves_estimate: ClassVar[bool] = False
    count: float

    def touches(self, quantity: str, term: str) -> bool:
        return quantity == "nobs"

    def numbers(self, numbers: Numbers) -> Numbers:
        return numbers.showing(nobs=self.count)
