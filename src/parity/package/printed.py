"""Windows of logs and columns of exported tables in one form: exhibits with columns of cells, whatever printed them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parity.compare.printed import read_number
from parity.logs.exhibit import Cell, Exhibit, Log, Notes, NotUnderstood, Window
from parity.logs.window_words import Said
from parity.package.estimates import plain
from parity.stata_language.descriptive import OF_VARIABLES


@dataclass(frozen=True)
class Row:
    """A row of one column. label: as printed; cells: its numbers; note: "omitted", "base" in place of numbers

    heading: the line without numbers that it stands below, in a table
    """

    label: str
    cells: tuple[Cell, ...]
    equation: str = ""
    note: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Statistic:
    """A number about the whole column. name: parity's, "" for one that is known by its label alone; printed: the label as it
    stands there, where `label` says what a second of its name is of"""

    label: str
    name: str
    cell: Cell
    printed: str = ""


@dataclass(frozen=True)
class Word:
    """What a row without numbers says of one column: `Year FE` and `Yes`; text "" where the column's cell is blank.

    heading: what stands alone above the row and its like: `Fixed effects`
    """

    label: str
    text: str
    line: int = 0
    heading: str = ""


@dataclass(frozen=True)
class Column:
    """One model as printed. number: its place in the exhibit from 1; panel: its panel where panels are models of their own

    heads: what stands above it; outcome: the dependent variable's name or label; level: of its intervals, in percent, 0 if
    nothing says it
    """

    number: int
    rows: tuple[Row, ...]
    statistics: tuple[Statistic, ...] = ()
    heads: tuple[str, ...] = ()
    outcome: str = ""
    panel: str = ""
    words: tuple[Word, ...] = ()
    level: float = 0.0

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (*(c for row in self.rows for c in row.cells), *(s.cell for s in self.statistics))

    def statistic(self, name: str) -> Cell | None:
        return next((s.cell for s in self.statistics if s.name == name and s.cell.number), None)


@dataclass(frozen=True)
class Printed:
    """One exhibit: a window of a log, or a table of a file.

    id          `tables/t1.tex`, `tables/t1.tex#2`, `logs/main.log:120`
    kind        "estimates", "values", or what a window of a log is: "summarize", "test", ...
    command     text that the log echoes above it, "" for tables; position: of the command in its log
    stars       levels that the call which wrote a table asks for, None where it says none; usual_stars: then its program's
    panel_stars  panels that calls of their own wrote, each with the levels that its call asks for
    signed      whether what printed it gives t its sign
    places      of the estimates that the call which wrote a table puts into its columns; empty where no call is known
    number      its position in the file, from 1
    words       what a window says around its table; loops: heads of the blocks that its log echoes around its command
    """

    id: str
    file: str
    line: int
    kind: str
    columns: tuple[Column, ...]
    origin: str = "table"
    title: str = ""
    command: str = ""
    position: int | None = None
    candidates: tuple[str, ...] = ()
    number: int = 1
    notes: Notes = field(default_factory=Notes)
    writer: str = ""
    vcov: str = ""
    clusters: str = ""
    quiet: bool = False
    stars: tuple[float, ...] | None = None
    usual_stars: tuple[float, ...] | None = None
    panel_stars: tuple[tuple[str, tuple[float, ...]], ...] = ()
    signed: bool = False
    places: tuple[int, ...] = ()
    words: tuple[Said, ...] = ()
    loops: tuple[str, ...] = ()
    unread: tuple[NotUnderstood, ...] = ()

    @property
    def cells(self) -> int:
        return sum(len(c.cells) for c in self.columns)


def of_log(log: Log, file: str, windows: Sequence[Window] | None = None) -> tuple[Printed, ...]:
    """Every window of a log. file: its path below the package; windows: only these"""
    out = []
    taken: Counter[int] = Counter()
    for window in log.windows if windows is None else windows:
        taken[window.first] += 1
        suffix = f"#{taken[window.first]}" if taken[window.first] > 1 else ""
        out.append(_of_window(window, log, file, suffix))
    return tuple(out)


def _of_window(window: Window, log: Log, file: str, suffix: str) -> Printed:
    command = log.commands[window.command] if window.command is not None else None
    rows = tuple(Row(r.term, r.cells, r.equation, r.note) for r in window.rows)
    statistics = _statistics(window)
    column = Column(1, rows, statistics, outcome=window.outcome, level=window.level)
    others = getattr(window, "candidates", ())
    line = window.first or window.place.line
    return Printed(
        f"{file}:{line}{suffix}", file, line, _kind(window, command.text if command else ""), (column,), "log",
        command=command.text if command else "",
        position=window.command, candidates=tuple(log.commands[i].text for i in others), vcov=window.vcov,
        clusters=window.clusters, quiet=bool(command and command.quiet), words=window.words,
        unread=tuple(window.not_understood),
    )  # fmt: skip


_AFTER = re.compile(r"(?:(?:qui|noi)\w*+\s++)?+estat\s++(?P<test>\w++)")
#: Tests whose windows are held against the data, and the fewest letters of their names.
_TESTS = (("hettest", 4), ("vif", 3), ("ovtest", 3), ("abond", 4), ("sargan", 4))


def _kind(window: Window, command: str) -> str:
    """mean and total estimate: their windows are held against their numbers. What `estat` prints is called by its test."""
    after = _AFTER.match(command) if window.kind == "estat" else None
    if after is not None:
        word = after["test"].lower()
        return next((full for full, least in _TESTS if len(word) >= least and full.startswith(word)), window.kind)
    return "estimates" if window.kind in OF_VARIABLES else window.kind


#: What a second F of a window is about, and its p.
_OF_EFFECTS = {"f": "F of the effects", "p": "p of the effects", "chi2": "chi2 of the effects"}


def _statistics(window: Window) -> tuple[Statistic, ...]:
    """A name that comes again is of the test below the table: that all effects are zero, or that they don't vary."""
    out: list[Statistic] = []
    seen: set[str] = set()
    for s in window.statistics:
        again = s.name in seen and s.name in _OF_EFFECTS
        label, name = (_OF_EFFECTS[s.name], "") if again else (s.label, s.name)
        out.append(Statistic(label, name, s.cell, s.label if again else ""))
        seen.add(s.name)
    return tuple(out)


