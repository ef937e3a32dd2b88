"""Stata's expressions as frozen trees. `parse` reads text; nothing is evaluated here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import LarkError


class ExpressionError(Exception):
    """Text that is no expression; the message names the place."""


@dataclass(frozen=True)
class Number:
    """A literal; `text` as written, since 0.1 is a double whatever it is compared with."""

    value: float
    text: str


@dataclass(frozen=True)
class Missing:
    """`.` (code 0) or `.a` to `.z` (1 to 26)."""

    code: int


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    """A variable, a scalar, a matrix, or `_n`, `_N`, `_pi`."""

    name: str


@dataclass(frozen=True)
class Operated:
    """A variable under time-series or factor operators: `L2.x`, `1.region`."""

    operator: str
    name: str


@dataclass(frozen=True)
class Subscript:
    """`x[_n-1]`, or `A[1,2]` of a matrix."""

    name: str
    index: tuple[Expression, ...]


@dataclass(frozen=True)
class Stored:
    """`r(mean)`, `e(N)`, `c(pi)`."""

    kind: str
    name: str


@dataclass(frozen=True)
class Entry:
    """`e(b)[1,2]`, `r(table)[1,1]`: an entry of a stored matrix."""

    kind: str
    name: str
    index: tuple[Expression, ...]


@dataclass(frozen=True)
class Date:
    """`td(01jan2000)`, `tm(2000m1)`: a date as a number; `unit` is d, w, m, q, h, y or c."""

    unit: str
    text: str


@dataclass(frozen=True)
class Estimate:
    """`_b[x]`, `_se[eq:x]`, `[eq]_b[x]`, `[eq]x`."""

    kind: str
    term: str
    equation: str = ""


@dataclass(frozen=True)
class Labelled:
    """`"East":region`: the number behind a label."""

    text: str
    label: str


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Unary:
    """`-` or `!`."""

    operator: str
    operand: Expression


@dataclass(frozen=True)
class Binary:
    """`+ - * / ^ == != < <= > >= & |`."""

    operator: str
    left: Expression
    right: Expression


Expression = (
    Number | Missing | Text | Name | Operated | Subscript | Stored | Entry | Date | Estimate | Labelled | Call | Unary
    | Binary
)  # fmt: skip


def unquoted(text: str) -> str:
    """What stands in `"..."` or `` `"..."' ``; other text as it is."""
    if text.startswith('`"') and text.endswith("\"'"):
        return text[2:-2]
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return text[1:-1]
    return text


@v_args(inline=True)
class _Tree(Transformer):
    def number(self, token: Token) -> Expression:
        return Number(float(token.lower().replace("d", "e")), str(token))

    def missing(self, token: Token) -> Expression:
        return Missing(0 if token == "." else ord(token[1]) - ord("a") + 1)

    def string(self, token: Token) -> Expression:
        return Text(unquoted(str(token)))

    def name(self, token: Token) -> Expression:
        return Name(str(token))

    def operated(self, token: Token) -> Expression:
        operator, _, name = str(token).rpartition(".")
        return Operated(operator, name.strip("()"))

    def subscript(self, token: Token, *index: Expression) -> Expression:
        return Subscript(str(token), tuple(i for i in index if i is not None))

    def stored(self, token: Token) -> Expression:
        return Stored(token[0], str(token[2:-1]))

    def entry(self, token: Token, *index: Expression) -> Expression:
        return Entry(token[0], str(token[2:-1]), index)

    def date(self, token: Token) -> Expression:
        unit, _, text = str(token[:-1]).partition("(")
        return Date(unit[-1], text.strip())

    def estimate(self, token: Token) -> Expression:
        equation, rest = "", str(token).strip()
        if rest.startswith("["):
            equation, _, rest = rest[1:].partition("]")
            rest = rest.strip()
        if not rest.startswith("_"):
            return Estimate("b", rest, equation)
        kind, _, term = rest[:-1].partition("[")
        if ":" in term and not equation:
            equation, _, term = term.partition(":")
        return Estimate("se" if kind == "_se" else "b", term.strip(), equation)

    def labelled(self, text: Token, label: Token) -> Expression:
        return Labelled(unquoted(str(text)), str(label))

    def call(self, name: Token, *arguments: Expression) -> Expression:
        return Call(str(name[:-1]), tuple(a for a in arguments if a is not None))

    def arithmetic(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return Binary(str(operator), left, right)

    def relation(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return Binary("!=" if operator == "~=" else str(operator), left, right)

    def power(self, left: Expression, right: Expression) -> Expression:
        return Binary("^", left, right)

    def or_(self, left: Expression, right: Expression) -> Expression:
        return Binary("|", left, right)

    def and_(self, left: Expression, right: Expression) -> Expression:
        return Binary("&", left, right)

    def negative(self, sign: Token, operand: Expression) -> Expression:
        return Unary("-", operand) if sign == "-" else operand

    def not_(self, _: Token, operand: Expression) -> Expression:
        return Unary("!", operand)


@cache
def _parser() -> Lark:
    grammar = resources.files("parity.stata_language").joinpath("expression.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=_Tree(), maybe_placeholders=False)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Text -> tree. Raises `ExpressionError`."""
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except UnexpectedInput as error:
        at = getattr(error, "pos_in_stream", None)
        place = f" at `{text[at : at + 12]}`" if isinstance(at, int) and 0 <= at < len(text) else " at its end"
        equality = "; equality is `==`" if place.startswith(" at `=") else ""
        raise ExpressionError(f"`{text[:60]}` is no expression{place}{equality}") from None
    except (LarkError, RecursionError):
        raise ExpressionError(f"`{text[:60]}` is no expression") from None
