"""Event studies of a study (`[event_study.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention
from parity.analyses.event_study.methods import METHODS
from parity.analyses.in_parts import Found
from parity.analyses.of_columns import Numbers, OfColumns
from parity.base.quantities import scale_of
from parity.base.tolerance import NORMAL_EQUATIONS
from parity.compare.agree import comparison, hold, known
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from parity.analyses.event_study.sample import Panel


class EventStudies(OfColumns):
    section = "event_study"

    def expressions(self, settings: Any) -> Sequence[Any]:
        return (settings.outcome, *settings.controls)

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Panel:  # type: ignore[override]
        from parity.analyses.event_study.sample import panel_of

        return panel_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        from parity.analyses.event_study.conventions import conventions_of

        return conventions_of(self.settings(study, name), study.header)

    def find(self, part: Panel) -> Found:
        from parity.analyses.event_study.about import in_a_line, in_words

        found = METHODS[part.settings.method](part)
        shown = found.shown()
        return Found(found, shown, (*found.notes, in_a_line(part)), about=in_words(part, shown))

    def ask_r(self, part: Panel, folder: Path) -> dict[str, Any]:
        from parity.analyses.event_study.r import event_study_in_r

        return event_study_in_r(part, METHODS[part.settings.method](part))

    def compare(self, part: Panel, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_effects(answer, found.printed)


#: Right or wrong.
COUNTS = ("nobs", "clusters")
#: Quantities whose numbers are judged on the larger of themselves and their standard errors.
_WITH_SE = {"effect": "se", "cell": "cell se"}


def compare_effects(answer: Numbers, found: Numbers) -> Comparison:
    """Every number, R's against ours, as those of coefficients; what only one side has is a difference."""
    rows = []
    for quantity in dict.fromkeys([*found, *answer]):
        ours, theirs = found.get(quantity, {}), answer.get(quantity, {})
        for term in dict.fromkeys([*ours, *theirs]):
            a, b = known(theirs.get(term)), known(ours.get(term))
            se = found.get(_WITH_SE.get(quantity, "se"), {}).get(term) or 0.0
            t = found.get("t", {}).get(term) or 0.0
            size = scale_of(_SCALED.get(quantity, quantity), term, b or 0.0, se=se, t=t)
            allowed = 0.0 if quantity in COUNTS else NORMAL_EQUATIONS * size
            rows.append((quantity, term, a, b, hold(a, b, allowed, size, infinite=False)))
    return comparison(rows)


#: Quantity -> the declared one on whose scale it is judged.
_SCALED = {"effect": "coef", "cell": "coef", "cell se": "se", "share": "se"}

ANALYSIS = EventStudies()
