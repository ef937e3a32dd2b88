"""The closed grammar of formulas and expressions: text in, frozen tree out, a readable error otherwise.

The grammar is in `grammar.lark`. Nothing read here is ever evaluated as Python or R: `parity.data.evaluate` walks the tree.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from importlib import resources

import lark

from parity.base.errors import suggest
from parity.study import hints
from parity.study.elsewhere import in_elsewhere
from parity.study.formula import (
    EXACT_WHOLE,
    FUNCTIONS,
    SHIFTS,
    Call,
    Column,
    Constant,
    Dummies,
    Effect,
    Expr,
    Formula,
    FormulaError,
    Interaction,
    Item,
    Member,
    Operation,
    columns_of,
)
from parity.study.r_terms import Factor, Miscoded, check_coding, powers, product
from parity.study.unreadable import clip, unreadable


@dataclass(frozen=True)
class _Keyword:
    name: str
    value: Constant


@dataclass(frozen=True)
class _Without:
    number: str


class _Build(lark.Transformer):
    """Lark's parse tree to ours. Items stay expressions here; `_item` checks them in their place."""

    def column(self, children):
        token = children[0]
        return Column(token[1:-1] if token.type == "QUOTED" else str(token))

    def constant(self, children):
        token = children[0]
        if token.type == "STRING":
            return Constant(str(token[1:-1]))
        return _number(str(token))

    def negative(self, children):
        return Constant(-_number(str(children[0])).value)

    def call(self, children):
        name, *args = children
        return _call(str(name), args)

    def keyword(self, children):
        value = children[1]
        return _Keyword(str(children[0]), value if isinstance(value, Constant) else Constant(str(value)))

    def binary(self, children):
        left, op, right = children
        return Operation(str(op), (left, right))

    def minus(self, children):
        return Operation("neg", tuple(children))

    def member(self, children):
        return Member(children[0], tuple(children[1:]))

    def not_member(self, children):
        return Member(children[0], tuple(children[1:]), negated=True)

    def parenthesis(self, children):
        return children[0]

    def negate(self, children):
        return Operation("not", tuple(children))

    def both(self, children):
        return Operation("and", tuple(children))

    def either(self, children):
        return Operation("or", tuple(children))

    def interact(self, children):
        return Interaction(_factors(children))

    def cross(self, children):
        return (*children, Interaction(_factors(children)))

    def combine(self, children):
        return Effect(
            tuple(c for child in children for c in (child.columns if isinstance(child, Effect) else (child.name,)))
        )

    def without(self, children):
        return _Without(str(children[0]))

    def items(self, children):
        flat: list = []
        for child in children:
            flat.extend(child if isinstance(child, tuple) else (child,))
        return flat

    def part(self, children):
        return children

    def formula(self, children):
        return children


def _number(text: str) -> Constant:
    """Whole numbers stay whole; what a double can't hold exactly (or at all) is refused, not rounded."""
    value = int(text) if text.isdigit() else float(text)
    if isinstance(value, int) and abs(value) > EXACT_WHOLE:
        raise FormulaError(
            f"`{text}` is beyond 2^53, where numbers are no longer exact; quote it, as '{text}', if it is a code"
        )
    if math.isinf(value):
        raise FormulaError(f"`{text}` is too large for a number")
    return Constant(value)


def _factors(children) -> tuple:
    if any(isinstance(c, tuple) and isinstance(c[-1], Interaction) and len(set(c[-1].factors)) == 1 for c in children):
        raise FormulaError("poly() stands as a term of its own: write x:z + x:x:z for its products")
    if any(isinstance(c, tuple) for c in children):
        raise FormulaError("write a*b*c as its products: a + b + c + a:b + a:c + b:c + a:b:c")
    return tuple(f for c in children for f in (c.factors if isinstance(c, Interaction) else (c,)))


def _call(name: str, args: list) -> Call | Dummies | Factor | tuple[Item, ...]:
    keywords = {a.name: a.value for a in args if isinstance(a, _Keyword)}
    plain = [a for a in args if not isinstance(a, _Keyword)]
    if name == "poly":
        return powers(plain, keywords)
    if name in ("C", "factor") and len(args) == 1 and isinstance(args[0], Column):
        return Factor(args[0])
    if name == "i":
        columns_only = plain and len(plain) <= 2 and all(isinstance(a, Column) for a in plain)
        if not columns_only or set(keywords) - {"ref"}:
            raise FormulaError("i() is written i(group), i(group, column) or i(group, ref=level)")
        return Dummies(plain[0], plain[1] if len(plain) == 2 else None, keywords.get("ref"))
    if name not in FUNCTIONS:
        habit = hints.in_function(name)
        near = f"; {habit}" if habit else suggest(name, (*FUNCTIONS, "i", "csw", "csw0"))
        raise FormulaError(f"there is no function `{name}`{near}; known: i, {', '.join(FUNCTIONS)}")
    if keywords:
        raise FormulaError(f"`{name}` takes no `{next(iter(keywords))} =`")
    if name in SHIFTS:
        periods = plain[1] if len(plain) == 2 else Constant(1)
        whole = isinstance(periods, Constant) and isinstance(periods.value, int) and periods.value >= 1
        if len(plain) not in (1, 2) or not whole:
            raise FormulaError(f"`{name}` is written {name}(column, periods) with a whole number of periods, 1 or more")
        return Call(name, (plain[0], periods))
    if len(plain) != 1:
        raise FormulaError(f"`{name}` takes one argument, not {len(plain)}")
    return Call(name, (plain[0],))


