"""How much of a folder of logs and exported tables is read: `PYTHONPATH=tests python -m read_corpus FOLDER [--verbose]`.

Per format: files, windows or tables, cells, texts that were said not to be understood, and numbers *lost*: those of a
table's grid or of a log's lines that stand in no cell, label, head, note, message and in nothing that was said not to be
understood. The last column must be 0.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from parity.base.encoding import decoded
from parity.base.errors import InputError
from parity.logs.decode import read_bytes
from parity.logs.exhibit import Exhibit, Log
from parity.logs.log import read_log
from parity.logs.recognise import TABLES, recognise
from parity.logs.tables import grids, read_table
from parity.printed.cells import plain
from parity.printed.lines import physical_lines

NUMERIC = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)*")


@dataclass
class Count:
    files: int = 0
    refused: int = 0
    blocks: int = 0
    cells: int = 0
    unread: int = 0
    lost: int = 0
    seconds: float = 0.0
    examples: list[str] = field(default_factory=list)


def tokens(text: str) -> Counter[str]:
    return Counter(token.strip(".,") for token in NUMERIC.findall(plain(text)))


def lost_of_table(path: Path, exhibits: tuple[Exhibit, ...]) -> list[str]:
    """Numbers of the grids of a file, in rows from the first with a cell on, that stand nowhere in its exhibits."""
    held: Counter[str] = Counter()
    for e in exhibits:
        texts = [e.title, *e.panels, *e.notes.lines, *(h for c in e.columns for h in c.heads)]
        texts += (
            [r.label for r in (*e.rows, *e.statistics)] + [r.heading for r in e.rows] + [u.text for u in e.not_understood]
        )
        texts += [cell.text for r in e.rows for cells in r.cells for cell in cells]
        texts += [cell.text for r in e.statistics for cell in r.cells if cell]
        held += sum(map(tokens, texts), Counter())
    missing = []
    for sheet in grids(path):
        for row in sheet.rows:
            for item in row:
                if item is not None:
                    missing += [f"{item.place}: {token}" for token in tokens(item.text) if not held[token]]
    return missing if exhibits else []


def lost_of_log(path: Path, log: Log) -> list[str]:
    """Lines of a log with a number that stands in no cell, label, command, message, and isn't said not to be understood."""
    held: dict[int, Counter[str]] = defaultdict(Counter)
    spans: list[tuple[int, int, set[str]]] = []
    for c in log.commands:
        spans.append((c.place.line, c.place.line + 60, set(tokens(c.text))))
    for w in log.windows:
        own = set(
            tokens(
                " ".join(
                    (
                        w.outcome,
                        *w.columns,
                        *(s.label for s in w.statistics),
                        *(f"{r.term} {r.note}" for r in w.rows),
                        w.clusters,
                    )
                )
            )
        )
        own |= set(tokens(f"{w.level:g} {' '.join(m.text for m in w.messages)}"))
        spans.append((w.first - 50, w.last, own))
        for cell in w.cells:
            held[cell.place.line] += tokens(cell.text)
    for e in (shown.exhibit for shown in log.shown):
        last = max((c.place.line for c in e.cells), default=e.place.line)
        words = [
            *e.notes.lines,
            *(h for c in e.columns for h in c.heads),
            *(r.label for r in (*e.rows, *e.statistics)),
            e.title,
        ]
        spans.append((e.place.line - 3, last + 9, set(tokens(" ".join(words)))))
        for cell in e.cells:
            held[cell.place.line] += tokens(cell.text)
        for u in e.not_understood:
            held[u.place.line] += tokens(u.text)
    for said in (*log.messages, *log.outside, *(u for w in log.windows for u in w.not_understood)):
        spans.append((said.place.line - 3, said.place.line + 3, set(tokens(said.text))))
    near_by: dict[int, list[tuple[int, int, set[str]]]] = defaultdict(list)
    for first, last, own in spans:
        for block in range(max(0, first) // 64, last // 64 + 1):
            near_by[block].append((first, last, own))
    missing = []
    for line in physical_lines(decoded(read_bytes(path))[0]):
        if re.match(
            r"\.|>|\s*\d+\.(?: |$)|: |r; t=|.*\(_merge==|.*\((?:offset|empty|omitted|base)\)$|\s*(?:name|log|log type|"
            r"opened on|closed on):",
            line.text,
        ):
            continue
        left = [token for token in tokens(line.text) if not held[line.number][token]]
        near = [own for first, last, own in near_by[line.number // 64] if first <= line.number <= last]
        left = [
            token
            for token in left
            if token.replace(",", "") not in held[line.number] and not any(token in own for own in near)
        ]
        if left:
            missing.append(f"{path}:{line.number}: {line.text.strip()[:100]} {left}")
    return missing


def read(path: Path, counts: dict[str, Count], verbose: bool) -> None:
    kind = recognise(path)
    if kind not in (*TABLES, "log", "smcl"):
        return
    count = counts[kind]
    count.files += 1
    start = time.perf_counter()
    try:
        if kind in ("log", "smcl"):
            log = read_log(path)
            count.seconds += time.perf_counter() - start
            lost, start = lost_of_log(path, log), time.perf_counter()
            unread = [*log.outside, *(u for w in log.windows for u in w.not_understood)]
            count.blocks += len(log.windows)
            count.cells += sum(len(w.cells) for w in log.windows)
        else:
            exhibits = read_table(path)
            lost = lost_of_table(path, exhibits)
            unread = [u for e in exhibits for u in e.not_understood]
            count.blocks += len(exhibits)
            count.cells += sum(len(e.cells) for e in exhibits)
    except InputError as problem:
        count.refused += 1
        count.examples.append(str(problem))
        return
    count.seconds += time.perf_counter() - start
    count.unread += len(unread)
    count.lost += len(lost)
    count.examples += [f"lost {text}" for text in lost[:5]]
    if verbose:
        count.examples += [f"not understood {u.place}: {u.text[:80]} ({u.why})" for u in unread[:5]]


def main(folder: str, verbose: bool = False) -> int:
    counts: dict[str, Count] = defaultdict(Count)
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        read(path, counts, verbose)
    print(f"{'format':8}{'files':>7}{'refused':>9}{'blocks':>8}{'cells':>9}{'not understood':>16}{'lost':>6}{'seconds':>9}")
    for kind, c in sorted(counts.items()):
        print(f"{kind:8}{c.files:7}{c.refused:9}{c.blocks:8}{c.cells:9}{c.unread:16}{c.lost:6}{c.seconds:9.1f}")
        for text in c.examples if verbose else ():
            print(f"    {text}")
    return 1 if any(c.lost for c in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--verbose" in sys.argv))
