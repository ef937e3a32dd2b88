"""Tasks on Dask's workers: processes of this machine, or those of a scheduler somewhere.

What tasks answer is their content alone, never which worker made it or when: it comes with the number of its task, and the
caller puts it in order. A worker that dies is replaced and its tasks are given out again.
"""

from __future__ import annotations

import gc
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parity.base.cache import PACKAGE, code_hash
from parity.base.environment import ONE_THREAD, environment
from parity.base.errors import InputError

if TYPE_CHECKING:
    from distributed import Client

OPTION = "--dask"
#: What stands in place of an address.
LOCAL = "local"
#: Tasks given out for each worker: one is done, one waits.
AHEAD = 2


@dataclass(frozen=True)
class Wanted:
    """where: `local`, or a scheduler's address; workers: how many on this machine (None: one a core)."""

    where: str = LOCAL
    workers: int | None = None


@dataclass(frozen=True)
class Cluster:
    """Workers that are there. where: as it is said to people."""

    client: Client
    where: str

    def each(
        self, function: Callable[[Any, Any], Any], shared: Any, tasks: Sequence[tuple[int, Any]]
    ) -> Iterator[tuple[int, Any]]:
        """(number, function(shared, task)) of every (number, task), as they end; few are under way at a time.

        Raises what a task raises, and `InputError` where the workers or the scheduler are lost.
        """
        with _lost(self.where):
            yield from self._each(function, shared, tasks)

    def _each(self, function, shared, tasks):
        from distributed import as_completed

        code, numbers, left = code_hash(PACKAGE), {}, iter(tasks)
        # a task's answer, not scattered data: the scheduler makes it again where the worker that holds it dies
        held = self.client.submit(_checked, code, shared, pure=False)

        def given(count: int) -> list:
            futures = []
            for _, (number, task) in zip(range(count), left, strict=False):
                future = self.client.submit(function, held, task, pure=False)
                numbers[future.key] = number
                futures.append(future)
            return futures

        workers = max(1, len(self.client.scheduler_info(n_workers=-1)["workers"]))
        under_way = as_completed(given(AHEAD * workers))
        for future in under_way:
            number, answer = numbers.pop(future.key), future.result()
            future.release()
            for more in given(1):
                under_way.add(more)
            yield number, answer


def _checked(code: str, shared: Any) -> Any:
    """On a worker: what is shared, where its parity is the caller's."""
    if code_hash(PACKAGE) != code:
        raise InputError.at(OPTION, "", "a worker has another version of parity than this program; give them the same one")
    return shared


@contextmanager
def cluster(wanted: Wanted) -> Iterator[Cluster]:
    """Workers for a while. Raises `InputError` where Dask isn't installed, or no scheduler or worker answers."""
    try:
        import distributed
    except ImportError:
        raise InputError.at(OPTION, "", "Dask isn't installed; pip install 'parity[dask]' brings it") from None
    _quiet()
    with warnings.catch_warnings(), environment(dict.fromkeys(ONE_THREAD, "1")):
        warnings.filterwarnings("ignore", module="distributed")
        if wanted.where == LOCAL:
            count = wanted.workers or os.cpu_count() or 1
            try:
                with _no_garbage():
                    here = distributed.LocalCluster(
                        n_workers=count, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
                    )
            except (RuntimeError, OSError) as error:  # one was killed while it started, or there is no room for it
                raise InputError.at(OPTION, LOCAL, f"its workers didn't start ({_short(error)}); try again") from None
            with _opened(lambda: here), _opened(lambda: distributed.Client(here)) as client:
                yield Cluster(client, "the workers of this machine")
            return
        if wanted.workers is not None:
            raise InputError.at("--workers", str(wanted.workers), f"{wanted.where} has workers of its own; leave it out")
        try:
            with _no_garbage():
                client = distributed.Client(wanted.where, timeout=WAIT)
        except (OSError, ValueError, TypeError) as error:
            said = f"no scheduler answers there ({_short(error)}); write HOST:PORT, or {LOCAL}"
            raise InputError.at(OPTION, wanted.where, said) from None
        with _opened(lambda: client):
            if not client.scheduler_info(n_workers=-1)["workers"]:
                raise InputError.at(OPTION, wanted.where, "the scheduler has no worker; start one with `dask worker`")
            yield Cluster(client, wanted.where)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Nothing is collected meanwhile: clients start and end under one lock of all, and one that is found dead in the midst
    of that would wait for it for ever (distributed 2026.8, LoopRunner)."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def _opened(make: Callable[[], Any]) -> Iterator[Any]:
    """What is made and closed without garbage being collected; whatever comes between is as ever."""
    with _no_garbage():
        made = make().__enter__()
    try:
        yield made
    finally:
        with _no_garbage():
            made.__exit__(None, None, None)


#: Seconds in which a scheduler must answer.
WAIT = 15


def _quiet() -> None:
    """Nothing on standard error: what matters is said by what is raised."""
    for name in ("distributed", "tornado", *logging.root.manager.loggerDict):
        if name.startswith(("distributed", "tornado")):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _short(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


@contextmanager
def _lost(where: str) -> Iterator[None]:
    """A scheduler that is gone, and workers that die of one task again and again, are said in a sentence."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except KilledWorker:
        said = "workers died of one part again and again, most likely for want of memory"
        raise InputError.at(
            OPTION, where, f"{said}; what was done is kept, and the same command goes on from there"
        ) from None
    except (CommClosedError, CancelledError, TimeoutError):
        said = "the scheduler is gone; what was done is kept, and the same command goes on from there"
        raise InputError.at(OPTION, where, said) from None
