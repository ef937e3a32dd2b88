"""Filters that filter nothing: a value that no row has, a comparison that holds in every row or in none.

A misspelt text in `not in [...]` keeps every row without a word, and "without municipalities" is the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from parity.base.errors import ColumnProblem, Problem, suggest
from parity.base.values import name_of
from parity.data.provinces import province
from parity.study.analyses.registry import SECTIONS
from parity.study.derived import Step
from parity.study.formula import Call, Column, Constant, Expr, Member, Operation
from parity.study.study import Study

if TYPE_CHECKING:
    import pandas as pd

_EQUAL, _RANGE = ("==", "!="), ("<", "<=", ">", ">=")
#: Values of a column shown in a message, and specs in a note.
_MOST = 6


@dataclass
class Filtered:
    """problems: errors of the study; notes: sentences, each of one or several filters."""

    _problems: dict[str, list[str]] = field(default_factory=dict)
    _notes: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, place: str, text: str) -> None:
        """What is wrong with the filter at a place; the same of several filters is one problem."""
        self._problems.setdefault(text, []).append(place)

    def say(self, place: str, text: str) -> None:
        """A sentence on the filter at a place; the same one of several filters is said once."""
        self._notes.setdefault(text, []).append(place)

    def problems(self, file: str) -> tuple[Problem, ...]:
        return tuple(Problem(file, _listed(places), text, tuple(places)) for text, places in self._problems.items())

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(f"{_listed(places)}: {text}" for text, places in self._notes.items())


def _listed(places: list[str]) -> str:
    more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
    return ", ".join(places[:_MOST]) + more


def check_filters(study: Study, frame: pd.DataFrame) -> Filtered:
    """All that the study's filters ask for and the data, derived columns included, don't have."""
    found, held = Filtered(), _Held(frame)
    for place, expr in filters_of(study):
        for part in _parts(expr):
            try:
                _check(place, part, held, found)
            except ColumnProblem:  # of the wrong type, say: whoever evaluates the whole says so
                continue
        if place.endswith(".where"):
            _whole(place, expr, study, held, found)
    _left_over(study, held, found)
    _no_logarithm(study, held, found)
    return found


def _no_logarithm(study: Study, held: _Held, found: Filtered) -> None:
    """Rows that an offset, or an exposure, leaves out because it has no logarithm there."""
    from parity.data.evaluate import Panel, condition

    for spec in study.specs:
        if isinstance(spec.offset, Call) and spec.offset.function == "log":
            inside = spec.offset.args[0]
            try:
                kept = condition(spec.where, held.frame, Panel.of(study)) if spec.where else np.ones(len(held.frame), bool)
                lost = int((kept & condition(Operation("<=", (inside, Constant(0.0))), held.frame, Panel.of(study))).sum())
            except ColumnProblem:  # said where it is estimated
                continue
            if lost:
                said = f"{lost:,} of {int(kept.sum()):,} rows are left out, as `{inside}` is zero or less there"
                found.say(f"spec.{spec.id}.offset", f"{said}; Stata's exposure() stops at that")


def _left_over(study: Study, held: _Held, found: Filtered) -> None:
    """Rows of values that a split doesn't name, and rows without one: Stata's `by` has a group of these."""
    from parity.data.labels import translated

    for several in study.several:
        if several.by not in held.frame or not any(spec.id in several.ids for spec in study.specs):
            continue
        try:
            named = translated(Member(Column(several.by), tuple(map(Constant, several.values))), held.frame)
        except ColumnProblem:  # said where the values are looked for
            continue
        over = held.known(several.by) - {value.value for value in named.values}
        if over:
            rows = int(np.isin(held.values(several.by), list(over)).sum())
            first = ", ".join(f"`{_shown(v)}`" for v in sorted(over, key=lambda v: (isinstance(v, str), v))[:_MOST])
            more = f" and {len(over) - _MOST} more" if len(over) > _MOST else ""
            said = f"{rows:,} of {len(held.frame):,} rows have a value of `{several.by}` that it doesn't name: {first}{more}"
            found.say(f"spec.{several.name}.split", said)
        if none := int(held.frame[several.by].isna().sum()):
            said = f"{none:,} of {len(held.frame):,} rows have no value of `{several.by}`"
            found.say(f"spec.{several.name}.split", said)


def filters_of(study: Study) -> Iterator[tuple[str, Expr]]:
    """Key in `study.toml` and expression of everything that compares a column with values."""
    yield from ((f"derive.{name}", line) for name, line in study.derive.items() if not isinstance(line, Step))
    yield from ((f"spec.{spec.id}.where", spec.where) for spec in study.specs if spec.where)
    for one in SECTIONS:
        for name, asked in getattr(study, one.kind).items():
            given = ((key, getattr(asked, key)) for key in one.conditions)
            yield from ((f"{one.kind}.{name}.{key}", expr) for key, expr in given if expr)


def _parts(expr: Expr) -> Iterator[Operation | Member]:
    """Every comparison in an expression."""
    match expr:
        case Member(arg):
            yield expr
            yield from _parts(arg)
        case Operation(op, args):
            if op in _EQUAL or op in _RANGE:
                yield expr
            for arg in args:
                yield from _parts(arg)
        case Call(_, args):
            for arg in args:
                yield from _parts(arg)


class _Held:
    """The values of columns, read once each."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame
        self._values: dict[str, np.ndarray] = {}
        self._known: dict[str, frozenset] = {}

    def values(self, name: str) -> np.ndarray:
        from parity.data.evaluate import Panel, evaluate

        if name not in self._values:
            self._values[name] = evaluate(Column(name), self.frame, Panel())
        return self._values[name]

    def known(self, name: str) -> frozenset:
        """Distinct values that aren't missing."""
        import pandas as pd

        if name not in self._known:
            self._known[name] = frozenset(v for v in pd.unique(self.values(name)).tolist() if v is not None and v == v)
        return self._known[name]


