"""An index of one study: data frame and settings in; scores, weights, entropies and what must be said aloud out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import some_of
from parity.base.values import name_of
from parity.data.derive.aggregate import Level, aggregated
from parity.data.derive.interpolation import interpolated
from parity.data.derive.problem import DeriveProblem
from parity.data.derive.scaling import scaled
from parity.data.places import row_namer
from parity.study.index import IndexSettings

if TYPE_CHECKING:
    import pandas as pd

    from parity.data.evaluate import Panel


@dataclass(frozen=True)
class Rows:
    """The panel's keys as arrays, one entry per row. unit: codes; time: numbers (all zero where there is none)."""

    unit: np.ndarray
    time: np.ndarray
    names: tuple[str, ...]  # of each row, for messages

    def take(self, places: np.ndarray) -> Rows:
        """These rows, in this order."""
        return Rows(self.unit[places], self.time[places], tuple(self.names[i] for i in places))


@dataclass(frozen=True)
class IndexScores:
    """What an index is.

    scores           (rows,), NaN where a row has none
    dimensions       dimension -> (rows,)
    weights          label of the rows that fix them ("" where pooled, else the year) -> indicator -> weight, sum 1; for
                     pca scores the coefficients of the standardised indicators
    entropies        the same, for method entropy; at two levels those within dimensions
    between          label -> dimension -> weight, at two levels
    notes            sentences on everything that was decided by rule: constant columns, rows dropped, values interpolated
    """

    scores: np.ndarray
    dimensions: dict[str, np.ndarray]
    weights: dict[str, dict[str, float]]
    entropies: dict[str, dict[str, float]] = field(default_factory=dict)
    between: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def rows_of(frame: pd.DataFrame, panel: Panel, *, timed: bool = True) -> Rows:
    """The keys of a study's frame; timed: with its periods. Raises `DeriveProblem` where they have no certain order."""
    return _rows(frame, panel, _periods(frame, panel) if panel.time and timed else np.zeros(len(frame)))


def index_rows(frame: pd.DataFrame, panel: Panel, forms: Iterable[IndexSettings]) -> Rows:
    """The keys that forms of an index read: numbers in the time column by their own value, which weights and base years
    are named by; anything else as periods. Raises `DeriveProblem` where there is none, or values are to be interpolated
    between periods without a certain step.
    """
    import pandas as pd

    if not panel.time:
        return rows_of(frame, panel)
    numbers = pd.api.types.is_numeric_dtype(frame[panel.time]) and not panel.order
    if numbers and not any(form.missing == "interpolate" for form in forms):
        return _rows(frame, panel, frame[panel.time].to_numpy(dtype=float, na_value=np.nan))
    when = _periods(frame, panel)
    return _rows(frame, panel, frame[panel.time].to_numpy(dtype=float, na_value=np.nan) if numbers else when)


