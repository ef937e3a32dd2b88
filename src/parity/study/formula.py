"""The frozen tree of formulas and expressions, and how it is written.

    y ~ x1 + log(x2) + l(x3, 1) + i(group, z) + a:b + a*b | fe1 + fe2^fe3 | endog ~ instruments

`0 +` or `- 1` leaves the intercept out; fixed effects absorb it. Column names that are no plain word stand in
backticks (`` `人均 GDP` ``). `parity.study.grammar` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Functions of one column or expression. `I` is what stands in it, as R has it; `float` rounds to Stata's default 4-byte
#: storage; `l`, `f`, `d` also take a number of periods and respect gaps in the time variable.
FUNCTIONS = ("log", "log1p", "log10", "exp", "sqrt", "abs", "float", "I", "l", "f", "d", "is_missing")
SHIFTS = ("l", "f", "d")
#: The largest whole number up to which a double holds every whole number.
EXACT_WHOLE = 2**53

_PLAIN = re.compile(r"(?!(?:and|or|not|in)\Z)[^\W\d][\w.]*\Z")


class FormulaError(ValueError):
    """The text is not in the grammar; the message says where and what was expected."""


@dataclass(frozen=True)
class Column:
    name: str

    def __str__(self) -> str:
        return self.name if _PLAIN.match(self.name) else f"`{self.name}`"


@dataclass(frozen=True)
class Constant:
    value: float | int | str

    def __str__(self) -> str:
        if isinstance(self.value, int):
            return str(self.value)
        if isinstance(self.value, float):  # 2.0 is no 2: a number of periods is whole
            text = f"{self.value:.17g}"
            return text if set(text) & set(".e") else f"{text}.0"
        return f'"{self.value}"' if "'" in self.value else f"'{self.value}'"


@dataclass(frozen=True)
class Call:
    function: str
    args: tuple[Expr, ...]

    def __str__(self) -> str:
        if self.function == "I":
            return f"I({_as_in_r(self.args[0])})"
        return f"{self.function}({', '.join(map(str, self.args))})"


@dataclass(frozen=True)
class Operation:
    """`op` is one of + - * / ^, a comparison, `and`, `or`, `not`, `neg`."""

    op: str
    args: tuple[Expr, ...]

    def __str__(self) -> str:
        if self.op == "not":
            return f"not ({self.args[0]})"
        if self.op == "neg":
            return f"-({self.args[0]})"
        return f"({self.args[0]}) {self.op} ({self.args[1]})"


@dataclass(frozen=True)
class Member:
    arg: Expr
    values: tuple[Constant, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"({self.arg}) {'not ' if self.negated else ''}in [{', '.join(map(str, self.values))}]"


Expr = Column | Constant | Call | Operation | Member

#: How tightly arithmetic binds.
_BINDS = {**dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), 0), "+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}


def _as_in_r(node: Expr, least: int = 0) -> str:
    """Arithmetic as R names a term, without needless parentheses: `x/100`, `a * b`, `x^2`."""
    if not isinstance(node, Operation) or node.op not in _BINDS:
        return str(node)
    level = _BINDS[node.op]
    if node.op == "neg":
        text = f"-{_as_in_r(node.args[0], level)}"
    else:
        left = _as_in_r(node.args[0], level + (node.op == "^"))
        right = _as_in_r(node.args[1], level + (node.op != "^"))
        text = f"{left}{node.op if node.op in '/^' else f' {node.op} '}{right}"
    return f"({text})" if level < least else text


@dataclass(frozen=True)
class Dummies:
    """`i(group)` or `i(group, by)`: one column per level of `group` (times `by`), `ref` left out."""

    group: Column
    by: Column | None = None
    ref: Constant | None = None

    def __str__(self) -> str:
        parts = [str(self.group)] + ([str(self.by)] if self.by else []) + ([f"ref={self.ref}"] if self.ref else [])
        return f"i({', '.join(parts)})"


@dataclass(frozen=True)
class Interaction:
    """The elementwise product of its factors."""

    factors: tuple[Item, ...]

    def __str__(self) -> str:
        return ":".join(map(str, self.factors))


Item = Column | Call | Dummies | Interaction


def has_dummies(item: Item) -> bool:
    """Whether the names of its columns hang on the data."""
    return isinstance(item, Dummies) or (isinstance(item, Interaction) and any(map(has_dummies, item.factors)))


@dataclass(frozen=True)
class Effect:
    """A fixed effect: one column, or the combination of several (`state^year`)."""

    columns: tuple[str, ...]

    def __str__(self) -> str:
        return "^".join(str(Column(c)) for c in self.columns)

    @property
    def name(self) -> str:
        """The column's own name; a combination joins them, and quotes one that holds a ^ itself."""
        return "^".join(f"`{c}`" if "^" in c else c for c in self.columns)


@dataclass(frozen=True)
class Formula:
    outcome: Expr
    exog: tuple[Item, ...]
    intercept: bool
    effects: tuple[Effect, ...] = ()
    endog: tuple[Item, ...] = ()
    instruments: tuple[Item, ...] = ()

    def __str__(self) -> str:
        def plus(items: tuple) -> str:
            return " + ".join(map(str, items))

        rhs = (() if self.intercept or self.effects else ("0",)) + self.exog
        joined = isinstance(self.outcome, Operation) and self.outcome.op in ("+", "-", "and", "or")
        text = f"({self.outcome}) ~ " if joined else f"{self.outcome} ~ "  # without parentheses it may be several
        text += plus(rhs) or "1"
        if self.effects or self.endog:
            text += f" | {plus(self.effects) or '0'}"
        if self.endog:
            text += f" | {plus(self.endog)} ~ {plus(self.instruments)}"
        return text


def shifts(node: object) -> bool:
    """Whether a tree holds a lag, a lead or a difference."""
    match node:
        case Call(function, args):
            return function in SHIFTS or any(map(shifts, args))
        case Operation(_, args):
            return any(map(shifts, args))
        case Member(arg):
            return shifts(arg)
        case Interaction(factors):
            return any(map(shifts, factors))
        case Formula():
            return any(map(shifts, (node.outcome, *node.exog, *node.endog, *node.instruments)))
    return False


def columns_of(node: object) -> tuple[str, ...]:
    """Names of all data columns a tree reads, in order of appearance, once each."""
    found: dict[str, None] = {}

    def walk(n: object) -> None:
        match n:
            case Column(name):
                found[name] = None
            case Call(_, args) | Operation(_, args):
                for a in args:
                    walk(a)
            case Member(arg):
                walk(arg)
            case Dummies(group, by):
                walk(group)
                walk(by)
            case Interaction(factors):
                for f in factors:
                    walk(f)
            case Effect(columns):
                found.update(dict.fromkeys(columns))
            case Formula():
                walk(n.outcome)
                for part in (n.exog, n.effects, n.endog, n.instruments):
                    for item in part:
                        walk(item)

    walk(node)
    return tuple(found)