@functools.cache
def _parser() -> lark.Lark:
    grammar = resources.files("parity.study").joinpath("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(grammar, parser="lalr", start=["formula", "condition"], maybe_placeholders=False)


#: Characters of a formula that are looked at for another program's spelling.
MOST_READ = 2_000
#: Characters of one in ours that a message may quote.
MOST_QUOTED = 200
#: Longest text and deepest tree that are read: far more than a person writes, far less than what recursion bears.
MOST_CHARACTERS, MOST_LEVELS = 50_000, 100
#: Texts whose values, which are frozen, are read once: a study is read again for every verb, its formulas for every window.
KEPT = 1_000


def _parse(text: str, start: str):
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"longer than {MOST_CHARACTERS:,} characters")
    try:
        tree = _parser().parse(text, start=start)
    except lark.exceptions.UnexpectedInput as error:
        raise FormulaError(unreadable(text, error, start)) from None
    if _depth(tree) > MOST_LEVELS:
        raise FormulaError(f"nested more than {MOST_LEVELS} deep")
    if start == "formula":
        _one_outcome(tree.children[0], text)
    try:
        return _Build().transform(tree)
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from None


def _one_outcome(tree: object, text: str) -> None:
    """Raises `FormulaError` for `y + y2 ~ x`: elsewhere these are two outcomes, and here they would be one, silently."""
    joined = isinstance(tree, lark.Tree) and (tree.data in ("both", "either") or _is_sum(tree))
    if joined:
        outcome = " ".join(text.partition("~")[0].split())
        raise FormulaError(
            f"`{clip(outcome, 60)}` may be several outcomes or one: several are `c(y1, y2) ~ ...` in a study.toml, "
            f"and if it is one number, it has parentheses: `({clip(outcome, 60)}) ~ ...`"
        )


def _is_sum(tree: lark.Tree) -> bool:
    """Whether it is a sum on the outermost level, without parentheses around it."""
    if tree.data != "binary" or str(tree.children[1]) not in "+-":
        return False
    left = tree.children[0]
    return str(tree.children[1]) == "+" or (isinstance(left, lark.Tree) and _is_sum(left))


def _depth(tree: lark.Tree) -> int:
    """Levels of a parse tree, counted without recursion."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting += [(child, level + 1) for child in node.children if isinstance(child, lark.Tree)]
    return deepest


@functools.lru_cache(maxsize=KEPT)
def parse_expression(text: str) -> Expr:
    """Parse a sample filter or derived column. Raises `FormulaError`."""
    node = _parse(text, "condition")
    _no_dummies(node)
    return node


def _no_dummies(node: object) -> None:
    if isinstance(node, tuple):
        raise FormulaError("poly() stands only on the right-hand side of a formula, as a term of its own")
    if isinstance(node, Dummies | Factor | Interaction | Effect | _Keyword):
        raise FormulaError(f"`{node}` stands only on the right-hand side of a formula")
    for arg in getattr(node, "args", ()) or ([node.arg] if isinstance(node, Member) else []):
        _no_dummies(arg)


@functools.lru_cache(maxsize=KEPT)
def named_term(text: str) -> str:
    """How estimates name the regressor that a formula writes so: `log((x) + (1))` of `log(x + 1)`, `x:x` of `I(x^2)`; ""
    where the text is no single one."""
    try:
        terms = _formula(f"y ~ {text}").exog if len(text) <= MOST_QUOTED and not set(text) & set("|~") else ()
    except FormulaError:
        return ""
    return str(terms[0]) if len(terms) == 1 else ""


@functools.lru_cache(maxsize=KEPT)
def parse_formula(text: str) -> Formula:
    """Parse a model formula. Raises `FormulaError`, with the formula as it is written here where it is another program's."""
    try:
        return _formula(text)
    except Miscoded:
        raise
    except FormulaError as error:
        ours, more = in_elsewhere(text[:MOST_READ])
        if not ours or len(ours) > MOST_QUOTED:
            raise
        try:
            _formula(ours)
        except Miscoded:
            raise
        except FormulaError:
            raise error from None
        also = f", and {more}" if more else ""
        raise FormulaError(f'{str(error).partition(";")[0]}; write "{ours}"{also}') from None


