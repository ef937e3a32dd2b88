"""Time-series operators on a panel: `L`, `F`, `D`, `S` and their powers obey gaps. [U] 11.4.4, [TS] tsset."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from parity.stata_language.dataset import DataProblem, Dataset
from parity.stata_language.values import Doubles, settled

_STEP = re.compile(r"([LFDS])(?:(\d+)|\((-?\d+)\))?", re.IGNORECASE)


def shifted(values: Doubles, operator: str, data: Dataset) -> Doubles:
    """Values under operators such as `L2`, `D`, `LD`; the rightmost is applied first. Raises `DataProblem`."""
    steps = _STEP.findall(operator)
    if "".join("".join(s) if not s[2] else f"{s[0]}({s[2]})" for s in steps) != operator:
        raise DataProblem(f"`{operator}.` is no time-series operator", 101)
    found = values
    for letter, plain, bracketed in reversed(steps):
        n = int(plain or bracketed or 1)
        match letter.upper():
            case "L":
                found = _lag(found, n, data)
            case "F":
                found = _lag(found, -n, data)
            case "S":
                found = settled(found - _lag(found, n, data)) if n else found
            case "D":
                for _ in range(n):
                    found = settled(found - _lag(found, 1, data))
    return found


def _lag(values: Doubles, n: int, data: Dataset) -> Doubles:
    """The value n periods before, in the same unit; missing where no row is there."""
    if n == 0 or not data.rows:
        return values
    at = positions(data, n)
    return np.where(at >= 0, values[np.where(at >= 0, at, 0)], np.nan)


def positions(data: Dataset, n: int) -> NDArray[np.int64]:
    """For each row the row of its unit n periods earlier, or -1."""
    panel = data.panel
    time = data[panel.time].values
    unit = _codes(data, panel.unit)
    known = np.isfinite(time) & (unit >= 0)
    if not known.any():
        return np.full(data.rows, -1)
    first = np.full(int(unit.max()) + 1, np.inf)  # of each unit: with delta(2) one may have even years, another odd ones
    np.minimum.at(first, unit[known], time[known])
    period = np.where(known, np.rint((time - first[unit]) / panel.delta), 0).astype(np.int64)
    span = int(period.max()) + 1
    reach = period - n
    key = unit * span + period
    order = np.argsort(np.where(known, key, -1), kind="stable")
    placed = np.where(known, key, -1)[order]
    wanted = unit * span + reach
    possible = known & (reach >= 0) & (reach < span)
    at = np.searchsorted(placed, np.where(possible, wanted, 0))
    at = np.minimum(at, data.rows - 1)
    hit = possible & (placed[at] == wanted)
    return np.where(hit, order[at], -1)


def _codes(data: Dataset, unit: str) -> NDArray[np.int64]:
    """Units as 0, 1, ...; -1 where missing; all 0 where there is no unit."""
    if not unit:
        return np.zeros(data.rows, dtype=np.int64)
    values = data[unit].values
    text = data[unit].text
    lost = values == "" if text else np.isnan(values)
    _, found = np.unique(values if text else np.where(lost, 0.0, values), return_inverse=True)
    return np.where(lost, -1, found).astype(np.int64)
