"""An audit's parts estimated into a store, in this process or on workers; those that are there already are left alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from parity.audit.plan import Part, Plan
from parity.audit.run import Reported, run_part
from parity.audit.space import Space
from parity.audit.store import Store, packed
from parity.base.cluster import Cluster


class Work:
    """What every part is estimated from. Columns that were evaluated are kept by each thread of a process for itself."""

    def __init__(self, space: Space, pairs: tuple[tuple[int, ...], ...]):
        self._space, self._plan = space, Plan((), pairs, 0)
        self._kept = threading.local()

    def __getstate__(self) -> tuple:
        return self._space, self._plan.pairs

    def __setstate__(self, state: tuple) -> None:
        self.__init__(*state)

    def file(self, parts: Sequence[Part]) -> bytes:
        """The Parquet file of some parts."""
        memo: dict[tuple, Any] = self._kept.__dict__.setdefault("memo", {})
        return packed([run_part(self._space, self._plan, part, memo) for part in parts])


def fill(space: Space, plan: Plan, store: Store, cluster: Cluster | None = None, told: Reported | None = None) -> int:
    """Estimate what the store has not; how many parts it had. told: called with how many specifications are done.

    Raises `OSError` where a part can't be written, and what `Cluster.each` raises; parts that were written stay.
    """
    bundles, there = plan.bundles(), store.whole()
    sizes = [sum(part.size(len(plan.pairs)) for part in parts) for parts in bundles]
    done = sum(sizes[number] for number in there)
    left = [(number, parts) for number, parts in enumerate(bundles) if number not in there]
    if told is not None:
        told(done, plan.count)
    for number, content in _files(Work(space, plan.pairs), left, cluster):
        store.put(number, content)
        done += sizes[number]
        if told is not None:
            told(done, plan.count)
    return len(there)


def _files(work: Work, left: Sequence[tuple[int, Sequence[Part]]], cluster: Cluster | None) -> Iterator[tuple[int, bytes]]:
    if cluster is not None and left:
        yield from cluster.each(Work.file, work, left)
        return
    for number, parts in left:
        yield number, work.file(parts)
