"""The causes that a report names, each with what it says of every spec: pages that their names link to."""

from __future__ import annotations

from dataclasses import dataclass

from parity.report.cause_pages import Block, example, pages
from parity.report.overview import page_ids
from parity.results.record import Cause, Report


@dataclass(frozen=True)
class Found:
    """Where a cause was named: the page of the spec, the two sides, and what it is with that spec's numbers."""

    page: str
    place: str
    sides: str
    text: str
    formula: str


@dataclass(frozen=True)
class CausePage:
    """cause: as the first record that names it has it. written: whether the package has a page of it; example: of that."""

    id: str
    cause: Cause
    found: tuple[Found, ...]
    written: bool = False
    example: tuple[Block, ...] = ()


def named_causes(report: Report) -> tuple[CausePage, ...]:
    """A page a cause, in the order of its first naming."""
    ids = page_ids(report)
    named: dict[str, list[tuple[Cause, Found]]] = {}
    for record in report.records:
        for cause in record.causes:
            sides = f"{record.candidate} against {'print' if record.kind == 'printed' else record.reference}"
            page = ids.get((record.study, record.spec, record.mode), "")
            named.setdefault(cause.id, []).append((cause, Found(page, record.name, sides, cause.text, cause.formula)))
    return tuple(
        CausePage(f"cause-{name}", found[0][0], tuple(dict.fromkeys(f for _, f in found)), name in pages(), example(name))
        for name, found in named.items()
    )
