"""Group differences and bootstraps of a study, held against R's refits of the same draws: one record each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from parity.analyses.analysed import kept
from parity.analyses.frozen import answers_of, freeze_answers
from parity.analyses.resampling.sample import names_of, prepare
from parity.analyses.run import R_FAILED, answers_in_r, answers_key, ask_r
from parity.base.cache import AnswerCache
from parity.compare.lists import compare_numbers
from parity.results.analysis_page import AnalysisDetail
from parity.results.record import Analysed, Record, named
from parity.study.study import Study

REFERENCE, CANDIDATE = "base-r", "python"
#: Of the file with R's frozen answers.
NAME = "resampling"


def resampling_records(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> tuple[Record, ...]:
    """A record for every `[difference.NAME]`, `[wild.NAME]` and `[bootstrap.NAME]`. Without R they say `unavailable`."""
    return resampling_analysed(study, transport, timeout, cache).records


def resampling_analysed(
    study: Study, transport: str = "auto", timeout: float = 120.0, cache: AnswerCache | None = None
) -> Analysed:
    """The records, and how the draws of every permutation and bootstrap are distributed."""
    if not (study.difference or study.wild or study.bootstrap):
        return Analysed()
    return kept(cache, answers_key(study, NAME, content(study), transport), lambda: _made(study, transport, timeout))


def _made(study: Study, transport: str, timeout: float) -> Analysed:
    found = list(_judged(study, transport, timeout))
    return Analysed(records=tuple(r for r, _ in found), details=tuple(d for _, d in found if d is not None))


def content(study: Study) -> str:
    """SHA-256 of the data and of all that says what is analysed."""
    settings = study.model_dump_json(include={"difference", "wild", "bootstrap"})
    analyses = (*study.difference.values(), *study.wild.values(), *study.bootstrap.values())
    used = dict.fromkeys(s.spec for s in analyses)
    specs = [f"{name} {study.spec_hash(study.spec(name))}" for name in used]
    return hashlib.sha256("\n".join([study.data_hash(), settings, *specs]).encode()).hexdigest()


def freeze_resampling(study: Study) -> tuple[Path, int] | None:
    """Record R's answers. Returns the file and how many; None where the study has no such analysis."""
    if not (study.difference or study.wild or study.bootstrap):
        return None
    answers = _ask(study, 3_600.0)
    return freeze_answers(study, NAME, content(study), answers), len(answers)


def _judged(study: Study, transport: str, timeout: float) -> Iterator[tuple[Record, AnalysisDetail | None]]:
    from parity.analyses.resampling.found import by_term, found_in
    from parity.analyses.resampling.page import detail_of
    from parity.base.errors import Unestimable
    from parity.data.load import load_frame

    limit = timeout * len(names_of(study))
    held = answers_of(study, NAME, content(study), transport, lambda: _ask(study, limit))
    for name, part in prepare(study, load_frame(study)):
        if isinstance(part, str):
            yield _record(study, name, "vacuous", part), None
            continue
        try:
            whole, few = found_in(part), found_in(part, part.settings.refits)
        except Unestimable as error:
            yield _record(study, name, "vacuous", str(error)), None
            continue
        shown = detail_of(part, whole)
        page = None if shown is None else AnalysisDetail(study=study.id, spec=name, reference=REFERENCE, candidate=CANDIDATE,
                                                         about=shown[0], histograms=shown[1])  # fmt: skip
        answer = held.answers.get(name, {"failed": "R gave no answer"})
        if held.verdict:
            yield _record(study, name, held.verdict, held.note, held.how), page
        elif whole.doubts:  # both sides agreeing on what the draws don't determine would be a green run of no meaning
            yield _record(study, name, "failed", "not to be relied on: " + "; ".join(whole.doubts), held.how), page
        elif "failed" in answer:
            yield _record(study, name, "failed", answer["failed"], held.how).model_copy(update=R_FAILED), page
        else:
            result = compare_numbers(by_term(part, answer), few.numbers, whole.scale)
            note = "; ".join((*whole.notes, *_refitted(part.settings.refits, whole.drawn)))
            yield _record(study, name, result.verdict, note, held.how, checked=result.checked, digits=result.digits,
                          differences=result.differences, numbers=named(whole.printed)), page  # fmt: skip


def _refitted(refits: int, drawn: int) -> list[str]:
    if not drawn:
        return []
    return [f"R refitted {'the first ' if refits < drawn else 'all '}{min(refits, drawn):,} of {drawn:,} draws"]


def _record(study: Study, name: str, verdict: Any, note: str, transport: Any = "", **found: Any) -> Record:
    kind: Any = name.split(".")[0]
    return Record(study=study.id, spec=name, kind=kind, reference=REFERENCE, candidate=CANDIDATE, verdict=verdict, note=note,
                  transport=transport, **found)  # fmt: skip


# ---------------------------------------------------------------- R's side


def _ask(study: Study, timeout: float) -> dict[str, Any]:
    return ask_r(answer_in_r, study, timeout, lambda: names_of(study))


def answer_in_r(study: Study) -> bytes:
    """JSON: name -> quantity -> number or list of replicates; or {"failed": why}. Runs in a worker."""
    from parity.analyses.resampling.r import analyse
    from parity.data.load import load_frame

    return answers_in_r(prepare(study, load_frame(study)), analyse)
