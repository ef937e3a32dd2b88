"""Memory: what an engine will need for a design, what is free here, and whether the one fits into the other.

A process that outgrows its machine is killed by the kernel, and others with it. So an engine says beforehand, as data in
its `info`, how many copies of the columns it holds at once, and whether dummies of fixed effects are among them. The
decision is taken here, for all engines alike.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from parity.results.estimate import Declined

if TYPE_CHECKING:
    from parity.engines.base import Engine
    from parity.sample.design import Design

#: Of the free memory an engine may plan to take this share: estimates are rough, and others start at the same time.
SHARE = 0.8
#: Bytes that one process may plan to take, whatever is free; PARITY_MEMORY gives it other GB. Any laptop has as much.
PROCESS = 4e9
#: Needs below this are not looked at: no machine that runs parity lacks it.
SMALL = 0.25e9


def declined_for_memory(engine: Engine, design: Design) -> Declined | None:
    """Why the engine is not asked: its estimate doesn't fit into the memory that is free; None where it does."""
    needs = engine.info.needs
    wanted = needs.bytes(design)
    if wanted < SMALL:
        return None
    from parity.base.pool import sharing

    free, most = free_memory() / sharing(), process_memory()
    if wanted <= min(SHARE * free, most):
        return None
    shared = f", a worker's part of {sharing() * free / 1e9:,.1f}" if sharing() > 1 else ""
    of = f"{design.nobs:,} rows of {' and '.join(needs.parts(design))}"
    limit = f"{free / 1e9:,.1f} GB are free{shared}"
    if wanted <= SHARE * free:
        limit = f"a process is given {most / 1e9:,.4g} (PARITY_MEMORY={math.ceil(wanted / 1e9)} would give it as much)"
    reason = f"it would take about {wanted / 1e9:,.1f} GB ({of}), and {limit}"
    return Declined(engine=engine.info.id, gap="never", reason=reason, for_now=True)


def process_memory() -> float:
    """Bytes that one process may plan to take. Raises `ValueError` where PARITY_MEMORY is no number of GB."""
    said = os.environ.get("PARITY_MEMORY", "")
    if not said:
        return PROCESS
    try:
        most = float(said)
    except ValueError:
        most = math.nan
    if not most > 0:
        raise ValueError(f"PARITY_MEMORY={said} is no number of GB")
    return most * 1e9


def free_memory(root: Path = Path("/sys/fs/cgroup")) -> float:
    """Bytes that can be had without swapping: of the machine, or of the container where that allows less."""
    import psutil

    return max(0.0, min(float(psutil.virtual_memory().available), _left_in_cgroup(root)))


def _left_in_cgroup(root: Path) -> float:
    """Bytes below the limit of the control group, version 2 or 1; what its files hold in the page cache counts as free."""
    for limit, used, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
    ):
        try:
            most = float((root / limit).read_text())  # "max" is no number
            taken = float((root / used).read_text())
            stat = dict(line.split() for line in ((root / used).parent / "memory.stat").read_text().splitlines())
        except (OSError, ValueError):
            continue
        return max(0.0, most - taken + float(stat.get(cache, 0)))
    return float("inf")
