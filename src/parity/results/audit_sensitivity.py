"""How the audited specification by itself stands: against what is unobserved, and without single rows or groups."""

from __future__ import annotations

from typing import Literal

from parity.base.values import Value


class AuditEstimate(Value):
    """A coefficient under the declared convention."""

    coef: float
    se: float
    p: float
    df: float
    nobs: float


class OsterBound(Value):
    """See `parity.audit.sensitivity.oster`."""

    delta: float
    beta: float
    at: float
    bounded: float
    roots: tuple[float, ...]
    uncontrolled: float
    controlled: float
    r2_uncontrolled: float
    r2_controlled: float
    rmax: float


class Confounder(Value):
    """One `times` as strong as a control, and the estimate beside it."""

    control: str
    times: float
    r2_treatment: float
    r2_outcome: float
    coef: float
    se: float
    t: float
    low: float
    high: float


class Confounding(Value):
    """See `parity.audit.sensitivity.omitted`."""

    coef: float
    se: float
    t: float
    df: float
    level: float
    partial_r2: float
    robustness: float
    robustness_significant: float
    bounds: tuple[Confounder, ...] = ()


class GroupLeftOut(Value):
    """One group left out, the rest estimated anew."""

    group: str
    rows: int
    coef: float
    se: float
    p: float
    dfbetas: float


class LeftOutOneByOne(Value):
    """Each row or group of one kind left out: the range of the coefficient, and the groups that move it most."""

    kind: str
    groups: int
    least: tuple[str, float] | None = None
    largest: tuple[str, float] | None = None
    other_sign: int = 0
    unidentified: int = 0
    furthest: tuple[GroupLeftOut, ...] = ()


class FewestRemoved(Value):
    """The fewest rows or groups whose removal overturns a claim; predicted: by the first-order approximation.

    alone: where one is enough, how many there are each of which is enough by itself; null where not all were tried
    """

    aim: Literal["sign", "ends", "creates", "reverses"]
    level: float
    kind: str
    groups: int
    predicted: int | None = None
    fewest: int | None = None
    removed: tuple[str, ...] = ()
    rows: int = 0
    after: AuditEstimate | None = None
    certain: bool = False
    alone: int | None = None


class Sensitivity(Value):
    """Of the audited specification by itself; notes: what couldn't be had, and why."""

    oster: OsterBound | None = None
    omitted: Confounding | None = None
    left_out: tuple[LeftOutOneByOne, ...] = ()
    removals: tuple[FewestRemoved, ...] = ()
    notes: tuple[str, ...] = ()
