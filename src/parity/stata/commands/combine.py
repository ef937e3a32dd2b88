"""merge, append, joinby, cross. [D]

The master's columns win in merge; keys that don't tell rows apart where they must are an error, as in Stata.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parity.stata.bounds import check_rows
from parity.stata.commands import command
from parity.stata.commands.files import loaded, path_of
from parity.stata.commands.rows import sorted_data
from parity.stata.groups import joint, ranked
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, Rows

_RANK = {"byte": 0, "int": 1, "long": 2, "float": 3, "double": 4}


def wider(a: str, b: str) -> str:
    """A type that holds the values of both. Raises `DataProblem` for a text beside a number."""
    if a.startswith("str") != b.startswith("str"):
        raise DataProblem("a variable is a string in one file and numeric in the other", 106)
    if a.startswith("str"):
        if "strL" in (a, b):
            return "strL"
        return a if int(a[3:]) >= int(b[3:]) else b
    if {a, b} == {"long", "float"}:
        return "double"
    return a if _RANK[a] >= _RANK[b] else b


def stacked(a: Column, b: Column) -> Column:
    return replace(a, values=np.concatenate([a.values, b.values]), kind=wider(a.kind, b.kind), doubts=a.doubts | b.doubts)


def empty_like(column: Column, n: int) -> Column:
    return replace(column, values=np.full(n, "" if column.text else np.nan, dtype=column.values.dtype))


def keys_of(master: Dataset, other: Dataset, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One whole number a row, equal where all key columns are equal."""
    n = master.rows
    total = joint([ranked(stacked(master[name], other[name])) for name in names], n + other.rows)
    return total[:n], total[n:]


def labels_joined(master: Dataset, other: Dataset) -> dict:
    return {**other.value_labels, **master.value_labels}


def _old_names(given: Command) -> Command:
    """Options of Stata 10 by their names of today; `keep()` were the variables."""
    today = {"keep": "keepusing", "_merge": "generate"}
    return replace(given, options=tuple(replace(o, name=today.get(o.name, o.name)) for o in given.options))


@command("merge")
def merge(session: Session, given: Command) -> None:
    """`merge 1:1|m:1|1:m|m:m varlist using file [, keep() keepusing() nogenerate generate() assert() update replace]`."""
    match = re.match(r"(1:1|m:1|1:m|m:m|1:n|n:1)\s+(.*)\Z", given.about, re.DOTALL)
    if match is None:
        _old_merge(session, given)
        return
    kind = match.group(1).replace("n", "m")
    _merge(session, given, kind, match.group(2))


def _old_merge(session: Session, given: Command) -> None:
    """`merge varlist using file` of Stata 10: like m:m but for `unique`, `uniqmaster`, `uniqusing`."""
    if not given.about or given.about.split()[0].isdigit():
        raise DataProblem("merge without keys is not known here", 198)
    kind = "1:1" if given.has("unique") else "m:1" if given.has("uniqusing") else "1:m" if given.has("uniqmaster") else "m:m"
    _merge(session, _old_names(given), kind, given.about, old=True)


