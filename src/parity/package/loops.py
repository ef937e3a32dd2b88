"""Loops around a command, in a do-file and as a log echoes them: `foreach y in wage hours {` must be the same in both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parity.package.estimates import Estimated
from parity.package.mapping import bare
from parity.package.notes import Note
from parity.package.printed import Printed

if TYPE_CHECKING:
    from parity.logs.exhibit import Log, Window


def loops_of(texts: Sequence[tuple[object, str]]) -> dict[object, tuple[str, ...]]:
    """(place, statement) in order -> the heads of the blocks around each, from the outermost on."""
    out: dict[object, tuple[str, ...]] = {}
    heads: list[str] = []
    for place, text in texts:
        if text.startswith("}"):
            del heads[-1:]
        out[place] = tuple(heads)
        if text.endswith("{"):
            heads.append(text)
    return out


def loops_in(raws: Mapping[tuple[str, int], str]) -> dict[tuple[str, int], tuple[str, ...]]:
    """The same for every statement of the do-files, by file and line; each file ends its own."""
    out: dict[tuple[str, int], tuple[str, ...]] = {}
    for file in dict.fromkeys(f for f, _ in raws):
        mine = sorted((line, text) for (f, line), text in raws.items() if f == file)
        out |= {(file, line): heads for line, heads in loops_of(mine).items() if isinstance(line, int)}
    return out


def around(window: Window, log: Log) -> tuple[str, ...]:
    """Heads of the blocks that a log echoes around the command of a window; () outside any."""
    at = window.command if window.command is not None else next(iter(window.candidates), None)
    block = log.commands[at].block if at is not None else None
    if at is None or block is None:
        return ()
    return loops_of([(i, log.commands[i].text) for i in range(block, at + 1)])[at]


def of_loops(exhibit: Printed, e: Estimated) -> list[Note]:
    """A head that the log shows around a window's command and that is another in the do-file."""
    if exhibit.origin != "log" or len(exhibit.loops) != len(e.loops):
        return []
    other = next(((a, b) for a, b in zip(exhibit.loops, e.loops, strict=True) if bare(a) != bare(b)), None)
    if other is None:
        return []
    shown, due = (text.rstrip("{ ") for text in other)
    said = f"the log shows `{shown[:70]}` around these numbers; the code has `{due[:70]}` ({e.place})"
    return [Note("note-command", exhibit.line, said)]
