"""Variables of this process' environment, set for a while."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

#: Of packages that compute in threads. One each: parallelism is over specs, thread counts must not move a number, and
#: matrices of some tens of columns take longer in two threads than in one.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")


@contextmanager
def environment(wanted: Mapping[str, str], also: Collection[str] = ()) -> Iterator[None]:
    """Set these, and put them and those of `also` back to what they were."""
    before = {name: os.environ.get(name) for name in (*wanted, *also)}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
