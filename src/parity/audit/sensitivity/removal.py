"""The fewest rows, units or clusters whose removal overturns a claim.

Broderick, Giordano and Meager (2021, arXiv 2011.14999) order groups by their first-order influence on what the claim hangs
on, and say how many are needed. Here every number is exact: the first k of that order are left out and the rest is estimated
anew, for more or fewer k until the claim fails; beside it a greedy search takes the most influential group of what is left,
again and again, which is not fooled by an order that the removals themselves change; and where few sets are smaller than the
smallest found, all of them are tried. `certain` says whether they were.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from parity.audit.sensitivity.influence import Slopes, coefficients_without, slopes
from parity.audit.sensitivity.refit import kept, of_design, without
from parity.audit.single import Estimated
from parity.base.errors import Unestimable
from parity.conventions.facts import compact
from parity.conventions.formulas import critical_value
from parity.sample.design import Design
from parity.study.spec import Spec

#: sign: the coefficient has the other sign or is zero; ends, creates: p comes to the other side of the level; reverses: the
#: other sign, and significant.
Aim = Literal["sign", "ends", "creates", "reverses"]
#: A greedy search estimates anew so often at most, taking several groups at a time where more are needed.
MOST_STEPS = 40
#: Sets of groups that are tried in all, to find fewer or to be certain that there are none.
MOST_SETS = 1_000
#: Groups that are left out -> the estimate without them, None where there is none.
Known = dict[frozenset[int], Estimated | None]


@dataclass(frozen=True)
class Removal:
    """kind         "row", or what the groups are
    groups       how many there are
    predicted    how many the first-order approximation asks for; None: all of them aren't enough
    fewest       found by estimating anew; None where no number tried overturns the claim
    removed      their names, the most influential first; rows: how many rows they are
    after        the estimate without them
    certain      whether no fewer groups overturn it
    alone        where one is enough, how many are each enough by themselves; None where not all were tried
    """

    aim: Aim
    level: float
    kind: str
    groups: int
    predicted: int | None
    fewest: int | None
    removed: tuple[str, ...]
    rows: int
    after: Estimated | None
    certain: bool
    alone: int | None = None


def fails(aim: Aim, base: Estimated, now: Estimated, level: float) -> bool:
    """Whether an estimate overturns the claim that `base` makes."""
    other = now.coef * np.sign(base.coef) <= 0
    return {"sign": other, "ends": now.p >= level, "creates": now.p < level, "reverses": other and now.p < level}[aim]


def aims(base: Estimated, level: float = 0.05) -> tuple[Aim, ...]:
    """What could be overturned of an estimate."""
    return ("sign", "ends", "reverses") if base.p < level else ("sign", "creates")


def removal(
    spec: Spec, design: Design, term: str, aim: Aim, base: Estimated, *, level: float = 0.05, kind: str = "row",
    code: np.ndarray | None = None, names: Sequence[str] | None = None, share: float = 0.5, known: Known | None = None,
) -> Removal:  # fmt: skip
    """code: (n,) of the groups, None for rows; names: of the codes (of rows: numbers in the data file, from 1).

    share: of the groups that may go at most. base: the whole sample's estimate. known: estimates without some groups, which
    grow: what one aim tried, another of the same groups need not estimate again.
    """
    given = np.arange(design.nobs) if code is None else np.asarray(code, dtype=np.int64)
    own = compact(given)
    groups, most = int(own.max(initial=-1)) + 1, max(1, int(share * (int(own.max(initial=-1)) + 1)))
    search = _Search(spec, design, term, aim, base, level, own, {} if known is None else known)
    gain, need = search.gain(slopes(spec, design, term), base)
    order, predicted = _ranked(gain, need)
    first = 1
    best: tuple[int, ...] | None = None
    if aim == "sign":
        alone = coefficients_without(spec, design, term, None if code is None else own) * np.sign(base.coef)
        flips = np.flatnonzero(alone <= 0)
        best, first = ((int(flips[np.argmin(alone[flips])]),), 1) if len(flips) else (None, 2)
    if best is None:
        best = search.along(order, predicted, most)
        best = search.greedy(len(best) - 1 if best else most, predicted) or best
    best, tried = search.smaller(best, np.argsort(-gain, kind="stable"), first, most)
    certain = best is not None and tried >= len(best) - 1
    alone = search.alone(groups) if best is not None and len(best) == 1 else None
    if alone:  # the first-order order underrates a group of much leverage
        best = (min(alone, key=search.left),)
    label = dict(zip(own.tolist(), given.tolist(), strict=True))

    def name(group: int) -> str:
        if names is not None:
            return str(names[label[group]])
        return str(int(design.rows[group]) + 1) if code is None else str(label[group])

    if best is None:
        return Removal(aim, level, kind, groups, predicted, None, (), 0, None, False)
    out = np.isin(own, best)
    return Removal(
        aim, level, kind, groups, predicted, len(best), tuple(name(g) for g in best), int(out.sum()),
        without(spec, design, out, term), certain, None if alone is None else len(alone),
    )  # fmt: skip


def _ranked(gain: np.ndarray, need: float) -> tuple[np.ndarray, int | None]:
    """Groups that bring the claim nearer to failing, the strongest first, and how many add up to `need`."""
    order = np.argsort(-gain, kind="stable")
    order = order[gain[order] > 0]
    reached = np.cumsum(gain[order]) >= need
    return order, int(np.argmax(reached)) + 1 if reached.any() else None


@dataclass(frozen=True)
class _Search:
    spec: Spec
    design: Design
    term: str
    aim: Aim
    base: Estimated
    level: float
    own: np.ndarray
    known: Known

    def gain(self, by_row: Slopes, now: Estimated, own: np.ndarray | None = None) -> tuple[np.ndarray, float]:
        """(G,) first-order gain of leaving out each group, and how much is needed in all."""
        moved = by_row.by(self.own if own is None else own)
        sign, critical = np.sign(self.base.coef), critical_value(now.df, 1 - self.level)
        if self.aim == "sign":
            return -sign * moved.coef, sign * now.coef
        if self.aim == "reverses":  # sign b + critical se < 0
            return -sign * moved.coef - critical * moved.se, sign * now.coef + critical * now.se
        side = np.sign(now.coef) or 1.0
        gain, need = critical * moved.se - side * moved.coef, side * now.coef - critical * now.se
        return (gain, need) if self.aim == "ends" else (-gain, -need)

    def overturned(self, groups: Sequence[int]) -> bool:
        some = frozenset(int(g) for g in groups)
        if some not in self.known:
            try:
                self.known[some] = without(self.spec, self.design, np.isin(self.own, list(some)), self.term)
            except Unestimable:
                self.known[some] = None
        now = self.known[some]
        return now is not None and bool(fails(self.aim, self.base, now, self.level))

    def alone(self, groups: int) -> list[int] | None:
        """The groups that are each enough; None where they are too many to try."""
        return [g for g in range(groups) if self.overturned([g])] if groups <= MOST_SETS else None

    def left(self, group: int) -> float:
        """What is left of the claim without a group that overturns it, the less the further."""
        now = self.known[frozenset([group])]
        assert now is not None
        if self.aim == "creates":
            return now.p
        if self.aim == "sign":
            return now.coef * float(np.sign(self.base.coef))
        return float(np.sign(now.coef) * np.sign(self.base.coef)) * (1 - now.p)

    def along(self, order: np.ndarray, predicted: int | None, most: int) -> tuple[int, ...] | None:
        """The fewest of the first so many of an order: from the number predicted up, doubling, then halving down."""
        last = min(len(order), most)
        if not last:
            return None
        low, high = 0, min(predicted or last, last)
        while not self.overturned(order[:high]):
            if high == last:
                return None
            low, high = high, min(2 * high, last)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.overturned(order[:middle]) else (middle, high)
        return tuple(int(g) for g in order[:high])

    def greedy(self, most: int, predicted: int | None) -> tuple[int, ...] | None:
        """Group after group of what is left, with influences of what is left; None where `most` aren't enough."""
        gone: list[int] = []
        at_once = max(1, -(-min(predicted or most, most) // MOST_STEPS))
        keep = np.ones(self.design.nobs, dtype=bool)
        now, by_row, left = self.base, None, self.design
        rows = np.arange(self.design.nobs)
        while len(gone) < most:
            try:
                by_row = slopes(self.spec, left, self.term)
            except (Unestimable, ValueError):
                return None
            full = Slopes(np.zeros(self.design.nobs), np.zeros(self.design.nobs))
            full.coef[rows], full.se[rows] = by_row.coef, by_row.se
            order, _ = _ranked(*self.gain(full, now))
            taken = [int(g) for g in order if g not in gone][: min(at_once, most - len(gone))]
            if not taken:
                return None
            gone += taken
            keep &= ~np.isin(self.own, taken)
            try:
                left = kept(self.spec, self.design, keep)
                now = of_design(self.spec, left, self.term)
            except Unestimable:
                return None
            rows = np.flatnonzero(np.isin(self.design.rows, left.rows))
            if fails(self.aim, self.base, now, self.level):
                return tuple(gone)
        return None

    def smaller(
        self, best: tuple[int, ...] | None, order: np.ndarray, first: int, most: int
    ) -> tuple[tuple[int, ...] | None, int]:
        """A set smaller than the best, if one of the sizes from `first` that can all be tried has one; and up to which size
        it is certain that there is none."""
        budget = MOST_SETS
        for size in range(first, len(best) if best else most + 1):
            budget -= math.comb(len(order), size)
            if budget < 0:
                return best, size - 1
            for some in itertools.combinations(order.tolist(), size):
                if self.overturned(some):
                    return tuple(some), size - 1
        return best, len(best) - 1 if best else most
