"""Explain two engines: estimate the spec in both, compare them in full, and ask the diagnosis where they differ."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.base.watching import Watch, unwatched
from parity.diagnose.questions.answer import Answer
from parity.results.estimate import Declined, Estimate, Failed, Unavailable
from parity.study.parts import for_spec, part_of
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.engines.base import Engine
    from parity.results.estimate import Answer as EngineAnswer
    from parity.runs.plan import Entry


class NoEstimate(Exception):
    """An engine was asked and failed; the message says which and why."""


def explain_engines(
    study: Study, spec_id: str, reference: str | None, candidate: str | None, watch: Watch = unwatched
) -> Answer:  # fmt: skip
    """Why does the candidate differ from the reference (by default the spec's own), both under the declared convention?

    Raises `InputError` for an unknown engine and for one that has no estimate of this spec, `NoEstimate` where it failed.
    """
    from parity.compare.floor import floor_of
    from parity.compare.harmonise import Unusable, harmonise
    from parity.compare.numbers import compare
    from parity.conventions.formulas import Refused
    from parity.diagnose import explain_estimate
    from parity.diagnose.questions.typed import declared
    from parity.engines import engine
    from parity.engines.own.fit import with_own_df
    from parity.sample.build import build_design
    from parity.sample.conditioning import conditioning
    from parity.sample.partialled_out import partial_out

    study = part_of(study, spec_id)
    spec = study.spec(spec_id)
    names = _sides(spec.reference, reference, candidate)
    known = declared(study, spec_id)
    answers = asked(study, spec_id, [engine(name, option) for option, name in names.items()])
    estimates = {option: estimate_of(option, spec_id, *answer) for option, answer in zip(names, answers, strict=True)}
    ours, theirs = estimates["--reference"], estimates["--candidate"]
    design = build_design(study, spec, known.fitter.original)
    facts = with_own_df(design, spec)
    columns = conditioning(design, partial_out(design))
    floor = floor_of(columns, spec, [
        (entry.engine, given.accuracy) for entry, given in answers if isinstance(given, Estimate)
    ])  # fmt: skip
    try:
        sides = [harmonise(e, facts, spec, dict(columns.spread)) for e in (ours, theirs)]
        result = compare(*sides, floor.capped)
    except (Unusable, Refused) as error:
        raise NoEstimate(f"no comparison of `{spec_id}`: {error}") from None
    read = tuple(
        f"{option.removeprefix('--')}: {name} ({entry.transport}), {given.command or 'no command recorded'}"
        for (option, name), (entry, given) in zip(names.items(), answers, strict=True)
        if isinstance(given, Estimate)
    )
    if not result.differences:
        return Answer(verdict="agree", read=read, digits=result.digits, compared=result.checked)
    found = explain_estimate(study, spec, known.fitter.original, ours, theirs, fitter=known.fitter, watch=watch)
    body = dict(found) | ({"verdict": "disagree"} if found.verdict == "agree" else {})
    return Answer(**body, read=read, differences=result.differences, compared=result.checked)


def _sides(own: str, reference: str | None, candidate: str | None) -> dict[str, str]:
    """Option -> engine id. Raises `InputError` where one engine stands on both sides, or the candidate is missing."""
    if candidate is None:
        raise InputError.at("--candidate", "", f"which engine is held against {reference}? Give --candidate ENGINE")
    names = {"--reference": reference or own, "--candidate": candidate}
    if names["--reference"] == candidate:
        both = "is the spec's reference; give another with --reference" if reference is None else "stands on both sides"
        raise InputError.at("--candidate", "", f"{candidate} {both}")
    return names


def asked(study: Study, spec_id: str, engines: Sequence[Engine]) -> list[tuple[Entry, EngineAnswer]]:
    """Every engine's answer, live or frozen, each in a worker process of its own kind with a time limit."""
    from parity.base.cache import AnswerCache
    from parity.runs.ask import Asking, entry_key, entry_questions
    from parity.runs.plan import plan_study

    study = for_spec(study, spec_id)
    plan = plan_study(study, [study.spec(spec_id)], engines, "auto")  # one spec: entries in the order of the engines
    found = Asking(AnswerCache(None), os.cpu_count() or 1).answers(entry_questions(plan))
    return [(e, e.answer if e.answer is not None else found[entry_key(plan, e)]) for e in plan.entries]


def estimate_of(option: str, spec_id: str, entry: Entry, answer: EngineAnswer) -> Estimate:
    name = entry.engine.info.id
    match answer:
        case Declined(gap=gap, reason=reason):
            raise InputError.at(option, "", f"{name} declines `{spec_id}`: {gap}: {reason}")
        case Unavailable(reason=reason, remedy=remedy):
            raise InputError.at(option, "", f"{name} is unavailable: {reason}{f'; {remedy}' if remedy else ''}")
        case Failed(reason=reason):
            raise NoEstimate(f"{name} failed on `{spec_id}`: {reason}")
    if entry.stale:
        raise InputError.at(option, "", f"{name} is frozen and stale: {entry.stale}; run parity freeze where it is live")
    return answer
