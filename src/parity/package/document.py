"""`parity-package/1`: what is known of a package, as frozen values that reports print and JSON keeps."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import Field

from parity.base.tolerance import MOST_BY_LOGS, REQUIRED_SHARE
from parity.base.values import Value

SCHEMA = "parity-package/1"
Verdict = Literal["reproduced", "explained", "differs", "not verified"]
#: Findings, beside notes that are wrong, with which no run is green: columns of another command than the code puts there,
#: numbers that no command gives, statements at which Stata stops with an error, data that the code makes otherwise.
FAILING = ("another-column", "table-of-another-run", "no-command-gives-all", "no-command-gives-it", "stata-stops",
           "data-made-otherwise")  # fmt: skip
VERDICTS: tuple[Verdict, ...] = ("reproduced", "explained", "differs", "not verified")


class FileUsed(Value):
    """A file of the package: what it was taken for, and its SHA-256 where it was read."""

    path: str
    sha256: str = ""
    role: str
    size: int = 0


class CommandAt(Value):
    """A command of a do-file, macros expanded."""

    file: str
    line: int
    text: str


class CauseNamed(Value):
    """id: of parity's catalogue of causes, or one of a package's own; text: one sentence with this package's numbers"""

    id: str
    text: str


class CellOf(Value):
    """One printed number.

    row, column   its place in the exhibit as it is printed: rows from 0 down, columns from 1; row -1: beside no row
    label         of its row as printed; term: Stata's name, where it is known
    quantity      "coef", "se", "t", "p", "ci_low", "ci_high", "nobs", "r2" ...
    printed       its text; estimated: what the data give; distance: to the nearest number that would be printed so
    reason        of "differs" and "not verified"
    engines       what other engines say of the estimate: empty where only parity's own was asked
    """

    column: int
    row: int
    term: str
    label: str = ""
    quantity: str
    printed: str
    estimated: float | None = None
    verdict: Verdict
    distance: float = 0.0
    causes: tuple[CauseNamed, ...] = ()
    reason: str = ""
    line: int = 0


class CandidateOf(Value):
    """An estimate that a column could be, and the share of its numbers that it gives."""

    command: CommandAt
    share: float


class ColumnOf(Value):
    """A column of an exhibit and the command whose estimate it is. how: see `mapping.Match`"""

    number: int
    head: str = ""
    panel: str = ""
    command: CommandAt | None = None
    how: str = ""
    note: str = ""
    candidates: tuple[CandidateOf, ...] = ()
    doubts: tuple[str, ...] = ()
    engines: str = ""


class ExhibitOf(Value):
    """A table of a file or a window of a log.

    command   what printed it; named: where none is known, the first that names its file, or stands below a comment with its
              number, run or not
    """

    id: str
    file: str
    line: int
    kind: str
    origin: Literal["table", "log", "text"]
    title: str = ""
    notes: tuple[str, ...] = ()
    command: CommandAt | None = None
    named: CommandAt | None = None
    columns: tuple[ColumnOf, ...] = ()
    cells: tuple[CellOf, ...] = ()

    def count(self, verdict: Verdict) -> int:
        return sum(c.verdict == verdict for c in self.cells)

    def given_by(self, cell: CellOf) -> str:
        """The file whose command gives a number: its column's, else the exhibit's; empty where none is known."""
        own = self.columns[cell.column - 1].command if 0 < cell.column <= len(self.columns) else None
        command = own or self.command
        return command.file if command is not None else ""

    @property
    def worst(self) -> Verdict:
        """The verdict that a reader must see first."""
        for verdict in ("differs", "not verified", "explained"):
            if self.count(verdict):
                return verdict
        return "reproduced"


class NotVerified(Value):
    """Something with numbers that no verdict could be given: a file, a line of a log, a command."""

    file: str
    line: int = 0
    text: str = ""
    reason: str


class FindingOf(Value):
    """Something of the code or of an exhibit that a reader must know."""

    id: str
    file: str
    line: int
    text: str


class Summary(Value):
    """Every printed number once; the four verdicts add up to `cells`."""

    cells: int
    reproduced: int
    explained: int
    differs: int
    not_verified: int


class Programs(Value):
    """Statements of the do-files by what became of them, and estimation commands with an estimate and without."""

    do_files: tuple[str, ...] = ()
    statements: int = 0
    run: int = 0
    failed: int = 0
    lost: int = 0
    estimations: int = 0
    estimated: int = 0


