"""`estpost`: what summarize, tabstat, ttest and tabulate give, as e(mean), e(sd) ... with a column for each row of a table.

What is put there, and its names: the help file of estpost (estout 3.3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from parity.stata.commands import command, known
from parity.stata.mishaps import NotRun, OptionNotRead
from parity.stata.results import Matrix, Printed, Results
from parity.stata.session import Session
from parity.stata_language.command import Command, read
from parity.stata_language.data_options import NotRead, in_full
from parity.stata_language.dataset import Dataset

#: Statistics of a row: name in e() -> number.
Row = Mapping[str, float]
#: tabstat's words for a statistic that has another name in e().
_CALLED = {"N": "count", "n": "count", "median": "p50", "med": "p50", "q": "p50", "var": "variance", "v": "variance"}
_NO_STATISTIC = ("variable", "group", "doubts")


@command("estpost", changes_data=False)
def estpost(session: Session, given: Command) -> None:
    """`estpost summarize x`: it is run, and its numbers are the active results, of no estimation. Of correlate, ci and other
    commands e() isn't known here."""
    inner = read(re.split(r"\bestpost\b", given.text, maxsplit=1)[1])
    handler = known(inner.name)
    if handler is None:
        raise NotRun(f"estpost {inner.typed} is not known here")
    before = len(session.shown)
    try:
        for each in _each(session, inner):
            handler.run(session, in_full(each))
    except NotRead as error:
        raise OptionNotRead(str(error)) from None
    shown = session.shown[before:]
    rows = _POSTED[inner.name](session.data, shown, inner) if inner.name in _POSTED else {}
    doubts = frozenset(session.read).union(*(s.doubts for s in shown))
    labels = {name: c.label for name, c in session.data.columns.items() if c.label} if session.data is not None else {}
    session.active = Results(
        texts={"parity_unknown": "estpost"}, matrices=_matrices(rows), labels=labels, doubts=doubts,
        about=(session.there, session.used(inner)) if rows else None,
    )  # fmt: skip


def _each(session: Session, inner: Command) -> Sequence[Command]:
    """`estpost ttest x y, by(g)` is a test of each variable."""
    if inner.name != "ttest" or "=" in inner.about:
        return (inner,)
    return [replace(inner, about=name) for name in session.names(inner.about)]


def _matrices(rows: Mapping[str, Row]) -> dict[str, Matrix]:
    """Statistic -> (1, rows)."""
    names = dict.fromkeys(k for row in rows.values() for k in row)
    return {k: Matrix(np.array([[row.get(k, math.nan) for row in rows.values()]]), (k,), tuple(rows)) for k in names}


def _of_variables(data: Dataset | None, shown: Sequence[Printed], inner: Command) -> dict[str, Row]:
    return {str(s.values["variable"]): _statistics(s.values) for s in shown}


def _of_tabstat(data: Dataset | None, shown: Sequence[Printed], inner: Command) -> dict[str, Row]:
    """Rows are variables, `group:x` of groups; without columns(statistics) rows are statistics and e() has variables."""
    by, columns = inner.option("by"), inner.option("columns", least=1)
    labels = data.labels_of(by.value.strip()) if by is not None and by.value and data is not None else {}
    out: dict[str, Row] = {}
    groups: dict[str, Any] = {}
    for s in shown:
        group = s.values.get("group", "")
        called = "Total" if group == "" else labels.get(group, "") if isinstance(group, float) else str(group)
        called = called or (f"{group:g}" if isinstance(group, float) else "")
        if groups.setdefault(called, group) != group:
            return {}  # two groups of one label
        prefix = f"{called}:" if by is not None and by.value else ""
        out[prefix + str(s.values["variable"])] = _statistics(s.values)
    if columns is not None and (columns.value or "").strip().startswith("s"):
        return out
    turned: dict[str, dict[str, float]] = {}
    for name, row in out.items():
        prefix, _, variable = name.rpartition(":")
        for statistic, value in row.items():
            turned.setdefault(f"{prefix}:{statistic}" if prefix else statistic, {})[variable] = value
    return turned


def _statistics(values: Mapping[str, Any]) -> dict[str, float]:
    kept = {k: v for k, v in values.items() if k not in _NO_STATISTIC and not k.startswith("extreme")}
    return {_CALLED.get(k, k): float(v) for k, v in kept.items() if isinstance(v, (int, float))}


def _of_tests(data: Dataset | None, shown: Sequence[Printed], inner: Command) -> dict[str, Row]:
    out = {}
    for s in shown:
        row = {k: float(v) for k, v in s.values.items() if k != "variable" and isinstance(v, (int, float))}
        if "mu_2" in row:
            row |= {"b": row["mu_1"] - row["mu_2"], "count": row["N_1"] + row["N_2"]}
        out[str(s.values["variable"])] = row
    return out


def _of_tabulate(data: Dataset | None, shown: Sequence[Printed], inner: Command) -> dict[str, Row]:
    """Of one variable: frequencies, and shares in percent."""
    if inner.weight is not None and inner.weight.kind != "fweight":
        return {}
    if len(shown) != 1 or "counts" not in shown[0].values or np.ndim(shown[0].values["counts"]) != 1:
        return {}
    said = shown[0].values
    labels = data.labels_of(str(said["variable"])) if data is not None else {}
    counts = np.asarray(said["counts"], dtype=float)
    shares = 100 * counts / counts.sum()
    out: dict[str, Row] = {}
    for value, count, share, up_to in zip(said["values"], counts, shares, np.cumsum(shares), strict=True):
        called = value if isinstance(value, str) else labels.get(value, f"{value:g}")
        if str(called) in out:
            return {}  # two values of one label
        out[str(called)] = {"b": float(count), "pct": float(share), "cumpct": float(up_to)}
    return out | {"Total": {"b": float(counts.sum()), "pct": 100.0}}


_POSTED = {"summarize": _of_variables, "tabstat": _of_tabstat, "ttest": _of_tests, "tabulate": _of_tabulate}
