"""`verify(folder)`: a package from its files to `Package`, each step a function of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity.base.errors import InputError
from parity.package.classify import classified
from parity.package.document import (
    CandidateOf,
    CauseNamed,
    CellOf,
    ColumnOf,
    CommandAt,
    ExhibitOf,
    FileUsed,
    FindingOf,
    NotVerified,
    Package,
    Programs,
    summary_of,
)  # fmt: skip
from parity.package.folder import Listing, digest, listing
from parity.package.inventory import Inventory, inventory

if TYPE_CHECKING:
    from parity.package.estimates import Estimated
    from parity.package.mapping import Match
    from parity.package.printed import Printed
    from parity.package.verdict import Judged
    from parity.stata.do import DoResult

#: Seconds that the do-files may take together.
SECONDS = 600.0
#: Told what is done, and how many of how many.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Asked:
    """What the command line says. do: the do-file to begin with; logs, tables: only these; mapped: text of a map

    engines: "own", or "all" where other engines are asked too
    """

    do: str | None = None
    logs: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    mapped: str = ""
    map_file: str = ""
    engines: str = "own"


def verify(folder: Path, asked: Asked = Asked(), *, progress: Progress = lambda what, done, total: None) -> Package:
    """Every printed number of a package with its verdict. Raises `InputError` for what isn't there or isn't clear."""
    found, listed, texts = look(folder)
    clear(found, asked, folder)
    return verified(folder, found, listed, texts, asked, progress)


def look(folder: Path) -> tuple[Inventory, Listing, dict[str, str]]:
    """What lies in the folder. Raises `InputError`."""
    from parity.package.running import texts_of

    listed = listing(folder)
    texts = texts_of(folder, [f.path for f in listed.files if f.ending == ".do"])
    return inventory(listed, texts), listed, texts


def clear(found: Inventory, asked: Asked, folder: Path) -> None:
    """Whether there is something to run and to compare, and where to begin."""
    named = [(asked.do, "--do"), *((f, "--log") for f in asked.logs), *((f, "--table") for f in asked.tables)]
    for path, option in named:
        if path is not None and path not in found.roles:
            from parity.base.errors import suggest

            raise InputError.at(option, "", f"the package has no file `{path}`{suggest(path, found.roles)}")
    if asked.do is None and found.ambiguous:
        rows = "; ".join(f"{c.path} ({', '.join(c.reasons)})" for c in found.masters if c.calls)
        raise InputError.at(str(folder), "", f"several do-files run others; say with which to begin: --do FILE: {rows}")
    if not found.of("do-file") and not found.of("log"):
        raise InputError.at(str(folder), "", "it holds no do-file and no log, so there is nothing to verify")


def verified(
    folder: Path, found: Inventory, listed: Listing, texts: Mapping[str, str], asked: Asked, progress: Progress
) -> Package:
    """The package whose files are known."""
    from parity.package.estimates import estimates_of
    from parity.package.running import raws_of, run

    progress("running do-files", 0, 0)
    done = run(folder, found, asked.do, texts, SECONDS) if texts else None
    raws = raws_of(texts)
    estimates: list[Estimated] = []
    if done is not None:
        estimates += estimates_of(done, raws, each=lambda i, n: progress("estimating", i, n))
    reading = _Reading(folder, found, asked)
    logs, tables = reading.logs(), reading.tables()
    for path, log in list(logs.items()):
        estimates += _of_log_alone(folder, path, log, estimates, texts)
    estimates = [replace(e, index=i) for i, e in enumerate(estimates)]
    exhibits, findings = _exhibits(logs, tables, done, estimates, asked, progress)
    findings += _code(done, texts, found, folder, exhibits, tables)
    return _package(folder, found, listed, done, estimates, exhibits, findings, reading, asked)


class _Reading:
    """Logs and tables, read; what can't be is kept with its reason."""

    def __init__(self, folder: Path, found: Inventory, asked: Asked):
        self.folder, self.found, self.asked = folder, found, asked
        self.unread: list[NotVerified] = []
        self.used: dict[str, str] = {}

    def logs(self) -> dict[str, object]:
        from parity.logs.log import read_log

        out: dict[str, object] = {}
        for path in self._chosen("log", self.asked.logs):
            try:
                log = out[path] = read_log(self.folder / path, path)
            except InputError as error:
                self.unread.append(NotVerified(file=path, reason=error.problems[0].message))
                continue
            self.used[path] = "log"
            if log.cut:
                self.unread.append(NotVerified(file=path, reason=f"the log isn't whole: {log.cut}"))
            for line in log.outside:
                self.unread.append(
                    NotVerified(file=path, line=line.place.line, text=line.text[:200], reason=line.why or "not understood")
                )
        return out

    def tables(self) -> dict[str, tuple]:
        from parity.logs.tables import read_table

        out: dict[str, tuple] = {}
        for path in self._chosen("table", self.asked.tables):
            try:
                held = read_table(self.folder / path, path)
            except InputError as error:
                self.unread.append(NotVerified(file=path, reason=error.problems[0].message))
                continue
            self.used[path] = "table"
            if held:
                out[path] = held
            else:
                self.unread.append(NotVerified(file=path, reason="no table of numbers was recognised in it"))
        return out

    def _chosen(self, role, given: Sequence[str]) -> Sequence[str]:
        if self.asked.logs or self.asked.tables:
            return given
        return self.found.of(role)