class Package(Value):
    """The whole answer. unread: cells of tables that stand for numbers and could not be read as such"""

    schema_name: Literal["parity-package/1"] = Field(default=SCHEMA, alias="schema")
    versions: dict[str, str] = {}
    package: str
    master: str = ""
    files: tuple[FileUsed, ...] = ()
    programs: Programs = Programs()
    exhibits: tuple[ExhibitOf, ...] = ()
    not_verified: tuple[NotVerified, ...] = ()
    findings: tuple[FindingOf, ...] = ()
    said: tuple[str, ...] = ()
    summary: Summary
    unread: int = Field(default=0, ge=0)
    classification: Literal["full", "full with minor issues", "partial", "not able to reproduce"]
    classification_why: str = ""

    model_config = {**Value.model_config, "populate_by_name": True}

    @property
    def compared(self) -> int:
        """Printed numbers that were held against an estimate, whatever came of it."""
        return self.summary.reproduced + self.summary.explained + self.summary.differs

    def enough(self, required: float = REQUIRED_SHARE) -> bool:
        """Whether anything was compared, and at least this share of the printed numbers, those that can't be read too."""
        return self.compared > 0 and self.compared >= required * (self.summary.cells + self.unread)

    @property
    def denied(self) -> tuple[FindingOf, ...]:
        """Notes and headings that the numbers or the commands deny (of brackets, stars, clusters, robust errors), and what
        else no run with it is green."""
        return tuple(f for f in self.findings if f.id.startswith("note-") or f.id in FAILING)

    @property
    def of_other_code(self) -> tuple[tuple[ExhibitOf, CellOf], ...]:
        """Explained numbers that aren't those of the code as it stands, but of another sample, covariance or command."""
        from parity.package.contradicted import conventional

        return tuple(
            (e, c) for e in self.exhibits for c in e.cells
            if c.verdict == "explained" and not all(conventional(x.id) for x in c.causes)
        )  # fmt: skip

    @property
    def of_other_code_said(self) -> str:
        """How many they are, and the first; "" where none is."""
        other = self.of_other_code
        if not other:
            return ""
        exhibit, cell = other[0]
        n = f"{len(other)} number{'s are' if len(other) > 1 else ' is'} not what the code as it stands gives"
        return f"{n}: {exhibit.file}, column {cell.column}: {cell.causes[0].text}"

    def why_red(self, required: float = REQUIRED_SHARE, *, own_commands: bool = False) -> str:
        """The first reason for exit 1, as a sentence; "" for a green run. required: share of the numbers to be compared;
        own_commands: whether numbers by commands that only logs have count as the package's code"""
        s, other = self.summary, self.of_other_code_said
        if not self.enough(required):
            of = f"{s.cells + self.unread} printed numbers"
            of += f" ({self.unread} of which can't be read)" if self.unread else ""
            held = f"{self.compared} of {of} were compared, and at least one and {100 * required:g} %"
            return f"{held} are required (--require-share)"
        if s.differs:
            return f"{s.differs} of {s.cells} printed numbers differ{'s' * (s.differs == 1)}"
        if self.denied:
            first = self.denied[0]
            more = f" ({len(self.denied)} such)" if len(self.denied) > 1 else ""
            what = "a note is wrong about its numbers" if first.id.startswith("note-") else first.id
            return f"{what}{more}: {first.file}:{first.line}: {first.text}"
        if other:
            return other
        if not own_commands and self.mostly_by_logs:
            return f"{self.by_logs_alone} (--own-commands accepts them)"
        return ""

    @property
    def by_logs(self) -> int:
        """Reproduced numbers that a command gives which only a log has."""
        logs = {f.path for f in self.files if f.role == "log"}
        return sum(c.verdict == "reproduced" and e.given_by(c) in logs for e in self.exhibits for c in e.cells)

    @property
    def mostly_by_logs(self) -> bool:
        """Whether most of what is reproduced is so by commands that only logs have, though there are do-files to give it."""
        if not any(f.role == "do-file" for f in self.files):
            return False
        return self.by_logs > MOST_BY_LOGS * self.summary.reproduced

    @property
    def by_logs_alone(self) -> str:
        """Why a package with do-files isn't green by what its logs echo."""
        held = f"{self.by_logs} of {self.summary.reproduced} numbers reproduced are so by commands that only a log has"
        return f"{held}, not by the do-files: the code that gives them is missing"

    def exit_with(self, required: float, *, own_commands: bool = False) -> int:
        """1 where there is a reason for red, else 0."""
        return int(bool(self.why_red(required, own_commands=own_commands)))

    @property
    def exit_code(self) -> int:
        return self.exit_with(REQUIRED_SHARE)


def summary_of(exhibits: tuple[ExhibitOf, ...]) -> Summary:
    counts = {v: sum(e.count(v) for e in exhibits) for v in VERDICTS}
    return Summary(
        cells=sum(counts.values()), reproduced=counts["reproduced"], explained=counts["explained"],
        differs=counts["differs"], not_verified=counts["not verified"],
    )  # fmt: skip


def to_json(package: Package) -> str:
    """Numbers keep 17 significant digits; NaN and infinities are texts."""
    return package.model_dump_json(by_alias=True, indent=1) + "\n"


def is_package(text: str | bytes) -> bool:
    """Whether a JSON text calls itself a report of a package."""
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(held, dict) and held.get("schema") == SCHEMA
