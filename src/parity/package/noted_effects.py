"""Effects that a note says all columns have: `All regressions include firm and year fixed effects`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.package.fit import Fit
from parity.package.model_words import OF_SOME
from parity.package.notes import Note
from parity.package.printed import Printed, Word
from parity.package.typed_rows import of_word

_ALL = re.compile(
    r"\b(?:all|every|each)\b(?: of)?(?: the)? (?:regressions?|specifications?|models?|columns?|estimates|equations?) "
    r"(?:also )?(?:include|includes|control for|controls for|contain|contains|have|has|with)(?: for)? "
    r"(?P<what>[^.;:()]{1,60}? (?:fixed[ -]effects?|FEs?|dummies))\b",
    re.IGNORECASE,
)


def of_noted_effects(exhibit: Printed, fits: Sequence[Fit | None], place: int) -> list[Note]:
    """fits: None where a column's command isn't certain."""
    out: list[Note] = []
    for line in exhibit.notes.lines:
        found = _ALL.search(line)
        if found is None or OF_SOME.search(line) or re.search(r"\b(?:controls|covariates|characteristics)\b", found["what"]):
            continue
        what = re.sub(r"^(?:a full set of|full sets? of|a set of|both) ", "", found["what"].strip(), flags=re.IGNORECASE)
        out += of_word(Word(what, "Yes", place), exhibit, fits, "the note")
    return out
