"""What `parity explain` answers: the explanation, the numbers it was asked about, and how the question was read."""

from __future__ import annotations

from parity.base.values import Value
from parity.diagnose.explanation import Explanation
from parity.results.record import Difference


class Asked(Value):
    """One number of the question as printed, and what the declared spec gives for it (null if nothing)."""

    quantity: str
    term: str
    text: str
    declared: float | None
    agrees: bool


class Reading(Value):
    """How much of a printed table was read.

    table      numbers of the whole table, in so many columns; column: the one that is meant, from 1
    seen       numbers of that column, read: understood, compared: held against the declared spec
    unread     what was not compared, and why
    lost       what may hold numbers of the spec and was not understood: then nothing about the table is a clean answer
    """

    table: int
    columns: int
    column: int
    seen: int
    read: int
    compared: int
    unread: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class Answer(Explanation):
    """asked        every printed number beside the declared one
    defaults     profiles under which the spec gives all the printed numbers
    read         how the question was read: which column, which rows, what stands in parentheses; which engines
    reading      of a printed table, how much of it
    differences  of two engines, of `compared` quantities
    digits       least digits of agreement where two engines agree
    """

    asked: tuple[Asked, ...] = ()
    defaults: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    reading: Reading | None = None
    differences: tuple[Difference, ...] = ()
    compared: int = 0
    digits: float | None = None

    @property
    def clean(self) -> bool:
        """Whether the numbers agree or are explained, and all of the question was understood."""
        return self.verdict != "disagree" and not (self.reading and self.reading.lost)
