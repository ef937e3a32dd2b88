"""A sample as both sides have it: rows of the file, columns, groups and periods, in the order of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from parity.sample.design import Design

#: Parts of a design with their words; the names of their columns don't meet.
PARTS = {
    "y": "outcome", "x": "regressor", "endog": "endogenous", "z": "instrument", "weights": "weight", "offset": "offset",
    "place": "coordinate",
}  # fmt: skip


@dataclass(frozen=True)
class SampleColumn:
    """values: (n,). loss: how many roundings of the largest value it may be off; 1 for a column of the file."""

    values: np.ndarray
    loss: float = 1.0


@dataclass(frozen=True)
class Sample:
    """rows       (n,) row numbers in the file, from 0, rising
    columns    (part, name) -> column; outcome and weights have no name of their own, ""
    groups     "fixed effect state", "cluster firm", "unit" -> (n,) codes; only which rows share one counts
    periods    (n,) time, or None: only distances count
    dropped    names of columns that were left out as absorbed or collinear
    """

    rows: np.ndarray
    columns: Mapping[tuple[str, str], SampleColumn]
    groups: Mapping[str, np.ndarray]
    periods: np.ndarray | None
    dropped: tuple[str, ...] = field(default=())


def of_design(design: Design) -> Sample:
    """What the engines were given."""
    order = np.argsort(design.rows, kind="stable")
    columns = {("y", ""): SampleColumn(design.y[order])}
    for part, names, block in (
        ("x", design.x_names, design.x), ("endog", design.endog_names, design.endog), ("z", design.z_names, design.z),
    ):  # fmt: skip
        columns |= {(part, name): SampleColumn(block[order, j]) for j, name in enumerate(names)}
    if design.weights is not None:
        columns["weights", ""] = SampleColumn(design.weights[order])
    if design.offset is not None:
        columns["offset", ""] = SampleColumn(design.offset[order])
    if design.located is not None:
        columns |= {
            ("place", n): SampleColumn(c[order]) for n, c in zip(design.located.names, design.located.at.T, strict=True)
        }
    groups = {f"fixed effect {name}": code[order] for name, code in design.effects.items()}
    groups |= {f"cluster {name}": code[order] for name, code in design.clusters.items()}
    if design.unit is not None:
        groups["unit"] = design.unit[order]
    periods = None if design.time is None else design.time[order].astype(float)
    return Sample(design.rows[order], columns, groups, periods, design.facts.dropped)


def of_answer(answer: Mapping[str, Any]) -> Sample:
    """What R answered of a spec; see r_scripts/sample/sample.R."""
    columns = {}
    for part in PARTS:
        block = answer[part]
        columns |= {
            (part, name): SampleColumn(column.values.astype(float), float(loss))
            for name, column, loss in zip(_texts(block["names"]), block["values"], _numbers(block["loss"]), strict=True)
        }
    groups = {f"fixed effect {name}": code.values for name, code in (answer["effects"] or {}).items()}
    groups |= {f"cluster {name}": code.values for name, code in (answer["clusters"] or {}).items()}
    if answer["unit"] is not None:
        groups["unit"] = answer["unit"].values
    periods = None if answer["time"] is None else answer["time"].values.astype(float)
    return Sample(answer["rows"].values.astype(np.int64) - 1, columns, groups, periods)


def _texts(column: Any) -> list[str]:
    return [] if column is None else column.to_list()


def _numbers(column: Any) -> list[float]:
    return [] if column is None else column.values.tolist()
