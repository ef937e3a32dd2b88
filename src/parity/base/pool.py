"""Run many calls over worker processes, with a time limit each; a crash or a timeout hurts only its own call.

Pebble does the work: it kills a worker that exceeds its time, starts another, and reports a worker that died.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, TimeoutError, wait
from dataclasses import dataclass
from typing import Any, Literal

from pebble import ProcessExpired, ProcessPool

from parity.base.environment import environment


def start_worker(workers: int = 1) -> None:
    """Leave Ctrl-C to the parent, which stops the pool; die with it. workers: how many share this machine's memory."""
    shared_by(workers)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


#: Workers of this run, which share the machine's memory.
_sharing = 1


def shared_by(workers: int) -> None:
    """From now on this process takes its part of the free memory among so many."""
    global _sharing
    _sharing = max(1, workers)


def sharing() -> int:
    """Among how many workers this process shares the memory that is free."""
    return _sharing


#: One thread per worker: parallelism is over specs, and thread counts must not move a number.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True)
class Call:
    """A function and its arguments, the lane it runs in, and the key under which its result is returned."""

    key: Hashable
    lane: Literal["python", "r"]
    function: Callable
    args: tuple


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


def _run(calls: Sequence[Call], jobs: int, timeout: float, done: Callable[[Hashable, Any], None]) -> None:
    lanes = {lane: [c for c in calls if c.lane == lane] for lane in ("python", "r")}
    workers = _workers(jobs, lanes)
    at_once = sum(workers[lane] for lane, lane_calls in lanes.items() if lane_calls)
    pools: dict[str, ProcessPool] = {}
    futures: dict[Future, Call] = {}
    try:
        for lane, lane_calls in lanes.items():
            if lane_calls:
                pools[lane] = ProcessPool(
                    workers[lane], initializer=start_worker, initargs=(at_once,),
                    context=multiprocessing.get_context("spawn"),
                )  # fmt: skip
                futures |= {pools[lane].schedule(c.function, args=c.args, timeout=timeout): c for c in lane_calls}
        while futures:
            ended, _ = wait(futures, return_when=FIRST_COMPLETED)
            for future in ended:
                call = futures.pop(future)
                done(call.key, _result(future, timeout))
        for pool in pools.values():
            pool.close()
    except BaseException:
        for pool in pools.values():
            pool.stop()
        raise
    finally:
        for pool in pools.values():
            pool.join()


def _workers(jobs: int, lanes: dict[str, list[Call]]) -> dict[str, int]:
    """Share the jobs between the lanes, at least one each, never more than a lane has calls."""
    both = all(lanes.values())
    r = max(1, jobs // 2) if both else jobs
    python = max(1, jobs - r) if both else jobs
    return {"r": min(r, len(lanes["r"]) or 1), "python": min(python, len(lanes["python"]) or 1)}


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
