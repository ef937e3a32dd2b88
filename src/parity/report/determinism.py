"""Report of a determinism check -> text for a terminal: what moves and its values, then one true line."""

from __future__ import annotations

from collections.abc import Sequence

from parity.base.quantities import FIRST, place
from parity.report.text import printable, wrapped
from parity.report.words import live_line, number
from parity.results.record import Record, Report


def determinism_text(report: Report, settings: str, *, verbose: bool = False) -> str:
    """settings: one line on what was changed. verbose: every quantity that moved, and who declined."""
    bad = [r for r in report.records if r.verdict not in ("agree", "declined")]
    sections = [_paragraph(r, report, verbose) for r in bad]
    if verbose:
        quiet = [r for r in report.records if r.verdict == "declined"]
        sections += ["\n".join(wrapped(f"{r.study}/{r.spec}, {r.candidate} {r.how}: {r.note}", "  ") for r in quiet)]
    sections += [wrapped(f"changed: {settings}."), wrapped(live_line(report)), wrapped(_last(report))]
    return printable("\n\n".join(s for s in sections if s) + "\n")


def _paragraph(record: Record, report: Report, verbose: bool) -> str:
    what = f"moves in {len(record.moves)} of {record.checked} quantities" if record.moves else record.note
    verdict = "FAILED" if record.verdict == "failed" else "MOVES"
    lines = [wrapped(f"{verdict} {record.study}/{record.spec}: {record.candidate} {record.how} {what}")]
    ranked = sorted(record.moves, key=lambda m: place(m.quantity))
    shown = ranked if verbose else [m for m in ranked if m.quantity in FIRST[:4]][:4] or ranked[:4]
    for move in shown:
        lines.append(wrapped(f"{move.quantity} {move.term}".rstrip() + f", {move.relative:.1e} apart:", "    "))
        lines += [wrapped(f"{number(v.value)} with {', '.join(v.settings)}", "      ") for v in move.values]
    for cause in record.causes:
        lines.append(wrapped(f"cause: {cause.id}. {cause.text} {cause.formula}; what is left: {cause.residual:.1e}", "    "))
    if record.moves and not record.causes:
        lines.append(wrapped("no known defect explains it", "    "))
    if record.how == "as shipped" and _steady(record, report.records):
        lines.append(wrapped("brought to the declared convention it doesn't move", "    "))
    return "\n".join(lines)


def _steady(record: Record, records: Sequence[Record]) -> bool:
    same = [r for r in records if (r.study, r.spec, r.candidate) == (record.study, record.spec, record.candidate)]
    return any(r.how == "harmonised" and r.verdict == "agree" for r in same)


def _last(report: Report) -> str:
    compared = [r for r in report.records if r.checked]
    if not compared:
        return "NOTHING WAS COMPARED."
    moving = [r for r in compared if r.verdict != "agree"]
    engines = {r.candidate for r in compared}
    quantities = sum(r.checked for r in compared)
    if not moving:
        return f"Nothing moves: {quantities:,} quantities of {len(engines)} engines."
    who, specs = {r.candidate for r in moving}, {(r.study, r.spec) for r in compared}
    still = len(engines - who)
    rest = f"; nothing moves in the other {still} engines" if still else ""
    return (
        f"{', '.join(sorted(who))}: {len({(r.study, r.spec) for r in moving})} of {len(specs)} specifications move{rest} "
        f"({quantities:,} quantities)."
    )
