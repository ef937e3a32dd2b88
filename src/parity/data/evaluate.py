"""Expressions and formula items over a data frame: tree in, numpy columns out. The only evaluator of user text.

Missing values: arithmetic and comparisons with a missing value are missing, `and`, `or`, `not` follow three-valued
logic, and `where` keeps only rows that are certainly true (as R and SQL do; Stata takes missing for larger than any
number). Logs and roots outside their domain, and
division by zero, are missing, as in Stata.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from parity.base.errors import ColumnProblem
from parity.data.labels import code_of, level_names, translated
from parity.data.marks import marks_of
from parity.data.places import row_name
from parity.study.formula import EXACT_WHOLE, Call, Column, Constant, Dummies, Expr, Interaction, Item, Member, Operation
from parity.study.hints import in_text

if TYPE_CHECKING:
    from parity.study.study import Study


@dataclass(frozen=True)
class Panel:
    """Which columns name the unit and the time; either may be missing. order, step: how periods follow one another."""

    unit: str | None = None
    time: str | None = None
    order: tuple[str | float, ...] = ()
    step: str | float | None = None

    @classmethod
    def of(cls, study: Study) -> Panel:
        """As a study declares it."""
        header = study.header
        return cls(header.unit, header.time, header.time_order, header.time_step)


def periods_of(frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    """(n,) periods as whole numbers, NaN where missing. Raises `ColumnProblem` where they have no certain order."""
    from parity.data.periods import periods

    return periods(frame[panel.time], panel.order, panel.step).values


def evaluate(expr: Expr, frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    """Value of an expression for every row: float64 (booleans as 0/1), or object for a text column."""
    match expr:
        case Column(name):
            return _column(frame, name)
        case Constant(value):
            return np.full(len(frame), value, dtype=object if isinstance(value, str) else float)
        case Call(function, args):
            return _call(function, args, frame, panel)
        case Member():
            expr = translated(expr, frame)
            return _member(expr, evaluate(expr.arg, frame, panel), [v.value for v in expr.values])
        case Operation():
            expr = translated(expr, frame)
            return _operation(expr, [evaluate(a, frame, panel) for a in expr.args], frame)
    raise AssertionError(expr)


def numeric(expr: Expr, frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    """Like `evaluate`, but text is an error that names the column and its first offending value."""
    return _as_numbers(expr, evaluate(expr, frame, panel), frame)


def _as_numbers(expr: Expr, values: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """Values of an expression as numbers; text is an error that says how another program may have written it."""
    if values.dtype == object:
        texts = [i for i, v in enumerate(values) if isinstance(v, str)]
        if not texts:  # a text column without a single value
            return np.full(len(values), np.nan)
        row = next((i for i in texts if not _is_number(values[i])), texts[0])
        advice = f"; write i({expr}) for one column per value" if isinstance(expr, Column) else ""
        if habit := in_text(values[row]):  # numbers as another program writes them are no groups
            advice = f": {habit}"
        where = f"{row_name(frame, row)}: `{values[row][:40]}`"
        raise ColumnProblem(f"`{expr}` is text ({where}) where numbers belong{advice}")
    return values


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def condition(expr: Expr, frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    """Boolean mask of the rows for which a filter holds. Anything but true, false and missing is an error."""
    return _truth(expr, numeric(expr, frame, panel), frame) == 1.0


def item_columns(
    item: Item, frame: pd.DataFrame, panel: Panel, rows: np.ndarray, *, keep_all: bool = False
) -> dict[str, np.ndarray]:
    """Named columns of one formula item; several for dummies.

    rows: mask of rows whose levels count (dummies of levels outside the sample are not made).
    keep_all: no reference level is left out (used where neither intercept nor fixed effect absorbs it).
    """
    match item:
        case Dummies():
            return _dummies(item, frame, panel, rows, keep_all)
        case Interaction(factors):
            columns = {"": np.ones(len(frame))}
            for factor in factors:
                inner = item_columns(factor, frame, panel, rows)
                columns = {f"{a}:{b}" if a else b: x * y for a, x in columns.items() for b, y in inner.items()}
            return columns
        case _:
            return {str(item): numeric(item, frame, panel)}


def _truth(expr: Expr, values: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    wrong = np.flatnonzero(~np.isnan(values) & (values != 0) & (values != 1))
    if len(wrong):
        where = f"{values[wrong[0]]:.6g} in {row_name(frame, wrong[0])}"
        raise ColumnProblem(f"`{expr}` is no condition: it is {where}; compare it, as in `{expr} > 0`")
    return values


def codes(frame: pd.DataFrame, columns: tuple[str, ...]) -> np.ndarray:
    """Integer codes of the distinct combinations of columns, -1 where any of them is missing.

    Codes follow order of appearance, so they don't depend on how the names sort.
    """
    parts = [pd.factorize(frame[c])[0] for c in columns]
    missing = np.any([p < 0 for p in parts], axis=0)
    combined = parts[0].astype(np.int64)
    for part in parts[1:]:
        # codes anew at every step: the product of many numbers of levels would overflow
        combined = pd.factorize(combined * (part.max(initial=0) + 1) + part)[0].astype(np.int64)
    combined = np.array(combined)
    combined[missing] = -1
    return combined


# ---------------------------------------------------------------- pieces


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    series = frame[name]
    if pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series):
        return series.to_numpy(dtype=float, na_value=np.nan)
    if pd.api.types.is_datetime64_any_dtype(series):
        whole_days = (series.dropna() == series.dropna().dt.normalize()).all()
        series = series.dt.strftime("%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M:%S.%f")
    values = series.astype(object).where(series.notna(), None).to_numpy(dtype=object)
    if all(v is None or isinstance(v, bool) for v in values) and any(v is not None for v in values):
        return np.array([np.nan if v is None else float(v) for v in values])
    return np.array([None if v is None else str(v) for v in values], dtype=object)


def _call(function: str, args: tuple[Expr, ...], frame: pd.DataFrame, panel: Panel) -> np.ndarray:
    if function == "is_missing":
        return pd.isna(evaluate(args[0], frame, panel)).astype(float)
    x = numeric(args[0], frame, panel)
    if function in ("l", "f", "d"):
        periods = int(args[1].value)  # type: ignore[union-attr]
        shifted = _shift(x, frame, panel, -periods if function == "f" else periods)
        return x - shifted if function == "d" else shifted
    if function == "float":
        return as_float(x)
    if function == "I":
        return x
    ufunc = {"log": np.log, "log1p": np.log1p, "log10": np.log10, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs}[function]
    with np.errstate(all="ignore"):
        return _finite(ufunc(x), x)


def as_float(values: np.ndarray) -> np.ndarray:
    """Rounded to the nearest float of 24 bits; missing beyond the largest, 3.4e38. Infinities of the data are kept."""
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32).astype(float)
    return np.where(np.isinf(rounded) & ~np.isinf(values), np.nan, rounded)


def _finite(result: np.ndarray, *sources: np.ndarray) -> np.ndarray:
    """Missing where a finite input gave an infinite result; infinities in the data themselves are kept."""
    made = np.isinf(result)
    for source in sources:
        made &= ~np.isinf(source)
    return np.where(made, np.nan, result)


def _shift(x: np.ndarray, frame: pd.DataFrame, panel: Panel, periods: int) -> np.ndarray:
    """Value of the same unit `periods` earlier on the time scale (missing across a gap), like Stata's `L.`"""
    if not panel.time:
        raise ColumnProblem('lags, leads and differences need [study] time = "column"')
    time = periods_of(frame, panel)
    unit = codes(frame, (panel.unit,)) if panel.unit else np.zeros(len(frame), dtype=np.int64)
    known = np.flatnonzero(~np.isnan(time) & (unit >= 0))
    times, place = np.unique(time[known], return_inverse=True)
    cell = unit[known] * len(times) + place
    order = np.argsort(cell, kind="stable")
    cells = cell[order]
    if np.any(cells[1:] == cells[:-1]):
        raise ColumnProblem("lags, leads and differences need one row per unit and time")
    out = np.full(len(x), np.nan)
    if not len(known):
        return out
    wanted = time[known] - periods
    then = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    source = unit[known] * len(times) + then
    at = np.minimum(np.searchsorted(cells, source), len(cells) - 1)
    there = (times[then] == wanted) & (cells[at] == source)
    out[known[there]] = x[known[order[at[there]]]]
    return out


