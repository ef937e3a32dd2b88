"""Terms in the spelling of R and patsy: `poly(x, 3, raw = TRUE)`, `I(x^2)`, `C(group)` and `factor(group)`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from parity.study.formula import Call, Column, Constant, Expr, FormulaError, Interaction, Item, Operation


class Miscoded(FormulaError):
    """Of a factor that has other columns in R than `i(group)` has."""


@dataclass(frozen=True)
class Factor:
    """`C(group)`, until it is known that R codes it as `i(group)`."""

    group: Column

    def __str__(self) -> str:
        return f"C({self.group})"


def powers(plain: Sequence[object], keywords: Mapping[str, Constant]) -> tuple[Item, ...]:
    """`poly(x, 3, raw = TRUE)` as x, x:x and x:x:x."""
    degree = plain[1] if len(plain) == 2 else keywords.get("degree")
    raw = keywords.get("raw", Constant("FALSE")).value in ("TRUE", "T", "True", "true")
    known = isinstance(degree, Constant) and degree.value in range(1, 10) and set(keywords) <= {"degree", "raw"}
    if not plain or not isinstance(plain[0], Column) or not known:
        raise FormulaError("poly() is written poly(x, 2, raw = TRUE), of a column and a degree")
    if not raw:
        raise FormulaError(
            "poly(x, 2) is of orthogonal polynomials, whose coefficients change with the sample; "
            "write poly(x, 2, raw = TRUE), which fits the same"
        )
    x = plain[0]
    return (x, *(Interaction((x,) * power) for power in range(2, int(degree.value) + 1)))


def product(node: Expr) -> tuple[Item, ...]:
    """The factors of `x^2`, `a * b`, `a * log(b)^2`; none of what is no product of columns and functions of them."""
    match node:
        case Call("is_missing", _):
            return ()
        case Column() | Call():
            return (node,)
        case Operation("*", (left, right)):
            a, b = product(left), product(right)
            return (*a, *b) if a and b else ()
        case Operation("^", (base, Constant(power))) if isinstance(power, int) and 1 <= power < 10:
            return product(base) * power
    return ()


def check_coding(item: object, terms: Collection[object]) -> None:
    """Raises `Miscoded` for `C(g):z` where `z` is no term: R has a column for every level of g there, and `i(g):z` leaves
    out the first. (R: terms and model.matrix, on contrasts.)"""
    if not isinstance(item, Interaction):
        return
    known = {_key(term) for term in terms}
    for at, factor in enumerate(item.factors):
        rest = (*item.factors[:at], *item.factors[at + 1 :])
        if isinstance(factor, Factor) and _key(Interaction(rest)) not in known:
            beside = ":".join(map(str, rest))
            raise Miscoded(
                f"R's `{item}` has a column for every level where `{beside}` is no term of its own: "
                f"write i(group, column), or `{beside}` beside it"
            )


def _key(item: object) -> tuple[str, ...]:
    """The factors in an order of their own."""
    out: list[str] = []
    for factor in item.factors if isinstance(item, Interaction) else (item,):
        inner = product(factor.args[0]) if isinstance(factor, Call) and factor.function == "I" else ()
        out += [f"i({f.group})" if isinstance(f, Factor) else str(f) for f in inner or (factor,)]
    return tuple(sorted(out))
