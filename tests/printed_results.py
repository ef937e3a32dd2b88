"""Results that public logs print, against ours: `PYTHONPATH=tests python -m printed_results FOLDER ...`.

A FOLDER holds a folder a package. Each log in it is typed again, command by command as it echoes them, on the data of its
package, and what a command printed is held against what it prints here: windows of data number by number to the digits in
print, rows listed and variables described word by word, and what data steps say (`(3 missing values generated)`,
`(12 real changes made)`).

alike     everything that is computed here would be printed so
named     something differs, and a finding before says why: draws, an order drawn anew, a command that isn't run
differs   something differs, and nothing was said
no data   its data aren't in the package, or its command isn't run here, which is said: nothing is compared. Also where
          the log begins with data in memory that nothing in it loaded, and where what differs is in doubt for a file
          that was said to be absent, if no file of that name is anywhere in the package
unread    a window of estimates, or one that has no reader in `printed_windows`

A log most of whose results differ has other data than its package: its counts stand apart. Nothing of a package is kept,
written or executed but Stata's own language. Exit 1 if a result differs.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import corpus

#: Seconds that a log may take.
SECONDS = 120.0
#: Commands that a loop may be put together of, where the log shows its lines under prompts.
MOST_JOINED = 80
#: A log of whose results at least so many, and this share, differ has other data.
AT_LEAST, OTHER_DATA = 4, 0.5
COUNTED = ("alike", "named", "differs")


@dataclass(frozen=True)
class Result:
    """One printed result. cells: numbers and words that it has; compared: those of them that are computed here"""

    name: str
    log: str
    line: int
    status: str
    cells: int = 0
    compared: int = 0
    said: str = ""


@dataclass(frozen=True)
class Turn:
    """What was typed at one prompt, a loop whole, with the windows and the lines of output below it."""

    text: str
    line: int
    windows: tuple[Any, ...] = ()
    lines: tuple[Any, ...] = ()


def turns(path: Path) -> list[Turn]:
    """A log's turns in order. Raises `InputError` for what is no log."""
    from parity.base.encoding import decoded
    from parity.logs import stlog
    from parity.logs.decode import read_bytes
    from parity.logs.echoes import echoed, linesize_of
    from parity.logs.log import _headers, read_log
    from parity.package.printed import of_log
    from parity.printed.lines import physical_lines

    log = read_log(path)
    exhibits = of_log(log, str(path))
    text, _ = decoded(read_bytes(path))
    lines = physical_lines(stlog.shown(text) if stlog.is_stlog(text) else text)
    _, chunks = echoed(_headers(lines)[1], str(path), linesize_of(lines))
    echoing = {c.do_file for c in log.commands if c.do_file}
    tops = [i for i, c in enumerate(log.commands) if c.block is None]
    found: list[Turn] = []
    if not tops:
        return found
    for i, following in zip(tops, [*tops[1:], len(log.commands)], strict=True):
        first = log.commands[i].place.line
        last = log.commands[following].place.line if following < len(log.commands) else math.inf
        windows = tuple(w for w, at in zip(exhibits, log.windows, strict=True) if first < at.first < last)
        below = tuple(line for c in chunks if c.command is not None and i <= c.command < following for line in c.lines)
        typed = _typed([c.text for c in log.commands[i:following]], echoing)
        if re.match(r"inp(u|ut)?\b", typed):  # its rows stand under numbers
            typed = "\n".join([typed, *(m[1] for n in below if (m := re.fullmatch(r" *\d+\. (.*)", n.text)))])
        found.append(Turn(typed, first, windows, below))
    return list(_joined(found))


def _typed(texts: list[str], echoing: set[str]) -> str:
    """The text of a turn; a do-file whose commands are echoed below is not run twice."""
    words = re.match(r"(?:do|include)\s+\"?([^\"\s,]+)", texts[0])
    if words and any(words[1] in (f, f.removesuffix(".do")) for f in echoing):
        return ""
    if re.match(r"(?:e|ex|exi|exit)\b(?!\s*=)", texts[0]):
        return "clear"  # a session that was left, and another that the log goes on with
    return "\n".join(texts)


def _joined(found: Sequence[Turn]) -> Iterator[Turn]:
    """Turns whose braces are closed by those below, together; `else` with its `if`."""
    at = 0
    while at < len(found):
        end = at + 1
        while end < len(found) and end - at < MOST_JOINED and (
            _open("\n".join(t.text for t in found[at:end])) or re.match(r"else\b", found[end].text)
        ):  # fmt: skip
            end += 1
        several = found[at:end] if not _open("\n".join(t.text for t in found[at:end])) else found[at : at + 1]
        yield Turn(
            "\n".join(t.text for t in several), several[0].line,
            tuple(w for t in several for w in t.windows), tuple(line for t in several for line in t.lines),
        )  # fmt: skip
        at += len(several)


def _open(text: str) -> bool:
    from parity.stata.blocks import blocks_until
    from parity.stata.source import statements

    _, wrong = blocks_until(statements(text))
    return "never closed" in str(wrong)


#: Commands that put data in memory, or take them away.
LOADING = frozenset({*corpus.LOADING, "clear", "restore", "frame"})
#: Findings of a file that isn't there, and how doubts name them.
ABSENT = "file-absent"


def names_absent(findings: Sequence[Any], package: Path) -> bool:
    """Whether no file that was said to be absent has a namesake in the package, whose path may have been read wrongly."""
    from parity.stata.ending import _names

    there = {p.name.lower() for p in package.rglob("*") if p.is_file()}
    return not any(name.lower() in there for f in findings if f.id == ABSENT for name in _names(f.command))


