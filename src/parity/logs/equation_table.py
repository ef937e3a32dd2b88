"""The table of equations above a window of several: `Equation  Parms  RMSE  R-sq  chi2  P>chi2`, of var, sureg and reg3.

[TS] var, [R] sureg. Its numbers are statistics of the window below it, called `inv: RMSE`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parity.logs.exhibit import Place, Statistic
from parity.logs.numbers import cell, is_number
from parity.printed.lines import Line

_HEADING = re.compile(r"Equation((?: +\S+){3,7}) *")
_RULE = re.compile(r"\s*-{20,}\s*")
#: Heads as versions print them -> one name of each.
_COLUMNS = {
    "obs": "Obs", "parms": "Parms", "params": "Parms", "rmse": "RMSE", "r-sq": "R-sq", '"r-sq"': "R-sq",
    '"r-squared"': "R-sq", "r-squared": "R-sq", "chi2": "chi2", "p>chi2": "P>chi2", "p": "P>chi2", "f": "F", "f-stat": "F",
    "p>f": "P>F",
}  # fmt: skip


@dataclass(frozen=True)
class EquationTable:
    """start, end: of its lines, from its heading to before the line behind its last row."""

    start: int
    end: int
    statistics: tuple[Statistic, ...]


def equation_tables(lines: Sequence[Line], file: str) -> list[EquationTable]:
    """Every such table of the lines; those with a row that isn't understood are left to other readers."""
    return [table for at in range(len(lines)) if (table := _table(lines, at, file)) is not None]


def _table(lines: Sequence[Line], at: int, file: str) -> EquationTable | None:
    found = _HEADING.fullmatch(lines[at].text.strip())
    heads = [_COLUMNS.get(word.lower(), "") for word in found[1].split()] if found else []
    if not heads or not all(heads):
        return None
    statistics: list[Statistic] = []
    end = at + 1
    while end < len(lines):
        text = lines[end].text.strip()
        if _RULE.fullmatch(text) and not statistics:
            end += 1
            continue
        name, *numbers = text.split() or [""]
        if len(numbers) != len(heads) or not all(map(is_number, numbers)):
            break
        place = Place(file, lines[end].number)
        statistics += [
            Statistic(f"{name}: {head}", "", cell(number, place)) for head, number in zip(heads, numbers, strict=True)
        ]
        end += 1
    whole = end == len(lines) or not lines[end].text.strip() or _RULE.fullmatch(lines[end].text)
    return EquationTable(at, end, tuple(statistics)) if statistics and whole else None
