"""Printed numbers of analyses, a mediation effect, a weight, a first-stage F, held against what Python finds for them.

An entry of `[[published]]` names the analysis as its record does, `analysis = "mediation.nqp"`; its `statistic` names
quantities of that record, its `term` what they are about. Whether R agrees with Python's numbers is another record's matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from parity.analyses.registry import analyses
from parity.base.errors import Unestimable, some_of, suggest
from parity.base.quantities import named
from parity.compare.harmonise import Harmonised, Key, Quantity
from parity.compare.printed import compare_printed, stars_of_nothing, uncompared_stars, without_levels
from parity.printed.terms import same_term
from parity.results.cause import Cause, explained
from parity.results.record import Difference, Record
from parity.runs.explain_analyses import causes_of
from parity.study.published import Published
from parity.study.study import Study

CANDIDATE = "python"


def printed_records(study: Study, records: Sequence[Record]) -> tuple[Record, ...]:
    """A record for every entry about an analysis. records: of the study's analyses; numbers that they keep are not made
    again.
    """
    entries = [entry for entry in study.published if entry.analysis]
    kept = {r.spec: {(n.quantity, n.term): n.value for n in r.numbers} for r in records if r.numbers}
    found: dict[str, Mapping[Key, float] | str] = {}
    for name in dict.fromkeys(entry.analysis for entry in entries):
        found[name] = kept.get(name) or numbers_of(study, name)
    return tuple(_explained(study, entries, found, [_record(study, entry, found[entry.analysis]) for entry in entries]))


def _explained(
    study: Study, entries: Sequence[Published], found: Mapping[str, Mapping[Key, float] | str], made: Sequence[Record]
) -> Iterator[Record]:
    """With the conventions that turn an analysis' numbers into all that is printed of it."""
    causes: dict[str, tuple[Cause, ...]] = {}
    for record in made:
        name, numbers = record.spec, found[record.spec]
        if record.verdict == "disagree" and not isinstance(numbers, str):
            if name not in causes:
                about = [entry for entry in entries if entry.analysis == name]
                one = next(a for a in analyses().values() if name.split(".")[0] in a.kinds)
                causes[name] = causes_of(study, one, name, numbers, partial(_differing, about))
            known = explained(c.chance for c in causes[name])
            record = record.model_copy(update={"causes": causes[name], "verdict": "explained" if known else "disagree"})
        yield record


def _differing(entries: Sequence[Published], numbers: Mapping[Key, float]) -> list[Difference]:
    return [d for entry in entries for d in compare_printed(_named(entry, numbers)[0], _side(numbers)).differences]


def _side(numbers: Mapping[Key, float]) -> Harmonised:
    return Harmonised(CANDIDATE, "exact", "native", {k: Quantity(v, abs(v)) for k, v in numbers.items()}, frozenset())


def _record(study: Study, entry: Published, numbers: Mapping[Key, float] | str) -> Record:
    if isinstance(numbers, str):
        return Record(
            study=study.id, spec=entry.analysis, kind="printed", reference=entry.engine, candidate=CANDIDATE,
            verdict="failed", note=f"{numbers} ({entry.source})", accuracy="printed",
        )  # fmt: skip
    entry, unknown = _named(entry, numbers)
    result = compare_printed(entry, _side(numbers))
    unknown = unknown or stars_of_nothing(entry, result)
    notes = (f"{unknown} ({entry.source})" if unknown else entry.source, "" if unknown else uncompared_stars(entry))
    return Record(
        study=study.id, spec=entry.analysis, kind="printed", reference=entry.engine, candidate=CANDIDATE,
        verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
        note="; ".join(filter(None, notes)), accuracy="printed", uncompared=without_levels(entry),
    )  # fmt: skip


def _named(entry: Published, numbers: Mapping[Key, float]) -> tuple[Published, str]:
    """The entry with its names as the analysis has them, and which is unknown, with a near miss; "" if none is."""
    terms: dict[str, list[str]] = {}
    for quantity, term in numbers:
        terms.setdefault(quantity, []).append(term)
    given = {name if name in terms or named(name) not in terms else named(name): t for name, t in entry.statistic.items()}
    unknown = next((name for name in given if name not in terms), "")
    if unknown:
        near = suggest(unknown, terms)
        return entry, f"{entry.analysis} has no `{unknown}`{near or f'; known: {some_of(terms)}'}"
    term = entry.term
    for name in given:
        here = same_term(term, terms[name]) if term not in terms[name] else term
        if here is None:
            asked = f"`{name}` of `{term}`" if term else f"a `{name}` without a term"
            near = suggest(term, terms[name]) or f"; terms: {some_of(terms[name])}"
            return entry, f"{entry.analysis} has no {asked}{near}"
        entry = entry.model_copy(update={"term": here})
    return entry.model_copy(update={"statistic": given}), ""


# ---------------------------------------------------------------- what Python finds


def numbers_of(study: Study, name: str) -> Mapping[Key, float] | str:
    """(quantity, term) -> number of one analysis; or why it has none."""
    kind = name.split(".")[0]
    known = analyses().values()
    try:
        one = next((a for a in known if kind in a.kinds), None)
        if one is None:
            kinds = ", ".join(k for a in known for k in a.kinds)
            raise LookupError(f"there is no analysis `{name}`; names start with {kinds}")
        return {
            (quantity, term): float(value)
            for quantity, terms in one.found(study, name)
            for term, value in terms.items()
            if value is not None and not math.isnan(value)
        }
    except (Unestimable, LookupError) as error:
        return str(error.args[0] if error.args else error)
