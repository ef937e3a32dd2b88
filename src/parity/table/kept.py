"""What tables need of a study, from a report that was kept: nothing is run, and no data are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from parity.base.errors import InputError, Problem, suggest
from parity.results.record import Report
from parity.results.spec_page import SpecDetail
from parity.study.load import parse_readable
from parity.study.study import Study
from parity.study.table import OF_INSTRUMENTS, TableSettings
from parity.table.verified import Verified


def kept_study(report: Report, file: str, wanted: str | None = None) -> tuple[Study, dict[str, tuple[Problem, ...]]]:
    """The one study of the report, or the one that is wanted, and what of it can't be read, with its problems.

    Raises `InputError` where it keeps none, or several.
    """
    if not report.studies:
        raise InputError.at(file, "studies", "it keeps no study: `parity run STUDY --json FILE` does, as shipped it doesn't")
    texts = {s.study: s.text for s in report.studies}
    if wanted is None and len(texts) > 1:
        raise InputError.at(file, "", f"it holds {len(texts)} studies; say which by --study: {', '.join(texts)}")
    name = wanted if wanted is not None else next(iter(texts))
    if name not in texts:
        raise InputError.at(file, "", f"there is no study `{name}` in it{suggest(name, texts)}; studies: {', '.join(texts)}")
    return parse_readable(texts[name], Path(name) / "study.toml")


def kept_verified(report: Report, file: str, study: Study, tables: Iterable[TableSettings]) -> Verified:
    """What the run found of the tables' specs and analyses. Raises `InputError` where it was not asked for all of them."""
    records = tuple(r for r in report.records if r.study == study.id and r.mode == "harmonised")
    names = [r.spec for r in records]
    needed = dict.fromkeys(name for table in tables for name in _needed(study, table))
    lacking = [n for n in needed if n not in names and not any(name.startswith(f"{n}.") for name in names)]
    if study.analyses and report.analyses is None:
        lacking = lacking or ["what the study computes beside its specs"]
    if lacking:
        shown = ", ".join(lacking[:6]) + (f" and {len(lacking) - 6} more" if len(lacking) > 6 else "")
        raise InputError.at(file, "", f"it doesn't hold all that the table shows: {shown}; run the study without --spec")
    moved = [d.spec for d in report.details or () if d.study == study.id and d.mode == "harmonised" and _moved(study, d)]
    if moved:
        what = "the study's text says other than what was estimated (or another version of parity did that)"
        raise InputError.at(file, f"studies.{study.id}", f"{what}: {', '.join(moved[:6])}")
    details = tuple(d for d in report.details or () if d.study == study.id and d.mode == "harmonised")
    return Verified(study, details, records)


def _moved(study: Study, detail: SpecDetail) -> bool:
    """Whether the study, as its text stands here, has another spec under this name, or none."""
    spec = next((s for s in study.specs if s.id == detail.spec), None)
    return spec is None or study.spec_hash(spec) != detail.spec_hash


def _needed(study: Study, table: TableSettings) -> Iterator[str]:
    """Names of the records that stand behind a table."""
    yield from table.specs
    yield from (f"mediation.{name}" for name in (*table.mediation, *table.through))
    yield from (f"difference.{name}" for name in table.chosen_differences(study.difference))
    yield from (f"summary.{table.sample}",) if table.of_sample else ()
    yield from (table.analysis,) if table.analysis else ()
    yield from (f"index.{name}" for name in table.index)
    if set(table.shown) & set(OF_INSTRUMENTS):
        yield from (f"diagnostics.{name}" for name in table.specs if study.spec(name).diagnostics)
    yield from (f"wild.{name}" for name in table.chosen_wild(study.wild))
