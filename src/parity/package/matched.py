"""A package's exhibits beside its estimates: do-files run, logs and tables read, each column mapped."""

from __future__ import annotations

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from parity.package.assumed import LOADS
from parity.package.document import CommandAt, NotVerified
from parity.package.estimates import Estimated, estimates_of, plain
from parity.package.fit import fit
from parity.package.foreign import Foreign, by_file, foreign
from parity.package.inventory import Inventory
from parity.package.log_and_code import Code, LastLoad
from parity.package.loops import around, loops_in
from parity.package.mapping import Given, Mapper, Match, bare
from parity.package.printed import Column, Printed, of_log, of_table
from parity.package.reading import Asked, Reading
from parity.package.values import Group, Values
from parity.package.written_alike import written_alike

if TYPE_CHECKING:
    from parity.logs.exhibit import Log
    from parity.package.calls import Written
    from parity.stata.do import DoResult

#: Seconds of the processor that the do-files may take together.
SECONDS = 600.0
#: `--Break--`: the code of a command that somebody stopped.
BREAK = 1
#: At a prompt, and no command: `#` before another word than `delimit` and `review` ("Unknown #command", without a return
#: code), and what `graph` says of a scheme while it draws.
NO_COMMAND = re.compile(r"#(?!\s*(?:d|r))|invalid line in style file\b")
#: What a log reads that loads none, where no file of the package has its variables.
OPENED = "data that were open when the log began"
#: Told what is done, and how many of how many.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Beside:
    """One exhibit: a match for each column of estimates, or the group of what a data step printed.

    command: the call that wrote a table, where it is known; posted: the table, where estpost's results are written in it;
    above: the estimate of the window above one of absorbed effects
    """

    printed: Printed
    matches: tuple[Match, ...] = ()
    group: Group | None = None
    command: CommandAt | None = None
    posted: Written | None = None
    above: Estimated | None = None


@dataclass(frozen=True)
class Own:
    """What a log's own commands gave: its estimates' places from first to before last, and the place of its run."""

    first: int
    last: int
    run: int


@dataclass(frozen=True)
class Matched:
    """runs: of the do-files first, then of logs that no do-file makes (`alone`); used: files that were read, by role

    taken: logs that load no data -> the data file that was taken for theirs
    older: logs of the do-files -> their estimations that stand in no do-file any more, as (line, command)
    foreign: the other logs most of whose commands the do-files lack
    """

    exhibits: tuple[Beside, ...]
    estimates: tuple[Estimated, ...]
    runs: tuple[tuple[DoResult, Mapping[tuple[str, int], str]], ...]
    unread: tuple[NotVerified, ...] = ()
    used: Mapping[str, str] = field(default_factory=dict)
    alone: Mapping[str, Own] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    older: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    foreign: Mapping[str, Foreign] = field(default_factory=dict)
    logs: Mapping[str, Log] = field(default_factory=dict)

    @property
    def done(self) -> DoResult | None:
        """What came of the do-files; None where the package has none."""
        return self.runs[0][0] if self.runs else None


def matched(folder: Path, found: Inventory, texts: Mapping[str, str], asked: Asked, progress: Progress) -> Matched:
    """Raises `InputError` for a map that names what isn't there."""
    from parity.package.running import raws_of, run

    progress("running do-files", 0, 0)
    raws = raws_of(texts)
    in_order = found.master is not None
    runs: list[tuple] = []
    estimates: list[Estimated] = []
    if texts:
        runs.append((run(folder, found, asked.do, texts, SECONDS), raws))
        loops = loops_in(raws)
        every = estimates_of(*runs[0], each=lambda i, n: progress("estimating", i, n))
        estimates += [replace(e, loops=loops.get((e.file, e.line), ())) for e in every]
    reading = Reading(folder, found, asked, frozenset(runs[0][0].read.values()) if runs else frozenset())
    logs, tables = reading.logs(), reading.tables()
    alone: dict[str, Own] = {}
    taken: dict[str, str] = {}
    of_code = tuple(estimates)
    for path, log in logs.items():
        by_hand = _loads_nothing(log) and not _estimated(log, of_code)
        if by_hand or not _is_of(log, of_code, raws):
            data = _by_hand(folder, found, path, log) if by_hand else ""
            runs.append(_alone(folder, path, log, data))
            if data and data != OPENED:
                taken[path] = data
                runs[-1] = _in_doubt(runs[-1], f"{data} is taken for the data that were open when the log began")
            first = len(estimates)
            doubts = (f"{taken[path]} is taken for the data that were open when the log began",) if path in taken else ()
            mine = estimates_of(*runs[-1])
            estimates += [replace(e, index=first + i, doubts=(*e.doubts, *doubts)) for i, e in enumerate(mine)]
            alone[path] = Own(first, len(estimates), len(runs) - 1)
    older = {p: found for p, log in logs.items() if p not in alone and (found := _gone(log, estimates, raws))}
    expanded = by_file(runs[0][0].statements if texts else ())
    others = {p: log for p, log in logs.items() if p not in alone and p not in older}
    strange = {p: f for p, log in others.items() if (f := foreign(p, log.commands, raws, expanded)) is not None}
    exhibits = _exhibits(logs, tables, runs, estimates, asked, alone, in_order=in_order)
    return Matched(
        tuple(exhibits), tuple(estimates), tuple(runs), tuple(reading.unread), reading.used, alone, taken, older, strange,
        logs,
    )  # fmt: skip


