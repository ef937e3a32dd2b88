"""A spec's page: what was asked, what every engine answered, what differs and why, and how to do it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parity.report.analyses import AnalysisView, analysis_view
from parity.report.figures import Number, compared
from parity.report.found import FoundTable, found_tables, score_table
from parity.report.in_print import next_question
from parity.report.overview import SHAPES, Row
from parity.report.sentence import between_engines, count_word, quantity_name
from parity.report.tryout import TryView, try_view
from parity.report.why import listed
from parity.report.words import alternatives, difference_lines, headline, uncompared_line
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import VERDICTS, Cause, Record, Report
from parity.results.spec_page import EngineDetail, SpecDetail, Traced

_MODEL = {
    "ols": "least squares", "iv": "two-stage least squares", "first_difference": "first differences",
    "random_effects": "random effects", "between": "regression of unit means", "liml": "LIML", "fuller": "Fuller's LIML",
    "kclass": "k-class", "gmm": "GMM", "cue": "continuously updated GMM",
    "difference_gmm": "GMM of differences", "system_gmm": "GMM of differences and levels",
    "logit": "logit", "probit": "probit", "poisson": "Poisson regression",
}  # fmt: skip
_LANGUAGE = {"r": "R", "python": "Python", "stata": "Stata"}
#: Differences of one record that are listed; the table of quantities marks them all.
LISTED = 8
#: Alternatives that are shown in full.
SHOWN = 3
#: Solutions named beside those.
OTHERS = 6


@dataclass(frozen=True)
class Finding:
    """A record that isn't harmless: its sentence, what differs, the causes, or how to look for one."""

    record: Record
    shape: str
    headline: str
    lines: tuple[str, ...]
    alternatives: tuple[tuple[Cause, ...], ...]
    look: str
    search: str


@dataclass(frozen=True)
class Quantity:
    name: str
    term: str
    first: bool
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class EngineLine:
    """One engine: verdict, how it was brought to the convention, what was run."""

    engine: str
    css: str
    shape: str
    verdict: str
    digits: str
    checked: int
    how: str
    versions: str
    command: str
    warnings: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Other:
    """Printed or recorded numbers of one source, with one verdict, held against the estimates."""

    css: str
    shape: str
    record: Record
    texts: tuple[str, ...]
    checked: int
    sides: tuple[str, ...]  # engines whose frozen answer stands against their live one


@dataclass(frozen=True)
class Page:
    row: Row
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    attempt: TryView | None
    analysis: AnalysisView | None
    found: tuple[FoundTable, ...]
    columns: tuple[str, ...]
    reference: str
    quantities: tuple[Quantity, ...]
    engines: tuple[EngineLine, ...]
    others: tuple[Other, ...]
    scripts: tuple[tuple[str, str, str], ...]
    hashes: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether any engine has a command, versions, a warning or a reason to show."""
        return any(e.command or e.versions or e.warnings or e.note for e in self.engines)

    @property
    def bad(self) -> bool:
        """Whether it shows something that harms: such pages stand in the file as they are, for print and without scripts."""
        return any(not f.record.harmless for f in self.findings)


def page(
    report: Report, row: Row, records: Sequence[Record], detail: SpecDetail | None, analysis: AnalysisDetail | None = None
) -> Page:
    """The view of one spec or analysis; without details it holds what the records alone say."""
    reference = next((r.reference for r in records if between_engines(r) and r.reference), "")
    by_engine = {e.engine: e for e in detail.engines} if detail else {}
    others = [r for r in records if not between_engines(r) and r.kind != "spec"]
    trouble = sorted((r for r in records if not r.harmless or r.causes), key=lambda r: VERDICTS.index(r.verdict))
    said = [r.note for r in records if between_engines(r) and r.checked and r.note]
    counted = ("rows left out", "left out as") if detail and detail.sample else ()  # the sample says these
    notes = dict.fromkeys(part for note in said for part in note.split("; ") if not any(c in part for c in counted))
    return Page(
        row=row, facts=_facts(detail, reference) if detail else tuple(analysis.about.items()) if analysis else (),
        findings=tuple(_finding(r, detail) for r in trouble),
        attempt=try_view(detail, row.id, reference) if detail else None,
        analysis=analysis_view(analysis, records) if analysis else None,
        found=(*found_tables(records), *score_table(analysis)),
        columns=tuple(by_engine), reference=reference,
        quantities=_quantities(detail, records, reference) if detail else (),
        engines=tuple(_engines(report, records, reference, by_engine)),
        others=tuple(_others(others, detail)),
        scripts=tuple((f"{row.id}-{k}", _LANGUAGE.get(k, k), v) for k, v in detail.scripts.items()) if detail else (),
        hashes=(("data", detail.data_hash), ("spec", detail.spec_hash)) if detail else (),
        notes=tuple(filter(None, [*notes, uncompared_line(records).rstrip(".")])),
    )  # fmt: skip


def _facts(detail: SpecDetail, reference: str) -> tuple[tuple[str, str], ...]:
    facts = [("Formula", detail.formula), ("Model", _MODEL.get(detail.model, detail.model)), ("Where", detail.where)]
    facts += [("Offset", detail.offset)] if detail.offset else []
    facts += [("Weights", detail.weights), ("Covariance", detail.vcov), ("Convention", detail.convention)]
    if detail.sample:
        s = detail.sample
        n = f"{s.nobs:,} observations"
        n += f", {s.nobs_weighted:,.10g} by frequency weights" if s.nobs_weighted != s.nobs else ""
        out = [f"{k} {w}" for k, w in ((s.missing, "with missing values"), (s.zero_weight, "with weight zero"),
                                       (s.singletons, "singletons")) if k]  # fmt: skip
        facts.append(("Sample", n + (f"; left out: {listed(out)}" if out else "")))
        levels = [f"{name}: {k:,} levels" + (f", nested in {listed(s.nested[name])}" if name in s.nested else "")
                  for name, k in s.levels.items()]  # fmt: skip
        facts.append(("Fixed effects", "; ".join(levels)))
        facts.append(("Clusters", "; ".join(f"{name.replace('^', ' × ')}: {k:,}" for name, k in s.clusters.items())))
        facts.append(("Left out as collinear", ", ".join(s.dropped)))
    facts.append(("Held against", reference))
    return tuple((name, text) for name, text in facts if text)


def _finding(record: Record, detail: SpecDetail | None) -> Finding:
    sides = (record.kind, record.reference, record.candidate)
    traced = [t for t in (detail.traced if detail else ()) if (t.kind, t.reference, t.candidate) == sides]
    search = _search(traced[0]) if len(traced) == 1 else ""
    lines = tuple(difference_lines(record, most=LISTED))
    ways = alternatives(record)
    if len(ways) > SHOWN:
        more = "; ".join(" with ".join(c.id for c in causes) for causes in ways[SHOWN : SHOWN + OTHERS])
        rest = len(ways) - SHOWN - OTHERS
        search = f"The others: {more}{f'; and {rest} more' if rest > 0 else ''}."
    said = f"{_sides(record)}: explained" if record.verdict == "explained" else headline(record)
    if len(ways) > 1:
        said = f"{_sides(record)}: {count_word(len(ways))} explanations fit, which these numbers cannot tell apart"
    return Finding(record, SHAPES[record.verdict][1], said, lines, ways[:SHOWN], next_question(record), search)


def _sides(record: Record) -> str:
    return " against ".join(side for side in (record.candidate, record.reference) if side)


def _search(traced: Traced) -> str:
    """What the search for a cause came to, where it isn't one proven cause."""
    if not traced.causes:
        return f"Searched: none of {traced.worlds:,} combinations of conventions, samples and models gives these numbers."
    named = [" + ".join(c.id for c in traced.causes), *traced.others]
    shown = "; ".join(named[:OTHERS]) + (f"; and {len(named) - OTHERS} more" if len(named) > OTHERS else "")
    if not traced.proven:
        return (
            f"Searched: of {traced.worlds:,} combinations, {len(named)} give these numbers ({shown}), but they are printed "
            f"to so few digits that chance alone would fit {traced.chance:.2g}."
        )
    return f"These numbers can't tell it from others: {shown}." if traced.others else ""