def _merge(session: Session, given: Command, kind: str, about: str, *, old: bool = False) -> None:
    master, using = session.there, loaded_using(session, given)
    names = session.names(about)
    lacking = [n for n in names if n not in using.columns]
    if lacking:
        raise DataProblem(f"variable {lacking[0]} not found in the using data", 111)
    if option := given.option("keepusing", "keepus", least=5):
        chosen = _chosen(using, option.value or "")
        using = using.without([n for n in using.columns if n not in (*chosen, *names)])
    if given.has("force"):
        using = using.with_columns({n: empty_like(master[n], using.rows) for n in _of_other_type(master, using, names)})
    a, b = keys_of(master, using, names)
    for side, code, data in (("master", a, kind[0]), ("using", b, kind[2])):
        if data == "1" and len(code) and np.bincount(code).max() > 1:
            sure = 0 if side == "using" and using.doubts else 459  # data that may be others than Stata has
            raise DataProblem(f"variables {' '.join(names)} do not uniquely identify observations in the {side} data", sure)
    left, right = _pairs(a, b, kind)
    data = _joined(master, using, names, left, right, update=given.has("update"), replace_=given.has("replace"))
    if kind == "m:m" and not old:
        finding = session.note(
            "merge-m-m", "merge m:m pairs rows by their order within a key: which belong together is chance"
        )
        if _in_doubt(a, b, [d.sorted_by[: len(names)] == tuple(names) and not d.tied for d in (master, using)]):
            data = replace(data, doubts=data.doubts | {finding.doubt})
    side = np.where(right < 0, 1.0, np.where(left < 0, 2.0, 3.0))
    side = _updated(side, master, using, names, left, right, given)
    if given.has("nokeep"):
        data, side = data.taken(side != 2), side[side != 2]
    if (
        (option := given.option("assert"))
        and option.value
        and not np.isin(side, [_side(w) for w in option.value.split()]).all()
    ):
        raise DataProblem("merge: after merge, not all observations matched as asserted", 9)
    keep = given.option("keep")
    if keep and keep.value:  # of the rows that assert() was asked of
        kept = np.isin(side, [_side(w) for w in keep.value.split()])
        data, side = data.taken(kept), side[kept]
    name = (option.value or "_merge") if (option := given.option("generate", "gen", least=3)) else "_merge"
    if not given.has("nogenerate", least=5):
        if name in data.columns:
            raise DataProblem(f"variable {name} already defined", 110)
        labels = {
            1.0: "Master only (1)",
            2.0: "Using only (2)",
            3.0: "Matched (3)",
            4.0: "Missing updated (4)",
            5.0: "Nonmissing conflict (5)",
        }
        data = replace(data, value_labels={**data.value_labels, "_merge": labels})
        data = data.with_columns({name: Column(side, "byte", "%23.0g", "Matching result from merge", "_merge")})
    session.r = Results(numbers={})
    session.show("merge", counts={int(s): int((side == s).sum()) for s in (1, 2, 3, 4, 5)})
    ordered = names if not given.has("sorted") else master.sorted_by
    session.data = replace(sorted_data(replace(data, sorted_by=()), tuple(ordered)), tied=kind == "m:m")


def loaded_using(session: Session, given: Command) -> Dataset:
    """The other file; the session's own data stay where it isn't there."""
    held = session.data
    try:
        data = loaded(session, path_of(given.using or ""))
        return replace(data, value_labels={}) if given.has("nolabel") else data
    except Exception:
        session.data = held
        raise


def _of_other_type(master: Dataset, using: Dataset, keys: tuple[str, ...]) -> list[str]:
    """Columns that are texts in one file and numbers in the other: with `force`, the other file's count as missing."""
    both = [n for n in using.columns if n in master.columns and n not in keys]
    return [n for n in both if master[n].text != using[n].text]


def _chosen(data: Dataset, text: str) -> tuple[str, ...]:
    from parity.stata_language.varlist import Resolver

    return Resolver(data).many(text)


def _side(word: str) -> float:
    names = {
        "masters": 1, "using": 2, "usings": 2, "matches": 3, "matched": 3, "match_updates": 4, "match_conflicts": 5,
    }  # fmt: skip
    known = next((v for k, v in names.items() if k.startswith(word)), None)
    if known is None and word not in ("1", "2", "3", "4", "5"):
        raise DataProblem(f"`{word}` is no result of merge", 198)
    return float(known if known is not None else word)


