"""Run studies: plan, ask what isn't cached, judge, report. The only place where plan, pool, cache and judge meet."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from parity import engines as registry
from parity.cache import AnswerCache, code_hash, key_of
from parity.detail import SpecDetail
from parity.engines.base import Engine
from parity.errors import InputError, Problem, suggest
from parity.estimate import Answer, Failed, Unavailable
from parity.index_run import index_records
from parity.judge import judge_spec
from parity.mediation_run import mediation_records
from parity.plan import Entry, StudyPlan, Transport, plan_study
from parity.pool import Call, Lost, run_calls
from parity.r.scripts import scripts_folder
from parity.record import Record, Report, summarise
from parity.study import Spec, Study
from parity.values import EXACT_JSON
from parity.work import ANSWER, SpecFacts, ask, count_facts, read_facts

#: Seconds an engine may take for one spec before its worker is stopped.
TIMEOUT = 120.0

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
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Estimate every spec of every study in every engine, compare, and report.

    engines: default all registered. specs: ids to run, default all. progress(done, total) is called as answers come.
    details: collect what pages show of each spec beside its verdicts.
    Raises `InputError` where a study, spec or reference is wrong.
    """
    chosen = tuple(engines) if engines is not None else tuple(registry.registry().values())
    cache = cache if cache is not None else AnswerCache(None)
    studies = _distinct(studies)
    _check_references(studies, chosen)
    plans = [plan_study(study, _specs(study, specs), chosen, transport) for study in _with_specs(studies, specs)]
    keys = {id(plan): _study_key(plan) for plan in plans}
    held = {id(plan): cache.get(keys[id(plan)]) for plan in plans}
    known = {id(plan): cache.get(key_of("details", keys[id(plan)])) for plan in plans} if details else {}
    fresh = [plan for plan in plans if held[id(plan)] is None or (details and known[id(plan)] is None)]
    answered = _answer(fresh, cache, jobs or os.cpu_count() or 1, timeout, progress) if fresh else {}
    records: list[Record] = []
    shown: list[SpecDetail] = []
    for plan in plans:
        if details:
            shown += _details(plan, known[id(plan)], answered, cache, keys[id(plan)])
        if held[id(plan)] is not None:
            records += _RECORDS.validate_json(held[id(plan)])
            continue
        judged = _judge(plan, answered)
        if not any(r.verdict == "failed" for r in judged):  # a failure may be of the day, not of the content
            cache.put(keys[id(plan)], _RECORDS.dump_json(judged))
        records += judged
    if specs is None:
        for made in (index_records, mediation_records):
            records += [r for plan in plans for r in made(plan.study, transport, timeout, cache)]
    return Report(
        versions=_versions(chosen),
        transports=_transports(plans),
        made=tuple(plan.study.id for plan in plans if plan.study.header.made),
        records=tuple(records),
        summary=summarise(tuple(records)),
        details=tuple(shown) if details else None,
    )


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


def _check_references(studies: Sequence[Study], chosen: Sequence[Engine]) -> None:
    """Every reference that a spec names must be an engine. Raises `InputError` with all that are not."""
    known = {engine.info.id for engine in chosen}
    named = [(study, spec) for study in studies for spec in study.specs if spec.reference not in known]
    if named:
        known |= set(registry.registry())
    problems = [
        Problem(
            str(study.file),
            f"spec.{spec.id}.reference",
            f"there is no engine `{spec.reference}`{suggest(spec.reference, known)}",
        )
        for study, spec in named
        if spec.reference not in known
    ]
    if problems:
        raise InputError(sorted(problems, key=lambda p: p.key))


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


# ---------------------------------------------------------------- asking


def _answer(plans: Sequence[StudyPlan], cache: AnswerCache, jobs: int, timeout: float, progress) -> dict[tuple, Any]:
    """(study folder, spec id, engine id or "") -> answer or facts, from the cache or from workers."""
    _validate(plans)
    found: dict[tuple, Any] = {}
    keys: dict[tuple, str] = {}
    calls: list[Call] = []
    for plan in plans:
        for call, key in _calls(plan):
            keys[call.key] = key
            held = cache.get(key)
            if held is None:
                calls.append(call)
            else:
                found[call.key] = _read(call.key, held)

    total = len(calls) + len(found)
    progress(len(found), total)

    def done(call_key: tuple, result: Any) -> None:
        found[call_key] = value = _read(call_key, result)
        if not isinstance(value, Failed):  # a failure may be of the day, not of the content
            cache.put(keys[call_key], result)
        progress(len(found), total)

    if calls:
        run_calls(calls, jobs=jobs, timeout=timeout, done=done)
    return found


def _validate(plans: Sequence[StudyPlan]) -> None:
    """Read every study's data once in this process, so that all input errors show before anything runs."""
    from parity.data import load_frame

    problems = []
    for plan in plans:
        try:
            load_frame(plan.study)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)


