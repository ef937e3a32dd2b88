"""What of the studies asked for can run: what is wrong is set apart, with its problems, and stops nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from parity.base.cache import AnswerCache, key_of
from parity.base.errors import InputError, Problem
from parity.r.scripts import own_code
from parity.results.record import InputProblem, Kind, Record
from parity.study.parts import left_out_variant, part_of, parts_of, separate, stands_alone, without
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")

#: Problems that a record's note lists; the record itself holds all.
LISTED = 6


@dataclass(frozen=True)
class Runnable:
    """parts: what can run, one study a data file; records: what can't, each with its problems."""

    parts: tuple[Study, ...]
    records: tuple[Record, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        return problems_of(self.records)


def problems_of(records: Iterable[Record]) -> tuple[Problem, ...]:
    """What is wrong with the input, by all records."""
    return tuple(Problem(p.file, p.key, p.message) for record in records for p in record.problems)


def wrong_study(study: str, problems: Sequence[Problem], named: str = "") -> Record:
    """The record of a study, of what belongs to none of its specs, or of `SPEC` or `wild.NAME`, that can't run."""
    kind, _, own = named.partition(".")
    return _wrong(study, named, cast(Kind, kind if own else "spec" if kind else "study"), problems)


def runnable(study: Study, cache: AnswerCache, problems: Sequence[Problem] = ()) -> Runnable:
    """The study's parts without the specs and analyses that can't be built on its data.

    problems: those that are known before any data are read. A problem that is no spec's is the whole part's.
    """
    parts: list[Study] = []
    records: list[Record] = []
    for part in parts_of(study):
        found = _part(part, cache, [p for p in problems if _named_by(part, p) or not _named_by(study, p)])
        parts += found.parts
        records += found.records
    return Runnable(tuple(parts), tuple(records))


def _part(study: Study, cache: AnswerCache, problems: Sequence[Problem]) -> Runnable:
    from parity.data.load import read_file

    left, records = study, []
    raw: list[pd.DataFrame] = []

    def read() -> pd.DataFrame:
        raw[:] = raw or [read_file(study)]
        return raw[0].copy(deep=False)

    while True:
        left, problems, variants = _without_variants(left, problems)
        records += variants
        of_all = [p for p in problems if not _named_by(left, p)]
        if of_all:
            return Runnable((), (*records, wrong_study(study.id, problems)))
        wrong = {name for p in problems for name in _named_by(left, p)}
        for name in (name for name in _separate(left) if name in wrong):
            kind, _, own = name.partition(".")
            about = [_at(p, name) for p in problems if name in _named_by(left, p)]
            records.append(_wrong(study.id, own if kind == "spec" else name, cast(Kind, kind), about))
        specs = {s.id for s in left.specs if f"spec.{s.id}" in wrong}
        records += _beside(left, specs, wrong)
        left = without(left, specs, wrong)
        if not (left.specs or stands_alone(left)):
            return Runnable((), tuple(records))
        try:
            _read(left, cache, read)
            return Runnable((left,), tuple(records))
        except InputError as error:
            problems = error.problems
        except OSError as error:
            problems = (Problem(str(left.data_path), "", error.strerror or str(error)),)


def _without_variants(study: Study, problems: Sequence[Problem]) -> tuple[Study, Sequence[Problem], list[Record]]:
    """The study without variants of indices that can't be built, problems of what reads them in place of theirs, and a
    record of each. A variant that a line or another index is made from stays, and its problem with it."""
    more: list[Problem] = []
    records: list[Record] = []
    for problem in problems:
        one = left_out_variant(study, problem.key)
        if one is None or any(key.startswith(("derive.", "index.")) for key in one.readers):
            more.append(problem)
            continue
        study = one.study
        records.append(_wrong(study.id, f"index.{one.column}", "index", [problem]))
        more += [
            Problem(problem.where, key, f"reads `{one.column}`, which can't be built: {problem.message}")
            for key in one.readers
        ]
    return study, more, records


def _read(study: Study, cache: AnswerCache, read: Callable[[], pd.DataFrame]) -> None:
    """Read and check the data, unless they are known to be right; keep what must be said of them."""
    from parity.data.load import load

    key = read_key(study, study.data_hash())
    if cache.get(key) is None:
        cache.put(key, json.dumps(load(study, read()).notes).encode())


def read_key(study: Study, data_hash: str) -> str:
    """The key of what must be said of a study's data; it stands in the cache where they are right."""
    return key_of("read", own_code(), data_hash, study.model_dump_json())


def part_with(study: Study, spec_id: str) -> Study:
    """The part that a spec is in, without specs that can't be built. Raises `InputError` where it is one of them."""
    part = part_of(study, spec_id)
    if len(part.specs) == 1:
        return part
    able = runnable(part, AnswerCache(None))
    for record in able.records:
        if not able.parts or record.spec == spec_id:
            raise InputError(problems_of([record]))
    return able.parts[0]


def attempt(study: str, call: Callable[[], T]) -> tuple[T | None, tuple[Record, ...]]:
    """What a call gives, or the record of why it doesn't."""
    try:
        return call(), ()
    except InputError as error:
        return None, (wrong_study(study, error.problems),)


def _separate(study: Study) -> list[str]:
    """What stops no other where it is wrong: `spec.NAME`, `mediation.NAME` ..."""
    return [*(f"spec.{s.id}" for s in study.specs), *sorted(separate(study))]


def _named_by(study: Study, problem: Problem) -> list[str]:
    """The specs and analyses of a study whose keys a problem names; none where it names any other key too."""
    names = _separate(study)
    found = []
    for key in problem.places or (problem.key,):
        own = [name for name in names if f"{key}.".startswith(f"{name}.")]
        if not own or problem.where != str(study.file):
            return []
        found.append(max(own, key=len))  # an id may begin with another
    return found


def _at(problem: Problem, name: str) -> Problem:
    """The problem with the key of this spec or analysis, where it names several."""
    own = next((k for k in problem.places if f"{k}.".startswith(f"{name}.")), problem.key)
    return Problem(problem.where, own, problem.message)


def _beside(study: Study, specs: set[str], wrong: set[str]) -> Iterator[Record]:
    """Records of the analyses that rest on specs which can't run, and aren't wrong themselves."""
    rest = set(without(study, specs).analyses)
    for name in study.analyses:
        if name not in rest and name not in wrong:
            why = "not computed: its spec can't be estimated"
            kind = cast(Kind, name.partition(".")[0])
            yield Record(study=study.id, spec=name, kind=kind, reference="", candidate="", verdict="failed", note=why)


def _wrong(study: str, spec: str, kind: Kind, problems: Sequence[Problem]) -> Record:
    said = [str(p) if kind == "study" else str(Problem(p.key or p.where, "", p.message)) for p in problems]
    more = [f"and {len(said) - LISTED} more"] if len(said) > LISTED else []
    note = "; ".join(said[:LISTED] + more)
    return Record(
        study=study, spec=spec, kind=kind, reference="", candidate="", verdict="failed", note=note,
        problems=tuple(InputProblem(file=p.where, key=p.key, message=p.message) for p in problems),
    )  # fmt: skip
