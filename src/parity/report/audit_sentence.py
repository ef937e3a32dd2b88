"""Below the verdict: how many specifications have the audited sign and its star, and what moves the coefficient most."""

from __future__ import annotations

from parity.report.audit_block import percent
from parity.report.audit_options import plural, tick
from parity.results.audit import Audit, Significance


def audit_sentence(audit: Audit) -> str:
    """`x` keeps its sign in 16,384 of 16,384 specifications. Its 5 % star stays in 9,012 ... What moves it most is ..."""
    found, star = audit.summary, f"{100 * audit.level:g} % star"
    if not found.estimable:
        return f"None of {found.specs:,} specifications of `{audit.term}` could be estimated."
    at = next((s for s in found.significant if s.level == audit.level), None)
    of = f"{found.estimable:,} {plural('specification', found.estimable)}"
    if found.base is None or found.base.coef == 0:
        said = f"`{audit.term}` is positive in {found.positive:,} of {of} and negative in {found.negative:,}"
        said += f"; {at.positive + at.negative:,} have a {star}" if at else ""
    else:
        up = found.base.coef > 0
        same = found.positive if up else found.negative
        said = f"`{audit.term}` keeps its sign in {same:,} of {of}"
        if at:
            said += f". {_stars(audit, at, up)}"
    most = _most(audit)
    return f"{said}. {most[0].upper()}{most[1:]}."


def _stars(audit: Audit, at: Significance, up: bool) -> str:
    """Of all specifications: a star with the audited sign, one with the other, none; by t."""
    same, other = (at.positive, at.negative) if up else (at.negative, at.positive)
    none, star = audit.summary.estimable - same - other, f"{100 * audit.level:g} % star (p below {audit.level:g}, by t)"
    base = audit.summary.base
    if base is not None and base.p < audit.level:
        others = f"{other:,} {_have(other)} a star of the other sign, " if other else ""
        return f"Its {star} is there in {same:,}, {others}and {none:,} {_have(none)} none"
    whose = f"in {none:,}, the audited one among them" if none > 1 else "in the audited one alone"
    return f"There is no {star} {whose}; {same:,} {_have(same)} one with its sign, {other:,} with the other sign"


def _have(n: int) -> str:
    return "has" if n == 1 else "have"


def _most(audit: Audit) -> str:
    moved = next((m for m in audit.decomposition if m.what == "coef"), None)
    if moved is None or not moved.shares or not moved.variance:
        return "no choice moves the coefficient"
    first = moved.shares[0]
    said = f"what moves the coefficient most is {tick(first.axis)} ({percent(first.shapley)} of its variance)"
    if len(moved.shares) > 1 and moved.shares[1].shapley > first.shapley / 2:
        second = moved.shares[1]
        said += f", then {tick(second.axis)} ({percent(second.shapley)})"
    return said
