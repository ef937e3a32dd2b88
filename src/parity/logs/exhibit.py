"""What was printed, as values: a log with its commands and windows, an exported table with its columns, rows and notes.

Two kinds of things are read. A *log* holds what was typed and what came out: `Log` -> `Command`, `Window`. An *exhibit* is
one table of an exported file: `Exhibit` -> `Column`, `TermRow`, `StatisticRow`, `Notes`. In both every number is a `Cell`:
its text, what that text can say (value and half a unit of its last digit), its stars, its bracket, and its place.

Nothing is lost in silence: every number of a table's body, and every line with numbers of a log, is in a cell, in a
statistic, in a message, or in `not_understood` with its place. Nothing is matched to an estimate here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from parity.compare.printed import PrintedNumber

if TYPE_CHECKING:
    from parity.logs.window_words import Said

#: What a number of a table is. "(" and "[": in a bracket of which nothing says what it holds; "value": of a table that is no
#: table of estimates (means, counts), or of a statistic.
CellKind = Literal["coef", "se", "t", "p", "ci_low", "ci_high", "value", "(", "["]

#: The name of what is about a whole column or window. Names that parity's own estimates have are theirs ("nobs", "r2",
#: "r2_a", "r2_within", "f"); "" for one that is known by its label alone.
StatisticName = str


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands.

    line: from 1, 0 where the format has none (Excel, Word); column: the first character from 1, 0 unknown;
    cell: the address in a sheet or a document, `B7`, `Sheet1!B7`, `table 2, row 3, cell 4`; "" in text
    """

    file: str
    line: int = 0
    column: int = 0
    cell: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}, {self.cell}"
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Cell:
    """One number in print.

    text      as printed, brackets, stars and all: `(0.048)`, `-0.352***`
    number    what its digits say; None where it is no number (`.`, `Yes`, `(.)`)
    kind      what it is, see `CellKind`
    name      of a number in a window that has columns of its own: "Mean", "Std. dev.", "Freq."
    bracket   "", "(", "[", "{" or "|"
    stars     how many stars stand at it; `mark` is what they look like (`***`, `+`, `a`)
    """

    text: str
    number: PrintedNumber | None
    kind: CellKind
    place: Place
    name: str = ""
    bracket: str = ""
    stars: int = 0
    mark: str = ""

    @property
    def low(self) -> float:
        """The lower end of what the printed digits allow; NaN for no number."""
        return self.number.value - self.number.half_unit if self.number else float("nan")

    @property
    def high(self) -> float:
        """The upper end of what the printed digits allow; NaN for no number."""
        return self.number.value + self.number.half_unit if self.number else float("nan")

    def holds(self, value: float, *, unsigned: bool = False) -> bool:
        """Whether a value would be printed so. unsigned: a t or z that is printed without its sign."""
        if self.number is None:
            return False
        given = abs(value) if unsigned else value
        return abs(given - self.number.value) <= self.number.allowed


@dataclass(frozen=True)
class Message:
    """A line that says something and is no number of a table.

    kind   "error" (`r(111);`), "omitted" (a variable left out, and why), "dropped" (rows left out), "note", "warning"
    code   of an error: 111
    """

    text: str
    kind: str
    place: Place
    code: int | None = None


@dataclass(frozen=True)
class NotUnderstood:
    """Text with numbers that was seen and not read; why: one short clause; cell: whether it stands in a row for a number."""

    text: str
    why: str
    place: Place
    cell: bool = False


# ---------------------------------------------------------------- logs


@dataclass(frozen=True)
class Command:
    """A command as the log echoes it: continued lines joined, the prompt taken off, macros as they were typed.

    number     of the line in a loop or program (`  2.`), 0 outside
    block      the position (in `Log.commands`) of the `foreach` or `program` it stands in; None outside. Such a command
               is echoed once and may have run any number of times
    quiet      whether it stands under `quietly` or `capture`, so that no window is to be expected
    do_file    the do-file whose run echoed it, where the log shows the `do`
    """

    text: str
    place: Place
    number: int = 0
    block: int | None = None
    quiet: bool = False
    do_file: str = ""


@dataclass(frozen=True)
class Statistic:
    """A number about a whole window, by the name in print ("Number of obs", "F(2, 71)") and parity's own ("nobs", "f")."""

    label: str
    name: StatisticName
    cell: Cell


