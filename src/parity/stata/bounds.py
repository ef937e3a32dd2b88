"""How much a do-file may make: rows, cells, texts, matrices, memory. Asked before anything of that size is made.

A machine without room kills the process, and a long call into a library hears no alarm: neither would say a word.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache

from parity.stata_language.dataset import DataProblem

#: Rows of a data set, and cells that one command may make.
MOST_ROWS, MOST_CELLS = 50_000_000, 400_000_000
#: Variables of a data set in the largest Stata, MP.
MOST_VARIABLES = 120_000
#: Characters of a text.
MOST_TEXT = 100_000_000
#: Cells of a matrix, and multiplications that one operation may take: some seconds in a library that hears no alarm.
MOST_MATRIX, MOST_WORK = 25_000_000, 5e10
#: Share of the machine's memory that a run may take.
MOST_MEMORY = 0.5


class TooLarge(DataProblem):
    """More than is made here, which Stata may make: no error that an author expects."""


def check_rows(rows: float) -> None:
    """Raises `TooLarge` 901 for more rows than are made here."""
    if rows > MOST_ROWS:
        raise TooLarge(f"{_said(rows)} rows are more than is made here", 901)


def check_cells(rows: float, columns: float) -> None:
    """Raises `TooLarge` 901 for more rows, or more cells, than one command makes here, 900 for more columns."""
    check_rows(rows)
    if columns > MOST_VARIABLES:
        raise TooLarge(f"{_said(columns)} variables are more than Stata can hold", 900)
    if rows * columns > MOST_CELLS:
        raise TooLarge(f"{_said(rows)} rows of {_said(columns)} variables are more than is made here", 901)


def check_text(characters: float) -> None:
    """Raises `TooLarge` 1000 for a text longer than one is made here."""
    if characters > MOST_TEXT:
        raise TooLarge(f"a text of {_said(characters)} characters is longer than is made here", 1000)


def check_matrix(rows: float, columns: float, work: float = 0.0) -> None:
    """work: multiplications. Raises `TooLarge` 915 for a matrix larger than is made here, or that takes longer."""
    if rows * columns > MOST_MATRIX:
        raise TooLarge(f"a matrix of {_said(rows)} x {_said(columns)} is larger than is made here", 915)
    if work > MOST_WORK:
        raise TooLarge(f"a matrix of {_said(rows)} x {_said(columns)} takes longer to compute than is given here", 915)


def _said(count: float) -> str:
    return f"{count:,.0f}" if count < 1e15 else f"{count:.3g}"


@dataclass
class Memory:
    """What a run takes of the machine's memory beyond what the process had when it began."""

    began: int = field(default_factory=lambda: resident() or 0)

    def full(self) -> bool:
        """Whether it takes more than its share; never where the system doesn't say."""
        held, all_there = resident(), _physical()
        return held is not None and all_there > 0 and held - self.began > MOST_MEMORY * all_there


def resident() -> int | None:
    """Bytes that the process holds, as Linux says it; None elsewhere."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        return None


@cache
def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return 0
