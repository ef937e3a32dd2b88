"""The first page: the sentence, what was compared, and a grid of specs and engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from parity.report.key_estimates import SpecEstimates, estimates_of
from parity.report.sentence import (
    between_engines,
    compared_engines,
    count_word,
    difference_clause,
    first_difference,
    main_sentence,
    moved_clause,
    specs_of,
    verdict_counts,
    worst,
)  # fmt: skip
from parity.report.words import alternatives, beside, live_line, other_kinds, perhaps, read_lines, uncompared_line
from parity.results.record import VERDICTS, Record, Report

#: Verdict -> (class, shape, what it means). Told by colour, shape and text alike.
SHAPES: dict[str, tuple[str, str, str]] = {
    "agree": ("a", "●", "agrees; the number is digits of agreement"),
    "explained": ("x", "◆", "differs, and the convention is named and proven"),
    "disagree": ("d", "▲", "differs"),
    "failed": ("f", "✕", "error, crash or timeout"),
    "vacuous": ("v", "◌", "nothing was compared"),
    "stale": ("s", "◷", "a frozen answer whose data or spec moved"),
    "declined": ("n", "–", "the engine can't do this, and says why"),
    "unavailable": ("u", "○", "not installed here, nothing frozen"),
    "reference": ("r", "■", "the side that others are held against"),
}
#: Alternatives of one record that the first page names.
NAMED = 3
#: Shades of agreement: at least so many digits.
SHADES = ((14.0, "4"), (12.0, "3"), (9.0, "2"), (0.0, "1"))


@dataclass(frozen=True)
class Cell:
    """One engine on one spec."""

    css: str
    spoken: str
    text: str = ""
    title: str = ""


NOT_ASKED = Cell("e", "not asked")


@dataclass(frozen=True)
class Row:
    """One spec: where its page is, its verdict, least digits, one cell an engine."""

    id: str
    study: str
    spec: str
    mode: str
    title: str
    formula: str
    verdict: str
    digits: str
    cells: dict[str, Cell]
    printed: Cell
    search: str
    verdicts: str
    kind: str  # of its records; "" for a specification

    @property
    def name(self) -> str:
        return self.spec or "the whole study"

    def at(self, engine: str) -> Cell:
        return self.cells.get(engine, NOT_ASKED)


@dataclass(frozen=True)
class Table:
    """Rows that were asked of the same engines; label: what they are where they aren't specifications."""

    label: str
    engines: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def printed(self) -> bool:
        """Whether any row was held against something beside the engines."""
        return any(row.printed.text for row in self.rows)


@dataclass(frozen=True)
class StudyView:
    id: str
    title: str
    made: bool
    tables: tuple[Table, ...]
    estimates: tuple[SpecEstimates, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for table in self.tables for row in table.rows)


@dataclass(frozen=True)
class Overview:
    sentence: str
    counts: tuple[tuple[str, int], ...]
    quantities: int
    beside: tuple[str, ...]
    live: str
    places: str
    hows: dict[str, tuple[str, ...]]
    idle: tuple[str, ...]
    made: tuple[str, ...]
    read: tuple[str, ...]
    engines: tuple[str, ...]
    transports: dict[str, str]
    studies: tuple[StudyView, ...]
    trouble: tuple[tuple[Row, str], ...]
    alone: str


def overview(report: Report) -> Overview:
    """Pure: the view of a report's first page."""
    ids = page_ids(report)
    details = {(d.study, d.spec, d.mode): d for d in report.details or ()}
    engines = _engines(report)
    studies: dict[str, list[Row]] = {}
    trouble = []
    for key, records in specs_of(report).items():
        row = _row(ids[key], key, records, details.get(key), engines)
        studies.setdefault(key[0], []).append(row)
        if any(not r.harmless for r in records):
            trouble.append((row, _trouble(records)))
    titles = {d.study: d.study_title for d in report.details or ()}
    trouble.sort(key=lambda found: VERDICTS.index(found[0].verdict))
    return Overview(
        sentence=main_sentence(report), counts=tuple(verdict_counts(report).items()),
        quantities=sum(r.checked for r in report.records), beside=tuple(beside(report)),
        places=_places(report, engines), hows=_hows(report, engines), live=live_line(report).replace(". ", "; "),
        idle=tuple(e for e, how in report.transports.items() if how == "idle" and e not in engines),
        made=report.made, read=tuple(read_lines(report)), engines=engines,
        transports={e: report.transports.get(e, "").split(":")[0] for e in engines},
        studies=tuple(
            StudyView(s, titles.get(s, ""), s in report.made, tuple(_tables(rows, engines)), estimates_of(rows, details))
            for s, rows in studies.items()
        ),
        trouble=tuple(trouble), alone=uncompared_line(report.records),
    )  # fmt: skip


def page_ids(report: Report) -> dict[tuple[str, str, str], str]:
    """(study, spec, mode) -> an id that is safe in an address and unique, whatever the names are."""
    ids: dict[tuple[str, str, str], str] = {}
    taken: set[str] = set()
    for key in specs_of(report):
        plain = ".".join(re.sub(r"\W+", "-", part).strip("-") or "x" for part in key[:2])
        plain += "" if key[2] == "harmonised" else f".{key[2]}"
        unique, n = plain, 2
        while unique in taken:
            unique, n = f"{plain}.{n}", n + 1
        taken.add(unique)
        ids[key] = unique
    return ids


