"""What a diagnosis answers: a verdict, the solutions, and what was ruled out. Frozen values, ready for a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from parity.base.values import Value
from parity.results.cause import Cause, certain, explained


class NamedCause(Value):
    """One cause of a solution, in words and with this spec's numbers.

    how, avoids   by engine: what gives this behaviour, and what gives the one that it departs from
    """

    id: str
    group: str
    sentence: str
    formula: str
    source: str
    how: dict[str, str] = {}
    avoids: dict[str, str] = {}
    parameters: dict[str, str] = {}


class Solution(Value):
    """Causes that together turn the declared scenario into the observed one.

    profile     the causes together are what this profile does by default
    residual    largest relative difference left over all quantities that were reproduced
    reproduced  those quantities, "se capital" and the like
    chance      expected number of scenarios of this size that a random number of this precision would fit
    no_way      the software that the numbers come from, where it has no way to give one of the causes
    """

    causes: tuple[NamedCause, ...]
    residual: float
    reproduced: tuple[str, ...]
    side: Literal["candidate", "reference"] = "candidate"
    profile: str = ""
    chance: float = 0.0
    no_way: str = ""

    def as_causes(self, alternative: int = 0) -> tuple[Cause, ...]:
        """As a record has them. alternative: its place among solutions that can't be told apart."""
        return tuple(
            Cause(id=c.id, text=c.sentence, residual=self.residual, formula=c.formula, source=c.source, how=c.how,
                  avoids=c.avoids, parameters=c.parameters, alternative=alternative, chance=self.chance)
            for c in self.causes
        )  # fmt: skip

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.causes)


class Miss(Value):
    """The cause that came nearest, and what it leaves."""

    id: str
    residual: float


def verdict_of(solutions: Sequence[Solution | Cause]) -> Literal["explained", "disagree"]:
    """*explained* where every solution is certain; what chance would do too is named, and the numbers differ."""
    return "explained" if explained(s.chance for s in solutions) else "disagree"


class Explanation(Value):
    """solutions   all of the least size; several are indistinguishable on these numbers
    possible    fit too, but so many were tried that a random number might fit one of them
    ruled_out   causes that were tried and do not reproduce the numbers; untried: too costly on this many rows
    scenarios      how many were weighed, those included that were never computed because their coefficients, N or digits
                could not be the observed ones
    stopped     why the search ended before everything was tried; what is named then may have rivals
    """

    verdict: Literal["explained", "disagree", "agree"]
    causes: tuple[Solution, ...] = ()
    possible: tuple[Solution, ...] = ()
    ruled_out: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    nearest: Miss | None = None
    worlds: int = 0
    stopped: str = ""

    @property
    def certain(self) -> bool:
        """One solution only, too precise for chance, and nothing left untried for want of time."""
        alone = self.verdict == "explained" and len(self.causes) == 1 and not self.stopped
        return alone and certain(self.causes[0].chance)
