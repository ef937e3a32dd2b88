"""generate and replace. [D] generate."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from parity.stata.commands import command
from parity.stata.commands.places import placed
from parity.stata.evaluate import Context, rows
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, text_kind
from parity.stata_language.expression import Binary, Call, Expression, Name, Subscript, Unary
from parity.stata_language.values import INTEGERS, compare, promoted, stored

TYPES = re.compile(r"(byte|int|long|float|double|str\d*|strL)\s+(\S.*)", re.DOTALL)
#: Rounds in which a `replace` that reads its own earlier rows is repeated before it goes row by row.
MOST_ROUNDS = 256


@command("generate", by_groups=True)
def generate(session: Session, given: Command) -> None:
    """`generate [type] newvar[:label] = exp`: float unless told otherwise; texts take their length."""
    kind, about = typed(given.about)
    name, _, label = about.partition(":")
    name = name.strip()
    if given.assigned is None:
        raise DataProblem(f"`{name}` is given no value", 198)
    check_new(session, name)
    used = session.used(given)
    context = session.context(used=used)
    values = rows(session.parsed(given.assigned), context)
    column = made(session, values, used, kind, session.settings.get("type", "float"))
    column = Column(
        column.values, column.kind, label=column.label, value_label=label.strip(), doubts=doubts(session, given, context)
    )
    session.set_columns({name: column})
    if given.has("before", "after"):
        placed(session, [name], given)
    say_missing(session, column)


@command("replace", by_groups=True)
def replace_(session: Session, given: Command) -> None:
    """`replace oldvar = exp`: promotes the type where the values don't fit; rows in their order see what was replaced."""
    _, about = typed(given.about)
    name = session.name(about.strip())
    old = session.there[name]
    if given.assigned is None:
        raise DataProblem(f"`{name}` is given no value", 198)
    expression = session.parsed(given.assigned)
    condition = session.parsed(given.condition) if given.condition else None
    context = session.context(used=session.used(given))
    if _reads_own_rows(expression, name, session) or (condition is not None and _reads_own_rows(condition, name, session)):
        new, used = _in_order(session, given, name, expression)
    else:
        new, used = rows(expression, context), session.used(given)
    if (new.dtype == object) != old.text:
        raise DataProblem("type mismatch", 109)
    # a float keeps to its 24 bits, an integer grows into a type that holds the new values
    values = np.where(used, new, old.values)
    if old.text:
        column = Column(values, _longer(old.kind, text_kind(values)), old.format, old.label, old.value_label)
    else:
        kind = promoted(values[used], old.kind) if old.kind in INTEGERS else old.kind
        column = Column(stored(values.astype(float), kind), kind, old.format, old.label, old.value_label)
    found = old.doubts | doubts(session, given, context)
    session.set_columns({name: Column(column.values, column.kind, column.format, column.label, column.value_label, found)})
    say_changes(session, name, old, session.there[name])


def say_missing(session: Session, column: Column) -> None:
    """How many values of a new column are missing, where any are."""
    n = int(np.count_nonzero(lost(column)))
    if n:
        session.say_counted(n, "missing value", "generated")


def say_changes(session: Session, name: str, old: Column, new: Column) -> None:
    """The type that a column has outgrown, and how many of its values are others now."""
    if new.kind != old.kind:
        session.say(f"variable {name} was {old.kind} now {new.kind}")
    if new.text:
        session.say_counted(int(np.count_nonzero(new.values != old.values)), "real change", "made")
        return
    changed = int(np.count_nonzero(compare("!=", old.numbers, new.numbers)))
    gone = int(np.count_nonzero(np.isnan(new.numbers) & ~np.isnan(old.numbers)))
    session.say_counted(changed, "real change", f"made, {gone:,} to missing" if gone else "made")


def lost(column: Column) -> NDArray[np.bool_]:
    """Which of a column's values are missing."""
    return column.values == "" if column.text else np.isnan(column.values)


def typed(about: str) -> tuple[str, str]:
    """`byte x` -> ("byte", "x"); no type is ""."""
    match = TYPES.match(about)
    return (match.group(1), match.group(2)) if match else ("", about)


