"""One printed number with its verdict, and why it is as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from parity.logs.exhibit import Cell

Verdict = Literal["reproduced", "explained", "differs", "not verified"]


@dataclass(frozen=True)
class Cause:
    """Why a number is as it is printed. id: of parity's catalogue, or one of a package's own; text: a sentence"""

    id: str
    text: str


@dataclass(frozen=True)
class Judged:
    """One printed number with its verdict.

    column     its place in `Printed.columns`; row: its row's place, None for a statistic of the column
    term       Stata's name where it is known, else the label; quantity: "coef", "se", "nobs" ...
    estimated  what the data give; None where nothing
    distance   from the estimate to the nearest number that would be printed so; 0 where it is reproduced
    reason     of *not verified* and *differs*: one sentence
    """

    column: int
    row: int | None
    term: str
    label: str
    quantity: str
    cell: Cell
    estimated: float | None
    verdict: Verdict
    distance: float = 0.0
    causes: tuple[Cause, ...] = ()
    reason: str = ""

    def explained(self, *causes: Cause) -> Judged:
        return replace(self, verdict="explained", causes=causes, reason="")

    def because(self, reason: str, *causes: Cause) -> Judged:
        return replace(self, reason=reason, causes=causes or self.causes)
