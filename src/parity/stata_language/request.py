"""What an estimation command asks for, as a frozen value: model, terms, sample, covariance, convention."""

from __future__ import annotations

from dataclasses import dataclass, field

from parity.stata_language.command import Weight
from parity.stata_language.varlist import Term


class Declined(Exception):
    """The command is understood, but no engine of parity estimates it, or it can't be written as a spec; says why."""


#: A cluster variable of which every row is a group: Stata's number of the row.
EACH_ROW = "_n"


@dataclass(frozen=True)
class Instrument:
    """Of a dynamic panel: a term whose lags are instruments, from the first to the last (all, where that lacks), or, without
    lags, one that is as it is. equation: "both", "difference" or "level" (`parity.study.dynamic`)."""

    term: Term
    lags: tuple[int, ...] = ()
    collapsed: bool = False
    equation: str = "both"


@dataclass(frozen=True)
class Request:
    """profile: the command's convention in parity; settings: changes of it. unit: of `xtreg`, absorbed or random.

    outcomes: further variables whose means or totals stand beside the outcome's, in one covariance
    kind, cluster, lags: the covariance in parity's words; a cluster `EACH_ROW` is each row alone.
    partialled: regressors whose coefficients are not shown
    traps: sentences that a reader should know; keys: of `[spec.NAME]` that belong to the model, such as `moments`
    group: a variable of whose every value one row is taken
    offset: a variable beside the index of a likelihood; exposure: whether it is its logarithm
    steps: of iterate(), after which a likelihood's maximum must be found; None for the command's own many
    moments: instruments of a dynamic panel, where the command names them one by one
    places, cutoffs: of Conley's covariance, columns of the coordinates, and numbers or columns
    unit, time: panel that the command names itself, whatever xtset says
    drawn: how its standard errors are drawn, "bootstrap"; `kind` is then the covariance that the command has without
    """

    command: str
    outcome: Term
    regressors: tuple[Term, ...] = ()
    absorb: tuple[Term, ...] = ()
    endogenous: tuple[Term, ...] = ()
    instruments: tuple[Term, ...] = ()
    model: str = "ols"
    intercept: bool = True
    condition: str | None = None
    rows: str | None = None
    weight: Weight | None = None
    kind: str = "iid"
    cluster: tuple[str, ...] = ()
    lags: int | None = None
    profile: str = "regress"
    settings: dict[str, object] = field(default_factory=dict)
    keys: dict[str, object] = field(default_factory=dict)
    partialled: tuple[Term, ...] = ()
    traps: tuple[str, ...] = ()
    group: str = ""
    moments: tuple[Instrument, ...] = ()
    drawn: str = ""
    offset: str = ""
    exposure: bool = False
    outcomes: tuple[Term, ...] = ()
    steps: int | None = None
    places: tuple[str, ...] = ()
    cutoffs: tuple[float | str, ...] = ()
    unit: str = ""
    time: str = ""
