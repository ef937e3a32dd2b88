"""Text that a user wrote in a do-file: names, strings, comments, expressions. None of it can become a command."""

from __future__ import annotations

import re

from parity.base.r_text import comment as r_comment
from parity.export.py_expression import bare
from parity.study.formula import Call, Column, Constant, Expr, Member, Operation

#: Words that Stata keeps for itself.
_RESERVED = frozenset({
    "_all", "_b", "_coef", "_cons", "_n", "_N", "_pi", "_pred", "_rc", "_skip", "byte", "double", "float", "if", "in", "int",
    "long", "strL", "using", "with",
})  # fmt: skip
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
#: Loosest first.
_COMPARE, _SUM, _PRODUCT, _POWER, _ATOM = range(1, 6)
_BINARY = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER}


def is_stata_name(name: str) -> bool:
    """Whether Stata 14 or later holds the name as it is (letters of any script)."""
    known = name in _RESERVED or re.fullmatch(r"str[0-9]+", name)
    return bool(re.fullmatch(r"[^\W\d]\w{0,31}", name)) and not known


def stata_string(text: str) -> str:
    """A string in compound quotes; what could end it, expand a macro or break the line is written as a character code."""
    parts, plain = [], ""
    for c in text:
        if c in "`'\"$\\" or not c.isprintable():
            parts += [f'"{plain}"'] * bool(plain) + [f"uchar({ord(c)})"]
            plain = ""
        else:
            plain += c
    return " + ".join(parts + [f'"{plain}"'] * bool(plain)) or '""'


def stata_comment(text: str) -> list[str]:
    """Lines that begin with `*`. A line's own end can't be escaped: `///` and `/*` are broken up."""
    safe = text.replace("/*", "/ *").replace("*/", "* /").replace("///", "/ / /").replace("`", "'").replace("$", "S")
    return ["*" + line[1:] for line in r_comment(safe)]


def long_command(parts: list[str]) -> list[str]:
    """A command on one line, or continued by `///` where it is too long."""
    lines, current = [], ""
    for part in parts:
        if current and len(current) + len(part) > 105:
            lines.append(current + " ///")
            current = "    "
        current += part if not current.strip() else f" {part}"
    return [*lines, current]


# ---------------------------------------------------------------- expressions


class Words:
    """Names of columns in Stata, and the expressions over them."""

    def __init__(self, names: dict[str, str]):
        self._names = names

    def name(self, column: str) -> str:
        return self._names.get(column, column)

    def value(self, expr: Expr) -> str:
        """A number per row, missing where an operand is missing; lags are variables made before (see `made`)."""
        return self._render(expr)[0]

    def condition(self, expr: Expr) -> str:
        """True where it certainly holds: Stata takes missing for larger than any number, so it is ruled out by name."""
        return bare(self._truth(expr, True))

    def _render(self, expr: Expr) -> tuple[str, int]:
        match expr:
            case Column(name):
                return self.name(name), _ATOM
            case Constant(value):
                return (stata_string(value) if isinstance(value, str) else f"{value:.17g}"), _ATOM
            case Call("is_missing", args):
                return f"missing({self.value(args[0])})", _ATOM
            case Call("I", args):
                return self._render(args[0])
            case Call("log1p", args):
                return f"ln(1 + {self.value(args[0])})", _ATOM
            case Call(function, args):
                return f"{ {'log': 'ln'}.get(function, function) }({self.value(args[0])})", _ATOM
            case Operation("neg", args):
                return f"-{self._within(args[0], _POWER)}", _PRODUCT
            case Operation(op, args) if op in _BINARY:
                level = _BINARY[op]
                return f"{self._within(args[0], level)} {op} {self._within(args[1], level + 1)}", level
        yes, no = bare(self._truth(expr, True)), bare(self._truth(expr, False))
        return f"cond({yes}, 1, cond({no}, 0, .))", _ATOM

    def _within(self, expr: Expr, least: int) -> str:
        text, level = self._render(expr)
        return text if level >= least else f"({text})"

    def _truth(self, expr: Expr, wanted: bool) -> str:
        match expr:
            case Call("is_missing", args):
                return f"{'' if wanted else '!'}missing({self.value(args[0])})"
            case Call("I", args):
                return self._truth(args[0], wanted)
            case Member(arg, values, negated):
                each = " | ".join(f"{self._within(arg, _SUM)} == {self.value(v)}" for v in values)
                return f"({each})" if wanted != negated else f"(!({each}) & !missing({self.value(arg)}))"
            case Operation("not", args):
                return self._truth(args[0], not wanted)
            case Operation("and" | "or" as op, args):
                sign = "&" if (op == "and") == wanted else "|"
                return f"({self._truth(args[0], wanted)} {sign} {self._truth(args[1], wanted)})"
            case Operation(op, args) if op in _OPPOSITE:
                return self._compared(op if wanted else _OPPOSITE[op], args)
        return f"({self.value(expr)} == {1 if wanted else 0})"

    def _compared(self, op: str, args: tuple[Expr, ...]) -> str:
        text = f"{self._within(args[0], _SUM)} {op} {self._within(args[1], _SUM)}"
        unknown = [self.value(a) for a in args if not isinstance(a, Constant)]
        if isinstance(args[1], Constant) and op in ("==", "<", "<="):
            return f"({text})"  # never true of a missing value
        return f"({text} & !missing({', '.join(unknown)}))" if unknown else f"({text})"
