"""Runs what tables need of a study, and no more: their specs in every engine, and the analyses shown in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parity.analyses.index.analysis import index_records
from parity.analyses.instruments.analysis import iv_records
from parity.analyses.mediation.analysis import mediation_records
from parity.analyses.resampling.analysis import resampling_records
from parity.base.cache import AnswerCache
from parity.data.runnable import attempt, runnable
from parity.engines.base import Engine
from parity.results.record import Record
from parity.runs import runner
from parity.runs.plan import Transport
from parity.study.study import Study
from parity.study.table import OF_INSTRUMENTS, TableSettings
from parity.table.verified import Verified


def gather(
    study: Study, tables: Iterable[TableSettings], *, transport: Transport = "auto", jobs: int | None = None,
    timeout: float = runner.TIMEOUT, engines: Sequence[Engine] | None = None, cache: AnswerCache | None = None,
    progress: runner.Progress = lambda done, total: None,
) -> Verified:  # fmt: skip
    """What `parity.runs.runner.run` found of the tables' specs and analyses. engines: default all. Raises `InputError`."""
    tables = list(tables)
    specs = list(dict.fromkeys(spec for table in tables for spec in table.specs))
    made = {
        index_records: bool(study.index or study.derive),
        iv_records: any(set(table.shown) & set(OF_INSTRUMENTS) for table in tables),
        mediation_records: any(table.mediation for table in tables),
        resampling_records: any(table.differences or table.shows_wild for table in tables),
    }
    records: list[Record] = []
    details = ()
    if specs:
        report = runner.run([study], engines=engines, specs=specs, transport=transport, jobs=jobs, timeout=timeout,
                            cache=cache, details=True, progress=progress)  # fmt: skip
        records += report.records
        details = report.details or ()
    if any(made.values()):
        able = runnable(study, cache if cache is not None else AnswerCache(None))
        known = {(r.kind, r.spec) for r in records}
        records += [r for r in able.records if (r.kind, r.spec) not in known and r.kind != "spec"]
        for record in (record for record, wanted in made.items() if wanted):
            for part in able.parts:
                found, wrong = attempt(study.id, lambda part=part, record=record: record(part, transport, timeout, cache))
                records += found if found is not None else wrong
    return Verified(study, details, tuple(records))
