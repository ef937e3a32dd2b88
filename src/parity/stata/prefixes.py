"""Prefixes that say how a command runs: by groups, and how quietly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parity.stata.groups import order, runs
from parity.stata_language.command import Command, Prefix
from parity.stata_language.dataset import DataProblem

if TYPE_CHECKING:
    from parity.stata.commands import Known
    from parity.stata.session import Session


def by_groups(session: Session, by: Prefix, handler: Known, command: Command) -> None:
    """`by a (b):`, sorted first where asked; once for all groups where the command knows groups, else once for each."""
    sort = by.name == "bysort" or any(option.name.startswith("s") for option in by.options)
    outer, _, inner = by.text.partition("(")
    groups, within = session.names(outer), session.names(inner.rstrip(") "))
    if sort:
        data = session.there
        wanted = (*groups, *within)
        if data.sorted_by[: len(wanted)] != wanted:
            positions, tied = order(data, wanted)
            session.data = replace(data.taken(positions, ordered=False), sorted_by=wanted, tied=tied)
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
        try:
            handler.run(session, command)
        finally:
            session.only = session.groups = None


def quietness(quiet: int, command: Command) -> int:
    """How deep in quietly a command is: `noisily` turns it off."""
    if command.prefix("noisily") is not None:
        return 0
    return quiet + (command.prefix("quietly", "capture") is not None)
