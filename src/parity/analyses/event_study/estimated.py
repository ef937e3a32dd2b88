"""What a method finds: numbers with their covariance, and what tables and pages show of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from parity.analyses.event_study.sample import Panel
from parity.base.errors import Unestimable
from parity.base.tolerance import NO_VARIANCE
from parity.conventions.formulas import critical_value, p_value

Shown = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Estimated:
    """terms       names of the k effects; values (k,), covariance (k, k)
    df          (k,) degrees of freedom of t, or infinite
    factors     (k,) what the convention multiplied each variance by
    more        other quantities: term -> number
    """

    terms: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    df: np.ndarray
    factors: np.ndarray
    more: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def shown(self) -> Shown:
        """effect, se, t, p, ci_low, ci_high by term, and what there is more; a reference has an effect of nought alone."""
        out: Shown = {q: {} for q in ("effect", "se", "t", "p", "ci_low", "ci_high")}
        errors = np.sqrt(np.maximum(np.diag(self.covariance), 0.0)).tolist()
        for term, value, se, df in zip(self.terms, self.values.tolist(), errors, self.df.tolist(), strict=True):
            out["effect"][term] = value
            if se > 0:
                t, half = value / se, critical_value(df)
                each = {"se": se, "t": t, "p": p_value(t, df), "ci_low": value - half * se, "ci_high": value + half * se}
                for quantity, number in each.items():
                    out[quantity][term] = number
        return {q: v for q, v in out.items() if v} | {q: dict(v) for q, v in self.more.items()}


def least_error(y: np.ndarray) -> float:
    """A standard error that is no more than this is what rounding left of none, as where one unit stands alone."""
    return NO_VARIANCE * float(np.abs(y).max())


def rounded(values: np.ndarray, covariance: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Effects and their covariance without what rounding left of none: an effect beside no error may be nought itself."""
    known = np.sqrt(np.maximum(np.diag(covariance), 0.0)) > least_error(y)
    none = ~known & (np.abs(values) <= least_error(y))
    return np.where(none, 0.0, values), covariance * np.outer(known, known)


def under(
    terms: tuple[str, ...], values: np.ndarray, covariance: np.ndarray, more: Mapping[str, Mapping[str, float]],
    notes: tuple[str, ...] = (), df: float = math.inf, factor: float = 1.0,
) -> Estimated:  # fmt: skip
    """All effects under one convention."""
    return Estimated(terms, values, covariance, np.full(len(terms), df), np.full(len(terms), factor), more, notes)


def counts(nobs: int, cluster: np.ndarray) -> dict[str, dict[str, float]]:
    """Rows, and clusters among them, of an analysis that uses the same rows for every effect."""
    return {"nobs": {"": float(nobs)}, "clusters": {"": float(len(np.unique(cluster)))}}


def number(value: float) -> str:
    """A period or an event time as a term: 2004, -1."""
    return f"{value:.12g}"


@dataclass(frozen=True)
class Cell:
    """Rows of one cohort in one period, and what they weigh in an average; of a pooled end its event time stands for all."""

    first: float
    time: float
    event: float
    weight: float


def averages(cells: Sequence[Cell], panel: Panel) -> tuple[tuple[str, ...], np.ndarray]:
    """Weights of an aggregation: terms (k,) and a matrix (k, cells), whose rows sum to one.

    By event time all cells in the window, else those treated. Raises `Unestimable` where no cell is.
    """
    s = panel.settings
    keys: list[tuple[float, str] | None] = []
    for cell in cells:
        if s.aggregation == "dynamic":
            inside = -_end(s.leads) <= cell.event <= _end(s.lags)
            keys.append((cell.event, event_term(cell.event, panel)) if inside else None)
        elif cell.event < 0:
            keys.append(None)
        else:
            by = {"group": cell.first, "calendar": cell.time, "simple": 0.0}[s.aggregation or ""]
            keys.append((by, "all" if s.aggregation == "simple" else number(by)))
    found = sorted({k for k in keys if k is not None})
    if not found:
        raise Unestimable("no effect is left in the window")
    matrix = np.zeros((len(found), len(cells)))
    for j, (key, cell) in enumerate(zip(keys, cells, strict=True)):
        if key is not None:
            matrix[found.index(key), j] = 1.0 if s.cohort_weights == "equal" else cell.weight
    return tuple(term for _, term in found), matrix / matrix.sum(axis=1, keepdims=True)


def _end(said: int | None) -> float:
    return math.inf if said is None else float(said)


def event_term(event: float, panel: Panel) -> str:
    """The name of an event time; of a binned end what it holds: `<=-4`, `>=3`."""
    s = panel.settings
    if s.endpoints == "binned" and s.leads is not None and event <= -s.leads:
        return f"<={number(event)}"
    if s.endpoints == "binned" and s.lags is not None and event >= s.lags:
        return f">={number(event)}"
    return number(event)
