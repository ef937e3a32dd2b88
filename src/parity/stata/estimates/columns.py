"""Terms of a command as columns under Stata's names: `2.region`, `L.x`, `3.a#2.b`, `2.region#c.x`. [U] 11.4.3, 11.4.4.

Levels are those of the estimation sample; the base (the smallest, unless `ib` says otherwise) has no column, and neither
has a cell of an interaction whose margin is in the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.stata.series import shifted
from parity.stata_language.dataset import Column, DataProblem, Dataset
from parity.stata_language.request import EACH_ROW, Declined, Request
from parity.stata_language.values import Doubles
from parity.stata_language.varlist import Factor, Term

#: Numbers that all columns of one command may hold together.
MOST_CELLS = 400_000_000


@dataclass(frozen=True)
class Made:
    """A column of a model. values: one a row of the data set, NaN where missing."""

    name: str
    values: Doubles


def operator_of(factor: Factor) -> str:
    """`L1` as Stata writes it, `L`; "" for `L0`."""
    if factor.operator in ("L0", "F0", "D0", "S0"):
        return ""
    return factor.operator[:1] if factor.operator[1:] == "1" else factor.operator.replace("(", "").replace(")", "")


def series(factor: Factor, data: Dataset) -> Doubles:
    """A variable under its time-series operators, a value a row. Raises `DataProblem`."""
    column = data[factor.name]
    if column.text:
        raise DataProblem(f"{factor.name}: no observations (it holds texts)", 2000)
    if not operator_of(factor):
        return column.values
    if not data.panel.time:
        raise DataProblem("time variable not set: use tsset or xtset", 111)
    return shifted(column.values, factor.operator, data)


def complete(request: Request, data: Dataset, used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows with every value that the model needs, and a positive weight."""
    mask = used.copy()
    terms = (*_visible(request), *request.absorb)
    for factor in dict.fromkeys(f for term in terms for f in term.factors):
        if data[factor.name].text:
            mask &= data[factor.name].values != ""
        else:
            mask &= ~np.isnan(series(factor, data))
    if request.offset:
        mask &= present(data[request.offset])
    for name in request.cluster:
        for part in name.split("#"):
            if part != EACH_ROW:
                mask &= present(data[part])
    return mask


def present(column: Column) -> NDArray[np.bool_]:
    return column.values != "" if column.text else ~np.isnan(column.values)


