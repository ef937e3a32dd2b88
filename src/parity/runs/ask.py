"""Ask what a plan needs: each answer from the cache, else from a worker, and then kept."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from parity.base.cache import AnswerCache, key_of
from parity.base.pool import Call, Lost, run_calls
from parity.data.runnable import read_key
from parity.engines import bundled
from parity.engines.base import Engine
from parity.r.scripts import own_code
from parity.results.estimate import Failed
from parity.runs.plan import Entry, StudyPlan
from parity.runs.worker import ANSWER, ask, count_facts, read_facts
from parity.study.spec import Spec

#: Seconds an engine may take for one spec before its worker is stopped.
TIMEOUT = 120.0

Progress = Callable[[int, int], None]
Came = Callable[[Hashable, dict[Hashable, Any]], None]


@dataclass(frozen=True)
class Question:
    """A call, the key of its content (empty where it may not be kept), and how its bytes (or its loss) are read."""

    call: Call
    content: str
    read: Callable[[Any], Any]


@dataclass
class Asking:
    """Answers questions; counts them over all rounds of a run for `progress`."""

    cache: AnswerCache
    jobs: int
    timeout: float = TIMEOUT
    progress: Progress = lambda done, total: None
    done: int = 0
    total: int = 0

    def answers(self, questions: Sequence[Question], came: Came = lambda key, found: None) -> dict[Hashable, Any]:
        """Key of each call -> its answer. What failed is not kept: a failure may be of the day, not of the content.

        came: told each key as its answer comes, with all that have come so far.
        """
        if not questions:
            return {}
        found: dict[Hashable, Any] = {}
        by_key = {q.call.key: q for q in questions}
        missing = []
        for question in by_key.values():
            held = self.cache.get(question.content)
            if held is None:
                missing.append(question.call)
            else:
                found[question.call.key] = question.read(held)
        self.total += len(by_key)
        self._count(len(found))
        for key in tuple(found):
            came(key, found)

        def done(key: Hashable, result: Any) -> None:
            found[key] = value = by_key[key].read(result)
            if not isinstance(value, Failed) and not getattr(value, "for_now", False):
                self.cache.put(by_key[key].content, result)
            self._count(1)
            came(key, found)

        if missing:
            run_calls(missing, jobs=self.jobs, timeout=self.timeout, done=done)
        return found

    def _count(self, more: int) -> None:
        self.done += more
        self.progress(self.done, self.total)


def said_of_data(plans: Sequence[StudyPlan], cache: AnswerCache) -> dict[str, tuple[str, ...]]:
    """Study -> what was decided by rule when its data were read and filtered. Raises `InputError`."""
    from parity.data.load import load

    said: dict[str, tuple[str, ...]] = {}
    for plan in plans:
        held = cache.get(read_key(plan.study, plan.data_hash))
        notes = tuple(json.loads(held)) if held is not None else load(plan.study).notes
        if plan.study.files:
            notes = tuple(f"{plan.study.header.data}: {note}" for note in notes)
        said[plan.study.id] = (*said.get(plan.study.id, ()), *notes)
    return {study: notes for study, notes in said.items() if notes}


# ---------------------------------------------------------------- questions


def facts_key(plan: StudyPlan, spec: Spec) -> tuple:
    """The key under which the counts of a spec are answered."""
    return (str(plan.study.folder), spec.id, "")


def entry_key(plan: StudyPlan, entry: Entry) -> tuple:
    """The key under which an entry is answered; an engine as shipped is another engine."""
    return (str(plan.study.folder), entry.spec.id, entry.engine.info.id, type(entry.engine).__name__, role(entry.engine))


def facts_questions(plan: StudyPlan) -> list[Question]:
    """One question per spec: what does parity count?"""
    specs = {entry.spec.id: entry.spec for entry in plan.entries}
    return [
        Question(
            Call(facts_key(plan, spec), "python", count_facts, (plan.study, spec, plan.data_hash)),
            key_of("facts", own_code(), plan.data_hash, plan.study.spec_hash(spec)),
            _facts,
        )
        for spec in specs.values()
    ]


def entry_questions(plan: StudyPlan) -> list[Question]:
    """One question per entry that must be asked live."""
    return [entry_question(plan, entry) for entry in plan.entries if entry.answer is None]


def entry_question(plan: StudyPlan, entry: Entry) -> Question:
    name = entry.engine.info.id
    lane = "r" if entry.engine.info.language == "r" else "python"
    call = Call(entry_key(plan, entry), lane, ask, (plan.study, entry.spec, plan.data_hash, entry.engine))
    return Question(call, entry_content(plan, entry), lambda result: read_answer(result, name))


def _facts(result: Any) -> Any:
    return Failed(engine="parity", reason=result.reason) if isinstance(result, Lost) else read_facts(result)


def read_answer(result: Any, engine: str) -> Any:
    """A worker's bytes as a value; a lost call, or bytes that are no answer, as `Failed`."""
    if isinstance(result, Lost):
        return Failed(engine=engine, reason=result.reason)
    try:
        return ANSWER.validate_json(result)
    except ValidationError as error:
        return Failed(engine=engine, reason=f"no usable answer: {error.errors(include_url=False)[0]['msg']}")


# ---------------------------------------------------------------- content


def role(engine: Engine) -> str:
    """What an engine is asked for beyond the declared convention; see `parity.engines.shipped`."""
    return getattr(engine, "role", "")


def may_keep(engine: Engine) -> bool:
    """Whether its answers may be kept: those of parity's own engines, whose source and packages are in the key.

    What an engine of another package is made of can't be told from outside (modules it imports later, files it reads, a
    version that stands still while it is written), so it is asked in every run.
    """
    engine = getattr(engine, "engine", engine)  # the engine itself, where it is asked as shipped
    return bundled(engine)


def entry_content(plan: StudyPlan, entry: Entry) -> str:
    """Content that determines one answer: data, spec, engine, its versions, the code. Empty where it can't be known."""
    if not may_keep(entry.engine):
        return ""
    made_by = json.dumps(plan.versions[id(entry.engine)], sort_keys=True)
    who = f"{type(entry.engine).__module__}.{type(entry.engine).__qualname__} {role(entry.engine)}: {entry.engine.info}"
    where = key_of(who, platform.python_version(), made_by, own_code())
    return key_of("answer", where, plan.data_hash, plan.spec_hashes[id(entry.spec)])


def plans_content(what: str, *plans: StudyPlan) -> str:
    """Key of all that is made from the answers of some plans; empty where one of them can't be known."""
    if any(entry.answer is None and not may_keep(entry.engine) for plan in plans for entry in plan.entries):
        return ""
    return key_of(what, *(part for plan in plans for part in _parts(plan)))


def _parts(plan: StudyPlan) -> list[str]:
    """Content that determines all answers of a plan, and what they are compared with."""
    parts = [plan.study.model_dump_json(), plan.data_hash, own_code()]
    for entry in plan.entries:
        parts += [entry.spec.id, entry.engine.info.id, role(entry.engine), entry.transport, entry.stale]
        parts.append(entry.answer.model_dump_json() if entry.answer is not None else entry_content(plan, entry))
        parts.append(entry.frozen.model_dump_json() if entry.frozen is not None else "")
    return parts