def _quantities(detail: SpecDetail, records: Sequence[Record], reference: str) -> tuple[Quantity, ...]:
    """Every quantity in every engine, aligned by its digits with the reference's."""
    outside = {(r.candidate, d.quantity, d.term) for r in records if between_engines(r) for d in r.differences}
    base = next((e for e in detail.engines if e.engine == reference), detail.engines[0] if detail.engines else None)
    if base is None:
        return ()
    found, last = [], None
    for i, (quantity, term) in enumerate(detail.quantities):
        numbers = [compared(e.values[i], base.values[i], (e.engine, quantity, term) in outside) for e in detail.engines]
        name = quantity_name(quantity) if quantity in ("levels", "clusters") else quantity_name(quantity, "")
        found.append(Quantity(name, term, term != last, tuple(numbers)))
        last = term
    return tuple(found)


def _engines(report: Report, records: Sequence[Record], reference: str, details: dict[str, EngineDetail]):
    """The reference first, then every engine with a record."""
    estimates = [r for r in records if between_engines(r)]
    if reference and reference not in {r.candidate for r in estimates}:
        yield _line(reference, "reference", None, details.get(reference))
    for record in sorted(estimates, key=lambda r: (VERDICTS.index(r.verdict) if not r.harmless else 99,
                                                   not r.checked)):  # fmt: skip
        yield _line(record.candidate, record.verdict, record, details.get(record.candidate))


def _line(engine: str, verdict: str, record: Record | None, detail: EngineDetail | None) -> EngineLine:
    css, shape, _ = SHAPES[verdict]
    how = detail.how if detail else record.how if record else ""
    transport = detail.transport if detail else record.transport if record else ""
    return EngineLine(
        engine=engine, css=css, shape=shape, verdict=verdict,
        digits=f"{record.digits:.1f}" if record and record.checked and record.digits is not None else "",
        checked=record.checked if record else 0, how=", ".join(w for w in (transport, how) if w),
        versions=", ".join(f"{k} {v}" for k, v in detail.versions.items()) if detail else "",
        command=detail.command if detail else "",
        warnings=tuple(dict.fromkeys([*(detail.warnings if detail else ()), *(record.warnings if record else ())])),
        note=record.note if record and not record.checked else "",
    )  # fmt: skip


def _others(records: Sequence[Record], detail: SpecDetail | None):
    """Records of printed numbers come in the order of the study's entries; those of one source share a line."""
    entry, found = 0, {}
    for record in records:
        css, shape, _ = SHAPES[record.verdict]
        texts: list[str] = []
        if record.kind == "printed":
            published = detail.published if detail else ()
            texts = [f"{quantity_name(p.quantity, p.term)} {p.text}" for p in published if p.entry == entry]
            entry += 1
        own = record.kind == "recorded" and record.reference == record.candidate
        key = (record.verdict, record.kind, record.note, *(() if own else (record.reference, record.candidate)))
        before = found.get(key, Other(css, shape, record, (), 0, ()))
        found[key] = replace(
            before, texts=(*before.texts, *texts), checked=before.checked + record.checked,
            sides=(*before.sides, record.candidate) if own else (),
        )  # fmt: skip
    yield from found.values()
