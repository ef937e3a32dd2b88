"""Whether numbers behind a command that loads data are those of other data: a file of the same name, an older version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from parity.base.tolerance import OTHER_DATA_NUMBERS, OTHER_DATA_SHARE
from parity.package.assumed import LOADS
from parity.package.document import CellOf, CommandAt, ExhibitOf, FindingOf

if TYPE_CHECKING:
    from parity.stata.do import DoResult


def other_data(exhibits: Sequence[ExhibitOf], runs: Sequence[DoResult]) -> Iterator[FindingOf]:
    """A finding for each load whose numbers are nearly all off. A cause that gives the printed ones speaks for the data."""
    loads = _loads(runs)
    counted: dict[CommandAt, Counter[str]] = {}
    for exhibit in exhibits:
        for command, cells in _of_commands(exhibit):
            load = loads.get((command.file, command.line))
            if load is not None:
                counted.setdefault(load, Counter()).update(c.verdict for c in cells)
    for load, verdicts in counted.items():
        compared = verdicts["reproduced"] + verdicts["explained"] + verdicts["differs"]
        good = compared - verdicts["differs"]
        if compared >= OTHER_DATA_NUMBERS and good <= OTHER_DATA_SHARE * compared:
            text = (f"{compared - good} of {compared} numbers behind `{load.text[:80]}` differ: "
                    "these may be other data than those the exhibits were made of")  # fmt: skip
            yield FindingOf(id="other-data", file=load.file, line=load.line, text=text)


#: As many estimations of a log at least have another N each, where it is said of the log.
LEAST_WINDOWS = 3


def other_rows(exhibits: Sequence[ExhibitOf]) -> Iterator[FindingOf]:
    """A finding for each log of whose estimations none has the N that its command has now."""
    held: dict[str, list[tuple[ExhibitOf, CellOf]]] = {}
    for e in exhibits:
        if e.origin == "log" and e.kind == "estimates" and e.columns and e.columns[0].how == "echo":
            counts = [c for c in e.cells if c.quantity == "nobs" and c.row < 0 and c.estimated is not None]
            held.setdefault(e.file, []).extend((e, c) for c in counts[:1])
    for file, windows in held.items():
        if len(windows) >= LEAST_WINDOWS and all(c.verdict == "differs" for _, c in windows):
            e, c = windows[0]
            text = (f"none of its {len(windows)} estimations has the N that its command has now, the first {c.printed} for "
                    f"{c.estimated:,.0f}: the log was made of other data, or by other code for them")  # fmt: skip
            yield FindingOf(id="other-data", file=file, line=e.line, text=text)


def _of_commands(exhibit: ExhibitOf) -> Iterator[tuple[CommandAt, list[CellOf]]]:
    """Cells under the command whose place says that it gives them; what is told by numbers says nothing of places."""
    if not exhibit.columns or exhibit.kind != "estimates":
        if exhibit.command is not None:
            yield exhibit.command, list(exhibit.cells)
        return
    for i, column in enumerate(exhibit.columns, 1):
        if column.command is not None and column.how in ("call", "echo", "map"):
            yield column.command, [c for c in exhibit.cells if c.column == i]


def _loads(runs: Sequence[DoResult]) -> Mapping[tuple[str, int], CommandAt]:
    """Place of a statement -> the last one before it that loaded data, of the same run."""
    out: dict[tuple[str, int], CommandAt] = {}
    for done in runs:
        last: CommandAt | None = None
        for s in done.statements:
            if s.name in LOADS and s.status == "run":
                last = CommandAt(file=s.file, line=s.line, text=" ".join(s.text.split()))
            elif last is not None:
                out.setdefault((s.file, s.line), last)
    return out