def _of_log_alone(folder: Path, path: str, log, estimates: Sequence[Estimated], texts: Mapping[str, str]) -> list[Estimated]:
    """Estimates of a log's own commands, where no do-file of the package has them."""
    from parity.logs.command_names import command_name, estimates_by
    from parity.package.estimates import estimates_of
    from parity.package.mapping import bare
    from parity.package.running import log_script
    from parity.stata.do import run_do

    estimating = [c for c in log.commands if estimates_by(command_name(c.text))]
    known = {bare(t) for e in estimates for t in (e.raw, e.command)}
    alone = [c for c in estimating if bare(c.text) not in known]
    if not estimating or 2 * len(alone) <= len(estimating):
        return []
    done = run_do(log_script(log.commands), folder, file=path, seconds=SECONDS)
    return list(estimates_of(done, {(path, c.place.line): c.text for c in log.commands}))


# ---------------------------------------------------------------- exhibits


def _exhibits(
    logs: Mapping[str, object], tables: Mapping[str, tuple], done: DoResult | None, estimates: list[Estimated], asked: Asked,
    progress: Progress,
) -> tuple[list[ExhibitOf], list[FindingOf]]:  # fmt: skip
    from parity.package.calls import tables_written, written_by
    from parity.package.explained import Budget, exhibit_cells
    from parity.package.mapfile import given_of
    from parity.package.mapping import Given, Mapper
    from parity.package.printed import of_log, of_table
    from parity.package.values import value_cells

    nothing = Given({}, {})
    mapper, budget = Mapper(estimates), Budget()
    written = tables_written(done.tables) if done is not None else ()
    printed: list[tuple[Printed, list[Match], CommandAt | None]] = []
    shown = [of_table(x, path, len(held) > 1) for path, held in tables.items() for x in held]
    windows = {path: of_log(log, path) for path, log in logs.items()}
    given = given_of(asked.mapped, asked.map_file, [*shown, *(w for ws in windows.values() for w in ws)], estimates)
    for exhibit in shown:
        mine = written_by(exhibit, written, sum(e.file == exhibit.file for e in shown))
        matches = list(mapper.table(exhibit, mine, given.get(exhibit.id, nothing))) if exhibit.kind == "estimates" else []
        last = mine[-1] if isinstance(mine, tuple) else mine
        command = CommandAt(file=last.last.file, line=last.last.line, text=last.last.text) if last is not None else None
        printed.append((exhibit, matches, command))
    for held in windows.values():
        by_id = mapper.log(held, given)
        printed += [(w, [by_id[w.id]] if w.id in by_id else [], None) for w in held]
    printed = _learned(printed)
    out: list[ExhibitOf] = []
    findings: list[FindingOf] = []
    for i, (exhibit, matches, command) in enumerate(printed):
        progress("comparing", i, len(printed))
        if matches:
            why = [_why(m, exhibit) for m in matches]
            cells, notes = exhibit_cells(exhibit, matches, estimates, why, budget)
        else:
            cells, command = value_cells(exhibit, done, command)
            notes = []
        findings += [FindingOf(id=n.id, file=exhibit.file, line=n.line, text=n.text) for n in notes]
        out.append(_document(exhibit, matches, cells, command))
    return out, findings


