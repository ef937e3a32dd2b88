"""What a note says is instrumented, and with what: `Schooling is instrumented with distance to college`.

Only names and labels of variables of the data count: of words that are none, a command may have what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from parity.package.estimates import Estimated, plain
from parity.package.fit import Fit
from parity.package.notes import Note
from parity.package.printed import Printed
from parity.stata_language.varlist import Term

_SAYS = re.compile(
    r"(?:^|[,;.] |\bin (?:the|all) [a-z]{1,12},? |\bwhere )(?P<what>[^.;,()]{1,60}?) (?:is|are|was|were) "
    r"(?:instrumented|(?:treated as )?endogenous)(?: (?:with|by|using|for by)(?: the)? (?P<by>[^.;()]{1,100}))?"
    r"(?: in all [a-z]{1,12})?(?=[.;()]|$)",
    re.IGNORECASE,
)
#: `The instrument is distance`, `all regressions instrument schooling with distance`.
_NAMED = re.compile(
    r"\b(?:the )?(?:excluded )?instruments?(?: for (?P<what>[^.;,()]{1,60}?))? (?:is|are|was|were)(?: the)? "
    r"(?P<by>[^.;()]{1,100})|"
    r"\b(?:we|all regressions|all columns) (?:also )?instruments? (?P<this>[^.;,()]{1,60}?) (?:with|by)(?: the)? "
    r"(?P<other>[^.;()]{1,100})",
    re.IGNORECASE,
)
_PARTS = re.compile(r" and |[,&/+;]|和|与|、")
#: Longer notes have no such sentence that could be read with certainty.
_LONGEST = 600


def of_instruments(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain: then it may be the one that is meant."""
    known = [f.estimate for f in fits if f is not None and f.estimate.source is not None and f.estimate.source.request]
    with_some = [e for e in known if e.source.request.endogenous]
    if exhibit.origin != "table" or not known or len(known) < len(fits):
        return []
    return list(dict.fromkeys(n for line in exhibit.notes.lines for n in _of_line(line, with_some or known, place)))


def _of_line(line: str, known: Sequence[Estimated], place: int) -> Iterator[Note]:
    if len(line) > _LONGEST:
        return
    sentences = [(found[0], found["what"], found["by"]) for found in _SAYS.finditer(line)]
    sentences += [(m[0], m["what"] or m["this"], m["by"] or m["other"]) for m in _NAMED.finditer(line)]
    for sentence, what, by in sentences:
        for text, held, kind in ((what, "endogenous", "instrumented"), (by, "instruments", "an instrument")):
            strange = [not_among(text or "", getattr(e.source.request, held), e) for e in known]
            if text and all(strange):
                said = f"the note says `{' '.join(sentence.split()).strip(',;. ')}`; `{strange[0]}` is not {kind}"
                yield Note("note-instruments", place, f"{said} in its commands ({known[0].place})")


def not_among(text: str, terms: Sequence[Term], e: Estimated) -> str:
    """The first variable of the data that a text names, by name or label, and that none of these terms has; "" for none."""
    own = {f.name for t in terms for f in t.factors}
    columns = e.source.data.columns
    for part in _PARTS.split(text):
        key = plain(part)
        named = [n for n, c in columns.items() if key and key in (plain(n), plain(c.label or n))]
        if named and not own.intersection(named):
            return named[0]
    return ""
