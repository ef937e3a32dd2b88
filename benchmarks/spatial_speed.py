"""Speed of spatial models and thresholds, Python's side against R's, side by side in one run. Prints; asserts nothing.

    python benchmarks/spatial_speed.py

31 units x 9 periods are those of a provincial panel, 48 x 17 Munnell's states. Each figure is the least of several
runs after one to warm up; R's are with data passed and answers read. Where R runs in the same process it is the processor's
seconds of both, which other work on the machine moves least; where R is a process of its own, the clock's.
"""

from __future__ import annotations

import os

# before numpy is imported, which reads them once
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from parity.analyses.registry import analyses
from parity.analyses.spatial.analysis import spatial
from parity.analyses.spatial.r import spatial_in_r
from parity.analyses.threshold.hansen import hansen
from parity.analyses.threshold.r import threshold_in_r
from parity.r.session import get_session
from parity.study.load import load_study

ROOT = Path(__file__).resolve().parent.parent


def seconds(work: Callable[[], object], runs: int) -> float:
    clock = time.process_time if get_session().transport == "rpy2" else time.perf_counter
    work()
    taken = []
    for _ in range(runs):
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


def main() -> None:
    for folder in ("fixtures/digital_trade", "docs/examples/spatial"):
        for name, part in analyses()["spatial"].parts(load_study(ROOT / folder)):
            ours = seconds(lambda part=part: spatial(part), 40)
            theirs = seconds(lambda part=part: spatial_in_r(part), 4)
            shown(name, f"{len(part.units)} x {len(part.periods)}", ours, theirs)
    for name, part in analyses()["threshold"].parts(load_study(ROOT / "fixtures/digital_trade")):
        with tempfile.TemporaryDirectory() as folder:
            ours = seconds(lambda part=part: hansen(part), 20)
            theirs = seconds(lambda part=part, folder=folder: threshold_in_r(part, Path(folder)), 2)
        shown(name, f"{len(part.labels)} x {int(part.period.max()) + 1}", ours, theirs)


def shown(name: str, size: str, ours: float, theirs: float) -> None:
    print(f"{name:16} {size:8} Python {ours * 1e3:7.1f} ms   R {theirs * 1e3:7.0f} ms   {theirs / ours:5.0f} times")


if __name__ == "__main__":
    main()