def _tables(rows: list[Row], engines: tuple[str, ...]) -> Iterator[Table]:
    """Specifications, then each other kind, with the engines that were asked."""
    for kind in ("", *other_kinds()):
        found = tuple(row for row in rows if row.kind == kind)
        asked = tuple(e for e in engines if any(row.at(e) is not NOT_ASKED for row in found))
        if found:
            yield Table(other_kinds().get(kind, ""), asked, found)


def _hows(report: Report, engines: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """How an engine was reached -> those that were; one that is missing says how to get it."""
    hows = [how for how in dict.fromkeys(report.transports.values()) if how != "idle"]
    return {h: tuple(e for e, how in report.transports.items() if how == h) for h in hows}


def _places(report: Report, engines: tuple[str, ...]) -> str:
    """`9 engines live, 1 frozen`"""
    how = [report.transports[e].split(":")[0] for e in engines if e in report.transports]
    counts = [(word, how.count(word)) for word in ("live", "frozen", "unavailable") if word in how]
    said = [f"{n} {'engine' if n == 1 else 'engines'} {w}" if not i else f"{n} {w}" for i, (w, n) in enumerate(counts)]
    return ", ".join(said)


def _engines(report: Report) -> tuple[str, ...]:
    """Engines with anything to show, in the order of the run; those that declined everything are said, not shown."""
    ordered = dict.fromkeys([*report.transports, *compared_engines(report)])
    found = {r.candidate for r in report.records if between_engines(r) and r.verdict not in ("declined", "unavailable")}
    return tuple(e for e in ordered if e in found | set(compared_engines(report)))


def _row(id: str, key: tuple[str, str, str], records: list[Record], detail, engines: tuple[str, ...]) -> Row:
    study, spec, mode = key
    estimates = [r for r in records if between_engines(r)]
    digits = min((r.digits for r in estimates if r.checked and r.digits is not None), default=None)
    title, formula = (detail.title, detail.formula) if detail else ("", "")
    cells = {e: _cell([r for r in estimates if r.candidate == e], e, estimates) for e in engines}
    kind = next((r.kind for r in records if r.kind in other_kinds()), "")
    return Row(
        id=id, study=study, spec=spec, mode=mode, title=title, formula=formula, verdict=worst(records),
        digits="" if digits is None else f"{digits:.1f}", cells=cells, printed=_others(records),
        search=" ".join([study, spec, mode, title, formula]).lower(),
        verdicts=" ".join(dict.fromkeys(r.verdict for r in records)), kind=kind,
    )  # fmt: skip


def _cell(records: list[Record], engine: str, estimates: list[Record]) -> Cell:
    if not records:
        is_reference = any(r.reference == engine for r in estimates)
        return Cell("r", "reference") if is_reference else NOT_ASKED
    record = min(records, key=lambda r: VERDICTS.index(r.verdict))
    css = SHAPES[record.verdict][0]
    if record.verdict == "agree":
        shade = next(name for least, name in SHADES if (record.digits or 0.0) >= least)
        return Cell(f"a a{shade}", "agrees", f"{record.digits or 0:.1f}")
    text = f"{record.digits:.1f}" if record.digits is not None and record.checked else ""
    return Cell(css, record.verdict, text, record.note if not record.harmless else "")


def _others(records: list[Record]) -> Cell:
    """Printed and recorded numbers, and whatever else was held against the estimates."""
    others = [r for r in records if not between_engines(r) and r.kind != "spec"]
    if not others:
        return Cell("e", "none")
    good = sum(r.harmless for r in others)
    if good == len(others):
        return Cell("a a2", "agree", f"{good}/{len(others)}")
    verdict = min((r.verdict for r in others), key=VERDICTS.index)
    return Cell(SHAPES[verdict][0], verdict, f"{good}/{len(others)}")


def _trouble(records: list[Record]) -> str:
    """One clause on the worst of a spec's records."""
    record = min((r for r in records if not r.harmless), key=lambda r: VERDICTS.index(r.verdict))
    ways = alternatives(record)
    if len(ways) > 1:
        named = " or ".join(" with ".join(f"`{c.id}`" for c in causes) for causes in ways[:NAMED])
        sure = "" if record.verdict == "explained" or not perhaps(record) else ", though chance would do as much"
        return f"{count_word(len(ways))} explanations fit: {named}{' or others' if len(ways) > NAMED else ''}{sure}"
    if perhaps(record):
        return difference_clause(record, first_difference(record)) + perhaps(record)
    if record.causes:
        return " ".join(f"{c.text.rstrip('. ')} (`{c.id}`)." for c in record.causes)
    if record.moves:
        return moved_clause(record)
    if record.verdict == "disagree" and record.differences:
        return difference_clause(record, first_difference(record))
    return f"{record.candidate or 'the spec'}: {record.verdict}: {record.note}"