def _formula(text: str) -> Formula:
    outcome, rhs, *parts = _parse(text, "formula")
    _no_dummies(outcome)
    if not columns_of(outcome):
        raise FormulaError(f"the outcome `{outcome}` reads no column")
    if len(parts) > 2:
        raise FormulaError("at most three parts: regressors | fixed effects | endogenous ~ instruments")
    items, intercept = _regressors(rhs)
    effects: tuple[Effect, ...] = ()
    endog: tuple[Item, ...] = ()
    instruments: tuple[Item, ...] = ()
    for position, part in enumerate(parts):
        if len(part) == 2:
            if position != len(parts) - 1:
                raise FormulaError("endogenous ~ instruments stands last")
            for side in part:
                for item in side:
                    check_coding(item, [*rhs, *side])
            endog, instruments = (tuple(map(_item, side)) for side in part)
        elif position == 1:
            raise FormulaError("the third part is written endogenous ~ instruments")
        else:
            effects = _effects(part[0])
    if len(instruments) < len(endog) and not any("i(" in str(z) for z in instruments):
        raise FormulaError(f"{len(endog)} endogenous columns need at least as many instruments, not {len(instruments)}")
    formula = Formula(outcome, items, intercept and not effects, effects, endog, instruments)
    _no_repeats(formula)
    return formula


def _regressors(items: list) -> tuple[tuple[Item, ...], bool]:
    intercept = True
    kept = []
    if Constant(1) in items and (_Without("1") in items or Constant(0) in items):
        raise FormulaError("the intercept is both asked for (1) and left out (0 or - 1); write one of them")
    for item in items:
        if item == _Without("1") or item == Constant(0):
            intercept = False
        elif item == Constant(1):
            continue
        elif isinstance(item, _Without | Constant):
            raise FormulaError("only `0 +`, `1 +` and `- 1` stand for the intercept; other numbers are no regressors")
        else:
            check_coding(item, items)
            kept.append(_item(item))
    return tuple(dict.fromkeys(kept)), intercept


def _item(node: object) -> Item:
    if isinstance(node, Interaction):
        inner = [_item(factor) for factor in node.factors]
        return Interaction(tuple(f for one in inner for f in (one.factors if isinstance(one, Interaction) else (one,))))
    if isinstance(node, Factor):
        return Dummies(node.group)
    if isinstance(node, Column | Call | Dummies):
        if isinstance(node, Call) and node.function == "is_missing":
            raise FormulaError("is_missing() belongs in `where`, not in a formula")
        for arg in getattr(node, "args", ()):
            _no_dummies(arg)
        if isinstance(node, Call) and node.function == "I" and (factors := product(node.args[0])):
            return Interaction(factors) if len(factors) > 1 else factors[0]
        return node
    if isinstance(node, Effect):
        raise FormulaError(f"`{node}`: ^ combines fixed effects, after the |; a power is written I(x^2)")
    raise FormulaError(f"`{node}` is no regressor; write I() around it, or make it a derived column under [derive]")


def _effects(items: list) -> tuple[Effect, ...]:
    if items == [Constant(0)]:
        return ()
    effects = []
    for item in items:
        if isinstance(item, Column):
            item = Effect((item.name,))
        if not isinstance(item, Effect):
            raise FormulaError(f"`{item}` is no fixed effect: write columns, joined by ^ where they combine")
        if len(set(item.columns)) < len(item.columns):
            raise FormulaError(f"`{item}` combines a column with itself")
        if any(set(item.columns) == set(other.columns) and item != other for other in effects):
            raise FormulaError(f"the fixed effect `{item}` stands twice")
        effects.append(item)
    return tuple(dict.fromkeys(effects))


def _no_repeats(formula: Formula) -> None:
    absorbed = {effect.columns[0] for effect in formula.effects if len(effect.columns) == 1}
    for item in (formula.outcome, *formula.endog, *formula.instruments):  # a regressor is left out, and said to be
        if isinstance(item, Column) and item.name in absorbed:
            raise FormulaError(f"`{item}` is also a fixed effect, which takes it out whole; write it in one place only")
    both = set(formula.exog) & (set(formula.endog) | set(formula.instruments)) | set(formula.endog) & set(
        formula.instruments
    )
    for item in sorted(both, key=str):
        raise FormulaError(f"`{item}` stands twice: as regressor, endogenous or instrument")
    if any(str(item) == str(formula.outcome) for item in (*formula.exog, *formula.endog, *formula.instruments)):
        raise FormulaError(f"the outcome `{formula.outcome}` is also a regressor or instrument")
