"""Studies whose Parquet data are estimated by their row groups: what a process can't hold, and all that is asked to be.

An engine that can do so has `from_chunks`. Data that can't be held are read by no other engine, which says so; nothing else
of such a study is read whole either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from parity.base.errors import ColumnProblem, InputError, Problem, Unestimable
from parity.data.runnable import wrong_study
from parity.engines.base import Engine
from parity.engines.memory import process_memory
from parity.engines.needs import DOUBLE
from parity.results.estimate import Answer, Declined
from parity.results.record import Record
from parity.runs.plan import Entry, StudyPlan, Transport, plan_study
from parity.runs.worker import SpecFacts
from parity.study.data_formats import parquet_files
from parity.study.spec import Spec
from parity.study.study import Study

if TYPE_CHECKING:
    from parity.base.cluster import Cluster
    from parity.engines.own.kept_passes import KeptPasses
    from parity.engines.own.streamed import Streamed

#: Copies of a file's columns, as doubles, that reading it and choosing its rows holds at once.
COPIES = 3


@dataclass(frozen=True)
class Streaming:
    """cluster: whose workers read, None: this process; always: whether data that could be held are read so too.

    kept: where passes over the data are kept as they go, so that a run that was broken off goes on from them
    """

    cluster: Cluster | None = None
    always: bool = False
    kept: KeptPasses | None = None


@dataclass(frozen=True)
class Large:
    """A study whose data are not held. why: in words, with what they would take."""

    study: Study
    why: str


def large(study: Study) -> Large | None:
    """None where the data can be held, or are no Parquet that can be read."""
    shape = _shape(study)
    if shape is None:
        return None
    rows, columns = shape
    wanted = DOUBLE * rows * columns * COPIES
    if study.data_path.is_dir() or wanted > process_memory():
        held = f"{rows:,} rows of {columns} columns would take about {wanted / 1e9:,.1f} GB to read"
        return Large(study, f"{held}, so they are estimated by chunks of rows")
    return None


def _shape(study: Study) -> tuple[int, int] | None:
    """Rows and columns of the Parquet file or folder."""
    path = study.data_path
    if study.data or not (path.is_dir() or path.suffix == ".parquet"):
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = [pq.ParquetFile(file).metadata for file in parquet_files(path)]
    except (OSError, pa.ArrowException):
        return None
    return (sum(one.num_rows for one in found), found[0].num_columns) if found else None


def planned_large(
    of: Large, specs: Sequence[Spec], engines: Sequence[Engine], transport: Transport, streaming: Streaming
) -> tuple[StudyPlan, dict[str, SpecFacts], tuple[Record, ...]]:
    """The plan with every answer, what was counted of each spec, and what is wrong. Raises `InputError`."""
    plan = plan_study(of.study, specs, engines, transport)
    counted: dict[str, SpecFacts] = {}
    entries = [_answered(of, entry, streaming, counted) for entry in plan.entries]
    for spec in specs:
        counted.setdefault(spec.id, SpecFacts(None, unestimable="no engine estimates it by chunks of rows"))
    wrong: tuple[Record, ...] = ()
    if of.study.analyses:
        said = f"{', '.join(of.study.analyses[:3])}: these need all data in memory, and {of.why}"
        wrong = (wrong_study(of.study.id, [Problem(str(of.study.file), "", said)]),)
    return replace(plan, entries=tuple(entries)), counted, wrong


def _answered(of: Large, entry: Entry, streaming: Streaming, counted: dict[str, SpecFacts]) -> Entry:
    if entry.answer is not None:
        return entry
    if not hasattr(entry.engine, "from_chunks"):
        return _without(entry, f"it wasn't asked: {of.why}, which it doesn't do")
    found = _asked(of.study, entry, streaming)
    if isinstance(found, str):
        return _without(entry, f"{of.why}, and {found}")
    counted[entry.spec.id] = SpecFacts(found.facts, found.estimate.terms)
    return replace(entry, answer=found.estimate)


def _without(entry: Entry, reason: str) -> Entry:
    answer: Answer = Declined(engine=entry.engine.info.id, gap="never", reason=reason, for_now=True)
    return replace(entry, answer=answer, transport="")


def _asked(study: Study, entry: Entry, streaming: Streaming) -> Streamed | str:
    """The estimate, or why there is none. Raises `InputError`."""
    from parity.sample.streamed import NotStreamed

    try:
        return entry.engine.from_chunks(study, entry.spec, study.data_path, streaming.cluster, streaming.kept)
    except (NotStreamed, Unestimable, ColumnProblem) as error:
        return str(error)
    except KeyError as error:
        raise InputError.at(str(study.file), f"spec.{entry.spec.id}", f"there is no column {error}") from None


def by_chunks(plan: StudyPlan, streaming: Streaming) -> StudyPlan:
    """The plan with the answers of engines that read by chunks, where that can be; the others are asked as ever."""
    if not streaming.always or _shape(plan.study) is None:
        return plan
    entries = []
    for entry in plan.entries:
        if entry.answer is None and hasattr(entry.engine, "from_chunks"):
            found = _asked(plan.study, entry, streaming)
            entry = entry if isinstance(found, str) else replace(entry, answer=found.estimate)
        entries.append(entry)
    return replace(plan, entries=tuple(entries))