def rematched(folder: Path, found: Inventory, have: Matched, asked: Asked) -> Matched:
    """Logs and tables read and mapped again beside estimates that are known: of a folder where nothing else changed.

    Those that `asked` names, if it names some: an altered table is held against what its package's code gave before.
    """
    reading = Reading(folder, found, asked, frozenset(have.runs[0][0].read.values()) if have.runs else frozenset())
    logs, tables = reading.logs(), reading.tables()
    given, in_order = list(have.estimates), found.master is not None
    exhibits = _exhibits(logs, tables, have.runs, given, asked, have.alone, in_order=in_order)
    return replace(have, exhibits=tuple(exhibits), unread=tuple(reading.unread), used=reading.used, logs=logs)


def _is_of(log, estimates: Sequence[Estimated], raws: Mapping[tuple[str, int], str]) -> bool:
    """Whether a log is of the do-files: they have most of its estimation commands, and all that load its data."""
    from parity.logs.command_names import command_name, estimates_by

    known = {bare(t) for e in estimates for t in (e.raw, e.command)} | {bare(t) for t in raws.values()}
    names = [(command_name(c.text), bare(c.text)) for c in log.commands]
    estimating = [text for name, text in names if estimates_by(name)]
    loading = [text for name, text in names if name in LOADS]
    if not estimating and not loading:
        return True
    if loading and not any(text in known for text in loading):
        return False
    return not estimating or 2 * sum(text in known for text in estimating) >= len(estimating)


def _gone(log, estimates: Sequence[Estimated], raws: Mapping[tuple[str, int], str]) -> tuple[tuple[int, str], ...]:
    """Estimations of a log of the do-files that none of them has: run when the log was written, and changed since."""
    from parity.logs.command_names import command_name, estimates_by

    known = {bare(t) for e in estimates for t in (e.raw, e.command)} | {bare(t) for t in raws.values()}
    return tuple(
        (c.place.line, c.text) for c in log.commands
        if estimates_by(command_name(c.text)) and bare(c.text) not in known
    )  # fmt: skip


def _loads_nothing(log) -> bool:
    """Whether something was printed before any data were loaded."""
    from parity.logs.command_names import command_name

    first = next((w.command for w in log.windows if w.command is not None), None)
    return first is not None and not any(command_name(c.text) in LOADS for c in log.commands[:first])


def _in_doubt(run: tuple, doubt: str) -> tuple:
    """What a run printed, its data uncertain: a number that differs is no fault of the log's then."""
    done, raws = run
    return replace(done, printed=tuple(replace(p, doubts=(*p.doubts, doubt)) for p in done.printed)), raws


def _estimated(log, estimates: Sequence[Estimated]) -> bool:
    """Whether a do-file's run has an estimate of one of the log's commands."""
    known = {bare(t) for e in estimates if e.known for t in (e.raw, e.command)}
    return any(bare(c.text) in known for c in log.commands)


