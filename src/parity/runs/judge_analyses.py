"""Printed numbers of analyses, a mediation effect, a weight, a first-stage F, held against what Python finds for them.

An entry of `[[published]]` names the analysis as its record does, `analysis = "mediation.nqp"`; its `statistic` names
quantities of that record, its `term` what they are about. Whether R agrees with Python's numbers is another record's matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from parity.base.errors import Unestimable, suggest
from parity.compare.harmonise import Harmonised, Key, Quantity
from parity.compare.printed import compare_printed, stars_of_nothing, uncompared_stars
from parity.printed.terms import same_term
from parity.results.quantities import named
from parity.results.record import Record
from parity.study.spec import Published
from parity.study.study import Study

CANDIDATE = "python"
#: Names said where one is not known.
_MOST = 12


def printed_records(study: Study, records: Sequence[Record]) -> tuple[Record, ...]:
    """A record for every entry about an analysis. records: of the study's analyses; numbers that they keep are not made
    again.
    """
    entries = [entry for entry in study.published if entry.analysis]
    kept = {r.spec: {(n.quantity, n.term): n.value for n in r.numbers} for r in records if r.numbers}
    found: dict[str, Mapping[Key, float] | str] = {}
    for name in dict.fromkeys(entry.analysis for entry in entries):
        found[name] = kept.get(name) or numbers_of(study, name)
    return tuple(_record(study, entry, found[entry.analysis]) for entry in entries)


def _record(study: Study, entry: Published, numbers: Mapping[Key, float] | str) -> Record:
    if isinstance(numbers, str):
        return Record(
            study=study.id, spec=entry.analysis, kind="printed", reference=entry.engine, candidate=CANDIDATE,
            verdict="failed", note=f"{numbers} ({entry.source})", accuracy="printed",
        )  # fmt: skip
    entry, unknown = _named(entry, numbers)
    side = Harmonised(CANDIDATE, "exact", "native", {k: Quantity(v, abs(v)) for k, v in numbers.items()}, frozenset())
    result = compare_printed(entry, side)
    unknown = unknown or stars_of_nothing(entry, result)
    notes = (f"{unknown} ({entry.source})" if unknown else entry.source, "" if unknown else uncompared_stars(entry))
    return Record(
        study=study.id, spec=entry.analysis, kind="printed", reference=entry.engine, candidate=CANDIDATE,
        verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
        note="; ".join(filter(None, notes)), accuracy="printed",
    )  # fmt: skip


def _named(entry: Published, numbers: Mapping[Key, float]) -> tuple[Published, str]:
    """The entry with its names as the analysis has them, and which is unknown, with a near miss; "" if none is."""
    terms: dict[str, list[str]] = {}
    for quantity, term in numbers:
        terms.setdefault(quantity, []).append(term)
    known = named if entry.analysis.startswith("diagnostics.") else str
    given = {name if name in terms else known(name): text for name, text in entry.statistic.items()}
    unknown = next((name for name in given if name not in terms), "")
    if unknown:
        near = suggest(unknown, terms)
        return entry, f"{entry.analysis} has no `{unknown}`{near or f'; known: {_some(terms)}'}"
    term = entry.term
    for name in given:
        here = same_term(term, terms[name]) if term not in terms[name] else term
        if here is None:
            asked = f"`{name}` of `{term}`" if term else f"a `{name}` without a term"
            return entry, f"{entry.analysis} has no {asked}{suggest(term, terms[name]) or f'; terms: {_some(terms[name])}'}"
        entry = entry.model_copy(update={"term": here})
    return entry.model_copy(update={"statistic": given}), ""


def _some(names: Iterable[str]) -> str:
    known = [name or '""' for name in names]
    return ", ".join(known[:_MOST]) + (f" and {len(known) - _MOST} more" if len(known) > _MOST else "")


# ---------------------------------------------------------------- what Python finds


def numbers_of(study: Study, name: str) -> Mapping[Key, float] | str:
    """(quantity, term) -> number of one analysis; or why it has none."""
    kind = name.split(".")[0]
    try:
        made = {"index": _index, "diagnostics": _diagnostics, "mediation": _mediation}.get(kind, _resampled)(study, name)
        return {
            (quantity, term): float(value)
            for quantity, terms in made
            for term, value in terms.items()
            if value is not None and not math.isnan(value)
        }
    except (Unestimable, LookupError) as error:
        return str(error.args[0] if error.args else error)


Made = Iterator[tuple[str, Mapping[str, float]]]


def _index(study: Study, name: str) -> Made:
    """Scores and ranks by UNIT:TIME; weights by indicator, and the year where each has its own."""
    from parity.base.tolerance import TIE
    from parity.data.derive.ranks import ranks
    from parity.data.derive.study_columns import add_columns, rows_of_indices
    from parity.data.load import read_study_frame
    from parity.diagnose.questions.index import row_names

    made = add_columns(study, read_study_frame(study))
    _, index, *variant = name.split(".", 2)
    scores, rows = made.indices[index, variant[0] if variant else ""], row_names(study, made.frame)
    order = rows_of_indices(study, made.frame).time
    yield "score", {row: float(scores.scores[i]) for row, i in rows.items()}
    yield "rank", {row: float(value) for row, value in zip(rows, ranks(scores.scores, order, TIE), strict=True)}
    for quantity, by_label in (("weight", scores.weights), ("entropy", scores.entropies), ("between", scores.between)):
        yield (
            quantity,
            {
                f"{indicator}:{label}" if len(by_label) > 1 else indicator: value
                for label, values in by_label.items()
                for indicator, value in values.items()
            },
        )


def _diagnostics(study: Study, name: str) -> Made:
    from parity.analyses.instruments.analysis import errors_of, printed, why_none
    from parity.analyses.instruments.statistics import diagnose
    from parity.data.load import load_frame
    from parity.sample.build import build_design

    spec = study.spec(name.split(".", 1)[1])
    if why := why_none(spec):
        raise LookupError(why)
    yield from printed(diagnose(build_design(study, spec, load_frame(study)), *errors_of(spec))).items()  # type: ignore[misc]


def _mediation(study: Study, name: str) -> Made:
    from parity.analyses.mediation.analysis import printed
    from parity.analyses.mediation.sample import prepare
    from parity.data.load import load_frame

    yield from printed(_part(name, prepare(study, load_frame(study))).found()).items()


def _resampled(study: Study, name: str) -> Made:
    from parity.analyses.resampling.found import found_in
    from parity.analyses.resampling.sample import prepare
    from parity.data.load import load_frame

    yield from found_in(_part(name, prepare(study, load_frame(study)))).printed.items()


def _part(name: str, parts):
    """The analysis of this name. Raises `LookupError` where there is none, or where it has no sample."""
    known = dict(parts)
    if name not in known:
        raise LookupError(f"there is no analysis `{name}`{suggest(name, known) or f'; known: {_some(known)}'}")
    if isinstance(known[name], str):
        raise LookupError(known[name])
    return known[name]
