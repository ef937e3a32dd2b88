"""One analysis of a study: its answers from R, live or frozen, held against our side; kept by all it depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from parity.analyses.contract import Analysis
from parity.analyses.frozen import answers_of, answers_path, freeze_answers
from parity.analyses.registry import answer_in_r
from parity.base.cache import AnswerCache, key_of
from parity.r.session import missing_r
from parity.results.record import Analysed, Record
from parity.study.study import Study

#: Seconds for each question, where a run says nothing else, and where answers are recorded.
PATIENCE, PATIENCE_TO_FREEZE = 120.0, 3_600.0


def analysed(
    one: Analysis, study: Study, transport: str = "auto", timeout: float = PATIENCE, cache: AnswerCache | None = None
) -> Analysed:
    """Its records, and what pages show of it; empty where the study doesn't ask for it. Without R they say `unavailable`.

    timeout: seconds for each question to R. Raises `InputError` where a frozen file can't be read.
    """
    if not one.asked(study):
        return Analysed()
    content = one.content(study)
    cache = cache if cache is not None else AnswerCache(None)
    key = answers_key(study, one.name, content, transport)
    held = cache.get(key)
    if held is not None:
        return Analysed.model_validate_json(held)
    answers = answers_of(study, one.name, content, transport, lambda: ask(one, study, timeout), schema=one.schema)
    made = one.judged(study, answers)
    if not made.for_now:
        cache.put(key, made.model_dump_json().encode())
    return made


def records_of(
    one: Analysis, study: Study, transport: str = "auto", timeout: float = PATIENCE, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """The records alone."""
    return analysed(one, study, transport, timeout, cache).records


def freeze(one: Analysis, study: Study) -> tuple[Path, int] | None:
    """Record R's answers. Returns the file and how many; None where the study doesn't ask for it.

    Raises `InputError` where R refused one: a reference with holes is not written.
    """
    if not one.asked(study):
        return None
    answers = ask(one, study, PATIENCE_TO_FREEZE)
    path = freeze_answers(study, one.name, one.content(study), answers, schema=one.schema, keep=one.to_freeze)
    return path, len(answers)


def ask(one: Analysis, study: Study, timeout: float) -> dict[str, Any]:
    """R's answers, live. timeout: seconds for each question."""
    return ask_r(partial(answer_in_r, one.name), study, patience(one, study, timeout), lambda: one.names(study))


def patience(one: Analysis, study: Study, timeout: float) -> float:
    """Seconds for all questions together. timeout: for each."""
    return timeout * max(1, len(one.names(study)))


def ask_r(
    answer: Callable[[Study], bytes], study: Study, timeout: float, names: Callable[[], Iterable[str]]
) -> dict[str, Any]:
    """`answer(study)`, which is JSON, from a worker process: a crash of R must not end the run.

    timeout: seconds for all of it. Where the worker is lost each of `names()` has failed.
    """
    from parity.base.pool import Call, run_calls

    found: list[Any] = []
    run_calls([Call("", "r", answer, (study,))], jobs=1, timeout=timeout, done=lambda key, result: found.append(result))
    return read_answers(found[0], names)


def read_answers(result: Any, names: Callable[[], Iterable[str]]) -> dict[str, Any]:
    """A worker's bytes; where it was lost each of `names()` has failed."""
    from parity.base.pool import Lost

    if isinstance(result, Lost):
        return {name: {"failed": result.reason} for name in names()}
    return json.loads(result)


def answers_key(study: Study, name: str, content: str, transport: str) -> str:
    """Of an analysis in the cache: its content, parity's own code, R, and the frozen answers `references/<name>.json`."""
    from parity.r.probe import probe
    from parity.r.scripts import own_code

    r, code, path = probe(), own_code(), answers_path(study, name)
    frozen = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return key_of(name, study.id, content, code, r.version if r else "", str(missing_r()), transport, frozen)