def _check(place: str, part: Operation | Member, held: _Held, found: Filtered) -> None:
    from parity.data.labels import translated

    plain = translated(part, held.frame)
    column, constants = _sides(plain)
    if column is None:
        return
    values = held.values(column)
    text = values.dtype == object
    if isinstance(plain, Operation) and plain.op in _RANGE:
        if not text:
            _range(place, plain, held, found)
        return
    for constant, written in zip(constants, _sides(part)[1], strict=True):
        if isinstance(constant, str) != text or bool(np.any(values == constant)):
            continue
        message = f"no row has `{_shown(written)}` in `{column}`{_near(written, held.known(column))}"
        if isinstance(written, str) or isinstance(part, Member):
            found.refuse(place, message)
        else:
            found.say(place, message)


def _sides(part: Operation | Member) -> tuple[str | None, list]:
    """The column of a comparison and the constants it is compared with; None where it is of another form."""
    if isinstance(part, Member):
        return (part.arg.name if isinstance(part.arg, Column) else None), [v.value for v in part.values]
    left, right = part.args
    if isinstance(left, Constant):
        left, right = right, left
    if isinstance(left, Column) and isinstance(right, Constant):
        return left.name, [right.value]
    return None, []


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else name_of(float(value))


def _near(value: str | float, known: frozenset) -> str:
    if isinstance(value, str):
        short = province(value)
        if short in known:
            return f": it calls it `{short}`"
        texts = sorted(map(str, known))
        spelt = [t for t in texts if t.strip().lower() == value.strip().lower()]  # capitals and blanks count
        if near := suggest(value, spelt or texts):
            return near
    first = [_shown(v) for v in sorted(known, key=lambda v: (isinstance(v, str), v))[:_MOST]]
    return f"; it holds {', '.join(first)}{f' and {len(known) - _MOST} more' if len(known) > _MOST else ''}"


def _range(place: str, part: Operation, held: _Held, found: Filtered) -> None:
    from parity.data.evaluate import Panel, evaluate

    holds = evaluate(part, held.frame, Panel())
    holds = holds[~np.isnan(holds)]
    if len(holds) and (holds.all() or not holds.any()):
        left, right = part.args
        found.say(place, f"`{left} {part.op} {right}` holds in {'every' if holds.all() else 'no'} row")


def _whole(place: str, expr: Expr, study: Study, held: _Held, found: Filtered) -> None:
    from parity.data.evaluate import Panel, condition

    try:
        kept = condition(expr, held.frame, Panel.of(study))
    except ColumnProblem:
        return
    if kept.all():
        found.say(place, f"it keeps every one of {len(kept):,} rows")
