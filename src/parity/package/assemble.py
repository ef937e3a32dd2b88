"""What was found as `parity-package/1`: verdicts of every exhibit, findings of the code, the class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from parity.package import said_lines, work
from parity.package.absorbed import absorbed_cells
from parity.package.by_groups import of_group
from parity.package.calls import same_file
from parity.package.classify import classified
from parity.package.data_made import data_not_made
from parity.package.described import described
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
from parity.package.explained import exhibit_cells
from parity.package.fates import Fates
from parity.package.folder import Listing, digest
from parity.package.functions_said import of_functions
from parity.package.inventory import Inventory
from parity.package.likelihood_words import of_legend
from parity.package.lint import commented, is_comment, lint, named_by, without_statements
from parity.package.log_pairs import Lone, of_echoes, of_run, said_of_pairs
from parity.package.mapping import Match
from parity.package.matched import Asked, Matched, Progress
from parity.package.note_numbers import numbers_of_notes
from parity.package.other_code import not_run, others
from parity.package.other_data import other_data, other_rows
from parity.package.posted_rows import of_posted_words
from parity.package.printed import Printed
from parity.package.put_cells import of_put, put_into
from parity.package.stops import first_not_run, of_run_finding
from parity.package.tails_said import of_tails
from parity.package.typed_data import typed_data
from parity.package.unsettled import unsettled
from parity.package.value_words import of_value_words
from parity.package.values import value_cells
from parity.package.verdict import Judged
from parity.package.window_says import of_constraints
from parity.package.windows_again import again
from parity.package.written_grids import grids_of, of_grid


def assembled(
    folder: Path,
    found: Inventory,
    listed: Listing,
    texts: Mapping[str, str],
    asked: Asked,
    have: Matched,
    progress: Progress,
) -> Package:
    """Reads the files that are hashed, and nothing else."""
    from importlib.metadata import version

    exhibits, findings = exhibits_of(have, progress, _engines(have, asked, progress))
    exhibits = [_placed(e, texts) for e in exhibits]
    findings += [*unsettled(have, exhibits, bool(others(found))), *_code(folder, found, texts, have, exhibits)]
    done = have.done
    read = set(have.used) | set(found.of("do-file")) | (set(done.read.values()) if done is not None else set())
    files = tuple(
        FileUsed(
            path=f.path,
            role=have.used.get(f.path, found.roles[f.path]),
            size=f.size,
            sha256=digest(folder / f.path) if f.path in read else "",
        )
        for f in listed.files
    )
    programs = _programs(have, texts)
    summary = summary_of(tuple(exhibits))
    unread = _cells_unread(have)
    kind, why = classified(summary, programs, findings, _codeless(have, exhibits, findings), unread)
    return Package(
        versions={"parity": version("parity")}, package=folder.resolve().name,
        master=asked.do or (found.master.path if found.master is not None else ""), files=files, programs=programs,
        exhibits=tuple(exhibits), findings=tuple(findings), summary=summary, unread=unread,
        classification=kind, classification_why=why,
        not_verified=(*have.unread, *(NotVerified(file=p, reason=r) for p, r in listed.refused), *left_out(have)),
        said=_said(found, asked),
    )  # fmt: skip


def exhibits_of(have: Matched, progress: Progress, engines: Mapping[int, str]) -> tuple[list[ExhibitOf], list[FindingOf]]:
    """Every exhibit with a verdict for each of its cells, and what is found about notes and columns."""
    out: list[ExhibitOf] = []
    findings: list[FindingOf] = []
    left, fates = work.Work(), Fates(have.runs)
    for i, beside in enumerate(have.exhibits):
        progress("comparing", i, len(have.exhibits))
        exhibit, command = beside.printed, beside.command
        matches = tuple(_its_own(m, exhibit, fates) for m in beside.matches)
        if matches:
            why = [_why(m, exhibit, fates) for m in matches]
            cells, notes = exhibit_cells(exhibit, matches, have.estimates, why, left)
        elif beside.above is not None:
            cells, notes = absorbed_cells(exhibit, beside.above), []
        elif beside.posted is not None:
            cells = described(exhibit, beside.posted)
            notes = of_posted_words(exhibit, beside.posted, cells)
        else:
            cells, told = value_cells(exhibit, beside.group, fates.of(exhibit))
            cells, notes = of_value_words(exhibit, beside.group, cells)
            command = command or told
            for of_words in (of_constraints, of_legend, of_functions, of_group):
                notes += of_words(exhibit, beside.group)
        if exhibit.origin == "table" and (put := put_into(exhibit.file, have.runs)):
            cells = of_put(cells, put)
        if exhibit.origin == "table" and not matches and (grids := grids_of(exhibit.file, have.runs)):
            cells = of_grid(cells, exhibit, grids)
        notes = [*notes, *of_tails(exhibit)]
        findings += [FindingOf(id=n.id, file=exhibit.file, line=n.line, text=n.text) for n in notes]
        out.append(_document(exhibit, matches, cells, command, engines))
    places = {e.id: (e.file, e.line) for e in out}
    findings += [FindingOf(id="search-ended", file=places[i][0], line=places[i][1], text=t) for i, t in work.said(left)]
    return out, [*findings, *said_lines.held(have)[0], *again(have)[0]]


def _engines(have: Matched, asked: Asked, progress: Progress) -> Mapping[int, str]:
    """What other engines say of the estimates that columns are, where they are asked for."""
    if asked.engines != "all":
        return {}
    from parity.base.cache import AnswerCache, default_folder
    from parity.package.engines import in_every_engine

    places = {m.fit.estimate.index for b in have.exhibits for m in b.matches if m.fit is not None}
    wanted = [e for e in have.estimates if e.index in places]
    return in_every_engine(
        wanted, cache=AnswerCache(default_folder()), progress=lambda done, total: progress("asking engines", done, total)
    )


def _its_own(match: Match, exhibit: Printed, fates: Fates) -> Match:
    """None of a window whose own command didn't run, where N and R2 alone speak for another."""
    return Match() if exhibit.origin == "log" and match.how == "N and R2" and fates.of(exhibit) else match


