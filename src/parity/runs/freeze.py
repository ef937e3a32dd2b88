"""Record engines' answers as frozen references, with all that is needed to make them again."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from parity import engines as registry
from parity.base.cache import AnswerCache
from parity.base.errors import InputError
from parity.engines.frozen import FrozenAnswer, FrozenReference, reference_path, write_reference
from parity.engines.shipped import AsShipped
from parity.results.estimate import Declined, Estimate
from parity.runs.ask import Asking, entry_key, entry_questions
from parity.runs.plan import Entry, StudyPlan, frozen_id
from parity.runs.shipped.judge import loses_digits
from parity.study.parts import part_of, parts_of
from parity.study.spec import Spec
from parity.study.study import Study


def freeze_study(
    study: Study, engine_ids: Sequence[str] | None = None, *, jobs: int | None = None, as_shipped: bool = False
) -> Iterator[tuple[Path, int]]:
    """Ask each engine every spec live and write `references/<engine>.json`. Yields (file, answers).

    as_shipped: with the engine's own defaults, to `references/<engine>.shipped.json`.
    Without ids, every available engine that isn't Python's own. Raises `InputError` where an engine asked for is
    unavailable, or where an answer failed: a reference with holes is not written.
    """
    chosen = [registry.engine(e) for e in engine_ids] if engine_ids else [
        e for e in registry.registry().values() if e.info.language != "python" and registry.availability(e) is None
    ]  # fmt: skip
    data_hash = parts_of(study)[0].data_hash()
    for engine in chosen:
        missing = registry.availability(engine)
        if missing:
            raise InputError.at("--engine", engine.info.id, f"{missing.reason}; {missing.remedy}")
        asked = AsShipped(engine) if as_shipped else engine
        answers = _live(study, asked, study.specs, data_hash, jobs or os.cpu_count() or 1)
        failed = {spec: a for spec, a in answers.items() if not isinstance(a, Estimate | Declined)}
        if failed:
            spec, answer = next(iter(failed.items()))
            raise InputError.at(
                str(study.folder), spec, f"{engine.info.id} failed and nothing was recorded: {answer.reason}"
            )
        if as_shipped:
            given = [(s, answers.get(s.id)) for s in study.specs]
            loose = [s for s, a in given if isinstance(a, Estimate) and loses_digits(s, a)]
            tight = AsShipped(engine, tight=True)
            refined = _live(study, tight, loose, data_hash, jobs or os.cpu_count() or 1)
            answers |= {frozen_id(study.spec(n), tight): a for n, a in refined.items() if getattr(a, "avoids", "")}
        path = reference_path(study, engine.info.id, shipped=as_shipped)
        if not path.resolve().is_relative_to(study.folder.resolve()):
            raise InputError.at(str(path), "", "lies outside the study's folder; nothing was recorded")
        estimates = {spec: a for spec, a in answers.items() if isinstance(a, Estimate)}
        if estimates:
            write_reference(path, _reference(study, asked, data_hash, estimates))
            yield path, len(estimates)


def _live(study: Study, engine, wanted: Sequence[Spec], data_hash: str, jobs: int) -> dict:
    plans: dict[str, StudyPlan] = {}
    for spec in wanted:
        part = part_of(study, spec.id)
        if registry.declines(engine, spec, part.header.unit, part.header.time) is None:
            plans[spec.id] = StudyPlan(part, data_hash, (Entry(spec, engine, "live"),))
    found = Asking(AnswerCache(None), jobs).answers([q for plan in plans.values() for q in entry_questions(plan)])
    return {name: found[entry_key(plan, plan.entries[0])] for name, plan in plans.items()}


def _reference(study: Study, engine, data_hash: str, estimates: dict) -> FrozenReference:
    return FrozenReference(
        study=study.id,
        engine=engine.info.id,
        command=f"parity freeze {study.id} --engine {engine.info.id}{' --as-shipped' if hasattr(engine, 'role') else ''}",
        recorded=datetime.date.today().isoformat(),
        versions=registry.versions(engine),
        data_hash=data_hash,
        answers={
            name: FrozenAnswer(spec_hash=part_of(study, spec).spec_hash(study.spec(spec)), answer=answer)
            for name, answer in estimates.items()
            for spec in [name.partition("#")[0]]
        },
    )
