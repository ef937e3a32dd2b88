"""Which line of a do-file a command of a log comes from: the same commands in the same order, a few changed or missing."""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from parity.logs.echoes import joined
from parity.logs.exhibit import Log

#: Share of a log's commands that must be in a do-file for it to be the one that ran.
_LEAST = 0.5


def matched_to(log: Log, text: str, do_file: str) -> tuple[Log, float]:
    """The log with `do_line` of every command that the do-file has at its place, and the share of commands that it has.

    text, do_file: of the do-file and its name. Where the log shows which do-file it runs, only commands of that one are
    matched.
    """
    name = PurePosixPath(do_file.replace("\\", "/")).name
    known = [i for i, c in enumerate(log.commands) if _is(c.do_file, name)]
    chosen = known or [i for i, c in enumerate(log.commands) if not c.do_file]
    typed = [_bare(log.commands[i].text) for i in chosen]
    written = _commands(text)
    found = SequenceMatcher(None, typed, [command for _, command in written], autojunk=False)
    commands = list(log.commands)
    matched = 0
    for block in found.get_matching_blocks():
        for k in range(block.size):
            at = chosen[block.a + k]
            commands[at] = replace(commands[at], do_file=commands[at].do_file or do_file, do_line=written[block.b + k][0])
            matched += 1
    return replace(log, commands=tuple(commands)), matched / len(chosen) if chosen else 0.0


def ran(log: Log, text: str, do_file: str) -> bool:
    """Whether a log is of this do-file: at least half of its commands stand there in order."""
    return matched_to(log, text, do_file)[1] >= _LEAST


def _is(path: str, name: str) -> bool:
    shown = PurePosixPath(path.replace("\\", "/").strip('"')).name
    return bool(shown) and shown.removesuffix(".do") == name.removesuffix(".do")


def _commands(text: str) -> list[tuple[int, str]]:
    """Commands of a do-file with the lines they begin at, as a log echoes them; `#delimit ;` is followed."""
    out: list[tuple[int, str]] = []
    parts: list[str] = []
    first, semicolons, within = 1, False, False
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if found := re.match(r"\s*#d(?:elimit|elim|el)?\s*(;|cr)?", line):
            semicolons = found[1] == ";"
            out.append((number, _bare(line.strip())))
            continue
        parts.append(line)
        within = (within or "/*" in line) and "*/" not in line.rpartition("/*")[2]
        goes_on = "///" in line or within or (semicolons and not line.rstrip().endswith(";") and line.strip() != "")
        if not goes_on:
            command = _bare(joined(parts, 10_000).rstrip("; "))
            if command:
                out.append((first, command))
            parts = []
        first = number + 1 if not goes_on else first
    return out


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text).rstrip(";")
