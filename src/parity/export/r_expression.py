"""Expressions and formula items -> R source, read inside `with(data, ...)`. Its meaning: `parity.data.evaluate`."""

from __future__ import annotations

from parity.base.r_text import is_plain, r_name, r_number, r_string
from parity.export.columns_read import Panel, is_logical
from parity.study.formula import Call, Column, Constant, Dummies, Expr, Interaction, Item, Member, Operation

#: How tightly R binds, loosest first; an operand that binds less tightly stands in parentheses.
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _IN, _MINUS, _POWER, _ATOM = range(1, 11)

_BINARY = {
    "or": ("|", _OR), "and": ("&", _AND), "+": ("+", _SUM), "-": ("-", _SUM), "*": ("*", _PRODUCT), "/": ("/", _PRODUCT),
    "^": ("^", _POWER), **{op: (op, _COMPARE) for op in ("==", "!=", "<", "<=", ">", ">=")},
}  # fmt: skip


def r_expression(expr: Expr, panel: Panel) -> str:
    """R source of an expression."""
    return _render(expr, panel)[0]


def r_condition(expr: Expr, panel: Panel) -> str:
    """R source of a filter: TRUE where it certainly holds."""
    if isinstance(expr, Member) and not expr.negated:
        return f"{_within(expr.arg, panel, _MINUS)} %in% c({_choices(expr.values, panel)})"
    return r_expression(expr, panel) if is_logical(expr) else _as_logical(expr, panel)[0]


def whole_arithmetic(node: object) -> bool:
    """Whether a tree adds, subtracts or multiplies columns, where R's whole numbers could overflow."""
    match node:
        case Operation(op, args):
            return op in "+-*" or any(map(whole_arithmetic, args))
        case Interaction():
            return True
        case Call(_, args):
            return any(map(whole_arithmetic, args))
        case Member(arg):
            return whole_arithmetic(arg)
    return False


def _render(expr: Expr, panel: Panel) -> tuple[str, int]:
    match expr:
        case Column(name):
            return r_name(name), _ATOM
        case Constant(value):
            return (r_string(value) if isinstance(value, str) else r_number(value)), _ATOM
        case Call("I", args):
            return (f"as.numeric({_render(args[0], panel)[0]})", _ATOM) if is_logical(args[0]) else _render(args[0], panel)
        case Call(function, args):
            return _call(function, args, panel), _ATOM
        case Member(arg, values, negated):
            return _member(arg, values, negated, panel)
        case Operation(op, args):
            return _operation(op, args, panel)
    raise AssertionError(expr)


def _call(function: str, args: tuple[Expr, ...], panel: Panel) -> str:
    x = r_expression(args[0], panel)
    if function in ("l", "f", "d"):
        periods = int(args[1].value)  # type: ignore[union-attr]
        unit = r_name(panel.unit) if panel.unit else "0"
        time = r_name(panel.time) if panel.time else 'stop("lags, leads and differences need a time column")'
        shifted = f"shift({x}, {unit}, {time}, {-periods if function == 'f' else periods})"
        return f"({x} - {shifted})" if function == "d" else shifted
    match function:
        case "float":
            return f"single_precision({x})"
        case "abs":
            return f"abs({x})"
        case "is_missing":
            return f"is.na({x})"
    return f"finite({function}({x}))"


def _member(arg: Expr, values: tuple[Constant, ...], negated: bool, panel: Panel) -> tuple[str, int]:
    inside = f"is_in({r_expression(arg, panel)}, c({_choices(values, panel)}))"
    return (f"!{inside}", _NOT) if negated else (inside, _ATOM)


def _choices(values: tuple[Constant, ...], panel: Panel) -> str:
    return ", ".join(r_expression(v, panel) for v in values)


def _operation(op: str, args: tuple[Expr, ...], panel: Panel) -> tuple[str, int]:
    if op == "neg":
        return "-" + _within(args[0], panel, _POWER), _MINUS
    if op == "not":
        return "!(" + _as_logical(args[0], panel)[0] + ")", _NOT
    sign, level = _BINARY[op]
    if op == "or":
        left, right = (_parenthesised(_as_logical(a, panel), level) for a in args)
    else:  # ^ binds to the right, a comparison to neither side
        left = _within(args[0], panel, level + (op == "^" or level == _COMPARE))
        right = _within(args[1], panel, level + (op != "and"))
    text = f"{left} {sign} {right}"
    if op == "/" and not (isinstance(args[1], Constant) and args[1].value != 0):
        return f"finite({text})", _ATOM
    power = args[1].value if isinstance(args[1], Constant) else None
    if op == "^" and (power is None or isinstance(power, str) or power < 0):
        return f"finite({text})", _ATOM
    return text, level


def _as_logical(expr: Expr, panel: Panel) -> tuple[str, int]:
    """An operand of `or` and `not`; a number counts as true where it is 1."""
    rendered = _render(expr, panel)
    if is_logical(expr):
        return rendered
    return f"{_parenthesised(rendered, _COMPARE + 1)} == 1", _COMPARE


def _within(expr: Expr, panel: Panel, least: int) -> str:
    return _parenthesised(_render(expr, panel), least)


def _parenthesised(rendered: tuple[str, int], least: int) -> str:
    text, level = rendered
    return text if level >= least else f"({text})"


# ---------------------------------------------------------------- items of a formula


def item_argument(item: Item, panel: Panel, *, keep_all: bool = False) -> str:
    """One argument of `cbind`: a named column, or a matrix with named columns."""
    match item:
        case Dummies():
            return _dummies(item, keep_all)
        case Interaction(factors) if any(isinstance(f, Dummies) for f in factors):
            text = _as_matrix(factors[0], panel)
            for factor in factors[1:]:
                text = f"products({text}, {_as_matrix(factor, panel)})"
            return text
        case Interaction(factors):
            expr: Expr = factors[0]  # type: ignore[assignment]
            for factor in factors[1:]:
                expr = Operation("*", (expr, factor))  # type: ignore[arg-type]
            return _named(str(item), r_expression(expr, panel))
    return _named(str(item), r_expression(item, panel))


def _named(term: str, text: str) -> str:
    if term == "deparse.level":  # the one argument of cbind that is no column
        return f"matrix({text}, dimnames = list(NULL, {r_string(term)}))"
    names_itself = text == f"`{term}`" or (text == term and is_plain(term))
    return text if names_itself else f"{r_string(term)} = {text}"


def _as_matrix(item: Item, panel: Panel) -> str:
    argument = item_argument(item, panel)
    return argument if isinstance(item, Dummies) else f"cbind({argument})"


def _dummies(item: Dummies, keep_all: bool) -> str:
    args = [r_name(item.group.name), r_string(str(item.group))]
    if item.ref is not None:
        value = item.ref.value
        args.append(f"reference = {r_string(value) if isinstance(value, str) else r_number(value)}")
    elif item.by is not None or keep_all:
        args.append("reference = NA")
    if item.by is not None:
        args += [f"by = {r_name(item.by.name)}", f"suffix = {r_string(f':{item.by}')}"]
    return f"dummies({', '.join(args)})"