def _pairs(a: np.ndarray, b: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of master and using side by side; -1 where one side has none. Matched and master rows first, in their order."""
    if kind == "m:m":
        return _in_turn(a, b)
    order, first, count = _partners(a, b)
    if not len(b):
        return np.arange(len(a)), np.full(len(a), -1)
    if count.max(initial=0) <= 1:  # each row of the master once
        left, right = np.arange(len(a)), order[np.minimum(first, len(b) - 1)]
        right[count == 0] = -1
    else:
        times = np.maximum(count, 1)
        left = np.repeat(np.arange(len(a)), times)
        offset = np.arange(len(left)) - np.repeat(np.cumsum(times) - times, times)
        at = np.repeat(first, times) + offset
        right = np.where(np.repeat(count, times) > 0, order[np.minimum(at, len(b) - 1)], -1)
    alone = np.flatnonzero(_without(b, a))
    if not len(alone):
        return left, right
    return np.concatenate([left, np.full(len(alone), -1)]), np.concatenate([right, alone])


def _in_doubt(a: np.ndarray, b: np.ndarray, ordered: Sequence[bool]) -> bool:
    """Whether rows of m:m meet by an order that Stata draws: some key has several on both sides, and a side isn't sorted."""
    most = int(max(a.max(initial=-1), b.max(initial=-1))) + 1
    several = (np.bincount(a, minlength=most) > 1) & (np.bincount(b, minlength=most) > 1)
    return bool(several.any()) and not all(ordered)


def _partners(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of b by their code, and of each row of a where its partners begin among them, and how many it has."""
    held = np.bincount(b, minlength=int(a.max(initial=-1)) + 1)
    return np.argsort(b, kind="stable"), (np.cumsum(held) - held)[a], held[a]


def _without(b: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Which rows of b have a code that no row of a has."""
    return np.bincount(a, minlength=int(b.max(initial=-1)) + 1)[b] == 0


def _in_turn(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """m:m: the i-th with the i-th of a key, the shorter side's last one repeated."""
    left, right = [], []
    where = {}
    for i, key in enumerate(b.tolist()):
        where.setdefault(key, []).append(i)
    mine: dict[int, list[int]] = {}
    for i, key in enumerate(a.tolist()):
        mine.setdefault(key, []).append(i)
    for key, rows in mine.items():
        others = where.get(key, [])
        for i in range(max(len(rows), len(others))):
            left.append(rows[min(i, len(rows) - 1)])
            right.append(others[min(i, len(others) - 1)] if others else -1)
    for key, others in where.items():
        if key not in mine:
            left += [-1] * len(others)
            right += others
    return np.array(left, dtype=np.int64), np.array(right, dtype=np.int64)


class _Side:
    """One of the two data sets at the rows of both; -1 where it has none. Columns are taken when they are first read."""

    def __init__(self, data: Dataset, rows: np.ndarray):
        self.data, self.absent = data, rows < 0
        self.gaps = bool(self.absent.any())
        self.same = not self.gaps and len(rows) == data.rows and bool(np.array_equal(rows, np.arange(data.rows)))
        self.rows, self._composed = Rows(rows, gaps=self.gaps), {}

    def __getitem__(self, name: str) -> Column:
        return self.data[name] if self.same else self.data[name].picked(self.rows, self._composed)


def _joined(master: Dataset, using: Dataset, names: tuple[str, ...], left: np.ndarray, right: np.ndarray, *,
            update: bool = False, replace_: bool = False) -> Dataset:  # fmt: skip
    columns, mine, others = {}, _Side(master, left), _Side(using, right)
    for name in master.columns:
        column = mine[name]
        if name in using.columns:
            other = others[name]
            values: np.ndarray = column.values
            if update and name not in names:
                taken = mine.absent | ((values == "") if column.text else np.isnan(values))
                if replace_:
                    taken |= (other.values != "") if column.text else ~np.isnan(other.values)
                values = np.where(taken, other.values, values)
            elif mine.gaps:
                values = np.where(mine.absent, other.values, values)
            kind = wider(column.kind, other.kind)
            column = replace(column, values=values, kind=kind, doubts=column.doubts | other.doubts)
        columns[name] = column
    columns |= {name: others[name] for name in using.columns if name not in columns}
    joined = Dataset(columns, len(left), labels_joined(master, using), (), False, master.panel, master.label, master.path)
    return replace(joined, doubts=master.doubts | using.doubts, characteristics=master.characteristics)


def _updated(side, master, using, names, left, right, given):
    """4 where an update filled a missing value, 5 where both have different values."""
    if not given.has("update"):
        return side
    both = (left >= 0) & (right >= 0)
    filled, conflict = np.zeros(len(side), dtype=bool), np.zeros(len(side), dtype=bool)
    mine, others = _Side(master, left), _Side(using, right)
    for name in using.columns:
        if name in names or name not in master.columns:
            continue
        a, b = mine[name].values, others[name].values
        text = master[name].text
        lost_a, lost_b = ((a == ""), (b == "")) if text else (np.isnan(a), np.isnan(b))
        filled |= both & lost_a & ~lost_b
        conflict |= both & ~lost_a & ~lost_b & (a != b)
    return np.where(conflict, 5.0, np.where(filled, 4.0, side))


@command("append")
def append(session: Session, given: Command) -> None:
    """`append using file [file ...] [, generate() keep() force]`."""
    from parity.stata.lists import split_words

    data = session.there
    mark = [np.zeros(data.rows)]
    option = given.option("generate", least=3)
    if option and option.value:  # it stands behind the variables in memory, before those that the files bring
        session.set_columns({option.value: Column(np.zeros(data.rows), "byte")})
        data = session.there
    for i, typed in enumerate(split_words(given.using or ""), 1):
        other = loaded_using(session, replace(given, using=f'"{typed}"'))
        if keep := given.option("keep"):
            chosen = _chosen(other, keep.value or "")
            other = other.without([n for n in other.columns if n not in chosen])
        columns = {}
        for name, column in data.columns.items():
            beside = other.columns.get(name)
            if beside is not None and beside.text != column.text and given.has("force"):
                beside = None
            columns[name] = stacked(column, beside if beside is not None else empty_like(column, other.rows))
        for name, column in other.columns.items():
            if name not in columns:
                columns[name] = stacked(empty_like(column, data.rows), column)
        mark.append(np.full(other.rows, float(i)))
        data = Dataset(columns, data.rows + other.rows, labels_joined(data, other), (), False, data.panel, data.label,
        data.path,
                       data.doubts | other.doubts, data.characteristics)  # fmt: skip
    session.data = data
    if option and option.value:
        session.set_columns({option.value: Column(np.concatenate(mark), "byte")})


@command("joinby")
def joinby(session: Session, given: Command) -> None:
    """Every pair of rows that agree in the keys; `unmatched(both|master|using)` keeps the others."""
    master, using = session.there, loaded_using(session, given)
    names = session.names(given.about) if given.about else tuple(n for n in master.columns if n in using.columns)
    a, b = keys_of(master, using, names)
    order, first, count = _partners(a, b)
    check_rows(float(count.sum()))
    left = np.repeat(np.arange(len(a)), count)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    right = order[np.repeat(first, count) + offset] if len(left) else np.array([], dtype=np.int64)
    option = given.option("unmatched")
    which = option.value if option and option.value else "none"
    side = np.full(len(left), 3.0)
    if which.startswith(("both", "b", "master", "m")):
        alone = np.flatnonzero(count == 0)
        left, right = np.concatenate([left, alone]), np.concatenate([right, np.full(len(alone), -1)])
        side = np.concatenate([side, np.full(len(alone), 1.0)])
    if which.startswith(("both", "b", "using", "u")):
        alone = np.flatnonzero(_without(b, a))
        left, right = np.concatenate([left, np.full(len(alone), -1)]), np.concatenate([right, alone])
        side = np.concatenate([side, np.full(len(alone), 2.0)])
    data = _joined(master, using, names, left.astype(np.int64), right.astype(np.int64))
    if which != "none":
        name = option.value if (option := given.option("_merge")) and option.value else "_merge"
        if name in data.columns:
            raise DataProblem(f"variable {name} already defined", 110)
        data = data.with_columns({name: Column(side, "byte")})
    session.data = sorted_data(data, names)


@command("cross")
def cross(session: Session, given: Command) -> None:
    """Every row beside every row."""
    master, using = session.there, loaded_using(session, given)
    check_rows(float(master.rows) * using.rows)
    left = np.repeat(np.arange(master.rows), using.rows)
    right = np.tile(np.arange(using.rows), master.rows)
    session.data = _joined(master, using, (), left, right)
