"""Which rows and columns stay, and in which order: keep, drop, sort, gsort, order, duplicates, expand, sample."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np

from parity.stata.bounds import check_rows
from parity.stata.commands import command
from parity.stata.commands.create import check_new
from parity.stata.commands.places import placed
from parity.stata.groups import order, runs_of
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem, Dataset, text_kind
from parity.stata_language.values import smallest


@command("keep", by_groups=True)
def keep(session: Session, given: Command) -> None:
    """`keep varlist`, `keep if`, `keep in`."""
    if given.about:
        wanted = set(session.names(given.about))
        session.data = session.there.without([n for n in session.there.columns if n not in wanted])
        return
    if not given.condition and not given.rows:
        raise DataProblem("nothing to keep is named", 198)
    session.data = _filtered(session, given, True)


@command("drop", by_groups=True)
def drop(session: Session, given: Command) -> None:
    """`drop varlist`, `drop if`, `drop in`, `drop _all`."""
    if given.about:
        if given.about.strip() == "_all":
            session.data = Dataset()
            return
        session.data = session.there.without(session.names(given.about))
        return
    if not given.condition and not given.rows:
        raise DataProblem("nothing to drop is named", 198)
    session.data = _filtered(session, given, False)


def _filtered(session: Session, given: Command, kept: bool) -> Dataset:
    """Rows that the condition names, or the others; a doubted condition makes the rows doubtful."""
    data, context = session.there, session.context()
    mask = session.used(given)
    if given.condition:
        from parity.stata.evaluate import rows

        rows(session.parsed(given.condition), context)
    if data.tied and re.search(r"\b_n\b|\w\[", given.condition or given.rows or ""):
        finding = session.note(
            "unstable-sort", f"`{given.text[:60]}` takes rows by an order that Stata draws anew at every sort"
        )
        context.doubts.add(finding.doubt)
    if given.condition and _large_missing(given.condition, session):
        session.note(
            "missing-is-large", f"`{given.condition[:60]}` is true for missing values: they count as larger than any number"
        )
    left = data.taken(mask if kept else ~mask)
    session.say_counted(data.rows - left.rows, "observation", "deleted")
    return replace(left, doubts=left.doubts | frozenset(context.doubts))


def _large_missing(condition: str, session: Session) -> bool:
    """Whether `x > number` stands alone where x has missing values."""
    for name in re.findall(r"(?<![\w.])([^\W\d]\w*)\s*>=?\s*-?[\d.]+", condition):
        column = session.there.columns.get(name)
        guarded = re.search(rf"{name}\s*(<|!=|~=)\s*\.|(!|~)\s*(mi|missing)\(\s*{name}|{name}\s*<", condition)
        if column is not None and not column.text and not guarded and np.isnan(column.values).any():
            return True
    return False


@command("sort")
def sort(session: Session, given: Command) -> None:
    """`sort varlist [, stable]`: ties stay in their order here; Stata draws it, which is noted where it matters."""
    names = session.names(given.about)
    session.data = sorted_data(session.there, names, stable=given.has("stable"))


def sorted_data(data: Dataset, names: tuple[str, ...], *, stable: bool = False) -> Dataset:
    """Rows in the order of these columns."""
    if data.sorted_by[: len(names)] == names:
        return data
    positions, tied = order(data, names)
    left = data.taken(positions, ordered=False)
    unique = not tied
    return replace(left, sorted_by=names, tied=not (unique or stable))


@command("gsort")
def gsort(session: Session, given: Command) -> None:
    """`gsort +a -b`: ascending and descending; missing values last, first with `mfirst`."""
    words = re.findall(r"([+-]?)\s*([^\s+-]+)", given.about)
    names = [session.name(name) for _, name in words]
    descending = [sign == "-" for sign, _ in words]
    data = session.there
    keys = {}
    for name, down in zip(names, descending, strict=True):
        column = data[name]
        if down and not column.text and not given.has("mfirst"):
            keys[name] = replace(column, values=-column.values)  # missing stays last
    sign = [d and n not in keys for n, d in zip(names, descending, strict=True)]
    positions, tied = order(data.with_columns(keys), names, sign)
    left = data.taken(positions, ordered=False)
    leading = tuple(itertools.takewhile(lambda n: not descending[names.index(n)], names))  # by what it still is sorted
    session.data = replace(left, sorted_by=leading, tied=tied)
    if option := given.option("generate", least=3):
        check_new(session, option.value or "")
        number = runs_of([session.there[n] for n in names], data.rows).number + 1.0
        session.set_columns({option.value or "": Column(number, smallest(number))})


@command("order", "aorder", "move")
def order_columns(session: Session, given: Command) -> None:
    """`order varlist [, last before(x) after(x) alphabetic]`; `aorder`: x2 before x10; `move x y`: x to the place of y."""
    data = session.there
    names = list(session.names(given.about)) if given.about else list(data.columns)
    if given.name == "move":
        _moved(session, names)
        return
    if given.name == "aorder" or given.has("sequential"):
        names = sorted(
            names, key=lambda n: [(not p.isdigit(), int(p) if p.isdigit() else p) for p in re.findall(r"\d+|\D+", n)]
        )
    elif given.has("alphabetic", least=3):
        names = sorted(names)
    placed(session, names, given)


def _moved(session: Session, names: list[str]) -> None:
    """The first to where the second stands, which makes room towards where the first came from."""
    if len(names) != 2:
        raise DataProblem("move takes two variables", 198)
    left = list(session.there.columns)
    at = left.index(names[1])
    left.insert(at, left.pop(left.index(names[0])))
    session.data = replace(session.there, columns={n: session.there.columns[n] for n in left})


@command("duplicates")
def duplicates(session: Session, given: Command) -> None:
    """`duplicates drop|tag|report|list [varlist]`."""
    verb, _, rest = given.about.partition(" ")
    data, used = session.there, session.used(given)
    names = session.names(rest) if rest.strip() else tuple(data.columns)
    positions, _ = order(data, names)
    held = data.taken(positions, ordered=False)
    groups = runs_of([held[n] for n in names], held.rows)
    first = np.empty(data.rows, dtype=bool)
    copies = np.empty(data.rows)
    first[positions] = groups.position == 0
    copies[positions] = groups.size - 1.0
    if not used.all():  # counted among the rows in use alone
        from parity.stata.groups import runs_of as counted

        inside = data.taken(used)
        places, _ = order(inside, names)
        part = counted([inside.taken(places, ordered=False)[n] for n in names], inside.rows)
        spot = np.flatnonzero(used)[places]
        first[:], copies[:] = True, np.nan
        first[spot] = part.position == 0
        copies[spot] = part.size - 1.0
    match verb:
        case "drop":
            if rest.strip() and not given.has("force"):
                raise DataProblem("duplicates drop of some variables needs force", 198)
            lost = data.rows - int(first.sum())
            session.r = Results(numbers={"N_drop": float(lost)})
            if rest.strip() and lost and _differ(data, names, positions, groups.number):
                said = f"which of the rows alike in {', '.join(names)} is kept hangs on their order, and they differ"
                finding = session.note("duplicates-drop-force", said)
                if data.tied:
                    session.doubt_data(finding)
            session.data = session.there.taken(first)
            if lost:
                session.say_counted(lost, "observation", "deleted")
            else:
                session.say("(0 observations are duplicates)")
        case "tag":
            option = given.option("generate", least=3)
            if option is None or not option.value:
                raise DataProblem("option generate() required", 198)
            check_new(session, option.value)
            session.set_columns({option.value: Column(copies, smallest(copies))})
        case "report" | "list" | "examples" | "browse":
            session.r = Results(numbers={"N": float(used.sum()), "unique_value": float((first & used).sum())})
            session.show("duplicates", rows=int(used.sum()), surplus=int((used & ~first).sum()))
        case _:
            raise DataProblem(f"duplicates {verb} is not known here", 198)


def _differ(data: Dataset, names: tuple[str, ...], positions: np.ndarray, number: np.ndarray) -> bool:
    """Whether rows alike in `names` differ in another column."""
    both = number[1:] == number[:-1]
    for name, column in data.columns.items():
        if name in names:
            continue
        values = column.values[positions]
        same = values[1:] == values[:-1]
        if not column.text:
            same |= np.isnan(values[1:].astype(float)) & np.isnan(values[:-1].astype(float))
        if np.any(both & ~same):
            return True
    return False


@command("expand", by_groups=True)
def expand(session: Session, given: Command) -> None:
    """`expand = exp [, generate(new)]`: each row so many times, the copies at the end."""
    text = given.about.lstrip("= ") or (given.assigned or "")
    data, used = session.there, session.used(given)
    times = session.numbers(text)
    copies = np.where(used & (times >= 2), np.trunc(np.where(np.isnan(times), 1, times)) - 1, 0).astype(np.int64)
    check_rows(data.rows + float(copies.sum(dtype=float)))
    added = np.repeat(np.arange(data.rows), copies)
    session.say_counted(len(added), "observation", "created")
    option = given.option("generate", least=3)
    if option is not None:
        check_new(session, option.value or "")
    session.data = replace(data.taken(np.concatenate([np.arange(data.rows), added]), ordered=False))
    if option is not None:
        mark = np.concatenate([np.zeros(data.rows), np.ones(len(added))])
        session.set_columns({option.value or "": Column(mark, "byte")})


@command("count", by_groups=True, changes_data=False)
def count(session: Session, given: Command) -> None:
    """`count [if]`: r(N)."""
    session.r = Results(numbers={"N": float(np.count_nonzero(session.used(given)))})
    session.show("count", N=session.r.numbers["N"])


@command("sample", "bsample")
def sample(session: Session, given: Command) -> None:
    """Rows drawn by chance: which ones isn't reproducible here, so the rows stay and are in doubt."""
    finding = session.note(
        "random", f"`{given.text[:60]}` draws rows by chance: which ones is not reproducible here", taints=True
    )
    data = session.there
    option, used = given.option("count", least=1), session.used(given)
    if given.name == "sample" and option is not None and given.about.strip().isdigit() and not given.has("by"):
        # how many rows stay is known, though not which
        gone = np.flatnonzero(used)[int(given.about) :]
        session.say_counted(len(gone), "observation", "deleted")
        kept = np.ones(data.rows, dtype=bool)
        kept[gone] = False
        session.data = data.taken(kept)
    session.doubt_data(finding)


