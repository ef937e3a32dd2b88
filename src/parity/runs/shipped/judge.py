"""An engine as shipped held against the reference under the declared convention: comparison, and the record it ends in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from parity.base.tolerance import least_accurate
from parity.compare.harmonise import Harmonised, Unusable, as_it_stands, harmonise
from parity.compare.numbers import compare
from parity.conventions.formulas import Refused
from parity.results.estimate import Answer, Declined, Estimate, Failed, Unavailable
from parity.results.record import Cause, Comparison, Record, Verdict
from parity.runs.plan import Entry
from parity.runs.worker import SpecFacts
from parity.study.spec import Spec


@dataclass(frozen=True)
class Held:
    """One answer. Either `ended` says why there is nothing to compare, or `side` holds its quantities.

    result   the comparison with the reference; None for the reference itself
    """

    entry: Entry
    answer: Answer
    side: Harmonised | None = None
    result: Comparison | None = None
    ended: tuple[Verdict, str] | None = None

    @property
    def differs(self) -> bool:
        return self.result is not None and bool(self.result.differences)

    @property
    def may_lose_digits(self) -> bool:
        """Whether its arithmetic may show, so that it is asked again in a way that does without."""
        return isinstance(self.answer, Estimate) and loses_digits(self.entry.spec, self.answer)


def loses_digits(spec: Spec, answer: Estimate) -> bool:
    """Iterations stop, dummies beside 2SLS's columns cost digits, and CR3 inverts what may be singular."""
    beside_dummies = (spec.iv and answer.accuracy == "normal-equations") or spec.vcov.kind == "CR3"
    return answer.accuracy == "iterative" or (bool(spec.formula.effects) and beside_dummies)


def reference_of(spec: Spec, counted: SpecFacts, answers: Sequence[tuple[Entry, Answer]]) -> Held | None:
    """The first answer that can be brought to the declared convention."""
    for entry, answer in answers:
        if not isinstance(answer, Estimate) or counted.facts is None:
            continue
        try:
            side = harmonise(answer, counted.facts, spec, counted.spread)
        except (Refused, Unusable):
            continue
        return Held(entry, answer, side)
    return None


def held_against(reference: Held | None, counted: SpecFacts, entry: Entry, answer: Answer) -> Held:
    """The comparison of one engine as shipped with the reference, to closed-form precision."""
    match answer:
        case Declined(gap=gap, reason=reason):
            return Held(entry, answer, ended=("declined", f"{gap}: {reason}"))
        case Unavailable(reason=reason, remedy=remedy):
            return Held(entry, answer, ended=("unavailable", f"{reason}; {remedy}" if remedy else reason))
        case Failed(reason=reason):
            return Held(entry, answer, ended=("failed", reason))
    if entry.transport == "frozen" and entry.stale:
        return Held(entry, answer, ended=("stale", f"{entry.stale}; run parity freeze --as-shipped"))
    if counted.facts is None:
        return Held(entry, answer, ended=("failed", f"an estimate of what can't be estimated: {counted.unestimable}"))
    try:
        side = as_it_stands(answer, counted.facts)
    except Unusable as unusable:
        return Held(entry, answer, ended=("failed", str(unusable)))
    if reference is None:
        return Held(entry, answer, side, ended=("declined", "never: there is no reference to hold it against"))
    assert reference.side is not None
    exact = replace(side, accuracy="exact" if side.accuracy == "iterative" else side.accuracy)
    return Held(entry, answer, side, compare(reference.side, exact))


def shipped_record(study: str, spec: Spec, reference: Held | None, held: Held, why: Any) -> Record:
    """The record of one engine as shipped. why: its `Explanation`, or `Failed`, where it differs."""
    name = held.entry.engine.info.id
    if held.ended is not None:
        verdict, note = held.ended
        warnings = held.answer.warnings if isinstance(held.answer, Failed | Estimate) else ()
        return record_of(study, spec, candidate=name, verdict=verdict, note=note, kind="estimate",
                         transport=held.entry.transport, warnings=warnings)  # fmt: skip
    assert reference is not None and reference.side is not None and held.result is not None and held.side is not None
    assert isinstance(held.answer, Estimate)
    verdict, note, causes = held.result.verdict, "", ()
    if held.differs:
        verdict, note, causes = _explained(why)
    return record_of(
        study, spec, kind="estimate", reference=reference.entry.engine.info.id, candidate=name, verdict=verdict,
        checked=held.result.checked, digits=held.result.digits, differences=held.result.differences, causes=causes,
        note=note, transport=held.entry.transport, accuracy=least_accurate(reference.side.accuracy, held.side.accuracy),
        how=held.answer.command, warnings=held.answer.warnings,
    )  # fmt: skip


def _explained(why: Any) -> tuple[Verdict, str, tuple[Cause, ...]]:
    """Verdict, note and causes of a difference."""
    if isinstance(why, Failed):
        return "failed", f"the difference could not be explained: {why.reason}", ()
    if why.verdict == "explained":
        return "explained", "", tuple(c for i, solution in enumerate(why.causes) for c in solution.as_causes(i))
    if why.verdict == "agree":
        return "disagree", "it is what the declared convention gives; the reference is not", ()
    if named := getattr(why, "causes", ()):
        return "disagree", "", tuple(c for i, solution in enumerate(named) for c in solution.as_causes(i))
    nearest = f"; nearest: {why.nearest.id}, which leaves {why.nearest.residual:.1e}" if why.nearest else ""
    return "disagree", f"no cause explains it, {why.worlds} combinations were tried{nearest}", ()


def record_of(study: str, spec: Spec, *, verdict: Verdict, kind: Any = "spec", reference: str = "", candidate: str = "",
              **more: Any) -> Record:  # fmt: skip
    return Record(study=study, spec=spec.id, kind=kind, reference=reference, candidate=candidate, mode="as-shipped",
                  verdict=verdict, **more)  # fmt: skip