def _why(match: Match, exhibit: Printed, fates: Fates) -> str:
    """The reason where a column has no estimate."""
    fate = fates.of(exhibit)
    if fate and not match.candidates:
        return fate
    if match.candidates:
        likely = ", ".join(f"{e.place} ({s:.0%})" for e, s in match.candidates[:3])
        who = "several commands" if len(match.candidates) > 1 else "one command"
        return f"{who} could give it: {likely}; say which in a map"
    if exhibit.origin == "log":
        return "no command of the do-files is known to print it"
    lost = f"; some data are absent: {fates.absent}" if fates.absent else ""
    return f"no command of the do-files is known to give this column; say which in a map{lost}"


def _document(
    exhibit: Printed,
    matches: Sequence[Match],
    cells: Sequence[Judged],
    command: CommandAt | None,
    engines: Mapping[int, str],
) -> ExhibitOf:
    columns = []
    for i, column in enumerate(exhibit.columns):
        match = matches[i] if i < len(matches) else None
        e = match.fit.estimate if match is not None and match.fit is not None else None
        columns.append(
            ColumnOf(
                number=column.number, head=" / ".join(h for h in column.heads if h) or column.outcome, panel=column.panel,
                command=CommandAt(file=e.file, line=e.line, text=e.command) if e is not None else None,
                engines=engines.get(e.index, "") if e is not None else "",
                how=match.how if match is not None else "", doubts=e.doubts if e is not None else (),
                candidates=tuple(
                    CandidateOf(command=CommandAt(file=c.file, line=c.line, text=c.command), share=s)
                    for c, s in (match.candidates if match is not None else ())
                ),
            )
        )  # fmt: skip
    if command is None and len(columns) == 1:
        command = columns[0].command
    if command is None and exhibit.command:
        command = CommandAt(file=exhibit.file, line=exhibit.line, text=exhibit.command)
    return ExhibitOf(
        id=exhibit.id, file=exhibit.file, line=exhibit.line, kind=exhibit.kind, origin=exhibit.origin, title=exhibit.title,
        notes=exhibit.notes.lines, command=command, columns=tuple(columns),
        cells=tuple(_cell(c) for c in cells),
    )  # fmt: skip


def _unknown(exhibit: ExhibitOf) -> bool:
    """Whether it is a table of a file that no command is known to have written."""
    return exhibit.origin == "table" and exhibit.command is None and all(c.command is None for c in exhibit.columns)


