"""An `if` of Stata in parity's grammar, keeping exactly the rows that Stata keeps.

In Stata a missing value is larger than every number and a comparison is always true or false; in parity's grammar a
comparison with a missing value is missing, and `where` keeps what is certainly true. So negations go inwards until none is
left (`!(x < 5)` is `x >= 5` in an order of all values), and each comparison says for itself where missing values stand.
"""

from __future__ import annotations

import re
from functools import reduce

from parity.stata_language.expression import Binary, Call, Expression, Missing, Name, Number, Operated, Text, Unary
from parity.stata_language.request import Declined
from parity.stata_language.varlist import Factor

_PLAIN = re.compile(r"(?!(?:and|or|not|in)\Z)[^\W\d][\w.]*\Z")
_SIGNS = ("==", "!=", "<", "<=", ">", ">=")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def column(name: str) -> str:
    return name if _PLAIN.match(name) else f"`{name}`"


def series(factor: Factor) -> str:
    """Operators of time as functions: L2.x is l(x, 2)."""
    name = column(factor.name)
    if not factor.operator:
        return name
    match = re.fullmatch(r"([LFDS])(?:\(?(-?\d+)\)?)?", factor.operator)
    if match is None:
        raise Declined(f"`{factor.operator}.{factor.name}` chains operators: it needs a column of its own")
    letter, n = match.group(1), int(match.group(2) or 1)
    if n == 0:
        return name
    if letter == "S" or (letter == "D" and n == 1):
        return f"d({name}, {n})"
    if letter == "D":
        raise Declined(f"D{n}.{factor.name} is a difference of differences: it needs a column of its own")
    if n < 0:
        letter, n = {"L": "F", "F": "L"}[letter], -n
    return f"{letter.lower()}({name}, {n})"


def where(expression: Expression, present: frozenset[str] = frozenset()) -> str:
    """A condition in parity's grammar; present: columns that every row of the sample has, as the model needs them.

    Raises `Declined` for what the grammar lacks.
    """
    return _said(exact(expression, present))


def exact(expression: Expression, present: frozenset[str] = frozenset()) -> Expression:
    """A condition that is right wherever comparing a missing value is not true: & and | over comparisons, `missing()`
    of one argument and `inlist()`, and `!` before these two only. Raises `Declined`.
    """
    return _Exact(present).of(expression, True)


def _said(tree: Expression) -> str:
    match tree:
        case Binary(operator="&" | "|" as sign, left=left, right=right):
            word = "and" if sign == "&" else "or"
            both = f"{_inner(left, sign)} {word} {_inner(right, sign)}"
            return f"({both})" if sign == "|" else both
        case Binary(operator=sign, left=left, right=right):
            return f"{value(left)} {sign} {value(right)}"
        case Unary(operand=Call(name="inlist", arguments=(first, *others))):
            return f"{value(first)} not in [{', '.join(map(value, others))}]"
        case Unary(operand=operand):
            return f"not {_said(operand)}"
        case Call(name="inlist", arguments=(first, *others)):
            return f"{value(first)} in [{', '.join(map(value, others))}]"
        case Call(arguments=(argument,)):
            text = value(argument)
            return f"is_missing{text}" if isinstance(argument, Binary) else f"is_missing({text})"
    raise AssertionError(tree)


def _inner(tree: Expression, sign: str) -> str:
    text = _said(tree)
    match tree:
        case Binary(operator="|") if sign == "|":
            return text.removeprefix("(").removesuffix(")")
        case Binary(operator="&") if sign == "|":
            return f"({text})"
    return text


def _either(*trees: Expression) -> Expression:
    return reduce(lambda a, b: Binary("|", a, b), trees)


def _both(*trees: Expression) -> Expression:
    return reduce(lambda a, b: Binary("&", a, b), trees)


def _missing(expression: Expression, holds: bool = True) -> Expression:
    found = Call("missing", (expression,))
    return found if holds else Unary("!", found)


