"""Expressions -> Python source over a data frame `data`. Its meaning is that of `parity.data.evaluate`."""

from __future__ import annotations

from parity.export.columns_read import COMPARISONS, Panel, is_logical
from parity.export.py_text import py_number, py_string
from parity.study.formula import Call, Column, Constant, Expr, Member, Operation

#: How tightly Python binds, loosest first; an operand that binds less tightly stands in parentheses.
_SUM, _PRODUCT, _MINUS, _POWER, _ATOM = range(1, 6)
_BINARY = {"+": ("+", _SUM), "-": ("-", _SUM), "*": ("*", _PRODUCT), "/": ("/", _PRODUCT), "^": ("**", _POWER)}
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def column(name: str) -> str:
    return f"data[{py_string(name)}]"


def py_expression(expr: Expr, panel: Panel) -> str:
    """Source of an expression's value for every row: numbers, truth as 1.0 and 0.0, missing as NaN."""
    return _render(expr, panel)[0]


def py_condition(expr: Expr, panel: Panel) -> str:
    """Source of a mask: True where the condition certainly holds."""
    return bare(_truth(expr, panel, True))


def _render(expr: Expr, panel: Panel) -> tuple[str, int]:
    match expr:
        case Column(name):
            return column(name), _ATOM
        case Constant(value):
            return (py_string(value) if isinstance(value, str) else py_number(value)), _ATOM
        case Call("is_missing", args):
            return f"{_truth(expr, panel, True)}.astype(float)", _ATOM
        case Call("I", args):
            return _render(args[0], panel)
        case Call(function, args):
            return _call(function, args, panel), _ATOM
        case Operation(op, args) if not is_logical(expr):
            return _arithmetic(op, args, panel)
    return f"truth({bare(_truth(expr, panel, True))}, {bare(_truth(expr, panel, False))})", _ATOM


def bare(text: str) -> str:
    """Without the parentheses around all of it."""
    depth = 0
    for position, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if not depth and position < len(text) - 1:
            return text
    return text[1:-1] if text.startswith("(") else text


def _call(function: str, args: tuple[Expr, ...], panel: Panel) -> str:
    x = py_expression(args[0], panel)
    if function in ("l", "f", "d"):
        periods = int(args[1].value)  # type: ignore[union-attr]
        unit = column(panel.unit) if panel.unit else "0 * " + column(panel.time or "")
        name = "difference" if function == "d" else "lag"
        return f"{name}({x}, {unit}, {column(panel.time or '')}, {-periods if function == 'f' else periods})"
    if function == "float":
        return f"single_precision({x})"
    return f"np.abs({x})" if function == "abs" else f"finite(np.{function}({x}))"


def _arithmetic(op: str, args: tuple[Expr, ...], panel: Panel) -> tuple[str, int]:
    if op == "neg":
        return "-" + _within(args[0], panel, _POWER), _MINUS
    sign, level = _BINARY[op]
    left = _within(args[0], panel, level + (op == "^"))
    right = _within(args[1], panel, level + (op != "^"))
    text = f"{left} {sign} {right}"
    number = isinstance(args[1], Constant) and not isinstance(args[1].value, str)
    safe = number and (args[1].value != 0 if op == "/" else args[1].value >= 0)  # type: ignore[operator]
    return (f"finite({text})", _ATOM) if op in ("/", "^") and not safe else (text, level)


def _within(expr: Expr, panel: Panel, least: int) -> str:
    text, level = _render(expr, panel)
    return text if level >= least else f"({text})"


def _truth(expr: Expr, panel: Panel, wanted: bool) -> str:
    """A mask in parentheses or atomic: where the condition is certainly true, or certainly false."""
    match expr:
        case Call("is_missing", args):
            return f"{_whole(args[0], panel)}.{'isna' if wanted else 'notna'}()"
        case Call("I", args):
            return _truth(args[0], panel, wanted)
        case Member(arg, values, negated):
            inside = f"{_whole(arg, panel)}.isin([{', '.join(py_expression(v, panel) for v in values)}])"
            return inside if wanted != negated else f"(~{inside} & {_whole(arg, panel)}.notna())"
        case Operation("not", args):
            return _truth(args[0], panel, not wanted)
        case Operation("and" | "or" as op, args):
            sign = "&" if (op == "and") == wanted else "|"
            return f"({' '.join([_truth(args[0], panel, wanted), sign, _truth(args[1], panel, wanted)])})"
        case Operation(op, args) if op in COMPARISONS:
            return _compared(op if wanted else _OPPOSITE[op], args, panel)
    return f"({_render(expr, panel)[0]} == {1 if wanted else 0})"


def _compared(op: str, args: tuple[Expr, ...], panel: Panel) -> str:
    left, right = (_render(a, panel)[0] for a in args)
    text = f"({left} {op} {right})"
    if op != "!=":
        return text
    known = [f"{_whole(a, panel)}.notna()" for a in args if not isinstance(a, Constant)]
    return f"({' & '.join([text, *known])})"


def _whole(expr: Expr, panel: Panel) -> str:
    """A series whose methods can be called."""
    return _within(expr, panel, _ATOM)
