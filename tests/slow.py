"""Which tests `make quick` leaves out: `PYTHONPATH=tests python -m slow [FILE ...]` measures and writes tests/slow.txt.

What is measured is seconds of a processor, all cases of a test function together and child processes counted: that says
something of the test, seconds by the clock speak of the machine's load. What a fixture of a module or a session takes counts
for each function that asks for it: without the one that was first, the next pays. Functions that take less than `LEAST` are
quick. Of the others the cheapest are, as long as they take no more than `QUICK` together, and the cheapest of a file that
would otherwise have none, if it takes no more than `ALONE`. Functions that were not run keep their lines.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import psutil
import pytest

LIST = Path(__file__).with_name("slow.txt")
LEAST = 0.1
QUICK = 20.0
ALONE = 1.0
HEAD = f"# Seconds of a processor of each test function that takes {LEAST} or more: see tests/slow.py.\n"


def name_of(nodeid: str) -> str:
    """tests/study/test_grammar.py::test_x[a] -> test_grammar.py::test_x; the folder may change."""
    return nodeid.partition("[")[0].rpartition("/")[2]


def file_of(name: str) -> str:
    return name.partition("::")[0]


def listed() -> dict[str, float]:
    """Function -> seconds; without the list none is."""
    lines = LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []
    held = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: float(spent) for spent, name in held}


def slow(seconds: Mapping[str, float], names: Iterable[str]) -> frozenset[str]:
    """Those of these functions that `make quick` leaves out."""
    spent, late = 0.0, set()
    for name in sorted(seconds, key=lambda n: (seconds[n], n)):
        spent += seconds[name]
        if spent > QUICK:
            late.add(name)
    files: dict[str, list[str]] = defaultdict(list)
    for name in names:
        files[file_of(name)].append(name)
    for of_file in files.values():
        cheapest = min(of_file, key=lambda n: (seconds.get(n, 0.0), n))
        if late.issuperset(of_file) and seconds[cheapest] <= ALONE:
            late.discard(cheapest)
    return frozenset(late)


def dearest_first(names: Sequence[str], seconds: Mapping[str, float]) -> list[int]:
    """Places of these functions' tests in the order in which workers take them: of files whose dearest function takes
    longest first, so that none of them is left for the end. A file's tests stay together, as its fixtures want.
    """
    dearest: dict[str, float] = defaultdict(float)
    for name, spent in seconds.items():
        dearest[file_of(name)] = max(dearest[file_of(name)], spent)
    return sorted(range(len(names)), key=lambda place: -dearest[file_of(names[place])])


def updated(before: Mapping[str, float], seconds: Mapping[str, float]) -> dict[str, float]:
    """The list after functions were measured, dearest last."""
    kept = {name: spent for name, spent in before.items() if name not in seconds}
    found = kept | {name: round(spent, 2) for name, spent in seconds.items() if spent >= LEAST}
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def spent() -> float:
    """Seconds of a processor so far, of this process and of all that it started: workers that tests share live on."""
    total = sum(os.times()[:4])
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            total += sum(child.cpu_times()[:4])
    return total


class Meter:
    """Sums each function's seconds of a processor, and those of the fixtures that it shares with others."""

    def __init__(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self.shared: dict[pytest.FixtureDef, float] = defaultdict(float)
        self.asks: dict[str, set[pytest.FixtureDef]] = defaultdict(set)
        self._apart = 0.0

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        name, before, self._apart = name_of(item.nodeid), spent(), 0.0
        asked = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
        for found in asked.values():
            self.asks[name].update(each for each in found if each.scope != "function")
        yield
        self.own[name] += max(0.0, spent() - before - self._apart)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef, request):
        """What a fixture asks for itself is made before."""
        before = spent()
        yield
        if fixturedef.scope != "function":
            took = max(0.0, spent() - before)
            self.shared[fixturedef] += took
            self._apart += took

    @property
    def seconds(self) -> dict[str, float]:
        return {name: own + sum(self.shared[each] for each in self.asks[name]) for name, own in self.own.items()}


def main(arguments: list[str]) -> int:
    meter = Meter()
    os.environ.setdefault("PARITY_R", "none")
    code = pytest.main(["-n", "0", "-m", "not needs_r and not browser", *arguments], plugins=[meter])
    if meter.seconds:
        lines = (f"{spent:.2f} {name}\n" for name, spent in updated(listed(), meter.seconds).items())
        LIST.write_text(HEAD + "".join(lines), encoding="utf-8")
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
