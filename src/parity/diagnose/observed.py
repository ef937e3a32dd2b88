"""Observed: the other side's numbers, each with the interval it stands for; from an estimate or from typed text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from parity.base import tolerance
from parity.base.quantities import OF_TERMS, OF_THE_DESIGN, OF_THE_DISTRIBUTION, PRINTED, scale_of
from parity.compare.agree import alike
from parity.compare.printed import read_number
from parity.diagnose.numbers import Numbers
from parity.results.estimate import Estimate

#: Of the whole model, among what a search can reproduce.
SCALARS = ("nobs", "df_t", "f")


@dataclass(frozen=True)
class TargetNumber:
    """A number as a referee types it: `TargetNumber("se", "capital", ".0618")`. Its digits say how precise it is."""

    quantity: Literal["coef", "se", "variance", "t", "p", "ci_low", "ci_high", "nobs", "f"]
    term: str
    text: str


@dataclass(frozen=True)
class Target:
    """One number: its value, how far a reproduction may be off, and the scale of a relative difference.

    decimals  of the typed text, None for a number in full precision; unsigned: only the magnitude was printed
    rounding  what the digits of a typed text hide; `allowed` is more where they are more than double precision gives
    """

    quantity: str
    term: str
    value: float
    allowed: float
    scale: float
    decimals: int | None = None
    unsigned: bool = False
    text: str = ""
    rounding: float = 0.0


@dataclass(frozen=True)
class Observed:
    """All numbers of one side. `complete`: every term it has is among them, so that a missing term is a difference."""

    targets: tuple[Target, ...]
    complete: bool
    raw: bool = False
    _plans: dict = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("value", "allowed", "scale", "rounding"):
            object.__setattr__(self, f"{name}s", np.array([getattr(t, name) for t in self.targets], dtype=float))
        object.__setattr__(self, "unsigned", np.array([t.unsigned for t in self.targets], dtype=bool))
        object.__setattr__(self, "of_design", np.array([t.quantity in OF_THE_DESIGN for t in self.targets], dtype=bool))
        object.__setattr__(self, "of_coefficients", np.array([t.quantity == "coef" for t in self.targets], dtype=bool))
        object.__setattr__(self, "of_counts", np.array([t.quantity == "nobs" for t in self.targets], dtype=bool))
        object.__setattr__(self, "of_df", np.array([t.quantity in OF_THE_DISTRIBUTION for t in self.targets], dtype=bool))
        object.__setattr__(self, "terms", tuple(dict.fromkeys(t.term for t in self.targets if t.quantity == "coef")))

    values: np.ndarray = field(init=False, repr=False, compare=False)
    alloweds: np.ndarray = field(init=False, repr=False, compare=False)
    scales: np.ndarray = field(init=False, repr=False, compare=False)
    roundings: np.ndarray = field(init=False, repr=False, compare=False)
    unsigned: np.ndarray = field(init=False, repr=False, compare=False)
    of_design: np.ndarray = field(init=False, repr=False, compare=False)
    of_coefficients: np.ndarray = field(init=False, repr=False, compare=False)
    of_counts: np.ndarray = field(init=False, repr=False, compare=False)
    of_df: np.ndarray = field(init=False, repr=False, compare=False)
    terms: tuple[str, ...] = field(init=False, repr=False, compare=False)

    @property
    def nobs(self) -> float | None:
        return next((t.value for t in self.targets if t.quantity == "nobs"), None)

    def has(self, *quantities: str) -> bool:
        return any(t.quantity in quantities for t in self.targets)

    def _plan(self, terms: tuple[str, ...]) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """(quantity, positions among the targets, indices into the scenario's arrays), for scenarios with these terms."""
        if terms not in self._plans:
            at = {name: i for i, name in enumerate(terms)}
            rows: dict[str, tuple[list, list]] = {}
            for position, t in enumerate(self.targets):
                if t.quantity in SCALARS:
                    index: object = ()
                elif t.quantity == "vcov":
                    a, b = t.term.split(" x ") if t.term.count(" x ") == 1 else _pair(t.term, terms)
                    index = (at.get(a), at.get(b))
                else:
                    index = (at.get(t.term),)
                if None not in index:  # type: ignore[operator]
                    positions, indices = rows.setdefault(t.quantity, ([], []))
                    positions.append(position)
                    indices.append(index)
            self._plans[terms] = [(q, np.array(p), np.array(i).T) for q, (p, i) in rows.items()]
        return self._plans[terms]

    def coefficients(self, terms: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of scenarios with these terms: where the observed coefficients stand, their values, what each may be off by."""
        for quantity, positions, index in self._plan(terms):
            if quantity == "coef":
                return index[0].astype(int), self.values[positions], self.alloweds[positions]
        return np.empty(0, dtype=int), np.empty(0), np.empty(0)

    def of_design_failing(self, numbers: Numbers) -> np.ndarray:
        """Mask of the coefficients and counts that this scenario does not reproduce: what no covariance can move."""
        out = self.of_design.copy()
        if self.complete and set(numbers.terms) != set(self.terms):
            return out
        for quantity, positions, index in self._plan(numbers.terms):
            if quantity in OF_THE_DESIGN:
                found = numbers.nobs if quantity == "nobs" else numbers.coef[tuple(index)]
                out[positions] = ~alike(found, self.values[positions], self.alloweds[positions])
        return out

    def predicted(self, numbers: Numbers) -> np.ndarray:
        """The scenario's counterpart of every target; NaN where it has none."""
        out = np.full(len(self.targets), np.nan)
        if self.complete and set(numbers.terms) != set(self.terms):
            return out
        for quantity, positions, index in self._plan(numbers.terms):
            source = getattr(numbers, quantity)
            out[positions] = source if quantity in SCALARS else source[tuple(index)]
        return np.where(self.unsigned, np.abs(out), out)

    def tightest_se(self) -> tuple[str, float, float] | None:
        """Term, value and what is allowed of the standard error known to most digits."""
        ses = [t for t in self.targets if t.quantity == "se"]
        t = min(ses, key=lambda t: t.allowed / t.scale, default=None)
        return None if t is None else (t.term, t.value, t.allowed)

    def failing(self, numbers: Numbers) -> np.ndarray:
        """Mask of the targets that this scenario does not reproduce."""
        return ~alike(self.predicted(numbers), self.values, self.alloweds)

    def residual(self, numbers: Numbers) -> float:
        """Largest relative difference over all targets; what rounding hides of typed numbers is no difference."""
        found = self.predicted(numbers)
        with np.errstate(invalid="ignore"):
            gap = np.abs(found - self.values)
            gap = np.where((found == self.values) | (gap <= self.roundings), 0.0, gap)
        worst = np.max(gap / self.scales, initial=0.0)
        return math.inf if math.isnan(worst) else float(worst)

    def residual_of_design(self, numbers: Numbers) -> float:
        """Largest relative difference of coefficients and N; infinite where the scenario lacks an observed term."""
        if not set(self.terms) <= set(numbers.terms) or (self.complete and len(numbers.terms) > len(self.terms)):
            return math.inf
        index, value, _ = self.coefficients(numbers.terms)
        gap = np.abs(numbers.coef[index] - value) / self._scales_of_coefficients(numbers.terms)
        count = 0.0 if self.nobs is None else abs(numbers.nobs - self.nobs) / max(self.nobs, 1.0)
        return float(np.max(gap, initial=count)) if not np.isnan(gap).any() else math.inf

    def _scales_of_coefficients(self, terms: tuple[str, ...]) -> np.ndarray:
        return next((self.scales[positions] for q, positions, _ in self._plan(terms) if q == "coef"), np.empty(0))


def _pair(term: str, terms: tuple[str, ...]) -> tuple[str, str]:
    """Split a pair of terms whose own names hold ` x `."""
    for a in terms:
        if term.startswith(f"{a} x ") and term[len(a) + 3 :] in terms:
            return a, term[len(a) + 3 :]
    return term, term


def from_numbers(numbers: Numbers, allowed: float, keep: Sequence[str]) -> Observed:
    """Every number of a full table, to a relative difference `allowed` on the scales of `parity.compare.harmonise`."""
    targets: list[Target] = []

    def add(quantity: str, term: str, value: float, scale: float) -> None:
        if quantity in keep:
            targets.append(Target(quantity, term, float(value), allowed * float(scale), float(scale) or 1.0))

    for i, term in enumerate(numbers.terms):
        for quantity in OF_TERMS:
            value = float(getattr(numbers, quantity)[i])
            scale = scale_of(quantity, term, value, se=float(numbers.se[i]), t=float(numbers.t[i]))
            add(quantity, term, value, scale)
        for j in range(i + 1):
            size = math.sqrt(abs(numbers.vcov[i, i] * numbers.vcov[j, j]))
            add("vcov", f"{term} x {numbers.terms[j]}", numbers.vcov[i, j], size)
    add("nobs", "", numbers.nobs, 1.0)
    if np.ndim(numbers.df) == 0:  # where each coefficient has its own, p and intervals tell
        add("df_t", "", float(numbers.df), 1.0)
    return Observed(tuple(replace(t, allowed=0.0) if t.quantity in SCALARS else t for t in targets), complete=True)


def from_estimate(estimate: Estimate, accuracy: float) -> Observed:
    """What an engine answered, read as it stands: nothing is brought to any convention.

    An `uncorrected` estimate shows coefficients and covariance; any other also its own inference and counts.
    """
    raw = estimate.basis == "uncorrected"
    total = sum((-1.0 if p.cluster and len(p.cluster) % 2 == 0 else 1.0) * np.array(p.matrix) for p in estimate.parts)
    vcov = np.asarray(total) if raw else np.array(estimate.parts[0].matrix)
    keep = ["coef", "se", "vcov"]
    df = math.inf
    own_df = [getattr(estimate.printed.get(term), "df", None) for term in estimate.terms]
    if not raw and (estimate.df_t is not None or None not in own_df):
        df = estimate.df_t if estimate.df_t is not None else np.array(own_df, dtype=float)
        keep = [*keep, "t", *OF_THE_DISTRIBUTION]
    nobs = estimate.reported.nobs
    if nobs is not None:
        keep.append("nobs")
    numbers = Numbers(estimate.terms, np.array(estimate.coef), vcov, df, nobs if nobs is not None else math.nan)
    own = {q: _printed(estimate, key, q, numbers) for q, key in PRINTED.items()} if not raw else {}
    keep += [q for q, column in own.items() if column is not None and q not in keep]
    numbers = numbers.showing(**{q: c for q, c in own.items() if c is not None})
    return replace(from_numbers(numbers, accuracy, keep), raw=raw)


def _printed(estimate: Estimate, key: str, quantity: str, numbers: Numbers) -> np.ndarray | None:
    """A column as the engine itself prints it, where it prints it for every term."""
    given = [getattr(estimate.printed.get(term), key, None) for term in estimate.terms]
    return None if None in given else np.array(given, dtype=float)


def from_text(targets: Sequence[TargetNumber]) -> Observed:
    """Typed numbers: `.062` stands for every number from .0615 to .0625; stars stand for a range of p.

    Stars are read off every quantity of which some number has them: coefficients, or the t below them.
    """
    out: list[Target] = []
    carriers = {given.quantity for given in targets if given.term and "*" in given.text}
    seen: set[tuple[str, int]] = set()
    for given in targets:
        number = read_number(given.text.replace(",", ""))
        value, scale = number.value, abs(number.value) or number.half_unit
        allowed, hidden = (0.0, 0.0) if given.quantity == "nobs" else (number.allowed, number.rounding)
        out.append(
            Target(
                given.quantity, given.term, value, allowed, scale, number.decimals,
                given.quantity == "t" and value > 0, given.text, hidden,
            )
        )  # fmt: skip
        stars = given.text.count("*")
        if given.term and given.quantity in carriers and (given.term, stars) not in seen:
            seen.add((given.term, stars))
            out.append(Target("stars", given.term, float(stars), 0.0, 1.0, 0, text=given.text))
    return Observed(tuple(out), complete=False)


def of_ratios(observed: Observed, declared: Numbers | None) -> Observed | None:
    """Typed exp(b) and their standard errors exp(b) se(b), as numbers of b: log of the one, the other over exp(b).

    declared: whose exp(b) divides where it is what is printed, as its digits are all there. None where a printed number is
    no exponential, or a standard error stands without its ratio.
    """
    at = {} if declared is None else dict(zip(declared.terms, np.exp(declared.coef).tolist(), strict=True))
    ratios = {t.term: t for t in observed.targets if t.quantity == "coef" and t.value > t.allowed}
    if any(t.quantity in ("coef", "se", "variance") and t.term not in ratios for t in observed.targets):
        return None

    def of(t: Target) -> Target:
        if t.quantity not in ("coef", "se", "variance"):
            return t
        ratio = ratios[t.term]
        if t.quantity == "coef":
            low, high, value = math.log(t.value - t.allowed), math.log(t.value + t.allowed), math.log(t.value)
            return replace(t, value=value, allowed=(high - low) / 2, scale=abs(value) or 1.0, decimals=None,
                           rounding=min(t.rounding / t.value, (high - low) / 2))  # fmt: skip
        own = at.get(t.term, math.nan)
        over = own if abs(own - ratio.value) <= ratio.allowed else ratio.value
        over = over if t.quantity == "se" else over**2
        moved = {k: getattr(t, k) / over for k in ("value", "allowed", "scale", "rounding")}
        return replace(t, decimals=None, **moved)

    return replace(observed, targets=tuple(map(of, observed.targets)), _plans={})


def precision(accuracy_a: str, accuracy_b: str) -> float:
    """Relative difference that two engines' arithmetic allows."""
    return tolerance.allowed(accuracy_a, accuracy_b)
