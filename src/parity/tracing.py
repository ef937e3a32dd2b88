"""Which cause makes a disagreement: the diagnosis, asked for every record that differs where a report is to show why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from parity.detail import FoundCause, Traced
from parity.estimate import Answer, Estimate
from parity.plan import Entry
from parity.record import Record
from parity.study import Published, Spec, Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.diagnose import Explanation, TargetNumber

#: Disagreements of one study that are searched: a broken engine differs everywhere, and for one reason.
MOST = 12


def trace(
    study: Study, spec: Spec, frame: Callable[[], pd.DataFrame], records: Sequence[Record],
    answers: Sequence[tuple[Entry, Answer]], most: int = MOST,
) -> tuple[Traced, ...]:  # fmt: skip
    """One answer per record of the spec that disagrees, without a cause yet; `most` of them.

    frame: loads the study's data, and is called only where there is something to search.
    """
    found, entry = [], 0
    estimates = {answer.engine: answer for _, answer in answers if isinstance(answer, Estimate)}
    published = [p for p in study.published if p.spec == spec.id]
    for record in records:
        number = entry if record.kind == "printed" else None
        entry += record.kind == "printed"
        if record.verdict != "disagree" or record.causes or not record.differences or len(found) >= most:
            continue
        explanation = _searched(study, spec, frame, record, published[number] if number is not None else None, estimates)
        if explanation is not None:
            found.append(_traced(record, number, explanation))
    return tuple(found)


def _searched(
    study: Study, spec: Spec, frame: Callable[[], pd.DataFrame], record: Record, entry: Published | None,
    estimates: Mapping[str, Estimate],
) -> Explanation | None:  # fmt: skip
    from parity.diagnose import explain_estimate, explain_targets

    if entry is not None:
        targets = _targets(entry)
        return explain_targets(study, spec, frame(), targets) if targets else None
    reference, candidate = estimates.get(record.reference), estimates.get(record.candidate)
    if record.kind != "estimate" or reference is None or candidate is None:
        return None
    return explain_estimate(study, spec, frame(), reference, candidate)


def _targets(entry: Published) -> list[TargetNumber]:
    """What a printed entry says, as the diagnosis reads it; statistics other than N have no causes."""
    from parity.diagnose import TargetNumber

    stated = [("coef", entry.term, entry.estimate), (entry.kind, entry.term, entry.parentheses)]
    stated += [("nobs", "", entry.statistic.get("nobs"))]
    return [TargetNumber(quantity, term, text) for quantity, term, text in stated if text]


def _traced(record: Record, entry: int | None, explanation: Explanation) -> Traced:
    first = explanation.causes[0] if explanation.causes else None
    causes = tuple(
        FoundCause(id=c.id, text=c.sentence, residual=first.residual, formula=c.formula, source=c.source, how=c.how)
        for c in (first.causes if first else ())
    )
    return Traced(
        kind=record.kind, reference=record.reference, candidate=record.candidate, entry=entry, causes=causes,
        others=tuple(" + ".join(s.ids) for s in explanation.causes[1:]), worlds=explanation.worlds,
        chance=first.chance if first else 0.0,
    )  # fmt: skip
