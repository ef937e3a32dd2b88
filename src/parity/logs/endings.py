"""Whether a log has its end: the foot that `log close` writes, or the command that closed it without one.

Under `capture` or `quietly` Stata writes no foot ([R] log, [P] capture): the last line is then the echo of the command. What
ran behind it, `translate` or `exit`, leaves no trace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parity.logs.command_names import command_name, command_text
from parity.logs.echoes import Chunk
from parity.logs.exhibit import Command, LogHeader, Window
from parity.printed.lines import Line

#: Last lines of a log that is whole.
_ENDS = re.compile(r"\s*closed on:|end of do-file|\. *exit.*|r\(\d+\);")
_CLOSES = re.compile(r"(?:if\b.*?\s)?log\s+c(?:l(?:o(?:se?)?)?)?(?:\s+([^\s,]+))?\s*", re.DOTALL)
_OPENED = re.compile(r"\s*opened on:")
_UNNAMED = "<unnamed>"


def paired(headers: Sequence[LogHeader]) -> list[LogHeader]:
    """Heads with the foot of each: Stata writes the head again when a log is closed; one log of a name is open at a time."""
    out: list[LogHeader] = []
    for header in headers:
        foot = bool(header.closed) and not header.opened
        still = [i for i, head in enumerate(out) if foot and head.name == header.name and not head.closed]
        if still:
            out[still[-1]] = replace(out[still[-1]], closed=header.closed)
        else:
            out.append(header)
    return out


def cut(
    lines: Sequence[Line],
    headers: Sequence[LogHeader],
    windows: Sequence[Window],
    commands: Sequence[Command],
    chunks: Sequence[Chunk],
) -> str:
    """Why the end of a log is missing, "" where it is there. headers: as `paired` gives them."""
    if windows and not windows[-1].whole:
        return f"it ends in the window at line {windows[-1].first}"
    own = _own(lines, headers, commands)
    if own is not None and not own.closed and not closed_by_command(own.name, commands, chunks):
        last = next((line for line in reversed(lines) if line.text.strip()), None)
        if last is not None and not _ENDS.match(last.text):
            return f"it was never closed; its last line is {last.number}"
    return ""


def _own(lines: Sequence[Line], headers: Sequence[LogHeader], commands: Sequence[Command]) -> LogHeader | None:
    """The head of the file itself, not of a log that was opened meanwhile; its last, where the file was appended to."""
    opened = next((line.number for line in lines if _OPENED.match(line.text)), 0)
    if not headers or (commands and commands[0].place.line < opened):
        return headers[-1] if headers else None
    first = headers[0]
    return next(h for h in reversed(headers) if h.name == first.name or h.path == first.path)


def closed_by_command(name: str, commands: Sequence[Command], chunks: Sequence[Chunk]) -> bool:
    """Whether the last command closes the log of this name, alone or in the last block, and nothing was printed below it."""
    if not commands or (chunks and chunks[-1].lines[-1].number > commands[-1].place.line):
        return False
    block = commands[-1].block
    if block is None:
        return _closes(commands[-1].text, name)
    if command_name(commands[block].text).startswith("pr"):
        return False  # a program that is only written here
    return any(_closes(command.text, name) for command in commands[block + 1 :])


def _closes(text: str, name: str) -> bool:
    for part in text.split(";"):
        found = _CLOSES.fullmatch(command_text(part.strip()))
        said = (found[1] or _UNNAMED) if found else ""
        if found and (said in ("_all", name or _UNNAMED) or "`" in said or "$" in said):
            return True
    return False