def counted(result: Result, known: bool, empty: bool, absent: bool) -> Result:
    """A result as it counts. known: the log loaded data or cleared them; empty: none are in memory here; absent: what was
    said to be absent is."""
    if result.status == "named" and absent and result.said.startswith(f"{ABSENT} "):
        return replace(result, status="no data", compared=0)
    if result.status in ("named", "differs") and empty and not known:
        return replace(result, status="no data", compared=0)
    return result


def replayed(package: Path, path: Path, seconds: float = SECONDS) -> Iterator[Result]:
    """Every result of one log. path: below package"""
    from parity.stata.do import ended_after
    from parity.stata.files import Files
    from parity.stata.interpreter import Interpreter
    from parity.stata.session import Session
    from parity.stata.steering import TooMuch
    from printed_windows import held

    name = str(path.relative_to(package))
    with tempfile.TemporaryDirectory(prefix="printed-") as scratch:
        here = path.resolve().parent.relative_to(package.resolve())
        session = Session(Files(package, Path(scratch), here=here))
        runner = Interpreter(session, seconds=seconds)
        started, known = time.monotonic(), False
        for turn in turns(path):
            n, d = len(session.shown), len(session.done)
            try:
                with ended_after(max(seconds - (time.monotonic() - started), 1.0)):
                    runner.run_text(turn.text, name)
            except TooMuch:
                return
            if time.monotonic() - started > seconds:
                return
            done = session.done[d:]
            known = known or any(x.status == "run" and x.name in LOADING for x in done)
            empty = session.data is None or not session.data.rows
            lost = not done or any(x.status != "run" for x in done)
            shown = [s for s in session.shown[n:] if not s.quietly]
            doubts = tuple(session.data.doubts) if session.data is not None else ()
            for kind, line, status, cells, compared, said in held(turn, shown, lost, doubts):
                result = Result(kind, name, line, status, cells, compared, said)
                yield counted(result, known, empty, said.startswith(ABSENT) and names_absent(session.findings, package))


def logs_of(package: Path) -> list[Path]:
    from parity.logs.recognise import recognise

    found = [p for p in sorted(package.rglob("*")) if p.suffix.lower() in (".log", ".smcl") and p.is_file()]
    return [p for p in found if recognise(p) in ("log", "smcl")]


def measured(package: Path) -> list[dict]:
    """Results of a package as plain values; a log that fails is one of status "failed"."""
    out: list[dict] = []
    for path in logs_of(package):
        try:
            out += [asdict(r) for r in replayed(package, path)]
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            out.append(asdict(Result("", str(path.relative_to(package)), 0, "failed", said=said)))
    return [r | {"package": package.name} for r in out]


def main() -> int:
    parser = argparse.ArgumentParser(prog="printed_results", description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--only", default="", help="packages whose name holds this")
    parser.add_argument("--all", action="store_true", help="list every difference")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    packages = [p for f in given.folders for p in sorted(f.iterdir()) if p.is_dir() and given.only in p.name]
    results: list[dict] = []
    with Pool(given.jobs, maxtasksperchild=1) as pool:
        for one in pool.imap_unordered(measured, packages):
            results += one
            if given.json:
                given.json.write_text(json.dumps(results))
    return show(results, given.all)


def show(results: Sequence[Mapping[str, Any]], every: bool) -> int:
    by_log: dict[tuple[str, str], Counter[str]] = {}
    for r in results:
        by_log.setdefault((r["package"], r["log"]), Counter())[r["status"]] += 1
    apart = {
        at for at, c in by_log.items()
        if c["differs"] >= AT_LEAST and c["differs"] > OTHER_DATA * sum(c[k] for k in COUNTED)
    }  # fmt: skip
    counts: dict[str, Counter[str]] = {}
    differ = [r for r in results if r["status"] in ("differs", "failed") and (r["package"], r["log"]) not in apart]
    for r in results:
        if (r["package"], r["log"]) not in apart:
            for name in (r["name"], "all"):
                counts.setdefault(name, Counter())[r["status"]] += 1
                counts[name]["compared"] += r["compared"] * (r["status"] in COUNTED)
    for r in differ if every else ():
        print(f"{r['package']}/{r['log']}:{r['line']}: {r['name']}: {r['said']}")
    total = counts.pop("all", Counter())
    seen = sum(total[k] for k in COUNTED)
    logs = sum(any(c[k] for k in COUNTED) for at, c in by_log.items() if at not in apart)
    share = 100 * total["alike"] / max(seen, 1)
    print(f"{logs} logs, {seen:,} printed results compared ({total['compared']:,} numbers and words):")
    differing = f"{total['named']} differ for a reason that was said, {total['differs']} differ"
    print(f"{total['alike']:,} alike ({share:.1f} %), {differing}")
    for package, log in sorted(apart):
        c = by_log[package, log]
        print(f"apart, with other data than its package: a log with {c['alike']} alike, {c['differs']} differ")
    print(f"\n{'result':<22}{'alike':>8}{'named':>8}{'differs':>8}{'no data':>9}")
    for name, c in sorted(counts.items(), key=lambda t: -sum(t[1][k] for k in COUNTED)):
        if any(c[k] for k in COUNTED):
            print(f"{name:<22}{c['alike']:>8}{c['named']:>8}{c['differs']:>8}{c['no data']:>9}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
