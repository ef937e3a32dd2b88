"""Tables of estimates that a log shows: esttab and its kin without a file, and `estimates table`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.logs.exhibit import Cell, CellKind, Log, Stars, Window
from parity.logs.statistic_names import statistic_name
from parity.package.calls import Written, screen_calls
from parity.package.mapping import bare
from parity.package.printed import Column, Printed, Row, Statistic, of_table
from parity.package.written_alike import written_alike

if TYPE_CHECKING:
    from parity.stata.do import DoResult

_TABLE = re.compile(r"(?:qui\w*\s+|noi\w*\s+)*est(?:i(?:m(?:a(?:t(?:es?)?)?)?)?)?\s+tab(?:le?)?\b")
#: What stands below a coefficient, in the order in which `estimates table` shows it. [R] estimates table
_BELOW: tuple[tuple[CellKind, re.Pattern[str]], ...] = (
    ("se", re.compile(r"\bse\b")), ("t", re.compile(r"\bt\b")), ("p", re.compile(r"\bp\b")),
)  # fmt: skip
_DEFAULT_STARS = Stars((("*", 0.05), ("**", 0.01), ("***", 0.001)))


def is_estimates_table(window: Window, log: Log) -> bool:
    """Whether a window is what `estimates table` shows."""
    return (
        window.command is not None and bool(window.columns) and _TABLE.match(log.commands[window.command].text) is not None
    )


def shown_tables(log: Log, file: str) -> list[Printed]:
    """In the order of the log; each with the command above it."""
    out = []
    for shown in log.shown:
        printed = written_alike(of_table(shown.exhibit, file, False))
        out.append(_below(printed, log, shown.command, printed.line))
    for window in log.windows:
        if is_estimates_table(window, log):
            out.append(
                _below(_of_estimates_table(window, log, file), log, window.command, window.first or window.place.line)
            )
    return sorted(out, key=lambda p: p.line)


def _below(printed: Printed, log: Log, command: int | None, line: int) -> Printed:
    text = log.commands[command].text if command is not None else ""
    return replace(printed, id=f"{printed.file}:{line}", line=line, command=text, position=command)


def _of_estimates_table(window: Window, log: Log, file: str) -> Printed:
    """Each column by its name; a row without a label goes on with what its command asks for below the coefficient."""
    assert window.command is not None
    options = log.commands[window.command].text.partition(",")[2]
    bare_options = re.sub(r"\([^()]*\)", "", options)
    kinds: list[CellKind] = ["coef", *(kind for kind, asked in _BELOW if asked.search(bare_options))]
    found = re.search(r"\bst(?:a(?:ts?)?)?\(([^()]*)\)", options)
    of_columns = set(found[1].split()) if found else set()
    columns = []
    for number, name in enumerate(window.columns, 1):
        rows: dict[tuple[int, str], list[Cell]] = {}
        statistics = []
        below: Counter[tuple[int, str]] = Counter()
        heads = 0  # `college` below one variable's label is another row than below the next one's
        for row in window.rows:
            heads += not row.cells
            key, label = (heads, row.term), row.term
            place = below[key]
            below[key] += 1
            cell = next((c for c in row.cells if c.name == name and c.number is not None), None)
            if cell is None:
                continue
            if label in of_columns or (not of_columns and statistic_name(label) == "nobs"):
                statistics.append(Statistic(label, statistic_name(label), cell))
            elif place < len(kinds):
                rows.setdefault(key, []).append(replace(cell, kind=kinds[place], name=""))
        columns.append(
            Column(
                number,
                tuple(Row(label, tuple(cells)) for (_, label), cells in rows.items()),
                tuple(statistics),
                heads=(name,),
            )
        )
    notes = Printed("", file, 0, "estimates", ()).notes
    if re.search(r"\bstar\b", bare_options):
        notes = replace(notes, stars=_DEFAULT_STARS)
    return Printed(
        "", file, window.first or window.place.line, "estimates", tuple(columns), notes=notes, writer="estimates table"
    )


def written_on_screen(
    tables: Sequence[Printed], done: DoResult, raws: Mapping[tuple[str, int], str], offset: int = 0
) -> dict[str, Written]:
    """The call of each table, by the table's id: of one text as many calls as tables, in their order; else none."""
    calls: dict[str, list[Written]] = {}
    for written in screen_calls(done.tables, offset):
        for text in dict.fromkeys((bare(written.last.text), bare(raws.get((written.last.file, written.last.line), "")))):
            if text:
                calls.setdefault(text, []).append(written)
    wanted: dict[str, list[Printed]] = {}
    for table in tables:
        wanted.setdefault(bare(table.command), []).append(table)
    out = {}
    for text, held in wanted.items():
        found = calls.get(text, [])
        if len(found) == len(held) or len({w.columns for w in found}) == 1:
            out |= {t.id: found[min(i, len(found) - 1)] for i, t in enumerate(held)}
    return out
