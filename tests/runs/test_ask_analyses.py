"""Analyses asked with the specs: our side is held against R's answers in a worker, and what is lost there is said."""

from __future__ import annotations

from conftest import FIXTURES
from parity.base.cache import AnswerCache
from parity.base.pool import Lost
from parity.data.runnable import runnable
from parity.runs.ask_analyses import analyses_of, judged
from parity.study.load import load_study


def test_each_part_of_a_study_has_questions_of_its_own():
    parts = runnable(load_study(FIXTURES / "digital_trade"), AnswerCache(None)).parts
    keys = [question.call.key for part in parts for question in analyses_of(part, "frozen", 1.0).questions]
    assert len(set(keys)) == len(keys) > 3


def test_an_answer_of_ours_that_is_lost_is_a_failed_record_that_is_not_kept():
    study = load_study(FIXTURES / "petersen")
    asked = analyses_of(study, "frozen", 2.0)
    question, *_ = asked.questions
    assert question.call.function is judged and question.call.timeout == 2.0 * len(question.call.args[2].answers)
    lost = question.read(Lost("no answer within 2 s"))
    (record,) = lost.records
    assert (record.kind, record.verdict) == ("study", "failed") and lost.for_now
    assert record.problems[0].message.endswith("our side gave no answer: no answer within 2 s")
    made = question.read(judged(*question.call.args))
    assert {r.verdict for r in made.records} == {"agree"} and not made.for_now
    assert asked.found({question.call.key: made}) == [made]
