"""Conditions and terms of a request in R's and Python's spelling."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from parity.base.r_text import R_WORDS, r_string
from parity.stata_language.conditions import exact
from parity.stata_language.dataset import Panel
from parity.stata_language.expression import Binary, Call, Date, Expression, Name, Number, Operated, Text, Unary, parse
from parity.stata_language.request import Declined, Request
from parity.stata_language.varlist import Factor, Term

#: Why ivreghdfe's clustered errors have no lines of fixest or pyfixest.
COUNTED = "ivreghdfe counts the constant beside effects that lie within the clusters, which no option here does"


def in_columns(request: Request) -> None:
    """Raises `Declined` for effects and clusters that are no columns."""
    if any(f.kind == "continuous" for t in request.absorb for f in t.factors):
        raise Declined("slopes that differ by group have no short form here")
    if any("#" in name for name in request.cluster):
        raise Declined("clusters of an interaction a#b need a column of their own")


def check_series(request: Request, panel: Panel) -> None:
    """Raises `Declined` for newey of a panel, which needs `force`: its lags stay within units and stop at gaps; the lines
    take rows next to each other in time."""
    if request.command == "newey" and request.lags and panel.unit and "kernel_gaps" in request.settings:
        raise Declined("newey's lags within several units have no short form here")


def r_name(name: str) -> str:
    """Bare where R reads it so in any locale or as a letter; words that R keeps for itself in backticks."""
    return name if re.fullmatch(r"[^\W\d_][\w.]*", name) and name not in R_WORDS else f"`{name}`"


def r_text(value: str) -> str:
    return r_string(value)


def r_condition(expression: Expression, present: frozenset[str]) -> str:
    """As `subset`; missing values that Stata keeps stay in. Raises `Declined`."""
    return _r_tree(exact(expression, present))


def _r_tree(tree: Expression) -> str:
    match tree:
        case Binary(operator="&" | "|" as sign, left=left, right=right):
            return " ".join((_r_inner(left, sign), sign, _r_inner(right, sign)))
        case Unary(operand=Call(name="missing", arguments=(argument,))):
            return f"!is.na({_r_value(argument)})"
        case Unary(operand=operand):
            return f"!({_r_tree(operand)})"
        case Call(name="inlist", arguments=(first, *others)):
            return f"{_r_value(first)} %in% c({', '.join(map(_r_value, others))})"
        case Call(arguments=(argument,)):
            return f"is.na({_r_value(argument)})"
        case Binary(operator=sign, left=left, right=right):
            return f"{_r_value(left)} {sign} {_r_value(right)}"
    raise AssertionError(tree)


def _r_inner(tree: Expression, sign: str) -> str:
    text = _r_tree(tree)
    return f"({text})" if isinstance(tree, Binary) and tree.operator in "&|" and tree.operator != sign else text


def _r_value(expression: Expression) -> str:
    match expression:
        case Number(text=text):
            return text
        case Text(value=value):
            return r_text(value)
        case Name(name=name) if not name.startswith("_"):
            return r_name(name)
        case Unary(operator="-", operand=operand):
            return f"-{_r_value(operand)}"
        case Binary(operator=sign, left=left, right=right) if sign in "+-*/^":
            return f"({_r_value(left)} {sign} {_r_value(right)})"
        case Call(name=name, arguments=(argument,)) if name in ("log", "ln", "exp", "sqrt", "abs"):
            return f"{'log' if name == 'ln' else name}({_r_value(argument)})"
        case Operated():
            raise Declined("a lag in the condition needs a column of its own")
    raise Declined("the condition has no short form in R")


def py_condition(expression: Expression, present: frozenset[str]) -> str:
    """A boolean mask over the data frame `d`. Raises `Declined`."""
    return _py_tree(exact(expression, present))


def _py_tree(tree: Expression) -> str:
    match tree:
        case Binary(operator="&" | "|" as sign, left=left, right=right):
            return f"{_py_inner(left, sign)} {sign} {_py_inner(right, sign)}"
        case Unary(operand=Call(name="missing", arguments=(argument,))):
            return f"{_py_value(argument)}.notna()"
        case Unary(operand=operand):
            return f"~{_py_tree(operand)}"
        case Call(name="inlist", arguments=(first, *others)):
            return f"{_py_value(first)}.isin([{', '.join(map(_py_value, others))}])"
        case Call(arguments=(argument,)):
            return f"{_py_value(argument)}.isna()"
        case Binary(operator=sign, left=left, right=right):
            return f"{_py_value(left)} {sign} {_py_value(right)}"
    raise AssertionError(tree)


def _py_inner(tree: Expression, sign: str) -> str:
    text = _py_tree(tree)
    return text if not isinstance(tree, Binary) or tree.operator == sign else f"({text})"


def _py_value(expression: Expression) -> str:
    match expression:
        case Number(text=text):
            return text
        case Text(value=value):
            return repr(value)
        case Name(name=name) if not name.startswith("_"):
            return f"d[{name!r}]"
        case Unary(operator="-", operand=operand):
            return f"-{_py_value(operand)}" if isinstance(operand, Number) else f"(-{_py_value(operand)})"
        case Binary(operator=sign, left=left, right=right) if sign in "+-*/^":
            return f"({_py_value(left)} {'**' if sign == '^' else sign} {_py_value(right)})"
        case Call(name=name, arguments=(argument,)) if name in ("log", "ln", "exp", "sqrt", "abs"):
            return f"np.{'log' if name == 'ln' else name}({_py_value(argument)})"
    raise Declined("the condition has no short form in Python")


def names_of(terms: tuple[Term, ...]) -> frozenset[str]:
    return frozenset(f.name for t in terms for f in t.factors if not f.operator)  # L.x is there where x may not be


def shift(factor: Factor) -> tuple[str, int]:
    """ "l", "f" or "d" and by how many periods; ("", 0) for none. Raises `Declined` for chains."""
    if not factor.operator:
        return "", 0
    match = re.fullmatch(r"([LFDS])(?:\(?(-?\d+)\)?)?", factor.operator)
    if match is None or (match.group(1) == "D" and match.group(2) not in (None, "1")):
        raise Declined(f"`{factor.operator}.{factor.name}` needs a column of its own")
    n = int(match.group(2) or 1)
    if n == 0:
        return "", 0
    letter = match.group(1)
    if letter in "DS":
        return "d", n
    return ("l" if (letter == "L") == (n > 0) else "f"), abs(n)


def lag_name(letter: str, n: int, factor: Factor, panel: Panel) -> str:
    """The column that holds a lag, `L2_x`. Raises `Declined` without a time."""
    if not panel.time:
        raise Declined("a lag needs xtset or tsset")
    return f"{letter.upper()}{n if n > 1 else ''}_{factor.name}"


def by_periods(n: int, panel: Panel) -> str:
    """How far n periods are in units of the time variable: with `delta(5)` one is five years."""
    return f"{n * panel.delta:g}"


def terms_of(request: Request) -> tuple[Term, ...]:
    """All terms of a request, outcome first."""
    return (request.outcome, *request.regressors, *request.absorb, *request.endogenous, *request.instruments)


def subset_of(request: Request, condition: Callable[[Expression, frozenset[str]], str]) -> str:
    """Its rows in the spelling of `condition`; empty where all are meant. Raises `Declined`."""
    if request.group:
        raise Declined(f"the option group({request.group}) takes one row of each group")
    if request.rows:
        raise Declined(f"`in {request.rows}` takes rows by their place")
    if not request.condition:
        return ""
    return condition(_numbered(parse(request.condition)), names_of(terms_of(request)))


def _numbered(expression: Expression) -> Expression:
    """Its dates as the numbers that Stata has for them: a column of dates holds such."""
    match expression:
        case Date():
            return Number(*_date(expression))
        case Binary(left=left, right=right):
            return replace(expression, left=_numbered(left), right=_numbered(right))
        case Unary(operand=operand):
            return replace(expression, operand=_numbered(operand))
        case Call(arguments=arguments):
            return replace(expression, arguments=tuple(map(_numbered, arguments)))
    return expression


def _date(date: Date) -> tuple[float, str]:
    from parity.stata.dates import literal  # loads numpy, which few commands need

    value = literal(date.text, date.unit)
    if math.isnan(value):
        raise Declined(f"`{date.text}` is no date")
    return value, f"{value:.0f}"


def dates_said(request: Request) -> list[str]:
    """A comment that says which dates the numbers of its condition are, if any."""
    found = dict.fromkeys(_dates(parse(request.condition))) if request.condition else {}
    return [f"# {', '.join(f'{_date(d)[1]} is {d.text}' for d in found)}"] if found else []


def _dates(expression: Expression) -> Iterator[Date]:
    match expression:
        case Date():
            yield expression
        case Binary(left=left, right=right):
            yield from _dates(left)
            yield from _dates(right)
        case Unary(operand=operand):
            yield from _dates(operand)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from _dates(argument)


def is_cells(term: Term, margins: frozenset[frozenset[Factor]]) -> bool:
    """Whether it is `a#b` of factors alone, of which no other term holds one: a factor of all cells but the lowest."""
    names = {f.name for f in term.factors}
    if len(names) < 2 or any(f.kind != "factor" or f.base not in ("", "first") or f.levels or f.omit for f in term.factors):
        return False
    return sum(bool(names & {f.name for f in m}) for m in margins) == 1


def check_cells(request: Request, margins: frozenset[frozenset[Factor]]) -> None:
    """Raises `Declined` where the cells of `a#b` have no lowest one to be left out."""
    absorbed = {f.name for t in request.absorb for f in t.factors}
    for term in request.regressors:
        if is_cells(term, margins) and (not request.intercept or absorbed & {f.name for f in term.factors}):
            raise Declined("this interaction of factors needs columns of its own")


def powers(names: Sequence[str], sign: str) -> str:
    """Names joined as a product; one that stands twice is a power, as `x:x` is `x` in a formula."""
    times = Counter(names)
    return ":".join(name if n == 1 else f"I({name}{sign}{n})" for name, n in times.items())
