"""The tables of a report's one study, for the page of the report: nothing is run."""

from __future__ import annotations

from collections.abc import Iterable

from parity.base.errors import InputError
from parity.results.record import Report
from parity.study.study import Study
from parity.study.table import TableSettings
from parity.study.words_of_tables import Language
from parity.table.formats import grid_of
from parity.table.grid import Grid
from parity.table.kept import kept_study, kept_verified
from parity.table.verified import Verified


def grids_of(report: Report, language: Language = "en") -> tuple[Grid, ...]:
    """Each table of the study whose numbers the report holds; none where it keeps no study, or several.

    language: of the tables that say none themselves.
    """
    try:
        study, _ = kept_study(report, "")
    except InputError:
        return ()
    tables = {n: t if t.language else t.model_copy(update={"language": language}) for n, t in study.tables.items()}
    verified = _held(report, study, tables.values())
    return tuple(
        grid
        for name, table in tables.items()
        if (own := verified or _held(report, study, [table])) is not None and (grid := _grid(name, table, own)) is not None
    )


def _held(report: Report, study: Study, tables: Iterable[TableSettings]) -> Verified | None:
    """What the run found of these tables; None where it was asked for less than they show."""
    try:
        return kept_verified(report, "", study, tables)
    except InputError:
        return None


def _grid(name: str, table: TableSettings, verified: Verified) -> Grid | None:
    """None where it names what no column has: `parity table` says what."""
    try:
        return grid_of(name, table, verified)
    except InputError:
        return None
