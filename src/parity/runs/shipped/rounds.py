"""The rounds of a run as shipped: engines and references, then what is still missing, then explanations, then records."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from parity.base.cache import key_of
from parity.base.pool import Call, Lost
from parity.r.scripts import own_code
from parity.results.estimate import Estimate, Failed
from parity.results.record import Record
from parity.runs.ask import Asking, Question, entry_key, entry_question, entry_questions, facts_key, facts_questions
from parity.runs.shipped.expect import with_expectations
from parity.runs.shipped.judge import Held, held_against, record_of, reference_of, shipped_record
from parity.runs.shipped.plan import ShippedPlan
from parity.runs.worker import SpecFacts
from parity.study.spec import Spec

Found = dict[Hashable, Any]


@dataclass(frozen=True)
class Case:
    """One spec of one study: its facts, its reference, and every engine as shipped held against it."""

    plan: ShippedPlan
    spec: Spec
    counted: SpecFacts
    reference: Held | None
    candidates: tuple[Held, ...]


def judge_shipped(plans: Sequence[ShippedPlan], asking: Asking) -> list[tuple[Record, ...]]:
    """The records of each plan."""
    cases, found = answered(plans, asking)
    found |= asking.answers([q for case in cases for q in _explain_questions(case, found)])
    return [_records(plan, [c for c in cases if c.plan is plan], found) for plan in plans]


def answered(plans: Sequence[ShippedPlan], asking: Asking) -> tuple[list[Case], Found]:
    """Every spec with all that engines answered to it; nothing is explained yet."""
    first = [(plan, spec) for plan in plans for spec in _specs(plan)]
    found: Found = asking.answers(
        [q for plan in plans for q in (*facts_questions(plan.candidates), *entry_questions(plan.candidates))]
        + [entry_question(p.harmonised, e) for p, s in first for e in p.references(s)[:1] if e.answer is None]
    )
    cases = [_case(plan, spec, found) for plan, spec in first]
    without = [c for c in cases if c.reference is None and c.counted.facts is not None]
    found |= asking.answers(
        [entry_question(c.plan.harmonised, e) for c in without for e in c.plan.references(c.spec)[1:] if e.answer is None]
    )
    cases = [_case(c.plan, c.spec, found) if c in without else c for c in cases]
    found |= asking.answers([q for case in cases for q in _tight_questions(case)])
    return cases, found


def _specs(plan: ShippedPlan) -> list[Spec]:
    return list({e.spec.id: e.spec for e in plan.candidates.entries}.values())


def _case(plan: ShippedPlan, spec: Spec, found: Found) -> Case:
    counted = found[facts_key(plan.candidates, spec)]
    if isinstance(counted, Failed):
        counted = SpecFacts(None, unestimable=counted.reason)
    entries = [e for e in plan.references(spec) if e.answer is not None or entry_key(plan.harmonised, e) in found]
    asked = [(e, e.answer if e.answer is not None else found[entry_key(plan.harmonised, e)]) for e in entries]
    reference = reference_of(spec, counted, asked)
    answers = [
        (e, e.answer if e.answer is not None else found[entry_key(plan.candidates, e)])
        for e in plan.candidates.entries if e.spec.id == spec.id
    ]  # fmt: skip
    return Case(plan, spec, counted, reference, tuple(held_against(reference, counted, e, a) for e, a in answers))


# ---------------------------------------------------------------- what is asked beyond the first round


def _tight_questions(case: Case) -> list[Question]:
    """Engines that differ and whose arithmetic may show are asked again in a way that does without."""
    entries = [case.plan.tight_entry(held.entry) for held in case.candidates if held.differs and held.may_lose_digits]
    return [entry_question(case.plan.tight, e) for e in entries if e.answer is None]


def _tight(case: Case, held: Held, found: Found) -> Estimate | None:
    if not held.may_lose_digits:
        return None
    entry = case.plan.tight_entry(held.entry)
    answer = entry.answer if entry.answer is not None else found.get(entry_key(case.plan.tight, entry))
    return answer if isinstance(answer, Estimate) and not entry.stale else None


def to_explain(case: Case, held: Held, found: Found) -> tuple[Estimate, Estimate, Estimate | None]:
    """What the diagnosis of an answer that differs is given: the reference, the answer, and the tight one."""
    assert case.reference is not None
    reference, shipped = case.reference.answer, held.answer
    assert isinstance(reference, Estimate) and isinstance(shipped, Estimate)
    return reference, shipped, _tight(case, held, found)


def _explain_questions(case: Case, found: Found) -> list[Question]:
    from parity.runs.shipped.explain import explain_call

    out = []
    for held in case.candidates:
        if not held.differs:
            continue
        study, data_hash, given = case.plan.study, case.plan.candidates.data_hash, to_explain(case, held, found)
        call = Call(_why_key(case, held), "python", explain_call, (study, case.spec, data_hash, *given))
        said = [e.model_dump_json() if e is not None else "" for e in given]
        content = key_of("explanation", own_code(), data_hash, study.model_dump_json(), case.spec.model_dump_json(), *said)
        out.append(Question(call, content, _explanation))
    return out


def _why_key(case: Case, held: Held) -> tuple:
    return ("why", *entry_key(case.plan.candidates, held.entry))


def _explanation(result: Any) -> Any:
    from parity.diagnose import Explanation

    if isinstance(result, Lost):
        return Failed(engine="parity", reason=result.reason)
    return Explanation.model_validate_json(result)


# ---------------------------------------------------------------- records


def _records(plan: ShippedPlan, cases: Sequence[Case], found: Found) -> tuple[Record, ...]:
    records: list[Record] = []
    for case in cases:
        made = [shipped_record(plan.study.id, case.spec, case.reference, h, found.get(_why_key(case, h)))
                for h in case.candidates]  # fmt: skip
        records += made
        if not any(r.checked for r in made):
            why = case.counted.unestimable or "no engine has an estimate under the declared convention to hold them against"
            records.append(record_of(plan.study.id, case.spec, verdict="vacuous", note=why))
    return with_expectations(plan.study, records, plan.complete)