def _member(expr: Member, values: np.ndarray, choices: list) -> np.ndarray:
    text = values.dtype == object
    wrong = [c for c in choices if isinstance(c, str) != text]
    if wrong:
        kinds = ("a number", "text") if text else ("text", "numbers")
        write = f"'{wrong[0]}'" if text else f"{wrong[0]} without quotes"
        raise ColumnProblem(f"`{wrong[0]}` is {kinds[0]}, but `{expr.arg}` holds {kinds[1]}; write {write}")
    if not text:
        _told_apart(expr.arg, values)
    inside = np.isin(values, choices) if not text else np.array([v in choices for v in values])
    return np.where(pd.isna(values), np.nan, (inside != expr.negated).astype(float))


def _told_apart(expr: Expr, values: np.ndarray) -> None:
    """Whole numbers beyond 2^53 (long ids) are equal as doubles where they aren't as written."""
    if np.any(np.isfinite(values) & (np.abs(values) > EXACT_WHOLE)):
        raise ColumnProblem(f"`{expr}` holds numbers beyond 2^53, which can't be told apart; store them as text")


_COMPARE = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}


def _as_the_column(args: tuple[Expr, ...], texts: list[bool]) -> str:
    """How to write the constant of a comparison so that it is of the column's type."""
    for i, constant in enumerate(args):
        column, shown = args[1 - i], str(getattr(constant, "value", ""))
        if isinstance(constant, Constant) and not isinstance(column, Constant):
            if not texts[i]:
                return f"`{column}` is text: write '{shown}'"
            number = f": write {shown} without quotes" if _is_number(shown) else ""
            return f"`{column}` holds numbers{number}"
    return "check the columns"


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _compared(expr: Operation, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    texts = [left.dtype == object, right.dtype == object]
    if texts[0] != texts[1]:
        raise ColumnProblem(f"`{expr}` compares text with a number; {_as_the_column(expr.args, texts)}")
    if expr.op in ("==", "!="):
        for arg, values in zip(expr.args, (left, right), strict=True):
            if not texts[0]:
                _told_apart(arg, values)
    elif texts[0]:
        raise ColumnProblem(f"`{expr}` orders text; only == and != compare text")
    known = ~(pd.isna(left) | pd.isna(right))
    result = np.full(len(left), np.nan)
    result[known] = _COMPARE[expr.op](left[known], right[known]).astype(float)
    return result


def _numbers(op: str, expr: Operation, arg: Expr, values: np.ndarray, frame: pd.DataFrame) -> np.ndarray:
    """What an operation takes: text is an error, with the row and the advice where it is a column's."""
    if values.dtype == object and not isinstance(arg, Column):
        raise ColumnProblem(f"`{op}` in `{expr}` needs numbers, and `{arg}` is text")
    return _as_numbers(arg, values, frame)


def _operation(expr: Operation, args: list[np.ndarray], frame: pd.DataFrame) -> np.ndarray:
    op = expr.op
    if op in _COMPARE:
        return _compared(expr, *args)
    args = [_numbers(op, expr, arg, values, frame) for arg, values in zip(expr.args, args, strict=True)]
    if op in ("and", "or", "not"):
        args = [_truth(arg, values, frame) for arg, values in zip(expr.args, args, strict=True)]
    match op:
        case "and":
            false = (args[0] == 0) | (args[1] == 0)
            return np.where(false, 0.0, np.where(np.isnan(args[0] + args[1]), np.nan, 1.0))
        case "or":
            true = (args[0] == 1) | (args[1] == 1)
            return np.where(true, 1.0, np.where(np.isnan(args[0] + args[1]), np.nan, 0.0))
        case "not":
            return np.where(np.isnan(args[0]), np.nan, (args[0] == 0).astype(float))
        case "neg":
            return -args[0]
    with np.errstate(all="ignore"):
        result = _ARITHMETIC[op](*args)
    return _finite(result, *args)


def _dummies(item: Dummies, frame: pd.DataFrame, panel: Panel, rows: np.ndarray, keep_all: bool) -> dict[str, np.ndarray]:
    values = evaluate(item.group, frame, panel)
    text = values.dtype == object
    if not text:
        _told_apart(item.group, values[rows])
        if (infinite := np.isinf(values) & rows).any():
            raise ColumnProblem(f"`{item.group}` holds an infinite value ({row_name(frame, infinite.argmax())})")
    levels = sorted(set(values[rows & ~pd.isna(values)].tolist()))
    labels = {} if text else marks_of(frame).labels.get(item.group.name, {})
    if len(levels) > 1_000:
        raise ColumnProblem(f"`{item}` would make {len(levels)} columns; absorb `{item.group}` as a fixed effect instead")
    ref = item.ref.value if item.ref else None
    if labels and isinstance(ref, str):
        ref = code_of(labels, item.group.name, ref)
    if ref is not None and ref not in levels:
        shown = ", ".join(str(v) for v in levels[:8])
        raise ColumnProblem(f"`{item}`: `{ref}` is no value of `{item.group}` in the sample ({shown})")
    if ref is None and item.by is None and not keep_all:
        ref = levels[0] if levels else None
    by = numeric(item.by, frame, panel) if item.by else np.ones(len(frame))
    missing = pd.isna(values)
    suffix = f":{item.by}" if item.by else ""
    columns = {}
    names = {level: level for level in levels} if text else level_names(labels, item.group.name, levels)
    for level in levels:
        if level != ref:
            name = names[level]
            columns[f"{item.group}::{name}{suffix}"] = np.where(missing, np.nan, (values == level).astype(float) * by)
    return columns