def _placed(exhibit: ExhibitOf, texts: Mapping[str, str]) -> ExhibitOf:
    """With the command that names its file, or stands below a comment with its number: a form asks for program and line of
    each table, verified or not."""
    unknown = _unknown(exhibit)
    found = (named_by(texts, exhibit.file) or commented(texts, exhibit.file, exhibit.title)) if unknown else None
    if found is None:
        return exhibit
    file, line = found
    text = texts[file].split("\n")[line - 1].strip()
    return exhibit.model_copy(update={"named": CommandAt(file=file, line=line, text=text)})


def _cell(c: Judged) -> CellOf:
    return CellOf(
        column=c.column + 1, row=-1 if c.row is None else c.row, term=c.term, label=c.label, quantity=c.quantity,
        printed=c.cell.text, estimated=c.estimated, verdict=c.verdict, distance=c.distance,
        causes=tuple(CauseNamed(id=x.id, text=x.text) for x in c.causes), reason=c.reason, line=c.cell.place.line,
    )  # fmt: skip


# ---------------------------------------------------------------- the code, and the whole


def _code(
    folder: Path, found: Inventory, texts: Mapping[str, str], have: Matched, exhibits: Sequence[ExhibitOf]
) -> list[FindingOf]:
    """What the text of the do-files shows, what running them found, exhibits without code and code without exhibits."""
    readme = "\n".join((folder / p).read_bytes()[:200_000].decode("utf-8", "replace") for p in found.of("readme")
                       if p.lower().endswith((".md", ".txt", ".tex", ".rtf", "readme")))  # fmt: skip
    out = list(lint(texts, readme, [p for p in found.of("other code") if p.endswith(".ado")]))
    seen = {(f.id, f.file, f.line) for f in out}
    done = have.done
    out += [*other_data(exhibits, [run for run, _ in have.runs]), *other_rows(exhibits)]
    out += [FindingOf(id="empty-do-file", file=p, line=1, text="it holds no statement") for p in without_statements(texts)]
    out += [*not_run(found), *_of_logs(have, exhibits, bool(texts))]
    for path, data in have.taken.items():
        said = f"it loads no data: {data} is taken, which has its variables and gives most of its numbers"
        out.append(FindingOf(id="data-opened-by-hand", file=path, line=1, text=said))
    if done is not None:
        out += data_not_made(folder, texts, done)
        out += typed_data(texts, done)
        first = first_not_run(done)
        out += [of_run_finding(f, texts, first) for f in done.findings if (f.id, f.file, f.line) not in seen]
        for call in done.tables:
            target = call.target.replace("\\", "/").lower()
            if target and not any(same_file(path, target) for path in found.roles):
                said = f"it writes {call.target}, which the package doesn't hold"
                out.append(FindingOf(id="code-without-exhibit", file=call.file, line=call.line, text=said))
    for exhibit in exhibits:
        if _unknown(exhibit) and exhibit.kind == "estimates" and exhibit.named is None:
            said = "no command of the do-files writes or gives this table"
            out.append(FindingOf(id="exhibit-without-code", file=exhibit.file, line=exhibit.line, text=said))
    out += _commented_out(texts, exhibits)
    return list(dict.fromkeys(_made_by(out, folder, found)))


def _commented_out(texts: Mapping[str, str], exhibits: Sequence[ExhibitOf]) -> Iterator[FindingOf]:
    """Tables that no command is known to have written, and that one in a comment names: once for each such command."""
    seen: set[tuple[str, int]] = set()
    for file in dict.fromkeys(e.file for e in exhibits if e.origin == "table" and e.command is None):
        place = named_by(texts, file)
        if place is None or place in seen or not is_comment(texts[place[0]], place[1]):
            continue
        seen.add(place)
        said = f"the command that would write {file} is a comment: no code that runs writes the table"
        yield FindingOf(id="code-commented-out", file=place[0], line=place[1], text=said)


