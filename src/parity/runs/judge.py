"""Answers of one spec -> records: choose the reference, compare every candidate with it, and printed numbers too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from parity.base.tolerance import allowed, least_accurate
from parity.compare.floor import NOTHING_LEFT, Floor, floor_of, said
from parity.compare.forms import CALLED, in_form
from parity.compare.harmonise import Harmonised, Unusable, harmonise
from parity.compare.numbers import Beside, compare, compare_beside
from parity.compare.other_statistics import other_statistics, wald_chi2
from parity.compare.printed import compare_printed, stars_of_nothing, stated, uncompared_stars, without_levels
from parity.conventions.facts import Facts
from parity.conventions.formulas import Refused
from parity.printed.terms import as_estimated, no_statistic, no_term
from parity.results.cause import Cause
from parity.results.estimate import Answer, Declined, Estimate, Failed, Unavailable
from parity.results.record import OF_DATA, VERDICTS, ZERO_ERROR, Comparison, Record, Verdict
from parity.runs.plan import Entry
from parity.runs.worker import SpecFacts
from parity.study.published import Published
from parity.study.spec import Spec


@dataclass(frozen=True)
class Judged:
    """One engine's answer after harmonising; `side` is None where there is nothing to compare, `record` then says why."""

    entry: Entry
    answer: Answer
    side: Harmonised | None
    record: Record | None


def judge_spec(study: str, spec: Spec, counted: SpecFacts, answers: Sequence[tuple[Entry, Answer]],
               published: Sequence[Published]) -> tuple[Record, ...]:  # fmt: skip
    """All records of one spec; at least one, and one per engine that isn't the reference."""
    judged = [_harmonised(study, spec, counted, entry, answer) for entry, answer in answers]
    usable = {j.entry.engine.info.id: j for j in judged if j.side is not None}
    reference = _reference(spec, counted, usable)
    records = [j.record for j in judged if j.record]
    records += _recorded(study, spec, counted, judged)
    if reference is not None:
        note = _notes(spec, counted, reference, judged)
        others = [j for j in usable.values() if j is not reference]
        between = lambda one, other: _floor(spec, counted, usable[one], usable[other]).capped  # noqa: E731
        telling = [j for j in others if not _silent(spec, counted, reference, j)]
        beside = compare_beside(reference.side, [j.side for j in telling], between)
        for j in others:
            mine = beside.get(j.entry.engine.info.id)
            records.append(
                _compared(study, spec, counted, reference, j, note, mine)
                if mine
                else _says_nothing(study, spec, counted, reference, j)
            )
        entries = [entry for entry in published if entry.spec == spec.id]
        records += [_printed(study, spec, counted.facts, entry, reference, telling) for entry in entries]
    # an engine that agrees with its own frozen answer is compared with no other implementation
    if not any(r.checked for r in records if r.kind != "recorded"):
        why = counted.unestimable or "no two engines have an estimate of it"
        if not counted.unestimable and counted.conditioning is not None and len(usable) > 1:
            why = f"no two engines have an estimate that says anything: {_least_said(spec, counted, usable)}"
        records.append(
            Record(study=study, spec=spec.id, kind="spec", reference="", candidate="", verdict="vacuous", note=why)
        )
    return tuple(records)


def _harmonised(study: str, spec: Spec, counted: SpecFacts, entry: Entry, answer: Answer) -> Judged:
    def ended(verdict, note: str, warnings: tuple[str, ...] = ()) -> Judged:
        record = Record(
            study=study, spec=spec.id, kind="estimate", reference="", candidate=entry.engine.info.id,
            verdict=verdict, note=note, transport=entry.transport, warnings=warnings,
        )  # fmt: skip
        return Judged(entry, answer, None, record)

    match answer:
        case Declined(gap=gap, reason=reason):
            return ended("declined", f"{gap}: {reason}")
        case Unavailable(reason=reason, remedy=remedy):
            return ended("unavailable", f"{reason}; {remedy}" if remedy else reason)
        case Failed(reason=reason, warnings=warnings):
            return ended("failed", reason, warnings)
    if entry.transport == "frozen" and entry.stale:
        return ended("stale", f"{entry.stale}; run parity freeze where {entry.engine.info.id} is live")
    if counted.facts is None:
        return ended("failed", f"an estimate of what can't be estimated: {counted.unestimable}")
    try:
        return Judged(entry, answer, harmonise(answer, counted.facts, spec, counted.spread), None)
    except Refused as refused:
        return ended("declined", f"never: {refused}")
    except Unusable as unusable:
        return ended("failed", str(unusable), answer.warnings)


