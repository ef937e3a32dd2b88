"""Floor: how far apart rounding may leave two engines on the columns of one design, and what is said of it.

Within it they agree, beyond it they disagree. It never passes what would hide a convention (`tolerance.most_floor`): where
arithmetic needs more than that, an engine that is no farther off than its arithmetic has said nothing, and *declines*.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from parity.base.tolerance import MOST_DIGITS, most_floor
from parity.engines.base import Engine
from parity.sample.conditioning import Conditioning, CrossProducts
from parity.study.spec import Spec

#: A relative error of half of itself leaves no digit.
NOTHING_LEFT = 0.5
ANYTHING = 1e30


@dataclass(frozen=True)
class Floor:
    """Relative differences of coefficients, and of all other quantities; most: of either, for it to count as agreement."""

    coefficients: float = 0.0
    others: float = 0.0
    most: float = 0.0

    def whole(self, quantity: str) -> float:
        """All that arithmetic may leave; where it keeps no digit, anything."""
        share = self.coefficients if quantity == "coef" else self.others
        return share if share < NOTHING_LEFT else ANYTHING

    def capped(self, quantity: str) -> float:
        return min(self.whole(quantity), self.most)

    @property
    def largest(self) -> float:
        return max(self.coefficients, self.others)

    @property
    def tells(self) -> bool:
        """Whether an agreement within it says anything."""
        return self.largest <= self.most


NO_FLOOR = Floor()


def squares(engine: Engine, spec: Spec, accuracy: str) -> CrossProducts:
    """Where an engine's answer comes from cross-products, by its own account or by the accuracy of the answer."""
    own = engine.info.arithmetic
    absorbs = own.absorbs == "always" or (own.absorbs == "least squares" and not spec.iv) or accuracy == "iterative"
    coefficients = own.coefficients or accuracy == "normal-equations"
    return CrossProducts(
        covariance=coefficients or spec.vcov.kind in own.covariance or accuracy == "iterative",
        coefficients=coefficients, net=bool(spec.formula.effects) and absorbs,
    )  # fmt: skip


def floor_of(known: Conditioning | None, spec: Spec, sides: Sequence[tuple[Engine, str]]) -> Floor:
    """Between engines, each with the accuracy of its answer: the larger loss of any of them."""
    if known is None:
        return NO_FLOOR
    ways = [squares(engine, spec, accuracy) for engine, accuracy in sides]
    coefficients, others = (max(known.loss(way, of_coefficients) for way in ways) for of_coefficients in (True, False))
    return Floor(coefficients, others, most_floor(known.nobs))


def digits_left(share: float) -> float:
    return min(max(-math.log10(share), 0.0), MOST_DIGITS) if share > 0 else MOST_DIGITS


def said(known: Conditioning, share: float, who: str = "") -> str:
    """`these columns leave ENGINE 8.1 digits: year is far from zero beside its spread: centre it`"""
    why = known.why()
    digits = "no digit" if share >= NOTHING_LEFT else f"{digits_left(share):.1f} digits"
    return f"these columns leave {who + ' ' if who else ''}{digits}" + (f": {why}" if why else "")
