"""The questions to R: open a study's file, a spec's sample, the columns. R gets the file's path and study.toml's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parity.r.frame import Column, RequestValue
from parity.r.session import get_session
from parity.runs.second_reading.sample import Sample, of_answer


class NotRead(Exception):
    """R has no second reading of this; the message says why, for the record."""


@dataclass(frozen=True)
class ReadColumn:
    """A column of the file or a derived one as R has it, a value for every row.

    values: floats, NaN where missing; or texts, None where missing. keys: long whole numbers as they are written
    """

    name: str
    made: bool
    values: Any
    text: bool
    keys: list[str | None] | None
    loss: float


def open_study(path: Path, given: Mapping[str, Any]) -> int:
    """R reads the file; how many rows it has. given: what study.toml says. Raises `NotRead`, `RuntimeError`."""
    answer = _call("sample_open", {"path": str(path), "study": _plain(given)})
    return int(answer["n"].one())


def read_sample(spec_id: str) -> Sample:
    """R's own sample of a spec of the study opened last. Raises `NotRead`, `RuntimeError`."""
    return of_answer(_call("sample_spec", {"spec": spec_id}))


def read_columns() -> list[ReadColumn]:
    """Every column of the file that the study reads, and all that it derives. Raises `NotRead`, `RuntimeError`."""
    answer = _call("sample_columns", {})
    if answer["names"] is None:
        return []
    described = zip(
        answer["names"].to_list(), answer["made"].to_list(), answer["values"], answer["keys"], answer["loss"].values,
        strict=True,
    )  # fmt: skip
    return [
        ReadColumn(
            name, made, column.to_list() if column.kind == "text" else column.values.astype(float), column.kind == "text",
            keys.to_list() if isinstance(keys, Column) else None, float(loss),
        )
        for name, made, column, keys, loss in described
    ]  # fmt: skip


def _call(function: str, request: Mapping[str, RequestValue]) -> dict[str, Any]:
    answer = get_session().call(function, request)
    if answer.get("gap") is not None:
        raise NotRead(answer["gap"].one())
    return answer


def _plain(value: Any) -> RequestValue:
    """What TOML holds as R has it; dates as their text."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if isinstance(value, bool | int | float | str) else str(value)
