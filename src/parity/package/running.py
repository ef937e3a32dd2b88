"""Runs a package's do-files, the master's or all in order, and keeps each statement as it stands in its file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.package.inventory import Inventory

if TYPE_CHECKING:
    from parity.logs.exhibit import Command
    from parity.stata.do import DoResult

#: The name of the do-file that runs those of a package that has no master.
ALL = "(all do-files)"


def texts_of(folder: Path, paths: Sequence[str]) -> dict[str, str]:
    """Do-files by path; one that can't be read is empty."""
    from parity.stata.files import decoded

    out = {}
    for path in paths:
        try:
            out[path] = decoded((folder / path).read_bytes())
        except OSError:
            out[path] = ""
    return out


def raws_of(texts: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """(file, line) -> the statement that begins there, macros unexpanded."""
    from parity.stata.source import statements

    return {(path, s.line): s.text for path, text in texts.items() for s in statements(text)}


def run(folder: Path, found: Inventory, chosen: str | None, texts: Mapping[str, str], seconds: float) -> DoResult:
    """chosen: the do-file to begin with; else the master, and behind it those that it doesn't reach."""
    from parity.stata.do import run_do

    if chosen is not None:
        return run_do(folder / chosen, folder, seconds=seconds)
    master = found.master
    if master is not None:
        rest = [path for path in found.order if path != master.path]
        if not rest:
            return run_do(folder / master.path, folder, seconds=seconds)
        return run_do(_script([master.path, *rest]), folder, file=ALL, seconds=seconds)
    order = list(found.order)
    if len(order) == 1:
        return run_do(folder / order[0], folder, seconds=seconds)
    return run_do(_script(order), folder, file=ALL, seconds=seconds)


def _script(paths: Sequence[str]) -> str:
    """Each do-file from its own folder, with nothing of the one before in memory."""
    lines = []
    for path in paths:
        here, _, _ = path.rpartition("/")
        lines += [f'cd "{here or "."}"', "clear", f'do "{path}"']
    return "\n".join(lines) + "\n"


def log_script(commands: Sequence[Command], before: Sequence[str] = (), refused: Collection[int] = ()) -> str:
    """The commands of a log as a do-file, each at the line where the log echoes it; those before stand in its head.

    refused: places of commands that Stata refused, which are left out
    """
    lines, grouped = list(before), _only_grouped(commands)
    for place, command in enumerate(commands):
        if place in refused or place in grouped:
            continue
        while len(lines) < command.place.line - 1:
            lines.append("")
        text = " ".join(command.text.split("\n"))
        # a session that was left, and another that the log goes on with
        lines.append("clear" if command.block is None and re.match(r"(?:e|ex|exi|exit)\b(?!\s*=)", text) else text)
    return "\n".join(lines) + "\n"


def _only_grouped(commands: Sequence[Command]) -> set[int]:
    """Places of `{` that nothing closes: with it a page's block of several statements begins, whose output is theirs."""
    depth = dict.fromkeys((i for i, c in enumerate(commands) if c.text == "{" and c.block is None), 1)
    for command in commands:
        if command.block in depth:
            depth[command.block] += command.text.endswith("{") - command.text.startswith("}")
    return {place for place, open in depth.items() if open > 0}
