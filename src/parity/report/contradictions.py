"""What no run writes: verdicts that their own numbers belie, counts that don't add up, numbers that don't follow.

A report in which everything was changed to fit can't be told from one that a run wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from parity.base.tolerance import MOST_DIGITS
from parity.report import inner_analyses, inner_details
from parity.results.record import KeptStudy, Record, Report, summarise

#: Sentences about one spec: one edited number belies many.
MOST_SAID = 3
EDITED = "it was edited, or cut off"


def contradictions(report: Report) -> Iterator[tuple[str, str]]:
    """Key and sentence."""
    for i, r in enumerate(report.records):
        wrong = _of_record(r)
        if wrong:
            yield f"records.{i}", f"{wrong}; {EDITED}"
    if {k: v for k, v in report.summary.items() if v} != {k: v for k, v in summarise(report.records).items() if v}:
        yield "summary", "it doesn't count the records that stand here; the file was edited, or cut off"
    for kept in report.studies or ():
        if kept.hash != KeptStudy.of(kept.study, kept.text).hash:
            yield f"studies.{kept.study}.text", "it is not the text that the numbers were made with; it was edited"
    yield from _of_details(report)
    yield from _of_analyses(report)


def _of_record(r: Record) -> str:
    if r.checked < 0 or (r.digits is not None and not 0 <= r.digits <= MOST_DIGITS):
        return f"{r.checked} quantities compared to {r.digits} digits"
    if r.verdict == "agree" and (not r.checked or r.differences or r.moves):
        return f"it says agree with {r.checked} quantities compared and {len(r.differences) + len(r.moves)} different"
    return "it says explained and names no cause" if r.verdict == "explained" and not r.causes else ""


def _of_details(report: Report) -> Iterator[tuple[str, str]]:
    records: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for r in report.records:
        if r.kind == "estimate" and r.mode == "harmonised":
            records[r.study, r.spec].append(r)
    seen = set()
    for i, detail in enumerate(report.details or ()):
        if detail.mode != "harmonised":
            continue
        where = f"details.{i}"
        if (detail.study, detail.spec) in seen:
            yield where, f"{detail.study}/{detail.spec} stands twice"
        seen.add((detail.study, detail.spec))
        for place, wrong in islice(inner_details.contradictions_of(detail, records[detail.study, detail.spec]), MOST_SAID):
            yield ".".join(filter(None, (where, place))), f"{detail.study}/{detail.spec}: {wrong}; {EDITED}"


def _of_analyses(report: Report) -> Iterator[tuple[str, str]]:
    pages = {(a.study, a.spec): a for a in report.analyses or ()}
    for i, r in enumerate(report.records):
        for wrong in inner_analyses.contradictions_of(r, pages.get((r.study, r.spec))):
            yield f"records.{i}", f"{r.study}/{r.spec}: {wrong}; {EDITED}"
