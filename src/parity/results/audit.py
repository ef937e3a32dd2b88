"""`parity-audit/1`: what an audit found, as frozen values that reports print and JSON keeps.

Every part but axes, summary and what moves the numbers is optional: absent where it wasn't asked for or can't be had. The
numbers of the parts are those of `parity.audit`, where each is defined.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from parity.base.values import Value
from parity.results.audit_first_stage import FirstStages
from parity.results.audit_inference import JointInference, WildP
from parity.results.audit_sensitivity import AuditEstimate, Sensitivity

SCHEMA = "parity-audit/1"


class AuditAxis(Value):
    """One choice. base: the option of the audited specification; words: what each option is, "" where its name says it."""

    name: str
    options: tuple[str, ...]
    base: int
    words: tuple[str, ...] = ()


class Barren(Value):
    """An option of which no specification has an estimate; reason: of most of them."""

    axis: str
    option: str
    specs: int
    reason: str


class Significance(Value):
    """Specifications with p below `level`, by the sign of the coefficient."""

    level: float
    negative: int
    positive: int


class Standing(Value):
    """The audited specification's place: rank 1 is the smallest coefficient."""

    spec: int
    coef: float
    se: float
    p: float
    rank: int
    above: int
    below: int
    share_above: float


class AuditSummary(Value):
    """Of all specifications; quantiles: (share, coefficient); rows: the fewest and the most of those with an estimate;
    first_stage: where there are instruments whose strength is known."""

    specs: int
    estimable: int
    reasons: tuple[tuple[str, int], ...] = ()
    barren: tuple[Barren, ...] = ()
    median: float
    least: float
    largest: float
    quantiles: tuple[tuple[float, float], ...] = ()
    negative: int
    zero: int
    positive: int
    rows: tuple[float, float] | None = None
    significant: tuple[Significance, ...] = ()
    base: Standing | None = None
    first_stage: FirstStages | None = None


class AxisShare(Value):
    """What one axis moves, as a share of the variance over the specifications; error: Monte Carlo standard error."""

    axis: str
    shapley: float
    error: float = 0.0
    main: float
    total: float
    means: tuple[float, ...] = ()


class PairShare(Value):
    """What two axes do together beyond what each does by itself."""

    axes: tuple[str, str]
    share: float


class Moved(Value):
    """What moves one number: exact over a whole product, R2 of the axes' dummies where specifications are missing."""

    what: Literal["coef", "se", "p"]
    method: Literal["product", "regression"]
    specs: int
    variance: float
    explained: float
    permutations: int = 0
    shares: tuple[AxisShare, ...]
    interactions: tuple[PairShare, ...] = ()


class AuditChange(Value):
    """One choice that differs from the audited specification's."""

    axis: str
    before: str
    after: str


class ChangedSet(Value):
    """A specification that overturns a claim, and all in which it differs; first_stage: F of its instruments."""

    spec: int
    changes: tuple[AuditChange, ...]
    coef: float
    se: float
    p: float
    first_stage: float | None = None


class AtDistance(Value):
    """Specifications that differ in so many choices, and how many of them overturn the claim."""

    changes: int
    specs: int
    overturned: int


class Overturn(Value):
    """The fewest choices that overturn a claim; fewest is null where no specification does."""

    claim: Literal["sign", "ends", "creates"]
    level: float | None = None
    fewest: int | None = None
    count: int = 0
    sets: tuple[ChangedSet, ...] = ()
    total: int = 0
    of: int = 0
    distances: tuple[AtDistance, ...] = ()


class Extreme(Value):
    """A specification that was estimated again by all engines.

    which    why it was chosen; chosen: axis -> option, where it differs from the audited one
    verdict  of the comparison, "" where it wasn't made; engines: how many were compared; digits: those they share
    """

    which: str
    spec: int
    chosen: dict[str, str] = {}
    coef: float
    se: float
    p: float
    verdict: str = ""
    engines: int = 0
    digits: float | None = None


class HoldsUnder(Value):
    """Of the specifications that take an option, those in which the claim holds; reversed: those that are significant with
    the sign that the audited one doesn't have. coef, p: of the one that has all other choices as audited."""

    option: str
    kept: int
    of: int
    reversed: int = 0
    coef: float | None = None
    p: float | None = None


class Contradicted(Value):
    """What overturns the claim by t, but not by a wild cluster bootstrap, by itself: a choice (axis, option), or a group
    (axis: what it is one of). coef: the estimate then."""

    axis: str
    option: str
    coef: float
    p: float
    wild: float


class Hangs(Value):
    """What the claim of the audited specification hangs on: the one choice, or the one group, that is named first.

    claim   "star": p below the level with the audited sign; "no star": p not below it; "size": there is none to hold
    kept    specifications in which it holds
    axis    the choice that overturns it by itself, or, where none does, with the largest share of the variance of whether it
            holds (of the coefficient, where it holds in all); share: that; worst: its option that overturns it, or under
            which it holds least; "" where nothing moves it
    group   the group of rows, one of `groups`, without which it no longer holds, and the estimate then; alone: how many
            there are of which one is enough. What is named first where there is no axis, else what does so too
    enough  whether `worst` overturns the claim by itself, all other choices as audited
    wild    p by a wild cluster bootstrap without that group, or of the specification that differs from the audited one in
            `worst` alone; null where there is none
    contradicted   what t's p would have named before, though the bootstrap's says otherwise
    unasked        options that by t overturn it by themselves, of which no bootstrap was made as others were contradicted:
                   none of them is named
    """

    claim: Literal["star", "no star", "size"]
    kept: int
    axis: str = ""
    share: float = 0.0
    worst: str = ""
    enough: bool = False
    options: tuple[HoldsUnder, ...] = ()
    kind: str = ""
    group: str = ""
    groups: int = 0
    coef: float | None = None
    p: float | None = None
    alone: int | None = None
    wild: float | None = None
    contradicted: Contradicted | None = None
    unasked: int = 0


class Audit(Value):
    """One audit of one coefficient.

    verdict    in a word (`parity.results.audit_verdict`), with which `sentence` begins
    sentence   what the result hangs on, as it is printed first; caveat: where a wild bootstrap says otherwise than t
    level      of significance that sentences speak of
    drawn_of   where specifications were drawn: of how many
    printed    where every specification is on a common sample, which the audited one's own isn't: its estimate on its own
    same       combinations beside those, each the same specification as another one: counted once
    """

    schema_name: Literal["parity-audit/1"] = Field(default=SCHEMA, alias="schema")
    verdict: str = ""
    sentence: str = ""
    caveat: str = ""
    study: str = ""
    name: str
    spec: str
    term: str
    level: float = 0.05
    axes: tuple[AuditAxis, ...]
    drawn_of: int | None = None
    same: int = 0
    printed: AuditEstimate | None = None
    summary: AuditSummary
    hangs: Hangs | None = None
    decomposition: tuple[Moved, ...] = ()
    overturned: tuple[Overturn, ...] = ()
    joint: JointInference | None = None
    sensitivity: Sensitivity | None = None
    extremes: tuple[Extreme, ...] = ()
    wild: tuple[WildP, ...] = ()
    notes: tuple[str, ...] = ()

    model_config = Value.model_config | {"populate_by_name": True}