def _learned(printed: list) -> list:
    """Labels that one column's numbers told are told to the others, which may have a number that is wrong."""
    from parity.package.estimates import plain
    from parity.package.fit import fit

    said: dict[str, Counter[str]] = {}
    for exhibit, matches, _ in printed:
        for column, match in zip(exhibit.columns, matches, strict=False):
            if match.fit is not None:
                for row, term in zip(column.rows, match.fit.terms, strict=True):
                    if term:
                        said.setdefault(plain(row.label), Counter())[term] += 1
    out = []
    for exhibit, matches, command in printed:
        again = []
        for column, match in zip(exhibit.columns, matches, strict=False):
            if match.fit is not None and "" in match.fit.terms:
                e = match.fit.estimate
                given = {
                    row.label: next(t for t, _ in said[plain(row.label)].most_common() if t in e.terms)
                    for row, term in zip(column.rows, match.fit.terms, strict=True)
                    if not term and any(t in e.terms for t in said.get(plain(row.label), ()))
                }
                taken = set(match.fit.terms)
                given = {label: term for label, term in given.items() if term not in taken}
                match = replace(match, fit=fit(column, e, given)) if given else match
            again.append(match)
        out.append((exhibit, again, command))
    return out


def _why(match: Match, exhibit: Printed) -> str:
    """The reason where a column has no estimate."""
    if match.candidates:
        likely = ", ".join(f"{e.place} ({s:.0%})" for e, s in match.candidates[:3])
        return f"several commands could give it: {likely}; say which in a map"
    if exhibit.origin == "log":
        return "no command of the do-files is known to print it"
    return "no command of the do-files is known to give this column; say which in a map"


def _document(exhibit: Printed, matches: Sequence[Match], cells: Sequence[Judged], command: CommandAt | None) -> ExhibitOf:
    columns = []
    for i, column in enumerate(exhibit.columns):
        match = matches[i] if i < len(matches) else None
        e = match.fit.estimate if match is not None and match.fit is not None else None
        columns.append(
            ColumnOf(
                number=column.number, head=" / ".join(h for h in column.heads if h) or column.outcome, panel=column.panel,
                command=CommandAt(file=e.file, line=e.line, text=e.command) if e is not None else None,
                how=match.how if match is not None else "", doubts=e.doubts if e is not None else (),
                candidates=tuple(
                    CandidateOf(command=CommandAt(file=c.file, line=c.line, text=c.command), share=s)
                    for c, s in (match.candidates if match is not None else ())
                ),
            )
        )  # fmt: skip
    if command is None and len(columns) == 1:
        command = columns[0].command
    return ExhibitOf(
        id=exhibit.id, file=exhibit.file, line=exhibit.line, kind=exhibit.kind, origin=exhibit.origin, title=exhibit.title,
        notes=exhibit.notes.lines, command=command, columns=tuple(columns),
        cells=tuple(_cell(c) for c in cells),
    )  # fmt: skip


def _cell(c: Judged) -> CellOf:
    return CellOf(
        column=c.column + 1, row=-1 if c.row is None else c.row, term=c.term, label=c.label, quantity=c.quantity,
        printed=c.cell.text, estimated=c.estimated, verdict=c.verdict, distance=c.distance,
        causes=tuple(CauseNamed(id=x.id, text=x.text) for x in c.causes), reason=c.reason, line=c.cell.place.line,
    )  # fmt: skip


# ---------------------------------------------------------------- the code, and the whole


