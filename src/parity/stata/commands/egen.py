"""egen: a function over rows, groups or columns. [D] egen.

Results are stored as float (or the type asked for); total, count and the like of many rows as double where Stata says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.across import ACROSS, row_total, side_by_side
from parity.stata.commands.create import check_new, say_missing, typed
from parity.stata.commands.segments import IN_ANY_ORDER, OVER_GROUPS, Segments, coded, texts_of
from parity.stata.formats import macro_text
from parity.stata.groups import Groups, joint, order, ranked, runs_of
from parity.stata.percentiles import percentile
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.expression import unquoted
from parity.stata_language.values import promoted, smallest, stored
from parity.stata_language.varlist import numbers

CALL = re.compile(r"(\w+)\s*\((.*)\)\s*\Z", re.DOTALL)


@command("ereplace", by_groups=True)
def ereplace(session: Session, given: Command) -> None:
    """`ereplace old = fcn(arguments)`: egen's, with the rows that `if` leaves out as they were."""
    name = session.name(given.about.strip())
    old, used = session.there[name], session.used(given)
    with_new = replace(given, name="egen", about="__ereplaced")
    egen(session, with_new)
    new = session.there["__ereplaced"]
    if new.text != old.text:
        raise DataProblem("type mismatch", 109)
    data = session.there.without(["__ereplaced"])
    values = np.where(used, new.values, old.values)
    kind = text_kind(values) if old.text else promoted(values, old.kind)
    values = values if old.text else stored(values.astype(float), kind)
    session.data = data.with_columns({name: replace(old, values=values, kind=kind, doubts=old.doubts | new.doubts)})


@command("egen", by_groups=True)
def egen(session: Session, given: Command) -> None:
    """`egen [type] new = fcn(arguments) [if] [, options by(x)]`."""
    kind, name = typed(given.about)
    check_new(session, name.strip())
    match = CALL.match(given.assigned or "")
    if match is None:
        raise DataProblem(f"egen: `{given.assigned}` calls no function", 198)
    function, inside = match.group(1), match.group(2).strip()
    option = given.option("by")
    groups = RowsOf.of(session, option.value if option else None)
    used = session.used(given)
    doubts: set[str] = set()
    if function in OVER_GROUPS:
        context = session.context(used=used)
        values, texts = coded(session.values(inside, context), function)
        doubts |= context.doubts
        out = groups.apply(values, used, function, given)
        column = _stored(out, kind, session) if texts is None else texts_of(out, texts)
    elif function in ACROSS:
        names = session.names(inside)
        doubts |= set().union(*(session.there[n].doubts for n in names))
        if function in ("rowtotal", "rsum"):
            across = row_total(session, names, given, kind or session.settings.get("type", "float"))
        else:
            across = ACROSS[function](session, names, given)
        column = _stored(np.where(used, across, np.nan), kind, session)
    elif function in SPECIAL:
        column = SPECIAL[function](session, inside, given, used, groups)
        column = _retyped(column, kind)
        doubts |= column.doubts.union(*(session.there[n].doubts for n in _named(session, inside)))
    else:
        finding = session.note(
            "unknown-function", f"egen's function {function}() is not known here: `{name}` is missing", taints=True
        )
        empty = np.full(session.there.rows, np.nan)
        session.set_columns({name.strip(): Column(empty, "float", doubts=frozenset({finding.doubt}))})
        return
    found = frozenset(doubts) | _of_condition(session, given)
    session.set_columns({name.strip(): replace(column, doubts=column.doubts | found)})
    say_missing(session, column)


def _of_condition(session: Session, given: Command) -> frozenset[str]:
    if not given.condition:
        return frozenset()
    context = session.context()
    session.values(given.condition, context)
    return frozenset(context.doubts)


def _named(session: Session, inside: str) -> list[str]:
    """Variables that the arguments of a function name, as far as they are a list of them or an expression."""
    try:
        return list(session.names(inside)) if inside else []
    except DataProblem:
        return [n for n in re.findall(r"[^\W\d]\w*", inside) if n in session.there.columns]


def _stored(values: np.ndarray, kind: str, session: Session) -> Column:
    kind = kind or session.settings.get("type", "float")
    return Column(stored(np.ascontiguousarray(values, dtype=float), kind), kind)


def _retyped(column: Column, kind: str) -> Column:
    if not kind or column.text or kind.startswith("str"):
        return column
    return replace(column, values=stored(column.values, kind), kind=kind)


