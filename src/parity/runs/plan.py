"""Which estimates a run must have, known before anything runs.

Every pair of spec and engine has one entry: it will be asked live, read from a frozen reference, or it is already
known to be declined, stale or unavailable. The records of a run are built from the plan, so none can go missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from parity import engines as registry
from parity.engines.base import Engine
from parity.engines.frozen import FrozenReference, read_reference, reference_path
from parity.results.estimate import Answer, Unavailable
from parity.study.spec import Spec
from parity.study.study import Study

Transport = Literal["auto", "frozen", "live"]


@dataclass(frozen=True)
class Entry:
    """How one engine's answer for one spec is had.

    answer   already known (declined, unavailable, frozen), or None: ask the engine
    frozen   the frozen answer to hold a live one against, if there is one
    stale    why the frozen answer can't be used
    """

    spec: Spec
    engine: Engine
    transport: Literal["live", "frozen", ""]
    answer: Answer | None = None
    frozen: Answer | None = None
    stale: str = ""


@dataclass(frozen=True)
class StudyPlan:
    study: Study
    data_hash: str
    entries: tuple[Entry, ...]

    @cached_property
    def spec_hashes(self) -> dict[int, str]:
        """id of a spec's object -> its hash, for each spec that an entry holds; made once for all its engines."""
        return {i: self.study.spec_hash(spec) for i, spec in {id(e.spec): e.spec for e in self.entries}.items()}

    @cached_property
    def versions(self) -> dict[int, dict[str, str]]:
        """id of an engine's object -> versions of what it is made of."""
        return {i: registry.versions(engine) for i, engine in {id(e.engine): e.engine for e in self.entries}.items()}


def plan_study(study: Study, specs: Sequence[Spec], engines: Sequence[Engine], transport: Transport) -> StudyPlan:
    """Plan every spec in every engine. Raises `InputError` where a frozen reference can't be read."""
    data_hash = study.data_hash()
    entries = []
    hashes = {spec.id: study.spec_hash(spec) for spec in specs}
    for engine in engines:
        unavailable = registry.availability(engine)
        role = getattr(engine, "role", "")  # what it is asked for, see `parity.engines.shipped`
        frozen = read_reference(reference_path(study, engine.info.id, shipped=bool(role)))
        entries += [
            _entry(study, spec, engine, transport, unavailable, frozen, data_hash, hashes[spec.id]) for spec in specs
        ]
    order = {spec.id: i for i, spec in enumerate(specs)}
    return StudyPlan(study, data_hash, tuple(sorted(entries, key=lambda e: order[e.spec.id])))


def frozen_id(spec: Spec, engine: Engine) -> str:
    """The name of an answer in a file of frozen ones. An id of a spec holds no `#`."""
    return f"{spec.id}#tight" if getattr(engine, "tight", False) else spec.id


def _entry(
    study: Study, spec: Spec, engine: Engine, transport: Transport,
    unavailable: Unavailable | None, frozen: FrozenReference | None, data_hash: str, spec_hash: str,
) -> Entry:  # fmt: skip
    declined = registry.declines(engine, spec, study.header.unit, study.header.time)
    if declined:
        return Entry(spec, engine, "", declined)
    held = frozen.answers.get(frozen_id(spec, engine)) if frozen else None
    stale = ""
    if held and frozen.data_hash != data_hash:
        stale = "the data have changed since it was recorded"
    elif held and held.spec_hash != spec_hash:
        stale = "the spec has changed since it was recorded"
    may_freeze = engine.info.language != "python" and transport != "live"
    if held and may_freeze and (transport == "frozen" or unavailable):
        return Entry(spec, engine, "frozen", held.answer, stale=stale)
    if unavailable or (transport == "frozen" and engine.info.language != "python"):
        missing = unavailable or Unavailable(engine=engine.info.id, reason="not frozen for this spec")
        return Entry(spec, engine, "", missing)
    return Entry(spec, engine, "live", frozen=held.answer if held else None, stale=stale)
