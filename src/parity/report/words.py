"""Sentences that several formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from parity.base.quantities import place
from parity.report.chinese import Told, as_it_is
from parity.report.in_print import no_such, printed_line
from parity.results.record import OF_DATA, ZERO_ERROR, Cause, Difference, Move, Record, Report
from parity.study.analyses.registry import BY_KIND, called

if TYPE_CHECKING:
    from parity.diagnose.explanation import NamedCause


def number(value: float | None) -> str:
    return "absent" if value is None else f"{value:.12g}"


def read_lines(report: Report) -> list[str]:
    """A sentence for everything that was decided by rule when data were read and filtered."""
    return [f"Data of {study}: {note}" for study, notes in report.read.items() for note in notes]


def headline(record: Record) -> str:
    """One sentence on one record."""
    sides = f"{record.candidate} against {record.reference}" if record.reference else record.candidate
    told = no_such(record) or record.kind in ("reading", "sample")  # then its note says what differs
    off = f"{len(record.differences)} of {record.checked} quantities differ{perhaps(record)}"
    what = {
        "agree": f"agrees in {record.checked} quantities to {record.digits or 0:.1f} digits",
        "disagree": record.note if told else off,
        "vacuous": f"nothing was compared: {record.note}",
        "failed": f"failed: {record.note}",
        "stale": f"stale: {record.note}",
        "explained": f"explained by {causes_text(record)}",
    }.get(record.verdict, f"{record.verdict}: {record.note}")
    if record.moves:
        sides, what = f"{record.candidate} {record.how}", f"moves in {len(record.moves)} of {record.checked} quantities"
    return f"{sides}: {what}" if sides else what


def alternatives(record: Record) -> tuple[tuple[Cause, ...], ...]:
    """Its causes by alternative: those of one explain together, several can't be told apart."""
    numbers = dict.fromkeys(c.alternative for c in record.causes)
    return tuple(tuple(c for c in record.causes if c.alternative == n) for n in numbers)


def perhaps(record: Record) -> str:
    """`, perhaps by digit-misprinted: so few digits fit by chance, too`; "" where causes are certain, or none is named."""
    if record.verdict != "disagree" or all(c.certain for c in record.causes):
        return ""
    ways = " or ".join(" and ".join(c.id for c in causes) for causes in alternatives(record))
    return f", perhaps by {ways}: so few digits fit by chance, too"


def causes_text(record: Record) -> str:
    """`counts-nested-effects and normal-distribution (residual 3e-16)`, alternatives with "or": they can't be told apart."""
    alternatives: dict[int, list[Cause]] = {}
    for cause in record.causes:
        alternatives.setdefault(cause.alternative, []).append(cause)
    printed = record.kind == "printed"  # reproduced within its digits, or not at all
    texts = [
        " and ".join(c.id for c in causes) + ("" if printed else f" (residual {causes[0].residual:.0e})")
        for causes in alternatives.values()
    ]
    return ", or indistinguishable here by ".join(texts)


def cause_lines(record: Record, told: Told = as_it_is) -> list[str]:
    """A sentence for each cause of the first alternative, with this spec's numbers in it."""
    return [f"{c.id}: {told(c.text)} {told(c.formula)}".rstrip() for c in record.causes if c.alternative == 0]


def ways(cause: Cause | NamedCause) -> list[str]:
    """`Stata gives this: areg`, then `Stata avoids it: reghdfe`, a line for each engine."""
    gives = [f"{who} gives this: {what}" for who, what in cause.how.items()]
    return gives + [f"{who} avoids it: {what}" for who, what in cause.avoids.items()]


def difference_line(difference: Difference) -> str:
    """`se capital: .0481 against .0478, 2.3 digits`"""
    name = f"{difference.quantity} {difference.term}".strip()
    if difference.reference is None:
        return f"{name}: only the candidate has it ({number(difference.candidate)})"
    if difference.candidate is None:
        return f"{name}: only the reference has it ({number(difference.reference)})"
    where = f" in {difference.against}" if difference.against else ""
    ours, theirs = number(difference.reference), number(difference.candidate)
    return f"{name}: {ours}{where} and {theirs}, {difference.digits:.1f} digits agree"


