"""A report whose records show the causes that were searched for when it was made."""

from __future__ import annotations

from parity.results.record import Report


def with_causes(report: Report) -> Report:
    """The same report, with the causes kept in its details on the records they belong to."""
    found = {
        (d.study, d.spec, t.kind, t.reference, t.candidate): t
        for d in report.details or ()
        for t in d.traced
        if t.proven and d.mode == "harmonised"
    }
    if not found:
        return report
    records = []
    for record in report.records:
        traced = found.get((record.study, record.spec, record.kind, record.reference, record.candidate))
        wanted = traced is not None and record.mode == "harmonised" and not record.causes
        records.append(record.model_copy(update={"causes": traced.causes}) if wanted else record)
    return report.model_copy(update={"records": tuple(records)})
