"""Effects of an event study with their intervals, a row each, as a drawing that CSS can colour."""

from __future__ import annotations

from collections.abc import Sequence

from parity.report.figures import short
from parity.report.forest import Forest
from parity.results.record import Record

#: Rows of one drawing; the table beside has all.
MOST = 60


def effects_svg(records: Sequence[Record]) -> str:
    """Of the record of an event study that holds effects with intervals; "" of any other."""
    record = next((r for r in records if r.kind == "event_study" and r.numbers), None)
    if record is None:
        return ""
    of: dict[str, dict[str, float]] = {}
    for n in record.numbers:
        of.setdefault(n.quantity, {})[n.term] = n.value
    low, high = of.get("ci_low", {}), of.get("ci_high", {})
    terms = list(of.get("effect", {}))[:MOST]
    if not low:
        return ""
    points = [of["effect"][t] for t in terms]
    intervals = [(low[t], high[t]) if t in low and t in high else None for t in terms]
    ends = [end for interval in intervals if interval is not None for end in interval]
    said = "; ".join(f"{t}: {short(p)}" for t, p in zip(terms, points, strict=True))
    description = f"Effects with 95 % intervals: {said}"
    return Forest(record.spec, terms, points, intervals, [*points, *ends, 0.0], description).svg
