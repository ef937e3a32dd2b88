"""The sentence that matters: how many specifications agree, in how many engines, and what the others differ by."""

from __future__ import annotations

from parity.base.quantities import declared, place
from parity.report.figures import short
from parity.report.in_print import no_such
from parity.report.words import alone_clause, alternatives, last_line, other_kinds
from parity.results.record import HARMLESS, OF_DATA, SIDES, VERDICTS, Difference, Record, Report

_NUMBER = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def quantity_name(quantity: str, term: str = "") -> str:
    name = declared(quantity).label
    return f"{name} of {term}" if term else name


def count_word(n: int) -> str:
    return _NUMBER[n] if n < len(_NUMBER) else f"{n:,}"


def between_engines(record: Record) -> bool:
    """Whether two implementations are held against each other, rather than one against printed or frozen numbers."""
    return record.kind in SIDES and record.kind not in ("diagnostics", "reading")


def specs_of(report: Report) -> dict[tuple[str, str, str], list[Record]]:
    """(study, spec, mode) -> its records, in the report's order. A data file that R reads alike is no row beside them."""
    found: dict[tuple[str, str, str], list[Record]] = {}
    for record in (r for r in report.records if r.kind != "reading" or not r.harmless):
        found.setdefault((record.study, record.spec, record.mode), []).append(record)
    return found


def worst(records: list[Record]) -> str:
    """The verdict of a spec: its worst record's, or agree where that harms nothing and something was compared."""
    verdict = min((r.verdict for r in records), key=VERDICTS.index)
    return "agree" if verdict in HARMLESS and any(r.checked and between_engines(r) for r in records) else verdict


def verdict_counts(report: Report) -> dict[str, int]:
    """Records by verdict, best first, those that occur."""
    return {v: report.summary[v] for v in reversed(VERDICTS) if report.summary.get(v)}


def compared_engines(report: Report, *, of_specs: bool = False) -> list[str]:
    """Engines whose answer was compared, in order of appearance; of_specs: without those of indices and the like."""
    compared = [r for r in report.records if r.checked and between_engines(r)]
    compared = [r for r in compared if not of_specs or r.kind not in other_kinds()]
    return list(dict.fromkeys(e for r in compared for e in (r.reference, r.candidate) if e))


def _unavailable_clause(report: Report) -> str:
    """Analyses beside the specifications that were compared with nothing, as the other language isn't there."""
    verdicts: dict[str, set[str]] = {}
    for r in report.records:
        if r.kind in other_kinds() and r.kind not in OF_DATA:
            verdicts.setdefault(f"{r.study}/{r.spec}", set()).add(r.verdict)
    left = [name for name, found in verdicts.items() if found == {"unavailable"}]
    if not left:
        return ""
    return (
        f"; {left[0]} was compared with nothing" if len(left) == 1 else f"; {len(left)} analyses were compared with nothing"
    )


def main_sentence(report: Report) -> str:
    """`63 of 64 specifications agree in 9 engines; one differs, because ...`"""
    if not report.compared:
        return "Nothing was compared."
    if any(r.mode == "as-shipped" for r in report.records):
        return last_line(report)
    specs = {
        key: records for key, records in specs_of(report).items()
        if records[0].kind not in other_kinds() and not records[0].about_analysis
    }  # fmt: skip
    bad = {key: records for key, records in specs.items() if any(not r.harmless for r in records)}
    engines = len(compared_engines(report, of_specs=True))
    total = len(specs)
    if not total:
        return last_line(report)
    noun = "specification agrees" if total == 1 else "specifications agree"
    if all(mode == "determinism" for _, _, mode in specs):
        noun = "specification stands" if total == 1 else "specifications stand"
        noun += " still under other seeds, threads and orders"
    alone = sum(
        key not in bad and not any(r.checked and r.kind not in OF_DATA for r in records) for key, records in specs.items()
    )
    start = f"{total - len(bad) - alone} of {total} {noun} in {engines} engine{'s' if engines != 1 else ''}"
    start += alone_clause(alone)
    start += _unavailable_clause(report)
    others = [r for r in report.records if (r.kind in other_kinds() or r.about_analysis) and not r.harmless]
    if not bad and others:
        return f"{start}; beside them {_because([others]).lstrip(':,. ')}"
    if not bad:
        return start + "."
    known = all(worst(records) == "explained" for records in bad.values()) and not any(map(_ways, bad.values()))
    known = known and all(c.certain for records in bad.values() for r in records for c in r.causes)
    verb = _verb({worst(records) for records in bad.values()}, len(bad)) + (" for a reason that is known" if known else "")
    which = f" ({'/'.join(next(iter(bad))[:2])})" if len(bad) == 1 else ""
    return f"{start}; {count_word(len(bad))} {verb}{which}{_because(list(bad.values()))}"


