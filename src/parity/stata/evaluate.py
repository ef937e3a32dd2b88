"""Expressions over a data set: every row at once, within groups where the command runs by groups.

What Stata computes row by row (`replace x = x[_n-1] + 1`) is repeated until no row changes, which gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.stata import dates, patterns
from parity.stata.bounds import check_text
from parity.stata.functions import NUMERIC, OTHER, RANDOM, TEXTUAL, as_text
from parity.stata.groups import Groups, whole
from parity.stata.series import shifted
from parity.stata_language.dataset import DataProblem, Dataset, UnknownFunction
from parity.stata_language.expression import (
    Binary,
    Call,
    Date,
    Entry,
    Estimate,
    Expression,
    Labelled,
    Missing,
    Name,
    Number,
    Operated,
    Stored,
    Subscript,
    Text,
    Unary,
)
from parity.stata_language.values import Doubles, Texts, compare, missing, settled, true

Value = Any


@dataclass
class Context:
    """What an expression may read.

    groups: of `by`; used: rows that `if` and `in` leave, which a running sum keeps to
    resolve: name as typed -> variable, abbreviations allowed; raises `DataProblem`
    stored: (kind, name) -> number or text behind r(), e(), c(), s(), None where there is none; estimate: _b[] and _se[]
    replaced: a variable that `replace` is going through, and its values so far: rows above see those
    unknown: names of scalars whose values could not be known; reading one raises `lost`
    doubts: gathered from every column and draw that was read
    text, last_match: the statement, and what its regexm() found, which regexs() cuts pieces from
    """

    data: Dataset
    resolve: Callable[[str], str]
    groups: Groups | None = None
    used: NDArray[np.bool_] | None = None
    scalars: Mapping[str, float | str] = field(default_factory=dict)
    stored: Callable[[str, str], Any] = lambda kind, name: None
    estimate: Callable[[Estimate], float] = lambda term: float("nan")
    matrix: Callable[[str, str], Any] = lambda kind, name: None
    replaced: tuple[str, NDArray] | None = None
    doubts: set[str] = field(default_factory=set)
    unknown: Collection[str] = ()
    lost: type[Exception] = Exception
    text: str = ""
    last_match: patterns.LastMatch = field(default_factory=patterns.LastMatch)

    @property
    def within(self) -> Groups:
        if self.groups is None:
            self.groups = whole(self.data.rows)
        return self.groups


def rows(expression: Expression, context: Context) -> Doubles | Texts:
    """The value of every row. Raises `DataProblem`."""
    value = evaluate(expression, context)
    if np.ndim(value) == 1 and len(value) == 1:  # comparing two missing literals looks at letters, one by one
        value = value[0]
    if isinstance(value, str):  # of a literal, or of the only row
        out = np.empty(context.data.rows, dtype=object)
        out[:] = value
        return out
    return np.broadcast_to(value, context.data.rows) if np.ndim(value) == 0 else value


def one(expression: Expression, context: Context) -> float | str:
    """The value of the first row, as a scalar or macro has it."""
    value = evaluate(expression, context)
    if isinstance(value, str):
        return value
    if np.ndim(value) == 0:
        return float(value)
    first = value[0] if len(value) else np.nan
    return first if isinstance(first, str) else float(first)


def kept(expression: Expression, context: Context) -> NDArray[np.bool_]:
    """Rows that `if EXPRESSION` keeps: missing counts as true."""
    value = rows(expression, context)
    if value.dtype == object:
        raise DataProblem("type mismatch", 109)
    return true(value)


def is_text(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype == object)


def evaluate(expression: Expression, context: Context) -> Value:
    """Doubles or texts over the rows, or one number or text. Raises `DataProblem` as Stata would refuse."""
    match expression:
        case Number(value=value):
            return np.float64(value)
        case Missing(code=code):
            return np.float64(missing(code))
        case Text(value=value):
            return value
        case Name(name=name):
            return _named(name, context)
        case Date(unit=unit, text=text):
            return np.float64(dates.literal(text, unit))
        case Unary(operator="-", operand=operand):
            return settled(np.asarray(-_number(evaluate(operand, context))))
        case Unary(operand=operand):
            return np.asarray(_number(evaluate(operand, context)) == 0, dtype=float)
        case Binary(operator=operator, left=left, right=right):
            return _binary(operator, evaluate(left, context), evaluate(right, context))
        case Call(name=name, arguments=arguments):
            return _call(name, arguments, context)
        case Subscript(name=name, index=index):
            return _subscript(name, index, context)
        case Operated(operator=operator, name=name):
            return _operated(operator, name, context)
        case Stored(kind=kind, name=name):
            found = context.stored(kind, name)
            return np.float64(np.nan) if found is None else found if isinstance(found, str) else np.float64(found)
        case Entry(kind=kind, name=name, index=index):
            return _entry(context.matrix(kind, name), index, context)
        case Estimate():
            return np.float64(context.estimate(expression))
        case Labelled(text=text, label=label):
            numbers = [n for n, t in context.data.value_labels.get(label, {}).items() if t == text]
            return np.float64(numbers[0] if numbers else np.nan)
    raise AssertionError(expression)


def _number(value: Value) -> Doubles:
    if is_text(value):
        raise DataProblem("type mismatch", 109)
    return np.asarray(value, dtype=float)


def _named(name: str, context: Context) -> Value:
    match name:
        case "_n":
            return context.within.position.astype(float) + 1
        case "_N":
            return context.within.size.astype(float) if context.data.rows else np.float64(0)
        case "_pi":
            return np.float64(np.pi)
        case "_rc":
            return np.float64(context.stored("c", "rc") or 0)
    if name in context.data.columns:  # a variable goes before a scalar of its name
        return _column(name, context)
    if name in context.unknown:
        raise context.lost
    if name in context.scalars:
        held = context.scalars[name]
        return held if isinstance(held, str) else np.float64(held)
    return _column(context.resolve(name), context)


def _column(name: str, context: Context) -> Doubles | Texts:
    column = context.data[name]
    context.doubts |= column.doubts
    return column.values


def _binary(operator: str, left: Value, right: Value) -> Value:
    if is_text(left) or is_text(right):
        return _of_texts(operator, left, right)
    if operator in ("&", "|"):
        a, b = true(_number(left)), true(_number(right))
        return (a & b if operator == "&" else a | b).astype(float)
    left, right = _number(left), _number(right)
    if operator not in "+-*/^":
        return compare(operator, left, right)
    with np.errstate(all="ignore"):
        match operator:
            case "+":
                found = left + right
            case "-":
                found = left - right
            case "*":
                found = left * right
            case "/":
                found = left / right
            case _:
                found = np.where(np.isnan(left) | np.isnan(right), np.nan, np.power(left, right))
    return settled(np.asarray(found))


def _of_texts(operator: str, left: Value, right: Value) -> Value:
    if operator == "*" and not (is_text(left) and is_text(right)):  # a text so many times
        text, times = (left, right) if is_text(left) else (right, left)
        count = np.nan_to_num(np.asarray(times, dtype=float))
        check_text(float(np.max(count, initial=0)) * max(map(len, np.atleast_1d(np.asarray(text, object))), default=0))
        return np.frompyfunc(lambda t, n: t * int(n), 2, 1)(np.asarray(text, dtype=object), count)
    if not (is_text(left) and is_text(right)):
        raise DataProblem("type mismatch", 109)
    if operator == "+":
        if isinstance(left, str) and isinstance(right, str):
            check_text(len(left) + len(right))
            return left + right
        return np.asarray(left, dtype=object) + right
    if operator not in ("==", "!=", "<", "<=", ">", ">="):
        raise DataProblem("type mismatch", 109)
    a, b = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    if operator in ("==", "!="):
        return np.asarray((a == b) if operator == "==" else (a != b), dtype=float)
    order: dict[str, Callable] = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    return np.asarray(order[operator](a, b), dtype=float)


def _call(name: str, arguments: tuple[Expression, ...], context: Context) -> Value:
    if name == "sum":
        return _running(_number(rows(arguments[0], context)), context)
    if name in RANDOM:
        context.doubts.add("random")
        return np.full(context.data.rows, np.nan)
    if name in ("regexm", "ustrregexm"):
        return patterns.matched([evaluate(a, context) for a in arguments], context.text, context.last_match)
    if name in ("regexs", "ustrregexs"):
        which = _number(evaluate(arguments[0], context)) if len(arguments) == 1 else np.empty(0)
        return patterns.piece(which, context.data.rows, context.text, context.last_match)
    function = NUMERIC.get(name) or TEXTUAL.get(name) or OTHER.get(name)
    if name in ("string", "strofreal"):
        return _shown([evaluate(a, context) for a in arguments])
    if name == "e" and arguments == (Name("sample"),):
        return _number(context.stored("e", "sample"))
    if name == "scalar" and len(arguments) == 1 and isinstance(arguments[0], Name):
        held = context.scalars.get(arguments[0].name)
        if arguments[0].name in context.unknown:
            raise context.lost
        if held is None:
            raise DataProblem(f"scalar {arguments[0].name} not found", 111)
        return held if isinstance(held, str) else np.float64(held)
    if name in ("colsof", "rowsof", "colnumb", "rownumb", "el") and arguments:
        return _of_matrix(name, arguments, context)
    if name == "group":
        raise DataProblem("group() of generate is not known here", 198)
    if function is None:
        raise UnknownFunction(f"{name}() is no function that is known here; Stata may have it", 133)
    values = [evaluate(a, context) for a in arguments]
    if name in NUMERIC and any(is_text(v) for v in values):
        raise DataProblem("type mismatch", 109)
    try:
        return function(*values)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise DataProblem(f"{name}() refuses its arguments: {error}", 198) from None


def _shown(values: list[Value]) -> Value:
    from parity.stata.formats import shown

    def text(number: float, form: str = "") -> str:
        return shown(number, form) if form else as_text(number)

    if is_text(values[0]) or len(values) > 2 or not all(isinstance(v, str) for v in values[1:]):
        raise DataProblem("type mismatch", 109)
    if np.ndim(values[0]) == 0:
        return text(float(values[0]), *values[1:])
    form = [v if isinstance(v, str) else str(v) for v in values[1:]]
    out = np.empty(len(values[0]), dtype=object)
    known: dict[float, str] = {}
    for i, number in enumerate(values[0].tolist()):
        if number not in known:
            known[number] = text(number, *form)
        out[i] = known[number]
    return out


def _running(values: Doubles, context: Context) -> Doubles:
    """sum(): a running sum within groups, missing values as zero, over the rows in use."""
    counted = np.where(np.isnan(values), 0.0, values)
    if context.used is not None:
        counted = np.where(context.used, counted, 0.0)
    total = np.cumsum(counted)
    if not len(total):
        return total
    groups = context.within
    if groups.size[0] == len(total):
        return total
    # each group anew: a difference of running sums would lose digits
    starts = np.unique(groups.start)
    return np.concatenate([np.cumsum(part) for part in np.split(counted, starts[1:])])


def _of_matrix(name: str, arguments: tuple[Expression, ...], context: Context) -> Value:
    """colsof(A), rownumb(A, "x"), el(A, 1, 2): sizes of matrices, places in them and what stands there."""
    first = arguments[0]
    kind, called = (first.kind, first.name) if isinstance(first, Stored) else ("", getattr(first, "name", ""))
    matrix = context.matrix(kind, called)
    if matrix is None:
        raise DataProblem(f"matrix {called} not found", 111)
    if name == "el":
        return _entry(matrix, arguments[1:], context)
    names = matrix.rows if name.startswith("row") else matrix.columns
    if name.endswith("of"):
        return np.float64(len(names))
    wanted = one(arguments[1], context)
    return np.float64(names.index(wanted) + 1 if wanted in names else np.nan)


def _subscript(name: str, index: tuple[Expression, ...], context: Context) -> Value:
    if name not in context.data.columns:
        matrix = context.matrix("", name)
        if matrix is not None:
            return _entry(matrix, index, context)
        name = context.resolve(name)
    values = _column(name, context)
    at = _number(rows(index[0], context))
    groups = context.within
    if not context.data.rows:
        return values
    known = np.isfinite(at)
    place = np.where(known, np.trunc(at), 0).astype(np.int64)
    inside = known & (place >= 1) & (place <= groups.size)
    row = np.where(inside, groups.start + place - 1, 0)
    found = values[row]
    if context.replaced is not None and context.replaced[0] == name:
        found = np.where(row < np.arange(len(row)), context.replaced[1][row], found)
    return np.where(inside, found, "" if values.dtype == object else np.nan)


def _operated(operator: str, name: str, context: Context) -> Doubles:
    resolved = context.resolve(name)
    if operator.isdigit():  # 3.region: an indicator
        values = _number(_column(resolved, context))
        return np.where(np.isnan(values), np.nan, (values == float(operator)).astype(float))
    panel = context.data.panel
    if not panel.time:
        raise DataProblem("time variable not set", 111)
    values = _number(_column(resolved, context))
    for name in (panel.unit, panel.time):
        context.doubts |= context.data[name].doubts if name else set()
    return shifted(values, operator, context.data)


def _entry(matrix: Any, index: tuple[Expression, ...], context: Context) -> Value:
    if matrix is None:
        raise DataProblem("no such matrix", 111)
    places = []
    for position, axis in zip(index, (matrix.rows, matrix.columns), strict=False):
        value = one(position, context)
        if isinstance(value, str):
            places.append(axis.index(value) if value in axis else -1)
        else:
            places.append(int(value) - 1)
    i, j = places if len(places) == 2 else (0, places[0])
    shape = matrix.values.shape
    return np.float64(matrix.values[i, j] if 0 <= i < shape[0] and 0 <= j < shape[1] else np.nan)
