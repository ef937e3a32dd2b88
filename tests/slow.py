"""Which tests `make quick` leaves out: `PYTHONPATH=tests python -m slow [FILE ...]` measures and writes tests/slow.txt.

A test function is slow where all its cases together take more than `MOST` seconds of a processor, child processes counted.
That says something of the test; seconds by the clock speak of the machine's load. Functions that were not run keep their
lines.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("slow.txt")
MOST = 1.5
HEAD = f"# Functions whose tests together take more than {MOST} seconds of a processor: see tests/slow.py.\n"


def name_of(nodeid: str) -> str:
    """tests/study/test_grammar.py::test_x[a] -> test_grammar.py::test_x; the folder may change."""
    return nodeid.partition("[")[0].rpartition("/")[2]


def listed() -> frozenset[str]:
    """Names of slow functions; without the list none is."""
    lines = LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []
    return frozenset(line for line in lines if line and not line.startswith("#"))


def updated(before: frozenset[str], seconds: Mapping[str, float]) -> frozenset[str]:
    """The list after functions were measured."""
    return frozenset(before - seconds.keys()) | {name for name, spent in seconds.items() if spent > MOST}


class Meter:
    """Sums each function's seconds of a processor."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        before = sum(os.times()[:4])
        yield
        self.seconds[name_of(item.nodeid)] += sum(os.times()[:4]) - before


def main(arguments: list[str]) -> int:
    meter = Meter()
    os.environ.setdefault("PARITY_R", "none")
    code = pytest.main(["-n", "0", "-m", "not needs_r and not browser", *arguments], plugins=[meter])
    if meter.seconds:
        LIST.write_text(HEAD + "".join(f"{name}\n" for name in sorted(updated(listed(), meter.seconds))), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
