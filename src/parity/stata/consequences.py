"""What a command that isn't run here, or that failed, leaves unknown; and which failures follow from that alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parity.stata.commands import known
from parity.stata.mishaps import NotRun
from parity.stata.prefixes import replaces
from parity.stata.results import Done
from parity.stata_language.command import Command
from parity.stata_language.dataset import Dataset, NotFound, Unstored

#: Return codes of what follows from data that aren't what Stata would have: no such variable, no rows, no panel ...
CONSEQUENCES = frozenset({5, 9, 109, 110, 111, 301, 303, 322, 420, 451, 459, 503, 2000, 2001})


#: Commands that are not run here and load data.
LOADERS = frozenset({
    "sysuse", "webuse", "odbc", "bcuse", "freduse", "wbopendata", "usezipped", "useold", "infix", "hcuse", "getcensus",
    "stataphones", "spshape2dta", "shp2dta", "getsymbols", "regsave", "fredsearch", "gzuse", "zipuse", "icio_load",
    "import_excel",
})  # fmt: skip


#: Findings whose statement names what it would have made.
NAMING = frozenset({"stata-error", "syntax", "unknown-function", "prediction", "unstable-sort", "random", "failed-here",
                    "effects-kept",
                    "missing-is-large", "duplicates-drop-force"})  # fmt: skip


def follows(error: Exception, data: Dataset | None, done: Sequence[Done]) -> bool:
    """Whether an error is what was to be expected: what it lacks was lost before, and said there.

    A name that none of the statements before (`done`) that weren't run mentions is a mistake of its own, unless something
    was lost of which nobody knows the columns.
    """
    known_to_lack = getattr(error, "code", 0) in CONSEQUENCES and not isinstance(error, NotRun)
    if not known_to_lack:
        return False
    if isinstance(error, Unstored):
        return any(one.status != "run" and re.search(rf"\b{re.escape(error.name)}\b", one.text) for one in done)
    if data is None or not data.doubts:
        return False
    if not isinstance(error, NotFound) or not error.name.isidentifier():
        return True
    if any(doubt.partition(" ")[0] not in NAMING for doubt in data.doubts):
        return True
    named = re.compile(rf"\b{re.escape(error.name)}\b")
    return any(one.status != "run" and named.search(one.text) for one in done)


def check_harmless(command: Command) -> None:
    """Raises `NotRun` for a command that passes as harmless where it would change the data all the same."""
    if command.has("generate", least=3):
        raise NotRun(f"`{command.typed}, generate()` is not known here: it makes variables")
    if command.name in ("pwcompare", "contrast", "mlincom", "mtable") and command.has("post"):
        raise NotRun(f"`{command.typed}, post` is not known here: it puts its own in the place of the estimates")
    if command.name == "regsave" and not command.using:
        raise NotRun("regsave without a file is not known here: it puts estimates in the place of the data")


def loads(command: Command) -> bool:
    """Whether a command that isn't run here would have put other data in memory: nothing is known of them."""
    if any(replaces(prefix) for prefix in command.prefixes):
        return True
    if known(command.name) is not None:
        return command.name in ("import", "insheet", "infile", "infix")
    return command.name in LOADERS or command.has("clear")


def replaces_data(command: Command) -> bool:
    """Whether other data were in memory after a command that could not be read to its end: those before are no more."""
    return command.name == "use" or loads(command)


def touches_data(command: Command) -> bool:
    """Whether a command that failed may have changed the data set."""
    handler = known(command.name)
    return handler is None or handler.changes_data