def _periods(frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    from parity.base.errors import ColumnProblem
    from parity.data.evaluate import periods_of

    try:
        return periods_of(frame, panel)
    except ColumnProblem as problem:
        raise DeriveProblem(str(problem)) from None


def _rows(frame: pd.DataFrame, panel: Panel, when: np.ndarray) -> Rows:
    import pandas as pd

    codes = pd.factorize(frame[panel.unit])[0] if panel.unit else np.arange(len(frame))
    named = [frame[c].tolist() for c in (panel.unit, panel.time) if c]
    said = [", ".join(map(str, keys)) for keys in zip(*named, strict=True)] or [*map(row_namer(frame), range(len(frame)))]
    return Rows(codes, when, tuple(said))


def index_scores(s: IndexSettings, columns: dict[str, np.ndarray], rows: Rows) -> IndexScores:
    """Scores under one set of settings. columns: indicator -> float64 (rows,), NaN where missing.

    Raises `DeriveProblem` where the settings and the data don't give an index.
    """
    notes: list[str] = []
    x = np.column_stack([columns[i.column] for i in s.indicators]).astype(float)
    if np.isinf(x).any():
        j = int(np.argmax(np.isinf(x).any(axis=0)))
        raise DeriveProblem(f"`{s.indicators[j].column}` holds an infinite value")
    x = _without_gaps(s, x, rows, notes)
    used = ~np.isnan(x).any(axis=1)
    if not used.any():
        raise DeriveProblem("no row has all indicators")
    # by what they hold, not by where they stood in the file: sums in one order are the same to the last bit
    places = np.flatnonzero(used)[np.lexsort((rows.time[used], *x[used].T))]
    made = _scores(s, x[places], rows.take(places), notes)

    def spread(values: np.ndarray) -> np.ndarray:
        out = np.full(len(x), np.nan)
        out[places] = values
        if s.missing == "interpolate" and s.interpolate == "scores":
            out = interpolated(out, rows.unit, rows.time, s.edges)
        return out

    return IndexScores(
        scores=spread(made.scores),
        dimensions={name: spread(values) for name, values in made.dimensions.items()},
        weights=made.weights, entropies=made.entropies, between=made.between, notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _without_gaps(s: IndexSettings, x: np.ndarray, rows: Rows, notes: list[str]) -> np.ndarray:
    missing = np.isnan(x)
    if not missing.any():
        return x
    if s.missing == "refuse":
        cells = [f"`{s.indicators[j].column}` in {rows.names[i]}" for j, i in np.argwhere(missing.T)]
        what = f"{len(cells)} values of indicators are missing, {some_of(cells)}"
        raise DeriveProblem(f'{what}; say missing = "interpolate" or missing = "drop"')
    if s.missing == "drop" or s.interpolate == "scores":
        n = int(missing.any(axis=1).sum())
        notes.append(
            f"{n} rows with a missing indicator " + ("have no score" if s.missing == "drop" else "interpolated in scores")
        )
        return x
    between, x = (
        np.column_stack([interpolated(column, rows.unit, rows.time, edges) for column in x.T])
        for edges in ("missing", s.edges)
    )
    inner, outer = missing & ~np.isnan(between), np.isnan(between) & ~np.isnan(x)
    left = int(np.isnan(x).sum())
    how = "extrapolated" if s.edges == "extrapolate" else "as the nearest year's"
    for filled, said in ((inner, "interpolated within units"), (outer, f"before or after a unit's known ones {how}")):
        if filled.any():
            cells = [f"`{s.indicators[j].column}` in {rows.names[i]}" for j, i in np.argwhere(filled.T)]
            notes.append(f"{len(cells)} missing values of indicators {said}: {some_of(cells)}")
    if left:
        j = int(np.argmax(np.isnan(x).any(axis=0)))
        first = rows.names[int(np.argmax(np.isnan(x[:, j])))]
        raise DeriveProblem(
            f"{left} values stay missing after interpolation, first `{s.indicators[j].column}` in {first}; "
            'say edges = "nearest" or "extrapolate", or missing = "drop"'
        )
    return x


def _groups(over: str, s: IndexSettings, rows: Rows) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(label, rows that fix, rows it is applied to)."""
    everything = np.ones(len(rows.time), dtype=bool)
    if over == "pooled":
        return [("", everything, everything)]
    if over == "base":
        fixed = rows.time == s.base
        if not fixed.any():
            raise DeriveProblem(f"the base year {name_of(float(s.base))} has no row")
        return [(name_of(float(s.base)), fixed, everything)]
    return [(name_of(float(year)), rows.time == year, rows.time == year) for year in np.unique(rows.time)]


def _scores(s: IndexSettings, x: np.ndarray, rows: Rows, notes: list[str]) -> IndexScores:
    z = np.zeros_like(x)
    for label, fixed, applied in _groups(s.over, s, rows):
        where = f" in {label}" if label else ""
        if fixed.sum() == 1:
            raise DeriveProblem(f"one single row{where} has no dispersion: an index needs two or more")
        for j, indicator in enumerate(s.indicators):
            if x[fixed, j].min() == x[fixed, j].max():
                _constant(s, indicator.column, where, notes)
                continue
            try:
                z[applied, j] = scaled(x[applied, j], indicator.direction == "-", x[fixed, j], s.scaling, s.range, s.ddof)
            except DeriveProblem as problem:
                raise DeriveProblem(f"`{indicator.column}`{where}: {problem}") from None
        flat = [j for j in range(x.shape[1]) if x[fixed, j].min() == x[fixed, j].max()]
        vary = [j for j in range(x.shape[1]) if j not in flat]
        if not vary:
            raise DeriveProblem(f"no indicator varies{where}")
        block = z[np.ix_(applied, vary)]
        if s.negatives == "shift" and (block < 0).any():
            moved = [s.indicators[j].column for j, least in zip(vary, block.min(axis=0), strict=True) if least < 0]
            notes.append(f"moved up by their minimum{where}: {', '.join(moved)}")
            block = block - np.minimum(block.min(axis=0), 0.0)
        z[np.ix_(applied, vary)] = np.maximum(block, s.scaled_floor) + s.shift if s.scaled_floor else block + s.shift
    scores = np.zeros(len(x))
    dimensions = {name: np.zeros(len(x)) for name in s.dimensions}
    weights, entropies, between = {}, {}, {}
    for label, fixed, applied in _groups(s.weigh_over or s.over, s, rows):
        level = Level(z[applied], z[fixed], x[fixed], rows.unit[fixed], rows.time[fixed])
        try:
            made = aggregated(s, level, notes)
        except DeriveProblem as problem:
            raise DeriveProblem(f"in {label}: {problem}" if label else str(problem)) from None
        scores[applied] = made.scores
        for name in dimensions:
            dimensions[name][applied] = made.dimensions[name]
        weights[label] = made.weights
        if made.entropies:
            entropies[label] = made.entropies
        if made.between:
            between[label] = made.between
    return IndexScores(scores, dimensions, weights, entropies, between)


def _constant(s: IndexSettings, column: str, where: str, notes: list[str]) -> None:
    if s.constant == "refuse":
        raise DeriveProblem(f"`{column}` is constant{where}")
    notes.append(f"`{column}` is constant{where}: weight 0")