def check_new(session: Session, name: str) -> None:
    """Raises `DataProblem` where the name is taken or is none."""
    if not name.isidentifier() or len(name) > 32:
        raise DataProblem(f"{name} invalid name", 198)
    if name in session.there.columns:
        raise DataProblem(f"variable {name} already defined", 110)


def made(session: Session, values: NDArray, used: NDArray[np.bool_], kind: str, default: str) -> Column:
    """A new column: missing where not used, stored as its type holds it. Raises `DataProblem` for a wrong type."""
    if values.dtype == object:
        if kind and not kind.startswith("str"):
            raise DataProblem("type mismatch", 109)
        texts = values if used.all() else np.where(used, values, "")
        if kind.startswith("str") and kind[3:].isdigit():
            width = int(kind[3:])
            texts = np.array([t.encode()[:width].decode(errors="ignore") for t in texts], dtype=object)
            return Column(texts, kind)
        return Column(texts, "strL" if kind == "strL" else text_kind(texts))
    if kind.startswith("str"):
        raise DataProblem("type mismatch", 109)
    numbers = np.asarray(values, dtype=float) if used.all() else np.where(used, values, np.nan)
    kind = kind or default
    return Column(stored(np.ascontiguousarray(numbers), kind), kind)


def doubts(session: Session, given: Command, context: Context) -> frozenset[str]:
    """What a new column inherits: of all that was read, of a condition, and of an order that Stata draws anew."""
    found = set(context.doubts)
    if given.condition:
        aside = session.context()
        rows(session.parsed(given.condition), aside)
        found |= aside.doubts
    data = session.there
    if data.tied and _reads_order(session, given):
        finding = session.note(
            "unstable-sort",
            f"`{given.text[:60]}` depends on the order of rows that are alike in {', '.join(data.sorted_by)}: "
            "Stata draws it anew at every sort",
        )  # fmt: skip
        found.add(finding.doubt)
    return frozenset(found)


def _reads_order(session: Session, given: Command) -> bool:
    """Whether an expression looks at neighbouring rows or at its own number; `_b[x]` and cells of matrices are no rows."""
    text = f"{given.assigned or ''} {given.condition or ''}"
    looked = {word for word in re.findall(r"(?<!\w)(\w++)\[", text) if word not in ("_b", "_se", "_coef")}
    return bool(looked - session.matrices.keys()) or bool(re.search(r"\b_n\b|\bsum\(", text))


def _reads_own_rows(expression: Expression, name: str, session: Session) -> bool:
    match expression:
        case Subscript(name=inner, index=index):
            own = inner == name or (inner not in session.there.columns and session.name(inner) == name)
            return own or any(_reads_own_rows(i, name, session) for i in index)
        case Binary(left=left, right=right):
            return _reads_own_rows(left, name, session) or _reads_own_rows(right, name, session)
        case Unary(operand=operand):
            return _reads_own_rows(operand, name, session)
        case Call(name="sum", arguments=(Name(name=inner),)):
            return False
        case Call(arguments=arguments):
            return any(_reads_own_rows(a, name, session) for a in arguments)
    return False


def _in_order(session: Session, given: Command, name: str, expression: Expression) -> tuple[NDArray, NDArray[np.bool_]]:
    """What replacing row after row gives: a row sees those above it as replaced, itself and those below as they were.

    Repeated for all rows at once until nothing changes: rows settle from the top, so that is what Stata's pass gives.
    Returns the new values and the rows replaced. Raises `DataProblem` where it doesn't settle.
    """
    old = session.there[name]
    held: NDArray = old.values
    try:
        for _ in range(MOST_ROUNDS):
            session.replaced = (name, held)
            used = session.used(given)
            new = rows(expression, session.context(used=used))
            values = np.where(used, new, old.values)
            values = values if old.text else stored(values.astype(float), "double" if old.kind in INTEGERS else old.kind)
            if _same(values, held):
                return values, used
            held = values
    finally:
        session.replaced = None
    raise DataProblem(f"replace of {name} by its own rows doesn't settle in {MOST_ROUNDS} rounds", 198)


def _same(a: NDArray, b: NDArray) -> bool:
    if a.dtype == object:
        return bool(np.all(a == b))
    return bool(np.array_equal(a, b, equal_nan=True))


def _longer(a: str, b: str) -> str:
    if "strL" in (a, b):
        return "strL"
    return a if int(a[3:]) >= int(b[3:]) else b
