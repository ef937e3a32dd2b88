"""Marginal effects of a study (`[margins.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention, other_values
from parity.analyses.in_parts import Found
from parity.analyses.of_section import OfSection
from parity.base.quantities import scale_of
from parity.base.tolerance import NORMAL_EQUATIONS
from parity.compare.agree import by_term
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.margins.sample import Sample

_AT = {
    "rows": ("Effects are averaged over the rows, not taken at the means of the regressors.", "Stata: margins, dydx(*)"),
    "means": ("Effects are taken at the means of the regressors, not averaged over the rows.",
              "Stata: margins, dydx(*) atmeans; mfx; dprobit"),
}  # fmt: skip
_INDICATORS = {
    "derivative": ("Effects of columns of 0 and 1 are derivatives.", "Stata: margins, dydx(*) without i."),
    "difference": ("Effects of columns of 0 and 1 are differences of the response at 1 and at 0.",
                   "Stata: i.x and margins, dydx(*); R: mfx"),
}  # fmt: skip


class Margins(OfSection):
    section = "margins"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Sample:
        from parity.analyses.margins.sample import sample_of

        return sample_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        """At means or averaged, a factor's difference or derivative, and both at once."""
        s = self.settings(study, name)
        at, indicators = list(other_values(s, "at", _AT)), list(other_values(s, "indicators", _INDICATORS))
        yield from (*at, *indicators)
        for a in at:
            for i in indicators:
                both = a.settings.model_copy(update={"indicators": i.settings.indicators})
                yield Convention(f"{a.id}-{i.id}", f"{a.text} {i.text}", f"{a.formula}, {i.formula}",
                                 f"{a.source}; {i.source}", both)  # fmt: skip

    def find(self, part: Sample) -> Found:
        from parity.analyses.margins.effects import effects

        found = effects(part)
        return Found(found, found, part.notes)

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.margins.r import margins_in_r

        return margins_in_r(part)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_margins(answer, found.own)


def compare_margins(answer: Mapping[str, Mapping[str, float]], found: Mapping[str, Mapping[str, float]]) -> Comparison:
    """Every number, R's against ours, as those of coefficients: both sides end their steps where no digit moves."""

    def size(quantity: str, term: str, ours: float | None) -> float:
        se, t = (found.get(q, {}).get(term, 0.0) for q in ("se", "t"))
        return scale_of("coef" if quantity == "effect" else quantity, term, ours or 0.0, se=se, t=t)

    return by_term(answer, found, size, lambda quantity: NORMAL_EQUATIONS)


ANALYSIS = Margins()
