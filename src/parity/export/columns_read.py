"""What a spec reads of the data, and what its expressions make of columns: the same for scripts in every language."""

from __future__ import annotations

from dataclasses import dataclass

from parity.study.formula import Call, Column, Constant, Dummies, Expr, Interaction, Item, Member, Operation, columns_of
from parity.study.spec import Spec
from parity.study.study import Study

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True)
class Panel:
    """Columns that lags read."""

    unit: str | None
    time: str | None


def is_logical(expr: Expr) -> bool:
    """Whether an expression is true, false or missing rather than a number."""
    match expr:
        case Operation(op):
            return op in ("and", "or", "not", *COMPARISONS)
        case Member():
            return True
        case Call("I", args):
            return is_logical(args[0])
        case Call(function):
            return function == "is_missing"
    return False


def numeric_columns(node: object) -> set[str]:
    """Columns that arithmetic reads, and so must be numbers (True and False count as 1 and 0)."""
    found: set[str] = set()

    def walk(n: object, number: bool) -> None:
        match n:
            case Column(name):
                found.update([name] if number else [])
            case Operation(op, args):
                for a in args:
                    walk(a, op in ("+", "-", "*", "/", "^", "neg"))
            case Call(function, args):
                walk(args[0], function != "is_missing")
            case Member(arg):
                walk(arg, False)

    walk(node, not isinstance(node, Column))
    return found


def compared_columns(node: object) -> set[str]:
    """Columns that a condition compares with numbers, and so must be numbers too."""
    match node:
        case Operation(op, args) if op in COMPARISONS:
            text = any(isinstance(a, Constant) and isinstance(a.value, str) for a in args)
            return set() if text else {a.name for a in args if isinstance(a, Column)}
        case Member(Column(name), values):
            return set() if any(isinstance(v.value, str) for v in values) else {name}
        case Operation(_, args) | Call(_, args):
            return set().union(*map(compared_columns, args))
    return set()


def numbers_of(item: Item) -> set[str]:
    """The columns of a term that must be numbers."""
    match item:
        case Column(name):
            return {name}
        case Dummies(_, by):
            return {by.name} if by else set()
        case Interaction(factors):
            return set().union(*map(numbers_of, factors))
        case Call():
            return numeric_columns(item)
    return set()


def derived_columns(study: Study, spec: Spec) -> dict[str, Expr]:
    """The derived columns that the spec reads, directly or through another one, in the study's order."""
    wanted = set(spec.columns())
    used = {}
    for name, expr in reversed(study.derive.items()):
        if name in wanted:
            used[name] = expr
            wanted |= set(columns_of(expr))
    return dict(reversed(used.items()))


def columns_in_order(study: Study, spec: Spec) -> list[str]:
    """Every data column the spec reads, those behind derived ones included."""
    names = [*spec.columns(), *(c for expr in derived_columns(study, spec).values() for c in columns_of(expr))]
    return list(dict.fromkeys(names))