def checked_offset(request: Request, data: Dataset, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n,) what offset() or exposure() names. Raises `DataProblem` for a text, and for an exposure that is not above nought
    in these rows."""
    column = data[request.offset]
    if column.text:
        raise DataProblem(f"{request.offset}: string variables may not be used here", 109)
    values = column.values.astype(float)
    if request.exposure and np.any(values[rows] <= 0):
        raise DataProblem(f"{request.offset} must be greater than zero", 459)
    return values


def _visible(request: Request) -> tuple[Term, ...]:
    return (request.outcome, *request.outcomes, *request.regressors, *request.endogenous, *request.instruments)


def expanded(terms: Sequence[Term], data: Dataset, rows: NDArray[np.bool_]) -> tuple[Made, ...]:
    """Columns of all terms, in order; rows: the estimation sample. Raises `Declined`, `DataProblem`."""
    margins = frozenset(_margin(t.factors) for t in terms)
    found: dict[str, Doubles] = {}
    for term in terms:
        for name, values in _columns(term, margins, data, rows):
            found.setdefault(name, values)
            if len(found) * data.rows > MOST_CELLS:
                raise Declined(f"more than {len(found):,} columns are more than is estimated here")
    return tuple(Made(name, values) for name, values in found.items())


def _margin(factors: Iterable[Factor]) -> frozenset[tuple[str, str]]:
    return frozenset((f.name, operator_of(f)) for f in factors)


def _columns(term: Term, margins: frozenset, data: Dataset, rows: NDArray[np.bool_]) -> Iterable[tuple[str, Doubles]]:
    groups = [f for f in term.factors if f.kind == "factor"]
    numbers = [f for f in term.factors if f.kind != "factor"]
    pieces = [_named(f, bare=len(term.factors) == 1) for f in numbers]
    value = np.ones(data.rows)
    for factor in numbers:
        value = value * series(factor, data)
    if not groups:
        yield "#".join(pieces), value
        return
    # a factor's base has a column of its own only where the model lacks the margin without it
    bare = [len(term.factors) == 1 or _margin(f for f in term.factors if f is not group) in margins for group in groups]
    choices = [_levels(group, data, rows) for group in groups]
    cells: list[tuple[str, tuple[bool, ...], Doubles]] = [("", (), np.ones(data.rows))]
    for group, (levels, base) in zip(groups, choices, strict=True):
        codes = data[group.name].values
        marks = {level: np.where(np.isnan(codes), np.nan, codes == level) for level in levels}
        cells = [
            ("#".join(filter(None, (name, f"{level:g}.{group.name}"))), (*at, level == base), mask * marks[level])
            for name, at, mask in cells
            for level in levels
        ]  # fmt: skip
        if len(cells) * data.rows > MOST_CELLS:
            raise Declined(f"more than {len(cells):,} columns are more than is estimated here")
    for name, at_base, mask in cells:
        if any(base and without for base, without in zip(at_base, bare, strict=True)):
            continue
        if not any(bare) and not numbers and at_base and all(at_base):
            continue
        if np.any(mask[rows]):
            yield "#".join([name, *pieces]), mask * value


def _named(factor: Factor, *, bare: bool) -> str:
    operator = operator_of(factor)
    if bare:
        return f"{operator}.{factor.name}" if operator else factor.name
    return f"c{operator}.{factor.name}" if operator else f"c.{factor.name}"


def _levels(factor: Factor, data: Dataset, rows: NDArray[np.bool_]) -> tuple[list[float], float | None]:
    """Levels in order, and which is the base; None where there is none."""
    column = data[factor.name]
    if column.text:
        raise DataProblem(f"{factor.name}: string variables may not be used as factor variables", 109)
    if operator_of(factor):
        raise Declined(f"levels of a lag ({factor.operator}.{factor.name}) have no engine here")
    inside = column.values[rows]
    values, counts = np.unique(inside[~np.isnan(inside)], return_counts=True)
    if np.any(values != np.trunc(values)):
        raise DataProblem(f"{factor.name}: factor variables may not contain noninteger values", 452)
    if np.any(values < 0):
        raise DataProblem(f"{factor.name}: factor variables may not contain negative values", 452)
    levels = [v for v in values.tolist() if v not in factor.omit]
    if factor.levels:
        return [v for v in levels if v in factor.levels], None
    return levels, _base(factor.base, levels, counts, values)


def _base(base: str, levels: list[float], counts: NDArray, values: NDArray) -> float | None:
    if base == "none" or not levels:
        return None
    if base in ("", "first"):
        return levels[0]
    if base == "last":
        return levels[-1]
    if base == "freq":
        return float(values[np.argmax(counts)])
    if base.startswith("#") and base[1:].isdigit():
        return levels[min(int(base[1:]), len(levels)) - 1]
    return float(base)


def joined(names: Sequence[str], data: Dataset) -> Doubles:
    """Groups of the combinations of variables, numbered from 1; NaN where one is missing: `vce(cluster a#b)`."""
    mask = np.logical_and.reduce([present(data[n]) for n in names])
    code = np.zeros(data.rows, dtype=np.int64)
    for name in names:
        _, inverse = np.unique(data[name].values, return_inverse=True)
        code = np.unique(code * (int(inverse.max(initial=0)) + 1) + inverse, return_inverse=True)[1]
    return np.where(mask, code + 1.0, np.nan)


def value_of(name: str, columns: Mapping[str, Column], data: Dataset) -> Doubles:
    """The column that a coefficient's name stands for, on the data as they are now: `2.region#c.x`, `L.x`, `_cons`.

    Raises `DataProblem` 111 where a variable is gone.
    """
    if name == "_cons":
        return np.ones(data.rows)
    out = np.ones(data.rows)
    for piece in name.split("#"):
        operator, _, variable = piece.rpartition(".")
        column = data[variable]
        if operator[:1].isdigit():
            out = out * np.where(np.isnan(column.values), np.nan, column.values == float(operator.rstrip("bno")))
        else:
            out = out * series(Factor(variable, operator=operator.removeprefix("c").removeprefix(".")), data)
    return out
