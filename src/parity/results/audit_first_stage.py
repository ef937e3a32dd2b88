"""How strong the instruments of an audit's specifications are: F of their first stages."""

from __future__ import annotations

from parity.base.values import Value


class FirstStageUnder(Value):
    """First-stage F of the specifications that take an option: how many, and how many of them are below the limit."""

    option: str
    specs: int
    below: int
    least: float
    median: float
    largest: float


class FirstStages(Value):
    """F of the instruments' first stage, of the `specs` specifications with an estimate that have one.

    below     of them, those whose F is below `limit`
    without   specifications with an estimate that have no F
    base      of the audited specification; options: by the instruments, where they are a choice
    """

    limit: float
    specs: int
    below: int
    without: int = 0
    least: float
    median: float
    largest: float
    base: float | None = None
    options: tuple[FirstStageUnder, ...] = ()
