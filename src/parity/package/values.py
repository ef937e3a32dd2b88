"""Windows and tables that are no estimates: summaries, tabulations, tests; held against what the do-files print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from parity.package.document import CommandAt
from parity.package.printed import Printed
from parity.package.verdict import Judged

if TYPE_CHECKING:
    from parity.stata.do import DoResult


def value_cells(
    exhibit: Printed, done: DoResult | None, command: CommandAt | None
) -> tuple[Sequence[Judged], CommandAt | None]:  # fmt: skip
    """Every cell with its verdict, and the command that prints them where it is known."""
    out = []
    for i, column in enumerate(exhibit.columns):
        for j, row in enumerate(column.rows):
            for cell in row.cells:
                if cell.number is not None:
                    out.append(Judged(i, j, row.label, row.label, cell.name or cell.kind, cell, None, "not verified",
                                      reason=f"windows of {exhibit.kind} are not held against data yet"))  # fmt: skip
        for s in column.statistics:
            if s.cell.number is not None:
                out.append(Judged(i, None, "", s.label, s.name or s.label, s.cell, None, "not verified",
                                  reason=f"windows of {exhibit.kind} are not held against data yet"))  # fmt: skip
    return out, command
