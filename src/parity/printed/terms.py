"""The term of an estimate that a printed number names, and what to write where there is none of that name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from parity.base.errors import suggest
from parity.base.terms import INTERCEPT
from parity.printed.spelled import alike
from parity.study import hints
from parity.study.grammar import named_term
from parity.study.published import Published
from parity.study.spec import Spec

#: How many terms are named where none is near.
_MOST = 12


def same_term(name: str, terms: Sequence[str]) -> str | None:
    """The term of this name, or of this name in another program's spelling (`80.year` for `year::80`, `_cons` for the
    intercept), or as the formula has it (`log(x + 1)`); a blank more or less is no other name. None if there is none, or
    more than one."""
    if name in terms:
        return name
    blank = [t for t in terms if re.sub(r"\s", "", t) == re.sub(r"\s", "", name)]
    found = blank or alike(name, terms)
    if not found:
        here = INTERCEPT if hints.is_constant(name) else named_term(name)
        found = [here] if here in terms else []
    return found[0] if len(found) == 1 else None


def as_estimated(entry: Published, terms: Sequence[str]) -> Published:
    """The entry with its term as the estimate names it; unchanged where the estimate has no such term."""
    name = same_term(entry.term, terms)
    return entry if name in (None, entry.term) else entry.model_copy(update={"term": name})


def no_term(name: str, terms: Sequence[str], spec: Spec, dropped: Sequence[str] = ()) -> str:
    """Why there is no term of this name, and what it is called. dropped: columns left out as absorbed or collinear."""
    there_is_none = f"there is no term `{name}`"
    if left_out := same_term(name, dropped):
        return f"{there_is_none}: `{left_out}` is left out of {spec.id} as absorbed or collinear"
    shown = ", ".join(terms[:_MOST]) + (f" and {len(terms) - _MOST} more" if len(terms) > _MOST else "")
    habit = hints.in_term(name, terms, absorbs=bool(spec.formula.effects))
    near = f": {habit}" if habit else suggest(name, terms)
    return f"{there_is_none}{near}{'' if near.endswith('?') else ';'} terms: {shown or 'none'}"


def no_statistic(entry: Published, quantities: Iterable[tuple[str, str]]) -> str:
    """Which statistic of the entry the estimate doesn't have; empty if it has them all. quantities: (name, term)."""
    known = [name for name, term in quantities if not term]
    missing = [name for name in entry.statistic if name not in known]
    return f"there is no statistic `{missing[0]}`{suggest(missing[0], known)}; known: {', '.join(known)}" if missing else ""
