"""An audit's verdict in a word: a function of what was found, and of nothing else.

It is about the choices that were tried: whether the claim (the audited sign with its significance; or that it is not
significant) survives them. The thresholds are conventions, as 5 % is one.
"""

from __future__ import annotations

from typing import Literal

from parity.results.audit import Audit, Hangs

#: Share of the ways in which a claim mostly holds: who picks one of ten blindly meets the contrary once at most.
MOSTLY = 0.9
#: Share of the ways below which it is fragile: the contrary is the more common answer.
HALF = 0.5

Verdict = Literal[
    "",
    "no claim",
    "fragile",
    "hangs on one group",
    "hangs on one choice",
    "nothing to compare",
    "holds",
    "mostly holds",
    "unsettled",
]
#: Why the audited estimate itself is in doubt.
Doubt = Literal["", "wild", "rows", "instruments"]


def verdict(audit: Audit) -> Verdict:
    """The first that is so; "" where nothing could be estimated.

    no claim             the audited specification has no estimate, or one of exactly zero
    fragile              the audited estimate itself is in doubt (`doubt`); or the claim holds in fewer than `HALF` of all
                         ways, and one choice doesn't part them: of those that leave it as audited `HALF` keep the claim
    hangs on one group   a unit, a period or a row is named: without it the claim is gone
    hangs on one choice  one choice is enough by itself to end it
    nothing to compare   one way alone could be estimated
    holds                in all ways, and nothing of it hangs on how p is had
    mostly holds         in at least `MOSTLY` of them
    unsettled            in fewer
    """
    found = audit.hangs
    if found is None:
        return ""
    if found.claim == "size":
        return "no claim"
    share = found.kept / audit.summary.estimable
    if doubt(audit) or max(share, _as_audited(audit, found) if found.enough else 0.0) < HALF:
        return "fragile"
    if found.group and not found.axis:
        return "hangs on one group"
    if found.enough:
        return "hangs on one choice"
    if audit.summary.estimable == 1:
        return "nothing to compare"
    first = audit.summary.first_stage
    if share == 1 and not found.contradicted and not found.unasked and not (first and first.below):
        return "holds"
    return "mostly holds" if share >= MOSTLY else "unsettled"


def doubt(audit: Audit) -> Doubt:
    """wild: a wild bootstrap says otherwise than t; rows: its own rows do, than those that all have; instruments: they are
    weak."""
    own = next((w for w in audit.wild if w.which == "audited"), None)
    base, printed, first = audit.summary.base, audit.printed, audit.summary.first_stage
    if own is not None and (own.p < audit.level) != (own.wild < audit.level):
        return "wild"
    if base is not None and printed is not None:
        stars = base.p < audit.level, printed.p < audit.level
        if stars[0] != stars[1] or (base.coef < 0) != (printed.coef < 0):
            return "rows"
    return "instruments" if first is not None and first.base is not None and first.base < first.limit else ""


def _as_audited(audit: Audit, found: Hangs) -> float:
    """The share in which the claim holds of those that leave the choice that is named as audited; 0 where there is none."""
    axis = next((a for a in audit.axes if a.name == found.axis), None)
    own = next((o for o in found.options if axis is not None and o.option == axis.options[axis.base]), None)
    return own.kept / own.of if own is not None else 0.0
