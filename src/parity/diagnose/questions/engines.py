"""Which cause makes two engines differ: the diagnosis, asked for every such record where a report is to show why.

Printed numbers have their causes in the records already, see `parity.diagnose.questions.records`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from parity.results.estimate import Answer, Estimate
from parity.results.record import Record
from parity.results.spec_page import Traced
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from parity.diagnose import Explanation

#: Disagreements of one study that are searched: a broken engine differs everywhere, and for one reason.
MOST = 12


def trace(
    study: Study, spec: Spec, frame: Callable[[], pd.DataFrame], records: Sequence[Record],
    answers: Sequence[Answer], most: int = MOST,
) -> tuple[Traced, ...]:  # fmt: skip
    """One answer per engine that disagrees on the spec, without a cause yet; `most` of them.

    frame: loads the study's data, and is called only where there is something to search.
    """
    estimates = {answer.engine: answer for answer in answers if isinstance(answer, Estimate)}
    wanted = [r for r in records if r.kind == "estimate" and r.verdict == "disagree" and r.differences and not r.causes]
    sides = [(r, estimates.get(r.reference), estimates.get(r.candidate)) for r in wanted]
    known = [(r, reference, candidate) for r, reference, candidate in sides if reference and candidate][: max(most, 0)]
    if not known:
        return ()
    from parity.diagnose import explain_estimate

    return tuple(_traced(r, explain_estimate(study, spec, frame(), one, other)) for r, one, other in known)


def _traced(record: Record, explanation: Explanation) -> Traced:
    first = explanation.causes[0] if explanation.causes else None
    causes = first.as_causes() if first else ()
    return Traced(
        kind=record.kind, reference=record.reference, candidate=record.candidate, causes=causes,
        others=tuple(" + ".join(s.ids) for s in explanation.causes[1:]), worlds=explanation.worlds,
        chance=first.chance if first else 0.0,
    )  # fmt: skip
