"""Which tests run which lines of the core, and how long each takes: one run of the suite under coverage, R hidden.

    PYTHONPATH=tests python -m mutants.reach reach.json [pytest's arguments]

It runs in a copy of the tree, as the trials do, so that only what passes there is a witness. A plugin of pytest (it works
in the workers of xdist too): each test is a context of its own.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from mutants.parts import PARTS, ROOT, modules
from mutants.sites import Site
from mutants.trial import LEFT_OUT, Timed, paths, tree, without_r

FOLDER = "MUTANTS_REACH"
#: Test files tried on a mutant before all others.
FIRST = 3
#: Lines that fewer tests run were run by whichever test imported the module first.
FEW = 2


@dataclass(frozen=True)
class Reach:
    """seconds: of each test that passed. lines: file -> line -> the tests that run it, as places in `seconds`."""

    seconds: Mapping[str, float]
    lines: Mapping[str, Mapping[int, Sequence[int]]]

    @classmethod
    def read(cls, *paths: Path) -> Reach:
        """Of several runs together: what a later one says of a test stands, as of a file that was written since."""
        seconds: dict[str, float] = {}
        reached: dict[str, dict[str, list[int]]] = {}
        for path in paths:
            kept = json.loads(path.read_text())
            names = list(kept["seconds"])
            witnesses = [name for name in names if not name.partition("::")[0].endswith(LEFT_OUT)]
            seconds |= {name: kept["seconds"][name] for name in witnesses}
            reached |= {name: {} for name in witnesses}
            for file, by in kept["lines"].items():
                for line, tests in by.items():
                    for name in (names[place] for place in tests):
                        reached.get(name, {}).setdefault(file, []).append(int(line))
        place = {name: i for i, name in enumerate(seconds)}
        lines: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, files in reached.items():
            for file, numbers in files.items():
                for line in numbers:
                    lines[file][line].append(place[name])
        return cls(seconds, {f: dict(by) for f, by in lines.items()})

    def reaching(self, site: Site, most: float) -> tuple[tuple[Timed, ...], ...]:
        """The tests that run any of the changed lines, then the others that run the module, until the seconds of a
        batch are `most`.

        In batches, as importing test files takes longer than most tests: the module's own file and `FIRST` others, of those
        the ones whose tests run the lines most often and quickest; then all others. What runs at import is run by whichever
        test came first, or by none, so that every test of the module may tell.
        """
        lines = self.lines.get(site.file, {})
        every = {test for tests in lines.values() for test in tests}
        here = {t for n in range(site.line, site.end_line + 1) for t in lines.get(n, ())} if site.function else set()
        own, names, seconds = f"test_{Path(site.file).stem}.py", list(self.seconds), list(self.seconds.values())
        folder = f"{Path(site.file).parent}/"
        beside = "/".join(["tests", *Path(folder).parts[2:3], ""])
        if len(here) < FEW:  # run at import, by whichever test came first: any that runs the folder, or stands in its own
            of_folder = (by for file, by in self.lines.items() if file.startswith(folder))
            every |= {t for by in of_folder for tests in by.values() for t in tests}
            every |= {i for i, name in enumerate(names) if name.startswith(beside)}
            here = every
        of_file: dict[str, list[int]] = defaultdict(list)
        for i in sorted(here, key=lambda i: seconds[i]):
            of_file[names[i].partition("::")[0]].append(i)

        def cost(file: str) -> float:
            """Seconds of a test of this file until one runs the line."""
            return (
                (0.01 + sum(seconds[i] for i in of_file[file]) / len(of_file[file])) * self._sizes[file] / len(of_file[file])
            )

        files = sorted(of_file, key=lambda file: (Path(file).name != own, not file.startswith(beside), cost(file)))
        first = [i for file in files[: FIRST + 1] for i in of_file[file]]
        rest = [i for file in files[FIRST + 1 :] for i in of_file[file]]
        others = sorted(every - here, key=lambda i: seconds[i])
        batches = []
        for batch in (first, sorted(rest, key=lambda i: seconds[i]) + others):
            spent, chosen = 0.0, []
            for i in batch:
                spent += seconds[i]
                if spent > most:
                    break
                chosen.append((names[i], seconds[i]))
            batches.append(tuple(chosen))
        return tuple(b for b in batches if b)

    def running(self, site: Site, most: float, slowest: float = math.inf) -> tuple[Timed, ...]:
        """The tests that run any of the changed lines, the quickest first, none above `slowest` seconds and together `most`.

        Of a line that none runs, as its numbers are part of a constant, the tests of the nearest line above.
        """
        lines = self.lines.get(site.file, {})
        here = {t for n in range(site.line, site.end_line + 1) for t in lines.get(n, ())}
        above = max((n for n in lines if n < site.line and lines[n]), default=0)
        names, spent, chosen = list(self.seconds), 0.0, []
        for seconds, i in sorted((self.seconds[names[i]], i) for i in here or lines.get(above, ())):
            spent += seconds
            if spent > most or seconds > slowest:
                break
            chosen.append((names[i], seconds))
        return tuple(chosen)

    @cached_property
    def _sizes(self) -> Counter[str]:
        return Counter(test.partition("::")[0] for test in self.seconds)


class _Contexts:
    def __init__(self, folder: str):
        import coverage

        self.data = Path(folder) / f"data.{os.getpid()}"
        self.seconds: dict[str, float] = {}
        core = [str(ROOT / file) for part in PARTS for file in modules(part)]
        self.coverage = coverage.Coverage(data_file=str(self.data), include=core, config_file=False)
        self.coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):
        self.coverage.switch_context(item.nodeid)
        yield
        self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = report.duration

    def pytest_unconfigure(self):
        self.coverage.stop()
        self.coverage.save()
        self.data.with_suffix(f".{os.getpid()}.json").write_text(json.dumps(self.seconds))


def pytest_configure(config):
    """Called by pytest where this module is given with -p."""
    folder = os.environ.get(FOLDER)
    main = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if folder and not main:  # with xdist the tests run in the workers alone
        config.pluginmanager.register(_Contexts(folder), "mutants-contexts")


def gathered(folder: Path, project: Path) -> Reach:
    """What the workers kept; files relative to the project."""
    import coverage

    seconds: dict[str, float] = {}
    for path in folder.glob("*.json"):
        seconds |= json.loads(path.read_text())
    place = {test: i for i, test in enumerate(seconds)}
    lines: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in folder.glob("data.*"):
        if path.suffix == ".json":
            continue
        data = coverage.CoverageData(str(path))
        data.read()
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                lines[os.path.relpath(file, project)][line] |= {place[t] for t in contexts if t in place}
    return Reach(seconds, {f: {n: sorted(t) for n, t in by.items()} for f, by in lines.items()})


def main(argv: list[str]) -> int:
    out, rest = Path(argv[0]), argv[1:]
    with tempfile.TemporaryDirectory() as folder, tree(ROOT, compiled=False) as project:
        environment = os.environ | paths(project) | {FOLDER: folder, "PATH": without_r()}
        left_out = [f"--ignore-glob=*/{file}" for file in LEFT_OUT]
        command = [sys.executable, "-m", "pytest", "-p", "mutants.reach", *left_out, *(rest or ["-n", "2"])]
        subprocess.run(command, cwd=project, env=environment)
        found = gathered(Path(folder), project)
    out.write_text(json.dumps({"seconds": found.seconds, "lines": found.lines}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
