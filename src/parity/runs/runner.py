"""Run studies: plan, ask what isn't cached, judge, report."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cache as cached
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from parity import engines as registry
from parity.base.cache import AnswerCache
from parity.base.errors import InputError, Problem, suggest
from parity.base.values import EXACT_JSON
from parity.data.runnable import attempt, problems_of, runnable, wrong_study
from parity.engines.base import Engine
from parity.results.analysis_page import AnalysisDetail
from parity.results.estimate import Answer, Failed, Unavailable
from parity.results.record import Analysed, KeptStudy, Record, Report, summarise
from parity.results.spec_page import SpecDetail
from parity.runs.ask import (
    TIMEOUT,
    Asking,
    Progress,
    Question,
    entry_key,
    entry_questions,
    facts_key,
    facts_questions,
    plans_content,
    said_of_data,
)
from parity.runs.ask_analyses import AskedAnalyses, analyses_of
from parity.runs.judge import declined_by_choice, judge_spec, uncounted
from parity.runs.judge_analyses import printed_records
from parity.runs.plan import Entry, StudyPlan, Transport, plan_study
from parity.runs.provenance import versions_of
from parity.runs.second_reading.planned import SecondReading, second_reading_of
from parity.runs.streaming import Large, Streaming, by_chunks, large, planned_large
from parity.runs.worker import SpecFacts
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.runs.shipped import ShippedPlan

Plan = TypeVar("Plan")
_RECORDS: TypeAdapter = TypeAdapter(tuple[Record, ...], config=EXACT_JSON)
_DETAILS: TypeAdapter = TypeAdapter(tuple[SpecDetail, ...], config=EXACT_JSON)


def run(
    studies: Sequence[Study],
    *,
    engines: Sequence[Engine] | None = None,
    specs: Sequence[str] | None = None,
    transport: Transport = "auto",
    jobs: int | None = None,
    timeout: float = TIMEOUT,
    cache: AnswerCache | None = None,
    details: bool = False,
    progress: Progress = lambda done, total: None,
    as_shipped: bool = False,
    narrowed: bool = False,
    wrong: Sequence[Record] = (),
    streaming: Streaming = Streaming(),  # noqa: B008 - frozen
) -> Report:
    """Estimate every spec of every study in every engine, compare, and report.

    engines: default all registered. specs: ids to run, default all. progress(done, total) is called as answers come.
    details: collect what pages show of each spec beside its verdicts.
    as_shipped: engines with their own defaults; every difference is explained or a disagreement.
    narrowed: the engines are a choice of the user's: what each of them declines is declined, and no failure.
    streaming: how Parquet data are read by their row groups, and whether they always are.
    wrong: records of studies that were asked for and couldn't be read, see `parity.data.runnable.wrong_study`.
    A study or spec that is wrong is a failed record with its problems, and the others run. Raises `InputError` where nothing
    of what is asked for can run, or where two studies have one name.
    """
    chosen = tuple(engines) if engines is not None else tuple(registry.registry().values())
    asking = Asking(cache if cache is not None else AnswerCache(None), jobs or os.cpu_count() or 1, timeout, progress)
    studies = _distinct(studies)
    whole = _with_specs(studies, specs)
    big = [found for study in whole if not as_shipped and (found := large(study)) is not None]
    held = [study for study in whole if all(study is not one.study for one in big)]
    able = [runnable(study, asking.cache, _wrong_references(study, chosen)) for study in held]
    wrong = [*wrong, *(r for one in able for r in one.records if specs is None or r.kind == "study" or r.spec in specs)]
    pairs = [(part, _specs(part, specs)) for one in able for part in one.parts]
    pairs = [(part, wanted) for part, wanted in pairs if wanted or specs is None]
    shown: tuple[SpecDetail, ...] | None = None
    beside: tuple[AnalysisDetail, ...] | None = None
    if as_shipped:
        from parity.runs.shipped import plan_shipped

        shipped = _planned(pairs, wrong, lambda study, specs: plan_shipped(study, specs, chosen, transport))
        plans = [plan.candidates for plan in shipped]
        records = _as_shipped(shipped, asking)
    else:
        both = _planned(pairs, wrong, lambda study, specs: _plan(study, specs, chosen, transport, streaming)) if held else []
        plans, readings = [plan for plan, _ in both], [reading for _, reading in both]
        wanted = [analyses_of(plan.study, transport, timeout) for plan in plans] if specs is None else []
        records, shown, answered = _harmonised(
            plans, readings, [q for one in wanted for q in one.questions], asking, details
        )
        records = declined_by_choice(records) if narrowed else records
        if specs is None:
            found = [part for one in wanted for part in _analysed(one, answered)]
            records += tuple(r for part in found for r in part.records)
            beside = tuple(d for part in found for d in part.details) if details else None
    beyond, not_held = _not_held(big, specs, chosen, transport, streaming)
    records += (*not_held, *wrong)
    return Report(
        versions=versions_of(chosen),
        transports=_transports([*plans, *beyond]),
        made=tuple(study.id for study in whole if study.header.made),
        read=said_of_data(plans, asking.cache),
        records=records,
        summary=summarise(records),
        details=shown,
        analyses=beside,
        studies=tuple(KeptStudy.of(study.id, study.text) for study in whole) if shown is not None else None,
    )


def _not_held(
    big: Sequence[Large], wanted: Sequence[str] | None, engines: Sequence[Engine], transport: Transport, streaming: Streaming
) -> tuple[list[StudyPlan], tuple[Record, ...]]:
    """Plans and records of studies whose data are read by chunks of rows alone."""
    plans, records = [], []
    for one in big:
        if problems := _wrong_references(one.study, engines):
            records.append(wrong_study(one.study.id, problems))
            continue
        made, failed = attempt(
            one.study.id,
            lambda one=one: planned_large(one, _specs(one.study, wanted), engines, transport, streaming),
        )
        records += failed
        if made is not None:
            plan, counted, wrong = made
            plans.append(plan)
            records += [*_judge(plan, {facts_key(plan, plan.study.spec(s)): facts for s, facts in counted.items()})]
            records += wrong if wanted is None else ()
    return plans, tuple(records)


def analyses(study: Study, transport: Transport, timeout: float, cache: AnswerCache) -> tuple[Record, ...]:
    """Records of what a study computes beside its specs, in Python and in R: derived columns and indices, diagnostics of
    instruments, mediation, group differences, the wild bootstrap.
    """
    able = runnable(study, cache)
    wanted = [analyses_of(part, transport, timeout) for part in able.parts]
    answered = Asking(cache, 1, timeout).answers([q for one in wanted for q in one.questions])
    beside = (r for r in able.records if r.kind != "spec")
    return (*(record for one in wanted for made in _analysed(one, answered) for record in made.records), *beside)


def _analysed(asked: AskedAnalyses, answered: Mapping[Hashable, Any]) -> Iterator[Analysed]:
    parts = asked.found(answered)
    yield from parts
    yield Analysed(records=printed_records(asked.study, [record for part in parts for record in part.records]))


def _harmonised(
    plans: Sequence[StudyPlan], readings: Sequence[SecondReading], beside: Sequence[Question], asking: Asking, details: bool
) -> tuple[tuple[Record, ...], tuple[SpecDetail, ...] | None, dict[Hashable, Any]]:
    """Records, and details where they are wanted; those of unchanged studies from the cache. And the answers to all.

    beside: what is asked with the specs, so that no worker waits while another computes.
    """
    cache, keys = asking.cache, {id(plan): plans_content("records", plan) for plan in plans}
    held = {id(plan): cache.get(keys[id(plan)]) for plan in plans}
    known = {id(plan): cache.get(plans_content("details", plan)) for plan in plans} if details else {}
    fresh = [plan for plan in plans if held[id(plan)] is None or (details and known[id(plan)] is None)]
    read = {id(r): r.records or _known(cache, r.content) for r in readings}
    again = [r.question for r in readings if r.question is not None and read[id(r)] is None]
    of_plans = {id(plan): [*facts_questions(plan), *entry_questions(plan)] for plan in fresh}
    to_come = {id(plan): {q.call.key for q in of_plans[id(plan)]} for plan in fresh if held[id(plan)] is None}
    judged: dict[int, tuple[Record, ...]] = {}

    def judge(plan: StudyPlan, found: dict[Hashable, Any]) -> tuple[Record, ...]:
        if id(plan) not in judged:
            judged[id(plan)] = _kept(cache, keys[id(plan)], _judge(plan, found))
        return judged[id(plan)]

    def came(key: Hashable, found: dict[Hashable, Any]) -> None:
        """Each plan is judged once its last answer has come: workers are busy with others meanwhile."""
        for plan in fresh:
            left = to_come.get(id(plan), set())
            if key in left:
                left.discard(key)
                if not left:
                    judge(plan, found)

    answered = asking.answers([*beside, *(q for questions in of_plans.values() for q in questions), *again], came)
    records: list[Record] = []
    shown: list[SpecDetail] = []
    for plan, reading in zip(plans, readings, strict=True):
        if details:
            shown += _details(plan, known[id(plan)], answered, cache)
        kept = held[id(plan)]
        records += judge(plan, answered) if kept is None else _RECORDS.validate_json(kept)
        records += _read_again(plan, reading, read[id(reading)], answered, cache)
    return tuple(records), tuple(shown) if details else None, answered


def _known(cache: AnswerCache, key: str) -> tuple[Record, ...] | None:
    kept = cache.get(key)
    return None if kept is None else _RECORDS.validate_json(kept)


def _read_again(
    plan: StudyPlan, reading: SecondReading, known: tuple[Record, ...] | None, answered: dict, cache: AnswerCache
) -> Iterator[Record]:
    """Records of the second reading, those of the data file and of the specs that run."""
    if known is None and reading.question is not None:
        known = _kept(cache, reading.content, answered[reading.question.call.key])
    specs = {entry.spec.id for entry in plan.entries}
    return (r for r in known or () if r.kind != "sample" or r.spec in specs)


def _as_shipped(plans: Sequence[ShippedPlan], asking: Asking) -> tuple[Record, ...]:
    """Records of a run as shipped; those of unchanged studies from the cache."""
    from parity.runs.shipped import judge_shipped

    held = [asking.cache.get(plan.content) for plan in plans]
    fresh = [plan for plan, kept in zip(plans, held, strict=True) if kept is None]
    made = iter(judge_shipped(fresh, asking) if fresh else ())
    records: list[Record] = []
    for plan, kept in zip(plans, held, strict=True):
        records += _kept(asking.cache, plan.content, next(made)) if kept is None else _RECORDS.validate_json(kept)
    return tuple(records)


def _kept(cache: AnswerCache, key: str, records: tuple[Record, ...]) -> tuple[Record, ...]:
    """The records, kept unless one failed: a failure may be of the day, not of the content."""
    if not any(r.verdict == "failed" for r in records):
        cache.put(key, _RECORDS.dump_json(records))
    return records


def _distinct(studies: Sequence[Study]) -> list[Study]:
    """Each folder once. Raises `InputError` where two folders have one name: their records could not be told apart."""
    by_folder = {study.folder.resolve(): study for study in studies}
    seen: dict[str, Study] = {}
    for study in by_folder.values():
        other = seen.setdefault(study.id, study)
        if other is not study:
            message = f"two studies are named `{study.id}` (the other is {other.folder}); run them apart"
            raise InputError.at(str(study.folder), "", message)
    return list(by_folder.values())


def _wrong_references(study: Study, chosen: Sequence[Engine]) -> list[Problem]:
    """Every reference that a spec names must be an engine: those that are not."""
    known = {engine.info.id for engine in chosen}
    named = [spec for spec in study.specs if spec.reference not in known]
    if named:
        known |= set(registry.registry())
    return [
        Problem(
            str(study.file),
            f"spec.{spec.id}.reference",
            f"there is no engine `{spec.reference}`{suggest(spec.reference, known)}",
        )
        for spec in named
        if spec.reference not in known
    ]


def _planned(
    pairs: Sequence[tuple[Study, list[Spec]]], wrong: list[Record], plan: Callable[[Study, list[Spec]], Plan]
) -> list[Plan]:
    """A plan of each that can be planned; the others' records are added to `wrong`. Raises `InputError` where none can."""
    plans = []
    for study, specs in pairs:
        made, failed = attempt(study.id, lambda study=study, specs=specs: plan(study, specs))
        plans += [made] if made is not None else []
        wrong += failed
    if wrong and not plans:
        raise InputError(problems_of(wrong))
    return plans