def _code(
    done: DoResult | None, texts: Mapping[str, str], found: Inventory, folder: Path, exhibits: Sequence[ExhibitOf],
    tables: Mapping[str, tuple],
) -> list[FindingOf]:  # fmt: skip
    from parity.package.lint import lint

    readme = "\n".join((folder / p).read_bytes()[:200_000].decode("utf-8", "replace") for p in found.of("readme")
                       if p.lower().endswith((".md", ".txt", ".tex", ".rtf", "readme")))  # fmt: skip
    out = list(lint(texts, readme, [p for p in found.of("other code") if p.endswith(".ado")]))
    if done is not None:
        seen = {(f.id, f.file, f.line) for f in out}
        out += [
            FindingOf(id=f.id, file=f.file, line=f.line, text=f.text)
            for f in done.findings
            if (f.id, f.file, f.line) not in seen
        ]
        for call in done.tables:
            if call.target and not any(e.command is not None and e.file in tables and _is(e, call) for e in exhibits):
                from parity.package.calls import same_file

                if not any(same_file(path, call.target.replace("\\", "/").lower()) for path in found.roles):
                    out.append(FindingOf(id="code-without-exhibit", file=call.file, line=call.line,
                                         text=f"it writes {call.target}, which the package doesn't hold"))  # fmt: skip
    for exhibit in exhibits:
        unknown = exhibit.command is None and all(c.command is None for c in exhibit.columns)
        if unknown and exhibit.origin == "table" and exhibit.kind == "estimates":
            out.append(FindingOf(id="exhibit-without-code", file=exhibit.file, line=exhibit.line,
                                 text="no command of the do-files writes or gives this table"))  # fmt: skip
    return list(dict.fromkeys(out))


def _is(exhibit: ExhibitOf, call) -> bool:
    return exhibit.command is not None and (exhibit.command.file, exhibit.command.line) == (call.file, call.line)


def _package(
    folder: Path, found: Inventory, listed: Listing, done: DoResult | None, estimates: Sequence[Estimated],
    exhibits: Sequence[ExhibitOf], findings: Sequence[FindingOf], reading: _Reading, asked: Asked,
) -> Package:  # fmt: skip
    from importlib.metadata import version

    read = set(reading.used) | set(found.of("do-file")) | (set(done.read.values()) if done is not None else set())
    files = tuple(
        FileUsed(
            path=f.path, role=found.roles[f.path], size=f.size, sha256=digest(folder / f.path) if f.path in read else ""
        )
        for f in listed.files
    )
    counts = done.counts if done is not None else Counter()
    programs = Programs(
        do_files=tuple(dict.fromkeys(s.file for s in done.statements)) if done is not None else (),
        statements=sum(counts.values()), run=counts["run"], failed=counts["finding"], lost=counts["lost"],
        estimations=len(estimates), estimated=sum(e.known for e in estimates),
    )  # fmt: skip
    summary = summary_of(tuple(exhibits))
    kind, why = classified(summary, programs, findings)
    master = asked.do or (found.master.path if found.master is not None else "")
    return Package(
        versions={"parity": version("parity")}, package=folder.resolve().name, master=master, files=files, programs=programs,
        exhibits=tuple(exhibits), findings=tuple(findings), summary=summary, classification=kind, classification_why=why,
        not_verified=(*reading.unread, *(NotVerified(file=p, reason=r) for p, r in listed.refused),
                      *(NotVerified(file=e.file, line=ln, text=t[:200], reason=w) for e, ln, t, w in _unread(exhibits))),
        said=_said(found, asked),
    )  # fmt: skip


def _unread(exhibits: Sequence[ExhibitOf]) -> list:
    return []


def _said(found: Inventory, asked: Asked) -> tuple[str, ...]:
    """What was taken for what."""
    counted = Counter(found.roles.values())
    rows = ", ".join(f"{n} {role}{'s' if n > 1 and role not in ('data', 'other', 'other code') else ''}"
                     for role, n in counted.most_common())  # fmt: skip
    out = [f"{len(found.roles)} files: {rows}"]
    if asked.do:
        out.append(f"begun with {asked.do}, as told")
    elif found.master is not None:
        out.append(f"begun with {found.master.path}: {', '.join(found.master.reasons)}")
    elif len(found.order) > 1:
        out.append(f"no do-file runs the others: run in the order of their names, {found.order[0]} first")
    return tuple(out)
