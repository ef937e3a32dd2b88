"""Progress on standard error: a bar of a run where that is a terminal, and how far a search is, also where it is none."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from parity.base.watching import Stopped, Watch
from parity.report.chinese import Told, as_it_is

#: Seconds between two lines where standard error is no terminal.
QUIET = 30.0
#: Seconds before a search shows itself on a terminal.
PATIENCE = 1.0


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """Yields progress(done, total)."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("estimating"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def search_watch(seconds: float | None = None, told: Told = as_it_is) -> Iterator[Watch]:
    """Yields what a search tells how far it is. It stops the search after `seconds`, or at the first Ctrl-C; a second one
    ends the program. told: in which language it is shown."""
    start, asked = time.monotonic(), threading.Event()
    show, close = _shown_on_terminal(start, told) if sys.stderr.isatty() else (_shown_as_lines(start, told), lambda: None)

    def watch(causes: int, scenarios: int) -> None:
        if asked.is_set():
            raise Stopped(INTERRUPTED)
        if seconds is not None and time.monotonic() - start >= seconds:
            raise Stopped(f"--seconds {seconds:g}")
        show(causes, scenarios)

    with _first_interrupt(asked):
        try:
            yield watch
        finally:
            close()


#: What a search answers that Ctrl-C has ended.
INTERRUPTED = "interrupted"


@contextmanager
def _first_interrupt(asked: threading.Event) -> Iterator[None]:
    """The first Ctrl-C sets the event, the next one acts as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def once(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _text(causes: int, scenarios: int, start: float) -> str:
    at_once = "single causes" if causes == 1 else f"{causes} causes at once"
    return (
        f"searching: {at_once}, {scenarios:,} variants weighed, {time.monotonic() - start:.0f} s (Ctrl-C: the best so far)"
    )


def _shown_as_lines(start: float, told: Told) -> Watch:
    last = [start]

    def show(causes: int, scenarios: int) -> None:
        if time.monotonic() - last[0] >= QUIET:
            last[0] = time.monotonic()
            print(told(_text(causes, scenarios, start)), file=sys.stderr, flush=True)

    return show


def _shown_on_terminal(start: float, told: Told) -> tuple[Watch, Callable[[], None]]:
    from rich.console import Console

    status = Console(stderr=True).status("")
    last = [start]

    def show(causes: int, scenarios: int) -> None:
        now = time.monotonic()
        if now - start >= PATIENCE and now - last[0] >= 0.2:
            last[0] = now
            status.update(told(_text(causes, scenarios, start)))
            status.start()

    return show, status.stop