def _plan(
    study: Study, specs: list[Spec], engines: Sequence[Engine], transport: Transport, streaming: Streaming
) -> tuple[StudyPlan, SecondReading]:
    plan = by_chunks(plan_study(study, specs, engines, transport), streaming)
    return plan, second_reading_of(plan.study, plan.data_hash, transport)


def _with_specs(studies: Sequence[Study], specs: Sequence[str] | None) -> list[Study]:
    """Studies that have any of the specs asked for. Raises `InputError` for a spec that none has."""
    if specs is None:
        return list(studies)
    known = {spec.id for study in studies for spec in study.specs}
    for wanted in specs:
        if wanted not in known:
            studies[0].spec(wanted)  # raises, with a near miss
    return [s for s in studies if any(spec.id in specs for spec in s.specs)]


def _specs(study: Study, wanted: Sequence[str] | None) -> list[Spec]:
    return [s for s in study.specs if wanted is None or s.id in wanted]


# ---------------------------------------------------------------- judging


def _judge(plan: StudyPlan, found: dict[tuple, Any]) -> tuple[Record, ...]:
    records = []
    for spec, counted, answers in _answers(plan, found):
        if isinstance(counted, Failed):
            records.append(uncounted(plan.study.id, spec.id, counted))
            counted = SpecFacts(None, unestimable=counted.reason)
        records += judge_spec(plan.study.id, spec, counted, answers, plan.study.published)
    from parity.diagnose.questions.records import with_causes

    return with_causes(plan.study, records)


