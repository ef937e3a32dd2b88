"""One change in a copy of the tree, and the tests that run the changed lines, until one fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mutants.sites import Site

#: Folders and files that the tests read.
COPIED = (
    "src", "tests", "r_scripts", "fixtures", "docs", "schemas", "examples", "benchmarks", "pyproject.toml", "README.md",
    "README.zh.md", "Makefile", "CONTRIBUTING.md", "mkdocs.yml", "LICENSE", "CITATION.cff", "CHANGELOG.md",
)  # fmt: skip
#: Tests that no mutant is tried on: they look at the text of the code, or take minutes.
LEFT_OUT = re.compile(r"tests/test_(mutants|architecture|docs|installed|html|analysis_pages|built_pages|tutorial)\.py")


@dataclass(frozen=True)
class Trial:
    """What became of one mutant. outcome: "killed", "survived", "no test runs it"; `by` the test that failed."""

    site: Site
    outcome: str
    by: str = ""
    tests: int = 0
    seconds: float = 0.0


def reaching(reach: dict, site: Site, most: int) -> tuple[str, ...]:
    """The tests that run any of the changed lines, quickest first; for lines run at import, those that run the module."""
    lines = reach["lines"].get(site.file, {})
    here = {test for n in range(site.line, site.end_line + 1) for test in lines.get(str(n), ())}
    here = here or {test for tests in lines.values() for test in tests}
    own = f"tests/test_{Path(site.file).stem}.py"
    named = [t for t in here if not LEFT_OUT.match(t)]
    return tuple(sorted(named, key=lambda t: (not t.startswith(own), reach["seconds"].get(t, 9.0)))[:most])


@contextmanager
def tree(root: Path) -> Iterator[Path]:
    """A copy of the project that may be changed."""
    with tempfile.TemporaryDirectory(prefix="parity-mutants-") as folder:
        copied = Path(folder) / "project"
        copied.mkdir()
        for name in COPIED:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copied / name)
        yield copied


def attempt(project: Path, site: Site, tests: Sequence[str], seconds: float, path: str) -> Trial:
    """Apply the change, run the tests, take the change back. path: PATH of the tests (with R, or without)."""
    if not tests:
        return Trial(site, "no test runs it")
    file, started = project / site.file, time.monotonic()
    source = file.read_text(encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": f"{project / 'src'}:{project / 'tests'}", "PATH": path, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:xdist", *tests]
    file.write_text(site.applied(source), encoding="utf-8")
    try:
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=seconds)
        killed, said = done.returncode != 0, done.stdout
    except subprocess.TimeoutExpired:
        killed, said = True, "FAILED (it never ended)"
    finally:
        file.write_text(source, encoding="utf-8")
    by = next((line for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))), "")[:200]
    return Trial(site, "killed" if killed else "survived", by, len(tests), time.monotonic() - started)