@dataclass(frozen=True)
class WindowRow:
    """A row of a window.

    term        of estimates: as Stata names it, `1936.year`, `L2.x`, `1.treat#c.x`, `_cons`; else the row's label
    equation    of stacked equations, "" where there is one
    cells       its numbers in the order of the columns
    note        in place of numbers: "omitted", "base", "empty"; "continued" for more numbers of the row above, such as the
                p-values below correlations
    """

    term: str
    cells: tuple[Cell, ...]
    place: Place
    equation: str = ""
    note: str = ""

    def cell(self, kind_or_name: str) -> Cell | None:
        """The first number of this kind ("se") or name ("Mean"); None if there is none."""
        return next((c for c in self.cells if kind_or_name in (c.kind, c.name)), None)


@dataclass(frozen=True)
class Window:
    """One block of results in a log.

    kind        "estimates" for a table of coefficients of any command; else what prints such a block: "summarize",
                "tabulate", "tabstat", "test", "lincom", "margins", "ttest", "correlate", "count", ...; "list" for data shown
    command     position in `Log.commands` of the command it came from; None where the log has none above it. Below a loop:
                the command in it whose windows look so, where just one does; where several do, they are `candidates`
    printed_by  the estimator, where the heading tells more than the command: "regress", "xtreg", "reghdfe"; "" if not
    group       of output by groups: `region = East`; outcome: what stands above the labels, the dependent variable of
                estimates, the variable of a tabulation
    columns     names of the columns as printed
    statistics  of the heading and the foot: N, R2, F, clusters, sigma_u
    vcov        what the heading says of the standard errors: "Robust", "Bootstrap"; "" for the usual ones; clusters: what
                `(Std. err. adjusted for 88 clusters in city)` names, "" if none
    level       of the interval in percent, 0.0 if none; first, last: line numbers of the first and the last line
    messages    that belong to it: `note: x omitted because of collinearity.`; words: what its head, foot and heads of
                columns say of its model
    whole       whether its end is there, or the log stops in it
    """

    kind: str
    place: Place
    rows: tuple[WindowRow, ...]
    command: int | None = None
    candidates: tuple[int, ...] = ()
    printed_by: str = ""
    group: str = ""
    outcome: str = ""
    columns: tuple[str, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    vcov: str = ""
    clusters: str = ""
    level: float = 0.0
    messages: tuple[Message, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    words: tuple[Said, ...] = ()
    first: int = 0
    last: int = 0
    whole: bool = True

    @property
    def equations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.equation for row in self.rows))

    def statistic(self, name_or_label: str) -> Cell | None:
        """The statistic of parity's name or of the printed label; None if there is none."""
        return next((s.cell for s in self.statistics if name_or_label in (s.name, s.label)), None)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every number of it: statistics, then rows."""
        return (*(s.cell for s in self.statistics), *(c for row in self.rows for c in row.cells))


@dataclass(frozen=True)
class LogHeader:
    """What `log using` writes: name, path as it was there, "text" or "smcl", dates as text; "" where it isn't there."""

    name: str = ""
    path: str = ""
    log_type: str = ""
    opened: str = ""
    closed: str = ""


# ---------------------------------------------------------------- exported tables


@dataclass(frozen=True)
class Column:
    """A column of an exhibit: one model of a table of estimates.

    heads    everything that stands above it, from the top down
    number   `(1)` as 1, 0 where none is printed; outcome: the dependent variable's label; model: "OLS", "IV", "FE" or
             another name; group: a heading over several columns. Which head is what is told by where it stands; a head
             that could be either is in `model`
    kind     of a column that isn't a model: "mean", "sd", "nobs", "min", "max", "p50", ...; "" for a model
    """

    heads: tuple[str, ...] = ()
    number: int = 0
    outcome: str = ""
    model: str = ""
    group: str = ""
    kind: str = ""


@dataclass(frozen=True)
class TermRow:
    """A row of numbers about one term (or, in a table of means, one variable), joined with what stands below it.

    label     as printed, markup taken off; panel: the heading of the panel it stands in; heading: a line without numbers
              above it, such as the name of a factor whose levels follow
    cells     of each column, its numbers: the estimate first, then those in brackets; () where blank
    """

    label: str
    cells: tuple[tuple[Cell, ...], ...]
    place: Place
    panel: str = ""
    heading: str = ""

    def cell(self, column: int, kind: str = "coef") -> Cell | None:
        return next((c for c in self.cells[column] if c.kind == kind), None)


