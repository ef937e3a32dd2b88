"""Which function makes which format of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

from parity.study.table import TableSettings
from parity.table.analysis import analysis_grid
from parity.table.grid import Grid
from parity.table.index import index_grid
from parity.table.mediation import mediation_grid
from parity.table.regression import regression_grid
from parity.table.summary import summary_grid
from parity.table.tests import tests_grid
from parity.table.verified import Verified

FORMATS = ("text", "markdown", "latex", "csv", "docx")


def grid_of(name: str, table: TableSettings, verified: Verified) -> Grid:
    """In the table's language. Raises `InputError` where it names a term that no column has."""
    language = table.language or "en"
    table = table.translated(verified.study.translation.get(language, {}))
    kinds = {"index": index_grid, "tests": tests_grid, "analysis": analysis_grid, None: regression_grid}
    make = mediation_grid if table.mediation else kinds.get(table.kind, summary_grid)
    return replace(make(name, table, verified), language=language)


def renderer(form: str) -> Callable[[list[Grid]], str | bytes]:
    return getattr(import_module(f"parity.table.{form}"), f"to_{form}")
