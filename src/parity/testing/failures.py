"""The text of a failing test: the record, what differs, and the cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.report.words import difference_lines, headline
from parity.results.record import Record
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.diagnose.explanation import Explanation

#: Differences shown.
MOST = 12


def failure_text(study: Study, record: Record) -> str:
    """What is wrong, and why."""
    lines = [f"{record.verdict.upper()} {study.id}/{record.spec}: {headline(record)}"]
    lines += [f"    {line}" for line in difference_lines(record, most=MOST)]
    lines += [f"    engine said: {w}" for w in record.warnings[:2]]
    if record.causes:
        lines += ["", *(f"  {cause.text} (cause: {cause.id})" for cause in record.causes)]
    elif record.verdict == "disagree":
        lines += ["", cause_text(lambda: _asked(study, record))]
    return "\n".join(lines)


def cause_text(ask: Callable[[], Explanation | None]) -> str:
    """The explanation as text; a diagnosis that can't be made is said, and never hides what it should explain."""
    from parity.diagnose.questions.answer import Answer
    from parity.report.explanation import explanation_text
    from parity.runs.explain_engines import NoEstimate

    try:
        explanation = ask()
    except (InputError, NoEstimate) as error:
        return f"No diagnosis: {error}"
    if explanation is None:
        return ""
    answer = explanation if isinstance(explanation, Answer) else Answer(**dict(explanation))
    return explanation_text(answer).rstrip()


def _asked(study: Study, record: Record) -> Explanation | None:
    from parity.diagnose.questions.typed import explain_printed
    from parity.diagnose.questions.typed import typed_targets as typed
    from parity.runs.explain_engines import explain_engines

    if record.kind == "estimate":
        return explain_engines(study, record.spec, record.reference, record.candidate)
    if record.kind == "printed":
        given: dict[str, list[str]] = {"coef": [], "se": [], "t": []}
        for entry in study.published:
            if entry.spec == record.spec and entry.source == record.note and entry.term:
                given["coef"] += [f"{entry.term}={entry.estimate}"] if entry.estimate else []
                given[entry.kind] += [f"{entry.term}={entry.parentheses}"] if entry.parentheses else []
        targets = {quantity: texts for quantity, texts in given.items() if texts}
        return explain_printed(study, record.spec, typed(targets, None)) if targets else None
    return None
