"""What `parity explain` answers: the explanation, the numbers it was asked about, and how the question was read."""

from __future__ import annotations

from parity.diagnose.explanation import Explanation
from parity.record import Difference
from parity.values import Value


class Asked(Value):
    """One number of the question as printed, and what the declared spec gives for it (null if nothing)."""

    quantity: str
    term: str
    text: str
    declared: float | None
    agrees: bool


class Answer(Explanation):
    """asked        every printed number beside the declared one
    defaults     profiles under which the spec gives all the printed numbers
    read         how the question was read: which column, which rows, what stands in parentheses; which engines
    differences  of two engines, of `compared` quantities
    digits       least digits of agreement where two engines agree
    """

    asked: tuple[Asked, ...] = ()
    defaults: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    compared: int = 0
    digits: float | None = None
