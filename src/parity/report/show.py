"""What `parity show` prints of a report: each spec's estimates in the style of its package, and whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from parity.report.r_summary import r_summary
from parity.report.sentence import between_engines, specs_of
from parity.report.shown import agreement, chosen, columns, style_of, wrapped
from parity.report.window import window
from parity.results.record import Record, Report


def show_text(
    report: Report, *, style: str | None = None, engines: Sequence[str] = (), abreast: bool = False
) -> tuple[str, bool]:
    """The text, and whether every spec has an estimate that no engine contradicts.

    style: "stata" or "r", by default that of the declared convention. engines: whose numbers, by default the reference's.
    """
    records, sections, whole = specs_of(report), [], True
    for detail in report.details or ():
        found = records[detail.study, detail.spec, detail.mode]
        title = f"{detail.study}/{detail.spec}" + (f": {detail.title}" if detail.title else "")
        sections.append("\n".join(wrapped(title)))
        for engine in engines or ("",):
            shown = chosen(detail, engine)
            if shown is None:
                sections.append("\n".join(wrapped(missing(engine, found))))
                whole = False
                continue
            made = {"r": r_summary, "stata": window}[style or style_of(detail)]
            sections.append("\n".join([made(shown), "", *wrapped(agreement(shown, found))]))
        if abreast:
            sections.append(columns(detail, engines, found))
        whole = whole and all(r.harmless for r in found if between_engines(r))
    for record in (r for r in report.records if r.problems):
        sections.append("\n".join(wrapped(f"{record.name}: no estimate: {record.note}")))
        whole = False
    if report.made:
        sections.append(f"Made data, not observed: {', '.join(report.made)}.")
    return "\n\n".join(section for section in sections if section) + "\n", whole


def missing(engine: str, records: Sequence[Record]) -> str:
    """Why there is no estimate to show."""
    own = [r for r in records if not r.checked and (not engine or r.candidate == engine)]
    who: dict[str, list[str]] = {}
    for record in own:
        who.setdefault(f"{record.verdict}: {record.note}", []).append(record.candidate)
    # that nothing was compared has the reason of those that declined
    who = {why: [name for name in names if name] for why, names in who.items() if any(names) or len(who) == 1}
    said = (f"{', '.join(names)}: {why}" if names else why for why, names in who.items())
    return f"No estimate{f' of {engine}' if engine else ''}. {'; '.join(said)}".rstrip()
