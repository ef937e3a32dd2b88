"""Stata's windows as one printed table: a column for each window and equation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from parity.printed.cells import Number, TableProblem
from parity.printed.printed_table import UNKNOWN, Leftover, PrintedTable, Row
from parity.printed.window import Output, Window
from parity.printed.window_head import COEFFICIENT

_F = re.compile(r"F\((\d+), *\d+\)")
#: The level of the intervals that a declared spec gives.
_LEVEL = "95"
#: A row with a bar and the six numbers of a window, or the four without an interval.
_BODY = re.compile(r"[^|\n]{0,60}+\|(?: ++-?+(?:\d[\d,]*+\.?+\d*+|\.\d++)(?:e[-+]\d{1,3})?+){4,6}+ *+", re.IGNORECASE)


def window_table(output: Output) -> PrintedTable:
    """Raises `TableProblem` for windows that have no row, or other numbers than coefficients."""
    columns = [(window, equation) for window in output.windows for equation in window.equations or ("",)]
    one = len(columns) == 1
    for window, _ in columns if one else ():
        if not COEFFICIENT.fullmatch(window.columns.first):
            raise TableProblem(f"the window's first column is `{window.columns.first}`, and only coefficients are compared")
        if not window.rows:
            why = f": line {window.unread[0].line}, {window.unread[0].why}" if window.unread else ""
            raise TableProblem(f"the window has no row that could be read{why}")
    labels = list(dict.fromkeys(row.label for window, _ in columns for row in window.rows if row.numbers))
    cells = [{r.label: _kept(w, r.numbers) for r in reversed(w.rows) if r.equation == e} for w, e in columns]
    leftovers = [
        replace(left, cells=tuple(left.cells[0] if i == j else () for j in range(len(columns))))
        for i, (window, equation) in enumerate(columns)
        for left in _left(window, equation)
    ]
    return PrintedTable(
        columns=tuple("" if one else _heading(window, equation) for window, equation in columns),
        rows=tuple(Row(label, tuple(of.get(label, ()) for of in cells)) for label in labels),
        nobs=tuple(window.statistic("Number of obs") for window, _ in columns),
        leftovers=tuple(leftovers),
        f=tuple(_f(window) for window, _ in columns),
        notes=tuple({r.label: r.note for r in w.rows if r.note and not r.numbers and r.equation == e} for w, e in columns),
        cut=tuple(0 if window.whole else window.last for window, _ in columns),
        outside=tuple(line.number for line in output.outside),
        printed_by="stata",
    )


def _heading(window: Window, equation: str) -> str:
    """`(2) lwage select, line 14`: what a column is called where there are several."""
    names = " ".join(dict.fromkeys(filter(None, (window.outcome, equation))))
    return f"{names}, line {window.first}".strip(", ")


def _kept(window: Window, numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    """The numbers that a declared spec has too: intervals of its level, columns that are known."""
    usable = COEFFICIENT.fullmatch(window.columns.first)
    return tuple(n for n in numbers if usable and n.kind and (window.columns.level == _LEVEL or "ci" not in n.kind))


def _left(window: Window, equation: str) -> Iterator[Leftover]:
    """Everything else, in one column: statistics, intervals of another level, what was not understood."""
    rows = [row for row in window.rows if row.equation == equation]
    for i, row in enumerate(rows):
        texts = tuple(n.text for n in row.numbers)
        if texts and row.label in [other.label for other in rows[:i]]:
            yield Leftover(row.label, (texts,), UNKNOWN, row.line, f"`{row.label}` stands twice")
            continue
        kept = _kept(window, row.numbers)
        rest = tuple(n.text for n in row.numbers if n not in kept)
        if rest:
            level = window.columns.level
            what = f" (interval at {level} %)" if level not in ("", _LEVEL) and len(rest) == 2 else ""
            yield Leftover(f"{row.label}{what}", (rest,), line=row.line)
    if equation != (window.equations or ("",))[0]:
        return  # of the whole window, said once
    for s in window.statistics:
        if s.name != "Number of obs" and not _F.fullmatch(s.name):
            yield Leftover(s.name, ((s.text,),), line=s.line)
    for line in window.unread:
        yield Leftover("", ((line.text,),), UNKNOWN, line.line, line.why)


def _f(window: Window) -> tuple[str, int] | None:
    """The F that all slopes are zero, and how many these are."""
    found = [(s.text, int(m[1])) for s in window.statistics if (m := _F.fullmatch(s.name))]
    return found[0] if len(found) == 1 else None


def headless(text: str) -> bool:
    """Whether a text has rows of a window, but not the heading that says what their numbers are."""
    return sum(bool(_BODY.fullmatch(line.rstrip())) for line in text.split("\n")) >= 2
