"""What a note says that the dependent variable is, and what a panel is called, held against the commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.package.changed_labels import outcome_denied
from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.model_words import OF_SOME
from parity.package.notes import Note
from parity.package.printed import Printed

_SAYS = re.compile(
    r"\b(?:the )?(?:dependent|outcome|explained) variables?(?: (?:in|of|for) (?:all|each|every|the|these) [a-z]{1,14})?"
    r"(?: (?:is|are|was|were)|:| =) ?(?:the )?(?P<what>[^.;,():]{1,80})|"
    r"(?:被解释变量|因变量)(?:均|都)?(?:为|是|:|：) ?(?P<chinese>[^.;,。；，:]{1,40})",
    re.IGNORECASE,
)
_PARTS = re.compile(r" and | or |[/&;]|和|与|、")


def of_said_outcomes(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain: then it may be the one that is meant."""
    known = [f.estimate for f in fits if f is not None and f.estimate.source is not None and f.estimate.source.request]
    if exhibit.origin != "table" or not known or len(known) < len(fits):
        return []
    lines = [line for line in exhibit.notes.lines if len(line) < 1000 and not OF_SOME.search(line)]
    return list(dict.fromkeys(n for line in lines for n in _of_line(line, known, place)))


def _of_line(line: str, known: Sequence[Estimated], place: int) -> Iterator[Note]:
    found = _SAYS.search(line)
    if found is None:
        return
    outcomes = ", ".join(dict.fromkeys(f"`{e.outcome}`" for e in known))
    for part in _PARTS.split(found["what"] or found["chinese"]):
        strange = [_other(part, e) for e in known]
        changed = [outcome_denied(part.strip(), e) for e in known]
        if all(strange):
            said = f"the note says that the dependent variable is `{part.strip()}`; that of its commands is {outcomes}"
            yield Note("note-outcome", place, f"{said} ({known[0].place})")
        elif all(changed):
            yield Note("note-outcome", place, f"the note's dependent variable, `{part.strip()}`, {changed[0]}")


def _other(text: str, e: Estimated) -> str:
    """The variable of the data that a text is called after and that is not the outcome; "" for none."""
    key = plain(text)
    if not key or key in e.outcome_aliases:
        return ""
    columns = e.source.data.columns
    named = [n for n, c in columns.items() if key in (plain(n), plain(c.label or n))]
    return named[0] if named and e.outcome not in named else ""
