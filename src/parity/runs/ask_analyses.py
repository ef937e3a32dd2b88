"""Ask for the analyses of studies as engines are asked for specs: R's answers, then our side against them, from workers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from parity.analyses.contract import Analysis
from parity.analyses.frozen import Held, asks_r, kept_answers
from parity.analyses.registry import analyses, answer_in_r
from parity.analyses.run import answers_key, patience, read_answers
from parity.base.errors import Problem
from parity.base.pool import Call, Lost
from parity.data.runnable import attempt, wrong_study
from parity.results.record import Analysed, Record
from parity.runs.ask import Question
from parity.study.study import Study


@dataclass(frozen=True)
class AskedAnalyses:
    """What is asked for the analyses of a study, or a part of it: a question each, or the records of why there is none."""

    study: Study
    asked: Mapping[str, Question | tuple[Record, ...]]

    @property
    def questions(self) -> list[Question]:
        return [question for question in self.asked.values() if isinstance(question, Question)]

    def found(self, answered: Mapping[Hashable, Any]) -> list[Analysed]:
        """What each found, in their order."""
        return [
            answered[question.call.key] if isinstance(question, Question) else Analysed(records=question)
            for question in self.asked.values()
        ]


def analyses_of(study: Study, transport: str, timeout: float) -> AskedAnalyses:
    """Those that the study asks for. timeout: seconds for each question to R."""
    asked: dict[str, Question | tuple[Record, ...]] = {}
    for name, one in analyses().items():
        question, wrong = attempt(study.id, lambda one=one: _question(one, study, transport, timeout))
        if question is not None or wrong:
            asked[name] = question if question is not None else wrong
    return AskedAnalyses(study, asked)


def _question(one: Analysis, study: Study, transport: str, timeout: float) -> Question | None:
    """None where the study doesn't ask for it. Raises `InputError` where a frozen file can't be read."""
    if not one.asked(study):
        return None
    content, limit = one.content(study), patience(one, study, timeout)
    key = (str(study.folder), "", one.name, content)

    def against(held: Held) -> Call:
        return Call(key, "python", judged, (one.name, study, held), limit)

    if asks_r(transport):
        call = Call(
            key, "r", partial(answer_in_r, one.name), (study,), limit,
            then=lambda result: against(Held(read_answers(result, lambda: one.names(study)), "live")),
        )  # fmt: skip
    else:
        call = against(kept_answers(study, one.name, content, transport, one.schema))
    return Question(call, answers_key(study, one.name, content, transport), partial(_read, one.name, study))


def judged(name: str, study: Study, held: Held) -> bytes:
    """JSON of our side against R's answers, for a worker process: what crosses to it is a name."""
    made, wrong = attempt(study.id, lambda: analyses()[name].judged(study, held))
    return (made if made is not None else Analysed(records=wrong)).model_dump_json().encode()


def _read(name: str, study: Study, result: Any) -> Analysed:
    if isinstance(result, Lost):
        problem = Problem(str(study.file), "", f"{name}: our side gave no answer: {result.reason}")
        return Analysed(records=(wrong_study(study.id, [problem]),))
    return Analysed.model_validate_json(result)
