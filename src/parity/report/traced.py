"""A report whose records show the causes that were searched for when it was made."""

from __future__ import annotations

from parity.detail import Traced
from parity.record import Cause, Record, Report


def with_causes(report: Report) -> Report:
    """The same report, with the causes kept in its details on the records they belong to."""
    found = {
        (d.study, d.spec, t.kind, t.reference, t.candidate, t.entry): t
        for d in report.details or ()
        for t in d.traced
        if t.proven and d.mode == "harmonised"
    }
    if not found:
        return report
    entries: dict[tuple[str, str], int] = {}
    records = []
    for record in report.records:
        entry = None
        if record.kind == "printed":
            entry = entries.get((record.study, record.spec), 0)
            entries[record.study, record.spec] = entry + 1
        key = (record.study, record.spec, record.kind, record.reference, record.candidate, entry)
        traced = found.get(key) if record.mode == "harmonised" and not record.causes else None
        records.append(_with(record, traced) if traced else record)
    return report.model_copy(update={"records": tuple(records)})


def _with(record: Record, traced: Traced) -> Record:
    causes = tuple(Cause(**cause.model_dump()) for cause in traced.causes)
    return record.model_copy(update={"causes": causes})