def _verb(verdicts: set[str], count: int) -> str:
    """What is said of specs with these verdicts: a spec differs only where two numbers do."""
    if len(verdicts) == 1 and (said := _SAID.get(next(iter(verdicts)))):
        return said[count > 1]
    if verdicts & set(_SAID):
        return "isn't confirmed" if count == 1 else "aren't confirmed"
    return "differs" if count == 1 else "differ"


def _because(bad: list[list[Record]]) -> str:
    """The cause where it is one and known, else the worst record's first difference in numbers."""
    records = [r for spec in bad for r in spec if not r.harmless]
    ways = max(map(_ways, bad))
    causes = [] if ways else list(dict.fromkeys(c.text for r in records for c in r.causes))
    if len(causes) == 1 and not all(c.certain for r in records for c in r.causes):
        return f", perhaps because {_lower(causes[0].strip().rstrip('.'))}; so few digits fit by chance, too."
    if len(causes) == 1:
        text = _lower(causes[0].strip().rstrip("."))
        return f", {text}." if text.startswith("because") else f", because {text}."
    if len(causes) > 1:
        return f", for {count_word(len(causes))} named causes."
    first = min(records, key=lambda r: VERDICTS.index(r.verdict))
    place = f" in {first.study}/{first.spec}," if len(bad) > 1 else ""
    if first.moves:
        return f":{place} {moved_clause(first)}."
    if not first.differences:
        who = f"the study {first.study}" if first.kind == "study" else first.candidate or "it"
        note = first.note.rstrip(".")
        end = "" if note.endswith("?") else "."
        if note and (first.kind == "spec" or all(r.verdict == "vacuous" for r in records)):  # nobody was asked
            return f":{place} {note}{end}"
        return f":{place} {who} {_BE.get(first.verdict, first.verdict)}{note and ': '}{note}{end}"
    fits = f"; {count_word(ways)} explanations fit, which these numbers can't tell apart" if ways else ""
    return f":{place} {difference_clause(first, first_difference(first))}{fits}."


def _ways(records: list[Record]) -> int:
    """How many explanations fit one record of a spec, where they are several."""
    most = max((len(alternatives(r)) for r in records if not r.harmless), default=0)
    return most if most > 1 else 0


_SAID = {
    "failed": ("failed", "failed"), "stale": ("is stale", "are stale"),
    "vacuous": ("was compared with nothing", "were compared with nothing"),
}  # fmt: skip
_BE = {"failed": "failed", "stale": "is stale", "vacuous": "was compared with nothing"}


def first_difference(record: Record) -> Difference:
    return min(record.differences, key=lambda d: (place(d.quantity), d.digits))


def moved_clause(record: Record) -> str:
    """`the standard error of capital moves by 1.2e-03 in one engine`"""
    move = min(record.moves, key=lambda m: (place(m.quantity), -m.relative))
    name = quantity_name(move.quantity, move.term)
    return f"the {name} moves by {move.relative:.1e} in {record.candidate} {record.how}".rstrip()


def difference_clause(record: Record, difference: Difference) -> str:
    """`the standard error of capital is 0.062 in print and 0.0632813 in one engine`"""
    if no_such(record):
        return record.note
    name = quantity_name(difference.quantity, difference.term)
    reference = "in print" if record.kind == "printed" else f"in {record.reference}"
    if record.kind == "recorded":
        reference = f"as recorded of {record.reference}"
    if difference.against:
        reference = f"in {difference.against}"
    if difference.reference is None:
        return f"only {record.candidate} has the {name}"
    if difference.candidate is None:
        return f"{record.candidate} has no {name}"
    digits = max(6, min(14, int(difference.digits) + 3))
    ours, theirs = short(difference.reference, digits), short(difference.candidate, digits)
    return f"the {name} is {ours} {reference} and {theirs} in {record.candidate}"


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