def _reference(spec: Spec, counted: SpecFacts, usable: Mapping[str, Judged]) -> Judged | None:
    """The declared reference; but one whose arithmetic tells nothing of these columns gives way to the first that does."""
    declared = usable.get(spec.reference) or next(iter(usable.values()), None)
    if declared is None or _floor(spec, counted, declared).tells:
        return declared
    return next((j for j in usable.values() if _floor(spec, counted, j).tells), declared)


def _floor(spec: Spec, counted: SpecFacts, *sides: Judged) -> Floor:
    return floor_of(counted.conditioning, spec, [(j.entry.engine, j.side.accuracy) for j in sides if j.side is not None])


def _least_said(spec: Spec, counted: SpecFacts, usable: Mapping[str, Judged]) -> str:
    assert counted.conditioning is not None
    return said(counted.conditioning, min(_floor(spec, counted, j).largest for j in usable.values()))


def _record(study: str, spec: Spec, kind, reference: Judged, candidate: Judged, result: Comparison, note: str,
            floor: float) -> Record:  # fmt: skip
    assert isinstance(candidate.answer, Estimate) and candidate.side is not None
    accuracy = least_accurate(reference.side.accuracy, candidate.side.accuracy)
    return Record(
        study=study, spec=spec.id, kind=kind,
        reference=reference.entry.engine.info.id, candidate=candidate.entry.engine.info.id,
        verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
        note=note, transport=candidate.entry.transport, accuracy=accuracy,
        how=candidate.side.how, warnings=candidate.answer.warnings, floor=floor,
    )  # fmt: skip


def _compared(
    study: str, spec: Spec, counted: SpecFacts, reference: Judged, candidate: Judged, note: str, beside: Beside
) -> Record:
    """Within what rounding leaves they agree."""
    assert reference.side is not None and candidate.side is not None
    floor = _floor(spec, counted, reference, candidate)
    result = compare(reference.side, candidate.side, floor.capped)
    used = min(floor.largest, floor.most)
    if used <= allowed(reference.side.accuracy, candidate.side.accuracy):
        used = 0.0
    if used:
        assert counted.conditioning is not None  # of which the floor is
        note = "; ".join(filter(None, (note, said(counted.conditioning, used))))
    # without a shared coefficient nothing was compared, whatever statistics there are
    result = beside.added_to(result) if result.checked else result
    record = _record(study, spec, "estimate", reference, candidate, result, note, used)
    return record.model_copy(update={"uncompared": beside.uncompared})


def _silent(spec: Spec, counted: SpecFacts, reference: Judged, candidate: Judged) -> bool:
    """Whether rounding may leave so much that it would hide a convention, and the engine is no farther off than that.

    None of its numbers then says anything, to whomever they are held.
    """
    assert reference.side is not None and candidate.side is not None
    floor = _floor(spec, counted, reference, candidate)
    if min(floor.largest, floor.most) <= allowed(reference.side.accuracy, candidate.side.accuracy):
        return False
    differs = bool(compare(reference.side, candidate.side, floor.capped).differences)
    return differs and not _beyond(floor, reference.side, candidate.side)


def _beyond(floor: Floor, reference: Harmonised, candidate: Harmonised) -> bool:
    """Whether two answers differ by more than arithmetic explains. Where it keeps no digit only counts and terms tell.

    Where it keeps none of a coefficient, an engine may well leave the term out, and then counts one parameter less.
    """
    differences = compare(reference, candidate, floor.whole).differences
    if floor.others < NOTHING_LEFT:
        return bool(differences)
    counts = {key[0] for key, quantity in reference.quantities.items() if quantity.exact}
    tells = counts | {"coef"} if floor.coefficients < NOTHING_LEFT else counts - {"df_t", "df_resid"}
    return any(d.quantity in tells for d in differences)


