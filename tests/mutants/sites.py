"""Where a module can be changed, and to what: the operators of mutation testing on Python's syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SWAPPED_COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
SWAPPED_ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult}
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor"}


@dataclass(frozen=True)
class Site:
    """One change: `before` becomes `after` at these positions (1-based line, columns in characters) of `file`."""

    file: str
    function: str
    line: int
    end_line: int
    column: int
    end_column: int
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line} {self.function}: `{self.before}` -> `{self.after}`"

    def applied(self, source: str) -> str:
        """The module's text with this change, of as many lines."""
        lines = source.split("\n")
        first, last = lines[self.line - 1], lines[self.end_line - 1]
        more = "\n" * (self.end_line - self.line)
        changed = first[: self.column] + f"({self.after}{more})" + last[self.end_column :]
        return "\n".join([*lines[: self.line - 1], changed, *lines[self.end_line :]])


def sites(root: Path, file: str) -> list[Site]:
    """Every change that can be made to one module, in the order of its text. `file` is relative to `root`."""
    return list(_sites(file, (root / file).read_text(encoding="utf-8")))


@cache
def _sites(file: str, source: str) -> tuple[Site, ...]:
    lines = source.split("\n")
    found = []
    for function, node in _expressions(ast.parse(source)):
        for changed in _changes(node):
            column = _characters(lines[node.lineno - 1], node.col_offset)
            end = _characters(lines[node.end_lineno - 1], node.end_col_offset)
            before, after = ast.unparse(node), ast.unparse(changed)
            found.append(Site(file, function, node.lineno, node.end_lineno, column, end, before, after))
    return tuple(found)


def _characters(line: str, offset: int) -> int:
    """The syntax tree counts bytes."""
    return len(line.encode()[:offset].decode())


def _expressions(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Expressions that are computed, with their function: no annotations, messages of errors, or f-strings."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.expr]]:
        if isinstance(node, ast.JoinedStr | ast.Raise | ast.Assert):
            return
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            function = f"{function}.{node.name}" if function else node.name
        if isinstance(node, ast.expr):
            yield function, node
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "bases"):
                continue
            if isinstance(node, ast.AnnAssign) and _of_types(node):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, function)

    yield from walk(tree, "")


def _of_types(node: ast.AnnAssign) -> bool:
    return "Type" in ast.unparse(node.annotation)


def _changes(node: ast.expr) -> Iterator[ast.expr]:
    def changed(**fields) -> ast.expr:
        other = copy.deepcopy(node)
        for name, value in fields.items():
            setattr(other, name, value)
        return other

    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPPED_COMPARISONS:
            yield changed(ops=[SWAPPED_COMPARISONS[type(op)]()])
        case ast.BoolOp(op=op, values=values):
            yield changed(op=ast.Or() if isinstance(op, ast.And) else ast.And())
            yield values[0] if len(values) == 2 else changed(values=values[:-1])
        case ast.BinOp(op=op, left=left, right=right) if type(op) in SWAPPED_ARITHMETIC:
            if not any(isinstance(side, ast.Constant | ast.JoinedStr) and not _number(side) for side in (left, right)):
                yield changed(op=SWAPPED_ARITHMETIC[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float() as value):
            yield ast.Constant(value * 10 if value else 1.0)
        case ast.Call(func=ast.Name(id=name) as function) if name in SWAPPED_CALLS:
            yield changed(func=ast.Name(SWAPPED_CALLS[name], function.ctx))
        case ast.Call(func=ast.Attribute(attr=name) as function) if name in SWAPPED_CALLS:
            yield changed(func=ast.Attribute(function.value, SWAPPED_CALLS[name], function.ctx))
        case ast.IfExp(body=body, orelse=orelse):
            yield changed(body=orelse, orelse=body)
        case ast.Call(func=ast.Name(id="Convention"), keywords=[_, _, *_] as keywords):  # a setting left at its default
            for i in range(1, len(keywords)):
                yield changed(keywords=keywords[:i] + keywords[i + 1 :])


def _number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)
