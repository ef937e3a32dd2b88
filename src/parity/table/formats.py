"""Which function makes which format of a table."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from parity.study.table import TableSettings
from parity.table.grid import Grid
from parity.table.mediation import mediation_grid
from parity.table.regression import regression_grid
from parity.table.summary import summary_grid
from parity.table.verified import Verified

FORMATS = ("text", "markdown", "latex", "csv", "docx")


def grid_of(name: str, table: TableSettings, verified: Verified) -> Grid:
    """Raises `InputError` where it names a term that no column has."""
    if table.kind:
        return summary_grid(name, table, verified)
    return (mediation_grid if table.mediation else regression_grid)(name, table, verified)


def renderer(form: str) -> Callable[[list[Grid]], str | bytes]:
    return getattr(import_module(f"parity.table.{form}"), f"to_{form}")
