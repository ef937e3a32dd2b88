"""Prefixes that say how a command runs: by groups, how quietly, and those that make something else of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parity.stata.formats import spellings
from parity.stata.groups import order, runs
from parity.stata.mishaps import NotRun
from parity.stata_language.command import Command, Prefix
from parity.stata_language.dataset import DataProblem
from parity.stata_language.reading import CHANGING, estimation

if TYPE_CHECKING:
    from parity.stata.commands import Known
    from parity.stata.session import Session


#: They leave a command what it is, or are read where it runs.
READ = frozenset({
    "quietly", "noisily", "capture", "by", "bysort", "xi", "eststo", "estadd", "asdoc", "collect", "version", "preserve",
    "statsby", "frame",
})  # fmt: skip


def check_prefixes(command: Command) -> None:
    """Raises `NotRun` for a prefix that makes something else of a command: repeats it on draws, parts or another frame.

    Estimations take those that change what is estimated; they are declined by name.
    """
    for prefix in command.prefixes:
        if prefix.name in READ or (prefix.name in CHANGING and estimation(command.name) and not replaces(prefix)):
            continue
        raise NotRun(f"the prefix `{prefix.name}` of `{command.typed}` is not known here")


def replaces(prefix: Prefix) -> bool:
    """Whether its results take the place of the data: simulate's unless they go to a file, others' with `clear`."""
    options = {option.name for option in prefix.options}
    if prefix.name == "simulate":
        return not any(len(o) >= 2 and "saving".startswith(o) for o in options)
    return "clear" in options and prefix.name in ("statsby", "rolling", "jackknife", "bootstrap", "permute")


def by_groups(
    session: Session, by: Prefix | None, handler: Known, command: Command, within_by: Sequence[Known] = ()
) -> None:
    """`by a (b):`, sorted first where asked; once for all groups where the command knows groups, else once for each.

    within_by: prefixes between `by` and the command, `by a: eststo:`, which each group has its own turn of
    """
    if by is None:
        handler.run(session, command)
        return
    sort = by.name == "bysort" or any(option.name.startswith("s") for option in by.options)
    outer, _, inner = by.text.partition("(")
    groups, within = session.names(outer), session.names(inner.rstrip(") "))
    if sort:
        data = session.there
        wanted = (*groups, *within)
        if data.sorted_by[: len(wanted)] != wanted:
            positions, tied = order(data, wanted)
            session.data = replace(data.taken(positions, ordered=False), sorted_by=wanted, tied=tied)
            session.baseline = session.data
    elif within and session.there.sorted_by[: len(groups) + len(within)] != (*groups, *within):
        raise DataProblem("not sorted", 5)
    found = runs(session.there, groups)
    if handler.by_groups:
        session.groups = found
        try:
            handler.run(session, command)
        finally:
            session.groups = None
        return
    number = found.number
    for group in range(int(number[-1]) + 1 if len(number) else 0):
        session.only, session.groups = number == group, found  # _n and _N count within the group
        session.within = {n: spellings(session.there, n, session.there[n].values[session.only][0]) for n in groups}
        try:
            handler.run(session, command)
            for wrap in within_by:
                wrap.run(session, command)
        finally:
            session.only = session.groups = None
            session.within = {}


def quietness(quiet: int, command: Command) -> int:
    """How deep in quietly a command is: `noisily` turns it off."""
    if command.prefix("noisily") is not None:
        return 0
    return quiet + (command.prefix("quietly", "capture") is not None)
