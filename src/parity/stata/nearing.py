"""Whether a `while` comes nearer to its end: how far the two sides of its condition are from each other.

`while \\`i' <= 1000` does by one every round, `while abs(x) > 1e-8` by less and less; `while !done` never says, and neither
does a condition on data that stay as they are. Nothing else foretells a `while`.

One that comes nearer by ever smaller steps may never arrive: then the rounds that are still to come, at the pace of the
last ones, grow more while it runs. Of one that arrives they grow fewer, however slow its rounds become.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from parity.stata_language.expression import Binary, Expression, Text, Unary

if TYPE_CHECKING:
    from parity.stata.session import Session

#: Seconds of the processor that a `while` may come no nearer to its end, or a share of a run's seconds where that is more.
#: Each one that was given up for it halves them for the next: a do-file of many such loops takes no longer than two.
PATIENCE, SHARE = 4.0, 1 / 150
#: The condition is measured again after this share of the time that the loop has run.
AGAIN = 0.1
#: Part of the distance below which a step is none.
STEP = 1e-9

Distances = tuple[float, ...]


@dataclass
class Nearing:
    """One `while` that is being run. patience: seconds; first, best: how far each comparison was, and is, from its end;
    foretold: rounds to come, as they were when it was last measured, after `at` of the `rounds` done."""

    patience: float
    began: float = field(default_factory=time.thread_time)
    first: Distances = ()
    best: Distances = ()
    moved: float = 0.0
    measured: float = 0.0
    rounds: int = 0
    at: int = 0
    foretold: float = math.inf

    def __post_init__(self) -> None:
        self.moved = self.measured = self.began

    def look(self, distances: Callable[[], Distances]) -> None:
        """At the head of a round: measured, where the last time is long enough ago."""
        self.rounds += 1
        now = time.thread_time()
        if self.first and now - self.measured < AGAIN * (now - self.began):
            return
        found = distances() or (math.inf,)
        self.measured = time.thread_time()
        if len(found) != len(self.first):
            self.first = self.best = found
            self.at, self.foretold = self.rounds, math.inf
            return
        nearer = [(new, old) for new, old in zip(found, self.best, strict=True) if new < old * (1 - STEP)]
        paces = (new * (self.rounds - self.at) / (old - new) for new, old in nearer if old < math.inf)
        foretold = min(paces, default=0.0 if nearer else math.inf)
        if foretold < self.foretold:
            self.moved = self.measured
        self.foretold, self.at = foretold, self.rounds
        self.best = tuple(map(min, found, self.best))

    def share(self) -> float:
        """How much of the way is gone, by the comparison that is nearest to its end; 0 where none has come nearer."""
        gone = (1 - best / first for best, first in zip(self.best, self.first, strict=True) if 0 < first < math.inf)
        return min(max(gone, default=0.0), 1.0)

    @property
    def stuck(self) -> bool:
        """Whether it has come no nearer for longer than it may, by what the head of its last round showed."""
        return self.measured - self.moved > self.patience


def distances(session: Session, condition: str) -> Distances:
    """Of each comparison of a condition with its macros expanded; infinite where none can be told."""
    from parity.stata.evaluate import one

    def value(expression: Expression) -> float | str:
        return one(expression, session.context())

    out: list[float] = []
    for each in _comparisons(session.parsed(condition)):
        if not isinstance(each, Binary):
            found = value(each)
            out.append(math.inf if isinstance(found, str) or math.isnan(found) else abs(found))
            continue
        left, right = value(each.left), value(each.right)
        if isinstance(left, str) or isinstance(right, str):  # a list that grows shorter, word by word
            out.append(float(abs(len(str(left)) - len(str(right)))) if each.operator == "!=" else math.inf)
        else:
            away = abs(left - right)
            out.append(math.inf if each.operator == "==" or math.isnan(away) else away)
    return tuple(out)


def _comparisons(expression: Expression) -> list[Expression]:
    """What `&`, `|` and `!` join."""
    match expression:
        case Binary(operator="&" | "|", left=left, right=right):
            return [*_comparisons(left), *_comparisons(right)]
        case Unary(operator="!" | "~", operand=operand):
            return _comparisons(operand)
        case Binary(operator="==" | "!=" | "<" | "<=" | ">" | ">="):
            return [expression]
        case Text():
            return []
    return [expression]