def _answers(
    plan: StudyPlan, found: dict[tuple, Any]
) -> Iterator[tuple[Spec, SpecFacts | Failed, list[tuple[Entry, Answer]]]]:
    """Spec by spec: what was counted, and every engine's answer."""
    for spec in dict.fromkeys(entry.spec.id for entry in plan.entries):
        entries = [e for e in plan.entries if e.spec.id == spec]
        answers = [(e, e.answer if e.answer is not None else found[entry_key(plan, e)]) for e in entries]
        yield entries[0].spec, found[facts_key(plan, entries[0].spec)], answers


def _details(plan: StudyPlan, held: bytes | None, found: dict[tuple, Any], cache: AnswerCache) -> tuple[SpecDetail, ...]:
    """Details of one study, from the cache or from the answers; what disagrees is searched for its cause."""
    if held is not None:
        return _DETAILS.validate_json(held)
    from parity.data.load import load_frame
    from parity.diagnose.questions.engines import MOST, trace
    from parity.runs.pages import detail_spec

    frame = cached(lambda: load_frame(plan.study))
    made, whole, left = [], True, MOST
    for spec, counted, answers in _answers(plan, found):
        if isinstance(counted, Failed):
            counted = SpecFacts(None, unestimable=counted.reason)
            whole = False
        whole = whole and not any(isinstance(answer, Failed) for _, answer in answers)
        detail = detail_spec(plan.study, spec, counted, answers, plan.data_hash)
        judged = judge_spec(plan.study.id, spec, counted, answers, plan.study.published)
        traced = trace(plan.study, spec, frame, judged, [answer for _, answer in answers], left)
        made.append(detail.model_copy(update={"traced": traced}))
        left -= len(traced)
    if whole:  # a failure may be of the day, not of the content
        cache.put(plans_content("details", plan), _DETAILS.dump_json(tuple(made)))
    return tuple(made)


# ---------------------------------------------------------------- provenance


def _transports(plans: Sequence[StudyPlan]) -> dict[str, str]:
    """Engine -> "live", "frozen", or why neither; "idle" where every spec is declined."""
    out: dict[str, str] = {}
    for plan in plans:
        for entry in plan.entries:
            name = entry.engine.info.id
            if entry.transport:
                out[name] = entry.transport if out.get(name) != "live" else "live"
            elif isinstance(entry.answer, Unavailable) and name not in out:
                out[name] = f"unavailable: {entry.answer.reason}; {entry.answer.remedy}".rstrip("; ")
    for plan in plans:
        for entry in plan.entries:
            out.setdefault(entry.engine.info.id, "idle")
    return out