@command("isid", changes_data=False)
def isid(session: Session, given: Command) -> None:
    """Raises `DataProblem` 459 where the variables don't tell rows apart."""
    names = session.names(given.about)
    if not given.has("missok"):
        for name in names:
            column = session.there[name]
            if ((column.values == "") if column.text else np.isnan(column.values)).any():
                raise DataProblem(f"variable {name} should never be missing", 459)
    _, tied = order(session.there, names)
    if tied:
        raise DataProblem(f"variable(s) {' '.join(names)} do not uniquely identify the observations", 459)
    if given.has("sort"):
        session.data = sorted_data(session.there, names)


@command("clear")
def clear(session: Session, given: Command) -> None:
    """`clear`, `clear all`: the data; estimates, programs and other frames too."""
    session.data = Dataset()
    if given.about.strip() in ("all", "*", "frames"):
        session.frames.clear()
        session.frame = "default"
    if given.about.strip() in ("all", "*", "results"):
        session.stored.clear()
        session.scalars.clear()
        session.matrices.clear()


@command("insobs")
def insobs(session: Session, given: Command) -> None:
    """`insobs n`: n empty rows at the end. [D] insobs"""
    session.data = lengthened(session.there, session.there.rows + whole_rows(session, given.about))


def whole_rows(session: Session, text: str) -> int:
    """A number of rows. Raises `DataProblem` 198 for what is none, 901 for more than are made here."""
    value = session.value(text)
    if isinstance(value, str) or np.isnan(value) or value < 0:
        raise DataProblem(f"`{text[:40]}` is no number of observations", 198)
    check_rows(value)
    return int(value)