def _by_hand(folder: Path, found: Inventory, path: str, log) -> str:
    """The data file that was open when a log without one began; "" where that isn't certain, `OPENED` where none can be."""
    from parity.package.assumed import best, candidates, needed

    names = needed(log.commands)
    paths = list(candidates(folder, found, names))
    if len(paths) < 2:
        return paths[0] if paths else OPENED if names else ""
    windows = of_log(log, path)

    def agreeing(data: str) -> int:
        matches = Mapper(estimates_of(*_alone(folder, path, log, data))).log(windows, {})
        fits = [m.fit for m in matches.values() if m.fit is not None]
        hits = sum(f.hits for f in fits)
        return hits if 2 * hits > sum(f.of for f in fits) else 0

    return best(paths, agreeing)


def _alone(folder: Path, path: str, log, data: str = "") -> tuple:
    """What a log's own commands give, each as at the line where the log echoes it. data: read before the first"""
    from parity.package.assumed import loading
    from parity.package.running import log_script
    from parity.stata.do import run_do

    here = path.rpartition("/")[0]
    before = [loading(data) or f'use "{data}"'] * bool(data) + [f'cd "{here}"'] * bool(here)
    done = run_do(log_script(log.commands, before, _refused(log)), folder, file=path, seconds=SECONDS)
    return done, {(path, c.place.line): c.text for c in log.commands}


def _refused(log) -> frozenset[int]:
    """Places of commands below which the log shows `r(111);`, or which are none: refused, they changed nothing.

    Those of a loop may have run before it stopped; a break may have come in the midst of one.
    """
    lines = [c.place.line for c in log.commands]
    at = [bisect.bisect_right(lines, m.place.line) - 1 for m in log.errors if m.code not in (None, BREAK)]
    none = [i for i, c in enumerate(log.commands) if NO_COMMAND.match(c.text)]
    return frozenset(i for i in (*at, *none) if i >= 0 and log.commands[i].block is None)


# ---------------------------------------------------------------- exhibits


def _exhibits(
    logs: Mapping[str, object],
    tables: Mapping[str, tuple],
    runs: Sequence[tuple],
    estimates: list[Estimated],
    asked: Asked,
    alone: Mapping[str, Own],
    *,
    in_order: bool,
) -> list[Beside]:
    from parity.package.calls import as_called, labelled, tables_written, written_by
    from parity.package.described import is_described
    from parity.package.mapfile import given_of, in_text
    from parity.package.screens import is_estimates_table, shown_tables, written_on_screen

    nothing = Given({}, {})
    mapper = Mapper(estimates)
    # where a do-file runs the others, what is written last is the package's
    written = [w for w in tables_written(runs[0][0].tables) if not (in_order and w.replaced)] if runs else []
    shown = [written_alike(of_table(x, path, len(held) > 1)) for path, held in tables.items() for x in held]
    windows = {
        path: _windows(log, path, [w for w in log.windows if not is_estimates_table(w, log)]) for path, log in logs.items()
    }
    screens = {path: shown_tables(log, path) for path, log in logs.items()}
    every = [*shown, *(w for held in (*windows.values(), *screens.values()) for w in held)]
    given = given_of(asked.mapped, asked.map_file, every, estimates)
    out: list[Beside] = []
    for exhibit in shown:
        mine = written_by(exhibit, written, sum(e.file == exhibit.file for e in shown))
        posted = mine if is_described(mine) else None
        estimated = exhibit.kind == "estimates" and posted is None
        matches = mapper.table(exhibit, mine, given.get(exhibit.id, nothing)) if estimated else ()
        last = mine[-1].last if isinstance(mine, tuple) else mine.last if mine is not None else None
        command = CommandAt(file=last.file, line=last.line, text=last.text) if last is not None else None
        exhibit = as_called(exhibit, mine) if mine is not None else exhibit
        out.append(Beside(exhibit, tuple(matches), None, command, posted))
    values = Values(runs[: len(runs) - len(alone)])
    first_own = min([own.first for own in alone.values()], default=len(estimates))
    of_code = Mapper(estimates, range(first_own))
    code = Code(runs[: len(runs) - len(alone)], estimates[:first_own])
    for path, held in windows.items():
        own = alone.get(path)
        groups = (values if own is None else Values([runs[own.run]])).matched(held)
        mine = of_code if own is None else Mapper(estimates, range(own.first, own.last))
        by_id = mine.log(held, given, _lost(held, logs[path], runs[own.run][0]) if own is not None else ())
        if own is not None:
            theirs, at = values.matched(held), LastLoad(logs[path].commands)
            groups = {w.id: g for w in held if (g := code.group(w, groups.get(w.id), theirs.get(w.id), at)) is not None}
            told = {w.id: (w.columns[0], given.get(w.id, nothing).terms) for w in held if w.id in by_id}
            by_id = {i: code.match(column, by_id[i], terms, at) for i, (column, terms) in told.items()}
        over = _over(held, by_id)
        out += [Beside(w, (by_id[w.id],) if w.id in by_id else (), groups.get(w.id), above=over.get(w.id)) for w in held]
        run, first = (own.run, own.first) if own is not None else (0, 0)
        calls = written_on_screen(screens[path], *runs[run], first) if runs else {}
        for table in screens[path]:
            told = calls.get(table.id), given.get(table.id, nothing)
            found = mine.table(table, *told) if table.kind == "estimates" else ()
            if own is not None:
                at = LastLoad(logs[path].commands)
                found = [code.match(c, m, told[1].terms, at) for c, m in zip(table.columns, found, strict=False)]
            out.append(Beside(table, tuple(found)))
    said = in_text(asked.mapped, asked.map_file, estimates)
    named: dict[str, set[str]] = {}
    for label, terms in ((label, t) for w in written for label, t in labelled(w.last.options).items()):
        named.setdefault(label, set()).update(terms)
    return [*_called_so(_learned(out), named), *([Beside(*said)] if said is not None else [])]


