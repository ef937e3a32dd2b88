"""Functions of coefficients with their gradients: what test, lincom and nlcom (the delta method) need.

An expression tree is walked once; each node is a value with its (k,) derivative by the coefficients, so no step size is
chosen and linear functions are exact. [R] test, lincom, nlcom: Methods and formulas.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from parity.algebra.gradients import FUNCTIONS, Dual, applied, combined
from parity.stata_language.dataset import DataProblem
from parity.stata_language.expression import Binary, Call, Estimate, Expression, ExpressionError, Number, Unary, parse


def differentiate(
    tree: Expression, b: NDArray, place: Callable[[Estimate], int | None], constant: Callable[[Expression], float]
) -> Dual:
    """place: which coefficient `_b[x]` is, None for one that is zero; constant: the value of any other leaf.

    Raises `DataProblem` for what has no value or no derivative here.
    """
    zero = np.zeros(len(b))

    def walk(node: Expression) -> Dual:
        match node:
            case Number(value=value):
                return Dual(value, zero)
            case Estimate(kind="b"):
                at = place(node)
                if at is None:
                    return Dual(0.0, zero)
                return Dual.coordinate(b, at)
            case Unary(operator="-", operand=operand):
                return walk(operand).negative()
            case Binary(operator=operator, left=left, right=right) if operator in "+-*/^":
                return combined(operator, walk(left), walk(right))
            case Call(name=name, arguments=(argument,)) if name in FUNCTIONS:
                return applied(name, walk(argument))
        return Dual(constant(node), zero)

    try:
        return walk(tree)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise DataProblem("expression evaluates to missing", 498) from None


#: A coefficient's name in an expression: operators before a dot, interactions; not a function's name.
_TERM = re.compile(
    r"(?:\[[^\]]++\]\s*+)?(?:(?:\d+(?:bn?|o)?|[LFDSlfds]\d*(?:[LFDSlfds]\d*)*|c|i\d+|cL\d*)\.)?[^\W\d]\w*"
    r"(?:#(?:(?:\d+(?:bn?|o)?|c|[LFDSlfds]\d*|cL\d*)\.)?[^\W\d]\w*)*"
)
_QUOTED = re.compile(r"(?:\[[^\]]*\]\s*)?_(?:b|se|coef)\s*\[[^\]]*\]|[er]\([^)]*\)(?:\[[^\]]*\])?|scalar\([^)]*\)")


def marked(text: str, constants: frozenset[str] = frozenset()) -> str:
    """Bare names of coefficients as `_b[name]`, so that an expression can be parsed: `x - 2.region#c.z`."""
    out, i = [], 0
    while i < len(text):
        if match := _QUOTED.match(text, i):
            out.append(match.group().replace("_coef", "_b"))
            i = match.end()
            continue
        match = _TERM.match(text, i)
        if match and not (i and (text[i - 1].isalnum() or text[i - 1] in "._")):
            name = match.group()
            if (re.match(r"\s*\(", text[match.end() :]) and name in FUNCTIONS) or name in constants:
                out.append(name)
            elif name.startswith("["):
                equation, _, inner = name[1:].partition("]")
                out.append(f"[{equation.strip()}]_b[{inner.strip()}]")
            else:
                out.append(f"_b[{name}]")
            i = match.end()
            continue
        if number := re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?").match(text, i):
            out.append(number.group())
            i = number.end()
            continue
        out.append(text[i])
        i += 1
    return "".join(out)


def tree_of(text: str) -> Expression:
    """Raises `DataProblem` 198."""
    try:
        return parse(text.strip())
    except ExpressionError as error:
        raise DataProblem(str(error), 198) from None