def move_line(move: Move) -> str:
    """`se capital moves by 1.2e-03: .0481 with hash seed 1; .0482 with hash seed 2`"""
    values = "; ".join(f"{number(v.value)} with {', '.join(v.settings)}" for v in move.values)
    return f"{move.quantity} {move.term}".strip() + f" moves by {move.relative:.1e}: {values}"


def difference_lines(record: Record, most: int = 1_000) -> list[str]:
    """Differences of a record, or what moved; coefficients and standard errors first."""
    if record.moves:
        lines = [move_line(m) for m in sorted(record.moves, key=lambda m: place(m.quantity))]
        return lines[:most] + ([f"and {len(lines) - most} more"] if len(lines) > most else [])
    ranked = sorted(record.differences, key=lambda d: (place(d.quantity), d.digits))
    line = printed_line if record.kind == "printed" else difference_line
    lines = [line(d) for d in ranked[:most]]
    return lines + ([f"and {len(ranked) - most} more"] if len(ranked) > most else [])


def last_line(report: Report) -> str:
    """The one true sentence at the end of a run."""
    if any(r.mode == "as-shipped" for r in report.records):
        return _shipped_line(report)
    of_specs = [r for r in report.records if r.kind not in other_kinds() and not r.about_analysis]
    specs = {(r.study, r.spec) for r in of_specs}
    bad = {(r.study, r.spec) for r in of_specs if not r.harmless}
    compared = [r for r in report.records if r.checked]
    exact = [r.digits for r in compared if r.accuracy == "exact" and r.digits is not None and r.kind == "estimate"]
    engines = {r.candidate for r in compared if r.kind == "estimate"} | {
        r.reference for r in compared if r.kind == "estimate"
    }
    if not report.compared:
        return "NOTHING WAS COMPARED."
    quantities = sum(r.checked for r in compared if r.kind not in OF_DATA)
    least = f", exact engines to at least {min(exact):.1f} digits" if exact and not bad else ""
    alone = specs - bad - {(r.study, r.spec) for r in of_specs if r.checked and r.kind not in OF_DATA}
    what = "specification agrees" if len(specs) == 1 else "specifications agree"
    agreed = f"{len(specs) - len(bad) - len(alone)} of {len(specs)} {what}"
    agreed += f" in {len(engines)} engines" if engines else ""
    agreed += alone_clause(len(alone))
    said = [agreed] * bool(specs) + list(beside(report))
    return f"{'; '.join(said)} ({quantities:,} quantities compared{least})."


def alone_clause(specs: int) -> str:
    """`, 5 were compared with nothing`; empty where there are none."""
    return f", {specs} {'was' if specs == 1 else 'were'} compared with nothing" if specs else ""


#: Kinds of records of what can't run, and never stand for anything else: one of them, several.
CAN_NOT_RUN = {"study": ("study", "studies"), "audit": ("audit", "audits"), "table": ("table", "tables")}


@cache
def other_kinds() -> dict[str, str]:
    """Kinds of records that are no specification, and what they are called: those of analyses as these are declared."""
    wrong = {kind: f"{several} that can't run" for kind, (_, several) in CAN_NOT_RUN.items()}
    return called(*BY_KIND) | {"reading": "data files"} | wrong


def beside(report: Report) -> Iterator[str]:
    """A clause on each kind of record that is no specification."""
    for kind, name in other_kinds().items():
        if kind == "reading":
            yield from _read_again(report)
            continue
        records = [r for r in report.records if r.kind == kind]
        if records and kind in CAN_NOT_RUN:
            wrong = len({(r.study, r.spec) for r in records})
            one, several = CAN_NOT_RUN[kind]
            yield f"1 {one} can't run as it is written" if wrong == 1 else f"{wrong} {several} can't run as they are written"
            continue
        if records:
            yield f"{sum(r.verdict == 'agree' for r in records)} of {len(records)} {name} agree in Python and R"
    printed = [r for r in report.records if r.about_analysis]
    if printed:
        what = "entry" if len(printed) == 1 else "entries"
        yield f"{sum(r.verdict == 'agree' for r in printed)} of {len(printed)} printed {what} about analyses agree"