class RowsOf:
    """The groups of `by` or `by()`, in whatever order the rows stand. names: those of `by()`; within: the groups of `by`"""

    def __init__(self, data: Dataset, names: tuple[str, ...] | None, within: Groups):
        self.data, self.names, self._within = data, names, within

    @classmethod
    def of(cls, session: Session, by: str | None) -> RowsOf:
        return cls(session.there, session.names(by) if by is not None else None, session.context().within)

    @cached_property
    def positions(self) -> np.ndarray | None:
        """The rows group by group; None where they stand so."""
        return None if self.names is None else order(self.data, self.names)[0]

    @cached_property
    def groups(self) -> Groups:
        """Of the rows at `positions`."""
        if self.names is None:
            return self._within
        held = self.data.taken(self.positions, ordered=False)
        return runs_of([held[n] for n in self.names], held.rows)

    def each(self, used: np.ndarray) -> Iterator[np.ndarray]:
        """The rows in use of each group that has any."""
        at = self.positions if self.positions is not None else np.arange(len(used))
        if not len(at):
            return
        group = self.groups.number
        kept = used[at]
        at, group = at[kept], group[kept]
        if len(at):
            yield from np.split(at, np.flatnonzero(np.diff(group)) + 1)

    def apply(self, values: np.ndarray, used: np.ndarray, function: str, given: Command) -> np.ndarray:
        """A function of each group's rows in use. Rows not in use are missing."""
        out = np.full(len(values), np.nan)
        if not used.any():
            return out
        if self.names is not None and function in IN_ANY_ORDER:
            rows = np.flatnonzero(used)
            group = self._codes[rows]
        else:
            at = self.positions if self.positions is not None else np.arange(len(values))
            kept = used[at]
            rows, group = at[kept], self.groups.number[kept]
        out[rows] = OVER_GROUPS[function](Segments(values[rows], group), given)
        return out

    @cached_property
    def _codes(self) -> np.ndarray:
        return joint([ranked(self.data[n]) for n in self.names or ()], self.data.rows)


# ---------------------------------------------------------------- of their own kind


def _rows(session: Session, names: Sequence[str], given: Command, used: np.ndarray) -> np.ndarray:
    """Those used, without rows that lack a value, unless `missing`."""
    if given.has("missing", least=1):
        return used.copy()
    columns = [session.there[name] for name in names]
    return np.logical_and.reduce([used, *((c.values != "") if c.text else ~np.isnan(c.values) for c in columns)])


