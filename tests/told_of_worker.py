"""What a worker says of itself: in a module by itself, as a worker that is started imports what its function stands in."""

from __future__ import annotations

import os

from parity.base import pool


def where() -> tuple[int, str, str, int]:
    """Of the worker: its process, its folder, a variable of its environment, among how many it shares the memory."""
    return os.getpid(), os.getcwd(), os.environ.get("TOLD", ""), pool.sharing()
