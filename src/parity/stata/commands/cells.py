"""`table rowvar [colvar], contents(mean x sd x freq)`: the cells of a table, as before Stata 17."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.stata.commands import command
from parity.stata.commands.output import moments, statistic
from parity.stata.formats import macro_text, shown
from parity.stata.groups import ranked
from parity.stata.mishaps import OptionNotRead
from parity.stata.percentiles import percentile
from parity.stata.results import Results
from parity.stata.session import Session
from parity.stata_language.command import Command
from parity.stata_language.dataset import Column, DataProblem

#: Statistics of `contents()` that are computed, beside `freq` and p1 ... p99. [R] table of Stata 16
_STATISTICS = frozenset({"mean", "sd", "semean", "sum", "rawsum", "count", "n", "max", "min", "median", "iqr"})
#: Options of what isn't computed here: tables of three dimensions, and those of version 17 on.
_OTHERS = ("by", "scol", "statistic", "totals", "nototals")


@dataclass(frozen=True)
class _Level:
    """A row or column of the table. names: what it may be called there; rows: of the data, (n,)"""

    names: tuple[str, ...]
    rows: np.ndarray


@command("table", changes_data=True)  # with `replace`, which isn't read
def table(session: Session, given: Command) -> None:
    """What its cells hold, for windows to be held against; nothing where its kind of table isn't computed here."""
    session.r = Results(texts={"parity_unknown": "table"})
    if given.has("replace"):
        raise OptionNotRead("table's option replace is not read here: it puts the table in the place of the data")
    about = given.about.split()
    option = given.option("contents")
    wanted = _contents(session, (option.value or "") if option else "freq")
    if any(given.has(name) for name in _OTHERS) or "(" in given.about or not 1 <= len(about) <= 2 or not wanted:
        session.show("table", variable="", statistics=[], rows=[], columns=[], cells=[])
        return
    used, missing = session.used(given), given.has("missing")
    if given.has("cw"):
        used = used & ~np.any([_lost(session.there[name]) for _, name in wanted if name], axis=0)
    names = [session.name(word) for word in about]
    for name in names:
        used = used & (missing | ~_lost(session.there[name]))
    rows = _levels(session, names[0], used, total=given.has("row"))
    columns = _levels(session, names[1], used, total=given.has("col")) if len(names) > 1 else [_Level(("",), used)]
    session.show(
        "table", variable="", statistics=[list(pair) for pair in wanted],
        rows=[list(r.names) for r in rows], columns=[list(c.names) for c in columns] if len(names) > 1 else [],
        cells=[[_cell(session, wanted, r.rows & c.rows) for c in columns] for r in rows],
    )  # fmt: skip


def _contents(session: Session, text: str) -> list[tuple[str, str]]:
    """`mean x sd x freq` -> pairs of statistic and variable; none where one isn't known here."""
    out: list[tuple[str, str]] = []
    words = iter(text.split())
    for word in words:
        if word == "freq":
            out.append((word, ""))
            continue
        name = next(words, "")
        if not name or not (word in _STATISTICS or _share(word)):
            return []
        out.append((word, session.name(name)))
    return out


def _share(word: str) -> float:
    """`p25` -> 25; 0 for what is no percentile."""
    return float(word[1:]) if word[:1] == "p" and word[1:].isdecimal() and 0 < int(word[1:]) < 100 else 0.0


def _lost(column: Column) -> np.ndarray:
    return column.values == "" if column.text else np.isnan(column.values)


def _levels(session: Session, name: str, used: np.ndarray, *, total: bool) -> list[_Level]:
    column, labels = session.there[name], session.there.labels_of(name)
    rank = ranked(column)
    out = []
    for level in np.unique(rank[used]):
        inside = used & (rank == level)
        value: Any = column.values[inside][0]
        told = [value] if isinstance(value, str) else [labels.get(value, ""), macro_text(value), shown(value, "%9.0g")]
        out.append(_Level(tuple(dict.fromkeys(t.strip() for t in told if t.strip())), inside))
    return [*out, *([_Level(("Total",), used)] if total else [])]


def _cell(session: Session, wanted: Sequence[tuple[str, str]], rows: np.ndarray) -> list[float]:
    """The statistics of one cell; all missing where no row of the data is in it, which is left blank."""
    if not rows.any():
        return [float("nan")] * len(wanted)
    return [float(rows.sum()) if s == "freq" else _one(session.there[name], s, rows) for s, name in wanted]


def _one(column: Column, asked: str, rows: np.ndarray) -> float:
    kept = rows & ~_lost(column)
    if asked in ("n", "count"):
        return float(kept.sum())
    if column.text:
        raise DataProblem("type mismatch", 109)
    x = column.values[kept].astype(float)
    if share := _share(asked):
        return percentile(x, share) if len(x) else float("nan")
    return statistic(moments(x, detail=len(x) > 0), "sum" if asked == "rawsum" else asked)
