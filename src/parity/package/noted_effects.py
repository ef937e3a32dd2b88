"""Effects and controls that a note says all columns have: `All regressions include firm and year fixed effects`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.package.fit import Fit
from parity.package.model_words import OF_SOME
from parity.package.noted_instruments import not_among
from parity.package.notes import Note
from parity.package.printed import Printed, Word
from parity.package.typed_rows import of_word

_ALL = re.compile(
    r"\b(?:all|every|each)\b(?: of)?(?: the)? (?:regressions?|specifications?|models?|columns?|estimates|equations?) "
    r"(?:also )?(?:include|includes|control for|controls for|contain|contains|have|has|with)(?: for)? "
    r"(?P<what>[^.;:()]{1,60}? (?:fixed[ -]effects?|FEs?|dummies))\b|"
    r"(?:所有|各|全部)(?:列|回归|模型|方程)(?:中)?(?:均|都)?(?:控制|加入|包含)了?(?P<chinese>[^。；，,;:]{1,30}固定效应)|"
    r"^(?P<first>[^.;:(),]{1,60}? (?:fixed[ -]effects?|FEs?|dummies)) (?:are|were) (?:included|controlled for) "
    r"(?:in|throughout)(?: all| each| every)?(?: of)?(?: the)? "
    r"(?:regressions?|specifications?|models?|columns?|estimates)\b",
    re.IGNORECASE,
)


_CONTROLLED = re.compile(
    r"\b(?:all|every|each)\b(?: of)?(?: the)? (?:regressions?|specifications?|models?|columns?|estimates|equations?) "
    r"(?:also )?(?:controls? for|adjusts? for|includes?) (?P<what>[^.;:()]{1,120})",
    re.IGNORECASE,
)


def of_noted_controls(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """Variables of the data, by name or label, that a note says all commands have, and one hasn't."""
    out = []
    for line in exhibit.notes.lines:
        found = None if OF_SOME.search(line) or len(line) > 1000 else _CONTROLLED.search(line)
        for column, fit in zip(exhibit.columns, fits, strict=True) if found is not None else ():
            request = fit.estimate.source.request if fit is not None and fit.estimate.source is not None else None
            if fit is None or request is None:
                continue
            own = (*request.regressors, *request.endogenous, *request.absorb, *request.partialled, *request.instruments)
            if lacks := not_among(found["what"], own, fit.estimate):
                text = f"the note says `{' '.join(found[0].split())}`; column {column.number}: its command has no `{lacks}`"
                out.append(Note("note-controls", place, f"{text} ({fit.estimate.place})"))
    return out


def of_noted_effects(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain."""
    out: list[Note] = []
    for line in exhibit.notes.lines:
        found = _ALL.search(line)
        named = (found["what"] or found["first"] or found["chinese"]).strip() if found is not None else ""
        if not named or OF_SOME.search(line) or re.search(r"\b(?:controls|covariates|characteristics)\b", named):
            continue
        what = re.sub(r"^(?:a full set of|full sets? of|a set of|both) ", "", named, flags=re.IGNORECASE)
        out += of_word(Word(what, "Yes", place), exhibit, fits, "the note")
    return out
