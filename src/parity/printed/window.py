"""Stata's windows as values: every table of coefficients in a text, its rows, its statistics, and what was not understood.

A window is found by its heading (`y | Coefficient  Std. err. ...`), whatever stands around it. A label ends at the bar, so
names of any script and width keep their numbers. Nothing is matched to a study here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parity.printed.cells import Number
from parity.printed.lines import Line, output_lines
from parity.printed.window_head import Columns, Statistic, columns_of, head_statistics
from parity.printed.window_rows import Labels, RowProblem, numbers_of, panel_statistic, split_row

#: A rule, and one with a cross or corner below or above the bar.
_RULE = re.compile(r"\s*+-{10,}+[-+|]*+\s*+")
_CROSSED = re.compile(r"\s*+-++\+-++[-+|]*+\s*+")
_DIGIT = re.compile(r"\d")
_COMMAND = re.compile(r"\.\s+\S")
#: How far above its heading the statistics of a window may begin.
_HEAD_LINES = 45
#: Lines above a heading that are its own: a rule, and what kind of standard errors stands below.
_ABOVE = 2


@dataclass(frozen=True)
class Unread:
    """A line with numbers of a window that was not understood."""

    line: int
    text: str
    why: str


@dataclass(frozen=True)
class WindowRow:
    """label: as Stata names the term, `1936.year`, `L2.x`, `1.treat#c.x`. note: "omitted", "base", "empty" """

    label: str
    numbers: tuple[Number, ...]
    equation: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True)
class Window:
    """One table of coefficients.

    outcome      what stands above the labels
    columns      kind of each column, and what the first is called ("Coefficient", "Odds ratio")
    level        of the interval in percent, as text; vcov: "Robust" and the like, where the heading says so
    command      the command line above it, "" where there is none
    first, last  numbers of its first line (that of its head) and of its last
    whole        whether the rule that ends it is there
    """

    outcome: str
    columns: Columns
    command: str
    rows: tuple[WindowRow, ...]
    statistics: tuple[Statistic, ...]
    unread: tuple[Unread, ...]
    first: int
    last: int
    whole: bool

    @property
    def equations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.equation for row in self.rows))

    def statistic(self, name: str) -> str:
        """Text of a statistic by its name, "" where it has none."""
        return next((s.text for s in self.statistics if s.name == name), "")


@dataclass(frozen=True)
class Output:
    """A text of output. outside: lines with numbers that belong to no window."""

    windows: tuple[Window, ...]
    outside: tuple[Line, ...] = ()


@dataclass
class _Open:
    """A window while its rows are read."""

    columns: Columns
    labels: Labels = field(default_factory=Labels)
    rows: list[WindowRow] = field(default_factory=list)
    statistics: list[Statistic] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    rules: int = 0
    decimal_comma: bool = False


def read_output(text: str, decimal_comma: bool = False) -> Output:
    """Every window of a text: a log, a part of one, a comment of a do-file; plain, SMCL, commented out or quoted."""
    lines = output_lines(text)
    windows: list[Window] = []
    taken: set[int] = set()
    at, behind = 0, 0
    while at < len(lines):
        columns = columns_of(lines[at].text)
        if columns is None or not table_follows(lines, at):
            at += 1
            continue
        top = _top(lines, at, behind)
        window, end = read_window(lines, top, at, columns, decimal_comma)
        windows.append(window)
        known = {statistic.line for statistic in window.statistics}
        taken.update(i for i in range(top, end) if i >= at - _ABOVE or lines[i].number in known)
        at = behind = end
    outside = [
        line for i, line in enumerate(lines)
        if i not in taken and _DIGIT.search(line.text) and not _COMMAND.match(line.text)
    ]  # fmt: skip
    return Output(tuple(windows), tuple(outside))


def table_follows(lines: Sequence[Line], at: int) -> bool:
    """Whether a heading has a rule with a cross, or a row with numbers, below it."""
    below = [line.text for line in lines[at + 1 : at + 8] if line.text.strip()][:2]
    return any(_CROSSED.fullmatch(text) or split_row(text) for text in below)


def _top(lines: Sequence[Line], head: int, behind: int) -> int:
    """Where the window of a heading begins: below the command, or the window before."""
    first = max(behind, head - _HEAD_LINES)
    return next((i for i in range(head - 1, first - 1, -1) if _COMMAND.match(lines[i].text)), first)


def read_window(
    lines: Sequence[Line], top: int, head: int, columns: Columns, decimal_comma: bool = False
) -> tuple[Window, int]:
    """The window whose heading stands at `head`, and the position behind it."""
    above = lines[top:head]
    nearest = next((line.text for line in reversed(above) if line.text.strip()), "")
    columns = columns.below(nearest.partition("|")[2])
    window = _Open(columns, statistics=list(head_statistics(above, decimal_comma)), decimal_comma=decimal_comma)
    at, whole, last = head + 1, False, head
    while at < len(lines):
        line = lines[at]
        if not line.text.strip():
            at += 1
            continue
        if _CROSSED.fullmatch(line.text) and not _ends(lines, at):
            window.rules += bool(window.rows)
            window.labels.rule()
        elif _RULE.fullmatch(line.text):
            whole, last, at = bool(window.rows), at, at + 1
            break
        elif columns_of(line.text) is not None or not _take(window, line, lines[at + 1 :]):
            break
        last, at = at, at + 1
    command = lines[top].text.lstrip(". ") if above and _COMMAND.match(lines[top].text) else ""
    done = Window(
        outcome=lines[head].text.partition("|")[0].strip(), columns=columns, command=command, rows=tuple(window.rows),
        statistics=tuple(window.statistics), unread=tuple(window.unread), first=lines[top].number, last=lines[last].number,
        whole=whole,
    )  # fmt: skip
    return done, last + 1


def _ends(lines: Sequence[Line], at: int) -> bool:
    """Whether a rule with a cross is the last of its table: no row follows before the text goes on otherwise."""
    below = next((line.text for line in lines[at + 1 :] if line.text.strip()), "")
    return "|" not in below or columns_of(below) is not None


def _take(window: _Open, line: Line, below: Sequence[Line]) -> bool:
    """Read one line of a table into the window; False where the table is over."""
    parts = split_row(line.text, blank=True)
    if parts is None:
        if not _more_rows(below) or not _DIGIT.search(line.text):
            return _more_rows(below)
        window.unread.append(Unread(line.number, line.text.strip(), "it has no bar"))
        return True
    raw, rest = parts
    try:
        numbers, note = numbers_of(rest, window.columns, window.decimal_comma)
    except RowProblem as problem:
        window.unread.append(Unread(line.number, line.text.strip(), str(problem)))
        return True
    single = panel_statistic(raw, numbers) if window.rules else ""
    if single:
        window.statistics.append(Statistic(single, numbers[0].text, line.number))
        return True
    label = window.labels.of(raw, bool(numbers or note))
    if label:
        window.rows.append(WindowRow(label, numbers, window.labels.equation, note, line.number))
    return True


def _more_rows(below: Sequence[Line]) -> bool:
    """Whether rows of the table go on within the next lines, before any rule."""
    for line in [line for line in below[:6] if line.text.strip()][:3]:
        if _RULE.fullmatch(line.text) or columns_of(line.text) is not None:
            return False
        if split_row(line.text):
            return True
    return False