@dataclass(frozen=True)
class StatisticRow:
    """A row about whole columns: N, R2, a mean of the outcome, "Year FE  Yes  No".

    name   "nobs", "r2", "r2_a", "r2_within", "r2_pseudo", "f", "f_first", "clusters", "mean", "sd", "ll", "aic", "bic",
           "rmse", "chi2", "p", "yes_no" (for rows of words: fixed effects, controls), or ""
    cells  one for each column, None where blank; words ("Yes", "firm") are a cell without number
    heading  of a row of words: the text that stands alone above it and its like, such as "Fixed effects"
    """

    label: str
    name: StatisticName
    cells: tuple[Cell | None, ...]
    place: Place
    panel: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Stars:
    """Marks and the p below which each stands, from the least on: (("*", 0.1), ("**", 0.05))."""

    levels: tuple[tuple[str, float], ...] = ()

    @property
    def cuts(self) -> tuple[float, ...]:
        return tuple(cut for _, cut in self.levels)


@dataclass(frozen=True)
class Notes:
    """The notes of a table, and what they claim.

    lines      as printed; place: of the first
    brackets   bracket and what stands in it, "se", "t", "p" or "ci": `Standard errors in parentheses` is ("(", "se")
    stars      levels that are announced, None if none are
    clusters   what standard errors are said to be clustered by, as printed; robust: whether they are called robust
    """

    lines: tuple[str, ...] = ()
    place: Place | None = None
    brackets: tuple[tuple[str, str], ...] = ()
    stars: Stars | None = None
    clusters: tuple[str, ...] = ()
    robust: bool = False

    def inside(self, bracket: str) -> str:
        """What the notes say of this bracket, "" if nothing."""
        return dict(self.brackets).get(bracket, "")


@dataclass(frozen=True)
class Exhibit:
    """One table of an exported file.

    format      "tex", "csv", "tsv", "txt", "md", "html", "rtf", "xls" (XML), "xlsx", "docx", "pdf" (text of one)
    number      its position in the file, from 1; title: "" if none, with its label (`Table 2`) as printed
    kind        "estimates", or "values" (means, counts: no estimate with its standard error)
    writer      the program that wrote it, where its form tells: "esttab", "outreg2", "stargazer", ...; "" if not
    columns     models from left to right; every row has as many cells
    panels      headings of panels in order
    """

    file: str
    format: str
    number: int
    place: Place
    kind: Literal["estimates", "values"]
    columns: tuple[Column, ...]
    rows: tuple[TermRow, ...]
    statistics: tuple[StatisticRow, ...] = ()
    title: str = ""
    panels: tuple[str, ...] = ()
    notes: Notes = field(default_factory=Notes)
    writer: str = ""
    not_understood: tuple[NotUnderstood, ...] = ()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every number of it, row by row, then statistics."""
        of_rows = (cell for row in self.rows for cells in row.cells for cell in cells)
        return (*of_rows, *(c for row in self.statistics for c in row.cells if c and c.number))

    def nobs(self, column: int, panel: str = "") -> Cell | None:
        """The number of observations of a column (and panel), None where it isn't printed."""
        found = [row for row in self.statistics if row.name == "nobs" and (not panel or row.panel in ("", panel))]
        return next((row.cells[column] for row in found if row.cells[column]), None)


# ---------------------------------------------------------------- a log, whole


@dataclass(frozen=True)
class Shown:
    """A table of estimates in a log, and the position in `Log.commands` of the command above it."""

    exhibit: Exhibit
    command: int | None = None


@dataclass(frozen=True)
class Log:
    """A log, whole.

    format      "text" or "smcl"; encoding: how its bytes were read ("utf-8", "gb18030", "latin-1", "utf-16")
    headers     one for each log that was opened in it
    linesize    width of its lines, told from rules and wrapped lines
    commands    every command that it echoes, in order; a rerun stands twice
    messages    outside windows: errors above all
    shown       tables of estimates that esttab and the like showed in it, with the command each stands below
    outside     lines with numbers that belong to no window, command or message
    cut         why its end is missing, "" where it is whole
    """

    file: str
    format: Literal["text", "smcl"]
    encoding: str
    commands: tuple[Command, ...]
    windows: tuple[Window, ...]
    messages: tuple[Message, ...] = ()
    outside: tuple[NotUnderstood, ...] = ()
    shown: tuple[Shown, ...] = ()
    headers: tuple[LogHeader, ...] = ()
    linesize: int = 80
    cut: str = ""

    @property
    def errors(self) -> tuple[Message, ...]:
        return tuple(m for m in self.messages if m.kind == "error")
