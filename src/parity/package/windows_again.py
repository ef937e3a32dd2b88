"""Windows that stand more often in a log than the code runs their command: below one echo, or with an echo of their own.

Somebody at a prompt may run a command again, and a log may go on in another session; so an echo that comes again is said,
and nothing is denied. Two windows of the same numbers below one echo are no command's.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from parity.package.document import FindingOf, NotVerified
from parity.package.mapping import bare

if TYPE_CHECKING:
    from parity.package.matched import Beside, Matched
    from parity.package.printed import Printed

#: Commands that print a window for each group, variable or round, perhaps alike.
_SEVERAL = re.compile(
    r"(?:.*:\s*)?(?:by|bys\w*|tab1|statsby|rolling|mi|foreach|forv\w*|while|inspect|codebook)\b|.*\bd(?:e\w*)?$"
)
_MANY = re.compile(r"\b(?:first|detail|d|subpop|over|by|stepwise|stats?)\b")


def again(have: Matched) -> tuple[list[FindingOf], list[NotVerified]]:
    """Findings of copies below one echo; for each log, how many windows stand there again."""
    wrong: list[FindingOf] = []
    left: list[NotVerified] = []
    runs = [_times(done.statements, raws) for done, raws in have.runs]
    by_file: dict[str, list[Beside]] = defaultdict(list)
    for b in have.exhibits:
        if b.printed.origin == "log" and b.printed.command and b.printed.position is not None:
            by_file[b.printed.file].append(b)
    for path, held in by_file.items():
        own = have.alone.get(path)
        at = own.run if own is not None else 0
        if path in have.foreign or at >= len(runs):
            continue
        more = list(_more(held, runs[at]))
        wrong += [
            FindingOf(id="note-window", file=path, line=p.line, text=f"{_said(first, p)}, as if it had run again")
            for first, p in more if first.position == p.position
        ]  # fmt: skip
        copies = [(first, p) for first, p in more if first.position != p.position]
        if copies:
            n, (first, p) = len(copies), copies[0]
            many = "windows stand again, though the code runs their commands less often"
            why = f"{n} {many}" if n > 1 else "a window stands again, though the code runs its command less often"
            left.append(NotVerified(file=path, line=p.line, text=p.command[:200], reason=f"{why}: {_said(first, p)}"))
    return wrong, left


def _said(first: Printed, p: Printed) -> str:
    return f"the window of line {first.line} stands again in line {p.line}"


def _times(statements, raws) -> Counter[str]:
    """How often each command was run, by its words as typed and as expanded."""
    out: Counter[str] = Counter()
    for s in statements:
        out.update({bare(s.text), bare(raws.get((s.file, s.line), ""))} - {""})
    return out


def _more(held: list[Beside], times: Counter[str]) -> Iterator[tuple[Printed, Printed]]:
    """(the first, a copy) of windows with the same numbers and rows that are more than the runs of their command."""
    alike: dict[tuple, list[Printed]] = defaultdict(list)
    for b in held:
        p = b.printed
        if p.cells > 1 and not _SEVERAL.match(p.command) and not _MANY.search(p.command.partition(",")[2]):
            alike[bare(p.command), _shown(p)].append(p)
    for (text, _), windows in alike.items():
        due = times[text]
        if due and len(windows) > due:
            yield from ((windows[0], p) for p in windows[due:])


def _shown(p: Printed) -> tuple:
    return tuple((row.label, tuple(c.text for c in row.cells)) for column in p.columns for row in column.rows) + tuple(
        (s.label, s.cell.text) for column in p.columns for s in column.statistics
    )