def _says_nothing(study: str, spec: Spec, counted: SpecFacts, reference: Judged, candidate: Judged) -> Record:
    """An engine no farther off than its arithmetic, which is too far to tell conventions apart."""
    assert counted.conditioning is not None and isinstance(candidate.answer, Estimate)
    name = candidate.entry.engine.info.id
    left = said(counted.conditioning, _floor(spec, counted, reference, candidate).largest, name)
    return Record(
        study=study, spec=spec.id, kind="estimate", reference="", candidate=name, verdict="declined",
        note=f"never: {left}; too few to tell conventions apart, and it is no farther off",
        transport=candidate.entry.transport, warnings=candidate.answer.warnings,
    )  # fmt: skip


def _printed(
    study: str, spec: Spec, facts: Facts | None, entry: Published, candidate: Judged, others: Sequence[Judged]
) -> Record:
    """A statistic that the candidate doesn't report is held against the first engine that does; `how` says which."""
    assert candidate.side is not None
    side, lent = candidate.side, {}
    for name in entry.statistic:
        other = next((j.side for j in others if (name, "") in j.side.quantities), None)
        if (name, "") not in side.quantities and other is not None:
            lent[name] = other
    lent_numbers = {(n, ""): o.quantities[n, ""] for n, o in lent.items()}
    side = replace(side, quantities={**wald_chi2(side.quantities), **side.quantities, **lent_numbers})
    terms = tuple(term for quantity, term in side.quantities if quantity == "coef")
    entry = as_estimated(entry, terms)
    result = compare_printed(entry, in_form(side, entry.printed))
    unknown = no_statistic(entry, side.quantities) or stars_of_nothing(entry, result)
    if entry.term not in ("", *terms):
        unknown = no_term(entry.term, terms, spec, facts.dropped if facts else ())
    return Record(
        study=study, spec=spec.id, kind="printed", reference=entry.engine, candidate=candidate.entry.engine.info.id,
        verdict=result.verdict, checked=result.checked, digits=result.digits, differences=result.differences,
        note=f"{unknown} ({entry.source})" if unknown else "; ".join(
            filter(None, (entry.source, _of_form(entry, side, result), uncompared_stars(entry)))
        ),
        transport=candidate.entry.transport, accuracy="printed",
        how="; ".join([side.how, *(f"{name} of {other.engine}" for name, other in lent.items())]),
        causes=_of_another_name(entry, side, result),
        uncompared=without_levels(entry),
    )  # fmt: skip


def _of_another_name(entry: Published, side: Harmonised, result: Comparison) -> tuple[Cause, ...]:
    """Which statistics of the whole model have the digits that were entered under another's name."""
    numbers = stated(entry)
    off = [
        d.quantity for d in result.differences if not d.term and d.candidate is not None and d.quantity in entry.statistic
    ]
    return tuple(c for name in off for c in other_statistics(name, numbers[name, ""], side.quantities))


def _of_form(entry: Published, side: Harmonised, result: Comparison) -> str:
    """What the numbers of an entry are, where it isn't coefficients; and where they are coefficients all the same."""
    if entry.printed == "coefficient" or not entry.of_term():
        return ""
    said = f"{CALLED[entry.printed]}s"
    if result.verdict != "disagree" or compare_printed(entry, side).verdict != "agree":
        return said
    return f'{said} by printed = "{entry.printed}", but what is printed is the coefficients themselves'


def _recorded(study: str, spec: Spec, counted: SpecFacts, judged: Sequence[Judged]) -> list[Record]:
    """A live answer against the same engine's frozen one: an upgrade that moves a number shows here."""
    records, facts = [], counted.facts
    for live in judged:
        if live.entry.transport != "live" or live.entry.frozen is None:
            continue
        name = live.entry.engine.info.id
        if live.entry.stale:
            records.append(Record(
                study=study, spec=spec.id, kind="recorded", reference=name, candidate=name, verdict="stale",
                note=f"{live.entry.stale}; run parity freeze", transport="live",
            ))  # fmt: skip
            continue
        if live.side is None or not isinstance(live.entry.frozen, Estimate):
            continue
        assert facts is not None
        try:
            side = harmonise(live.entry.frozen, facts, spec, counted.spread)
            frozen = Judged(live.entry, live.entry.frozen, side, None)
        except (Unusable, Refused) as error:
            records.append(Record(
                study=study, spec=spec.id, kind="recorded", reference=name, candidate=name, verdict="failed",
                note=f"the frozen answer can't be used: {error}", transport="live",
            ))  # fmt: skip
            continue
        floor = _floor(spec, counted, live)
        result = compare(frozen.side, live.side, floor.whole)
        beyond = floor.largest if floor.largest > allowed(live.side.accuracy) else 0.0
        records.append(_record(study, spec, "recorded", frozen, live, result, "", beyond))
    return records


