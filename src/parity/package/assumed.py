"""Data of a log that loads none: somebody opened them by hand before it began.

Taken are those of the package that have every variable of the log's estimations; where several do, the file with which most
of the log's numbers agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parity.package.inventory import Inventory

if TYPE_CHECKING:
    from parity.logs.exhibit import Command

#: Files that are looked into, and their size in bytes.
MOST_FILES, MOST_BYTES = 12, 50_000_000
#: Commands that load data.
LOADS = ("use", "import", "insheet", "infile", "infix", "webuse", "sysuse")
_MAKES = re.compile(r"(?:by\w*\s[^:]*:\s*)?(?:g|ge|gen\w*|egen)\s+(?:byte\s|int\s|long\s|float\s|double\s)?(\w+)\s*=")
_RENAMES = re.compile(r"ren\w*\s+\w+\s+(\w+)|(?:encode|decode)\s.*gen\w*\((\w+)\)|predict\s+(\w+)")


def needed(commands: Sequence[Command]) -> frozenset[str]:
    """Variables that the log's estimations name before it loads anything, and that none of its commands makes."""
    from parity.logs.command_names import command_name, command_text, estimates_by

    made: set[str] = set()
    out: set[str] = set()
    for command in commands:
        if command_name(command.text) in LOADS:
            break
        text = command_text(command.text)
        for found in (_MAKES.match(text), _RENAMES.match(text)):
            made |= {g for g in (found.groups() if found else ()) if g}
        if estimates_by(command_name(command.text)):
            typed = re.split(r",|\bif\b|\bin\b|\[", text, maxsplit=1)[0]
            words = {w for w in typed.split()[1:] if re.fullmatch(r"[A-Za-z_]\w*", w)}
            out |= words - made
    return frozenset(out - {"2sls", "liml", "gmm"})


def loading(path: str) -> str:
    """The command that reads a data file; "" for one that none reads."""
    ending = path.rpartition(".")[2].lower()
    return {"dta": f'use "{path}", clear', "csv": f'import delimited "{path}", clear',
            "xlsx": f'import excel "{path}", firstrow clear'}.get(ending, "")  # fmt: skip


def candidates(folder: Path, found: Inventory, names: frozenset[str]) -> Iterator[str]:
    """Data files of the package that have all these variables."""
    from parity.stata.do import run_do

    if not names:
        return
    held = [p for p in found.of("data") if loading(p) and (folder / p).stat().st_size <= MOST_BYTES][:MOST_FILES]
    for path in held:
        data = run_do(loading(path), folder).data
        if data is not None and names <= set(data.columns):
            yield path


def best(paths: Sequence[str], agreeing: Callable[[str], int]) -> str:
    """The one that gives most of the log's numbers; "" where none gives half. Of two alike either will do."""
    scored = sorted(((agreeing(p), p) for p in paths), reverse=True)
    return scored[0][1] if scored and scored[0][0] else ""
