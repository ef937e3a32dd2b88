"""Which function makes which format of a table."""

from __future__ import annotations

from collections.abc import Callable
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
    """Raises `InputError` where it names a term that no column has."""
    if table.kind:
        make = {"index": index_grid, "tests": tests_grid, "analysis": analysis_grid}.get(table.kind, summary_grid)
        return make(name, table, verified)
    return (mediation_grid if table.mediation else regression_grid)(name, table, verified)


def renderer(form: str) -> Callable[[list[Grid]], str | bytes]:
    return getattr(import_module(f"parity.table.{form}"), f"to_{form}")