def lengthened(data: Dataset, n: int) -> Dataset:
    """With empty rows at the end. Raises `DataProblem` for more than are made."""
    check_rows(n)
    columns = {}
    for name, column in data.columns.items():
        empty = np.full(n - data.rows, "" if column.text else np.nan, dtype=column.values.dtype)
        columns[name] = replace(column, values=np.concatenate([column.values, empty]))
    return replace(data, columns=columns, rows=n, sorted_by=())


@command("compress")
def compress(session: Session, given: Command) -> None:
    """The smallest storage type that holds every value; a double never becomes a float. [D] compress."""
    from dataclasses import replace as changed

    data = session.there
    new = {}
    for name in session.names(given.about) if given.about else tuple(data.columns):
        column = data[name]
        kind = text_kind(column.values) if column.text else compressed(column.values, column.kind)
        if kind != column.kind:
            new[name] = changed(column, kind=kind)
            session.say(f"variable {name} was {column.kind} now {kind}")
    session.set_columns(new)


def compressed(values: np.ndarray, kind: str) -> str:
    """Whole doubles become long, int or byte, whole floats int or byte."""
    there = values[~np.isnan(values)]
    whole = bool(np.all(there == np.trunc(there)))
    low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)
    sizes = {"byte": 1, "int": 2, "long": 4, "float": 4, "double": 8}
    if whole:
        for smaller, least, most in (("byte", -127, 100), ("int", -32_767, 32_740), ("long", -2_147_483_647, 2_147_483_620)):
            if sizes[smaller] < sizes[kind] and least <= low and high <= most:
                return smaller
    return kind
