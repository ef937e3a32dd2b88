"""What a diagnosis answers: a verdict, the solutions, and what was ruled out. Frozen values, ready for a record."""

from __future__ import annotations

from typing import Literal

from parity.values import Value


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
    """Causes that together turn the declared world into the observed one.

    profile     the causes together are what this profile does by default
    residual    largest relative difference left over all quantities that were reproduced
    reproduced  those quantities, "se capital" and the like
    chance      expected number of worlds of this size that a random number of this precision would fit
    """

    causes: tuple[NamedCause, ...]
    residual: float
    reproduced: tuple[str, ...]
    side: Literal["candidate", "reference"] = "candidate"
    profile: str = ""
    chance: float = 0.0

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(c.id for c in self.causes)


class Miss(Value):
    """The cause that came nearest, and what it leaves."""

    id: str
    residual: float


class Explanation(Value):
    """solutions   all of the least size; several are indistinguishable on these numbers
    possible    fit too, but so many were tried that a random number might fit one of them
    ruled_out   causes that were tried and do not reproduce the numbers; untried: too costly on this many rows
    """

    verdict: Literal["explained", "disagree", "agree"]
    causes: tuple[Solution, ...] = ()
    possible: tuple[Solution, ...] = ()
    ruled_out: tuple[str, ...] = ()
    untried: tuple[str, ...] = ()
    nearest: Miss | None = None
    worlds: int = 0

    @property
    def certain(self) -> bool:
        """One solution only, and too precise for chance."""
        return self.verdict == "explained" and len(self.causes) == 1 and self.causes[0].chance < 0.01
