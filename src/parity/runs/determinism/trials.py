"""Ask every engine under every setting, compare each with itself, name what moves it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from parity import engines as registry
from parity.base.cache import AnswerCache
from parity.base.errors import InputError
from parity.compare.agree import digits
from parity.compare.floor import Floor, floor_of, said
from parity.compare.harmonise import Unusable
from parity.conventions.formulas import Refused
from parity.data.runnable import problems_of, runnable
from parity.engines.base import Engine
from parity.results.estimate import Declined, Estimate, Failed
from parity.results.record import Cause, Difference, Record, Report, summarise
from parity.runs.ask import TIMEOUT, read_answer
from parity.runs.determinism.child import FACES, Job, Question, run_job
from parity.runs.determinism.moves import Compared, compare_settings, distinct, sides
from parity.runs.determinism.settings import interpreters, orders
from parity.runs.provenance import versions_of
from parity.runs.worker import SpecFacts, count_facts, read_facts
from parity.study.parts import only
from parity.study.spec import Spec
from parity.study.study import Study

Answers = dict[tuple[str, str, str], dict[str, Any]]


def check(
    studies: Sequence[Study],
    *,
    engines: Sequence[Engine] | None = None,
    specs: Sequence[str] | None = None,
    jobs: int | None = None,
    timeout: float = TIMEOUT,
    progress: Callable[[int, int], None] = lambda done, total: None,
    wrong: Sequence[Record] = (),
) -> Report:
    """One record per spec, engine and way of asking it; `agree` where nothing moves.

    specs: ids, default all. jobs: interpreters at a time, default one per core. wrong: records of studies that were asked
    for and couldn't be read. A study or spec that is wrong is a failed record with its problems, and the others are asked.
    Raises `InputError` where none can be.
    """
    chosen = tuple(engines) if engines is not None else tuple(registry.registry().values())
    transports = {e.info.id: _transport(e) for e in chosen}
    able = [e for e in chosen if transports[e.info.id] == "live"]
    records: list[Record] = []
    for name in specs or ():
        if not any(name == spec.id for study in studies for spec in study.specs):
            studies[0].spec(name)  # raises, with a near miss
    found = [runnable(only(s, specs=specs or [spec.id for spec in s.specs]), AnswerCache(None)) for s in studies]
    wrong = [*wrong, *(record for one in found for record in one.records)]
    parts = [part for one in found for part in one.parts]
    if wrong and not parts:
        raise InputError(problems_of(wrong))
    work = [(part, _questions(part, able)) for part in parts]
    total = sum(len(questions) * _runs(language) for _, asked in work for language, questions in _by_language(asked).items())
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    for study, questions in work:
        if questions:
            records += _study(study, questions, jobs or os.cpu_count() or 1, timeout, step)
    records += wrong
    return Report(
        versions=versions_of(able), transports=transports, made=tuple(s.id for s in studies if s.header.made),
        records=tuple(records), summary=summarise(tuple(records)),
    )  # fmt: skip


# ---------------------------------------------------------------- asking


def _questions(study: Study, engines: Sequence[Engine]) -> list[Question]:
    unit, time = study.header.unit, study.header.time
    return [
        Question(spec, engine, face)
        for engine in engines
        for spec in study.specs
        if registry.declines(engine, spec, unit, time) is None
        for face in FACES
        if face != "as shipped" or hasattr(engine, "shipped")
    ]


def _by_language(questions: Sequence[Question]) -> dict[str, list[Question]]:
    """Engines of one language share their interpreters."""
    lanes: dict[str, list[Question]] = {}
    for question in questions:
        lanes.setdefault(question.engine.info.language, []).append(question)
    return lanes


def _runs(language: str) -> int:
    return sum(len(orders(setting)) for setting in interpreters(language))


def _study(study: Study, questions: Sequence[Question], jobs: int, timeout: float, step: Callable[[], None]) -> list[Record]:
    from parity.data.load import load_frame

    frame, data_hash = load_frame(study), study.data_hash()
    answers: Answers = {question.key: {} for question in questions}

    def heard(key: tuple, answer: bytes) -> None:
        *question, setting = key
        answers[tuple(question)][setting] = read_answer(answer, question[1])
        step()

    todo = [
        Job(study, data_hash, setting, tuple(asked))
        for language, asked in _by_language(questions).items()
        for setting in interpreters(language)
    ]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        ended = list(pool.map(lambda job: run_job(job, timeout, heard), todo))
    complete: Answers = {question.key: {} for question in questions}  # in the order of the settings, not of arrival
    for job, why in zip(todo, ended, strict=True):
        for question in job.questions:
            for order in orders(job.setting):
                name = job.setting.name(*order)
                lost = Failed(engine=question.info.id, reason=why)
                complete[question.key][name] = answers[question.key].get(name, lost)
    return [_record(study, question, frame, data_hash, complete[question.key]) for question in questions]


# ---------------------------------------------------------------- judging


def _record(study: Study, question: Question, frame: Any, data_hash: str, answers: Mapping[str, Any]) -> Record:
    spec, name = question.spec, question.info.id

    def record(verdict: Any, **more: Any) -> Record:
        return Record(
            study=study.id, spec=spec.id, kind="estimate", reference=name, candidate=name, mode="determinism",
            verdict=verdict, how=question.face, transport="live", **more,
        )  # fmt: skip

    if all(isinstance(a, Declined) for a in answers.values()):
        first = next(iter(answers.values()))
        return record("declined", note=f"{first.gap}: {first.reason}")
    silent = {s: a for s, a in answers.items() if not isinstance(a, Estimate)}
    if len(silent) == len(answers):
        return record("failed", note=next(iter(silent.values())).reason)
    if silent:
        where = "; ".join(f"{setting}: {answer.reason}" for setting, answer in silent.items())
        return record("disagree", checked=1, digits=0.0, note=f"it answers under some settings only ({where})")
    facts = read_facts(count_facts(study, question.rows, data_hash))
    if facts.facts is None:
        return record("failed", note=f"an estimate of what can't be estimated: {facts.unestimable}")
    try:
        held = sides(answers, facts.facts, spec, question.face == "as shipped", facts.spread)
    except Refused as refused:
        return record("declined", note=f"never: {refused}")
    except Unusable as unusable:
        return record("failed", note=str(unusable))
    floor = floor_of(facts.conditioning, spec, [(question, next(iter(held.values())).accuracy)])
    compared = compare_settings(held, floor.capped)
    if not compared.moves:
        beyond = min(floor.largest, floor.most)
        used = beyond if compared.digits < digits(compared.allowed, 1.0) else 0.0
        note = said(facts.conditioning, used, name) if used and facts.conditioning is not None else ""
        return record("agree", checked=compared.checked, digits=compared.digits, floor=used, note=note)
    different = [answers[s] for s in distinct(compared.moves)]
    causes = _of_rounding(compared, floor, facts) or _named(study, spec, frame, different)
    return record(
        "explained" if causes else "disagree", checked=compared.checked, digits=compared.digits, causes=causes,
        moves=compared.moves, differences=_differences(compared),
    )  # fmt: skip


def _of_rounding(compared: Compared, floor: Floor, counted: SpecFacts) -> tuple[Cause, ...]:
    """The columns, where they leave arithmetic no more digits than stay: more than the cap on rounding, so it has moved."""
    known = counted.conditioning
    if known is None or not known.why() or any(m.relative > floor.whole(m.quantity) for m in compared.moves):
        return ()
    worst = max(m.relative for m in compared.moves)
    text = f"{said(known, floor.largest)}. Its numbers moved by no more than that."
    return (Cause(id="ill-conditioned-columns", text=text[0].upper() + text[1:], residual=worst),)


def _named(study: Study, spec: Spec, frame: Any, different: Sequence[Estimate]) -> tuple[Cause, ...]:
    from parity.runs.determinism.naming import name_causes

    return name_causes(study, spec, frame, different)


def _differences(compared: Compared) -> tuple[Difference, ...]:
    """The first value against the one furthest from it."""
    out = []
    for move in compared.moves:
        first = move.values[0].value
        other = max((v.value for v in move.values[1:]), key=lambda v: abs(v - first))
        out.append(
            Difference(
                quantity=move.quantity, term=move.term, reference=first, candidate=other, digits=digits(move.relative, 1.0),
                allowed=compared.allowed,
            )
        )  # fmt: skip
    return tuple(out)


def _transport(engine: Engine) -> str:
    missing = registry.availability(engine)
    if missing is None:
        return "live"
    return f"unavailable: {missing.reason}; {missing.remedy}".rstrip("; ")
