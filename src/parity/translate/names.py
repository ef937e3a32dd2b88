"""Conditions and terms of a request in R's and Python's spelling."""

from __future__ import annotations

import re

from parity.export.r_text import R_WORDS, r_string
from parity.stata_language.expression import Binary, Call, Expression, Missing, Name, Number, Operated, Text, Unary
from parity.stata_language.request import Declined
from parity.stata_language.varlist import Factor, Term

_WORD = re.compile(r"[A-Za-z.][\w.]*\Z", re.ASCII)


def r_name(name: str) -> str:
    """Bare where R reads it so in any locale or as a letter; words that R keeps for itself in backticks."""
    return name if re.fullmatch(r"[^\W\d_][\w.]*", name) and name not in R_WORDS else f"`{name}`"


def r_text(value: str) -> str:
    return r_string(value)


def r_condition(expression: Expression, present: frozenset[str]) -> str:
    """As `subset`; missing values that Stata keeps stay in. Raises `Declined`."""
    match expression:
        case Binary(operator="&" | "|" as sign, left=left, right=right):
            return f"{_r_inner(left, present)} {sign} {_r_inner(right, present)}"
        case Unary(operator="!", operand=operand):
            return f"!({r_condition(operand, present)})"
        case Call(name="missing" | "mi", arguments=(argument,)):
            return f"is.na({_r_value(argument)})"
        case Call(name="inlist", arguments=(first, *others)):
            return f"{_r_value(first)} %in% c({', '.join(map(_r_value, others))})"
        case Call(name="inrange", arguments=(x, low, high)):
            return f"{_r_value(x)} >= {_r_value(low)} & {_r_value(x)} <= {_r_value(high)}"
        case Binary(operator=sign, left=left, right=Missing(code=0)) if sign in ("==", ">="):
            return f"is.na({_r_value(left)})"
        case Binary(operator=sign, left=left, right=Missing(code=0)) if sign in ("!=", "<"):
            return f"!is.na({_r_value(left)})"
        case Binary(operator=sign, left=left, right=right) if sign in ("==", "!=", "<", "<=", ">", ">="):
            text = f"{_r_value(left)} {sign} {_r_value(right)}"
            kept = _kept(sign, left, right, present)
            return f"({text} | is.na({r_name(kept)}))" if kept else text
        case Name(name=name):
            return f"{r_name(name)} != 0"
    raise Declined("the condition has no short form in R")


def _r_inner(expression: Expression, present: frozenset[str]) -> str:
    text = r_condition(expression, present)
    both = isinstance(expression, Binary) and expression.operator in "&|"
    return f"({text})" if both and not text.startswith("(") else text


def _kept(sign: str, left: Expression, right: Expression, present: frozenset[str]) -> str:
    """The variable whose missing values a comparison keeps in Stata, "" where the model needs it anyway."""
    if sign not in (">", ">=", "!=") or not isinstance(left, Name) or isinstance(right, Text):
        return ""
    return "" if left.name in present else left.name


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
    match expression:
        case Binary(operator="&" | "|" as sign, left=left, right=right):
            return f"({py_condition(left, present)}) {sign} ({py_condition(right, present)})"
        case Unary(operator="!", operand=operand):
            return f"~({py_condition(operand, present)})"
        case Call(name="missing" | "mi", arguments=(argument,)):
            return f"{_py_value(argument)}.isna()"
        case Call(name="inlist", arguments=(first, *others)):
            return f"{_py_value(first)}.isin([{', '.join(map(_py_value, others))}])"
        case Call(name="inrange", arguments=(x, low, high)):
            return f"{_py_value(x)}.between({_py_value(low)}, {_py_value(high)})"
        case Binary(operator=sign, left=left, right=Missing(code=0)) if sign in ("==", ">="):
            return f"{_py_value(left)}.isna()"
        case Binary(operator=sign, left=left, right=Missing(code=0)) if sign in ("!=", "<"):
            return f"{_py_value(left)}.notna()"
        case Binary(operator=sign, left=left, right=right) if sign in ("==", "!=", "<", "<=", ">", ">="):
            text = f"{_py_value(left)} {sign} {_py_value(right)}"
            kept = _kept(sign, left, right, present)
            return f"({text}) | {_py_value(Name(kept))}.isna()" if kept and sign != "!=" else text
        case Name():
            return f"{_py_value(expression)} != 0"
    raise Declined("the condition has no short form in Python")


def _py_value(expression: Expression) -> str:
    match expression:
        case Number(text=text):
            return text
        case Text(value=value):
            return repr(value)
        case Name(name=name) if not name.startswith("_"):
            return f"d[{name!r}]"
        case Unary(operator="-", operand=operand):
            return f"-{_py_value(operand)}"
        case Binary(operator=sign, left=left, right=right) if sign in "+-*/^":
            return f"({_py_value(left)} {'**' if sign == '^' else sign} {_py_value(right)})"
        case Call(name=name, arguments=(argument,)) if name in ("log", "ln", "exp", "sqrt", "abs"):
            return f"np.{'log' if name == 'ln' else name}({_py_value(argument)})"
    raise Declined("the condition has no short form in Python")


def names_of(terms: tuple[Term, ...]) -> frozenset[str]:
    return frozenset(f.name for t in terms for f in t.factors)


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
