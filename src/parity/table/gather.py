"""Runs what tables need of a study, and no more: their specs in every engine, and the analyses shown in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parity.analyses.registry import analyses
from parity.analyses.run import records_of
from parity.base.cache import AnswerCache
from parity.data.runnable import attempt, runnable
from parity.engines.base import Engine
from parity.results.record import Record
from parity.runs import runner
from parity.runs.plan import Transport
from parity.study.study import Study
from parity.study.table import TableSettings
from parity.table.verified import Verified


def gather(
    study: Study, tables: Iterable[TableSettings], *, transport: Transport = "auto", jobs: int | None = None,
    timeout: float = runner.TIMEOUT, engines: Sequence[Engine] | None = None, cache: AnswerCache | None = None,
    progress: runner.Progress = lambda done, total: None,
) -> Verified:  # fmt: skip
    """What `parity.runs.runner.run` found of the tables' specs and analyses. engines: default all. Raises `InputError`."""
    tables = list(tables)
    specs = list(dict.fromkeys(spec for table in tables for spec in table.specs))
    made = [one for one in analyses().values() if one.in_tables(study, tables)]
    records: list[Record] = []
    details = ()
    if specs:
        report = runner.run([study], engines=engines, specs=specs, transport=transport, jobs=jobs, timeout=timeout,
                            cache=cache, details=True, progress=progress)  # fmt: skip
        records += report.records
        details = report.details or ()
    if made:
        able = runnable(study, cache if cache is not None else AnswerCache(None))
        known = {(r.kind, r.spec) for r in records}
        records += [r for r in able.records if (r.kind, r.spec) not in known and r.kind != "spec"]
        for one in made:
            for part in able.parts:
                found, wrong = attempt(study.id, lambda part=part, one=one: records_of(one, part, transport, timeout, cache))
                records += found if found is not None else wrong
    return Verified(study, details, tuple(records))
