"""Explain engines as shipped: each with its own defaults, against the reference under the declared convention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.base.watching import Watch, unwatched
from parity.diagnose.questions.answer import Answer
from parity.diagnose.questions.typed import Declared, declared
from parity.engines.shipped import AsShipped
from parity.results.estimate import Estimate
from parity.runs.explain_engines import asked, estimate_of
from parity.study.parts import part_of
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.runs.shipped.judge import Held


def explain_shipped(
    study: Study, spec_id: str, reference: str | None, candidate: str, watch: Watch = unwatched
) -> Answer:  # fmt: skip
    """Why the candidate's defaults differ from the declared convention. Raises as `explain_engines` does."""
    found = explain_all_shipped(study, spec_id, reference, [candidate], watch)
    return found[candidate]


def explain_all_shipped(
    study: Study, spec_id: str, reference: str | None = None, candidates: Sequence[str] | None = None,
    watch: Watch = unwatched,
) -> dict[str, Answer]:  # fmt: skip
    """Engine -> why its defaults differ. Without candidates: all engines that have an estimate of this spec.

    Raises `InputError` where a named engine is unknown or has no estimate, or no engine can be the reference.
    """
    from parity.engines import engine, registry
    from parity.engines.own.fit import with_own_df
    from parity.runs.shipped.judge import held_against, reference_of
    from parity.runs.worker import SpecFacts
    from parity.sample.build import build_design

    names = list(candidates if candidates is not None else registry())
    shipped = [AsShipped(engine(name, "--candidate")) for name in names]
    study = part_of(study, spec_id)
    spec, known = study.spec(spec_id), declared(study, spec_id)
    counted = SpecFacts(with_own_df(build_design(study, spec, known.fitter.original), spec), known.terms)
    holder = reference_of(spec, counted, _references(study, spec_id, reference))
    if holder is None:
        raise InputError.at("--reference", "", f"no engine has an estimate of `{spec_id}` under its declared convention")
    out = {}
    for name, (entry, answer) in zip(names, asked(study, spec_id, shipped), strict=True):
        if candidates is not None:
            estimate_of("--candidate", spec_id, entry, answer)
        held = held_against(holder, counted, entry, answer)
        if held.ended is None:
            out[name] = _answer(study, known, holder, held, watch)
    return out


def _references(study: Study, spec_id: str, reference: str | None) -> list:
    """Answers under the declared convention: of the engine that was named, else of the first that has one."""
    from parity.engines import engine, registry

    own = study.spec(spec_id).reference
    if reference is not None:
        (answer,) = asked(study, spec_id, [engine(reference, "--reference")])
        estimate_of("--reference", spec_id, *answer)
        return [answer]
    for name in dict.fromkeys((own, *registry())):
        (answer,) = asked(study, spec_id, [engine(name, "--reference")])
        if isinstance(answer[1], Estimate) and not answer[0].stale:
            return [answer]
    return []


def _answer(study: Study, known: Declared, reference: Held, held: Held, watch: Watch) -> Answer:
    from parity.runs.shipped.explain import explain

    result, ours, theirs = held.result, reference.answer, held.answer
    assert result is not None and isinstance(ours, Estimate) and isinstance(theirs, Estimate)
    read = (
        f"reference: {ours.engine} ({reference.entry.transport}), {ours.command or 'no command recorded'}",
        f"candidate: {theirs.engine} as shipped ({held.entry.transport}), {theirs.command or 'no command recorded'}",
    )
    if not held.differs:
        return Answer(verdict="agree", read=read, digits=result.digits, compared=result.checked)
    tight = None
    if held.may_lose_digits:
        ((_, again),) = asked(study, known.spec.id, [AsShipped(held.entry.engine.engine, tight=True)])
        tight = again if isinstance(again, Estimate) else None
    found = explain(study, known.spec, known.fitter.original, ours, theirs, tight, fitter=known.fitter, watch=watch)
    body = dict(found) | ({"verdict": "disagree"} if found.verdict == "agree" else {})
    return Answer(**body, read=read, differences=result.differences, compared=result.checked)
