"""How often chance would do what a cause did: give every printed number of a column that was off.

One number of two digits is given by some of many other commands; twelve at once are not. So the numbers of a column count
together, and columns of one exhibit that the same cause explains count together too.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from parity.base.quantities import OF_TERMS
from parity.base.tolerance import STAR_BY_CHANCE
from parity.package.estimates import Estimated
from parity.package.verdict import Cause, Judged


@dataclass(frozen=True)
class Told:
    """What gives every number of a column.

    cells   the column's, those that were off explained
    causes  what explains them
    chance  expected number of as many tried changes that such numbers would fit, were they random
    """

    cells: tuple[Judged, ...]
    causes: tuple[Cause, ...]
    chance: float

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(c.id for c in self.causes))


def together(told: Collection[Told]) -> float:
    """What chance would do in all of the columns that the same causes explain."""
    return math.prod(min(1.0, t.chance) for t in told)


def of_one_change(cells: Sequence[Judged], e: Estimated) -> float:
    """Probability that one change of the command gives every number of a column that is off, if these were random: as the
    diagnosis has it. Where stars alone are off, each is one of four."""
    from parity.diagnose import TargetNumber, chance
    from parity.diagnose.numbers import Numbers
    from parity.diagnose.observed import from_text

    off = [c for c in cells if c.verdict == "differs"]
    if all(c.distance == 0.0 for c in off):
        return STAR_BY_CHANCE ** len(off)
    targets = [
        TargetNumber("nobs" if c.row is None else c.quantity, "" if c.row is None else c.term, _text(c))  # type: ignore[arg-type]
        for c in off
        if c.distance > 0.0 and c.cell.number is not None
        and (c.quantity == "nobs" if c.row is None else c.quantity in OF_TERMS and c.term in e.terms)
    ]  # fmt: skip
    if not targets:
        return 1.0
    observed = from_text(targets)
    terms = tuple(e.terms)
    se = np.array([e.terms[t]["se"] for t in terms])
    numbers = Numbers(
        terms, np.array([e.terms[t]["coef"] for t in terms]), np.diag(se**2), e.df, e.number("nobs") or math.nan
    )
    every = np.ones(len(observed.targets), dtype=bool)
    return chance.of_one_scenario(observed, every, 1, numbers) * chance.of_other_factors(observed, every, numbers)


def _text(cell: Judged) -> str:
    assert cell.cell.number is not None
    return "".join(ch for ch in cell.cell.number.text if ch.isdigit() or ch in "-−.eE+").replace("−", "-")