def _counted(samples: int) -> str:
    return f" and samples of {samples:,} specification{'s' * (samples != 1)}" if samples else ""


def _read_again(report: Report) -> Iterator[str]:
    """Whether R, reading file and study for itself, has the same rows and columns; and what it didn't read, and why."""
    found = [r for r in report.records if r.kind in ("reading", "sample")]
    read = [r for r in found if r.checked]
    if read:
        same = "the same" if all(r.verdict == "agree" for r in read) else "OTHER"
        samples = sum(r.kind == "sample" for r in read)
        yield f"R, reading for itself, has {same} data{_counted(samples)}"
    others = dict.fromkeys(r.note for r in found if r.verdict in ("declined", "unavailable"))
    if others:
        many = f"; {len(others) - 1} more reasons" if len(others) > 1 else ""
        yield f"{next(iter(others))}{many}"


def _shipped_line(report: Report) -> str:
    """The same of a run as shipped: there each answer is a matter of its own."""
    compared = [r for r in report.records if r.checked and r.kind not in OF_DATA]
    if not compared:
        return "NOTHING WAS COMPARED."
    count = {v: sum(r.verdict == v for r in compared) for v in ("agree", "explained", "disagree")}
    unexpected = sum(not r.harmless for r in compared if r.verdict == "explained")
    loudest = max((c.residual for r in compared for c in r.causes), default=0.0)
    explained = f"{count['explained']} are explained (residual at most {loudest:.0e}"
    explained += f"; {unexpected} of them by causes that the study doesn't expect)" if unexpected else ")"
    engines, quantities = len({r.candidate for r in compared}), sum(r.checked for r in compared)
    return (
        f"As shipped, of {len(compared)} answers of {engines} engines {count['agree']} agree with the declared convention, "
        f"{explained}, {count['disagree']} disagree ({quantities:,} quantities compared)."
    )


def live_line(report: Report) -> str:
    """What was live, what was frozen, what was missing and how to get it."""
    groups: dict[str, list[str]] = {}
    for engine, how in report.transports.items():
        groups.setdefault(how, []).append(engine)
    parts = [f"{how}: {', '.join(groups[how])}" for how in ("live", "frozen") if how in groups]
    parts += [f"{', '.join(names)} {how}" for how, names in groups.items() if how.startswith("unavailable")]
    return ". ".join(parts) + "." if parts else ""


def uncompared_line(records: Iterable[Record]) -> str:
    """`Compared with nothing, as one engine alone reports it: theta (one engine) in 2 specs.`, and stars without levels."""
    records = tuple(records)
    specs: dict[str, set[tuple[str, str]]] = {}
    for r in records:
        for u in r.uncompared if r.kind != "printed" else ():
            specs.setdefault(f"{u.quantity} {u.term}".strip() + f" ({u.engine})", set()).add((r.study, r.spec))
    several = len({spec for found in specs.values() for spec in found}) > 1
    said = [f"{name} in {len(found)} spec{'s' * (len(found) > 1)}" if several else name for name, found in specs.items()]
    alone = f"Compared with nothing, as one engine alone reports it: {', '.join(said)}." if said else ""
    return " ".join(filter(None, (alone, _stars_line(records), _zero_line(records))))


def _zero_line(records: Iterable[Record]) -> str:
    """Specs with a standard error of zero: fewer of their numbers are compared than of others."""
    specs = sorted({f"{r.study}/{r.spec}" for r in records if ZERO_ERROR in r.note})
    return f"In {', '.join(specs[:5])}{' and others' * (len(specs) > 5)} {ZERO_ERROR}." if specs else ""


def _stars_line(records: Iterable[Record]) -> str:
    """`Stars of 2 printed lines are compared with nothing: ...`; empty where every star has its level."""
    lines = sum(r.kind == "printed" and bool(r.uncompared) for r in records)
    what = "Stars of one printed line are" if lines == 1 else f"Stars of {lines} printed lines are"
    return f"{what} compared with nothing: say what they stand for, such as stars = [0.1, 0.05, 0.01]." if lines else ""