class _Exact:
    def __init__(self, present: frozenset[str]):
        self.present = present

    def of(self, expression: Expression, holds: bool) -> Expression:
        """Where an expression is true, or where it is false."""
        match expression:
            case Binary(operator="&" | "|" as sign, left=left, right=right):
                return (_both if (sign == "&") is holds else _either)(self.of(left, holds), self.of(right, holds))
            case Binary(operator=sign, left=left, right=right) if sign in _SIGNS:
                return self._comparison(sign if holds else _NEGATED[sign], left, right)
            case Unary(operator="!", operand=operand):
                return self.of(operand, not holds)
            case Call(name="missing" | "mi", arguments=(_, *_) as arguments):
                return (_either if holds else _both)(*(_missing(a, holds) for a in arguments))
            case Call(name="inlist", arguments=(first, *others)) if others:
                return self._list(first, others, holds)
            case Call(name="inrange", arguments=(x, low, high)):
                return self._range(x, low, high, holds)
        return self._comparison("!=" if holds else "==", expression, Number(0.0, "0"))

    def _may_lack(self, expression: Expression) -> bool:
        """Whether an expression is missing in some row that the model could use."""
        match expression:
            case Number() | Text():
                return False
            case Name(name=name):
                return name not in self.present
            case Unary(operator="-", operand=operand):
                return self._may_lack(operand)
            case Binary(operator="+" | "-" | "*", left=left, right=right):
                return self._may_lack(left) or self._may_lack(right)
        return True

    def _comparison(self, sign: str, left: Expression, right: Expression) -> Expression:
        if isinstance(left, Missing):
            left, right, sign = right, left, _MIRRORED.get(sign, sign)
        if isinstance(right, Missing):
            if right.code:
                raise Declined("a condition on .a to .z needs a column of its own")
            if sign in (">", "<="):
                raise Declined(f"`{sign} .` needs a column of its own")
            return _missing(left, sign in ("==", ">="))
        for one, other in ((left, right), (right, left)):
            if other == Text("") and sign in ("==", "!="):
                return _missing(one, sign == "==")
        plain = Binary(sign, left, right)
        a, b = (right, left) if sign in ("<", "<=") else (left, right)  # a > b, a >= b
        first, second = self._may_lack(a), self._may_lack(b)
        match sign:
            case ">" | "<" if first:
                return _either(plain, _both(_missing(a), _missing(b, False)) if second else _missing(a))
            case ">=" | "<=" if first:
                return _either(plain, _missing(a))
            case "==" if first and second:
                return _either(plain, _both(_missing(a), _missing(b)))
            case "!=" if first and second:
                apart = _both(_missing(a), _missing(b, False)), _both(_missing(a, False), _missing(b))
                return _either(_both(plain, _missing(a, False), _missing(b, False)), *apart)
            case "!=" if first or second:
                return _either(plain, _missing(a if first else b))
        return plain

    def _list(self, first: Expression, others: list[Expression], holds: bool) -> Expression:
        """A missing value stands in no list of numbers and texts, an empty text in one that names it."""
        listed = tuple(o for o in others if o != Text(""))
        empty = len(listed) < len(others)
        plain: list[Expression] = [Call("inlist", (first, *listed))] if listed else []
        if holds:
            return _either(*plain, *([_missing(first)] if empty else []))
        plain = [Unary("!", p) for p in plain]
        if empty:
            return _both(*plain, _missing(first, False))
        return _either(*plain, _missing(first)) if self._may_lack(first) else plain[0]

    def _range(self, x: Expression, low: Expression, high: Expression, holds: bool) -> Expression:
        """A missing x lies in no range; a missing end is no end."""
        if any(self._may_lack(end) and not isinstance(end, Missing) for end in (low, high)):
            raise Declined("inrange() between ends that may be missing needs a column of its own")
        ends = [(">=" if holds else "<", low), ("<=" if holds else ">", high)]
        parts: list[Expression] = [Binary(sign, x, end) for sign, end in ends if not isinstance(end, Missing)]
        if not parts:
            raise Declined("inrange() without ends needs a column of its own")
        if holds:
            return _both(*parts)
        return _either(*parts, *([_missing(x)] if self._may_lack(x) else []))


_FUNCTIONS = {"log": "log", "ln": "log", "exp": "exp", "sqrt": "sqrt", "abs": "abs", "log10": "log10", "float": "float"}


def value(expression: Expression) -> str:
    """An expression of numbers or texts. Raises `Declined`."""
    match expression:
        case Number(text=text):
            return text if not text.startswith(".") else f"0{text}"
        case Text(value=said):
            return f'"{said}"' if "'" in said else f"'{said}'"
        case Name(name=name) if not name.startswith("_"):
            return column(name)
        case Operated(operator=operator, name=name) if not operator.isdigit():
            return series(Factor(name, operator=operator.upper()))
        case Unary(operator="-", operand=operand):
            return f"-{value(operand)}"
        case Binary(operator=sign, left=left, right=right) if sign in "+-*/^":
            return f"({value(left)} {sign} {value(right)})"
        case Call(name=name, arguments=(argument,)) if name in _FUNCTIONS:
            return f"{_FUNCTIONS[name]}({value(argument)})"
    raise Declined("the condition uses what parity's grammar lacks: it needs a column of its own")
