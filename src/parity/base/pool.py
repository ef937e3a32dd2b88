"""Run many calls over worker processes, with a time limit each; a crash or a timeout hurts only its own call.

Pebble does the work: it kills a worker that exceeds its time, starts another, and reports a worker that died.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pebble import ProcessExpired, ProcessPool

from parity.base.environment import ONE_THREAD, environment


def start_worker() -> None:
    """Leave Ctrl-C to the parent, which stops the pool; die with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        parent = multiprocessing.parent_process()
        if parent is not None and os.getppid() != parent.pid:  # it died while this one was starting
            os._exit(1)


#: Workers of this run, which share the machine's memory.
_sharing = 1


def shared_by(workers: int) -> None:
    """From now on this process takes its part of the free memory among so many."""
    global _sharing
    _sharing = max(1, workers)


def sharing() -> int:
    """Among how many workers this process shares the memory that is free."""
    return _sharing


@dataclass(frozen=True)
class Call:
    """A function and its arguments, the lane it runs in, and the key under which its result is returned.

    timeout: seconds it may take, where it isn't those of all. then: from its result (or its loss) the call in the lane of
    Python that answers the key instead.
    """

    key: Hashable
    lane: Literal["python", "r"]
    function: Callable
    args: tuple
    timeout: float | None = None
    then: Callable[[Any], Call] | None = None


@dataclass(frozen=True)
class Lost:
    """The call gave no result: its worker timed out or died, or the result could not be carried back."""

    reason: str


def run_calls(calls: Sequence[Call], *, jobs: int, timeout: float, done: Callable[[Hashable, Any], None]) -> None:
    """Run all calls; `done(key, result or Lost)` is called in this process as each ends.

    Workers for R are apart from those for Python, so that neither loads the other's packages. On an exception in this
    process (Ctrl-C among them) every worker is killed before it propagates.
    """
    with environment(dict.fromkeys(ONE_THREAD, "1")):
        _run(calls, jobs, timeout, done)


#: Pools of a lane that are kept at most: one of each environment that its runs turn between.
_TURNS = 2


@dataclass(frozen=True)
class Kept:
    """Pools that answer the calls of later runs too, by lane and what their workers were started under, the latest last."""

    most: int
    apart: frozenset[str]
    pools: dict[tuple[Hashable, ...], ProcessPool] = field(default_factory=dict)

    def drop(self, pool: ProcessPool) -> None:
        """Answer with it no more; whoever asked it ends it."""
        for key in [key for key, held in self.pools.items() if held is pool]:
            del self.pools[key]


#: While `kept` lasts; None where every run starts workers and ends them.
_kept: Kept | None = None


@contextmanager
def kept(most: int, apart: frozenset[str] = frozenset()) -> Iterator[None]:
    """Workers of a run are not ended but answer the next, which is spared seconds of importing packages.

    most: workers of a lane at most. apart: variables of the environment that are nothing to a worker. Where the
    others aren't those of one of the last two environments, or a worker was lost, new ones are started. Files that a worker
    has imported must not change meanwhile.
    """
    global _kept
    before, _kept = _kept, Kept(max(1, most), apart)
    mine = _kept
    try:
        yield
    finally:
        _kept = before
        for pool in mine.pools.values():
            pool.close()
        for pool in mine.pools.values():
            pool.join()


@contextmanager
def unkept() -> Iterator[None]:
    """Inside `kept`: for a while every run has workers of its own again."""
    global _kept
    before, _kept = _kept, None
    try:
        yield
    finally:
        _kept = before


def _started(workers: int) -> ProcessPool:
    return ProcessPool(workers, initializer=start_worker, context=multiprocessing.get_context("spawn"))


def _pool(lane: str, workers: int) -> ProcessPool:
    """A lane's workers: those that were kept, if they were started as they would be now."""
    if _kept is None:
        return _started(workers)
    key = (lane, workers, frozenset((k, v) for k, v in os.environ.items() if k not in _kept.apart), tuple(sys.path))
    held = _kept.pools.pop(key, None)
    pool = _kept.pools[key] = held if held is not None and held.active else _started(workers)
    of_lane = [each for each in _kept.pools if each[0] == lane]
    for old in (_kept.pools.pop(each) for each in of_lane[:-_TURNS]):
        old.close()
        old.join()
    return pool


def _run(calls: Sequence[Call], jobs: int, timeout: float, done: Callable[[Hashable, Any], None]) -> None:
    to_come = {
        "python": sum(c.lane == "python" or c.then is not None for c in calls),
        "r": sum(c.lane == "r" for c in calls),
    }
    workers = _workers(jobs, to_come)
    if _kept is not None:
        workers = {lane: min(number, _kept.most) for lane, number in workers.items()}
    at_once = sum(workers[lane] for lane, number in to_come.items() if number)
    place = os.getcwd() if _kept is not None else None
    pools: dict[str, ProcessPool] = {}
    futures: dict[Future, Call] = {}
    lost: set[str] = set()

    def schedule(call: Call) -> None:
        if call.lane not in pools:
            pools[call.lane] = _pool(call.lane, workers[call.lane])
        args, limit = (at_once, place, call.function, call.args), call.timeout or timeout
        futures[pools[call.lane].schedule(_answered, args=args, timeout=limit)] = call

    try:
        for call in calls:
            schedule(call)
        while futures:
            ended, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in ended:
                call = futures.pop(future)
                if isinstance(future.exception(), TimeoutError | ProcessExpired):
                    lost.add(call.lane)
                result = _result(future, call.timeout or timeout)
                if call.then is None:
                    done(call.key, result)
                else:
                    schedule(replace(call.then(result), key=call.key))
        if _kept is not None:  # the worker in place of a lost one was started we don't know under what
            pools = {lane: pools[lane] for lane in lost}
            for pool in pools.values():
                _kept.drop(pool)
        for pool in pools.values():
            pool.close()
    except BaseException:
        for pool in pools.values():
            pool.stop()
            if _kept is not None:
                _kept.drop(pool)
        raise
    finally:
        for pool in pools.values():
            pool.join()


def _answered(workers: int, place: str | None, function: Callable, args: tuple) -> Any:
    """In a worker: the result of a call.

    workers: how many share this machine's memory. place: the folder of the run, where the worker may be of an earlier one.
    """
    shared_by(workers)
    if place is not None:
        os.chdir(place)
    return function(*args)


def _workers(jobs: int, calls: dict[str, int]) -> dict[str, int]:
    """Share the jobs between the lanes, at least one each, never more than a lane has calls."""
    both = all(calls.values())
    r = max(1, jobs // 2) if both else jobs
    python = max(1, jobs - r) if both else jobs
    return {"r": min(r, calls["r"] or 1), "python": min(python, calls["python"] or 1)}


def _result(future: Future, timeout: float) -> Any:
    try:
        return future.result()
    except TimeoutError:
        return Lost(f"no answer within {timeout:g} s; its worker was stopped")
    except ProcessExpired as error:
        code = error.exitcode
        how = f"was killed by signal {-code}" if isinstance(code, int) and code < 0 else f"ended with status {code}"
        return Lost(f"its worker process {how}")
    except Exception as error:
        return Lost(f"{type(error).__name__}: {error}")