def _notes(spec: Spec, counted: SpecFacts, reference: Judged, judged: Sequence[Judged]) -> str:
    """What a reader must know of the spec: another reference than declared, rows and columns left out."""
    notes, facts = [], counted.facts
    if reference.entry.engine.info.id != spec.reference:
        declared = next((j for j in judged if j.entry.engine.info.id == spec.reference), None)
        missing = declared.record.note if declared and declared.record else "not asked"
        if declared is not None and declared.side is not None:
            assert counted.conditioning is not None  # it gave way for its floor
            missing = said(counted.conditioning, _floor(spec, counted, declared).largest, spec.reference)
        notes.append(f"reference {reference.entry.engine.info.id} because {spec.reference} has none ({missing})")
    if facts:
        left_out: Mapping[str, int] = {
            "missing values": facts.n_missing, "weight zero": facts.n_zero_weight,
            "predicted perfectly": facts.n_separated, "singletons": facts.n_singletons,
        }  # fmt: skip
        notes += [f"{n} rows left out ({why})" for why, n in left_out.items() if n]
        notes += _zero_errors(reference.side)
        notes += _repair(spec, reference.side)
        notes += [f"left out as absorbed or collinear: {', '.join(facts.dropped)}"] if facts.dropped else []
    return "; ".join(notes)


def _zero_errors(side: Harmonised | None) -> list[str]:
    """Which standard errors are zero, as a sentence; their t and p are none."""
    zero = sorted(side.zero) if side is not None else []
    if not zero:
        return []
    shown = ", ".join(f"`{t}`" for t in zero[:3]) + (f" and {len(zero) - 3} more" if len(zero) > 3 else "")
    return [f"the scores of {shown} cancel: {ZERO_ERROR}"]


def _repair(spec: Spec, side: Harmonised | None) -> list[str]:
    """What became of a negative eigenvalue of the covariance, which needs several cluster variables."""
    if side is None or not side.indefinite:
        return []
    head = "its covariance by several cluster variables has a negative eigenvalue"
    if side.repaired:
        return [f'{head}, set to zero as {spec.convention.profile} does (psd = "repaired")']
    return [f'{head}, which is kept (psd = "kept"): reghdfe and fixest set it to zero, and warn']


def declined_by_choice(records: Sequence[Record], ends: Sequence[Verdict] = ("declined",)) -> tuple[Record, ...]:
    """Records of a run for which engines were chosen: a spec that each of them declines is *declined*, not *vacuous*.

    ends: verdicts that leave nothing to compare and are no failure.
    """
    found: dict[tuple[str, str], set[Verdict]] = {}
    for r in records:
        if r.kind not in ("spec", "printed", *OF_DATA):
            found.setdefault((r.study, r.spec), set()).add(r.verdict)
    note = "none of the engines that were chosen has an estimate of it, so it was compared with nothing"

    def ended(r: Record) -> Record:
        own = found.get((r.study, r.spec), set())
        if r.kind != "spec" or r.verdict != "vacuous" or not own or not own <= set(ends):
            return r
        return r.model_copy(update={"verdict": min(own, key=VERDICTS.index), "note": note})

    return tuple(map(ended, records))


def uncounted(study: str, spec: str, failed: Failed) -> Record:
    """The record of a spec whose facts could not be counted."""
    note = f"its sample could not be counted: {failed.reason}"
    return Record(study=study, spec=spec, kind="spec", reference="", candidate="", verdict="failed", note=note)
