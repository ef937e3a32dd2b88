"""Which defect makes an engine's numbers move? A convention doesn't come and go; only causes marked `unstable` may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parity.conventions.profiles import family_of
from parity.diagnose import explain_estimate
from parity.diagnose.catalogue import CAUSES
from parity.diagnose.cause import Cause as Named
from parity.diagnose.explanation import Explanation
from parity.diagnose.fitter import Fitter
from parity.results.estimate import Estimate
from parity.results.record import Cause
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

UNSTABLE = tuple(cause for cause in CAUSES if cause.unstable)


def name_causes(
    study: Study, spec: Spec, frame: pd.DataFrame, answers: Sequence[Estimate], *, catalogue: tuple[Named, ...] = UNSTABLE
) -> tuple[Cause, ...]:
    """Causes that turn one of the answers, which some convention gives, into all the others; none where none do.

    answers: two or more that differ, of one engine to one question.
    """
    fitter = Fitter(study, frame)
    for convention in (spec.convention, *family_of(spec.convention.profile).values()):
        under = spec.model_copy(update={"convention": convention})
        for sound in answers:
            others = [a for a in answers if a is not sound]
            found = [explain_estimate(study, under, frame, sound, a, catalogue=catalogue, fitter=fitter) for a in others]
            if all(f.verdict == "explained" and f.causes[0].side == "candidate" for f in found):
                return _causes(found)
    return ()


def _causes(found: Sequence[Explanation]) -> tuple[Cause, ...]:
    """Each once, with the largest residual."""
    causes: dict[str, Cause] = {}
    for explanation in found:
        for c in explanation.causes[0].as_causes():
            residual = max(c.residual, causes[c.id].residual if c.id in causes else 0.0)
            causes[c.id] = c.model_copy(update={"residual": residual, "parameters": {}, "chance": 0.0})
    return tuple(causes.values())