def _of_logs(have: Matched, exhibits: Sequence[ExhibitOf], code: bool) -> Iterator[FindingOf]:
    """Logs whose commands aren't the do-files', each with what differs. code: whether the package has a do-file"""
    for path, own in have.alone.items():
        id = "log-of-other-code" if code else "log-without-code"
        said = "its commands aren't those of the do-files: it is verified by its own"
        if not code:
            said = "the package has no do-file: it is verified by the commands that it echoes"
        elif any(e.file == path and _given_by_code(e) for e in exhibits):
            said = "most of its commands aren't those of the do-files: these are verified by themselves"
        yield FindingOf(id=id, file=path, line=1, text=said)
        if code:
            yield from _pairs(have, path, of_run(have.estimates[own.first : own.last]), id)
    for path, gone in have.older.items():
        n, (line, first) = len(gone), gone[0]
        said = f"{n} of its estimations stand{'s' * (n == 1)} in no do-file, the first `{first[:60]}`: the code is newer"
        yield FindingOf(id="output-older-than-code", file=path, line=line, text=said)
        yield from _pairs(have, path, of_echoes(gone), "output-older-than-code")

    for path, of in have.foreign.items():
        if code:
            yield FindingOf(id="log-of-other-code", file=path, line=1, text=of.said)
        else:
            said = "the package has no do-file: nothing of it gives what this log prints"
            yield FindingOf(id="log-without-code", file=path, line=1, text=said)


def _pairs(have: Matched, path: str, lone: Sequence[Lone], id: str) -> Iterator[FindingOf]:
    code = have.estimates[: min([own.first for own in have.alone.values()], default=len(have.estimates))]
    windows = [(b.printed, b.matches) for b in have.exhibits if b.printed.file == path]
    for line, said in said_of_pairs(lone, code, windows):
        yield FindingOf(id=id, file=path, line=line, text=said)


#: Bytes of another program's text that are looked through.
MOST_CODE = 2_000_000


def _made_by(findings: Sequence[FindingOf], folder: Path, found: Inventory) -> Iterator[FindingOf]:
    """Absent files with the program of another language that names them, and that may make them."""
    absent = [f for f in findings if f.id == "file-absent"]
    held = (
        {p: (folder / p).read_bytes()[:MOST_CODE].decode("utf-8", "replace") for p in found.of("other code")}
        if absent
        else {}
    )
    for f in findings:
        name = re.split(r"[/\\]", f.text.split("`")[1])[-1] if f.id == "file-absent" and f.text.count("`") >= 2 else ""
        makers = [p for p, text in held.items() if name and name in text and p != f.file]
        yield f.model_copy(update={"text": f"{f.text}; {', '.join(makers[:3])} names it"}) if makers else f


def _programs(have: Matched, texts: Mapping[str, str]) -> Programs:
    """Of the package's own do-files: neither the script that runs them all nor a log's commands is one."""
    done = have.done
    counts = done.counts if done is not None else Counter()
    return Programs(
        do_files=tuple(dict.fromkeys(s.file for s in done.statements if s.file in texts)) if done is not None else (),
        statements=sum(counts.values()), run=counts["run"], failed=counts["finding"], lost=counts["lost"],
        estimations=len(have.estimates), estimated=sum(e.known for e in have.estimates),
    )  # fmt: skip


def _codeless(have: Matched, exhibits: Sequence[ExhibitOf], findings: Sequence[FindingOf]) -> int:
    """Numbers in logs of no do-file, and in tables that no command gives."""
    unmade = {(f.file, f.line) for f in findings if f.id == "exhibit-without-code"}
    own = [e for e in exhibits if e.file in have.alone and not _given_by_code(e)]
    return sum(len(e.cells) for e in own) + sum(len(e.cells) for e in exhibits if (e.file, e.line) in unmade)


def _given_by_code(e: ExhibitOf) -> bool:
    """Whether every command that gives an exhibit is a do-file's, and none its log's own."""
    commands = [c.command for c in e.columns if c.command is not None] or [e.command]
    return all(c is not None and c.file != e.file for c in commands)


def left_out(have: Matched) -> list[NotVerified]:
    """Text with numbers in exhibits that was not understood, or that nothing is held against."""
    cells = [
        NotVerified(file=b.printed.file, line=n.place.line, text=n.text[:200], reason=n.why)
        for b in have.exhibits
        for n in b.printed.unread
    ]
    return [*cells, *numbers_of_notes(have), *said_lines.held(have)[1], *again(have)[1]]


def _cells_unread(have: Matched) -> int:
    """How many of them stand in a row of a table for a number."""
    return sum(n.cell for b in have.exhibits if b.printed.origin == "table" for n in b.printed.unread)


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
        several = any(m.calls for m in found.masters)
        why = "do-files run others, each its own" if several else "no do-file runs the others"
        out.append(f"{why}: run in the order of their names, {found.order[0]} first")
    return tuple(out)
