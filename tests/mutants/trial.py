"""One change in a copy of the tree, and the tests that run the changed lines, until one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mutants.sites import Site

ROOT = Path(__file__).resolve().parents[2]

#: Folders and files that the tests read.
COPIED = (
    "src", "tests", "r_scripts", "fixtures", "docs", "schemas", "examples", "benchmarks", "pyproject.toml", "README.md",
    "README.zh.md", "Makefile", "CONTRIBUTING.md", "mkdocs.yml", "LICENSE", "CITATION.cff", "CHANGELOG.md",
)  # fmt: skip
#: Tests that no mutant is tried on: they look at the text of the code, or at pages in a browser.
LEFT_OUT = tuple(f"test_{name}.py" for name in (
    "mutants", "architecture", "docs", "docs_stata", "installed", "html", "analysis_pages", "built_pages", "tutorial",
    "first_page", "makefile",
))  # fmt: skip


#: A test and its seconds; pytest on chosen tests.
Timed = tuple[str, float]
Run = Callable[[Sequence[str]], subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Trial:
    """What became of one mutant. outcome: "killed", "survived", "no test runs it"; by: the test that failed."""

    site: Site
    outcome: str
    by: str = ""
    tests: int = 0
    seconds: float = 0.0


def without_r() -> str:
    """PATH without the folders that hold Rscript; commands that stand beside it stay reachable through links."""
    r = shutil.which("Rscript")
    if r is None:
        return os.environ["PATH"]
    links = Path(os.environ.get("TMPDIR", "/tmp")) / f"parity-no-r-{os.getuid()}"
    links.mkdir(exist_ok=True)
    for source in Path(r).parent.iterdir():
        link = links / source.name
        if source.name not in ("R", "Rscript") and not link.exists():
            link.symlink_to(source)
    folders = os.environ["PATH"].split(os.pathsep)
    hidden = {f for f in folders if (Path(f) / "Rscript").exists()}
    return os.pathsep.join([*(f for f in folders if f not in hidden), str(links)])


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


@dataclass
class Clean:
    """Which tests pass on the text as it is, in the tree and on the path of the trials: asked once each."""

    known: dict[str, bool] = field(default_factory=dict)

    def passes(self, test: str, run: Run) -> bool:
        if test not in self.known:
            self.known[test] = run([test]).returncode == 0
        return self.known[test]


def attempt(project: Path, site: Site, tests: Sequence[Timed], path: str, clean: Clean) -> Trial:
    """Apply the change, run the tests, take the change back; what fails without the change too is no witness.

    path: PATH of the tests (with R, or without). A run of more than a minute beyond five times what its tests take hangs.
    """
    left, started = dict(tests), time.monotonic()
    if not left:
        return Trial(site, "no test runs it")
    file = project / site.file
    source = file.read_text(encoding="utf-8")
    environment = os.environ | {
        "PYTHONPATH": f"{project / 'src'}:{project / 'tests'}", "PATH": path, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip

    def run(chosen: Sequence[str], seconds: float | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:xdist", *chosen]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=seconds)

    def ended(outcome: str, by: str = "") -> Trial:
        return Trial(site, outcome, by, len(tests), time.monotonic() - started)

    while left:
        file.write_text(site.applied(source), encoding="utf-8")
        try:
            done = run([*left], 60 + 5 * sum(left.values()))
        except subprocess.TimeoutExpired:
            return ended("killed", "it never ended")
        finally:
            file.write_text(source, encoding="utf-8")
        if done.returncode == 0:
            return ended("survived")
        failed = next(
            (t for t in left if f"FAILED {t}" in done.stdout.splitlines() or f"FAILED {t} - " in done.stdout), None
        )
        if failed is None:  # nothing could be collected, or pytest itself broke
            if run(["--collect-only", *left]).returncode:
                raise RuntimeError(f"without any change the tests of {site.name} cannot be collected:\n{done.stdout}")
            return ended("killed", "it cannot be imported")
        if clean.passes(failed, run):
            return ended("killed", failed)
        del left[failed]
    return ended("survived")
