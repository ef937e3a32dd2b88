"""A cause as records and pages have it: named, in words, with what it leaves."""

from __future__ import annotations

from collections.abc import Iterable

from parity.base.tolerance import CERTAIN_CHANCE
from parity.base.values import Value


def certain(chance: float) -> bool:
    """The one rule of what a cause explains, wherever one is named: chance would do as much less than once in a thousand.

    chance: expected number of the variants tried that would fit numbers of so few digits, were they random
    """
    return chance < CERTAIN_CHANCE


def explained(chances: Iterable[float]) -> bool:
    """Whether causes that were named explain: there are some, and each alternative is certain. Else the numbers differ."""
    held = tuple(chances)
    return bool(held) and all(map(certain, held))


class Cause(Value):
    """A named convention that, applied to one side, reproduces the other; with the residual that is left.

    formula, source   with this spec's numbers filled in, and where the behaviour is written down
    how               what to type to get this behaviour, by engine or command
    avoids            what to type to get the behaviour that it departs from
    parameters        what it was done with, where it can be done in more than one way ("unit" -> "firm 2")
    chance            how many of the variants tried would fit a random number of so few digits
    Causes of one `alternative` explain together; several alternatives are indistinguishable on these data.
    """

    id: str
    text: str
    residual: float
    formula: str = ""
    source: str = ""
    how: dict[str, str] = {}
    avoids: dict[str, str] = {}
    parameters: dict[str, str] = {}
    alternative: int = 0
    chance: float = 0.0

    @property
    def certain(self) -> bool:
        """Whether chance is no explanation, see `parity.diagnose.chance`."""
        return certain(self.chance)
