"""What a run as shipped must ask of one study: every engine's defaults, and the declared convention to hold them against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from parity.base.errors import InputError, Problem, suggest
from parity.engines.base import Engine
from parity.engines.shipped import AsShipped
from parity.results.estimate import Estimate
from parity.runs.ask import plans_content
from parity.runs.plan import Entry, StudyPlan, Transport, plan_study
from parity.runs.shipped.expect import expected
from parity.study.spec import Spec
from parity.study.study import Study


@dataclass(frozen=True)
class ShippedPlan:
    """candidates   every engine as shipped; tight: the same with tight absorption, asked only where it is needed
    harmonised   every engine under the declared convention, of which one per spec is the reference
    """

    candidates: StudyPlan
    tight: StudyPlan
    harmonised: StudyPlan
    complete: bool

    @property
    def study(self) -> Study:
        return self.candidates.study

    @cached_property
    def content(self) -> str:
        """Key of the study's records in this mode; empty where they may not be kept."""
        return plans_content(f"records as shipped {self.complete}", self.candidates, self.tight, self.harmonised)

    def references(self, spec: Spec) -> list[Entry]:
        """Entries that may be the reference of a spec, the declared one first."""
        entries = [e for e in self.harmonised.entries if e.spec.id == spec.id and not e.stale]
        usable = [e for e in entries if e.answer is None or isinstance(e.answer, Estimate)]
        return sorted(usable, key=lambda e: e.engine.info.id != spec.reference)

    def tight_entry(self, entry: Entry) -> Entry:
        """The entry of the same engine and spec with tight absorption."""
        wanted = (entry.spec.id, entry.engine.info.id)
        return next(e for e in self.tight.entries if (e.spec.id, e.engine.info.id) == wanted)


def plan_shipped(study: Study, specs: Sequence[Spec], engines: Sequence[Engine], transport: Transport) -> ShippedPlan:
    """Plan every spec in every engine as shipped. Raises `InputError` where a reference or an expectation is wrong."""
    _check_expectations(study, engines)
    candidates = plan_study(study, specs, [AsShipped(e) for e in engines], transport)
    tight = plan_study(study, specs, [AsShipped(e, tight=True) for e in engines], transport)
    harmonised = plan_study(study, specs, engines, transport)
    return ShippedPlan(candidates, tight, harmonised, complete=len(specs) == len(study.specs) and not study.files)


def _check_expectations(study: Study, engines: Sequence[Engine]) -> None:
    """Engines and causes that a study expects must exist. Raises `InputError` with all that don't."""
    from parity.diagnose.catalogue import BY_ID
    from parity.engines import registry

    problems, known = [], {*registry(), *(e.info.id for e in engines)}
    for engine, causes in study.expect.items():
        if engine not in known:
            message = f"there is no engine `{engine}`{suggest(engine, known)}"
            problems.append(Problem(str(study.file), f"expect.{engine}", message))
        for cause in map(expected, causes):
            message = ""
            if cause.id not in BY_ID:
                message = f"there is no cause `{cause.id}`{suggest(cause.id, BY_ID)}"
            elif BY_ID[cause.id].parametrised and not cause.parameters:
                message = (
                    f"`{cause.id}` would excuse too much: say of what, `{cause.id}(name=value)`, as the run's JSON names it"
                )
            if message:
                problems.append(Problem(str(study.file), f"expect.{engine}", message))
    if problems:
        raise InputError(problems)
