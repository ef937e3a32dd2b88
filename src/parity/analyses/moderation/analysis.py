"""Conditional effects of a study (`[moderation.NAME]`), held against R's: one record each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parity.analyses.conventions import Convention, Shown, other_values
from parity.analyses.in_parts import Found
from parity.analyses.of_section import OfSection
from parity.base.tolerance import P_SCALE
from parity.compare.agree import Numbers, by_term
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.analyses.moderation.sample import Sample

_AT = {
    "sd": ("The moderator is taken a standard deviation on either side of its mean.", "Aiken and West (1991)"),
    "quartiles": ("The moderator is taken at its quartiles.", ""),
    "percentiles": ("The moderator is taken at its 16th, 50th and 84th percentiles.", "Hayes, PROCESS"),
}
_DDOF = {
    0: ("The moderator's standard deviation divides by n.", "numpy"),
    1: ("The moderator's standard deviation divides by n - 1.", "Stata, R"),
}


class Moderation(OfSection):
    section = "moderation"

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Sample:
        from parity.analyses.moderation.sample import sample_of

        return sample_of(study, frame, settings)

    def conventions(self, study: Study, name: str) -> Iterator[Convention]:
        """Other values of the moderator under the same names, and the normal distribution."""
        s = self.settings(study, name)
        if s.at == "sd":
            yield from other_values(s, "ddof", _DDOF)
        if isinstance(s.at, str):
            for one in other_values(s, "at", _AT):
                yield Convention(one.id, one.text, one.formula, one.source, edit=None, settings=one.settings)
        yield _NORMAL
        text = "The effect at the mean is the coefficient itself, which is that where the moderator is nought."
        yield Convention("moderation-at-nought", text, "b for b + c w", "a product of columns that were not centred",
                         edit=_at_nought)  # fmt: skip

    def find(self, part: Sample) -> Found:
        from parity.analyses.moderation.effects import moderated

        found = moderated(part)
        return Found(found, found, part.notes, about=in_words(part))

    def ask_r(self, part: Sample, folder: Path) -> dict[str, Any]:
        from parity.analyses.moderation.r import moderation_in_r

        return moderation_in_r(part)

    def compare(self, part: Sample, answer: Mapping[str, Any], found: Found) -> Comparison:
        return compare_moderation(answer, found.own)


def _normal(of: Shown) -> Shown:
    """P of effects by the normal distribution, from their t."""
    from scipy.special import ndtr

    return {k: float(2.0 * ndtr(-abs(of["t", k[1]]))) if k[0] == "p" else v for k, v in of.items()}


def in_words(part: Sample) -> dict[str, str]:
    """What acts on what, and where the moderator does."""
    outcome, path = str(part.of.spec.formula.outcome), f"{part.term} → {part.of.spec.formula.outcome}"
    whole = path
    if part.through is not None:
        ends = str(part.through.spec.formula.outcome)
        whole = f"{path} → {ends}" if part.path == outcome else f"{part.path} → {path}"
    return {"Path": whole, "Moderating": str(part.settings.by), "Moderated path": path}


_NORMAL = Convention(
    "moderation-normal", "p of conditional effects is by the normal distribution.", "p = 2 Phi(-|t|)", "Stata's margins",
    edit=_normal,
)  # fmt: skip


def _at_nought(of: Shown) -> Shown:
    """The effect where the moderator is nought, in place of that at its mean."""
    from parity.analyses.moderation.effects import PRODUCT

    at = ("effect", "the mean")
    return {**of, at: of[at] - of["effect", PRODUCT] * of["value", "the mean"]} if at in of else of


def compare_moderation(answer: Numbers, found: Numbers) -> Comparison:
    """An effect on the larger of itself and its standard error; a bound also on what its root makes of such an error."""
    return by_term(answer, found, lambda quantity, term, ours: _size(quantity, term, ours or 0.0, found))


def _size(quantity: str, term: str, value: float, found: Numbers) -> float:
    of = "indirect " if quantity.startswith("indirect") else ""
    if quantity in ("effect", "indirect") or quantity.endswith(("ci_low", "ci_high")):
        return max(abs(value), found[f"{of}se"].get(term) or 0.0)
    if quantity in ("t", "indirect z"):
        return max(abs(value), 1.0)
    if quantity in ("p", "indirect p"):
        t = found[f"{of}{'z' if of else 't'}"].get(term) or 0.0
        return max(value * max(1.0, t * t), P_SCALE)
    if quantity == "bound":
        both = [w or 0.0 for w in found["bound"].values()]
        gap = abs(both[0] - both[-1])
        return max(map(abs, both)) * max(1.0, max(map(abs, both)) / gap if gap else 1.0)
    return abs(value)


ANALYSIS = Moderation()