def _group(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """1, 2, ... in the order of the values; rows with a missing value have none, unless `missing`."""
    data, names = session.there, session.names(inside)
    rows = _rows(session, names, given, used)
    inner = data.taken(rows)
    positions, _ = order(inner, names)
    held = inner.taken(positions, ordered=False)
    number = np.full(inner.rows, np.nan)
    number[positions] = runs_of([held[n] for n in names], held.rows).number + 1.0
    out = np.full(data.rows, np.nan)
    out[rows] = number
    doubts = frozenset().union(*(data[n].doubts for n in names))
    label = f"group({' '.join(names)})"
    called = ""
    if given.has("label") or given.has("lname"):
        option, cut = given.option("lname"), given.option("truncate")
        called = option.value if option and option.value else typed(given.about)[1].strip()
        most = int(float(cut.value)) if cut and cut.value else None
        said = [[t[:most] for t in _shown(session, n, held[n].values.tolist())] for n in names]
        pairs = dict(zip((number[positions]).tolist(), map(" ".join, zip(*said, strict=True)), strict=True))
        session.data = replace(data, value_labels={**data.value_labels, called: pairs})
    kind = smallest(out) if given.has("autotype") else "float"
    return Column(out, kind, label=label, value_label=called, doubts=doubts)


def _shown(session: Session, name: str, values: list) -> list[str]:
    """Values as their labels or as texts."""
    labels = session.there.labels_of(name)
    return [v if isinstance(v, str) else labels.get(v, macro_text(v)) for v in values]


def _tag(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """1 for one row of each combination, 0 for the others."""
    data, names = session.there, session.names(inside)
    rows = _rows(session, names, given, used)
    spot = np.flatnonzero(rows)
    inner = data.taken(rows)
    positions, _ = order(inner, names)
    held = inner.taken(positions, ordered=False)
    first = runs_of([held[n] for n in names], held.rows).position == 0
    out = np.zeros(data.rows)
    out[spot[positions[first]]] = 1.0
    return Column(out, "byte")


def _cut(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """`cut(x), at(...)` or `group(n)`."""
    x = session.numbers(inside)
    if option := given.option("group", least=1):
        asked = session.value(option.value or "")
        if isinstance(asked, str) or not 1 <= asked <= 100_000:
            raise DataProblem(f"cut's group({option.value}) is no number of groups", 198)
        n = int(asked)
        there = used & ~np.isnan(x)
        at = np.array([percentile(x[there], 100 * i / n) for i in range(1, n)])
        out = np.where(there, np.searchsorted(at, x, side="right").astype(float), np.nan)
        return Column(out, "float")
    option = given.option("at")
    if option is None or not option.value:
        raise DataProblem("cut needs at() or group()", 198)
    at = np.array(numbers(option.value))
    place = np.searchsorted(at, x, side="right") - 1
    inside_cuts = used & (place >= 0) & (x < at[-1])
    value = place.astype(float) if given.has("icodes", "label") else at[np.clip(place, 0, len(at) - 1)]
    return Column(np.where(inside_cuts, value, np.nan), "float")


def _seq(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """from(), to(), block() within groups."""

    def number(name: str, default: float) -> float:
        option = given.option(name, least=1)
        return float(session.value(option.value)) if option and option.value else default

    first, block = number("from", 1), number("block", 1)
    position = groups.groups.position.astype(float)
    size = groups.groups.size.astype(float)
    if groups.positions is not None:
        back = np.empty(len(position))
        back[groups.positions] = position
        position = back
    last = number("to", first + float(size.max() if len(size) else 1) - 1)
    step = 1 if last >= first else -1
    values = first + step * np.mod(np.floor(position / block), abs(last - first) + 1)
    return Column(stored(np.where(used, values, np.nan), "float"), "float")


def _concat(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    option = given.option("punct", least=1)
    between = unquoted(option.value) if option and option.value else ""
    parts = []
    for name in session.names(inside):
        column = session.there[name]
        labels = session.there.labels_of(name) if given.has("decode", least=1) else {}
        parts.append([v if isinstance(v, str) else labels.get(v, macro_text(v)) for v in column.values.tolist()])
    texts = np.array([between.join(row) for row in zip(*parts, strict=True)], dtype=object)
    return Column(np.where(used, texts, ""), text_kind(texts))


def _fill(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """`fill(1 2)` goes on with its pattern."""
    listed = numbers(inside)
    n = session.there.rows
    half = len(listed) // 2
    if half and listed[:half] == listed[half:]:
        return Column(np.resize(np.array(listed[:half]), n), "float")
    step = listed[1] - listed[0] if len(listed) > 1 else 1.0
    return Column(listed[0] + step * np.arange(n, dtype=float), "float")


def _anyvalue(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    option = given.option("values", least=1)
    column = session.there[session.name(inside)]
    kept = used & np.isin(column.numbers, numbers(option.value or "") if option else [])
    return replace(column, values=np.where(kept, column.values, np.nan))


def _diff(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    held = side_by_side(session, session.names(inside))
    same = np.all((held == held[:, :1]) | (np.isnan(held) & np.isnan(held[:, :1])), axis=1)
    return Column(np.where(used, (~same).astype(float), np.nan), "byte")


def _ma(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """`ma(x), t(3)`: the mean of t neighbours."""
    option = given.option("t")
    t = int(float(option.value)) if option and option.value else 3
    x = session.numbers(inside)
    out = np.full(len(x), np.nan)
    half = t // 2
    for i in range(half, len(x) - half):
        if groups.groups.start[i - half] == groups.groups.start[i + half]:
            out[i] = x[i - half : i + half + 1].mean()
    return Column(stored(out, "float"), "float")


def _wtmean(session: Session, inside: str, given: Command, used: np.ndarray, groups: RowsOf) -> Column:
    """`wtmean(x), weight(w)`: the mean with weights, over rows that have both. _gwtmean (SSC)."""
    option = given.option("weight")
    context = session.context()
    x = session.numbers(inside, context)
    w = session.numbers(option.value, context) if option and option.value else np.ones(len(x))
    there = used & ~np.isnan(x) & ~np.isnan(w)
    means = [
        groups.apply(np.where(there, values, np.nan), used, "total", replace(given, options=())) for values in (w * x, w)
    ]
    with np.errstate(all="ignore"):
        found = np.where(means[1] == 0, np.nan, means[0] / means[1])
    return Column(stored(found, "float"), "float", doubts=frozenset(context.doubts))


SPECIAL: dict[str, Callable[..., Column]] = {
    "group": _group, "tag": _tag, "cut": _cut, "seq": _seq, "concat": _concat, "fill": _fill, "anyvalue": _anyvalue,
    "diff": _diff, "ma": _ma, "wtmean": _wtmean,
}  # fmt: skip
