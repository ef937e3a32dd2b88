"""Analyses of columns of a study, period by period: one part for each `[KIND.NAME]`, its rows taken here."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.analyses.of_section import OfSection
from parity.base.errors import Unestimable
from parity.base.tolerance import EXACT
from parity.base.values import name_of
from parity.compare.agree import Numbers, by_term
from parity.results.record import Comparison
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Chosen:
    """Rows of a study that an analysis is of, by period and unit.

    columns   expression -> (n,) numbers, none missing
    periods   (n,) names; units (n,) names, or numbers of rows where the study has no unit
    groups    (n,) names, or None
    """

    settings: Any
    columns: Mapping[str, np.ndarray]
    periods: tuple[str, ...]
    units: tuple[str, ...]
    groups: tuple[str, ...] | None
    notes: tuple[str, ...] = ()

    def by_period(self) -> dict[str, np.ndarray]:
        """Period -> its rows, in order."""
        codes = np.array(self.periods, dtype=object)
        return {p: np.flatnonzero(codes == p) for p in dict.fromkeys(self.periods)}


class OfColumns(OfSection):
    """See `OfSection`."""

    @abstractmethod
    def expressions(self, settings: Any) -> Sequence[Any]:
        """What is evaluated for every row."""

    def content(self, study: Study) -> str:
        from parity.analyses.index.analysis import columns_hash

        settings = study.model_dump_json(include={self.section})
        return hashlib.sha256(f"{columns_hash(study)}\n{settings}".encode()).hexdigest()

    def part(self, study: Study, frame: pd.DataFrame, settings: Any) -> Chosen:
        return chosen(study, frame, settings, self.expressions(settings))


def chosen(study: Study, frame: pd.DataFrame, settings: Any, expressions: Sequence[Any]) -> Chosen:
    """The rows of an analysis. Raises `ColumnProblem` for a column that isn't what it must be, `Unestimable` for no row."""
    from parity.data.evaluate import Panel, condition, numeric

    panel, header = Panel.of(study), study.header
    columns = {str(e): numeric(e, frame, panel) for e in expressions}
    wanted = condition(settings.where, frame, panel) if settings.where else np.ones(len(frame), dtype=bool)
    groups = getattr(settings, "groups", None)
    keys = [key for key in (header.time, header.unit, groups) if key]
    there = np.all([np.isfinite(c) for c in columns.values()], axis=0)
    for key in keys:
        there &= frame[key].notna().to_numpy()
    keep = np.flatnonzero(wanted & there)
    if not len(keep):
        raise Unestimable("no row is left")
    lost = int((wanted & ~there).sum())
    time = frame[header.time].iloc[keep] if header.time else None
    if time is not None:  # in the order of periods, and within one of units: the file's order moves no digit
        by = [frame[header.unit].iloc[keep].astype(str).to_numpy()] if header.unit else []
        keep = keep[np.lexsort([*by, np.unique(time.to_numpy(), return_inverse=True)[1]])]
    names = {key: tuple(name_of(v) for v in frame[key].iloc[keep].tolist()) for key in keys}
    return Chosen(
        settings, {name: c[keep] for name, c in columns.items()},
        names[header.time] if header.time else ("all",) * len(keep),
        names[header.unit] if header.unit else tuple(f"row {i + 1}" for i in keep),
        names[groups] if groups else None,
        (f"{lost} rows left out (missing values)",) if lost else (),
    )  # fmt: skip


def compare_scaled(answer: Numbers, found: Numbers, scale: Callable[[str], float]) -> Comparison:
    """Every number, R's against ours, on the scale of its quantity; what only one side has is a difference."""
    sizes = cache(scale)
    return by_term(answer, found, lambda of, term, ours: sizes(of), lambda of: 0.0 if of == "nobs" else EXACT)


def largest(found: Numbers, quantity: str) -> float:
    """The largest magnitude of a quantity, or one."""
    return max((abs(v) for v in found.get(quantity, {}).values() if v is not None and np.isfinite(v)), default=0.0) or 1.0
