"""Watching a long search: it says how far it is, and ends early where it is told to, with the best that it has so far."""

from __future__ import annotations

from collections.abc import Callable


class Stopped(Exception):
    """The search is to end now; the message says why."""


#: Told again and again how many causes at once are tried, and how many scenarios have been weighed; may raise `Stopped`.
Watch = Callable[[int, int], None]


def unwatched(causes: int, scenarios: int) -> None:
    """Nobody watches, nobody stops it."""
