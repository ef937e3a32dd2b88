"""Tests and functions of coefficients of a study (`[test.NAME]`), held against R's: one record each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention
from parity.analyses.in_parts import Found
from parity.analyses.of_section import OfSection
from parity.compare.agree import by_term
from parity.results.record import Comparison
from parity.study.study import Study
from parity.study.table import TableSettings

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.hypotheses.found import Answer
    from parity.analyses.hypotheses.sample import Asked

#: Right or wrong.
COUNTS = ("df", "df_r", "nobs")


class Hypotheses(OfSection):
    section = "test"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Asked:
        from parity.analyses.hypotheses.sample import asked_of

        return asked_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterable[Convention]:
        from parity.analyses.hypotheses.conventions import conventions_of

        settings = self.settings(study, name)
        return conventions_of(settings, study.spec(settings.spec), study.header)

    def in_tables(self, study: Study, tables: Sequence[TableSettings]) -> bool:
        shown = {spec for table in tables if table.kind == "tests" and "test" in table.shown for spec in table.specs}
        return super().in_tables(study, tables) or any(asked.spec in shown for asked in study.test.values())

    def find(self, part: Asked) -> Found:
        from parity.analyses.hypotheses.found import answer
        from parity.analyses.hypotheses.words import about, in_a_line

        found = answer(part)
        notes = (in_a_line(part), *part.notes(), *found.notes)
        return Found(found, found.numbers, notes, found.doubts, about(part, found.numbers))

    def ask_r(self, part: Asked, folder: Path) -> dict[str, Any]:
        from parity.analyses.hypotheses.r import answered_in_r

        return answered_in_r(part)

    def compare(self, part: Asked, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_answers(answer, found.own)


def compare_answers(answer: Mapping[str, Mapping[str, float]], found: Answer) -> Comparison:
    """Every number, R's against ours, each on its own scale; what only one side has is a difference."""

    def size(quantity: str, term: str, ours: float | None) -> float:
        return 1.0 if quantity in COUNTS else found.scales.get((quantity, term), math.inf)

    return by_term(answer, found.numbers, size, lambda quantity: 0.0 if quantity in COUNTS else found.allowed)


ANALYSIS = Hypotheses()
