"""Prefixes that run the command behind them themselves: once a group, in another frame."""

from __future__ import annotations

from collections.abc import Callable

from parity.stata.session import Session
from parity.stata_language.command import Command


def ran_around(session: Session, command: Command, run: Callable[[Command], None]) -> bool:
    """Whether a prefix of `command` has run it, by `run`, without itself."""
    if command.prefix("frame") is not None:
        from parity.stata.commands.frames import within

        within(session, command, run)
        return True
    if command.prefix("statsby") is not None:
        from parity.stata.statsby import statsby

        statsby(session, command, run)
        return True
    return False
