"""Sentences that every report of a package says alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from parity.package.document import CellOf, ExhibitOf, FindingOf, Package

#: Findings of code that ran, but not as its author meant it.
BUGS = ("undefined-macro", "estimates-not-cleared", "abbreviated-name", "merge-m-m", "unstable-sort",
        "stata-error", "stata-stops", "syntax", "unbalanced-braces", "duplicates-drop-force")  # fmt: skip
#: Findings of statements that did not run.
STOPPED = ("unknown-command", "unknown-function", "unknown-branch", "unknown-block", "file-absent", "outside-folder",
           "never-run", "option-not-read", "failed-here", "too-much")  # fmt: skip

#: Verdict -> a mark that tells it without colour.
MARKS = {"reproduced": "=", "explained": "~", "differs": "x", "not verified": "?"}


def first_line(package: Package) -> str:
    """`412 of 438 printed numbers reproduced, 19 explained, 3 differ, 4 not verified: ...`"""
    s = package.summary
    if not s.cells:
        return "0 printed numbers found: nothing was verified."
    parts = [f"{s.reproduced} of {s.cells} printed numbers reproduced{_without_code(package)}"]
    parts += [f"{s.explained} explained"] if s.explained else []
    parts += [f"{s.differs} differ{'s' if s.differs == 1 else ''}"] if s.differs else []
    if not s.not_verified:
        return ", ".join(parts) + "."
    why = reasons(package)
    more = f" and {len(why) - 1} other reason{'s' * (len(why) > 2)}" if len(why) > 1 else ""
    return ", ".join(parts) + f", {s.not_verified} not verified: {why[0][0].rstrip('.')}{more}."


def _without_code(package: Package) -> str:
    """` (291 by commands that only a log has)`: numbers that the package's code doesn't give, however right they are."""
    return f" ({package.by_logs} by commands that only a log has)" if package.by_logs else ""


def installs(f: FindingOf) -> bool:
    """Whether a statement that never runs only installs packages, which no result hangs on here."""
    return f.id == "never-run" and "installs software" in f.text


def needing_a_look(package: Package) -> Counter[str]:
    """Program -> how many of its statements a data editor must look at; programs without one have no entry."""
    places = {(f.file, f.line) for f in package.findings if f.id in (*BUGS, *STOPPED) and not installs(f)}
    return Counter(file for file, _ in places)


def programs(package: Package) -> list[str]:
    """The do-files that were run, and ado-files of the package with something to look at."""
    return list(dict.fromkeys([*package.programs.do_files, *(f for f in needing_a_look(package) if f.endswith(".ado"))]))


def called(e: ExhibitOf, package: Package) -> str:
    """An exhibit's title, with its place where several have the same; its place where it has none."""
    if not e.title:
        return e.id
    title = re.sub(r"</?(?:su[bp]|[ib]|em|strong)>", "", e.title)
    return title if sum(o.title == e.title for o in package.exhibits) == 1 else f"{title} ({e.id})"


def in_order(exhibits: Sequence[ExhibitOf]) -> list[ExhibitOf]:
    """Tables before logs, `table2` before `table10`."""
    kinds = list(dict.fromkeys(e.origin for e in exhibits))

    def key(e: ExhibitOf) -> tuple[int, list[tuple[int, int, str]], int]:
        parts = re.findall(r"\d+|\D+", e.file.lower())
        return kinds.index(e.origin), [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts], e.line

    return sorted(exhibits, key=key)


def reasons(package: Package) -> list[tuple[str, int]]:
    """Reasons of *not verified*, the most frequent first; those that differ by the line of their command are one."""
    counted: Counter[str] = Counter()
    at: dict[str, dict[str, None]] = {}
    for exhibit in package.exhibits:
        for cell in exhibit.cells:
            if cell.verdict == "not verified":
                said, where = _placed(cell.reason)
                counted[said] += 1
                at.setdefault(said, {}).update({where: None} if where else {})
    return [(said + (f" ({_lines(list(at[said]))})" if at[said] else ""), n) for said, n in counted.most_common()]


@dataclass(frozen=True)
class Found:
    """Findings of one file that say the same of several statements. places: `main.do:4, 9 and 3 more lines`"""

    places: str
    id: str
    text: str

    def __str__(self) -> str:
        return f"{self.places} {self.id}: {self.text}"


def findings(package: Package) -> list[Found]:
    """Those that differ by their line alone, or by the statement that they quote first, are one; the JSON has each."""
    held: dict[tuple[str, str, str], dict[str, list[int]]] = {}
    for f in package.findings:
        quoted, said = _quoted(f.text)
        held.setdefault((f.file, f.id, said), {}).setdefault(quoted, []).append(f.line)
    out = []
    for (file, id, said), of in held.items():
        if 1 < len(of) <= MOST_QUOTED:
            out += [Found(_lines([f"{file}:{n}" for n in lines]), id, quoted + said) for quoted, lines in of.items()]
        else:
            lines = dict.fromkeys(n for each in of.values() for n in each)
            more = f" (the first of {len(of)} such)" if len(of) > 1 else ""
            out.append(Found(_lines([f"{file}:{n}" for n in lines]), id, f"{next(iter(of))}{said}{more}"))
    return out


#: As many statements of which the same is said are each named.
MOST_QUOTED = 3
#: `if r(N) == 0`, with the macro quotes of Stata in it perhaps, and what is said of it.
_SAYS = re.compile(r"` (?:hangs on what can't be known|can't be known)")


def _quoted(text: str) -> tuple[str, str]:
    """The statement at the beginning of a finding, and what is said of it."""
    found = _SAYS.search(text) if text.startswith("`") else None
    return (text[: found.start() + 1], text[found.start() + 1 :]) if found else ("", text)


#: Lines that are named of several; the JSON has all.
MOST_LINES = 3


def _placed(reason: str) -> tuple[str, str]:
    """A reason, and the place at its end: `... is not known here (a.do:9)`."""
    found = re.fullmatch(r"(.*) \(([^()]*:\d+)\)", reason, re.DOTALL)
    return (found[1], found[2]) if found else (reason, "")


def _lines(places: list[str]) -> str:
    """`a.do:4, 9, 12 and 3 more lines`: a file's name once for its lines."""
    out, before = [], ""
    for place_of in places[:MOST_LINES]:
        file, _, line = place_of.rpartition(":")
        out.append(line if file == before else place_of)
        before = file
    more = len(places) - MOST_LINES
    return ", ".join(out) + (f" and {more} more line{'s' * (more > 1)}" if more > 0 else "")


def place(exhibit: ExhibitOf, cell: CellOf) -> str:
    """Where a number stands: `tables/t1.tex, column 2, Schooling, se`."""
    column = f", column {cell.column}" if len(exhibit.columns) > 1 else ""
    panel = exhibit.columns[cell.column - 1].panel if 0 < cell.column <= len(exhibit.columns) else ""
    name = f", {cell.label or cell.term}" if cell.label or cell.term else ""
    quantity = f", {cell.quantity}" if cell.quantity not in (cell.label, "coef") else ""
    return f"{exhibit.id}{column}{f' ({panel})' if panel else ''}{name}{quantity}"


def number(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.9g}"


def command_of(exhibit: ExhibitOf, column: int) -> str:
    """`code/tables.do:12 regress y x` of a column, else of its exhibit; empty where none is known."""
    own = exhibit.columns[column - 1].command if 0 < column <= len(exhibit.columns) else None
    command = own or exhibit.command
    return f"{command.file}:{command.line} {' '.join(command.text.split())}" if command is not None else ""
