"""Which tests run which lines of the core, and how long each takes: one run of the suite under coverage.

    PYTHONPATH=tests python -m mutants.reach reach.json [pytest's arguments]

A plugin of pytest (it works in the workers of xdist too): each test is a context of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "MUTANTS_REACH"


class _Contexts:
    def __init__(self, folder: str):
        import coverage

        self.data = Path(folder) / f"data.{os.getpid()}"
        self.seconds: dict[str, float] = {}
        self.coverage = coverage.Coverage(data_file=str(self.data), source=[str(ROOT / "src" / "parity")], config_file=False)
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


def gathered(folder: Path) -> dict:
    """{"seconds": {test: s}, "lines": {file: {line: [test, ...]}}}; files relative to the project."""
    import coverage

    seconds: dict[str, float] = {}
    for path in folder.glob("*.json"):
        seconds |= json.loads(path.read_text())
    lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in folder.glob("data.*"):
        if path.suffix == ".json":
            continue
        data = coverage.CoverageData(str(path))
        data.read()
        for file in data.measured_files():
            for line, contexts in data.contexts_by_lineno(file).items():
                lines[os.path.relpath(file, ROOT)][line] |= set(contexts) & set(seconds)
    return {"seconds": seconds, "lines": {f: {n: sorted(t) for n, t in by.items()} for f, by in lines.items()}}


def main(argv: list[str]) -> int:
    out, rest = Path(argv[0]), argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {FOLDER: folder, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'src'}"}
        command = [sys.executable, "-m", "pytest", "-p", "mutants.reach", *(rest or ["-n", "2"])]
        subprocess.run(command, cwd=ROOT, env=environment)
        out.write_text(json.dumps(gathered(Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
