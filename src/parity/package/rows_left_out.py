"""Coefficients that a command gives and its column doesn't print, where what is printed tells that they belong there.

An author shows what they choose: by `keep()` and `drop()` of the call that writes a table, which are known; a log shows
all. Where no call is known, another column of the table that prints the term says that it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.package.estimates import Estimated, constant
from parity.package.fit import Fit
from parity.package.mapping import Match
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.stata_language.vce import JOINT

#: Programs of which each column may have a choice of rows of its own, so that another's says nothing.
_EACH_ITS_OWN = ("outreg2", "outreg", "asdoc")


def of_rows_left_out(exhibit: Printed, matches: Sequence[Match], fits: Sequence[Fit | None]) -> list[Note]:
    """A note for the terms that a column, or several alike, should print. fits: None where a command isn't certain"""
    shown = {t for f in fits if f is not None for t in f.terms}
    lost: dict[tuple[str, ...], list[int]] = {}
    for i, (match, found) in enumerate(zip(matches, fits, strict=True)):
        if found is None or not found.perfect or not found.terms or "" in found.terms:
            continue
        due = found.expected if exhibit.origin == "table" else _in_a_window(found.estimate)
        missing = [t for t in due if t not in found.terms]
        if exhibit.origin == "table":
            if match.asked is not None:
                missing = [t for t in missing if match.asked.asks(t)]
            elif exhibit.writer not in _EACH_ITS_OWN and match.how in ("numbers", "name", "N and R2"):
                missing = [t for t in missing if t in shown]
            else:
                missing = []
        elif match.how != "echo":
            missing = []
        if missing:
            lost.setdefault(tuple(missing), []).append(i)
    return [_note(exhibit, fits, terms, at) for terms, at in lost.items()]


def _in_a_window(e: Estimated) -> list[str]:
    """Slopes that a window has; the first stage of ivprobit has none without its option."""
    hidden = e.name in JOINT and not re.search(r"\bfirst\b", e.command.partition(",")[2])
    return [t for t in e.terms if not constant(t) and not (hidden and ":" in t)]


def of_columns_left_out(exhibit: Printed, matches: Sequence[Match]) -> list[Note]:
    """Columns that the call which wrote a table puts there and the table lacks, where all that it has are the call's."""
    shown = {m.fit.estimate.index for m in matches if m.fit is not None and m.fit.perfect}
    missing = [i for i in exhibit.places if i not in shown]
    if not missing or len(matches) >= len(exhibit.places) or len(shown) < len(matches) or not shown <= set(exhibit.places):
        return []
    many, has = len(exhibit.places), len(matches)
    said = f"the code puts {many} columns there, and the table has {has} of them"
    return [Note("note-columns", exhibit.line, said)]


def _note(exhibit: Printed, fits: Sequence[Fit | None], terms: Sequence[str], at: Sequence[int]) -> Note:
    columns = [exhibit.columns[i] for i in at]
    numbers = ", ".join(dict.fromkeys(f"{c.panel}:{c.number}".removeprefix(":") for c in columns))
    more = f" and {len(terms) - 3} more" if len(terms) > 3 else ""
    named = ", ".join(f"`{t}`" for t in terms[:3]) + more
    who = f"column{'s' * (len(columns) > 1)} {numbers}" if exhibit.origin == "table" else "the window"
    e = fits[at[0]].estimate  # type: ignore[union-attr]
    verb = "have" if len(columns) > 1 else "has"
    return Note("note-rows", exhibit.line, f"{who} {verb} no row of {named}, which the code puts there ({e.place})")