def _calls(plan: StudyPlan) -> list[tuple[Call, str]]:
    """One call per spec for its facts, one per live entry; each with its cache key."""
    study, folder = plan.study, str(plan.study.folder)
    specs = {entry.spec.id: entry.spec for entry in plan.entries}
    calls = []
    for spec in specs.values():
        call = Call((folder, spec.id, ""), "python", count_facts, (study, spec, plan.data_hash))
        calls.append((call, key_of("facts", _code(), plan.data_hash, study.spec_hash(spec))))
    for entry in plan.entries:
        if entry.answer is None:
            name = entry.engine.info.id
            lane = "r" if entry.engine.info.language == "r" else "python"
            call = Call((folder, entry.spec.id, name), lane, ask, (study, entry.spec, plan.data_hash, entry.engine))
            calls.append((call, _entry_key(plan, entry)))
    return calls


def _read(call_key: tuple, result: Any) -> Any:
    """A worker's bytes as a value; a lost call, or bytes that are no answer, as `Failed`."""
    *_, engine = call_key
    if isinstance(result, Lost):
        return Failed(engine=engine or "parity", reason=result.reason)
    if not engine:
        return read_facts(result)
    try:
        return ANSWER.validate_json(result)
    except ValidationError as error:
        return Failed(engine=engine, reason=f"no usable answer: {error.errors(include_url=False)[0]['msg']}")


# ---------------------------------------------------------------- judging


def _judge(plan: StudyPlan, found: dict[tuple, Any]) -> tuple[Record, ...]:
    records = []
    for spec, counted, answers in _answers(plan, found):
        if isinstance(counted, Failed):
            records.append(_uncounted(plan.study.id, spec.id, counted))
            counted = SpecFacts(None, unestimable=counted.reason)
        records += judge_spec(plan.study.id, spec, counted, answers, plan.study.published)
    return tuple(records)


def _answers(
    plan: StudyPlan, found: dict[tuple, Any]
) -> Iterator[tuple[Spec, SpecFacts | Failed, list[tuple[Entry, Answer]]]]:
    """Spec by spec: what was counted, and every engine's answer."""
    folder = str(plan.study.folder)
    for spec in dict.fromkeys(entry.spec.id for entry in plan.entries):
        entries = [e for e in plan.entries if e.spec.id == spec]
        answers = [(e, e.answer if e.answer is not None else found[folder, spec, e.engine.info.id]) for e in entries]
        yield entries[0].spec, found[folder, spec, ""], answers


def _details(
    plan: StudyPlan, held: bytes | None, found: dict[tuple, Any], cache: AnswerCache, key: str
) -> tuple[SpecDetail, ...]:
    """Details of one study, from the cache or from the answers."""
    if held is not None:
        return _DETAILS.validate_json(held)
    from parity.detailing import detail_spec

    made, whole = [], True
    for spec, counted, answers in _answers(plan, found):
        if isinstance(counted, Failed):
            counted = SpecFacts(None, unestimable=counted.reason)
            whole = False
        whole = whole and not any(isinstance(answer, Failed) for _, answer in answers)
        made.append(detail_spec(plan.study, spec, counted, answers, plan.data_hash))
    if whole:  # a failure may be of the day, not of the content
        cache.put(key_of("details", key), _DETAILS.dump_json(tuple(made)))
    return tuple(made)


def _uncounted(study: str, spec: str, failed: Failed) -> Record:
    note = f"its sample could not be counted: {failed.reason}"
    return Record(study=study, spec=spec, kind="spec", reference="", candidate="", verdict="failed", note=note)


# ---------------------------------------------------------------- keys and provenance


def _code() -> str:
    return code_hash(Path(__file__).parent, scripts_folder())


def _entry_key(plan: StudyPlan, entry: Entry) -> str:
    """Content that determines one answer: data, spec, engine, its versions, the code."""
    made_by = json.dumps(registry.versions(entry.engine), sort_keys=True)
    who = f"{type(entry.engine).__module__}.{type(entry.engine).__qualname__}: {entry.engine.info}"
    where = key_of(who, platform.python_version(), made_by, _code())
    return key_of("answer", where, plan.data_hash, plan.study.spec_hash(entry.spec))


def _study_key(plan: StudyPlan) -> str:
    """Content that determines all records of a study: every answer's key, and what they are compared with."""
    parts = [plan.study.model_dump_json(), plan.data_hash, _code()]
    for entry in plan.entries:
        parts += [entry.spec.id, entry.engine.info.id, entry.transport, entry.stale]
        parts.append(entry.answer.model_dump_json() if entry.answer is not None else _entry_key(plan, entry))
        parts.append(entry.frozen.model_dump_json() if entry.frozen is not None else "")
    return key_of("records", *parts)


def _versions(engines: Sequence[Engine]) -> dict[str, str]:
    try:
        own = version("parity")
    except PackageNotFoundError:
        own = "source"
    found = {"parity": own, "python": platform.python_version()}
    for engine in engines:
        found |= registry.versions(engine)
    return dict(sorted(found.items()))


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