def _over(windows: Sequence[Printed], matches: Mapping[str, Match]) -> dict[str, Estimated]:
    """Window of absorbed effects -> the estimate that the window before it is."""
    out = {}
    for before, w in itertools.pairwise(windows):
        match = matches.get(before.id)
        if w.kind == "absorbed" and match is not None and match.fit is not None:
            out[w.id] = match.fit.estimate
    return out


def _lost(windows: Sequence[Printed], log, done) -> frozenset[str]:
    """Windows of a log on its own whose command had no data: those that others of its words have are others."""
    lines = {s.line for s in done.statements if s.status == "lost"}
    at = {w.id: log.commands[w.position].place.line for w in windows if w.position is not None}
    return frozenset(id for id, line in at.items() if line in lines)


def _windows(log, path: str, windows: Sequence) -> list[Printed]:
    return [replace(p, loops=around(w, log)) for p, w in zip(of_log(log, path, windows), windows, strict=True)]


def _learned(exhibits: Sequence[Beside]) -> list[Beside]:
    """Labels that one column's numbers told are told to the others, which may have a number that is wrong."""
    said: dict[str, Counter[str]] = {}
    for beside in exhibits:
        for column, match in zip(beside.printed.columns, beside.matches, strict=False):
            if match.fit is not None:
                for row, term in zip(column.rows, match.fit.terms, strict=True):
                    if term:
                        said.setdefault(plain(row.label), Counter())[term] += 1
    return [
        replace(b, matches=tuple(_taught(c, m, said) for c, m in zip(b.printed.columns, b.matches, strict=False)))
        for b in exhibits
    ]


def _called_so(exhibits: Sequence[Beside], named: Mapping[str, Collection[str]]) -> list[Beside]:
    """Rows that numbers told, as told by labels where a call of the package calls the term so. named: label -> terms"""

    def of(column: Column, match: Match) -> Match:
        if match.fit is None or not match.fit.by_numbers:
            return match
        found = match.fit
        by_code = {i for i in found.by_numbers if found.terms[i] in named.get(plain(column.rows[i].label), ())}
        return replace(match, fit=replace(found, by_numbers=found.by_numbers - by_code))

    return [replace(b, matches=tuple(map(of, b.printed.columns, b.matches))) if b.matches else b for b in exhibits]


def _taught(column, match: Match, said: Mapping[str, Counter[str]]) -> Match:
    if match.fit is None or "" not in match.fit.terms:
        return match
    e, taken = match.fit.estimate, set(match.fit.terms)
    given: dict[str, str] = {}
    for row, term in zip(column.rows, match.fit.terms, strict=True):
        if not term and plain(row.label) not in e.aliases:
            known = [t for t, _ in said.get(plain(row.label), Counter()).most_common() if t in e.terms and t not in taken]
            if known:
                given[row.label] = known[0]
    if not given:
        return match
    taught = fit(column, e, given)
    places = {i for i, row in enumerate(column.rows) if row.label in given}
    return replace(match, fit=replace(taught, by_numbers=taught.by_numbers | places))
