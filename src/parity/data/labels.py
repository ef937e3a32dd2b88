"""Stata's value labels: the code that a text stands for in a filter, and the names of levels in terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from parity.base.errors import ColumnProblem, suggest
from parity.base.values import name_of
from parity.data.marks import marks_of
from parity.study.formula import Column, Constant, Expr, Member, Operation

if TYPE_CHECKING:
    import pandas as pd

_COMPARED = ("==", "!=")


def translated(expr: Expr, frame: pd.DataFrame) -> Expr:
    """A comparison with the code in place of its label; anything else as it is. Raises `ColumnProblem`."""
    if not marks_of(frame).labels:
        return expr
    if isinstance(expr, Operation) and expr.op in _COMPARED:
        left, right = expr.args
        return Operation(expr.op, (_code(left, right, frame), _code(right, left, frame)))
    if isinstance(expr, Member):
        values = tuple(_code(value, expr.arg, frame) for value in expr.values)
        return Member(expr.arg, values, expr.negated)  # type: ignore[arg-type]
    return expr


def _code(value: Expr, column: Expr, frame: pd.DataFrame) -> Expr:
    if isinstance(value, Constant) and isinstance(value.value, str) and isinstance(column, Column):
        labels = marks_of(frame).labels.get(column.name)
        if labels:
            return Constant(code_of(labels, column.name, value.value))
    return value


def code_of(labels: Mapping[float, str], column: str, text: str) -> float:
    """The code that a label stands for. Raises `ColumnProblem` where there is none, or more than one."""
    codes = [code for code, label in labels.items() if label == text]
    if len(codes) == 1:
        _no_number(labels, column, text)
        return codes[0]
    if codes:
        both = " and ".join(name_of(code) for code in codes[:2])
        raise ColumnProblem(f"the value label `{text}` of `{column}` stands for {both}; compare the numbers")
    known = ", ".join(list(labels.values())[:8])
    raise ColumnProblem(f"`{text}` is no value label of `{column}`{suggest(text, labels.values()) or f'; labels: {known}'}")


def level_names(labels: Mapping[float, str], column: str, levels: Iterable[float]) -> dict[float, str]:
    """Level -> its label, or its number where it has none. Raises `ColumnProblem` where two would have one name."""
    names: dict[float, str] = {}
    for level in levels:
        if level in labels:
            code_of(labels, column, labels[level])
        names[level] = labels.get(level, f"{level:.17g}")
    return names


def _no_number(labels: Mapping[float, str], column: str, text: str) -> None:
    """A label that reads as the number of another code would be taken for it."""
    own = next(code for code, label in labels.items() if label == text)
    try:
        number = float(text)
    except ValueError:
        return
    if number != own:
        raise ColumnProblem(f"the value label `{text}` of `{column}` stands for {name_of(own)}; compare the numbers")