def of_table(exhibit: Exhibit, file: str, several: bool) -> Printed:
    """A table of a file. several: whether the file has others, so that its id needs its number."""
    panels = _panels(exhibit)
    level = interval_level(exhibit.notes.lines)
    worded = [s for s in exhibit.statistics if any(s.cells) and not any(c and c.number for c in s.cells)]
    columns: list[Column] = []
    for panel in panels:
        for i, head in enumerate(exhibit.columns):
            rows = tuple(
                Row(r.label, r.cells[i], "" if panel is not None else r.panel, heading=r.heading)
                for r in exhibit.rows
                if (panel is None or r.panel == panel) and i < len(r.cells) and r.cells[i]
            )
            statistics = tuple(
                Statistic(s.label, s.name, cell)
                for s in exhibit.statistics
                if (panel is None or s.panel in ("", panel)) and i < len(s.cells) and (cell := s.cells[i]) and cell.number
            )
            statistics = tuple(counted(s) for s in statistics)
            if rows or statistics:
                words = tuple(
                    Word(s.label, cell.text if (cell := s.cells[i]) else "", s.place.line, s.heading)
                    for s in worded
                    if (panel is None or s.panel in ("", panel)) and i < len(s.cells)
                )
                columns.append(Column(i + 1, rows, statistics, head.heads, head.outcome, panel or "", words, level))
    line = exhibit.place.line
    return Printed(
        f"{file}#{exhibit.number}" if several else file, file, line, exhibit.kind, tuple(columns), title=exhibit.title,
        number=exhibit.number, notes=exhibit.notes, writer=exhibit.writer,
        unread=tuple(exhibit.not_understood),
    )  # fmt: skip


#: Statistics that are whole numbers.
COUNTS = ("nobs", "clusters", "groups")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")


def counted(s: Statistic) -> Statistic:
    """A count printed as `4.360` is 4360: no sample has a part of an observation."""
    if s.name not in COUNTS or s.cell.number is None or not _GROUPED.fullmatch(s.cell.text.strip()):
        return s
    return replace(s, cell=replace(s.cell, number=read_number(s.cell.text.strip().replace(".", ""))))


_LEVEL = re.compile(
    r"(?<![\d.])(\d{2}(?:\.\d)?) ?\\?(?:%|per ?cent)[- ](?:level )?(?:confidence (?:intervals?|limits?)|CIs?\b)", re.I
)


def interval_level(lines: Sequence[str]) -> float:
    """The level of intervals that notes announce, in percent; 0 where they say none, or several."""
    found = {float(m[1]) for line in lines for m in _LEVEL.finditer(line)}
    return found.pop() if len(found) == 1 else 0.0


def _panels(exhibit: Exhibit) -> list[str | None]:
    """Panels that are models of their own: labels, or N, come again in the next. [None] if none are."""
    names = list(dict.fromkeys(r.panel for r in exhibit.rows))
    if len(names) < 2:
        return [None]
    labels = Counter(plain(label) for label, _ in {(r.label, r.panel) for r in exhibit.rows})
    counts = [s.panel for s in exhibit.statistics if s.name == "nobs" and s.panel]
    again = any(n > 1 for n in labels.values())
    return list(names) if again or len(counts) > 1 else [None]
